"""Pictures beside each other, with captions, as one `Picture`.

- `show_images`: a grid; `show_augmented`: one of what a transform makes, with what it drew
- `show_histograms`: each over its histogram; `show_crops`: boxes of one, and what is in them
- `show_wall`: many small ones in groups
"""

from collections.abc import Callable, Mapping, Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from d2laug.draws import record_draws
from d2laug.show.picture import (
    AS_IT_IS,
    CHANNELS,
    DPI,
    LINES,
    WIDTH,
    Image,
    Images,
    Options,
    Picture,
    captioned,
    counted,
    in_style,
    new_figure,
    plain,
    to_arrays,
    whole,
)


@in_style
def show_images(
    images: Images,
    captions: Sequence[str] | None = None,
    columns: int | None = None,
    to_scale: bool = False,
    quality: int = Picture.quality,
) -> Picture:
    """Return a `Picture` of a grid of pictures, one caption over each.

    `images` is anything that `to_arrays` takes, up to 100 pictures, also of different sizes. With
    `to_scale=True` a pixel is as large in every tile. `quality`, 1 to 95, is that of the JPEG.
    Raises `ValueError` for a wrong number of pictures, captions or columns.

    >>> show_images([np.zeros((8, 8)), np.ones((8, 8))], captions=["black", "white"])
    Picture('2 pictures: black; white')
    """
    arrays = to_arrays(images)
    captions, alt = captioned(arrays, captions, "picture")
    n = len(arrays)
    columns = ceil(n / ceil(n / 4)) if columns is None else whole("columns", columns)
    rows = ceil(n / columns)
    heights, widths = np.array([array.shape[:2] for array in arrays]).T
    tallest = heights.max() / widths.max() if to_scale else (heights / widths).max()
    tallest = min(tallest, 3)  # one very tall picture must not make all others tiny
    lines = max(caption.count("\n") + 1 if caption else 0 for caption in captions)
    # in inches: each tile is a caption over a picture, and a gap of 0.08 around it; matplotlib's
    # own layouts, "compressed" too, make all pictures smaller where their shapes differ
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
    fit([axes.title for axes in figure.axes], DPI * side, least=8)
    return Picture(figure, alt, quality=quality)


def _draw(axes: Axes, array: np.ndarray, caption: str) -> None:
    # a picture of one row would be too thin to see: it alone is stretched
    thin = min(array.shape[:2]) * 40 < max(array.shape[:2])
    axes.imshow(array, aspect="auto" if thin else None)
    axes.set_axis_off()
    axes.set_title(caption, **AS_IT_IS)


def fit(texts: Sequence[Text], room: float, least: float = 1.0) -> None:
    """Give texts of a figure the same letters, so small that none is wider than `room` pixels."""
    renderer = FigureCanvasAgg(texts[0].get_figure(root=True)).get_renderer()
    for size in np.arange(texts[0].get_fontsize(), least - 0.1, -0.25):
        for text in texts:
            text.set_fontsize(size)
        if max(text.get_window_extent(renderer).width for text in texts) <= room:
            break


