"""Labels follow their pictures: as by torchvision, picture by picture, wherever they stand."""

import warnings

import pytest
import torch
from examples import CONTAINERS, EXAMPLES, POLICIES, example, pictures
from torch.utils._pytree import tree_leaves, tree_map
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment

N, SIDES = 6, (40, 52)
FORMATS = [format.name for format in tv_tensors.BoundingBoxFormat]
NAMES = [name for name in EXAMPLES if name not in POLICIES]
MOVES = (
    "RandomAffine", "RandomCrop", "RandomHorizontalFlip", "RandomPerspective", "RandomResizedCrop",
    "RandomRotation", "RandomVerticalFlip",
)  # fmt: skip
OURS_ALONE = {"RandomColorTemperature", "RandomReflection"}
COUNTS = [3, 0, 1, 5, 2, 0]  # of things in each picture


def boxes_of(k, format="XYXY", canvas_size=SIDES, clamping_mode="soft"):
    """K boxes within a picture; the first touches its corner."""
    height, width = canvas_size
    w, h = 1 + 15 * torch.rand(2, k)
    x, y = torch.rand(2, k) * torch.stack([width - 1 - w, height - 1 - h])
    x[:1], y[:1] = width - w[:1], height - h[:1]
    values = {
        "XYXY": [x, y, x + w, y + h],
        "XYWH": [x, y, w, h],
        "CXCYWH": [x + w / 2, y + h / 2, w, h],
        "XYWHR": [x, y, w, h, 90 * torch.rand(k)],
        "CXCYWHR": [x + w / 2, y + h / 2, w, h, 90 * torch.rand(k)],
        "XYXYXYXY": [x, y + 1, x + w - 1, y, x + w, y + h - 1, x + 1, y + h],
    }
    return tv_tensors.BoundingBoxes(
        torch.stack(values[format], 1),
        format=format,
        canvas_size=canvas_size,
        clamping_mode=clamping_mode,
    )


def masks_of(*shape, dtype=torch.uint8):
    """Regions of a few classes."""
    return tv_tensors.Mask(torch.randint(0, 2 if dtype == torch.bool else 7, shape).to(dtype))


def points_of(*shape, canvas_size=SIDES):
    return tv_tensors.KeyPoints(torch.rand(*shape, 2) * 40, canvas_size=canvas_size)


def targets_of(format="XYXY", **options):
    """A dictionary of labels for each of N pictures, with a different number of things."""
    return [
        {
            "boxes": boxes_of(k, format, **options),
            "labels": torch.arange(k),
            "masks": masks_of(k, *SIDES),
            "points": points_of(k),
            "name": f"picture {k}",
        }
        for k in COUNTS
    ]


def recorded(transform):
    """Make a transform write down what it draws."""
    draws, make_params = [], transform.make_params

    def make(inputs):
        draws.append(make_params(inputs))
        return draws[-1]

    transform.make_params = make
    return draws


def by_torchvision(transform, params, i, labels):
    """Let torchvision move the labels of picture i by the draw of that picture."""
    if transform.__class__.__name__ in OURS_ALONE or not params.get("apply", [True] * N)[i]:
        return labels
    theirs, rows = transform._torchvision(), transform.rows(params)
    theirs.p = 1
    theirs.make_params = lambda flat_inputs: rows[i] if rows else params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # RandomErasing leaves boxes, and says so
        return theirs(tv_tensors.Image(torch.zeros(3, *SIDES)), labels)[1]


def row_of(x, i):
    """What picture i has in a tensor with a row for each."""
    return tv_tensors.wrap(x[i], like=x)


def assert_same(output, expected):
    """Labels, in any nesting, are equal in type, values, and what they say of themselves."""
    output, expected = tree_leaves(output), tree_leaves(expected)
    assert len(output) == len(expected)
    for one, other in zip(output, expected, strict=True):
        assert type(one) is type(other)
        if not isinstance(other, torch.Tensor):
            assert one == other
            continue
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert torch.equal(one, other)
        for name in ("format", "canvas_size", "clamping_mode"):
            assert getattr(one, name, None) == getattr(other, name, None)


