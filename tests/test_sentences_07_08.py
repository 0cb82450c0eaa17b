"""What lessons 02, 07 and 08 say of the matrix of trainings is what its figures carry."""

import json

import pytest
import torch

from d2laug import augment
from d2laug.data import DRINKS, drink, drinks
from d2laug.train import accuracy, load_network, predict
from d2laug.widgets import explore


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


def test_the_shining_desk_and_the_crops(project, found):
    words = said(project, "07", "tiny-crops-seen")
    assert "the shining desk becomes harder with all but those from 30 %" in words
    assert '"crop from 0.3"' in said(project, "07", "tiny-crops-table")
    for recipe in ("crop from 0.6", "crop", "crop from 0.02", "tiny crop"):
        lost, error = difference(found("none", "reflections"), found(recipe, "reflections"))
        assert lost > 2 * error, recipe
    same, error = difference(found("none", "reflections"), found("crop from 0.3", "reflections"))
    assert abs(same) < 2 * error
    words = said(project, "07", "best-of-each-place-seen")
    assert "nearly as well as reflections do, though it draws no streak" in words
    assert (
        found("color jitter", "reflections").mean()
        > found("reflections", "reflections").mean() - 0.02
    )
    assert "These crops alone make the shining desk **harder**" in words
    assert "reflections alone lower the show" in words
    lost, error = difference(found("none"), found("reflections"))
    assert lost > 2 * error


def test_how_far_one_accuracy_can_be_off(project):
    words = said(project, "07", "doubt-it")
    assert "0.95 on the 480 pictures of the show has a standard error of 0.010" in words
    assert len(drinks("show/test")) == 480
    assert round((0.95 * 0.05 / 480) ** 0.5, 3) == 0.010


def test_to_draw_once(project):
    """Lesson 07 shows one training each, on 80 pictures of a drink; lesson 11 has five, on 40."""
    words = said(project, "07", "experiment-test-seen")
    runs = json.loads((project / "benchmarks/results/own_photos.json").read_text("utf-8"))["runs"]
    anew, once = (
        torch.tensor([run["right"]["show/test"] for run in runs if run["row"] == row]).mean(1)
        for row in ("new draws", "1 copy of each")
    )
    assert len(anew) == len(once) == 5
    lost, error = difference(anew, once)
    assert lost > 2 * error
    assert f"show it: {anew.mean():.2f} anew, {once.mean():.2f} once (lesson 11)" in words


def test_the_race(project):
    """Perfect in the lab after three epochs, and never three in ten at the show."""
    words = said(project, "07", "race-seen")
    assert words == "After three. At the show it never reaches three in ten."
    race = json.loads((project / "benchmarks/results/race.json").read_text("utf-8"))
    (run,) = [run for run in race["runs"] if run["recipe"] == "none"]
    lab = run["accuracy"]["lab/test"]
    assert lab[2] < 1
    assert min(lab[3:]) == 1
    assert max(run["accuracy"]["show/test"]) < 0.3


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
    assert "only loses here" in words
    for split in ("light/3500", "light/2500", "viewpoint", "show/test"):
        both, alone = found("all", split, which="balanced"), found("all", split)
        assert both.mean() <= alone.mean() + 0.001, split
    lost, error = difference(found("all"), found("all", which="balanced"))
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
    balanced = found("all", "second_hall", which="balanced")
    sentence = f"takes augmentation from {mean['all', 0]:.2f} to {balanced.mean():.2f}"
    assert f"the white balance of lesson 07 {sentence}" in words
    assert balanced.mean() < 0.75  # the summary: nothing comes near
    gain, error = difference(balanced, found("all", "second_hall"))
    assert gain > 2 * error
    assert "most at **this** show" in said(project, "08", "costs")
    elsewhere = mean["none", 40] - mean["none", 0]
    assert 0.05 < elsewhere < found("none", collected=40).mean() - found("none").mean()


