"""Right and wrong answers to the exercises of lesson 12."""

import math

import numpy as np
import torch
from forms import not_varied, sets, without
from torch.nn import functional as F


def shift_later(sounds, shifts):
    samples, longer = len(sounds.T), torch.hstack([torch.zeros_like(sounds), sounds])
    places = samples - shifts.clamp(max=samples)[:, None] + torch.arange(samples)
    return longer[torch.arange(len(sounds))[:, None], places]


def each_sound(shift):
    """Return an answer that shifts one sound after the other."""
    return lambda x, k: torch.stack([shift(*pair) for pair in zip(x, k.tolist(), strict=True)])


def rolled(sounds, shifts):
    return torch.stack([s.roll(k) for s, k in zip(sounds, shifts.tolist(), strict=True)])


def start_cut_off(sounds, shifts):
    return sounds * (torch.arange(sounds.shape[1]) >= shifts[:, None])


def held(sounds, shifts):
    place = torch.arange(sounds.shape[1]) - shifts[:, None]
    return sounds.gather(1, place.clamp(min=0))


def shift_by_numpy(sounds, shifts):
    result, old = np.zeros_like(sounds.numpy()), sounds.numpy()
    for row, k in enumerate(shifts.clamp(max=sounds.shape[1]).numpy()):
        result[row, k:] = old[row, : old.shape[1] - k]
    return torch.from_numpy(result)


def hide(pictures, low, high, start, end):
    bands, frames = (torch.arange(n) for n in pictures.shape[1:])
    keep = ((bands < low) | (bands >= high))[:, None] & ((frames < start) | (frames >= end))
    return pictures * keep


def hide_by_slices(pictures, low, high, start, end):
    hidden = pictures.clone()
    hidden[:, low:high] = 0
    hidden[..., start:end] = 0
    return hidden


def hide_by_numpy(pictures, low, high, start, end):
    hidden = pictures.numpy().copy()
    hidden[:, low:high, :] = hidden[:, :, start:end] = 0
    return torch.from_numpy(hidden)


def hide_one_by_one(pictures, low, high, start, end):
    bands = [band * (not low <= n < high) for n, band in enumerate(pictures.unbind(1))]
    hidden = torch.stack(bands, 1)
    frames = [frame * (not start <= n < end) for n, frame in enumerate(hidden.unbind(2))]
    return torch.stack(frames, 2)


def hide_by_filling(pictures, low, high, start, end):
    bands, frames = torch.arange(low, high), torch.arange(start, end)
    return pictures.index_fill(1, bands, 0).index_fill(2, frames, 0)


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
    noises = 10 ** (-torch.tensor(snrs) / 10)
    return 10 * (1 / noises.sum()).log10()


def by_loop(snrs):
    noise = 0
    for snr in snrs:
        noise += 10 ** (-snr / 10)
    return -10 * math.log10(noise)


def log10(x):
    return torch.tensor(float(x)).log10().item()


NAMED, ANYBODY, QUESTION, LOUD = (
    "which drink is named?",
    "does anybody speak at all?",
    "is it a question, with a voice that rises at the end?",
    "how loud is the hall?",
)
CHANGES = {
    NAMED: {"quieter", "faster by a tenth"},
    ANYBODY: {"backwards", "quieter", "faster by a tenth"},
    QUESTION: {"quieter", "faster by a tenth"},
    LOUD: {"backwards", "faster by a tenth"},
}

