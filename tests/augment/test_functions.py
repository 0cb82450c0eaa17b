"""Every public function of `d2laug.augment`, against each kind of input: a value, or one error.

What draws for each picture stands in `test_states.py` and `test_bad_input.py`, in the same way.
"""

import numpy as np
import PIL.Image
import pytest
import torch
from examples import pictures
from test_states import CONTEXTS, LAYOUTS, NAMES, assert_same
from torchvision import tv_tensors

from d2laug import augment

# What takes pictures: a call, and how many channels these may have.
PICTURES = {
    "Normalize": (augment.Normalize([0.4], [0.3]), "any"),
    "adjust_brightness": (lambda x: augment.adjust_brightness(x, 1.4), "1 or 3"),
    "adjust_color_temperature": (lambda x: augment.adjust_color_temperature(x, 3000), "3"),
    "adjust_contrast": (lambda x: augment.adjust_contrast(x, 1.4), "1 or 3"),
    "adjust_hue": (lambda x: augment.adjust_hue(x, 0.2), "1 or 3"),
    "adjust_saturation": (lambda x: augment.adjust_saturation(x, 1.4), "1 or 3"),
    "normalize": (lambda x: augment.normalize(x, [0.4], [0.3]), "any"),
}
# These take any floating point numbers.
NUMBERS = {"to_linear": augment.to_linear, "to_srgb": augment.to_srgb}
OTHERS = {"SanitizeBoundingBoxes", "collate", "kelvin_to_gains"}
CALLS = {name: call for name, (call, _) in PICTURES.items()}
# The levels of uint8 are those of floats, but for this: gray is a whole level, and one is rounded.
ALIKE = [name for name in CALLS if name != "adjust_contrast"]


def test_every_public_name_stands_in_a_table():
    assert {*NAMES, *PICTURES, *NUMBERS, *OTHERS} == set(augment.__all__)


@pytest.mark.parametrize("state", CONTEXTS)
@pytest.mark.parametrize("name", [*CALLS, *NUMBERS])
def test_the_state_of_pytorch(name, state):
    call = CALLS.get(name) or NUMBERS[name]
    for dtype in (torch.float32, torch.uint8)[: 1 + (name in CALLS)]:
        batch = pictures(4, dtype=dtype)
        expected = call(batch)
        with CONTEXTS[state]():
            assert_same(call(batch), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [*CALLS, *NUMBERS])
def test_the_layout(name, layout):
    call = CALLS.get(name) or NUMBERS[name]
    for dtype in (torch.float32, torch.uint8)[: 1 + (name in CALLS)]:
        batch = pictures(4, dtype=dtype)
        other = LAYOUTS[layout](batch)
        assert_same(call(other), call(batch))
        assert torch.equal(other, batch), "the input was changed"


