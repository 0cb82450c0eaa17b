"""Flips and crops of whole batches, in which every picture draws its own."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms.v2.functional import pad

from d2laug.augment.base import (
    BatchTransform,
    as_batch,
    one_by_one,
    output_size,
    positive_range,
    probability,
    slices_of,
    working,
    working_dtype,
    write,
)


class _RandomFlip(BatchTransform):
    axis: int
    side: str

    def __init__(self, p: float = 0.5, *, generator: torch.Generator | None = None) -> None:
        super().__init__(generator)
        self.p = probability(p)

    def make_params(self, batch: Tensor) -> dict[str, Tensor]:
        """Draw `{"flipped": bool [N]}`: whether each picture is flipped."""
        return {"flipped": self._uniform(0, 1, len(as_batch(batch))) < self.p}

    def _words(self, image: Tensor, row: dict[str, Tensor]) -> list[str]:
        return [f"flipped {self.side}" if row["flipped"] else "not flipped"]

    def _change(self, batch: Tensor, params: dict[str, Tensor]) -> Tensor:
        flipped = params["flipped"]
        if one_by_one(batch.shape, batch):
            output = batch.clone()
            for i in flipped.nonzero()[:, 0].tolist():
                output[i] = batch[i].flip(self.axis)
            return output
        both = torch.cat([batch, batch.flip(self.axis)])
        chosen = torch.arange(len(batch)) + len(batch) * flipped
        return both.index_select(0, chosen.to(batch.device))


class RandomHorizontalFlip(_RandomFlip):
    """Mirror each picture left to right, with probability `p`.

    >>> batch = torch.arange(4).to(torch.uint8).expand(1, 3, 1, 4)
    >>> RandomHorizontalFlip(p=1)(batch)[0, 0]
    tensor([[3, 2, 1, 0]], dtype=torch.uint8)
    """

    axis, side = -1, "left-right"


class RandomVerticalFlip(_RandomFlip):
    """Turn each picture upside down, with probability `p`.

    >>> batch = torch.arange(4).to(torch.uint8).view(1, 1, 4, 1).expand(1, 3, 4, 1)
    >>> RandomVerticalFlip(p=1)(batch)[0, 0, :, 0]
    tensor([3, 2, 1, 0], dtype=torch.uint8)
    """

    axis, side = -2, "top-bottom"


class RandomResizedCrop(BatchTransform):
    """Cut a random box out of each picture and resize it to `size`.

    The box has a random share of the picture's area, uniform in `scale`, and a random aspect ratio
    (width / height), log-uniform in `ratio`. Ten tries are made to fit one into the picture, then
    the largest central box of an allowed ratio is taken.

    `size` is `S` or `(height, width)` in pixels. With `antialias=True` a box that is larger than
    `size` is averaged down, with `False` it is sampled; a box that is smaller is the same in both.

    Raises `ValueError` for a `size`, `scale` or `ratio` that is not positive or reversed.

    Source: `torchvision.transforms.v2.RandomResizedCrop` with bilinear interpolation; the crop of
    Szegedy et al., "Going deeper with convolutions", 2014.

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
        antialias: bool = True,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.size = output_size(size)
        self.scale = positive_range("scale", scale)
        self.ratio = positive_range("ratio", ratio)
        self.antialias = bool(antialias)

    def make_params(self, batch: Tensor) -> dict[str, Tensor]:
        """Draw `{"top", "left", "height", "width": int64 [N]}`: each picture's box, in pixels."""
        n, _, height, width = as_batch(batch).shape
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
        top = torch.where(fits, self._uniform(0, 1, n) * (height - h + 1), (height - h) / 2)
        left = torch.where(fits, self._uniform(0, 1, n) * (width - w + 1), (width - w) / 2)
        return {"top": top.long(), "left": left.long(), "height": h.long(), "width": w.long()}

    def _central_box(self, height: int, width: int) -> tuple[int, int]:
        if width / height < self.ratio[0]:
            return max(1, round(width / self.ratio[0])), width
        if width / height > self.ratio[1]:
            return height, max(1, round(height * self.ratio[1]))
        return height, width

    def _words(self, image: Tensor, row: dict[str, Tensor]) -> list[str]:
        height, width = int(row["height"]), int(row["width"])
        area = height * width / (image.shape[-2] * image.shape[-1])
        return [f"area {area:.2f}, ratio {width / height:.2f}"]

    def _change(self, batch: Tensor, params: dict[str, Tensor]) -> Tensor:
        boxes = torch.stack([params[k] for k in ("top", "left", "height", "width")], 1)
        _check_boxes(boxes, batch)
        if one_by_one(self.size, batch):
            return _crop_one_by_one(batch, boxes, self.size, self.antialias)
        could_reduce = batch.shape[2] > self.size[0] or batch.shape[3] > self.size[1]
        if self.antialias and could_reduce:
            return _crop_by_averaging(batch, boxes, self.size)
        return _crop_by_sampling(batch, boxes, self.size)


def _crop_one_by_one(
    batch: Tensor, boxes: Tensor, size: tuple[int, int], antialias: bool
) -> Tensor:
    """Crop and resize in a loop: the fastest way on a CPU once the pictures are not tiny."""
    output = batch.new_empty(*batch.shape[:2], *size)
    pictures = zip(boxes.tolist(), batch.split(1), output.split(1), strict=False)
    for (top, left, height, width), picture, result in pictures:
        box = picture.narrow(2, top, height).narrow(3, left, width)
        if (height, width) != size:
            box = box if box.dtype == torch.uint8 else working(box)
            box = F.interpolate(box, size, mode="bilinear", antialias=antialias)
        result.copy_(box)
    return output


