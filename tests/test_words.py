"""The spoken words: files and table agree, no split shares a voice, and bad files are named."""

import base64
import csv
import hashlib
import importlib.util
import io
import re
import shutil
import subprocess
import wave
from collections import Counter
from itertools import combinations

import numpy as np
import PIL.Image
import pytest
import torch

from d2laug import data, sound
from d2laug.data import (
    BACKGROUNDS,
    SAMPLE_RATE,
    WORDS,
    WORDS_SPLITS,
    background,
    words,
    words_metadata,
)
from d2laug.train import accuracy, confusion_matrix, fit, predict
from d2laug.widgets import screen
from d2laug.widgets.words import noisy_word

COUNTS = {"lab/train": 30, "lab/val": 6, "lab/test": 9, "show/test": 12}
SAMPLES = 5120


@pytest.fixture(scope="module")
def home(project):
    return project / "data/words"


@pytest.fixture(scope="module")
def rows(home):
    with open(home / "metadata.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def make(project):
    spec = importlib.util.spec_from_file_location("words_make", project / "data/words/make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- the files


def test_splits_counts_and_balance(home, rows):
    assert tuple(COUNTS) == WORDS_SPLITS
    assert len(WORDS) == 12
    assert list(WORDS) == sorted(WORDS)
    for split, count in COUNTS.items():
        sounds, labels = words(split)
        assert sounds.shape == (12 * count, SAMPLES)
        assert labels.bincount().tolist() == [count] * 12
        table = words_metadata(split)
        assert [row["word"] for row in table] == [WORDS[label] for label in labels]
        assert [int(row["number"]) for row in table] == list(range(count)) * 12
    listed = {row["file"] for row in rows}
    listed |= {f"background/{b}/{p}.wav" for b in BACKGROUNDS for p in ("train", "test")}
    assert {path.relative_to(home).as_posix() for path in home.rglob("*.wav")} == listed


def test_the_set_is_small(home):
    assert sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) < 8e6


def test_no_voice_is_in_two_splits(make):
    spoken = {split: {row["voice"] for row in words_metadata(split)} for split in WORDS_SPLITS}
    assert spoken.pop("show/test") <= spoken["lab/test"]  # the same people, elsewhere
    # nor do those talk in the background who name a drink, or who talk in another hall
    halls = {name: set(make.VOICES[name]) for name in ("hall/train", "hall/test", "show")}
    for a, b in combinations([*spoken.values(), *halls.values()], 2):
        assert not a & b
    texts = [set(make.TEXTS[name].split("\n")) for name in halls]
    assert not any(a & b for a, b in combinations(texts, 2))
    said = set(re.findall(r"\w+", " ".join(make.TEXTS.values()).lower()))
    assert not said & set(WORDS)  # else a label could be in the noise


def test_every_voice_of_the_test_says_every_word_once():
    pairs = Counter((row["word"], row["voice"]) for row in words_metadata("lab/test"))
    assert set(pairs.values()) == {1}
    assert len(pairs) == 12 * 9


@pytest.mark.parametrize("split", WORDS_SPLITS)
def test_every_word_is_heard_whole_and_nothing_is_clipped(split):
    sounds, _ = words(split)
    assert sounds.abs().max() < 0.96
    for sound_, row in zip(sounds, words_metadata(split), strict=True):
        start, end = int(row["start"]), int(row["start"]) + int(row["samples"])
        assert 0.1 * SAMPLE_RATE < end - start < SAMPLES - 2 * 239
        assert 240 <= start < end <= SAMPLES - 240
        level = 20 * torch.log10(sound_[start:end].square().mean().sqrt()).item()
        assert -40 < level < -8, row
        if split.startswith("lab"):
            outside = torch.cat([sound_[:start], sound_[end:]])
            floor = 20 * torch.log10(outside.square().mean().sqrt()).item()
            assert -72 < floor < -68, row  # a hiss, never nothing at all


def test_the_ratios_of_the_show(rows):
    ratios = [float(row["snr"]) for row in rows if row["split"] == "show/test"]
    assert all(-5 <= ratio <= 10 for ratio in ratios)
    assert min(ratios) < -4
    assert max(ratios) > 9
    assert {row["snr"] for row in rows if row["split"] != "show/test"} == {""}
    # what the table says is what is heard: before the word there is noise alone
    sounds, _ = words("show/test")
    noise, louder = [], []
    for sound_, row in zip(sounds, words_metadata("show/test"), strict=True):
        start = int(row["start"])
        noise.append(sound_[: start - 40].square().mean().log10().item())
        louder.append(sound_.square().mean().log10().item() - noise[-1])
    assert np.corrcoef(louder, ratios)[0, 1] > 0.7


def test_no_recording_comes_twice():
    sounds = torch.cat([words(split)[0] for split in WORDS_SPLITS])
    digests = {hashlib.sha256(one.numpy().tobytes()).digest() for one in sounds}
    assert len(digests) == len(sounds)
    # nor with another noise: where a word begins, how long it is and how it sounds, differ
    said = Counter()
    for split in WORDS_SPLITS:
        for row in words_metadata(split):
            said[tuple(row[k] for k in ("word", "voice", "accent", "pitch", "speed"))] += 1
    assert max(said.values()) == 1


def test_backgrounds():
    parts = {(b, p): background(b, p) for b in BACKGROUNDS for p in ("train", "test")}
    for (name, part), noise in parts.items():
        assert noise.dtype == torch.float32
        assert len(noise) >= 4 * SAMPLE_RATE
        assert noise.abs().max() < 0.96
        level = 20 * torch.log10(noise.square().mean().sqrt()).item()
        assert abs(level + 22) < 1.5, (name, part)
        assert noise.view(-1, 2000).square().mean(1).min() > 1e-5, "a hole of silence"
    for name in BACKGROUNDS:
        a, b = parts[name, "train"], parts[name, "test"]
        frequencies = torch.fft.rfft(a[: len(b)]) * torch.fft.rfft(b).conj()
        same = torch.fft.irfft(frequencies / frequencies.abs())  # a copy would be a peak near 1
        assert same.abs().max() < 0.2, name
    # a hum has lines at multiples of nearly 50 Hz
    power = torch.fft.rfft(parts["fridge", "test"]).abs().square()
    assert power.topk(40).values.sum() > 0.5 * power.sum()


def test_some_files_are_made_again(make, home):
    """Those without speech; and a word, where espeak-ng is there."""
    for name in ("street", "fridge"):
        for part in ("train", "test"):
            made = make.wav(make.background(name, part))
            near(made, (home / f"background/{name}/{part}.wav").read_bytes())
    if not shutil.which("espeak-ng"):
        pytest.skip("nothing can speak a word again: install the package espeak-ng")
    version = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True).stdout
    if "1.51 " not in version:
        pytest.skip("the words were spoken by espeak-ng 1.51; another one differs a little")
    made, _ = make.recordings("lab/val", "cola")
    near(make.wav(made), (home / "lab/val/cola.wav").read_bytes())


