"""RandomApply, RandomChoice and RandomOrder: a coin for each picture, and labels that follow."""

import numpy as np
import pytest
import torch
from examples import pictures
from scipy.stats import chisquare
from torch import nn
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment


def plus(number):
    return v2.Lambda(lambda x: x + number)


def times(number):
    return v2.Lambda(lambda x: x * number)


ZEROS = torch.zeros(6000, 1, 1, 1)


@pytest.mark.parametrize("p", [0, 0.3, 1])
def test_each_picture_has_a_coin(p):
    output = augment.RandomApply([plus(1), times(2)], p=p)(ZEROS).flatten()
    assert set(output.tolist()) <= {0.0, 2.0}
    assert abs((output == 2).double().mean() - p) < (0.025 if 0 < p < 1 else 1e-9)


@pytest.mark.parametrize(("p", "wanted"), [(None, [1, 1, 1]), ([2, 0, 6], [2, 0, 6])])
def test_each_picture_has_a_choice(p, wanted):
    output = augment.RandomChoice([plus(1), plus(2), plus(3)], p=p)(ZEROS).flatten()
    found = np.bincount(output.long().numpy(), minlength=4)
    assert found[0] == 0
    wanted = np.array(wanted) / sum(wanted) * len(ZEROS)
    assert (found[1:][wanted == 0] == 0).all()
    assert chisquare(found[1:][wanted > 0], wanted[wanted > 0]).pvalue > 1e-3


def test_each_picture_has_an_order():
    output = augment.RandomOrder([plus(1), times(3), times(-1)])(ZEROS + 1).flatten()
    found = {value: int((output == value).sum()) for value in sorted(set(output.tolist()))}
    # (1+1)*3*-1 = -6 in two orders; 1*3+1 = 4, times -1: -4; -1*3+1 = -2 in two; -1+1 = 0, times 3
    assert set(found) == {-6.0, -4.0, -2.0, 0.0}
    counts = [found[-6.0] / 2, found[-4.0], found[-2.0] / 2, found[0.0]]
    assert np.ptp(counts) < 200


@pytest.mark.parametrize("make", [augment.RandomChoice, augment.RandomOrder])
def test_a_coin_of_torchvision_falls_for_each_picture_too(make):
    """torchvision's transforms draw once a call: they get one picture after the other."""
    jitter = v2.ColorJitter(brightness=(0.1, 0.9))
    output = make([jitter, v2.Identity()])(torch.ones(200, 1, 1, 1))
    assert len(output.unique()) > 60


def test_what_draws_for_each_gets_all_at_once():
    seen = []

    class Seen(augment.RandomHorizontalFlip):
        def forward(self, *inputs):
            seen.append(inputs[0].shape)
            return super().forward(*inputs)

    batch = pictures(30)
    augment.RandomApply([v2.Compose([Seen()]), nn.Sequential(Seen())], p=0.5)(batch)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert 3 < seen[0][0] < 27


def boxes(*corners):
    return tv_tensors.BoundingBoxes(list(corners), format="XYXY", canvas_size=(40, 52))


def sample(n=12):
    """Pictures and labels of which everything says which picture it belongs to."""
    levels = torch.arange(n, dtype=torch.uint8)
    images = tv_tensors.Image(levels.view(-1, 1, 1, 1).repeat(1, 3, 40, 52))
    images[:, :, :, :9] += 100  # a mark on the left
    masks = torch.zeros(n, 40, 52, dtype=torch.uint8)
    masks[:, :, 0] = levels[:, None] + 1
    points = tv_tensors.KeyPoints(
        torch.stack([torch.zeros(n), levels.float()], 1)[:, None], canvas_size=(40, 52)
    )
    targets = [
        {
            "boxes": boxes(*[[0, i, 4 + k, i + 5] for k in range(i % 3)]).reshape(-1, 4),
            "masks": tv_tensors.Mask(torch.full((i % 3, 40, 52), i)),
            "number": i,
        }
        for i in range(n)
    ]
    for target in targets:
        target["boxes"] = tv_tensors.BoundingBoxes(
            target["boxes"], format="XYXY", canvas_size=(40, 52)
        )
    return images, tv_tensors.Mask(masks), points, targets, torch.arange(n)


