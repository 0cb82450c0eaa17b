"""Laws of flip and geometry."""

import math

import torch

from laws import PLACES, across, fit, law, moved, sent


@law(
    "waves",
    wrong={
        "a shift": sent(lambda x, y, s: (x + 0.12 * s, y + 0.06 * s)),
        "rows are squeezed, not pushed": sent(
            lambda x, y, s: (x + 0.12 * s * (9 * x).sin(), y + 0.12 * s * (9 * y).sin())
        ),
        "to the side only": sent(lambda x, y, s: (x + 0.12 * s * (9 * y).sin(), y)),
        "zigzags": sent(
            lambda x, y, s: tuple(
                p + 0.12 * s * (9 * q).sin().asin() / 1.57 for p, q in ((x, y), (y, x))
            )
        ),
    },
)
def waves(effect):
    """A pixel's way to the side is a sine of its height, and its way down one of its side."""
    x, y = across()
    for strength, seed in ((1, 0), (0.5, 1)):
        right, down = moved(effect(PLACES, strength, seed), 0.85)
        for way, along in ((right, y), (down, x)):
            (sine, cosine), error = fit(way, (9 * along).sin(), (9 * along).cos())
            assert abs(math.hypot(sine, cosine) - 0.12 * strength) < 0.002
            assert error < 0.002


@law(
    "polar waves",
    wrong={
        "a zoom": sent(lambda x, y, s: (x * (1 + 0.25 * s), y * (1 + 0.25 * s))),
        "waves along the radius": sent(
            lambda x, y, s: tuple(
                p * (1 + 0.25 * s * (5 * torch.hypot(x, y)).sin()) for p in (x, y)
            )
        ),
        "three petals": sent(
            lambda x, y, s: tuple(
                p * (1 + 0.25 * s * (3 * torch.atan2(y, x)).sin()) for p in (x, y)
            )
        ),
        "a turn": sent(lambda x, y, s: (x - 0.25 * s * y, y + 0.25 * s * x)),
    },
)
def polar_waves(effect):
    """Pixels move along the radius, by a share that goes up and down five times a round."""
    x, y = across()
    angle = torch.atan2(y, x)
    for strength, seed in ((1, 0), (0.5, 1)):
        right, down = moved(effect(PLACES, strength, seed), 0.77)
        away = torch.hypot(x, y) > 0.2
        share = torch.where(away, (x * right + y * down) / (x**2 + y**2), torch.nan)
        assert (x * down - y * right).nan_to_num().abs().max() < 0.003
        (one, sine, cosine), error = fit(share, x**0, (5 * angle).sin(), (5 * angle).cos())
        assert abs(math.hypot(sine, cosine) - 0.25 * strength) < 0.005
        assert abs(one) < 0.003
        assert error < 0.02
