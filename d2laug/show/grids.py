"""Grids of pictures with captions, a wall of many, and crops with their boxes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from d2laug.draws import record_draws
from d2laug.show.picture import (
    DPI,
    QUALITY,
    WIDTH,
    Image,
    Images,
    Picture,
    captioned,
    counted,
    in_style,
    to_arrays,
)

MOST = 100  # pictures in one grid


@in_style
def show_images(
    images: Images,
    captions: Sequence[str] | None = None,
    columns: int | None = None,
    to_scale: bool = False,
    quality: int = QUALITY,
) -> Picture:
    """Return a `Picture` of a grid of pictures, one caption over each.

    `images` is anything that `to_arrays` takes, up to 100 pictures, also of different sizes. With
    `to_scale=True` a pixel is as large in every tile. `quality`, 1 to 95, is that of the JPEG.
    Raises `ValueError` for a wrong number of pictures, captions or columns.

    >>> show_images([np.zeros((8, 8)), np.ones((8, 8))], captions=["black", "white"])
    Picture('2 pictures: black; white')
    """
    arrays = to_arrays(images)
    captions, alt = captioned(arrays, captions, "picture", MOST)
    rows = -(-len(arrays) // 4)
    columns = -(-len(arrays) // rows) if columns is None else _whole("columns", columns)
    rows = -(-len(arrays) // columns)
    heights, widths = np.array([array.shape[:2] for array in arrays]).T
    tallest = heights.max() / widths.max() if to_scale else (heights / widths).max()
    tallest = min(tallest, 3)  # one very tall picture must not make all others tiny
    lines = max(caption.count("\n") + 1 if caption else 0 for caption in captions)
    # in inches: each tile is a caption over a picture, and a gap of 0.08 around it; matplotlib's
    # own layouts would make all pictures smaller where their shapes differ
    width = min(WIDTH / columns, 4.5, 4.5 / tallest)
    side, head = width - 0.08, 0.23 * lines + 0.08
    room = max(side * tallest, 0.2)
    height = head + room + 0.04
    figure = Figure(figsize=(columns * width, rows * height))
    for index, (array, caption) in enumerate(zip(arrays, captions, strict=True)):
        row, column = divmod(index, columns)
        place = [column * width + 0.04, (rows - row) * height - head - room, side, room]
        axes = figure.add_axes(place / np.tile(figure.get_size_inches(), 2), anchor="N")
        _draw(axes, array, caption)
        if to_scale:
            axes.set(xlim=(-0.5, widths.max() - 0.5), ylim=(heights.max() - 0.5, -0.5))
    fit(figure, [axes.title for axes in figure.axes], DPI * side, least=8)
    return Picture(figure, alt, quality=quality)


def _draw(axes: Axes, array: np.ndarray, caption: str) -> None:
    # a picture of one row would be too thin to see: it alone is stretched
    thin = min(array.shape[:2]) * 40 < max(array.shape[:2])
    axes.imshow(array, aspect="auto" if thin else None)
    axes.set_axis_off()
    axes.set_title(caption)


def fit(figure: Figure, texts: Sequence[Text], room: float, least: float = 1.0) -> None:
    """Give texts the same letters, so small that none is wider than `room` pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    size = float(texts[0].get_fontsize())
    for text in texts:
        text.set_fontsize(size)
        while text.get_window_extent(renderer).width > room and size > least:
            size -= 0.25
            text.set_fontsize(size)
    for text in texts:
        text.set_fontsize(size)


@in_style
def show_wall(groups: Mapping[str, Mapping[str, Image]], columns: int = 16) -> Picture:
    """Return a `Picture` of many small pictures on one screen, in groups that are named.

    `groups` maps the name of a group to `{name: picture}`. A tile has 84 x 84 pixels with its
    name; 16 x 9 tiles fill a slide. Raises `ValueError` for no picture or no column.

    >>> show_wall({"plain": {"black": np.zeros((70, 84)), "white": np.ones((70, 84))}})
    Picture('2 small pictures in 1 group: plain: black, white')
    """
    if not any(groups.values()):
        raise ValueError("there is no picture to show: every group is empty")
    tiles: list[tuple[str, Image | None]] = []
    for group, pictures in groups.items():
        tiles += [(group.replace(" ", "\n"), None), *pictures.items()]
    columns, side = min(_whole("columns", columns), len(tiles)), 84  # pixels
    rows = -(-len(tiles) // columns)
    figure = Figure(figsize=(columns * side / DPI, rows * side / DPI))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, columns * side), ylim=(rows * side, 0))
    for index, (name, image) in enumerate(tiles):
        left, top = index % columns * side, index // columns * side
        text = axes.text(left + side / 2, top + 12, name, ha="center", fontsize=7.5)
        if image is None:
            axes.add_patch(Rectangle((left + 2, top + 2), side - 4, side - 4, color="#333333"))
            text.set(y=top + side / 2, va="center", color="white", fontweight="bold")
        else:
            array = to_arrays(image)[0]
            scale = min((side - 6) / array.shape[1], (side - 20) / array.shape[0])
            height, half = array.shape[0] * scale, array.shape[1] * scale / 2
            middle, edge = left + side / 2, top + 16
            place = (middle - half, middle + half, edge + height, edge)
            axes.imshow(array, extent=place, aspect="auto")
        fit(figure, [text], side - 2)
    axes.set_axis_off()
    number = counted(range(len(tiles) - len(groups)), "small picture")
    words = "; ".join(f"{group}: {', '.join(pictures)}" for group, pictures in groups.items())
    return Picture(figure, f"{number} in {counted(groups, 'group')}: {words}", quality=40)


