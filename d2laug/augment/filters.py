"""What mixes a pixel with its neighbors, or with chance: sharpness, blur, noise.

- `RandomAdjustSharpness`, and as a function `adjust_sharpness`;
- `GaussianBlur`; `GaussianNoise`.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any  # a sample, and what is drawn for it, may be Any

import PIL.Image
import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from d2laug.augment.arguments import number, output_size, positive_range, probability
from d2laug.augment.base import (
    BatchTransform,
    Params,
    by_loops,
    change_chosen,
    check_channels,
    check_values,
    on_cpu,
    white_of,
    without_autocast,
    working,
    write,
)
from d2laug.augment.samples import as_batch

VALUES_AT_ONCE = 2**16  # the noise for so many stays in the processor's cache


class RandomAdjustSharpness(BatchTransform):
    """Blur or sharpen each picture of a batch with probability `p`; each has its own coin.

    `sharpness_factor`: 0 blurs, 1 changes nothing, 2 sharpens as much as 0 blurs. 1 or 3 channels.
    Raises `ValueError` for a negative factor, for other numbers of channels, and for floats outside
    of 0 to 1.

    Source: `torchvision.transforms.v2.RandomAdjustSharpness`, which has one coin for a batch.

    >>> dot = torch.zeros(1, 1, 3, 3)
    >>> dot[..., 1, 1] = 0.5
    >>> RandomAdjustSharpness(0, p=1)(dot)[0, 0, 1].round(decimals=3)
    tensor([0.0000, 0.1920, 0.0000])
    """

    moves = False

    def __init__(
        self, sharpness_factor: float, p: float = 0.5, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(generator)
        self.sharpness_factor, self.p = number("sharpness_factor", sharpness_factor), probability(p)
        if not 0 <= self.sharpness_factor < torch.inf:
            raise ValueError(f"sharpness_factor={sharpness_factor} given, but 0 or more expected.")

    def _torchvision(self) -> v2.Transform:
        return v2.RandomAdjustSharpness(self.sharpness_factor, self.p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"apply": self._coins(n, self.p)}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return adjust_sharpness(batch, 1 + params["apply"].double() * (self.sharpness_factor - 1))


def adjust_sharpness(batch: Tensor, factor: Tensor) -> Tensor:
    """Blur or sharpen each picture by its `factor` `[N]`; 1 leaves it as it is."""
    check_channels(batch)
    check_values(batch)
    share = (1 - factor.double()).float()
    if by_loops(batch):
        from d2laug.augment.loops import changed, filters

        return changed(filters.sharpen, batch, share)
    output = batch.clone()
    for value in factor.unique().tolist():  # one factor at a time, as torchvision's takes it
        change = partial(F.adjust_sharpness, sharpness_factor=value)
        output = change_chosen(change, output, factor == value)
    return output


class GaussianBlur(BatchTransform):
    """Blur each picture of a batch by a Gaussian of its own width.

    `kernel_size`: odd, `K` or `(width, height)` in pixels. `sigma`: pixels, `(low, high)`, or one
    number that is not drawn. The picture is mirrored at its edges. Any number of channels.

    Raises `ValueError` for an even `kernel_size`, a `sigma` that is not positive or reversed, and,
    when it comes, for a picture that is too small to be mirrored.

    Source: `torchvision.transforms.v2.GaussianBlur`, which draws once for a batch.

    >>> first, second = GaussianBlur(3).make_params(torch.rand(2, 3, 8, 8))["sigma"]
    >>> first != second
    True
    """

    moves = False

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        sigma: float | Sequence[float] = (0.1, 2.0),
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.kernel_size = output_size(kernel_size, "kernel_size")
        if not all(side % 2 for side in self.kernel_size):
            raise ValueError(f"kernel_size={kernel_size} given, but odd numbers expected.")
        values = list(sigma) if isinstance(sigma, Iterable) else [sigma]
        self.sigma = positive_range("sigma", values * 2 if len(values) == 1 else values)

    def _torchvision(self) -> v2.Transform:
        return v2.GaussianBlur(self.kernel_size, self.sigma)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        sigma = self._uniform(*self.sigma, n).float().tolist()
        return {"sigma": [[one, one] for one in sigma]}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        width, height = self.kernel_size
        if batch.shape[3] <= width // 2 or batch.shape[2] <= height // 2:
            raise ValueError(
                f"Pictures of {list(batch.shape[-2:])} given, but more than {height // 2} x "
                f"{width // 2} pixels expected for kernel_size={self.kernel_size}."
            )
        sigma = torch.tensor(params["sigma"], dtype=torch.float64).view(-1, 2, 1)
        across, down = _gaussian(width, sigma[:, 0]), _gaussian(height, sigma[:, 1])
        if by_loops(batch):
            from d2laug.augment.loops import changed, filters

            return changed(filters.blur, batch, across.float(), down.float())
        if not len(batch):
            return batch.clone()
        x = working(batch)
        across, down = (w.to(x).repeat_interleave(x.shape[1], 0)[:, None] for w in (across, down))
        padded = pad(x, [width // 2] * 2 + [height // 2] * 2, mode="reflect")
        planes = padded.flatten(0, 1)[None]  # each channel of each picture has its own weights
        planes = conv2d(planes, across[:, :, None], groups=len(across))
        planes = conv2d(planes, down[..., None], groups=len(down))
        return write(planes.view_as(x), batch)


def _gaussian(size: int, sigma: Tensor) -> Tensor:
    """Return the weights of a Gaussian of each width `sigma` `[N, 1]`: `[N, size]`."""
    place = torch.arange(size, dtype=sigma.dtype) - size // 2
    return torch.softmax(-((place / sigma) ** 2) / 2, 1)


class GaussianNoise(BatchTransform):
    """Add normally distributed noise to each value of each picture of a batch, all of it anew.

    `mean` and `sigma`: of the noise, where white is 1. The values are cut off at black and white;
    `clip=False`, by which levels of `uint8` would wrap around, is for floats only. There is nothing
    to draw for a picture as a whole, and the same numbers come only where the seed, the shape and
    the type of the pictures are the same.

    Raises `ValueError` for a negative `sigma`, and for floats outside of 0 to 1 that shall be
    clipped; `TypeError` for `uint16`.

    Source: `torchvision.transforms.v2.GaussianNoise`.

    >>> gray = torch.full((4, 3, 50, 50), 0.5)
    >>> GaussianNoise(sigma=0.1, generator=torch.Generator().manual_seed(0))(gray).std()
    tensor(0.100...)
    """

    moves = False

    def __init__(
        self,
        mean: float = 0.0,
        sigma: float = 0.1,
        clip: bool = True,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.mean, self.sigma, self.clip = number("mean", mean), number("sigma", sigma), bool(clip)
        if not (0 <= self.sigma < torch.inf and abs(self.mean) < torch.inf):
            raise ValueError(
                f"mean={mean}, sigma={sigma} given, but a sigma of 0 or more expected."
            )

    def _torchvision(self) -> v2.Transform:
        return v2.GaussianNoise(self.mean, self.sigma, self.clip)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {}

    def _label(self, label: Any, row: Params | None) -> Any:
        if isinstance(label, PIL.Image.Image):
            return super()._torchvision()  # torchvision's takes none either
        if not isinstance(label, tv_tensors.Video):
            return super()._label(label, row)
        frames = as_batch(label.as_subclass(Tensor).flatten(0, -4))
        with without_autocast(frames), on_cpu():
            return tv_tensors.wrap(self._change(frames, {}).view(label.shape), like=label)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        if batch.dtype == torch.uint16:
            raise TypeError("uint16 given, but uint8 or floating point expected for noise.")
        if not self.clip and not batch.is_floating_point():
            raise ValueError("clip=False given, but levels of uint8 would wrap around: clip them.")
        if self.clip:
            check_values(batch)
        white = white_of(batch)
        mean, sigma = self.mean * white, self.sigma * white
        if by_loops(batch):
            from d2laug.augment.loops import each_picture, filters

            output = torch.empty_like(batch, memory_format=torch.contiguous_format)
            some = 1 + VALUES_AT_ONCE // batch[0].numel()
            for part, out in zip(batch.split(some), output.split(some), strict=True):
                noise = self._normal(part, torch.float32)
                each_picture(filters.add_noise, part, out, noise, for_all=(mean, sigma))
            return output
        x = working(batch)
        noise = self._normal(x, x.dtype) * sigma + mean
        # Whole levels, their fraction cut off, as torchvision adds them
        x = x + (noise if batch.is_floating_point() else noise.trunc())
        return (x.clamp(0, white) if self.clip else x).to(batch.dtype)

    def _normal(self, like: Tensor, dtype: torch.dtype) -> Tensor:
        device = self.generator.device if self.generator is not None else like.device
        noise = torch.randn(like.shape, generator=self.generator, dtype=dtype, device=device)
        return noise.to(like.device)
