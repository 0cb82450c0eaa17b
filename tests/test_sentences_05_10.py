"""Lessons 05, 06, 09 and 10: what they say, beside the figures that carry it.

Each test names the sentence, in the words of the lesson, and computes what it stands on: from a
results file, from an output that is stored in the notebook, or once more.
"""

import json
import math
import re

import pytest
import torch
from torchvision.transforms.v2 import functional as F

from d2laug import photo
from d2laug.augment import adjust_color_temperature
from d2laug.check import lesson_09
from d2laug.data import drink, results
from d2laug.gallery import EFFECTS

READY_MADE = ("TrivialAugment", "RandAugment", "AugMix", "erasing", "MixUp", "CutMix")
READY_MADE += ("torchvision's recipe",)


class Lesson:
    """A stored notebook: the sources of its cells, and what they printed or described."""

    def __init__(self, path):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        self.source = {cell["id"]: "".join(cell["source"]) for cell in cells}
        self.output = {cell["id"]: self.stored(cell) for cell in cells}

    @staticmethod
    def stored(cell):
        parts = []
        for output in cell.get("outputs", []):
            parts += output.get("text", []), output.get("data", {}).get("text/plain", [])
        return "\n".join("".join(part) for part in parts)

    def says(self, cell, *sentences):
        for sentence in sentences:
            assert sentence in self.source[cell], (cell, sentence)


def lesson(name):
    return pytest.fixture(
        lambda project: Lesson(project / f"notebooks/{name}.ipynb"), scope="module", name=name[3:]
    )


fifty_augmentations = lesson("05_fifty_augmentations")
on_the_fly = lesson("06_on_the_fly")
cifar10 = lesson("09_cifar10")
modern_recipes = lesson("10_modern_recipes")


def standard_error(*samples):
    return math.sqrt(sum(x.var().item() / len(x) for x in samples))


# ---- 05


@pytest.fixture
def ranking(fifty_augmentations):
    """What is right under some effects at a third, at two thirds and at the end of the dial."""
    row = r"^(\S.*?) +(\d+)% +(\d+)% +(\d+)%$"
    found = re.findall(row, fifty_augmentations.output["predicted"], re.MULTILINE)
    assert len(found) == 12
    return {name: [int(x) / 100 for x in accuracies] for name, *accuracies in found}


