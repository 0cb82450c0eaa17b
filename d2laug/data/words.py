"""The words: the names of the drinks, spoken by a synthesizer for this course, and noises."""

import csv
import wave

import numpy as np
import torch

from d2laug.data.common import data_folder

# What each split and background is stands on the data card, data/words/README.md.
WORDS = (
    *("apple", "cherry", "coffee", "cola", "ginger", "juice"),
    *("lemon", "lime", "milk", "mint", "orange", "tonic"),
)
WORDS_SPLITS = ("lab/train", "lab/val", "lab/test", "show/test")
BACKGROUNDS = ("hall", "street", "fridge")
SAMPLE_RATE = 8000  # samples a second
SAMPLES = 5120  # of one recording: 0.64 s


def words(split):
    """Return one split of the words, recordings of 0.64 s spoken for this course, and its labels.

    The splits are in `WORDS_SPLITS`. The result is two tensors: the recordings `float32`
    `[N, 5120]` with values -1 to 1, 8,000 samples a second (`SAMPLE_RATE`), and the labels `int64`
    `[N]`, places in `WORDS`.

    The recordings are in `data/words` of the repository, or of the folder that the environment
    variable `D2LAUG_DATA` names (`words` in there).

    Raises `ValueError` for an unknown split, `FileNotFoundError` for missing files and `OSError`
    for damaged ones.

    >>> sounds, labels = words("lab/test")
    >>> sounds.shape, sounds.dtype, labels.shape
    (torch.Size([108, 5120]), torch.float32, torch.Size([108]))
    >>> WORDS[labels[0]]
    'apple'
    """
    _check(split)
    home = _home()
    files = [_read(home / split / f"{word}.wav") for word in WORDS]
    for word, sound in zip(WORDS, files, strict=True):
        if len(sound) == 0 or len(sound) % SAMPLES:
            path = home / split / f"{word}.wav"
            raise OSError(
                f"{path} is damaged ({len(sound)} samples, no multiple of {SAMPLES}); {_MEND}"
            )
    sounds = [sound.view(-1, SAMPLES) for sound in files]
    labels = [torch.full((len(sound),), label) for label, sound in enumerate(sounds)]
    return torch.cat(sounds), torch.cat(labels)


def words_metadata(split):
    """Return what is known of each recording of `words(split)`, in the same order: dictionaries.

    Their keys are the columns of `data/words/metadata.csv`: `word`, `voice`, `accent`, `pitch`,
    `speed`, `snr` (in dB, "" in the lab) and others; the values are strings.

    Raises `ValueError` for an unknown split and `FileNotFoundError` where the table is missing.

    >>> first = words_metadata("lab/test")[0]
    >>> first["word"], first["snr"]
    ('apple', '')
    """
    _check(split)
    with open(_home() / "metadata.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def background(name, part):
    """Return a background noise as one tensor `float32` `[samples]`, 8,000 samples a second.

    `name` is one of `BACKGROUNDS`: "hall" (people who talk), "street" (wind and cars) or "fridge"
    (a compressor's hum). `part` is "train" or "test": no voice, no text and no random number of
    the one is in the other.

    Raises `ValueError` for another name or part, `FileNotFoundError` for missing files and
    `OSError` for damaged ones.

    >>> background("hall", "train").shape
    torch.Size([128000])
    """
    if name not in BACKGROUNDS:
        choices = ", ".join(BACKGROUNDS)
        raise ValueError(f"no background is called {name!r}; choose one of: {choices}")
    if part not in ("train", "test"):
        raise ValueError(f"part is {part!r}; expected 'train' or 'test'")
    return _read(_home() / "background" / name / f"{part}.wav")


_MEND = "bring it back with `git checkout data/words`"


def _check(split):
    if split not in WORDS_SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of: {', '.join(WORDS_SPLITS)}")


def _home():
    """The folder of the words, where there is one."""
    home = data_folder() / "words"
    if not (home / "metadata.csv").exists():
        raise FileNotFoundError(
            f"the words are not in {home}: run from a clone of the repository, or set D2LAUG_DATA "
            "to its folder data"
        )
    return home


def _read(path):
    """The samples of a WAV file, -1 to 1, or in words what is wrong with it."""
    try:
        with wave.open(str(path)) as file:
            kind = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if kind != (1, 2, SAMPLE_RATE):
                raise wave.Error(
                    f"{kind[0]} channels of {8 * kind[1]} bits at {kind[2]} Hz; expected one of 16 "
                    f"bits at {SAMPLE_RATE} Hz"
                )
            count = file.getnframes()
            data = file.readframes(count)
            if len(data) != 2 * count:
                raise wave.Error(f"{len(data) // 2} of {count} samples")
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing; {_MEND}") from None
    except (wave.Error, EOFError) as error:
        raise OSError(f"{path} is damaged ({str(error) or 'it ends too soon'}); {_MEND}") from error
    return torch.from_numpy(np.frombuffer(data, "<i2").astype(np.float32) / 2**15)
