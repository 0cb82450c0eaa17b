"""Tones, filters and erasing: one picture of any kind, and noise for many pictures."""

import numpy as np
import PIL.Image
import pytest
import torch
from examples import example, pictures
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as F

from d2laug import augment
from d2laug.augment.filters import VALUES_AT_ONCE

KINDS = [
    "GaussianBlur", "RandomAdjustSharpness", "RandomAutocontrast", "RandomEqualize",
    "RandomErasing", "RandomGrayscale", "RandomInvert", "RandomPosterize", "RandomSolarize",
]  # fmt: skip


def always(name):
    """Return the example of a transform that changes all pictures by the same numbers."""
    chosen = {"GaussianBlur": {"sigma": 1.5}, "RandomErasing": {"scale": (0, 1e-9)}}.get(name, {})
    return example(name, **({} if name == "GaussianBlur" else {"p": 1}), **chosen)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", KINDS)
def test_a_pil_image_is_changed_as_by_torchvision(name, channels):
    transform, image = always(name), F.to_pil_image(pictures(3, channels=channels)[0])
    output = transform(image)
    assert isinstance(output, PIL.Image.Image)
    assert output.mode == image.mode
    assert np.array_equal(output, transform._torchvision()(image))


@pytest.mark.parametrize("name", [*KINDS, "GaussianNoise"])
def test_a_video_and_labels_beside_a_picture(name):
    """A video has one draw for all its frames; labels stay what and where they are."""
    transform = example(name) if name == "GaussianNoise" else always(name)
    video = tv_tensors.Video(pictures(5))
    boxes = tv_tensors.BoundingBoxes([[1, 2, 9, 9]], format="XYXY", canvas_size=video.shape[-2:])
    mask = tv_tensors.Mask(pictures(1)[0, 0])
    output, kept_boxes, kept_mask = transform(video, boxes, mask)
    assert type(output) is tv_tensors.Video
    assert output.shape == video.shape
    assert kept_boxes is boxes
    assert kept_mask is mask
    if name != "GaussianNoise":
        assert torch.equal(output, transform._torchvision()(video))


@pytest.mark.parametrize("n", [1, 5, 64])
def test_noise_for_more_than_is_drawn_at_once(n):
    """Each part of a batch has noise, and no two the same."""
    side = 150
    assert n == 1 or n * 3 * side**2 > VALUES_AT_ONCE
    batch = torch.full((n, 3, side, side), 128, dtype=torch.uint8)
    noise = augment.GaussianNoise(generator=torch.Generator().manual_seed(0))
    added = noise(batch).double().flatten(1) - 128
    assert (added.mean(1).abs() < 0.5).all()
    assert ((added.std(1) - 25.1).abs() < 0.4).all()  # 25.5 before fractions are cut off
    assert np.abs(np.atleast_2d(np.corrcoef(added)) - np.eye(n)).max() < 0.03


@pytest.mark.parametrize(("mean", "sigma", "level"), [(-9, 0, 0), (9, 0, 255), (0, 1e30, None)])
def test_large_noise_ends_at_black_and_white(mean, sigma, level):
    output = augment.GaussianNoise(mean, sigma)(pictures())
    found = output.unique().tolist()
    assert found == ([0, 255] if level is None else [level])


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32], ids=str)
def test_a_blur_keeps_what_is_even_and_mirrors_edges(dtype):
    even = torch.full((2, 3, 9, 8), 1, dtype=dtype)
    assert (augment.GaussianBlur(7)(even) - even).abs().max() < 1e-6
    row = pictures(4, 3, 12, dtype)
    wide = torch.cat([row.flip(3)[..., :-1], row, row.flip(3)[..., 1:]], 3)
    blur = augment.GaussianBlur((9, 1), 2.0)
    assert torch.allclose(blur(wide)[..., 11:23], blur(row), atol=1e-6)


def test_noise_of_a_video_comes_from_its_generator():
    video = tv_tensors.Video(pictures(3))
    noises = [
        augment.GaussianNoise(generator=torch.Generator().manual_seed(seed))(video)
        for seed in (1, 1, 2)
    ]
    assert torch.equal(noises[0], noises[1])
    assert not torch.equal(noises[0], noises[2])
    assert isinstance(noises[0], tv_tensors.Video)
    assert not torch.equal(noises[0][0] - video[0], noises[0][1] - video[1])