def test_what_the_ranking_shows(fifty_augmentations, ranking):
    said = fifty_augmentations.output["ranking"]
    groups = dict(re.findall(r"([a-z][a-z ]*) \d\.\d\d \(([\d., ]+)\)", said))
    groups = {name: [float(x) for x in dots.split(", ")] for name, dots in groups.items()}
    assert sum(map(len, groups.values())) == len(EFFECTS)
    means = {name: sum(dots) / len(dots) for name, dots in groups.items()}
    middles = {name: sorted(dots)[len(dots) // 2] for name, dots in groups.items()}
    fifty_augmentations.says("ranking-seen", "In nine of the twelve groups most effects do little")
    assert sum(middle > 0.8 and means[name] > 0.8 for name, middle in middles.items()) == 9
    fifty_augmentations.says("ranking-seen", "Noise and dropout harm most, then artistic effects")
    assert sorted(means, key=means.get)[:3] == [
        *("noise and dropout", "artistic", "sharpen and edges"),
    ]
    for name in ("JPEG", "cartoon", "jigsaw"):
        assert min(ranking[name]) > 0.85
    fifty_augmentations.says(
        "ranking-seen", "this network is right in three of ten pictures or fewer at a third"
    )
    assert all(row[0] <= 0.3 for row in list(ranking.values())[-8:])


def test_jigsaw_or_noise(fifty_augmentations, ranking):
    fifty_augmentations.says("jigsaw-or-noise-seen", "the network names them all the same")
    shown = fifty_augmentations.output["jigsaw-or-noise"]
    tiles = re.findall(r"([a-z]+ [a-z]+), says ([a-z]+ [a-z]+), (\d+)%", shown)
    assert [truth == said for truth, said, _ in tiles] == [True] * 3 + [False] * 3
    said_of_noise = {said for _, said, _ in tiles[3:]}
    fifty_augmentations.says("jigsaw-or-noise-seen", "the same answer, and is sure of it")
    assert len(said_of_noise) == 1
    assert all(int(sure) > 75 for _, _, sure in tiles[3:])
    said, times, all_of_them = re.search(
        r"with dots, (.+) is the answer to (\d+) of (\d+)", shown
    ).groups()
    assert {said} == said_of_noise
    assert int(times) > 0.8 * int(all_of_them)
    fifty_augmentations.says("jigsaw-or-noise-seen", "dots on a tenth of the pixels")
    assert "RandomSaltAndPepperNoise(0.1," in EFFECTS["salt and pepper"].code(1 / 3)
    fifty_augmentations.says("summary", "survives a jigsaw and fails under dots on a tenth of")
    assert ranking["jigsaw"][2] > 0.75
    assert ranking["salt and pepper"][0] < 0.3


def test_what_is_known_may_still_overfit_less(fifty_augmentations):
    """A flip: training pictures are known with it as without, and the test gains."""
    fifty_augmentations.says(
        "jigsaw-or-noise-seen", "it may still learn less by heart ([lesson 09]"
    )
    none, flip = (gap_runs(recipe) for recipe in ("none", "flip"))
    assert min(none["train"].min(), flip["train"].min()) > 0.99
    difference = (flip["test"] - none["test"]).mean()
    assert difference > 3 * standard_error(flip["test"], none["test"])


def test_the_gaps(fifty_augmentations, ranking):
    fifty_augmentations.says("gaps", "the percentages are of the 48 pictures")
    assert "of 48 pictures are right" in fifty_augmentations.output["some-pictures"]
    shown = re.findall(r"([a-z ]+), (\d+)% right", fifty_augmentations.output["gaps-shown"])
    assert len(shown) == 6
    assert max(int(percent) for _, percent in shown) < 25
    fifty_augmentations.says("gaps-shown-seen", "noise from cameras in the dark, a halftone from")
    assert ranking["halftone"][0] < 0.35


def test_half_of_the_effects(fifty_augmentations):
    fifty_augmentations.says("summary", "About half of the effects are one line of torchvision or")
    ready = sum(effect.library in ("torchvision", "kornia") for effect in EFFECTS.values())
    assert 0.4 < ready / len(EFFECTS) < 0.6


# ---- 06


def test_normalized_values_are_cut_off(on_the_fly):
    on_the_fly.says(
        "normalize-first-seen", "darker than half of the range", "above three quarters another"
    )
    values = torch.arange(256, dtype=torch.uint8).expand(3, 1, 256)
    normalized = F.normalize(values / 255, [0.5] * 3, [0.25] * 3)
    after = F.adjust_brightness(normalized, 1.0)[0, 0]
    assert (after == 0).sum() == 128
    assert (after == 1).sum() == 64
    share = re.search(r"changes (\d+)%", on_the_fly.output["normalize-first"])[1]
    cat = photo("cat")
    assert round(100 * ((cat < 128) | (cat > 191)).float().mean().item()) == int(share)


def test_a_test_that_draws(on_the_fly):
    on_the_fly.says("test-ten-times-seen", "Here all are lower than that on the pictures as they")
    on_the_fly.says("test-ten-times-seen", "here lower than the one of the test")
    printed = re.findall(r"([\d.]+)%", on_the_fly.output["test-ten-times"])
    training, fixed, low, high = (float(x) for x in printed[:4])
    assert low < high < fixed
    assert training < fixed


def test_what_the_stream_costs(on_the_fly):
    """In the stored run: the times themselves are those of one machine on one day."""
    numbers = re.findall(r"([\d.]+) ms", on_the_fly.output["cost-chart"])
    one_by_one, once, loops, training = (float(x) for x in numbers)
    on_the_fly.says("cost-chart-seen", "the loops are faster than even that")
    assert loops < once < one_by_one
    on_the_fly.says("summary", "do the same in a fraction of the time")
    assert loops < one_by_one / 5
    assert training > 0
    rows = re.findall(r"^(.+?) +([\d.]+) ms", on_the_fly.output["loop-timed"], re.MULTILINE)
    spent = {name: float(ms) for name, ms in rows}
    on_the_fly.says("loop-seen", "The same loop is the slowest and the fastest.")
    assert max(spent, key=spent.get) == "loop, by Python"
    assert min(spent, key=spent.get) == "loop, compiled"
    on_the_fly.says("loop-seen", "here less")
    assert spent["tensors"] > spent["picture by picture"] / 2
    assert spent["loop, compiled"] < spent["tensors"] / 2


def test_what_stored_variants_take(on_the_fly):
    on_the_fly.says("summary", "would take thousands of gigabytes")
    files = on_the_fly.output["store-sizes"].split("a million photographs")[1]
    assert 1000 < float(re.search(r"100 variants: ([\d,.]+)", files)[1].replace(",", "")) < 10_000


def test_workers_that_draw_the_same(on_the_fly):
    on_the_fly.says("own-generator-seen", "both rows are the same, and so is the next epoch")
    assert on_the_fly.output["own-generator"].split().count("True") == 2


# ---- 09


def runs(part, recipe, epochs):
    found = [
        run
        for run in results("cifar10")["runs"]
        if (run["part"], run["recipe"], run["epochs"]) == (part, recipe, epochs)
    ]
    assert [run["seed"] for run in found] == [0, 1, 2]
    return {key: torch.tensor([run[key] for run in found]) for key in ("train", "test", "seconds")}


def gap_runs(recipe):
    return runs("gap", recipe, 15)


def gap(found):
    return (found["train"] - found["test"]).mean().item()


def test_the_curves(cifar10):
    cifar10.says("curves-seen", "the dashed line reaches 1", "has nearly stopped rising by then")
    for run in results("cifar10")["runs"]:
        if (run["part"], run["recipe"]) == ("gap", "none"):
            history = run["history"]
            known = next(n for n, entry in enumerate(history) if entry["train"] > 0.99)
            assert history[-1]["validation"] - history[known]["validation"] < 0.02
    cifar10.says("curves-seen", "The accuracy in training became lower, and that on new pictures")
    none, both = gap_runs("none"), gap_runs("flip + crop")
    assert both["train"].max() < none["train"].min()
    assert both["test"].min() > none["test"].max()


def test_jitter_is_no_finding(cifar10):
    cifar10.says("gaps-seen", "the difference in the middle column is no finding")
    every, crop = (gap_runs(recipe)["test"] for recipe in ("all", "flip + crop"))
    assert (every - crop).mean().abs() < standard_error(every, crop)
    cifar10.says("gaps-seen", "each of the two steps buys test accuracy")
    rows = [gap_runs(recipe)["test"] for recipe in ("none", "flip", "flip + crop")]
    assert rows[0].max() < rows[1].min()
    assert rows[1].max() < rows[2].min()


def test_the_best_accuracy(cifar10):
    found = [run for run in results("cifar10")["runs"] if run["part"] == "best"]
    run = max(found, key=lambda run: run["mirrored"])
    assert "erasing" in run["recipe"]
    assert len(found) == 3
    assert run["epochs"] == max(one["epochs"] for one in found)
    cifar10.says(
        "doubt-it",
        f"The longest of three trainings of deeper networks, {run['epochs']} epochs with erasing "
        f"too, {run['cpu_seconds'] / 120:.0f} minutes of two cores, reached {run['test']:.3f}, and "
        f"{run['mirrored']:.3f} by the mean of its answers to each picture and its mirror image",
    )


def test_the_known_accuracy(cifar10):
    usual = results("cifar10")["usual"]["test"]
    cifar10.says("times-seen", "After seven epochs the small network is just below the published")
    short, long = (runs("time", "flip + crop", epochs) for epochs in (7, 18))
    assert usual - 0.01 < short["test"].max() < usual
    cifar10.says("times-seen", "after eighteen it is beyond it")
    assert long["test"].min() > usual
    printed = cifar10.output["times-small"]
    assert printed.count("times as fast") == 1  # beside the accuracy that is reached, alone
    assert "times as fast" in printed.split("18 epochs")[1]
    for found in (short, long):
        assert f"{found['test'].mean():.3f} ±" in printed
        assert f"on training pictures {found['train'].mean():.3f}" in printed
    assert "ResNet-18 float32, the small network bfloat16" in cifar10.output["times"]
    cifar10.says("times-seen", "of copies stored as JPEG")
    assert "JPEG" in results("cifar10")["source"]
    assert "cross_entropy" in cifar10.source["two-networks"]  # not under autocast
    assert "autocast" not in cifar10.source["two-networks"]


def test_larger_or_smaller(cifar10):
    """The key of exercise 4, and the numbers of its hints, are those of the figures."""
    none, flip, crop = (gap(gap_runs(recipe)) for recipe in ("none", "flip", "flip + crop"))
    short, long = (runs("time", "flip + crop", epochs) for epochs in (7, 18))
    grows = {
        "five times as many photographs": gap(long) > crop,
        "flips alone, not flips and crops": flip > crop,
        "random flips and crops": crop > none,
        "18 epochs, not 7, with flips and crops": gap(long) > gap(short),
    }
    namespace = {}
    solution = cifar10.source["exercise-4-solution"].split("assert")[0]
    exec(solution, namespace)
    assert namespace["solution"] == {
        change: {"larger" if larger else "smaller"} for change, larger in grows.items()
    }
    assert gap(short) < gap(long) < 0.07
    gaps = [f"{x:.2f}" for x in (none, flip, crop, gap(short), gap(long))]
    assert gaps == ["0.31", "0.27", "0.13", "0.04", "0.06"]
    wrong = {change: {"smaller" if larger else "larger"} for change, larger in grows.items()}
    for change in wrong:
        hint = lesson_09.gap_grows_or_shrinks(namespace["solution"] | {change: wrong[change]})
        assert any(number in str(hint) for number in gaps), change


def test_one_process_or_two(cifar10):
    cifar10.says("one-process-seen", "a standard error of 0.016")
    assert round(math.sqrt(0.5 * 0.5 / 1000), 3) == 0.016
    two, one = re.findall(r"0\.\d+", cifar10.output["one-process"])
    assert abs(float(two) - float(one)) < 3 * 0.016 * math.sqrt(2)


# ---- 10


def recipe_runs(task, recipe):
    found = results("modern_recipes")["runs"]
    return [run for run in found if (run["task"], run["recipe"]) == (task, recipe)]


def found(recipe, test, views=None, task="drinks"):
    return torch.tensor(
        [
            (run["views"][views] if views else run["accuracy"])[test]
            for run in recipe_runs(task, recipe)
        ]
    )


def training(recipe, task="drinks"):
    return torch.tensor([run["train"] for run in recipe_runs(task, recipe)])


def test_the_show_and_the_warm_light(modern_recipes):
    modern_recipes.says("matrix-seen", "no training with a ready-made recipe gets half")
    assert max(found(recipe, "show/test").max() for recipe in READY_MADE) < 0.5
    assert found("hand-picked", "show/test").min() > 0.9
    modern_recipes.says(
        "matrix-seen", "RandAugment comes first: each of its trainings lies above all"
    )
    others = [found(recipe, "show/test").max() for recipe in READY_MADE if recipe != "RandAugment"]
    assert found("RandAugment", "show/test").min() > max(others)
    modern_recipes.says("matrix-seen", "No ready-made recipe imitates it, and none bears it.")
    warm = {recipe: found(recipe, "light/2500") for recipe in READY_MADE}
    assert max(x.max() for x in warm.values()) < 0.5
    modern_recipes.says("matrix-seen", "RandAugment comes first of them, with a spread so wide")
    first, second = sorted(warm, key=lambda name: -warm[name].mean())[:2]
    assert first == "RandAugment"
    error = standard_error(warm[first], warm[second])
    assert (warm[first] - warm[second]).mean() < 2 * error
    modern_recipes.says("matrix-seen", "without augmentation it is wider still")
    assert found("none", "light/2500").std() > warm["RandAugment"].std()


def test_the_shining_desk(modern_recipes):
    modern_recipes.says("matrix-seen", "bear the desk nearly as well as the pipeline picked by")
    for recipe in ("TrivialAugment", "RandAugment", "AugMix"):
        assert (
            found(recipe, "reflections").mean() > found("hand-picked", "reflections").mean() - 0.03
        )
    modern_recipes.says("matrix-seen", "Color jitter alone does so too in lesson 07.")
    jitter = [
        run["accuracy"]["reflections"]
        for run in results("drinks_matrix")["runs"]
        if (run["trained_on"], run["recipe"], run["collected"]) == ("lab", "color jitter", 0)
    ]
    assert min(jitter) > 0.93


def test_turned_left_and_viewpoint(modern_recipes):
    modern_recipes.says(
        "matrix-seen", "So are TrivialAugment, MixUp, CutMix and erasing, which have none."
    )
    none = found("none", "turned")
    better = set()
    for recipe in READY_MADE:  # where the difference exceeds twice its standard error
        turned = found(recipe, "turned")
        if turned.mean() - none.mean() > 2 * math.sqrt((turned.var() + none.var()) / len(none)):
            better.add(recipe)
    assert better == set(READY_MADE) - {"RandAugment", "AugMix"}
    for recipe in ("torchvision's recipe", "TrivialAugment", "CutMix"):
        assert found(recipe, "turned").min() > none.max()
    modern_recipes.says("matrix-seen", "from other viewpoints both are below no augmentation here")
    for recipe in ("MixUp", "CutMix"):
        assert found(recipe, "viewpoint").max() < found("none", "viewpoint").min()
    assert found("CutMix", "reflections").max() < found("none", "reflections").min()


def test_the_photographs(modern_recipes):
    single = ["none", "hand-picked", *READY_MADE[:-1]]
    test = {recipe: found(recipe, "test", task="cifar10") for recipe in (*single, READY_MADE[-1])}
    modern_recipes.says("both-seen", "the last row apart, all lie within five hundredths")
    dots = torch.cat([test[recipe] for recipe in single])
    assert dots.max() - dots.min() <= 0.05
    modern_recipes.says("both-seen", "RandAugment comes within about a hundredth of it")
    assert 0 < (test["hand-picked"] - test["RandAugment"]).mean() < 0.015
    assert test["hand-picked"].min() > max(test[recipe].max() for recipe in READY_MADE)
    modern_recipes.says("both-seen", "about a hundredth above no augmentation, or less")
    for recipe in ("TrivialAugment", "AugMix", "erasing", "MixUp", "CutMix"):
        assert 0 < (test[recipe] - test["none"]).mean() < 0.015
    modern_recipes.says("which", "They bought at most about a hundredth on the photographs.")
    modern_recipes.says("both-seen", "ends far below no augmentation")
    assert test["torchvision's recipe"].max() < test["none"].min() - 0.1
    modern_recipes.says("both-seen", "it names a third of its own training pictures")
    assert 0.28 < training("torchvision's recipe", "cifar10").mean() < 0.36


def test_training_accuracies_are_printed(modern_recipes):
    printed = modern_recipes.output["read-results"].split("cifar10:")
    for task, rows in zip(("drinks", "cifar10"), printed, strict=True):
        for recipe in ("none", "hand-picked", *READY_MADE):
            mean = f"{training(recipe, task).mean():.2f}"
            assert re.search(rf"^ +{recipe} +training {mean}$", rows, re.MULTILINE), (task, recipe)


def test_eight_epochs_and_fifteen(modern_recipes):
    modern_recipes.says("cifar", "8 epochs here; lesson 09 takes 15, in smaller batches")
    assert results("modern_recipes")["cifar10"]["epochs"] == 8
    assert results("modern_recipes")["cifar10"]["options"]["batch_size"] == 128
    assert "'batch_size': 64" in results("cifar10")["options"]["gap"]
    modern_recipes.says("cifar", "the same flip and crop reach more there")
    here = found("hand-picked", "test", task="cifar10")
    assert gap_runs("flip + crop")["test"].min() > here.max()


def test_augmix_is_called_what_it_is(modern_recipes):
    modern_recipes.says("augmix", "**AugMix without its Jensen-Shannon loss**")
    assert results("modern_recipes")["drinks"]["recipes"]["AugMix"][1] == "None"  # one plain loss


def test_views_help_and_harm(modern_recipes):
    modern_recipes.says("views-seen", "Under warm light and at the show no view helps it")
    modern_recipes.says("views-seen", "the same mirror image costs something")
    for place in ("reflections", "viewpoint"):
        assert (found("none", place, "mirror") < found("none", place)).all()
    for place in ("light/2500", "show/test"):
        for views in ("mirror", "sizes", "8 draws"):
            assert found("none", place, views).mean() < found("none", place).mean() + 0.005
    modern_recipes.says("views-seen", "nearer and farther ones add about a hundredth to it.")
    gain = found("hand-picked", "show/test", "sizes") - found("hand-picked", "show/test")
    assert gain.min() > 0
    assert 0.005 < gain.mean() < 0.02
    modern_recipes.says("summary", "helps with some views and harms with others")
    assert found("none", "turned", "mirror").min() > 0.95 > found("none", "turned").max()
    assert found("none", "lab/test", "8 draws").max() < 0.7


def test_no_operation_makes_white_yellow(modern_recipes):
    """All colors of TrivialAugment, on the white of the can, beside the lamp of the show."""
    modern_recipes.says("wall-seen", "nothing makes the white of the can yellow")
    lesson = {"F": F, "torch": torch, "math": math}
    for cell in ("operations", "strengths"):
        exec(modern_recipes.source[cell], lesson)
    can = drink("cherry can", split="lab/train")
    white = (can.min(0).values > 150) & (can.max(0).values - can.min(0).values < 25)
    white[:35] = False  # the wall

    def yellow(image):
        red, green, blue = image[:, white].float().mean(1).tolist()
        return (red + green) / 2 - blue

    moved = {"shear x", "shear y", "move x", "move y", "rotate"}
    made = [
        yellow(change(can, value))
        for name, change in lesson["OPERATIONS"].items()
        if name not in moved
        for value in lesson["wide"][name].tolist()
    ]
    assert yellow(adjust_color_temperature(can, 2500)) > 3 * max(made)


def test_a_single_turn_of_randaugment(modern_recipes):
    modern_recipes.says("rand-seen", "no single turn is larger than 9 degrees")
    lesson = {"torch": torch}
    exec(modern_recipes.source["strengths"], lesson)
    mild = lesson["strengths"](0.3, 43, 30, 0.9, bits=(8, 4), keep=[9])
    assert mild["rotate"].abs().max().item() == pytest.approx(9)
