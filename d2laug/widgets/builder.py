"""The pipeline builder: choose effects, order them, see what they do, and take the code home."""

import html
import operator
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from textwrap import fill

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn
from torchvision.datasets import ImageFolder
from torchvision.transforms.v2.functional import pil_to_tensor

from d2laug import data, gallery, show
from d2laug.draws import record_draws
from d2laug.widgets import screen

SAMPLES = 8
MOST = 192, 240  # height and width of the largest picture that is drawn; effects suit about 100
SMALLEST = 8  # the side with which every effect works
MOST_STEPS = 20
LARGEST_SEED = 2**31 - 1
OWN = "your picture"
GRAY = ("camera", "text")  # photos whose files have one channel
ALL = "all effects"


def pipeline(image="cat", steps: Sequence[gallery.Step] = (), seed: int = 0) -> "Builder":
    """Return a widget that builds a pipeline of effects, shows it at work, and writes its code.

    `image` is the name of a photo (a key of `d2laug.data.PHOTOS`) or of a drink (one of the classes
    of `d2laug.data.drinks`), or one picture of any kind that `d2laug.show.to_arrays` takes;
    transparent parts lie on white. `steps` are up to 20 `(name, strength, probability)`, as
    `d2laug.gallery.build` takes them. `seed` is a whole number from 0.

    Raises `ValueError` for an unknown name, a number out of its range, several pictures, too many
    steps, or a seed that is none, `TypeError` for what is no step, `OSError` for a damaged drink,
    and the errors of `to_arrays`.

    >>> w = pipeline("cat", [("rotate", 0.5, 1.0)])
    >>> w.add_step("invert", strength=1.0, probability=0.5)
    >>> w.move_step(1, -1)
    >>> w.steps
    [('invert', 1.0, 0.5), ('rotate', 0.5, 1.0)]
    >>> print(w.code)
    from torchvision.transforms import v2
    <BLANKLINE>
    transform = v2.Compose(
        [
            v2.RandomApply([v2.RandomInvert(p=1)], p=0.5),
            v2.RandomRotation(22.5),
        ]
    )
    <BLANKLINE>
    # the eight pictures shown
    import skimage
    import torch
    <BLANKLINE>
    picture = torch.from_numpy(skimage.data.chelsea()).permute(2, 0, 1).contiguous()
    picture = v2.functional.resize(picture, [160, 240])
    torch.manual_seed(0)
    pictures = [transform(picture) for _ in range(8)]
    <BLANKLINE>
    """
    return Builder(image, steps, seed)


