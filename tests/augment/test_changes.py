"""The augmentations against torchvision's, sample by sample, and in what they draw."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from torch import nn
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tvf

from d2laug import augment
from d2laug.augment import light as light_module
from d2laug.augment import pixels
from d2laug.augment.loops import light as light_loops
from d2laug.draws import record_draws

ALL = {
    "hflip": lambda **kw: augment.RandomHorizontalFlip(**kw),
    "vflip": lambda **kw: augment.RandomVerticalFlip(**kw),
    "crop": lambda **kw: augment.RandomResizedCrop((12, 9), **kw),
    "crop_large": lambda **kw: augment.RandomResizedCrop(64, **kw),
    "crop_padded": lambda **kw: augment.RandomCrop(1, padding=3, **kw),
    "jitter": lambda **kw: augment.ColorJitter(0.5, 0.5, 0.5, 0.5, **kw),
    "temperature": lambda **kw: augment.RandomColorTemperature(**kw),
    "reflection": lambda **kw: augment.RandomReflection(**kw),
}
COLORS = ("jitter", "temperature", "reflection")


def pictures(n=24, height=40, width=52, dtype=torch.float32, seed=0):
    """Smooth and noisy pictures, and grays, black, white, pure colors and ties among them."""
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
    assert 0 < params["apply"].sum() < len(batch)
    expected = torch.stack(
        [theirs(x) if f else x for x, f in zip(batch, params["apply"], strict=True)]
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
    atol = 1 if dtype == torch.uint8 else 1e-3
    assert_close(crop.transform(batch, params), expected, atol)
    # The form in tensors, which other types and a GPU take
    boxes = torch.stack(list(params.values()), 1)
    assert_close(pixels.resize(batch, boxes, size, antialias), expected, atol)


@pytest.mark.parametrize("padding_mode", ["constant", "edge", "reflect", "symmetric"])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("size", [(40, 52), (7, 9), (56, 68)])
def test_padded_crop_equals_torchvision(size, dtype, padding_mode):
    batch = pictures(dtype=dtype)
    crop = augment.RandomCrop(size, padding=8, padding_mode=padding_mode)
    params = crop.make_params(batch)
    theirs = v2.RandomCrop(size, padding=8, padding_mode=padding_mode)
    rows = zip(batch, crop.rows(params), strict=True)
    expected = torch.stack([theirs.transform(x, row) for x, row in rows])
    assert torch.equal(crop.transform(batch, params), expected)


def test_padded_crop_draws_as_torchvision():
    batch = torch.zeros(20_000, 3, 1, 1).expand(-1, -1, 12, 20)
    drawn = augment.RandomCrop((10, 16), padding=2).make_params(batch)
    theirs = v2.RandomCrop((10, 16), padding=2)
    expected = [theirs.make_params([batch[0]]) for _ in range(len(batch))]
    for name in ("top", "left"):
        values = [params[name] for params in expected]
        assert ks_2samp(drawn[name].numpy(), values).pvalue > 1e-3
        assert drawn[name].unique().tolist() == sorted(set(values))


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((2, 3, 6, 6), {"size": 8}, r"does not fit into a picture of \[6, 6\]"),
        ((2, 3, 6, 6), {"size": (4, 9), "padding": 1}, r"does not fit into a picture of \[8, 8\]"),
        (
            (2, 3, 4, 6),
            {"size": 4, "padding": 4, "padding_mode": "reflect"},
            r"at least \[5, 5\] pixels",
        ),
        (
            (2, 3, 4, 3),
            {"size": 4, "padding": 4, "padding_mode": "symmetric"},
            r"at least \[4, 4\] pixels",
        ),
    ],
)
def test_crops_that_do_not_fit_are_refused(shape, arguments, message):
    with pytest.raises(ValueError, match=message):
        augment.RandomCrop(**arguments)(torch.rand(shape))


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
    assert len(params["fn_idx"].unique(dim=0)) == 24
    theirs, rows = v2.ColorJitter(), zip(batch, jitter.rows(params), strict=True)
    expected = torch.stack([theirs.transform(x, row) for x, row in rows])
    # Four steps, and a hue whose error a contrast or saturation after it can double.
    assert_close(jitter.transform(batch, params), expected, 4e-5)


def draws_of_torchvision(transform, image, n):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [transform.make_params([image]) for _ in range(n)]


@pytest.mark.parametrize(
    ("height", "width", "arguments"),
    [
        (64, 64, {}),
        (24, 60, {"scale": (0.4, 1.0)}),  # often no box fits: retries and the central box
    ],
)
def test_crop_draws_as_torchvision(height, width, arguments):
    n = 20_000
    image = torch.empty(3, height, width)
    theirs = draws_of_torchvision(v2.RandomResizedCrop(8, **arguments), image, n)
    crop = augment.RandomResizedCrop(8, **arguments, generator=torch.Generator().manual_seed(0))
    ours = crop.make_params(image.expand(n, 3, height, width))
    for name in ("top", "left", "height", "width"):
        drawn = np.array([params[name] for params in theirs])
        assert ks_2samp(ours[name].numpy(), drawn).pvalue > 1e-3, name


def test_jitter_draws_as_torchvision():
    n = 20_000
    arguments = {
        "brightness": 0.4,
        "contrast": (0.2, 3.0),
        "saturation": 1.7,
        "hue": (-0.1, 0.4),
    }
    theirs = draws_of_torchvision(v2.ColorJitter(**arguments), torch.empty(3, 1, 1), n)
    jitter = augment.ColorJitter(**arguments, generator=torch.Generator().manual_seed(0))
    ours = jitter.make_params(torch.empty(n, 3, 1, 1))
    for name in arguments:
        drawn = np.array([params[f"{name}_factor"] for params in theirs])
        assert ks_2samp(ours[f"{name}_factor"].numpy(), drawn).pvalue > 1e-3, name
    code = np.array([64, 16, 4, 1])
    drawn = np.stack([params["fn_idx"].numpy() for params in theirs])
    assert ks_2samp(ours["fn_idx"].numpy() @ code, drawn @ code).pvalue > 1e-3


def test_flip_draws_as_torchvision():
    n = 20_000
    flip = augment.RandomHorizontalFlip(p=0.3, generator=torch.Generator().manual_seed(0))
    flipped = flip.make_params(torch.empty(n, 3, 1, 1))["apply"].float()
    assert abs(flipped.mean() - 0.3) < 4 * (0.3 * 0.7 / n) ** 0.5


def test_temperature_draws_uniformly_in_mired():
    draw = augment.RandomColorTemperature((2500, 9000), generator=torch.Generator().manual_seed(0))
    kelvin = draw.make_params(torch.empty(20_000, 3, 1, 1))["kelvin"]
    uniform = (1e6 / kelvin - 1e6 / 9000) / (1e6 / 2500 - 1e6 / 9000)
    assert ks_2samp(uniform.numpy(), np.linspace(0, 1, 20_000)).pvalue > 1e-3


def test_reflection_draws_within_its_ranges():
    reflection = augment.RandomReflection(
        p=0.4, strength=(0.2, 0.3), number=(2, 4), size=(0.1, 0.2),
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    params = reflection.make_params(torch.empty(5000, 3, 1, 1))
    count = (params["strength"] > 0).sum(1)
    assert abs((count > 0).float().mean() - 0.4) < 0.03
    assert count.unique().tolist() == [0, 2, 3, 4]
    assert abs((count[count > 0] == 3).float().mean() - 1 / 3) < 0.05
    present = params["strength"][params["strength"] > 0]
    assert present.min() >= 0.2
    assert present.max() <= 0.3
    assert params["width"].min() >= 0.1
    assert params["width"].max() <= 0.2
    assert (params["length"] / params["width"]).max() <= 5.001


# Chromaticities of the Planckian locus as published: Wyszecki and Stiles, "Color Science", 2nd
# edition; at 2856 K CIE standard illuminant A.
LOCUS = {
    2000: (0.5267, 0.4133),
    2500: (0.4770, 0.4137),
    2856: (0.4476, 0.4075),
    3000: (0.4369, 0.4041),
    4000: (0.3805, 0.3768),
    5000: (0.3451, 0.3516),
    6500: (0.3135, 0.3237),
    10000: (0.2807, 0.2884),
    20000: (0.2565, 0.2577),
}


def test_black_body_has_the_published_color():
    for kelvin, (x, y) in LOCUS.items():
        rgb = light_module._black_body(np.array(float(kelvin)))
        xyz = np.linalg.solve(light_module.XYZ_TO_RGB, rgb)
        assert abs(xyz[0] / xyz.sum() - x) < 0.003
        assert abs(xyz[1] / xyz.sum() - y) < 0.003


def test_gains_are_neutral_at_6500_and_keep_the_luminance():
    assert torch.equal(augment.kelvin_to_gains(6500), torch.ones(3))
    kelvin = torch.linspace(2000, 20000, 50)
    gains = augment.kelvin_to_gains(kelvin)
    assert gains.shape == (50, 3)
    assert (gains >= 0).all()
    assert torch.allclose(gains @ torch.tensor([0.2126, 0.7152, 0.0722]), torch.ones(50), atol=1e-5)
    assert (gains[1:, 0] < gains[:-1, 0]).all()  # red shrinks as the light gets cooler
    assert (gains[1:, 2] > gains[:-1, 2]).all()


def test_linear_light_there_and_back():
    values = torch.linspace(0, 1, 1001, dtype=torch.float64)
    assert torch.allclose(augment.to_srgb(augment.to_linear(values)), values, atol=1e-6)
    assert torch.allclose(augment.to_linear(torch.tensor(0.5)), torch.tensor(0.21404), atol=1e-5)


def test_temperature_multiplies_linear_light():
    batch = pictures(n=4).mul(0.5)  # dark enough for nothing to be cut off
    kelvin = torch.tensor([2000.0, 3000, 6500, 20000])
    ours = augment.to_linear(augment.adjust_color_temperature(batch, kelvin))
    expected = augment.to_linear(batch) * augment.kelvin_to_gains(kelvin)[:, :, None, None]
    assert torch.allclose(ours, expected, atol=1e-5)
    assert torch.allclose(augment.adjust_color_temperature(batch, 6500), batch, atol=1e-6)


def test_temperature_of_levels_is_that_of_floats():
    """By way of tables: a level off where the exact value is nearly halfway between two."""
    batch = pictures(dtype=torch.uint8)
    kelvin = torch.linspace(2000, 20000, len(batch))
    floats = augment.adjust_color_temperature(batch / 255, kelvin) * 255
    difference = augment.adjust_color_temperature(batch, kelvin) - floats
    assert difference.abs().max() < 0.6
    assert (difference.abs() > 0.501).float().mean() < 0.01


def test_levels_are_turned_to_light_exactly():
    table = torch.from_numpy(light_loops.to_linear_table())
    assert torch.equal(table, augment.to_linear(torch.arange(256) / 255))


def test_light_is_turned_back_to_levels_within_one():
    table = torch.from_numpy(light_loops.to_srgb_table())
    light = torch.linspace(0, 1, len(table), dtype=torch.float64)
    exact = augment.to_srgb(light) * 255
    assert (table - exact).abs().max() < 0.501  # rounding to a level alone is 0.5 off
    assert exact.diff().max() < 0.11  # and neighbors are closer than that
    levels = (torch.from_numpy(light_loops.to_linear_table()) * (len(table) - 1)).round().long()
    assert torch.equal(table[levels], torch.arange(256).byte())


def test_reflection_on_levels_is_that_on_floats():
    batch = pictures(n=12, dtype=torch.uint8)
    reflection = augment.RandomReflection(p=1, generator=torch.Generator().manual_seed(0))
    params = reflection.make_params(batch)
    ours = reflection.transform(batch, params).int()
    expected = (reflection.transform(batch / 255, params) * 255).round().int()
    different = ours != expected
    assert (ours - expected).abs().max() <= 1
    assert different.float().mean() < 0.01


@pytest.mark.parametrize("only", [("contrast",), ("saturation",), ("contrast", "saturation")])
def test_jitter_of_some_steps_equals_torchvision(only):
    batch = pictures(n=24, height=8, width=8)
    jitter = augment.ColorJitter(
        **dict.fromkeys(only, 0.8), generator=torch.Generator().manual_seed(4)
    )
    params = jitter.make_params(batch)
    assert params["hue_factor"] is None
    theirs, rows = v2.ColorJitter(), zip(batch, jitter.rows(params), strict=True)
    expected = torch.stack([theirs.transform(x, row) for x, row in rows])
    assert_close(jitter.transform(batch, params), expected, 1e-5)


def test_crop_of_an_impossible_ratio_still_has_pixels():
    crop = augment.RandomResizedCrop(4, ratio=(1000, 2000))
    assert crop(pictures()).shape[-2:] == (4, 4)


def test_reflection_adds_light_where_its_box_is():
    reflection = augment.RandomReflection(number=(1, 1), auto_exposure=False)
    batch = torch.full((2, 3, 40, 80), 0.2)
    box = {"strength": 0.6, "x": 0.25, "y": 0.5, "length": 1.0, "width": 0.2, "angle": 0.0}
    params = {name: torch.full((2, 1), value) for name, value in box.items()}
    params["strength"][1] = 0
    lit, dark = reflection.transform(batch, params)
    assert torch.equal(dark, batch[1])
    expected = augment.to_srgb(augment.to_linear(torch.tensor(0.2)) + 0.6)
    assert torch.allclose(lit[:, 20, 20], expected, atol=0.01)
    rows, columns = (lit[0] > 0.55).nonzero().unbind(1)
    assert (rows.min(), rows.max()) == (16, 23)  # 0.2 of 40 rows
    assert (columns.min(), columns.max()) == (0, 39)  # 1.0 of 40 columns around 20


@pytest.mark.parametrize(
    ("brightness", "strength"), [(0.4, 0.3), (0.7, 0.8), (0.1, 0.8), (0.0, 0.5)]
)
def test_the_camera_makes_up_for_a_reflection(brightness, strength):
    batch = torch.full((1, 3, 40, 80), brightness)
    box = {"strength": strength, "x": 0.5, "y": 0.5, "length": 0.6, "width": 0.3, "angle": 1.0}
    params = {name: torch.full((1, 1), value) for name, value in box.items()}
    metered = augment.RandomReflection(number=(1, 1)).transform(batch, params)
    names = ("x", "y", "length", "width", "angle", "strength")
    boxes = torch.stack([params[name] for name in names])[..., None, None]
    light = light_module._boxes_of_light(boxes, 40, 80)
    before = augment.to_linear(batch)
    exposure = max(before.mean() / (before + light).mean(), torch.tensor(0.25))
    expected = ((before + light) * exposure).clamp(max=1)
    assert torch.allclose(augment.to_linear(metered), expected, atol=1e-4)
    if brightness == 0.4:  # nothing is cut off
        assert expected.mean() == pytest.approx(before.mean().item(), rel=1e-3)


shapes = st.tuples(st.integers(0, 5), st.just(3), st.integers(1, 40), st.integers(1, 40))
layouts = {
    "contiguous": lambda x: x.contiguous(),
    "channels_last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "strided": lambda x: x.repeat_interleave(2, 3)[..., ::2],
    "transposed": lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
    "expanded": lambda x: x[:1].expand(len(x), -1, -1, -1),
}


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=25, deadline=None)
@given(
    shape=shapes,
    layout=st.sampled_from(list(layouts)),
    dtype=st.sampled_from([torch.uint8, torch.float32, torch.float64, torch.float16]),
    seed=st.integers(0, 2**31),
)
def test_properties(name, shape, layout, dtype, seed):
    batch = pictures_of_any_shape(shape, dtype, seed)
    batch = layouts[layout](batch)
    before = batch.clone()
    output = ALL[name](generator=torch.Generator().manual_seed(seed))(batch)
    assert torch.equal(batch, before), "the input was changed"
    assert output.dtype == dtype
    assert len(output) == len(batch)
    assert output.data_ptr() != batch.data_ptr() or not len(batch)
    if len(batch):
        assert output.min() >= 0
        assert output.max() <= (255 if dtype == torch.uint8 else 1)
    again = ALL[name](generator=torch.Generator().manual_seed(seed))(before.contiguous())
    assert_close(output, again, 1 if dtype == torch.uint8 else 1e-3) if len(batch) else None


def pictures_of_any_shape(shape, dtype, seed):
    batch = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
    return batch.mul(255).round().to(dtype) if dtype == torch.uint8 else batch.to(dtype)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_each_picture_is_independent(name, dtype):
    batch = pictures(n=30, dtype=dtype)
    transform = ALL[name]()
    torch.manual_seed(3)
    params = transform.make_params(batch)
    together = transform.transform(batch, params)
    for i in range(len(batch)):
        each = {k: v[i : i + 1] for k, v in params.items() if isinstance(v, torch.Tensor | list)}
        alone = transform.transform(batch[i : i + 1], params | each)
        assert_close(alone[0], together[i], 0 if dtype == torch.uint8 else 1e-6)


@pytest.mark.parametrize("name", ALL)
def test_pictures_draw_numbers_of_their_own(name):
    transform = ALL[name](generator=torch.Generator().manual_seed(0))
    params = transform.make_params(torch.empty(200, 3, 32, 32))
    drawn = {key: v for key, v in params.items() if isinstance(v, torch.Tensor | list)}
    assert drawn
    for key, values in drawn.items():
        assert len(values) == 200
        assert len(values.unique(dim=0)) > 1, key


@pytest.mark.parametrize("name", ALL)
def test_seed_decides_everything(name):
    batch = pictures()
    torch.manual_seed(5)
    first = ALL[name]()(batch)
    second = ALL[name]()(batch)
    torch.manual_seed(5)
    assert torch.equal(ALL[name]()(batch), first)
    assert not torch.equal(first, second)

    generator = torch.Generator().manual_seed(6)
    first = ALL[name](generator=generator)(batch)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    assert torch.equal(ALL[name](generator=generator.manual_seed(6))(batch), first)
    assert torch.equal(torch.get_rng_state(), before), "the global generator was used"


@pytest.mark.parametrize("name", ALL)
def test_one_picture_is_a_batch_of_one(name):
    picture = pictures(dtype=torch.uint8)[0]
    torch.manual_seed(7)
    alone = ALL[name]()(picture)
    torch.manual_seed(7)
    assert torch.equal(alone, ALL[name]()(picture[None])[0])
    params = ALL[name]().make_params(picture)
    assert len(ALL[name]().rows(params)) == 1
    assert torch.equal(
        ALL[name]().transform(picture, params), ALL[name]().transform(picture[None], params)[0]
    )


@pytest.mark.parametrize("compose", [nn.Sequential, lambda *steps: v2.Compose(steps)])
def test_transforms_compose(compose):
    batch = pictures(dtype=torch.uint8)
    pipeline = compose(
        augment.RandomHorizontalFlip(),
        augment.RandomResizedCrop(16),
        v2.ToDtype(torch.float32, scale=True),
        augment.ColorJitter(0.2, 0.2, 0.2, 0.1),
        v2.Normalize([0.5] * 3, [0.5] * 3),
    )
    output = pipeline(batch)
    assert output.shape == (len(batch), 3, 16, 16)
    assert output.dtype == torch.float32


@pytest.mark.parametrize(
    ("transform", "printed"),
    [
        (augment.RandomVerticalFlip(0.2), "RandomVerticalFlip(p=0.2)"),
        (augment.ColorJitter(), "ColorJitter()"),
        (augment.ColorJitter(hue=0.1), "ColorJitter(hue=(-0.1, 0.1))"),
        (
            augment.RandomCrop(8, 2, padding_mode="edge"),
            "RandomCrop(size=(8, 8), padding=(2, 2, 2, 2), pad_if_needed=False, fill=0, "
            "padding_mode=edge)",
        ),
        (
            augment.RandomResizedCrop(8, antialias=False),
            "RandomResizedCrop(size=(8, 8), scale=(0.08, 1.0), "
            "ratio=(0.75, 1.3333333333333333), interpolation=bilinear, antialias=False)",
        ),
        (augment.RandomColorTemperature(), "RandomColorTemperature(kelvin=(2500.0, 10000.0))"),
        (
            augment.RandomReflection(),
            "RandomReflection(p=0.5, strength=(0.2, 2.0), number=(1, 3), size=(0.1, 0.3), "
            "auto_exposure=True)",
        ),
    ],
)
def test_transforms_print_their_arguments(transform, printed):
    assert repr(transform) == printed


WORDS = {
    "hflip": ({"apply": [True, False]}, ["flipped left-right", "not flipped"]),
    "vflip": ({"apply": [False, True]}, ["not flipped", "flipped top-bottom"]),
    "crop": (
        {"top": [0, 0], "left": [0, 1], "height": [20, 40], "width": [26, 20]},
        ["area 0.25, ratio 1.30", "area 0.38, ratio 0.50"],
    ),
    "jitter": (
        {"fn_idx": [[0, 1, 2, 3]] * 2, "contrast_factor": [0.5, 2.0], "hue_factor": [0.25, -0.001]},
        ["contrast ×0.50", "hue +0.25", "contrast ×2.00", "hue +0.00"],
    ),
    "temperature": ({"kelvin": [3000.4, 6500.0]}, ["3000 K", "6500 K"]),
    "reflection": (
        {"strength": [[0.0, 0.0], [0.5, 1.0]]}
        | {k: [[0.5, 0.5]] * 2 for k in ("x", "y", "length", "width", "angle")},
        ["no reflection", "strength 0.50, 1.00"],
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_draws_are_described_picture_by_picture(name):
    rows, words = WORDS[name]
    params = {key: torch.tensor(values) for key, values in rows.items()}
    if name == "jitter":
        params |= {"brightness_factor": None, "saturation_factor": None}
    batch, transform = torch.zeros(2, 3, 40, 52), ALL[name]()
    with record_draws(transform) as drawn:
        transform.transform(batch, params)
    assert drawn == words


@pytest.mark.parametrize("name", COLORS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1.01, -0.01, 255.0])
def test_color_changes_refuse_values_outside_0_to_1(name, value):
    batch = pictures()
    batch[-1, 2, -1, -1] = value
    with pytest.raises(ValueError, match="0 to 1 expected"):
        ALL[name]()(batch)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: augment.RandomHorizontalFlip(p=1.5), ValueError),
        (lambda: augment.RandomVerticalFlip(p=-0.1), ValueError),
        (lambda: augment.RandomHorizontalFlip(p=float("nan")), ValueError),
        (lambda: augment.RandomResizedCrop(0), ValueError),
        (lambda: augment.RandomResizedCrop((8, -1)), ValueError),
        (lambda: augment.RandomResizedCrop((8, 8, 8)), ValueError),
        (lambda: augment.RandomResizedCrop(8.5), ValueError),
        (lambda: augment.RandomResizedCrop((8.5, 8)), ValueError),
        (lambda: augment.RandomResizedCrop(8, scale=(1.0, 0.1)), ValueError),
        (lambda: augment.RandomResizedCrop(8, scale=(0.0, 1.0)), ValueError),
        (lambda: augment.RandomResizedCrop(8, scale=(-0.5, 1.0)), ValueError),
        (lambda: augment.RandomResizedCrop(8, scale=0.5), TypeError),
        (lambda: augment.RandomResizedCrop(8, ratio=(2.0, 0.5)), ValueError),
        (lambda: augment.RandomResizedCrop(8, ratio=(0.0, 0.5)), ValueError),
        (lambda: augment.RandomResizedCrop(8, ratio=(float("nan"), 1.0)), ValueError),
        (lambda: augment.RandomCrop(0), ValueError),
        (lambda: augment.RandomCrop(8, padding=-1), ValueError),
        (lambda: augment.RandomCrop(8, padding=1.5), ValueError),
        (lambda: augment.RandomCrop(8, padding_mode="mirror"), ValueError),
        (lambda: augment.ColorJitter(brightness=-1), ValueError),
        (lambda: augment.ColorJitter(brightness=float("nan")), ValueError),
        (lambda: augment.ColorJitter(contrast=(1.5, 0.5)), ValueError),
        (lambda: augment.ColorJitter(saturation=(-0.5, 0.5)), ValueError),
        (lambda: augment.ColorJitter(hue=0.6), ValueError),
        (lambda: augment.ColorJitter(hue=(-0.6, 0.1)), ValueError),
        (lambda: augment.ColorJitter(hue="red"), TypeError),
        (lambda: augment.ColorJitter(brightness=(1, 2, 3)), TypeError),
        (lambda: augment.RandomColorTemperature((1000, 5000)), ValueError),
        (lambda: augment.RandomColorTemperature((5000, 30000)), ValueError),
        (lambda: augment.RandomColorTemperature((5000, 4000)), ValueError),
        (lambda: augment.RandomColorTemperature(5000), TypeError),
        (lambda: augment.kelvin_to_gains(1999), ValueError),
        (lambda: augment.kelvin_to_gains(float("nan")), ValueError),
        (lambda: augment.RandomReflection(strength=(0.5, 0.1)), ValueError),
        (lambda: augment.RandomReflection(number=(0, 2)), ValueError),
        (lambda: augment.RandomReflection(number=(1.5, 2)), ValueError),
        (lambda: augment.RandomReflection(size=(-0.1, 0.2)), ValueError),
        (lambda: augment.RandomReflection(p=2), ValueError),
        (lambda: augment.adjust_hue(pictures(), 0.51), ValueError),
        (lambda: augment.adjust_brightness(pictures(), -0.1), ValueError),
        (lambda: augment.adjust_contrast(pictures(), float("inf")), ValueError),
        (lambda: augment.adjust_saturation(pictures(), torch.ones(3)), ValueError),
        (lambda: augment.adjust_color_temperature(pictures(), torch.full((3,), 5e3)), ValueError),
    ],
)
def test_bad_arguments_are_refused(make, error):
    with pytest.raises(error, match=r"given|expected"):
        make()


@pytest.mark.parametrize("name", ALL)
def test_params_of_another_batch_are_refused(name):
    transform = ALL[name]()
    params = transform.make_params(pictures(n=5))
    for n in (4, 6):
        with pytest.raises(ValueError, match=f"{n} pictures"):
            transform.transform(pictures(n=n), params)


def test_boxes_beyond_the_picture_are_refused():
    crop = augment.RandomResizedCrop(8)
    inside = {"top": [0], "left": [0], "height": [40], "width": [52]}
    for change in ({"top": [1]}, {"left": [-1]}, {"height": [0]}, {"width": [53]}):
        box = {k: torch.tensor(v) for k, v in (inside | change).items()}
        with pytest.raises(ValueError, match="beyond"):
            crop.transform(pictures()[:1], box)


FILLS = {tv_tensors.Image: 3, torch.Tensor: 9, tv_tensors.Mask: 5}


@pytest.mark.parametrize("fill", [FILLS, {tv_tensors.Image: (1, 2, 3), "others": 7}, {"others": 4}])
@pytest.mark.parametrize("kind", [tv_tensors.Image, torch.Tensor])
@pytest.mark.parametrize(
    "make",
    [
        lambda **fill: augment.RandomCrop(60, pad_if_needed=True, **fill),
        lambda **fill: augment.RandomRotation(50, **fill),
        lambda **fill: augment.RandomAffine(50, interpolation="bilinear", **fill),
        lambda **fill: augment.RandomPerspective(0.8, 1, **fill),
    ],
)
def test_a_fill_by_type_is_that_of_torchvision(make, kind, fill):
    batch = pictures(dtype=torch.uint8)
    batch = tv_tensors.Image(batch) if kind is tv_tensors.Image else batch
    transform = make(fill=fill)
    params = transform.make_params(batch)
    theirs, rows = transform._torchvision(), transform.rows(params)
    pairs = zip(batch, rows, strict=True)
    expected = [theirs.transform(tv_tensors.wrap(x, like=batch), row) for x, row in pairs]
    assert_close(transform.transform(batch, params), torch.stack(expected), 1)


@pytest.mark.parametrize(
    ("shape", "padding", "mode"),
    [((5, 40), (20, 4), "reflect"), ((40, 5), (5, 30), "symmetric"), ((6, 6), (6, 0), "symmetric")],
)
def test_a_mirror_needs_pixels_along_its_own_side_only(shape, padding, mode):
    batch = pictures(6, *shape)
    crop = augment.RandomCrop((3, 3), padding=padding, padding_mode=mode)
    params = crop.make_params(batch)
    rows = zip(batch, crop.rows(params), strict=True)
    expected = torch.stack([crop._torchvision().transform(x, row) for x, row in rows])
    assert torch.equal(crop.transform(batch, params), expected)


def test_a_jitter_of_nothing_takes_any_channels():
    batch = torch.rand(2, 5, 4, 4)
    assert torch.equal(augment.ColorJitter()(batch), batch)
