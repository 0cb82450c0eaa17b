"""What every widget needs: one picture as pixels for the screen, and the look of its sliders."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager

import ipywidgets as widgets
import numpy as np
import PIL.Image
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug import show

SHORTEST = 240  # a smaller picture is enlarged, its pixels staying sharp squares


def one_picture(image) -> Tensor:
    """Return `image` as a `uint8` tensor `[3, H, W]`, transparent parts laid on white."""
    arrays = show.to_arrays(image)
    if len(arrays) > 1:
        raise ValueError(f"{len(arrays)} pictures; a widget takes one, as in batch[0]")
    array = arrays[0]
    if array.shape[2] == 4:
        opacity = array[..., 3:] / 255
        array = (array[..., :3] * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
    return torch.from_numpy(array.transpose(2, 0, 1).copy())


def to_array(picture: Tensor) -> np.ndarray:
    """Return a tensor `[3, H, W]` as an array `H x W x 3`."""
    return np.ascontiguousarray(picture.permute(1, 2, 0).numpy())


def reduce(picture: Tensor, most: tuple[int, int]) -> tuple[Tensor, str]:
    """Return `picture` reduced to fit into `most` rows and columns, and a note for the readout."""
    height, width = picture.shape[-2:]
    scale = min(most[0] / height, most[1] / width)
    if scale >= 1:
        return picture, ""
    reduced = F.resize(picture, [max(1, round(height * scale)), max(1, round(width * scale))])
    return reduced, (
        f"<br>the picture of {height} × {width} is reduced to {reduced.shape[-2]} × "
        f"{reduced.shape[-1]}"
    )


def enlarge(array: np.ndarray) -> np.ndarray:
    """Repeat the pixels of a small picture, and stretch a picture that is too thin to see."""
    height, width = array.shape[:2]
    factor = max(1, math.ceil(SHORTEST / max(height, width)))
    rows, columns = (
        max(factor, math.ceil(factor * n / 40 / m)) for n, m in ((width, height), (height, width))
    )
    return array.repeat(rows, axis=0).repeat(columns, axis=1) if max(rows, columns) > 1 else array


def encode(array: np.ndarray, format: str = "jpeg") -> bytes:
    """Return an array `H x W x 3`, `uint8`, as the bytes of a JPEG or PNG file."""
    # 4:4:4: color is what is being looked at
    options = {"jpeg": {"quality": 95, "subsampling": 0}, "png": {"compress_level": 1}}
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, format, **options[format])
    return buffer.getvalue()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work alone: several threads that wait for each other on a busy processor, or on a
    share of one as on Binder, take many times as long for pictures this small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def slider(name: str, value, low, high, step=0.01, logarithmic=False) -> widgets.Widget:
    """Return a slider from `low` to `high`; raises `ValueError` where `value` is outside."""
    if not low - 1e-9 <= value <= high + 1e-9:
        raise ValueError(f"{name} is {value!r}; expected {low:.3g} to {high:.3g}")
    options = {"description": name, **wide()}
    if logarithmic:
        low, high = math.log2(low), math.log2(high)
        return widgets.FloatLogSlider(
            value,
            base=2,
            min=low,
            max=high,
            step=(high - low) / 80,
            readout_format=".2f",
            **options,
        )
    if isinstance(step, int):
        return widgets.IntSlider(value, low, high, step, **options)
    return widgets.FloatSlider(value, min=low, max=high, step=step, **options)


def wide() -> dict:
    """Return what gives every control the same width, and its name the same room."""
    return {
        "style": {"description_width": "11em"},
        "layout": {"width": "38em", "max_width": "100%"},
    }
