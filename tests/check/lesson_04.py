"""Right and wrong answers to the exercises of lesson 04."""

import random

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F

from d2laug.augment import to_linear, to_srgb


def brightness_factors(stored, light):
    return to_srgb((to_linear(stored) * light).clamp(max=1)) / stored


def brightness_factors_one_by_one(stored, light):
    factors = []
    for value in stored.flatten():
        after = to_srgb(to_linear(value) * light)
        factors.append(after.clip(max=1) / value)
    return torch.stack(factors).view_as(stored)


def brightness_factors_by_a_formula(stored, light):
    values = stored.numpy()
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    more = (linear * light).clip(max=1)
    after = np.where(more <= 0.0031308, more * 12.92, 1.055 * more ** (1 / 2.4) - 0.055)
    return torch.from_numpy(after / values)


def brightness_factors_less_what_is_too_bright(stored, light):
    after = to_srgb(to_linear(stored) * light)
    return (after - (after - 1).relu()) / stored


def jitter_batch(batch, low, high):
    factors = low + (high - low) * torch.rand(len(batch), 1, 1, 1)
    return (batch * factors).clamp(max=1)


def jitter_picture_by_picture(batch, low, high):
    pictures = []
    for x in batch:
        pictures.append((x * (low + (high - low) * random.random())).clamp(max=1))
    return torch.stack(pictures)


def by_a_generator_of_its_own():
    generator = np.random.default_rng()  # no seed of the check reaches it

    def jitter(batch, low, high):
        factors = torch.from_numpy(generator.uniform(low, high, (len(batch), 1, 1, 1)))
        return (batch * factors.to(batch)).clamp(0, 1)

    return jitter


def scaled(batch, factors):
    return (batch * factors.view(-1, 1, 1, 1)).clamp(0, 1)


def log_uniform(batch, low, high):
    return scaled(batch, low * (high / low) ** torch.rand(len(batch)))


def shuffled_steps(batch, low, high):
    n = len(batch)
    return scaled(batch, torch.linspace(low, high, n)[torch.randperm(n)])


def stratified(batch, low, high):
    n = len(batch)
    return scaled(batch, low + (high - low) * (torch.randperm(n) + torch.rand(n)) / n)


def opposite(batch, low, high):
    share = torch.rand(1)
    shares = torch.where(torch.arange(len(batch)) % 2 == 0, share, 1 - share)
    return scaled(batch, low + (high - low) * shares)


def by_shares(draw):
    """Return an answer that draws the shares of `n` pictures from low to high by a function."""
    return lambda batch, low, high: scaled(batch, low + (high - low) * draw(len(batch)))


def half_above_one(batch, low, high):
    below, shares = torch.rand(len(batch)) < 0.5, torch.rand(len(batch))
    return scaled(batch, torch.where(below, low + (1 - low) * shares, 1 + (high - 1) * shares))


def two_factors(batch, low, high):
    return scaled(batch, torch.where(torch.rand(len(batch)) < 0.5, low, high))


def drawn_once(batch, low, high):
    shares = torch.rand(len(batch), generator=torch.Generator().manual_seed(3))
    return scaled(batch, low + (high - low) * shares)


def jitter(x, low, high):
    return x * (low + (high - low) * torch.rand(len(x), 1, 1, 1))


def rescaled(x, low, high):
    bright = x * (low + (high - low) * torch.rand(len(x), 1, 1, 1))
    return bright / bright.max().clamp(min=1)


def means(image):
    return image.mean((1, 2), keepdim=True)


def back(light):
    return to_srgb(light.clamp(max=1))


def gray_world(image):
    light = to_linear(image)
    return back(light * (light.mean() / means(light)))


def gray_world_channel_by_channel(image):
    light = to_linear(image)
    channels = [channel * light.mean() / channel.mean() for channel in light]
    return to_srgb(torch.stack(channels).clamp(max=1))


def gray_world_by_numpy(image):
    light = to_linear(image).numpy()
    gains = light.mean() / np.stack([channel.mean() for channel in light])
    return to_srgb(torch.from_numpy((light * gains[:, None, None]).clip(max=1)))


def gray_world_as_rows(image):
    light = to_linear(image).flatten(1).T
    return to_srgb(light / light.mean(0) * light.mean()).clamp(max=1).T.view_as(image)


def like_green(image):
    light = to_linear(image)
    return back(light * light[1].mean() / means(light))


def over_channels(image):
    light = to_linear(image)
    return back(light * light.mean() / light.mean(0, keepdim=True))


TOMATO, PET, DAY, GLASS = (
    "ripe or unripe tomato",
    "cat or dog",
    "day or night",
    "the amount of a drink in a glass",
)
COLORS = {
    TOMATO: {"brightness"},
    PET: {"brightness", "hue"},
    DAY: {"hue"},
    GLASS: {"brightness", "hue"},
}

