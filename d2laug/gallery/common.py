"""What many effects are made of.

- `OnBatch` runs a function of batches on pictures of any dtype, one or many
- functions that run another one: `mix`, `to_own_size`, `back_to_size`, `with_sides_divisible`, ...
- random numbers and places: `draw`, `smooth_noise`, `chosen_cells`, `positions`, `look_up`, ...

A function of the course's own takes float pictures `[N, 3, H, W]`, 0 to 1, and returns new ones of
the same shape, which `OnBatch` brings back to the range. Random numbers are drawn on the CPU, for
each picture its own, so that `torch.manual_seed` decides the result on every device.

`export` copies these definitions, and those of the groups, into scripts that run without this
package. So they use torch, torchvision, NumPy and each other, and what else a function needs it
imports itself.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms import v2

# name: (library, strength -> code, when it breaks the label)
Entries = dict[str, tuple[str, Callable[[float], str], str]]


class OnBatch(nn.Module):
    """Run a function of batches [N, C, H, W] of one dtype on pictures of any dtype, one or many."""

    def __init__(
        self,
        function: Callable[..., Tensor],
        /,
        dtype: torch.dtype = torch.float32,
        **options: object,
    ) -> None:
        super().__init__()
        self.function, self.dtype, self.options = function, dtype, options

    def forward(self, image: Tensor, *labels: object) -> Tensor:
        """Return pictures `[..., 3, H, W]` changed, in their own dtype; refuse labels."""
        if labels:
            raise TypeError("labels given, but this effect takes the picture alone")
        check_picture(image)
        if image.numel() == 0:
            return image.clone()
        batch = v2.functional.to_dtype(image, self.dtype, scale=True)
        if batch.is_floating_point():
            batch = batch.clamp(0, 1)  # what a resize left below 0 has no root, no logarithm
        with torch.autocast(image.device.type, enabled=False):
            batch = self.function(batch.reshape(-1, *image.shape[-3:]), **self.options)
        if batch.is_floating_point():
            batch = batch.clamp(0, 1)
        return v2.functional.to_dtype(batch.reshape(image.shape), image.dtype, scale=True)


def check_picture(image: Tensor) -> None:
    """Raise `TypeError` or `ValueError` for what would give a wrong picture without a word."""
    if not isinstance(image, torch.Tensor):
        raise TypeError(f"{type(image).__name__} given, but a tensor expected: first v2.ToImage()")
    if image.ndim < 3 or image.shape[-3] != 3:
        raise ValueError(f"shape {list(image.shape)} given, but [..., 3, H, W] expected")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise TypeError(f"{image.dtype} given, but uint8 or floating point expected")
    if image.is_meta:
        raise ValueError("a picture on the device meta given, where tensors have no values")
    if image.is_floating_point() and image.numel():
        low, high = image.aminmax()
        if not (low >= -0.01 and high <= 1.01):  # NaN, too
            raise ValueError(f"values from {low:.3g} to {high:.3g} given, but 0 to 1 expected")


# ---- running another function


def mix(batch: Tensor, function: Callable[..., Tensor], amount: float, **options: object) -> Tensor:
    """Go a part of the way, `amount` 0 to 1, from the picture to `function(picture)`."""
    return batch + amount * (function(batch, **options).clamp(0, 1) - batch)


def to_own_size(batch: Tensor, transform: Callable[..., nn.Module], **options: object) -> Tensor:
    """Make a transform that wants to know the size of its result, and keep the size."""
    result: Tensor = transform(list(batch.shape[-2:]), **options)(batch)
    return result


def back_to_size(batch: Tensor, transform: Callable[[Tensor], Tensor]) -> Tensor:
    """Run a transform that changes the size, and resize its result."""
    return v2.functional.resize(transform(batch), list(batch.shape[-2:]))


def with_sides_divisible(batch: Tensor, transform: Callable[[Tensor], Tensor], by: int) -> Tensor:
    """Run a transform that needs sides divisible by `by`: stretch the pictures for it, and back."""
    height, width = batch.shape[-2:]
    stretched = v2.functional.resize(batch, [height + -height % by, width + -width % by])
    return v2.functional.resize(transform(stretched), [height, width])


def on_arrays(batch: Tensor, function: Callable[..., np.ndarray], **options: object) -> Tensor:
    """Run a function of one array H x W x C, such as those of scikit-image, on each picture."""
    arrays = batch.detach().permute(0, 2, 3, 1).cpu().double().numpy()
    results = [torch.from_numpy(function(array, **options).copy()) for array in arrays]
    return torch.stack(results).permute(0, 3, 1, 2).to(batch)


# ---- random numbers


def draw(batch: Tensor, low: float = 0.0, high: float = 1.0, channels: int = 1) -> Tensor:
    """Return a random number for each picture, [N, channels, 1, 1]."""
    return torch.empty(len(batch), channels, 1, 1).uniform_(low, high).to(batch)


def smooth_noise(batch: Tensor, cells: int, channels: int = 1) -> Tensor:
    """Return noise [N, channels, H, W], 0 to 1: a random grid of cells x cells, made smooth."""
    noise = torch.rand(len(batch), channels, cells, cells).to(batch)
    return F.interpolate(noise, batch.shape[-2:], mode="bicubic").clamp(0, 1)


def cloudy_noise(batch: Tensor) -> Tensor:
    """Return noise [N, 1, H, W], 0 to 1, with large shapes and ever finer detail, as of clouds."""
    noise = torch.zeros_like(batch[:, :1])
    for i in range(1, 7):
        noise = noise + smooth_noise(batch, 2**i) / 2**i
    low, high = noise.amin((1, 2, 3), keepdim=True), noise.amax((1, 2, 3), keepdim=True)
    return (noise - low) / (high - low).clamp(min=1e-6)


def chosen_cells(
    batch: Tensor, share: float, cells: tuple[int, int] | None, channels: int = 1
) -> Tensor:
    """Choose a share of the pixels or of a grid of `cells` (rows, columns): [N, channels, H, W]."""
    rows, columns = cells or batch.shape[-2:]
    chosen = (torch.rand(len(batch), channels, rows, columns) < share).to(batch)
    return F.interpolate(chosen, batch.shape[-2:])


# ---- places and colors


def positions(batch: Tensor) -> tuple[Tensor, Tensor]:
    """Return where the pixels lie, x and y [N, H, W], from -1 to 1 across the picture."""
    unmoved = torch.eye(2, 3).to(batch).expand(len(batch), 2, 3)
    x, y = F.affine_grid(unmoved, list(batch.shape), align_corners=False).unbind(-1)
    return x, y


def look_up(batch: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Read the picture at the places x, y; beyond its edge it goes on mirrored."""
    places = torch.stack([x, y], -1)
    return F.grid_sample(batch, places, padding_mode="reflection", align_corners=False)


def gray(batch: Tensor) -> Tensor:
    """Return the lightness, [N, 1, H, W]."""
    return v2.functional.rgb_to_grayscale(batch)


def blurred(batch: Tensor, sigma: float) -> Tensor:
    """Return the picture behind a Gaussian blur with a kernel of 15 x 15 pixels."""
    return v2.functional.gaussian_blur(batch, [15, 15], [sigma])
