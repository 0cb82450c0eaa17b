"""What cannot be is refused in one sentence: what was given, and what to do."""

import inspect

import numpy as np
import pytest
import torch
from examples import CONTAINERS, EXAMPLES, POLICIES, example, pictures
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment

WITH_P = [
    name
    for name in EXAMPLES
    if "p" in inspect.signature(getattr(augment, name, dict).__init__).parameters
]
GEOMETRY = [
    "RandomAffine", "RandomCrop", "RandomErasing", "RandomHorizontalFlip", "RandomPerspective",
    "RandomResizedCrop", "RandomRotation", "RandomVerticalFlip", "GaussianBlur",
]  # fmt: skip
COLORS = ["ColorJitter", "RandomColorTemperature", "RandomReflection"]


@pytest.mark.parametrize("name", WITH_P)
@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan"), "0.5", None, True])
def test_a_chance_that_is_none(name, p):
    with pytest.raises((TypeError, ValueError), match=r"p=.* given, but a (probability|number)"):
        example(name, p=p)


SIZES = [
    (0, ValueError, "size"),
    (-4, ValueError, "size"),
    (7.5, ValueError, "size=7.5 given, but a whole number"),
    ((8, 0), ValueError, "size"),
    ((8, 8, 8), ValueError, "one whole number or two"),
    ("8", TypeError, "size='8' given"),
    (("8", "9"), TypeError, "given, but a number"),
    (None, TypeError, "size=None given"),
    (True, TypeError, "size"),
    (float("nan"), ValueError, "size"),
]


@pytest.mark.parametrize("make", [augment.RandomCrop, augment.RandomResizedCrop])
@pytest.mark.parametrize(("size", "error", "words"), SIZES)
def test_sizes_that_are_none(make, size, error, words):
    with pytest.raises(error, match=words):
        make(size)


@pytest.mark.parametrize("make", [augment.RandomCrop, augment.RandomResizedCrop])
@pytest.mark.parametrize(
    "size", [np.int64(8), np.int32(8), np.float64(8.0), [8], (8, np.int64(8)), torch.Size([8, 8])]
)
def test_sizes_of_any_kind(make, size):
    assert make(size)(pictures()).shape == (24, 3, 8, 8)


ARGUMENTS = [
    (augment.ColorJitter, {"brightness": "15"}, TypeError, "brightness='15' given"),
    (augment.ColorJitter, {"brightness": -1}, ValueError, "brightness=-1"),
    (augment.ColorJitter, {"contrast": (1.5, 0.5)}, ValueError, "in order"),
    (augment.ColorJitter, {"saturation": (0.5,)}, TypeError, r"two numbers \(low, high\)"),
    (augment.ColorJitter, {"hue": 0.6}, ValueError, "within .-0.5, 0.5."),
    (augment.ColorJitter, {"hue": float("nan")}, ValueError, "hue"),
    (augment.ColorJitter, {"brightness": float("inf")}, ValueError, "brightness"),
    (augment.RandomResizedCrop, {"size": 8, "scale": (0.5, 0.1)}, ValueError, "scale"),
    (augment.RandomResizedCrop, {"size": 8, "scale": 0.5}, TypeError, "scale=0.5 given"),
    (augment.RandomResizedCrop, {"size": 8, "ratio": (0, 1)}, ValueError, "ratio"),
    (augment.RandomResizedCrop, {"size": 8, "ratio": "34"}, TypeError, "ratio"),
    (
        augment.RandomResizedCrop,
        {"size": 8, "interpolation": "bicubic"},
        ValueError,
        "interpolation='bicubic' given, but 'bilinear' or 'nearest'",
    ),
    (augment.RandomCrop, {"size": 8, "padding": -1}, ValueError, "padding"),
    (augment.RandomCrop, {"size": 8, "padding": 1.5}, ValueError, "padding"),
    (augment.RandomCrop, {"size": 8, "padding": (1, 2, 3)}, ValueError, "1, 2 or 4"),
    (augment.RandomCrop, {"size": 8, "padding": "4"}, TypeError, "padding"),
    (augment.RandomCrop, {"size": 8, "padding_mode": "wrap"}, ValueError, "padding_mode='wrap'"),
    (augment.RandomCrop, {"size": 8, "fill": "red"}, TypeError, "fill"),
    (augment.RandomColorTemperature, {"kelvin": (1000, 5000)}, ValueError, "2000 to 20000"),
    (augment.RandomColorTemperature, {"kelvin": (5000, 3000)}, ValueError, "kelvin"),
    (augment.RandomColorTemperature, {"kelvin": 5000}, TypeError, "kelvin"),
    (augment.RandomReflection, {"number": (1.5, 2)}, ValueError, "whole numbers"),
    (augment.RandomReflection, {"strength": (0, 1)}, ValueError, "strength"),
    (augment.RandomReflection, {"size": (0.3, 0.1)}, ValueError, "size"),
]


