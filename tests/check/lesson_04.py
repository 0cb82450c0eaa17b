"""Right and wrong answers to the exercises of lesson 04."""

import random

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F

from d2laug.augment import to_linear, to_srgb


def brightness_uint8(image, factor):
    return (image.float() * factor).clamp(0, 255).to(torch.uint8)


def brightness_by_a_table(image, factor):
    table = [min(255, round(value * factor)) for value in range(256)]
    return torch.tensor(table, dtype=torch.uint8)[image.long()]


def in_place_brightness(image, factor):
    return image.copy_(brightness_uint8(image, factor))


def contrast(image, factor):
    x, mean = image.double(), image.double().mean()
    return (mean + (x - mean) * factor).clamp(0, 255).to(torch.uint8)


def jitter_batch(batch, low, high):
    factors = low + (high - low) * torch.rand(len(batch), 1, 1, 1)
    return (batch * factors).clamp(0, 1)


def jitter_picture_by_picture(batch, low, high):
    return torch.stack([(x * random.uniform(low, high)).clamp(max=1) for x in batch])


def two_factors(x, low, high):
    choice = torch.rand(len(x), 1, 1, 1) < 0.5
    return (x * torch.where(choice, low, high)).clamp(0, 1)


def rescaled(x, low, high):
    bright = x * (low + (high - low) * torch.rand(len(x), 1, 1, 1))
    return bright / bright.max().clamp(min=1)


def means(image):
    return image.mean((1, 2), keepdim=True)


def back(light):
    return to_srgb(light.clamp(0, 1))


def gray_world(image):
    light = to_linear(image)
    return back(light * (light.mean() / means(light)))


def gray_world_channel_by_channel(image):
    light = to_linear(image)
    channels = [channel * (light.mean() / channel.mean()).item() for channel in light]
    return to_srgb(torch.stack(channels).clamp(0, 1))


def gray_world_by_numpy(image):
    light = to_linear(image).numpy()
    gains = light.mean() / light.mean(axis=(1, 2))
    return to_srgb(torch.from_numpy(np.clip(light * gains[:, None, None], 0, 1)))


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

