"""What all figures are made of: pictures as arrays, one style, and what a notebook shows.

- `to_arrays`: pictures of any kind as arrays; `new_figure`, `in_style`: figures of one style
- `Picture`: a figure with words for who cannot see it; `captioned`, `counted`, `plain`: these
"""

import base64
import io
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from numbers import Integral
from os import PathLike
from typing import Any, TypeAlias

import matplotlib.style
import numpy as np
import PIL.Image
from matplotlib.figure import Figure
from torch import Tensor

Image: TypeAlias = PIL.Image.Image | np.ndarray | Tensor
Images: TypeAlias = Image | Sequence[Image]
Options: TypeAlias = Any  # Any is matplotlib's own hint for what Figure.subplots takes and returns

# The palette of course.mplstyle, lines that differ without it, and the colors of the channels.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
LINES = ["-", "--", ":", "-."]
CHANNELS = {"red": "#D55E00", "green": "#009E73", "blue": "#0072B2"}
WIDTH = 9.0  # inches; 900 pixels at DPI, the width of a JupyterLab output on a laptop
DPI = 100
MOST = 100  # pictures in one grid
AS_IT_IS: Options = {"parse_math": False}  # words of a reader, in which $ begins no formula

# A decorator: what the function draws has the course's style, and the reader's own figures do not.
in_style = matplotlib.style.context("d2laug.show.course")


@dataclass(repr=False, eq=False)
class Picture:
    """A matplotlib figure that a notebook shows as one compact image with alternative text.

    `alt` says in words what is on it; `format` is "jpeg" for photographs or "png" for drawings.
    `quality`, 1 to 95, is that of a JPEG; `colors`, 2 to 256, makes a PNG of few colors smaller.

    >>> drawing, axes = new_figure()
    >>> _ = axes.plot([0, 1], [0, 1])
    >>> Picture(drawing, "a rising line", format="png")
    Picture('a rising line')
    """

    figure: Figure
    alt: str
    format: str = "jpeg"
    quality: int = 70  # a lesson stays under 1 MB
    colors: int | None = None

    def __post_init__(self) -> None:
        if self.format not in ("jpeg", "png"):
            raise ValueError(f"format is {self.format!r}; expected 'jpeg' or 'png'")

    @in_style
    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file; the ending of its name says the format."""
        self.figure.savefig(path, dpi=DPI)

    def __repr__(self) -> str:
        return f"Picture({self.alt!r})"

    @in_style
    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        buffer = io.BytesIO()
        options = {"optimize": True, "quality": self.quality}
        self.figure.savefig(buffer, format=self.format, dpi=DPI, pil_kwargs=options)
        if self.format == "png" and self.colors:
            few = PIL.Image.open(buffer).convert("RGB").quantize(self.colors)
            few.save(buffer := io.BytesIO(), "png", optimize=True)
        mime, data = f"image/{self.format}", base64.b64encode(buffer.getvalue()).decode()
        return {mime: data, "text/plain": repr(self)}, {mime: {"alt": self.alt}}


# What makes letters and lines: matplotlib settles their sizes there, not when a figure is shown.
BY_FIGURE = ("colorbar", "legend", "suptitle", "supxlabel", "supylabel", "text")
BY_AXES = ("annotate", "axhline", "axvline", "errorbar", "legend", "plot", "set_title", "text")


@in_style
def new_figure(
    rows: int = 1, columns: int = 1, width: float = WIDTH, height: float = 3.5, **options: Options
) -> tuple[Figure, Options]:
    """Return `(figure, axes)` in the style of the course, as `matplotlib.pyplot.subplots` does.

    `width` and `height` are in inches; the axes stand in `rows` and `columns`; `options` go to
    `Figure.subplots`. Pyplot does not know the figure: a notebook shows it once, as a `Picture`.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    panels = figure.subplots(rows, columns, **options)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_ticks(1)  # the first, made now, is the pattern of all others
    for part in (figure, *figure.axes):
        for name in BY_FIGURE if part is figure else (*BY_AXES, "set_prop_cycle"):
            setattr(part, name, in_style(getattr(part, name)))
    return figure, panels


