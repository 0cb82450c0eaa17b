"""The pipeline builder: choose effects, order them, see what they do, and take the code home.

`pipeline`, a `Builder`, is the widget; `builder.js` and `builder.css` are what is seen of it.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from numbers import Integral
from pathlib import Path
from typing import Any  # what a page sends may be Any

import anywidget
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from d2laug import data, gallery, show
from d2laug.gallery.dials import dial
from d2laug.gallery.pipeline import suggest, unknown
from d2laug.widgets import sources
from d2laug.widgets.run import Run, StepError, aside
from d2laug.widgets.screen import Redrawn, encode, one_picture, reduce, size, to_array

SAMPLES = 8
MOST = 192, 240  # height and width of the largest picture that is drawn; effects suit about 100
FULL = 1080, 1920  # of the largest that is shown in full
THUMB = 72, 96
MOST_STEPS = 20
MOST_TEXT = 100_000  # characters of a saved pipeline
LARGEST_SEED = 2**31 - 1
OWN, UPLOADED = "your picture", "your photo"
EFFECTS = [
    {"name": e.name, "group": e.group}
    | {"about": f"{e.library.replace('own', 'own code')}. {e.breaks_label}"}
    for e in gallery.EFFECTS.values()
]


class Builder(Redrawn, anywidget.AnyWidget):
    """A widget that builds a pipeline of effects, shows it at work, and writes its code.

    `image` is the name of a photo (a key of `d2laug.data.PHOTOS`) or of a drink (one of the classes
    of `d2laug.data.drinks`), or one picture of any kind that `d2laug.show.to_arrays` takes. `steps`
    are up to 20 `(name, strength, probability)`, as `d2laug.gallery.build` takes them. `seed` is a
    whole number from 0. Raises `ValueError` for an unknown name, a number out of its range, several
    pictures, or too many steps, `TypeError` for what is no step, `OSError` for a damaged drink, and
    the errors of `to_arrays`.

    `picture`, `steps`, `seed` and `sample` can be set, as a hand sets them. `arrays` are the eight
    pictures, `uint8` `H x W x 3`; `stages` show the one that `sample` (1 to 8) names, before the
    first step and after each, with `captions`, and one more in the other order after two steps have
    changed places. `code` is a script that makes the list `pictures` of the eight. `message` says
    what went wrong; where a step cannot work, there are no pictures.

    >>> w = pipeline("cat", [("rotate", 0.5, 1.0), ("invert", 1.0, 0.5)])
    >>> w.move_step(1, -1)
    >>> w.steps
    [('invert', 1.0, 0.5), ('rotate', 0.5, 1.0)]
    """

    _esm = Path(__file__).with_name("builder.js")
    _css = Path(__file__).with_name("builder.css")
    picture = traitlets.Unicode().tag(sync=True)
    steps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    sample = traitlets.Int(1, min=1, max=SAMPLES).tag(sync=True)
    # A page counts up: as a message of its own, a reset would overtake the steps sent before it.
    resets = traitlets.Int().tag(sync=True)
    menu = traitlets.Dict().tag(sync=True)  # what there is to choose
    shown = traitlets.Dict().tag(sync=True)  # what was drawn last
    _run: Run | None = None

    def __init__(
        self, image: show.Images | str = "cat", steps: Sequence[gallery.Step] = (), seed: int = 0
    ) -> None:
        own, self._file = {}, bytearray()
        if not isinstance(image, str):
            picture = one_picture(image)
            words = f"# picture: your own, a uint8 tensor {list(picture.shape)}"
            image, own = OWN, {OWN: (picture, [words])}
        self._own, self._names = own, [*own, *sources.names()]
        self._source = cache(lambda name: self._own.get(name) or sources.load(name))
        self._small = cache(lambda name: reduce(self._source(name)[0], MOST)[0])
        self._source(self._check_name(image))  # a damaged one is refused at once
        self._first = image, _check_steps(steps), _check_seed(seed)
        super().__init__(menu={"pictures": self._names, "effects": EFFECTS, "most": MOST_STEPS})
        self.on_msg(self._answer)
        self.reset()

    @traitlets.validate("picture", "steps", "seed")
    def _valid(self, proposal: dict[str, Any]) -> object:
        checks = {"picture": self._check_name, "steps": _check_steps, "seed": _check_seed}
        return checks[proposal["trait"].name](proposal["value"])

    def _check_name(self, name: str) -> str:
        if name in self._names:
            return name
        choose = f"choose one of: {', '.join(self._names)}"
        hint = f"{choose}; or pass a picture (open_image opens a file)"
        raise ValueError(unknown("picture", str(name), self._names, hint))

    @traitlets.observe("picture", "steps", "seed", "sample")
    def _moved(self, change: dict[str, Any]) -> None:
        if change["name"] == "steps":
            old, new = change["old"], change["new"]
            before, now = ([name for name, *_ in steps] for steps in (old, new))
            if before != now:
                self._swapped = _exchanged(before, now)
            elif (first := _exchanged(old, new)) is not None:  # two of one effect
                self._swapped = first
        self._redraw()

    def move_step(self, index: int, by: int) -> None:
        """Let step `index`, from 0, change places with the next (`by` 1) or the one before (-1).

        Raises `ValueError` for another `by`, and `IndexError` where one of the two is not there.
        """
        if by not in (-1, 1):
            raise ValueError(f"by is {by!r}; expected 1 (later) or -1 (earlier)")
        for place in {index, index + by} - set(range(len(self.steps))):
            raise IndexError(f"there is no step {place}; there are {len(self.steps)}, from 0 on")
        steps = list(self.steps)
        steps[index], steps[index + by] = steps[index + by], steps[index]
        self.steps = steps

    @traitlets.observe("resets")
    def reset(self, _change: object = None) -> None:
        """Go back to the first picture, steps and seed, and draw once."""
        with self._together():
            self.picture, self.steps, self.seed = self._first
            self.sample, self._swapped = 1, None

    def saved(self) -> str:
        """Return the pipeline as a text that `load` takes; a picture of your own is left out."""
        known = {} if self.picture in (OWN, UPLOADED) else {"picture": self.picture}
        return json.dumps({"steps": self.steps, "seed": self.seed, **known}, separators=(",", ":"))

    def load(self, text: str) -> None:
        """Take over a pipeline from a text of `saved`; `ValueError` for any other text."""
        try:
            found = json.loads(text) if len(text) <= MOST_TEXT else None
            if not isinstance(found, dict) or "steps" not in found:
                raise ValueError("it has no steps")
            steps, seed = _check_steps(found["steps"]), _check_seed(found.get("seed", self.seed))
            picture = self._check_name(found.get("picture", self.picture))
        except (ValueError, TypeError, RecursionError) as error:
            why = "it is not JSON" if isinstance(error, json.JSONDecodeError) else error
            raise ValueError(f"This is no saved pipeline ({why}): Save writes one.") from None
        with self._together():
            self.picture, self.steps, self.seed, self._swapped = picture, steps, seed, None

    def _take(self, part: memoryview, name: str, is_last: bool) -> None:
        """Show a photo. A page sends its file in parts, since servers refuse long messages."""
        self._file += part
        if not is_last:
            return
        file, self._file = bytes(self._file), bytearray()
        picture = data.open_image(file)
        code = f"picture = open_image({name!r})  # your photo: put its folder before the name"
        self._own[UPLOADED] = picture, ["from d2laug.data import open_image", code]
        self._names = list(dict.fromkeys([UPLOADED, *self._names]))
        self._source.cache_clear()
        self._small.cache_clear()
        with self._together():
            self.menu = self.menu | {"pictures": self._names}
            self.picture = UPLOADED

    def _answer(self, _widget: object, asked: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what the page asks: `do` names it, `with` are its arguments."""
        doing: dict[str, Callable[..., object]] = {
            "load": self.load,
            "upload": lambda *args: self._take(buffers[0], *args),
            "thumbs": self._send_thumbs,
            "suggest": lambda given: self.send({"close": suggest(given, gallery.EFFECTS)}),
            "full": self._send_full,
        }
        try:
            doing[asked["do"]](*asked.get("with", []))
        except (StepError, OSError, ValueError, IndexError) as error:
            self.message = str(error)
            self.shown = self.shown | {"message": self.message}

    def _send_thumbs(self, *names: str) -> None:
        picture, _ = reduce(self._small(self.picture), THUMB)
        thumbs = []
        with aside(0):
            for name in names:
                try:
                    changed = Run(picture, [(name, gallery.build([(name, 0.7, 1)]))]).stages[-1]
                except StepError:
                    changed = picture
                thumbs.append(encode(to_array(changed)))
        self.send({"thumbs": names}, thumbs)

    def _send_full(self) -> None:
        if self._run is None:  # a step cannot work, as the message says
            return
        whole = self._source(self.picture)[0]
        before, _ = reduce(whole, FULL)
        with aside(self.seed):
            after = self._run.again(before)
        of = f" of {size(whole)}" if before.shape != whole.shape else ""
        note = f"{size(before)}{of} pixels, with the numbers of picture {self.sample}; a dial in "
        note += "pixels means as many pixels here, so it does less than on the small picture"
        self.send({"full": note}, [encode(to_array(x)) for x in (before, after)])

    def _refresh(self) -> None:
        results, stages, note, self.captions, self._run = [], [], "", [], None
        self.code, self.message = gallery.export(self.steps), ""
        try:
            source, picture = self._source(self.picture), self._small(self.picture)
            stages, self.captions = [picture], ["before"]
            self.code += sources.recipe(source, picture, self.code, self.seed, SAMPLES)
            before, now = size(source[0]), size(picture)
            sizes = f"is reduced from {before} to {now}" if before != now else f"has {now}"
            parts = [(step[0], gallery.build([step])) for step in self.steps]
            with aside(self.seed):
                runs = [Run(picture, parts) for _ in range(SAMPLES)]
                self._run = run = runs[self.sample - 1]
                stages, self.captions = run.stages, run.captions
                if self._swapped is not None:
                    run.exchange(self._swapped)
            results = [run.stages[len(parts)] for run in runs]
            note = f"torch.manual_seed({self.seed}), then eight times transform(picture); "
            note += f"the picture {sizes} pixels"
        except (StepError, OSError) as error:
            self.message = str(error)
        self.arrays, self.stages = ([to_array(x) for x in xs] for xs in (results, stages))
        self.shown = {
            "images": [encode(array) for array in self.arrays],
            "stages": [encode(array) for array in self.stages],
            "captions": self.captions,
            "dials": [dial(name, strength) for name, strength, _ in self.steps],
            "code": self.code,
            "note": note,
            "message": self.message,
            "saved": self.saved(),
        }

    def _repr_mimebundle_(self, **options):
        live, about = super()._repr_mimebundle_(**options) or ({}, {})
        data, metadata = self._still()._repr_mimebundle_() if self.stages else ({}, {})
        return live | {"text/plain": "Builder"} | data, about | metadata

    def _still(self) -> show.Picture:
        # each number has a line of its own: it fits over its picture
        captions = [caption.replace(", ", "\n") for caption in self.captions]
        parts = [show.show_images(self.arrays, columns=4)] if self.arrays else []
        parts.append(show.show_images(self.stages, captions, columns=4))
        canvases = [FigureCanvasAgg(part.figure) for part in parts]
        for canvas in canvases:
            canvas.draw()
        figure = Figure(dpi=100)
        figure.figimage(np.concatenate([c.buffer_rgba() for c in canvases]), resize=True)
        number, said = len(self.arrays) or "no", parts[-1].alt.partition(": ")[2]
        return show.Picture(figure, f"{number} pictures of a pipeline; one step by step: {said}")


def _exchanged(old: list[Any], new: list[Any]) -> int | None:
    """Return the place of the first of two neighbors that changed places, or `None`."""
    places = range(len(new) - 1)
    return next((i for i in places if [*new[:i], new[i + 1], new[i], *new[i + 2 :]] == old), None)


def _check_steps(steps: object) -> list[gallery.Step]:
    if not isinstance(steps, (list, tuple)):
        raise TypeError(f"steps is {steps!r}; expected a list of (name, strength, probability)")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"{len(steps)} steps; a builder takes at most {MOST_STEPS}")
    gallery.build(steps)
    return [(name, float(strength), float(probability)) for name, strength, probability in steps]


def _check_seed(seed: object) -> int:
    number = int(seed) if isinstance(seed, Integral) and not isinstance(seed, bool) else -1
    if not 0 <= number <= LARGEST_SEED:
        raise ValueError(f"seed is {seed!r}; expected a whole number from 0 to {LARGEST_SEED}")
    return number


pipeline = Builder  # made as the widgets of `explore` are
