"""Brightness, contrast, saturation and hue: each by itself, and all of them at random."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from d2laug.augment.base import (
    BatchTransform,
    as_batch,
    check_values,
    one_each,
    pair,
    slices_of,
    white_of,
    working,
    working_dtype,
    write,
)


class ColorJitter(BatchTransform):
    """Change brightness, contrast, saturation and hue of each picture, in a random order.

    `brightness`, `contrast`, `saturation`: a number `a` for factors uniform in
    `[max(0, 1 - a), 1 + a]`, or `(low, high)`. `hue`: a number up to 0.5 for shifts uniform in
    `[-hue, hue]`, or `(low, high)` within -0.5 to 0.5; 1 is the whole color circle. What is left
    out is not changed.

    `compile=True` has `torch.compile` turn the arithmetic of the hue into one loop. That takes some
    seconds at the first batch, and a C++ compiler and Python's header files on a CPU (Debian's
    `g++` and `python3-dev`), without which `torch.compile` raises an error.

    Raises `ValueError` for negative or reversed values and for hues beyond 0.5, and for floating
    point pictures that hold NaN or values outside 0 to 1.

    Source: `torchvision.transforms.v2.ColorJitter`. On `uint8` the result is rounded once, at the
    end, where torchvision truncates after each step.

    >>> jitter = ColorJitter(brightness=0.5, hue=(0.5, 0.5))
    >>> batch = torch.rand(4, 3, 8, 8)
    >>> params = jitter.make_params(batch)
    >>> sorted(params)
    ['brightness', 'hue', 'order']
    >>> params["hue"]
    tensor([0.5000, 0.5000, 0.5000, 0.5000])
    >>> jitter.transform(batch, params).shape
    torch.Size([4, 3, 8, 8])
    """

    def __init__(
        self,
        brightness: float | Sequence[float] | None = None,
        contrast: float | Sequence[float] | None = None,
        saturation: float | Sequence[float] | None = None,
        hue: float | Sequence[float] | None = None,
        *,
        compile: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.brightness = _jitter_range("brightness", brightness)
        self.contrast = _jitter_range("contrast", contrast)
        self.saturation = _jitter_range("saturation", saturation)
        self.hue = _jitter_range("hue", hue, center=0, bounds=(-0.5, 0.5))
        self._compiled = bool(compile)

    def make_params(self, batch: Tensor) -> dict[str, Tensor]:
        """Draw `{"brightness", "contrast", "saturation", "hue": float [N], "order": int64 [N, 4]}`.

        `order` numbers the four steps in that sequence: `[3, 0, 1, 2]` shifts the hue first. A step
        that is not asked for has no entry, and its number in `order` is skipped.
        """
        n = len(as_batch(batch))
        params = {"order": self._uniform(0, 1, n, 4).argsort(1)}
        for name in _COLOR_STEPS:
            if getattr(self, name) is not None:
                params[name] = self._uniform(*getattr(self, name), n).float()
        return params

    def extra_repr(self) -> str:
        """Name the ranges, and `compile` where it is on."""
        return ", ".join(filter(None, [super().extra_repr(), "compile=True" * self._compiled]))

    def _words(self, image: Tensor, row: dict[str, Tensor]) -> list[str]:
        factors = ("brightness", "contrast", "saturation")
        words = [f"{name} ×{row[name]:.2f}" for name in factors if name in row]
        return [*words, f"hue {row['hue']:+z.2f}"] if "hue" in row else words

    def _change(self, batch: Tensor, params: dict[str, Tensor]) -> Tensor:
        check_values(batch)
        order, change, contrast_first, code = _orders(params)
        code, together = code.sort(stable=True)
        counts = (code // 2).unique_consecutive(return_counts=True)[1].tolist()
        ends = pairwise(accumulate(counts, initial=0))
        groups = [i for start, stop in ends for i in slices_of(start, stop, batch)]
        change, contrasts_first = change[together], contrast_first[together].tolist()
        unasked = torch.zeros(len(batch))
        values = torch.stack([params.get(name, unasked) for name in _COLOR_STEPS], 1)
        factors = _for_each(values.gather(1, order)[together], batch)
        mixtures = _hue_mixture(_for_each(values[together, 3], batch))
        together = together.to(batch.device)
        output = torch.empty_like(batch, memory_format=torch.contiguous_format)
        # To split once is quicker than to slice in every group.
        for_all = together, factors, 1 - factors, mixtures, output
        for_groups = (x.split([i.stop - i.start for i in groups]) for x in for_all)
        for i, which, factor, share, mixture, result in zip(groups, *for_groups, strict=True):
            x = working(batch.index_select(0, which))
            numbers = change[i.start].tolist(), factor.unbind(1), share.unbind(1)
            steps = list(zip(*numbers, strict=True))
            shift_hue = _compiled_shift_hue() if self._compiled else _shift_hue
            x = _change_alike(
                x, steps, mixture, sum(contrasts_first[i]), white_of(batch), shift_hue
            )
            write(x, result)
        moved = (code != code[:1]).any()
        return output.index_select(0, together.argsort()) if moved else output


def _orders(params: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return what is done to each picture, in its order.

    The numbers of its steps and the kinds of its changes, `[N, steps]`, whether contrast comes
    before saturation, `[N]`, and a code to sort the pictures by, `[N]`.
    """
    asked_for = torch.tensor([name in params for name in _COLOR_STEPS])
    order = params["order"][asked_for[params["order"]]].view(len(params["order"]), len(params) - 1)
    # Pictures that take the same changes in the same order are put side by side, worked on
    # together, and put back. Contrast and saturation count as one change: 12 orders, not 24.
    # Within an order those come first that take contrast before saturation.
    change = torch.tensor([_BRIGHTNESS, _GRAY, _GRAY, _HUE])[order]
    grays = order[change == _GRAY].view(len(order), int(asked_for[1:3].sum()))
    contrast_first = (grays[:, :1] == _CONTRAST).any(1)
    code = 2 * (change @ 3 ** torch.arange(order.shape[1])) + ~contrast_first
    return order, change, contrast_first, code


