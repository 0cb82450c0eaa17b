"""Contrast: effects that draw a curve from old values to new ones, alike for all pixels."""

import math

from torch import Tensor
from torchvision.transforms import v2

from d2laug.gallery.common import Entries, draw, gray

ENTRIES: Entries = {}

ENTRIES["contrast"] = (
    "torchvision",
    lambda s: f"v2.ColorJitter(contrast={0.9 * s:.3g})",
    "where faint detail is the answer, as in an X-ray picture",
)

ENTRIES["gamma"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomGamma(({1 / (1 + 2 * s):.3g}, {1 + 2 * s:.3g})))",
    "where day is told from dusk",
)


def gamma_per_channel(batch: Tensor, most: float) -> Tensor:
    """Raise red, green and blue to powers of their own, from 1 / most to most."""
    return batch ** (math.log(most) * draw(batch, -1, 1, channels=3)).exp()


ENTRIES["gamma per channel"] = (
    "own",
    lambda s: f"OnBatch(gamma_per_channel, most={1 + 2 * s:.3g})",
    "where the color is the answer",
)

ENTRIES["sigmoid contrast"] = (
    "kornia",
    lambda s: (
        f"OnBatch(mix, function=kornia.enhance.adjust_sigmoid, amount={s:.3g}, cutoff=0.5, gain=12)"
    ),
    "where dark or bright detail is the answer: it is pressed together",
)

ENTRIES["log contrast"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=kornia.enhance.adjust_log, amount={s:.3g})",
    "where bright detail is the answer: it is pressed together",
)

ENTRIES["autocontrast"] = (
    "torchvision",
    lambda s: f"v2.RandomAutocontrast(p={s:.3g})",
    "where the brightness itself is the answer, as in fog and clear sky",
)

ENTRIES["equalize"] = (
    "torchvision",
    lambda s: f"v2.RandomEqualize(p={s:.3g})",
    "where the color or the brightness is the answer",
)


def equalize_lightness(batch: Tensor) -> Tensor:
    """Equalize the gray version of the picture, and give each pixel its new lightness."""
    old = gray(batch)
    return batch * v2.functional.equalize(old) / old.clamp(min=1 / 255)


ENTRIES["equalize lightness"] = (
    "own",
    lambda s: f"OnBatch(mix, function=equalize_lightness, amount={s:.3g})",
    "where the brightness is the answer; the hue stays",
)

ENTRIES["CLAHE"] = (
    "kornia",
    lambda s: f"OnBatch(mix, function=K.RandomClahe((4.0, 4.0), (4, 4), p=1), amount={s:.3g})",
    "where the brightness of large areas is the answer",
)