class Builder(widgets.VBox):
    """Effects in an order of one's choice, eight pictures that they make, and the code for it.

    - `picture`, `seed`, `group`, `effect`, `sample`: the controls; `rows`: one for each step, with
      the sliders `strength` and `probability` and the buttons `up`, `down` and `remove`; `again`,
      `add` and `reset_button`: the other buttons. Set `.value` or call `.click()` as a hand would.
    - `steps`: the pipeline as `d2laug.gallery.build` takes it; `set_steps`, `add_step`,
      `remove_step`, `move_step` and `reset` change it.
    - `arrays`: the eight pictures, `uint8` arrays `H x W x 3`; `stages`: one of them, the one that
      `sample` names, before the first step and after each, with `captions`; after two steps have
      changed places, a last one in the other order.
    - `code`: a script that makes `arrays` again, as the list `pictures`, without this package.
    - `message`: what went wrong, in a sentence; then there are no pictures.

    Where no kernel runs, a still picture of the same thing stands in for the widget.
    """

    def __init__(self, image="cat", steps: Sequence[gallery.Step] = (), seed: int = 0):
        steps, seed = _check_steps(steps), _check_seed(seed)
        self._sources = _sources(image)
        first = image if isinstance(image, str) else OWN
        _ = self._sources[first].reduced  # a damaged one is refused at once
        self._first = first, steps, seed
        self._quiet = True  # several values change, and one drawing follows
        self._swapped = None  # the upper of the two steps that changed places last

        self.picture = widgets.Dropdown(
            options=[(name.replace("_", " "), name) for name in self._sources],
            value=first,
            description="picture",
            layout={"width": "16em"},
            style={"description_width": "4em"},
        )
        self.seed = widgets.BoundedIntText(
            seed,
            min=0,
            max=LARGEST_SEED,
            description="seed",
            layout={"width": "10em"},
            style={"description_width": "3em"},
        )
        self.again = _button("Draw again", "the next seed", self._draw_again)
        self.reset_button = _button("Reset", "back to the start", self.reset)
        self.group = widgets.Dropdown(
            options=[*gallery.GROUPS, ALL],
            description="group",
            layout={"width": "17em"},
            style={"description_width": "4em"},
        )
        self.effect = widgets.Dropdown(
            description="effect", layout={"width": "17em"}, style={"description_width": "4em"}
        )
        self.add = _button(
            "Add", "put the effect at the end", lambda: self.add_step(self.effect.value)
        )
        self.about = widgets.HTML()
        self.sample = widgets.Dropdown(
            options=range(1, SAMPLES + 1),
            description="step by step: picture",
            layout={"width": "auto"},
            style={"description_width": "initial"},
        )
        self.rows: list[Row] = []
        self.images = [widgets.Image(format="jpeg") for _ in range(SAMPLES)]
        self._tiles: list[Tile] = []
        self._row_box = widgets.VBox()
        self._tile_box = _box("stages")
        self.readout, self.alert = widgets.HTML(), widgets.HTML()
        self._text = widgets.Textarea(description="code", layout={"width": "100%"})

        self.set_steps(steps)
        self._list_effects()
        self._quiet = False
        self._redraw()

        controls = _box(
            "controls",
            _box("line", self.picture, self.seed, self.again, self.reset_button),
            _box("line", self.group, self.effect, self.add),
            self.about,
            self._row_box,
            self.alert,
        )
        pictures = _box(
            "pictures",
            _box("samples", *self.images),
            _box("line", self.sample),
            self._tile_box,
        )
        copy = _box("line", widgets.HTML(_COPY), self.readout)
        code = _box("code", copy, _box("scroll", self._text))
        super().__init__([widgets.HTML(_STYLE), _box("columns", controls, pictures, code)])
        self.add_class("d2laug-builder")
        self.group.observe(self._list_effects, names="value")
        self.effect.observe(self._describe_effect, names="value")
        self.picture.observe(self._redraw, names="value")
        self.seed.observe(self._redraw, names="value")
        self.sample.observe(self._redraw, names="value")
        # it can be selected and copied; what is typed into it has no effect, so it does not stay
        self._text.observe(self._show_code, names="value")

    # ---- the pipeline

    @property
    def steps(self) -> list[gallery.Step]:
        return [(row.name, row.strength.value, row.probability.value) for row in self.rows]

    def set_steps(self, steps: Sequence[gallery.Step]) -> None:
        """Replace the pipeline, and draw once. Raises the errors of `pipeline`."""
        steps = _check_steps(steps)
        quiet, self._quiet, self._swapped = self._quiet, True, None
        try:
            # rows that stay keep their place on the page, and with it the keyboard's focus
            while len(self.rows) < len(steps):
                self.rows.append(Row(self, len(self.rows)))
            del self.rows[len(steps) :]
            for row, step in zip(self.rows, steps, strict=True):
                row.show(step, is_last=row is self.rows[-1])
            self._row_box.children = tuple(self.rows)
            self.add.disabled = len(steps) == MOST_STEPS
        finally:
            self._quiet = quiet
        self._redraw()

    def add_step(self, name: str, strength: float = 0.5, probability: float = 1.0) -> None:
        """Put an effect at the end. Raises the errors of `pipeline`."""
        self.set_steps([*self.steps, (name, strength, probability)])

    def remove_step(self, index: int) -> None:
        """Take a step out; the first is 0. Raises `IndexError` where there is none."""
        self._check_index(index)
        self.set_steps(self.steps[:index] + self.steps[index + 1 :])

    def move_step(self, index: int, by: int) -> None:
        """Let a step change places with the next (`by` 1) or the one before it (`by` -1).

        Raises `IndexError` where there is none.
        """
        if by not in (-1, 1):
            raise ValueError(f"by is {by!r}; expected 1 (later) or -1 (earlier)")
        self._check_index(index)
        self._check_index(index + by)
        steps = self.steps
        steps[index], steps[index + by] = steps[index + by], steps[index]
        quiet, self._quiet = self._quiet, True
        try:
            self.set_steps(steps)
        finally:
            self._quiet = quiet
        self._swapped = min(index, index + by)
        self._redraw()

    def reset(self) -> None:
        """Go back to the first picture, steps and seed, and draw once."""
        self._quiet = True
        try:
            self.picture.value, steps, self.seed.value = self._first
            self.sample.value = 1
            self.set_steps(steps)
        finally:
            self._quiet = False
        self._redraw()

    def _draw_again(self) -> None:
        self.seed.value = (self.seed.value + 1) % (LARGEST_SEED + 1)

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self.rows):
            raise IndexError(f"there is no step {index}; the steps are 0 to {len(self.rows) - 1}")

    # ---- choosing an effect

    def _list_effects(self, _change=None) -> None:
        group = self.group.value
        names = [name for name, e in gallery.EFFECTS.items() if group in (e.group, ALL)]
        self.effect.options = sorted(names, key=str.lower) if group == ALL else names
        self.effect.index = 0
        self._describe_effect()

    def _describe_effect(self, _change=None) -> None:
        if self.effect.value:
            effect = gallery.EFFECTS[self.effect.value]
            library = "own code" if effect.library == "own" else effect.library
            self.about.value = f"{library}. {html.escape(effect.breaks_label)}"

    # ---- drawing

    def _redraw(self, _change=None) -> None:
        if self._quiet:
            return
        source = self._sources[self.picture.value]
        self.message, self.arrays, stages, captions = "", [], [], []
        try:
            stages, captions = [source.reduced], ["before"]
            with screen.one_thread(), torch.random.fork_rng(devices=[]):
                runs = self._run(source.reduced)
                run = runs[self.sample.value - 1]
                stages, captions = run.stages, run.captions
                if self._swapped is not None:
                    stages, captions = self._other_order(run)
            self.arrays = [screen.to_array(run.stages[-1]) for run in runs]
        except (StepError, OSError) as error:
            self.message = str(error)
        self.stages, self.captions = [screen.to_array(stage) for stage in stages], captions
        self.code = gallery.export(self.steps)
        if stages:
            self.code += source.recipe(self.code, self.seed.value)

        for image, array in zip(self.images, self.arrays or [None] * SAMPLES, strict=True):
            image.value = b"" if array is None else screen.encode(screen.enlarge(array))
            image.layout.visibility = "hidden" if array is None else "visible"
        while len(self._tiles) < len(stages):
            self._tiles.append(Tile())
        del self._tiles[len(stages) :]
        for tile, array, caption in zip(self._tiles, self.stages, captions, strict=True):
            tile.show(array, caption)
        self._tile_box.children = tuple(self._tiles)
        self.alert.value = f"<b>{html.escape(self.message)}</b>" if self.message else ""
        self.readout.value = (
            f"<code>torch.manual_seed({self.seed.value})</code>, then eight times "
            f"<code>transform(picture)</code>; the picture {source.size}"
            if self.arrays
            else ""
        )
        self._show_code()

    def _run(self, picture: Tensor) -> list["Run"]:
        """Return eight runs of the pipeline, as the exported code makes them."""
        parts = list(gallery.build(self.steps).transforms) if self.rows else []
        torch.default_generator.manual_seed(self.seed.value)
        return [Run(picture, parts, self.steps) for _ in range(SAMPLES)]

    def _other_order(self, run: "Run") -> tuple[list[Tensor], list[str]]:
        """Return the stages and captions of a run, and the same with two steps exchanged.

        Each step draws the numbers that it drew in the run: only the order differs.
        """
        first, second = self._swapped, self._swapped + 1
        order = list(range(len(self.rows)))
        order[first], order[second] = second, first
        picture = run.stages[0]
        for index in order:
            torch.set_rng_state(run.states[index])
            picture = _apply(run.parts[index], picture, index, self.steps[index][0])
        change = (picture.float() - run.stages[-1].float()).abs().mean()
        words = f"if {self.steps[second][0]} came first\nsame numbers, " + (
            f"mean difference {change:.1f} of 255" if change > 0 else "the very same picture"
        )
        return [*run.stages, picture], [*run.captions, words]

    def _show_code(self, _change=None) -> None:
        self._text.value, self._text.rows = self.code, self.code.count("\n") + 1

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        if not self.stages:
            return super()._repr_mimebundle_(**options)
        more, metadata = self._still()._repr_mimebundle_()
        return super()._repr_mimebundle_(**options) | more, metadata

    def _still(self) -> show.Picture:
        """Return the eight pictures, and under them the stages with their captions."""
        lines = [[_wrap(line) for line in caption.split("\n")] for caption in self.captions]
        parts = [show.show_images(self.stages, ["\n".join(words) for words in lines], columns=4)]
        if self.arrays:
            parts.insert(0, show.show_images(self.arrays, columns=4))
        drawings = []
        for part in parts:
            part.figure.set_dpi(show.DPI)
            canvas = FigureCanvasAgg(part.figure)
            canvas.draw()
            drawings.append(np.asarray(canvas.buffer_rgba()))
        drawing = np.concatenate(drawings)
        height, width = drawing.shape[:2]
        figure = Figure((width / show.DPI, height / show.DPI), dpi=show.DPI)
        figure.figimage(drawing)
        said = "; ".join(caption.replace("\n", ", ") for caption in self.captions)
        number = len(self.arrays) or "no"
        return show.Picture(figure, f"{number} pictures of a pipeline; one step by step: {said}")