def near(a, b):
    """Equal but for a rounding of the last bit."""
    a, b = (np.frombuffer(x[44:], "<i2").astype(int) for x in (a, b))
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= 1


def test_without_espeak_the_script_says_so(make, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install espeak-ng"):
        make.main(tmp_path)
    assert list(tmp_path.iterdir()) == []


# ---- the reader


@pytest.fixture
def copy(home, tmp_path, monkeypatch):
    for name in ("lab/val", "background/street"):
        shutil.copytree(home / name, tmp_path / "words" / name)
    shutil.copy(home / "metadata.csv", tmp_path / "words")
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    return tmp_path / "words"


def test_the_folder_can_be_elsewhere(copy):
    assert words("lab/val")[0].shape == (72, SAMPLES)
    assert background("street", "test").shape == (48_000,)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: words("lab"), "no split is called 'lab'; choose one of: lab/train, lab/val"),
        (lambda: words(None), "no split is called None"),
        (lambda: words_metadata("show"), "choose one of: lab/train"),
        (lambda: background("rain", "test"), "'rain'; choose one of: hall, street, fridge"),
        (lambda: background("hall", "val"), "no part is called 'val'; choose one of: train, test"),
    ],
)
def test_unknown_names_are_refused(run, message):
    with pytest.raises(ValueError, match=message):
        run()


def test_missing_files_are_named(copy, monkeypatch, tmp_path):
    (copy / "lab/val/milk.wav").unlink()
    with pytest.raises(FileNotFoundError, match=r"milk.wav is missing: .*git checkout data"):
        words("lab/val")
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path / "nowhere"))
    for run in (lambda: words("lab/val"), lambda: background("hall", "test")):
        with pytest.raises(FileNotFoundError, match="git checkout data benchmarks"):
            run()


