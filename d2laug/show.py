"""Figures of the course, in one matplotlib style: grids of pictures, crop boxes, histograms."""

import base64
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import PIL.Image
import torch
from matplotlib import cycler, rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from torchvision.transforms.v2.functional import get_size

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


def show_images(
    images,
    captions: Sequence[str] | None = None,
    columns: int | None = None,
    to_scale: bool = False,
    quality: int = QUALITY,
):
    """Return a `Picture` of a grid of pictures, one caption over each.

    `images` is anything that `to_arrays` takes, up to 100 pictures, also of different sizes. With
    `to_scale=True` a pixel is as large in every tile, so that sizes can be compared. `quality`, 1
    to 95, is that of the JPEG which a notebook shows.

    Raises `ValueError` for a wrong number of captions or columns, or too many pictures, and the
    errors of `to_arrays`.

    >>> show_images(torch.rand(4, 3, 8, 8), captions=["a", "b", "c", "d"])
    Picture('4 pictures: a; b; c; d')
    """
    arrays = to_arrays(images)
    if len(arrays) > MOST:
        raise ValueError(
            f"{len(arrays)} pictures; a grid takes at most {MOST}: choose some, as in images[:64]"
        )
    if isinstance(captions, str):
        captions = [captions]
    if captions is not None and len(captions) != len(arrays):
        raise ValueError(
            f"{len(captions)} captions for {len(arrays)} pictures; expected one caption a picture"
        )
    rows = -(-len(arrays) // 4)
    columns = -(-len(arrays) // rows) if columns is None else columns
    if not isinstance(columns, int) or columns < 1:
        raise ValueError(f"columns is {columns!r}; expected a whole number from 1")
    captions = (
        [str(caption) for caption in captions] if captions is not None else [""] * len(arrays)
    )
    rows = -(-len(arrays) // columns)

    heights, widths = zip(*(array.shape[:2] for array in arrays), strict=True)
    ratio = (
        max(heights) / max(widths)
        if to_scale
        else max(h / w for h, w in zip(heights, widths, strict=True))
    )
    ratio = min(ratio, 3)  # one very tall picture must not make all others tiny
    lines = max(caption.count("\n") + 1 if caption else 0 for caption in captions)
    # in inches: each tile is a caption over a picture, and a gap of 0.08 around it
    width = min(WIDTH / columns, 4.5, 4.5 / ratio)
    picture, caption_height = (width - 0.08, max((width - 0.08) * ratio, 0.2)), 0.23 * lines + 0.08
    height = caption_height + picture[1] + 0.04
    figure = Figure(figsize=(columns * width, rows * height))
    for index, (array, caption) in enumerate(zip(arrays, captions, strict=True)):
        row, column = divmod(index, columns)
        left, bottom = column * width + 0.04, (rows - row) * height - caption_height - picture[1]
        place = np.array([left, bottom, *picture]) / np.tile([columns * width, rows * height], 2)
        axis = figure.add_axes(place, anchor="N")
        # a picture of one row would be too thin to see: it alone is stretched
        thin = min(array.shape[:2]) * 40 < max(array.shape[:2])
        axis.imshow(array, aspect="auto" if thin else None)
        axis.set_axis_off()
        axis.set_title(caption)
        if to_scale:
            axis.set(xlim=(-0.5, max(widths) - 0.5), ylim=(max(heights) - 0.5, -0.5))
    # letters of one size for all, small enough that no caption runs into the next one
    titles = [axis.title for axis in figure.axes]
    shrink(titles, DPI * (width - 0.08), 8)
    size = min(title.get_fontsize() for title in titles)
    for title in titles:
        title.set_fontsize(size)
    count = counted(arrays, "picture")
    words = "; ".join(caption.replace("\n", ", ") for caption in captions if caption)
    return Picture(figure, f"{count}: {words}" if words else count, quality=quality)


def show_wall(groups: Mapping[str, Mapping[str, object]], columns: int = 16):
    """Return a `Picture` of many small pictures on one screen, in groups that are named.

    `groups` maps the name of a group to `{name: picture}`; a picture is anything that `to_arrays`
    takes. A tile has 84 x 84 pixels with its name; 16 x 9 tiles fill a slide.

    Raises `ValueError` for no picture at all or a wrong number of columns, and the errors of
    `to_arrays`.

    >>> show_wall({"plain": {"black": torch.zeros(3, 70, 84), "white": torch.ones(3, 70, 84)}})
    Picture('2 small pictures in 1 group: plain: black, white')
    """
    tiles = []
    for group, pictures in groups.items():
        tiles.append((group, None))
        tiles += [(name, to_arrays(picture)[0]) for name, picture in pictures.items()]
    count = len(tiles) - len(groups)
    if not count:
        raise ValueError("there is no picture to show: every group is empty")
    if not isinstance(columns, int) or columns < 1:
        raise ValueError(f"columns is {columns!r}; expected a whole number from 1")
    columns, side, head = min(columns, len(tiles)), 84, 16  # pixels
    rows = -(-len(tiles) // columns)
    figure = Figure(figsize=(columns * side / DPI, rows * side / DPI))
    axes = figure.add_axes((0, 0, 1, 1))
    for index, (name, array) in enumerate(tiles):
        left, top = index % columns * side, index // columns * side
        middle = left + side / 2
        if array is None:
            axes.add_patch(Rectangle((left + 2, top + 2), side - 4, side - 4, color="#333333"))
            words = name.replace(" ", "\n")
            style = {"color": "white", "fontsize": 7.5, "fontweight": "bold"}
            axes.text(middle, top + side / 2, words, ha="center", va="center", **style)
            continue
        scale = min((side - 6) / array.shape[1], (side - head - 4) / array.shape[0])
        height, half = array.shape[0] * scale, array.shape[1] * scale / 2
        place = (middle - half, middle + half, top + head + height, top + head)
        axes.imshow(array, extent=place)
        axes.text(middle, top + head - 4, name, ha="center", fontsize=7.5)
    axes.set(xlim=(0, columns * side), ylim=(rows * side, 0), aspect="auto")
    axes.set_axis_off()
    shrink(axes.texts, side - 2)
    words = "; ".join(f"{group}: {', '.join(pictures)}" for group, pictures in groups.items())
    alt = f"{counted(range(count), 'small picture')} in {counted(groups, 'group')}: {words}"
    return Picture(figure, alt, quality=40)


def shrink(texts: Sequence[Text], room: float, least: float = 1.0) -> None:
    """Give texts that are wider than `room` pixels smaller letters, of `least` points at least."""
    renderer = FigureCanvasAgg(texts[0].figure).get_renderer()
    for text in texts:
        while text.get_window_extent(renderer).width > room and text.get_fontsize() > least:
            text.set_fontsize(text.get_fontsize() - 0.25)


def show_augmented(image, transform, n: int = 8, columns: int | None = None):
    """Return a `Picture` of `n` runs of `transform(image)`, each with the numbers that were drawn.

    `image` is one picture (a tensor, or whatever `transform` takes); `transform` is any callable.
    The numbers are seen for the transforms of `torchvision.transforms.v2` and `d2laug.augment`,
    alone or composed. `torch.manual_seed` decides the draws.

    Raises `ValueError` if `n` is not a whole number from 1 to 100, and the errors of `to_arrays`.

    >>> from torchvision.transforms import v2
    >>> _ = torch.manual_seed(0)
    >>> show_augmented(torch.rand(3, 8, 8), v2.RandomHorizontalFlip(), n=2)
    Picture('2 pictures: flipped left-right; not flipped')
    """
    if not callable(transform):
        raise TypeError(
            f"transform is a {type(transform).__name__}; expected a function or a transform object"
        )
    if not isinstance(n, int) or not 1 <= n <= MOST:
        raise ValueError(f"n is {n!r}; expected a whole number from 1 to {MOST}")
    if len(to_arrays(image)) > 1:
        raise ValueError("image holds several pictures; expected one, as in batch[0]")
    images, captions = [], []
    for _ in range(n):
        with record_draws(transform) as draws:
            images.append(transform(image))
        captions.append("\n".join(draws))
    return show_images(images, captions, columns)


@contextmanager
def record_draws(transform) -> Iterator[list[str]]:
    """Collect in words the numbers that `transform` draws while the `with` block runs.

    Every transform of `torchvision.transforms.v2` and `d2laug.augment` splits its work into
    `make_params` and `transform(input, params)`; here the second is watched, in all parts.
    """
    draws: list[str] = []
    parts = [part for part in _parts(transform) if hasattr(part, "make_params")]

    def watch(part):
        original = part.transform

        def transform(image, params):
            draws.extend(describe(part, image, params))
            return original(image, params)

        part.__dict__["transform"] = transform

    before = [part.__dict__.get("transform") for part in parts]
    for part in parts:
        watch(part)
    try:
        yield draws
    finally:
        for part, own in zip(parts, before, strict=True):
            del part.__dict__["transform"]
            if own is not None:  # it is being watched from outside too
                part.__dict__["transform"] = own
        if not draws and any("Flip" in type(part).__name__ for part in parts):
            draws.append("not flipped")


def _parts(transform) -> list:
    """Return `transform` and every transform inside it, each once, the outermost first."""
    parts = list(transform.modules()) if isinstance(transform, torch.nn.Module) else [transform]
    # Compose keeps a plain list that modules() does not see
    inner = [part for outer in parts for part in getattr(outer, "transforms", ())]
    parts += [part for outer in inner for part in _parts(outer)]
    return list({id(part): part for part in parts}.values())


def describe(transform, image, params: dict) -> list[str]:
    """Return a few words for each number in the `params` that `transform` drew for `image`."""
    name = type(transform).__name__
    params = {key: _plain(value) for key, value in params.items()}
    if "Flip" in name:
        side = "top-bottom" if "Vertical" in name else "left-right"
        return [f"flipped {side}" if params.get("flipped", True) else "not flipped"]
    if {"top", "left", "height", "width"} <= params.keys():
        height, width = get_size(image)
        area = params["height"] * params["width"] / (height * width)
        return [f"area {area:.2f}, ratio {params['width'] / params['height']:.2f}"]
    if "Reflection" in name:
        lit = [f"{strength:.2f}" for strength in params["strength"].flatten() if strength > 0]
        return [f"strength {', '.join(lit)}" if lit else "no reflection"]
    words = []
    for key, value in params.items():
        key = key.removesuffix("_factor").replace("_", " ")
        numbers = value if isinstance(value, (list, tuple)) else [value]
        if len(numbers) > 2 or not all(isinstance(number, (int, float)) for number in numbers):
            continue
        if key in ("brightness", "contrast", "saturation"):
            words.append(f"{key} ×{value:.2f}")
        elif key == "hue":
            words.append(f"hue {value:+z.2f}")
        elif key == "kelvin":
            words.append(f"{value:.0f} K")
        elif key != "num input channels":  # of RandomGrayscale: not drawn
            words.append(f"{key} {', '.join(_short(number) for number in numbers)}")
    if not words and name.startswith("Random"):  # all that was drawn is that it happens
        words.append(re.sub("([A-Z])", r" \1", name.removeprefix("Random")).strip().lower())
    return words


def _short(number) -> str:
    if isinstance(number, int):  # bool is one, too
        return str(number)
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.2f}"


def _plain(value):
    """Return the Python number inside a tensor or list of one element; anything else as it is."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.item()
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


def show_crops(image, boxes: Sequence[Sequence[int]], captions: Sequence[str] | None = None):
    """Return a `Picture` of `image` with numbered crop boxes on it, and the crops beside it.

    `boxes` is a list of up to 8 `(top, left, height, width)` in pixels, in the order of
    `torchvision.transforms.v2.functional.crop`; every box lies inside the picture.

    Raises `ValueError` for a box that is empty or leaves the picture, and the errors of
    `to_arrays`.

    >>> show_crops(torch.rand(3, 40, 60), [(0, 0, 20, 30), (10, 20, 30, 30)])
    Picture('a picture of 40 x 60 pixels with 2 crops marked and cut out')
    """
    arrays = to_arrays(image)
    if len(arrays) > 1:
        raise ValueError("image holds several pictures; expected one, as in batch[0]")
    array = arrays[0]
    height, width = array.shape[:2]
    if not 1 <= len(boxes) <= 8:
        raise ValueError(f"{len(boxes)} boxes; expected 1 to 8")
    if captions is not None and len(captions) != len(boxes):
        raise ValueError(
            f"{len(captions)} captions for {len(boxes)} boxes; expected one caption a box"
        )
    boxes = [[int(number) for number in box] for box in boxes]
    for box in boxes:
        if (
            len(box) != 4
            or min(box) < 0
            or min(box[2:]) < 1
            or box[0] + box[2] > height
            or box[1] + box[3] > width
        ):
            raise ValueError(
                f"the box {tuple(box)} is not inside a picture of {height} x {width} pixels; "
                "expected (top, left, height, width)"
            )
    rows = 1 if len(boxes) <= 2 else 2
    columns = -(-len(boxes) // rows)
    figure = Figure(figsize=(WIDTH, 3.4 if rows == 1 else 3.8), layout="constrained")
    grid = figure.add_gridspec(rows, columns + 2)
    source = figure.add_subplot(grid[:, :2])
    source.imshow(array)
    for number, box in enumerate(boxes, 1):
        draw_box(source, *box, str(number) if len(boxes) > 1 else "")
    source.set_title(f"{height} x {width} pixels")
    source.set_axis_off()
    for index, (top, left, box_height, box_width) in enumerate(boxes):
        axis = figure.add_subplot(grid[index // columns, 2 + index % columns])
        axis.imshow(array[top : top + box_height, left : left + box_width])
        number = f"{index + 1}: " if len(boxes) > 1 else ""
        axis.set_title(number + (captions[index] if captions else f"{box_height} x {box_width}"))
        axis.set_axis_off()
    words = (
        f"a picture of {height} x {width} pixels with {counted(boxes, 'crop')} marked and cut out"
    )
    return Picture(figure, f"{words}: {'; '.join(captions)}" if captions else words)


def draw_box(
    axes: Axes, top: float, left: float, height: float, width: float, label: str = ""
) -> None:
    """Draw a white box with a dark rim on a picture: it is seen on any ground."""
    rim = [withStroke(linewidth=4, foreground="black")]
    axes.add_patch(
        Rectangle(
            (left - 0.5, top - 0.5),
            width,
            height,
            fill=False,
            color="white",
            linewidth=2,
            path_effects=rim,
        )
    )
    axes.text(
        left, top, label, color="white", va="top", fontsize=15, fontweight="bold", path_effects=rim
    )


def show_histograms(images, captions: Sequence[str] | None = None):
    """Return a `Picture` of up to 4 pictures, each over the histogram of its three channels.

    All histograms share their axes: value 0 to 255 across, percent of the pixels up.

    Raises `ValueError` for more pictures or a wrong number of captions, and the errors of
    `to_arrays`.

    >>> show_histograms(torch.rand(2, 3, 8, 8), captions=["first", "second"])
    Picture('2 pictures, each over the histogram of its channels: first; second')
    """
    arrays = to_arrays(images)
    if len(arrays) > 4:
        raise ValueError(f"{len(arrays)} pictures; expected at most 4 beside each other")
    if captions is not None and len(captions) != len(arrays):
        raise ValueError(
            f"{len(captions)} captions for {len(arrays)} pictures; expected one caption a picture"
        )
    lines = [line for caption in captions or () for line in str(caption).split("\n")]
    # a letter takes about a tenth of an inch: room for the longest line over its picture
    column = max(WIDTH / 3, 0.1 * max(map(len, lines), default=0) + 0.4)
    width = max(min(column * len(arrays), WIDTH), 4.5)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    picture = min(tallest * (width / len(arrays) - 0.7), 4.0)
    height = picture + 2.5 + 0.24 * max((str(c).count("\n") for c in captions or ()), default=0)
    figure, axes = new_figure(
        2, len(arrays), width, height, squeeze=False, height_ratios=[picture + 0.3, 2.2]
    )
    top = 0.0
    for column, array in enumerate(arrays):
        axes[0, column].imshow(array)
        axes[0, column].set_axis_off()
        axes[0, column].set_title(captions[column] if captions else "")
        for (name, color), line, plane in zip(
            CHANNELS.items(), LINES, np.moveaxis(array, -1, 0), strict=False
        ):
            share, edges = np.histogram(plane, bins=64, range=(0, 256))
            share = 100 * share / plane.size
            axes[1, column].stairs(
                share, edges, color=color, linestyle=line, linewidth=2, label=name
            )
            # one tall bar of pure black or white must not flatten all others
            top = max(top, min(share.max(), 4 * np.sort(share)[-4] or share.max()))
    for axis in axes[1]:
        axis.set(xlim=(0, 256), xticks=(0, 128, 255), ylim=(0, 1.1 * top), xlabel="value")
    axes[1, 0].set_ylabel("pixels (%)")
    axes[1, -1].legend(fontsize=11)
    words = f"{counted(arrays, 'picture')}, each over the histogram of its channels"
    titles = "; ".join(caption.replace("\n", ", ") for caption in captions or ())
    return Picture(figure, f"{words}: {titles}" if titles else words)


def counted(things: Sequence, name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) != 1 else ''}"


def show_learning_curve(history: Sequence[dict], title: str = ""):
    """Return a `Picture` of a training's `history`: the loss, and the accuracies, over the epochs.

    `history` is what `d2laug.train.fit` returns.

    >>> show_learning_curve([{"epoch": 1, "loss": 2.0, "train": 0.3, "validation": 0.4}])
    Picture('learning curve after 1 epoch: loss 2.00, train 0.30, validation 0.40')
    """
    figure, (left, right) = new_figure(columns=2, height=2.8)
    epochs = [entry["epoch"] for entry in history]
    left.plot(epochs, [entry["loss"] for entry in history], marker="o", markersize=4)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, None), title=title)
    words = [f"loss {history[-1]['loss']:.2f}"]
    for name, line in (("train", "--"), ("validation", "-")):
        if history[-1].get(name) is not None:
            values = [entry[name] for entry in history]
            right.plot(epochs, values, line, marker="o", markersize=4, label=name)
            words.append(f"{name} {values[-1]:.2f}")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
    right.legend(loc="lower right")
    for axis in (left, right):
        axis.xaxis.get_major_locator().set_params(integer=True)
    after = counted(epochs, "epoch")
    return Picture(figure, f"learning curve after {after}: {', '.join(words)}", format="png")


def show_matrix(values, rows: Sequence[str], columns: Sequence[str], spread=None, label: str = ""):
    """Return a `Picture` of a table of numbers from 0 to 1: each is printed, and shades its cell.

    `values` and `spread` (optional, printed after ±) are arrays or tensors `[rows, columns]`.

    >>> show_matrix([[1.0, 0.1]], ["none"], ["lab", "show"], label="accuracy")
    Picture('accuracy: none: lab 1.00, show 0.10')
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(
            f"values of shape {values.shape} for {len(rows)} rows and {len(columns)} columns"
        )
    figure, axes = new_figure(height=0.45 * len(rows) + 1.3)
    shades = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    # letters that fit beside each other over the cells
    crowded = len(columns) * max(map(len, columns)) > 60
    slant = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"} if crowded else {}
    axes.set_xticks(range(len(columns)), columns, **slant)
    axes.set_yticks(range(len(rows)), rows)
    axes.xaxis.tick_top()
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:.2f}" if spread is None else f"{value:.2f} ±{spread[row][column]:.2f}"
        color = "black" if value > 0.55 else "white"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=12)
    figure.colorbar(shades, label=label, fraction=0.05)
    words = "; ".join(
        f"{row}: " + ", ".join(f"{c} {v:.2f}" for c, v in zip(columns, line, strict=True))
        for row, line in zip(rows, values, strict=True)
    )
    return Picture(figure, f"{label}: {words}" if label else words, format="png")


def show_ranking(values: Mapping[str, Sequence[float]], series: Sequence[str], label: str = ""):
    """Return a `Picture` of names sorted by the mean of their numbers, a dot for each number.

    `values` maps a name to its numbers, 0 to 1, one for each of the up to 4 `series`. The list
    runs down the first of three columns, then down the next.

    Raises `ValueError` for a name with too few or too many numbers.

    >>> show_ranking({"a": [0.2, 0.1], "b": [0.9, 0.8]}, ["half", "full"], label="accuracy")
    Picture('accuracy, sorted, half / full: b 0.90 / 0.80; a 0.20 / 0.10')
    """
    for name, numbers in values.items():
        if len(numbers) != len(series):
            raise ValueError(f"{name!r} has {len(numbers)} numbers for {len(series)} series")
    order = sorted(values, key=lambda name: -sum(values[name]))
    rows = -(-len(order) // 3)
    figure, panels = new_figure(columns=3, width=WIDTH, height=0.17 * rows + 1)
    for column, panel in enumerate(panels):
        names = order[column * rows : (column + 1) * rows]
        for index, (title, mark, color) in enumerate(zip(series, "o^sD", COLORS, strict=False)):
            dots = [values[name][index] for name in names]
            size = 7 - 1.5 * index  # equal numbers stay visible, the later on the earlier
            panel.plot(dots, range(len(names)), mark, color=color, markersize=size, label=title)
        panel.set_yticks(range(len(names)), names, fontsize=9)
        panel.set(xlim=(-0.04, 1.04), ylim=(rows - 0.4, -0.6), xticks=(0, 0.5, 1), xlabel=label)
    legend = panels[0].get_legend_handles_labels()
    figure.legend(*legend, loc="outside upper center", ncols=len(series))
    words = "; ".join(f"{n} {' / '.join(f'{v:.2f}' for v in values[n])}" for n in order)
    alt = f"{label}, sorted, {' / '.join(series)}: {words}"
    return Picture(figure, alt, format="png", colors=32)