@pytest.mark.parametrize(("make", "arguments", "error", "words"), ARGUMENTS)
def test_arguments_that_cannot_be(make, arguments, error, words):
    with pytest.raises(error, match=words):
        make(**arguments)


NO_PICTURES = [
    ("a path.png", TypeError),
    (None, TypeError),
    (3, TypeError),
    ({}, TypeError),
    ([], TypeError),
    (np.zeros((3, 8, 8), np.uint8), TypeError),
    (torch.zeros(8, 8), ValueError),
    (torch.zeros(1, 2, 3, 8, 8), ValueError),
    (torch.zeros(3, 8, 8, dtype=torch.int64), TypeError),
    (torch.zeros(3, 8, 8, dtype=torch.bool), TypeError),
    (torch.zeros(3, 8, 8, dtype=torch.complex64), TypeError),
    (torch.zeros(2, 3, 0, 8), ValueError),
    (torch.zeros(2, 0, 8, 8), ValueError),
]


@pytest.mark.parametrize("name", [*EXAMPLES, *CONTAINERS])
@pytest.mark.parametrize(("images", "error"), NO_PICTURES)
def test_what_is_no_picture(name, images, error):
    with pytest.raises(error, match=r"given|found|expected"):
        example(name)(images)


@pytest.mark.parametrize("name", COLORS)
@pytest.mark.parametrize("value", [255.0, -0.5, float("nan"), float("inf")])
def test_values_that_are_no_colors(name, value):
    batch = pictures(dtype=torch.float32)
    batch[1, 2, 3, 4] = value
    with pytest.raises(ValueError, match="given, but 0 to 1 expected"):
        example(name)(batch)


@pytest.mark.parametrize("name", GEOMETRY)
def test_shapes_take_any_values(name):
    """After a normalization, values are below 0 and above 1."""
    batch = pictures(dtype=torch.float32) * 4 - 2
    torch.manual_seed(0)
    assert example(name)(batch).min() < -1


def refusal(transform, batch):
    """Return the words in which a batch is refused, or None."""
    try:
        transform(batch)
    except (TypeError, ValueError, RuntimeError) as error:
        return str(error)
    return None


def torchvision_example(name):
    """Return torchvision's transform of this name where that changes every picture, or None."""
    if name in CONTAINERS or name in POLICIES:
        return None
    make = getattr(v2, name, None)
    return make and make(**EXAMPLES[name] | ({"p": 1} if name in WITH_P else {}))


@pytest.mark.parametrize("name", [*EXAMPLES, *CONTAINERS])
def test_pictures_of_many_channels(name):
    """The right thing, or one sentence that says how many there may be."""
    for channels in (1, 2, 4, 7):
        for dtype in (torch.uint8, torch.float32):
            batch = pictures(4, dtype=dtype, channels=channels)
            transform = example(name)
            if (words := refusal(transform, batch)) is None:
                output = transform(batch)
                assert output.shape[:2] == (4, channels)
                assert output.dtype == dtype
                continue
            assert f"{channels} channels given" in words
            assert name not in GEOMETRY
            if (theirs := torchvision_example(name)) is not None:
                assert refusal(theirs, batch[0]) is not None


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_drawn_for_other_pictures(name):
    transform = example(name)
    params = transform.make_params(pictures(3))
    if any(isinstance(value, torch.Tensor | list) for value in params.values()):
        with pytest.raises(ValueError, match=r"24 pictures given, but '\w+' for 3"):
            transform.transform(pictures(), params)


@pytest.mark.parametrize("name", [*EXAMPLES, *CONTAINERS])
def test_pictures_of_two_numbers_in_a_sample(name):
    sample = {"left": tv_tensors.Image(pictures(3)), "right": tv_tensors.Image(pictures(4))}
    with pytest.raises((TypeError, ValueError), match=r"given|found"):
        example(name)(sample)


@pytest.mark.parametrize(
    ("factor", "words"),
    [(-1, "brightness"), (float("nan"), "brightness"), ([1.0, 2.0], "for 24 pictures")],
)
def test_factors_that_cannot_be(factor, words):
    with pytest.raises(ValueError, match=words):
        augment.adjust_brightness(pictures(), torch.tensor(factor))


@pytest.mark.parametrize(
    ("mean", "std", "words"),
    [
        ([0.5, 0.5], [0.5], r"mean=\[0.5, 0.5\] given for 3 channels"),
        ([0.5], [0.5, 0, 0.5], "not 0"),
    ],
)
def test_normalizations_that_cannot_be(mean, std, words):
    with pytest.raises(ValueError, match=words):
        augment.normalize(pictures(), mean, std)


