"""Laws of light."""

import math

import torch
from skimage.measure import label

from d2laug.gallery.common import blurred, cloudy_noise, draw, positions
from laws import (
    across,
    close,
    correlation,
    fit,
    flat,
    law,
    noisy,
    random_field,
    roughness,
    smooth,
    weights,
)


@law(
    "exposure",
    wrong={
        "added light": lambda x, s: (x + draw(x, -0.5 * s, 0.5 * s)).clamp(0, 1),
        "brighter only": lambda x, s: (x**2.2 * 2 ** draw(x, 0, 2.5 * s)).clamp(0, 1) ** (1 / 2.2),
        "a power": lambda x, s: x ** (2 ** draw(x, -2.5 * s, 2.5 * s)),
        "values instead of light": lambda x, s: x * 2 ** draw(x, -2.5 * s, 2.5 * s),
        "in color": lambda x, s: (
            (x**2.2 * 2 ** draw(x, -2.5 * s, 2.5 * s, 3)).clamp(0, 1) ** (1 / 2.2)
        ),
    },
)
def exposure(effect):
    """All light is multiplied by one factor, and what is too bright is white."""
    picture = smooth(low=0.1, high=0.9)
    for strength in (1, 0.5):
        found = []
        for seed in range(24):
            result = effect(picture, strength, seed)
            stops = 2.2 * (result / picture).log2()
            kept = stops[result < 1]
            assert kept.max() - kept.min() < 1e-3
            white = picture[result == 1]
            assert ((white**2.2) * 2 ** kept.mean() > 0.999).all()
            found.append(kept.mean().item() / (2.5 * strength))
        assert -1.001 < min(found) < -0.7
        assert 0.7 < max(found) < 1.001


def side(x):
    """Return how far pixels lie in a random direction."""
    angle = draw(x, 0, 2 * math.pi)[:, 0]
    right, down = positions(x)
    return (right * angle.cos() + down * angle.sin())[:, None]


@law(
    "half shadow",
    wrong={
        "a soft shadow": lambda x, s: x * (1 - 0.8 * s * (2 * side(x)).clamp(0, 1)),
        "black": lambda x, s: x * (1 - s * (20 * side(x)).clamp(0, 1)),
        "always on the right": lambda x, s: (
            x * (1 - 0.8 * s * (20 * positions(x)[0][:, None]).clamp(0, 1))
        ),
        "a round shadow": lambda x, s: (
            x * (1 - 0.8 * s * (20 * (torch.hypot(*positions(x))[:, None] - 0.7)).clamp(0, 1))
        ),
        "in color": lambda x, s: (
            x * (1 - s * torch.tensor([0.8, 0.6, 0.4]).view(3, 1, 1) * (20 * side(x)).clamp(0, 1))
        ),
    },
)
def half_shadow(effect):
    """On one side of a straight edge all is darker by the same factor; the other side stays."""
    x, y = across()
    for strength in (1, 0.5):
        directions = []
        for seed in range(8):
            picture = (smooth(low=0.2), noisy(low=0.2))[seed % 2]
            dark = weights(picture, effect(picture, strength, seed), [0.0]) / (0.8 * strength)
            assert dark.min() > -1e-3
            assert dark.max() < 1.001
            for share in ((dark < 0.001).float().mean(), (dark > 0.999).float().mean()):
                assert share > 0.2
            rim = torch.where((dark > 0.001) & (dark < 0.999), dark, torch.nan)
            (right, down, start), error = fit(rim, x, y, x**0)
            assert error < 0.01
            assert abs(math.hypot(right, down) - 20) < 0.1
            assert close(dark, (right * x + down * y + start).clamp(0, 1), 0.02)
            directions.append(math.atan2(down, right))
        assert max(directions) - min(directions) > 2


@law(
    "colored light",
    wrong={
        "one color": lambda x, s: x * (1 + s * draw(x, -1, 1, 3)),
        "gray": lambda x, s: x * (1 + s * draw(x, -1, 1) * side(x)),
        "in no balance": lambda x, s: x * (1 + s * draw(x, -1, 1, 3) * side(x)),
        "to both sides alike": lambda x, s: (
            x * (1 + s * (lambda c: c - c.mean(1, keepdim=True))(draw(x, -1, 1, 3)) * side(x).abs())
        ),
        "always the same": lambda x, s: (
            x * (1 + s * torch.tensor([0.5, 0, -0.5]).view(3, 1, 1) * side(x))
        ),
    },
)
def colored_light(effect):
    """The three factors grow evenly in one direction, and their mean is 1 everywhere."""
    x, y = across()
    found = []
    for strength, seed in ((0.5, 0), (0.5, 1), (0.5, 2), (0.25, 3)):
        picture = (smooth(low=0.1, high=0.45), noisy(low=0.1, high=0.45))[seed % 2]
        factor = effect(picture, strength, seed) / picture
        assert close(factor.mean(0), torch.ones(48, 60), 1e-4)
        slopes = []
        for channel in factor:
            (one, right, down), error = fit(channel, x**0, x, y)
            assert abs(one - 1) < 1e-4
            assert error < 1e-4
            slopes.append((right, down))
        (a, b), (c, d), _ = slopes
        assert abs(a * d - b * c) < 1e-4, "more than one direction"
        steepest = max(math.hypot(*slope) for slope in slopes) / strength
        assert steepest < 1.334
        found.append((steepest, math.atan2(b, a)))
    steepest, directions = zip(*found, strict=True)
    assert max(steepest[:3]) > 0.6
    assert max(directions) - min(directions) > 1
    # at half the dial the slopes are half as steep
    full, half = (
        effect(smooth(low=0.1, high=0.4), s, 5) / smooth(low=0.1, high=0.4) - 1 for s in (0.5, 0.25)
    )
    assert close(full, 2 * half, 1e-3)