def _change_alike(
    x: Tensor,
    steps: list[tuple[int, Tensor, Tensor]],
    mixture: Tensor,
    k: int,
    white: int,
    shift_hue: Callable[[Tensor, Tensor, int], Tensor],
) -> Tensor:
    """Change pictures whose changes come in one order, the first `k` of them contrast first."""
    contrast = iter([slice(k), slice(k, None)])  # in the first gray step, in the second
    for step, factor, share in steps:
        if step == _BRIGHTNESS:
            x = _multiply(x, factor, white)
        elif step == _GRAY:
            x = _blend_with_gray(x, share, next(contrast), white)
        else:
            x = shift_hue(x, mixture, white)
    return x


# Each change takes floating point pictures [N, 3, H, W] in 0 to `white`, which it may overwrite,
# and numbers for each of them, as `_for_each` or `_hue_mixture` arranges them.
_BRIGHTNESS, _GRAY, _HUE = range(3)
_CONTRAST = 1  # its number in an order


def _multiply(x: Tensor, factor: Tensor, white: int) -> Tensor:
    return x.mul_(factor).clamp_(max=white)


def _blend_with_gray(x: Tensor, share: Tensor, contrast: slice, white: int) -> Tensor:
    """Mix in a `share` of the gray version (saturation), in the slice `contrast` of its mean."""
    gray = _gray(x, white)
    mixed_with_mean = gray[contrast]
    mixed_with_mean.copy_(mixed_with_mean.mean((-2, -1), keepdim=True))
    return x.lerp_(gray, share).clamp_(0, white)


def _shift_hue(x: Tensor, mixture: Tensor, white: int) -> Tensor:
    """Mix the planes, and keep each pixel between its old smallest and its old largest value."""
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    ends = (low + high).mul_(mixture[:, :1, 3:, None])
    mixed = torch.baddbmm(ends.flatten(2), mixture[..., :3], x.flatten(2))
    return mixed.view_as(x).clamp_(low, high)


@cache
def _compiled_shift_hue() -> Callable[[Tensor, Tensor, int], Tensor]:
    """Return a function that does what `_shift_hue` does, in one loop over the pixels.

    The other changes gain nothing by it.
    """

    def shift_hue(x: Tensor, mixture: Tensor, white: int) -> Tensor:
        low, high = x.amin(1), x.amax(1)
        shares = mixture[..., None, None]
        planes = [(shares[:, i, :3] * x).sum(1) + shares[:, i, 3] * (low + high) for i in range(3)]
        return torch.stack([plane.clamp(low, high) for plane in planes], 1)

    return torch.compile(shift_hue, dynamic=True)  # dynamic: for groups of pictures of any size


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


_COLOR_STEPS: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "brightness": _multiply,
    "contrast": lambda x, factor, white: _blend_with_gray(x, 1 - factor, slice(None), white),
    "saturation": lambda x, factor, white: _blend_with_gray(x, 1 - factor, slice(0), white),
    "hue": lambda x, shift, white: _shift_hue(x, _hue_mixture(shift), white),
}


def _for_each(values: Tensor, batch: Tensor) -> Tensor:
    """Bring numbers for pictures, `[N, ...]`, to `batch`, shaped to act on `[N, 3, H, W]`."""
    return values.to(batch.device, working_dtype(batch))[..., None, None, None]


def _gray(x: Tensor, white: int) -> Tensor:
    r, g, b = x.chunk(3, dim=1)
    gray = (r * 0.2989).add_(g, alpha=0.587).add_(b, alpha=0.114)
    return gray.floor_() if white == 255 else gray


def adjust_brightness(images: Tensor, factor: float | Tensor) -> Tensor:
    """Multiply pictures by `factor`; 0 is black, 1 changes nothing.

    `images`: `[N, 3, H, W]` or `[3, H, W]`, `uint8` or floating point in 0 to 1. `factor`: a number
    or one for each picture, not negative. Raises `ValueError` where these do not hold.

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


@torch.no_grad()
def _adjust(name: str, images: Tensor, factor: float | Tensor) -> Tensor:
    factor = torch.as_tensor(factor, dtype=torch.float32)
    low, high = (-0.5, 0.5) if name == "hue" else (0, math.inf)
    if not ((low <= factor) & (factor <= high) & factor.isfinite()).all():
        raise ValueError(f"{name} {factor.tolist()} given, but {low} to {high} expected.")
    batch = as_batch(images)
    check_values(batch)
    x = batch.to(working_dtype(batch), copy=True)
    factor = _for_each(one_each(name, factor, batch), batch)
    x = _COLOR_STEPS[name](x, factor, white_of(batch))
    return write(x, torch.empty_like(batch)).view(images.shape)


def _jitter_range(
    name: str,
    value: float | Sequence[float] | None,
    center: int = 1,
    bounds: tuple[float, float] = (0, math.inf),
) -> tuple[float, float] | None:
    if value is None:
        return None
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"{name}={value} given, but a number that is not negative expected.")
        value = (max(center - value, 0) if center == 1 else -value, center + value)
    low, high = pair(name, value)
    if not (bounds[0] <= low <= high <= bounds[1] and high < math.inf):
        raise ValueError(
            f"{name}={value} given, but (low, high) expected, in order, within {bounds}."
        )
    return None if low == high == center else (low, high)