# How labels may stand in a sample: made of pictures, of N dictionaries, of masks [N, H, W] and
# points [N, K, 2]; and the labels of picture i in what comes out.
FORMS = {
    "arguments": (
        lambda images, targets, masks, points: (images, targets, masks, points),
        lambda out, i: (out[1][i], row_of(out[2], i), row_of(out[3], i)),
    ),
    "dictionary": (
        lambda images, targets, masks, points: {
            "boxes": [target["boxes"] for target in targets],
            "points": points,
            "image": images,
            "instances": [target["masks"] for target in targets],
            "mask": masks,
            "rest": [(target["labels"], target["points"], target["name"]) for target in targets],
        },
        lambda out, i: (
            {
                "boxes": out["boxes"][i],
                "labels": out["rest"][i][0],
                "masks": out["instances"][i],
                "points": out["rest"][i][1],
                "name": out["rest"][i][2],
            },
            row_of(out["mask"], i),
            row_of(out["points"], i),
        ),
    ),
    "nested": (
        lambda images, targets, masks, points: {
            "left": [masks, {"right": (tuple([t] for t in targets), (points, images))}]
        },
        lambda out, i: (
            out["left"][1]["right"][0][i][0],
            row_of(out["left"][0], i),
            row_of(out["left"][1]["right"][1][0], i),
        ),
    ),
}


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_labels_follow_their_pictures_as_by_torchvision(name, form, typed):
    build, labels_of = FORMS[form]
    transform, targets = example(name), targets_of()
    masks, points = masks_of(N, *SIDES), points_of(N, 4)
    images = tv_tensors.Image(pictures(N, *SIDES))
    if not typed:  # the first plain tensor must be the pictures, then
        images = images.as_subclass(torch.Tensor)
        for target in targets:
            target["labels"] = target["labels"].tolist()
    draws = recorded(transform)
    output = transform(build(images, targets, masks, points))
    for i, target in enumerate(targets):
        given = target, row_of(masks, i), row_of(points, i)
        assert_same(labels_of(output, i), by_torchvision(transform, draws[0], i, given))


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("clamping_mode", ["soft", "hard", None])
def test_boxes_of_all_formats_are_moved_and_clamped_and_never_dropped(name, format, clamping_mode):
    transform = example(name)
    boxes = [boxes_of(k, format, clamping_mode=clamping_mode) for k in COUNTS]
    draws = recorded(transform)
    images, output = transform(pictures(N), boxes)
    assert [len(x) for x in output] == COUNTS
    for i, given in enumerate(boxes):
        assert output[i].canvas_size == tuple(images.shape[-2:])
        assert_same(output[i], by_torchvision(transform, draws[0], i, given))


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("dtype", [torch.int64, torch.float64])
def test_boxes_and_points_keep_their_dtype(name, dtype):
    transform = example(name)
    labels = [
        (v2.ToDtype({type(x): dtype, "others": None})(x) for x in (boxes_of(k), points_of(k)))
        for k in COUNTS
    ]
    labels = [tuple(one) for one in labels]
    draws = recorded(transform)
    _, output = transform(pictures(N), labels)
    for i, given in enumerate(labels):
        assert {x.dtype for x in output[i]} == {dtype}
        assert_same(output[i], by_torchvision(transform, draws[0], i, given))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int64, torch.float32])
def test_masks_take_the_nearest_pixel_of_their_own_and_no_color(name, dtype):
    transform = example(name)
    masks, instances = masks_of(N, *SIDES, dtype=dtype), masks_of(N, 3, *SIDES, dtype=dtype)
    draws = recorded(transform)
    listed = [row_of(instances, i) for i in range(N)]
    images, semantic, listed, stacked = transform(pictures(N), masks, listed, instances)
    assert {type(x) for x in (semantic, stacked)} == {tv_tensors.Mask}
    assert {x.dtype for x in (semantic, stacked)} == {dtype}
    assert semantic.shape[-2:] == stacked.shape[-2:] == images.shape[-2:]
    if name not in MOVES:
        assert torch.equal(semantic, masks)
        assert torch.equal(stacked, instances)
        return
    assert set(semantic.unique().tolist()) <= {0, *masks.unique().tolist()}
    for i in range(N):
        given = row_of(masks, i), row_of(instances, i)
        one, several = by_torchvision(transform, draws[0], i, given)
        # Which of two pixels is the nearer may hang on a rounding error.
        assert (semantic[i] != one).double().mean() <= 0.001
        assert (stacked[i] != several).double().mean() <= 0.001
        assert (listed[i] != several).double().mean() <= 0.001


def test_a_mask_is_moved_as_a_picture_by_nearest():
    crop = augment.RandomResizedCrop(21, interpolation="nearest")
    images = pictures(N)
    output, masks = crop(images, tv_tensors.Mask(images[:, 0]))
    assert torch.equal(output[:, 0], masks)


@pytest.mark.parametrize("fill", [5, {tv_tensors.Mask: 3, tv_tensors.Image: 200}, None])
def test_a_mask_is_padded_with_its_own_fill(fill):
    crop = augment.RandomCrop((48, 60), padding=8, fill=fill)
    masks = masks_of(N, *SIDES)
    draws = recorded(crop)
    _, output = crop(pictures(N), masks)
    for i in range(N):
        assert torch.equal(output[i], by_torchvision(crop, draws[0], i, row_of(masks, i)))


