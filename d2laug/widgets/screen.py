"""What every widget needs: one picture as pixels, controls of one look, a redraw at every move.

- `one_picture`, `reduce`, `encode`: from any picture to one that is drawn in time, and its bytes
- `slider`, `choice`: controls; `answers`: what networks say
- `Redrawn`: drawn anew at every move; `Explorer`: controls beside pictures
"""

import html
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import Any  # what `draw` returns may be Any

import anywidget
import ipywidgets as widgets
import numpy as np
import PIL.Image
import torch
import traitlets
from torch import Tensor, nn
from torchvision.transforms.v2 import functional as F

from d2laug import data, show, train

MOST = 360, 480  # height and width of the largest picture that is drawn in time at every move
SHORTEST = 240  # a smaller picture is enlarged, its pixels staying sharp squares
# a control is as wide as its column, its name as wide as it is
WIDE = {"style": {"description_width": "initial"}, "layout": {"width": "auto"}}

COVERED = "<div class='d2laug-answers'>Say first what each network will answer.</div>"
Networks = Mapping[str, nn.Module] | None
Shown = Sequence[Tensor | np.ndarray]
Drawn = tuple[Shown, list[str], str] | tuple[Shown, list[str], str, Tensor, str]


def one_picture(image: show.Images) -> Tensor:
    """Return `image` as a `uint8` tensor `[3, H, W]`, transparent parts laid on white."""
    array = show.grids.one_picture(image)
    if array.shape[2] == 4:
        opacity = array[..., 3:] / 255
        array = (array[..., :3] * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
    return torch.from_numpy(array.transpose(2, 0, 1).copy())


def to_array(picture: Tensor) -> np.ndarray:
    """Return a tensor `[3, H, W]` as an array `H x W x 3`."""
    return np.ascontiguousarray(picture.permute(1, 2, 0).numpy())


def size(picture: Tensor) -> str:
    """Return height and width in words."""
    return "{} × {}".format(*picture.shape[-2:])


def reduce(picture: Tensor, most: tuple[int, int] = MOST) -> tuple[Tensor, str]:
    """Return `picture` reduced to fit into `most` rows and columns, and a note for the readout."""
    scale = min(1, *(limit / side for limit, side in zip(most, picture.shape[-2:], strict=True)))
    small = F.resize(picture, [max(1, round(side * scale)) for side in picture.shape[-2:]])
    note = f"<br>the picture of {size(picture)} is reduced to {size(small)}"
    return small, note if scale < 1 else ""


def enlarge(array: np.ndarray) -> np.ndarray:
    """Repeat the pixels of a small picture, and stretch a picture that is too thin to see."""
    longest = max(array.shape[:2])
    factor = max(1, math.ceil(SHORTEST / longest))
    rows, columns = (max(factor, math.ceil(factor * longest / 40 / n)) for n in array.shape[:2])
    return array.repeat(rows, axis=0).repeat(columns, axis=1)


def encode(array: np.ndarray) -> bytes:
    """Return a `uint8` array `H x W x 3`, enlarged, as the bytes of a JPEG file."""
    buffer = io.BytesIO()
    # 4:4:4: color is what is being looked at
    PIL.Image.fromarray(enlarge(array)).save(buffer, "jpeg", quality=95, subsampling=0)
    return buffer.getvalue()


def slider(
    name: str, value: float, low: float, high: float, step: float = 0.01, logarithmic: bool = False
) -> widgets.Widget:
    """Return a slider; raises `ValueError` for a `value` outside. A whole `step` makes it whole."""
    if not isinstance(value, Real) or not low - 1e-9 <= value <= high + 1e-9:
        raise ValueError(f"{name} is {value!r}; expected {low:.3g} to {high:.3g}")
    kind, look = widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider, {}
    if logarithmic:
        kind, look = widgets.FloatLogSlider, {"base": 2, "readout_format": ".2f"}
        low, high, step = math.log2(low), math.log2(high), math.log2(high / low) / 80
    return kind(value=value, min=low, max=high, step=step, description=name, **look, **WIDE)


def choice(
    name: str, value: object, options: Sequence[object], label: str = "", sliding: bool = False
) -> widgets.Widget:
    """Return a control for values, or pairs of words and a value; `ValueError` for another one."""
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    if value not in values:
        raise ValueError(f"{name} is {value!r}; choose one of: {', '.join(map(str, values))}")
    kind = widgets.SelectionSlider if sliding else widgets.Dropdown
    return kind(options=options, value=value, description=label or name, **WIDE)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch work in one thread for now: on a busy processor several wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def answers(
    networks: Mapping[str, nn.Module], seen: Tensor, truth: str | None = None
) -> tuple[str, str]:
    """Return what `networks` say, as lines of a caption and as bars in HTML.

    `seen` is a picture `uint8` `[3, H, W]` for networks of the drinks, at 96 x 96 pixels, or a
    sound `[samples]` for those of the words; `truth` is the right answer where it is known. Raises
    `ValueError` for a network of other classes, and the errors of `d2laug.train.predict`.
    """
    batch = F.resize(seen[None], [96, 96]) if seen.ndim == 3 else seen[None]
    classes = data.DRINKS if seen.ndim == 3 else data.WORDS
    lines, columns = "", ""
    for name, network in networks.items():
        said = train.predict(network, batch)[0]
        if len(said) != len(classes):
            raise ValueError(f"{name!r} tells {len(said)} classes apart; expected {len(classes)}")
        likely = [(classes[n], f"{said[n]:.0%}") for n in said.topk(3).indices.tolist()]
        best, share = likely[0]
        verdict = "" if truth is None else ", right" if best == truth else ", WRONG"
        lines += f"\n{name}:\n{best} {share}{verdict}"
        row = "<tr><td>{0}<td><div style='width: {1}'></div><td>{1}"
        rows = "".join(row.format(*one) for one in likely)
        columns += f"<div><b>{html.escape(name)}</b>: {best}{verdict}<table>{rows}</table></div>"
    return lines, f"<div class='d2laug-answers'>{columns}</div>"


class Page(anywidget.AnyWidget):
    """What ipywidgets lacks on the page: names for controls and pictures, and their look."""

    _esm = Path(__file__).with_name("widgets.js")
    _css = Path(__file__).with_name("widgets.css")
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)  # one for each picture


