"""Tones, filters, noise and erasing against torchvision's, picture by picture."""

import numpy as np
import pytest
import torch
from examples import pictures
from scipy.stats import ks_2samp, normaltest
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from d2laug import augment

DTYPES = [torch.uint8, torch.uint16, torch.float32, torch.float64]
SHAPES = [(24, 40, 52), (6, 1, 7), (6, 2, 2), (6, 3, 3), (7, 130, 97)]


def expected(transform, batch, params):
    theirs, rows = transform._torchvision(), transform._rows(params)
    pairs = zip(batch, rows, strict=True)
    return torch.stack([x if row is None else theirs.transform(x, row) for x, row in pairs])


TONES = {
    "gray": augment.RandomGrayscale(0.5),
    "invert": augment.RandomInvert(),
    "autocontrast": augment.RandomAutocontrast(),
    "equalize": augment.RandomEqualize(),
    **{f"posterize {bits}": augment.RandomPosterize(bits) for bits in range(9)},
    **{f"solarize {t}": augment.RandomSolarize(t) for t in (0, 0.3, 0.999, 1)},
    **{f"sharpness {f}": augment.RandomAdjustSharpness(f) for f in (0, 0.1, 0.33, 1, 1.7, 2, 9.3)},
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        (name, dtype)
        for name in TONES
        for dtype in DTYPES
        if not (name.startswith("solarize") and dtype == torch.uint16)  # cannot be compared
    ],
)
def test_tones_are_those_of_torchvision_bit_for_bit(name, dtype, channels, shape):
    batch = pictures(max(shape[0], 6), *shape[1:], dtype=dtype, channels=channels)
    params = TONES[name].make_params(batch)
    output, wanted = TONES[name].transform(batch, params), expected(TONES[name], batch, params)
    assert output.dtype == dtype
    if name.startswith("sharpness") and dtype.is_floating_point:
        assert (output - wanted).abs().max() <= 1e-5
    else:
        assert torch.equal(output, wanted)


@pytest.mark.parametrize("threshold", [0, 0.5, 1, 17, 127.5, 254.5, 255])
def test_thresholds_of_levels(threshold):
    batch = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    output = augment.RandomSolarize(threshold, p=1)(batch)
    assert torch.equal(output, F.solarize(batch, threshold))


def test_every_color_has_the_gray_of_torchvision():
    """All 16.8 million: its product and sums are fused, and the fraction is cut off."""
    levels = torch.arange(256, dtype=torch.uint8)
    green, blue = (
        side.reshape(1, 256, 256) for side in torch.meshgrid(levels, levels, indexing="ij")
    )
    for red in range(0, 256, 5):
        batch = torch.stack([torch.full_like(green, red), green, blue], 1)
        output = augment.RandomGrayscale(p=1)(batch)
        assert torch.equal(output, F.rgb_to_grayscale(batch, 3))


@pytest.mark.parametrize("factor", [0.0, 0.01, 0.37, 0.99, 1.01, 1.33, 1.99, 3.0])
def test_every_neighborhood_is_sharpened_as_by_torchvision(factor):
    """Every level with every mean around it."""
    level = torch.arange(256, dtype=torch.uint8).view(-1, 1, 1, 1)
    around = torch.arange(256, dtype=torch.uint8).repeat_interleave(3).view(1, 1, 1, -1)
    batch = around.expand(256, 1, 3, -1).clone()
    batch[:, :, 1, 1::3] = level[:, 0]
    output = augment.RandomAdjustSharpness(factor, p=1)(batch)
    assert torch.equal(output, F.adjust_sharpness(batch, factor))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("kernel", "sigma"), [(3, (0.1, 2.0)), ((7, 3), (0.5, 0.5)), ([1, 5], 3), (11, (4, 9))]
)
def test_a_blur_is_that_of_torchvision(kernel, sigma, channels, dtype):
    batch = pictures(dtype=dtype, channels=channels)
    blur = augment.GaussianBlur(kernel, sigma)
    params = blur.make_params(batch)
    output, wanted = blur.transform(batch, params), expected(blur, batch, params)
    tolerance = 3e-6 if dtype.is_floating_point else 1
    assert (output.double() - wanted.double()).abs().max() <= tolerance


def test_each_picture_has_a_blur_of_its_own():
    batch = pictures(2000, 1, 1)
    blur = augment.GaussianBlur(1, (0.3, 1.8), generator=torch.Generator().manual_seed(0))
    theirs = v2.GaussianBlur(1, (0.3, 1.8))
    torch.manual_seed(0)
    ours = [sigma[0] for sigma in blur.make_params(batch)["sigma"]]
    wanted = [theirs.make_params([batch])["sigma"][0] for _ in range(2000)]
    assert ks_2samp(ours, wanted).pvalue > 1e-3


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64], ids=str)
def test_noise_is_normal_and_of_every_value_its_own(dtype):
    gray = torch.full((8, 3, 64, 64), 0.5)
    batch = F.to_dtype(gray, dtype, scale=True)
    noise = augment.GaussianNoise(0.1, 0.08, generator=torch.Generator().manual_seed(3))
    added = F.to_dtype(noise(batch), torch.float64, scale=True) - batch.double() / (
        255 if dtype == torch.uint8 else 1
    )
    assert abs(added.mean() - 0.1) < 0.003
    assert abs(added.std() - 0.08) < 0.001
    torch.manual_seed(0)
    theirs = v2.GaussianNoise(0.1, 0.08)(batch)
    theirs = F.to_dtype(theirs, torch.float64, scale=True) - F.to_dtype(
        batch, torch.float64, scale=True
    )
    assert ks_2samp(added.flatten(), theirs.flatten()).pvalue > 1e-3
    if dtype != torch.uint8:
        assert normaltest(added.flatten()).pvalue > 1e-3
    planes = added.flatten(0, 1).flatten(1)
    correlation = np.corrcoef(planes)
    assert np.abs(correlation - np.eye(len(planes))).max() < 0.08


