"""Labels that are places, drawn over their picture."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import PIL.Image
import torch
from matplotlib.font_manager import findfont
from PIL import ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import max_pool2d
from torchvision.transforms.v2 import functional as F
from torchvision.tv_tensors import BoundingBoxes, BoundingBoxFormat, is_rotated_bounding_format

from d2laug.show.grids import one_picture
from d2laug.show.picture import Image, plain

# Pixels: a smaller picture is enlarged by a whole factor, so that lines are thin on it; on one of
# twice as many and more they are thicker, as it will be shown smaller than it is.
SIDE = 384


def draw_labels(
    image: Image,
    mask: Tensor | None = None,
    boxes: Tensor | None = None,
    points: Tensor | None = None,
    names: Sequence[str] = (),
) -> Tensor:
    """Return `image` with its labels drawn, `uint8` `[3, H, W]`, enlarged where it is small.

    Outside `mask`, `[H, W]` or `[1, H, W]`, the picture is dark, and a white line runs along its
    edge. `boxes`, `[N, 4]`, are XYXY, or as `BoundingBoxes` say; `points`, `[N, 2]`, are x and y,
    counted from the middle of the first pixel, as masks and `KeyPoints` are; each of `names` stands
    beside a point. Labels may lie outside of the picture. Raises `ValueError` for several pictures,
    a mask of another size or with values below 0, other shapes, numbers that are not finite, and
    another number of names; `TypeError` for a dictionary of labels.

    >>> draw_labels(torch.rand(3, 96, 96), torch.ones(96, 96), torch.tensor([[8, 8, 90, 90]])).shape
    torch.Size([3, 384, 384])
    """
    array = one_picture(image)[..., :3].copy()  # strides may be negative
    height, width = array.shape[:2]
    factor = max(1, math.ceil(SIDE / max(height, width)))
    thick = max(1, max(height, width) // (2 * SIDE))
    drawn = _enlarged(torch.from_numpy(array).movedim(-1, 0), factor)
    if mask is not None:
        mask = _tensor("mask", mask)
        if mask.dtype is not torch.bool and mask.min() < 0:
            raise ValueError("a mask with values below 0; of logits it is `logits > 0`")
        if [*mask.shape[-2:]] != [height, width] or mask.numel() != height * width:
            given = f"a mask {[*mask.shape]} for a picture of {height} x {width}"
            raise ValueError(f"{given}; expected [{height}, {width}]")
        inside = _enlarged(mask.reshape(1, height, width).bool(), factor)
        drawn = _outside_dark(drawn, inside, thick)
    canvas = PIL.Image.fromarray(drawn.movedim(0, -1).contiguous().numpy())
    pen, font = ImageDraw.Draw(canvas), ImageFont.truetype(findfont("DejaVu Sans"), 20 * thick)
    for x1, y1, x2, y2 in [] if boxes is None else _rows("boxes", boxes, 4) * factor:
        (x1, x2), (y1, y2) = sorted((x1, x2)), sorted((y1, y2))
        for rim, line, color in ((2 * thick, 5 * thick, "black"), (0, 2 * thick, "white")):
            pen.rectangle([x1 - rim, y1 - rim, x2 + rim, y2 + rim], None, color, line)
    middles = [] if points is None else (_rows("points", points, 2) + 0.5) * factor
    if len(names) not in (0, len(middles)):
        raise ValueError(f"{len(names)} names for {len(middles)} points; expected one for each")
    names = [", ".join(plain(name).splitlines()) for name in names]
    for i, (x, y) in enumerate(middles):
        pen.circle((x, y), 6 * thick, "white", "black", 2 * thick)
        if names and 0 <= x < canvas.width and 0 <= y < canvas.height:  # right, where there is room
            left = x + 11 * thick + font.getlength(names[i]) > canvas.width
            place, side = (x + 11 * thick * (-1 if left else 1), y), "rm" if left else "lm"
            rim = {"stroke_width": 3 * thick, "stroke_fill": "black"}
            pen.text(place, names[i], "white", font, side, **rim)
    return F.pil_to_tensor(canvas)


def _tensor(kind: str, label: Tensor | np.ndarray) -> Tensor:
    if isinstance(label, Mapping):
        raise TypeError(f"the {kind} given is a {type(label).__name__}; give the labels one by one")
    # a copy of an array: its strides may be negative
    return torch.as_tensor(label if isinstance(label, Tensor) else np.array(label))


def _enlarged(picture: Tensor, factor: int) -> Tensor:
    return picture.repeat_interleave(factor, -2).repeat_interleave(factor, -1)


def _rows(kind: str, numbers: Tensor, columns: int) -> np.ndarray:
    """Return a label as plain floats `[N, columns]`, boxes from corner to corner."""
    if isinstance(numbers, BoundingBoxes):
        if is_rotated_bounding_format(numbers.format):
            raise ValueError(f"boxes of format {numbers.format.name}; rotated ones cannot be drawn")
        numbers = F.convert_bounding_box_format(numbers, None, BoundingBoxFormat.XYXY)
    numbers = _tensor(kind, numbers)
    if numbers.ndim != 2 or numbers.shape[1] != columns:
        raise ValueError(f"{kind} {[*numbers.shape]}; expected [N, {columns}]")
    rows = numbers.detach().cpu().as_subclass(Tensor).double().numpy()
    if not np.isfinite(rows).all():
        raise ValueError(f"{kind} with NaN or infinite numbers; leave out what has no place")
    return rows.clip(-1e5, 1e5)  # whole numbers for PIL; what is that far is not seen either


def _outside_dark(picture: Tensor, inside: Tensor, thick: int) -> Tensor:
    size = 4 * thick + 1
    near = max_pool2d(inside[None].float(), size, stride=1, padding=size // 2)[0].bool()
    picture = torch.where(inside, picture, picture // 3)
    return torch.where(near & ~inside, torch.full_like(picture, 255), picture)