RIGHT = {
    "brightness_uint8": [
        brightness_uint8,
        brightness_by_a_table,
        F.adjust_brightness,
        lambda x, f: (x.float() * f).clamp(0, 255).round().to(torch.uint8),
        lambda x, f: (x.int() * f).clamp(max=255).byte(),
        lambda x, f: torch.from_numpy(np.clip(x.numpy() * f, 0, 255).astype(np.uint8)),
        lambda x, f: torch.minimum(x * f, torch.tensor(255.0)).to(torch.uint8),
        lambda x, f: ((x / 255 * f).clamp(0, 1) * 255).type(x.dtype),
    ],
    "jitter_batch": [
        jitter_batch,
        jitter_picture_by_picture,
        lambda x, a, b: (x * torch.empty(len(x), 1, 1, 1).uniform_(a, b)).clamp(0, 1),
        lambda x, a, b: (x * torch.rand(len(x)).mul(b - a).add(a).view(-1, 1, 1, 1)).clamp(0, 1),
        lambda x, a, b: (x.mT * (b - (b - a) * torch.rand(len(x))[:, None, None, None])).mT.clamp(
            max=1
        ),
        lambda x, a, b: (
            (
                x * torch.tensor(np.random.uniform(a, b, (len(x), 1, 1, 1))).float()  # noqa: NPY002
            ).clamp(0, 1)
        ),
        lambda x, a, b: torch.einsum("nchw,n->nchw", x, a + (b - a) * torch.rand(len(x))).clamp(
            0, 1
        ),
    ],
    "gray_world": [
        gray_world,
        gray_world_channel_by_channel,
        gray_world_by_numpy,
        lambda x: back(to_linear(x) / (means(to_linear(x)) / to_linear(x).mean())),
        lambda x: to_srgb((to_linear(x) * to_linear(x).mean() / means(to_linear(x))).clamp(max=1)),
        lambda x: gray_world(x.double()).float(),
    ],
    "color_changes_that_keep_the_label": sets(COLORS),
}
WRONG = {
    "brightness_uint8": [
        ("unchanged", lambda x, f: x),
        ("wrap around", lambda x, f: ((x * f).long() % 256).to(torch.uint8)),
        ("Clamp to 0 to 255", lambda x, f: x.float() * f),
        ("0 to 1", lambda x, f: (x.float() * f).clamp(0, 1)),
        ("divided", lambda x, f: (x.float() / f).clamp(0, 255)),
        ("a share of 255 is added", lambda x, f: (x.float() + 255 * (f - 1)).clamp(0, 255)),
        ("the factor is added", lambda x, f: (x + f).clamp(0, 255).to(torch.uint8)),
        ("right for the factor 2.5, but", lambda x, f: brightness_uint8(x, 2.5)),
        ("dtype is torch.float32", lambda x, f: (x.float() * f).clamp(0, 255)),
        ("dtype is torch.int32", lambda x, f: (x.float() * f).clamp(0, 255).int()),
        ("differ", F.adjust_contrast),
        ("keeps the mean", contrast),
        ("differ", lambda x, f: F.adjust_saturation(x, f)),
        ("in place", in_place_brightness),
    ],
    "jitter_batch": [
        ("unchanged", lambda x, a, b: x),
        ("same factor", lambda x, a, b: x * 1.2),
        ("tints", lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 3, 1, 1))),
        ("inside a picture", lambda x, a, b: x * (a + (b - a) * torch.rand_like(x))),
        ("the factors go from", lambda x, a, b: x * 2 * torch.rand(len(x), 1, 1, 1)),
        ("the factors go from", lambda x, a, b: x * (0.9 + 0.2 * torch.rand(len(x), 1, 1, 1))),
        ("leaves the range", lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 1, 1, 1))),
        ("NaN", lambda x, a, b: x * float("nan")),
        ("share a factor", two_factors),
        (
            "nothing is drawn",
            lambda x, a, b: x * torch.linspace(a, b, len(x))[:, None, None, None],
        ),
        ("for low = 0.8", lambda x, a, b: jitter_batch(x, 0.5, 1.5)),
        ("do not rescale", rescaled),
        ("[N, 1, 1, 1]", lambda x, a, b: x * torch.rand(len(x))),
        ("the shape is [3, 4, 6]; expected [64, 3, 4, 6]", lambda x, a, b: x[0]),
        ("returns a int", lambda x, a, b: 3),
        ("dtype is torch.float64", lambda x, a, b: jitter_batch(x.double(), a, b)),
        ("in place", lambda x, a, b: x.mul_(a + (b - a) * torch.rand(len(x), 1, 1, 1)).clamp(0, 1)),
    ],
    "gray_world": [
        ("unchanged", lambda x: x),
        ("some pass 1", lambda x: x * x.mean() / means(x)),
        ("stored values; begin", lambda x: (x * x.mean() / means(x)).clamp(0, 1)),
        ("too dark", lambda x: to_linear(gray_world(x))),
        ("even warmer", lambda x: back(to_linear(x) * means(to_linear(x)) / to_linear(x).mean())),
        ("multiply by that of all", lambda x: back(to_linear(x) / means(to_linear(x)))),
        ("no color", lambda x: to_srgb(to_linear(x).mean(0).expand(3, -1, -1))),
        ("differ", lambda x: gray_world(x) * 255),
        ("above 1", lambda x: to_srgb(to_linear(x) * to_linear(x).mean() / means(to_linear(x)))),
        ("green sets the mean", like_green),
        ("expected one a channel", over_channels),
        (
            "are swapped",
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
        ("also survives", without(COLORS, PET, set())),
        ("a place", without(COLORS, GLASS, {"hue"})),
        ("the options are", without(COLORS, PET, {"saturation"})),
    ],
}
