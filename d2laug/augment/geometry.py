"""Flips and crops of whole batches, in which every picture draws its own."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from d2laug.augment.arguments import one_of, output_size, positive_range, probability, whole
from d2laug.augment.base import (
    BatchTransform,
    Params,
    by_loops,
    working,
    write,
)

Fill = Any  # a number, one for each channel, None, or a dictionary of these by type


class _RandomFlip(BatchTransform):
    axis: int

    def __init__(self, p: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__(generator)
        self.p = probability(p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"apply": self._uniform(0, 1, n) < self.p}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        apply = params["apply"]
        if by_loops(batch):
            from d2laug.augment import loops
            from d2laug.augment.loops import geometry

            output = torch.empty_like(batch, memory_format=torch.contiguous_format)
            loops.each_picture(geometry.flip, batch, output, apply, for_all=(self.axis == -2,))
            return output
        return torch.where(
            apply.to(batch.device)[:, None, None, None], batch.flip(self.axis), batch
        )


class RandomHorizontalFlip(_RandomFlip):
    """Mirror each picture of a batch left to right with probability `p`; each has its own coin.

    Source: `torchvision.transforms.v2.RandomHorizontalFlip`, which has one coin for a batch.

    >>> batch = torch.arange(4).to(torch.uint8).expand(1, 3, 1, 4)
    >>> RandomHorizontalFlip(p=1)(batch)[0, 0]
    tensor([[3, 2, 1, 0]], dtype=torch.uint8)
    """

    axis = -1

    def _torchvision(self) -> v2.Transform:
        return v2.RandomHorizontalFlip(self.p)


class RandomVerticalFlip(_RandomFlip):
    """Turn each picture of a batch upside down with probability `p`; each has its own coin.

    Source: `torchvision.transforms.v2.RandomVerticalFlip`, which has one coin for a batch.

    >>> batch = torch.arange(4).to(torch.uint8).view(1, 1, 4, 1).expand(1, 3, 4, 1)
    >>> RandomVerticalFlip(p=1)(batch)[0, 0, :, 0]
    tensor([3, 2, 1, 0], dtype=torch.uint8)
    """

    axis = -2

    def _torchvision(self) -> v2.Transform:
        return v2.RandomVerticalFlip(self.p)


class RandomResizedCrop(BatchTransform):
    """Cut a random box out of each picture of a batch, its own for each, and resize it to `size`.

    The box has a random share of the picture's area, uniform in `scale`, and a random aspect ratio
    (width / height), log-uniform in `ratio`. Ten tries are made to fit one into the picture, then
    the largest central box of an allowed ratio is taken.

    `size`: `S` or `(height, width)` in pixels. `interpolation`: `"bilinear"` or `"nearest"`. With
    `antialias=True` a box that is larger than `size` is averaged down, with `False` it is sampled;
    a box that is smaller is the same in both.

    Raises `ValueError` for a `size`, `scale` or `ratio` that is not positive or reversed, and for
    another `interpolation`.

    Source: `torchvision.transforms.v2.RandomResizedCrop`, which takes one box for a batch; the crop
    of Szegedy et al., "Going deeper with convolutions", 2014.

    >>> crop = RandomResizedCrop(24, scale=(0.25, 0.25), ratio=(1, 1))
    >>> batch = torch.rand(8, 3, 64, 64)
    >>> params = crop.make_params(batch)
    >>> params["height"]
    tensor([32, 32, 32, 32, 32, 32, 32, 32])
    >>> crop.transform(batch, params).shape
    torch.Size([8, 3, 24, 24])
    """

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3 / 4, 4 / 3),
        interpolation: InterpolationMode | str = "bilinear",
        antialias: bool | None = True,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.size = output_size(size)
        self.scale = positive_range("scale", scale)
        self.ratio = positive_range("ratio", ratio)
        self.interpolation = one_of("interpolation", interpolation, "bilinear", "nearest")
        self.antialias = bool(antialias)

    def _torchvision(self) -> v2.Transform:
        return v2.RandomResizedCrop(
            self.size, self.scale, self.ratio, self.interpolation, self.antialias
        )

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        area = height * width * self._uniform(*self.scale, n, 10)
        ratio = self._uniform(math.log(self.ratio[0]), math.log(self.ratio[1]), n, 10).exp()
        w = (area * ratio).sqrt().round()
        h = (area / ratio).sqrt().round()
        fits = (w > 0) & (w <= width) & (h > 0) & (h <= height)
        first = fits.int().argmax(1, keepdim=True)
        central_h, central_w = self._central_box(height, width)
        fits = fits.any(1)
        h = torch.where(fits, h.gather(1, first)[:, 0], central_h)
        w = torch.where(fits, w.gather(1, first)[:, 0], central_w)
        top = torch.where(fits, self._uniform(0, 1, n) * (height - h + 1), (height - h) // 2)
        left = torch.where(fits, self._uniform(0, 1, n) * (width - w + 1), (width - w) // 2)
        return {"top": top.long(), "left": left.long(), "height": h.long(), "width": w.long()}

    def _central_box(self, height: int, width: int) -> tuple[int, int]:
        if width / height < self.ratio[0]:
            return max(1, round(width / self.ratio[0])), width
        if width / height > self.ratio[1]:
            return height, max(1, round(height * self.ratio[1]))
        return height, width

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        boxes = torch.stack([params[k] for k in ("top", "left", "height", "width")], 1)
        _check_boxes(boxes, batch)
        if self.interpolation == "nearest":
            top, left, height, width = boxes.T[..., None]
            rows = top + _nearest(height, self.size[0])
            return _take(batch, rows, left + _nearest(width, self.size[1]))
        if by_loops(batch):
            from d2laug.augment import loops
            from d2laug.augment.loops import geometry

            output = batch.new_empty(*batch.shape[:2], *self.size)
            loops.each_picture(geometry.resize, batch, output, boxes, for_all=(self.antialias,))
            return output
        return _resize(batch, boxes, self.size, self.antialias)


def _resize(batch: Tensor, boxes: Tensor, size: tuple[int, int], antialias: bool) -> Tensor:
    """Crop and resize by weighted means of rows and of columns: two products of matrices."""
    x = working(batch)
    top, left, height, width = boxes.to(x.device, x.dtype).T[..., None, None]
    rows = _weights(top, height, x.shape[2], size[0], antialias)
    columns = _weights(left, width, x.shape[3], size[1], antialias)
    return write(rows[:, None] @ x @ columns[:, None].mT, batch)


def _weights(start: Tensor, length: Tensor, n_in: int, n_out: int, antialias: bool) -> Tensor:
    """How much each of `n_in` pixels counts in each of `n_out` that cover `length` from `start`.

    Those count that are in the box and less than one output pixel (but at least one input pixel)
    away, the nearer ones more; without `antialias` those less than one input pixel away. Returns
    `[N, n_out, n_in]`.
    """
    step = length / n_out
    numbers = torch.arange(max(n_in, n_out), device=start.device, dtype=start.dtype)
    pixel, place = numbers[:n_in] + 0.5, (numbers[:n_out, None] + 0.5) * step
    if not antialias:
        place = place.clamp(min=0.5).minimum(length - 0.5)
    reach = step.clamp(min=1) if antialias else 1
    weights = (1 - (pixel - start - place).abs() / reach).clamp(min=0)
    weights = weights * ((pixel > start) & (pixel < start + length))
    return weights / weights.sum(-1, keepdim=True)


def _nearest(length: Tensor, n: int) -> Tensor:
    """Return which pixel of a side of `length` each of `n` takes: the one at its beginning."""
    step = length.float() / n
    return (torch.arange(n) * step).floor().long().minimum(length - 1)


def _take(batch: Tensor, rows: Tensor, columns: Tensor, fill: Tensor | None = None) -> Tensor:
    """Compose pictures of rows `[N, H]` and columns `[N, W]` of `batch`; -1 is `fill` `[N, C]`."""
    rows, columns = rows.to(batch.device), columns.to(batch.device)
    picture = torch.arange(len(batch), device=batch.device)[:, None, None]
    taken = batch.movedim(1, -1)[picture, rows[:, :, None], columns[:, None]].movedim(-1, 1)
    if fill is None:
        return taken.contiguous()
    outside = (rows < 0)[:, None, :, None] | (columns < 0)[:, None, None]
    return torch.where(outside, fill.to(batch)[..., None, None], taken)


class RandomCrop(BatchTransform):
    """Cut a box of `size` out of each picture of a batch, at a random place of its own.

    `size`: `S` or `(height, width)`. `padding` enlarges the pictures first: pixels on each side, on
    `(left and right, top and bottom)`, or on `(left, top, right, bottom)`; `pad_if_needed` does
    where `size` is larger. What is outside of the picture is `fill` (`padding_mode="constant"`: a
    number, one for each channel, or a dictionary of these by type), its last pixel ("edge"), or the
    picture mirrored there, without ("reflect") or with ("symmetric") its last pixel repeated.

    Raises `ValueError` for sizes and paddings that cannot be, and for a picture that is smaller
    than `size`, or too small to be mirrored, when it comes.

    Source: `torchvision.transforms.v2.RandomCrop`, which takes one place for a batch; with a
    padding of 4 it is the usual crop for pictures of 32 pixels.

    >>> crop = RandomCrop(32, padding=4, padding_mode="reflect")
    >>> batch = torch.rand(8, 3, 32, 32)
    >>> crop(batch).shape
    torch.Size([8, 3, 32, 32])
    >>> crop.make_params(batch)["top"].max() <= 8
    tensor(True)
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: Fill = 0,
        padding_mode: str = "constant",
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.size = output_size(size)
        self.padding = None if padding is None else _sides(padding)
        self.pad_if_needed, self.fill = bool(pad_if_needed), fill
        modes = ("constant", "edge", "reflect", "symmetric")
        self.padding_mode = one_of("padding_mode", padding_mode, *modes)
        self._torchvision()  # refuses a fill that is none

    def _torchvision(self) -> v2.Transform:
        padding = None if self.padding is None else list(self.padding)
        return v2.RandomCrop(self.size, padding, self.pad_if_needed, self.fill, self.padding_mode)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        left, top, right, bottom = self.padding or (0, 0, 0, 0)
        if self.pad_if_needed:
            down = max(0, self.size[0] - height - top - bottom)
            across = max(0, self.size[1] - width - left - right)
            left, top, right, bottom = left + across, top + down, right + across, bottom + down
        room = [height + top + bottom, width + left + right]
        if room[0] < self.size[0] or room[1] < self.size[1]:
            raise ValueError(
                f"A crop of {self.size} does not fit into a picture of {room}, padding included. "
                "Take a smaller size, or a larger padding."
            )
        down, across = room[0] - self.size[0], room[1] - self.size[1]
        return {
            "needs_crop": down > 0 or across > 0,
            "top": self._integers(0, down, n),
            "left": self._integers(0, across, n),
            "height": self.size[0],
            "width": self.size[1],
            "needs_pad": any((left, top, right, bottom)),
            "padding": (left, top, right, bottom),
        }

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        left, top, right, bottom = params["padding"]
        least = {"reflect": 1, "symmetric": 0}.get(self.padding_mode)
        if least is not None:
            least += max(params["padding"])
            if min(batch.shape[-2:]) < least:
                raise ValueError(
                    f"Pictures of {list(batch.shape[-2:])} given, but at least {least} pixels "
                    f"expected for a padding of {params['padding']} and "
                    f"padding_mode={self.padding_mode!r}."
                )
        y = params["top"][:, None] - top + torch.arange(params["height"])
        x = params["left"][:, None] - left + torch.arange(params["width"])
        rows = _folded(y, batch.shape[2], self.padding_mode)
        columns = _folded(x, batch.shape[3], self.padding_mode)
        fill = fill_of(self.fill, batch)
        if not by_loops(batch):
            return _take(batch, rows, columns, fill)
        from d2laug.augment import loops
        from d2laug.augment.loops import geometry

        inside = (x >= 0) & (x < batch.shape[3])
        start = torch.where(inside.any(1), inside.int().argmax(1), 0)
        run = torch.stack([start, start + inside.sum(1)], 1)
        output = batch.new_empty(*batch.shape[:2], params["height"], params["width"])
        loops.each_picture(geometry.take, batch, output, rows, columns, run, fill)
        return output


