"""Rotations, affine changes and changes of perspective, in which every picture draws its own.

Their matrices, and what they do to a batch, stand in `places`.
"""

from collections.abc import Sequence
from math import inf
from typing import Any  # a sample, and what is drawn for it, may be Any

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from d2laug.augment.arguments import fills, number, one_of, pair, positive_range, probability
from d2laug.augment.base import BatchTransform, Params, change_chosen, movable, moved
from d2laug.augment.geometry import Fill
from d2laug.augment.places import back_from_affine, back_from_corners, takes_back, warp

UNMOVED = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]  # the coefficients of a picture that stays


class _Warp(BatchTransform):
    """What the three share: pictures by `interpolation`, masks by nearest, each with its `fill`."""

    interpolation: str
    fill: Fill

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        return self._warp(batch, params, self.interpolation, params["kind"])

    def _masks(self, masks: Tensor, params: Params) -> Tensor:
        return self._warp(masks, params, "nearest", tv_tensors.Mask)

    def _warp(self, batch: Tensor, params: Params, interpolation: str, kind: type) -> Tensor:
        raise NotImplementedError

    def _in_torchvision(self) -> dict[str, Any]:
        fill = dict(self.fill) if isinstance(self.fill, dict) else self.fill
        return {"interpolation": InterpolationMode(self.interpolation), "fill": fill}


class RandomRotation(_Warp):
    """Rotate each picture of a batch counterclockwise, by an angle of its own for each.

    `degrees`: the angle is uniform in (low, high), or in (-d, d) for a number d. `interpolation`:
    `"nearest"` or `"bilinear"`. `center`: `(x, y)` in pixels from the upper left corner; the middle
    of the picture by default. `fill` is seen where there is no picture: a number, one for each
    channel, `None` for 0, or a dictionary of these by type. Bilinear, a `fill` is mixed into the
    last pixels of a border, and `None` is not. Pictures keep their size.

    Raises `TypeError` and `ValueError` for what is not a range of angles, and `ValueError` for
    `expand=True` (the pictures of a batch have one size) and another `interpolation`.

    Source: `torchvision.transforms.v2.RandomRotation`, which draws one angle for a batch.

    >>> batch = torch.arange(4).to(torch.uint8).view(1, 1, 2, 2)
    >>> RandomRotation((90, 90))(batch)
    tensor([[[[1, 3],
              [0, 2]]]], dtype=torch.uint8)
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: InterpolationMode | str = "nearest",
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: Fill = 0,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        if expand:
            raise ValueError(
                f"expand={expand!r} given, but the pictures of a batch stay one size. "
                "Rotate one by one with torchvision.transforms.v2.RandomRotation, or enlarge all "
                "before with torchvision.transforms.v2.Pad."
            )
        self.degrees, self.expand = _angles("degrees", degrees), False
        self.interpolation = one_of("interpolation", interpolation, "nearest", "bilinear")
        self.center, self.fill = None if center is None else pair("center", center), fills(fill)

    def _torchvision(self) -> v2.Transform:
        center = None if self.center is None else list(self.center)
        return v2.RandomRotation(list(self.degrees), center=center, **self._in_torchvision())

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"angle": self._uniform(self.degrees[0], self.degrees[1], n)}

    def _warp(self, batch: Tensor, params: Params, interpolation: str, kind: type) -> Tensor:
        angle, size = params["angle"] % 360, batch.shape[-2:]
        matrices = back_from_affine(-angle, size, center=self.center)
        output = warp(batch, matrices, interpolation, self.fill, kind)
        # Quarter turns about the middle move whole pixels, without any rounding of positions.
        for quarter in (0, 1, 2, 3):
            turned = (angle == 90 * quarter)[:, None, None, None]
            if self.center is None and turned.any() and (quarter % 2 == 0 or size[0] == size[1]):
                turn = movable(batch).rot90(quarter, (-2, -1))
                output = torch.where(turned.to(batch.device), turn, movable(output))
                output = moved(output, batch)
        return output


class RandomAffine(_Warp):
    """Rotate, move, scale and shear each picture of a batch, by numbers of its own for each.

    `degrees`: the angle, clockwise, is uniform in (low, high), or in (-d, d) for a number d.
    `translate=(a, b)`: the shift is up to a of the width and b of the height, in whole pixels,
    both ways. `scale=(low, high)`: 2 is twice as large. `shear`, in degrees: along x, a number d
    for (-d, d) or (low, high), or along x and y, (x low, x high, y low, y high). What is `None`
    stays as it is. `interpolation`: `"nearest"` or `"bilinear"`. `fill`, seen where there is no
    picture, and `center` as in `RandomRotation`.

    Raises `TypeError` and `ValueError` for what is not a range, for shares that are not from 0 to
    1, and scales that are not positive; `ValueError` for another `interpolation`.

    Source: `torchvision.transforms.v2.RandomAffine`, which draws once for a batch.

    >>> affine = RandomAffine(10, translate=(0.25, 0))
    >>> batch = torch.zeros(8, 3, 32, 32)
    >>> params = affine.make_params(batch)
    >>> params["angle"].shape, len(params["translate"])
    (torch.Size([8]), 8)
    >>> affine.transform(batch, params).shape
    torch.Size([8, 3, 32, 32])
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: InterpolationMode | str = "nearest",
        fill: Fill = 0,
        center: Sequence[float] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.degrees = _angles("degrees", degrees)
        self.translate = None if translate is None else pair("translate", translate)
        if not all(0 <= share <= 1 for share in self.translate or ()):
            raise ValueError(
                f"translate={translate} given, but shares of width and height from 0 to 1 expected."
            )
        self.scale = None if scale is None else positive_range("scale", scale)
        self.shear = None if shear is None else _angles("shear", shear, (2, 4))
        self.interpolation = one_of("interpolation", interpolation, "nearest", "bilinear")
        self.center, self.fill = None if center is None else pair("center", center), fills(fill)

    def _torchvision(self) -> v2.Transform:
        center = None if self.center is None else list(self.center)
        return v2.RandomAffine(
            list(self.degrees),
            self.translate,
            self.scale,
            None if self.shear is None else list(self.shear),
            center=center,
            **self._in_torchvision(),
        )

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        angle = self._uniform(self.degrees[0], self.degrees[1], n)
        across, down = self.translate or (0, 0)
        most = torch.tensor([across * width, down * height], dtype=torch.float64)
        shift = (most * self._uniform(-1, 1, n, 2)).round().long()
        scale = self._uniform(*(self.scale or (1, 1)), n)
        low_x, high_x, low_y, high_y = ((*(self.shear or (0, 0)), 0, 0))[:4]
        shear = torch.stack([self._uniform(low_x, high_x, n), self._uniform(low_y, high_y, n)], 1)
        # torchvision takes a shift and a shear as lists only.
        return {
            "angle": angle,
            "translate": shift.tolist(),
            "scale": scale,
            "shear": shear.tolist(),
        }

    def _warp(self, batch: Tensor, params: Params, interpolation: str, kind: type) -> Tensor:
        matrices = back_from_affine(
            params["angle"],
            batch.shape[-2:],
            torch.tensor(params["translate"], dtype=torch.float64).reshape(-1, 2),
            params["scale"],
            torch.tensor(params["shear"], dtype=torch.float64).reshape(-1, 2),
            self.center,
        )
        return warp(batch, matrices, interpolation, self.fill, kind)


