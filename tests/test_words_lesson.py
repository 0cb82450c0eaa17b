"""Lesson 12: its checks name each mistake, and its figures come from what its cells build."""

import json
import sys

import pytest
import torch

from d2laug import check
from d2laug.data import SAMPLE_RATE, WORDS, background, words

# ---- the exercises


def shift_later(sounds, shifts):
    shifted = torch.zeros_like(sounds)
    for sound, result, k in zip(sounds, shifted, shifts.tolist(), strict=True):
        result[k:] = sound[: len(sound) - k]
    return shifted


def rolled(sounds, shifts):
    return torch.stack([s.roll(k) for s, k in zip(sounds, shifts.tolist(), strict=True)])


def start_cut_off(sounds, shifts):
    return sounds * (torch.arange(sounds.shape[1]) >= shifts[:, None])


def held(sounds, shifts):
    place = torch.arange(sounds.shape[1]) - shifts[:, None]
    return sounds.gather(1, place.clamp(min=0))


def hide(pictures, low, high, start, end):
    bands, frames = (torch.arange(n) for n in pictures.shape[1:])
    keep = ((bands < low) | (bands >= high))[:, None] & ((frames < start) | (frames >= end))
    return pictures * keep


def hide_box(pictures, low, high, start, end):
    pictures = pictures.clone()
    pictures[:, low:high, start:end] = 0
    return pictures


def hide_in_place(pictures, low, high, start, end):
    pictures[:, low:high] = 0
    pictures[:, :, start:end] = 0
    return pictures


def hide_pictures(pictures, low, high, start, end):
    pictures = pictures.clone()
    pictures[low:high] = 0
    pictures[:, :, start:end] = 0
    return pictures


def total_snr(snrs):
    signal_to_noise = 1 / torch.tensor([10 ** (-snr / 10) for snr in snrs]).sum()
    return 10 * signal_to_noise.log10()


def log10(x):
    return torch.tensor(float(x)).log10().item()


CHANGES = {task: set(right) for task, (right, _) in check.lesson_12.CHANGES.items()}
NAMED, ANYBODY, QUESTION, LOUD = CHANGES


def without(task, given):
    return CHANGES | {task: given}


