"""Laws of weather."""

import numpy as np
import torch
from skimage.measure import label

from d2laug.gallery.common import blurred, cloudy_noise, look_up, positions, smooth_noise
from laws import (
    PLACES,
    across,
    close,
    correlation,
    flat,
    law,
    moved,
    noisy,
    random_field,
    roughness,
    sent,
    smooth,
    weights,
)


def laid(color, weight):
    """Return a function that lays a color over the picture, with `weight(batch, strength)`."""
    return lambda x, s: x + weight(x, s) * (torch.tensor(color).view(1, -1, 1, 1) - x)


@law(
    "fog",
    wrong={
        "even": laid([0.9], lambda x, s: 0.67 * s),
        "of single pixels": laid([0.9], lambda x, s: s * (0.665 + 0.285 * random_field(x))),
        "dark": laid([0.1], lambda x, s: 0.95 * s * (0.4 + 0.6 * cloudy_noise(x))),
        "in color": laid([0.9, 0.9, 0.5], lambda x, s: 0.95 * s * (0.4 + 0.6 * cloudy_noise(x))),
        "added": lambda x, s: x + s * (0.3 + 0.2 * cloudy_noise(x)),
        "with holes": laid([0.9], lambda x, s: 0.95 * s * cloudy_noise(x)),
    },
)
def fog(effect):
    """All goes towards a light gray, never less than 0.38 of the way, in large soft shapes.

    So dark parts get brighter, and at any one place the order of brightness stays.
    """
    for strength, seed in ((1, 0), (0.5, 1)):
        for picture in (smooth(low=0.05, high=0.7), noisy(low=0.1, high=0.7)):
            result, darker = (effect(p, strength, seed) for p in (picture, picture - 0.05))
            density = weights(picture, result, [0.9])
            assert abs(density.min() - 0.38 * strength) < 1e-3
            assert abs(density.max() - 0.95 * strength) < 1e-3
            assert 0.55 < density.mean() / strength < 0.8
            assert roughness(density) < 0.5
            assert (result > picture).all()
            assert close(result - darker, 0.05 * (1 - density).expand(3, -1, -1), 1e-3)


@law(
    "clouds",
    wrong={
        "fog": laid([0.9], lambda x, s: 0.95 * s * (0.4 + 0.6 * cloudy_noise(x))),
        "everywhere": laid([1.0], lambda x, s: s * cloudy_noise(x)),
        "dark": laid([0.2], lambda x, s: s * (3 * cloudy_noise(x) - 1).clamp(0, 1)),
        "of single pixels": laid([1.0], lambda x, s: s * random_field(x).clamp(0, 0.5) * 2),
        "thin": laid([1.0], lambda x, s: 0.5 * s * (3 * cloudy_noise(x) - 1).clamp(0, 1)),
    },
)
def clouds(effect):
    """White with soft shapes: some of the picture is hidden, some as it was."""
    for strength, seed in ((1, 0), (0.5, 1)):
        for picture in (smooth(low=0.1, high=0.7), noisy(low=0.1, high=0.7)):
            white = weights(picture, effect(picture, strength, seed), [1.0])
            assert white.min() == 0
            assert abs(white.max() - strength) < 1e-3
            assert 0.03 < (white == 0).float().mean() < 0.6
            assert 0.03 < (white > 0.999 * strength).float().mean() < 0.6
            assert roughness(white) < 0.5


@law(
    "snowflakes",
    wrong={
        "single pixels": laid([1.0], lambda x, s: (random_field(x) > 1 - 0.12 * s).float()),
        "clouds": laid([1.0], lambda x, s: s * (3 * cloudy_noise(x) - 1).clamp(0, 1)),
        "dark": laid([0.0], lambda x, s: 3 * blurred((random_field(x) > 1 - 0.1 * s).float(), 1.0)),
        "even": laid([1.0], lambda x, s: 0.2 * s),
        "of one size": laid(
            [1.0],
            lambda x, s: (9 * blurred((random_field(x) > 1 - 0.012 * s).float(), 0.6)).clamp(0, 1),
        ),
    },
)
def snowflakes(effect):
    """White blobs that are softer the larger they are; most of the picture between them stays."""
    picture = smooth(96, 96, 0.1, 0.6).expand(16, -1, -1, -1).contiguous()
    covered = []
    for strength, seed in ((1, 0), (0.25, 1)):
        result = effect(picture, strength, seed)
        white = torch.stack([weights(p, r, [1.0]) for p, r in zip(picture, result, strict=True)])
        assert white.min() >= 0
        assert white.max() > 0.8
        assert roughness(white) < 0.6
        covered.append(white.mean().item())
    # three kinds cover 6 % each at the end of the dial, and half as much is soft around them
    assert 0.17 < covered[0] < 0.27
    assert 0.045 < covered[1] < 0.08
    # of the few flakes, seen last: most of the picture is free, and there are small and large ones
    assert (white < 0.01).float().mean() > 0.6
    areas = np.concatenate([np.bincount(label(one.numpy() > 0.5).ravel())[1:] for one in white])
    assert len(areas) > 100
    assert (areas <= 6).mean() > 0.2
    assert (areas >= 16).mean() > 0.1


FROST = [0.9, 0.95, 1.0]


