"""TrivialAugment and RandAugment: operations of other transforms, chosen at random.

Each picture of a batch draws its own. Pictures with the same operation are changed together, and
`uint8` is cut off, not rounded, after each: so every result is that of torchvision, bit for bit
(where the processor has AVX2 or its like; without it PyTorch itself rounds otherwise). Warps may
differ: by `"nearest"` where a pixel is taken from the middle between two others, and by
`"bilinear"` by one level, in less than one value of 1,000.
"""

from collections.abc import Callable
from typing import Any, NamedTuple  # a fill may be Any

import PIL.Image
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

from d2laug.augment.arguments import fills, one_of, whole
from d2laug.augment.base import (
    BatchTransform,
    Params,
    by_loops,
    check_channels,
    check_mode,
    check_values,
    on_cpu,
    pick,
    put,
    white_of,
    without_autocast,
    working,
)
from d2laug.augment.filters import adjust_sharpness
from d2laug.augment.geometry import Fill
from d2laug.augment.places import back_from_affine, warp
from d2laug.augment.samples import LABELS, as_batch
from d2laug.augment.tone import even_out, posterize, solarize
from d2laug.augment.warp import RandomRotation

PLAIN = ("Identity", "AutoContrast", "Equalize")  # these have no magnitude
SIGNED = 9  # this many of the operations, without the first, go both ways
# The largest magnitudes of Shear, Rotate, of changes of color and sharpness, and the bits taken off
WIDE = {"shear": 0.99, "rotate": 135.0, "color": 0.99, "bits": 6}
NARROW = {"shear": 0.3, "rotate": 30.0, "color": 0.9, "bits": 4}


class _Outside(NamedTuple):
    """How a pixel is taken, and what is seen where there is no picture."""

    interpolation: str
    fill: Fill


class _Auto(BatchTransform):
    """What the two share: how operations are drawn for each picture, and applied."""

    moves = False
    most: dict[str, float]

    def __init__(
        self,
        num_magnitude_bins: int,
        interpolation: InterpolationMode | str,
        fill: Fill,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__(generator)
        self.num_magnitude_bins = whole("num_magnitude_bins", num_magnitude_bins, 2)
        self.interpolation = one_of("interpolation", interpolation, "nearest", "bilinear")
        self.fill = fills(fill)

    def make_params(self, flat_inputs: Any) -> Params:
        """Draw `{"operation": int64 [N, K], "magnitude": float64 [N, K]}` for K operations each.

        `operation` numbers `OPERATIONS`. Raises `TypeError` for labels, which these cannot move.
        """
        inputs = [flat_inputs] if isinstance(flat_inputs, Tensor) else list(flat_inputs)
        for x in inputs:
            if isinstance(x, LABELS):
                raise TypeError(
                    f"{type(x).__name__} given, but {type(self).__name__} changes pictures only. "
                    "Leave labels out, or choose transforms that move them."
                )
        return super().make_params(inputs)

    def describe(self, row: Params) -> list[str]:
        """Put the draw of one picture into words."""
        drawn = zip(row["operation"].tolist(), row["magnitude"].tolist(), strict=True)
        named = [(list(OPERATIONS)[k], magnitude) for k, magnitude in drawn]
        return [name if name in PLAIN else f"{name} {magnitude:z.2f}" for name, magnitude in named]

    def _draw_operations(self, index: Tensor, height: int, width: int) -> Params:
        """Draw an operation for each magnitude's number in `index` `[N, K]`."""
        operation = self._integers(0, len(OPERATIONS) - 1, *index.shape)
        magnitude = self._magnitudes(height, width)[operation, index]
        minus = (self._uniform(0, 1, *index.shape) <= 0.5) & (operation <= SIGNED)
        return {"operation": operation, "magnitude": torch.where(minus, -magnitude, magnitude)}

    def _magnitudes(self, height: int, width: int) -> Tensor:
        """Return the magnitudes of all operations, `[operations, bins]`."""
        n, most = self.num_magnitude_bins, self.most
        ends = dict.fromkeys(("ShearX", "ShearY"), most["shear"])
        ends |= {"TranslateX": self._shift(width), "TranslateY": self._shift(height)}
        ends |= {"Rotate": most["rotate"]}
        ends |= dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), most["color"])
        tables = {
            name: torch.linspace(0, end, n, dtype=torch.float32) for name, end in ends.items()
        }
        bins = torch.arange(n, dtype=torch.float32)
        tables["Posterize"] = (8 - bins / ((n - 1) / most["bits"])).round()
        tables["Solarize"] = torch.linspace(1, 0, n, dtype=torch.float32)
        nothing = torch.zeros(n)
        return torch.stack([tables.get(name, nothing).double() for name in OPERATIONS])

    def _shift(self, side: int) -> float:
        raise NotImplementedError

    def _label(self, label: Any, row: Params | None) -> Any:
        """Change a PIL image, or all pictures of a video, by one draw."""
        if isinstance(label, PIL.Image.Image):
            check_mode(label)
            frames = F.pil_to_tensor(label)[None]
            return F.to_pil_image(self._by_one(frames, row, PIL.Image.Image)[0])
        frames = label.as_subclass(Tensor).flatten(0, -4)
        return tv_tensors.wrap(self._by_one(frames, row, type(label)).view(label.shape), like=label)

    def _by_one(self, frames: Tensor, row: Params | None, kind: type) -> Tensor:
        each = {name: torch.as_tensor(v).expand(len(frames), -1) for name, v in (row or {}).items()}
        with without_autocast(frames), on_cpu():
            return self._change(as_batch(frames), each | {"kind": kind})

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        check_channels(batch)
        check_values(batch)
        if batch.dtype == torch.uint16:
            raise TypeError("uint16 given, but uint8 or floating point expected.")
        output, fill = batch.clone(memory_format=torch.contiguous_format), self.fill
        if isinstance(fill, dict):
            fill = fill.get(params["kind"], fill.get("others"))
        outside = _Outside(self.interpolation, fill)
        for operation, magnitude in zip(params["operation"].T, params["magnitude"].T, strict=True):
            for k in operation.unique().tolist():
                index, change = (operation == k).nonzero()[:, 0], list(OPERATIONS.values())[k]
                put(output, index, change(outside, pick(output, index), magnitude[index]))
        return output


