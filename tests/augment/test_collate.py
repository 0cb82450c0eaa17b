"""Batches whose pictures keep labels of their own: put together, sanitized, mirrored."""

import copy
import pickle
from typing import NamedTuple

import numpy as np
import pytest
import torch
from examples import pictures
from PIL import Image
from test_labels import (
    COUNTS,
    FORMATS,
    SIDES,
    N,
    assert_same,
    boxes_of,
    masks_of,
    points_of,
    recorded,
    row_of,
    targets_of,
)  # fmt: skip
from torch.utils.data import DataLoader, Dataset, default_collate
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment


class Sample(NamedTuple):
    image: tv_tensors.Image
    mask: tv_tensors.Mask
    label: int


def images_of(n=N):
    images = tv_tensors.Image(pictures(n))
    return [row_of(images, i) for i in range(n)]


@pytest.mark.parametrize("kind", [tv_tensors.Image, torch.Tensor])
def test_pictures_and_masks_are_stacked_with_their_types(kind):
    images, masks = pictures(N), masks_of(N, *SIDES)
    samples = [(images[i].as_subclass(kind), row_of(masks, i), i) for i in range(N)]
    batch, moved, numbers = augment.collate(samples)
    assert type(batch) is kind
    assert torch.equal(batch, images)
    assert_same(moved, masks)
    assert_same(numbers, torch.arange(N))
    flipped, moved, _ = augment.RandomHorizontalFlip(p=1)(batch, moved, numbers)
    assert_same(moved, tv_tensors.Mask(masks.flip(-1)))
    assert torch.equal(flipped, images.flip(-1))


def test_torch_alone_would_leave_the_mask_behind():
    samples = [(image, masks_of(*SIDES)) for image in images_of()]
    assert {type(x) for x in default_collate(samples)} == {torch.Tensor}


def test_dictionaries_of_targets_boxes_and_instances_are_lists():
    targets, images = targets_of(), images_of()
    assert_same(augment.collate(list(zip(images, targets, strict=True)))[1], targets)
    samples = [{"image": x, **target} for x, target in zip(images, targets, strict=True)]
    batch = augment.collate(samples)
    assert type(batch["image"]) is tv_tensors.Image
    for name in ("boxes", "labels", "masks", "points"):
        assert_same(batch[name], [target[name] for target in targets])
    assert batch["name"] == [target["name"] for target in targets]
    nested = [{"to": [image, (target,)]} for image, target in zip(images, targets, strict=True)]
    assert_same(augment.collate(nested)["to"][1], [(target,) for target in targets])


def test_what_belongs_to_boxes_is_a_list_even_where_all_have_as_many():
    """Or the type of a batch would hang on chance, and a box could not be dropped."""
    samples = [
        {"image": x, "boxes": boxes_of(2), "labels": torch.ones(2), "number": torch.tensor(3)}
        for x in images_of()
    ]
    batch = augment.collate(samples)
    assert isinstance(batch["labels"], list)
    assert_same(batch["number"], torch.full((N,), 3))


def test_other_things_are_as_by_torch():
    rest = [
        (i, i / 2, "name", torch.tensor(i), torch.ones(4), np.float64(i), np.arange(3))
        for i in range(N)
    ]
    samples = [(image, *one) for image, one in zip(images_of(), rest, strict=True)]
    assert_same(list(augment.collate(samples)[1:]), default_collate(rest))
    assert augment.collate([(image, None) for image in images_of()])[1] == [None] * N
    assert_same(augment.collate([1, 2, 3]), torch.tensor([1, 2, 3]))


def test_points_are_stacked_where_they_are_as_many():
    one = [(x, points_of(4)) for x in images_of()]
    batch = augment.collate(one)[1]
    assert type(batch) is tv_tensors.KeyPoints
    assert batch.shape == (N, 4, 2)
    assert batch.canvas_size == SIDES
    several = [(x, points_of(k)) for x, k in zip(images_of(), COUNTS, strict=True)]
    assert_same(augment.collate(several)[1], [points for _, points in several])


def test_a_sample_keeps_its_own_kind():
    samples = [Sample(image, masks_of(*SIDES), 3) for image in images_of()]
    assert type(augment.collate(samples)) is Sample
    assert type(augment.collate([list(sample) for sample in samples])) is list
    assert type(augment.collate([sample.image for sample in samples])) is tv_tensors.Image


@pytest.mark.parametrize(
    ("samples", "error", "words"),
    [
        ([], ValueError, "No samples given"),
        ([(torch.zeros(3, 4, 5), 0), (torch.zeros(3, 5, 5), 0)], ValueError, r"3, 4, 5.*RandomRes"),
        ([torch.zeros(3, 4, 5), torch.zeros(3, 4, 5).byte()], ValueError, "float32 and .*uint8"),
        (
            [(torch.zeros(3, 4, 4), masks_of(4, 4)), (torch.zeros(3, 4, 4), masks_of(5, 4))],
            ValueError,
            "Mask .4, 4. of torch.uint8 and Mask .5, 4.",
        ),
        ([{"image": torch.zeros(3, 4, 4)}, {"picture": 0}], ValueError, "parts .'image'."),
        ([(torch.zeros(3, 4, 4), 1), (torch.zeros(3, 4, 4),)], ValueError, "parts .0, 1."),
        ([(Image.new("RGB", (4, 4)), 1)] * 2, TypeError, "v2.ToImage"),
    ],
)
def test_what_makes_no_batch_is_refused(samples, error, words):
    with pytest.raises(error, match=words):
        augment.collate(samples)


