"""Lesson 13: its explorer, and its sentences beside the figures."""

import json
import re

import numpy as np
import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as F

from d2laug.data import drinks, drinks_places, results
from d2laug.show import draw_labels
from d2laug.train import load_network
from d2laug.widgets.labels import NAMES, explore_labels

CAN = 65


@pytest.fixture(scope="module")
def sample():
    images, places = drinks("lab/test", tensors=True)[0], drinks_places("lab/test")
    one = {"mask": "masks", "points": "points"}
    labels = {k: tv_tensors.wrap(places[v][CAN], like=places[v]) for k, v in one.items()}
    return images[CAN], labels | {"boxes": places["boxes"][CAN]}


@pytest.fixture(scope="module")
def runs():
    """The overlaps of each recipe and split, one for each seed."""
    found = {}
    for run in results("left_behind")["runs"]:
        for split, overlap in run["overlap"].items():
            found.setdefault((run["recipe"], split), []).append(overlap)
    assert {len(values) for values in found.values()} == {5}
    return {key: np.array(values) for key, values in found.items()}


@pytest.fixture(scope="module")
def prose(project):
    notebook = json.loads((project / "notebooks/13_labels_that_move.ipynb").read_text("utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def network():
    return load_network("labels_moved")


def shares(explorer):
    """The overlaps of the label and of the network's mark with the drink, as they are read out."""
    return [
        float(number)
        for number in re.findall(r"(?:label|network) (\d\.\d\d)", explorer.readout.value)
    ]


def test_labels_move_or_stay(sample):
    explorer = explore_labels(*sample, network())
    assert shares(explorer) == [1.0, pytest.approx(0.9, abs=0.1)]
    for name, value in {"flip": True, "angle": 30, "area": 0.5}.items():
        before = explorer.arrays[0].copy()
        explorer.controls[name].value = value
        assert not np.array_equal(before, explorer.arrays[0])
        assert shares(explorer)[0] == 1
        explorer.controls["left_behind"].value = True
        assert shares(explorer)[0] < 0.95
        explorer.controls["left_behind"].value = False
    assert explorer.captions[0].endswith("turned by 30°, area 0.50, flipped")
    explorer.reset()
    assert explorer.captions[0] == "the labels move along: IoU 1.00\nturned by 0°, area 1.00"


def test_the_network_sees_the_picture_alone(sample):
    moved, stayed = (explore_labels(*sample, network()) for _ in range(2))
    moved.move(flip=True, angle=15)
    stayed.move(flip=True, angle=15, left_behind=True)
    assert np.array_equal(moved.arrays[1], stayed.arrays[1])
    assert shares(moved)[1] == shares(stayed)[1]


@pytest.mark.parametrize("name", ["mask", "boxes", "points"])
def test_a_label_that_is_a_plain_tensor_is_refused(sample, name):
    image, labels = sample
    plain = labels | {name: labels[name].as_subclass(torch.Tensor)}
    with pytest.raises(TypeError, match=r"tv_tensors.wrap\(part, like=whole\)"):
        explore_labels(image, plain, network())


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"image": torch.zeros(3, 96, 96)}, ValueError, "expected a picture, uint8"),
        ({"image": torch.zeros(3, 96, 128, dtype=torch.uint8)}, ValueError, "expected a picture"),
        ({"image": torch.zeros(3, 97, 97, dtype=torch.uint8)}, ValueError, "multiples of 8"),
        ({"image": None}, ValueError, "a NoneType; expected a picture"),
        ({"labels": {"masks": torch.zeros(96, 96)}}, TypeError, "'mask' of the labels is a None"),
        ({"network": "labels_moved"}, TypeError, "network is a str; expected a torch.nn.Module"),
        ({"labels": None}, TypeError, "labels is a NoneType; expected a mapping of"),
        ({"network": load_network("all")}, ValueError, "the network marks no pixels"),
    ],
)
def test_what_cannot_be_explored(sample, change, error, message):
    image, labels = sample
    given = {"image": image, "labels": labels, "network": network()} | change
    with pytest.raises(error, match=message):
        explore_labels(**given)


def test_labels_of_another_picture_are_refused(sample):
    image, labels = sample
    boxes = {"format": "XYXY", "canvas_size": (48, 48)}
    for other in (
        {"mask": tv_tensors.Mask(torch.ones(48, 48))},
        {"boxes": tv_tensors.BoundingBoxes(labels["boxes"], **boxes)},
        {"points": tv_tensors.KeyPoints(labels["points"], canvas_size=(48, 48))},
        {"boxes": tv_tensors.wrap(labels["boxes"].repeat(3, 1), like=labels["boxes"])},
    ):
        with pytest.raises(ValueError, match=r"of a picture of .*expected .*of \(96, 96\)"):
            explore_labels(image, labels | other, network())