def _wrap(line: str, most: int = 24) -> str:
    """Break a line so that it fits over a tile: after commas, so that a number keeps its name."""
    tied = fill(line.replace(" ", "\xa0").replace(",\xa0", ", "), most, break_long_words=False)
    wide = max(map(len, tied.split("\n"))) > most
    return fill(line, most) if wide else tied.replace("\xa0", " ")


class Row(widgets.Box):
    """The controls of one step of a `Builder`: the place stays, its effect can change."""

    def __init__(self, builder: Builder, index: int):
        self.name = ""
        self.title = widgets.HTML()
        self.strength = screen.slider("strength", 0.5, 0, 1)
        self.probability = screen.slider("probability", 1, 0, 1)
        for slider in (self.strength, self.probability):
            slider.style, slider.layout = {"description_width": "6em"}, {"width": "auto"}
            slider.observe(builder._redraw, names="value")
        self.up = _button("↑", "", lambda: self._move(builder, index, -1))
        self.down = _button("↓", "", lambda: self._move(builder, index, 1))
        self.remove = _button("✕", "", lambda: self._remove(builder, index))
        self.up.disabled, self._index = index == 0, index
        super().__init__(
            [self.title, self.strength, self.probability, self.up, self.down, self.remove]
        )
        self.add_class("builder-row")

    def show(self, step: gallery.Step, is_last: bool) -> None:
        self.name, self.strength.value, self.probability.value = step
        name = html.escape(self.name)
        self.title.value = f"<b>{self._index + 1}</b> {name}"
        self.down.disabled = is_last
        self.up.tooltip, self.down.tooltip = f"{self.name} earlier", f"{self.name} later"
        self.remove.tooltip = f"remove {self.name}"

    @staticmethod
    def _move(builder: Builder, index: int, by: int) -> None:
        builder.move_step(index, by)
        # the focus goes with the step, so that the same key moves it on
        row = builder.rows[index + by]
        button = row.up if by < 0 else row.down
        (button if not button.disabled else row.down if by < 0 else row.up).focus()

    @staticmethod
    def _remove(builder: Builder, index: int) -> None:
        builder.remove_step(index)
        # the focus stays near: the row that had it may be gone
        rows = builder.rows
        (rows[min(index, len(rows) - 1)].remove if rows else builder.add).focus()


