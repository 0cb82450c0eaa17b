"""Training, figures and sounds, against each kind of input: the right value, or one error.

Each public function stands in a table, so that a new one is met too. The augmentations have such
tables in `augment/test_functions.py`, the effects of the catalogue in `gallery/test_kinds.py`.
"""

import inspect
import os
import warnings

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from test_train import stripes
from torch import nn
from torchvision.tv_tensors import BoundingBoxes

from d2laug import data, show, sound, train
from d2laug.draws import record_draws
from d2laug.widgets import explore

IMAGES, LABELS = stripes(8)
QUICK = {"epochs": 1, "batch_size": 4, "progress": False}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return train.plain_network(2).eval()


def fitted(pair, network):
    return train.fit(network, pair, **QUICK)


def compared(pair, network):
    return train.compare({"none": None}, pair, {"same": pair}, seeds=[0], **QUICK)


# What takes pictures with labels, or pictures alone.
TRAIN = {
    "accuracy": lambda pair, network: train.accuracy(network, pair),
    "check_data": lambda pair, network: train.check_data(pair),
    "compare": compared,
    "confusion_matrix": lambda pair, network: train.confusion_matrix(network, pair),
    "fit": fitted,
    "predict": lambda pair, network: train.predict(network, pair[0]),
}
NO_PICTURES = {"load_network", "marking_network", "plain_network", "residual_network"}
NO_PICTURES |= {"save_network", "trained_networks"}


def test_every_function_that_takes_pictures_stands_in_the_table():
    assert {*TRAIN, *NO_PICTURES} == set(train.__all__)


