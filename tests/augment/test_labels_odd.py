"""Odd labels come out as by torchvision: outside, without area, none at all, more than 255.

Labels that fit no picture (a mask of another size) are refused: see `test_labels_refused.py`.
"""

import pytest
import torch
from examples import example, pictures
from test_labels import MOVES, NAMES, SIDES, N, assert_same, by_torchvision, recorded
from torchvision import tv_tensors

from d2laug import augment

HEIGHT, WIDTH = SIDES


def boxes(*rows):
    """Boxes of XYXY, none where no row is given."""
    values = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)
    return tv_tensors.BoundingBoxes(values, format="XYXY", canvas_size=SIDES)


def points(*rows):
    values = torch.tensor(rows, dtype=torch.float32).reshape(-1, 2)
    return tv_tensors.KeyPoints(values, canvas_size=SIDES)


def mask(dtype, *shape):
    """As many classes as the dtype holds, up to one for each pixel."""
    pixels = torch.arange(HEIGHT * WIDTH).reshape(SIDES)
    most = 2 if dtype == torch.bool else 256 if dtype == torch.uint8 else HEIGHT * WIDTH
    return tv_tensors.Mask((pixels % most).to(dtype).expand(*shape, *SIDES).clone())


ODD = {
    "boxes outside": lambda: boxes([-20, -20, -5, -5], [60, 50, 90, 80], [-9, 9, 70, 60]),
    "boxes without area": lambda: boxes([5, 5, 5, 5], [5, 5, 5, 20], [20, 10, 30, 10]),
    "boxes the wrong way round": lambda: boxes([20, 20, 5, 5]),
    "no boxes": boxes,
    "points outside": lambda: points([-5, 3], [200, -100], [WIDTH, HEIGHT]),
    "no points": points,
    "no masks": lambda: mask(torch.uint8, 0),
    "300 masks": lambda: mask(torch.bool, 300),
    "2,080 classes": lambda: mask(torch.int64),
    "2,080 classes, int32": lambda: mask(torch.int32),
    "2,080 classes, int16": lambda: mask(torch.int16),
    "256 classes": lambda: mask(torch.uint8),
    "two classes": lambda: mask(torch.bool),
    "a mask of floats": lambda: mask(torch.float32),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", NAMES)
def test_odd_labels_are_moved_as_by_torchvision(name, kind):
    transform, label = example(name), ODD[kind]()
    draws, labels = recorded(transform), [label] * N
    images, moved = transform(tv_tensors.Image(pictures(N)), labels)
    assert images.shape[:2] == (N, 3)
    for i in range(N):
        assert_same(moved[i], by_torchvision(transform, draws[0], i, label))


@pytest.mark.parametrize("dtype", [torch.uint16, torch.int16, torch.int32, torch.int64])
@pytest.mark.parametrize("name", MOVES)
def test_masks_of_many_classes_keep_them(name, dtype):
    """No class is rounded to another, nor cut off at 255: what is left stood in the mask before."""
    given = mask(dtype, N)
    _, moved = example(name)(tv_tensors.Image(pictures(N)), given)
    assert moved.dtype == dtype
    left, before = moved.long().unique(), given.long().unique()
    assert set(left.tolist()) <= {0, *before.tolist()}
    assert left.max() > 255


def test_boxes_that_a_crop_leaves_nothing_of_are_dropped_on_request():
    """A crop clamps boxes to its edge, where they have no area, and keeps their number."""
    images = tv_tensors.Image(pictures(2))
    targets = [
        {"boxes": boxes([40, 30, 50, 38], [1, 1, 9, 9]), "labels": torch.tensor([7, 8])},
        {"boxes": boxes(), "labels": torch.tensor([], dtype=torch.int64)},
    ]
    crop = augment.RandomCrop(20)
    params = crop.make_params(images) | {
        "top": torch.zeros(2).long(),
        "left": torch.zeros(2).long(),
    }
    crop.make_params = lambda inputs: params
    cut, moved = crop(images, targets)
    assert moved[0]["boxes"].tolist() == [[20, 20, 20, 20], [1, 1, 9, 9]]
    assert moved[1]["boxes"].shape == (0, 4)
    _, kept = augment.SanitizeBoundingBoxes()(cut, moved)
    assert kept[0]["boxes"].tolist() == [[1, 1, 9, 9]]
    assert [target["labels"].tolist() for target in kept] == [[8], []]


def test_points_outside_after_a_crop_stay_where_torchvision_puts_them():
    """They are kept, so that they go on with their names, and a mask or a count still fits."""
    image, left = tv_tensors.Image(pictures(1)[0]), points([3, 3], [45, 35], [-5, 60])
    crop = augment.RandomCrop(20)
    draws = recorded(crop)
    _, moved = crop(image, left)
    top, start = draws[0]["top"][0], draws[0]["left"][0]
    assert torch.equal(moved.as_subclass(torch.Tensor), left - torch.stack([start, top]))
    assert moved.canvas_size == (20, 20)


def test_a_batch_without_any_object():
    """Every picture empty, as at the beginning of a labeling: nothing to move, nothing wrong."""
    targets = [{"boxes": boxes(), "labels": torch.zeros(0).long(), "masks": mask(torch.bool, 0)}]
    for name in NAMES:
        _, moved = example(name)(tv_tensors.Image(pictures(N)), targets * N)
        assert all(target["boxes"].shape == (0, 4) for target in moved)
        assert all(target["masks"].shape[0] == 0 for target in moved)
