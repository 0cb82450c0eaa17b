"""Labels follow rotations, affine changes and perspective as by torchvision, each its picture."""

import pytest
import torch
from examples import pictures
from test_warp import CASES, one_by_one
from torchvision import tv_tensors

from d2laug import augment

FORMATS = list(tv_tensors.BoundingBoxFormat)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def drawn_before(transform, batch):
    """Draw now what the next call of a transform takes."""
    params = transform.make_params(batch)
    transform.make_params = lambda inputs: params
    return params


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mask_dtype", [torch.uint8, torch.bool, torch.int64, torch.float32])
def test_masks_follow_their_pictures(case, mask_dtype):
    kind, arguments = CASES[case]
    fill = {tv_tensors.Mask: 1, tv_tensors.Image: 3}
    transform = kind(**arguments, fill=fill)
    batch = pictures(8)
    masks = tv_tensors.Mask(pictures(8, channels=1)[:, 0].to(mask_dtype))
    instances = [tv_tensors.Mask(masks[:k]) for k in range(8)]
    params = drawn_before(transform, batch)
    _, moved, moved_instances = transform(tv_tensors.Image(batch), masks, instances)
    expected = one_by_one(transform, map(tv_tensors.Mask, masks), params)
    assert isinstance(moved, tv_tensors.Mask)
    assert moved.dtype == mask_dtype
    assert (moved != torch.stack(expected)).double().mean() <= 0.001
    expected = one_by_one(transform, instances, params)
    assert all(map(torch.equal, moved_instances, expected))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("clamping_mode", ["soft", "hard", None])
@pytest.mark.parametrize("case", CASES)
def test_boxes_follow_their_pictures(case, format, clamping_mode):
    kind, arguments = CASES[case]
    transform = kind(**arguments)
    corners = {"XYXY": [3, 4, 20, 30], "XYXYXYXY": [3, 4, 20, 6, 18, 30, 2, 28]}
    values = corners.get(format.name, [10, 9, 8, 12, *[25] * ("R" in format.name)])

    def boxes(k):
        rows = torch.tensor([values] * k, dtype=torch.float32).reshape(k, len(values))
        rows = rows + torch.arange(k)[:, None]
        return tv_tensors.BoundingBoxes(
            rows, format=format, canvas_size=(40, 52), clamping_mode=clamping_mode
        )

    batch, given = pictures(4), [boxes(k) for k in (2, 0, 3, 1)]
    params = drawn_before(transform, batch)
    _, moved = transform(batch, given)
    for output, expected in zip(moved, one_by_one(transform, given, params), strict=True):
        assert torch.equal(output, expected)
        assert output.format == format
        assert output.canvas_size == (40, 52)


@pytest.mark.parametrize("case", CASES)
def test_keypoints_follow_their_pictures(case):
    kind, arguments = CASES[case]
    transform = kind(**arguments)
    batch = pictures(6)
    points = tv_tensors.KeyPoints(torch.rand(6, 7, 2) * 40, canvas_size=(40, 52))
    params = drawn_before(transform, batch)
    _, moved = transform(batch, points)
    each = [tv_tensors.wrap(x, like=points) for x in points]
    assert torch.equal(moved, torch.stack(one_by_one(transform, each, params)))


def test_a_picture_and_what_lies_upon_it_move_to_the_same_place():
    """A dot in the picture, in a mask, and as a point."""
    transform = augment.RandomAffine(30, (0.1, 0.1), (0.8, 1.2), 5, "bilinear")
    batch = torch.zeros(20, 1, 61, 61)
    batch[:, :, 18:21, 38:41] = 1
    points = tv_tensors.KeyPoints(torch.full((20, 1, 2), 0.0), canvas_size=(61, 61))
    points[..., 0], points[..., 1] = 39.5, 19.5
    output, masks, points = transform(batch, tv_tensors.Mask(batch[:, 0]), points)
    place = torch.arange(61) + 0.5
    for picture in (output[:, 0], masks):
        total = picture.sum((1, 2))
        x = (picture.sum(1) * place).sum(1) / total
        y = (picture.sum(2) * place).sum(1) / total
        assert (torch.stack([x, y], 1) - points[:, 0]).abs().max() < 0.5