class TrivialAugmentWide(_Auto):
    """Change each picture of a batch by one operation, drawn for each, of a random magnitude.

    The 14 operations of `OPERATIONS` are equally frequent, and so are the `num_magnitude_bins`
    magnitudes. `interpolation`: `"nearest"` or `"bilinear"`. `fill` is seen where there is no
    picture: a number, one for each channel, or a dictionary of these by type. 1 or 3 channels.

    Raises `ValueError` for other arguments and numbers of channels, and for floats outside of 0 to
    1; `TypeError` for `uint16` and for masks, boxes and points.

    Source: `torchvision.transforms.v2.TrivialAugmentWide`, which draws once for a batch; Müller and
    Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation", 2021.

    >>> params = TrivialAugmentWide().make_params(torch.zeros(5, 3, 8, 8, dtype=torch.uint8))
    >>> [list(OPERATIONS)[k] for k in params["operation"][:, 0]]
    [...]
    """

    most = WIDE

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = "nearest",
        fill: Fill = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(num_magnitude_bins, interpolation, fill, generator)

    def _shift(self, side: int) -> float:
        return 32.0

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        index = self._integers(0, self.num_magnitude_bins - 1, n, 1)
        return self._draw_operations(index, height, width)


class RandAugment(_Auto):
    """Change each picture of a batch by `num_ops` operations, drawn for each, of one `magnitude`.

    `magnitude`: a number from 0 to `num_magnitude_bins` - 1, where that is the largest. Operations,
    other arguments and errors as of `TrivialAugmentWide`, with smaller magnitudes.

    Source: `torchvision.transforms.v2.RandAugment`, which draws once for a batch; Cubuk et al.,
    "RandAugment: Practical automated data augmentation with a reduced search space", 2019.

    >>> batch = torch.zeros(5, 3, 8, 8, dtype=torch.uint8)
    >>> RandAugment(num_ops=3).make_params(batch)["operation"].shape
    torch.Size([5, 3])
    """

    most = NARROW

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode | str = "nearest",
        fill: Fill = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(num_magnitude_bins, interpolation, fill, generator)
        self.num_ops, self.magnitude = whole("num_ops", num_ops), whole("magnitude", magnitude)
        if self.magnitude >= self.num_magnitude_bins:
            raise ValueError(
                f"magnitude={magnitude} given, but a number below num_magnitude_bins="
                f"{self.num_magnitude_bins} expected."
            )

    def _shift(self, side: int) -> float:
        return 150.0 / 331.0 * side

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        index = torch.full((n, self.num_ops), self.magnitude)
        return self._draw_operations(index, height, width)


