"""Size: effects that show less of the picture, show it smaller, or show less detail of it."""

import math

from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms import v2

from d2laug.gallery.common import Entries, back_to_size

ENTRIES: Entries = {}

ENTRIES["crop"] = (
    "torchvision",
    lambda s: (
        f"OnBatch(to_own_size, transform=v2.RandomResizedCrop, scale=({1 - 0.92 * s:.3g}, 1))"
    ),
    "where the object, or what tells it from others, is cut away",
)

ENTRIES["crop and pad"] = (
    "torchvision",
    lambda s: (
        "OnBatch(to_own_size, transform=v2.RandomCrop, "
        f"padding={math.ceil(30 * s)}, padding_mode='edge')"
    ),
    "where the object leaves the picture",
)

ENTRIES["zoom out"] = (
    "torchvision",
    lambda s: (
        "OnBatch(back_to_size, "
        f"transform=v2.RandomZoomOut(0.5, side_range=(1, {1 + 2 * s:.3g}), p=1))"
    ),
    "where the object becomes too small to be told from others",
)

ENTRIES["pad"] = (
    "torchvision",
    lambda s: f"OnBatch(back_to_size, transform=v2.Pad({math.ceil(40 * s)}, fill=0.5))",
    "where sizes are measured: a frame makes everything smaller",
)

ENTRIES["stretch"] = (
    "kornia",
    lambda s: (
        f"OnBatch(K.RandomAffine(0, scale=(1, {1 + s:.3g}, 1, {1 + s:.3g}), "
        "padding_mode='reflection', p=1))"
    ),
    "where proportions are the answer: a can becomes a bottle",
)


def low_resolution(batch: Tensor, share: float) -> Tensor:
    """Resize the picture to a share of its sides, and back."""
    small = [max(1, round(share * side)) for side in batch.shape[-2:]]
    return back_to_size(batch, v2.Resize(small))


ENTRIES["low resolution"] = (
    "own",
    lambda s: f"OnBatch(low_resolution, share={1 - 0.85 * s:.3g})",
    "where the answer is in fine detail, as in small print",
)


def average_pool(batch: Tensor, size: int) -> Tensor:
    """Fill blocks of size x size pixels with their mean."""
    height, width = batch.shape[-2:]
    padded = F.pad(batch, (0, -width % size, 0, -height % size), mode="replicate")
    return F.interpolate(F.avg_pool2d(padded, size), scale_factor=size)[..., :height, :width]


ENTRIES["average pooling"] = (
    "own",
    lambda s: f"OnBatch(average_pool, size={1 + math.ceil(7 * s)})",
    "where the answer is in fine detail",
)


def pool(batch: Tensor, size: int, rank: float) -> Tensor:
    """Fill blocks of size x size pixels with their smallest (rank 0) to largest (1) value."""
    height, width = batch.shape[-2:]
    padded = F.pad(batch, (0, -width % size, 0, -height % size), mode="replicate")
    blocks = padded.unfold(2, size, size).unfold(3, size, size).flatten(-2)
    values = blocks.kthvalue(1 + round(rank * (size * size - 1)), -1).values
    return F.interpolate(values, scale_factor=size)[..., :height, :width]


ENTRIES["max pooling"] = (
    "own",
    lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=1)",
    "where dark detail is the answer: thin dark lines vanish",
)

ENTRIES["median pooling"] = (
    "own",
    lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=0.5)",
    "where the answer is in fine detail",
)

ENTRIES["min pooling"] = (
    "own",
    lambda s: f"OnBatch(pool, size={1 + math.ceil(7 * s)}, rank=0)",
    "where bright detail is the answer: thin bright lines vanish",
)
