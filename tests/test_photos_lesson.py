"""Lesson 11 on bits, rare classes and copies: its sentences, beside what they are from."""

import io
import json
import re
import time
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from test_open_image import CAT, encode, heic
from test_photographs import tiff
from test_photographs import words as in_16_bits
from test_sentences_11_12 import Lesson, exceeds
from torchvision.transforms.v2 import functional as F

from d2laug.data import open_image, photo

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
        "twelve-bits-seen", "no value is above 15 gives it away (above 3 for 10 bits, 63 for 14)"
    )
    assert [(2**bits - 1) >> 8 for bits in (12, 10, 14)] == [15, 3, 63]
    shown = re.search(r"open_image: at most (\d+) of 255", lesson.output["twelve-bits"])
    assert 8 <= int(shown[1]) <= 15


def test_a_gray_picture_is_mended_and_a_color_one_is_not(lesson):
    names = {"picture": torch.tensor(CAT).permute(2, 0, 1)}
    exec(lesson.source["setup"] + "\n" + lesson.source["twelve-bits"], names)
    mended, gray = names["mended"], names["picture"].float().mean(0)
    assert mended.shape == (3, *gray.shape)
    assert (mended - gray).abs().max() <= 1
    lesson.says("twelve-bits-seen", "Of a color one Pillow keeps only the upper 8 of 16 bits")
    values = [0, 2048, 4095]
    color = tiff(in_16_bits(values), 1, 16, photometric=2, samples=3)  # that does not say 12 bits
    assert open_image(color).flatten().tolist() == [0, 8, 15]
    assert np.asarray(Image.open(io.BytesIO(color))).flatten().tolist() == [0, 8, 15]


@pytest.fixture
def photos(lesson, tmp_path, monkeypatch):
    """A function that runs cells of the lesson; 24 photos of three things are in `PHOTOS.ZIP`."""
    with zipfile.ZipFile(tmp_path / "PHOTOS.ZIP", "w") as archive:
        for n, thing in enumerate(("bowl", "cup", "spoon")):
            for i in range(8):
                content = encode(np.full((12, 16 + i, 3), 80 * n, np.uint8), "png")
                archive.writestr(f"photos/first lamp/{thing}/{i}.png", content)
            archive.writestr(f"photos/second lamp/{thing}/1.png", content)
        archive.writestr("photos/read me.txt", "")
    monkeypatch.chdir(tmp_path)
    names = {"zip_upload": SimpleNamespace(value=())}
    exec(lesson.source["setup"], names)

    def run(my_folder, *cells):
        names["my_folder"] = my_folder
        for cell in ("stand-in", *cells):
            exec(lesson.source[cell], names)
        return names

    return run


