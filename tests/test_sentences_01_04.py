"""Lessons 01 to 04: what they say, beside the figures that carry it.

Each test names the sentence, in the words of the lesson, and computes what it stands on: from the
results file, from an output that is stored in the notebook, or once more.
"""

import csv
import json
import re

import pytest
import torch
from torchvision.transforms.v2 import functional as F

from d2laug import augment, photo
from d2laug.data import DRINKS, DRINKS_KELVINS, drink, drinks, results
from d2laug.train import load_network, predict

DEMO, FLIP, CROP, COLOR = "01_the_demo_that_failed", "02_flip", "03_crop", "04_color"
CHANGES = ("light/2500", "reflections", "viewpoint", "turned")


@pytest.fixture(scope="module")
def lessons(project):
    """The cells of the lessons by their ids: each source and what is stored under it."""
    found = {}
    for name in (DEMO, FLIP, CROP, COLOR):
        nb = json.loads((project / f"notebooks/{name}.ipynb").read_text("utf-8"))
        found[name] = {c["id"]: ("".join(c["source"]), stored(c)) for c in nb["cells"]}
    return found


def stored(cell):
    parts = []
    for output in cell.get("outputs", []):
        parts += output.get("text", []), output.get("data", {}).get("text/plain", [])
    return "".join("".join(part) for part in parts)


@pytest.fixture
def says(lessons):
    """A function that is given words of a cell, which must stand there, and returns nothing."""

    def check(lesson, cell, *sentences):
        for sentence in sentences:
            assert sentence in lessons[lesson][cell][0], f"{lesson}, {cell}: {sentence!r}"

    return check


@pytest.fixture
def output(lessons):
    return lambda lesson, cell: lessons[lesson][cell][1]


def percents(text, pattern):
    return [float(number) / 100 for number in re.findall(pattern, text)]


def row(task, recipe):
    """The runs of a row of the matrix, without pictures that were collected."""
    runs = [
        run
        for run in results("drinks_matrix")["runs"]
        if (run["trained_on"], run["recipe"], run["collected"]) == (task, recipe, 0)
    ]
    assert [run["seed"] for run in runs] == [0, 1, 2, 3, 4]
    return [run["accuracy"] for run in runs]


def answer(recipe, picture):
    """The drink that a network of the lessons names, and how sure it is."""
    sure, label = predict(load_network(recipe), picture[None])[0].max(0)
    return DRINKS[label], sure.item()


@pytest.fixture(scope="module")
def arrangements(project):
    with open(project / "data/drinks/metadata.csv", newline="") as file:
        return list(csv.DictReader(file))


# ---- 01


def test_each_change_costs_something_and_warm_light_most(says, output):
    says(
        DEMO,
        "one-change-seen",
        "trained for 24 epochs, which differ in the seed alone. Each change costs something in all",
        "Warm light costs most, and how much differs widely.",
        "The shining desk and the turned drinks cost about the same, another viewpoint least.",
    )
    assert results("drinks_matrix")["epochs"] == 24
    rows = row("lab", "none")
    for run in rows:
        assert max(run[split] for split in CHANGES) < run["lab/test"]
        assert min(CHANGES, key=run.get) == "light/2500"
        assert max(CHANGES, key=run.get) == "viewpoint"
    warm, desk, _, turned = (torch.tensor([run[split] for run in rows]) for split in CHANGES)
    assert warm.max() - warm.min() > 0.1
    assert abs(desk.mean() - turned.mean()) < 0.1
    this = percents(output(DEMO, "one-change-accuracy"), r"(\d+)%")  # lab, the four, show, guess
    assert min(this[1:5]) == this[1]
    assert max(this[1:5]) == this[3] < this[0]


def test_the_stored_dots_are_those_of_the_results_file(output):
    shown = output(DEMO, "one-change-seeds")
    for split in ("lab/test", *CHANGES, "show/test"):
        dots = ", ".join(f"{run[split]:.2f}" for run in row("lab", "none"))
        assert f"({dots})" in shown, split
    for run in row("lab", "none"):
        curve = ", ".join(f"{run[f'light/{kelvin}']:.2f}" for kelvin in DRINKS_KELVINS)
        assert curve in output(DEMO, "kelvin-curve")
    shown = output(FLIP, "mirror-pair-trained")
    for recipe in ("none", "flip"):
        shares = [f"{run['pairs/mirror/test']:.0%}" for run in row("pairs/mirror", recipe)]
        assert f"trained with {recipe}, right in {', '.join(shares)}" in shown


