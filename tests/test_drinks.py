"""The drinks data set: whole, balanced, without duplicates, and each split changes what it says."""

import csv
import hashlib
import json
import re
import shutil
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from d2laug import data
from d2laug.data import DRINKS, DRINKS_KELVINS, DRINKS_SPLITS, drink, drinks
from d2laug.train import accuracy, fit, load_network

KINDS = 12
PICTURES = {
    "lab/train": 80,
    "lab/val": 20,
    "lab/test": 20,
    **{f"light/{kelvin}": 20 for kelvin in DRINKS_KELVINS},
    "reflections": 20,
    "viewpoint": 20,
    "turned": 20,
    "show/test": 40,
    "show/cloth": 40,
    "show/train": 40,
    "second_hall": 40,
    "pairs/mirror/train": 40,
    "pairs/mirror/test": 20,
    "pairs/hue/train": 40,
    "pairs/hue/test": 20,
}
LIGHTS = [f"light/{kelvin}" for kelvin in DRINKS_KELVINS]
GEOMETRY = ("distance", "angle", "turn", "x", "y", "roll")


@pytest.fixture(scope="module")
def home(project):
    return project / "data/drinks"


@pytest.fixture(scope="module")
def rows(home):
    """The rows of metadata.csv, numbers as numbers, by file name."""
    with open(home / "metadata.csv", newline="") as file:
        table = list(csv.DictReader(file))
    words = ("file", "class", "split", "desk", "facing", "lamp")
    return {r["file"]: {k: v if k in words else float(v) for k, v in r.items()} for r in table}


@pytest.fixture(scope="module")
def images():
    """Every split's pictures and labels."""
    return {split: drinks(split, tensors=True) for split in DRINKS_SPLITS}


def of(rows, split):
    return [row for row in rows.values() if row["split"] == split]


def linear(pictures):
    """Linear light, 0 to 1, of pictures of 256 levels, each of which is computed once."""
    x = torch.arange(256).double() / 255
    return torch.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)[pictures.int()]


def luminance(pictures):
    red, green, blue = (linear(pictures[:, channel]) for channel in range(3))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_splits_counts_and_balance(home, rows):
    assert tuple(PICTURES) == DRINKS_SPLITS
    assert len(DRINKS_KELVINS) >= 5
    assert max(DRINKS_KELVINS) == 6500
    assert min(DRINKS_KELVINS) == 2500
    for split, count in PICTURES.items():
        folder = drinks(split)
        per_class = Counter(folder.targets)
        assert len(folder.classes) == (2 if split.startswith("pairs") else KINDS), split
        assert set(per_class.values()) == {count}, split
        assert {row["class"] for row in of(rows, split)} == set(folder.classes)
    on_disk = {path.relative_to(home).as_posix() for path in home.rglob("*.jpg")}
    assert on_disk == set(rows)


def test_every_file_is_a_small_jpeg(home, rows):
    total = 0
    for name in rows:
        with Image.open(home / name) as image:
            image.load()
            assert (image.format, image.size, image.mode) == ("JPEG", (96, 96), "RGB"), name
        total += (home / name).stat().st_size
    assert total < 25e6


def test_no_picture_comes_twice(home, rows):
    digests = Counter(hashlib.sha256((home / name).read_bytes()).hexdigest() for name in rows)
    assert max(digests.values()) == 1
    # The arrangements of one number are the same under every light, and with and without a cloth.
    seeds = Counter(row["seed"] for row in rows.values())
    for row in rows.values():
        expected = len(DRINKS_KELVINS) if row["split"] in LIGHTS else 1
        expected += row["split"] in ("show/test", "show/cloth")
        assert seeds[row["seed"]] == expected, row["file"]


def test_no_near_duplicates(images):
    """Shrunk to 24 x 24, where the noise averages out, every two pictures still differ."""
    splits = [s for s in DRINKS_SPLITS if s not in (*LIGHTS[1:], "show/cloth")]
    small, label, origin = [], [], []
    for k, split in enumerate(splits):
        pictures, labels = images[split]
        small.append(torch.nn.functional.avg_pool2d(pictures.float(), 4).flatten(1))
        label.append(labels + (100 * (1 + k) if split.startswith("pairs") else 0))
        origin.append(torch.full_like(labels, k))
    small, label, origin = torch.cat(small), torch.cat(label), torch.cat(origin)
    for kind in label.unique():
        part = small[label == kind]
        distance = torch.cdist(part, part) / part.shape[1] ** 0.5
        distance.fill_diagonal_(torch.inf)
        assert distance.min() > NEAR, kind
    # The measure does find a copy: the same arrangement with other noise would lie below.
    copy = (
        small[:1] + 2 * torch.randn(small[:1].shape, generator=torch.Generator().manual_seed(0)) / 4
    )
    assert torch.cdist(small[:1], copy).item() / small.shape[1] ** 0.5 < NEAR