def test_noise_is_cut_off_or_not():
    batch = torch.full((1, 3, 30, 30), 0.95)
    assert augment.GaussianNoise()(batch).max() == 1
    assert augment.GaussianNoise(clip=False)(batch).max() > 1
    with pytest.raises(ValueError, match="clip=False given"):
        augment.GaussianNoise(clip=False)(pictures())


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        *((dtype, value) for dtype in DTYPES for value in (0, 0.25, (1, 2, 3))),
        # negative numbers are no levels
        *((dtype, "random") for dtype in DTYPES if dtype.is_floating_point),
    ],
)
def test_erased_boxes_are_those_of_torchvision(value, dtype):
    batch = pictures(dtype=dtype)
    erase = augment.RandomErasing(0.7, value=value)
    params = erase.make_params(batch)
    assert 0 < params["apply"].sum() < len(batch)
    output = erase.transform(batch, params)
    assert torch.equal(output, expected(erase, batch, params))
    assert not torch.equal(output, batch)


@pytest.mark.parametrize(
    "arguments", [{}, {"scale": (0.3, 0.9), "ratio": (0.2, 5)}, {"scale": (1, 1)}]
)
def test_erased_boxes_are_drawn_as_torchvision(arguments):
    image = pictures(1, 30, 21)[0]
    theirs = v2.RandomErasing(1, **arguments)
    torch.manual_seed(0)
    wanted = [theirs.make_params([image]) for _ in range(4000)]
    erase = augment.RandomErasing(1, **arguments, generator=torch.Generator().manual_seed(0))
    params = erase.make_params(image.expand(4000, -1, -1, -1))
    for key in ("i", "j", "h", "w"):
        assert ks_2samp(params[key].numpy(), [row[key] for row in wanted]).pvalue > 1e-3, key
    none = [v is None for v in params["v"]], [row["v"] is None for row in wanted]
    assert abs(np.mean(none[0]) - np.mean(none[1])) < 0.05


@pytest.mark.parametrize("name", TONES)
def test_the_chance_of_a_tone(name):
    batch = pictures(4000, 2, 2)
    kind = type(TONES[name])
    arguments = {k: v for k, v in vars(TONES[name]).items() if k in ("bits", "threshold")}
    arguments |= {k: v for k, v in vars(TONES[name]).items() if k == "sharpness_factor"}
    applied = kind(**arguments, p=0.3).make_params(batch)["apply"].double().mean()
    assert abs(applied - 0.3) < 0.035
    assert torch.equal(kind(**arguments, p=0)(batch), batch)
    assert kind(**arguments, p=1).make_params(batch)["apply"].all()


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: augment.RandomPosterize(9), ValueError, "bits=9 given"),
        (lambda: augment.RandomPosterize(2.5), ValueError, "bits=2.5 given"),
        (lambda: augment.RandomPosterize("3"), TypeError, "bits='3' given"),
        (lambda: augment.RandomSolarize("0.5"), TypeError, "threshold"),
        (lambda: augment.RandomSolarize(-1), ValueError, "threshold=-1"),
        (lambda: augment.RandomSolarize(256, p=1)(pictures()), ValueError, "256 given"),
        (lambda: augment.RandomSolarize(2, 1)(pictures() / 255), ValueError, "at most 1"),
        (lambda: augment.RandomAdjustSharpness(-1), ValueError, "sharpness_factor=-1"),
        (lambda: augment.GaussianBlur(4), ValueError, "odd"),
        (lambda: augment.GaussianBlur(0), ValueError, "kernel_size"),
        (lambda: augment.GaussianBlur("3"), TypeError, "kernel_size"),
        (lambda: augment.GaussianBlur(3, 0), ValueError, "sigma"),
        (lambda: augment.GaussianBlur(3, (2, 1)), ValueError, "sigma"),
        (lambda: augment.GaussianBlur(3, (1, 2, 3)), TypeError, "sigma"),
        (lambda: augment.GaussianBlur(9)(pictures()[..., :4]), ValueError, "more than 4 x 4"),
        (lambda: augment.GaussianNoise(sigma=-1), ValueError, "sigma=-1"),
        (lambda: augment.GaussianNoise(mean="0"), TypeError, "mean"),
        (lambda: augment.RandomErasing(inplace=True), ValueError, "never changed in place"),
        (lambda: augment.RandomErasing(value="noise"), ValueError, "'random' expected"),
        (lambda: augment.RandomErasing(scale=(0.5, 0.1)), ValueError, "scale"),
        (lambda: augment.RandomErasing(scale=(0.5, 1.1)), ValueError, "scale"),
        (lambda: augment.RandomErasing(ratio=(0, 1)), ValueError, "ratio"),
        (lambda: augment.RandomErasing(value=(1, 2))(pictures()), ValueError, "3 channels"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()