CONTAINERS = {
    "apply": lambda inside: augment.RandomApply(inside, p=0.5),
    "choice": lambda inside: augment.RandomChoice([*inside, v2.Identity()]),
    "order": lambda inside: augment.RandomOrder([*inside, augment.RandomHorizontalFlip(p=0)]),
    "nested": lambda inside: augment.RandomApply([augment.RandomChoice([*inside, *inside])], p=0.5),
}
INSIDE = {
    "ours": lambda: [augment.RandomHorizontalFlip()],
    "torchvision's": lambda: [v2.RandomHorizontalFlip()],
    "both": lambda: [
        v2.Compose([augment.RandomHorizontalFlip(), v2.RandomHorizontalFlip()]),
    ],
}


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("name", CONTAINERS)
def test_labels_follow_their_pictures(name, inside):
    torch.manual_seed(1)
    before = sample()
    images, masks, points, targets, numbers = CONTAINERS[name](INSIDE[inside]())(*before)
    mirrored = images[:, 0, 0, -1] >= 100
    assert 1 < mirrored.sum() < 11
    assert type(images) is tv_tensors.Image
    assert type(masks) is tv_tensors.Mask
    assert type(points) is tv_tensors.KeyPoints
    assert torch.equal(numbers, before[4])
    for i, flipped in enumerate(mirrored.tolist()):
        expected = v2.functional.horizontal_flip if flipped else v2.Identity()
        assert torch.equal(images[i], expected(before[0][i]))
        assert torch.equal(masks[i], expected(before[1][i]))
        point = tv_tensors.KeyPoints(before[2][i], canvas_size=(40, 52))
        assert torch.equal(points[i], expected(point))
        assert targets[i]["number"] == i
        assert torch.equal(targets[i]["boxes"], expected(before[3][i]["boxes"]))
        assert torch.equal(targets[i]["masks"], expected(before[3][i]["masks"]))
        assert type(targets[i]["boxes"]) is tv_tensors.BoundingBoxes
    for one, other in zip(before, sample(), strict=True):
        assert isinstance(one, list) or torch.equal(one, other), "the input was changed"


def test_one_picture_has_one_coin_for_all_that_belongs_to_it():
    results = set()
    for seed in range(20):
        torch.manual_seed(seed)
        image = tv_tensors.Image(torch.arange(4.0).repeat(1, 1, 1))
        box = tv_tensors.BoundingBoxes([[0, 0, 1, 1]], format="XYXY", canvas_size=(1, 4))
        image, box = augment.RandomApply([v2.RandomHorizontalFlip(p=1)])(image, box)
        results.add((image[0, 0, 0].item(), box[0, 0].item()))
    assert results == {(0.0, 0.0), (3.0, 3.0)}
    pil = v2.functional.to_pil_image(pictures(1)[0])
    assert augment.RandomApply([v2.RandomInvert(p=1)], p=1)(pil).size == pil.size
    video = tv_tensors.Video(pictures(5))
    for seed in range(5):
        torch.manual_seed(seed)
        inverted = augment.RandomApply([v2.RandomInvert(p=1)])(video)
        assert torch.equal(inverted, video) or torch.equal(inverted, ~video)


@pytest.mark.parametrize("labels", [boxes([0, 0, 3, 3]), [boxes([0, 0, 3, 3])] * 5])
def test_labels_of_no_picture_are_refused_however_the_coins_fall(labels):
    with pytest.raises(ValueError, match="given for 24 pictures"):
        augment.RandomApply([augment.RandomHorizontalFlip()], p=0)(pictures(), labels)


