"""Which pixels of its picture each pixel of a crop takes, and how much each of them counts.

- `resize`: a box of each picture in another size, by weighted means;
- `nearest`, `folded`, `take`: one pixel for each, in a smaller size or beyond the edge.
"""

import torch
from torch import Tensor

from d2laug.augment.base import working, write


def resize(batch: Tensor, boxes: Tensor, size: tuple[int, int], antialias: bool) -> Tensor:
    """Crop and resize by weighted means of rows and of columns; `ValueError` for NaN, infinity."""
    x = working(batch)
    top, left, height, width = boxes.to(x.device, x.dtype).T[..., None, None]
    rows = weights(top, height, x.shape[2], size[0], antialias)
    columns = weights(left, width, x.shape[3], size[1], antialias)
    output = rows[:, None] @ x @ columns[:, None].mT
    if not output.isfinite().all():  # 0 times NaN is NaN: one would fill rows and columns
        raise ValueError(
            "NaN or infinity given, but numbers expected. Replace them before with "
            "torch.nan_to_num."
        )
    return write(output, batch)


def weights(start: Tensor, length: Tensor, n_in: int, n_out: int, antialias: bool) -> Tensor:
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
    share = (1 - (pixel - start - place).abs() / reach).clamp(min=0)
    share = share * ((pixel > start) & (pixel < start + length))
    return share / share.sum(-1, keepdim=True)


def nearest(length: Tensor, n: int) -> Tensor:
    """Return which pixel of a side of `length` each of `n` takes: the one at its beginning."""
    step = length.float() / n
    return (torch.arange(n) * step).floor().long().minimum(length - 1)


def take(batch: Tensor, rows: Tensor, columns: Tensor, fill: Tensor | None = None) -> Tensor:
    """Compose pictures of rows `[N, H]` and columns `[N, W]` of `batch`; -1 is `fill` `[N, C]`."""
    rows, columns = rows.to(batch.device), columns.to(batch.device)
    picture = torch.arange(len(batch), device=batch.device)[:, None, None]
    taken = batch.movedim(1, -1)[picture, rows[:, :, None], columns[:, None]].movedim(-1, 1)
    if fill is None:
        return taken.contiguous()
    outside = (rows < 0)[:, None, :, None] | (columns < 0)[:, None, None]
    return torch.where(outside, fill.to(batch)[..., None, None], taken)


def folded(place: Tensor, n: int, padding_mode: str) -> Tensor:
    """Return which of `n` pixels is seen at a place that may be outside of them; -1: none."""
    if padding_mode == "constant":
        return torch.where((place < 0) | (place >= n), -1, place)
    if padding_mode == "edge":
        return place.clamp(0, n - 1)
    repeated = int(padding_mode == "symmetric")
    place = torch.where(place < 0, -place - repeated, place)
    return torch.where(place >= n, 2 * (n - 1) - place + repeated, place)


def check_boxes(boxes: Tensor, batch: Tensor) -> None:
    """Raise `ValueError` where one of `boxes` `[N, 4]` is empty or leaves the pictures."""
    height, width = batch.shape[-2:]
    top, left, h, w = boxes.unbind(1)
    # Differences of what is positive cannot overflow, as sums can.
    inside = (top >= 0) & (left >= 0) & (h > 0) & (w > 0)
    inside &= (top <= height - h) & (left <= width - w)
    if not inside.all():
        raise ValueError(
            f"Boxes (top, left, height, width) beyond a picture of {height} x {width} given: "
            f"{boxes[~inside].tolist()}."
        )
