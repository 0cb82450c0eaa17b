"""Checks of the exercises of lesson 13_labels_that_move."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from d2laug.check.answers import Results, exercise, seeded

_CORNERS = 2.0 * torch.randint(30, (200, 2, 2), generator=seeded()).sort(1).values
_MANY = _CORNERS[(_CORNERS.diff(dim=1) > 0).all(2)[:, 0]].flatten(1)  # [N, 4], XYXY, up to 58
_NAMES = (
    ["left eye", "right eye", "nose"],
    ["nose", "right ear", "left ear", "chin", "right eye", "left eye"],
    ["left eye", "left ear", "right ear", "right eye"],
    ["hind left foot", "head", "hind right foot", "front left foot", "front right foot"],
    ["nose"],
)
_POINTS = [
    (90 * torch.rand(len(x), 2, generator=seeded(len(x))) - 30, x, 30 + len(x)) for x in _NAMES
]
_TURNED = [
    *((30.0, 40.0, 21.0, 9.5, 22.5), (12.0, 9.0, 6.5, 4.5, 0.0), (30.0, 40.0, 19.0, 10.5, 90.0)),
    *((5.0, 15.0, 8.0, 14.0, -35.0), (50.0, 6.0, 30.0, 7.0, 160.0), (9.0, 3.0, 11.0, 26.0, 250.0)),
]


@exercise(
    ("boxes in 60 x 60 pixels", _MANY, 60),
    ("two boxes in 33 x 20 pixels", torch.tensor([[2.5, 25, 8, 33], [1, 3, 20, 30]]), 20),
    ("no box", torch.zeros(0, 4), 50),
    ("boxes of parts of pixels", _MANY + 0.25, 57),
    tolerance=1e-4,
)
def turn_boxes(boxes: Tensor, width: int) -> Results:
    """Check `answer(boxes, width)`: boxes `[N, 4]`, XYXY, after a quarter turn counterclockwise."""
    x1, y1, x2, y2 = boxes.unbind(1)

    def box(*sides: Tensor) -> Tensor:
        return torch.stack(sides, 1)

    mixed, swapped = box(y1, width - x1, y2, width - x2), box(y1, x1, y2, x2)
    pixels = [box(y1, width - 1 - x2, y2, width - 1 - x1), mixed - torch.tensor([0, 1, 0, 1])]
    return {
        "the right side becomes the upper one.": box(y1, width - x2, y2, width - x1),
        "y1 is larger than y2: after the turn the right side is the upper one.": mixed,
        "edges are counted, not pixels: x becomes width - x, without - 1.": pixels,
        "that swaps x and y, which mirrors the picture too: x is counted from the right.": swapped,
        "that turns the other way: clockwise.": box(width - y2, x1, width - y1, x2),
        "that is a flip, or each y stands before its x: the order is x1, y1, x2, y2.": box(
            width - x2, y1, width - x1, y2
        ),
        "the order of a box is x1, y1, x2, y2.": box(y1, y2, width - x2, width - x1),
    }


@exercise(
    ("a crop of 20 x 30", _MANY, 20, 10, 20, 30, 0.303),
    ("half of each box", _MANY, 20, 10, 20, 30, 0.5),
    ("all of each box", _MANY, 20, 10, 20, 30, 1.0),
    ("a crop of 40 x 16", _MANY, 5, 25, 40, 16, 0.207),
    ("one box, outside", torch.tensor([[1.0, 1.0, 5.0, 5.0]]), 10, 10, 20, 20, 0.1),
    ("no box", torch.zeros(0, 4), 10, 10, 20, 20, 0.1),
    ("a crop of the corner", _MANY + 0.25, 0, 0, 31, 31, 0.353),
)
def crop_and_drop(
    boxes: Tensor, top: int, left: int, height: int, width: int, share: float
) -> Results:
    """Check `answer(boxes, top, left, height, width, share)`: boxes `[K, 4]` of `[N, 4]`, cropped.

    Those that keep at least `share` of their area, in the order that they had.
    """
    corner, limit = torch.tensor([left, top] * 2), torch.tensor([width, height] * 2)
    moved, middles = boxes - corner, (boxes[:, :2] + boxes[:, 2:]) / 2 - corner[:2]
    inside, above, below = moved.clamp(0 * limit, limit), moved.clamp(min=0), moved.clamp(max=limit)
    swapped = (boxes - corner.roll(1)).clamp(0 * limit, limit.roll(1))
    signed = torch.cat([above[:, :2], below[:, 2:]], 1)  # outside, its sides are negative

    def area(x: Tensor) -> Tensor:
        return (x[:, 2:] - x[:, :2]).prod(1)

    def large(x: Tensor) -> Tensor:
        return x[area(x) >= share * area(boxes)]

    kept = area(inside) / area(boxes)
    enough, of_crop = kept >= share, area(inside) >= share * height * width
    there = ((middles >= 0) & (middles < limit[:2])).all(1)
    unmoved = [boxes[enough], (inside + corner)[enough]]
    beyond = [y for x in (moved, above, below) for y in (x[enough], large(x))]
    return {
        "moved, cut off at the border, and dropped where too little is left.": inside[enough],
        "a box that keeps exactly the share stays: >=.": inside[kept > share],
        "boxes of which too little is left are still there.": [inside, inside[kept > 0]],
        "the boxes reach beyond the crop; clamp them to it, on all four sides.": beyond,
        "outside both ways, two negative sides make a positive area; clamp both.": large(signed),
        "the boxes are still counted from the picture's corner; subtract left and top.": unmoved,
        "x and y are swapped: left belongs to x, top to y.": large(swapped),
        "the share is that of the box, not of the crop.": inside[of_crop],
        "a box is judged by its area, not by its middle.": inside[there],
    }


@exercise(*(("{1}", *points) for points in _POINTS))
def mirror_points(points: Tensor, names: Sequence[str], width: int) -> Results:
    """Check `answer(points, names, width)`: points `[K, 2]`, mirrored, by their names."""
    swap = {"left": "right", "right": "left"}
    partners = [" ".join(swap.get(word, word) for word in name.split()) for name in names]
    order = [names.index(partner) for partner in partners]
    x, y = points.unbind(1)
    mirrored, edges = (torch.stack([side - x, y], 1) for side in (width - 1, width))
    one_side = [[names.index(name.replace(*sides)) for name in names] for sides in swap.items()]
    upside, reverse = torch.stack([x, width - 1 - y], 1), mirrored.flip(0)
    return {
        "each name stands at the side that it says.": mirrored[order],
        "the names have stayed: what was the left eye is now the right one.": mirrored,
        "a point is the middle of a pixel: x becomes width - 1 - x.": [edges[order], edges],
        "the names are exchanged, but the points have not moved.": points[order],
        "both of a pair at one place: a second `replace` undoes the first, or a swap lost one.": [
            mirrored[both] for both in one_side
        ],
        "y is mirrored; left and right are along x.": [upside, upside[order]],
        "the order of all points is reversed; only names of a pair change places.": reverse,
    }


@exercise(*(("an angle of {4:g} degrees", *box) for box in _TURNED), tolerance=1e-3)
def upright_box(cx: float, cy: float, w: float, h: float, angle: float) -> Results:
    """Check `answer(cx, cy, w, h, angle)`: the smallest upright box around a turned one, `[4]`."""

    def box(width: float, height: float) -> Tensor:
        return torch.tensor([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2])

    def turned(cos: float, sin: float) -> Tensor:
        return box(w * cos + h * sin, w * sin + h * cos)

    turn = math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)
    right, exchanged = turned(abs(cos), abs(sin)), turned(abs(sin), abs(cos))
    degrees = turned(abs(math.cos(angle)), abs(math.sin(angle)))
    sums, two = (box(abs(w * cos + h * s), abs(w * sin + h * cos)) for s in (sin, -sin))
    signed = [turned(cos, sin), turned(abs(cos), sin), turned(cos, abs(sin)), sums]
    middle, size = torch.tensor([cx, cy]), right[2:] - right[:2]
    sizes = [torch.cat([start, size]) for start in (middle, right[:2])]
    twice = "width and height are counted twice: half of each lies on either side of the middle."
    return {
        "all four corners fit, and each side touches one.": right,
        "the angle is in degrees; math.cos and torch.cos take radians.": degrees,
        "a sine or cosine below 0 makes the box too small; take the absolute values.": signed,
        "width and height are exchanged: without an angle the width is w.": exchanged,
        "the box is not turned at all.": box(w, h),
        "only two of the four corners are inside.": two,
        twice: torch.cat([middle - size, middle + size]),
        "expected XYXY: two corners, and no size.": sizes,
    }