class RandomPerspective(_Warp):
    """Show each picture of a batch in perspective with probability `p`, each with its own corners.

    Each corner moves towards the middle, across and down, by up to `distortion_scale` (0 to 1) of
    the way, in whole pixels. `interpolation`: `"bilinear"` or `"nearest"`. `fill`, seen where there
    is no picture, as in `RandomRotation`. The corners are drawn as the eight `coefficients` that
    say where a pixel comes from; where there are none, as for corners that fall together or lie on
    a line, the picture stays as it is.

    Raises `ValueError` for a `distortion_scale` or a `p` that is not from 0 to 1, and another
    `interpolation`.

    Source: `torchvision.transforms.v2.RandomPerspective`, which draws once for a batch.

    >>> perspective = RandomPerspective(0.5, p=0.25)
    >>> params = perspective.make_params(torch.zeros(8, 3, 32, 32))
    >>> params["apply"].shape, len(params["coefficients"]), len(params["coefficients"][0])
    (torch.Size([8]), 8, 8)
    """

    def __init__(
        self,
        distortion_scale: float = 0.5,
        p: float = 0.5,
        interpolation: InterpolationMode | str = "bilinear",
        fill: Fill = 0,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.distortion_scale = number("distortion_scale", distortion_scale)
        if not 0 <= self.distortion_scale <= 1:
            raise ValueError(f"distortion_scale={distortion_scale} given, but 0 to 1 expected.")
        self.p, self.fill = probability(p), fills(fill)
        self.interpolation = one_of("interpolation", interpolation, "nearest", "bilinear")

    def _torchvision(self) -> v2.Transform:
        return v2.RandomPerspective(self.distortion_scale, 1.0, **self._in_torchvision())

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        apply = self._coins(n, self.p)
        across, down = (int(self.distortion_scale * (side // 2)) for side in (width, height))
        inwards = torch.stack([self._integers(0, m, n, 4) for m in (across, down)], -1)
        corners = torch.tensor([[0, 0], [1, 0], [1, 1], [0, 1]])
        start = corners * torch.tensor([width - 1, height - 1])
        end = start + inwards * (1 - 2 * corners)
        coefficients = back_from_corners(start.expand(n, 4, 2), end)
        stays = ~(apply & takes_back(coefficients, start, end))[:, None]
        coefficients = torch.where(stays, coefficients.new_tensor(UNMOVED), coefficients)
        return {"apply": apply, "coefficients": coefficients.tolist()}

    def _warp(self, batch: Tensor, params: Params, interpolation: str, kind: type) -> Tensor:
        coefficients = torch.tensor(params["coefficients"], dtype=torch.float64).reshape(-1, 8)

        def change(batch: Tensor, coefficients: Tensor) -> Tensor:
            return warp(batch, coefficients, interpolation, self.fill, kind)

        moved = params["apply"] & (coefficients != torch.tensor(UNMOVED)).any(1)
        return change_chosen(change, batch, moved, coefficients)


def _angles(
    name: str, values: float | Sequence[float], sizes: tuple[int, ...] = (2,)
) -> tuple[float, ...]:
    """Take a number d for (-d, d), or one or two pairs (low, high), in degrees."""
    if isinstance(values, Sequence) and not isinstance(values, str):
        given: Sequence[float] = values
    else:
        given = -number(name, values), number(name, values)
    angles = tuple(number(name, value) for value in given)
    ranges = zip(angles[::2], angles[1::2], strict=False)
    if len(angles) not in sizes or not all(-inf < low <= high < inf for low, high in ranges):
        kinds = ("d", "(low, high)", "(x low, x high, y low, y high)")[: 1 + len(sizes)]
        raise ValueError(
            f"{name}={values} given, but {' or '.join(kinds)} in degrees, low <= high, expected."
        )
    return angles