def test_what_differs_at_the_show(says, arrangements):
    says(DEMO, "one-change-seen", "under lamps of 2,600 to 4,500 K")
    says(DEMO, "take-apart", "half of the drinks are turned to the left, as none is in the lab")
    says(DEMO, "kelvin", "the lab's lamps have about 6,500 K")
    says(DEMO, "quarter-seen", "No lab picture shows yellow light.")
    lab, show = (
        [a for a in arrangements if a["split"] == split] for split in ("lab/train", "show/test")
    )
    kelvins = [float(a["kelvin"]) for a in show]
    assert 2600 <= min(kelvins) < 2700
    assert 4400 < max(kelvins) <= 4500
    assert {round(float(a["kelvin"]), -3) for a in lab} <= {6000, 7000}
    assert {a["facing"] for a in lab} == {"right"}
    assert 0.45 < sum(a["facing"] == "left" for a in show) / len(show) < 0.55


def test_a_turned_lime_bottle_looks_like_a_mint_bottle(says, lessons):
    says(DEMO, "one-change-seen", "the lime bottle looks like the mint bottle of the lab")
    says(DEMO, "one-change", '"turned left": "turned"', 'drink("lime bottle", split=split)')
    assert answer("none", drink("lime bottle", split="turned"))[0] == "mint bottle"
    assert answer("none", drink("lime bottle"))[0] == "lime bottle"


def test_the_fall_begins_at_another_light_in_each_training(says, output):
    says(
        DEMO,
        "kelvin-curve-seen",
        "Down to 5,000 K nearly every answer is right.",
        "Then the accuracy falls, in one training sooner than in another.",
    )
    shown = re.search(r"this network ([\d., ]+);", output(DEMO, "kelvin-curve"))[1]
    this = dict(zip(DRINKS_KELVINS, map(float, shown.split(", ")), strict=True))
    rows = [{k: run[f"light/{k}"] for k in DRINKS_KELVINS} for run in row("lab", "none")]
    for curve in (this, *rows):
        assert min(curve[6500], curve[5500], curve[5000]) > 0.95
        assert curve[2500] < 0.9
    middle = [curve[3500] for curve in rows]
    assert max(middle) - min(middle) > 0.2


def test_two_cans_are_nearly_every_answer(says, output):
    says(DEMO, "confusion-seen", 'Nearly every answer is "lemon can" or "orange can"')
    rows = output(DEMO, "confusion-matrix").partition("share of the answers: ")[2].split("; ")
    shares = [float(s) for r in rows for s in re.findall(r"(?:lemon|orange) can (\d\.\d+)", r)]
    assert len(shares) == 2 * len(DRINKS)
    assert sum(shares) / len(DRINKS) > 0.9


def test_more_of_the_same_changes_little(says, output):
    says(DEMO, "quarter-seen", "the accuracy at the show is about the same")
    says(DEMO, "summary", "nearly all right in the lab, less than half at the show")
    lab = percents(output(DEMO, "quarter"), r"lab ([\d.]+)%")
    show = percents(output(DEMO, "quarter"), r"show ([\d.]+)%")
    assert min(lab) > 0.99
    assert abs(show[0] - show[1]) < 0.03
    assert max(show) < 0.5
    fewer, more = (
        torch.tensor([run["show/test"] for run in row(task, "none")])
        for task in ("lab, 20 each", "lab")
    )
    said = f"five longer trainings of each too: {fewer.mean():.2f} and {more.mean():.2f}"
    says(DEMO, "quarter-seen", said)
    error = (fewer.var() / 5 + more.var() / 5).sqrt()
    assert (more.mean() - fewer.mean()).abs() < error


def test_augmentation_helps_and_does_not_solve_everything(says, output):
    says(DEMO, "fit-augmented-seen", "recognizes far more of the show, not all of it")
    without, augmented = percents(output(DEMO, "fit-augmented"), r"show ([\d.]+)%")
    assert 2 * without < augmented < 0.95


