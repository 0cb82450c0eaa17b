"""TrivialAugment and RandAugment: each operation bit for bit, and what is drawn."""

import numpy as np
import PIL.Image
import pytest
import torch
from examples import pictures
from scipy.stats import chisquare, ks_2samp
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from d2laug import augment
from d2laug.augment import auto

NAMES = list(auto.OPERATIONS)
KINDS = {
    "trivial": (augment.TrivialAugmentWide, v2.TrivialAugmentWide),
    "rand": (augment.RandAugment, v2.RandAugment),
}
WARPS = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")


def theirs_of(kind, transform):
    mode = InterpolationMode(transform.interpolation)
    return KINDS[kind][1](interpolation=mode, fill=transform.fill)


def by_torchvision(theirs, image, operation, magnitude):
    return theirs._apply_image_or_video_transform(
        image, NAMES[operation], magnitude, theirs.interpolation, theirs._fill
    )


@pytest.mark.parametrize("fill", [None, 7, (10, 200, 30)])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_each_operation_is_that_of_torchvision(name, dtype, interpolation, fill):
    trivial = augment.TrivialAugmentWide(interpolation=interpolation, fill=fill)
    batch = pictures(62, 40, 40, dtype=dtype)
    k = NAMES.index(name)
    magnitude = trivial._magnitudes(40, 40)[k]
    magnitude = torch.cat([magnitude, magnitude if k > auto.SIGNED else -magnitude])[:, None]
    params = {"operation": torch.full((62, 1), k), "magnitude": magnitude}
    output = trivial.transform(batch, params)
    theirs = theirs_of("trivial", trivial)
    numbers = zip(batch, magnitude[:, 0].tolist(), strict=True)
    expected = torch.stack([by_torchvision(theirs, x, k, m) for x, m in numbers])
    if dtype != torch.uint8:
        # Processors round torchvision's places differently: see test_warp.py.
        near = 6e-5 * np.max(fill or 1) if name in WARPS else 1e-5
        wrong = (output - expected).abs() > near
        assert wrong.double().mean() <= (0.001 if name in WARPS else 0)
    elif name in WARPS:
        difference = (output.int() - expected.int()).abs()
        if interpolation == "nearest":
            assert (difference > 0).double().mean() <= 0.001
        else:
            assert difference.max() <= 1
            assert (difference > 0).double().mean() < 0.001
    else:
        assert torch.equal(output, expected)


@pytest.mark.parametrize("other", [auto.BLACK, auto.GRAY, auto.MEAN])
def test_every_blend_is_cut_off_as_by_torchvision(other):
    """Every level with every gray, by every factor of the two policies."""
    function = {
        auto.BLACK: v2.functional.adjust_brightness,
        auto.GRAY: v2.functional.adjust_saturation,
        auto.MEAN: v2.functional.adjust_contrast,
    }[other]
    bins = augment.TrivialAugmentWide()._magnitudes(8, 8)[NAMES.index("Color")]
    bins = torch.cat([bins, augment.RandAugment()._magnitudes(8, 8)[NAMES.index("Color")]])
    factors = torch.cat([1 + bins, 1 - bins])
    levels = torch.arange(256, dtype=torch.uint8)
    red, rest = torch.meshgrid(levels, levels[::3], indexing="ij")
    batch = torch.stack([red, rest, 255 - rest])[None]
    if other == auto.MEAN:  # each column is a picture of its own
        batch = batch.expand(len(factors), -1, -1, -1)
    output = auto.blend(batch.expand(len(factors), -1, -1, -1), factors, other)
    expected = torch.stack([function(batch[0], factor) for factor in factors.tolist()])
    assert torch.equal(output, expected)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_policy_is_that_of_torchvision(kind, channels):
    batch = pictures(400, 33, 33, channels=channels)
    transform = KINDS[kind][0](generator=torch.Generator().manual_seed(2))
    params = transform.make_params(batch)
    assert params["operation"].unique().tolist() == list(range(len(NAMES)))
    output, theirs = transform.transform(batch, params), theirs_of(kind, transform)
    expected = []
    for x, row in zip(batch, transform.rows(params), strict=True):
        for operation, magnitude in zip(row["operation"], row["magnitude"], strict=True):
            x = by_torchvision(theirs, x, int(operation), float(magnitude))
        expected.append(x)
    wrong = (output != torch.stack(expected)).double().mean((1, 2, 3))
    warped = torch.isin(params["operation"], torch.tensor([NAMES.index(n) for n in WARPS])).any(1)
    assert wrong[~warped].max() == 0
    assert wrong.mean() <= 0.001


class Watched:
    """Which operations torchvision draws, with which magnitudes."""

    def __init__(self, kind, **arguments):
        self.drawn = []
        self.transform = KINDS[kind][1](**arguments)
        self.transform._apply_image_or_video_transform = self.watch

    def watch(self, image, name, magnitude, *rest, **named):
        self.drawn.append((NAMES.index(name), magnitude))
        return image

    def draw(self, image, n):
        for _ in range(n):
            self.transform(image)
        return np.array(self.drawn)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bins", [31, 7])
