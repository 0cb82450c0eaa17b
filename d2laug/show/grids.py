"""Grids of pictures with captions, a wall of many, and crops with their boxes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from d2laug.draws import record_draws
from d2laug.show.picture import DPI, MOST, QUALITY, WIDTH, Picture, counted, to_arrays


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

    >>> import torch
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

    >>> import torch
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

    >>> import torch
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


def show_crops(image, boxes: Sequence[Sequence[int]], captions: Sequence[str] | None = None):
    """Return a `Picture` of `image` with numbered crop boxes on it, and the crops beside it.

    `boxes` is a list of up to 8 `(top, left, height, width)` in pixels, in the order of
    `torchvision.transforms.v2.functional.crop`; every box lies inside the picture.

    Raises `ValueError` for a box that is empty or leaves the picture, and the errors of
    `to_arrays`.

    >>> import torch
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
