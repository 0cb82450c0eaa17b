"""The names of the drinks, spoken by a synthesizer: splits, who speaks in each, and noises."""

import csv
import warnings

import numpy as np
import torch
from torch import Tensor

from d2laug.data.common import Data, check_name, data_folder, reading

# What each split and background is stands on the data card, data/words/README.md.
WORDS: tuple[str, ...] = ("apple", "cherry", "coffee", "cola", "ginger", "juice")
WORDS += ("lemon", "lime", "milk", "mint", "orange", "tonic")
WORDS_SPLITS = ("lab/train", "lab/val", "lab/test", "show/test")
BACKGROUNDS = ("hall", "street", "fridge")
SAMPLE_RATE = 8000  # samples a second
SAMPLES = 5120  # of one recording: 0.64 s


def words(split: str) -> Data:
    """Return one of `WORDS_SPLITS`: recordings of 0.64 s, spoken for this course, and their labels.

    The recordings are `float32` `[N, 5120]`, -1 to 1, 8,000 samples a second (`SAMPLE_RATE`); the
    labels, `int64` `[N]`, are places in `WORDS`. Raises `ValueError` for an unknown split and
    `OSError` for missing or damaged files.

    >>> sounds, labels = words("lab/test")
    >>> sounds.shape, sounds.dtype, WORDS[labels[0]]
    (torch.Size([108, 5120]), torch.float32, 'apple')
    """
    check_name("split", split, WORDS_SPLITS)
    sounds = [_read(f"{split}/{word}.wav", SAMPLES).view(-1, SAMPLES) for word in WORDS]
    labels = torch.arange(len(WORDS)).repeat_interleave(torch.tensor([len(s) for s in sounds]))
    return torch.cat(sounds), labels


def words_metadata(split: str) -> list[dict[str, str]]:
    """Return what is known of each recording of `words(split)`, in the same order.

    The keys are the columns of `data/words/metadata.csv`: `word`, `voice`, `accent`, `pitch`,
    `speed`, `snr` (in dB, "" in the lab) and others; the values are strings. Raises `ValueError`
    for an unknown split and `FileNotFoundError` where the table is missing.

    >>> words_metadata("lab/test")[0]["word"]
    'apple'
    """
    check_name("split", split, WORDS_SPLITS)
    path = data_folder() / "words" / "metadata.csv"
    with reading(path), open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def background(name: str, part: str) -> Tensor:
    """Return a noise as one tensor `float32` `[samples]`, -1 to 1, 8,000 samples a second.

    `name` is "hall" (people who talk), "street" (wind and cars) or "fridge" (a compressor's hum).
    `part` is "train" or "test": no voice, text or random number of the one is in the other. Raises
    `ValueError` for another name or part and `OSError` for missing or damaged files.

    >>> background("hall", "train").shape
    torch.Size([128000])
    """
    check_name("background", name, BACKGROUNDS)
    check_name("part", part, ("train", "test"))
    return _read(f"background/{name}/{part}.wav")


def _read(name: str, step: int = 1) -> Tensor:
    """The samples of a WAV file, -1 to 1, in a multiple of `step`."""
    from scipy.io import wavfile  # importing it takes longer than reading a file

    path = data_folder() / "words" / name
    with reading(path), warnings.catch_warnings():
        warnings.simplefilter("error")  # of a file that ends too soon it only warns
        rate, samples = wavfile.read(path)
        if (rate, samples.dtype, samples.ndim) != (SAMPLE_RATE, np.int16, 1):
            kind = f"{samples[:1].size} channels of {8 * samples.itemsize} bits at {rate} Hz"
            raise ValueError(f"{kind}; expected one of 16 bits at {SAMPLE_RATE} Hz")
        if len(samples) == 0 or len(samples) % step:
            raise ValueError(f"{len(samples)} samples, no multiple of {step}")
    return torch.from_numpy(samples.astype(np.float32) / 2**15)
