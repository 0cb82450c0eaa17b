"""Lessons 11 and 12: each sentence with a number is beside the output or the figures it is from."""

import json
import re
from itertools import pairwise
from statistics import mean, variance

import pytest
import torch
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.transforms.v2 import functional as F

from d2laug.augment import RandomColorTemperature


class Lesson:
    """A stored notebook: the sources of its cells, and what they printed or described."""

    def __init__(self, path):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        self.source = {cell["id"]: "".join(cell["source"]) for cell in cells}
        self.output = {
            cell["id"]: "\n".join(
                "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
                for output in cell.get("outputs", [])
            )
            for cell in cells
        }

    def says(self, id, *sentences):
        for sentence in sentences:
            assert sentence in self.source[id], (id, sentence)

    def percents(self, id):
        return [float(x) for x in re.findall(r"([\d.]+)\s?%", self.output[id])]


@pytest.fixture(scope="module")
def photos(project):
    return Lesson(project / "notebooks/11_your_own_photos.ipynb")


def test_a_photo_lies_on_its_side(photos, tmp_path):
    """`ImageFolder` leaves the orientation aside, and so does whoever reads the pixels alone."""
    photos.says("turned-file-seen", "torchvision's `ImageFolder` reads photos like this")
    note, stored = Image.Exif(), F.to_pil_image(torch.zeros(3, 20, 10, dtype=torch.uint8))
    note[0x0112] = 6
    (tmp_path / "cat").mkdir()
    stored.save(tmp_path / "cat/1.jpg", exif=note)
    assert ImageFolder(tmp_path)[0][0].size == (10, 20)
    photos.says("upload-by-code", "open_image")
    assert photos.output["upload-by-code"].strip() == "[3, 400, 600]"  # wider than high


def test_the_memory_of_the_bomb(photos):
    photos.says("refused-seen", "30 GB of memory, three bytes a pixel")
    photos.says("refused-shown", "P6 100000 100000 255")
    assert 100_000**2 * 3 == 30e9


def test_what_the_lesson_says_of_the_split(photos):
    at_random, stratified = photos.output["at-random"].partition("stratified: ")[::2]
    counts = [json.loads(row) for row in re.findall(r"\[.*?\]", at_random)]
    assert max(map(max, counts)) >= 3 * min(map(min, counts))  # one gets many and another few
    assert json.loads(stratified) == [5] * 5


def test_what_the_lesson_says_of_the_second_lamp(photos):
    first, second, guess = photos.percents("second-lamp")
    assert (first, guess) == (100, 20)
    assert second < first / 2  # most of it is taken away
    rows = photos.output["second-lamp-matrix"].partition("answers: ")[2].split("; ")
    assert len(rows) == 5
    share = sum(float(re.search(r"lemon can ([\d.]+)", row.partition(": ")[2])[1]) for row in rows)
    assert 20 * share > 60
    photos.says("second-lamp-seen", "Most of the 100 answers are *lemon can*")


def test_what_the_lesson_says_of_the_recipes(photos):
    photos.says("mend-it", "from 2,500 to 10,000 K: the second lamp lies within")
    low, high = RandomColorTemperature().kelvin
    assert (low, high) == (2500, 10_000)
    photos.says("make-photos", '"second lamp": "light/3500"')
    means = {
        name: [float(x) for x in re.findall(r"[a-z] ([\d.]+)", numbers)]
        for name, numbers in re.findall(
            r"(no augmentation|flip|color temperature): ([^;]*)", photos.output["compare-shown"]
        )
    }
    assert [first for first, _ in means.values()] == [1, 1, 1]
    assert means["color temperature"][1] == 1  # a mean of 1: in each of its trainings
    none, flip = means["no augmentation"][1], means["flip"][1]
    photos.says("compare-seen", f"from {none:.2f} to {flip:.2f} is no finding")


