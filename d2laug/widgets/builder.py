"""The pipeline builder: choose effects, order them, see what they do, and take the code home.

- `pipeline`, a `Builder`: the widget; `Row`: the controls of a step
- `Run`: the steps at work on a picture, with the numbers that they draw
"""

import html
from collections.abc import Callable, Sequence
from functools import cache
from numbers import Integral

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn

from d2laug import gallery, show
from d2laug.draws import record_draws
from d2laug.widgets import sources
from d2laug.widgets.screen import COPY, Live, encode, one_picture, reduce, size, to_array

SAMPLES = 8
MOST = 192, 240  # height and width of the largest picture that is drawn; effects suit about 100
MOST_STEPS = 20
SMALLEST = 8  # the side with which every effect works
LARGEST_SEED = 2**31 - 1
OWN = "your picture"
ALL = "all effects"
OFFERED = {
    group: [name for name, effect in gallery.EFFECTS.items() if effect.group == group]
    for group in gallery.GROUPS
}
OFFERED[ALL] = sorted(gallery.EFFECTS, key=str.lower)
ABOUT = {
    name: f"{effect.library.replace('own', 'own code')}. {html.escape(effect.breaks_label)}"
    for name, effect in gallery.EFFECTS.items()
}


class Builder(Live):
    """A widget that builds a pipeline of effects, shows it at work, and writes its code.

    `image` is the name of a photo (a key of `d2laug.data.PHOTOS`) or of a drink (one of the classes
    of `d2laug.data.drinks`), or one picture of any kind that `d2laug.show.to_arrays` takes. `steps`
    are up to 20 `(name, strength, probability)`, as `d2laug.gallery.build` takes them. `seed` is a
    whole number from 0. Raises `ValueError` for an unknown name, a number out of its range, several
    pictures, or too many steps, `TypeError` for what is no step, `OSError` for a damaged drink, and
    the errors of `to_arrays`.

    The controls are `picture`, `seed`, `group`, `effect`, `sample`, `again`, `add`, `reset_button`,
    and `rows`, one for each step. `arrays` are the eight pictures, `uint8` `H x W x 3`; `stages`
    show the one that `sample` names, before the first step and after each, with `captions`, and one
    more in the other order after two steps have changed places. `code` is a script that makes the
    list `pictures` of the eight. `message` says what went wrong; then there are no pictures.

    >>> w = pipeline("cat", [("rotate", 0.5, 1.0), ("invert", 1.0, 0.5)])
    >>> w.move_step(1, -1)
    >>> w.steps
    [('invert', 1.0, 0.5), ('rotate', 0.5, 1.0)]
    """

    def __init__(
        self, image: show.Images | str = "cat", steps: Sequence[gallery.Step] = (), seed: int = 0
    ) -> None:
        steps = _check_steps(steps)
        whole = isinstance(seed, Integral) and not isinstance(seed, bool)
        if not whole or not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"seed is {seed!r}; expected a whole number from 0 to {LARGEST_SEED}")
        own = {}
        if not isinstance(image, str):
            picture = one_picture(image)
            words = f"# picture: your own, a uint8 tensor {list(picture.shape)}"
            image, own = OWN, {OWN: (picture, [words])}
        names = [*own, *sources.names()]
        if image not in names:
            raise ValueError(
                f"no picture is called {image!r}; choose one of: {', '.join(names)}; or pass a "
                "picture (a file is opened with PIL.Image.open)"
            )
        self._source = cache(lambda name: own.get(name) or sources.load(name))
        self._source(image)  # a damaged one is refused at once
        self._first = image, steps, int(seed)
        self._make_controls(names)
        super().__init__([self._arrange()])
        self.add_class("d2laug-builder")
        self.reset()
        self._watch(self.picture, self.seed, self.sample)

    def _make_controls(self, names: Sequence[str]) -> None:
        self.about, self.readout, self.alert, self._text = (widgets.HTML() for _ in range(4))
        options = [(name.replace("_", " "), name) for name in names]
        self.picture = widgets.Dropdown(options=options, description="picture")
        self.seed = widgets.BoundedIntText(max=LARGEST_SEED, description="seed")
        self.again = _button("Draw again", "the next seed", self._draw_again)
        self.reset_button = _button("Reset", "back to the start", self.reset)
        self.group = widgets.Dropdown(options=list(OFFERED), description="group")
        self.effect = widgets.Dropdown(options=OFFERED[ALL], description="effect")
        widgets.dlink((self.group, "value"), (self.effect, "options"), OFFERED.get)
        widgets.dlink((self.effect, "value"), (self.about, "value"), ABOUT.get)
        self.add = _button("Add", "put it at the end", lambda: self.add_step(self.effect.value))
        numbers = range(1, SAMPLES + 1)
        self.sample = widgets.Dropdown(options=numbers, description="step by step: picture")
        self.images = [widgets.Image(format="jpeg") for _ in numbers]
        self._samples, self._tile_box = _box("samples", *self.images), _box("stages")
        self._row_box = widgets.VBox()
        self.rows: list[Row] = []
        self._tiles: list[widgets.VBox] = []

    def _arrange(self) -> widgets.Box:
        look = 'class="jupyter-button widget-button lm-Widget"'
        copy = widgets.HTML(f'<button {look} onclick="{html.escape(COPY)}">Copy the code</button>')
        first = _box("line", self.picture, self.seed, self.again, self.reset_button)
        second = _box("line", self.group, self.effect, self.add)
        return _box(
            "columns",
            _box("controls", first, second, self.about, self._row_box, self.alert),
            _box("pictures", self._samples, _box("line", self.sample), self._tile_box),
            _box("code", _box("line", copy, self.readout), _box("scroll", self._text)),
        )

    @property
    def steps(self) -> list[gallery.Step]:
        return [(row.name, row.strength.value, row.probability.value) for row in self.rows]

    def set_steps(self, steps: Sequence[gallery.Step], swapped: int | None = None) -> None:
        """Replace the pipeline, and draw once; the step `swapped` has just come before the next."""
        steps = _check_steps(steps)
        with self._together():
            self._swapped = swapped
            # rows that stay keep their place on the page, and with it the keyboard's focus
            self.rows += [Row(self, index) for index in range(len(self.rows), len(steps))]
            del self.rows[len(steps) :]
            for row, step in zip(self.rows, steps, strict=True):
                row.show(step, is_last=row is self.rows[-1])
            self._row_box.children = self.rows
            self.add.disabled = len(steps) == MOST_STEPS

    def add_step(self, name: str, strength: float = 0.5, probability: float = 1.0) -> None:
        """Put an effect at the end."""
        self.set_steps([*self.steps, (name, strength, probability)])

    def remove_step(self, index: int) -> None:
        """Take a step out; the first is 0."""
        self._check(index)
        self.set_steps(self.steps[:index] + self.steps[index + 1 :])

    def move_step(self, index: int, by: int) -> None:
        """Let a step change places with the next (`by` 1) or the one before it (`by` -1)."""
        if by not in (-1, 1):
            raise ValueError(f"by is {by!r}; expected 1 (later) or -1 (earlier)")
        self._check(index, index + by)
        steps = self.steps
        steps[index], steps[index + by] = steps[index + by], steps[index]
        self.set_steps(steps, swapped=min(index, index + by))

    def reset(self) -> None:
        """Go back to the first picture, steps and seed, and draw once."""
        with self._together():
            self.picture.value, steps, self.seed.value = self._first
            self.sample.value = 1
            self.set_steps(steps)

    def _check(self, *indices: int) -> None:
        for index in set(indices) - set(range(len(self.rows))):
            raise IndexError(f"there is no step {index}; the steps are 0 to {len(self.rows) - 1}")

    def _draw_again(self) -> None:
        self.seed.value = (self.seed.value + 1) % (LARGEST_SEED + 1)

    def _refresh(self) -> None:
        seed, results, stages, self.captions = self.seed.value, [], [], []
        self.code, self.message = gallery.export(self.steps), ""
        try:
            whole, code = self._source(self.picture.value)
            picture, _ = reduce(whole, MOST)
            stages, self.captions = [picture], ["before"]
            self.code += sources.recipe((whole, code), picture, self.code, seed, SAMPLES)
            before, now = size(whole), size(picture)
            sizes = f"is reduced from {before} to {now}" if before != now else f"has {now}"
            parts = [(step[0], gallery.build([step])) for step in self.steps]
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(seed)
                runs = [Run(picture, parts) for _ in range(SAMPLES)]
                results = [run.stages[-1] for run in runs]
                run = runs[self.sample.value - 1]
                stages, self.captions = run.stages, run.captions
                if self._swapped is not None:
                    run.exchange(self._swapped)
            self.readout.value = (
                f"<code>torch.manual_seed({seed})</code>, then eight times "
                f"<code>transform(picture)</code>; the picture {sizes} pixels"
            )
        except (StepError, OSError) as error:
            self.message, self.readout.value, results = str(error), "", []
        self.arrays, self.stages = ([to_array(x) for x in xs] for xs in (results, stages))
        self._show_pictures()
        self.alert.value = f"<b>{html.escape(self.message)}</b>" if self.message else ""
        # it can be selected and copied; what is typed into it has no effect, so it does not stay
        text = "<textarea aria-label='code' oninput='value = defaultValue' rows={}>{}</textarea>"
        self._text.value = text.format(self.code.count("\n") + 1, html.escape(self.code))

    def _show_pictures(self) -> None:
        for image, array in zip(self.images, self.arrays, strict=False):
            image.value = encode(array)
        self._samples.layout.visibility = "visible" if self.arrays else "hidden"
        while len(self._tiles) < len(self.stages):
            self._tiles.append(widgets.VBox([widgets.Image(format="jpeg"), widgets.HTML()]))
        self._tile_box.children = self._tiles[: len(self.stages)]
        for tile, array, caption in zip(self._tiles, self.stages, self.captions, strict=False):
            image, words = tile.children
            title, *rest = html.escape(caption).split("\n")
            image.value, words.value = encode(array), "<br>".join([f"<b>{title}</b>", *rest])

    def _still(self) -> show.Picture | None:
        if not self.stages:
            return None
        # each number has a line of its own: it fits over its picture
        captions = [caption.replace(", ", "\n") for caption in self.captions]
        parts = [show.show_images(self.arrays, columns=4)] if self.arrays else []
        parts.append(show.show_images(self.stages, captions, columns=4))
        canvases = [FigureCanvasAgg(part.figure) for part in parts]
        for canvas in canvases:
            canvas.draw()
        drawing = np.concatenate([np.asarray(canvas.buffer_rgba()) for canvas in canvases])
        figure = Figure((drawing.shape[1] / 100, drawing.shape[0] / 100), dpi=100)
        figure.figimage(drawing)
        number, said = len(self.arrays) or "no", parts[-1].alt.partition(": ")[2]
        return show.Picture(figure, f"{number} pictures of a pipeline; one step by step: {said}")