class Tile(widgets.VBox):
    """A picture over its caption."""

    def __init__(self):
        self.image, self.caption = widgets.Image(format="jpeg"), widgets.HTML()
        super().__init__([self.image, self.caption])

    def show(self, array: np.ndarray, caption: str) -> None:
        self.image.value = screen.encode(screen.enlarge(array))
        first, *rest = html.escape(caption).split("\n")
        self.caption.value = "<br>".join([f"<b>{first}</b>", *rest])


class StepError(Exception):
    """Which step cannot work on the picture, in a sentence for whoever moved a control."""


class Run:
    """One picture on its way through the steps, and the random state in which each began."""

    def __init__(self, picture: Tensor, parts: Sequence[nn.Module], steps: list[gallery.Step]):
        self.parts, self.states = parts, []
        self.stages, self.captions = [picture], ["before"]
        for index, (part, (name, *_)) in enumerate(zip(parts, steps, strict=True)):
            self.states.append(torch.get_rng_state())
            with record_draws(part) as draws:
                picture = _apply(part, picture, index, name)
            if not draws and torch.equal(picture, self.stages[-1]):
                draws = ["no change"]
            self.stages.append(picture)
            self.captions.append("\n".join([f"{index + 1} {name}", ", ".join(draws)]).strip())


def _apply(part: nn.Module, picture: Tensor, index: int, name: str) -> Tensor:
    try:
        return part(picture)
    except Exception as error:  # whatever a library raises, the widget stays alive and says it
        reason = f" ({str(error).splitlines()[0][:80]})" if str(error) else ""
        small = min(picture.shape[-2:]) < SMALLEST  # libraries say that in many ways
        raise StepError(
            f"Step {index + 1}, {name}, cannot work on a picture of {_size(picture)} pixels"
            f"{': choose a larger one' if small else reason + ': choose another one'}, or remove "
            "the step."
        ) from error


