"""Laws of camera and compression; the lost rows stand with the other dropouts in `noise`."""

import torch
from torchvision.transforms.v2 import functional as V

from d2laug.gallery.common import blurred, draw, gray, positions
from laws import (
    PLACES,
    across,
    close,
    correlation,
    fit,
    flat,
    law,
    moved,
    noisy,
    sent,
    smooth,
)


def bent(factor):
    """Return a function that looks up the picture at `factor(radius, number, strength)` times."""

    def effect(x, s):
        right, down = positions(x)
        number = draw(x, -0.4 * s, 0.4 * s)[:, 0]
        share = factor(right**2 + down**2, number)
        return sent(lambda a, b, _: (a * share, b * share))(x, s)

    return effect


@law(
    "lens distortion",
    wrong={
        "a zoom": bent(lambda square, k: 1 + k),
        "always the same": bent(lambda square, k: 1 + k.abs().amax() * (square - 1)),
        "a cone": bent(lambda square, k: 1 + k * (square.sqrt() - 1)),
        "about the corner": bent(lambda square, k: 1 + k * square),
    },
)
def lens_distortion(effect):
    """Pixels move along the radius by a share that grows with its square; at 1 they stay."""
    x, y = across()
    for strength in (1, 0.5):
        found = []
        for seed in range(12):
            right, down = moved(effect(PLACES, strength, seed), 0.6)
            assert (x * down - y * right).nan_to_num().abs().max() < 0.001
            share = (x * right + y * down) / (x**2 + y**2)
            (factor,), error = fit(share, x**2 + y**2 - 1)
            assert error < 0.01
            found.append(factor / (0.4 * strength))
        assert -1.01 < min(found) < -0.5
        assert 0.5 < max(found) < 1.01


@law(
    "vignette",
    wrong={
        "bright corners": lambda x, s: x * (1 - s + s * positions(x)[0][:, None] ** 2),
        "even": lambda x, s: x * (1 - 0.4 * s),
        "left and right only": lambda x, s: x * (1 - s * positions(x)[0][:, None] ** 2),
        "a cone": lambda x, s: x * (1 - s * torch.hypot(*positions(x))[:, None] / 2**0.5),
        "subtracted": lambda x, s: x - s * sum(p**2 for p in positions(x))[:, None] / 2,
    },
)
def vignette(effect):
    """The middle stays, the corners are black at the end of the dial, evenly to all sides."""
    for strength in (1, 0.5):
        white = effect(flat(1.0, height=49, width=61), strength)[0]
        assert white[24, 30] == 1
        assert abs(white[0, 0] - (1 - strength)) < 0.05
        assert abs(white[24, 0] - (1 - strength / 2)) < 0.03
        assert abs(white[0, 30] - (1 - strength / 2)) < 0.03
        for turned in (white.flip(0), white.flip(1)):
            assert close(white, turned, 1e-5)
        assert white[24:].diff(dim=0).max() < 0
        assert white[:, 30:].diff(dim=1).max() < 0
        # round: on a circle about the middle it is as dark everywhere
        x, y = across(49, 61)
        ring = (torch.hypot(x, y) - 0.8).abs() < 0.02
        assert white[ring].max() - white[ring].min() < 0.04
        picture = noisy(49, 61)
        assert close(effect(picture, strength), picture * white, 1e-5)


@law(
    "chromatic aberration",
    wrong={
        "shifted colors": lambda x, s: torch.cat(
            [x[:, :1].roll(2, -1), x[:, 1:2], x[:, 2:].roll(-2, -1)], 1
        ),
        "red smaller": lambda x, s: torch.cat(
            [
                sent(lambda a, b, s, z=z: (a * (1 + z * s), b * (1 + z * s)))(x[:, i : i + 1], s)
                for i, z in enumerate((0.08, 0, -0.08))
            ],
            1,
        ),
        "all larger": sent(lambda a, b, s: (a * (1 - 0.08 * s), b * (1 - 0.08 * s))),
        "blurred colors": lambda x, s: torch.cat(
            [blurred(x[:, :1], 1.0), x[:, 1:2], blurred(x[:, 2:], 1.0)], 1
        ),
    },
)
def chromatic_aberration(effect):
    """Green stays; red is larger, and blue smaller, about the middle."""
    x, y = across()
    grays = torch.stack([0.5 + x / 2, 0.5 + y / 2])
    for strength in (1, 0.5):
        assert close(effect(noisy(), strength)[1], noisy()[1], 1e-5)
        for ramp, place in zip(grays, (x, y), strict=True):
            result = effect(ramp.expand(3, -1, -1).contiguous(), strength)
            for channel, zoom in ((0, 1 - 0.08 * strength), (2, 1 + 0.08 * strength)):
                inside = torch.where((x.abs() < 0.85) & (y.abs() < 0.85), 1, torch.nan)
                (factor,), error = fit((2 * result[channel] - 1) * inside, place)
                assert abs(factor - zoom) < 0.001
                assert error < 0.001