NEAR = 1.5  # of 255, root mean square


def test_lab_is_one_fixed_setup(rows):
    lab = [row for split in ("lab/train", "lab/val", "lab/test") for row in of(rows, split)]
    assert {(r["desk"], r["strips"], r["facing"]) for r in lab} == {("matte", 0, "right")}
    kelvins = [r["kelvin"] for r in lab]
    assert 6000 <= min(kelvins) <= max(kelvins) <= 7000


@pytest.fixture(scope="module")
def lab_range(rows):
    """Lowest and highest of each number in the lab."""
    lab = [row for row in rows.values() if row["split"].startswith("lab/")]
    names = ("kelvin", "exposure", *GEOMETRY)
    return {k: (min(r[k] for r in lab), max(r[k] for r in lab)) for k in names}


# What may leave the lab's range in each split; everything else must stay within.
CHANGED = {
    **{split: {"kelvin"} for split in LIGHTS},
    "reflections": {"desk", "strips"},
    "viewpoint": {"distance", "angle", "turn", "x", "roll"},
    "turned": {"turn", "facing"},
}


@pytest.mark.parametrize("split", CHANGED)
def test_one_factor_splits_change_one_factor(rows, lab_range, split):
    for row in of(rows, split):
        outside = {k for k, (low, high) in lab_range.items() if not _near(low, row[k], high)}
        outside |= {"desk"} if row["desk"] != "matte" else set()
        outside |= {"strips"} if row["strips"] else set()
        outside |= {"facing"} if row["facing"] != "right" else set()
        assert outside <= CHANGED[split], row["file"]
        if split in LIGHTS:
            assert row["kelvin"] == float(split.split("/")[1])
        else:
            assert outside, row["file"]


def _near(low, value, high):
    slack = 0.02 * (high - low)  # the lab's 1,440 draws do not quite reach their limits
    return low - slack <= value <= high + slack


def test_show_has_every_factor(rows):
    for split in ("show/test", "show/train"):
        show = of(rows, split)
        assert {r["desk"] for r in show} == {"glossy"}
        assert {r["facing"] for r in show} == {"left", "right"}
        assert all(r["strips"] > 0 and 2500 < r["kelvin"] <= 4500 for r in show)
        assert min(r["distance"] for r in show) < 35
        assert max(r["distance"] for r in show) > 65


def test_the_cloth_changes_the_desk_alone(rows):
    different = ("file", "split", "desk")
    for bare, covered in zip(of(rows, "show/test"), of(rows, "show/cloth"), strict=True):
        assert covered == bare | {k: covered[k] for k in different}
        assert covered["desk"] == "matte"


def test_the_second_hall_is_another(rows):
    """Lamps that are no black bodies, two colors at once, desks that nothing else has."""
    hall = of(rows, "second_hall")
    kinds = [(r["lamp"], r["fill_kelvin"] > 0) for r in hall]
    shares = {kind: kinds.count(kind) / len(hall) for kind in set(kinds)}
    assert shares.keys() == {("led", False), ("black body", True), ("black body", False)}
    assert all(abs(share - 1 / 3) < 0.07 for share in shares.values())
    assert all(r["fill_kelvin"] - r["kelvin"] >= 3000 for r in hall if r["fill_kelvin"])
    assert {r["desk"] for r in hall} == {"cloth", "stone"}
    assert abs(sum(r["hidden"] != 0 for r in hall) / len(hall) - 1 / 3) < 0.07
    assert {round(abs(r["hidden"]), 2) for r in hall} == {0, 0.33}
    assert all(r["strips"] == 0 and 3 <= r["bulbs"] <= 5 for r in hall)
    for row in rows.values():
        if row["split"] != "second_hall":
            assert row["desk"] not in ("cloth", "stone")
            assert (row["lamp"], row["fill_kelvin"], row["bulbs"], row["hidden"]) == (
                "black body", 0, 0, 0,
            )  # fmt: skip