RIGHT = [
    (check.shift_later, shift_later),
    (check.shift_later, lambda x, k: held(x, k) * (torch.arange(x.shape[1]) >= k[:, None])),
    (check.hide, hide),
    (check.total_snr, total_snr),
    (check.total_snr, lambda snrs: -10 * log10(sum(10 ** (-s / 10) for s in snrs))),
    (check.sound_changes_that_keep_the_label, CHANGES),
]
WRONG = [
    (check.shift_later, lambda x, k: ..., "nothing yet"),
    (check.shift_later, rolled, "comes back at the start"),
    (check.shift_later, lambda x, k: shift_later(x.flip(1), k).flip(1), "start earlier"),
    (check.shift_later, lambda x, k: rolled(x, -k), "roll earlier"),
    (check.shift_later, lambda x, k: shift_later(x, k[0].repeat(len(k))), "each has its own"),
    (check.shift_later, start_cut_off, "nothing has moved"),
    (check.shift_later, held, "first value is held"),
    (check.shift_later, lambda x, k: x, "as they were"),
    (check.shift_later, lambda x, k: shift_later(x, k)[0], "shape"),
    (check.shift_later, lambda x, k: x.mul_(0), "in place"),
    (check.shift_later, lambda x, k: torch.roll(x, k), "stops with"),
    (check.hide, lambda *x: ..., "nothing yet"),
    (check.hide, hide_box, "random erasing"),
    (check.hide, lambda x, a, b, c, d: hide(x, c, d, a, b), "swapped"),
    (check.hide, lambda x, a, b, c, d: hide(x, a, b, 0, 0), "the frames are not yet"),
    (check.hide, lambda x, a, b, c, d: hide(x, 0, 0, c, d), "the bands are not yet"),
    (check.hide, lambda x, a, b, c, d: hide(x, a, b + 1, c, d + 1), "first ones that stay"),
    (check.hide, lambda x, *p: x - hide(x, *p), "all that is left"),
    (check.hide, lambda x, *p: torch.where(hide(x * 0 + 1, *p) == 0, 1.0, x), "white"),
    (check.hide, hide_pictures, "pictures of the batch"),
    (check.hide, lambda x, *p: x, "as they were"),
    (check.hide, hide_in_place, "in place"),
    (check.total_snr, lambda snrs: ..., "nothing yet"),
    (check.total_snr, sum, "cannot be added"),
    (check.total_snr, lambda snrs: sum(snrs) / len(snrs), "mean of the decibels"),
    (check.total_snr, min, "the louder noise alone"),
    (check.total_snr, max, "the quieter noise alone"),
    (check.total_snr, lambda snrs: -total_snr(snrs), "sign is turned"),
    (check.total_snr, lambda snrs: -total_snr([-s for s in snrs]), "one signal"),
    (check.total_snr, lambda snrs: total_snr(snrs) + 10 * log10(2), "mean power"),
    (check.total_snr, lambda s: 2 * total_snr([x / 2 for x in s]), "amplitudes"),
    (check.total_snr, lambda snrs: sum(10 ** (-s / 10) for s in snrs), "at the end"),
    (check.total_snr, lambda snrs: total_snr(snrs) / log10(torch.e), "base 10"),
    (check.total_snr, lambda snrs: total_snr(snrs[:2]), "right for two noises"),
    (check.total_snr, lambda snrs: 1.0, "together at 3.03 dB, not at 1.00"),
    (check.total_snr, lambda snrs: [1], "one number"),
    (check.sound_changes_that_keep_the_label, {}, "no answer for 'which drink"),
    (
        check.sound_changes_that_keep_the_label,
        without(NAMED, {"backwards", "quieter", "faster by a tenth"}),
        "a mirrored word",
    ),
    (check.sound_changes_that_keep_the_label, without(ANYBODY, {"quieter"}), "also survives"),
    (
        check.sound_changes_that_keep_the_label,
        without(QUESTION, {"backwards", "quieter"}),
        "rises falls",
    ),
    (check.sound_changes_that_keep_the_label, without(LOUD, {"quieter"}), "its loudness"),
    (check.sound_changes_that_keep_the_label, without(LOUD, {"louder"}), "the options are"),
]


@pytest.mark.parametrize(("run", "answer"), RIGHT)
def test_right_answers_are_accepted(run, answer):
    verdict = run(answer)
    assert verdict.ok, verdict
    assert repr(verdict).startswith("Right: ")


@pytest.mark.parametrize(("run", "answer", "word"), WRONG)
def test_mistakes_are_named(run, answer, word):
    verdict = run(answer)
    assert not verdict.ok
    assert word.lower() in verdict.message.lower()
    assert "\n" not in verdict.message


def test_each_check_tells_four_mistakes_apart():
    named = {}
    for run, answer, _ in WRONG:
        named.setdefault(run.__name__, set()).add(run(answer).message)
    assert len(named) == 4
    for name, messages in named.items():
        assert len(messages) >= 5, (name, messages)  # four, and the untouched stub


# ---- the lesson and its benchmark


@pytest.fixture(scope="module")
def lesson(project):
    """The names that the lesson's building cells define."""
    nb = json.loads((project / "notebooks/12_beyond_images.ipynb").read_text("utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in nb["cells"]}
    names = {"torch": torch, "nn": torch.nn, "SAMPLE_RATE": SAMPLE_RATE}
    cells["mel-matrix"] = cells["mel-matrix"].partition("figure, axes")[0]
    cells["log-mel"] = cells["log-mel"].partition("to_picture")[0]
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
    own = {noise: mean(noise, f"{noise}/-5") for noise in noises}
    assert min(own, key=own.get) == "hall"
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