class StepError(Exception):
    """Which step cannot work on the picture, in a sentence for whoever moved a control."""


class Run:
    """A picture before the first of `parts` (names and transforms) and after each: `stages`."""

    def __init__(self, picture: Tensor, parts: Sequence[tuple[str, nn.Module]]) -> None:
        self._parts = parts
        self._states: list[Tensor] = []  # of random numbers, before each part
        self.stages, self.captions = [picture], ["before"]
        for index, (name, part) in enumerate(parts):
            self._states.append(torch.get_rng_state())
            with record_draws(part) as draws:
                picture = self._apply(index, picture)
            words = ", ".join(draws) or "no change" * torch.equal(picture, self.stages[-1])
            self.stages.append(picture)
            self.captions.append(f"{index + 1} {name}\n{words}".strip())

    def exchange(self, first: int) -> None:
        """Add a last stage: the part `first` and the next exchanged; each draws the same again."""
        order = list(range(len(self._parts)))
        order[first : first + 2] = first + 1, first
        picture = self.stages[0]
        for index in order:
            torch.set_rng_state(self._states[index])
            picture = self._apply(index, picture)
        change = (picture.float() - self.stages[-1].float()).abs().mean()
        words = f"mean difference {change:.1f} of 255" if change > 0 else "the very same picture"
        self.stages.append(picture)
        self.captions.append(f"if {self._parts[first + 1][0]} came first\nsame numbers, {words}")

    def _apply(self, index: int, picture: Tensor) -> Tensor:
        name, part = self._parts[index]
        try:
            return part(picture)
        except Exception as error:  # whatever a library raises, the widget stays alive and says it
            small = min(picture.shape[-2:]) < SMALLEST  # libraries say that in many ways
            reason = f" ({str(error).splitlines()[0][:80]})" if str(error) and not small else ""
            raise StepError(
                f"Step {index + 1}, {name}, cannot work on a picture of {size(picture)} pixels"
                f"{reason}: choose {'a larger' if small else 'another'} one, or remove the step."
            ) from error