def gradient(pictures):
    """How strongly brightness changes, [N, H, W], without the picture's own scale."""
    x = torch.nn.functional.avg_pool2d(luminance(pictures).sqrt()[:, None], 3, 1)[:, 0]
    return torch.hypot(x[:, 1:, :-1] - x[:, :-1, :-1], x[:, :-1, 1:] - x[:, :-1, :-1])


def alike(a, b):
    """Correlation of two batches' edges, one number per pair."""
    a, b = (gradient(x).flatten(1) for x in (a, b))
    a, b = (x - x.mean(1, keepdim=True) for x in (a, b))
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))


def test_light_moves_nothing(images):
    """The same arrangement under another light has its edges in the same places."""
    cold = images["light/6500"][0]
    for split in LIGHTS[1:]:
        same = alike(cold, images[split][0])
        other = alike(cold, images[split][0].roll(1, 0))
        assert same.median() > 0.85, split
        assert (same > other).float().mean() > 0.98, split


def wall_balance(pictures):
    """Red over blue, in linear light, on the wall in the upper corners."""
    corner = torch.cat([pictures[:, :, 8:16, :16], pictures[:, :, 8:16, -16:]], 3)
    red, _, blue = linear(corner).flatten(2).median(2).values.T
    return red / blue


def test_light_is_warmer_and_reflections_are_not(images):
    lab = wall_balance(images["lab/test"][0]).median()
    medians = [wall_balance(images[split][0]).median() for split in LIGHTS]
    assert abs(medians[0] / lab - 1) < 0.1
    assert all(warm > 1.1 * cold for cold, warm in pairwise(medians))
    assert medians[-1] > 4 * lab
    assert abs(wall_balance(images["reflections"][0]).median() / lab - 1) < 0.15
    assert wall_balance(images["show/test"][0]).median() > 1.5 * lab


def test_exposure_hides_and_clips_little(images):
    """The median pixel is mid-gray; little of the lab is clipped, little of the show black."""
    for split in DRINKS_SPLITS:
        bright = luminance(images[split][0])
        assert 0.2 < bright.flatten(1).median(1).values.median() < 0.5, split
    assert (images["lab/train"][0] == 255).float().mean() < 0.01
    assert (luminance(images["show/test"][0]) < 0.005).float().mean() < 0.1


def slope(pictures):
    """Positive where the middle of a picture has edges that lean like /, negative for \\."""
    x = luminance(pictures).sqrt()[:, 30:75, 36:60]
    dx, dy = x[:, 1:-1, 2:] - x[:, 1:-1, :-2], x[:, 2:, 1:-1] - x[:, :-2, 1:-1]
    return (dx * dy).sum((1, 2))


@pytest.mark.parametrize("part", ["train", "test"])
def test_mirror_pair(images, part):
    pictures, labels = images[f"pairs/mirror/{part}"]
    assert drinks(f"pairs/mirror/{part}").classes == ["falling_can", "rising_can"]
    rising = slope(pictures) > 0
    assert (rising == labels.bool()).float().mean() > 0.97
    # A flip turns one into the other.
    assert ((slope(pictures.flip(-1)) > 0) == ~labels.bool()).float().mean() > 0.97


def body_color(pictures):
    """Hue in degrees, saturation and value of each can's body, the median of its strong colors."""
    out = []
    for picture in pictures[:, :, 35:72, 38:58]:
        hsv = np.asarray(Image.fromarray(picture.permute(1, 2, 0).numpy()).convert("HSV")) / 255.0
        strong = hsv[hsv[..., 1] > 0.6]
        out.append(np.median(strong, 0) * (360, 1, 1))
    return np.array(out)


@pytest.mark.parametrize("part", ["train", "test"])
def test_hue_pair(images, part):
    pictures, labels = images[f"pairs/hue/{part}"]
    assert drinks(f"pairs/hue/{part}").classes == ["lemon_soda", "orange_soda"]
    lemon, orange = (body_color(pictures[labels == k]) for k in (0, 1))
    assert np.ptp(lemon[:, 0]) < 12
    assert np.ptp(orange[:, 0]) < 12
    assert 20 < np.median(lemon[:, 0]) - np.median(orange[:, 0]) < 40
    assert np.all(np.abs(np.median(lemon, 0) - np.median(orange, 0))[1:] < 0.1)


