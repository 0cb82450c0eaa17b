"""Checks of the exercises of lesson 04_color."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, check_choices, checks, compare, sample_picture


@checks
def brightness_uint8(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, factor)`: a `uint8` picture times `factor`, kept in 0 to 255."""
    x = (sample_picture(3, 4, 6) * 255).to(torch.uint8)
    for factor in (1.5, 0.5):
        exact = x.double() * factor
        gray = x.double().mean()
        compare(
            answer,
            (x, factor),
            exact.clamp(0, 255).to(torch.uint8),
            {
                "the picture comes back unchanged.": x,
                "bright values wrap around: 300 became 44. Clamp, then convert.": exact.long()
                % 256,
                "values above 255 are left in. Clamp to 0 to 255.": exact,
                "the factor is added; brightness multiplies.": (x.double() + factor).clamp(0, 255),
                "the factor is added as a share of 255; brightness multiplies.": (
                    x.double() + 255 * (factor - 1)
                ).clamp(0, 255),
                "values are clamped to 0 to 1, as for floats; uint8 goes to 255.": exact.clamp(
                    0, 1
                ),
                "the picture is divided by the factor.": (x.double() / factor).clamp(0, 255),
                "the mean is kept: that is contrast, not brightness.": (
                    gray + (x.double() - gray) * factor
                ).clamp(0, 255),
            },
            tolerance=1.0,
        )
    return "values are multiplied, kept in 0 to 255, and come back as uint8."


@checks
def jitter_batch(answer: Callable[[Tensor, float, float], Tensor]) -> str:
    """Check `answer(batch, low, high)`: each picture times a factor of its own, kept in 0 to 1."""
    x = (
        sample_picture(64, 3, 4, 6) * 0.6
    )  # at most 0.9 after the largest factor: nothing is clamped
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        result, again = call(answer, x, 0.5, 1.5), call(answer, x, 0.5, 1.5)
        other = call(answer, x, 0.8, 1.1)
        bright = call(answer, torch.ones(8, 3, 4, 6), 1.5, 2.0)
    if not isinstance(result, Tensor) or result.shape != x.shape:
        given = list(result.shape) if isinstance(result, Tensor) else type(result).__name__
        raise Mistake(f"the result is {given}; expected a batch of shape {list(x.shape)}.")
    if not result.isfinite().all():
        raise Mistake("some values are NaN or infinite.")
    factors = result / x
    lowest, highest = factors.amin((1, 2, 3)), factors.amax((1, 2, 3))
    if (factors - 1).abs().max() < 1e-4:
        raise Mistake("the batch comes back unchanged.")
    if factors.max() - factors.min() < 1e-4:
        raise Mistake(
            "all pictures get the same factor. Draw one each: torch.rand(len(batch), ...)."
        )
    if (highest - lowest).max() > 1e-3:
        if (factors.amax((2, 3)) - factors.amin((2, 3))).max() < 1e-3:
            raise Mistake("each channel has its own factor: that tints. Draw one a picture.")
        raise Mistake("the factor changes inside a picture. Draw one each, of shape [N, 1, 1, 1].")
    if torch.equal(result, again):
        raise Mistake("two calls give the same factors: nothing is drawn at random.")
    if len(lowest.round(decimals=4).unique()) < 48:
        raise Mistake("many pictures share a factor. Draw one number for each picture.")
    for low, high, batch in ((0.5, 1.5, result), (0.8, 1.1, other)):
        found = (batch / x).amin((1, 2, 3))
        least, most, room = found.min().item(), found.max().item(), 0.15 * (high - low)
        if least < low - 1e-3 or most > high + 1e-3 or least > low + room or most < high - room:
            raise Mistake(
                f"for low = {low} and high = {high} the factors go from {least:.2f} to {most:.2f}."
            )
    if bright.max() > 1:
        raise Mistake("a white picture leaves the range: clamp the result to 0 to 1.")
    if bright.min() < 1:
        raise Mistake("a white picture gets darker with factors above 1: clamp, do not rescale.")
    low, high = lowest.min(), highest.max()
    return f"64 pictures, 64 factors, from {low:.2f} to {high:.2f}."


@checks
def gray_world(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: the light of each channel scaled to the mean of the whole picture."""
    from d2laug.augment import to_linear, to_srgb  # the checks of other lessons do without

    x = sample_picture(3, 4, 6) * torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    x[:, 0, 0] = 1  # a lamp: its blue would be more than white
    light = to_linear(x)
    means = light.mean((1, 2), keepdim=True)
    gains = light.mean() / means
    stored = x * x.mean() / x.mean((1, 2), keepdim=True)
    compare(
        answer,
        (x,),
        to_srgb((light * gains).clamp(0, 1)),
        {
            "the picture comes back unchanged.": x,
            "the gains act on the stored values; begin with to_linear.": stored.clamp(0, 1),
            "the gains act on the stored values (and some pass 1); begin with to_linear.": stored,
            "the result is still light, which looks too dark; end with to_srgb.": (
                light * gains
            ).clamp(0, 1),
            "some values are above 1: clamp the light before to_srgb.": to_srgb(light * gains),
            "green sets the mean; expected the mean of all three channels.": to_srgb(
                (light * means[1] / means).clamp(0, 1)
            ),
            "the means are over the channels; expected one mean a channel.": to_srgb(
                (light * light.mean() / light.mean(0, keepdim=True)).clamp(0, 1)
            ),
            "the picture is divided by the gains: the light gets even warmer.": to_srgb(
                (light / gains).clamp(0, 1)
            ),
            "each channel is divided by its mean; multiply by the mean of all too.": to_srgb(
                (light / means).clamp(0, 1)
            ),
            "the channels are averaged, and no color is left.": to_srgb(
                light.mean(0, keepdim=True).expand_as(light)
            ),
            "to_linear and to_srgb are swapped.": to_linear((to_srgb(x) * gains).clamp(0, 1)),
        },
        tolerance=2e-3,
    )
    return "all channels have the same mean of light."


COLOR_TASKS = {
    "ripe or unripe tomato": (
        {"brightness"},
        "Red against green is the label itself: hue must stay.",
    ),
    "cat or dog": ({"brightness", "hue"}, "No cat becomes a dog by its color."),
    "day or night": ({"hue"}, "How bright the picture is tells day from night."),
    "the amount of a drink in a glass": (
        {"brightness", "hue"},
        "A level is a place in the picture, not a color.",
    ),
}


@checks
def color_changes_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: the set of changes, "brightness", "hue", that keep each task's label."""
    return check_choices(answer, COLOR_TASKS, {"brightness", "hue"})
