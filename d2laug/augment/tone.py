"""What changes the tones of a picture by one rule: gray, inverted, fewer or more even levels.

- `RandomGrayscale`, `RandomInvert`, `RandomAutocontrast`;
- `RandomPosterize`, `RandomSolarize`, `RandomEqualize`, and what they do as functions: `posterize`,
  `solarize`, `even_out`.
"""

from functools import partial

import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from d2laug.augment.arguments import number, probability, whole
from d2laug.augment.base import (
    BatchTransform,
    Params,
    by_loops,
    change_chosen,
    check_channels,
    check_values,
    white_of,
)


class _RandomTone(BatchTransform):
    """A change that has nothing to draw but whether it happens."""

    moves = False

    def __init__(self, p: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__(generator)
        self.p = probability(p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"apply": self._coins(n, self.p)}


class RandomGrayscale(_RandomTone):
    """Take the colors from each picture of a batch with probability `p`; each has its own coin.

    Pictures keep their number of channels, 1 or 3; others raise `ValueError`.

    Source: `torchvision.transforms.v2.RandomGrayscale`, which has one coin for a batch.

    >>> RandomGrayscale(p=1)(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)).flatten()
    tensor([0.2989, 0.2989, 0.2989])
    """

    def __init__(self, p: float = 0.1, *, generator: torch.Generator | None = None) -> None:
        super().__init__(p, generator=generator)

    def _torchvision(self) -> v2.Transform:
        return v2.RandomGrayscale(self.p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return super()._draw(n, channels, height, width) | {"num_input_channels": channels}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        check_channels(batch)
        if batch.shape[1] == 1:
            return batch.clone()
        if by_loops(batch):
            from d2laug.augment.loops import changed, tone

            return changed(tone.gray, batch, params["apply"])
        return change_chosen(lambda x: F.rgb_to_grayscale(x, 3), batch, params["apply"])


class RandomInvert(_RandomTone):
    """Turn light to dark in each picture of a batch with probability `p`; each has its own coin.

    Any number of channels. Raises `ValueError` for floats outside of 0 to 1.

    Source: `torchvision.transforms.v2.RandomInvert`, which has one coin for a batch.

    >>> RandomInvert(p=1)(torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2)).flatten()
    tensor([255,   0], dtype=torch.uint8)
    """

    def _torchvision(self) -> v2.Transform:
        return v2.RandomInvert(self.p)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        check_values(batch)
        apply = params["apply"].to(batch.device)[:, None, None, None]
        if batch.is_floating_point():
            return torch.where(apply, 1 - batch, batch)
        return batch ^ (apply * white_of(batch)).to(batch.dtype)


class RandomPosterize(_RandomTone):
    """Keep `bits` bits of every level of each picture of a batch with probability `p`.

    `bits`: 0 to 8. Any number of channels. Each picture has its own coin. Raises `ValueError` for
    other numbers of bits, and for floats outside of 0 to 1.

    Source: `torchvision.transforms.v2.RandomPosterize`, which has one coin for a batch.

    >>> posterize = RandomPosterize(bits=1, p=1)
    >>> posterize(torch.tensor([100, 200], dtype=torch.uint8).view(1, 1, 1, 2)).flatten()
    tensor([  0, 128], dtype=torch.uint8)
    """

    def __init__(
        self, bits: int, p: float = 0.5, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(p, generator=generator)
        self.bits = whole("bits", bits)
        if self.bits > 8:
            raise ValueError(f"bits={bits} given, but a whole number from 0 to 8 expected.")

    def _torchvision(self) -> v2.Transform:
        return v2.RandomPosterize(self.bits, self.p)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return posterize(batch, torch.where(params["apply"], self.bits, ALL_BITS))


ALL_BITS = 16  # as many as any picture has


def posterize(batch: Tensor, bits: Tensor) -> Tensor:
    """Keep the highest `bits`, int64 `[N]`, of each picture's levels, or `ALL_BITS`."""
    check_values(batch)
    if batch.is_floating_point():
        output = batch.clone()
        for value in bits[bits < ALL_BITS].unique().tolist():
            output = change_chosen(partial(F.posterize, bits=value), output, bits == value)
        return output
    white = white_of(batch)
    mask = white - (white >> bits)
    return batch & mask.to(batch.device, batch.dtype)[:, None, None, None]


class RandomSolarize(_RandomTone):
    """Invert what is as bright as `threshold` or brighter, in each picture with probability `p`.

    `threshold`: a level of integers, or a value of 0 to 1 for floats. Any number of channels. Each
    picture of a batch has its own coin. Raises `ValueError` for a `threshold` below 0 or above
    white, and for floats outside of 0 to 1, and `TypeError` for `uint16`.

    Source: `torchvision.transforms.v2.RandomSolarize`, which has one coin for a batch.

    >>> solarize = RandomSolarize(threshold=128, p=1)
    >>> solarize(torch.tensor([100, 200], dtype=torch.uint8).view(1, 1, 1, 2)).flatten()
    tensor([100,  55], dtype=torch.uint8)
    """

    def __init__(
        self, threshold: float, p: float = 0.5, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(p, generator=generator)
        self.threshold = number("threshold", threshold)
        if not 0 <= self.threshold < torch.inf:
            raise ValueError(f"threshold={threshold} given, but 0 or more expected.")

    def _torchvision(self) -> v2.Transform:
        return v2.RandomSolarize(self.threshold, self.p)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        threshold = torch.tensor(self.threshold, dtype=torch.float64)
        return solarize(batch, torch.where(params["apply"], threshold, torch.inf))


def solarize(batch: Tensor, threshold: Tensor) -> Tensor:
    """Invert what is at its picture's `threshold` `[N]` or above; infinity leaves it as it is.

    Raises `TypeError` for `uint16`, and `ValueError` for a threshold above white.
    """
    check_values(batch)
    if batch.dtype == torch.uint16:
        raise TypeError("uint16 given, but uint8 or floating point expected to solarize.")
    finite = threshold[threshold.isfinite()]
    if (finite > white_of(batch)).any():
        raise ValueError(
            f"A threshold of {finite.max():g} given, but at most {white_of(batch)}, the white of "
            f"{batch.dtype}, expected."
        )
    if by_loops(batch):
        from d2laug.augment.loops import changed, tone

        # The first level that is at the threshold, which PyTorch compares as a float32
        level = threshold.float().clamp(min=0, max=256).ceil().long()
        return changed(tone.solarize, batch, level)
    dtype = batch.dtype if batch.is_floating_point() else torch.float32
    limit = threshold.to(batch.device, dtype)[:, None, None, None]
    return torch.where(batch >= limit, F.invert(batch), batch)


class RandomAutocontrast(_RandomTone):
    """Stretch the levels of each channel to black and white, in each picture with probability `p`.

    1 or 3 channels. Each picture of a batch has its own coin. Raises `ValueError` for other numbers
    of channels, and for floats outside of 0 to 1.

    Source: `torchvision.transforms.v2.RandomAutocontrast`, which has one coin for a batch.

    >>> dull = torch.tensor([100, 120, 151], dtype=torch.uint8).view(1, 1, 1, 3)
    >>> RandomAutocontrast(p=1)(dull).flatten()
    tensor([  0,  99, 254], dtype=torch.uint8)
    """

    def _torchvision(self) -> v2.Transform:
        return v2.RandomAutocontrast(self.p)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        check_channels(batch)
        return even_out("autocontrast", batch, params["apply"])


class RandomEqualize(_RandomTone):
    """Make the levels of each channel equally frequent, in each picture with probability `p`.

    Any number of channels; floats are equalized in 256 steps. Each picture of a batch has its own
    coin. Raises `ValueError` for floats outside of 0 to 1.

    Source: `torchvision.transforms.v2.RandomEqualize`, which has one coin for a batch.

    >>> dark = (torch.arange(4096) // 64).to(torch.uint8).view(1, 1, 64, 64)
    >>> RandomEqualize(p=1)(dark).unique()[[0, 1, 2, -1]]
    tensor([  0,   4,   9, 255], dtype=torch.uint8)
    """

    def _torchvision(self) -> v2.Transform:
        return v2.RandomEqualize(self.p)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return even_out("equalize", batch, params["apply"])


def even_out(name: str, batch: Tensor, apply: Tensor) -> Tensor:
    """Change the chosen pictures by the loop or the function of torchvision of this name."""
    check_values(batch)
    if by_loops(batch):
        from d2laug.augment.loops import changed, tone

        return changed(getattr(tone, name), batch, apply)
    return change_chosen(getattr(F, name), batch, apply)
