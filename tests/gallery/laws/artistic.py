"""Laws of artistic effects."""

import itertools
import math

import torch
from torch.nn import functional as F
from torchvision.transforms.v2 import functional as V

from d2laug.gallery.blur import mean_shift
from d2laug.gallery.color import few_colors
from d2laug.gallery.common import blurred, draw, gray, look_up, positions
from laws import (
    across,
    close,
    correlation,
    flat,
    law,
    moved,
    noisy,
    places,
    regions,
    smooth,
)


def towards(function):
    """Return the effect that goes to `function(batch)` as far as the dial says."""
    return lambda x, s: x + s * (function(x).clamp(0, 1) - x)


def is_mixed_in(effect, picture, strength=0.4):
    """Assert that the dial leads evenly from the picture to the effect."""
    mixed = picture + strength * (effect(picture) - picture)
    assert close(effect(picture, strength), mixed, 1e-4)


def two_tones(low=0.2, high=0.8):
    """Return two gray halves."""
    return torch.cat([flat(low, width=25), flat(high, width=35)], -1)


@law(
    "cartoon",
    wrong={
        "few colors without lines": towards(lambda x: few_colors(mean_shift(x, 0.2), 10)),
        "lines without few colors": towards(
            lambda x: x * (gray(x) - gray(x).roll(1, -1)).abs().lt(0.1)
        ),
        "white lines": towards(
            lambda x: few_colors(x, 10) + (gray(x) - gray(x).roll(1, -1)).abs().gt(0.1).float()
        ),
        "posterized": towards(lambda x: (3 * x).round() / 3),
        "a drawing in gray": towards(
            lambda x: gray(few_colors(x, 10)) * (gray(x) - gray(x).roll(1, -1)).abs().lt(0.1)
        ),
    },
)
def cartoon(effect):
    """At most ten colors, near the old ones, with black lines where the lightness jumps."""
    soft = smooth(low=0.3, high=0.7)
    colors, _ = regions(effect(soft))
    assert 6 <= len(colors) <= 10
    assert (effect(soft) - soft).abs().mean() < 0.06
    for picture in (two_tones(), two_tones(0.8, 0.2)):
        result = effect(picture)
        assert result[..., 24:26].max() < 0.05
        assert close(result[..., :22], picture[..., :22], 1e-3)
        assert close(result[..., 28:], picture[..., 28:], 1e-3)
    across_it = effect(two_tones().mT.contiguous())
    assert across_it[:, 24:26].max() < 0.05
    is_mixed_in(effect, two_tones())
    # grain is none of the picture
    grain = two_tones() + noisy(low=-0.03, high=0.03)
    assert (effect(grain) - effect(two_tones()))[..., :22].std() < 0.5 * (0.06 / 12**0.5)


def tiles(*counts, colors, size=3):
    """Return a picture of 3 x 3 tiles, in which each color has so many pixels."""
    values = torch.cat([torch.tensor([color] * n) for color, n in zip(colors, counts, strict=True)])
    tile = values[torch.randperm(9, generator=torch.Generator().manual_seed(1))].T
    return tile.reshape(3, size, size).repeat(1, 16, 20)


DARK, MIDDLE, BRIGHT = [0.1, 0.05, 0.15], [0.5, 0.55, 0.45], [0.9, 0.95, 0.85]


@law(
    "oil painting",
    wrong={
        "a mean": lambda x, s: F.avg_pool2d(F.pad(x, [4] * 4, mode="replicate"), 9, 1),
        "a median": lambda x, s: (
            F.pad(x, [4] * 4, mode="replicate")
            .unfold(2, 9, 1)
            .unfold(3, 9, 1)
            .flatten(-2)
            .median(-1)
            .values
        ),
        "posterized": lambda x, s: (8 * x).floor() / 8,
        "gray": lambda x, s: gray(x).expand_as(x),
        "few colors": lambda x, s: few_colors(x, 8),
    },
)
def oil_painting(effect):
    """The most frequent tone around wins, whether or not it is the middle one; edges stay."""
    # of 9 pixels 4 are dark and 3 bright: the median is the middle one, the mean none of them
    for most, counts in ((DARK, (4, 2, 3)), (BRIGHT, (3, 2, 4))):
        picture = tiles(*counts, colors=(DARK, MIDDLE, BRIGHT))
        result = effect(picture)[:, 6:-6, 6:-6]
        assert close(result, torch.tensor(most).view(3, 1, 1).expand_as(result), 1e-4)
    assert close(effect(two_tones()), two_tones(), 1e-4)
    # within a tone it is a mean over the window
    grain = flat(0.45, 0.42, 0.4) + noisy(low=-0.02, high=0.02)
    for strength, size in ((1, 9), (0.3, 5)):
        result = effect(grain, strength)
        expected = grain.unfold(1, size, 1).unfold(2, size, 1).mean((-2, -1))
        edge = size // 2
        assert close(result[:, edge:-edge, edge:-edge], expected, 1e-4)


