"""Brightness, contrast, saturation and hue: each by itself, and all of them at random.

- `ColorJitter`: all four, each picture by numbers of its own and in an order of its own;
- `adjust_brightness`, `adjust_contrast`, `adjust_saturation`, `adjust_hue`: one, by a given number;
- `Normalize`, `normalize`: floats for a network, the last step.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any  # a sample may be Any

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug.augment.arguments import number, pair
from d2laug.augment.base import (
    BatchTransform,
    Params,
    as_numbers,
    by_loops,
    check_channels,
    check_values,
    on_cpu,
    one_each,
    white_of,
    without_autocast,
    working,
    write,
)
from d2laug.augment.samples import LABELS, as_batch


class Normalize(v2.Transform):
    """Turn pictures into floats of 0 to 1, subtract `mean` and divide by `std`, as the last step.

    Arguments, errors and what is given back: as of `normalize`, which this calls. Labels stay.

    Source: `torchvision.transforms.v2.Normalize`, which takes floats only.

    >>> Normalize(mean=[0.5], std=[0.25])(torch.tensor([0, 51], dtype=torch.uint8).view(1, 1, 2))
    tensor([[[-2.0000, -1.2000]]])
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        given = [as_numbers("mean", mean).flatten(), as_numbers("std", std).flatten()]
        self.mean, self.std = (values.tolist() for values in given)
        channels = max(1, *map(len, given))
        normalize(torch.zeros(channels, 1, 1), mean, std)  # refuses what is wrong

    def make_params(self, flat_inputs: list[Any]) -> Params:
        """Draw nothing; raise `TypeError` where there is no picture to normalize."""
        if not flat_inputs:
            raise TypeError("No picture given. Turn arrays into tensors with v2.ToImage().")
        return {}

    def transform(self, inpt: Any, params: Params) -> Any:
        """Normalize pictures, and give back labels as they are."""
        return inpt if isinstance(inpt, LABELS) else normalize(inpt, self.mean, self.std)


class ColorJitter(BatchTransform):
    """Change the colors of each picture of a batch, by its own numbers and in its own order.

    `brightness`, `contrast`, `saturation`: a number `a` for factors uniform in
    `[max(0, 1 - a), 1 + a]`, or `(low, high)`. `hue`: a number up to 0.5 for shifts uniform in
    `[-hue, hue]`, or `(low, high)` within -0.5 to 0.5; 1 is the whole color circle. What is left
    out is not changed. A gray picture of one channel keeps its saturation and its hue.

    Raises `ValueError` for negative or reversed values and for hues beyond 0.5, for pictures that
    have neither 1 nor 3 channels, and for floating point pictures that hold NaN or values outside 0
    to 1.

    Source: `torchvision.transforms.v2.ColorJitter`, which draws once for a batch. On `uint8` the
    result is rounded once, at the end, where torchvision truncates after each step: with four
    changes by up to a half, the course's photographs are 1.2 to 1.6 levels darker there, a value by
    8 at most.

    >>> jitter = ColorJitter(brightness=0.5, hue=(0.5, 0.5))
    >>> batch = torch.rand(4, 3, 8, 8)
    >>> params = jitter.make_params(batch)
    >>> params["hue_factor"], params["contrast_factor"]
    (tensor([0.5000, 0.5000, 0.5000, 0.5000]), None)
    >>> params["fn_idx"].shape
    torch.Size([4, 4])
    >>> jitter.transform(batch, params).shape
    torch.Size([4, 3, 8, 8])
    """

    moves = False

    def __init__(
        self,
        brightness: float | Sequence[float] | None = None,
        contrast: float | Sequence[float] | None = None,
        saturation: float | Sequence[float] | None = None,
        hue: float | Sequence[float] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.brightness = _jitter_range("brightness", brightness)
        self.contrast = _jitter_range("contrast", contrast)
        self.saturation = _jitter_range("saturation", saturation)
        self.hue = _jitter_range("hue", hue, center=0, bounds=(-0.5, 0.5))

    def _torchvision(self) -> v2.Transform:
        return v2.ColorJitter(self.brightness, self.contrast, self.saturation, self.hue)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        params: Params = {"fn_idx": self._uniform(0, 1, n, 4).argsort(1)}
        for name in CHANGES:
            low_high = getattr(self, name)
            params[f"{name}_factor"] = low_high and self._uniform(*low_high, n).float()
        return params

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return _jitter(batch, params["fn_idx"], [params[f"{name}_factor"] for name in CHANGES])


def _jitter(batch: Tensor, order: Tensor, factors: list[Tensor | None]) -> Tensor:
    """Change each picture by its row of each of the four `factors`, in its row of `order`."""
    if all(factor is None for factor in factors):
        return batch.clone()
    check_channels(batch)
    check_values(batch)
    if by_loops(batch) and batch.shape[1] == 3:
        return _jitter_by_loops(batch, order, factors)
    x = working(batch).clone()
    for step in order.to(x.device).T:  # the first change of each picture, the second, ...
        for k, (change, factor) in enumerate(zip(CHANGES.values(), factors, strict=True)):
            chosen = (step == k).nonzero()[:, 0]
            if factor is not None and len(chosen):
                values = factor.to(x.device, x.dtype)[chosen, None, None, None]
                x[chosen] = change(x[chosen], values, white_of(batch))
    return write(x, batch)


def _jitter_by_loops(batch: Tensor, order: Tensor, factors: list[Tensor | None]) -> Tensor:
    from d2laug.augment.loops import color, each_picture

    asked = torch.tensor([factor is not None for factor in factors])
    steps = torch.where(asked[order], order, color.NOTHING)
    nothing = torch.zeros(len(batch), dtype=torch.float32)
    values = torch.stack([nothing if f is None else f.float() for f in factors], 1)
    output = torch.empty_like(batch, memory_format=torch.contiguous_format)
    pictures = batch.contiguous().flatten(2), output.flatten(2)
    each_picture(color.jitter, *pictures, steps, values)
    return output


# Each change takes floating point pictures [N, C, H, W] in 0 to `white`, a number for each of them,
# [N, 1, 1, 1], and `white`: 1, or the highest level of integers, whose gray is a whole number.


def _brightness(x: Tensor, factor: Tensor, white: int) -> Tensor:
    return (x * factor).clamp(max=white)


def _contrast(x: Tensor, factor: Tensor, white: int) -> Tensor:
    mean = _gray(x, white).mean((1, 2, 3), keepdim=True)
    return (x * factor + mean * (1 - factor)).clamp(0, white)


def _saturation(x: Tensor, factor: Tensor, white: int) -> Tensor:
    if x.shape[1] == 1:
        return x
    return (x * factor + _gray(x, white) * (1 - factor)).clamp(0, white)


def _hue(x: Tensor, shift: Tensor, white: int) -> Tensor:
    """Mix the planes, and keep each pixel between its old smallest and its old largest value."""
    if x.shape[1] == 1:
        return x
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    mixed = _hue_mixture(shift) @ torch.cat([x, low + high], 1).flatten(2)
    return mixed.view_as(x).maximum(low).minimum(high)


CHANGES: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "hue": _hue,
}


