"""Checks of the exercises of lesson 12_beyond_images."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from d2laug.check.answers import Results, choices, exercise, sample_picture


@exercise(
    ("shifts of 3, 0, 5 and 1", sample_picture(4, 12), torch.tensor([3, 0, 5, 1])),
    ("shifts of 2 and 7", sample_picture(2, 9), torch.tensor([2, 7])),
    ("a shift longer than the sound", sample_picture(3, 5), torch.tensor([8, 1, 5])),
)
def shift_later(sounds: Tensor, shifts: Tensor) -> Results:
    """Check `answer(sounds, shifts)`: each of `[N, samples]` later by its shift, silence first."""
    place, ks = torch.arange(sounds.shape[1]), shifts[:, None]

    def later(ks):
        return torch.where(place >= ks, sounds.gather(1, (place - ks) % len(place)), 0)

    rolled, back = (sounds.gather(1, (place + k) % len(place)) for k in (-ks, ks))
    cut, held = back * (place + ks < len(place)), sounds.gather(1, (place - ks).clamp(min=0))
    return {
        "each sound begins later, after silence, and what leaves at the end is gone.": later(ks),
        "the end comes back at the start, as with torch.roll. Put silence there.": rolled,
        "the sounds start earlier. Shift them later.": [cut, back],
        "every sound is shifted by the first number.": later(ks[:1].expand_as(ks)),
        "the start is silent, but nothing has moved.": torch.where(place >= ks, sounds, 0),
        "the first value is held; put silence, zeros, there.": held,
    }


@exercise(
    ("bands 1 to 3 and frames 5 and 6", sample_picture(3, 8, 10), 1, 4, 5, 7),
    ("bands 3 to 6 and frames 0 to 3", sample_picture(4, 9, 9), 3, 7, 0, 4),
)
def hide(x: Tensor, low: int, high: int, start: int, end: int) -> Results:
    """Check `answer(pictures, low, high, start, end)`: `[N, bands, frames]` with two masks of 0.

    The bands from `low` to before `high` and the frames from `start` to before `end` are hidden.
    """

    def masked(low, high, start, end):
        result = x.clone()
        result[:, low:high] = result[:, :, start:end] = 0
        return result

    right, box, batch = masked(low, high, start, end), x.clone(), masked(0, 0, start, end)
    box[:, low:high, start:end] = 0
    batch[low:high] = 0
    return {
        "whole bands and whole frames are hidden, and the rest is untouched.": right,
        "only a box is hidden, as by random erasing. Hide whole bands and whole frames.": box,
        "bands and frames are swapped: [N, bands, frames].": masked(start, end, low, high),
        "the bands are hidden, the frames are not yet.": masked(low, high, 0, 0),
        "the frames are hidden, the bands are not yet.": masked(0, 0, start, end),
        "high and end are hidden too; they stay.": masked(low, high + 1, start, end + 1),
        "what should be hidden is all that is left.": x - right,
        "pictures of the batch are hidden, not bands: the axes are [N, bands, frames].": batch,
    }


@exercise(
    ("noises at 10 and at 4 dB", [10.0, 4.0]),
    ("three noises at 0 dB", [0.0, 0.0, 0.0]),
    ("four noises", [12.0, 3.0, 7.5, -2.0]),
    tolerance=1e-4,
)
def total_snr(snrs: Sequence[float]) -> Results:
    """Check `answer(snrs)`: the ratio in dB with all noises at once, from those with each alone."""

    def summed(factor):
        return factor * math.log10(sum(10 ** (snr / factor) for snr in snrs))

    right = summed(-10)
    return {
        "noises at 10 and at 4 dB give 3.03 dB: the louder one decides nearly everything.": right,
        "decibels cannot be added: 0 dB twice are not 0 dB. Add powers of noise.": sum(snrs),
        "that is the mean of the decibels; two noises are louder than each.": sum(snrs) / len(snrs),
        "that is the louder noise alone; the others add to it.": min(snrs),
        "the sign is turned: noise stands below the line of the ratio.": -right,
        "the signal's powers are added. There is one signal; add 10 ** (-snr / 10).": summed(10),
        "that is the mean power of the noises; add them up.": right + 10 * math.log10(len(snrs)),
        "that adds the amplitudes, as if the noises moved in step; powers add.": summed(-20),
        "that is the power of noise; turn it into decibels at the end.": 10 ** (-right / 10),
        "decibels use the logarithm to base 10: math.log10.": right * math.log(10),
    }


sound_changes_that_keep_the_label = choices(__name__, "sound_changes_that_keep_the_label")