@pytest.mark.parametrize("fill", [300, -1, float("nan"), (1, 2, 256)])
def test_fills_that_are_no_levels(fill):
    with pytest.raises(ValueError, match=r"fill=.* given for torch.uint8, but 0 to 255"):
        augment.RandomCrop(60, padding=20, fill=fill)(pictures())


def test_a_fill_for_each_channel_is_none_for_masks():
    crop = augment.RandomCrop(60, padding=20, fill=(1, 2, 3))
    with pytest.raises(ValueError, match="for masks, but one number"):
        crop(tv_tensors.Image(pictures()), tv_tensors.Mask(torch.zeros(24, 3, 40, 52)))


def test_a_dictionary_of_fills_stays_as_it_is():
    fill = {tv_tensors.Image: (1, 2, 3), "others": 0}
    augment.RandomCrop(30, padding=4, fill=fill)(tv_tensors.Image(pictures()))
    assert fill == {tv_tensors.Image: (1, 2, 3), "others": 0}
    assert isinstance(fill[tv_tensors.Image], tuple)


@pytest.mark.parametrize("name", ["RandomColorTemperature", "RandomReflection"])
def test_videos_where_torchvision_has_no_such_transform(name):
    with pytest.raises(TypeError, match=f"{name} takes tensors of pictures"):
        example(name)(tv_tensors.Video(pictures(3)))


def test_noise_takes_no_floats_of_0_to_255():
    with pytest.raises(ValueError, match="0 to 1 expected"):
        augment.GaussianNoise()(pictures() * 1.0)


FILLS = [
    ("red", "fill='red' given, but a number"),
    (["a"], "fill=.'a'. given, but a number"),
    (True, "fill=True given, but a number"),
    ({"Mask": 1}, "types, or 'others', as keys"),
    ({tv_tensors.Mask: "a"}, "fill='a' given, but a number"),
]
FILLED = [
    lambda fill: augment.RandomCrop(60, padding=20, fill=fill),
    lambda fill: augment.RandomRotation(30, fill=fill),
    lambda fill: augment.RandomAffine(30, fill=fill),
    lambda fill: augment.RandomPerspective(p=1, fill=fill),
    lambda fill: augment.RandAugment(fill=fill),
]


@pytest.mark.parametrize("make", FILLED)
@pytest.mark.parametrize(("fill", "words"), FILLS)
def test_fills_that_are_none(make, fill, words):
    with pytest.raises(TypeError, match=words):
        make(fill)


@pytest.mark.parametrize("make", FILLED)
@pytest.mark.parametrize(
    "fill", [np.uint8(9), np.float32(9), np.array([9, 9, 9]), torch.tensor([9, 9, 9]), (9, 9, 9)]
)
def test_fills_of_numpy_are_numbers(make, fill):
    torch.manual_seed(0)
    expected = make(9)(pictures())
    torch.manual_seed(0)
    assert torch.equal(make(fill)(pictures()), expected)


@pytest.mark.parametrize("name", [*EXAMPLES, *CONTAINERS])
def test_a_seed_is_no_generator(name):
    with pytest.raises(TypeError, match=r"generator=3 given, but a torch.Generator"):
        example(name, generator=3)


OUTS = [
    torch.empty(24, 3, 40, 51),
    torch.empty(24, 3, 40, 52, dtype=torch.float64),
    torch.empty(24, 3, 52, 40).mT,
    torch.empty(3, 40, 52),
]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("out", OUTS, ids=lambda x: str(list(x.shape)))
def test_what_normalized_pictures_cannot_be_written_to(out, dtype):
    with pytest.raises(ValueError, match="given, but a contiguous one"):
        augment.normalize(pictures(dtype=dtype), [0.5], [0.5], out)


@pytest.mark.parametrize("permutation", [3, "10", 1.5])
def test_a_permutation_is_a_list(permutation):
    with pytest.raises(TypeError, match=r"keypoint_permutation=.* given, but a list"):
        augment.RandomHorizontalFlip(keypoint_permutation=permutation)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_would_spread_through_a_crop(value, dtype):
    batch = pictures(dtype=dtype)
    batch[3, 1, 20, 26] = value
    with pytest.raises(ValueError, match="nan_to_num"):
        augment.RandomResizedCrop(20, scale=(1, 1))(batch)


def test_erased_values_of_numpy():
    erase = augment.RandomErasing(1, value=np.array([1, 2, 3]))
    assert erase.value == [1, 2, 3]
    assert erase(pictures()).shape == (24, 3, 40, 52)


