"""Laws of color and of contrast."""

import torch
from torchvision.transforms.v2 import functional as V

from d2laug.gallery.common import draw, gray
from laws import close, law, noisy, region_means, regions, smooth


def nearest(x, colors):
    """Paint each pixel of a batch in the nearest of `colors` [number, 3]."""
    pixels = x.flatten(2).mT
    return colors[torch.cdist(pixels, colors.expand(len(x), -1, -1)).argmin(-1)].mT.reshape(x.shape)


@law(
    "few colors",
    wrong={
        "posterized": lambda x, s: (x * 2).round() / 2,
        "colors of anywhere": lambda x, s: nearest(x, torch.rand(round(3 * 16 ** (1 - s)), 3)),
        "colors in any order": lambda x, s: x.flatten(2)[
            ..., torch.arange(x[0, 0].numel()) % round(3 * 16 ** (1 - s))
        ].reshape(x.shape),
    },
)
def few_colors(effect):
    """A few colors, each the mean of the pixels that have it now, and few pixels change much."""
    for strength, number in ((1, 3), (0.5, 12)):
        for picture in (smooth(), noisy()):
            result = effect(picture, strength)
            colors, index = regions(result)
            assert len(colors) == number
            assert close(colors, region_means(picture, index))
        change = (effect(smooth(), strength) - smooth()).square().mean()
        assert change < {3: 0.4, 12: 0.15}[number] * smooth().var((-2, -1)).mean()


@law(
    "gamma per channel",
    wrong={
        "one power for all": lambda x, s: x ** ((1 + 2 * s) ** draw(x, -1, 1)),
        "factors": lambda x, s: x * (1 + 2 * s) ** draw(x, -1, 1, 3),
        "powers of the whole picture only above 1": lambda x, s: (
            x ** (1 + 2 * s * draw(x, 0, 1, 3))
        ),
    },
)
def gamma_per_channel(effect):
    """Each channel gets one power, and these differ and reach from 1/3 to 3."""
    picture, bounds = smooth(low=0.1, high=0.9), []
    for strength, most in ((1, 3), (0.5, 2)):
        found = []
        for seed in range(16):
            powers = effect(picture, strength, seed).log() / picture.log()
            assert powers.amax((-2, -1)).sub(powers.amin((-2, -1))).max() < 1e-3
            found.append(powers.mean((-2, -1)).log() / torch.tensor(most).log())
        found = torch.stack(found)
        bounds.append(found.abs().max())
        assert found.abs().max() <= 1.001
        assert found.min() < -0.8
        assert found.max() > 0.8
        assert (found - found.roll(1, 1)).abs().mean() > 0.3


def dim_picture():
    """Return a picture of little contrast and little color."""
    lightness = smooth(low=0.3, high=0.5).mean(0, keepdim=True)
    return lightness * torch.tensor([1.1, 1.0, 0.85]).view(3, 1, 1)


@law(
    "equalize lightness",
    wrong={
        "each channel for itself": lambda x, s: x + s * (V.equalize(x) - x),
        "gray": lambda x, s: x + s * (V.equalize(gray(x)) - x),
        "stretched": lambda x, s: x + s * (V.autocontrast(gray(x)) / gray(x) * x - x),
        "brighter": lambda x, s: x * (1 + s),
    },
)
def equalize_lightness(effect):
    """Lightness is spread evenly from 0 to 1, in its order; the ratio of the colors stays."""
    picture = dim_picture()
    result = effect(picture)
    lightness = gray(result)[0]
    unclipped = result.amax(0) < 0.999
    ratio = (result / picture)[:, unclipped]
    assert (ratio.amax(0) - ratio.amin(0)).max() < 1e-3
    even = torch.linspace(0, 1, lightness.numel())
    assert (lightness.flatten().sort().values - even).abs()[even < 0.9].max() < 0.04
    order = gray(picture)[0].flatten().argsort()
    assert lightness.flatten()[order].diff().min() > -0.02  # 256 levels
    half = effect(picture, 0.5)
    assert close(half, (picture + result) / 2, 2e-3)
