"""Explorers recorded: what they draw and say at some places of their controls.

`record` moves an explorer over its places, and `keep` writes what it showed as scripts that a page
without a kernel loads.
"""

import base64
import hashlib
import io
import json
import math
import os
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any  # what a recording holds may be Any

import numpy as np
import PIL.Image
import torch
from ipywidgets import Checkbox, Dropdown, Widget
from tqdm.auto import tqdm

from d2laug.data.common import COURSE
from d2laug.pages.cells import make
from d2laug.widgets.screen import SHORTEST, Explorer, reduce, to_array

PLACES = 21  # of a slider that moves alone
# Controls that a lesson moves together, and how many places each has; an angle, each 15 degrees.
TOGETHER = (
    {"drink": 12, "kelvin": 12, "reflections": 8},
    {"noise": 7, "snr": 12},
    {"area": 8, "x": 5, "y": 5},
    {"angle": 25},
)
MOST = 270, 360  # height and width of the largest frame
CLOSE = 2.0  # of 255: how far a frame is from what was drawn, on average, at most
QUALITIES = [("webp", quality) for quality in (40, 60, 75, 85, 90, 93, 96)]
QUALITIES += [("jpeg", quality) for quality in (92, 94, 96, 98)]
SMALL = 6000  # bytes of a file that is held in the script itself
SHARED = ("site", "slides")  # folders in which recordings are looked for too
PACKAGE = Path(__file__).parent.parent
ROOMS = ("augment", "data", "show", "train", "widgets")  # what an explorer depends on
JSON = dict[str, Any]


def reduce_frame(array: np.ndarray) -> np.ndarray:
    """Return an array `H x W x 3` reduced to fit into `MOST`."""
    return to_array(reduce(torch.from_numpy(array).permute(2, 0, 1), MOST)[0])


def encode(array: np.ndarray) -> tuple[str, bytes]:
    """Return a `uint8` array `H x W x 3` as the suffix and the bytes of a picture's file.

    Its mean difference is at most `CLOSE`, at the lowest quality that does it: WebP, or JPEG, which
    keeps color at full size, where WebP cannot.
    """
    for suffix, quality in QUALITIES:  # where none is near enough, the last one is taken
        buffer = io.BytesIO()
        picture = PIL.Image.fromarray(array)
        picture.save(buffer, suffix, quality=quality, optimize=True, subsampling=0)
        seen = np.asarray(PIL.Image.open(buffer).convert("RGB")).astype(int)
        if np.abs(seen - array).mean() <= CLOSE:
            break
    return suffix, buffer.getvalue()


def places(control: Widget, most: int = PLACES) -> list[tuple[str, Any]]:
    """Return some values of a control with the words for them: both ends, and the one it has now.

    A list of choices and a checkbox give all of theirs.
    """
    if isinstance(control, Checkbox):
        return [("no", False), ("yes", True)]
    if hasattr(control, "options"):
        every = [one if isinstance(one, tuple) else (str(one), one) for one in control.options]
        now = control.index
        if isinstance(control, Dropdown):
            return every
    else:
        number = round((control.max - control.min) / control.step)
        steps = np.linspace(control.min, control.max, number + 1)
        values = control.base**steps if hasattr(control, "base") else steps
        now = int(np.abs(values - control.value).argmin())
        values[now] = control.value
        kept = [type(control.value)(round(value, 9)) for value in values.tolist()]
        every = [(format(value, control.readout_format), value) for value in kept]
    last = len(every) - 1
    return [every[n] for n in sorted({round(n * last / (most - 1)) for n in range(most)} | {now})]


def ways(controls: dict[str, Widget]) -> tuple[dict[str, list[tuple[str, Any]]], list[list[str]]]:
    """Return the places of each control, and the groups that are moved together.

    A checkbox is moved together with each of the others.
    """
    together = [group for group in TOGETHER if group.keys() <= controls.keys()]
    counts = {name: most for group in together for name, most in group.items()}
    checks = [name for name, control in controls.items() if isinstance(control, Checkbox)]
    alone = [[name] for name in controls if name not in counts and name not in checks]
    where = {name: places(one, counts.get(name, PLACES)) for name, one in controls.items()}
    return where, [[*group, *checks] for group in [*together, *alone] or [[]]]


class Part:
    """Frames of a recording, in one script: each picture and each sound is held once."""

    def __init__(self, folder: Path) -> None:
        self.frames: dict[str, JSON] = {}
        self.files: list[str] = []
        self._folder = folder
        self._known: dict[str, int] = {}

    def _picture(self, array: np.ndarray) -> int:
        mark = hashlib.sha256(array.tobytes()).hexdigest()
        if mark not in self._known:  # what is held already is not encoded again
            self._known[mark] = self._hold("image", *encode(reduce_frame(array)))
        return self._known[mark]

    def _hold(self, kind: str, suffix: str, content: bytes) -> int:
        """Return the number of a picture or a sound among the files, where it is held once."""
        if len(content) > SMALL:
            path = self._folder / f"{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
            path.write_bytes(content)
            file = "/".join(path.parts[-3:])
        else:
            file = f"data:{kind}/{suffix};base64,{base64.b64encode(content).decode()}"
        if file not in self.files:
            self.files.append(file)
        return self.files.index(file)

    def take(self, state: Sequence[int], explorer: Explorer) -> JSON:
        """Hold what an explorer shows and says now; where answers are covered, what they are."""
        frame: JSON = {"images": [self._picture(array) for array in explorer.arrays]}
        frame |= {"captions": explorer.captions, "readout": explorer.readout.value}
        frame["drawings"] = [drawing.value for drawing in explorer.drawings]
        if hasattr(explorer, "audio"):
            frame["audio"] = self._hold("audio", "wav", explorer.audio.value)
        open_before, explorer.answered.value = explorer.answered.value, True
        frame["said"] = explorer.said.value
        explorer.answered.value = open_before
        self.frames[",".join(map(str, state))] = frame
        return frame