def test_operations_and_magnitudes_are_drawn_as_by_torchvision(kind, bins):
    torch.manual_seed(0)
    image = pictures(1, 70, 40)[0]
    wanted = Watched(kind, num_magnitude_bins=bins, **({"magnitude": 5} if kind == "rand" else {}))
    wanted = wanted.draw(image, 6000 if kind == "trivial" else 3000)
    arguments = {"magnitude": 5} if kind == "rand" else {}
    ours = KINDS[kind][0](num_magnitude_bins=bins, **arguments)
    params = ours.make_params(image.expand(len(wanted), -1, -1, -1))
    operation, magnitude = (params[k].numpy()[: len(wanted)] for k in ("operation", "magnitude"))
    assert chisquare(np.bincount(operation.ravel(), minlength=len(NAMES))).pvalue > 1e-3
    for k in range(len(NAMES)):
        drawn, theirs = magnitude[operation == k], wanted[wanted[:, 0] == k, 1]
        table = ours._magnitudes(70, 40)[k].abs().unique().numpy()
        for values in (drawn, theirs):
            distance = np.abs(np.abs(values)[:, None] - table).min(1)
            assert distance.max() < 1e-5, NAMES[k]
        assert (drawn < 0).any() == (theirs < 0).any() == (1 <= k <= auto.SIGNED), NAMES[k]
        assert ks_2samp(drawn, theirs).pvalue > 1e-4, NAMES[k]


@pytest.mark.parametrize("kind", KINDS)
def test_a_pil_image_and_a_video_have_one_draw(kind):
    image, transform = pictures(1)[0], KINDS[kind][0]()
    video = tv_tensors.Video(image.expand(3, -1, -1, -1))
    torch.manual_seed(5)
    one = transform(image)
    torch.manual_seed(5)
    frames = transform(video)
    assert type(frames) is tv_tensors.Video
    assert all(torch.equal(frame, one) for frame in frames)
    torch.manual_seed(5)
    of_pil = transform(v2.functional.to_pil_image(image))
    assert torch.equal(v2.functional.pil_to_tensor(of_pil), one)


FILLS = {tv_tensors.Video: 9, PIL.Image.Image: 7, torch.Tensor: 5, "others": 3}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "wrap",
    [
        v2.functional.to_pil_image,
        lambda x: tv_tensors.Video(x.expand(2, -1, -1, -1)),
        tv_tensors.Image,
        torch.clone,
    ],
    ids=["PIL", "Video", "Image", "Tensor"],
)
def test_a_fill_is_that_of_the_type(kind, wrap):
    image = wrap(torch.full((3, 20, 20), 100, dtype=torch.uint8))
    transform = KINDS[kind][0](fill=FILLS)
    k, magnitude = NAMES.index("ShearX"), transform.most["shear"]
    drawn = {"operation": torch.tensor([[k]]), "magnitude": torch.tensor([[magnitude]])}
    transform.make_params = lambda inputs: drawn
    output, theirs = transform(image), theirs_of(kind, transform)
    expected = by_torchvision(theirs, image, k, magnitude)
    assert np.array_equal(np.asarray(output), np.asarray(expected))


LABELS = [
    tv_tensors.Mask(torch.zeros(24, 40, 52)),
    [tv_tensors.BoundingBoxes([[0, 0, 1, 1]], format="XYXY", canvas_size=(40, 52))] * 24,
    tv_tensors.KeyPoints(torch.zeros(24, 3, 2), canvas_size=(40, 52)),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: str(type(labels)))
def test_labels_are_refused(kind, labels):
    with pytest.raises(TypeError, match="changes pictures only"):
        KINDS[kind][0]()(tv_tensors.Image(pictures()), labels)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: augment.TrivialAugmentWide(1), ValueError, "num_magnitude_bins=1"),
        (lambda: augment.TrivialAugmentWide("31"), TypeError, "num_magnitude_bins"),
        (lambda: augment.TrivialAugmentWide(interpolation="bicubic"), ValueError, "bicubic"),
        (lambda: augment.TrivialAugmentWide(fill="red"), TypeError, "fill"),
        (lambda: augment.RandAugment(-1), ValueError, "num_ops=-1"),
        (lambda: augment.RandAugment(1.5), ValueError, "num_ops=1.5"),
        (lambda: augment.RandAugment(magnitude=31), ValueError, "below num_magnitude_bins"),
        (lambda: augment.RandAugment()(pictures(channels=4)), ValueError, "4 channels given"),
        (lambda: augment.RandAugment()(pictures(dtype=torch.uint16)), TypeError, "uint16 given"),
        (lambda: augment.RandAugment()(pictures() * 1.0), ValueError, "0 to 1 expected"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_no_operation_changes_nothing():
    assert torch.equal(augment.RandAugment(num_ops=0)(pictures()), pictures())