def show_histograms(images: Images, captions: Sequence[str] | None = None) -> Picture:
    """Return a `Picture` of up to 4 pictures, each over the histogram of its three channels.

    `images` and `captions` are as for `show_images`. All histograms share their axes: value 0 to
    255 across, percent of the pixels up. Raises `ValueError` for more pictures or other captions.

    >>> show_histograms(np.zeros((2, 8, 8, 3)), captions=["first", "second"])
    Picture('2 pictures, each over the histogram of its channels: first; second')
    """
    arrays = to_arrays(images)
    seen = ", each over the histogram of its channels"
    captions, alt = captioned(arrays, captions, "picture", seen, most=4)
    # in inches: a letter takes about a tenth, so that the longest line fits over its picture
    longest = max(len(line) for caption in captions for line in caption.split("\n"))
    width = max(min(len(arrays) * max(WIDTH / 3, 0.1 * longest + 0.4), WIDTH), 4.5)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    room = min(tallest * (width / len(arrays) - 0.7), 4.0)
    height = room + 2.5 + 0.24 * max(caption.count("\n") for caption in captions)
    options = {"squeeze": False, "height_ratios": [room + 0.3, 2.2]}
    figure, (pictures, charts) = new_figure(2, len(arrays), width, height, **options)
    tops = []
    for array, caption, picture, chart in zip(arrays, captions, pictures, charts, strict=True):
        _draw(picture, array, caption)
        for channel, (name, color) in enumerate(CHANNELS.items()):
            count, edges = np.histogram(array[..., channel], bins=64, range=(0, 256))
            share, style = 100 * count / count.sum(), {"color": color, "linestyle": LINES[channel]}
            chart.stairs(share, edges, linewidth=2, label=name, **style)
            # one tall bar of pure black or white must not flatten all others
            tops.append(min(share.max(), 4 * np.sort(share)[-4] or share.max()))
    for chart in charts:
        chart.set(xlim=(0, 256), xticks=(0, 128, 255), ylim=(0, 1.1 * max(tops)), xlabel="value")
    charts[0].set_ylabel("pixels (%)")
    charts[-1].legend(fontsize=11)
    return Picture(figure, alt)


@in_style
def show_wall(groups: Mapping[str, Mapping[str, Image]], columns: int = 16) -> Picture:
    """Return a `Picture` of many small pictures on one screen, in groups that are named.

    `groups` maps the name of a group to `{name: picture}`. A tile has 84 x 84 pixels with its
    name; 16 `columns` and 9 rows fill a slide. Raises `ValueError` for no picture, several in the
    place of one, or no column.

    >>> show_wall({"plain": {"black": np.zeros((70, 84)), "white": np.ones((70, 84))}})
    Picture('2 small pictures in 1 group: plain: black, white')
    """
    if not any(groups.values()):
        raise ValueError("there is no picture to show: every group is empty")
    groups = {plain(g): {plain(k): v for k, v in part.items()} for g, part in groups.items()}
    tiles: list[tuple[str, Image | None]] = []
    for group, pictures in groups.items():
        tiles += [(group.replace(" ", "\n"), None), *pictures.items()]
    columns, side = min(whole("columns", columns), len(tiles)), 84  # pixels
    rows = ceil(len(tiles) / columns)
    figure = Figure(figsize=(columns * side / DPI, rows * side / DPI))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, columns * side), ylim=(rows * side, 0))
    for index, (name, image) in enumerate(tiles):
        left, top = index % columns * side, index // columns * side
        middle = left + side / 2
        text = axes.text(middle, top + 12, name, ha="center", fontsize=7.5, **AS_IT_IS)
        if image is None:
            axes.add_patch(Rectangle((left + 2, top + 2), side - 4, side - 4, color="#333333"))
            text.set(y=top + side / 2, va="center", color="white", fontweight="bold")
        else:
            array = one_picture(image)
            scale = min((side - 6) / array.shape[1], (side - 20) / array.shape[0])
            height, width = scale * array.shape[0], scale * array.shape[1]
            place = (middle - width / 2, middle + width / 2, top + 16 + height, top + 16)
            axes.imshow(array, extent=place, aspect="auto")
        fit([text], side - 2)
    axes.set_axis_off()
    number = counted(range(len(tiles) - len(groups)), "small picture")
    words = "; ".join(f"{group}: {', '.join(pictures)}" for group, pictures in groups.items())
    return Picture(figure, f"{number} in {counted(groups, 'group')}: {words}", quality=40)


