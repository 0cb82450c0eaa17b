"""Labels that are places, drawn over their picture."""

import math
from collections.abc import Sequence
from typing import Any  # of the arguments of a function there may be Any

import torch
from matplotlib.font_manager import findfont
from torch import Tensor
from torch.nn import functional as F
from torchvision.utils import draw_bounding_boxes

from d2laug.show.picture import Image, to_arrays

SIDE = 384  # pixels; a smaller picture is enlarged by a whole factor, so that lines are thin on it


def draw_labels(
    image: Image,
    mask: Tensor | None = None,
    boxes: Tensor | None = None,
    points: Tensor | None = None,
    names: Sequence[str] = (),
) -> Tensor:
    """Return `image` with its labels drawn, `uint8` `[3, H, W]`, enlarged where it is small.

    Outside `mask`, `[H, W]` or `[1, H, W]`, the picture is dark, and a white line runs along its
    edge. `boxes`, `[N, 4]`, are XYXY; `points`, `[N, 2]`, x and y, counted from the middle of the
    first pixel, as masks and `KeyPoints` are; each of `names` stands beside a point. Labels may lie
    outside of the picture. Raises `ValueError` for a mask of another size, for other shapes, and
    where there are not as many names as points.

    >>> draw_labels(torch.rand(3, 96, 96), torch.ones(96, 96), torch.tensor([[8, 8, 90, 90]])).shape
    torch.Size([3, 384, 384])
    """
    array = to_arrays([image])[0][..., :3]
    height, width = array.shape[:2]
    factor = max(1, math.ceil(SIDE / max(height, width)))
    drawn = _enlarged(torch.tensor(array).movedim(-1, 0), factor)
    if mask is not None:
        if [*mask.shape[-2:]] != [height, width] or mask.numel() != height * width:
            given = f"a mask {[*mask.shape]} for a picture of {height} x {width}"
            raise ValueError(f"{given}; expected [{height}, {width}]")
        drawn = _outside_dark(drawn, _enlarged(mask.reshape(1, height, width).bool(), factor))
    if boxes is not None:
        drawn = _draw_boxes(drawn, _rows("boxes", boxes, 4) * factor)
    if points is not None:
        middles = (_rows("points", points, 2) + 0.5) * factor
        if names and len(names) != len(middles):
            raise ValueError(f"{len(names)} names for {len(middles)} points; expected one for each")
        drawn = _draw_boxes(drawn, torch.cat([middles - 4, middles + 4], 1), names)
    return drawn


def _enlarged(picture: Tensor, factor: int) -> Tensor:
    return picture.repeat_interleave(factor, -2).repeat_interleave(factor, -1)


def _rows(kind: str, numbers: Tensor, columns: int) -> Tensor:
    """Return a label as plain floats `[N, columns]`."""
    if numbers.ndim != 2 or numbers.shape[1] != columns:
        raise ValueError(f"{kind} {[*numbers.shape]}; expected [N, {columns}]")
    return torch.as_tensor(numbers).as_subclass(Tensor).double()


def _outside_dark(picture: Tensor, inside: Tensor) -> Tensor:
    near = F.max_pool2d(inside[None].float(), 5, stride=1, padding=2)[0].bool()
    picture = torch.where(inside, picture, picture // 3)
    return torch.where(near & ~inside, torch.full_like(picture, 255), picture)


def _draw_boxes(picture: Tensor, boxes: Tensor, names: Sequence[str] = ()) -> Tensor:
    """Draw white lines with a dark rim, seen on any ground."""
    if not len(boxes):
        return picture
    rim = draw_bounding_boxes(picture, boxes, colors="black", width=5)
    look: Any = {"font": findfont("DejaVu Sans"), "font_size": 20, "label_colors": "white"}
    look |= {"label_background_colors": "black", "labels": [*names], "fill_labels": True}
    return draw_bounding_boxes(rim, boxes, colors="white", width=2, **(look if names else {}))