def to_arrays(images: Images) -> list[np.ndarray]:
    """Return pictures of any kind as a list of `uint8` arrays `H x W x 3`, or `x 4` with opacity.

    `images` is one picture, or a list (also a mix) of them: PIL images; tensors `[H, W]`,
    `[C, H, W]` or `[N, C, H, W]`; arrays `H x W`, `H x W x C` or `N x H x W x C`. C is 1, 3 or 4.
    Values are `uint8` 0 to 255, floating point 0 to 1, or `bool`. Raises `TypeError` for another
    type or dtype, `ValueError` for another shape or range, NaN, or no picture at all.

    >>> [array.shape for array in to_arrays(np.zeros((2, 4, 5, 1)))]
    [(4, 5, 3), (4, 5, 3)]
    """
    if isinstance(images, (list, tuple)):
        if not images:
            raise ValueError("there is no picture to show: the list is empty")
        return [array for image in images for array in to_arrays(image)]
    if isinstance(images, PIL.Image.Image):
        images = _from_pil(images)
    kind = type(images).__name__
    if isinstance(images, np.ndarray):
        channels, layouts = -1, "H x W, H x W x C or N x H x W x C"
        hint = "if the channels come first, pass torch.from_numpy(array)"
    elif isinstance(images, Tensor) and not images.is_meta:
        channels, layouts = -3, "[H, W], [C, H, W] or [N, C, H, W]"
        hint = "if the channels come last, pass tensor.movedim(-1, -3)"
    else:
        known = "a PIL image, a NumPy array, a torch tensor, or a list of them"
        kind += " without values, on the device meta," * isinstance(images, Tensor)
        raise TypeError(f"{kind} is not a picture; expected {known}; open_image opens a file")
    shape = tuple(images.shape)
    if len(shape) not in (2, 3, 4) or (len(shape) > 2 and shape[channels] not in (1, 3, 4)):
        expected = f"a {kind} must be {layouts} with C = 1, 3 or 4"
        raise ValueError(f"a picture of shape {shape}; {expected}; {hint}")
    if 0 in shape:
        raise ValueError(f"an empty picture of shape {shape}; every side must be at least 1")
    values = _to_uint8(images)
    values = values[..., None] if values.ndim == 2 else np.moveaxis(values, channels, -1)
    values = values.repeat(3, axis=-1) if values.shape[-1] == 1 else values
    return [values] if values.ndim == 3 else list(values)


def _from_pil(image: PIL.Image.Image) -> np.ndarray:
    if image.mode[0] in "IF":  # 16 and 32 bits: PIL would cut the values off at 255 without a word
        hint = "pass np.asarray(image) divided by its largest possible value"
        raise ValueError(f"a PIL image of mode {image.mode!r}; expected 8 bits a channel: {hint}")
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _to_uint8(values: np.ndarray | Tensor) -> np.ndarray:
    if isinstance(values, Tensor):
        # NumPy has no bfloat16, and 16 bits are too few to multiply by 255
        values = values.float() if values.is_floating_point() else values
        values = values.detach().cpu().numpy()
    if values.dtype == np.uint8:
        return values
    if values.dtype == bool:
        return values * np.uint8(255)
    if not np.issubdtype(values.dtype, np.floating):
        expected = "uint8 (0 to 255), float (0 to 1) or bool"
        raise TypeError(f"a picture of dtype {values.dtype}; expected {expected}")
    if np.isnan(values).any():
        raise ValueError(f"{np.isnan(values).sum()} of {values.size} values are NaN (not a number)")
    low, high = values.min(), values.max()
    if low < -1e-4 or high > 1 + 1e-4:  # a resize may overshoot by a rounding error
        bytes_ = 1.5 < high <= 255 and low >= 0
        hint = "divide by 255, or pass uint8" if bytes_ else "clamp or rescale it first"
        given = f"a floating-point picture with values {low:.3g} to {high:.3g}"
        raise ValueError(f"{given}; expected 0 to 1: {hint}")
    return (values.clip(0, 1) * 255).round().astype(np.uint8)


def captioned(
    things: Sized, captions: Sequence[str] | None, name: str, seen: str = "", most: int = MOST
) -> tuple[list[str], str]:
    """Return a caption for each thing, and an alternative text: "2 pictures: first; second".

    `seen` follows the number in the text. A string is one caption, None gives empty ones.
    Raises `ValueError` for no thing, more than `most`, or another number of captions.
    """
    if not 1 <= len(things) <= most:
        raise ValueError(f"{len(things)} {name}s are given; choose 1 to {most} of them")
    captions = [captions] if isinstance(captions, str) else captions
    captions = [""] * len(things) if captions is None else list(map(plain, captions))
    if len(captions) != len(things):
        raise ValueError(f"{len(captions)} captions for {len(things)} {name}s; expected one each")
    words = "; ".join(caption.replace("\n", ", ") for caption in captions if caption)
    return captions, f"{counted(things, name)}{seen}{': ' if words else ''}{words}"


def plain(name: object) -> str:
    """Return a name as text; what no letter stands for, as in names of some files, as its code."""
    return str(name).encode("utf8", "backslashreplace").decode()


def counted(things: Sized, name: str) -> str:
    """Return how many there are, in words: "1 picture", "2 pictures"."""
    return f"{len(things)} {name}{'s' if len(things) != 1 else ''}"


def whole(name: str, number: int) -> int:
    """Return `number`; `ValueError` with `name`, the argument's, unless it is 1 to `MOST`."""
    if not isinstance(number, Integral) or not 1 <= number <= MOST:
        raise ValueError(f"{name} is {number!r}; expected a whole number from 1 to {MOST}")
    return int(number)
