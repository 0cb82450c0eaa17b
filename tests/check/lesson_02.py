"""Right and wrong answers to the exercises of lesson 02."""

import random

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def flip_row_by_row(image):
    result = torch.empty_like(image)
    rows = image.shape[-2]
    for row in range(rows):
        result[..., row, :] = image[..., rows - 1 - row, :]
    return result


def in_place_flip(image):
    image[:] = image.flip(-2)
    return image


def random_flip(image, p):
    return image.flip(-1) if torch.rand(1) < p else image


def flip_rows_alone(image, p):
    mask = torch.rand(image.shape[-2], 1) < p
    return torch.where(mask, image.flip(-1), image)


def flip_some(batch, flipped):
    result = batch.clone()
    result[flipped] = batch[flipped].flip(-1)
    return result


def flip_some_with_weights(batch, flipped):
    weight = flipped.view(-1, 1, 1, 1).to(batch.dtype)
    return weight * batch.flip(-1) + (1 - weight) * batch


def in_place_flip_some(batch, flipped):
    batch[flipped] = batch[flipped].flip(-1)
    return batch


CAT, DIGIT, CELLS, ARROW = (
    "cat or dog",
    "handwritten digit",
    "cells under a microscope",
    "arrow to the left or to the right",
)
FLIPS = {
    CAT: {"left-right"},
    DIGIT: set(),
    CELLS: {"left-right", "top-bottom"},
    ARROW: {"top-bottom"},
}

RIGHT = {
    "flip_top_bottom": [
        lambda image: image[..., torch.arange(image.shape[-2] - 1, -1, -1), :],
        lambda image: image[..., range(image.shape[-2] - 1, -1, -1), :],
        lambda image: image[..., ~torch.arange(image.shape[-2]), :],
        lambda x: x.index_select(-2, torch.arange(1, x.shape[-2] + 1).neg() % x.shape[-2]),
        lambda image: torch.tensor(image.numpy()[..., ::-1, :].copy()),
        lambda image: torch.stack(image.unbind(-2)[::-1], -2),
        flip_row_by_row,
    ],
    "random_flip": [
        random_flip,
        lambda image, p: v2.RandomHorizontalFlip(p)(image),
        lambda image, p: [image, image.flip(-1)][int(torch.bernoulli(torch.tensor(p)))],
        lambda image, p: F.hflip(image) if random.random() < p else image.clone(),
        lambda image, p: image if np.random.rand() >= p else image.flip(2),  # noqa: NPY002
        lambda image, p: torch.where(torch.rand(1, 1, 1) < p, image.flip(-1), image),
    ],
    "flip_some": [
        flip_some,
        lambda x, m: torch.where(m[:, None, None, None], x.flip(-1), x),
        lambda x, m: torch.stack([y.flip(-1) if f else y for y, f in zip(x, m, strict=True)]),
        lambda x, m: torch.where(m.reshape(len(m), 1, 1, 1), F.hflip(x), x),
        lambda x, m: torch.cat(
            [F.hflip(y) if f else y for y, f in zip(x.split(1), m, strict=True)]
        ),
        lambda x, m: torch.from_numpy(
            np.where(m.numpy()[:, None, None, None], x.numpy()[..., ::-1], x.numpy())
        ),
        flip_some_with_weights,
    ],
    "flips_that_keep_the_label": sets(FLIPS),
}
WRONG = {
    "flip_top_bottom": [
        ("without flip", lambda x: x.flip(-2)),
        ("without flip", lambda x: torch.flip(x, [-2])),
        ("no negative steps", lambda x: x[..., ::-1, :]),
        ("for an input of shape [3, 4, 6]", lambda x: x[:, :, [3, 2, 1, 0]]),
        ("expected a function, given a int", 3),
        ("ZeroDivisionError: division by zero (line 1", lambda x: 1 / 0),
        ("unchanged", lambda x: x),
        ("left to right", lambda x: x.flip(-1)),
        ("180 degrees", lambda x: x.flip(-1, -2)),
        ("channels are reversed", lambda x: x.flip(0)),
        ("channels are reversed", lambda x: x.flip(1) if x.ndim == 4 else flip_row_by_row(x)),
        ("the order of the pictures", lambda x: x.flip(0) if x.ndim == 4 else flip_row_by_row(x)),
        ("left to right", lambda x: x.flip(1) if x.ndim == 4 else x.flip(2)),
        ("swapped", lambda x: x.mT),
        ("in place", in_place_flip),
        ("batch dimension", lambda x: (x[0] if x.ndim == 4 else x).flip(-2)),
        ("returns a ndarray", lambda x: x.flip(-2).numpy()),
        ("dtype is torch.float64", lambda x: x.flip(-2).double()),
        ("shape is [1, 3, 4, 6]", lambda x: x[None]),
        ("of the values differ", lambda x: x.roll(1, -2)),
        ("100% of the values differ", lambda x: x * float("nan")),
    ],
    "random_flip": [
        ("never flips", lambda x, p: x),
        ("always flips", lambda x, p: x.flip(-1)),
        ("wrong way round", lambda x, p: random_flip(x, 1 - p)),
        ("with p = 0 it flips 100%", lambda x, p: x.flip(-1) if p < 0.5 else x),
        ("use p to decide", lambda x, p: random_flip(x, 0.5)),
        ("with p = 0 it flips", lambda x, p: random_flip(x, 0.2)),
        ("with p = 1 it flips", lambda x, p: random_flip(x, p * 0.8)),
        ("with p = 0.2 it flips", lambda x, p: random_flip(x, p * p)),
        ("every branch", lambda x, p: x.flip(-1) if torch.rand(1) < p else None),
        ("top to bottom", lambda x, p: x.flip(-2)),
        ("one number for the whole picture", flip_rows_alone),
        ("returns a str", lambda x, p: "flipped"),
        ("dtype is torch.float64", lambda x, p: random_flip(x, p).double()),
        ("shape is [4, 6]", lambda x, p: random_flip(x, p)[0]),
    ],
    "flip_some": [
        ("no picture is flipped", lambda x, m: x),
        ("every picture", lambda x, m: x.flip(-1)),
        ("with False", lambda x, m: flip_some(x, ~m)),
        ("only the flipped", lambda x, m: x[m].flip(-1)),
        ("order", lambda x, m: x.flip(0)),
        ("top to bottom", lambda x, m: torch.where(m[:, None, None, None], x.flip(-2), x)),
        ("shape", lambda x, m: x[0]),
        ("backwards", lambda x, m: flip_some(x, m.flip(0))),
        ("[N, 1, 1, 1]", lambda x, m: torch.where(m, x.flip(-1), x)),
        ("right for three of five, but for one of five", lambda x, m: flip_some(x, [0, 2, 3])),
        ("differ", lambda x, m: flip_some(x, [0])),
        ("in place", in_place_flip_some),
    ],
    "flips_that_keep_the_label": [
        ("no answer for 'cat or dog'", {}),
        ("expected a dictionary", None),
        ("no answer for 'handwritten", without(FLIPS, DIGIT, ...)),
        ("expected a set", without(FLIPS, CAT, "left-right")),
        ("the options are", without(FLIPS, CAT, {"both"})),
        ("set of words", without(FLIPS, CAT, [["left-right"]])),
        ("does not survive", without(FLIPS, CAT, {"top-bottom"})),
        ("looks like a 5", without(FLIPS, DIGIT, {"left-right"})),
        ("also survives", without(FLIPS, CELLS, {"left-right"})),
        ("the other", without(FLIPS, ARROW, {"left-right"})),
    ],
}