def test_what_is_drawn_and_read_out_is_computed_once_more(sample):
    """Flip, turn, crop of the middle, in this order, of picture and labels, by plain calls."""
    image, labels = sample
    labels = labels | {"mask": tv_tensors.wrap(labels["mask"] * 255, like=labels["mask"])}

    def move(x):
        x = F.rotate(F.horizontal_flip(x), 20, InterpolationMode.BILINEAR)
        return F.resized_crop(x, 14, 14, 68, 68, [96, 96])

    def share(a, b):
        return (a & b).sum().item() / (a | b).sum().item()

    seen, moved = move(image), {name: move(label) for name, label in labels.items()}
    with torch.no_grad():
        marked = network()(seen[None] / 255)[0, 0] > 0
    drink = moved["mask"] > 0
    for behind, shown in ((False, moved), (True, labels)):
        explorer = explore_labels(image, labels, network())
        explorer.move(flip=True, angle=20, area=0.5, left_behind=behind)
        drawn = draw_labels(seen, shown["mask"], shown["boxes"], shown["points"], NAMES)
        assert np.array_equal(explorer.arrays[0], drawn.movedim(0, -1).numpy())
        assert np.array_equal(
            explorer.arrays[1], torch.where(marked, seen, 255).movedim(0, -1).numpy()
        )
        assert shares(explorer) == pytest.approx(
            [share(shown["mask"] > 0, drink), share(marked, drink)], abs=0.0051
        )


def test_a_network_in_training_keeps_its_statistics(sample):
    training = network().train()
    before = {name: value.clone() for name, value in training.state_dict().items()}
    explore_labels(*sample, training).controls["angle"].value = 30
    assert all(torch.equal(before[name], value) for name, value in training.state_dict().items())


ALL = "all, labels moved"
FLIP, TURN, BEHIND = (
    f"all, left behind{what}" for what in (" by the flip", " by turn and crop", "")
)


def test_what_it_costs(runs, prose):
    show = {
        recipe: values.mean() for (recipe, split), values in runs.items() if split == "show/test"
    }
    lab = {recipe: values for (recipe, split), values in runs.items() if split == "lab/test"}
    text = prose["all-tests-seen"]
    for recipe in (TURN, BEHIND, "none", ALL):
        assert f"{show[recipe]:.2f}" in text
    for value in (show[ALL], show[FLIP], lab[ALL].mean(), lab[FLIP].mean()):
        assert f"{value:.3f}" in text
    for recipe in (ALL, FLIP):
        assert f"{lab[recipe].std(ddof=1):.3f}" in text
    assert runs[TURN, "show/test"].max() < runs["none", "show/test"].min()
    error = sum(runs[recipe, "show/test"].var(ddof=1) / 5 for recipe in (ALL, FLIP)) ** 0.5
    assert 1.9 < (show[ALL] - show[FLIP]) / error < 2.3  # "twice the standard error"
    for recipe in (ALL, FLIP):
        assert f"{runs[recipe, 'show/test'].std(ddof=1):.3f}" in text
    for split in ("lab/test", "viewpoint"):
        assert runs["none", split].min() > runs[ALL, split].max()
    assert runs["colors", "reflections"].min() > runs[ALL, "reflections"].max()
    lost = [runs[ALL, s] - runs[FLIP, s] for recipe, s in runs if recipe == ALL]
    assert all((difference > 0).all() for difference in lost)  # seed by seed, in every column
    means = [difference.mean() for difference in lost]
    for cell in ("all-tests-seen", "summary"):
        assert f"{min(means):.2f} to {max(means):.2f}" in prose[cell]
    none, moved = lab["none"].mean(), lab[ALL].mean()
    assert f"labels have {show[ALL]:.2f}." in text
    assert f"augmentation has {none:.2f}, this one {moved:.2f}" in text
    assert f"that {none:.2f} can be had" in text
    said = f"IoU {show[TURN]:.2f} against {show['none']:.2f}, moved {show[ALL]:.2f}"
    assert said in prose["summary"]
    assert f"{lab[BEHIND].mean():.2f}" in text
    assert [f"{lab[recipe].mean():.2f}" for recipe in ("none", ALL)] == ["0.98", "0.90"]
    for split in ("light/3500", "light/2500"):
        assert runs["colors", split].min() > runs[ALL, split].max()
    assert all(show[ALL] > value for recipe, value in show.items() if recipe != ALL)


def test_what_one_mask_for_all_has(prose):
    """It looks at no picture; and a mask beside its mirror image."""
    text = prose["all-tests-seen"]
    wanted = drinks_places("lab/train")["masks"].as_subclass(torch.Tensor).bool()
    same = wanted.float().mean(0) > 0.5

    def overlap(found, wanted):
        return ((found & wanted).sum((1, 2)) / (found | wanted).sum((1, 2))).mean().item()

    for split in ("lab/test", "show/test"):
        truth = drinks_places(split)["masks"].bool()
        assert f"{overlap(same.expand_as(truth), truth):.2f}" in text
    larger = (wanted.float().mean(0) > 0.02).expand_as(truth)
    assert f"a larger one {overlap(larger, truth):.2f}: more than these networks" in text
    masks = drinks_places("lab/test")["masks"].as_subclass(torch.Tensor).bool()
    assert f"shares {overlap(masks, masks.flip(-1)):.2f} with its mirror image" in text


@pytest.mark.parametrize("page", ["README.md", "notebooks/README.md"])
def test_pages_name_the_lesson_and_its_number(project, page, runs):
    text = (project / page).read_text("utf-8")
    assert "13_labels_that_move.ipynb" in text
    if page == "README.md":
        for recipe in (ALL, TURN, FLIP, "none"):
            values = runs[recipe, "show/test"]
            assert f"{values.mean():.3f} ± {values.std(ddof=1):.3f}" in text
