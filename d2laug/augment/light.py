"""The light of a scene: its color temperature, and lamps that a glossy desk reflects.

- `RandomColorTemperature`, and as functions `adjust_color_temperature`, `kelvin_to_gains`;
- `RandomReflection`;
- `to_linear`, `to_srgb`: from the numbers of a picture to amounts of light, and back.
"""

import math
from collections.abc import Sequence
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors

from d2laug.augment.arguments import positive_range, probability
from d2laug.augment.base import (
    BatchTransform,
    Params,
    as_numbers,
    by_loops,
    change_chosen,
    check_channels,
    check_values,
    one_each,
    white_of,
    working,
    write,
)
from d2laug.augment.samples import as_batch


def to_linear(srgb: Tensor) -> Tensor:
    """Turn sRGB values (0 to 1, as in a picture file) into amounts of light (0 to 1).

    `srgb` is any floating point tensor, else `TypeError`; the inverse is `to_srgb`. Source: IEC
    61966-2-1.

    >>> to_linear(torch.tensor([0.0, 0.5, 1.0]))
    tensor([0.0000, 0.2140, 1.0000])
    """
    _check_float(srgb)
    # Cut off first: a power that is not chosen would make the gradient NaN at black.
    power = ((srgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(srgb <= 0.04045, srgb / 12.92, power)


def to_srgb(linear: Tensor) -> Tensor:
    """Turn amounts of light (0 to 1) into sRGB values (0 to 1, as in a picture file).

    `linear` is any floating point tensor, else `TypeError`; the inverse is `to_linear`. Source: IEC
    61966-2-1.

    >>> to_srgb(torch.tensor([0.0, 0.2140, 1.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    _check_float(linear)
    power = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, power)


def _check_float(values: Tensor) -> None:
    if not isinstance(values, Tensor) or not values.is_floating_point():
        given = getattr(values, "dtype", type(values).__name__)
        raise TypeError(
            f"{given} given, but a floating point tensor, 0 to 1, expected. Convert uint8 with "
            "torchvision.transforms.v2.functional.to_dtype(..., scale=True)."
        )


_KELVIN = (2000, 20000)


def kelvin_to_gains(kelvin: float | Tensor) -> Tensor:
    """Return what light of a black body at `kelvin` does to red, green and blue.

    `kelvin`: a number or a tensor `[...]`, 2000 to 20000, else `ValueError`. Returns factors on
    linear light, `[..., 3]`, for a camera whose white balance is set to 6500 K: there all three are
    1, below it red grows and blue shrinks. The luminance of white stays 1.

    Source: Planck's law, seen by the CIE 1931 observer as fitted by Wyman, Sloan and Shirley,
    "Simple analytic approximations to the CIE XYZ color matching functions", JCGT 2013, in the
    primaries of sRGB. Chromaticities are within 0.003 of the published Planckian locus. Below about
    1900 K the light lies outside of what sRGB can show.

    >>> kelvin_to_gains(torch.tensor([3000.0, 6500.0]))
    tensor([[1.6941, 0.8680, 0.2636],
            [1.0000, 1.0000, 1.0000]])
    """
    kelvin = as_numbers("kelvin", kelvin)
    _check_kelvin(kelvin)
    rgb = _black_body(kelvin.numpy()) / _black_body(np.array(6500.0))
    luminance = rgb @ [0.2126, 0.7152, 0.0722]
    return torch.from_numpy(rgb / luminance[..., None]).float()


@cache
def _observer() -> tuple[np.ndarray, np.ndarray]:
    """Return wavelengths `[95]` in nm, and how much each counts for red, green, blue: `[95, 3]`."""
    nm = np.arange(360.0, 831.0, 5.0)

    def lobe(height: float, center: float, below: float, above: float) -> np.ndarray:
        return height * np.exp(-0.5 * ((nm - center) / np.where(nm < center, below, above)) ** 2)

    x = lobe(1.056, 599.8, 37.9, 31.0) + lobe(0.362, 442.0, 16.0, 26.7)
    x = x + lobe(-0.065, 501.1, 20.4, 26.2)
    y = lobe(0.821, 568.8, 46.9, 40.5) + lobe(0.286, 530.9, 16.3, 31.1)
    z = lobe(1.217, 437.0, 11.8, 36.0) + lobe(0.681, 459.0, 26.0, 13.8)
    return nm, np.stack([x, y, z], 1) @ XYZ_TO_RGB.T


XYZ_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def _black_body(kelvin: np.ndarray) -> np.ndarray:
    """Return the red, green and blue of black bodies, `[..., 3]`; NumPy stays in one thread."""
    nm, observer = _observer()
    return nm**-5 / np.expm1(1.438777e7 / (nm * kelvin[..., None])) @ observer


def adjust_color_temperature(images: Tensor, kelvin: float | Tensor) -> Tensor:
    """Light pictures that were taken under 6500 K with a black body at `kelvin` instead.

    Each channel is turned into linear light, multiplied by its part of `kelvin_to_gains`, cut off
    at white, and turned back.

    `images`: `[N, 3, H, W]` or `[3, H, W]`, `uint8`, `uint16`, or floating point in 0 to 1.
    `kelvin`: a number or one for each picture, 2000 to 20000. Raises `ValueError` where these do
    not hold.

    >>> white = torch.ones(3, 1, 1)
    >>> adjust_color_temperature(white, 3000).flatten()
    tensor([1.0000, 0.9396, 0.5503])
    """
    batch = as_batch(images)
    check_channels(batch, 3)
    check_values(batch)
    gains = kelvin_to_gains(one_each("kelvin", as_numbers("kelvin", kelvin), batch))
    if not by_loops(batch):
        return tv_tensors.wrap(_lit(batch, gains).view(images.shape), like=images)
    from d2laug.augment.loops import changed, light

    tables = light.to_linear_table(), light.to_srgb_table()
    output = changed(light.multiply_light, batch, gains, for_all=tables)
    return tv_tensors.wrap(output.view(images.shape), like=images)


def _lit(batch: Tensor, gains: Tensor) -> Tensor:
    """Multiply the light of each picture's channels by its `gains` `[N, 3]`."""
    x, white = working(batch), white_of(batch)
    light = to_linear(x / white) * gains.to(x)[..., None, None]
    return write(to_srgb(light.clamp(max=1)) * white, batch)


class RandomColorTemperature(BatchTransform):
    """Light each picture with a black body of random temperature, as `adjust_color_temperature`.

    `kelvin`: `(low, high)` within 2000 to 20000. The draws are uniform in 1 / kelvin, because equal
    steps of that look about equally large: 2500 to 3000 K is a bigger change than 8000 to 8500 K.
    The pictures are taken to be balanced for 6500 K. Raises `ValueError` for other temperatures.
    Labels stay as they are, and torchvision has no such transform.

    >>> warm = RandomColorTemperature(kelvin=(2500, 4000))
    >>> params = warm.make_params(torch.rand(100, 3, 4, 4))
    >>> bool((params["kelvin"] >= 2500).all() and (params["kelvin"] <= 4000).all())
    True
    """

    moves = False

    def __init__(
        self, kelvin: Sequence[float] = (2500, 10000), *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(generator)
        self.kelvin = positive_range("kelvin", kelvin)
        _check_kelvin(torch.tensor(self.kelvin, dtype=torch.float64, device="cpu"))

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        low, high = self.kelvin
        kelvin = 1 / self._uniform(1 / high, 1 / low, n)
        return {"kelvin": kelvin.float().clamp(low, high)}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return adjust_color_temperature(batch, params["kelvin"])

    def describe(self, row: Params) -> list[str]:
        """Put the draw of one picture into words."""
        return [f"{row['kelvin']:.0f} K"]


class RandomReflection(BatchTransform):
    """Add soft bright patches and streaks, as a glossy desk under strip lights shows them.

    A picture is changed with probability `p`. It gets `number` `(fewest, most)` soft-edged boxes of
    white light anywhere in the picture, in random directions. `strength` `(low, high)`: how bright
    each is, in linear light where 1 is white (a lamp's mirror image is brighter). `size`
    `(low, high)`: its width, as a share of the picture's shorter side; its length is one to five
    times that.

    The light is added, as a reflection adds it. With `auto_exposure`, the camera makes up for it:
    the whole picture is darkened until its mean amount of light is what it was before, by two stops
    (to a quarter) at most. What is brighter than white then is cut off.

    Raises `ValueError` for ranges that are reversed or not positive and for pictures that hold NaN
    or lie outside 0 to 1.

    >>> reflection = RandomReflection(p=1, number=(2, 2))
    >>> batch = torch.zeros(5, 3, 32, 32)
    >>> params = reflection.make_params(batch)
    >>> params["strength"].shape
    torch.Size([5, 2])
    >>> bool((reflection.transform(batch, params) >= batch).all())
    True
    """

    moves = False

    def __init__(
        self,
        p: float = 0.5,
        strength: Sequence[float] = (0.2, 2.0),
        number: Sequence[int] = (1, 3),
        size: Sequence[float] = (0.1, 0.3),
        auto_exposure: bool = True,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.p = probability(p)
        self.strength = positive_range("strength", strength)
        self.number = tuple(map(int, positive_range("number", number)))
        if self.number != tuple(number):
            raise ValueError(f"number={number} given, but whole numbers expected.")
        self.size = positive_range("size", size)
        self.auto_exposure = bool(auto_exposure)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        """Draw, for each of the `K = number[1]` boxes of each picture, float `[N, K]`:

        `strength` (0: this box is not there), center `x` and `y` (0 to 1 across the picture),
        `length` and `width` (shares of the shorter side), `angle` (radians, 0 along x).
        """
        shape = n, self.number[1]
        count = self._integers(*self.number, n, 1)
        count *= self._uniform(0, 1, n, 1) < self.p
        present = torch.arange(shape[1]) < count
        breadth = self._uniform(*self.size, *shape)
        params = {
            "strength": self._uniform(*self.strength, *shape) * present,
            "x": self._uniform(0, 1, *shape),
            "y": self._uniform(0, 1, *shape),
            "length": breadth * self._uniform(0, math.log(5), *shape).exp(),
            "width": breadth,
            "angle": self._uniform(0, math.pi, *shape),
        }
        return {name: values.float() for name, values in params.items()}

    def describe(self, row: Params) -> list[str]:
        """Put the draw of one picture into words."""
        lit = [f"{strength:.2f}" for strength in row["strength"] if strength > 0]
        return [f"strength {', '.join(lit)}" if lit else "no reflection"]

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        check_channels(batch, 3)
        check_values(batch)
        lit = params["strength"].any(1)
        boxes = [params[k] for k in ("x", "y", "length", "width", "angle", "strength")]
        sizes = torch.stack([params["length"], params["width"]])
        if not torch.stack(boxes).isfinite().all() or not (sizes > 0).all():
            raise ValueError("Lights of no size or place given, but finite numbers expected.")
        if not by_loops(batch):
            reflect = partial(_reflect, auto_exposure=self.auto_exposure)
            return change_chosen(reflect, batch, lit, *boxes)
        from d2laug.augment.loops import changed, light

        how = self.auto_exposure, light.to_linear_table(), light.to_srgb_table()
        return changed(light.reflect, batch, lit, torch.stack(boxes, 2), for_all=how)


def _reflect(batch: Tensor, *boxes: Tensor, auto_exposure: bool) -> Tensor:
    """Add the light of `boxes` (x, y, length, width, angle, strength, each `[N, K]`)."""
    white = white_of(batch)
    before = to_linear(working(batch) / white)
    lights = torch.stack(boxes).to(before)[..., None, None]
    after = before + _boxes_of_light(lights, *batch.shape[2:])
    if auto_exposure:
        means = before.mean((1, 2, 3), keepdim=True), after.mean((1, 2, 3), keepdim=True)
        after = after * (means[0] / means[1].clamp(min=1e-9)).clamp(min=1 / 4)
    return write(to_srgb(after.clamp(max=1)) * white, batch)


def _boxes_of_light(boxes: Tensor, height: int, width: int) -> Tensor:
    """Return the light of soft-edged `boxes` `[6, N, K, 1, 1]` together, `[N, 1, H, W]`."""
    x, y, length, breadth, angle, strength = boxes
    pixel = torch.arange(max(height, width), device=x.device, dtype=x.dtype) + 0.5
    dx = (pixel[:width] - x * width) / min(height, width)
    dy = (pixel[:height, None] - y * height) / min(height, width)
    along = (dx * angle.cos() + dy * angle.sin()) / (length / 2)
    across = (dy * angle.cos() - dx * angle.sin()) / (breadth / 2)
    light = strength * torch.exp(-(along**4) - across**4)
    return light.sum(1, keepdim=True)


def _check_kelvin(kelvin: Tensor) -> None:
    low, high = _KELVIN
    if not ((low <= kelvin) & (kelvin <= high)).all():
        raise ValueError(f"kelvin {kelvin.tolist()} given, but {low} to {high} expected.")