@pytest.mark.parametrize("name", ALIKE)
def test_dtypes(name):
    """Levels, floats of any precision: one picture."""
    levels, call = pictures(4), CALLS[name]
    expected = call(levels.double() / 255)
    # `normalize` divides by 0.3, which enlarges a rounding step
    for dtype, atol in ((torch.float16, 4e-3), (torch.bfloat16, 3e-2), (torch.float32, 1e-5)):
        assert (call((levels.double() / 255).to(dtype)).double() - expected).abs().max() <= atol
    whole = call(levels)
    whole = whole / 255 if whole.dtype == torch.uint8 else whole
    assert (whole.double() - expected).abs().max() <= 1.5 / 255


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
@pytest.mark.parametrize("name", [*CALLS, *NUMBERS])
def test_dtypes_that_are_none(name, dtype):
    call = CALLS.get(name) or NUMBERS[name]
    with pytest.raises(TypeError, match=r"floating point.*expected|expected, but torch"):
        call(torch.ones(2, 3, 4, 4, dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("name", PICTURES)
def test_channels(name, channels, dtype):
    call, allowed = PICTURES[name]
    batch = pictures(4, dtype=dtype, channels=channels)
    if allowed == "any" or str(channels) in allowed:
        assert call(batch).shape == batch.shape
        return
    with pytest.raises(ValueError, match=f"{channels} channels given, but {allowed} expected"):
        call(batch)


HINTS = {
    "gray": (pictures(2, channels=1), r"Repeat the channel: x.repeat_interleave\(3, -3\)"),
    "with opacity": (pictures(2, channels=4), r"Leave an alpha channel out: x\[..., :3, :, :\]"),
    "channels last": (pictures(2).movedim(1, -1), r"x.movedim\(-1, -3\)"),
    "of satellites": (pictures(2, channels=7), "1 or 3 expected.$"),
}


@pytest.mark.parametrize("kind", HINTS)
def test_the_hint_for_other_channels_helps(kind):
    """What it says is code: the picture that comes out is taken, of a batch and alone."""
    batch, words = HINTS[kind]
    call = augment.adjust_color_temperature if kind == "gray" else augment.adjust_hue
    number = 3000 if kind == "gray" else 0.1
    for x in (batch, batch[0]):
        with pytest.raises(ValueError, match=words) as caught:
            call(x, number)
        if ": x" in str(caught.value):
            better = eval(str(caught.value).rpartition(": ")[2].removesuffix("."), {"x": x})
            assert call(better, number).shape == better.shape


MODES = {
    "ColorJitter": augment.ColorJitter(0.5),
    "GaussianBlur": augment.GaussianBlur(3),
    "RandomAdjustSharpness": augment.RandomAdjustSharpness(2, p=1),
    "RandomAutocontrast": augment.RandomAutocontrast(p=1),
    "RandomErasing": augment.RandomErasing(p=1),
    "RandAugment": augment.RandAugment(),
}


@pytest.mark.parametrize("name", MODES)
def test_pil_images_of_a_kind_that_cannot_be_changed(name):
    for mode in ("P", "I;16"):
        with pytest.raises(TypeError, match=f"of mode {mode} given, but L or RGB expected"):
            MODES[name](PIL.Image.new(mode, (20, 16)))
    assert MODES[name](PIL.Image.new("RGB", (20, 16))).size == (20, 16)
    with pytest.raises(ValueError, match="on the device meta given"):
        MODES[name](pictures(2).to("meta"))


@pytest.mark.parametrize("value", [255.0, -0.5, float("nan"), float("inf")])
@pytest.mark.parametrize("name", [name for name in CALLS if "ormalize" not in name])
def test_values(name, value):
    """`normalize` takes floats whatever their values, and says so."""
    batch = pictures(4, dtype=torch.float32)
    batch[1, 2, 3, 4] = value
    with pytest.raises(ValueError, match="given, but 0 to 1 expected"):
        CALLS[name](batch)


@pytest.mark.parametrize("name", CALLS)
def test_no_picture_and_one(name):
    for dtype in (torch.uint8, torch.float32):
        batch = pictures(1, dtype=dtype)
        assert CALLS[name](batch[:0]).shape == batch[:0].shape
        assert torch.equal(CALLS[name](batch[0]), CALLS[name](batch)[0])


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_tensor(name):
    with pytest.raises(TypeError, match=r"with (torchvision|v2)\..*[iI]mage"):
        CALLS[name](np.zeros((3, 8, 8), np.uint8))


@pytest.mark.parametrize("name", [*CALLS, *NUMBERS])
def test_gradients(name):
    call = CALLS.get(name) or NUMBERS[name]
    batch = pictures(4, dtype=torch.float32)
    free = batch.clone().requires_grad_()
    output = call(free)
    assert torch.equal(output, call(batch))
    output.sum().backward()
    assert free.grad.isfinite().all()


@pytest.mark.parametrize("kind", [float, np.float32, np.float64, np.array, torch.tensor])
def test_numbers_of_numpy(kind):
    batch = pictures(2)
    for name in ("brightness", "contrast", "saturation", "hue"):
        change = getattr(augment, f"adjust_{name}")
        assert torch.equal(change(batch, kind(0.25)), change(batch, 0.25))
    lit = augment.adjust_color_temperature
    assert torch.equal(lit(batch, kind(3000.0)), lit(batch, 3000))
    assert torch.equal(augment.kelvin_to_gains(kind(3000.0)), augment.kelvin_to_gains(3000))
    ours = augment.normalize(batch, kind(0.25), kind(0.5))
    assert torch.equal(ours, augment.normalize(batch, [0.25], [0.5]))


def test_gains_in_any_state():
    expected = augment.kelvin_to_gains(3000)
    for state in CONTEXTS.values():
        with state():
            assert torch.equal(augment.kelvin_to_gains(3000), expected)


@pytest.mark.parametrize("state", CONTEXTS)
def test_samples_are_put_together_in_any_state(state):
    batch = tv_tensors.Image(pictures(3))
    samples = [(tv_tensors.Image(x), k) for k, x in enumerate(batch.unbind())]
    with CONTEXTS[state]() if "device" not in state else torch.device("cpu"):
        images, numbers = augment.collate(samples)
    assert type(images) is tv_tensors.Image
    assert torch.equal(images, batch)
    assert numbers.tolist() == [0, 1, 2]
