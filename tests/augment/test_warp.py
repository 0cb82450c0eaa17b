"""Rotations, affine changes, perspective: torchvision's, picture by picture, by the same draws."""

import itertools

import numpy as np
import pytest
import torch
from examples import pictures
from scipy import stats
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from d2laug import augment
from d2laug.augment import places
from d2laug.augment import warp as warps
from d2laug.augment.places import back_from_affine, warp

AFFINE = {"degrees": 40, "translate": (0.2, 0.1), "scale": (0.6, 1.5), "shear": (-20, 20, -10, 10)}
CASES = {
    "rotation": (augment.RandomRotation, {"degrees": (-180, 180)}),
    "rotation about a corner": (augment.RandomRotation, {"degrees": 40, "center": (3, 5.5)}),
    "affine": (augment.RandomAffine, AFFINE),
    "affine about a corner": (augment.RandomAffine, AFFINE | {"center": (0, 0)}),
    "scale that meets ties": (augment.RandomAffine, {"degrees": 0, "scale": (0.5, 0.5)}),
    "perspective": (augment.RandomPerspective, {"p": 0.7}),
    "strong perspective": (augment.RandomPerspective, {"p": 1, "distortion_scale": 1}),
}
FILLS = [0, None, 0.4, (0.1, 0.6, 1), {tv_tensors.Image: (0.3, 0.2, 0), "others": 0.9}]
# torchvision finds places by a product of float32 matrices, which processors round differently: by
# up to 1e-5 pixels, and so by as much of the way from black to white.
TOLERANCES = {torch.uint8: 1, torch.uint16: 4, torch.float32: 6e-5, torch.float64: 1e-12}
DTYPES = list(TOLERANCES)


def scaled(fill, dtype):
    """Turn a fill of 0 to 1 into one of the levels of a dtype."""
    white = 1 if dtype.is_floating_point else torch.iinfo(dtype).max
    if isinstance(fill, dict):
        return {kind: scaled(value, dtype) for kind, value in fill.items()}
    if isinstance(fill, tuple):
        return tuple(round(white * x) if white > 1 else x for x in fill)
    return fill if fill is None or white == 1 else round(white * fill)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(params=["loop", "tensors"])
def form(request, monkeypatch):
    if request.param == "tensors":
        monkeypatch.setattr(places, "by_loops", lambda batch: False)
    return request.param


def one_by_one(transform, given, params):
    """Change what belongs to each picture by torchvision's transform and the picture's row."""
    theirs, given = transform._torchvision(), list(given)
    rows, apply = transform.rows(params), params.get("apply", [True] * len(given))
    return [
        theirs.transform(x, row) if a else x for x, row, a in zip(given, rows, apply, strict=True)
    ]


def by_torchvision(transform, batch, params):
    return torch.stack(one_by_one(transform, map(tv_tensors.Image, batch), params))


def assert_near(output, expected, interpolation, tolerance):
    assert output.dtype == expected.dtype
    assert output.shape == expected.shape
    apart = (output.double() - expected.double()).abs()
    if interpolation == "nearest":
        assert (apart > tolerance).any(1).double().mean() <= 0.001
    else:
        assert apart.max() <= tolerance


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_pictures_are_those_of_torchvision(case, dtype, interpolation, form):
    kind, arguments = CASES[case]
    batch = pictures(12, 36, 45, dtype)
    tolerance = TOLERANCES[dtype]
    for fill in FILLS:
        fill = scaled(fill, dtype)
        transform = kind(**arguments, interpolation=interpolation, fill=fill)
        torch.manual_seed(1)
        params = transform.make_params(batch)
        output = transform.transform(tv_tensors.Image(batch), params)
        expected = by_torchvision(transform, tv_tensors.Image(batch), params)
        assert_near(output, expected, interpolation, tolerance)


def test_a_pixel_differs_by_nearest_only_where_its_place_is_a_tie():
    transform = augment.RandomAffine(**AFFINE)
    batch = torch.arange(224 * 224).view(1, 1, 224, 224).expand(16, 3, -1, -1)
    batch = torch.cat([batch[:, :1] % 256, batch[:, :1] // 256], 1).to(torch.uint8)
    params = transform.make_params(batch)
    differ = (transform.transform(batch, params) != by_torchvision(transform, batch, params)).any(1)
    matrices = back_from_affine(
        params["angle"],
        (224, 224),
        torch.tensor(params["translate"]).double(),
        params["scale"],
        torch.tensor(params["shear"]).double(),
    ).view(-1, 2, 3)
    place = torch.arange(224).double() - 111.5
    y, x = torch.meshgrid(place, place, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], -1)
    source = torch.einsum("nij,yxj->nyxi", matrices, points) + 111.5
    tie = ((source % 1 - 0.5).abs() < 0.001).any(-1)
    assert not (differ & ~tie).any()
    assert differ.double().mean() <= 0.001


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("case", ["affine", "perspective"])
def test_any_number_of_channels(case, channels, form):
    kind, arguments = CASES[case]
    transform = kind(**arguments, interpolation="bilinear", fill=[*range(channels)])
    batch = pictures(6, 20, 70, channels=channels)
    params = transform.make_params(batch)
    output = transform.transform(batch, params)
    assert_near(output, by_torchvision(transform, batch, params), "bilinear", 1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(24, 24), (24, 31)])