@law(
    "reflection",
    wrong={
        "clouds": lambda x, s: x + s * (3 * cloudy_noise(x) - 1).clamp(0, 1),
        "even": lambda x, s: x + 0.3 * s,
        "dark": lambda x, s: x - 0.8 * s * torch.exp(-((4 * side(x)) ** 4) - (2 * side(x)) ** 4),
        "in color": lambda x, s: (
            x + 0.8 * s * draw(x, 0, 1, 3) * torch.exp(-((4 * side(x)) ** 4) - (2 * side(x)) ** 4)
        ),
        "single pixels": lambda x, s: x + 0.8 * s * (random_field(x) > 0.8),
    },
)
def reflection(effect):
    """A little white light is added in at most three places, soft and long."""
    picture = smooth(low=0.0, high=0.15)
    for strength in (1, 0.5):
        heights = []
        for seed in range(8):
            added = effect(picture, strength, seed) - picture
            white = (added.amax(0) + picture.amax(0)) > 0.999
            spread = (added.amax(0) - added.amin(0))[~white]
            assert spread.max() < 1e-4, "not the same in all channels"
            light = added[0]
            assert light.min() >= 0
            assert light.max() > 1e-3
            assert label((light > 0.2 * strength).numpy()).max() <= 3
            assert (light < 0.01).float().mean() > 0.2
            assert roughness(light) < 0.4
            heights.append(light.max().item() / strength)
        # a patch is as bright as 0.8, and brighter where it meets another
        assert abs(min(heights) - 0.8) < 0.03
        assert max(heights) < 2.41


@law(
    "bloom",
    wrong={
        "a blur": lambda x, s: x + s * (blurred(x, 4.0) - x),
        "of dark places, too": lambda x, s: x + s * blurred(x, 4.0),
        "brighter": lambda x, s: x + s * (2 * x - 1).clamp(min=0),
        "even": lambda x, s: x + 0.05 * s,
        "narrow": lambda x, s: x + s * blurred((2 * x - 1).clamp(min=0), 1.0),
    },
)
def bloom(effect):
    """Values above one half shine over their surroundings, less the farther; others do not."""
    dim = noisy(high=0.5)
    assert close(effect(dim), dim, 1e-6)
    lamp = smooth(high=0.2)
    lamp[:, 15:19, 35:39] = torch.tensor([1.0, 0.75, 0.5]).view(3, 1, 1)
    for strength in (1, 0.5):
        light = effect(lamp, strength) - lamp
        assert light.min() >= 0
        assert light[2].max() < 1e-6
        around = light[:, 17, 39:45]
        assert (around.diff() < 0)[:2].all()
        assert close(around[0], 2 * around[1], 1e-4)
        assert around[0, 0] > 0.1 * strength
        assert light[:, 17, 47:].max() < 1e-6  # beyond the kernel of 15 pixels
        # red is clipped in the lamp itself; of green no light is lost
        assert abs(light[1].sum() - strength * 16 * 0.5) < 0.05


@law(
    "night",
    wrong={
        "without noise": lambda x, s: (
            x * (1 - s * (1 - torch.tensor([0.2, 0.28, 0.4]).view(3, 1, 1)))
        ),
        "all colors alike": lambda x, s: x * (1 - 0.7 * s) + 0.04 * s * torch.randn(x.shape),
        "noise alone": lambda x, s: x + 0.04 * s * torch.randn(x.shape),
        "gray noise": lambda x, s: (
            x * (1 - s * (1 - torch.tensor([0.2, 0.28, 0.4]).view(3, 1, 1)))
            + 0.04 * s * torch.randn(len(x), 1, *x.shape[-2:])
        ),
        "more noise where it is bright": lambda x, s: (
            x
            * (1 - s * (1 - torch.tensor([0.2, 0.28, 0.4]).view(3, 1, 1)))
            * (1 + 0.2 * s * torch.randn(x.shape))
        ),
    },
)
def night(effect):
    """Red is left at a fifth, blue at two fifths, and noise is added to each channel."""
    for strength, seed in ((0.5, 0), (0.25, 1)):
        picture = smooth(64, 64, 0.45, 1.0)
        gains = 1 - strength * (1 - torch.tensor([0.2, 0.28, 0.4]).view(3, 1, 1))
        noise, sigma = effect(picture, strength, seed) - picture * gains, 0.04 * strength
        for channel in noise:
            for part in (picture[0] < 0.7, picture[0] >= 0.7):
                values = channel[part]
                assert abs(values.mean()) < 6 * sigma / len(values) ** 0.5
                assert abs(values.std() / sigma - 1) < 6 / (2 * len(values)) ** 0.5
        assert abs(correlation(noise[0], noise[1])) < 6 / 64
        assert abs(correlation(noise[..., 1:], noise[..., :-1])) < 6 / noise.numel() ** 0.5
    dark = effect(flat(1.0)).mean((-2, -1))
    assert close(dark, torch.tensor([0.2, 0.28, 0.4]), 6 * 0.04 / 2880**0.5)