def test_pair_labels_differ_by_nothing_else(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "data/render")
    table = __import__("drinks")
    (rising, falling), (lemon, orange) = (
        [{k: dict(enumerate(table.PAIRS[pair][name]())) for k in [0]}[0] for name in names]
        for pair, names in [
            ("mirror", ("rising_can", "falling_can")),
            ("hue", ("lemon_soda", "orange_soda")),
        ]
    )
    for one, other in ((rising, falling), (lemon, orange)):
        for k in one:
            assert all(np.array_equal(a, b) for a, b in zip(one[k][0], other[k][0], strict=True))
            if k > 0:
                assert one[k][1] == other[k][1]
    label = {
        n: d[0][1]["diffuse_reflectance"]
        for n, d in zip("rflo", (rising, falling, lemon, orange), strict=True)
    }
    difference = np.asarray(label["r"], int) - np.asarray(
        label["f"].transpose(Image.FLIP_LEFT_RIGHT), int
    )
    assert (difference != 0).mean() < 0.01  # a pixel's rounding along the edges
    lemon, orange = (np.asarray(label[n].convert("HSV"), int) for n in "lo")
    colored = lemon[..., 1] > 64
    assert np.abs(lemon - orange)[..., 1:].max() <= 3
    assert np.all(np.abs((lemon - orange)[colored][:, 0] - 30 * 255 / 360) < 3)


def test_tensors_equal_the_folder():
    folder = drinks("turned")
    images, labels = drinks("turned", tensors=True)
    assert images.shape == (len(folder), 3, 96, 96)
    assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)
    assert labels.tolist() == folder.targets
    for k in (0, 100, len(folder) - 1):
        image, label = folder[k]
        assert label == labels[k]
        assert np.array_equal(np.asarray(image), images[k].permute(1, 2, 0).numpy())


def test_transforms_work_as_in_image_folder():
    folder = drinks("lab/val", transform=lambda image: image.size)
    assert folder[0] == ((96, 96), 0)
    with pytest.raises(ValueError, match="apply transforms to the batch"):
        drinks("lab/val", tensors=True, transform=str)


@pytest.mark.parametrize("split", ["lab", "light/1000", "", None, "pairs"])
def test_unknown_split(split):
    with pytest.raises(ValueError, match=r"no split is called .*; choose one of: lab/train, "):
        drinks(split)


def test_names_in_words():
    assert tuple(name.replace("_", " ") for name in drinks("lab/test").classes) == DRINKS


@pytest.mark.parametrize("name", ["cola can", "cola_can"])
def test_one_drink(name):
    images, labels = drinks("show/test", tensors=True)
    cans = images[labels == DRINKS.index("cola can")]
    for number in (0, 7, len(cans) - 1):
        picture = drink(name, number, "show/test")
        assert picture.dtype == torch.uint8
        assert torch.equal(picture, cans[number])
    assert torch.equal(drink(name), drinks("lab/test", tensors=True)[0][3 * 20])
    assert torch.equal(drink("rising_can", 5, "pairs/mirror/test"), pairs()[5])


def pairs():
    images, labels = drinks("pairs/mirror/test", tensors=True)
    return images[labels == 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cola",), "'cola'; choose one of: apple carton, cherry can, .*, tonic can"),
        ((3,), "no drink of lab/test is called '3'"),
        (("cola can", 0, "pairs/hue/test"), "choose one of: lemon soda, orange soda"),
        (("cola can", 20), "number is 20; lab/test has cola can 0 to 19"),
        (("cola can", -1), "number is -1"),
        (("cola can", 0.5), "number is 0.5"),
        (("cola can", 0.0), "number is 0.0"),
        (("cola can", 0, "lab"), "no split is called 'lab'"),
    ],
)
def test_no_such_drink(arguments, message):
    with pytest.raises(ValueError, match=message):
        drink(*arguments)


@pytest.fixture
def copy(home, tmp_path, monkeypatch):
    """A copy of one split that a test may damage."""
    shutil.copytree(home / "turned", tmp_path / "drinks/turned")
    shutil.copy(home / "metadata.csv", tmp_path / "drinks")
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    return tmp_path / "drinks/turned"


def test_the_folder_may_lie_elsewhere(copy):
    assert len(drinks("turned")) == 240
    assert drinks("turned").samples[0][0].startswith(str(copy))


