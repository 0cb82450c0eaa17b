"""Camera and compression: the faults of lens, sensor and file."""

import torch
from torch import Tensor

from d2laug.gallery.common import Entries, blurred, draw, gray, look_up, positions

ENTRIES: Entries = {}

ENTRIES["JPEG"] = (
    "torchvision",
    lambda s: f"OnBatch(v2.JPEG({round(100 * 0.05**s)}), dtype=torch.uint8)",
    "where the answer is in fine detail, or forged pictures are to be found",
)


def lens_distortion(batch: Tensor, most: float) -> Tensor:
    """Bend straight lines out or in, as a wide-angle lens or a long one does."""
    x, y = positions(batch)
    factor = 1 + draw(batch, -most, most)[:, 0] * (x**2 + y**2 - 1)
    return look_up(batch, x * factor, y * factor)


ENTRIES["lens distortion"] = (
    "own",
    lambda s: f"OnBatch(lens_distortion, most={0.4 * s:.3g})",
    "where straight lines are told from bent ones, or sizes compared",
)


def vignette(batch: Tensor, darkness: float) -> Tensor:
    """Darken the picture towards its corners."""
    x, y = positions(batch)
    return batch * (1 - darkness * (x**2 + y**2) / 2)[:, None]


ENTRIES["vignette"] = (
    "own",
    lambda s: f"OnBatch(vignette, darkness={s:.3g})",
    "where the answer is in a corner of the picture",
)


def chromatic_aberration(batch: Tensor, amount: float) -> Tensor:
    """Enlarge red and shrink blue, as a simple lens does."""
    x, y = positions(batch)
    zooms = (1 - amount, 1, 1 + amount)
    planes = [look_up(batch[:, i : i + 1], x * z, y * z) for i, z in enumerate(zooms)]
    return torch.cat(planes, 1)


ENTRIES["chromatic aberration"] = (
    "own",
    lambda s: f"OnBatch(chromatic_aberration, amount={0.08 * s:.3g})",
    "where fine colored lines are the answer",
)


def color_bleeding(batch: Tensor, sigma: float) -> Tensor:
    """Blur the color and keep the lightness sharp, as old video and strong compression do."""
    lightness = gray(batch)
    return lightness + blurred(batch - lightness, sigma)


ENTRIES["color bleeding"] = (
    "own",
    lambda s: f"OnBatch(mix, function=color_bleeding, sigma=5.0, amount={s:.3g})",
    "where small colored parts are the answer",
)


def shot_noise(batch: Tensor, photons: float) -> Tensor:
    """Count light in photons, at most `photons` a pixel: the fewer, the more the counts vary."""
    return torch.poisson(photons * batch.cpu()).to(batch) / photons


ENTRIES["shot noise"] = (
    "own",
    lambda s: f"OnBatch(shot_noise, photons={10 * 100 ** (1 - s):.3g})",
    "where the answer is in fine grain or in the dark",
)

ENTRIES["lost rows"] = (
    "own",
    lambda s: f"OnBatch(drop, share={0.5 * s:.3g}, cells=(32, 1))",
    "where thin horizontal parts are the answer",
)