@pytest.mark.long
def test_the_flip_is_no_finding(photos):
    """The cells that train, as they stand: the spread is on no picture that a test can read."""
    names = {}
    cells = ("setup", "turned-file", "my-folder", "make-photos", "stand-in", "look-first-counts")
    for id in (*cells, "tensors", "at-random", "fit", "compare"):
        exec(photos.source[id], names)
    none, flip, light = (result["second lamp"] for result in names["results"].values())
    error = (none.var() / 3 + flip.var() / 3).sqrt()
    assert abs(flip.mean() - none.mean()) < 2 * error
    assert none.std() > 0.1
    assert light.min() > 0.98


def test_the_five_shares_of_the_cat(photos):
    shares = photos.percents("the-cat")
    assert len(shares) == 5
    assert abs(sum(shares) - 100) <= 2  # but for rounding


@pytest.fixture(scope="module")
def spoken(project):
    return Lesson(project / "notebooks/12_beyond_images.ipynb")


@pytest.fixture(scope="module")
def found(project):
    """A function of a recipe and a test: the accuracies of its trainings, one for each seed."""
    runs = json.loads((project / "benchmarks/results/words.json").read_text("utf-8"))["runs"]

    def accuracies(recipe, place):
        values = [run["accuracy"][place] for run in runs if run["recipe"] == recipe]
        assert len(values) == 5
        return values

    return accuracies


def exceeds(more, fewer):
    """Whether the difference of the means is more than twice its standard error."""
    error = (variance(more) / len(more) + variance(fewer) / len(fewer)) ** 0.5
    return mean(more) - mean(fewer) > 2 * error


NOISES = ("white", "fridge", "street", "hall")


def test_what_the_lesson_says_of_the_show(spoken):
    lab, (show, guess) = spoken.percents("lab-accuracy")[0], spoken.percents("show-accuracy")
    assert lab > 95
    assert guess == 8.3
    spoken.says("show-seen", "now it is rarely right")
    assert show < 20
    spoken.says("show-answers-seen", "These three words are nearly all that it says")
    spoken.says("widget-seen", "answers *cola* to much of the noise")
    answers = spoken.percents("show-answers")
    assert len(answers) == 3
    assert sum(answers) > 85
    assert re.search(r"cola +is its answer to [2-9]\d%", spoken.output["show-answers"])
    quiet, noisy = re.findall(r"lab ([\d.]+)%   show ([\d.]+)%", spoken.output["both"])
    spoken.says("both-seen", "understands most words, and in the lab hardly anything is lost")
    assert float(noisy[0]) > float(quiet[0]) - 2
    assert float(noisy[1]) > 80 > float(quiet[1])