NO_NEGATIVE, NEVER_EQUAL = "no value is negative", "no value is at the limit"
A_FORMULA = (
    "def brightness_factors_by_a_formula(stored, light):\n    values = stored.numpy()\n"
    "    linear = np.where(values {} 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)\n"
    "    more = (linear * light).clip(max=1)\n"
    "    after = np.where(more {} 0.0031308, more * 12.92, 1.055 * more ** (1 / 2.4) - 0.055)\n"
    "    return torch.from_numpy(after / values)"
)
EQUIVALENT = {
    "brightness_factors": {
        A_FORMULA.format("<", "<="): NEVER_EQUAL,
        A_FORMULA.format("<=", "<"): NEVER_EQUAL,
    },
    "jitter_batch": {
        "clamp(-1, 1)": NO_NEGATIVE,
        "generator = np.random\n": "NumPy's own generator draws as well",
    },
    "gray_world": {
        "clamp(-1, 1)": NO_NEGATIVE,
        "dim=(2, 1)": "a mean over both axes",
    },
}

RIGHT = {
    "brightness_factors": [
        brightness_factors,
        brightness_factors_one_by_one,
        brightness_factors_by_a_formula,
        brightness_factors_less_what_is_too_bright,
        lambda s, light: to_srgb(to_linear(s) * light).clamp(max=1) / s,
        lambda s, light: to_srgb((to_linear(s) * light).fmin(torch.ones(1))).div(s),
        lambda s, light: brightness_factors(s.to(torch.float64), light).to(s),
    ],
    "jitter_batch": [
        jitter_batch,
        jitter_picture_by_picture,
        by_a_generator_of_its_own(),
        lambda batch, low, high: torch.stack(
            [F.adjust_brightness(x, low + (high - low) * random.random()) for x in batch]
        ),
        lambda x, a, b: (x * torch.empty(len(x), 1, 1, 1).uniform_(a, b)).clamp(max=1),
        lambda x, a, b: (x * torch.rand(len(x)).mul(b - a).add(a).view(-1, 1, 1, 1)).clip(max=1),
        lambda x, a, b: (
            (x.movedim(0, -1) * (b - (b - a) * torch.rand(len(x)))).movedim(-1, 0).clamp(max=1)
        ),
        lambda x, a, b: torch.einsum("nchw,n->nchw", x, a + (b - a) * torch.rand(len(x))).clamp(
            max=1
        ),
    ],
    "gray_world": [
        gray_world,
        gray_world_channel_by_channel,
        gray_world_by_numpy,
        gray_world_as_rows,
        lambda x: back(to_linear(x) / (means(to_linear(x)) / to_linear(x).mean())),
        lambda x: to_srgb((to_linear(x) * to_linear(x).mean() / means(to_linear(x))).clip(max=1)),
        lambda x: gray_world(x.to(torch.float64)).to(x),
    ],
    "color_changes_that_keep_the_label": sets(COLORS),
}
WRONG = {
    "brightness_factors": [
        ("the factor of the light", lambda s, light: torch.full_like(s, light)),
        ("of white", lambda s, light: to_srgb(torch.full_like(s, light))),
        ("divide it by the old", lambda s, light: brightness_factors(s, light) * s),
        ("still light", lambda s, light: (to_linear(s) * light).clamp(max=1) / s),
        ("the reverse", lambda s, light: 1 / brightness_factors(s, light)),
        ("above 1: clamp", lambda s, light: to_srgb(to_linear(s) * light) / s),
        ("differ", lambda s, light: to_linear((to_srgb(s) * light).clamp(max=1)) / s),
        ("differ", lambda s, light: torch.full_like(s, light ** (1 / 2.2))),
        ("right for half the light, but", lambda s, light: brightness_factors(s, 0.5)),
        ("returns a float", lambda s, light: light),
        ("in place", lambda s, light: 1 / s.div_(brightness_factors(s, light) * s)),
        ("the shape is [60]", lambda s, light: brightness_factors(s, light).flatten()),
        ("dtype is torch.float64", lambda s, light: brightness_factors(s.double(), light)),
    ],
    "jitter_batch": [
        ("same factor", lambda x, a, b: x),
        ("same factor", lambda x, a, b: x * 1.2),
        ("same factor", lambda x, a, b: (x * (a + (b - a) * torch.rand(1))).clamp(0, 1)),
        ("tints", lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 3, 1, 1))),
        ("by one number", lambda x, a, b: x * (a + (b - a) * torch.rand_like(x))),
        ("the factors go from", lambda x, a, b: x * 2 * torch.rand(len(x), 1, 1, 1)),
        ("the factors go from", lambda x, a, b: x * (0.9 + 0.2 * torch.rand(len(x), 1, 1, 1))),
        ("the factors go from", lambda x, a, b: jitter_batch(x, 0.5, 1.5)),
        ("go from 0.27 to 20.00", lambda x, a, b: jitter_batch(x, a, 10 * b)),
        ("the factors go from", lambda x, a, b: scaled(x, a + (b - a) * torch.randn(len(x)))),
        ("by one number", lambda x, a, b: (x + jitter(x * 0 + 1, a, b)).clamp(0, 1)),
        ("not spread evenly", log_uniform),
        ("not spread evenly", shuffled_steps),
        ("not spread evenly", two_factors),
        ("depend on each other", stratified),
        ("depend on each other", opposite),
        ("some come too often", by_shares(lambda n: (0.5 + 0.4 * torch.randn(n)).clamp(0, 1))),
        ("some come too often", half_above_one),
        ("some come too often", lambda x, a, b: jitter_batch(x, a, 2.0)),
        ("depend on each other", by_shares(lambda n: torch.randint(9, (n,)) / 8)),
        ("depend on each other", by_shares(lambda n: torch.rand(min(n, 2)).repeat(n)[:n])),
        ("depend on each other", by_shares(lambda n: (torch.rand(1) + torch.arange(n) / 4) % 1)),
        ("depend on each other", by_shares(lambda n: torch.rand(n)[[0, *[-1] * (n - 1)]])),
        ("nothing is drawn", drawn_once),
        ("nothing is drawn", lambda x, a, b: scaled(x, torch.linspace(a, b, len(x)))),
        ("some values pass 1", lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 1, 1, 1))),
        ("NaN", lambda x, a, b: x * float("nan")),
        ("inf", lambda x, a, b: x * float("inf")),
        ("clamp keeps it white", rescaled),
        ("clamp keeps it white", lambda x, a, b: jitter(x, a, b) % 1),
        ("kept from low to high", lambda x, a, b: jitter(x, a, b).clamp(a, b)),
        ("by one number", lambda x, a, b: x ** (a + (b - a) * torch.rand(len(x), 1, 1, 1))),
        ("x[:, None] adds an axis", lambda x, a, b: x * torch.rand(len(x))),
        ("the shape is [3, 4, 6]; expected [2, 3, 4, 6]", lambda x, a, b: x[0]),
        ("returns an int", lambda x, a, b: 3),
        ("dtype is torch.float64", lambda x, a, b: jitter_batch(x.double(), a, b)),
        (
            "dtype is torch.float64",
            lambda x, a, b: scaled(x, a + (b - a) * torch.rand(len(x), dtype=torch.float64)),
        ),
        ("in place", lambda x, a, b: x.mul_(a + (b - a) * torch.rand(len(x), 1, 1, 1)).clamp(0, 1)),
    ],
    "gray_world": [
        ("unchanged", lambda x: x),
        ("stored values; begin", lambda x: x * x.mean() / means(x)),
        ("are those of stored values", lambda x: back(to_linear(x) * x.mean() / means(x))),
        ("stored values; begin", lambda x: (x * x.mean() / means(x)).clamp(0, 1)),
        ("too dark", lambda x: to_linear(gray_world(x))),
        ("even warmer", lambda x: back(to_linear(x) * means(to_linear(x)) / to_linear(x).mean())),
        ("multiply by that of all", lambda x: back(to_linear(x) / means(to_linear(x)))),
        ("differ", lambda x: to_srgb(to_linear(x).mean(0).expand(3, -1, -1))),
        ("differ", lambda x: gray_world(x) * 255),
        ("values differ", lambda x: back(to_linear(x) / to_linear(x).amax((1, 2), keepdim=True))),
        ("above 1", lambda x: to_srgb(to_linear(x) * to_linear(x).mean() / means(to_linear(x)))),
        ("6 x 4 pixels, the shape is [3, 4, 6]", lambda x: gray_world(x.reshape(3, 4, 6))),
        ("green sets the mean", like_green),
        ("expected one a channel", over_channels),
        (
            "differ",
            lambda x: to_linear(
                (to_srgb(x) * to_linear(x).mean() / means(to_linear(x))).clamp(0, 1)
            ),
        ),
        ("dtype is torch.float64", lambda x: gray_world(x.double())),
    ],
    "color_changes_that_keep_the_label": [
        ("no answer", {}),
        ("Red against green", without(COLORS, TOMATO, {"hue"})),
        ("tells day from night", without(COLORS, DAY, {"brightness", "hue"})),
        ("by the light on it", without(COLORS, PET, set())),
        ("a place", without(COLORS, GLASS, {"hue"})),
        ("the options are", without(COLORS, PET, {"saturation"})),
    ],
}
