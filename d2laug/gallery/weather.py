"""Weather: what hangs, falls or freezes between the object and the camera."""

import math

import torch
from torch import Tensor

from d2laug.gallery.common import (
    Entries,
    blurred,
    chosen_cells,
    cloudy_noise,
    look_up,
    positions,
    smooth_noise,
)

ENTRIES: Entries = {}


def fog(batch: Tensor, density: float) -> Tensor:
    """Move all colors towards a light gray, here more, there less."""
    return batch + density * (0.4 + 0.6 * cloudy_noise(batch)) * (0.9 - batch)


ENTRIES["fog"] = (
    "own",
    lambda s: f"OnBatch(fog, density={0.95 * s:.3g})",
    "where the weather or the distance is the answer",
)


def clouds(batch: Tensor, density: float) -> Tensor:
    """Put white clouds before the picture, with clear sky between them."""
    white = density * (3 * cloudy_noise(batch) - 1).clamp(0, 1)
    return batch + white * (1 - batch)


ENTRIES["clouds"] = (
    "own",
    lambda s: f"OnBatch(clouds, density={s:.3g})",
    "where the object is covered, or the weather is the answer",
)

ENTRIES["rain"] = (
    "kornia",
    lambda s: (
        f"OnBatch(K.RandomRain(({math.ceil(100 * s)}, {math.ceil(300 * s)}), (5, 7), (-2, 3), p=1))"
    ),
    "where the weather is the answer",
)

ENTRIES["snow on the ground"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomSnow(({0.5 * s:.3g}, {0.7 * s:.3g}), (1.5, 2.5), p=1))",
    "where the season is the answer, or white is told from dark",
)


def snowflakes(batch: Tensor, share: float) -> Tensor:
    """Let soft flakes of three sizes fall, the nearest largest and rarest."""
    for cells, sigma in ((48, 0.6), (32, 1.2), (20, 1.8)):
        flakes = chosen_cells(batch, share, (cells, cells))
        flakes = (1.5 * blurred(flakes, sigma)).clamp(0, 1)
        batch = batch + flakes * (1 - batch)
    return batch


ENTRIES["snowflakes"] = (
    "own",
    lambda s: f"OnBatch(snowflakes, share={0.06 * s:.3g})",
    "where the weather is the answer, or small parts get covered",
)


def frost(batch: Tensor, density: float) -> Tensor:
    """Lay white ridges over the picture, thickest at its edge, as ice on a window."""
    x, y = positions(batch)
    edge = torch.maximum(x.abs(), y.abs())[:, None]
    ridges = 1 - (12 * (cloudy_noise(batch) - 0.5)).abs().clamp(0, 1)
    white = density * (0.25 + 0.5 * ridges + edge**2 * cloudy_noise(batch)).clamp(0, 0.9)
    return batch + white * (torch.tensor([0.9, 0.95, 1.0]).to(batch).view(1, 3, 1, 1) - batch)


ENTRIES["frost"] = (
    "own",
    lambda s: f"OnBatch(frost, density={s:.3g})",
    "where the object is covered, or the season is the answer",
)


def spatter(batch: Tensor, share: float) -> Tensor:
    """Splash drops of mud on the lens."""
    noise = (smooth_noise(batch, 24) + smooth_noise(batch, 10)) / 2
    mud = torch.tensor([0.32, 0.23, 0.14]).to(batch).view(1, 3, 1, 1)
    covered = (15 * (noise - 1 + share)).clamp(0, 1)
    return batch + covered * (mud - batch)


ENTRIES["spatter"] = (
    "own",
    lambda s: f"OnBatch(spatter, share={0.5 * s:.3g})",
    "where clean is told from dirty, or a small part gets covered",
)


def heat_haze(batch: Tensor, height: float) -> Tensor:
    """Let the picture flicker: neighbors move together, places farther off in other ways."""
    x, y = positions(batch)
    right, down = (smooth_noise(batch, 12, channels=2) - 0.5).unbind(1)
    return look_up(batch, x + height * right, y + height * down)


ENTRIES["heat haze"] = (
    "own",
    lambda s: f"OnBatch(heat_haze, height={0.2 * s:.3g})",
    "where the outline is the answer",
)