def test_the_loss_cannot_reach_zero(says, output):
    says(DEMO, "test-in-the-lab", "The loss stays above 0 all the same", "label smoothing")
    target = torch.full((len(DRINKS),), 0.1 / len(DRINKS))
    target[0] += 0.9
    least = -(target * target.log()).sum().item()
    assert float(re.search(r"loss ([\d.]+)", output(DEMO, "fit"))[1]) >= least - 0.01


def test_answers_stand_beside_the_truth(output):
    tiles = output(DEMO, "show-answers").partition(": ")[2].strip("')\n").split("; ")
    assert len(tiles) == 12
    for tile in tiles:
        truth, said, verdict = re.match(r"is ([a-z ]+), says ([a-z ]+), (\w+): \d+%", tile).groups()
        assert verdict == ("right" if truth == said else "WRONG"), tile


# ---- 02


def test_flips_make_the_pair_a_guess(says):
    says(
        FLIP,
        "mirror-pair-seen",
        "Five networks that were trained so are right about as often as a guess (50 %)",
        "without flips all five are right every time",
    )
    right = {
        recipe: torch.tensor([run["pairs/mirror/test"] for run in row("pairs/mirror", recipe)])
        for recipe in ("none", "flip")
    }
    assert right["none"].min() == 1
    assert abs(right["flip"].mean() - 0.5) < 0.1
    assert right["flip"].max() < 0.7


def test_what_the_networks_say_of_a_flipped_bottle(says):
    says(
        FLIP,
        "flip-opinion-seen",
        'Unflipped, both say "lime bottle".',
        'without flips says "mint bottle"',
        'the first says "lime bottle" again',
        'has never met a bottle upside down, says "mint bottle"',
    )
    bottle = drink("lime bottle")
    pictures = [bottle, bottle.flip(-1), bottle.flip(-1, -2)]
    lime, mint = "lime bottle", "mint bottle"
    for recipe, names in (("none", [lime, mint, lime]), ("all", [lime, lime, mint])):
        assert [answer(recipe, picture)[0] for picture in pictures] == names, recipe


def test_the_share_of_flips_is_near_p(says, output):
    says(FLIP, "random-flip-seen", "Over many draws the share of flips comes close to `p`.")
    (share,) = percents(output(FLIP, "share-of-flips"), r"([\d.]+)%")
    assert abs(share - 0.2) < 0.03


# ---- 03


def test_boxes_of_one_area(says, output):
    says(CROP, "boxes-of-three-ratios-seen", "Three boxes of the same area, 30 % of the picture")
    pixels = re.findall(r"(\d+) pixels", output(CROP, "boxes-at-one-scale"))
    assert [int(n) for n in pixels] == pytest.approx([0.3 * 300 * 451] * 3, rel=0.01)
    says(CROP, "boxes-at-one-scale", "to_scale=True")


def test_small_means_and_one_crop_for_the_strip(says, output):
    says(
        CROP,
        "fallback-table-seen",
        "The mean area is below 54 % even for a square, and far below it for pictures",
        "covers only about half of the text",
        "most crops are **the same crop**",
    )
    rows = re.findall(r"([\d.]+)% +([\d.]+)% +([\d.]+)%", output(CROP, "fallback-table"))
    means, _, middle = zip(*(map(float, r) for r in rows), strict=True)
    assert 54 > means[0] > means[1] > means[2] > means[3]
    assert middle[3] > 50
    assert 172 * round(172 * 4 / 3) / (172 * 448) == pytest.approx(0.5, abs=0.02)


def test_how_often_the_rocket_is_lost(says, output):
    says(
        CROP,
        "rocket-lost-seen",
        "about one crop in seven shows less than a tenth of the rocket",
        "A lower end of 0.25 makes that rare, and 0.5 ends it",
    )
    _, default, quarter, half = percents(output(CROP, "rocket-lost"), r" (\d+)% of")
    assert default == pytest.approx(1 / 7, abs=0.02)
    assert 0 < quarter < 0.06
    assert half == 0


def test_what_the_networks_say_of_an_empty_crop(says):
    says(
        CROP,
        "crop-opinion-seen",
        "The first network names one all the same, and is fairly sure of it.",
        "is sure of none: its bars are short",
        "On the middle of the can even the smallest box is enough for both.",
    )
    can = drink("lemon can")
    empty = F.resize(can[:, :40, :40], [96, 96])
    assert answer("none", empty)[1] > 0.5
    assert answer("all", empty)[1] < 0.3
    side = round((0.08 * 96 * 96) ** 0.5)
    top = left = (96 - side) // 2
    small = F.resize(can[:, top : top + side, left : left + side], [96, 96])
    for recipe in ("none", "all"):
        name, sure = answer(recipe, small)
        assert name == "lemon can"
        assert sure > 0.5