class Boxed(Dataset):
    """Pictures with things in them."""

    def __len__(self):
        return N + 1

    def __getitem__(self, i):
        torch.manual_seed(i)
        k = (*COUNTS, 2)[i]
        target = {"boxes": boxes_of(k), "labels": torch.arange(k), "masks": masks_of(k, *SIDES)}
        return tv_tensors.Image(pictures(1, seed=i)[0]), masks_of(*SIDES), target, i


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_hands_out_batches_that_transforms_take(workers):
    loader = DataLoader(Boxed(), 3, collate_fn=augment.collate, num_workers=workers)
    flip = v2.Compose([augment.RandomHorizontalFlip(p=1), augment.SanitizeBoundingBoxes()])
    seen = 0
    for images, masks, targets, numbers in loader:
        assert type(images) is tv_tensors.Image
        output, moved, flipped, _ = flip(images, masks, targets, numbers)
        assert torch.equal(output, images.flip(-1))
        assert torch.equal(moved, masks.flip(-1))
        for i, target in zip(numbers.tolist(), flipped, strict=True):
            image, mask, given, _ = Boxed()[i]
            expected = v2.RandomHorizontalFlip(p=1)(image, mask, given)
            assert_same(target, expected[2])
            seen += 1
    assert seen == N + 1  # the last batch holds one


def shrunk(target):
    """Make some boxes of a target too small, and put one outside."""
    boxes = target["boxes"].clone()
    if boxes.format.name == "XYWH":
        boxes[1:2, 2] = 0.5
        boxes[2:3, 0] = -3
    return {**target, "boxes": boxes}


def in_boxes(target):
    return target["labels"], target["weights"]


@pytest.mark.parametrize("form", ["pair", "dictionary"])
@pytest.mark.parametrize("options", [{}, {"min_size": 4}, {"min_area": 60.0}])
def test_boxes_are_dropped_picture_by_picture_with_what_belongs_to_them(form, options):
    targets = [shrunk(target) for target in targets_of("XYWH")]
    images = tv_tensors.Image(pictures(N))
    if form == "pair":
        sample = images, targets
    else:
        sample = {name: [target[name] for target in targets] for name in targets[0]}
        sample = {"image": images, "mask": masks_of(N, *SIDES), **sample}
    output = augment.SanitizeBoundingBoxes(**options)(sample)
    for i, target in enumerate(targets):
        theirs = v2.SanitizeBoundingBoxes(**options)(target)
        ours = output[1][i] if form == "pair" else {name: output[name][i] for name in target}
        assert_same(ours, theirs)
        assert len(ours["boxes"]) == len(ours["labels"]) == len(ours["masks"])
    dropped = [len(x["boxes"]) - k for x, k in zip(targets, COUNTS, strict=True)]
    assert dropped == [0] * N  # what was given is whole
    left = output[1] if form == "pair" else [{"boxes": x} for x in output["boxes"]]
    assert 0 < sum(len(x["boxes"]) for x in left) < sum(COUNTS)
    if form == "dictionary":
        assert output["mask"] is sample["mask"]


@pytest.mark.parametrize("format", FORMATS)
def test_boxes_of_all_formats_are_dropped_as_by_torchvision(format):
    boxes = [boxes_of(20 * k, format) for k in COUNTS]
    _, output = augment.SanitizeBoundingBoxes(4, labels_getter=None)(pictures(N), boxes)
    for ours, given in zip(output, boxes, strict=True):
        assert_same(ours, v2.SanitizeBoundingBoxes(4, labels_getter=None)(given))
    assert 0 < sum(map(len, output)) < 20 * sum(COUNTS)


def test_a_function_finds_the_labels_of_each_picture():
    targets = [{**shrunk(x), "weights": torch.rand(len(x["boxes"]))} for x in targets_of("XYWH")]
    _, output = augment.SanitizeBoundingBoxes(labels_getter=lambda sample: in_boxes(sample[1]))(
        tv_tensors.Image(pictures(N)), targets
    )
    for ours, given in zip(output, targets, strict=True):
        assert_same(ours, v2.SanitizeBoundingBoxes(labels_getter=in_boxes)(given))


@pytest.mark.parametrize("shape", ["[C, H, W]", "[1, C, H, W]", "no picture"])
def test_one_picture_is_sanitized_as_by_torchvision(shape):
    target = shrunk(targets_of("XYWH")[3])
    image = pictures(1)[0] if shape == "[C, H, W]" else pictures(1)
    sample = target if shape == "no picture" else (tv_tensors.Image(image), target)
    ours = augment.SanitizeBoundingBoxes()(sample)
    assert_same(ours, v2.SanitizeBoundingBoxes()(sample))
    if shape == "[1, C, H, W]":
        _, listed = augment.SanitizeBoundingBoxes()(tv_tensors.Image(image), [target])
        assert_same(listed, [ours[1]])
        named = {"image": tv_tensors.Image(image), "names": ["a"], **target}
        assert_same(augment.SanitizeBoundingBoxes()(named)["boxes"], ours[1]["boxes"])