@law(
    "color bleeding",
    wrong={
        "a blur": lambda x, s: x + s * (blurred(x, 5.0) - x),
        "gray": lambda x, s: x + s * (gray(x) - x),
        "lightness blurred instead": lambda x, s: x + s * (blurred(gray(x), 5.0) - gray(x)),
        "red alone": lambda x, s: torch.cat(
            [x[:, :1] + s * (blurred(x[:, :1], 5.0) - x[:, :1]), x[:, 1:]], 1
        ),
    },
)
def color_bleeding(effect):
    """The lightness stays, pixel by pixel; colors flow into one another, and none gets lost."""
    picture = noisy(low=0.4, high=0.6)
    picture[:, 10:30, 10:25] += torch.tensor([0.2, -0.08, 0.0]).view(3, 1, 1)
    color = picture - gray(picture)
    spreads = []
    for strength in (1, 0.5):
        result = effect(picture, strength)
        assert close(gray(result), gray(picture), 1e-3)
        changed = result - gray(result)
        assert close(changed.mean((-2, -1)), color.mean((-2, -1)), 0.01)
        fine = (changed - V.gaussian_blur(changed, 9)).std() / (
            color - V.gaussian_blur(color, 9)
        ).std()
        spreads.append(fine.item())
        assert abs(fine - (1 - strength)) < 0.1
    # the color of the patch is on both sides of its outline now, and far from it nothing is
    red = (effect(picture) - gray(picture))[0]
    assert red[12:28, 26:28].mean() > red[12:28, 45:].mean() + 0.02
    assert red[12:28, 22:24].mean() < red[12:28, 15:20].mean() - 0.01


@law(
    "shot noise",
    wrong={
        "of one spread": lambda x, s: x + 0.14 * s * torch.randn(x.shape),
        "speckle": lambda x, s: x * (1 + 0.7 * s * torch.randn(x.shape)),
        "gray": lambda x, s: (
            torch.poisson(10 * 100 ** (1 - s) * x[:, :1]).expand_as(x) / (10 * 100 ** (1 - s))
        ),
        "darker": lambda x, s: (
            torch.poisson(10 * 100 ** (1 - s) * x).sub(1).clamp(min=0) / (10 * 100 ** (1 - s))
        ),
        "fewer levels only": lambda x, s: (10 * 100 ** (1 - s) * x).round() / (10 * 100 ** (1 - s)),
    },
)
def shot_noise(effect):
    """Whole numbers of photons, whose variance is their mean; so the spread grows as a root."""
    picture = smooth(96, 96, 0.05, 0.35)
    for strength, photons in ((1, 10), (0.5, 100)):
        counts, expected = effect(picture, strength) * photons, picture * photons
        assert (counts - counts.round()).abs().max() < 1e-3
        for part in (picture < 0.2, picture >= 0.2):
            off = ((counts - expected) / expected.sqrt())[part]
            number = len(off)
            assert abs(off.mean()) < 6 / number**0.5
            # the fourth moment of a count is 3 + 1 / mean
            error = ((2 + (1 / expected[part]).mean()) / number) ** 0.5
            assert abs(off.square().mean() - 1) < 6 * error
        off = (counts - expected) / expected.sqrt()
        assert abs(correlation(off[0], off[1])) < 6 / 96
        assert abs(correlation(off[..., 1:], off[..., :-1])) < 6 / off[0].numel() ** 0.5
