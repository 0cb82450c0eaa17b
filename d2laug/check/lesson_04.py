"""Checks of the exercises of lesson 04_color."""

from collections.abc import Callable

import torch
from torch import Tensor

from d2laug.check.answers import Results, choices, drawn, exercise, sample_picture
from d2laug.check.chance import rare, uneven
from d2laug.check.verdicts import Findings, checks


@exercise(
    ("half the light", sample_picture(4, 15), 0.5),
    ("a tenth of the light", sample_picture(2, 3, 5), 0.1),
    ("three times the light", sample_picture(50), 3.0),
    tolerance=1e-5,
)
def brightness_factors(stored: Tensor, light: float) -> Results:
    """Check `answer(stored, light)`: the factor of stored values that multiplies light so."""
    from d2laug.augment import to_linear, to_srgb  # the checks of other lessons do without

    more, alike = to_linear(stored) * light, torch.full_like(stored, light)
    cut, after = more.clamp(0, 1), to_srgb(more.clamp(0, 1))
    praise = "half the light: white times 0.74, a value of 0.1 times 0.61, near black times 0.5."
    return {
        praise: after / stored,
        "that is the factor of the light; stored values are not light.": alike,
        "that is the factor of white; darker values need others.": to_srgb(alike),
        "that is the new stored value; divide it by the old one.": after,
        "the new value is still light: to_srgb before you divide.": cut / stored,
        "the old value is divided by the new one; expected the reverse.": stored / after,
        "some light is above 1: clamp it before to_srgb.": to_srgb(more) / stored,
    }


@checks
def jitter_batch(answer: Callable[[Tensor, float, float], Tensor]) -> Findings:
    """Check `answer(batch, low, high)`: each picture times a factor of its own, kept in 0 to 1.

    It draws 300 times for two pictures, from 0.25 to 2, and once for five white ones and for 3,000.
    """
    x, n, low, high = 0.01 + 0.03 * sample_picture(2, 3, 4, 6), 300, 0.25, 2.0  # far below 1
    values = drawn(answer, n, x, x, low, high) / x
    factors = values.mean((2, 3, 4))
    alike = factors.diff().abs().max() < 1e-4
    still, kept = factors.std(0).max() < 1e-4, abs((values * x).min() - low) < 1e-4
    inside, tints = (values.std(axes).max() > 1e-4 for axes in ((3, 4), (2, 3, 4)))
    ones, (least, most) = torch.ones(5, 3, 6, 4), factors.aminmax()
    white = drawn(answer, 1, ones, ones, 1.5, 2.0)
    ends = abs(least - low - 0.05) > 0.051 or abs(most - high + 0.05) > 0.051
    sides = (factors > (low + high) / 2).sum(1) == 1
    gray = torch.full((3000, 3, 1, 2), 0.5)
    many = drawn(answer, 1, gray, gray, 0.4, 1.3)[0, :, 0, 0, 0].double()
    share = (many / 0.5 - 0.4) / 0.9
    # of independent shares the sums and differences are even too, but for whole numbers
    mixed = [share[k:] + sign * share[:-k] for k in (1, 2) for sign in (1, -1)]
    tied = any(uneven((both % 1).tolist()) for both in mixed)
    odd = len(many.unique()) < 2985 or uneven(share.tolist())
    given = f"for low = {low} and high = {high} the factors"
    return f"two pictures get two factors, from {low} to {high}, anew in each of {n} calls.", {
        "the values are kept from low to high; keep them from 0 to 1.": kept,
        "a picture is not multiplied by one number: multiply by factors [N, 1, 1, 1] from low to "
        "high.": inside,
        "each channel has its own factor: that tints. Draw one a picture.": tints,
        "all pictures get the same factor. Draw one each: torch.rand(len(batch), ...).": alike,
        "each call gives the same factors: nothing is drawn at random.": still,
        f"{given} go from {least:.2f} to {most:.2f}.": ends,
        f"{given} are not spread evenly.": uneven(factors.flatten().tolist(), low, high),
        "the factors of two pictures depend on each other.": tied
        or rare(int(sides.sum()), n, 1 / 2),
        "of 3,000 factors from 0.4 to 1.3 some come too often.": odd,
        "some values pass 1: clamp the result to 0 to 1.": white.max() > 1,
        "white gets darker with factors above 1; clamp keeps it white.": white.min() < 1,
    }


_WARM = sample_picture(3, 4, 6) * torch.tensor([1.0, 0.8, 0.6])[:, None, None]
_WARM[:, 0, 0] = 1  # a lamp: its blue would be more than white


@exercise(
    ("warm light", _WARM), ("cold light, 6 x 4 pixels", 0.9 * _WARM.flip(0).mT), tolerance=1e-4
)
def gray_world(x: Tensor) -> Results:
    """Check `answer(image)`: the light of each channel scaled to the mean of the whole picture."""
    from d2laug.augment import to_linear, to_srgb

    light, stored = to_linear(x), x * x.mean() / x.mean((1, 2), keepdim=True)
    means, over = light.mean((1, 2), keepdim=True), light.mean(0)
    gains = light.mean() / means
    wrong = {
        "green sets the mean; expected that of all channels.": light * means[1] / means,
        "the means are over the channels; expected one a channel.": light * light.mean() / over,
        "the means are those of stored values; take those of the light.": light * stored / x,
        "the picture is divided by the gains: its color gets even warmer.": light / gains,
        "each channel is divided by its mean; multiply by that of all.": light / means,
    }
    return {
        "all channels have the same mean of light.": to_srgb((light * gains).clamp(0, 1)),
        "the gains act on the stored values; begin with to_linear.": [stored.clamp(0, 1), stored],
        "that is still light, which looks too dark; end with to_srgb.": (light * gains).clamp(0, 1),
        "some values are above 1: clamp the light before to_srgb.": to_srgb(light * gains),
    } | {sentence: to_srgb(mistaken.clamp(0, 1)) for sentence, mistaken in wrong.items()}


color_changes_that_keep_the_label = choices(__name__, "color_changes_that_keep_the_label")