def test_what_the_lesson_says_of_black(spoken, project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    benchmark = __import__("words")
    spoken.says("show-seen", "is black in nearly a fifth or more")
    spoken.says("check-mix-seen", "At 10 dB hardly anything is black")
    sounds = {split: benchmark.words(split)[0] for split in ("lab/train", "show/test")}
    noise = benchmark.stretches(benchmark.recording("hall", "train"), 360, 5120)
    sounds["10 dB"] = benchmark.mix(sounds["lab/train"], noise, 10)
    black = {
        name: (benchmark.LogMel()(sound)[:, 0] < 0.05).float().mean((1, 2))
        for name, sound in sounds.items()
    }
    assert black["lab/train"].min() > 0.2
    assert black["show/test"].max() < 0.02
    assert black["10 dB"].mean() < 0.02


def test_what_the_lesson_says_of_the_matrix(spoken, found):
    spoken.says("which-noise", "every recipe with five seeds")
    spoken.says("curves-text", "Five seeds")
    none, shape = (mean(found(recipe, "show/test")) for recipe in ("none", "shape"))
    sentence = f"the show is lost: {none:.2f}, with changes of the shape {shape:.2f}."
    spoken.says("matrix-seen", sentence)
    show = {noise: mean(found(noise, "show/test")) for noise in NOISES}
    spoken.says("matrix-seen", f"{min(show.values()):.2f} to {max(show.values()):.2f}. The hall")
    for noise in NOISES:
        assert exceeds(found(noise, "show/test"), found("none", "show/test"))
        assert noise == "hall" or exceeds(found("hall", "show/test"), found(noise, "show/test"))
    spoken.says("matrix-seen", "within 0.01 of it", "are within 0.02")
    recipes = ("none", "shape", *NOISES, "all four", "all but hall")
    for noise in NOISES:
        best = max(mean(found(recipe, f"{noise}/0")) for recipe in recipes)
        assert best - mean(found(noise, f"{noise}/0")) < 0.01
        assert best - mean(found("all four", f"{noise}/0")) < 0.02
    spoken.says("matrix-seen", "0.68, no more than the street alone")
    new, street = found("all but hall", "show/test"), found("street", "show/test")
    assert abs(mean(new) - 0.68) < 0.005
    assert not exceeds(new, street)
    spoken.says("matrix-seen", "all rows are at 0.97 or above")
    assert min(mean(found(recipe, "lab/test")) for recipe in recipes) > 0.97


def test_what_the_lesson_says_of_the_curves(spoken, found):
    spoken.says("curves-seen", "At -10 dB none of the four gets 0.7")
    lines = ("none", "white", "hall", "all four")
    assert max(mean(found(line, f"{noise}/-10")) for line in lines for noise in NOISES) < 0.7
    spoken.says("curves-seen", "in the quiet, white noise at 15 and 20 dB")
    spoken.says("curves-seen", "with *all four*, the hall at 0 dB and below")
    hardest = [("none", "white", snr) for snr in (15, 20)]
    hardest += [("all four", "hall", snr) for snr in (0, -5, -10)]
    for recipe, hard, snr in hardest:
        for noise in set(NOISES) - {hard}:
            pairs = zip(
                found(recipe, f"{hard}/{snr}"), found(recipe, f"{noise}/{snr}"), strict=True
            )
            assert all(low < high for low, high in pairs), (recipe, noise, snr)


def test_what_the_lesson_says_of_masks_and_shape(spoken, found):
    spoken.says("harm-seen", "the masks cost accuracy, in the lab and at the show")
    spoken.says("harm-seen", "*Hall alone* is worse than *hall* at both places")
    spoken.says("harm-seen", "the shape brings nothing measurable at the show")
    for place in ("lab/test", "show/test"):
        assert exceeds(found("hall", place), found("hall + masks", place))
        assert exceeds(found("hall", place), found("hall alone", place))
    assert not exceeds(found("shape", "show/test"), found("none", "show/test"))


def test_what_the_lesson_says_of_the_dose(spoken, found):
    spoken.says("dose-seen", "A tenth of the recordings with noise brings most of the gain")
    none, tenth, half = (
        mean(found(recipe, "show/test")) for recipe in ("shape", "hall in 10%", "hall in 50%")
    )
    assert tenth - none > 0.8 * (half - none)
    spoken.says("dose-seen", "a half all of it")
    for more in ("hall", "hall in 100%"):
        assert not exceeds(found(more, "show/test"), found("hall in 50%", "show/test"))
    spoken.says("dose-seen", "noise in every recording costs accuracy in the lab")
    for fewer in ("hall in 10%", "hall in 25%", "hall in 50%", "hall"):
        assert exceeds(found(fewer, "lab/test"), found("hall in 100%", "lab/test"))
    spoken.says("dose-seen", "The louder it is, the more the lab loses")
    louder = ("hall at 15 dB", "hall at 5 dB", "hall at -5 dB", "hall, too loud")
    for quiet, loud in pairwise(louder):
        assert exceeds(found(quiet, "lab/test"), found(loud, "lab/test"))
    spoken.says("dose-seen", "until at -15 dB the network guesses everywhere")
    places = ("lab/test", "show/test", *(f"hall/{snr}" for snr in (-5, 0, 10, 20)))
    assert all(abs(mean(found("hall, too loud", place)) - 1 / 12) < 0.01 for place in places)
    spoken.says("summary", "here half of the recordings with noise were enough")
