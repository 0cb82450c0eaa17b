"""Right and wrong answers to the exercises of lesson 13."""

import math

import numpy as np
import torch
from forms import not_varied
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as F


def turn_boxes(boxes, width):
    x1, y1, x2, y2 = boxes.T
    return torch.stack([y1, width - x2, y2, width - x1]).T


def turn_boxes_by_columns(boxes, width):
    turned = boxes[:, [1, 2, 3, 0]].clone()
    turned[:, 1::2] = width - turned[:, 1::2]
    return turned


def turn_boxes_by_corners(boxes, width):
    a, b = (
        torch.stack([boxes[:, 1], width - boxes[:, 0]], 1),
        torch.stack([boxes[:, 3], width - boxes[:, 2]], 1),
    )
    return torch.cat([torch.minimum(a, b), torch.maximum(a, b)], 1)


def turn_boxes_in_a_loop(boxes, width):
    rows = [[y1, width - x2, y2, width - x1] for x1, y1, x2, y2 in boxes.tolist()]
    return torch.tensor(rows).reshape(-1, 4)


def turn_boxes_by_torchvision(boxes, width):
    high = tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=(1000, width))
    return F.horizontal_flip(high).as_subclass(torch.Tensor)[:, [1, 0, 3, 2]]


def turn_boxes_by_numpy(boxes, width):
    x1, y1, x2, y2 = boxes.numpy().T
    return torch.from_numpy(np.stack([y1, width - x2, y2, width - x1], 1))


def flipped_boxes(boxes, width):
    x1, y1, x2, y2 = boxes.T
    return torch.stack([width - x2, y1, width - x1, y2], 1)


def crop_and_drop(boxes, top, left, height, width, share):
    x1, y1, x2, y2 = boxes.T
    a, b = (x1 - left).clamp(0, width), (y1 - top).clamp(0, height)
    c, d = (x2 - left).clamp(0, width), (y2 - top).clamp(0, height)
    return torch.stack([a, b, c, d]).T[(c - a) * (d - b) >= share * (x2 - x1) * (y2 - y1)]


def crop_and_drop_in_a_loop(boxes, top, left, height, width, share):
    kept = []
    for x1, y1, x2, y2 in boxes.tolist():
        a, b = min(max(x1 - left, 0), width), min(max(y1 - top, 0), height)
        c, d = min(max(x2 - left, 0), width), min(max(y2 - top, 0), height)
        if (c - a) * (d - b) / ((x2 - x1) * (y2 - y1)) >= share:
            kept.append([a, b, c, d])
    return torch.tensor(kept).reshape(-1, 4)


def crop_and_drop_by_corners(boxes, top, left, height, width, share):
    corner, size = torch.tensor([left, top]), torch.tensor([width, height])
    start = torch.maximum(boxes[:, :2] - corner, torch.zeros(2))
    end = torch.minimum(boxes[:, 2:] - corner, size)
    sides = (end - start).clamp(min=0)
    kept = sides.prod(1) / (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return torch.cat([start, end], 1)[kept >= share]


def crop_and_drop_by_torchvision(boxes, top, left, height, width, share):
    whole = tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=(100, 100))
    inside = F.crop(whole, top, left, height, width).as_subclass(torch.Tensor)
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])  # noqa: E731
    return inside[area(inside) / area(boxes) >= share]


def crop_and_drop_by_numpy(boxes, top, left, height, width, share):
    array = boxes.numpy() - [left, top, left, top]
    array = np.clip(array, 0, [width, height, width, height]).astype(np.float32)
    sides, old = np.ptp(array.reshape(-1, 2, 2), 1), np.ptp(boxes.numpy().reshape(-1, 2, 2), 1)
    return torch.from_numpy(array[np.prod(sides, 1) >= share * np.prod(old, 1)])


SWAP = {"left": "right", "right": "left"}


def other_side(name):
    return " ".join(SWAP.get(word, word) for word in name.split())


def mirror_points(points, names, width):
    x, y = points.T
    mirrored = torch.stack([width - 1 - x, y]).T
    return mirrored[[names.index(other_side(name)) for name in names]]


