"""Lesson 12: its figures come from what its cells build."""

import json
import sys

import pytest
import torch

from d2laug.data import SAMPLE_RATE, WORDS, background, words


@pytest.fixture(scope="module")
def lesson(project):
    """The names that the lesson's building cells define."""
    nb = json.loads((project / "notebooks/12_beyond_images.ipynb").read_text("utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in nb["cells"]}
    names = {"torch": torch, "nn": torch.nn, "SAMPLE_RATE": SAMPLE_RATE}
    for id in ("mel-matrix", "log-mel", "mix", "add-noise", "change-shape"):
        exec(cells[id], names)
    return names


@pytest.fixture(scope="module")
def benchmark(project):
    sys.path.insert(0, str(project / "benchmarks"))
    try:
        import words as module  # benchmarks/words.py
    finally:
        sys.path.pop(0)
    return module


@pytest.fixture(scope="module")
def results(project):
    return json.loads((project / "benchmarks/results/words.json").read_text("utf-8"))


def test_the_lesson_and_the_benchmark_do_the_same(lesson, benchmark):
    sounds, _ = words("lab/val")
    assert torch.equal(lesson["LogMel"]()(sounds), benchmark.LogMel()(sounds))
    hall = background("hall", "train")
    for name, change in (
        ("change_shape", lambda code: code["change_shape"](sounds)),
        ("add_noise", lambda code: code["add_noise"](hall, 0.1 * hall.flip(0))(sounds)),
    ):
        given = []
        for code in (lesson, vars(benchmark)):
            torch.manual_seed(0)
            given.append(change(code))
        assert torch.allclose(*given, atol=1e-6), name
        assert not torch.equal(given[0], sounds)


def test_noise_is_mixed_at_the_ratio(benchmark):
    sounds, _ = words("lab/val")
    noise = torch.randn(sounds.shape, generator=torch.Generator().manual_seed(0))
    snrs = torch.linspace(-20, 30, len(sounds))[:, None]
    added = benchmark.mix(sounds, noise, snrs) - sounds
    ratio = 10 * (sounds.square().mean(1) / added.square().mean(1)).log10()
    assert torch.allclose(ratio[:, None], snrs, atol=0.01)


def test_some_recordings_stay_quiet(benchmark):
    sounds = words("lab/train")[0]
    torch.manual_seed(0)
    mixed = benchmark.add_noise(background("hall", "train"))(sounds)
    same = (mixed == sounds).all(1).float().mean()
    assert 0.18 < same < 0.32


def test_every_band_has_a_triangle(benchmark):
    mel = benchmark.mel_matrix()
    assert (mel.max(1).values > 0.3).all()
    places = (mel * torch.arange(129)).sum(1) / mel.sum(1)
    assert (places.diff() > 0).all()
    widths = (mel > 0).sum(1)
    assert widths[-1] > 3 * widths[0]


def test_shape_without_a_change_changes_nothing(benchmark):
    sounds = words("lab/val")[0]
    same = benchmark.change_shape(sounds, speed=(1, 1), shift=0, decibel=0)
    assert torch.allclose(same, sounds, atol=1e-6)
    louder = benchmark.change_shape(sounds, speed=(1, 1), shift=0)
    gain = 20 * (louder.abs().amax(1) / sounds.abs().amax(1)).log10()
    assert 3 < gain.max() <= 6.01
    assert -6.01 <= gain.min() < -3


def test_masks_hide_in_training_only(benchmark):
    masks, pictures = benchmark.Masks(), torch.ones(64, 3, 40, 65)
    torch.manual_seed(0)
    hidden = masks(pictures) == 0
    assert (hidden[:, 0] == hidden[:, 2]).all()
    share = hidden[:, 0].float().mean((1, 2))
    assert 0.1 < share.mean() < 0.3
    assert share.max() < 0.5
    assert torch.equal(masks.eval()(pictures), pictures)


def test_results_are_of_these_recipes(results, benchmark):
    assert results["recipes"] == list(benchmark.recipes())
    assert results["options"] == benchmark.OPTIONS
    assert results["recordings"] == len(words("lab/train")[1])
    runs = [(run["recipe"], run["seed"]) for run in results["runs"]]
    assert sorted(runs) == sorted((r, s) for r in results["recipes"] for s in benchmark.SEEDS)
    for run in results["runs"]:
        assert set(run["accuracy"]) == set(benchmark.tests())
        assert run["processor_seconds"] < 15


def test_results_bear_the_lesson_out(results):
    def mean(recipe, place):
        found = [r["accuracy"][place] for r in results["runs"] if r["recipe"] == recipe]
        return sum(found) / len(found)

    noises = ["hall", "street", "fridge", "white"]
    for recipe in ("none", "shape", "all four", *noises):
        assert mean(recipe, "lab/test") >= 0.97, recipe
    assert max(mean(recipe, "show/test") for recipe in ("none", "shape")) < 0.2
    show = {recipe: mean(recipe, "show/test") for recipe in [*noises, "all four"]}
    assert min(show.values()) > 0.5  # any noise helps
    assert max(show, key=show.get) == "hall"  # the matched one most
    for noise in noises:  # the best, or among the best, in its own column
        column = {recipe: mean(recipe, f"{noise}/0") for recipe in show}
        assert column[noise] > max(column.values()) - 0.01
        assert column["all four"] > max(column.values()) - 0.03
        curve = [mean("none", f"{noise}/{snr}") for snr in (0, 10, 20)]
        assert curve == sorted(curve)
        assert mean(noise, f"{noise}/-5") > 0.5 > mean("none", f"{noise}/10")
    assert mean("hall, too loud", "lab/test") < 0.1
    for place in ("lab/test", "show/test"):
        assert mean("hall alone", place) < mean("hall", place)
        assert mean("hall + masks", place) < mean("hall", place)


def test_a_short_training_learns(benchmark):
    """Three words, few epochs, to half of what the benchmark does."""
    sounds, labels = words("lab/train")
    few = labels < 3
    torch.manual_seed(0)
    network = benchmark.listener(len(WORDS))
    transform = benchmark.add_noise(background("street", "train"))
    data = sounds[few], labels[few]
    benchmark.fit(network, data, transform=transform, epochs=12, batch_size=16, progress=False)
    test, right = words("lab/test")
    few = right < 3
    assert benchmark.accuracy(network, (test[few], right[few])) > 0.7
