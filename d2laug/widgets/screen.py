"""What every widget needs: one picture as pixels, controls of one look, a redraw at every move.

- `one_picture`, `reduce`, `encode`: from any picture to one that is drawn in time, and its bytes
- `slider`, `choice`: controls; `Explorer`: controls beside pictures, drawn anew at every move
"""

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import PIL.Image
import torch
import traitlets
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug import show

MOST = 360, 480  # height and width of the largest picture that is drawn in time at every move
SHORTEST = 240  # a smaller picture is enlarged, its pixels staying sharp squares
# a control is as wide as its column, its name as wide as it is
WIDE = {"style": {"description_width": "initial"}, "layout": {"width": "auto"}}

COVERED = "<div class='d2laug-answers'>Say first what each network will answer.</div>"
Answers = Callable[[], tuple[str, str]]
Shown = Sequence[Tensor | np.ndarray]
Drawn = tuple[Shown, list[str], str] | tuple[Shown, list[str], str, Answers]


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


def switch(name: str, value: bool, label: str) -> widgets.Checkbox:
    """Return a control that is on or off; raises `ValueError` for a `value` that is neither."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value!r}; expected True or False")
    return widgets.Checkbox(bool(value), description=label, indent=False)


def choice(
    name: str,
    value: object,
    options: Sequence[object],
    label: str = "",
    kind: type = widgets.Dropdown,
) -> widgets.Widget:
    """Return a control for values, or pairs of words and a value; `ValueError` for another one."""
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    if value not in values:
        raise ValueError(f"{name} is {value!r}; choose one of: {', '.join(map(str, values))}")
    return kind(options=options, value=value, description=label or name, **WIDE)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch work in one thread, and then in as many as before.

    On a busy processor, or a share of one, threads that wait for each other are far slower.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class Page(anywidget.AnyWidget):
    """What ipywidgets lacks on the page: names for controls and pictures, and their look."""

    _esm = Path(__file__).with_name("widgets.js")
    _css = Path(__file__).with_name("widgets.css")
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)  # one for each picture


class Explorer(widgets.VBox):
    """Controls beside pictures, with a readout of the numbers and a reset.

    `draw(**values)` is called with the value of each of `controls` (name to widget; set `.value` to
    move one as a hand would) and returns a `uint8` picture and a caption for each of `labels`, the
    source first, and a sentence; where networks are asked, also a function that returns what they
    say, as `answers` does. They are the attributes `arrays` (`H x W x 3`), `captions` (what is
    said ends the last), `readout.value` and `said.value`; `images` show them as JPEG, `source` and
    `result` are the first two. `covered`: the networks are asked once `answered.value` is true, as
    the button and the key A do, and until then nothing, the still either, holds an answer.
    `extra` are more widgets, `under(array)` returns HTML to stand under each picture, and
    `still(arrays, captions)` is what is seen where no kernel runs.
    """

    def __init__(
        self,
        controls: dict[str, widgets.Widget],
        draw: Callable[..., Drawn],
        labels: Sequence[str] = ("source", "result"),
        extra: Sequence[widgets.Widget] = (),
        still: Callable[..., show.Picture] = show.show_images,
        under: Callable[[np.ndarray], str] = lambda _: "",
        covered: bool = False,
    ) -> None:
        self._held = False
        self.controls, self._draw, self._still, self._under = controls, draw, still, under
        self.labels = list(labels)
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
        pictures, captions, self.readout.value, *ask = self._draw(**values)
        lines, self.said.value = (
            ask[0]() if ask and self.answered.value else ("", COVERED * len(ask))
        )
        self.answered.description = f"{'Cover' if self.answered.value else 'Show'} the answers"
        self.captions = [*captions[:-1], captions[-1] + lines]
        arrays = [to_array(one) if isinstance(one, Tensor) else one for one in pictures]
        shown = zip(self.images, self.drawings, self.arrays, arrays, strict=True)
        for image, drawing, before, array in shown:
            if not np.array_equal(before, array):  # a picture that rests is not encoded again
                image.height, image.width = map(str, array.shape[:2])  # its room until it arrives
                image.value, drawing.value = encode(array), self._under(array)
        self.arrays, self._page.captions = arrays, self.captions

    def _redraw(self, _change: object = None) -> None:
        if self._held:
            return
        with one_thread():
            self._refresh()

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Let several controls move, and draw once."""
        held, self._held = self._held, True
        try:
            yield
        finally:
            self._held = held
        self._redraw()

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        live, still = super()._repr_mimebundle_(**options), self._still(self.arrays, self.captions)
        data, metadata = still._repr_mimebundle_()
        return live | data, metadata