@law(
    "pencil",
    wrong={
        "ink": towards(lambda x: (20 * (gray(x) - blurred(gray(x), 4.0)) + 0.5).expand_as(x)),
        "white on black": towards(
            lambda x: (1 - (gray(x) / blurred(gray(x), 2.5)) ** 3).expand_as(x)
        ),
        "in color": towards(lambda x: ((x + 0.02) / (blurred(x, 2.5) + 0.02)).clamp(0, 1) ** 3),
        "gray": towards(lambda x: gray(x).expand_as(x)),
        "a difference": towards(lambda x: (1 - 5 * (blurred(gray(x), 2.5) - gray(x))).expand_as(x)),
    },
)
def pencil(effect):
    """White paper, dark where it was darker than around, as dark for dim light as for bright."""
    for color in ((0.1, 0.1, 0.1), (0.2, 0.5, 0.9), (1.0, 1.0, 1.0)):
        assert close(effect(flat(*color)), flat(1.0), 1e-4)
    line = smooth(low=0.6, high=0.9)
    line[:, 20:, 30] *= 0.5
    line[:, 10, 5:25] *= 0.75
    result = effect(line)
    assert close(result, result[:1].expand(3, -1, -1), 1e-5)
    assert result[0, 30, 30] < 0.35
    assert 0.35 < result[0, 10, 12] < 0.75
    assert result[0, 25:, :20].min() > 0.85
    assert close(effect(line * 0.5), result, 0.03)
    is_mixed_in(effect, line)


def dots(x, softness=4):
    """Return the grid of a halftone."""
    right, down = (math.pi * 20 * p for p in positions(x))
    grid = 0.5 + 0.25 * ((right + down) / 2**0.5).cos() + 0.25 * ((right - down) / 2**0.5).cos()
    return softness * (gray(x) - grid[:, None]) + 0.5


@law(
    "halftone",
    wrong={
        "black or white": towards(lambda x: (gray(x) > 0.5).float().expand_as(x)),
        "random dots": towards(
            lambda x: (gray(x) > torch.rand(x[:, :1].shape)).float().expand_as(x)
        ),
        "larger where it is bright": towards(lambda x: dots(1 - x).expand_as(x)),
        "gray": towards(lambda x: gray(x).expand_as(x)),
        "soft": towards(lambda x: dots(x, 1).expand_as(x)),
        "in color": towards(lambda x: 4 * (x - dots(0 * x, -1) + 0.5) + 0.5),
    },
)
def halftone(effect):
    """Black dots in a regular grid; the darker, the larger; from afar the lightness is the same."""
    black = []
    for value in (0.15, 0.3, 0.5, 0.7, 0.85):
        result = effect(flat(value, height=200, width=200))
        assert close(result, result[:1].expand(3, -1, -1), 1e-6)
        assert abs(result.mean() - value) < 0.1
        assert ((result < 0.1) | (result > 0.9)).float().mean() > 0.35
        assert result.min() == 0
        assert result.max() == 1
        black.append((result < 0.5).float().mean().item())
        period = round(200 * 2 * 2**0.5 / 40)  # 2 * sqrt(2) / 40 of the sides, 14 pixels
        assert correlation(result[0, :, period:], result[0, :, :-period]) > 0.9
        assert correlation(result[0, period:], result[0, :-period]) > 0.9
    assert all(more - less > 0.08 for more, less in itertools.pairwise(black))
    far = V.gaussian_blur(effect(smooth(200, 200)), [63, 63], [9.0])
    lightness = V.gaussian_blur(gray(smooth(200, 200)), [63, 63], [9.0])
    assert correlation(far[:1, 30:-30, 30:-30], lightness[:, 30:-30, 30:-30]) > 0.97
    is_mixed_in(effect, smooth())