def test_an_error_names_the_type_that_was_given():
    image, mask = tv_tensors.Image(pictures(1)[0]), tv_tensors.Mask(torch.zeros(9, 9))
    with pytest.raises(ValueError, match=r"Mask of \(9, 9\) given beside Image of \(40, 52\)"):
        augment.RandomHorizontalFlip()(image, mask)


@pytest.mark.parametrize("fill", [300, -1, float("nan"), (1, 2, 256)])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("make", FILLED[1:])
def test_fills_of_warps_that_are_no_levels(make, interpolation, fill):
    transform = make(fill)
    transform.interpolation = interpolation
    many = pictures(200, 8, 8)  # a policy draws an operation that moves pixels
    with pytest.raises(ValueError, match=r"fill=.* given for torch.uint8, but 0 to 255"):
        transform(many)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation", "hue"])
def test_changes_of_color_where_tensors_are_made_elsewhere(name, dtype):
    batch = pictures(dtype=dtype)
    change = getattr(augment, f"adjust_{name}")
    expected = change(batch, 0.4)
    with torch.device("meta"):
        assert torch.equal(change(batch, 0.4), expected)


def test_pictures_of_two_sizes_are_to_be_resized():
    images = [tv_tensors.Image(torch.zeros(3, side, 4)) for side in (4, 6)]
    with pytest.raises(ValueError, match=r"Resize pictures to one size, then stack"):
        augment.RandomHorizontalFlip()(*images)


def test_samples_without_a_picture_are_no_batch():
    with pytest.raises(TypeError, match="Samples without a picture given"):
        augment.collate([(np.zeros((4, 4, 3)), 1)] * 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda: augment.adjust_brightness(pictures(), "1"),
        lambda: augment.kelvin_to_gains("3000"),
        lambda: augment.adjust_color_temperature(pictures(), "warm"),
    ],
)
def test_words_are_no_numbers(change):
    with pytest.raises(TypeError, match="given, but numbers expected"):
        change()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_masks_smaller_than_the_boxes_of_a_crop(dtype):
    crop = augment.RandomResizedCrop(8)
    params = crop.make_params(pictures(2, 64, 64))
    with pytest.raises(ValueError, match="beyond a picture of 8 x 8"):
        crop.transform(tv_tensors.Mask(torch.zeros(2, 8, 8, dtype=dtype)), params)


@pytest.mark.parametrize("mode", ["P", "F", "HSV", "1", "CMYK"])
@pytest.mark.parametrize("name", POLICIES)
def test_pil_images_of_other_modes(name, mode):
    image = v2.functional.to_pil_image(pictures(1)[0]).convert("L" if mode == "F" else "RGB")
    with pytest.raises(TypeError, match=f"mode {mode} given, but L or RGB"):
        example(name)(image.convert(mode))


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64])
def test_noise_of_a_video_that_is_none(dtype):
    with pytest.raises(TypeError, match="uint8"):
        augment.GaussianNoise()(tv_tensors.Video(pictures(3).to(dtype)))


@pytest.mark.parametrize("threshold", [-1, float("inf"), float("nan")])
def test_a_threshold_is_a_level(threshold):
    with pytest.raises(ValueError, match=r"threshold=.* given, but 0 or more"):
        augment.RandomSolarize(threshold)


HUGE = torch.iinfo(torch.int64).max


@pytest.mark.parametrize("box", [(HUGE, 0, 1, 4), (1, 0, HUGE, 4), (0, HUGE, 4, 1), (-1, 0, 4, 4)])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_boxes_by_hand_that_are_none(box, interpolation):
    places = [torch.tensor([x, x]) for x in box]
    crop = augment.RandomResizedCrop(8, interpolation=interpolation)
    params = dict(zip(("top", "left", "height", "width"), places, strict=True))
    with pytest.raises(ValueError, match="beyond a picture"):
        crop.transform(pictures(2), params)
    params = dict(zip("ijhw", places, strict=True))
    params |= {"apply": torch.tensor([True, True]), "v": [torch.ones(1, 1, 1)] * 2}
    with pytest.raises(ValueError, match="boxes drawn for larger ones"):
        augment.RandomErasing(p=1, value=9).transform(pictures(2), params)


@pytest.mark.parametrize(
    ("name", "value"), [("width", 0.0), ("x", float("nan")), ("strength", float("inf"))]
)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_lights_by_hand_that_are_none(dtype, name, value):
    reflection = augment.RandomReflection(p=1)
    params = reflection.make_params(pictures(2))
    params[name] = params[name].clone().fill_(value)
    with pytest.raises(ValueError, match="finite numbers expected"):
        reflection.transform(pictures(2, dtype=dtype), params)
