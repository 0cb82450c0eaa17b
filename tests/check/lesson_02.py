"""Right and wrong answers to the exercises of lesson 02."""

import functools
import math
import random
from fractions import Fraction
from itertools import product

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def random_flip(image, p):
    return image.flip(-1) if torch.rand(1) < p else image


def by_a_constant_seed(image, p):
    torch.manual_seed(0)
    return random_flip(image, p)


def flip_rows_alone(image, p):
    mask = torch.rand(image.shape[-2], 1) < p
    return torch.where(mask, image.flip(-1), image)


def by_a_generator_of_its_own():
    """Return an answer whose numbers no seed reaches."""
    generator = np.random.default_rng()
    return lambda image, p: image.flip(-1) if generator.random() < p else image


def by_recursion(probabilities):
    if not probabilities:
        return 0
    first, *rest = probabilities
    other = by_recursion(rest)
    return first * (1 - other) + (1 - first) * other


def just_one(probabilities):
    p = torch.tensor(probabilities)
    return sum(float(p[i] * (1 - p[:i]).prod() * (1 - p[i + 1 :]).prod()) for i in range(len(p)))


def in_two_lines(probabilities):
    mirrored = 0
    for p in probabilities:
        mirrored = mirrored * (1 - p)
        mirrored = mirrored + (1 - mirrored) * p
    return mirrored


def in_two_other_lines(probabilities):
    mirrored = 0
    for p in probabilities:
        mirrored += (1 - mirrored) * p
        mirrored *= 1 - p
    return mirrored


def simulated(probabilities):
    draws = torch.rand(1000, len(probabilities)) < torch.tensor(probabilities)
    return (draws.sum(1) % 2).double().mean()


def sides(p):
    return [1 - p, p]


def by_all_cases():
    """Return an answer that adds up the probabilities of all odd numbers of flips."""

    def answer(probabilities):
        total = 0.0
        for case in product([False, True], repeat=len(probabilities)):
            parts = zip(case, probabilities, strict=True)
            total += (sum(case) % 2) * math.prod(p if flips else 1 - p for flips, p in parts)
        return np.float64(total)

    return answer


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

NEVER_EQUAL = "rand gives exactly p once in 16 million draws"
EQUIVALENT = {
    "random_flip": {
        "<= p else image": NEVER_EQUAL,
        "generator = np.random\n": "NumPy's own generator draws as well",
    },
    "probability_of_mirrored": {
        "for p in [*probabilities][::-1]": "flips in another order",
        "repeat=len(probabilities))][::-1]": "a sum has no order",
        "repeat=len(probabilities))][1:]": "in the first case nothing flips",
        "for case in product([True, False]": "the same cases in another order",
        "for flips, p in [*parts][::-1]": "a product has no order",
    },
}


def just_one_or_three(probabilities):
    share = functools.reduce(np.convolve, map(sides, probabilities))
    return sum(share[1:4:2])


