"""Sharpen and edges: effects that compare each pixel with its neighbors."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from d2laug.gallery.common import Entries, draw, gray

ENTRIES: Entries = {}

ENTRIES["sharpen"] = (
    "torchvision",
    lambda s: f"v2.RandomAdjustSharpness({1 + 9 * s:.3g}, p=1)",
    "where smooth surfaces are told from rough ones",
)

ENTRIES["unsharp mask"] = (
    "kornia",
    lambda s: (
        "OnBatch(mix, function=kornia.filters.unsharp_mask, "
        f"kernel_size=(11, 11), sigma=(3, 3), amount={2 * s:.3g})"
    ),
    "where smooth surfaces are told from rough ones",
)

ENTRIES["edge enhance"] = (
    "kornia",
    lambda s: (
        f"OnBatch(mix, function=kornia.filters.filter2d, amount={s:.3g}, kernel="
        "torch.tensor([[[-1.0, -1.0, -1.0], [-1.0, 9.0, -1.0], [-1.0, -1.0, -1.0]]]))"
    ),
    "where smooth surfaces are told from rough ones",
)

ENTRIES["emboss"] = (
    "kornia",
    lambda s: (
        f"OnBatch(mix, function=kornia.filters.filter2d, amount={s:.3g}, kernel="
        "torch.tensor([[[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]]]))"
    ),
    "where bumps are told from hollows",
)

ENTRIES["Laplacian edges"] = (
    "kornia",
    lambda s: (
        f"OnBatch(mix, function=kornia.filters.laplacian, amount={s:.3g}, "
        "kernel_size=3, normalized=False)"
    ),
    "where the color or the brightness is the answer",
)

ENTRIES["Sobel edges"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=kornia.filters.sobel, amount={s:.3g}, normalized=False)",
    "where the color or the brightness is the answer",
)


def directed_edges(batch: Tensor) -> Tensor:
    """Show how fast the lightness grows in one random direction."""
    down, right = torch.gradient(gray(F.pad(batch, [1] * 4, mode="replicate")), dim=(2, 3))
    angle = draw(batch, 0, 2 * math.pi)
    return (4 * (angle.cos() * right + angle.sin() * down))[..., 1:-1, 1:-1].expand_as(batch)


ENTRIES["directed edges"] = (
    "own",
    lambda s: f"OnBatch(mix, function=directed_edges, amount={s:.3g})",
    "where the color is the answer, or lines of all directions are",
)


def canny_edges(batch: Tensor) -> Tensor:
    """Draw thin white lines on black where Canny's method finds edges, [N, 1, H, W]."""
    from kornia.filters import canny

    return canny(batch)[1]


ENTRIES["Canny edges"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=canny_edges, amount={s:.3g})",
    "where color, brightness or texture is the answer",
)


def contour(batch: Tensor) -> Tensor:
    """Draw what is darker than its surroundings as lines on white."""
    around = F.avg_pool2d(F.pad(batch, [1] * 4, mode="replicate"), 3, stride=1)
    return 1 - 9 * (around - batch).clamp(min=0)


ENTRIES["contour"] = (
    "own",
    lambda s: f"OnBatch(mix, function=contour, amount={s:.3g})",
    "where the color or the brightness is the answer",
)
