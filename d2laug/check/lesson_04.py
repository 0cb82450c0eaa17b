"""Checks of the exercises of lesson 04_color."""

from collections.abc import Callable

import torch
from torch import Tensor

from d2laug.check import answers
from d2laug.check.answers import Results, Tasks, choices, exercise
from d2laug.check.verdicts import Findings, checks, refuse

_UINT8 = (answers.sample_picture(3, 4, 6) * 255).to(torch.uint8)


@exercise(("the factor 2.5", _UINT8, 2.5), ("the factor 0.5", _UINT8, 0.5), tolerance=1.0)
def brightness_uint8(image: Tensor, factor: float) -> Results:
    """Check `answer(image, factor)`: a `uint8` picture times `factor`, kept in 0 to 255."""
    x, mean = image.double(), image.double().mean()
    exact, shifted = x * factor, x + 255 * (factor - 1)
    right = exact.clamp(0, 255).to(torch.uint8)
    return {
        "values are multiplied, kept in 0 to 255, and come back as uint8.": right,
        "the picture comes back unchanged.": x,
        "bright values wrap around: 300 became 44. Clamp, then convert.": exact.long() % 256,
        "values above 255 are left in. Clamp to 0 to 255.": exact,
        "the factor is added; brightness multiplies.": (x + factor).clamp(0, 255),
        "a share of 255 is added; brightness multiplies.": shifted.clamp(0, 255),
        "values are clamped to 0 to 1, as for floats; uint8 goes to 255.": exact.clamp(0, 1),
        "the picture is divided by the factor.": (x / factor).clamp(0, 255),
        "that is contrast, which keeps the mean.": (mean + (x - mean) * factor).clamp(0, 255),
    }


@checks
def jitter_batch(answer: Callable[[Tensor, float, float], Tensor]) -> Findings:
    """Check `answer(batch, low, high)`: each picture times a factor of its own, kept in 0 to 1."""
    first, again, other = (_factors(answer, *ends) for ends in ((0.5, 1.5), (0.5, 1.5), (0.8, 1.1)))
    ones = torch.ones(8, 3, 4, 6)
    white = answers.tensor_like(ones, answers.call(answer, ones, 1.5, 2.0))
    same, alike = (first - 1).abs().max() < 1e-4, first.max() - first.min() < 1e-4
    few, fixed = len(first.unique()) < 48, torch.equal(first, again)
    return f"64 pictures, 64 factors, from {first.min():.2f} to {first.max():.2f}.", {
        "the batch comes back unchanged.": same,
        "all pictures get the same factor. Draw one each: torch.rand(len(batch), ...).": alike,
        "two calls give the same factors: nothing is drawn at random.": fixed,
        "many pictures share a factor. Draw one number for each picture.": few,
        **_out_of_range(first, 0.5, 1.5),
        **_out_of_range(other, 0.8, 1.1),
        "a white picture leaves the range: clamp the result to 0 to 1.": white.max() > 1,
        "a white picture gets darker with factors above 1: clamp, do not rescale.": white.min() < 1,
    }


def _out_of_range(factors: Tensor, low: float, high: float) -> dict[str, bool]:
    least, most, room = factors.min().item(), factors.max().item(), 0.15 * (high - low)
    fits = low - 1e-3 <= least <= low + room and high - room <= most <= high + 1e-3
    given = f"the factors go from {least:.2f} to {most:.2f}"
    return {f"for low = {low} and high = {high} {given}.": not fits}


def _factors(answer: Callable[[Tensor, float, float], Tensor], low: float, high: float) -> Tensor:
    """Return the factor `[64]` of each picture, none of which gets as bright as 1."""
    x = answers.sample_picture(64, 3, 4, 6) * 0.6
    factors = answers.tensor_like(x, answers.call(answer, x, low, high)) / x
    across = (factors.amax((2, 3)) - factors.amin((2, 3))).max() > 1e-3
    between = (factors.amax((1, 2, 3)) - factors.amin((1, 2, 3))).max() > 1e-3
    wrong = {
        "some values are NaN or infinite.": not factors.isfinite().all(),
        "the factor changes inside a picture. Draw one each, of shape [N, 1, 1, 1].": across,
        "each channel has its own factor: that tints. Draw one a picture.": between,
    }
    refuse(wrong)
    return factors.mean((1, 2, 3)).round(decimals=4)


_WARM = answers.sample_picture(3, 4, 6) * torch.tensor([1.0, 0.8, 0.6])[:, None, None]
_WARM[:, 0, 0] = 1  # a lamp: its blue would be more than white


@exercise(("warm light", _WARM), ("cold light", _WARM.flip(0)), tolerance=2e-3)
def gray_world(x: Tensor) -> Results:
    """Check `answer(image)`: the light of each channel scaled to the mean of the whole picture."""
    from d2laug.augment import to_linear, to_srgb  # the checks of other lessons do without

    light = to_linear(x)
    means, across = light.mean((1, 2), keepdim=True), light.mean(0, keepdim=True)
    gains, each = light.mean() / means, light.mean() / across
    stored = x * x.mean() / x.mean((1, 2), keepdim=True)

    def back(light):
        return to_srgb(light.clamp(0, 1))

    return {
        "all channels have the same mean of light.": back(light * gains),
        "the picture comes back unchanged.": x,
        "the gains act on the stored values; begin with to_linear.": stored.clamp(0, 1),
        "the gains act on the stored values (and some pass 1); begin with to_linear.": stored,
        "that is still light, which looks too dark; end with to_srgb.": (light * gains).clamp(0, 1),
        "some values are above 1: clamp the light before to_srgb.": to_srgb(light * gains),
        "green sets the mean; expected that of all channels.": back(light * means[1] / means),
        "the means are over the channels; expected one a channel.": back(light * each),
        "the picture is divided by the gains: its color gets even warmer.": back(light / gains),
        "each channel is divided by its mean; multiply by that of all.": back(light / means),
        "the channels are averaged, and no color is left.": back(across.expand(x.shape)),
        "to_linear and to_srgb are swapped.": to_linear((to_srgb(x) * gains).clamp(0, 1)),
    }


@choices()
def color_changes_that_keep_the_label() -> Tasks:
    """Check `answer`: the set of changes, "brightness", "hue", that keep each task's label."""
    right = {
        "ripe or unripe tomato": {"brightness"},
        "cat or dog": {"brightness", "hue"},
        "day or night": {"hue"},
        "the amount of a drink in a glass": {"brightness", "hue"},
    }
    return right, [
        "Red against green is the label itself: hue must stay.",
        "No cat becomes a dog by its color.",
        "How bright the picture is tells day from night.",
        "A level is a place in the picture, not a color.",
    ]