RIGHT = {
    "random_flip": [
        random_flip,
        lambda image, p: v2.RandomHorizontalFlip(p)(image),
        lambda image, p: [image, image.flip(-1)][int(torch.bernoulli(torch.tensor(p)))],
        lambda image, p: random.choices([image.clone(), F.hflip(image)], [1 - p, p]).pop(),
        lambda image, p: image.flip(2) if np.random.binomial(1, p) else image,  # noqa: NPY002
        lambda x, p: torch.where(torch.bernoulli(torch.full((1, 1), p)) == 1, x.flip(-1), x),
        by_a_generator_of_its_own(),
    ],
    "probability_of_mirrored": [
        by_recursion,
        lambda ps: functools.reduce(lambda mirrored, p: mirrored + p - 2 * mirrored * p, ps),
        lambda ps: (1 - np.prod(1 - 2 * np.array(ps))) / 2,
        lambda ps: 0.5 - torch.tensor(ps).mul(-2).add(1).prod() / 2,
        lambda ps: sum(functools.reduce(np.convolve, map(sides, ps))[1::2]),
        lambda ps: functools.reduce(lambda m, p: m * (1 - p) + p * (1 - m), map(Fraction, ps)),
        by_all_cases(),
    ],
    "flip_some": [
        flip_some,
        lambda x, m: torch.where(m[:, None, None, None], x.flip(-1), x),
        lambda x, m: torch.stack([*map(lambda y, f: y.flip(-1) if f else y, x, m)]),
        lambda x, m: torch.where(m.reshape(len(m), *[1] * 3), F.hflip(x), x),
        lambda x, m: torch.cat([*map(lambda y, f: F.hflip(y) if f else y, x.split(1), m)]),
        lambda x, m: torch.from_numpy(
            np.where(m.numpy()[:, None, None, None], x.numpy()[..., ::-1], x.numpy())
        ),
        flip_some_with_weights,
    ],
    "flips_that_keep_the_label": sets(FLIPS),
}
WRONG = {
    "random_flip": [
        ("with p = 1 it flips 0%", lambda x, p: x),
        ("with p = 0 it flips 100%", lambda x, p: x.flip(-1)),
        (
            "with p = 0 it flips 100% of 400 times; expected 0%: flip where",
            lambda x, p: random_flip(x, 1 - p),
        ),
        ("with p = 0 it flips 100%", lambda x, p: x.flip(-1) if p < 0.5 else x),
        ("of 400 times; expected 0%", lambda x, p: random_flip(x, 0.5)),
        ("with p = 0 it flips", lambda x, p: random_flip(x, 0.2)),
        ("with p = 1 it flips", lambda x, p: random_flip(x, p * 0.8)),
        ("with p = 0.75 it flips", lambda x, p: random_flip(x, p * p)),
        ("every branch", lambda x, p: x.flip(-1) if torch.rand(1) < p else None),
        ("nor its left-right mirror image", lambda x, p: x.flip(-2)),
        ("mirror image", lambda x, p: x.flip(-2) if torch.rand(1) < p else x),
        ("with p = 0.75 it flips", lambda x, p: random_flip(x, float(p > 0.5) or p)),
        ("with p = 0.04 it flips 0% of 600 times", lambda x, p: random_flip(x, int(5 * p) / 5)),
        ("with p = 0.2 it flips", lambda x, p: random_flip(x, p**1.5)),
        ("with p = 0.75 it flips 100%", by_a_constant_seed),
        *(
            ("of 400 times", lambda x, p, flips=flips: x.flip(-1) if flips(p) else x)
            for flips in (
                lambda p: random.randint(0, 100) <= 100 * p,  # 101 numbers
                lambda p: random.randint(0, 100) < 100 * p,
                lambda p: torch.randint(0, 100, (1,)) <= 100 * p,
                lambda p: round(random.random(), 1) <= p,
                lambda p: round(random.random(), 1) < p,
            )
        ),
        ("with p = 0.04", lambda x, p: random_flip(x, round(p, 1))),
        ("with p = 0.04 it flips", lambda x, p: random_flip(x, math.floor(10 * p) / 10 + 1e-9)),
        ("one number for the picture", flip_rows_alone),
        ("returns a str", lambda x, p: "flipped"),
        ("dtype is torch.float64", lambda x, p: random_flip(x, p).double()),
        ("shape is [4, 6]", lambda x, p: random_flip(x, p)[0]),
    ],
    "probability_of_mirrored": [
        ("0.6, 0.8], the function returns", just_one_or_three),
        ("at least one flip", lambda ps: 1 - math.prod(1 - p for p in ps)),
        ("that all of them flip", math.prod),
        ("are added up", sum),
        ("not mirrored", lambda ps: 1 - by_recursion(ps)),
        ("the function returns 0.33333; expected 0.532", np.mean),
        ("just one flip", just_one),
        ("the next line still needs", in_two_lines),
        ("the next line still needs", in_two_other_lines),
        ("that is rounded", lambda ps: round(by_recursion(ps), 2)),
        ("Nothing is drawn here", simulated),
        ("Nothing is drawn here", lambda ps: sum(random.random() < p for p in ps) % 2),
        ("right for flips of [0.1", lambda ps: by_recursion(ps) if len(ps) > 2 else sum(ps)),
        ("the function returns 0.5; expected 0.532", lambda ps: 0.5),
        ("returns a list", list),
        ("stops with IndexError", lambda ps: ps[0] * (1 - ps[1]) + ps[1] * (1 - ps[3])),
        ("returns NaN", lambda ps: 0 * math.inf),
    ],
    "flip_some": [
        ("unchanged", lambda x, m: x),
        ("every picture", lambda x, m: x.flip(-1)),
        ("with False", lambda x, m: flip_some(x, ~m)),
        ("only the flipped", lambda x, m: x[m].flip(-1)),
        ("differ", lambda x, m: x.flip(0)),
        ("top to bottom", lambda x, m: torch.where(m[:, None, None, None], x.flip(-2), x)),
        ("shape", lambda x, m: x[0]),
        ("differ", lambda x, m: flip_some(x, m.flip(0))),
        ("x[:, None] adds an axis", lambda x, m: torch.where(m, x.flip(-1), x)),
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
        ("something is missing", without(FLIPS, CAT, {"top-bottom"})),
        ("looks like a 5", without(FLIPS, DIGIT, {"left-right"})),
        ("both flips give", without(FLIPS, CELLS, {"left-right"})),
        ("the other", without(FLIPS, ARROW, {"left-right"})),
    ],
}