@law(
    "ink",
    wrong={
        "gray": towards(lambda x: gray(x).expand_as(x)),
        "in color": towards(lambda x: 20 * (x - blurred(x, 4.0)) + 0.5),
        "black on white exchanged": towards(
            lambda x: (20 * (blurred(gray(x), 4.0) - gray(x)) + 0.5).expand_as(x)
        ),
        "one threshold": towards(lambda x: (20 * (gray(x) - 0.5) + 0.5).expand_as(x)),
        "pencil": towards(lambda x: (gray(x) / blurred(gray(x), 2.5)).expand_as(x) ** 3),
    },
)
def ink(effect):
    """Black or white: white is what is lighter than both its surroundings and the whole are."""
    picture = smooth()
    result = effect(picture)
    assert close(result, result[:1].expand(3, -1, -1), 1e-6)
    assert ((result < 0.02) | (result > 0.98)).float().mean() > 0.85
    lightness = gray(picture)[0]
    assert lightness[result[0] > 0.98].mean() > lightness[result[0] < 0.02].mean() + 0.1
    # a dim picture gets the same lines as a bright one
    for scale, shift in ((0.6, 0.0), (0.6, 0.4)):
        same = effect(picture * scale + shift)
        assert ((same > 0.5) == (result > 0.5)).all()
    # on one level, a line is black if it is darker and white if it is lighter
    lines = smooth(low=0.4, high=0.6)
    lines[:, 20:, 30] += 0.3
    lines[:, 10, 5:25] -= 0.3
    drawn = effect(lines)[0]
    assert drawn[22:, 30].min() == 1
    assert drawn[10, 7:23].max() == 0
    is_mixed_in(effect, picture)


@law(
    "false colors",
    wrong={
        "shades of one color": towards(
            lambda x: gray(x) * torch.tensor([1, 0.5, 0.2]).view(3, 1, 1)
        ),
        "the hue of the picture": towards(lambda x: 0.5 + 0.5 * (6.283 * (x - 0.3)).cos()),
        "from blue to red": towards(lambda x: torch.cat([gray(x), 0 * gray(x), 1 - gray(x)], 1)),
        "the other way round": towards(
            lambda x: (
                0.5
                + 0.5 * (6.2832 * (gray(x) - torch.tensor([0, 2 / 3, 1 / 3]).view(3, 1, 1))).cos()
            )
        ),
    },
)
def false_colors(effect):
    """Lightness alone decides: black is red, a third green, two thirds blue, and white red."""
    for value, strongest in ((0.0, 0), (1 / 3, 1), (2 / 3, 2), (1.0, 0)):
        expected = torch.full((3, 1, 1), 0.25)
        expected[strongest] = 1
        assert close(effect(flat(value)), expected.expand(3, 48, 60), 1e-3)
    picture = smooth()
    assert close(effect(picture), effect(gray(picture).expand(3, -1, -1).contiguous()), 1e-3)
    # all steps are as bright and as strong in color
    result = effect(noisy())
    assert close(result.mean(0), torch.full((48, 60), 0.5), 1e-5)
    assert close(result.std(0), torch.full((48, 60), 0.1875**0.5), 1e-4)
    is_mixed_in(effect, picture)


def rows_shifted(x, s, factors=(1.0, 0.5, 1.5), bands=12):
    """Shift bands of rows by random distances."""
    shift = F.interpolate((2 * torch.rand(len(x), 1, bands, 1) - 1) ** 3, x.shape[-2:])[:, 0]
    right, down = positions(x)
    planes = [
        look_up(x[:, i : i + 1], right + f * 0.3 * s * shift, down) for i, f in enumerate(factors)
    ]
    return torch.cat(planes, 1)