@pytest.mark.parametrize("center", [None, (5, 7)])
def test_quarter_turns_are_exact(size, interpolation, dtype, center, form):
    batch = pictures(2, *size, dtype)
    for angle in (-270, -90, 0, 90, 180, 270, 360, 540):
        transform = augment.RandomRotation(
            (angle, angle), interpolation, center=center, fill=(0, 1, 1)
        )
        output = transform(batch)
        if interpolation == "nearest" and center is None and angle % 180 and size[1] % 2:
            continue  # each pixel comes from the middle between two: torchvision takes either
        expected = by_torchvision(transform, batch, {"angle": torch.full((2,), float(angle))})
        if center is None and (angle % 180 == 0 or size[0] == size[1]):
            assert torch.equal(output, batch.rot90(angle // 90, (-2, -1)))
        assert_near(output, expected, interpolation, TOLERANCES[dtype])


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_torchvision(case):
    kind, arguments = CASES[case]
    transform = kind(**arguments, interpolation="bilinear", fill=None)
    batch = pictures(4, 18, 22, torch.float64)
    weights = torch.rand_like(batch)
    params = transform.make_params(batch)
    gradients = []
    for change in (transform.transform, lambda x, p: by_torchvision(transform, x, p)):
        x = batch.clone().requires_grad_()
        (change(x, params) * weights).sum().backward()
        gradients.append(x.grad)
    assert (gradients[0] - gradients[1]).abs().max() < 1e-12


@pytest.mark.parametrize("case", ["rotation", "affine", "perspective"])
def test_gradients_with_a_fill(case):
    """Where torchvision has none: it changes its own intermediate result in place."""
    kind, arguments = CASES[case]
    transform = kind(**arguments, interpolation="bilinear", fill=0.5)
    batch = pictures(3, 5, 6, torch.float64, channels=1).requires_grad_()
    params = transform.make_params(batch)
    assert torch.autograd.gradcheck(lambda x: transform.transform(x, params), batch)


def draw(theirs, picture):
    """Draw until torchvision finds a solution: where corners fall together it raises an error."""
    while True:
        try:
            return theirs.make_params([picture])
        except torch.linalg.LinAlgError:
            pass


@pytest.mark.parametrize("case", CASES)
def test_draws_have_the_distribution_of_torchvision(case):
    kind, arguments = CASES[case]
    transform = kind(**arguments)
    batch = torch.zeros(1500, 1, 21, 30)
    theirs = transform._torchvision()
    rows = [draw(theirs, batch[0]) for _ in range(len(batch))]
    params = transform.make_params(batch)
    ours = [
        row for row, a in zip(transform.rows(params), params.get("apply", rows), strict=True) if a
    ]
    assert rows[0].keys() == ours[0].keys()
    for name in rows[0]:
        a, b = (np.array([row[name] for row in each], float) for each in (ours, rows))
        for x, y in zip(a.reshape(len(a), -1).T, b.reshape(len(b), -1).T, strict=True):
            if np.ptp(y) < 1e-6:
                assert np.allclose(x, y[0], atol=1e-6)
            else:
                assert stats.ks_2samp(x, y).pvalue > 1e-4


def test_each_picture_has_its_own_draw():
    batch = pictures(1).expand(20, -1, -1, -1)
    for kind, arguments in CASES.values():
        if arguments.get("scale") != (0.5, 0.5):
            assert (
                len(
                    kind(**arguments | {"p": 1} if "p" in arguments else arguments)(batch).unique(
                        dim=0
                    )
                )
                > 15
            )


def test_a_perspective_of_no_chance_or_no_distortion_changes_nothing():
    batch = pictures(6, dtype=torch.float32)
    boxes = tv_tensors.BoundingBoxes([[1.3, 2, 90, 60]], format="XYXY", canvas_size=(40, 52))
    output, labels = augment.RandomPerspective(p=0)(batch, [boxes] * 6)
    assert torch.equal(output, batch)
    assert output.data_ptr() != batch.data_ptr()
    assert all(torch.equal(label, boxes) for label in labels)
    output = augment.RandomPerspective(0, p=1)(pictures(6))
    assert torch.equal(output, pictures(6))
    apply = augment.RandomPerspective(p=0.3).make_params(batch[:1].expand(4000, -1, -1, -1))[
        "apply"
    ]
    assert abs(apply.double().mean() - 0.3) < 0.03


def three_on_a_line(corners):
    """Whether any three corners lie on a line, in whole numbers of Python."""
    return any(
        (b[0] - a[0]) * (c[1] - a[1]) == (b[1] - a[1]) * (c[0] - a[0])
        for a, b, c in itertools.combinations(corners, 3)
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (3, 3), (3, 40), (8, 8), (32, 32)])
@pytest.mark.parametrize("scale", [0.5, 1])
def test_corners_that_fall_together(size, scale, monkeypatch):
    """Then the picture stays as it is; no other does, nothing is NaN, and boxes follow."""
    ends = []
    solve = places.back_from_corners
    monkeypatch.setattr(warps, "back_from_corners", lambda a, b: ends.append(b) or solve(a, b))
    batch = pictures(300, *size, torch.float32)
    transform = augment.RandomPerspective(scale, p=1)
    params = transform.make_params(batch)
    stays = torch.tensor([three_on_a_line(four) for four in ends[0].tolist()])
    still = ends[0] == ends[0].new_tensor(
        [[0, 0], [size[1] - 1, 0], [size[1] - 1, size[0] - 1], [0, size[0] - 1]]
    )
    stays |= still.flatten(1).all(1)
    coefficients = torch.tensor(params["coefficients"])
    unmoved = (coefficients == torch.tensor(warps.UNMOVED)).all(1)
    assert unmoved[stays & ~still.flatten(1).all(1)].all()
    # A few have no solution all the same: where the corner (0, 0) goes to infinity.
    if min(size) > 2 and not stays.all():
        assert unmoved[~stays].double().mean() < 0.2
    output = transform.transform(batch, params)
    assert output.isfinite().all()
    assert torch.equal(output[unmoved], batch[unmoved])
    boxes = tv_tensors.BoundingBoxes([[0, 0, 1, 1]], format="XYXY", canvas_size=size)
    torch.manual_seed(2)
    assert len(transform(batch, [boxes] * 300)[1]) == 300


def test_interpolation_as_torchvision_writes_it():
    for given in ("bilinear", InterpolationMode.BILINEAR):
        assert augment.RandomRotation(10, given).interpolation == "bilinear"


BAD = [
    ("RandomRotation", {"degrees": -5}, ValueError, "degrees=-5"),
    ("RandomRotation", {"degrees": "15"}, TypeError, "degrees='15'"),
    ("RandomRotation", {"degrees": (20, 10)}, ValueError, "low <= high"),
    ("RandomRotation", {"degrees": (1, 2, 3)}, ValueError, r"degrees=\(1, 2, 3\)"),
    ("RandomRotation", {"degrees": float("nan")}, ValueError, "degrees=nan"),
    ("RandomRotation", {"degrees": 5, "expand": True}, ValueError, "expand=True"),
    ("RandomRotation", {"degrees": 5, "interpolation": "bicubic"}, ValueError, "bicubic"),
    ("RandomRotation", {"degrees": 5, "center": 3}, TypeError, "center=3"),
    ("RandomRotation", {"degrees": 5, "fill": "red"}, TypeError, "fill"),
    ("RandomAffine", {"degrees": 5, "translate": (0.1, 1.5)}, ValueError, "translate"),
    ("RandomAffine", {"degrees": 5, "translate": 0.1}, TypeError, "translate=0.1"),
    ("RandomAffine", {"degrees": 5, "scale": (0, 1)}, ValueError, "scale"),
    ("RandomAffine", {"degrees": 5, "scale": 1.5}, TypeError, "scale=1.5"),
    ("RandomAffine", {"degrees": 5, "shear": (1, 2, 3)}, ValueError, "shear"),
    ("RandomPerspective", {"distortion_scale": 1.2}, ValueError, "distortion_scale=1.2"),
    ("RandomPerspective", {"distortion_scale": "half"}, TypeError, "distortion_scale='half'"),
    ("RandomPerspective", {"p": 2}, ValueError, "p=2"),
]


@pytest.mark.parametrize(("name", "arguments", "error", "words"), BAD)
def test_what_is_refused(name, arguments, error, words):
    with pytest.raises(error, match=words):
        getattr(augment, name)(**arguments)


def test_a_fill_of_other_channels_is_refused():
    with pytest.raises(ValueError, match=r"fill=\[1, 2\]"):
        augment.RandomRotation(10, fill=(1, 2))(pictures(2))


def test_places_that_are_no_numbers_show_the_fill():
    nothing = torch.full((1, 8), float("nan"), dtype=torch.float64)
    for interpolation in ("nearest", "bilinear"):
        output = warp(pictures(1), nothing, interpolation, fill=7)
        assert output.unique().tolist() == [7]


def test_the_loop_is_compiled_once():
    from d2laug.augment.loops import warp as loops

    for batch in (
        pictures(2),
        pictures(1, channels=1),
        pictures(4).transpose(2, 3),
        pictures(3)[::2],
    ):
        for kind, arguments in CASES.values():
            for interpolation in ("nearest", "bilinear"):
                kind(**arguments, interpolation=interpolation)(batch)
    assert len(loops.warp.signatures) == 1


def test_stands_in_compose_beside_torchvisions():
    pipeline = v2.Compose([v2.Pad(4), augment.RandomRotation(20), v2.CenterCrop((20, 24))])
    assert pipeline(pictures(3)).shape == (3, 3, 20, 24)