def test_missing_pictures_are_named(copy):
    (copy / "cola_can/0003.jpg").unlink()
    with pytest.raises(
        FileNotFoundError,
        match=r"1 pictures? .*turned/cola_can/0003.jpg.*git checkout.*make drinks",
    ):
        drinks("turned")
    shutil.rmtree(copy)
    with pytest.raises(
        FileNotFoundError, match=r"240 pictures of turned are missing .*, \.\.\.\): "
    ):
        drinks("turned", tensors=True)


def test_an_emptied_table_is_seen(copy):
    (copy.parent / "metadata.csv").write_text("file,split\n")
    with pytest.raises(FileNotFoundError, match=r"all pictures of turned are missing .*no row"):
        drinks("turned")


def test_strays_are_no_drinks(copy):
    """An empty folder, one of an editor with a copy of a picture, and a file more in a folder."""
    expected = drinks("turned", tensors=True)
    (copy / "aa_empty").mkdir()
    (copy / ".ipynb_checkpoints").mkdir()
    for place in (".ipynb_checkpoints/0000.jpg", "cola_can/copy of 0000.jpg"):
        shutil.copy(copy / "cola_can/0000.jpg", copy / place)
    found = drinks("turned", tensors=True)
    assert all(map(torch.equal, found, expected))
    assert drinks("turned").classes == [name.replace(" ", "_") for name in DRINKS]