def test_a_mask_of_classes_is_never_dropped_from():
    """Not even if it has as many rows as there are boxes."""
    boxes = boxes_of(4, canvas_size=(4, 30))
    boxes[1:] = 0
    target = {"boxes": boxes, "mask": masks_of(4, 30), "labels": torch.arange(4)}
    _, output = augment.SanitizeBoundingBoxes()(torch.zeros(2, 3, 4, 30), [target, target])
    assert output[0]["mask"].shape == (4, 30)
    assert len(output[0]["labels"]) < 4


def test_the_labels_are_found_where_the_boxes_are_and_by_a_copy_too():
    targets = [shrunk(target) for target in targets_of("XYWH")]
    sanitize = augment.SanitizeBoundingBoxes()
    for one in (sanitize, copy.deepcopy(sanitize), pickle.loads(pickle.dumps(sanitize))):
        _, _, output = one(tv_tensors.Image(pictures(N)), torch.arange(N), targets)
        for ours, given in zip(output, targets, strict=True):
            assert_same(ours, v2.SanitizeBoundingBoxes()(given))


def test_no_pictures_have_no_boxes():
    empty = tv_tensors.Image(pictures(1)[:0])
    assert augment.SanitizeBoundingBoxes()(empty, [])[1] == []


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (lambda: boxes_of(6), "BoundingBoxes of shape .6, 4. given for 6 pictures"),
        (lambda: targets_of()[:2], "in a list of 2 given for 6 pictures"),
        (
            lambda: {"boxes": [boxes_of(6)] * N, "labels": torch.zeros(N, 6)},
            "Labels of all pictures in one Tensor given. Give a list of 6",
        ),
        (
            lambda: {"boxes": [boxes_of(2)] * N, "labels": [torch.zeros(3)] * N},
            "match the number of labels",
        ),
        (lambda: [{"boxes": boxes_of(2)}] * N, "No labels of the boxes found"),
    ],
)
def test_what_cannot_be_dropped_in_step_is_refused(labels, words):
    labels, images = labels(), tv_tensors.Image(pictures(N))
    sample = {"image": images, **labels} if isinstance(labels, dict) else (images, labels)
    with pytest.raises(ValueError, match=words):
        augment.SanitizeBoundingBoxes()(sample)


@pytest.mark.parametrize("options", [{"min_size": 0.5}, {"min_area": 0}, {"labels_getter": "x"}])
def test_a_sanitizer_refuses_what_torchvision_refuses(options):
    with pytest.raises(ValueError, match=r"should|must"):
        augment.SanitizeBoundingBoxes(**options)


SWAPPED = [0, 2, 1, 3]  # a nose, two eyes, a chin


@pytest.mark.parametrize("shape", ["[N, K, 2]", "list"])
def test_names_of_points_are_swapped_in_mirrored_pictures_only(shape):
    flip = augment.RandomHorizontalFlip(keypoint_permutation=SWAPPED)
    points = points_of(N, 4) if shape == "[N, K, 2]" else [points_of(k, 4) for k in COUNTS]
    draws = recorded(flip)
    _, output = flip(pictures(N), points)
    mirrored = draws[0]["apply"].tolist()
    assert {True, False} == set(mirrored)
    for i, apply in enumerate(mirrored):
        given = row_of(points, i) if shape == "[N, K, 2]" else points[i]
        expected = v2.RandomHorizontalFlip(p=1)(given)[..., SWAPPED, :] if apply else given
        assert torch.equal(output[i], expected)


def test_a_mirrored_face_has_its_left_eye_on_the_left():
    face = tv_tensors.KeyPoints([[5.0, 5], [2, 3], [8, 3], [5, 8]], canvas_size=(11, 11))
    flip = augment.RandomHorizontalFlip(p=1, keypoint_permutation=np.array(SWAPPED))
    image = torch.zeros(3, 11, 11)
    assert_same(flip(image, face)[1], face)
    assert_same(flip(*flip(image, points := points_of(4, canvas_size=(11, 11))))[1], points)


@pytest.mark.parametrize("permutation", [[1, 2, 0], [0, 1, 4], [-1, 0], [0, 0], [0.5, 1]])
def test_a_permutation_that_swaps_nothing_is_refused(permutation):
    with pytest.raises(ValueError, match=r"keypoint_permutation=.* given, but"):
        augment.RandomHorizontalFlip(keypoint_permutation=permutation)


def test_points_of_another_number_are_refused():
    flip = augment.RandomHorizontalFlip(p=1, keypoint_permutation=SWAPPED)
    with pytest.raises(ValueError, match=r"of 4 points, but \[..., 4, 2\] expected"):
        flip(pictures(N), points_of(N, 5))