@law(
    "glitch",
    wrong={
        "all channels together": lambda x, s: rows_shifted(x, s, (1, 1, 1)),
        "green the furthest": lambda x, s: rows_shifted(x, s, (0.5, 1.5, 1)),
        "the whole picture": lambda x, s: rows_shifted(x, s, bands=1),
        "each row": lambda x, s: rows_shifted(x, s, bands=48),
        "columns": lambda x, s: rows_shifted(x.mT, s).mT,
        "twice as far": lambda x, s: rows_shifted(x, 2 * s),
    },
)
def glitch(effect):
    """Twelve bands of rows move to the side; green half as far as red, and blue furthest."""
    x, y = across()
    ramp = (0.5 + x / 2).expand(3, -1, -1).contiguous()
    far = []
    for strength in (1, 0.5):
        for seed in range(4):
            way = (2 * effect(ramp, strength, seed) - 1 - x)[..., 15:-15]
            assert close(way, way[..., :1].expand_as(way), 1e-3), "a row is bent"
            way = way[..., 0]
            assert close(way, way[:, ::4].repeat_interleave(4, 1), 1e-4)
            assert close(way[0], 2 * way[1], 1e-3)
            assert close(way[2], 3 * way[1], 1e-3)
            assert (way[1, ::4].diff().abs() > 1e-4).sum() >= 9
            far.append(way[0].abs().max().item() / strength)
    assert 0.2 < max(far) <= 0.301
    rise = (0.5 + y / 2).expand(3, -1, -1).contiguous()
    assert close(effect(rise), rise, 1e-5)


def slices(x, s, mirrors=5, mirrored=True):
    """Repeat a slice of the picture around its middle."""
    right, down = positions(x)
    wide = math.pi / mirrors
    angle = torch.atan2(down, right) % (2 * wide) - wide
    angle = (angle.abs() if mirrored else angle) + draw(x, 0, 6.28)[:, 0]
    radius = torch.hypot(right, down)
    return look_up(x, radius * angle.cos(), radius * angle.sin())


@law(
    "kaleidoscope",
    wrong={
        "the upper half mirrored": lambda x, s: torch.cat(
            [x[..., : (x.shape[-2] + 1) // 2, :], x[..., : x.shape[-2] // 2, :].flip(-2)], -2
        ),
        "slices without mirrors": lambda x, s: slices(x, s, mirrored=False),
        "six mirrors": lambda x, s: slices(x, s, 6),
        "a blur around the middle": lambda x, s: sum(V.rotate(x, 10.0 * i) for i in range(36)) / 36,
        "a turn": lambda x, s: V.rotate(x, 72.0),
    },
    spared=["upside down", "left and right exchanged"],  # it is as symmetric as before
)
def kaleidoscope(effect):
    """Turning by one of the slices, and mirroring, changes nothing; a slice is of the picture."""
    picture = smooth(97, 97)
    x, y = across(97, 97)
    radius = torch.hypot(x, y)
    inside = radius < 0.95
    for strength, mirrors in ((1, 5), (0.5, 3)):
        middles = []
        for seed in range(3):
            result = effect(picture, strength, seed)
            assert close(result, result.flip(-2), 1e-4)
            slice_of = 360 / mirrors
            for turn, least, most in ((slice_of, 0, 0.012), (slice_of / 2, 0.03, 1)):
                turned = V.rotate(result, turn, V.InterpolationMode.BILINEAR)
                assert least <= (turned - result)[:, inside].abs().mean() <= most
            # a pixel keeps its distance from the middle; its angle goes to and fro in a slice
            right, down = moved(effect(places(97, 97), strength, seed), 0.7)
            away = (radius > 0.2) & (radius < 0.65)
            source = torch.atan2(y + down, x + right)
            wide = math.pi / mirrors
            fold = (torch.atan2(y, x) % (2 * wide) - wide).abs()
            steady = [torch.exp(1j * (source + sign * fold))[away].mean().abs() for sign in (1, -1)]
            assert max(steady) > 0.999
            assert close(torch.hypot(x + right, y + down)[away], radius[away], 0.01)
            assert close(result[:, 48, 48], picture[:, 48, 48], 0.02)
            middles.append(result[:, 20, 60])
        assert (torch.stack(middles).std(0) > 0.01).any(), "always the same slice"
