"""Noise and dropout: random grain, and pixels, cells or channels that are lost."""

import torch
from torch import Tensor

from d2laug.gallery.common import Entries, chosen_cells, draw, positions

ENTRIES: Entries = {}

ENTRIES["Gaussian noise"] = (
    "torchvision",
    # torchvision 0.23 adds noise to floating point only
    lambda s: f"OnBatch(v2.GaussianNoise(sigma={0.3 * s:.3g}))",
    "where the answer is in fine grain, as in cloth and skin",
)


def gray_noise(batch: Tensor, sigma: float) -> Tensor:
    """Add the same Gaussian noise to all three channels."""
    return batch + sigma * torch.randn(len(batch), 1, *batch.shape[-2:]).to(batch)


ENTRIES["gray noise"] = (
    "own",
    lambda s: f"OnBatch(gray_noise, sigma={0.3 * s:.3g})",
    "where the answer is in fine grain; the hue stays",
)


def speckle(batch: Tensor, sigma: float) -> Tensor:
    """Add noise that is stronger where the picture is brighter, as radar and ultrasound have it."""
    return batch * (1 + sigma * torch.randn(batch.shape).to(batch))


ENTRIES["speckle"] = (
    "own",
    lambda s: f"OnBatch(speckle, sigma={0.5 * s:.3g})",
    "where the answer is in fine grain of bright parts",
)

ENTRIES["salt and pepper"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomSaltAndPepperNoise({0.3 * s:.3g}, 0.5, p=1))",
    "where single pixels matter, as with stars",
)


def coarse_salt_and_pepper(batch: Tensor, share: float, cells: tuple[int, int]) -> Tensor:
    """Make a share of the cells black or white."""
    chosen = chosen_cells(batch, share, cells)
    return batch + chosen * (chosen_cells(batch, 0.5, cells) - batch)


ENTRIES["coarse salt and pepper"] = (
    "own",
    lambda s: f"OnBatch(coarse_salt_and_pepper, share={0.3 * s:.3g}, cells=(16, 16))",
    "where small parts are the answer and get covered",
)


def random_values(batch: Tensor, share: float) -> Tensor:
    """Put a random value in the place of a share of all values."""
    replaced = torch.rand(batch.shape).to(batch) < share
    return torch.where(replaced, torch.rand(batch.shape).to(batch), batch)


ENTRIES["random values"] = (
    "own",
    lambda s: f"OnBatch(random_values, share={0.5 * s:.3g})",
    "where single pixels matter",
)


def drop(
    batch: Tensor, share: float, cells: tuple[int, int] | None = None, channels: int = 1
) -> Tensor:
    """Make a share of the pixels or cells black; with 3 channels, in each channel others."""
    return batch * (1 - chosen_cells(batch, share, cells, channels))


ENTRIES["dropout"] = (
    "own",
    lambda s: f"OnBatch(drop, share={0.6 * s:.3g})",
    "where single pixels matter",
)

ENTRIES["color dropout"] = (
    "own",
    lambda s: f"OnBatch(drop, share={0.6 * s:.3g}, channels=3)",
    "where single pixels matter, or small spots of color",
)

ENTRIES["coarse dropout"] = (
    "own",
    lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(8, 8))",
    "where a small part is the answer and gets covered",
)

ENTRIES["coarse color dropout"] = (
    "own",
    lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(8, 8), channels=3)",
    "where the color of a part is the answer",
)

ENTRIES["channel dropout"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomChannelDropout(p={s:.3g}))",
    "where the color is the answer: without red, a ripe tomato is black",
)

ENTRIES["cutout"] = (
    "torchvision",
    lambda s: f"v2.RandomErasing(p=1, scale=({0.25 * s:.3g}, {0.4 * s:.3g}))",
    "where the box covers the object, or the part that tells it from others",
)


def grid_of_holes(batch: Tensor, share: float, cells: int = 5) -> Tensor:
    """Cut out a regular grid of squares, whose sides are a share of the grid's step."""
    start = draw(batch, channels=2)
    x, y = ((cells / 2 * p + start[:, i]) % 1 < share for i, p in enumerate(positions(batch)))
    return batch * ~(x & y)[:, None]


ENTRIES["grid of holes"] = (
    "own",
    lambda s: f"OnBatch(grid_of_holes, share={0.8 * s:.3g})",
    "where small parts are the answer and get covered",
)