def _crop_by_sampling(batch: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop and resize by mixing, for each output pixel, the two rows and columns around it."""
    n, channels, height, width = batch.shape
    output = batch.new_empty(n, channels, *size)
    top, left, box_height, box_width = boxes.to(batch.device, working_dtype(batch)).T[..., None]
    y = top + _places(box_height, size[0])
    x = left + _places(box_width, size[1])
    above = y.long()
    rows = torch.stack([above, (above + 1).clamp_(max=height - 1)], -1)
    shares = torch.stack([above + 1 - y, y - above], -1)
    column = torch.arange(width, device=batch.device)[:, None]
    for i in slices_of(0, n, batch):
        table = working(batch[i]).reshape(-1, width)  # the rows of all planes, one below the other
        first = torch.arange(0, len(table), height, device=batch.device)
        pairs = first.view(-1, channels, 1, 1) + rows[i, None]
        each_share = shares[i, None].expand(pairs.shape).reshape(-1, 2)
        # An embedding bag adds up rows of a table, each multiplied by its share.
        mixed = F.embedding_bag(pairs.view(-1, 2), table, per_sample_weights=each_share, mode="sum")
        columns = (x[i, None] - column).abs_().neg_().add_(1).clamp_(min=0)
        sampled = mixed.view(-1, channels * size[0], width) @ columns
        write(sampled.view(-1, channels, *size), output[i])
    return output


def _places(length: Tensor, n: int) -> Tensor:
    """Where in a box that is `length` long the centers of `n` pixels lie that cover it: `[N, n]`.

    0 is the center of its first pixel.
    """
    place = (torch.arange(n, device=length.device) + 0.5) * (length / n) - 0.5
    return place.clamp(min=0).minimum(length - 1)


def _crop_by_averaging(batch: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop and resize by weighted means of rows and of columns: two products of matrices."""
    output = batch.new_empty(*batch.shape[:2], *size)
    top, left, height, width = boxes.to(batch.device, working_dtype(batch)).T[..., None, None]
    for i in slices_of(0, len(batch), batch):
        rows = _weights(top[i], height[i], batch.shape[2], size[0])
        columns = _weights(left[i], width[i], batch.shape[3], size[1])
        write(rows[:, None] @ working(batch[i]) @ columns[:, None].mT, output[i])
    return output


def _weights(start: Tensor, length: Tensor, n_in: int, n_out: int) -> Tensor:
    """How much each of `n_in` pixels counts in each of `n_out` that cover `length` from `start`.

    Those count that are in the box and less than one output pixel (but at least one input pixel)
    away, the nearer ones more. Returns `[N, n_out, n_in]`.
    """
    step = length / n_out
    pixel = torch.arange(n_in, device=start.device) + 0.5
    place = start + (torch.arange(n_out, device=start.device)[:, None] + 0.5) * step
    weights = (1 - (pixel - place).abs() / step.clamp(min=1)).clamp_(min=0)
    weights *= (pixel > start) & (pixel < start + length)
    return weights / weights.sum(-1, keepdim=True)


class RandomCrop(BatchTransform):
    """Cut a box of `size` out of a random place of each picture, which `padding` enlarges first.

    `size`: `S` or `(height, width)`; `padding`: that many pixels on each side, both whole numbers.
    What is outside of the picture is black (`padding_mode="constant"`), its last pixel ("edge"), or
    the picture mirrored there, without ("reflect") or with ("symmetric") its last pixel repeated.

    Raises `ValueError` for sizes and paddings that cannot be, and for a picture that is smaller
    than `size`, or too small to be mirrored, when it comes.

    Source: `torchvision.transforms.v2.RandomCrop`; with a padding of 4 it is the usual crop for
    pictures of 32 pixels.

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
        padding: int = 0,
        padding_mode: str = "constant",
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.size = output_size(size)
        if isinstance(padding, bool) or not isinstance(padding, int) or padding < 0:
            raise ValueError(f"padding={padding!r} given, but a whole number from 0 expected.")
        modes = ("constant", "edge", "reflect", "symmetric")
        if padding_mode not in modes:
            raise ValueError(f"padding_mode={padding_mode!r} given, but one of {modes} expected.")
        self.padding, self.padding_mode = padding, padding_mode

    def make_params(self, batch: Tensor) -> dict[str, Tensor]:
        """Draw `{"top", "left": int64 [N]}`: each box's corner in the enlarged picture."""
        batch = as_batch(batch)
        room = [side + 2 * self.padding for side in batch.shape[-2:]]
        if room[0] < self.size[0] or room[1] < self.size[1]:
            raise ValueError(
                f"A crop of {self.size} does not fit into a picture of {room}, padding included. "
                "Take a smaller size, or a larger padding."
            )
        return {
            name: (self._uniform(0, 1, len(batch)) * (most - size + 1)).long()
            for name, most, size in zip(("top", "left"), room, self.size, strict=True)
        }

    def _words(self, image: Tensor, row: dict[str, Tensor]) -> list[str]:
        return [f"{name} {value}" for name, value in row.items()]

    def _change(self, batch: Tensor, params: dict[str, Tensor]) -> Tensor:
        least = {"reflect": self.padding + 1, "symmetric": self.padding}.get(self.padding_mode, 0)
        if min(batch.shape[-2:]) < least:
            raise ValueError(
                f"Pictures of {list(batch.shape[-2:])} given, but at least {least} pixels expected "
                f"for padding={self.padding} and padding_mode={self.padding_mode!r}."
            )
        padded = pad(batch, [self.padding] * 4, padding_mode=self.padding_mode)
        boxes = padded.unfold(2, self.size[0], 1).unfold(3, self.size[1], 1)  # all that there are
        every = torch.arange(len(batch), device=batch.device)
        top, left = (params[name].to(batch.device) for name in ("top", "left"))
        return boxes[every, :, top, left]


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
