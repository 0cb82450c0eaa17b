"""Color: effects that change colors everywhere alike, or leave only a few of them."""

import math

import torch
from torch import Tensor

from d2laug.gallery.common import Entries

ENTRIES: Entries = {}

ENTRIES["brightness"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter(brightness={0.8 * s:.3g})",
    "where day is told from night, or a light that is on from one that is off",
)

ENTRIES["added brightness"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomBrightness(({1 - 0.5 * s:.3g}, {1 + 0.5 * s:.3g})))",
    "where dark or bright detail is the answer: it is cut off",
)

ENTRIES["color shift"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomRGBShift({0.4 * s:.3g}, {0.4 * s:.3g}, {0.4 * s:.3g}, p=1))",
    "where the color is the answer",
)

ENTRIES["hue"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter(hue={0.5 * s:.3g})",
    "where the color is the answer: an orange becomes a lime",
)

ENTRIES["saturation"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter(saturation=({1 - s:.3g}, {1 + 2 * s:.3g}))",
    "where pale is told from bright, as in ripe and unripe fruit",
)

ENTRIES["color jitter"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter({0.4 * s:.3g}, {0.4 * s:.3g}, {0.4 * s:.3g}, {0.1 * s:.3g})",
    "where the color is the answer",
)

ENTRIES["fade to gray"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter(saturation=({1 - s:.3g}, {1 - s:.3g}))",
    "where only the color tells two classes apart",
)

ENTRIES["color temperature"] = (
    "kornia",
    lambda s: (
        "OnBatch(K.RandomPlanckianJitter(select_from="
        f"list(range({7 - math.ceil(7 * s)}, {8 + math.ceil(17 * s)})), p=1))"
    ),
    "where the light itself is the answer, as in dawn and noon",
)

ENTRIES["channel shuffle"] = (
    "torchvision",
    lambda s: f"v2.RandomApply([v2.RandomChannelPermutation()], p={s:.3g})",
    "where the color is the answer",
)

ENTRIES["invert"] = (
    "torchvision",
    lambda s: f"v2.RandomInvert(p={s:.3g})",
    "where the color is the answer; writing can still be read",
)

ENTRIES["solarize"] = (
    "torchvision",
    lambda s: f"OnBatch(v2.RandomSolarize({1 - 0.7 * s:.3g}, p=1))",
    "where the color of bright parts is the answer",
)

ENTRIES["posterize"] = (
    "torchvision",
    lambda s: f"v2.RandomPosterize({8 - math.ceil(7 * s)}, p=1)",
    "where small differences of color are the answer, as in a rash on skin",
)


def few_colors(batch: Tensor, colors: int) -> Tensor:
    """Paint each pixel in the nearest of a few colors, which k-means finds for each picture.

    It starts with the colors at a few random places.
    """
    pixels = batch.flatten(2).mT  # [N, H * W, 3]
    places = torch.randint(pixels.shape[1], (len(batch), colors, 1)).to(batch.device)
    centers = pixels.gather(1, places.expand(-1, -1, 3))
    for _ in range(8):
        nearest = torch.cdist(pixels, centers).argmin(-1, keepdim=True).expand_as(pixels)
        centers = centers.scatter_reduce(1, nearest, pixels, "mean", include_self=False)
    return centers.gather(1, nearest).mT.reshape(batch.shape)


ENTRIES["few colors"] = (
    "own",
    lambda s: f"OnBatch(few_colors, colors={round(3 * 16 ** (1 - s))})",
    "where small differences of color are the answer",
)

ENTRIES["sepia"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=kornia.color.sepia, amount={s:.3g})",
    "where the color is the answer, or old photographs are told from new ones",
)
