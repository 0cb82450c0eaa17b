"""Labels that fit no picture are refused, in one sentence, by every transform."""

from collections import OrderedDict

import pytest
import torch
from examples import CONTAINERS, EXAMPLES, example, pictures
from test_labels import NAMES, SIDES, N, boxes_of, masks_of, points_of, targets_of
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment


def labels_of_another_size():
    canvas = {"canvas_size": (SIDES[1], SIDES[0])}
    return {
        "a mask": masks_of(N, 40, 51),
        "masks of a picture": [masks_of(2, 41, 52) for _ in range(N)],
        "boxes": [boxes_of(2, **canvas) for _ in range(N)],
        "points": points_of(N, 3, **canvas),
        "one of many": [{"boxes": boxes_of(1)}] * (N - 1) + [{"boxes": boxes_of(1, **canvas)}],
    }


@pytest.mark.parametrize("labels", labels_of_another_size())
@pytest.mark.parametrize("name", [*NAMES, *CONTAINERS])
def test_labels_have_the_size_of_their_picture(name, labels):
    chance = {"p": 0.0} if "p" in EXAMPLES.get(name, {}) else {}
    labels = labels_of_another_size()[labels]
    with pytest.raises(ValueError, match="one \\(height, width\\) expected"):
        example(name, **chance)(pictures(N), labels)


ORPHANS = {
    "too few": (lambda: targets_of()[1:], "in a list of 5 given for 6 pictures"),
    "too many": (lambda: [masks_of(2, *SIDES)] * 7, "in a list of 7 given for 6 pictures"),
    "none": (lambda: {"boxes": [boxes_of(1)]}, "in a list of 1 given for 6 pictures"),
    "boxes of all": (lambda: boxes_of(6), "BoundingBoxes of shape .6, 4. given for 6 pictures"),
    "in a dictionary": (lambda: {"boxes": boxes_of(2)}, "BoundingBoxes of shape .2, 4. given"),
    "a mask of all": (lambda: masks_of(*SIDES), "Mask of shape .40, 52. given for 6 pictures"),
    "instances of all": (lambda: masks_of(3, *SIDES), "Mask of shape .3, 40, 52. given"),
    "points of all": (lambda: points_of(4), "KeyPoints of shape .4, 2. given for 6 pictures"),
    "one point each": (lambda: points_of(6), "KeyPoints of shape .6, 2. given for 6 pictures"),
    "points of few": (lambda: points_of(5, 4), "KeyPoints of shape .5, 4, 2. given"),
}


@pytest.mark.parametrize("labels", ORPHANS)
@pytest.mark.parametrize("name", [*NAMES, *CONTAINERS])
def test_labels_that_belong_to_no_picture_are_refused(name, labels):
    make, words = ORPHANS[labels]
    with pytest.raises(ValueError, match=f"{words}.*Give a list of 6"):
        example(name)(pictures(N), make())


def test_a_mask_with_as_many_rows_as_pictures_is_none_for_each():
    with pytest.raises(ValueError, match=r"Mask of shape .40, 52. given for 40 pictures"):
        augment.RandomHorizontalFlip()(pictures(40), masks_of(*SIDES))


def test_a_dictionary_of_names_is_not_asked_for_its_length():
    sample = {"image": pictures(N), "names": ["a", "b"], "numbers": [torch.zeros(1)] * 4}
    output = augment.RandomVerticalFlip(p=0)(sample)
    assert output["names"] == ["a", "b"]
    assert all(one is sample["numbers"][0] for one in output["numbers"])


@pytest.mark.parametrize("name", [*NAMES, *CONTAINERS])
def test_a_batch_beside_a_video_is_refused(name):
    video = tv_tensors.Video(torch.zeros(N, 3, *SIDES, dtype=torch.uint8))
    with pytest.raises(ValueError, match="1 and 6 pictures given in one sample, where a video"):
        example(name)(tv_tensors.Image(pictures(N)), video)


def pictures_apart(kind):
    """Samples as `tuple(zip(*samples))` makes them: the pictures are not stacked."""
    return tuple(kind(x) for x in pictures(N)), tuple(targets_of())


@pytest.mark.parametrize("kind", [tv_tensors.Image, torch.Tensor.clone])
@pytest.mark.parametrize("name", [*NAMES, *CONTAINERS])
def test_pictures_in_a_list_beside_their_labels_are_refused(name, kind):
    with pytest.raises(ValueError, match=r"pictures given one by one.*augment.collate"):
        example(name)(pictures_apart(kind))


@pytest.mark.parametrize(
    "labels", [lambda: masks_of(*SIDES), lambda: [masks_of(*SIDES)] * 3, lambda: {"n": [1, 2]}]
)
def test_a_pair_of_pictures_has_one_draw_as_in_torchvision(labels):
    """As of two cameras."""
    left, right = (tv_tensors.Image(x) for x in pictures(2))
    flip = augment.RandomHorizontalFlip(p=1)
    pair, _ = flip((left, right), labels())
    assert torch.equal(pair[0], left.flip(-1))
    assert torch.equal(pair[1], right.flip(-1))


def test_two_lists_for_two_pictures_must_be_of_one_kind():
    """A list of all boxes and one of all labels are not the labels of the first and the second."""
    targets = [boxes_of(1), boxes_of(2)], [torch.zeros(1), torch.zeros(2)]
    flip = augment.RandomHorizontalFlip()
    with pytest.raises(ValueError, match="with entries of BoundingBoxes and of Tensor"):
        flip(pictures(2), targets)
    each = [[boxes_of(1), masks_of(1, *SIDES)], [boxes_of(2), masks_of(2, *SIDES)]]
    assert len(flip(pictures(2), each)[1]) == 2