BAD_IMAGES = {
    "channels last": IMAGES.movedim(1, -1),
    "one channel": IMAGES[:, :1],
    "four channels": IMAGES[:, [0, 1, 2, 0]],
    "floats of 0 to 255": IMAGES.float(),
    "NaN": IMAGES / 0 * 0,
    "int64": IMAGES.long(),
    "bool": IMAGES > 9,
    "NumPy": IMAGES.numpy(),
    "one picture": IMAGES[0],
    "a list": list(IMAGES),
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
@pytest.mark.parametrize("name", TRAIN)
def test_images_that_are_refused(name, kind, network):
    with pytest.raises(ValueError, match=r"images.* (are|is) .*expected (one tensor|0 to 1)"):
        TRAIN[name]((BAD_IMAGES[kind], LABELS), network)


@pytest.mark.parametrize("name", ["accuracy", "confusion_matrix", "fit"])
def test_labels_without_a_class(name, network):
    with pytest.raises(ValueError, match="a label is 6, but the network has 2 classes, 0 to 1"):
        TRAIN[name]((IMAGES, LABELS + 5), network)


def test_predict_takes_floats_of_0_to_1_of_any_kind(network):
    expected = train.predict(network, IMAGES)
    for dtype in (torch.float32, torch.float64):
        found = train.predict(network, IMAGES.to(dtype) / 255)
        assert (found - expected).abs().max() < 1e-5
    for other in (
        IMAGES.contiguous(memory_format=torch.channels_last),
        IMAGES.mT.contiguous().mT,
        IMAGES.repeat_interleave(2, 0)[::2],
    ):
        assert (train.predict(network, other) - expected).abs().max() < 1e-5
    assert torch.equal(
        train.predict(network, IMAGES, np.int64(3)), train.predict(network, IMAGES, 3)
    )
    assert train.predict(network, IMAGES[:0]).shape == (0, 2)
    free = (IMAGES / 255).requires_grad_()
    assert not train.predict(network, free).requires_grad


@pytest.mark.parametrize("make", [train.plain_network, train.residual_network])
def test_networks_under_another_default_dtype(make):
    torch.set_default_dtype(torch.float64)
    try:
        network = make(2)
        assert train.fit(network, (IMAGES, LABELS), **QUICK)[0]["loss"] > 0
        assert train.predict(network, IMAGES).dtype == torch.float32
        marks = train.marking_network()(torch.rand(1, 3, 16, 16, dtype=torch.float32))
        assert marks.dtype == torch.float32
        assert train.predict(train.load_network("all"), IMAGES).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


def test_training_under_autocast(network):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert fitted((IMAGES, LABELS), network)[0]["loss"] > 0
        assert train.predict(network, IMAGES).dtype == torch.float32


SOUNDS = torch.zeros(8, 400), LABELS
CANNOT = {
    "a batch of one": ({"batch_size": 1}, "a training batch is .*1, 3, 32, 32.*more than 1 value"),
    "sounds": ({"train": SOUNDS}, "a training batch is .*4, 400.*cannot take"),
    "too small": ({"train": (IMAGES[..., :2, :2], LABELS)}, "3, 2, 2.*cannot take"),
    "validation of sounds": ({"validation": SOUNDS}, "a picture of validation is .*cannot take"),
    "validation of other classes": ({"validation": (IMAGES, LABELS + 5)}, "a label is 6, but"),
    "validation of nothing": ({"validation": ()}, "validation is tuple; expected a pair"),
}


@pytest.mark.parametrize("kind", CANNOT)
def test_what_the_network_cannot_take(kind):
    wrong, words = CANNOT[kind]
    with pytest.raises(ValueError, match=words):
        train.fit(train.residual_network(2), **{"train": (IMAGES, LABELS)} | QUICK | wrong)


@pytest.mark.parametrize("ask", ["fit", "predict", "accuracy", "confusion_matrix"])
def test_a_network_that_marks_pixels_tells_no_classes(ask):
    marks, more = train.marking_network(), QUICK if ask == "fit" else {}
    given = IMAGES if ask == "predict" else PAIR
    with pytest.raises(ValueError, match=r"answers torch.float32 .*1, 32, 32.*marks pixels tells"):
        getattr(train, ask)(marks, given, **more)


def test_validation_of_another_size_is_taken(network):
    history = train.fit(network, (IMAGES, LABELS), (IMAGES[..., :24, :24], LABELS), **QUICK)
    assert 0 <= history[0]["validation"] <= 1


@pytest.mark.parametrize("stopped", ["in a training", "between them"])
def test_an_interrupt_keeps_what_compare_has_measured(stopped, capsys):
    calls = []

    def make(classes):
        calls.append(classes)
        if stopped == "between them" and len(calls) == 4:
            raise KeyboardInterrupt
        return train.plain_network(classes)

    def stop(x):
        if stopped == "in a training" and len(calls) == 4:
            steps.append(x)
            if len(steps) > 1:  # the first is a trial, before the training
                raise KeyboardInterrupt
        return x

    steps, options = [], QUICK | {"seeds": range(3), "make_network": make}
    pair = IMAGES, LABELS
    found = train.compare({"none": None, "stop": stop}, pair, {"a": pair, "b": pair}, **options)
    assert "stopped after 3 of 6 trainings" in capsys.readouterr().out
    assert [len(found[recipe][test]) for recipe in found for test in "ab"] == [2, 2, 1, 1]
    whole = train.compare({"none": None}, pair, {"a": pair}, seeds=range(2), **QUICK)
    assert torch.equal(found["none"]["a"], whole["none"]["a"])


PAIR = IMAGES, LABELS
NO_TESTS = {
    "none": ({}, "tests is empty"),
    "no pair": ({"a": PAIR, "b": IMAGES}, "the test set 'b' is torch.uint8 .*expected a pair"),
    "floats": (
        {"a": PAIR, "b": (IMAGES / 1, LABELS)},
        "images of the test set 'b' are torch.float",
    ),
    "other classes": ({"a": PAIR, "b": (IMAGES, LABELS + 5)}, "a label is 6, but the network"),
    "too small": ({"a": PAIR, "b": (IMAGES[..., :0], LABELS)}, "which the network cannot take"),
}


@pytest.mark.parametrize("kind", NO_TESTS)
def test_no_training_begins_where_a_test_set_is_wrong(kind, monkeypatch):
    tests, words = NO_TESTS[kind]
    monkeypatch.setattr("d2laug.train.loop.fit", None)  # a call would be a TypeError
    with pytest.raises(ValueError, match=words):
        train.compare({"none": None}, PAIR, tests, seeds=range(2), **QUICK)


def test_a_loss_without_a_number_keeps_what_compare_has_measured(capsys):
    def make(classes):
        made.append(train.plain_network(classes))
        if len(made) > 1:
            nn.init.constant_(made[-1][-1].weight, 1e38)
        return made[-1]

    made = []
    options = {"seeds": range(3), "make_network": make} | QUICK
    found = train.compare({"none": None}, PAIR, {"a": PAIR}, **options)
    assert found["none"]["a"].shape == (1,)
    assert "stopped after 1 of 3 trainings: the loss is " in capsys.readouterr().out
    with pytest.raises(FloatingPointError):  # nothing was measured yet
        train.compare({"none": None}, PAIR, {"a": PAIR}, **options)


STILL = train.plain_network(2).requires_grad_(False)
NO_TRAINING = {
    "frozen": ({"network": STILL}, r"no weights that learn: network.requires_grad_\(True\)"),
    "nothing": ({"network": nn.Flatten()}, "the network has no weights"),
    "seed -1": ({"seed": -1}, "seed is -1; expected a whole number from 0"),
    "seed 0.5": ({"seed": 0.5}, "seed is 0.5; expected a whole number from 0"),
    "lr": ({"lr": "1e-3"}, "lr is '1e-3'; expected a positive number"),
    "transform": ({"transform": lambda x: x[:, :1]}, "the transform returns"),
    "lazy": ({"network": nn.LazyConv2d(2, 3)}, "the weights weight of the network have no values"),
    "meta": ({"network": train.plain_network(2).to("meta")}, "the weights .* have no values yet"),
    "no values": ({"train": (IMAGES.to("meta"), LABELS)}, "on the device meta; expected one"),
}


@pytest.mark.parametrize("kind", NO_TRAINING)
def test_what_fit_refuses_leaves_nothing_behind(kind):
    from accelerate.state import AcceleratorState

    wrong, words = NO_TRAINING[kind]
    with pytest.raises(ValueError, match=words):
        train.fit(**{"network": train.plain_network(2), "train": PAIR} | QUICK | wrong)
    assert not AcceleratorState._shared_state


def test_a_cap_of_epochs_that_is_no_number(monkeypatch, network):
    monkeypatch.setenv("D2LAUG_MOST_EPOCHS", "few")
    with pytest.raises(ValueError, match="D2LAUG_MOST_EPOCHS is 'few'; expected a whole number"):
        fitted(PAIR, network)
    with pytest.raises(ValueError, match="the network has no weights"):
        train.predict(nn.Flatten(), IMAGES)


def test_an_interrupt_before_the_first_training():
    def make(classes):
        raise KeyboardInterrupt

    pair = IMAGES, LABELS
    found = train.compare({"none": None}, pair, {"a": pair}, make_network=make, **QUICK)
    assert found["none"]["a"].shape == (0,)


# ---- text in figures

WORDS = ["a $5 and $6_x", "_first\nline", "half $ only"]
A, B, C = WORDS
TILES = list(torch.rand(3, 3, 20, 24))
FIGURES = {
    "draw_labels": lambda: show.draw_labels(TILES[0], points=torch.rand(3, 2) * 9, names=WORDS),
    "show_augmented": lambda: show.show_augmented(TILES[0], nn.Identity(), n=2),
    "show_bars": lambda: show.show_bars({A: 0.5, B: 0.3, C: 0.9}, A, guess=0.1),
    "show_crops": lambda: show.show_crops(TILES[0], [(0, 0, 9, 9)] * 3, WORDS),
    "show_curves": lambda: show.show_curves({A: [0.5, 1], B: [0, 1], C: [1, 0]}, [1, 2], A, B, 0.1),
    "show_dots": lambda: show.show_dots({A: [0.5], B: [0.3], C: [1]}, A, 0.1),
    "show_dots of series": lambda: show.show_dots({A: [0, 0.2, 1]}, B, series=WORDS),
    "show_histograms": lambda: show.show_histograms(TILES, WORDS),
    "show_images": lambda: show.show_images(TILES, WORDS),
    "show_learning_curve": lambda: show.show_learning_curve([{"epoch": 1, "loss": 1, "train": 0}]),
    "show_matrix": lambda: show.show_matrix([[0.1] * 3] * 2, [A, B], WORDS, label=C),
    "show_wall": lambda: show.show_wall({"g": dict(zip(WORDS, TILES, strict=True))}),
    "hear": lambda: sound.hear(torch.rand(3, 4000), WORDS),
}
NO_WORDS = {"new_figure", "to_arrays", "Picture", "Images"}  # or a reader's own
NO_WORDS |= {"mix", "to_wav", "to_array", "decibels"}


def test_every_figure_stands_in_the_table():
    public = {
        name
        for room in (show, sound)
        for name in room.__all__
        if inspect.isfunction(getattr(room, name))
    }
    assert public - NO_WORDS - {"new_figure"} == {name.split()[0] for name in FIGURES}


@pytest.mark.parametrize("name", FIGURES)
def test_words_are_shown_as_they_are(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a name that matplotlib leaves out, a letter it lacks
        picture = FIGURES[name]()
        if name == "draw_labels":
            return
        assert picture._repr_mimebundle_()
    shown = [text for text in picture.figure.findobj(Text) if text.get_text()]
    words = [word.replace("\n", " " if "series" in name else "\n") for word in WORDS]
    said = [text for text in shown if any(word in text.get_text() for word in words)]
    assert all(not text.get_parse_math() for text in said)
    if name not in ("show_augmented", "show_learning_curve"):
        assert {word for word in words for text in said if word in text.get_text()} == set(words)
        assert all(part in picture.alt for word in WORDS for part in word.split("\n"))


ODD = [3, os.fsdecode(b"caf\xe9"), None]  # the second as a folder of another system is named
NUMBERS = dict(zip(ODD, [[0.5], [0.2], [1.0]], strict=True))
ODD_NAMES = {
    "draw_labels": lambda: show.draw_labels(TILES[0], points=torch.rand(3, 2) * 9, names=ODD),
    "show_bars": lambda: show.show_bars({name: row[0] for name, row in NUMBERS.items()}),
    "show_crops": lambda: show.show_crops(TILES[0], [(0, 0, 9, 9)] * 3, ODD),
    "show_curves": lambda: show.show_curves(NUMBERS, [1], "x"),
    "show_dots": lambda: show.show_dots(NUMBERS),
    "show_dots of series": lambda: show.show_dots({"a": [0, 0.2, 1]}, series=ODD),
    "show_images": lambda: show.show_images(TILES, ODD),
    "show_matrix": lambda: show.show_matrix([[0.1] * 3] * 3, ODD, ODD),
    "show_wall": lambda: show.show_wall({3: dict(zip(ODD, TILES, strict=True))}),
}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_that_are_no_plain_text(name):
    picture = ODD_NAMES[name]()
    if name != "draw_labels":
        assert picture._repr_mimebundle_()
        assert all(word in picture.alt for word in ("3", "caf\\", "None"))


def test_places_that_cannot_be_drawn():
    far = torch.tensor([[1e18, 4], [-1e18, 4]])
    assert torch.equal(show.draw_labels(TILES[0], points=far), show.draw_labels(TILES[0]))
    turned = BoundingBoxes([[9, 9, 4, 4, 45.0]], format="CXCYWHR", canvas_size=(20, 24))
    with pytest.raises(ValueError, match="boxes of format CXCYWHR; rotated ones cannot"):
        show.draw_labels(TILES[0], boxes=turned)
    with pytest.raises(TypeError, match="without values, on the device meta, is not a picture"):
        show.to_arrays(TILES[0].to("meta"))
    with pytest.raises(ValueError, match=r"no split with places is called .*choose one of: lab"):
        data.drinks_places(["lab/test"])


def test_explorers_say_what_does_not_fit(network):
    with pytest.raises(ValueError, match=r"area .* is '1'; expected 0.08 to 1"):
        explore.crop(TILES[0], area="1")
    with pytest.raises(ValueError, match="'mine' tells 2 classes apart; expected 12"):
        explore.flip(TILES[0], networks={"mine": network})


def test_no_history_is_no_curve():
    with pytest.raises(ValueError, match="history is empty; expected at least one epoch"):
        show.show_learning_curve([])


PLAIN = {
    "crop": lambda x: explore.crop(x).arrays[0],
    "draw_labels": show.draw_labels,
    "flip": lambda x: explore.flip(x).arrays[0],
    "show_crops": lambda x: show.show_crops(x, [(0, 0, 9, 9)]),
    "show_wall": lambda x: show.show_wall({"g": {"one": x}}),
    "show_augmented": lambda x: show.show_augmented(x, nn.Identity(), n=np.int64(2)),
    "show_histograms": show.show_histograms,
    "show_images": lambda x: show.show_images(x, columns=np.int64(1)),
    "to_arrays": show.to_arrays,
}


@pytest.mark.parametrize("name", PLAIN)
def test_pictures_of_any_state_and_layout(name):
    picture = torch.rand(3, 12, 16)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16), torch.device("meta"):
            for other in (picture.mT.contiguous().mT, picture.clone().requires_grad_()):
                shown = PLAIN[name](other)
                if name == "to_arrays":
                    assert np.array_equal(shown[0], show.to_arrays(picture)[0])
            if name != "show_augmented":  # torchvision takes no arrays
                assert PLAIN[name](show.to_arrays(picture)[0][::-1, ::-1]) is not None
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sounds_in_any_state(dtype):
    wave = torch.rand(1, 4000)[0].sub(0.5)
    expected = sound.decibels(wave)
    torch.set_default_dtype(dtype)
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = sound.decibels(wave)
            assert sound.mix(wave, wave.flip(0), np.float64(3)).dtype == torch.float32
            assert np.array_equal(sound.to_array(wave), sound.to_array(wave.clone()))
    finally:
        torch.set_default_dtype(torch.float32)
    assert found.dtype == torch.float32
    assert (found - expected).abs().max() < 1e-3


NO_SOUNDS = {
    "levels": torch.zeros(4000, dtype=torch.int16),
    "too few": torch.zeros(200),
    "none": torch.zeros(0),
    "NaN": torch.full((4000,), torch.nan),
    "two": torch.zeros(2, 4000),
}


@pytest.mark.parametrize("call", [sound.to_wav, sound.to_array, sound.decibels])
def test_sounds_that_are_none(call):
    for name, wrong in NO_SOUNDS.items():
        if (name, call) != ("too few", sound.to_wav):  # a file may be short
            with pytest.raises(ValueError, match=r"a sound is .*expected a float tensor"):
                call(wrong)
    for taken in (torch.rand(4000, requires_grad=True), torch.rand(4000).half()):
        assert len(call(taken)) > 0


def test_a_noise_that_cannot_be_heard():
    wave = torch.rand(4000)
    for silent in (wave * 0, wave * torch.nan):
        with pytest.raises(ValueError, match="no gain makes the noise as loud"):
            sound.mix(wave, silent, 0)
    with pytest.raises(ValueError, match=r"torch.int16.*expected floats"):
        sound.mix(wave.short(), wave, 0)


def test_numbers_of_drinks_may_be_those_of_numpy():
    expected = data.drink("cola can", 3)
    for kind in (np.int64, np.uint8, np.int32):
        assert torch.equal(data.drink("cola can", kind(3)), expected)
    for wrong in (3.0, "3", None, np.float64(3), -1, np.int64(20)):
        with pytest.raises(ValueError, match="lab/test has cola can 0 to 19"):
            data.drink("cola can", wrong)


def test_draws_are_said_in_any_state():
    from d2laug import augment

    with torch.autocast("cpu", dtype=torch.bfloat16), torch.device("meta"):
        jitter = augment.ColorJitter(brightness=(0.5, 0.5))
        with record_draws(jitter) as draws:
            jitter(IMAGES[:1])
    assert draws == ["brightness ×0.50"]