def record(explorer: Explorer, folder: Path) -> tuple[JSON, dict[int, Part]]:
    """Return what a page shows before anything is moved, and the frames in parts.

    The parts are numbered by the place of the first control where this is a list of choices, or
    there is one, 0. Large pictures are written as files to `folder`. What is shown first has the
    controls with the words for their places, and how the answers are covered.
    """
    where, groups = ways(explorer.controls)
    now = {
        name: [v for _, v in where[name]].index(c.value) for name, c in explorer.controls.items()
    }
    split = isinstance(next(iter(explorer.controls.values())), Dropdown)
    states = {
        tuple((now | dict(zip(group, moved, strict=True))).values())
        for group in groups
        for moved in product(*(range(len(where[one])) for one in group))
    }
    page = describe(explorer, where, now) | {"part": next(iter(now.values())) if split else 0}
    complete = len(states) == math.prod(map(len, where.values()))
    page |= {"count": len(states), "complete": complete}
    parts: dict[int, Part] = {}
    for state in tqdm(sorted(states), desc=folder.name, unit="frame"):
        explorer.move(**{one: where[one][n][1] for one, n in zip(now, state, strict=True)})
        part = parts.setdefault(state[0] if split else 0, Part(folder))
        frame = part.take(state, explorer)
        if state == tuple(now.values()):
            page |= frame | {"images": [part.files[n] for n in frame["images"]]}
            page |= {"audio": part.files[frame["audio"]]} if "audio" in frame else {}
    explorer.reset()
    return page, parts


def describe(explorer: Explorer, where: JSON, now: dict[str, int]) -> JSON:
    """Return an explorer's controls, labels, words over covered answers, and pictures' sizes."""
    kinds = {Dropdown: "select", Checkbox: "checkbox"}
    controls = [
        {
            "name": name,
            "kind": kinds.get(type(control), "range"),
            "label": control.description,
            "words": [words for words, _ in where[name]],
            "now": now[name],
        }
        for name, control in explorer.controls.items()
    ]
    return {
        "controls": controls,
        "labels": explorer.labels,
        "cover": None if explorer.answered.value else explorer.said.value,
        "sizes": [array.shape[:2] for array in explorer.arrays],
        # a small picture is enlarged, its pixels staying sharp squares
        "sharp": [max(array.shape) < SHORTEST for array in explorer.arrays],
    }


def fingerprint(sources: Sequence[str]) -> str:
    """Return what changes when a recording must be made again: code, weights, versions, cells."""
    paths = [path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")]
    paths += [Path(__file__), PACKAGE / "draws.py", PACKAGE / "sound.py"]
    paths += [*(COURSE / "data" / "networks").iterdir(), COURSE / "data/drinks/metadata.csv"]
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(path.read_bytes())
    packages = [f"{name} {version(name)}" for name in ("torch", "torchvision", "pillow", "numpy")]
    epochs = os.environ.get("D2LAUG_MOST_EPOCHS", "")
    found.update("\n".join([*sources, *packages, epochs, f"{PLACES} {TOGETHER}"]).encode())
    return found.hexdigest()


def find(sources: Sequence[str], folder: Path) -> JSON | None:
    """Return what `keep` returns where some cells are recorded already, and `None` elsewhere.

    What the site or the slides of this place have recorded is copied to `folder`.
    """
    mark = fingerprint(sources)
    for found in (folder, *(Path(place) / "recordings" / folder.name for place in SHARED)):
        file = found / "page.json"
        if file.exists() and (known := json.loads(file.read_text("utf-8")))["mark"] == mark:
            if found.resolve() != folder.resolve():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(found, folder)
            return known
    return None


def keep(sources: Sequence[str], folder: Path) -> JSON | None:
    """Record the explorer that some cells make: `page.json` and a script for each part in `folder`.

    Returns what a page shows before anything is moved, or `None` where the cells make another
    widget. What is recorded already and still the same is not recorded again. A page that loads the
    scripts lies two folders above them.
    """
    known = find(sources, folder)
    explorer = make(sources) if known is None else None
    if explorer is None:
        return known
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    page, parts = record(explorer, folder)
    page |= {"mark": fingerprint(sources), "name": folder.name}
    for number, part in parts.items():
        held = json.dumps({"frames": part.frames, "files": part.files}, separators=(",", ":"))
        script = f"recorded({json.dumps(folder.name)}, {number}, {held});\n"
        (folder / f"{number}.js").write_text(script, "utf-8")
    (folder / "page.json").write_text(json.dumps(page), "utf-8")
    return page
