"""What every widget needs: one picture as pixels, controls of one look, a redraw at every move."""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from ipywidgets import HTML, Dropdown, FloatLogSlider, FloatSlider, IntSlider, VBox, Widget
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug import show

MOST = 360, 480  # height and width of the largest picture that is drawn in time at every move
SHORTEST = 240  # a smaller picture is enlarged, its pixels staying sharp squares
STYLE = Path(__file__).with_name("widgets.css").read_text("utf-8")
COPY = Path(__file__).with_name("copy.js").read_text("utf-8")
# Every control has the same width, and its name the same room.
WIDE = {"style": {"description_width": "11em"}, "layout": {"width": "38em", "max_width": "100%"}}


def one_picture(image: show.Images) -> Tensor:
    """Return `image` as a `uint8` tensor `[3, H, W]`, transparent parts laid on white."""
    array, *others = show.to_arrays(image)
    if others:
        raise ValueError(f"{1 + len(others)} pictures; a widget takes one, as in batch[0]")
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
) -> Widget:
    """Return a slider; raises `ValueError` for a `value` outside. A whole `step` makes it whole."""
    if not low - 1e-9 <= value <= high + 1e-9:
        raise ValueError(f"{name} is {value!r}; expected {low:.3g} to {high:.3g}")
    kind, look = IntSlider if isinstance(step, int) else FloatSlider, {}
    if logarithmic:
        kind, look = FloatLogSlider, {"base": 2, "readout_format": ".2f"}
        low, high, step = math.log2(low), math.log2(high), math.log2(high / low) / 80
    return kind(value=value, min=low, max=high, step=step, description=name, **look, **WIDE)


def choice(
    name: str, value: object, options: Sequence[object], label: str = "", kind: type = Dropdown
) -> Widget:
    """Return a control for values, or pairs of words and a value; `ValueError` for another one."""
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    if value not in values:
        raise ValueError(f"{name} is {value!r}; choose one of: {', '.join(map(str, values))}")
    return kind(options=options, value=value, description=label or name, **WIDE)


class Live(VBox):
    """A column of widgets that a subclass draws by `_refresh()` when one of its controls moves.

    Its `_still()` returns the `Picture` that is seen where no kernel runs, or None.
    """

    _held = False

    def __init__(self, children: Sequence[Widget]) -> None:
        super().__init__([*children, HTML(f"<style>{STYLE}</style>", layout={"display": "none"})])

    def _watch(self, *controls: Widget) -> None:
        for control in controls:
            control.observe(self._redraw, names="value")

    def _redraw(self, _change: object = None) -> None:
        if self._held:
            return
        # On a busy processor, or a share of one, threads that wait for each other are far slower.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            self._refresh()
        finally:
            torch.set_num_threads(threads)

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
        live, still = super()._repr_mimebundle_(**options), self._still()
        data, metadata = still._repr_mimebundle_() if still else ({}, {})
        return live | data, metadata