@pytest.mark.parametrize("name", MOVES)
def test_the_same_object_given_twice_follows_both_pictures(name):
    transform = example(name, **({"p": 0.5} if "p" in EXAMPLES[name] else {}))
    target = targets_of()[0]
    draws = recorded(transform)
    _, output = transform(tv_tensors.Image(pictures(N)), [target] * N)
    for i in range(N):
        assert_same(output[i], by_torchvision(transform, draws[0], i, target))
    assert any(not torch.equal(output[0]["boxes"], out["boxes"]) for out in output[1:])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", ["[C, H, W]", "[1, C, H, W]"])
def test_what_belongs_to_one_picture_follows_its_one_draw(name, shape):
    """Masks [K, H, W] are instances, and boxes need no list."""
    transform, target = example(name), targets_of()[3]
    image = tv_tensors.Image(pictures(1)[0] if shape == "[C, H, W]" else pictures(1))
    draws = recorded(transform)
    output = transform(image, target, [target["boxes"], target["masks"]])
    given = target, [target["boxes"], target["masks"]]
    assert_same(output[1:], by_torchvision(transform, draws[0], 0, given))


def test_a_list_of_one_belongs_to_a_batch_of_one():
    target = targets_of()[0]
    sample = tv_tensors.Image(pictures(1)), [target]
    assert_same(augment.RandomHorizontalFlip(p=1)(sample), v2.RandomHorizontalFlip(p=1)(sample))


@pytest.mark.parametrize("name", [*NAMES, *POLICIES])
def test_no_pictures_have_no_labels(name):
    empty = pictures(1)[:0]
    assert example(name)(empty, [])[1] == []
    if name not in POLICIES:
        labels = masks_of(0, *SIDES), points_of(0, 3)
        images, masks, points = example(name)(empty, *labels)
        assert masks.shape == (0, *images.shape[-2:])
        assert points.shape == (0, 3, 2)
        assert points.canvas_size == tuple(images.shape[-2:])


@pytest.mark.parametrize("name", [*NAMES, *CONTAINERS])
def test_what_is_given_stays_as_it_is(name):
    images, masks = tv_tensors.Image(pictures(N)), masks_of(N, *SIDES)
    sample = images, targets_of(), masks, points_of(N, 4)
    before = tree_map(lambda x: x.clone() if isinstance(x, torch.Tensor) else x, sample)
    example(name)(sample)
    assert_same(sample, before)


def before_and_after(transform):
    """Put a transform between some of torchvision's own, with nothing random in them."""
    return v2.Compose(
        [
            v2.Resize(SIDES),
            v2.ConvertBoundingBoxFormat("XYWH"),
            transform,
            v2.Resize((37, 31)),
            v2.ClampBoundingBoxes(),
            v2.ClampKeyPoints(),
            v2.ConvertBoundingBoxFormat("XYXY"),
            v2.ToDtype(
                {tv_tensors.Image: torch.float32, tv_tensors.Mask: torch.int64, "others": None},
                scale=True,
            ),
            v2.Normalize([0.5] * 3, [0.2] * 3),
        ]
    )


class _ByTorchvision(v2.Transform):
    """The draw of one picture, by torchvision."""

    def __init__(self, transform, params, i):
        super().__init__()
        self.draw = transform, params, i

    def forward(self, image, labels):
        return image, by_torchvision(*self.draw, labels)


@pytest.mark.parametrize("name", NAMES)
def test_they_stand_between_transforms_of_torchvision(name):
    transform, (height, width) = example(name), (45, 60)
    draws, targets = recorded(transform), targets_of(canvas_size=(height, width))
    for target, k in zip(targets, COUNTS, strict=True):
        target["masks"] = masks_of(k, height, width)
        target["points"] = points_of(k, canvas_size=(height, width))
    images = tv_tensors.Image(pictures(N, height, width))
    output, moved = before_and_after(transform)(images, targets)
    assert output.dtype == torch.float32
    assert type(output) is tv_tensors.Image
    assert output.shape[-2:] == (37, 31)
    for i, target in enumerate(targets):
        alone = before_and_after(_ByTorchvision(transform, draws[0], i))
        assert_same(moved[i], alone(row_of(images, i), target)[1])


def test_points_are_counted_from_the_centers_of_pixels_by_a_flip_and_from_edges_by_a_rotation():
    """So it is in torchvision; if this fails, say so where labels are described."""
    image, point = (
        torch.zeros(1, 3, 10, 10),
        tv_tensors.KeyPoints([[[2.0, 3.0]]], canvas_size=(10, 10)),
    )
    across = augment.RandomHorizontalFlip(p=1)(image, point)[1]
    down = augment.RandomVerticalFlip(p=1)(image, point)[1]
    assert across.tolist() == [[[7, 3]]]
    assert down.tolist() == [[[2, 6]]]
    turned = augment.RandomRotation((180, 180))(image, point)[1]
    assert turned[0, 0].tolist() == pytest.approx([8, 7])