@pytest.mark.parametrize(
    "sample",
    [
        lambda: (pictures(1)[0], boxes_of(2)),
        lambda: [boxes_of(2)],
        lambda: (pictures(1)[0], {"boxes": boxes_of(2), "names": torch.zeros(2)}),
        lambda: (boxes_of(2), torch.tensor(3)),
    ],
)
def test_boxes_without_labels_are_sanitized_on_request_only(sample):
    with pytest.raises(ValueError, match=r"No labels of the boxes found.*labels_getter"):
        augment.SanitizeBoundingBoxes()(sample())
    augment.SanitizeBoundingBoxes(labels_getter=None)(sample())


def image(kind=tv_tensors.Image, k=0):
    return kind(pictures(3)[k])


PLAIN = torch.Tensor.clone
ONE_BY_ONE = {
    "a list of samples": lambda: [(image(), boxes_of(1)), (image(), boxes_of(2))],
    "of plain tensors": lambda: [{"image": image(PLAIN), "boxes": boxes_of(1)}] * 3,
    "of mappings": lambda: [{"image": image(), "target": {"boxes": boxes_of(1)}}] * 3,
    "PIL images beside targets": lambda: (
        [v2.functional.to_pil_image(image())] * 3,
        [{"boxes": boxes_of(1)}] * 3,
    ),
    "videos beside targets": lambda: (
        [tv_tensors.Video(pictures(2))] * 2,
        [boxes_of(1), boxes_of(2)],
    ),
    "plain pictures": lambda: ([image(PLAIN, k) for k in range(3)], torch.arange(3)),
}


@pytest.mark.parametrize("sample", ONE_BY_ONE)
@pytest.mark.parametrize("name", ["RandomHorizontalFlip", "ColorJitter", "RandomApply"])
def test_pictures_one_by_one_are_refused(name, sample):
    with pytest.raises(ValueError, match=r"pictures given one by one.*augment.collate"):
        example(name)(ONE_BY_ONE[sample]())


FINE = {
    "two cameras": lambda: (image(), image()),
    "two cameras and a mask": lambda: ((image(), image()), masks_of(*SIDES)),
    "two plain tensors": lambda: (image(PLAIN), image(PLAIN)),
    "a picture and its depth": lambda: [image(PLAIN), torch.zeros(1, *SIDES)],
    "a batch and plain masks": lambda: (
        pictures(2),
        [{"masks": torch.zeros(3, *SIDES), "boxes": boxes_of(1)}] * 2,
    ),
    "a batch, all in mappings": lambda: (
        {"image": pictures(2)},
        {"masks": torch.zeros(2, *SIDES), "boxes": [boxes_of(1), boxes_of(2)]},
    ),
    "entries that are none": lambda: (pictures(2), [boxes_of(1), None]),
    "several plain tensors": lambda: tuple(image(PLAIN, k) for k in range(3)),
    "a PIL image and plain tensors": lambda: (
        v2.functional.to_pil_image(image()),
        {"boxes": boxes_of(2), "points": torch.zeros(2, 17, 3), "masks": torch.zeros(2, *SIDES)},
    ),
    "a picture and its features": lambda: (
        {"image": image(), "mask": masks_of(*SIDES)},
        {"features": torch.zeros(2, 3, 4)},
    ),
    "two pictures of one scene": lambda: (
        {"image": image(), "boxes": boxes_of(1)},
        {"depth": image()},
    ),
    "a picture and two things": lambda: (
        image(),
        [{"m": torch.zeros(2, 4, 4), "boxes": boxes_of(1)}] * 2,
    ),
    "two views, two labels": lambda: {
        "views": [image(), image()],
        "labels": [boxes_of(1), masks_of(*SIDES)],
    },
    "mappings of two types": lambda: (
        pictures(2),
        [{"boxes": boxes_of(1)}, OrderedDict(boxes=boxes_of(1))],
    ),
    "numbers of two types": lambda: (pictures(2), [(boxes_of(1), 3), (boxes_of(1), 4.0)]),
    "lists with a gap": lambda: (
        pictures(2),
        [(boxes_of(1), None), (boxes_of(1), masks_of(1, *SIDES))],
    ),
    "plain tensors beside labels": lambda: (
        image(),
        {"emb": [torch.rand(2, 2, 2)] * 2, "masks": [masks_of(*SIDES)] * 2},
    ),
    "lists of other lengths": lambda: (pictures(2), [[boxes_of(1)], []]),
}


@pytest.mark.parametrize("sample", FINE)
@pytest.mark.parametrize("name", ["RandomHorizontalFlip", "ColorJitter", "RandomApply"])
def test_samples_that_are_taken(name, sample):
    example(name)(FINE[sample]())


@pytest.mark.parametrize(
    "labels",
    [
        lambda: (masks_of(2, *SIDES), torch.arange(2)),
        lambda: [masks_of(2, *SIDES), points_of(2, 4)],
        lambda: [masks_of(2, *SIDES), [boxes_of(1), boxes_of(2)]],
        lambda: {"targets": (masks_of(2, *SIDES), [7, 8])},
    ],
)
def test_kinds_of_labels_are_no_entries_of_two_pictures(labels):
    with pytest.raises(ValueError, match="entries with all labels of one picture expected"):
        augment.RandomHorizontalFlip()(pictures(2), labels())
