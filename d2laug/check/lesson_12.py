"""Checks of the exercises of lesson 12_beyond_images."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import (
    Mistake,
    call,
    check_choices,
    checks,
    compare,
    one_number,
    raise_hint,
    sample_picture,
)


@checks
def shift_later(answer: Callable[[Tensor, Tensor], Tensor]) -> str:
    """Check `answer(sounds, shifts)`: each of `[N, samples]` later by its shift, silence first."""
    x, shifts = sample_picture(4, 12), torch.tensor([3, 0, 5, 1])

    def each(change):
        return torch.stack([change(sound, k) for sound, k in zip(x, shifts.tolist(), strict=True)])

    def later(sound, k):
        return torch.cat([sound.new_zeros(k), sound[: len(sound) - k]])

    def earlier(sound, k):
        return torch.cat([sound[k:], sound.new_zeros(k)])

    def held(sound, k):
        return torch.cat([sound[:1].repeat(k), sound[: len(sound) - k]])

    def muted(sound, k):
        return torch.cat([sound.new_zeros(k), sound[k:]])

    compare(
        answer,
        (x, shifts),
        each(later),
        {
            "the end comes back at the start, as with torch.roll. Put silence there.": each(
                lambda sound, k: sound.roll(k)
            ),
            "the sounds start earlier, and the silence is at the end. Shift them later.": each(
                earlier
            ),
            "the sounds roll earlier, in a circle. Shift them later, after silence.": each(
                lambda sound, k: sound.roll(-k)
            ),
            "every sound is shifted by the first number; each has its own.": torch.stack(
                [later(sound, 3) for sound in x]
            ),
            "the start is silent, but nothing has moved; the beginning is cut off.": each(muted),
            "the first value is held until the sound begins; put silence, zeros, there.": each(
                held
            ),
            "the sounds come back as they were.": x,
        },
    )
    return "each sound begins later, after silence, and what leaves at the end is gone."


@checks
def hide(answer: Callable[[Tensor, int, int, int, int], Tensor]) -> str:
    """Check `answer(pictures, low, high, start, end)`: `[N, bands, frames]` with two masks of 0.

    The bands from `low` to before `high` and the frames from `start` to before `end` are hidden.
    """
    low, high, start, end = 1, 4, 5, 7
    x = sample_picture(2, 8, 10)

    def masked(*places, value=0.0):
        result = x.clone()
        for place in places:
            result[place] = value
        return result

    every = slice(None)
    bands, frames = (every, slice(low, high)), (every, every, slice(start, end))
    inverse = torch.zeros_like(x)
    inverse[bands], inverse[frames] = x[bands], x[frames]
    compare(
        answer,
        (x, low, high, start, end),
        masked(bands, frames),
        {
            "only a box is hidden, where the two cross: that is random erasing. Hide whole bands "
            "and whole frames.": masked((every, slice(low, high), slice(start, end))),
            "bands and frames are swapped: the axes are [N, bands, frames].": masked(
                (every, every, slice(low, high)), (every, slice(start, end))
            ),
            "the bands are hidden, the frames are not yet.": masked(bands),
            "the frames are hidden, the bands are not yet.": masked(frames),
            "the ends are hidden too; high and end are the first ones that stay.": masked(
                (every, slice(low, high + 1)), (every, every, slice(start, end + 1))
            ),
            "what should be hidden is all that is left.": inverse,
            "the masks are white, as loud as can be; hide with 0.": masked(
                bands, frames, value=1.0
            ),
            "pictures of the batch are hidden, not bands: the axes are [N, bands, frames].": masked(
                (slice(low, high),), frames
            ),
            "the pictures come back as they were.": x,
        },
    )
    return "whole bands and whole frames are hidden, and the rest is untouched."


@checks
def total_snr(answer: Callable[[list], float]) -> str:
    """Check `answer(snrs)`: the ratio in dB with all noises at once, from those with each alone."""
    snrs = [10.0, 4.0]
    power = [10 ** (-snr / 10) for snr in snrs]
    right = -10 * math.log10(sum(power))
    hints = {
        14.0: "decibels cannot be added: 0 dB twice are not 0 dB. Add powers of noise.",
        7.0: "that is the mean of the decibels; two noises are louder than each of them.",
        4.0: "that is the louder noise alone; the other one adds to it.",
        10.0: "that is the quieter noise alone; the other one adds to it.",
        -right: "the sign is turned: noise stands below the line of the ratio.",
        10 * math.log10(sum(10 ** (snr / 10) for snr in snrs)): (
            "the powers of the signal are added. There is one signal; add the powers of the "
            "noises, 10 ** (-snr / 10)."
        ),
        -10 * math.log10(sum(power) / 2): "that is the mean power of the noises; they add up.",
        -20 * math.log10(sum(10 ** (-snr / 20) for snr in snrs)): (
            "that adds the amplitudes, as if the noises moved in step; powers add."
        ),
        sum(power): "that is the power of the noises; turn it into decibels at the end.",
        -math.log(sum(power)) * 10: "decibels use the logarithm to base 10: math.log10.",
    }
    number = one_number(call(answer, snrs))
    if abs(number - right) > 1e-3:
        raise_hint(number, hints, 1e-3)
        raise Mistake(
            f"noises at 10 and at 4 dB are together at {right:.2f} dB, not at {number:.2f}."
        )
    number = one_number(call(answer, [0.0, 0.0, 0.0]))
    if abs(number + 10 * math.log10(3)) > 1e-3:
        raise Mistake(
            f"right for two noises; three at 0 dB are together at -4.77 dB, not at {number:.2f}."
        )
    return f"noises at 10 and at 4 dB are together at {right:.2f} dB: the louder one decides."


CHANGES = {
    "which drink is named?": (
        {"quieter", "faster by a tenth"},
        "Backwards, the sounds of a word come in another order, as the letters of a mirrored word.",
    ),
    "does anybody speak at all?": (
        {"backwards", "quieter", "faster by a tenth"},
        "Speech that is played backwards is still speech, by its melody and its syllables.",
    ),
    "is it a question, with a voice that rises at the end?": (
        {"quieter", "faster by a tenth"},
        "Backwards, a voice that rises falls.",
    ),
    "how loud is the hall?": (
        {"backwards", "faster by a tenth"},
        "Its loudness is the label: a quieter recording has another one.",
    ),
}


@checks
def sound_changes_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each question the set of changes that leave its answer as it was."""
    return check_choices(answer, CHANGES, {"backwards", "quieter", "faster by a tenth"})