def test_which_rows_were_tested_in_the_second_hall(found, matrix):
    """The command says which rows of the file lack it; no lesson asks for one of them."""
    runs = [run for run in found.results["runs"] if run["trained_on"] == "lab"]
    without = [run for run in runs if matrix.SEALED not in run["accuracy"]]
    rows = {(run["recipe"], run["collected"]) for run in without}
    assert rows == {
        *((recipe, 0) for recipe in (*matrix.PIECES, "tiny crop")),
        *((recipe, count) for recipe in matrix.SHIPPED for count in (5, 10, 20)),
    }
    assert not [run for run in without if run["seed"] == 0 and run["collected"] in (5, 10)]
    for run in runs:
        asked = not run["collected"] and run not in without
        assert ("balanced" in run) == asked, (run["recipe"], run["seed"])
    for words in (
        "not for the five single augmentations nor the tiny crop",
        "of 5 to 20 collected",
    ):
        assert words in matrix.__doc__


def test_streaks_or_darkness(project):
    """What deceives the first network at the shining desk: the streaks, not the darker drink."""
    words, source = (
        said(project, "08", cell) for cell in ("show-floor-seen", "streaks-or-darkness")
    )
    assert "The streaks deceive the first network, not the darkness" in words
    without = load_network("none")
    images, labels = drinks("reflections", tensors=True)
    light = images.float().mean(1, keepdim=True)
    dimmed, brighter = images * (170 / light).clamp(max=1), (images * 1.1).clamp(max=255)
    assert "(desk * 1.1).clamp(max=255)" in source
    assert "desk * (170 / light).clamp(max=1)" in source
    plain, worse, better = (
        accuracy(without, (x.to(torch.uint8), labels)) for x in (images, brighter, dimmed)
    )
    assert f"({plain:.0%} become {worse:.0%})".replace("%", " %") in words
    assert f"{better:.0%} are right".replace("%", " %") in words

    # The same on the widget's orange can: by the same factor darker, and with the streaks alone.
    can = drink("orange can")
    said_of = {
        name: DRINKS[predict(without, picture[None]).argmax()]
        for name, picture in (("can", can), ("both", shown(1.0)), ("dark", darker(can, shown(1.0))))
    }
    assert said_of["can"] == said_of["dark"] == "orange can" != said_of["both"]


def shown(reflections):
    """The orange can as the widget of lesson 08 shows it at 6,500 K."""
    floor = explore.show_floor("orange_can", reflections=reflections, networks={})
    return torch.from_numpy(floor.arrays[1].copy()).movedim(-1, 0)


def darker(picture, exposed):
    """`picture` with as much less light as `exposed` has in a corner without a lamp."""
    light, less = (augment.to_linear(x[:, :20, :20] / 255).mean() for x in (picture, exposed))
    return (255 * augment.to_srgb(augment.to_linear(picture / 255) * less / light)).to(torch.uint8)


def test_the_second_network_on_the_show_floor(project):
    """The sliders' ends and six places between, for each drink."""
    words = said(project, "08", "show-floor-seen")
    assert "The second one is right at every setting that we tried" in words
    assert "least sure of the milk carton in the warmest light with the strongest" in words
    network, sure = load_network("all"), {}
    for name in DRINKS:
        floor = explore.show_floor(name.replace(" ", "_"), networks={})
        for reflections in (0.0, 1.0, 2.0):
            floor.controls["reflections"].value = reflections
            for kelvin in (2000, 2700, 3500, 6500, 12000):
                floor.controls["kelvin"].value = kelvin
                picture = torch.from_numpy(floor.arrays[1].copy()).movedim(-1, 0)
                shares = predict(network, picture[None])[0]
                assert DRINKS[shares.argmax()] == name, (name, kelvin, reflections)
                sure[name, kelvin, reflections] = shares.max().item()
    assert min(sure, key=sure.get) == ("milk carton", 2000, 2.0)


def test_few_examples(project, found):
    """Lesson 02: a flip regularizes; of all changes at once five trainings do not show it."""
    none, flip, every = (found(r, task="show, 10 each") for r in ("none", "flip", "all"))
    gain, error = difference(every, none)
    assert gain < 2 * error
    assert f"with all changes at once, {every.mean():.2f}, five" in said(
        project, "02", "few-examples-seen"
    )
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