def show_augmented(
    image: Image, transform: Callable[..., Image], n: int = 8, columns: int | None = None
) -> Picture:
    """Return a `Picture` of `n` runs of `transform(image)`, each with the numbers that were drawn.

    `transform` is any callable; the numbers are seen for transforms of `torchvision.transforms.v2`
    and `d2laug.augment`, alone or composed. `torch.manual_seed` decides the draws. Raises
    `ValueError` if `n` or `columns` is not a whole number from 1 to 100.

    >>> import torch
    >>> from torchvision.transforms import v2
    >>> show_augmented(torch.rand(3, 8, 8), v2.RandomHorizontalFlip(p=1), n=2)
    Picture('2 pictures: flipped left-right; flipped left-right')
    """
    if not callable(transform):
        kind = type(transform).__name__
        raise TypeError(f"transform is a {kind}; expected a function or a transform object")
    one_picture(image)
    images, captions = [], []
    for _ in range(whole("n", n)):
        with record_draws(transform) as draws:
            images.append(transform(image))
        captions.append("\n".join(draws))
    return show_images(images, captions, columns)


@in_style
def show_crops(
    image: Image, boxes: Sequence[Sequence[int]], captions: Sequence[str] | None = None
) -> Picture:
    """Return a `Picture` of `image` with numbered crop boxes on it, and beside it the crops.

    `boxes` is a list of up to 8 `(top, left, height, width)` in pixels, in the order of
    torchvision's `crop`. The crops are drawn at one scale, under `captions` or else their sizes.
    Raises `ValueError` for a box that is empty or leaves the picture.

    >>> show_crops(np.zeros((40, 60)), [(0, 0, 20, 30), (10, 20, 30, 30)])
    Picture('a picture of 40 x 60 pixels with 2 crops marked and cut out')
    """
    array = one_picture(image)
    size = f"{array.shape[0]} x {array.shape[1]} pixels"
    captions, alt = captioned(boxes, captions, "crop", " marked and cut out", most=8)
    rows = 1 if len(boxes) <= 2 else 2
    columns = ceil(len(boxes) / rows)
    figure = Figure(figsize=(WIDTH, 3.4 if rows == 1 else 3.8), layout="constrained")
    grid = figure.add_gridspec(rows, columns + 2)
    source = figure.add_subplot(grid[:, :2])
    _draw(source, array, size)
    numbers = [str(index + 1) if len(boxes) > 1 else "" for index in range(len(boxes))]
    crops = [_cut(array, *pair, source) for pair in zip(boxes, numbers, strict=True)]
    height, width = (max(crop.shape[axis] for crop in crops) for axis in (0, 1))
    for index, (crop, number, caption) in enumerate(zip(crops, numbers, captions, strict=True)):
        axes = figure.add_subplot(grid[index // columns, 2 + index % columns])
        caption = caption or f"{crop.shape[0]} x {crop.shape[1]}"
        _draw(axes, crop, f"{number}: {caption}" if number else caption)
        bottom, right = (crop.shape[0] + height - 1) / 2, (crop.shape[1] + width - 1) / 2
        axes.set(xlim=(right - width, right), ylim=(bottom, bottom - height))
    return Picture(figure, f"a picture of {size} with {alt}")


def one_picture(image: Images) -> np.ndarray:
    """Return `image` as `to_arrays` does; `ValueError` where it is several."""
    array, *others = to_arrays(image)
    if others:
        raise ValueError(f"{1 + len(others)} pictures; expected one, as in batch[0]")
    return array


def _cut(array: np.ndarray, box: Sequence[int], number: str, axes: Axes) -> np.ndarray:
    """Return what lies in a box of a picture, and draw the box with its number on `axes`."""
    box, (rows, columns) = [int(part) for part in box], array.shape[:2]
    fits = len(box) == 4 and min(box) >= 0 and min(box[2:]) >= 1
    if not fits or box[0] + box[2] > rows or box[1] + box[3] > columns:
        given = f"the box {tuple(box)} is not inside a picture of {rows} x {columns} pixels"
        raise ValueError(f"{given}; expected (top, left, height, width)")
    top, left, height, width = box
    rim = [withStroke(linewidth=4, foreground="black")]
    seen: Options = {"color": "white", "path_effects": rim}  # on any ground
    corner = (left - 0.5, top - 0.5)  # pixels are squares around whole numbers
    axes.add_patch(Rectangle(corner, width, height, fill=False, linewidth=2, **seen))
    axes.text(left, top, number, va="top", fontsize=15, fontweight="bold", **seen)
    return array[top : top + height, left : left + width]