def stored(rate=SAMPLE_RATE, channels=1, bits=16, samples=SAMPLES):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bits // 8)
        file.setframerate(rate)
        file.writeframes(bytes(samples * channels * bits // 8))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "milk.wav is damaged .*not understood"),
        (b"no sound", "milk.wav is damaged"),
        (stored(rate=16_000), "at 16000 Hz; expected one of 16 bits at 8000 Hz"),
        (stored(channels=2), "2 channels of 16 bits"),
        (stored(bits=8), "1 channels of 8 bits"),
        (stored(samples=100), "100 samples, no multiple of 5120"),
        (stored(samples=0), "0 samples"),
        (stored()[:-100], "Reached EOF prematurely"),
    ],
)
def test_damaged_files_are_named(copy, content, message):
    (copy / "lab/val/milk.wav").write_bytes(content)
    with pytest.raises(OSError, match=message) as error:
        words("lab/val")
    assert "git checkout data" in str(error.value)


# ---- sounds are trained on as they are


def tones(n, seed=0):
    """Two classes that differ by their pitch."""
    noise = torch.randn(n, 512, generator=torch.Generator().manual_seed(seed))
    labels = torch.arange(n) % 2
    return torch.sin(torch.arange(512) * (0.2 + 0.4 * labels[:, None])) + 0.3 * noise, labels


class Ear(torch.nn.Sequential):
    """The strengths of frequencies, and one layer."""

    def __init__(self):
        super().__init__(torch.nn.BatchNorm1d(33), torch.nn.Linear(33, 2))

    def forward(self, sounds):
        self.seen = sounds.dtype, sounds.min().item()
        return super().forward(torch.fft.rfft(sounds[:, :64]).abs())


def test_sounds_reach_transform_and_network_unchanged():
    seen = []

    def transform(x):
        seen.append((x.dtype, x.shape[1], x.min().item()))
        return x

    torch.manual_seed(0)
    network = Ear()
    history = fit(
        network,
        tones(64),
        tones(32, 1),
        transform,
        epochs=12,
        batch_size=16,
        lr=0.1,
        progress=False,
    )
    assert history[-1]["validation"] > 0.9
    assert {one[:2] for one in seen} == {(torch.float32, 512)}
    assert min(one[2] for one in seen) < -1  # neither divided nor cut off
    assert network.seen[0] == torch.float32
    test = tones(40, 2)
    right = confusion_matrix(network, test).diag().sum().item()
    assert accuracy(network, test) == pytest.approx(right / 40)
    assert predict(network, test[0]).shape == (40, 2)


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (lambda x: x[:4], r"float32 \[4, 512\]; .* torch.float32 \[16, samples\]"),
        (lambda x: x[:, None], r"returns torch.float32 \[16, 1, 512\]"),
        (lambda x: x.double(), "returns torch.float64 .* expected one tensor torch.float32"),
        (lambda x: (100 * x).byte(), "returns torch.uint8 .* expected one tensor torch.float32"),
        (lambda x: x * float("nan"), "returns torch.float32 .* with NaN"),
        (lambda x: None, "returns NoneType"),
    ],
)
def test_transforms_of_sounds_that_cannot_work(transform, message):
    with pytest.raises(ValueError, match=message):
        fit(Ear(), tones(16), transform=transform, epochs=1, progress=False)


@pytest.mark.parametrize("wrong", [torch.zeros(8, 2, 100), torch.zeros(8, 100).double()])
def test_other_sounds_are_refused(wrong):
    with pytest.raises(ValueError, match=r"for sounds one float32 tensor \[N, samples\]"):
        accuracy(Ear(), (wrong, torch.arange(8) % 2))


# ---- pictures and players


def test_a_player_holds_the_sound_and_does_not_start(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    x = words("lab/val")[0][:2] * torch.tensor([[1.0], [4.0]])
    picture = sound.hear(x, ["quiet & clear", "too\nloud"])
    assert "quiet & clear; too, loud" in picture.alt
    page = shown[0].data
    assert page.count("<audio controls") == 2
    assert "autoplay" not in page
    assert "aria-label='quiet &amp; clear'" in page
    for given, stored in zip(x, re.findall("base64,([^']+)'", page), strict=True):
        with wave.open(io.BytesIO(base64.b64decode(stored))) as file:
            assert (file.getnchannels(), file.getframerate()) == (1, SAMPLE_RATE)
            heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
        given = given / max(1, given.abs().max())
        assert np.abs(heard - given.numpy()).max() < 1e-4


def test_the_spectrogram_shows_a_tone_at_its_place():
    times = torch.arange(8000) / SAMPLE_RATE
    tone = torch.sin(2 * torch.pi * 1000 * times)
    levels = sound.decibels(tone)
    assert levels.mean(1).argmax() == 32  # of 128, which stand for 4 kHz
    assert levels.max().item() == pytest.approx(-6, abs=0.1)
    rows = sound.to_array(tone).sum((1, 2))
    assert rows.argmax() in (128 - 33, 128 - 32, 128 - 31)  # upside down: low tones below
    figure = sound.hear(tone).figure
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "time (s)"]
    assert figure.axes[1].get_ylim() == (0, 4)