STEPS = {
    "apply": (augment.RandomApply([plus(1)]), {"apply": [True, False, True]}, [1, 0, 1]),
    "choice": (augment.RandomChoice([plus(1), plus(2)]), {"choice": [1, 0, 1]}, [2, 1, 2]),
    "order": (
        augment.RandomOrder([plus(1), times(3)]),
        {"order": [[0, 1], [1, 0], [0, 1]]},
        [3, 1, 3],
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_was_drawn_can_be_applied_apart(name):
    container, params, wanted = STEPS[name]
    params = {key: torch.tensor(values) for key, values in params.items()}
    batch = torch.zeros(3, 1, 1, 1)
    drawn = container.make_params(batch)
    assert {k: (v.shape, v.dtype) for k, v in drawn.items()} == {
        k: (v.shape, v.dtype) for k, v in params.items()
    }
    assert container.transform(batch, params).flatten().tolist() == wanted
    assert not batch.any()
    with pytest.raises(ValueError, match=f"2 pictures given, but '{name}' for 3"):
        container.transform(batch[:2], params)
    with pytest.raises(TypeError, match="Mask given without its pictures"):
        container.transform(tv_tensors.Mask(torch.zeros(3, 4, 4)), params)


@pytest.mark.parametrize(
    ("inside", "sample", "words"),
    [
        (v2.ToPILImage(), pictures(), r"ToPILImage\(\) in RandomApply made a Image from \[3, 40"),
        (lambda x: x.numpy(), pictures(), "made a ndarray"),
        (lambda x: None, pictures(), "made a NoneType"),
        (lambda x: x | {"more": 1}, {"image": pictures()}, "a dict that is not built as"),
        (lambda x: x["image"], {"image": pictures()}, "a Tensor that is not built as"),
    ],
)
def test_what_cannot_be_put_back_is_refused(inside, sample, words):
    with pytest.raises(ValueError, match=words):
        augment.RandomApply([inside], p=1)(sample)


def test_one_picture_may_become_anything():
    """Also several, which are no batch with coins of their own."""
    twice = augment.RandomApply([lambda x: torch.stack([x, -x]), plus(1)], p=1)
    assert twice(torch.ones(1, 1, 1)).flatten().tolist() == [2, 0]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_any_function_gets_one_picture_at_a_time(n):
    """Also where one is all that a container inside of another is given."""
    seen = []
    watch = lambda x: seen.append(x.shape) or x  # noqa: E731 - stands in a list
    inside = augment.RandomChoice([watch, watch, watch])
    augment.RandomApply([inside], p=1)(torch.zeros(n, 3, 4, 5))
    assert seen == [(3, 4, 5)] * n


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize(
    "inside", [augment.RandomResizedCrop(8), v2.RandomCrop(8), v2.ToDtype(torch.float32)]
)
def test_changes_of_size_and_type_are_refused_by_name(name, inside):
    torch.manual_seed(0)
    kind = "RandomCrop|RandomResizedCrop|ToDtype"
    with pytest.raises(ValueError, match=rf"({kind}).* in Random\w+ made .* one size"):
        CONTAINERS[name]([inside])(pictures())


def test_a_crop_of_the_same_size_is_none():
    output = augment.RandomApply([augment.RandomResizedCrop((40, 52))])(pictures())
    assert output.shape == (24, 3, 40, 52)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.float16])