@law(
    "frost",
    wrong={
        "fog": laid([0.9], lambda x, s: 0.95 * s * (0.4 + 0.6 * cloudy_noise(x))),
        "even": laid(FROST, lambda x, s: 0.5 * s),
        "without an edge": laid(
            FROST,
            lambda x, s: s * (0.25 + 0.6 * (1 - (12 * (cloudy_noise(x) - 0.5)).abs().clamp(0, 1))),
        ),
        "the edge alone": laid(
            FROST, lambda x, s: s * (0.25 + 0.6 * positions(x)[0][:, None].abs() ** 2)
        ),
        "yellow": laid(
            FROST[::-1],
            lambda x, s: (
                s
                * (0.25 + 0.5 * cloudy_noise(x) + 0.4 * positions(x)[0][:, None].abs() ** 2).clamp(
                    0, 0.9
                )
            ),
        ),
    },
)
def frost(effect):
    """A bluish white, a quarter of the way or more, with ridges, and most of it at the edge."""
    x, y = across()
    edge = torch.maximum(x.abs(), y.abs())
    for strength in (1, 0.5):
        thicker, ridges, between = [], [], []
        for seed in range(12):
            picture = (smooth(low=0.1, high=0.6), noisy(low=0.1, high=0.6))[seed % 2]
            white = weights(picture, effect(picture, strength, seed), FROST) / strength
            assert abs(white.min() - 0.25) < 0.07
            assert 0.8 < white.max() < 0.901
            middle = white[edge < 0.5]
            ridges.append((middle > 0.55).float().mean())
            between.append((middle < 0.35).float().mean())
            thicker.append(white[edge > 0.9].mean() - middle.mean())
        thicker, ridges, between = (torch.stack(x) for x in (thicker, ridges, between))
        assert thicker.mean() > 0.15
        assert thicker.std() > 0.02
        assert 0.05 < ridges.mean() < 0.5
        assert between.mean() > 0.2


MUD = [0.32, 0.23, 0.14]


def blobs(x):
    return (smooth_noise(x, 24) + smooth_noise(x, 10)) / 2


@law(
    "spatter",
    wrong={
        "single pixels": laid(MUD, lambda x, s: (random_field(x) > 1 - 0.8 * s).float()),
        "blue": laid(MUD[::-1], lambda x, s: (15 * (blobs(x) - 1 + 0.5 * s)).clamp(0, 1)),
        "thin": laid(MUD, lambda x, s: 0.5 * (15 * (blobs(x) - 1 + 0.5 * s)).clamp(0, 1)),
        "without an edge": laid(MUD, lambda x, s: s * blobs(x)),
        "one half": laid(MUD, lambda x, s: (positions(x)[0][:, None] > 1 - s).float()),
    },
)
def spatter(effect):
    """Drops of mud that hide what is behind, with the clean picture between them."""
    areas = []
    for strength, seed in ((1, 0), (1, 1), (0.6, 0)):
        for picture in (smooth(low=0.5, high=0.95), noisy(low=0.5, high=0.95)):
            mud = weights(picture, effect(picture, strength, seed), MUD)
            assert mud.min() == 0
            assert mud.max() > 0.999
            between = (mud > 0.001) & (mud < 0.999)
            assert between.float().mean() < 0.3
            assert roughness(mud) < 0.6
        areas.append((mud > 0.5).float().mean().item())
        # drops all over the picture: in each of its quarters clean places and mud
        for quarter in (mud[:24, :30], mud[:24, 30:], mud[24:, :30], mud[24:, 30:]):
            assert quarter.min() < 0.01
            assert quarter.max() > 0.99
    assert 0.3 < areas[0] < 0.7
    assert 0.02 < areas[2] < 0.25


@law(
    "heat haze",
    wrong={
        "glass": lambda x, s: look_up(
            x, *(p + 0.1 * s * random_field(x)[:, 0] for p in positions(x))
        ),
        "a shift": sent(lambda x, y, s: (x + 0.07 * s, y - 0.06 * s)),
        "along a diagonal": lambda x, s: look_up(
            x,
            *(
                p + w
                for p, w in zip(
                    positions(x), 2 * [0.2 * s * (smooth_noise(x, 12)[:, 0] - 0.5)], strict=True
                )
            ),
        ),
        "waves": sent(lambda x, y, s: (x + 0.1 * s * (20 * y).sin(), y + 0.1 * s * (20 * x).sin())),
        "a blur": lambda x, s: blurred(x, 0.1 + 2 * s),
    },
)
def heat_haze(effect):
    """Neighbors move together and distant places apart, to all sides, up to a tenth of a half."""
    for strength, seed in ((1, 0), (0.5, 1)):
        right, down = (way[4:-4, 5:-5] for way in moved(effect(PLACES, strength, seed), 0.88))
        for way in (right, down):
            assert 0.07 * strength < way.abs().max() <= 0.1 * strength + 1e-3
            assert abs(way.mean()) < 0.02 * strength
            assert 0.1 < roughness(way) < 0.7
            assert way.std(0).mean() > 0.03 * strength
            assert way.std(1).mean() > 0.03 * strength
        assert abs(correlation(right, down)) < 0.5
    assert close(effect(flat(0.2, 0.5, 0.7)), flat(0.2, 0.5, 0.7), 1e-5)