@pytest.mark.parametrize("name", ["PHOTOS.ZIP", "~/PHOTOS.ZIP", "photos"])
def test_a_zip_or_a_folder_of_ones_own(photos, tmp_path, monkeypatch, capsys, name):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with zipfile.ZipFile("PHOTOS.ZIP") as archive:
        archive.extractall()
    names = photos(name, "look-first-counts", "look-first-shown")
    assert "photos of each: [8, 8, 8]" in capsys.readouterr().out
    shades = [int(picture[0, 0, 0]) // 80 for picture in names["some"]]
    assert len(shades) == 8  # all things, nearly equally often
    assert sorted(shades.count(n) for n in range(3)) == [2, 3, 3]


def test_the_figures_are_those_of_the_benchmark(lesson, found, project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    benchmark = __import__("own_photos")
    counts = benchmark.pictures(False)[1].bincount().tolist()
    assert counts == [80, 4] * 6
    assert benchmark.pictures(True)[1].bincount().tolist() == [40] * 12
    drawn = json.loads(re.search(r"\[.*\]", lesson.output["rare-drawn"])[0])
    assert sum(drawn) == 1000
    assert abs(drawn[0] - 500) < 80  # five standard deviations
    lesson.says("rare", "every second one has 4 pictures, the others 80")
    shown = re.findall(r"pictures,\s(?:lab|show) ([\d.]+)", lesson.output["rare-measured"])
    kinds = [(some, place) for place in ("lab", "show") for some in (OTHERS, RARE)]
    expected = [mean(found(row, *kind)) for row in ROWS for kind in kinds]
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
    others = [found(row, OTHERS) for row in ROWS]
    plain, equal, before, after = (f"{mean(accuracies):.2f}" for accuracies in others)
    lab = [mean(found(row, RARE, "lab")) for row in ROWS]
    forty = [found("new draws", some) for some in (RARE, OTHERS)]
    lesson.says(
        "rare-seen",
        f"the rare ones ({torch.tensor(few).mean():.2f}) fail like the others ({plain}); equal "
        f"draws help only the others, to {equal}",
        f"costs the rare ones half of the lab, {lab[1]:.2f} to {lab[2]:.2f}",
        f"from {mean(few_augmented):.2f} to {mean(drawn_augmented):.2f} at the show; the others "
        f"lose a little, {before} to {after}",
        f"not for want of pictures: with 40 of each it is {mean(forty[0]):.2f} and "
        f"{mean(forty[1]):.2f}",
    )
    assert [lab[0], lab[1], lab[3]] == [1, 1, 1]  # all drinks are right in the lab
    assert [mean(found(row, OTHERS, "lab")) for row in ROWS[:2]] == [1, 1]
    assert not exceeds(others[0], few)
    assert not exceeds(few, others[0])
    assert exceeds(others[1], others[0])
    assert not exceeds(drawn, few)
    assert exceeds(drawn_augmented, few_augmented)
    assert exceeds(others[2], others[3])
    assert exceeds(others[3], drawn_augmented)
    assert exceeds(forty[1], forty[0])
    assert not exceeds(forty[0], drawn_augmented)


def test_what_the_lesson_says_of_copies(lesson, found):
    new, one, four = (found(row) for row in ("new draws", "1 copy of each", "4 copies of each"))
    lesson.says("copies-seen", f"costs accuracy, {mean(new):.2f} to {mean(one):.2f}")
    assert exceeds(new, one)
    lesson.says("copies-seen", "With four copies no loss is measured here")
    assert not exceeds(new, four)
    photos, copies, size = re.search(
        r"(\d+) photos, (\d+) copies in copies, ([\d.]+) MB", lesson.output["copies-written"]
    ).groups()
    assert int(copies) == 4 * int(photos) == 300
    assert float(size) > 0
    lesson.says("copies-seen", "the disk holds four files for each photo, larger ones at full size")
    copy, photo = re.search(
        r"PNG: (\d+) kB; its photo: (\d+) kB", lesson.output["copy-at-full-size"]
    ).groups()
    assert int(copy) > 2 * int(photo)
    shown = re.findall(r"at the show: ([\d.]+)", lesson.output["copies-measured"])
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


@pytest.mark.long
def test_the_computer_needs_half_of_the_three_minutes(lesson):
    """HEIC of 12 megapixels, read and trained on as the lesson's cells do it."""
    lesson.says("project", "The computer needs half of the time, for 12 megapixels each")
    picture = F.resize(photo("cat"), [3000, 4000])
    content = heic(picture.permute(1, 2, 0).contiguous().numpy())
    names = {"classes": ["bowl", "cup", "spoon"], "names": ["bowl", "cup", "spoon"]}
    exec(lesson.source["setup"], names)
    start = time.process_time()
    assert open_image(content).shape == (3, 3000, 4000)
    reading = (36 + 8) * (time.process_time() - start)  # all once, and eight to look at
    labels = torch.arange(24) % 3
    names["data"] = torch.randint(0, 256, (24, 3, 64, 64), dtype=torch.uint8), labels
    names["test"] = names["data"][0][:12], labels[:12]
    start = time.process_time()
    for cell in ("at-random", "fit", "compare"):
        exec(lesson.source[cell], names)
    assert len(names["train"][1]) == 18
    training = time.process_time() - start
    assert 0.1 < (reading + training) / 180 < 0.9, (reading, training)
