"""Pictures of any kind as arrays, and figures in one style as compact images with words."""

import base64
import io
from collections.abc import Sequence

import numpy as np
import PIL.Image
import torch
from matplotlib import cycler, rcParams
from matplotlib.figure import Figure

# Okabe and Ito's palette: color-blind readers can tell its colors apart.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


LINES = ["-", "--", ":", "-."]


CHANNELS = {"red": "#D55E00", "green": "#009E73", "blue": "#0072B2"}


# One style for all figures that follow, the reader's own too. The paper is white in light and dark
# mode, so that colors look the same on both.
STYLE = {
    "figure.facecolor": "white",
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2.5,
    "legend.frameon": False,
}


rcParams.update(STYLE)
WIDTH = 9.0  # inches; 900 pixels at DPI, the width of a JupyterLab output on a laptop


DPI = 100


MOST = 100  # pictures in one grid


QUALITY = 70  # of JPEGs: a lesson stays under 1 MB


class Picture:
    """A matplotlib figure that a notebook shows as one compact image with alternative text.

    `figure` is the matplotlib `Figure`; `alt` says in words what is on it; `format` is "jpeg" for
    photographs or "png" for drawings. `quality`, 1 to 95, is that of a JPEG; `colors`, 2 to 256,
    makes a PNG of few colors much smaller. `save(path)` writes it to a file.

    >>> drawing, axes = new_figure()
    >>> _ = axes.plot([0, 1], [0, 1])
    >>> Picture(drawing, "a rising line", format="png")
    Picture('a rising line')
    """

    def __init__(
        self,
        figure: Figure,
        alt: str,
        format: str = "jpeg",
        quality: int = QUALITY,
        colors: int | None = None,
    ):
        if format not in ("jpeg", "png"):
            raise ValueError(
                f"format is {format!r}; expected 'jpeg' (photographs) or 'png' (drawings)"
            )
        self.figure, self.alt, self.format = figure, alt, format
        self.quality, self.colors = quality, colors

    def save(self, path) -> None:
        """Write the figure to `path`; the ending of its name decides the file format."""
        self.figure.savefig(path, dpi=DPI)

    def __repr__(self) -> str:
        return f"Picture({self.alt!r})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        buffer = io.BytesIO()
        options = {"optimize": True}
        if self.format == "jpeg":
            options["quality"] = self.quality
        self.figure.savefig(buffer, format=self.format, dpi=DPI, pil_kwargs=options)
        if self.format == "png" and self.colors:
            few = PIL.Image.open(buffer).convert("RGB").quantize(self.colors)
            few.save(buffer := io.BytesIO(), "png", optimize=True)
        mime = f"image/{self.format}"
        data = base64.b64encode(buffer.getvalue()).decode()
        return {mime: data, "text/plain": repr(self)}, {mime: {"alt": self.alt}}


def new_figure(
    rows: int = 1, columns: int = 1, width: float = WIDTH, height: float = 3.5, **options
):
    """Return `(figure, axes)` in the style of the course, as `matplotlib.pyplot.subplots` does.

    `width` and `height` are in inches; `options` go to `Figure.subplots`. The figure is not known
    to pyplot, so a notebook shows it only once: as the `Picture` made from it.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def to_arrays(images) -> list[np.ndarray]:
    """Return pictures of any kind as a list of `uint8` arrays `H x W x 3`, or `x 4` with opacity.

    `images` is one picture, or a list (also a mix) of them: PIL images; tensors `[H, W]`,
    `[C, H, W]` or `[N, C, H, W]`; arrays `H x W`, `H x W x C` or `N x H x W x C`. C is 1, 3 or 4.
    Values are `uint8` 0 to 255, floating point 0 to 1, or `bool`.

    Raises `TypeError` for another type or dtype, `ValueError` for another shape or range, NaN, or
    no picture at all.

    >>> [array.shape for array in to_arrays(torch.zeros(2, 1, 4, 5))]
    [(4, 5, 3), (4, 5, 3)]
    """
    if isinstance(images, (list, tuple)):
        if not images:
            raise ValueError("there is no picture to show: the list is empty")
        return [array for image in images for array in to_arrays(image)]
    if isinstance(images, PIL.Image.Image):
        return [_from_pil(images)]
    if isinstance(images, np.ndarray):
        values, expected = images, "H x W, H x W x C or N x H x W x C with C = 1, 3 or 4"
        if values.ndim == 2:
            values = values[..., None]
    elif isinstance(images, torch.Tensor):
        values, expected = (
            images.detach().cpu(),
            "[H, W], [C, H, W] or [N, C, H, W] with C = 1, 3 or 4",
        )
        if values.dtype in (torch.bfloat16, torch.float16):
            values = values.float()
        values = values.numpy()
        values = (
            values[..., None]
            if values.ndim == 2
            else np.moveaxis(values, -3, -1)
            if values.ndim > 2
            else values
        )
    else:
        raise TypeError(
            f"{type(images).__name__} is not a picture; expected a PIL image, a NumPy array, a "
            "torch tensor, or a list of them (a file is opened with PIL.Image.open)"
        )
    kind, shape = type(images).__name__, tuple(images.shape)
    if values.ndim not in (3, 4) or values.shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"a picture of shape {shape}; a {kind} must be {expected}{_swap_hint(images)}"
        )
    if 0 in shape:
        raise ValueError(f"an empty picture of shape {shape}; every side must be at least 1")
    values = _to_uint8(values)
    if values.shape[-1] == 1:
        values = values.repeat(3, axis=-1)
    return [values] if values.ndim == 3 else list(values)


def _from_pil(image: PIL.Image.Image) -> np.ndarray:
    if 0 in image.size:
        raise ValueError(
            f"an empty picture of {image.width} x {image.height} pixels; "
            "every side must be at least 1"
        )
    if image.mode[0] in "IF":  # 16 and 32 bits: PIL would cut the values off at 255 without a word
        raise ValueError(
            f"a PIL image of mode {image.mode!r}; expected 8 bits a channel: take "
            "np.asarray(image), divide it by its largest possible value, and pass the array"
        )
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _swap_hint(images) -> str:
    if isinstance(images, np.ndarray) and images.ndim in (3, 4) and images.shape[-3] in (1, 3, 4):
        return "; if the channels come first, pass torch.from_numpy(array)"
    if isinstance(images, torch.Tensor) and images.ndim == 3 and images.shape[-1] in (1, 3, 4):
        return "; if the channels come last, pass tensor.permute(2, 0, 1)"
    return ""


def _to_uint8(values: np.ndarray) -> np.ndarray:
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return values * np.uint8(255)
    if not np.issubdtype(values.dtype, np.floating):
        raise TypeError(
            f"a picture of dtype {values.dtype}; expected uint8 (0 to 255), float (0 to 1) or bool"
        )
    if np.isnan(values).any():
        raise ValueError(f"{np.isnan(values).sum()} of {values.size} values are NaN (not a number)")
    low, high = values.min(), values.max()
    if low < -1e-4 or high > 1 + 1e-4:  # a resize may overshoot by a rounding error
        hint = (
            "divide by 255, or pass uint8"
            if 1.5 < high <= 255 and low >= 0
            else "clamp or rescale it first"
        )
        raise ValueError(
            f"a floating-point picture with values {low:.3g} to {high:.3g}; expected 0 to 1: {hint}"
        )
    return (values.clip(0, 1) * 255).round().astype(np.uint8)


def counted(things: Sequence, name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) != 1 else ''}"