def _whole(name: str, number: int) -> int:
    if not isinstance(number, int) or not 1 <= number <= MOST:
        raise ValueError(f"{name} is {number!r}; expected a whole number from 1 to {MOST}")
    return number


def show_augmented(
    image: Image, transform: Callable[..., Image], n: int = 8, columns: int | None = None
) -> Picture:
    """Return a `Picture` of `n` runs of `transform(image)`, each with the numbers that were drawn.

    `transform` is any callable; the numbers are seen for transforms of `torchvision.transforms.v2`
    and `d2laug.augment`, alone or composed. `torch.manual_seed` decides the draws. Raises
    `ValueError` if `n` is not a whole number from 1 to 100.

    >>> import torch
    >>> from torchvision.transforms import v2
    >>> show_augmented(torch.rand(3, 8, 8), v2.RandomHorizontalFlip(p=1), n=2)
    Picture('2 pictures: flipped left-right; flipped left-right')
    """
    if not callable(transform):
        raise TypeError(
            f"transform is a {type(transform).__name__}; expected a function or a transform object"
        )
    _one_picture(image)
    images, captions = [], []
    for _ in range(_whole("n", n)):
        with record_draws(transform) as draws:
            images.append(transform(image))
        captions.append("\n".join(draws))
    return show_images(images, captions, columns)


@in_style
def show_crops(
    image: Image, boxes: Sequence[Sequence[int]], captions: Sequence[str] | None = None
) -> Picture:
    """Return a `Picture` of `image` with numbered crop boxes on it, and the crops beside it.

    `boxes` is a list of up to 8 `(top, left, height, width)` in pixels, in the order of
    torchvision's `crop`. Raises `ValueError` for a box that is empty or leaves the picture.

    >>> show_crops(np.zeros((40, 60)), [(0, 0, 20, 30), (10, 20, 30, 30)])
    Picture('a picture of 40 x 60 pixels with 2 crops marked and cut out')
    """
    array = _one_picture(image)
    size = f"{array.shape[0]} x {array.shape[1]} pixels"
    captions, alt = captioned(boxes, captions, "crop", 8, " marked and cut out")
    rows = 1 if len(boxes) <= 2 else 2
    columns = -(-len(boxes) // rows)
    figure = Figure(figsize=(WIDTH, 3.4 if rows == 1 else 3.8), layout="constrained")
    grid = figure.add_gridspec(rows, columns + 2)
    source = figure.add_subplot(grid[:, :2])
    _draw(source, array, size)
    for index, (box, caption) in enumerate(zip(boxes, captions, strict=True)):
        crop = _crop(array, box)
        number = str(index + 1) if len(boxes) > 1 else ""
        _draw_box(source, box, number)
        axes = figure.add_subplot(grid[index // columns, 2 + index % columns])
        caption = caption or f"{crop.shape[0]} x {crop.shape[1]}"
        _draw(axes, crop, f"{number}: {caption}" if number else caption)
    return Picture(figure, f"a picture of {size} with {alt}")


def _one_picture(image: Image) -> np.ndarray:
    arrays = to_arrays(image)
    if len(arrays) > 1:
        raise ValueError("image holds several pictures; expected one, as in batch[0]")
    return arrays[0]


def _crop(array: np.ndarray, box: Sequence[int]) -> np.ndarray:
    height, width = array.shape[:2]
    box = [int(number) for number in box]
    fits = len(box) == 4 and min(box) >= 0 and min(box[2:]) >= 1
    if not fits or box[0] + box[2] > height or box[1] + box[3] > width:
        raise ValueError(
            f"the box {tuple(box)} is not inside a picture of {height} x {width} pixels; "
            "expected (top, left, height, width)"
        )
    return array[box[0] : box[0] + box[2], box[1] : box[1] + box[3]]


def _draw_box(axes: Axes, box: Sequence[int], label: str) -> None:
    """Draw a white box with a dark rim: it is seen on any ground."""
    top, left, height, width = box
    rim = [withStroke(linewidth=4, foreground="black")]
    place = (left - 0.5, top - 0.5)  # pixels are squares around whole numbers
    frame = Rectangle(place, width, height, fill=False, linewidth=2)
    text = axes.text(left, top, label, va="top", fontsize=15, fontweight="bold")
    for part in (axes.add_patch(frame), text):
        part.set(color="white", path_effects=rim)