def _sides(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Return the pixels to add (left, top, right, bottom)."""
    values = [padding] if isinstance(padding, numbers.Real) else list(padding)
    if len(values) not in (1, 2, 4):
        raise ValueError(f"padding={padding} given, but 1, 2 or 4 whole numbers expected.")
    left, top, right, bottom = (values * 4)[:4]
    return tuple(whole("padding", side) for side in (left, top, right, bottom))


def _folded(place: Tensor, n: int, padding_mode: str) -> Tensor:
    """Return which of `n` pixels is seen at a place that may be outside of them; -1: none."""
    if padding_mode == "constant":
        return torch.where((place < 0) | (place >= n), -1, place)
    if padding_mode == "edge":
        return place.clamp(0, n - 1)
    repeated = int(padding_mode == "symmetric")
    place = torch.where(place < 0, -place - repeated, place)
    return torch.where(place >= n, 2 * (n - 1) - place + repeated, place)


def fill_of(fill: Fill, batch: Tensor, kind: type = tv_tensors.Image) -> Tensor:
    """Return what stands where a picture has no pixel, `[N, C]` in the dtype of `batch`."""
    if isinstance(fill, dict):
        fill = fill.get(kind, fill.get(torch.Tensor, fill.get("others", 0)))
    values = torch.as_tensor(0 if fill is None else fill, dtype=torch.float64).flatten()
    if len(values) not in (1, batch.shape[1]):
        raise ValueError(
            f"fill={fill} given for pictures of {batch.shape[1]} channels, but one number, or one "
            "for each channel, expected."
        )
    return values.to(batch.dtype).expand(batch.shape[:2])


def _check_boxes(boxes: Tensor, batch: Tensor) -> None:
    height, width = batch.shape[-2:]
    top, left, h, w = boxes.unbind(1)
    inside = (
        (top >= 0) & (left >= 0) & (h > 0) & (w > 0) & (top + h <= height) & (left + w <= width)
    )
    if not inside.all():
        raise ValueError(
            f"Boxes (top, left, height, width) beyond a picture of {height} x {width} given: "
            f"{boxes[~inside].tolist()}."
        )
