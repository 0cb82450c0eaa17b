"""What lessons 02, 07 and 08 say of the matrix of trainings is what its figures carry."""

import json

import pytest
import torch

from d2laug.data import DRINKS


@pytest.fixture(scope="module")
def matrix(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "benchmarks")
        import drinks_matrix

        yield drinks_matrix


@pytest.fixture(scope="module")
def found(matrix):
    """A function that returns the accuracies of one row, one for each seed."""
    results = json.loads(matrix.RESULTS.read_text("utf-8"))

    def row(recipe, split="show/test", collected=0, task="lab", which="accuracy"):
        values = matrix.accuracies(results, recipe, collected, task, which)[split]
        assert len(values) == 5
        return values

    row.results = results
    return row


def said(project, lesson, cell):
    (path,) = (project / "notebooks").glob(f"{lesson}_*.ipynb")
    cells = {c["id"]: c for c in json.loads(path.read_text("utf-8"))["cells"]}
    return "".join(cells[cell]["source"])


def difference(a, b):
    """Return the difference of two means, and its standard error."""
    return (a.mean() - b.mean()).item(), (a.var() / len(a) + b.var() / len(b)).sqrt().item()


def test_what_the_show_needs(project, found):
    """Every piece is missed, by more than twice the standard error; the light most by far."""
    words = said(project, "07", "leave-out-seen")
    everything, mean = found("all"), {}
    for name in ("flip", "crop", "color jitter", "color temperature", "reflections"):
        without = found(f"all without {name}")
        lost, error = difference(everything, without)
        assert lost > 2 * error, name
        mean[name] = without.mean().item()
    assert min(mean, key=mean.get) == "color temperature"
    assert 0.5 < mean["color temperature"] < 0.65
    assert f"{mean['color temperature']:.2f}" in words
    assert f"{mean['crop']:.2f}" in words
    rest = [mean[name] for name in ("flip", "color jitter", "reflections")]
    assert max(rest) - min(rest) < 0.04
    assert all(mean["crop"] < value - 0.03 for value in rest)
    assert f"{min(rest):.2f} to {max(rest):.2f}" in words


def test_ranges_that_leave_out_the_show(project, found):
    words = said(project, "07", "elsewhere-seen")
    for name in ("crop", "reflections"):
        lost, error = difference(found("all"), found(f"all, {name} elsewhere"))
        assert abs(lost) < 0.03, name
        assert lost < 2.5 * error, name
    light = found("all, color temperature elsewhere")
    lost, error = difference(found("all"), light)
    assert lost > 2 * error
    assert f"{light.mean():.2f}" in words
    assert f"{found('all, all elsewhere').mean():.2f}" in words
    assert f"{found('none').mean():.2f}" in words
    # Lesson 08: a light need not lie within the range
    assert light.mean() > found("none").mean() + 0.4


def test_how_much_is_too_much(found):
    def pair(task, recipe):
        return found(recipe, f"pairs/{task}/test", task=f"pairs/{task}").mean()

    assert pair("mirror", "flip 0.1") > 0.95
    assert pair("mirror", "flip 0.2") < 0.7
    assert min(pair("hue", "hue 0.05"), pair("hue", "hue 0.1")) > 0.98
    assert pair("hue", "hue 0.2") < 0.65


def test_how_small_a_crop_may_be(found):
    for recipe in ("crop from 0.6", "crop", "crop from 0.02"):
        assert found(recipe, "lab/test").mean() > 0.995, recipe
    gain, error = difference(found("crop from 0.6", "viewpoint"), found("none", "viewpoint"))
    assert gain < 2 * error  # no help
    for recipe in ("crop", "crop from 0.02"):
        gain, error = difference(found(recipe, "viewpoint"), found("none", "viewpoint"))
        assert gain > 2 * error, recipe
    assert 0.35 < 1 - found("tiny crop", "lab/test").mean() < 0.45  # four drinks of ten


def test_correct_or_augment(project, found):
    """Balancing helps the network without augmentation, and costs the one with it at the show."""
    words = said(project, "07", "correct-seen")
    for split in ("light/3500", "light/2500", "show/test"):
        gain, error = difference(found("none", split, which="balanced"), found("none", split))
        assert gain > 2 * error, split
    lost, error = difference(
        found("none", "viewpoint"), found("none", "viewpoint", which="balanced")
    )
    assert lost > 2 * error
    for recipe, which in (("none", "balanced"), ("all", "balanced"), ("all", "accuracy")):
        assert f"{found(recipe, which=which).mean():.2f}" in words


def test_the_juice_bottle(project, found):
    """Ten pictures without augmentation teach what augmentation does not: enough is in them."""
    place = DRINKS.index("juice bottle")

    def right(recipe, collected):
        runs = [
            run["confusion"]["show/test"][place][place]
            for run in found.results["runs"]
            if (run["trained_on"], run["recipe"], run["collected"]) == ("lab", recipe, collected)
        ]
        assert len(runs) == 5
        return runs

    alone, collected = right("all", 0), right("none", 10)
    assert max(alone) < 36 <= 38 < min(collected)
    assert f"{min(alone)} to {max(alone)} of 40" in said(project, "08", "juice-bottles-seen")


def test_collecting_and_augmenting(found):
    assert abs(found("none", collected=10).mean() - found("all").mean()) < 0.03
    both, alone = found("all", collected=10), found("none", collected=10)
    gain, error = difference(both, alone)
    assert gain > 2 * error
    assert both.mean() > found("all").mean()
    gain, error = difference(found("all", collected=40), found("none", collected=40))
    assert gain < 2 * error


def test_the_second_hall(project, found):
    words = said(project, "08", "hall-seen")
    rows = [("none", 0), ("all", 0), ("all, all elsewhere", 0), ("none", 40), ("all", 40)]
    mean = {row: found(row[0], "second_hall", row[1]).mean().item() for row in rows}
    assert all(f"{value:.2f}" in words for value in mean.values())
    assert max(mean.values()) < 0.75


def test_few_examples(project, found):
    """Lesson 02: a flip regularizes where it imitates nothing that is missing."""
    none, flip = (found(r, task="show, 10 each") for r in ("none", "flip"))
    gain, error = difference(flip, none)
    assert gain > 2 * error
    words = said(project, "02", "few-examples-seen")
    assert f"{none.mean():.2f}" in words
    assert f"{flip.mean():.2f}" in words


def test_white_balance_is_that_of_the_lesson(project, matrix):
    """The benchmark's function and the lesson's cell do the same."""
    space = {"torch": torch, "lab": (torch.randint(256, (5, 3, 9, 9), dtype=torch.uint8),)}
    source = said(project, "07", "correct")
    exec(source[: source.index("\n\n\n")], space)
    images = torch.randint(256, (4, 3, 8, 8), dtype=torch.uint8)
    target = space["lab"][0].float().mean((0, 2, 3))[:, None, None]
    assert torch.equal(space["balance"](images), matrix.balanced(images, target))