# Each operation takes what is outside, pictures [N, C, H, W], which it leaves as they are, and a
# magnitude for each, float64 [N].


def _sheared(axis: int) -> Callable[[_Outside, Tensor, Tensor], Tensor]:
    def shear(outside: _Outside, x: Tensor, magnitude: Tensor) -> Tensor:
        degrees = torch.zeros(len(x), 2, dtype=torch.float64)
        degrees[:, axis] = magnitude.atan().rad2deg()
        still = torch.zeros(len(x), dtype=torch.float64)
        matrices = back_from_affine(still, x.shape[-2:], shear=degrees, center=(0, 0))
        return warp(x, matrices, outside.interpolation, outside.fill)

    return shear


def _shifted(axis: int) -> Callable[[_Outside, Tensor, Tensor], Tensor]:
    def shift(outside: _Outside, x: Tensor, magnitude: Tensor) -> Tensor:
        pixels = torch.zeros(len(x), 2, dtype=torch.float64)
        pixels[:, axis] = magnitude.trunc()
        still = torch.zeros(len(x), dtype=torch.float64)
        matrices = back_from_affine(still, x.shape[-2:], translate=pixels)
        return warp(x, matrices, outside.interpolation, outside.fill)

    return shift


def _rotated(outside: _Outside, x: Tensor, magnitude: Tensor) -> Tensor:
    rotation = RandomRotation(0, outside.interpolation, fill=outside.fill)
    return rotation.transform(x, {"angle": magnitude})


BLACK, GRAY, MEAN = range(3)


def _blended(other: int) -> Callable[[_Outside, Tensor, Tensor], Tensor]:
    return lambda outside, x, magnitude: blend(x, 1 + magnitude, other)


def blend(batch: Tensor, factor: Tensor, other: int) -> Tensor:
    """Mix pictures with black, their gray or its mean, by a `factor` for each; cut off, not round.

    The sum has the rounding of torchvision's, in which a product and a sum are one step.
    """
    if other == GRAY and batch.shape[1] == 1:
        return batch.clone()
    factors, shares = factor.float(), (1 - factor).float()
    if by_loops(batch):
        from d2laug.augment.loops import changed, tone

        return changed(tone.blend, batch, factors, shares, for_all=(other,))
    x = working(batch)
    rest = torch.zeros_like(x[:, :1])
    if other != BLACK:
        rest = working(F.rgb_to_grayscale(batch, 1))
    if other == MEAN:
        rest = rest.mean((1, 2, 3), keepdim=True)
    factors, shares = (v.to(x)[:, None, None, None] for v in (factors, shares))
    return torch.addcmul(x * factors, rest, shares).clamp(0, white_of(batch)).to(batch.dtype)


OPERATIONS: dict[str, Callable[[_Outside, Tensor, Tensor], Tensor]] = {
    "Identity": lambda outside, x, magnitude: x,
    "ShearX": _sheared(0),
    "ShearY": _sheared(1),
    "TranslateX": _shifted(0),
    "TranslateY": _shifted(1),
    "Rotate": _rotated,
    "Brightness": _blended(BLACK),
    "Color": _blended(GRAY),
    "Contrast": _blended(MEAN),
    "Sharpness": lambda outside, x, magnitude: adjust_sharpness(x, 1 + magnitude),
    "Posterize": lambda outside, x, magnitude: posterize(x, magnitude.long()),
    "Solarize": lambda outside, x, magnitude: solarize(x, magnitude * white_of(x)),
    "AutoContrast": lambda outside, x, magnitude: even_out("autocontrast", x, magnitude == 0),
    "Equalize": lambda outside, x, magnitude: even_out("equalize", x, magnitude == 0),
}