def _gray(x: Tensor, white: int) -> Tensor:
    if x.shape[1] == 1:
        return x
    r, g, b = x.split(1, dim=1)
    gray = r * 0.2989 + g * 0.587 + b * 0.114
    return gray if white == 1 else gray.floor()


def _hue_mixture(shift: Tensor) -> Tensor:
    """Return how much of red, green, blue and low + high goes into each plane: `[N, 3, 4]`.

    Along the color circle a plane stays at a pixel's largest value for a third of the way, falls
    for a sixth, stays at the smallest for a third and rises for a sixth. A shift by a third of the
    circle swaps the planes. A shift by up to a sixth is a sum of the planes, cut off at the largest
    and at the smallest value, in which the fourth part keeps a gray as it is.
    """
    shift = shift.flatten()
    thirds = (shift * 3).round()
    rest = shift * 6 - thirds * 2  # in sixths of the circle, -1 to 1
    parts = torch.stack([torch.ones_like(rest), 2 * (-rest).relu() - 1, 2 * rest.relu() - 1], 1)
    plane = torch.arange(3, device=shift.device)
    distance = (plane - plane[:, None] + thirds.long()[:, None, None]) % 3
    mixture = parts.gather(1, distance.flatten(1)).view(-1, 3, 3)
    return torch.cat([mixture, (1 - mixture.sum(2, keepdim=True)) / 2], 2)


def normalize(
    images: Tensor, mean: Sequence[float], std: Sequence[float], out: Tensor | None = None
) -> Tensor:
    """Turn pictures into floats of 0 to 1, subtract `mean` and divide by `std`, in one go.

    `images`: `[N, C, H, W]` or `[C, H, W]`, `uint8`, `uint16`, or floating point, taken as 0 to 1
    whatever its values. `mean`, `std`: one number for each channel, or one for all. Returns float32
    (float64 for float64). `out`: a contiguous tensor of that shape and dtype to write to. Raises
    `ValueError` for another `out`, other numbers of values, and a `std` of 0.

    Source: `torchvision.transforms.v2.ToDtype(torch.float32, scale=True)` and `Normalize`.

    >>> normalize(torch.tensor([0, 51], dtype=torch.uint8).view(1, 1, 2), [0.5], [0.25])
    tensor([[[-2.0000, -1.2000]]])
    """
    batch = as_batch(images)
    means, stds = as_numbers("mean", mean).flatten(), as_numbers("std", std).flatten()
    for name, values in (("mean", means), ("std", stds)):
        fit = len(values) in (1, batch.shape[1]) and values.isfinite().all()
        if not fit or (name == "std" and not values.all()):
            raise ValueError(
                f"{name}={values.tolist()} given for {batch.shape[1]} channels, but one number "
                f"for each{', not 0,' * (name == 'std')} expected."
            )
    factor, shift = 1 / (white_of(batch) * stds), -means / stds
    dtype = working(batch[:0]).dtype
    if out is not None and not (
        out.shape == images.shape and out.dtype == dtype and out.is_contiguous()
    ):
        raise ValueError(
            f"out of shape {list(out.shape)} and {out.dtype} given, but a contiguous one of shape "
            f"{list(images.shape)} and {dtype} expected."
        )
    if not by_loops(batch):
        x = working(batch)
        x = x * factor.to(x)[:, None, None] + shift.to(x)[:, None, None]
        output = x.view(images.shape) if out is None else out.copy_(x.view(images.shape))
        return tv_tensors.wrap(output, like=images)
    from d2laug.augment.loops import color, each_picture

    # NumPy's large arrays come in large pages, which the system hands out faster.
    output = torch.from_numpy(np.empty(batch.shape, np.float32)) if out is None else out
    planes = batch.contiguous().flatten(2), output.as_subclass(Tensor).view(batch.shape).flatten(2)
    numbers = (v.float().expand(batch.shape[:2]) for v in (factor, shift))
    each_picture(color.normalize, *planes, *numbers)
    return tv_tensors.wrap(output.view(images.shape), like=images)