def test_every_type_is_put_back(dtype):
    batch = pictures(dtype=dtype)
    output = augment.RandomApply([augment.RandomHorizontalFlip(p=1)])(batch)
    flipped = (output != batch).flatten(1).any(1)
    assert flipped.any()
    assert not flipped.all()
    assert torch.equal(output[flipped], batch[flipped].flip(-1))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: augment.RandomApply([]), ValueError, "No transform given"),
        (lambda: augment.RandomApply(v2.Identity()), TypeError, "A list of transforms expected"),
        (lambda: augment.RandomApply(["flip"]), TypeError, "'flip' given"),
        (lambda: augment.RandomApply([v2.Identity()], p=2), ValueError, "p=2 given"),
        (lambda: augment.RandomChoice([v2.Identity()], p=[1, 2]), ValueError, "1 numbers"),
        (lambda: augment.RandomChoice([v2.Identity()], p=0.5), ValueError, "p=0.5 given"),
        (lambda: augment.RandomChoice([v2.Identity()], p=[0]), ValueError, "not all 0"),
        (lambda: augment.RandomChoice([v2.Identity()] * 2, p=[-1, 2]), ValueError, "from 0 on"),
        (lambda: augment.RandomOrder({}), TypeError, "dict given"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_they_show_what_is_in_them():
    shown = repr(augment.RandomApply([augment.RandomHorizontalFlip(0.2)]))
    assert "RandomHorizontalFlip(p=0.2)" in shown


@pytest.mark.parametrize("inside", [augment.RandomHorizontalFlip(p=1), v2.RandomHorizontalFlip(1)])
@pytest.mark.parametrize("name", ["apply", "choice", "order"])
def test_everything_belongs_to_the_picture_of_a_batch_of_one(name, inside):
    make = {
        "apply": lambda: augment.RandomApply([inside], p=1),
        "choice": lambda: augment.RandomChoice([inside]),
        "order": lambda: augment.RandomOrder([inside]),
    }[name]
    image = pictures(1)
    box = boxes([0, 0, 4, 5], [1, 2, 7, 9])
    mask = tv_tensors.Mask(torch.rand(3, 40, 52) > 0.5)
    points = tv_tensors.KeyPoints([[3.0, 4.0], [5.0, 6.0]], canvas_size=(40, 52))
    flipped = make()(image, {"box": box, "mask": mask, "points": points})
    assert torch.equal(flipped[0], image.flip(-1))
    for key, label in {"box": box, "mask": mask, "points": points}.items():
        assert torch.equal(flipped[1][key], v2.functional.horizontal_flip(label)), key
    with pytest.raises(ValueError, match="one size"):
        augment.RandomApply([augment.RandomCrop(8)], p=1)(image)


def works_in_place(x):
    return x.mul_(0.5) if isinstance(x, torch.Tensor) else x


@pytest.mark.parametrize("make", [augment.RandomApply, augment.RandomChoice, augment.RandomOrder])
@pytest.mark.parametrize("inside", [works_in_place, v2.Normalize([0.5], [0.5], inplace=True)])
@pytest.mark.parametrize("batch", [(1, 3, 4, 4), (5, 3, 4, 4), (3, 4, 4)])
def test_what_works_in_place_does_not_reach_what_was_given(batch, inside, make):
    batch = torch.rand(batch)
    before = batch.clone()
    output = make([inside], **({"p": 1} if make is augment.RandomApply else {}))(batch)
    assert torch.equal(batch, before)
    assert not torch.equal(output, before)


@pytest.mark.parametrize("inside", [v2.Identity(), nn.Sequential()])
@pytest.mark.parametrize("p", [0, 0.5, 1])
@pytest.mark.parametrize("n", [1, 24])
def test_what_comes_back_is_a_copy(n, p, inside):
    batch = pictures(n)
    before = batch.clone()
    augment.RandomApply([inside], p=p)(batch).zero_()
    assert torch.equal(batch, before)


@pytest.mark.parametrize("make", [augment.RandomApply, augment.RandomChoice, augment.RandomOrder])
@pytest.mark.parametrize("n", [None, 1, 3])
def test_labels_and_videos_are_not_changed_in_place(n, make):
    chance = {"p": 1} if make is augment.RandomApply else {}
    plus_one = v2.Lambda(lambda b: b.add_(1), tv_tensors.BoundingBoxes, tv_tensors.Mask)
    image = torch.rand(3, 8, 8) if n is None else torch.rand(n, 3, 8, 8)
    box = tv_tensors.BoundingBoxes([[0, 0, 4, 5]], format="XYXY", canvas_size=(8, 8))
    mask = tv_tensors.Mask(torch.zeros(8, 8))
    labels = {"box": box, "mask": mask}
    before = {name: label.clone() for name, label in labels.items()}
    make([plus_one], **chance)(image, labels if n is None else [labels] + [{}] * (n - 1))
    assert torch.equal(box, before["box"])
    assert torch.equal(mask, before["mask"])
    video = tv_tensors.Video(torch.rand(4, 3, 8, 8))
    kept = video.clone()
    make([v2.Lambda(lambda x: x.add_(1), tv_tensors.Video)], **chance)(video)
    assert torch.equal(video, kept)
