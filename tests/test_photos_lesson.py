"""Lesson 11 on bits, rare classes and copies: its sentences, beside what they are from."""

import json
import re

import pytest
import torch
from test_sentences_11_12 import Lesson, exceeds

ROWS = ("as they come", "equally often", "as they come, augmented", "equally often, augmented")


@pytest.fixture(scope="module")
def lesson(project):
    return Lesson(project / "notebooks/11_your_own_photos.ipynb")


@pytest.fixture(scope="module")
def found(project):
    """A function of a row, and which drinks: the accuracies at a place, one for each seed."""
    results = json.loads((project / "benchmarks/results/own_photos.json").read_text("utf-8"))

    def accuracies(row, some=slice(None), place="show"):
        runs = [run for run in results["runs"] if run["row"] == row]
        assert [run["seed"] for run in runs] == [0, 1, 2, 3, 4]
        return torch.tensor([run["right"][f"{place}/test"][some] for run in runs]).mean(1).tolist()

    return accuracies


OTHERS, RARE = slice(0, None, 2), slice(1, None, 2)


def mean(values):
    return sum(values) / len(values)


def test_the_largest_value_gives_the_bits_away(lesson):
    lesson.says(
        "twelve-bits-seen", "No value above 15 gives it away (above 3 for 10 bits, 63 for 14)"
    )
    assert [(2**bits - 1) >> 8 for bits in (12, 10, 14)] == [15, 3, 63]
    shown = re.search(r"open_image: at most (\d+) of 255", lesson.output["twelve-bits"])
    assert 8 <= int(shown[1]) <= 15


def test_the_figures_are_those_of_the_benchmark(lesson, found, project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    benchmark = __import__("own_photos")
    counts = benchmark.pictures(False)[1].bincount().tolist()
    assert counts == [80, 4] * 6
    assert benchmark.pictures(True)[1].bincount().tolist() == [40] * 12
    drawn = json.loads(re.search(r"\[.*\]", lesson.output["rare-drawn"])[0])
    assert sum(drawn) == 1000
    assert abs(drawn[0] - 500) < 80  # five standard deviations
    lesson.says("rare", "of every second one 4 pictures, of each other 80")
    shown = re.findall(r"drinks of (?:80 pictures|4) ([\d.]+)", lesson.output["rare-measured"])
    expected = [mean(found(row, some)) for row in ROWS for some in (OTHERS, RARE)]
    assert [float(number) for number in shown] == pytest.approx(expected, abs=0.0051)


def test_one_training_of_the_benchmark(project, monkeypatch):
    """A short one: what is drawn equally often has as many steps, and learns rare drinks."""
    monkeypatch.syspath_prepend(project / "benchmarks")
    benchmark = __import__("own_photos")
    run = benchmark.measure(("equally often", 0, 4))
    assert set(run["right"]) == {"lab/test", "show/test"}
    assert mean(run["right"]["lab/test"][1::2]) > 0.5


def test_what_the_lesson_says_of_rare_classes(lesson, found):
    few, drawn, few_augmented, drawn_augmented = (found(row, RARE) for row in ROWS)
    before, after = (mean(found(row, OTHERS)) for row in ROWS[2:])
    lesson.says(
        "rare-seen",
        f"from {mean(few_augmented):.2f} to {mean(drawn_augmented):.2f}, and the others lose a "
        f"little, {before:.2f} to {after:.2f}",
        "no gain of the rare ones is measured",
    )
    assert exceeds(drawn_augmented, few_augmented)
    assert exceeds(found(ROWS[2], OTHERS), found(ROWS[3], OTHERS))
    assert not exceeds(drawn, few)


def test_what_the_lesson_says_of_copies(lesson, found):
    new, one, four = (found(row) for row in ("new draws", "1 copy of each", "4 copies of each"))
    lesson.says("copies-seen", f"costs accuracy, {mean(new):.2f} to {mean(one):.2f}")
    assert exceeds(new, one)
    lesson.says("copies-seen", "With four copies no loss is measured here")
    assert not exceeds(new, four)
    photos, copies, size = re.search(
        r"(\d+) photos, (\d+) copies, ([\d.]+) MB", lesson.output["copies-written"]
    ).groups()
    assert int(copies) == 4 * int(photos) == 300
    assert float(size) > 0
    shown = re.findall(r"at the show: ([\d.]+)", lesson.output["copies-written"])
    assert shown == [f"{mean(accuracies):.3f}" for accuracies in (new, four, one)]


def test_a_project_of_fifteen_minutes(lesson):
    """The minutes beside the steps, and the numbers of photos."""
    minutes = [int(n) for n in re.findall(r"^\| (\d+) \|", lesson.source["project"], re.M)]
    assert sum(minutes) == 15
    lesson.says("project", "8 photos of each thing, one after the other, 24 in all: 7 seconds")
    lesson.says("project", "4 photos of each thing, 12 in all", "Bring the 36 photos")
    assert (3 * 8, 3 * 4, 3 * 8 + 3 * 4) == (24, 12, 36)
    assert 60 * minutes[1] + 1 >= 24 * 7
    epochs = re.search(r'"epochs": (.+?), "batch_size": 16', lesson.source["fit"])[1]
    for photos in (18, 75):  # that are learned from: of a project, of the lesson
        assert eval(epochs, {"train": [0, range(photos)]}) * (photos // 16) >= 64
