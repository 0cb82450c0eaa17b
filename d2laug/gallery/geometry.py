"""Flip and geometry: effects that move the pixels, by flips, straight maps, bent ones, a puzzle."""

import math

import torch
from torch import Tensor

from d2laug.gallery.common import Entries, draw, look_up, positions

ENTRIES: Entries = {}

ENTRIES["flip left-right"] = (
    "torchvision",
    lambda s: f"v2.RandomHorizontalFlip(p={s:.3g})",
    "where left and right differ: writing, arrows, one hand or the other",
)

ENTRIES["flip top-bottom"] = (
    "torchvision",
    lambda s: f"v2.RandomVerticalFlip(p={s:.3g})",
    "where up and down differ: writing, or a cat, which does not sit on the ceiling",
)

ENTRIES["quarter turn"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomRotation90((1, 3), p={s:.3g}))",
    "where up and down differ: a 6 becomes a 9; cells under a microscope do not mind",
)

ENTRIES["rotate"] = (
    "torchvision",
    lambda s: f"v2.RandomRotation({45 * s:.3g})",
    "where the angle is the answer: a clock, a slope, a leaning mast",
)

ENTRIES["shift"] = (
    "torchvision",
    lambda s: f"v2.RandomAffine(0, translate=({0.4 * s:.3g}, {0.4 * s:.3g}))",
    "where the place is the answer, or where the object leaves the picture",
)

ENTRIES["shear"] = (
    "torchvision",
    lambda s: f"v2.RandomAffine(0, shear={40 * s:.3g})",
    "where angles are measured, or italic letters told from upright ones",
)

ENTRIES["affine"] = (
    "torchvision",
    lambda s: (
        f"v2.RandomAffine({30 * s:.3g}, ({0.2 * s:.3g}, {0.2 * s:.3g}), "
        f"({1 - 0.4 * s:.3g}, {1 + 0.4 * s:.3g}), {20 * s:.3g})"
    ),
    "where angle, place or size are the answer",
)

ENTRIES["mirrored affine"] = (
    "kornia",
    lambda s: (
        f"OnBatch(K.RandomAffine({30 * s:.3g}, ({0.2 * s:.3g}, {0.2 * s:.3g}), "
        f"({1 - 0.4 * s:.3g}, {1 + 0.4 * s:.3g}), {20 * s:.3g}, "
        "padding_mode='reflection', p=1))"
    ),
    "where objects are counted: the mirrored edge shows some of them twice",
)

ENTRIES["perspective"] = (
    "torchvision",
    lambda s: f"v2.RandomPerspective({0.7 * s:.3g}, p=1)",
    "where lengths or right angles are measured",
)

ENTRIES["elastic"] = (
    "torchvision",
    lambda s: f"v2.ElasticTransform(alpha={12 * s:.3g}, sigma=1.5)",
    "where fine lines are the answer, as in small print",
)

ENTRIES["rubber sheet"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomThinPlateSpline({0.4 * s:.3g}, p=1))",
    "where the shape is the answer: a bottle gets the belly of another",
)

ENTRIES["swirl"] = (
    "scikit-image",
    lambda s: (
        f"OnBatch(on_arrays, function=skimage.transform.swirl, strength={4 * s:.3g}, radius=100)"
    ),
    "where the shape is the answer; no camera takes such a picture",
)


def waves(batch: Tensor, height: float) -> Tensor:
    """Push rows to the side and columns up and down, in waves."""
    x, y = positions(batch)
    start = draw(batch, 0, 2 * math.pi, channels=2)
    return look_up(
        batch, x + height * (9 * y + start[:, 0]).sin(), y + height * (9 * x + start[:, 1]).sin()
    )


ENTRIES["waves"] = (
    "own",
    lambda s: f"OnBatch(waves, height={0.12 * s:.3g})",
    "where straight lines matter, as in writing and buildings",
)


def polar_waves(batch: Tensor, height: float) -> Tensor:
    """Move each pixel out or in, in waves around the middle."""
    x, y = positions(batch)
    angle = torch.atan2(y, x)
    factor = 1 + height * (5 * angle + draw(batch, 0, 2 * math.pi)[:, 0]).sin()
    return look_up(batch, x * factor, y * factor)


ENTRIES["polar waves"] = (
    "own",
    lambda s: f"OnBatch(polar_waves, height={0.25 * s:.3g})",
    "where the outline is the answer: it turns a disk into a flower",
)

ENTRIES["jigsaw"] = (
    "kornia",
    lambda s: (
        f"OnBatch(with_sides_divisible, by={1 + math.ceil(4 * s)}, "
        f"transform=K.RandomJigsaw(({1 + math.ceil(4 * s)}, {1 + math.ceil(4 * s)}), p=1))"
    ),
    "where the arrangement of the parts is the answer, as in a face or a word",
)