class Row(widgets.Box):
    """The controls of one step of a `Builder`: the place stays, its effect can change."""

    def __init__(self, builder: Builder, index: int) -> None:
        self._builder, self._index, self.name, self.title = builder, index, "", widgets.HTML()
        sliders = [
            widgets.FloatSlider(max=1, step=0.01, description=name)
            for name in ("strength", "probability")
        ]
        self.strength, self.probability = sliders
        builder._watch(*sliders)
        self.up = _button("↑", "", lambda: self._move(-1))
        self.down = _button("↓", "", lambda: self._move(1))
        self.remove = _button("✕", "", self._remove)
        self.up.disabled = index == 0
        super().__init__([self.title, *sliders, self.up, self.down, self.remove])
        self.add_class("builder-row")

    def show(self, step: gallery.Step, is_last: bool) -> None:
        self.name, self.strength.value, self.probability.value = step
        self.title.value = f"<b>{self._index + 1}</b> {html.escape(self.name)}"
        self.down.disabled = is_last
        self.up.tooltip, self.down.tooltip = f"{self.name} earlier", f"{self.name} later"
        self.remove.tooltip = f"remove {self.name}"

    def _move(self, by: int) -> None:
        self._builder.move_step(self._index, by)
        # the focus goes with the step, so that the same key moves it on
        row = self._builder.rows[self._index + by]
        near, far = (row.down, row.up)[::by]
        (far if near.disabled else near).focus()

    def _remove(self) -> None:
        self._builder.remove_step(self._index)
        # the focus stays near: this row may be gone
        rows = self._builder.rows
        (rows[min(self._index, len(rows) - 1)].remove if rows else self._builder.add).focus()


def _check_steps(steps: Sequence[gallery.Step]) -> list[gallery.Step]:
    if not isinstance(steps, (list, tuple)):
        raise TypeError(f"steps is {steps!r}; expected a list of (name, strength, probability)")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"{len(steps)} steps; a builder takes at most {MOST_STEPS}")
    gallery.build(steps)
    return [(name, float(strength), float(probability)) for name, strength, probability in steps]


def _button(words: str, tooltip: str, action: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=words, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: action())
    return button


def _box(name: str, *children: widgets.Widget) -> widgets.Box:
    return widgets.Box(children).add_class(f"builder-{name}")


pipeline = Builder  # made as the widgets of `explore` are