EQUIVALENT = {
    "shift_later": {
        "torch.arange(sounds.shape[-1])": "the second axis is the last",
        "sounds.gather(-1, ": "the second axis is the last",
        "index_fill(-1, ": "a sound has one axis",
        "(k, 1))[:len(sound)]": "what is beyond the end is cut off",
    },
}
RIGHT = {
    "shift_later": [
        shift_later,
        each_sound(lambda sound, k: torch.nn.functional.pad(sound, (k, 0))[: len(sound)]),
        each_sound(lambda sound, k: torch.cat([torch.zeros(k), sound])[: len(sound)]),
        each_sound(lambda sound, k: sound.roll(k).index_fill(0, torch.arange(len(sound))[:k], 0)),
        each_sound(lambda sound, k: torch.eye(len(sound) + k)[: len(sound), k:] @ sound),
        not_varied("a sum has no order", shift_by_numpy),
        lambda x, k: held(x, k) * (torch.arange(len(x.T)) >= k[:, None]),
        lambda x, k: torch.where(torch.arange(len(x.T)) < k[:, None], 0, rolled(x, k)),
    ],
    "hide": [hide, hide_by_slices, hide_by_numpy, hide_one_by_one, hide_by_filling],
    "total_snr": [
        total_snr,
        not_varied("a sum has no order", by_loop),
        not_varied(
            "a sum has no order", lambda snrs: -10 * log10(sum(10 ** (-s / 10) for s in snrs))
        ),
        lambda snrs: -10 * np.log10(np.sum(10 ** (-np.array(snrs) / 10))),
        lambda snrs: -np.logaddexp.reduce(-np.array(snrs) * math.log(10) / 10) * 10 / math.log(10),
        lambda snrs: 10 * math.log(1 / math.fsum(np.exp(-np.array(snrs) * math.log(10) / 10)), 10),
    ],
    "sound_changes_that_keep_the_label": sets(CHANGES),
}
WRONG = {
    "shift_later": [
        ("comes back at the start", rolled),
        ("start earlier", lambda x, k: shift_later(x.flip(1), k).flip(1)),
        ("start earlier", lambda x, k: rolled(x, -k)),
        ("by the first number", lambda x, k: shift_later(x, k[0].repeat(len(k)))),
        ("nothing has moved", start_cut_off),
        ("first value is held", held),
        ("unchanged", lambda x, k: x),
        ("shape", lambda x, k: shift_later(x, k)[0]),
        ("in place", lambda x, k: x.mul_(0)),
        ("stops with", lambda x, k: torch.roll(x, k)),
        ("a shift longer than the sound", each_sound(lambda s, k: F.pad(s, (k, -k)))),
        ("dtype is torch.float64", lambda x, k: shift_later(x.double(), k)),
        ("right for shifts of 3, 0, 5 and 1, but", lambda x, k: shift_later(x, k.clamp(max=5))),
    ],
    "hide": [
        ("random erasing", hide_box),
        ("swapped", lambda x, a, b, c, d: hide(x, c, d, a, b)),
        ("the frames are not yet", lambda x, a, b, c, d: hide(x, a, b, 0, 0)),
        ("the bands are not yet", lambda x, a, b, c, d: hide(x, 0, 0, c, d)),
        ("high and end are hidden too", lambda x, a, b, c, d: hide(x, a, b + 1, c, d + 1)),
        ("all that is left", lambda x, *p: x - hide(x, *p)),
        ("values differ", lambda x, *p: torch.where(hide(x * 0 + 1, *p) == 0, 1.0, x)),
        ("pictures of the batch", hide_pictures),
        ("unchanged", lambda x, *p: x),
        ("in place", hide_in_place),
        ("right for bands 1 to 3", lambda x, *p: hide(x, 1, 4, 5, 7)),
        ("bands 3 to 6", lambda x, a, b, c, d: hide(x, a, b, c, min(c + 2, d))),
    ],
    "total_snr": [
        ("cannot be added", sum),
        ("mean of the decibels", lambda snrs: sum(snrs) / len(snrs)),
        ("the louder noise alone", min),
        ("the function returns 10; expected", max),
        ("sign is turned", lambda snrs: -total_snr(snrs)),
        ("one signal", lambda snrs: -total_snr([-s for s in snrs])),
        ("mean power", lambda snrs: total_snr(snrs) + 10 * log10(len(snrs))),
        ("amplitudes", lambda s: 2 * total_snr([x / 2 for x in s])),
        ("at the end", lambda snrs: sum(10 ** (-s / 10) for s in snrs)),
        ("base 10", lambda snrs: total_snr(snrs) / log10(torch.e)),
        ("right for noises at 10 and at 4 dB, but", lambda snrs: total_snr(snrs[:2])),
        ("at 4 dB, the function returns 1; expected 3.0268", lambda snrs: 1.0),
        ("one number", lambda snrs: [1]),
        ("returns NaN", lambda snrs: float("nan")),
        ("in place", lambda snrs: total_snr([snrs.pop() for _ in range(len(snrs))])),
    ],
    "sound_changes_that_keep_the_label": [
        ("no answer for 'which drink", {}),
        (
            "a mirrored word",
            without(CHANGES, NAMED, {"backwards", "quieter", "faster by a tenth"}),
        ),
        ("at any pace and loudness", without(CHANGES, ANYBODY, {"quieter"})),
        ("rises falls", without(CHANGES, QUESTION, {"backwards", "quieter"})),
        ("hall's loudness", without(CHANGES, LOUD, {"quieter"})),
        ("the options are", without(CHANGES, LOUD, {"louder"})),
    ],
}
