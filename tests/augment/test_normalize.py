"""Normalized pictures equal torchvision's, whatever they are given as, and labels stay."""

import numpy as np
import pytest
import torch
from examples import pictures
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def by_torchvision(batch, mean=MEAN, std=STD):
    dtype = torch.float64 if batch.dtype == torch.float64 else torch.float32
    scaled = v2.ToDtype(dtype, scale=True)(batch)
    return v2.functional.normalize(scaled, mean, std)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.float32, torch.float64])
@pytest.mark.parametrize("n", [0, 1, 24])
def test_equals_torchvision(n, dtype):
    batch = pictures(n, dtype=dtype) if n else pictures(dtype=dtype)[:0]
    output, expected = augment.Normalize(MEAN, STD)(batch), by_torchvision(batch)
    assert output.dtype == expected.dtype
    torch.testing.assert_close(output, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [tv_tensors.Image, tv_tensors.Video])
def test_types_stay(kind):
    batch = kind(pictures())
    output = augment.Normalize(MEAN, STD)(batch)
    assert type(output) is kind
    assert torch.equal(output, augment.normalize(pictures(), MEAN, STD))
    into = torch.empty(output.shape)
    assert augment.normalize(batch, MEAN, STD, into).data_ptr() == into.data_ptr()
    assert torch.equal(into, output)


def test_labels_stay():
    mask = tv_tensors.Mask(torch.ones(24, 40, 52))
    boxes = tv_tensors.BoundingBoxes([[0, 0, 4, 4]], format="XYXY", canvas_size=(40, 52))
    images, masks, targets = augment.Normalize(MEAN, STD)(pictures(), mask, [{"boxes": boxes}] * 24)
    assert images.dtype == torch.float32
    assert masks is mask
    assert targets[3]["boxes"] is boxes


@pytest.mark.parametrize(
    ("mean", "std"),
    [(0.5, 0.25), ((0.5,), np.array([0.25])), (torch.tensor(0.5), [0.25]), (np.full(3, 0.5), 0.25)],
)
def test_one_number_for_all_channels(mean, std):
    expected = by_torchvision(pictures(), [0.5] * 3, [0.25] * 3)
    torch.testing.assert_close(augment.Normalize(mean, std)(pictures()), expected)


def test_stands_last_in_a_composition():
    flip = augment.RandomHorizontalFlip(p=1)
    pipeline = v2.Compose([flip, augment.Normalize(MEAN, STD)])
    torch.testing.assert_close(
        pipeline(pictures()), by_torchvision(pictures()).flip(-1), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("mean", "std", "error", "words"),
    [
        ([0.5, 0.5], [0.5] * 3, ValueError, "given for 3 channels, but one number for each"),
        ([0.5] * 3, [0.5, 0, 0.5], ValueError, "not 0"),
        ([0.5] * 3, [0.5, float("nan"), 0.5], ValueError, "std=.*nan.* given"),
        ("half", 0.5, TypeError, "mean='half' given, but numbers expected"),
        (None, 0.5, TypeError, "mean=None given, but numbers expected"),
        (["0.5"], 0.5, TypeError, "mean=.'0.5'. given, but numbers expected"),
        ([], [], ValueError, r"mean=\[\] given"),
    ],
)
def test_what_cannot_be_is_refused_at_once(mean, std, error, words):
    with pytest.raises(error, match=words):
        augment.Normalize(mean, std)


def test_other_channels_are_refused_when_they_come():
    with pytest.raises(ValueError, match="for 1 channels"):
        augment.Normalize(MEAN, STD)(pictures(channels=1))


def test_a_pil_image_is_no_tensor():
    with pytest.raises(TypeError, match="to_image"):
        augment.Normalize(MEAN, STD)(v2.functional.to_pil_image(pictures(1)[0]))
