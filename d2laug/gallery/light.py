"""Light: more of it or less, from a side, in colors, in spots, in shadow."""

import math

import torch
from torch import Tensor

from d2laug.gallery.common import Entries, blurred, draw, positions

ENTRIES: Entries = {}


def exposure(batch: Tensor, stops: float) -> Tensor:
    """Give the picture up to `stops` times twice, or half, the light."""
    light = batch**2.2 * 2 ** draw(batch, -stops, stops)
    return light.clamp(0, 1) ** (1 / 2.2)


ENTRIES["exposure"] = (
    "own",
    lambda s: f"OnBatch(exposure, stops={2.5 * s:.3g})",
    "where day is told from night; what is too dark or too bright is lost",
)

ENTRIES["plasma brightness"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomPlasmaBrightness(intensity=({0.5 * s:.3g}, {s:.3g}), p=1))",
    "where the brightness of a part is the answer, as in a stain",
)

ENTRIES["plasma shadow"] = (
    "kornia",
    lambda s: (
        f"OnBatch(K.RandomPlasmaShadow((0.1, 0.4), ({-0.6 * s:.3g}, {-0.3 * s:.3g}), "
        "(0.3, 0.6), p=1))"
    ),
    "where shadows are the answer, as in the shape of a hill",
)

ENTRIES["light from a side"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomLinearIllumination(({0.4 * s:.3g}, {0.7 * s:.3g}), p=1))",
    "where the direction of the light is the answer",
)

ENTRIES["spot of light"] = (
    "kornia",
    lambda s: f"OnBatch(K.RandomGaussianIllumination(({0.4 * s:.3g}, {0.7 * s:.3g}), p=1))",
    "where a light is to be found, or the spot covers the object",
)


def towards(batch: Tensor) -> Tensor:
    """Return how far each pixel lies in a random direction, [N, 1, H, W], about -1 to 1."""
    x, y = positions(batch)
    angle = draw(batch, 0, 2 * math.pi)[:, 0]
    return (x * angle.cos() + y * angle.sin())[:, None]


def half_shadow(batch: Tensor, darkness: float) -> Tensor:
    """Put one side of the picture into a shadow with a sharp edge."""
    dark = (20 * (towards(batch) - draw(batch, -0.3, 0.3))).clamp(0, 1)
    return batch * (1 - darkness * dark)


ENTRIES["half shadow"] = (
    "own",
    lambda s: f"OnBatch(half_shadow, darkness={0.8 * s:.3g})",
    "where an edge is the answer: the shadow adds one",
)


def colored_light(batch: Tensor, amount: float) -> Tensor:
    """Light one side in a random color and the other side in its complement."""
    color = draw(batch, -1, 1, channels=3)
    return batch * (1 + amount * (color - color.mean(1, keepdim=True)) * towards(batch))


ENTRIES["colored light"] = (
    "own",
    lambda s: f"OnBatch(colored_light, amount={s:.3g})",
    "where the color is the answer",
)


def reflection(batch: Tensor, amount: float) -> Tensor:
    """Add three soft patches of white light, as a glossy surface shows lamps."""
    for _ in range(3):
        x, y = towards(batch) - draw(batch, -1, 1), towards(batch) - draw(batch, -1, 1)
        batch = batch + amount * torch.exp(-((4 * x) ** 4) - (2 * y) ** 4)
    return batch


ENTRIES["reflection"] = (
    "own",
    lambda s: f"OnBatch(reflection, amount={0.8 * s:.3g})",
    "where shiny is told from matte, or a small part gets covered",
)


def bloom(batch: Tensor, amount: float) -> Tensor:
    """Let bright places shine over their surroundings."""
    return batch + amount * blurred((2 * batch - 1).clamp(min=0), 4.0)


ENTRIES["bloom"] = (
    "own",
    lambda s: f"OnBatch(bloom, amount={s:.3g})",
    "where detail near bright places is the answer",
)


def night(batch: Tensor, amount: float) -> Tensor:
    """Darken the picture, most of all its red, and add the noise of a camera in the dark."""
    gains = torch.tensor([0.2, 0.28, 0.4]).to(batch).view(1, 3, 1, 1)
    dark = batch * (1 - amount * (1 - gains))
    return dark + 0.04 * amount * torch.randn(batch.shape).to(batch)


ENTRIES["night"] = (
    "own",
    lambda s: f"OnBatch(night, amount={s:.3g})",
    "where day is told from night, or dark detail is the answer",
)
