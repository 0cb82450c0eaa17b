"""Lessons 11 and 12: each sentence with a number is beside the output or the figures it is from."""

import json
import re

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
    photos.says("second-lamp-seen", f"Of the 100 answers {20 * share:.0f} are *lemon can*")


def test_what_the_lesson_says_of_the_recipes(photos):
    photos.says("mend-it", "from 2,500 to 10,000 K: the second lamp lies within")
    low, high = RandomColorTemperature().kelvin
    assert (low, high) == (2500, 10_000)
    photos.says("stand-in", '"second lamp": "light/3500"')
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
    cells = ("setup", "turned-file", "my-folder", "stand-in", "tensors", "at-random", "fit")
    for id in (*cells[:4], "look-first-counts", *cells[4:], "compare"):
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
