"""Blur: effects that average over neighbors, over all of them or over those of a like color."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from d2laug.gallery.common import Entries, blurred, draw, look_up, positions

ENTRIES: Entries = {}

ENTRIES["Gaussian blur"] = (
    "torchvision",
    lambda s: f"v2.GaussianBlur(15, {0.2 + 3.3 * s:.3g})",
    "where the answer is in fine detail, as in small print",
)

ENTRIES["box blur"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=K.RandomBoxBlur((11, 11), p=1), amount={s:.3g})",
    "where the answer is in fine detail",
)

ENTRIES["median blur"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=K.RandomMedianBlur((5, 5), p=1), amount={s:.3g})",
    "where thin lines and dots are the answer: they vanish, edges stay",
)

ENTRIES["bilateral blur"] = (
    "kornia",
    lambda s: (
        "OnBatch(kornia.filters.bilateral_blur, kernel_size=(11, 11), "
        f"sigma_color={0.4 * s:.3g}, sigma_space=(4, 4))"
    ),
    "where faint texture is the answer: it vanishes, edges stay",
)

ENTRIES["motion blur"] = (
    "kornia",
    lambda s: (  # an odd size: a kernel has a middle
        f"OnBatch(K.RandomMotionBlur({1 + 2 * round(1 + 8 * s)}, 180.0, 0.0, "
        "border_type='replicate', resample='bilinear', p=1))"
    ),
    "where things that move are told from things that stand",
)


def defocus(batch: Tensor, radius: float) -> Tensor:
    """Spread each pixel over a disk, as a lens does that is out of focus."""
    reach = math.ceil(radius)
    steps = torch.arange(-reach, reach + 1)
    disk = (radius + 0.5 - torch.hypot(steps[:, None].float(), steps.float())).clamp(0, 1)
    kernel = (disk / disk.sum()).to(batch).expand(batch.shape[1], 1, -1, -1)
    padded = F.pad(batch, [reach] * 4, mode="replicate")
    return F.conv2d(padded, kernel, groups=batch.shape[1])


ENTRIES["defocus"] = (
    "own",
    lambda s: f"OnBatch(defocus, radius={6 * s:.3g})",
    "where the answer is in fine detail, or sharp pictures are sorted from others",
)


def glass_blur(batch: Tensor, distance: float) -> Tensor:
    """Read each pixel at a random place nearby, as through rough glass."""
    x, y = positions(batch)
    right, down = distance * (2 * torch.rand(2, *x.shape).to(batch) - 1)
    return look_up(batch, x + right, y + down)


ENTRIES["glass blur"] = (
    "own",
    lambda s: f"OnBatch(glass_blur, distance={0.1 * s:.3g})",
    "where the answer is in fine detail",
)


def zoom_blur(batch: Tensor, most: float) -> Tensor:
    """Average the picture over zooms from 1 to 1 + most, as when the lens zooms while exposing."""
    x, y = positions(batch)
    total, zooms = torch.zeros_like(batch), torch.linspace(1, 1 + most, 16).tolist()
    for zoom in zooms:
        total = total + look_up(batch, x / zoom, y / zoom)
    return total / len(zooms)


ENTRIES["zoom blur"] = (
    "own",
    lambda s: f"OnBatch(zoom_blur, most={0.5 * s:.3g})",
    "where the answer is near the edge of the picture",
)


def mean_shift(batch: Tensor, width: float, reach: int = 2, rounds: int = 3) -> Tensor:
    """Move each color to the mean of the colors nearby that differ by less than about `width`."""
    height, breadth = batch.shape[-2:]
    padded = F.pad(batch, [reach] * 4, mode="replicate")
    offsets = [(i, j) for i in range(2 * reach + 1) for j in range(2 * reach + 1)]
    color = batch
    for _ in range(rounds):
        total, weights = torch.zeros_like(batch), torch.zeros_like(batch[:, :1])
        for i, j in offsets:
            near = padded[..., i : i + height, j : j + breadth]
            weight = torch.exp(-(near - color).square().sum(1, keepdim=True) / width**2)
            total, weights = total + weight * near, weights + weight
        color = total / weights
    return color


ENTRIES["mean shift"] = (
    "own",
    lambda s: f"OnBatch(mean_shift, width={0.3 * s:.3g})",
    "where faint texture is the answer",
)


def tilt_shift(batch: Tensor, sigma: float) -> Tensor:
    """Blur what is far above or below a level of random height, as in a picture of a toy world."""
    y = positions(batch)[1][:, None]
    far = (1.5 * (y - draw(batch, -0.4, 0.4)).abs() - 0.2).clamp(0, 1)
    return batch + far * (blurred(batch, sigma) - batch)


ENTRIES["tilt shift"] = (
    "own",
    lambda s: f"OnBatch(mix, function=tilt_shift, amount={s:.3g}, sigma=4.0)",
    "where models are told from the real thing, or the answer lies in the blur",
)
