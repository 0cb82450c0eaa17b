"""Artistic: effects that paint, draw or print the picture, and pictures that no camera takes."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from d2laug.gallery.blur import mean_shift
from d2laug.gallery.color import few_colors
from d2laug.gallery.common import Entries, blurred, draw, gray, look_up, positions

ENTRIES: Entries = {}


def cartoon(batch: Tensor) -> Tensor:
    """Flatten the colors to ten and draw the edges in black."""
    from kornia.filters import sobel

    calm = mean_shift(batch, 0.2)
    return few_colors(calm, 10) * (1 - (4 * sobel(gray(calm)) - 0.2).clamp(0, 1))


ENTRIES["cartoon"] = (
    "own",
    lambda s: f"OnBatch(mix, function=cartoon, amount={s:.3g})",
    "where drawings are told from photographs",
)


def oil_painting(batch: Tensor, size: int) -> Tensor:
    """Give each pixel the mean of the most frequent of eight tones within `size` (odd) pixels."""
    tones = (7.99 * gray(batch)).floor()
    most, painted = torch.zeros_like(tones), batch
    for tone in range(8):
        here = (tones == tone).to(batch)
        share = F.avg_pool2d(here, size, stride=1, padding=size // 2)
        color = F.avg_pool2d(here * batch, size, stride=1, padding=size // 2)
        painted = torch.where(share > most, color / share.clamp(min=1e-6), painted)
        most = torch.maximum(most, share)
    return painted


ENTRIES["oil painting"] = (
    "own",
    lambda s: f"OnBatch(oil_painting, size={1 + 2 * round(1 + 3 * s)})",
    "where paintings are told from photographs, or fine detail is the answer",
)


def pencil(batch: Tensor) -> Tensor:
    """Divide the lightness by its surroundings: only lines are left, on white paper."""
    lightness = gray(batch)
    return ((lightness + 0.02) / (blurred(lightness, 2.5) + 0.02)).clamp(0, 1) ** 3


ENTRIES["pencil"] = (
    "own",
    lambda s: f"OnBatch(mix, function=pencil, amount={s:.3g})",
    "where the color is the answer, or drawings are told from photographs",
)


def halftone(batch: Tensor, dots: int = 40) -> Tensor:
    """Print the picture in black dots, larger where it is darker, as an old newspaper does."""
    x, y = (math.pi * dots / 2 * p for p in positions(batch))
    grid = 0.5 + 0.25 * ((x + y) / 2**0.5).cos() + 0.25 * ((x - y) / 2**0.5).cos()
    return (4 * (gray(batch) - grid[:, None]) + 0.5).clamp(0, 1)


ENTRIES["halftone"] = (
    "own",
    lambda s: f"OnBatch(mix, function=halftone, amount={s:.3g})",
    "where fine texture is the answer",
)


def ink(batch: Tensor) -> Tensor:
    """Make what is lighter than its surroundings white, and the rest black."""
    lightness = gray(batch)
    near = (blurred(lightness, 4.0) + lightness.mean((2, 3), keepdim=True)) / 2
    return (20 * (lightness - near) + 0.5).clamp(0, 1)


ENTRIES["ink"] = (
    "own",
    lambda s: f"OnBatch(mix, function=ink, amount={s:.3g})",
    "where the color or the shading is the answer",
)


def false_colors(batch: Tensor) -> Tensor:
    """Show lightness as a color, round the circle once: from red over green and blue to red."""
    phase = torch.tensor([0.0, 1 / 3, 2 / 3]).to(batch).view(1, 3, 1, 1)
    return 0.5 + 0.5 * (2 * math.pi * (gray(batch) - phase)).cos()


ENTRIES["false colors"] = (
    "own",
    lambda s: f"OnBatch(mix, function=false_colors, amount={s:.3g})",
    "where the color is the answer",
)


def glitch(batch: Tensor, distance: float) -> Tensor:
    """Shift bands of rows to the side, red and blue further than green."""
    x, y = positions(batch)
    bands = (2 * torch.rand(len(batch), 1, 12, 1) - 1).to(batch) ** 3
    shift = F.interpolate(bands, batch.shape[-2:])[:, 0]
    factors = (1.0, 0.5, 1.5)
    planes = [
        look_up(batch[:, i : i + 1], x + f * distance * shift, y) for i, f in enumerate(factors)
    ]
    return torch.cat(planes, 1)


ENTRIES["glitch"] = (
    "own",
    lambda s: f"OnBatch(glitch, distance={0.3 * s:.3g})",
    "where vertical outlines are the answer",
)


def kaleidoscope(batch: Tensor, mirrors: int) -> Tensor:
    """Mirror one slice of the picture all around its middle."""
    x, y = positions(batch)
    slice_angle = math.pi / mirrors
    angle = (torch.atan2(y, x) % (2 * slice_angle) - slice_angle).abs()
    angle = angle + draw(batch, 0, 2 * math.pi)[:, 0]
    return look_up(batch, torch.hypot(x, y) * angle.cos(), torch.hypot(x, y) * angle.sin())


ENTRIES["kaleidoscope"] = (
    "own",
    lambda s: f"OnBatch(kaleidoscope, mirrors={1 + round(4 * s)})",
    "nearly always: the object is seldom in the slice that is mirrored",
)
