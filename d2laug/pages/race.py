"""The race: a film of two networks that train, from the figures that `benchmarks/race.py` wrote.

`race()` returns it for the last line of a notebook's cell, or for a page by `race().html()`.
"""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any  # what the results hold may be Any

import numpy as np
import PIL.Image

from d2laug.data import results
from d2laug.data.common import COURSE
from d2laug.show.picture import COLORS, Picture, in_style, new_figure

TEMPLATES = Path(__file__).parent / "templates" / "race"
SPRITE = COURSE / "benchmarks" / "results" / "race.webp"
NAMES = {"none": "without augmentation", "all": "with five augmentations"}
HUES = dict(zip(NAMES, (COLORS[1], COLORS[0]), strict=True))
DASHES = dict(zip(NAMES, (":", "--"), strict=True))  # in the lab
PLACES = {"lab": "lab/test", "show": "show/test"}
TILES, ROW = 12, 6  # pictures of the can that are seen at once, and in a row
SIDE, MARGIN = 96, ((0, 0), (2, 2), (2, 2), (0, 0))  # pixels


@dataclass(repr=False, eq=False)
class Film:
    """A recorded training of two networks, which a notebook or a page shows as a film.

    `run` is what `benchmarks/results/race.json` holds. Where no script runs, the still is seen.
    """

    run: dict[str, Any]

    @cached_property
    def curves(self) -> dict[str, dict[str, list[float]]]:
        """The accuracies by recipe and place, one before the first epoch, one after each."""
        return {
            one["recipe"]: {place: one["accuracy"][split] for place, split in PLACES.items()}
            for one in self.run["runs"]
        }

    @property
    def caption(self) -> str:
        """What the figures say at the end, in words."""
        ends = {place: [self.curves[name][place][-1] for name in NAMES] for place in PLACES}
        without, with_all = ends["show"]
        return (
            f"One can as each network saw it, epoch by epoch, and its accuracy: one recorded"
            f" training of each, with the same first weights and lab pictures. After"
            f" {self.run['epochs']} epochs, at the show, {without:.2f} are right without"
            f" augmentation, {with_all:.2f} with five;"
            f" in the lab {ends['lab'][0]:.2f} and {ends['lab'][1]:.2f}."
        )

    @property
    def alt(self) -> str:
        """What is seen, with the accuracies after every third epoch."""
        told = range(0, self.run["epochs"] + 1, 3)
        lists = "; ".join(
            f"{name}: " + ", ".join(f"{self.curves[recipe]['show'][epoch]:.2f}" for epoch in told)
            for recipe, name in NAMES.items()
        )
        return (
            f"What two networks saw of one {self.run['can'][0]} in {TILES} epochs: without"
            f" augmentation the same picture {TILES} times, with five augmentations {TILES}"
            f" different ones. Accuracy at the show after epochs"
            f" {', '.join(map(str, told))}: {lists}"
        )

    @in_style
    def still(self) -> Picture:
        """Return the film's last moment: what each network saw, beside the accuracies."""
        figure, axes = new_figure(2, 2, height=4.4, gridspec_kw={"width_ratios": [1.25, 1]})
        for side, (recipe, name) in zip(axes[:, 0], NAMES.items(), strict=True):
            side.imshow(self._tiles(recipe))
            side.set_title(name, color=HUES[recipe])
            side.set_axis_off()
        grid = axes[0, 1].get_gridspec()
        for unused in axes[:, 1]:
            unused.remove()
        self._chart(figure.add_subplot(grid[:, 1]))
        return Picture(figure, self.alt, quality=80)

    def _tiles(self, recipe):
        """Return the pictures of the last epochs, in rows on white: `uint8` H x W x 3."""
        sheet = np.asarray(PIL.Image.open(SPRITE).convert("RGB"))
        rows = sheet.reshape(-1, SIDE, self.run["across"], SIDE, 3).swapaxes(1, 2)
        tiles = np.pad(rows.reshape(-1, SIDE, SIDE, 3), MARGIN, constant_values=255)
        end = self.run["epochs"] + 1
        last = tiles[:1].repeat(TILES, 0) if recipe == "none" else tiles[end - TILES : end]
        return np.vstack([np.hstack(row) for row in last.reshape(-1, ROW, *last.shape[1:])])

    def _chart(self, axes):
        for recipe, found in self.curves.items():
            axes.plot(found["lab"], DASHES[recipe], color=HUES[recipe], linewidth=1.5)
            axes.plot(found["show"], color=HUES[recipe])
            end = len(found["show"]) - 1, found["show"][-1] - 0.07
            words = f"{NAMES[recipe].split()[0]} {found['show'][-1]:.2f}"
            axes.text(*end, words, ha="right", va="top", color=HUES[recipe], weight="bold")
        axes.axhline(1 / 12, color="black", linestyle=(0, (1, 3)), linewidth=1)
        axes.text(self.run["epochs"], 1 / 12, "guessing", ha="right", va="bottom")
        axes.set(ylim=(0, 1.03), xlabel="epoch", ylabel="accuracy at the show (dots, dashes: lab)")
        axes.set_xticks(range(0, self.run["epochs"] + 1, 6))

    def html(self) -> str:
        """Return the film for a page: its still, which a script replaces, and its caption."""
        bundle, _ = self.still()._repr_mimebundle_()
        sprite = base64.b64encode(SPRITE.read_bytes()).decode()
        run = {
            "epochs": self.run["epochs"],
            "tiles": TILES,
            "across": self.run["across"],
            "names": NAMES,
            "colors": HUES,
            "curves": self.curves,
            "guess": 1 / 12,
            "sprite": f"data:image/webp;base64,{sprite}",
        }
        style, script = (
            (TEMPLATES / name).read_text("utf-8").strip() for name in ("race.css", "race.js")
        )
        call = f"film(document.currentScript.parentNode, {json.dumps(run, separators=(',', ':'))});"
        return (
            f'<figure class="d2laug-race"><style>\n{style}\n</style>'
            f'<img src="data:image/jpeg;base64,{bundle["image/jpeg"].strip()}" alt="{self.alt}">'
            f"<figcaption>{self.caption}</figcaption>"
            f"<script>\n{{\n{script}\n{call}\n}}\n</script></figure>"
        )

    def __repr__(self) -> str:
        return f"Film({self.alt!r})"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        bundle, about = self.still()._repr_mimebundle_()
        return bundle | {"text/html": self.html(), "text/plain": repr(self)}, about


def race() -> Film:
    """Return the film of two networks that train, without augmentation and with five.

    Raises `FileNotFoundError` where its results are missing.

    >>> film = race()
    >>> [len(found["show"]) for found in film.curves.values()]
    [25, 25]
    """
    return Film(results("race"))
