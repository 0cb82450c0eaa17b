"""Every effect of the catalogue, against each kind of input: the right picture, or one error.

The effects are those of `EFFECTS`, so that a new one is met too.
"""

import copy
import pickle

import numpy as np
import PIL.Image
import pytest
import torch
from torchvision import tv_tensors

from d2laug.gallery import EFFECTS, build
from d2laug.gallery.dials import labels

FLOATS = torch.rand(2, 3, 12, 12, generator=torch.Generator().manual_seed(0))
LEVELS = (FLOATS * 255).round().to(torch.uint8)

every_effect = pytest.mark.parametrize("name", EFFECTS)


def run(name, picture, seed=0):
    torch.manual_seed(seed)
    return EFFECTS[name].make(0.8)(picture)


@every_effect
def test_autocast_and_another_default_device_change_nothing(name):
    for picture in (LEVELS, FLOATS):
        expected = run(name, picture)
        with torch.autocast("cpu", dtype=torch.bfloat16), torch.device("meta"):
            output = run(name, picture)
        assert output.dtype == expected.dtype
        assert torch.equal(output, expected)


@every_effect
def test_float64_as_default_dtype(name):
    """Other numbers are drawn then; the picture is one of the same kind."""
    torch.set_default_dtype(torch.float64)
    try:
        output = run(name, FLOATS)
    finally:
        torch.set_default_dtype(torch.float32)
    assert (output.dtype, output.shape) == (FLOATS.dtype, FLOATS.shape)
    assert -1e-4 <= output.min() <= output.max() <= 1 + 1e-4


NEARLY = {"below 0": FLOATS * 0.9 - 0.005, "above 1": FLOATS * 1.009}  # as a resize leaves them


@every_effect
def test_values_just_outside_of_0_to_1(name):
    for picture in NEARLY.values():
        output = run(name, picture)
        assert output.isfinite().all()
        assert output.shape == picture.shape


@every_effect
def test_the_layout_changes_nothing(name):
    expected = run(name, LEVELS)
    for other in (LEVELS.contiguous(memory_format=torch.channels_last), LEVELS.mT.clone().mT):
        before = other.clone()
        assert torch.equal(run(name, other), expected)
        assert torch.equal(other, before), "the input was changed"


WRONG = {
    "floats of 0 to 255": (LEVELS.float(), ValueError, "values from .* given, but 0 to 1 expected"),
    "NaN": (FLOATS / 0, ValueError, "given, but 0 to 1 expected"),
    "one channel": (LEVELS[:, :1], ValueError, r"but \[..., 3, H, W\] expected"),
    "four channels": (LEVELS[:, [0, 1, 2, 0]], ValueError, r"but \[..., 3, H, W\] expected"),
    "channels last": (LEVELS.movedim(1, -1), ValueError, r"but \[..., 3, H, W\] expected"),
    "int64": (LEVELS.long(), TypeError, "int64 given, but uint8 or floating point expected"),
    "bool": (LEVELS > 9, TypeError, "bool given, but uint8 or floating point expected"),
    "no values": (LEVELS.to("meta"), ValueError, "on the device meta given"),
    "NumPy": (LEVELS.numpy(), TypeError, "ndarray given, but a tensor expected"),
    "None": (None, TypeError, "NoneType given, but a tensor expected"),
}


@every_effect
def test_what_is_refused(name):
    transforms = EFFECTS[name].make(0), EFFECTS[name].make(0.8), build([(name, 0.8, 0.5)])
    for picture, error, words in WRONG.values():
        for transform in transforms:
            with pytest.raises(error, match=words):
                transform(picture)


@every_effect
def test_an_effect_gives_new_pictures(name):
    """Where nothing is done, and where there is nothing, or a gradient is asked for."""
    for picture in (LEVELS, LEVELS[:0], FLOATS.clone().requires_grad_()):
        for transform in (EFFECTS[name].make(0), build([(name, 0.8, 0)])):
            output = transform(picture)
            assert torch.equal(output, picture)
            assert output is not picture
            assert not picture.numel() or output.data_ptr() != picture.data_ptr()
        assert run(name, picture).shape == picture.shape


@every_effect
def test_tiny_pictures(name):
    try:
        output = run(name, LEVELS[..., :1, :1])
    except ValueError as error:
        words = str(error)
    else:
        words = f"pictures of {list(output.shape[-2:])} are too small"
    assert words.startswith("pictures of [1, 1] are too small")


@every_effect
def test_labels_beside_the_picture(name):
    """They move along, or stay; or they are refused in one sentence."""
    boxes = tv_tensors.BoundingBoxes([[2, 3, 9, 8]], format="XYXY", canvas_size=(12, 12))
    sample = tv_tensors.Image(LEVELS[0]), boxes
    transform = build([(name, 0.8, 1)])
    refusal = {"the picture alone": "takes the picture alone", "refuses masks": "not supported"}
    for said, words in refusal.items():
        if said in labels(EFFECTS[name].code(0.8)):
            with pytest.raises(TypeError, match=words):
                transform(*sample)
            return
    picture, moved = transform(*sample)
    assert picture.shape == (3, 12, 12)
    assert type(moved) is tv_tensors.BoundingBoxes


@every_effect
def test_effects_are_pickled_and_copied(name):
    assert pickle.loads(pickle.dumps(EFFECTS[name])) is EFFECTS[name]
    assert copy.deepcopy(EFFECTS[name]) is EFFECTS[name]


@every_effect
def test_strengths_of_numpy(name):
    for kind in (np.float32, np.float64, np.array, torch.tensor):
        assert EFFECTS[name].code(kind(0.5)) == EFFECTS[name].code(0.5)


def test_pil_images_are_torchvisions_affair():
    image = PIL.Image.new("RGB", (12, 12))
    assert EFFECTS["rotate"].make(0.5)(image).size == (12, 12)
    with pytest.raises(TypeError, match=r"Image given, but a tensor expected: first v2.ToImage"):
        EFFECTS["fog"].make(0.5)(image)
