"""The augmentations against torchvision's, sample by sample, and in what they draw."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from torch import nn
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tvf

from d2laug import augment

ALL = {
    "hflip": lambda **kw: augment.RandomHorizontalFlip(**kw),
    "vflip": lambda **kw: augment.RandomVerticalFlip(**kw),
    "crop": lambda **kw: augment.RandomResizedCrop((12, 9), **kw),
    "crop_large": lambda **kw: augment.RandomResizedCrop(64, **kw),
    "jitter": lambda **kw: augment.ColorJitter(0.5, 0.5, 0.5, 0.5, **kw),
    "temperature": lambda **kw: augment.RandomColorTemperature(**kw),
    "reflection": lambda **kw: augment.RandomReflection(**kw),
}
COLORS = ("jitter", "temperature", "reflection")


def pictures(n=24, height=40, width=52, dtype=torch.float32, seed=0):
    """Smooth and noisy pictures, and greys, black, white, pure colours and ties among them."""
    generator = torch.Generator().manual_seed(seed)
    batch = torch.rand(n, 3, height, width, generator=generator)
    batch[::2] = nn.functional.interpolate(
        batch[::2, :, :5, :5], (height, width), mode="bilinear", antialias=False
    )
    special = torch.tensor(
        [
            [0, 0, 0],
            [1, 1, 1],
            [0.5, 0.5, 0.5],
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
            [1, 1, 0],
            [0, 1, 1],
            [1, 0, 1],
            [0.2, 0.2, 0.7],
            [0.7, 0.2, 0.2],
            [0.7, 0.7, 0.2],
            [0.2, 0.7, 0.7],
            [1e-6, 0, 0],
            [0.3, 0.3, 0.3 + 1e-7],
        ]
    )
    k = min(width, len(special))
    batch[1, :, 0, :k] = special[:k].T
    batch[2:3] = batch[2:3, :1]
    batch[3:4] = 0
    if dtype == torch.uint8:
        return batch.mul(255).round().to(torch.uint8)
    return batch.to(dtype)


def assert_close(ours, theirs, atol):
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert (ours.double() - theirs.double()).abs().max() <= atol


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (augment.RandomHorizontalFlip, tvf.horizontal_flip),
        (augment.RandomVerticalFlip, tvf.vertical_flip),
    ],
)
def test_flip_equals_torchvision(ours, theirs, dtype):
    batch = pictures(dtype=dtype)
    flip = ours(p=0.5, generator=torch.Generator().manual_seed(0))
    params = flip.make_params(batch)
    assert 0 < params["flipped"].sum() < len(batch)
    expected = torch.stack(
        [theirs(x) if f else x for x, f in zip(batch, params["flipped"], strict=True)]
    )
    assert torch.equal(flip.transform(batch, params), expected)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("size", [(7, 9), (20, 20), (64, 48), (1, 1), (40, 52)])
def test_crop_equals_torchvision(size, dtype, antialias):
    batch = pictures(dtype=dtype)
    crop = augment.RandomResizedCrop(
        size, antialias=antialias, generator=torch.Generator().manual_seed(1)
    )
    params = crop.make_params(batch)
    expected = torch.stack(
        [
            tvf.resized_crop(
                x, **{k: int(v[i]) for k, v in params.items()}, size=size, antialias=antialias
            )
            for i, x in enumerate(batch)
        ]
    )
    for crop_them in (augment._crop_one_by_one, augment._crop_together):
        boxes = torch.stack(list(params.values()), 1)
        ours = crop_them(batch, boxes, size, antialias)
        assert_close(ours, expected, 1 if dtype == torch.uint8 else 1e-3)
    assert_close(crop.transform(batch, params), expected, 1 if dtype == torch.uint8 else 1e-3)


FACTORS = {
    "brightness": (0.0, 0.3, 1.0, 1.7, 3.0),
    "contrast": (0.0, 0.3, 1.0, 1.7, 3.0),
    "saturation": (0.0, 0.3, 1.0, 1.7, 3.0),
    "hue": (-0.5, -0.31, -1 / 6, 0.0, 0.05, 1 / 3, 0.5),
}


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64])
@pytest.mark.parametrize("name", FACTORS)
def test_color_equals_torchvision(name, dtype):
    batch = pictures(dtype=dtype)
    theirs = getattr(tvf, f"adjust_{name}")
    for factor in FACTORS[name]:
        ours = getattr(augment, f"adjust_{name}")(batch, factor)
        expected = torch.stack([theirs(x, factor) for x in batch])
        assert_close(ours, expected, 1 if dtype == torch.uint8 else 1e-5)


@pytest.mark.parametrize("name", FACTORS)
def test_identity_factor_changes_nothing(name):
    batch = pictures(dtype=torch.uint8)
    assert torch.equal(getattr(augment, f"adjust_{name}")(batch, float(name != "hue")), batch)


def test_jitter_equals_torchvision_in_every_order():
    batch = pictures(n=96, height=8, width=8)
    jitter = augment.ColorJitter(0.8, 0.8, 0.8, 0.5, generator=torch.Generator().manual_seed(2))
    params = jitter.make_params(batch)
    assert len(params["order"].unique(dim=0)) == 24
    names = ("brightness", "contrast", "saturation", "hue")
    expected = []
    for i, x in enumerate(batch):
        for step in params["order"][i]:
            name = names[step]
            x = getattr(tvf, f"adjust_{name}")(x, float(params[name][i]))
        expected.append(x)
    # Four steps, and a hue whose error a contrast or saturation after it can double.
    assert_close(jitter.transform(batch, params), torch.stack(expected), 4e-5)