# ---- 04


def test_half_of_a_stored_value_is_a_fifth_of_the_light(says):
    says(COLOR, "add-or-multiply-seen", "half of a bright stored value is about a fifth")
    says(COLOR, "linear-light", "The value 0.5 stands for about a fifth of the light")
    values = torch.linspace(0.5, 1, 51)
    shares = augment.to_linear(values / 2) / augment.to_linear(values)
    assert shares.min() > 0.18
    assert shares.max() < 0.25


def test_gains_at_two_temperatures(says):
    says(
        COLOR,
        "gains-seen",
        "At 6,500 K all gains are 1. At 2,500 K red is more than doubled against green",
    )
    assert torch.allclose(augment.kelvin_to_gains(6500), torch.ones(3))
    red, green, blue = augment.kelvin_to_gains(2500)
    assert red > 2 * green
    assert blue < 0.2


def test_computed_light_is_near_the_rendered_one(says, output):
    says(
        COLOR,
        "light-rendered-seen",
        "at 2,500 K red, green and blue are off by about 12, 6 and 16 levels",
    )
    day, warm = (drinks(f"light/{kelvin}", tensors=True)[0] for kelvin in (6500, 2500))
    computed = augment.adjust_color_temperature(day, 2500)
    off = (computed.int() - warm.int()).abs().float().mean((0, 2, 3))
    assert off.tolist() == pytest.approx([12, 6, 16], abs=1)
    assert "is off by [12, 6, 16] of 255 levels" in output(COLOR, "light-rendered")
    untouched = (day.int() - warm.int()).abs().float().mean((0, 2, 3))
    assert (untouched > 3 * off).all()


def test_red_is_cut_off_first(says):
    says(COLOR, "color-widget-seen", "cuts them off at the end, red first")
    red, green, blue = (photo("coffee").float() * 2 > 255).float().mean((1, 2))
    assert red > 0.5 > green > blue


def test_warm_lights_come_up_more_often(says):
    says(COLOR, "jitter-order", "warm lights come up more often than cold ones")
    drawn = augment.RandomColorTemperature().make_params(torch.rand(2000, 3, 1, 1))["kelvin"]
    assert (drawn < 6250).float().mean() > 0.7  # 6,250 is the middle of 2,500 to 10,000


def test_what_the_networks_say_of_other_colors(says):
    says(
        COLOR,
        "color-opinion-seen",
        "At a brightness of 0.5 the first network is lost; the second one",
        'a shift of the hue makes **both** say "lemon can"',
        "Without any color neither knows the can, and neither is sure.",
    )
    can = drink("orange can")
    dark, gray = F.adjust_brightness(can, 0.5), F.adjust_saturation(can, 0)
    assert answer("none", dark)[0] != "orange can"
    assert answer("all", dark)[0] == "orange can"
    for recipe in ("none", "all"):
        assert answer(recipe, can)[0] == "orange can"
        assert answer(recipe, F.adjust_hue(can, 0.1))[0] == "lemon can"
        name, sure = answer(recipe, gray)
        assert name != "orange can"
        assert sure < 0.6


# ---- all four


def test_terms_are_explained_where_they_come_first(says):
    says(DEMO, "train-it", "an **epoch** is one pass", "the **validation** pictures")
    says(DEMO, "train-it", "Training makes the **loss** smaller", "sets the **seed**")
    says(DEMO, "test-in-the-lab", "Which share does it get right (its **accuracy**)?")
    says(DEMO, "confusion", "In this **confusion matrix** each row is a drink")
    says(FLIP, "title", "a **batch** of many in one tensor")
    says(FLIP, "the-cat-seen", "(`uint8`: 8 bits, no sign)")


def test_words(lessons):
    """American spelling, and *network* for what is trained."""
    for name, cells in lessons.items():
        text = " ".join(source for source, _ in cells.values())
        words = r"\b(colour|grey|centre|recognis|recognizer|normalis|model)\w*"
        assert re.findall(words, text, re.IGNORECASE) == [], name