# ---- pictures to choose from


class Source:
    """A picture to choose: how it is loaded, and the lines of code that load it elsewhere."""

    def __init__(self, load: Callable[[], Tensor], imports: Sequence[str], code: str):
        self._load, self._imports, self._code = load, imports, code

    @cached_property
    def picture(self) -> Tensor:
        return self._load().contiguous()

    @cached_property
    def reduced(self) -> Tensor:
        return screen.reduce(self.picture, MOST)[0]

    @property
    def size(self) -> str:
        before, now = (_size(picture) for picture in (self.picture, self.reduced))
        return f"has {now} pixels" if before == now else f"is reduced from {before} to {now} pixels"

    def recipe(self, script: str, seed: int) -> str:
        """Return the lines that make the pictures shown, to follow the script of `transform`."""
        imports = [line for line in (*self._imports, "import torch") if line not in script]
        lines = ["", "# the eight pictures shown", *imports, *[""][: len(imports)], self._code]
        if self.reduced.shape != self.picture.shape:
            small = list(self.reduced.shape[-2:])
            lines.append(f"picture = v2.functional.resize(picture, {small})")
        lines.append(f"torch.manual_seed({seed})")
        lines.append(f"pictures = [transform(picture) for _ in range({SAMPLES})]")
        return "\n".join([*lines, ""])


def _size(picture: Tensor) -> str:
    return "{} × {}".format(*picture.shape[-2:])


def _sources(image) -> dict[str, Source]:
    """Return everything that can be chosen, by name; a picture that was given comes first."""
    sources = {}
    if not isinstance(image, str):
        own = screen.one_picture(image)
        words = f"# picture: your own, a uint8 tensor [3, {own.shape[1]}, {own.shape[2]}]"
        sources[OWN] = Source(lambda: own, [], words)
    sources |= {name: _photo(name) for name in data.PHOTOS}
    try:
        drinks = data.drinks("lab/test")
    except FileNotFoundError:  # the package without the repository around it
        drinks = None
    if drinks:
        first = {label: path for path, label in reversed(drinks.samples)}
        sources |= {name: _drink(drinks, first[label]) for label, name in enumerate(drinks.classes)}
    if isinstance(image, str) and image not in sources:
        raise ValueError(
            f"no picture is called {image!r}; choose one of: {', '.join(sources)}; or pass a "
            "picture (a file is opened with PIL.Image.open)"
        )
    return sources


def _photo(name: str) -> Source:
    function = data.PHOTOS[name].partition(".")[0]
    to_tensor = "repeat(3, 1, 1)" if name in GRAY else "permute(2, 0, 1).contiguous()"
    code = f"picture = torch.from_numpy(skimage.data.{function}()).{to_tensor}"
    return Source(lambda: data.photo(name), ["import skimage"], code)


def _drink(folder: ImageFolder, path: str) -> Source:
    near = os.path.relpath(path).replace(os.sep, "/")
    code = f"picture = v2.functional.pil_to_tensor(Image.open({near!r})).contiguous()"
    return Source(lambda: pil_to_tensor(folder.loader(path)), ["from PIL import Image"], code)


# ---- parts of the page


