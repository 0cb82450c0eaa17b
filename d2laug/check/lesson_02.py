"""Checks of the exercises of lesson 02_flip."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, check_choices, checks, compare, sample_picture


@checks
def flip_top_bottom(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: the picture or batch `[..., H, W]`, flipped top to bottom."""
    for shape in [(3, 4, 6), (2, 3, 4, 6)]:
        x = sample_picture(*shape)
        many = "a batch" if len(shape) == 4 else "a picture"
        compare(
            answer,
            (x,),
            x.flip(-2),
            {
                f"{many} comes back unchanged.": x,
                f"{many} is flipped left to right. Rows are the last axis but one.": x.flip(-1),
                f"{many} is flipped along both axes, which turns it by 180 degrees.": x.flip(
                    -1, -2
                ),
                "the channels are reversed, red for blue. Count axes from the end: -2.": x.flip(-3),
                "the order of the pictures is reversed. Count axes from the end.": x.flip(0),
                "rows and columns are swapped; a flip keeps the shape.": x.transpose(-1, -2),
                "the batch dimension is lost: only the first picture comes back.": x[0].flip(-2),
            },
        )
    if {"flip", "flipud", "vertical_flip"} & set(
        getattr(answer, "__code__", call.__code__).co_names
    ):
        raise Mistake("the rows are reversed. Now do it without flip: with an index of rows.")
    return "rows are reversed, for a picture and for a batch."


@checks
def random_flip(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, p)`: the picture, flipped left to right with probability `p`."""
    x = sample_picture(3, 4, 6)
    flipped = x.flip(-1)
    shares = {}
    with torch.random.fork_rng(devices=[]):  # the learner's own random numbers stay as they were
        torch.manual_seed(0)
        for p in (0.0, 1.0, 0.2):
            results = [call(answer, x, p) for _ in range(40 if p in (0, 1) else 400)]
            for result in results:
                if not isinstance(result, Tensor):
                    kind = type(result).__name__
                    raise Mistake(f"the function returns a {kind}; expected a tensor.")
                if torch.equal(result, x.flip(-2)):
                    raise Mistake("the picture is flipped top to bottom; expected left to right.")
                if not torch.equal(result, x) and not torch.equal(result, flipped):
                    raise Mistake(
                        "some results are neither the picture nor its mirror. "
                        "Draw one number for the whole picture, not one a row or a pixel."
                    )
            shares[p] = sum(torch.equal(result, flipped) for result in results) / len(results)
    if shares[0.0] == shares[1.0] == shares[0.2]:
        word = "always" if shares[0.2] == 1 else "never"
        raise Mistake(f"the function {word} flips, whatever p is. Compare torch.rand(1) with p.")
    if shares[0.0] == 1 and shares[1.0] == 0:
        raise Mistake("it flips with probability 1 - p: the comparison is the wrong way round.")
    for p, allowed in ((0.0, 0), (1.0, 0), (0.2, 0.08)):
        if abs(shares[p] - p) > allowed:
            raise Mistake(f"with p = {p:g} it flips {shares[p]:.0%} of the times: use p to decide.")
    return f"with p = 0.2 it flipped {shares[0.2]:.0%} of 400 times."


@checks
def flip_some(answer: Callable[[Tensor, Tensor], Tensor]) -> str:
    """Check `answer(batch, flipped)`: pictures whose `flipped` is True go left to right."""
    x = sample_picture(5, 3, 4, 6)
    for mask in torch.tensor(
        [[True, False, True, True, False], [False, True, False, False, False]]
    ):
        here = mask[:, None, None, None]
        right = torch.where(here, x.flip(-1), x)
        compare(
            answer,
            (x, mask),
            right,
            {
                "no picture is flipped.": x,
                "every picture is flipped; only those with True should be.": x.flip(-1),
                "those with False are flipped, not those with True.": torch.where(
                    here, x, x.flip(-1)
                ),
                "the pictures are flipped top to bottom; expected left to right.": torch.where(
                    here, x.flip(-2), x
                ),
                "the order of the pictures changes; leave each in its place.": x.flip(0),
                "the mask is read backwards.": torch.where(here.flip(0), x.flip(-1), x),
                "only the flipped pictures come back. Keep the others too, in their place.": right[
                    mask
                ],
            },
        )
    return "each picture follows its own entry of the mask."


FLIP_TASKS = {
    "cat or dog": (
        {"left-right"},
        "A cat in a mirror is a cat; upside down it is not what a camera meets.",
    ),
    "handwritten digit": (
        set(),
        "A mirrored 7 is no digit, and a 2 flipped top to bottom looks like a 5.",
    ),
    "cells under a microscope": (
        {"left-right", "top-bottom"},
        "A slide has no up and no left: both flips give pictures that could have been taken.",
    ),
    "arrow to the left or to the right": (
        {"top-bottom"},
        "A left-right flip turns one class into the other; top to bottom an arrow keeps its side.",
    ),
}


@checks
def flips_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: the set of flips, "left-right", "top-bottom", that keep each task's label."""
    return check_choices(answer, FLIP_TASKS, {"left-right", "top-bottom"})