def adjust_brightness(images: Tensor, factor: float | Tensor) -> Tensor:
    """Multiply pictures by `factor`; 0 is black, 1 changes nothing.

    `images`: `[N, C, H, W]` or `[C, H, W]` of 1 or 3 channels, `uint8`, `uint16`, or floating point
    in 0 to 1. `factor`: a number or one for each picture, not negative. Raises `ValueError` where
    these do not hold.

    Source: `torchvision.transforms.v2.functional.adjust_brightness`.

    >>> adjust_brightness(torch.full((3, 1, 1), 0.5), 1.5).flatten()
    tensor([0.7500, 0.7500, 0.7500])
    """
    return _adjust("brightness", images, factor)


def adjust_contrast(images: Tensor, factor: float | Tensor) -> Tensor:
    """Pull pictures away from the mean of their gray (factor above 1) or to it (below 1).

    Arguments and errors: as of `adjust_brightness`.
    Source: `torchvision.transforms.v2.functional.adjust_contrast`.

    >>> adjust_contrast(torch.tensor([0.2, 0.6]).expand(3, 1, 2), 0)[0].round(decimals=3)
    tensor([[0.4000, 0.4000]])
    """
    return _adjust("contrast", images, factor)


def adjust_saturation(images: Tensor, factor: float | Tensor) -> Tensor:
    """Pull each pixel away from its own gray (factor above 1) or to it (below 1).

    Arguments and errors: as of `adjust_brightness`.
    Source: `torchvision.transforms.v2.functional.adjust_saturation`.

    >>> adjust_saturation(torch.tensor([1.0, 0, 0]).view(3, 1, 1), 0).flatten()
    tensor([0.2989, 0.2989, 0.2989])
    """
    return _adjust("saturation", images, factor)


def adjust_hue(images: Tensor, shift: float | Tensor) -> Tensor:
    """Move the hue of every pixel along the color circle.

    `shift`: a number or one for each picture, -0.5 to 0.5, where 1 is the whole circle. Other
    arguments and errors: as of `adjust_brightness`. Source: the formulas of HSV, as of
    `torchvision.transforms.v2.functional.adjust_hue`.

    >>> adjust_hue(torch.tensor([1.0, 0, 0]).view(3, 1, 1), 1 / 3).flatten().round().abs()
    tensor([0., 1., 0.])
    """
    return _adjust("hue", images, shift)


def _adjust(name: str, images: Tensor, factor: float | Tensor) -> Tensor:
    factor = as_numbers("factor", factor).float()
    low, high = (-0.5, 0.5) if name == "hue" else (0, math.inf)
    if not ((low <= factor) & (factor <= high) & factor.isfinite()).all():
        raise ValueError(f"{name} {factor.tolist()} given, but {low} to {high} expected.")
    batch = as_batch(images)
    factor = one_each(name, factor, batch)
    factors = [factor if change == name else None for change in CHANGES]
    with without_autocast(batch), on_cpu():
        output = _jitter(batch, torch.arange(4).expand(len(batch), 4), factors)
    return tv_tensors.wrap(output.view(images.shape), like=images)


def _jitter_range(
    name: str,
    value: float | Sequence[float] | None,
    center: int = 1,
    bounds: tuple[float, float] = (0, math.inf),
) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, Iterable):
        value = number(name, value)
        if value < 0:
            raise ValueError(f"{name}={value} given, but a number that is not negative expected.")
        value = (max(center - value, 0) if center == 1 else -value, center + value)
    low, high = pair(name, value)
    if not (bounds[0] <= low <= high <= bounds[1] and high < math.inf):
        raise ValueError(
            f"{name}={value} given, but (low, high) expected, in order, within {bounds}."
        )
    return None if low == high == center else (low, high)