def mirror_points_by_a_dictionary(points, names, width):
    places = {
        other_side(name): [width - 1 - x, y]
        for name, (x, y) in zip(names, points.tolist(), strict=True)
    }
    return torch.tensor([places[name] for name in names])


def mirror_points_by_pairs(points, names, width):
    result = points.clone()
    result[:, 0] = width - 1 - result[:, 0]
    for i, name in enumerate(names):
        if "left" in name:
            j = names.index(name.replace("left", "right"))
            result[[i, j]] = result[[j, i]]
    return result


def mirror_points_by_torchvision(points, names, width):
    given = tv_tensors.KeyPoints(points, canvas_size=(width, width))
    order = torch.tensor([names.index(other_side(name)) for name in names])
    return F.horizontal_flip(given).as_subclass(torch.Tensor)[order]


def mirror_points_by_numpy(points, names, width):
    array = points.numpy() * [-1, 1] + [width - 1, 0]
    order = [names.index(other_side(name)) for name in names]
    return torch.from_numpy(array[order].astype(np.float32))


def upright_box(cx, cy, w, h, angle):
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    width, height = w * cos + h * sin, w * sin + h * cos
    return torch.tensor([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2])


def corners_of(cx, cy, w, h, angle):
    turn = torch.deg2rad(torch.tensor(angle))
    rows = torch.stack([turn.cos(), turn.sin(), -turn.sin(), turn.cos()]).reshape(2, 2)
    signs = torch.tensor([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    return torch.tensor([cx, cy]) + signs * torch.tensor([w, h]) / 2 @ rows


def upright_box_by_corners(cx, cy, w, h, angle):
    corners = corners_of(cx, cy, w, h, angle)
    return torch.cat([corners.amin(0), corners.amax(0)])


def upright_box_by_complex_numbers(cx, cy, w, h, angle):
    turn = np.exp(1j * np.deg2rad(angle))
    corners = np.array([complex(w, h), complex(w, -h)]) * turn / 2
    x, y = abs(corners.real).max(), abs(corners.imag).max()
    return torch.tensor([cx - x, cy - y, cx + x, cy + y], dtype=torch.float32)


def upright_box_by_torchvision(cx, cy, w, h, angle):
    x1, y1 = cx - w / 2, cy - h / 2
    flat = tv_tensors.KeyPoints(
        [[x1, y1], [x1 + w, y1], [x1, y1 + h], [x1 + w, y1 + h]], canvas_size=(200, 200)
    )
    turned = F.rotate(flat, angle, center=[cx, cy]).as_subclass(torch.Tensor)
    return torch.cat([turned.amin(0), turned.amax(0)])


def upright_box_by_numpy(cx, cy, w, h, angle):
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    middle, half = np.array([cx, cy]), np.abs([[cos, sin], [sin, cos]]) @ [w / 2, h / 2]
    return torch.from_numpy(np.concatenate([middle - half, middle + half])).float()


def signed(turned=lambda cos, sin: (cos, sin), side=float):
    """Return an answer that leaves a sine or a cosine as it is, or takes the sum's size alone."""

    def answer(cx, cy, w, h, angle):
        cos, sin = turned(math.cos(math.radians(angle)), math.sin(math.radians(angle)))
        width, height = side(w * cos + h * sin), side(w * sin + h * cos)
        return torch.tensor([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2])

    return answer


def half_of_the_corners(cx, cy, w, h, angle):
    corners = corners_of(cx, cy, w, h, angle)[[0, 3]]
    return torch.cat([corners.amin(0), corners.amax(0)])


def inside(boxes, top, left, height, width):
    return crop_and_drop(boxes, top, left, height, width, -1)


def areas(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).prod(1)


def in_the_picture(boxes, top, left, *rest):
    return crop_and_drop(boxes, top, left, *rest) + torch.tensor([left, top, left, top])


def clamped(boxes, top, left, height, width, share, low=True, high=False):
    """Clamp boxes at the given sides alone, and judge what is left."""
    moved = boxes - torch.tensor([left, top, left, top])
    if low:
        moved = moved.clamp(min=0)
    if high:
        moved = moved.minimum(torch.tensor([width, height, width, height]))
    return moved[areas(moved) >= share * areas(boxes)]


def two_negative_sides(boxes, top, left, height, width, share):
    corner, size = torch.tensor([left, top]), torch.tensor([width, height])
    start, end = (boxes[:, :2] - corner).clamp(min=0), (boxes[:, 2:] - corner).minimum(size)
    return torch.cat([start, end], 1)[(end - start).prod(1) >= share * areas(boxes)]


def unclamped(boxes, top, left, height, width, share):
    kept = areas(inside(boxes, top, left, height, width)) >= share * areas(boxes)
    return (boxes - torch.tensor([left, top, left, top]))[kept]


def of_the_crop(boxes, top, left, height, width, share):
    cut = inside(boxes, top, left, height, width)
    return cut[areas(cut) >= share * height * width]


def by_the_middle(boxes, top, left, height, width):
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 - torch.tensor([left, top])
    kept = ((middles >= 0) & (middles < torch.tensor([width, height]))).all(1)
    return inside(boxes, top, left, height, width)[kept]


def corner_and_size(box):
    return torch.cat([box[:2], box[2:] - box[:2]])


def replaced_twice(*sides):
    """Return an answer that exchanges words of a name one after the other."""

    def answer(points, names, width):
        mirrored = torch.stack([width - 1 - points[:, 0], points[:, 1]], 1)
        partners = [name.replace(*sides[0]).replace(*sides[1]) for name in names]
        return mirrored[[names.index(partner) for partner in partners]]

    return answer


def pairs_in_order(points, names, width):
    """Pair the first left one with the first right one, and so on, whatever they are."""
    mirrored = torch.stack([width - 1 - points[:, 0], points[:, 1]], 1)
    sides = [[i for i, name in enumerate(names) if side in name] for side in ("left", "right")]
    result = mirrored.clone()
    result[sides[0]], result[sides[1]] = mirrored[sides[1]], mirrored[sides[0]]
    return result


def middle_and_size(box):
    return torch.cat([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])


OUTSIDE = "outside on one side alone: an area below 0 is too little, as one of 0"
EQUIVALENT = {
    "crop_and_drop": {
        "(x2 - left).clamp(-1, width)": OUTSIDE,
        "(y2 - top).clamp(-1, height)": OUTSIDE,
    },
}
RIGHT = {
    "turn_boxes": [
        turn_boxes,
        not_varied("a column has two numbers", turn_boxes_by_columns),
        not_varied("smaller and larger may change places", turn_boxes_by_corners),
        turn_boxes_in_a_loop,
        not_varied("its type is torchvision's", turn_boxes_by_torchvision),
        not_varied("an axis has two numbers", turn_boxes_by_numpy),
    ],
    "crop_and_drop": [
        crop_and_drop,
        not_varied("min and max take either order", crop_and_drop_in_a_loop),
        not_varied("an axis has two numbers", crop_and_drop_by_corners),
        not_varied("the canvas changes nothing", crop_and_drop_by_torchvision),
        not_varied("an axis has two numbers", crop_and_drop_by_numpy),
    ],
    "mirror_points": [
        mirror_points,
        not_varied("any order of names is right", mirror_points_by_a_dictionary),
        not_varied("any order of names is right", mirror_points_by_pairs),
        not_varied("its type is torchvision's", mirror_points_by_torchvision),
        not_varied("to divide by -1 is to multiply", mirror_points_by_numpy),
    ],
    "upright_box": [
        upright_box,
        upright_box_by_corners,
        not_varied("the corners may come in any order", upright_box_by_complex_numbers),
        not_varied("the canvas changes nothing", upright_box_by_torchvision),
        upright_box_by_numpy,
    ],
}
WRONG = {
    "turn_boxes": [
        ("y1 is larger than y2", lambda b, w: turn_boxes(b, w)[:, [0, 3, 2, 1]]),
        ("edges are counted", lambda b, w: turn_boxes(b, w - 1)),
        ("mirrors the picture", lambda b, w: b[:, [1, 0, 3, 2]]),
        ("clockwise", lambda b, w: torch.stack([w - b[:, 3], b[:, 0], w - b[:, 1], b[:, 2]], 1)),
        ("the order of a box", lambda b, w: turn_boxes(b, w)[:, [0, 2, 1, 3]]),
        ("each y stands before its x", lambda b, w: turn_boxes(b, w)[:, [1, 0, 3, 2]]),
        ("that is a flip", lambda b, w: flipped_boxes(b, w)),
        ("unchanged", lambda b, w: b),
        ("values differ", lambda b, w: turn_boxes(b.clamp(0, w), w)),
        ("the shape is [4, 186]; expected [186, 4]", lambda b, w: turn_boxes(b, w).T),
        ("dtype is torch.int64", lambda b, w: turn_boxes(b, w).long()),
        ("values differ", lambda b, w: turn_boxes(b, w).round()),
        ("in place", lambda b, w: turn_boxes(b, w) + b.zero_()),
        ("returns a list", lambda b, w: turn_boxes(b, w).tolist()),
    ],
    "crop_and_drop": [
        ("too little is left", lambda *a: crop_and_drop(*a[:5], 0)),
        ("too little is left", lambda *a: crop_and_drop(*a[:5], 1e-6)),
        ("still counted", in_the_picture),
        ("x and y are swapped", lambda b, t, le, h, w, s: crop_and_drop(b, le, t, w, h, s)),
        ("exactly the share", lambda *a: crop_and_drop(*a[:5], a[5] + 1e-5)),
        ("beyond the crop", unclamped),
        ("on all four sides", clamped),
        ("on all four sides", lambda *a: clamped(*a, low=False, high=True)),
        ("on all four sides", lambda *a: clamped(*a, low=False)),
        ("two negative sides", two_negative_sides),
        ("not of the crop", of_the_crop),
        ("not by its middle", lambda *a: by_the_middle(*a[:5])),
        ("the shape is", lambda *a: crop_and_drop(*a)[:1]),
        ("dtype is torch.int64", lambda *a: crop_and_drop(*a).long()),
        ("values differ", lambda *a: crop_and_drop(*a).flip(0)),
    ],
    "mirror_points": [
        ("names have stayed", lambda p, n, w: torch.stack([w - 1 - p[:, 0], p[:, 1]], 1)),
        ("middle of a pixel", lambda p, n, w: mirror_points(p, n, w + 1)),
        ("middle of a pixel", lambda p, n, w: torch.stack([w - p[:, 0], p[:, 1]], 1)),
        ("have not moved", lambda p, n, w: p[[n.index(other_side(name)) for name in n]]),
        ("unchanged", lambda p, n, w: p),
        ("y is mirrored", lambda p, n, w: torch.stack([p[:, 0], w - 1 - p[:, 1]], 1)),
        ("values differ", pairs_in_order),
        ("second `replace` undoes the first", replaced_twice(("left", "right"), ("right", "left"))),
        ("second `replace` undoes the first", replaced_twice(("right", "left"), ("left", "right"))),
        ("order of all points", lambda p, n, w: torch.stack([w - 1 - p[:, 0], p[:, 1]], 1).flip(0)),
        ("in place", lambda p, n, w: mirror_points(p, n, w) + p.zero_()),
        ("the shape is", lambda p, n, w: mirror_points(p, n, w).T),
    ],
    "upright_box": [
        ("radians", lambda cx, cy, w, h, a: upright_box(cx, cy, w, h, math.degrees(a))),
        ("absolute values", signed()),
        ("absolute values", signed(lambda cos, sin: (abs(cos), sin))),
        ("absolute values", signed(lambda cos, sin: (cos, abs(sin)))),
        ("absolute values", signed(side=abs)),
        ("width and height are exchanged", lambda cx, cy, w, h, a: upright_box(cx, cy, h, w, a)),
        ("not turned at all", lambda cx, cy, w, h, a: upright_box(cx, cy, w, h, 0)),
        ("two of the four", half_of_the_corners),
        ("counted twice", lambda cx, cy, w, h, a: upright_box(cx, cy, 2 * w, 2 * h, a)),
        ("expected XYXY", lambda *a: middle_and_size(upright_box(*a))),
        ("expected XYXY", lambda *a: corner_and_size(upright_box(*a))),
        ("shape is [1, 4]", lambda *a: upright_box(*a)[None]),
        ("dtype is torch.float64", lambda *a: upright_box(*a).double()),
        ("returns a list", lambda *a: upright_box(*a).tolist()),
    ],
}  # fmt: skip