@pytest.mark.parametrize(
    ("given", "captions", "message"),
    [
        ([], None, "0 sounds are given; choose 1 to 5"),
        (torch.zeros(100), None, r"float32 \[100\]; expected a float tensor .* at least 256"),
        (torch.zeros(2, 2, 512), None, "expected a float tensor"),
        (torch.zeros(512).int(), None, "int32"),
        ([np.zeros(512)], None, "numpy.ndarray"),
        (torch.full((512,), float("nan")), None, "finite"),
        (torch.zeros(2, 512), ["one"], "1 captions for 2 sounds"),
        (torch.zeros(6, 512), None, "6 sounds are given; choose 1 to 5"),
    ],
)
def test_what_cannot_be_shown_is_refused(given, captions, message):
    with pytest.raises(ValueError, match=message):
        sound.hear(given, captions)


# ---- the widget


def heard(w):
    with wave.open(io.BytesIO(w.audio.value)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def test_the_widget_plays_what_it_says():
    w = noisy_word("milk", "rob", "street", 6)
    assert (w.audio.autoplay, w.audio.loop, w.audio.controls) == (False, False, True)
    place = [(r["word"], r["voice"]) for r in words_metadata("lab/test")].index(("milk", "rob"))
    word = words("lab/test")[0][place].numpy()
    scale = max(1, np.abs(heard(w)).max())
    noise = heard(w) * scale - word
    assert 10 * np.log10((word**2).mean() / (noise**2).mean()) == pytest.approx(6, abs=0.05)
    w.controls["noise"].value = "none"
    assert np.abs(heard(w) - word).max() < 1e-4
    assert w.captions == ["milk, in the lab", "no background"]
    assert np.array_equal(*w.arrays)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("word", ["tonic", "apple"]),
        ("voice", ["f3", "sandro"]),
        ("noise", ["none", "white", *BACKGROUNDS]),
        ("snr", [-20, 5, 30]),
    ],
)
def test_every_control_of_the_widget(name, values):
    w = noisy_word()
    first, before = w.audio.value, w.images[1].value
    seen = {first}
    for value in values:
        w.controls[name].value = value
        seen.add(w.audio.value)
        assert np.isfinite(heard(w)).all()
    assert len(seen) >= len(values)
    w.reset()
    assert (w.audio.value, w.images[1].value) == (first, before)


def test_the_widget_asks_the_networks():
    class Says(torch.nn.Module):
        def __init__(self, word):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))
            self.logits = 5.0 * torch.nn.functional.one_hot(torch.tensor(WORDS.index(word)), 12)

        def forward(self, x):
            assert x.shape == (1, SAMPLES)
            return self.logits[None]

    w = noisy_word("cola", networks={"deaf": Says("tonic"), "keen": Says("cola")})
    assert w.captions[1].splitlines()[1:] == [
        "deaf:",
        "tonic 93%, WRONG",
        "keen:",
        "cola 93%, right",
    ]
    assert w.said.value.count(">93%<") == 2
    stills, metadata = w._repr_mimebundle_()
    image = PIL.Image.open(io.BytesIO(base64.b64decode(stills["image/jpeg"])))
    assert image.width > 600
    assert "tonic 93%, WRONG" in metadata["image/jpeg"]["alt"]
    expected = screen.enlarge(w.arrays[1])
    assert PIL.Image.open(io.BytesIO(w.images[1].value)).size == expected.shape[1::-1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"word": "water"}, "word is 'water'; choose one of: apple"),
        ({"voice": "Anna"}, "voice is 'Anna'; choose one of: Annie"),
        ({"noise": "rain"}, "noise is 'rain'; choose one of: none, white, hall"),
        ({"snr": 40}, "expected -20 to 30"),
    ],
)
def test_the_widget_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        noisy_word(**wrong)


def test_everything_is_exported():
    assert {"words", "words_metadata", "background", "WORDS", "BACKGROUNDS"} <= set(data.__all__)
