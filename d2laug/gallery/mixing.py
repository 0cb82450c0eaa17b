"""Segmentation and mixing: regions painted in one color, effects on parts, two pictures in one.

Effects that mix two pictures take the second one from the batch, and mix a picture that comes alone
with its own mirror image. They return pictures only: mix the labels too, as `v2.MixUp` does.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from d2laug.gallery.common import (
    Entries,
    chosen_cells,
    cloudy_noise,
    draw,
    look_up,
    positions,
    smooth_noise,
)

ENTRIES: Entries = {}

# ---- regions in their mean colors


def paint_regions(batch: Tensor, regions: Tensor, share: float = 1.0) -> Tensor:
    """Paint a random share of the regions, whole numbers [N, H, W], in their mean colors."""
    index = regions.flatten(1)[:, None]
    count = int(regions.max()) + 1
    sums = batch.new_zeros(len(batch), 3, count)
    index3 = index.expand(-1, 3, -1)
    means = sums.scatter_reduce(2, index3, batch.flatten(2), "mean", include_self=False)
    chosen = (torch.rand(len(batch), 1, count) < share).to(batch.device).gather(2, index)
    return torch.where(chosen, means.gather(2, index3), batch.flatten(2)).reshape(batch.shape)


def superpixels(batch: Tensor, number: int, share: float = 1.0) -> Tensor:
    """Paint regions of similar color, about `number` of them, in their mean colors."""
    from skimage.segmentation import slic

    arrays = batch.permute(0, 2, 3, 1).cpu().double().numpy()
    regions = [torch.from_numpy(slic(array, number, start_label=0)) for array in arrays]
    return paint_regions(batch, torch.stack(regions).to(batch.device), share)


ENTRIES["superpixels"] = (
    "scikit-image",
    lambda s: f"OnBatch(superpixels, number={round(60 * 20 ** (1 - s))})",
    "where the answer is in fine detail",
)

ENTRIES["some superpixels"] = (
    "scikit-image",
    lambda s: f"OnBatch(superpixels, number=60, share={0.6 * s:.3g})",
    "where the answer is in fine detail of the painted parts",
)


def nearest_point(batch: Tensor, points: Tensor) -> Tensor:
    """Return for each pixel which of the points [N, number, 2] is nearest, [N, H, W]."""
    places = torch.stack(positions(batch), -1)
    nearest = torch.cdist(places.flatten(1, 2), points.to(batch)).argmin(-1)
    return nearest.reshape(places.shape[:-1])


def voronoi(batch: Tensor, number: int, share: float = 1.0) -> Tensor:
    """Paint the cells around random points, `number` of them, in their mean colors."""
    points = 2 * torch.rand(len(batch), number, 2) - 1
    return paint_regions(batch, nearest_point(batch, points), share)


ENTRIES["Voronoi"] = (
    "own",
    lambda s: f"OnBatch(voronoi, number={round(60 * 20 ** (1 - s))})",
    "where the outline or fine detail is the answer",
)


def voronoi_grid(batch: Tensor, rows: int, jitter: float = 0.3) -> Tensor:
    """Paint the cells around the points of a shaken grid in their mean colors."""
    steps = (torch.arange(rows) + 0.5) / rows * 2 - 1
    grid = torch.cartesian_prod(steps, steps).expand(len(batch), -1, -1)
    points = grid + jitter / rows * (2 * torch.rand(grid.shape) - 1)
    return paint_regions(batch, nearest_point(batch, points))


ENTRIES["Voronoi grid"] = (
    "own",
    lambda s: f"OnBatch(voronoi_grid, rows={round(8 * 4 ** (1 - s))})",
    "where the outline or fine detail is the answer",
)

ENTRIES["some Voronoi cells"] = (
    "own",
    lambda s: f"OnBatch(voronoi, number=60, share={0.6 * s:.3g})",
    "where a small part is the answer and gets painted over",
)

# ---- effects where a mask says so


def masked(
    batch: Tensor,
    function: Callable[..., Tensor],
    mask: Callable[[Tensor], Tensor],
    amount: float,
    **options: object,
) -> Tensor:
    """Go a part of the way to `function(picture)`, where `mask(picture)` [N, 1, H, W] is 1."""
    return batch + amount * mask(batch) * (function(batch, **options).clamp(0, 1) - batch)


def patches(batch: Tensor) -> Tensor:
    """Return a mask of patches in the shapes of clouds."""
    return (8 * (cloudy_noise(batch) - 0.5)).clamp(0, 1)


ENTRIES["edges in patches"] = (
    "own",
    lambda s: (
        f"OnBatch(masked, function=kornia.filters.sobel, normalized=False, mask=patches, "
        f"amount={s:.3g})"
    ),
    "where the color of the changed parts is the answer",
)


def bands(batch: Tensor) -> Tensor:
    """Return a mask of winding bands: smooth noise, in steps."""
    return (0.5 + 3 * (25 * smooth_noise(batch, 4)).sin()).clamp(0, 1)


ENTRIES["negative in bands"] = (
    "own",
    lambda s: f"OnBatch(masked, function=v2.RandomInvert(p=1), mask=bands, amount={s:.3g})",
    "where the color is the answer",
)


def checkers(batch: Tensor, cells: int = 6) -> Tensor:
    """Return a mask like a chessboard."""
    x, y = ((cells / 2 * (p + 1)).floor() for p in positions(batch))
    return ((x + y) % 2)[:, None]


ENTRIES["blur in checkers"] = (
    "own",
    lambda s: f"OnBatch(masked, function=blurred, mask=checkers, sigma=4.0, amount={s:.3g})",
    "where the answer is in fine detail of the blurred parts",
)


def some_colors(batch: Tensor) -> Tensor:
    """Return a mask of the pixels whose hue lies in a random third of the color circle."""
    red, green, blue = batch.unbind(1)
    hue = torch.atan2(1.732 * (green - blue), 2 * red - green - blue)[:, None]
    saturated = (8 * (batch.amax(1, keepdim=True) - batch.amin(1, keepdim=True))).clamp(0, 1)
    return saturated * ((hue - draw(batch, -math.pi, math.pi)).cos() > 0.5)


ENTRIES["gray for some colors"] = (
    "own",
    lambda s: f"OnBatch(masked, function=gray, mask=some_colors, amount={s:.3g})",
    "where the color is the answer",
)

# ---- two pictures in one


def double_exposure(batch: Tensor, amount: float) -> Tensor:
    """Show the picture a second time over itself, moved."""
    x, y = positions(batch)
    moved = look_up(batch, x + draw(batch, -0.5, 0.5)[:, 0], y + draw(batch, -0.5, 0.5)[:, 0])
    return batch + amount * (moved - batch)


ENTRIES["double exposure"] = (
    "own",
    lambda s: f"OnBatch(double_exposure, amount={0.6 * s:.3g})",
    "where objects are counted: each is seen twice",
)


def partner(batch: Tensor) -> Tensor:
    """Return another picture for each: its neighbor in the batch; alone, its mirror image."""
    return batch.roll(1, 0) if len(batch) > 1 else batch.flip(-1)


def mix_up(batch: Tensor, most: float) -> Tensor:
    """Show another picture through this one, with a random weight from most / 2 to most."""
    return batch + draw(batch, most / 2, most) * (partner(batch) - batch)


ENTRIES["MixUp"] = (
    "own",
    lambda s: f"OnBatch(mix_up, most={0.6 * s:.3g})",
    "always, by the share of the other picture: mix the labels too",
)


def cut_mix(batch: Tensor, share: float) -> Tensor:
    """Paste a box of another picture, whose sides are `share` of the picture's."""
    x, y = positions(batch)
    room = 1 - share
    middle_x, middle_y = draw(batch, -room, room)[:, 0], draw(batch, -room, room)[:, 0]
    inside = ((x - middle_x).abs() < share) & ((y - middle_y).abs() < share)
    return torch.where(inside[:, None], partner(batch), batch)


ENTRIES["CutMix"] = (
    "own",
    lambda s: f"OnBatch(cut_mix, share={0.7 * s:.3g})",
    "always, by the share of the other picture: mix the labels too",
)


def patch_mix(batch: Tensor, share: float, cells: tuple[int, int] = (4, 4)) -> Tensor:
    """Take a share of the cells of a grid from another picture."""
    return torch.where(chosen_cells(batch, share, cells) > 0, partner(batch), batch)


ENTRIES["patch mix"] = (
    "own",
    lambda s: f"OnBatch(patch_mix, share={0.6 * s:.3g})",
    "always, by the share of the other picture: mix the labels too",
)

# ---- random mixtures of other effects

ENTRIES["RandAugment"] = (
    "torchvision",
    lambda s: f"v2.RandAugment(num_ops=2, magnitude={round(30 * s)})",
    "where one of its fourteen effects does, and it draws two at random",
)

ENTRIES["AugMix"] = (
    "torchvision",
    lambda s: f"v2.AugMix(severity={max(1, round(10 * s))})",
    "where one of its effects does, though most of the picture stays as it was",
)
