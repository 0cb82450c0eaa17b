"""Right and wrong answers to the exercises of lesson 12."""

import math

import numpy as np
import torch
from forms import sets, without


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


def shift_by_padding(sounds, shifts):
    length = sounds.shape[1]
    return torch.stack(
        [
            torch.nn.functional.pad(sound, (k, 0))[:length]
            for sound, k in zip(sounds, shifts.tolist(), strict=True)
        ]
    )


def shift_by_numpy(sounds, shifts):
    result = np.zeros_like(sounds.numpy())
    for row, k in enumerate(shifts.numpy()):
        result[row, k:] = sounds.numpy()[row, : sounds.shape[1] - k]
    return torch.from_numpy(result)


def shift_by_concatenation(sounds, shifts):
    rows = [
        torch.cat([torch.zeros(int(k)), sound])[: len(sound)]
        for sound, k in zip(sounds, shifts, strict=True)
    ]
    return torch.stack(rows)


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


def hide_in_a_loop(pictures, low, high, start, end):
    result = torch.empty_like(pictures)
    for band in range(pictures.shape[1]):
        for frame in range(pictures.shape[2]):
            hidden = low <= band < high or start <= frame < end
            result[:, band, frame] = 0 if hidden else pictures[:, band, frame]
    return result


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
    signal_to_noise = 1 / torch.tensor([10 ** (-snr / 10) for snr in snrs]).sum()
    return 10 * signal_to_noise.log10()


def total_snr_in_a_loop(snrs):
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

RIGHT = {
    "shift_later": [
        shift_later,
        shift_by_padding,
        shift_by_numpy,
        shift_by_concatenation,
        lambda x, k: held(x, k) * (torch.arange(x.shape[1]) >= k[:, None]),
        lambda x, k: rolled(x, k) * (torch.arange(x.shape[1]) >= k.unsqueeze(1)),
    ],
    "hide": [hide, hide_by_slices, hide_by_numpy, hide_in_a_loop, hide_by_filling],
    "total_snr": [
        total_snr,
        total_snr_in_a_loop,
        lambda snrs: -10 * log10(sum(10 ** (-s / 10) for s in snrs)),
        lambda snrs: -10 * np.log10(np.sum(10 ** (-np.array(snrs) / 10))),
        lambda snrs: (
            -10 * torch.logsumexp(-torch.tensor(snrs) * math.log(10) / 10, 0) / math.log(10)
        ),
        lambda snrs: -np.logaddexp.reduce(-np.array(snrs) * math.log(10) / 10) * 10 / math.log(10),
        lambda snrs: 10 * math.log(1 / sum(math.pow(10, -s / 10) for s in snrs), 10),
    ],
    "sound_changes_that_keep_the_label": sets(CHANGES),
}
WRONG = {
    "shift_later": [
        ("comes back at the start", rolled),
        ("start earlier", lambda x, k: shift_later(x.flip(1), k).flip(1)),
        ("roll earlier", lambda x, k: rolled(x, -k)),
        ("each has its own", lambda x, k: shift_later(x, k[0].repeat(len(k)))),
        ("nothing has moved", start_cut_off),
        ("first value is held", held),
        ("as they were", lambda x, k: x),
        ("shape", lambda x, k: shift_later(x, k)[0]),
        ("in place", lambda x, k: x.mul_(0)),
        ("stops with", lambda x, k: torch.roll(x, k)),
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
        ("white", lambda x, *p: torch.where(hide(x * 0 + 1, *p) == 0, 1.0, x)),
        ("pictures of the batch", hide_pictures),
        ("as they were", lambda x, *p: x),
        ("in place", hide_in_place),
        ("right for bands 1 to 3", lambda x, *p: hide(x, 1, 4, 5, 7)),
    ],
    "total_snr": [
        ("cannot be added", sum),
        ("mean of the decibels", lambda snrs: sum(snrs) / len(snrs)),
        ("the louder noise alone", min),
        ("the quieter noise alone", max),
        ("sign is turned", lambda snrs: -total_snr(snrs)),
        ("one signal", lambda snrs: -total_snr([-s for s in snrs])),
        ("mean power", lambda snrs: total_snr(snrs) + 10 * log10(len(snrs))),
        ("amplitudes", lambda s: 2 * total_snr([x / 2 for x in s])),
        ("at the end", lambda snrs: sum(10 ** (-s / 10) for s in snrs)),
        ("base 10", lambda snrs: total_snr(snrs) / log10(torch.e)),
        ("right for noises at 10 and at 4 dB, but", lambda snrs: total_snr(snrs[:2])),
        ("only the first two noises", lambda snrs: total_snr(snrs[:2])),
        ("at 4 dB, the function returns 1; expected 3.0268", lambda snrs: 1.0),
        ("one number", lambda snrs: [1]),
        ("returns nan", lambda snrs: float("nan")),
        ("in place", lambda snrs: total_snr([snrs.pop() for _ in range(len(snrs))])),
    ],
    "sound_changes_that_keep_the_label": [
        ("no answer for 'which drink", {}),
        (
            "a mirrored word",
            without(CHANGES, NAMED, {"backwards", "quieter", "faster by a tenth"}),
        ),
        ("also survives", without(CHANGES, ANYBODY, {"quieter"})),
        ("rises falls", without(CHANGES, QUESTION, {"backwards", "quieter"})),
        ("Its loudness", without(CHANGES, LOUD, {"quieter"})),
        ("the options are", without(CHANGES, LOUD, {"louder"})),
    ],
}
