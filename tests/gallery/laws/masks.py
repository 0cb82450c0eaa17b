"""Laws of mixing by a mask: effects that show in a part of the picture."""

import math

import torch
from torch.nn import functional as F
from torchvision.transforms.v2 import functional as V

from d2laug.gallery.common import blurred, cloudy_noise, draw, gray, positions
from laws import (
    close,
    flat,
    law,
    noisy,
    random_field,
    roughness,
    smooth,
)


def sobel(x):
    """Return the magnitude of the gradient of each channel, by Sobel's sums."""
    across_it = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    padded = F.pad(x.reshape(-1, 1, *x.shape[-2:]), [1] * 4, mode="replicate")
    right, down = (F.conv2d(padded, k[None, None]) for k in (across_it, across_it.T))
    return (right**2 + down**2).sqrt().reshape(x.shape).clamp(0, 1)


def where(mask, function):
    """Return the effect of a function on what a mask shows, as the dial says."""
    return lambda x, s: x + s * mask(x) * (function(x) - x)


def everywhere(x):
    return torch.ones_like(x[:, :1])


def clouds(x):
    return (8 * (cloudy_noise(x) - 0.5)).clamp(0, 1)


def mask_of(effect, function, strength, seed):
    """Return the mask with which an effect of a function shows; it is the same for any picture."""
    pale = flat(0.9, 0.85, 0.95)
    mask = (effect(pale, strength, seed) - pale) / (function(pale) - pale) / strength
    assert close(mask, mask[:1].expand_as(mask), 1e-3), "the channels have several masks"
    for picture in (noisy(seed=7), smooth()):
        expected = picture + strength * mask * (function(picture) - picture)
        assert close(effect(picture, strength, seed), expected, 2e-3)
    return mask[0]


@law(
    "edges in patches",
    wrong={
        "everywhere": where(everywhere, sobel),
        "of single pixels": where(lambda x: (random_field(x) > 0).float(), sobel),
        "black patches": where(clouds, torch.zeros_like),
        "a mask for each channel": where(
            lambda x: torch.cat([clouds(x) for _ in range(3)], 1), sobel
        ),
        "in a half": where(lambda x: (positions(x)[0][:, None] > 0).float(), sobel),
    },
)
def edges_in_patches(effect):
    """In soft patches nothing but the edges of the picture is left; between them it stays."""
    for strength, seed in ((1, 0), (1, 1), (0.5, 0)):
        mask = mask_of(effect, sobel, strength, seed)
        assert mask.min() == 0
        assert abs(mask.max() - 1) < 2e-3
        assert 0.1 < (mask > 0.5).float().mean() < 0.9
        assert roughness(mask) < 0.4
        assert mask.std(0).max() > 0.1
        assert mask.std(1).max() > 0.1
    assert (mask_of(effect, sobel, 1, 0) != mask_of(effect, sobel, 1, 1)).float().mean() > 0.1


def negative(x):
    return 1 - x


@law(
    "negative in bands",
    wrong={
        "everywhere": where(everywhere, negative),
        "straight": where(lambda x: ((6 * positions(x)[0]).sin()[:, None] > 0).float(), negative),
        "patches": where(clouds, negative),
        "black": where(
            lambda x: (25 * blurred(random_field(x), 4.0)).sin().gt(0).float(), torch.zeros_like
        ),
        "pale": where(lambda x: 0.5 + 0.5 * (40 * blurred(random_field(x), 4.0)).sin(), negative),
    },
)
def negative_in_bands(effect):
    """Winding bands with sharp rims, positive and negative in turn."""
    for strength, seed in ((1, 0), (1, 1), (0.6, 2)):
        mask = mask_of(effect, negative, strength, seed)
        assert mask.min() == 0
        assert abs(mask.max() - 1) < 1e-4
        assert 0.3 < (mask > 0.5).float().mean() < 0.7
        assert ((mask > 0.01) & (mask < 0.99)).float().mean() < 0.3
        turns = [(mask > 0.5).int().diff(dim=dim).abs().sum(dim).float().mean() for dim in (0, 1)]
        assert 3 < sum(turns) < 20  # on the way across and down
        assert mask.std(0).max() > 0.1
        assert mask.std(1).max() > 0.1