class Redrawn:
    """What is drawn anew at every move; `with self._together():` once, after several."""

    _refresh: Callable[[], None]
    _held = False

    def _redraw(self, _change: object = None) -> None:
        if not self._held:
            with one_thread():
                self._refresh()

    @contextmanager
    def _together(self) -> Iterator[None]:
        held, self._held = self._held, True
        try:
            yield
        finally:
            self._held = held
        self._redraw()


class Explorer(Redrawn, widgets.VBox):
    """Controls beside pictures, with a readout of the numbers and a reset.

    `draw(**values)` is called with the value of each of `controls` (name to widget; set `.value` to
    move one as a hand would) and returns a `uint8` picture and a caption for each of `labels`, the
    source first, and a sentence; they are the attributes `arrays` (`H x W x 3`), `captions` and
    `readout.value`. `images` show them as JPEG, `source` and `result` are the first two.
    `networks` are asked as by `answers` about the last picture, or what `draw` returns after the
    sentence: what they say ends the last caption, and is `said.value`. `covered`: they are asked
    once `answered.value` is true, as the button and the key A do, and until then nothing, the still
    either, holds an answer. `extra` are more widgets, `under(array)` returns HTML to stand under
    each picture, and `still(arrays, captions)` is what is seen where no kernel runs.
    """

    def __init__(
        self,
        controls: dict[str, widgets.Widget],
        draw: Callable[..., Drawn],
        networks: Networks = None,
        covered: bool = False,
        labels: Sequence[str] = ("source", "result"),
        extra: Sequence[widgets.Widget] = (),
        still: Callable[..., show.Picture] = show.show_images,
        under: Callable[[np.ndarray], str] = lambda _: "",
    ) -> None:
        self.controls, self._draw, self._still, self._under = controls, draw, still, under
        self.labels, self._networks = list(labels), networks
        covered = bool(networks and covered)
        self.answered = widgets.ToggleButton(value=not covered, tooltip="the key A does the same")
        self._first = {control: control.value for control in (*controls.values(), self.answered)}
        self.images = [widgets.Image(format="jpeg") for _ in labels]
        self.drawings = [widgets.HTML() for _ in labels]
        self.source, self.result = self.images[:2]
        self.readout, self.said, self._page = widgets.HTML(), widgets.HTML(), Page()
        self.arrays: list[np.ndarray] = [np.empty(0) for _ in labels]
        self._redraw()
        reset = widgets.Button(description="Reset", icon="undo", tooltip="back to the start")
        reset.on_click(lambda _: self.reset())
        left = widgets.VBox([*controls.values(), reset, *extra, self.readout])
        pictures = zip(map(widgets.Label, labels), self.images, self.drawings, strict=True)
        columns = [widgets.VBox(parts) for parts in pictures]
        for column, array in zip(columns, self.arrays, strict=True):
            # as wide as a height of 35 % of the window asks for, as in widgets.css
            ratio = max(array.shape[1] / array.shape[0], 0.5)
            column.layout.max_width = f"min(560px, {35 * ratio:.1f}vh)"
        row = widgets.Box(columns).add_class("d2laug-pictures")
        right = widgets.VBox([row, *[self.answered] * covered, self.said])
        super().__init__([left, right, self._page])
        self.add_class("d2laug-explorer")
        for control in self._first:
            control.observe(self._redraw, names="value")

    def move(self, **values: object) -> None:
        """Give controls values by their names, and draw once."""
        with self._together():
            for name, value in values.items():
                self.controls[name].value = value

    def reset(self) -> None:
        """Give every control its first value, and draw once, as the button does."""
        with self._together():
            for control, value in self._first.items():
                control.value = value

    def _refresh(self) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        drawn, opened = self._draw(**values), self.answered.value
        pictures, captions, self.readout.value = drawn[:3]
        asked: Any = drawn[3:] or pictures[-1:]
        lines, said = "", ""
        if self._networks:
            lines, said = answers(self._networks, *asked) if opened else ("", COVERED)
        self.said.value = said
        self.answered.description = f"{'Cover' if opened else 'Show'} the answers"
        self.captions = [*captions[:-1], captions[-1] + lines]
        arrays = [to_array(one) if isinstance(one, Tensor) else one for one in pictures]
        shown = zip(self.images, self.drawings, self.arrays, arrays, strict=True)
        for image, drawing, before, array in shown:
            if not np.array_equal(before, array):  # a picture that rests is not encoded again
                image.height, image.width = map(str, array.shape[:2])  # its room until it arrives
                image.value, drawing.value = encode(array), self._under(array)
        self.arrays, self._page.captions = arrays, self.captions

    def _repr_mimebundle_(self, **options):
        live, still = super()._repr_mimebundle_(**options), self._still(self.arrays, self.captions)
        data, metadata = still._repr_mimebundle_()
        return live | data, metadata