def test_missing_data_set(tmp_path, monkeypatch):
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="D2LAUG_DATA"):
        drinks("lab/train")


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "other size"])
def test_damaged_pictures_are_named(copy, damage):
    path = copy / "cola_can/0003.jpg"
    whole = path.read_bytes()
    if damage == "other size":
        Image.new("RGB", (32, 32)).save(path)
    else:
        path.write_bytes(
            {"cut": whole[: len(whole) // 2], "empty": b"", "text": b"no picture"}[damage]
        )
    with pytest.raises(OSError, match=r"0003\.jpg is damaged .*git checkout"):
        drinks("turned", tensors=True)
    folder = drinks("turned")
    with pytest.raises(OSError, match=r"0003\.jpg is damaged"):
        folder[folder.samples.index((str(path), folder.class_to_idx["cola_can"]))]


def test_the_card_says_what_is_there(project, home, rows):
    card = (project / "data/README.md").read_text()
    for split, count in PICTURES.items():
        if not split.startswith("light"):
            classes = 2 if split.startswith("pairs") else KINDS
            assert re.search(rf"\| `{split}` \| {count} \| {count * classes:,} \|", card), split
    assert f"{len(rows):,} small pictures" in card
    assert ", ".join(map(str, DRINKS_KELVINS)) in card
    assert all(f"`{name}`" in card for name in drinks("lab/test").classes)


@pytest.fixture
def benchmark(project, monkeypatch):
    """A function that imports a file of benchmarks/ and reads its results."""
    monkeypatch.syspath_prepend(project / "benchmarks")

    def load(name):
        module = __import__(name)
        return module, json.loads(module.RESULTS.read_text())

    return load


def test_the_cards_table_is_the_results_file(benchmark):
    sanity, results = benchmark("drinks_sanity")
    card = sanity.CARD.read_text()
    assert sanity.put_table(card, results) == card


def test_the_splits_are_as_hard_as_they_must_be(benchmark):
    sanity, results = benchmark("drinks_sanity")
    runs = [(run["trained_on"], run["seed"]) for run in results["runs"]]
    assert runs == [(name, seed) for name in sanity.TRAINED_ON for seed in range(5)]
    mean = {s: sanity.accuracies(results, "lab", s).mean() for s in sanity.SPLITS}
    assert mean["lab/test"] >= 0.99
    assert 1 / KINDS < mean["show/test"] <= 0.40
    assert mean["light/6500"] >= 0.99
    hard = ("reflections", "viewpoint", "turned", "light/2500")
    assert all(mean[split] < 0.95 for split in hard)
    assert sanity.accuracies(results, "lab + show/train", "show/test").mean() >= 0.97


def test_the_sanity_network_learns(benchmark):
    """The benchmark's training, in part: two classes of the lab."""
    sanity, _ = benchmark("drinks_sanity")
    images, labels = drinks("lab/val", tensors=True)
    few = labels < 2
    torch.manual_seed(0)
    network = sanity.sanity_network(2)
    fit(network, (images[few], labels[few]), epochs=20, batch_size=20, progress=False)
    assert accuracy(network, (images[few], labels[few])) > 0.9


def test_every_row_of_the_matrix_has_five_seeds(benchmark):
    matrix, results = benchmark("drinks_matrix")
    keys = ("trained_on", "recipe", "collected", "seed")
    rows = [(*row, seed) for row in matrix.ROWS for seed in range(5)]
    assert [tuple(run[key] for key in keys) for run in results["runs"]] == rows
    assert results["recipes"] == {name: repr(t) for name, t in matrix.RECIPES.items()}


def test_what_the_lessons_say_of_the_matrix(benchmark):
    """The lab tells no recipes apart; each change has its augmentation; the show needs all."""
    matrix, results = benchmark("drinks_matrix")
    mean = {
        recipe: {split: v.mean().item() for split, v in matrix.accuracies(results, recipe).items()}
        for recipe in matrix.RECIPES
        if recipe not in matrix.PAIRED
    }
    single = ("none", "flip", "crop", "color jitter", "color temperature", "reflections")
    assert all(mean[recipe]["lab/test"] >= 0.99 for recipe in (*single, "all"))
    own = {
        "turned": "flip",
        "viewpoint": "crop",
        "light/2500": "color temperature",
        "reflections": "reflections",
    }
    for split, best in own.items():
        assert max(single, key=lambda recipe: mean[recipe][split]) == best, split
    assert mean["none"]["show/test"] <= 0.40
    assert mean["all"]["show/test"] >= 0.94
    assert max(mean[recipe]["show/test"] for recipe in single) < 0.7
    assert mean["crop"]["reflections"] < mean["none"]["reflections"]
    collected = matrix.accuracies(results, "none", 10)["show/test"].mean()
    assert abs(collected - mean["all"]["show/test"]) < 0.03
    assert matrix.accuracies(results, "none", 5)["show/test"].mean() < mean["all"]["show/test"]
    assert mean["none"]["show/cloth"] < mean["none"]["show/test"] + 0.05
    for pair, harmful in (("mirror", "flip"), ("hue", "color jitter, hue")):
        task = f"pairs/{pair}"
        without, broken = (
            matrix.accuracies(results, recipe, task=task)[f"{task}/test"].mean()
            for recipe in ("none", harmful)
        )
        assert without > 0.95
        assert broken < 0.65


def test_a_training_is_made_again(benchmark):
    """The matrix in part: a quick row of it gives its figure again."""
    matrix, results = benchmark("drinks_matrix")
    again = matrix.measure(("pairs/hue", "none", 0, 0))["accuracy"]["pairs/hue/test"]
    before = matrix.accuracies(results, "none", task="pairs/hue")["pairs/hue/test"][0].item()
    assert again == pytest.approx(before, abs=0.03)


@pytest.mark.parametrize("recipe", ["none", "all"])
def test_the_weights_that_are_shipped_are_those_measured(benchmark, images, recipe):
    matrix, results = benchmark("drinks_matrix")
    network = load_network(recipe)
    for split in ("lab/test", "light/3500", "show/test"):
        measured = matrix.accuracies(results, recipe)[split][0].item()
        assert accuracy(network, images[split]) == pytest.approx(measured, abs=0.01)


def test_kelvins_and_splits_agree_with_the_renderer(project, monkeypatch, rows):
    monkeypatch.syspath_prepend(project / "data/render")
    pytest.importorskip("mitsuba", reason="needs Mitsuba: pip install 'd2laug[render]'")
    splits = __import__("splits")
    assert tuple(splits.SPLITS) == DRINKS_SPLITS
    assert splits.KELVINS == data.DRINKS_KELVINS
    assert [name for name, *_ in splits.plan()] == list(rows)
    assert "drinks" in sys.modules


def test_what_the_readme_says(project, benchmark):
    matrix, results = benchmark("drinks_matrix")
    without, with_all = (
        f"{matrix.accuracies(results, recipe)['show/test'].mean():.0%}".replace("%", " %")
        for recipe in ("none", "all")
    )
    readme = (project / "README.md").read_text()
    assert f"right in {without} of the pictures of the show" in readme
    assert f"with the augmentations of the lessons: {with_all} (means of five" in readme
