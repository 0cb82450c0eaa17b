"""Flips and crops of whole batches, in which every picture draws its own.

- `RandomHorizontalFlip`, `RandomVerticalFlip`: left-right and top-bottom, by a chance;
- `RandomResizedCrop`: a box of random area and ratio, resized; `RandomCrop`: one of a given size;
- `fill_of`: what is seen outside of a picture, for each channel.
"""

from collections.abc import Sequence
from typing import Any  # a sample, and what is drawn for it, may be Any

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from d2laug.augment.arguments import fills, one_of, output_size, positive_range, probability, sides
from d2laug.augment.base import BatchTransform, Params, by_loops, movable, moved
from d2laug.augment.labels import swapped, swaps
from d2laug.augment.pixels import check_boxes, folded, nearest, resize, take

Fill = Any  # a number, one for each channel, None, or a dictionary of these by type


class _RandomFlip(BatchTransform):
    axis: int

    def __init__(self, p: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__(generator)
        self.p = probability(p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"apply": self._coins(n, self.p)}

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        apply = params["apply"]
        if by_loops(batch):
            from d2laug.augment.loops import changed, geometry

            return changed(geometry.flip, batch, apply, for_all=(self.axis == -2,))
        x, apply = movable(batch), apply.to(batch.device)[:, None, None, None]
        return moved(torch.where(apply, x.flip(self.axis), x), batch)

    def _masks(self, masks: Tensor, params: Params) -> Tensor:
        return self._change(masks, params)


class RandomHorizontalFlip(_RandomFlip):
    """Mirror each picture of a batch left to right with probability `p`; each has its own coin.

    `keypoint_permutation` swaps the names of left and right: in a picture that was mirrored, point
    i takes the place of point `keypoint_permutation[i]` (what else there is for each point, such as
    its visibility, keeps its order). The other way round it must be the same; `ValueError`
    otherwise, and for keypoints `[..., K, 2]` of another K.

    Source: `torchvision.transforms.v2.RandomHorizontalFlip`, which has one coin for a batch.

    >>> batch = torch.arange(4).to(torch.uint8).expand(1, 3, 1, 4)
    >>> RandomHorizontalFlip(p=1)(batch)[0, 0]
    tensor([[3, 2, 1, 0]], dtype=torch.uint8)
    """

    axis = -1

    def __init__(
        self,
        p: float = 0.5,
        *,
        keypoint_permutation: Sequence[int] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(p, generator=generator)
        self.keypoint_permutation = swaps(keypoint_permutation)

    def _label(self, label: Any, row: Params | None) -> Any:
        label, mirrored = super()._label(label, row), row is not None
        if isinstance(label, tv_tensors.KeyPoints) and self.keypoint_permutation and mirrored:
            return swapped(label, self.keypoint_permutation)
        return label

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

    Raises `ValueError` for a `size`, `scale` or `ratio` that is not positive or reversed, for
    another `interpolation`, and, bilinear, for pictures that hold NaN or infinity.

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
        mode = InterpolationMode(self.interpolation)
        return v2.RandomResizedCrop(self.size, self.scale, self.ratio, mode, self.antialias)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        def fits(w: np.ndarray, h: np.ndarray) -> np.ndarray:
            return (w > 0) & (w <= width) & (h > 0) & (h <= height)

        w, h, found = self._boxes((n, height, width), self.scale, self.ratio, fits)
        central_h, central_w = self._central_box(height, width)
        h, w = torch.where(found, h, central_h), torch.where(found, w, central_w)
        top = torch.where(found, self._uniform(0, 1, n) * (height - h + 1), (height - h) // 2)
        left = torch.where(found, self._uniform(0, 1, n) * (width - w + 1), (width - w) // 2)
        return {"top": top.long(), "left": left.long(), "height": h, "width": w}

    def _central_box(self, height: int, width: int) -> tuple[int, int]:
        if width / height < self.ratio[0]:
            return max(1, round(width / self.ratio[0])), width
        if width / height > self.ratio[1]:
            return height, max(1, round(height * self.ratio[1]))
        return height, width

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        if self.interpolation == "nearest":
            return self._masks(batch, params)
        boxes = torch.stack([params[k] for k in ("top", "left", "height", "width")], 1)
        check_boxes(boxes, batch)
        if by_loops(batch):
            from d2laug.augment.loops import each_picture, geometry

            output = batch.new_empty(*batch.shape[:2], *self.size)
            each_picture(geometry.resize, batch, output, boxes, for_all=(self.antialias,))
            return output
        return resize(batch, boxes, self.size, self.antialias)

    def _masks(self, masks: Tensor, params: Params) -> Tensor:
        check_boxes(torch.stack([params[k] for k in ("top", "left", "height", "width")], 1), masks)
        top, left, height, width = (params[k][:, None] for k in ("top", "left", "height", "width"))
        rows, columns = top + nearest(height, self.size[0]), left + nearest(width, self.size[1])
        if not by_loops(masks):
            return take(masks, rows, columns)
        return _take_by_loops(masks, rows, columns, torch.zeros(len(masks), 2, dtype=torch.int64))


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
        self.padding = None if padding is None else sides(padding)
        self.pad_if_needed, self.fill = bool(pad_if_needed), fills(fill)
        modes = ("constant", "edge", "reflect", "symmetric")
        self.padding_mode: Any = one_of("padding_mode", padding_mode, *modes)

    def _torchvision(self) -> v2.Transform:
        padding = None if self.padding is None else list(self.padding)
        fill = dict(self.fill) if isinstance(self.fill, dict) else self.fill  # theirs writes to it
        return v2.RandomCrop(self.size, padding, self.pad_if_needed, fill, self.padding_mode)

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
        return self._cut(batch, params, params["kind"])

    def _masks(self, masks: Tensor, params: Params) -> Tensor:
        return self._cut(masks, params, tv_tensors.Mask)

    def _cut(self, batch: Tensor, params: Params, kind: type) -> Tensor:
        left, top, right, bottom = params["padding"]
        # A mirror has as many pixels to show as the side is long, or one less.
        least = {"reflect": 1, "symmetric": 0}.get(self.padding_mode)
        if least is not None:
            wanted = [max(top, bottom) + least, max(left, right) + least]
            if batch.shape[2] < wanted[0] or batch.shape[3] < wanted[1]:
                raise ValueError(
                    f"Pictures of {list(batch.shape[-2:])} given, but at least {wanted} pixels "
                    f"expected for a padding of {params['padding']} and "
                    f"padding_mode={self.padding_mode!r}."
                )
        y = params["top"][:, None] - top + torch.arange(params["height"])
        x = params["left"][:, None] - left + torch.arange(params["width"])
        rows = folded(y, batch.shape[2], self.padding_mode)
        columns = folded(x, batch.shape[3], self.padding_mode)
        fill = fill_of(self.fill, batch, kind)
        if not by_loops(batch):
            return take(batch, rows, columns, fill)
        inside = (x >= 0) & (x < batch.shape[3])
        start = torch.where(inside.any(1), inside.int().argmax(1), 0)
        run = torch.stack([start, start + inside.sum(1)], 1)
        return _take_by_loops(batch, rows, columns, run, fill)


def _take_by_loops(
    batch: Tensor, rows: Tensor, columns: Tensor, run: Tensor, fill: Tensor | None = None
) -> Tensor:
    """Compose pictures as `take`; in `run` `[N, 2]` the columns lie side by side."""
    from d2laug.augment.loops import each_picture, geometry

    output = batch.new_empty(*batch.shape[:2], rows.shape[1], columns.shape[1])
    fill = batch.new_zeros(batch.shape[:2]) if fill is None else fill
    each_picture(geometry.take, batch, output, rows, columns, run, fill)
    return output


def fill_of(
    fill: Fill, batch: Tensor, kind: type = tv_tensors.Image, dtype: torch.dtype | None = None
) -> Tensor:
    """Return what stands where a picture has no pixel, `[N, C]`, within the levels of `batch`.

    `kind`: the type of the pictures or labels, by which a dictionary says its fill. `dtype`: that
    of the result, of `batch` by default. Raises `ValueError` for a fill that does not suit `batch`.
    """
    if isinstance(fill, dict):
        fill = fill.get(kind, fill.get("others", 0))
    values = torch.as_tensor(0 if fill is None else fill, dtype=torch.float64).flatten()
    if kind is tv_tensors.Mask and len(values) > 1:
        raise ValueError(
            f"fill={fill} given for masks, but one number expected. Give a dictionary by type, "
            "such as {tv_tensors.Mask: 0, 'others': (124, 116, 104)}."
        )
    if len(values) not in (1, batch.shape[1]):
        raise ValueError(
            f"fill={fill} given for pictures of {batch.shape[1]} channels, but one number, or one "
            "for each channel, expected."
        )
    if not batch.is_floating_point() and batch.dtype != torch.bool:
        levels = torch.iinfo(batch.dtype)
        if not ((values >= levels.min) & (values <= levels.max)).all():
            raise ValueError(
                f"fill={fill} given for {batch.dtype}, but {levels.min} to {levels.max} expected."
            )
    return values.to(dtype or batch.dtype).expand(batch.shape[:2])
