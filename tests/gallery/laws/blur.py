"""Laws of blur."""

import math

import torch
from torch.nn import functional as F

from d2laug.gallery.common import blurred, look_up, positions
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
    places,
    random_field,
    sent,
    smooth,
)


def box(x, size):
    """Return the means of size x size pixels."""
    return F.avg_pool2d(F.pad(x, [size // 2] * 4, mode="replicate"), size, 1)


@law(
    "defocus",
    wrong={
        "a Gaussian blur": lambda x, s: blurred(x, 3.0 * s),
        "a square": lambda x, s: box(x, 1 + 2 * round(5 * s)),
        "a ring": lambda x, s: (13**2 * box(x, 13) - 9**2 * box(x, 9)) / (13**2 - 9**2),
        "darker": lambda x, s: 0.8 * box(x, 11),
    },
)
def defocus(effect):
    """A dot becomes an even disk with as much light; the picture around it keeps its place."""
    x, y = torch.arange(61) - 33, torch.arange(49) - 19
    radius = torch.hypot(y[:, None].float(), x.float())
    dot = torch.zeros(3, 49, 61)
    dot[:, 19, 33] = torch.tensor([1, 0.5, 0.25])
    for strength in (1, 0.5):
        disk = effect(dot, strength)
        assert close(disk.sum((-2, -1)), dot.sum((-2, -1)))
        inside = disk[:, radius <= 6 * strength - 0.5]
        assert close(inside, inside[:, :1].expand_as(inside), 1e-5)
        assert inside[0, 0] > 0
        assert disk[:, radius > 6 * strength + 0.51].max() == 0
        # darker towards the rim, where the disk covers a pixel in part
        assert (disk.amax((-2, -1)) == inside.amax(1)).all()
        assert effect(noisy(), strength).std() < 0.2 / strength * noisy().std()
    assert close(effect(flat(0.2, 0.5, 0.7)), flat(0.2, 0.5, 0.7), 1e-5)


def shaken(x, distance, own_channels=False):
    """Look up each pixel at a random place in a square around it."""
    if own_channels:
        return torch.cat([shaken(x[:, i : i + 1], distance) for i in range(3)], 1)
    right, down = (distance * random_field(x, 2)).unbind(1)
    return look_up(x, positions(x)[0] + right, positions(x)[1] + down)


@law(
    "glass blur",
    wrong={
        "a blur": lambda x, s: box(x, 5),
        "two thirds as far": lambda x, s: shaken(x, 0.067 * s),
        "to the side only": lambda x, s: look_up(
            x, positions(x)[0] + 0.1 * s * random_field(x)[:, 0], positions(x)[1]
        ),
        "each channel for itself": lambda x, s: shaken(x, 0.1 * s, own_channels=True),
        "neighbors together": lambda x, s: F.interpolate(
            shaken(x, 0.1 * s)[..., ::2, ::2], x.shape[-2:]
        ),
    },
)
def glass_blur(effect):
    """Each pixel comes from a random place in a square around it, whatever its neighbor does."""
    for strength, seed in ((1, 0), (0.5, 1)):
        distance = 0.1 * strength
        right, down = (way[6:-6, 6:-6] for way in moved(effect(PLACES, strength, seed), 0.88))
        number = right.numel()
        for way in (right, down):
            assert 0.98 * distance < way.abs().max() <= distance + 1e-4
            assert abs(way.std() / distance * 3**0.5 - 1) < 6 / (2 * number) ** 0.5
            assert abs(correlation(way[:, 1:], way[:, :-1])) < 6 / number**0.5
        assert abs(correlation(right, down)) < 6 / number**0.5


@law(
    "zoom blur",
    wrong={
        "a zoom": sent(lambda x, y, s: (x / (1 + 0.25 * s), y / (1 + 0.25 * s))),
        "a zoom the other way": lambda x, s: sum(
            look_up(x, *(p * (1 + 0.5 * s * i / 15) for p in positions(x))) / 16 for i in range(16)
        ),
        "two zooms": lambda x, s: sum(
            look_up(x, *(p / zoom for p in positions(x))) / 2 for zoom in (1, 1 + 0.5 * s)
        ),
        "a blur": lambda x, s: box(x, 7),
    },
)
def zoom_blur(effect):
    """A dot becomes a streak that leads away from the middle; the middle stays sharp."""
    x, y = across(81, 81)
    plain = 0.2 * smooth(81, 81)
    plain[:, 40, 40] = 1
    dotted = plain.clone()
    dotted[:, 20, 55] = 1  # up and to the right
    radius = math.hypot(x[20, 55], y[20, 55])
    along = (x * x[20, 55] + y * y[20, 55]) / radius
    beside = (x * y[20, 55] - y * x[20, 55]) / radius
    for strength in (1, 0.4):
        result, end = effect(plain, strength), 1 + 0.5 * strength
        assert result[:, 40, 40].min() > result[:, 40, 37].max() + 0.3
        streak = (effect(dotted, strength) - result)[1]
        lit = streak > 0.01
        assert lit.any()
        assert beside[lit].abs().max() < 0.05
        assert abs(along[lit].min() - radius) < 0.05
        assert abs(along[lit].max() - radius * end) < 0.06
        halfway = (along - radius * (1 + end) / 2).abs() < 0.05
        assert streak[halfway].max() > 0.02, "a gap in the streak"
        wide = 2 * effect(places(81, 81), strength)[0] - 1
        (factor,), error = fit(wide.where(x.abs() < 0.8, torch.nan), x)
        assert abs(factor - math.log(end) / (end - 1)) < 0.002  # the mean of 1 / zoom
        assert error < 0.002


COLORS = torch.tensor([[0.1, 0.2, 0.3], [0.9, 0.6, 0.5], [0.2, 0.9, 0.4], [0.6, 0.2, 0.9]])


def quarters(spread):
    """Return a picture whose quarters have four colors, with a little noise."""
    colors = COLORS.T.reshape(3, 2, 2)
    picture = colors.repeat_interleave(24, 1).repeat_interleave(30, 2)
    return picture + spread * (2 * noisy() - 1)


@law(
    "mean shift",
    wrong={
        "a blur": lambda x, s: box(x, 5),
        "a blur by halves": lambda x, s: x + 0.5 * s * (box(x, 5) - x),
        "posterized": lambda x, s: (8 * x).round() / 8,
        "a wide blur": lambda x, s: box(x, 25),
    },
)
def mean_shift(effect):
    """Noise on either side of an edge goes, the edge stays, and so do the sides' colors."""
    for strength, left_over in ((1, 0.35), (0.3, 0.6)):
        result, plain = effect(quarters(0.05), strength), quarters(0)
        assert (result - plain).std() < left_over * (quarters(0.05) - plain).std()
        assert (result - plain).abs().max() < 0.04
        means = result.unflatten(1, (2, 24)).unflatten(3, (2, 30)).mean((2, 4))
        assert close(means.flatten(1).T, COLORS, 0.005)
    # a difference that is smaller than `width` at the end of the dial, larger near its start
    step = torch.cat([flat(0.4, width=30), flat(0.5, width=30)], -1)
    assert (effect(step) - step)[..., 29:31].abs().max() > 0.03
    assert close(effect(step, 0.15), step, 0.01)


def level_blur(x, s, weight):
    """Blur a picture where `weight(y)` says so."""
    y = positions(x)[1][:, None]
    return x + s * weight(y).clamp(0, 1) * (blurred(x, 4.0) - x)


@law(
    "tilt shift",
    wrong={
        "everywhere": lambda x, s: level_blur(x, s, lambda y: y**0),
        "in the middle": lambda x, s: level_blur(x, s, lambda y: 1 - y.abs()),
        "sharp at the top": lambda x, s: level_blur(x, s, lambda y: (y + 1) / 2),
        "darker": lambda x, s: x * (1 - s * 0.8 * positions(x)[1][:, None].abs()),
        "left and right": lambda x, s: (
            x + s * (positions(x)[0][:, None].abs() - 0.2).clamp(0, 1) * (blurred(x, 4.0) - x)
        ),
    },
)
def tilt_shift(effect):
    """A level of the picture stays sharp, and the farther above or below, the less sharp."""
    _, y = across()
    stripes = noisy(1, 60).expand(3, 48, 60).contiguous()  # vertical ones
    soft = blurred(stripes, 4.0)
    levels = set()
    for seed in range(6):
        for strength in (1, 0.5):
            # how far each row has gone to the blurred stripes
            result = effect(stripes, strength, seed)
            far = ((result - stripes) / (soft - stripes))[:, :, (soft - stripes)[0, 0].abs() > 0.1]
            assert (far.amax((0, 2)) - far.amin((0, 2))).max() < 1e-3
            far = far.mean((0, 2))
            sharp = y[:, 0][far < 1e-3]
            level = sharp.mean().item()
            assert abs(level) < 0.45
            assert 0.15 < sharp.max() - sharp.min() < 0.3
            same = effect(smooth(), strength, seed)[:, far < 1e-3]
            assert close(same, smooth()[:, far < 1e-3], 1e-3)
            away = (y[:, 0] - level).abs().argsort()
            assert far[away].diff().min() > -0.08 * strength
            assert abs(far.max() - strength * min(1, 1.5 * (0.98 + abs(level)) - 0.2)) < 0.05
        levels.add(round(level, 1))
    assert len(levels) > 2
    assert close(effect(flat(0.2, 0.5, 0.7)), flat(0.2, 0.5, 0.7), 1e-5)