def _check_steps(steps) -> list[gallery.Step]:
    if not isinstance(steps, (list, tuple)):
        raise TypeError(
            f"steps is {steps!r}; expected a list of (name, strength, probability), as in "
            "[('rotate', 0.5, 1)]"
        )
    if len(steps) > MOST_STEPS:
        raise ValueError(f"{len(steps)} steps; a builder takes at most {MOST_STEPS}")
    gallery.build(steps)
    return [(name, float(strength), float(probability)) for name, strength, probability in steps]


def _check_seed(seed) -> int:
    try:
        number = -1 if isinstance(seed, bool) else operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number <= LARGEST_SEED:
        raise ValueError(f"seed is {seed!r}; expected a whole number from 0 to {LARGEST_SEED}")
    return number


def _button(words: str, tooltip: str, action: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=words, tooltip=tooltip, layout={"width": "auto"})
    button.on_click(lambda _: action())
    return button


def _box(name: str, *children: widgets.Widget) -> widgets.Box:
    box = widgets.Box(children)
    box.add_class(f"builder-{name}")
    return box


# Beside each other where there is room, as on a projector; else one under the other.
_STYLE = """<style>
.d2laug-builder { container-type: inline-size; overflow: visible; }
.d2laug-builder .widget-box { overflow: visible; }
.builder-columns { display: grid; gap: 8px 24px; grid-template: "controls" "pictures" "code"; }
.builder-columns { grid-template-columns: minmax(0, 1fr); }
.builder-controls { grid-area: controls; flex-direction: column; }
.builder-pictures { grid-area: pictures; flex-direction: column; }
.builder-code { grid-area: code; flex-direction: column; align-items: start; }
.builder-line { flex-flow: row wrap; align-items: center; gap: 0 8px; }
.builder-row { display: grid; align-items: center; gap: 0 8px; }
.builder-row { grid-template-columns: 10em repeat(2, minmax(12em, 1fr)) repeat(3, 2.4em); }
.builder-row .widget-button { padding: 0; }
.builder-samples { display: grid; gap: 6px; grid-template-columns: repeat(4, minmax(0, 1fr)); }
.builder-stages { display: grid; gap: 6px; }
.builder-stages { grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); }
.d2laug-builder img { width: 100%; max-height: 320px; object-fit: contain; }
.d2laug-builder .widget-html-content { line-height: 1.3; }
/* its end is seen first: the transform, under the definitions that it needs */
.d2laug-builder .builder-scroll { flex-direction: column-reverse; width: 100%; }
.d2laug-builder .builder-scroll { max-height: 24em; overflow: auto; }
.d2laug-builder .builder-scroll { border: 1px solid var(--jp-border-color1, gray); }
.d2laug-builder .builder-scroll > * { flex: none; width: 100%; margin: 0; }
.builder-code .widget-label { position: absolute; clip-path: inset(50%); }
.builder-code textarea { font-family: var(--jp-code-font-family, monospace); white-space: pre; }
.builder-code .widget-textarea textarea { resize: none; border: 0; }
@container (min-width: 1450px) {
  .builder-columns { grid-template: "controls pictures" auto "code pictures" 1fr; }
  .builder-columns { grid-template-columns: minmax(530px, 1fr) 2fr; }
}
/* the sliders under the name, where a line has no room for both */
@container (min-width: 1450px) or (max-width: 760px) {
  .builder-row { grid-template-columns: calc(50% - 4px) minmax(0, 1fr) repeat(3, 2.4em); }
  .builder-row > :nth-child(1) { grid-column: 1 / 3; }
  .builder-row > :nth-child(2), .builder-row > :nth-child(3) { grid-row: 2; }
  .builder-row > :nth-child(3) { grid-column: 2 / 6; }
}
@container (max-width: 520px) {
  .builder-row > :nth-child(2), .builder-row > :nth-child(3) { grid-column: 1 / 6; }
  .builder-row > :nth-child(3) { grid-row: 3; }
}
</style>"""
# The page copies by itself: no kernel can reach the clipboard of another machine.
_COPY = """<button class="jupyter-button widget-button lm-Widget" onclick="
const text = this.closest('.builder-code').querySelector('textarea'), button = this;
text.select();
const done = () => { button.textContent = 'Copied'; };
const old = () => document.execCommand('copy') && done();
navigator.clipboard ? navigator.clipboard.writeText(text.value).then(done, old) : old();
setTimeout(() => { button.textContent = 'Copy the code'; }, 2000);
">Copy the code</button>"""