@law(
    "blur in checkers",
    wrong={
        "everywhere": where(everywhere, lambda x: blurred(x, 4.0)),
        "the other fields": where(
            lambda x: 1 - sum((3 * (p + 1)).floor() for p in positions(x))[:, None] % 2,
            lambda x: blurred(x, 4.0),
        ),
        "stripes": where(
            lambda x: (3 * (positions(x)[0] + 1)).floor()[:, None] % 2, lambda x: blurred(x, 4.0)
        ),
        "smaller fields": where(
            lambda x: sum((6 * (p + 1)).floor() for p in positions(x))[:, None] % 2,
            lambda x: blurred(x, 4.0),
        ),
        "gray": where(
            lambda x: sum((3 * (p + 1)).floor() for p in positions(x))[:, None] % 2, gray
        ),
    },
)
def blur_in_checkers(effect):
    """Every second field of a board of 6 x 6 is blurred; the first one stays."""
    rows, columns = torch.arange(48)[:, None] // 8, torch.arange(60) // 10
    black = (rows + columns) % 2 == 1
    for picture in (noisy(), smooth()):
        for strength in (1, 0.4):
            result = effect(picture, strength)
            assert torch.equal(result[:, ~black], picture[:, ~black])
            soft = picture + strength * (V.gaussian_blur(picture, [15, 15], [4.0]) - picture)
            assert close(result[:, black], soft[:, black], 1e-4)


def wheel(height=40, width=72):
    """Return all hues from left to right, strong ones, brighter from top to bottom."""
    hue = torch.arange(width) / width
    phase = torch.tensor([0, 1 / 3, 2 / 3]).view(3, 1, 1)
    color = 0.5 + 0.5 * (2 * math.pi * (hue - phase)).cos()
    return color * torch.linspace(0.6, 1, height).view(1, -1, 1)


def hue_mask(x, wide, center=None):
    """Return which pixels have a hue around a random one."""
    red, green, blue = x.unbind(1)
    hue = torch.atan2(1.732 * (green - blue), 2 * red - green - blue)[:, None]
    middle = draw(x, -math.pi, math.pi) if center is None else center
    return ((hue - middle).cos() > math.cos(wide)).float()


@law(
    "gray for some colors",
    wrong={
        "all": where(everywhere, gray),
        "half of them": where(lambda x: hue_mask(x, math.pi / 2), gray),
        "always red": where(lambda x: hue_mask(x, math.pi / 3, 0), gray),
        "dark ones": where(lambda x: (gray(x) < 0.4).float(), gray),
        "black": where(lambda x: hue_mask(x, math.pi / 3), torch.zeros_like),
        "the left third": where(lambda x: (positions(x)[0] < -0.33).float()[:, None], gray),
    },
)
def gray_for_some_colors(effect):
    """A third of the color circle turns gray, as bright as it was; the other colors stay."""
    starts = []
    for seed in range(6):
        for strength in (1, 0.5):
            result = effect(wheel(), strength, seed)
            changed = (result - wheel()).abs().amax(0) > 1e-3
            faded = wheel() + strength * (gray(wheel()) - wheel())
            assert close(result[:, changed], faded[:, changed], 1e-3)
            assert close(result[:, ~changed], wheel()[:, ~changed], 1e-3)
            columns = changed.float().mean(0)
            assert ((columns == 0) | (columns == 1)).all()
            assert abs(columns.sum() - 24) <= 1
            ring = torch.cat([columns, columns[:1]]).diff()
            assert (ring == 1).sum() == 1 == (ring == -1).sum()
            starts.append(int(ring.argmax()))
        # the places do not matter, and what is gray already has no hue
        mirrored = effect(wheel().flip(-1).contiguous(), 1, seed).flip(-1)
        assert close(mirrored, effect(wheel(), 1, seed), 1e-5)
    assert len(set(starts)) > 3
    assert close(effect(flat(0.5)), flat(0.5), 1e-5)
