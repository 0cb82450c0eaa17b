"""Checks of the exercises of lesson 05_fifty_augmentations."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import pad

from d2laug.check.answers import Results, choices, drawn, exercise, sample_picture, seeded
from d2laug.check.chance import rare
from d2laug.check.verdicts import Findings, checks, refuse

_UNDER = {"JPEG": 0.94, "rain": 0.88, "fog": 0.7, "salt and pepper": 0.12, "sharpen": 0.97}
_COMING = {"salt and pepper": 0.02, "rain": 0.6, "sharpen": 0.3, "JPEG": 0.9, "fog": 0.2}
_NAMES = ("blur", "rain", "night", "glare", "snow", "noise", "frost")
_DRAWN = torch.rand(31, 7, generator=seeded(1)).tolist()
_SHARES = [dict(zip(_NAMES, numbers, strict=True)) for numbers in _DRAWN]


@exercise(
    ("five effects", 0.94, _UNDER, _COMING),
    ("two that cost nearly the same", 0.9, {"a": 0.7, "b": 0.6}, {"a": 0.2, "b": 0.13335}),
    *(("seven effects", 0.5, under, coming) for under, coming in pairwise(_SHARES)),
)
def first_gap(clean: float, under: Mapping[str, float], coming: Mapping[str, float]) -> Results:
    """Check `answer(clean, under, coming)`: the effect that costs the most right answers."""
    right, share = torch.tensor([[under[name], coming[name]] for name in under]).T
    scores = {
        "fog costs 5 of 100 answers, rain 4, salt and pepper 2, JPEG 0.": share * (clean - right),
        "that harms most where it comes; how often does it?": -right,
        "that comes most often; how much does it harm?": share,
        "some answers are wrong without the effect too: begin with clean.": share * (1 - right),
        "that costs the fewest answers: what is lost is clean - under.": share * (right - clean),
    }
    return {sentence: [*under][score.argmax()] for sentence, score in scores.items()}


@checks
def salt_and_pepper(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(image, share)`: a share of the pixels black or white, half of them each.

    It draws 10 pixels 250 times with share = 0.4 and with 0.8, 2,000 pixels 10 times, and 6 pixels
    once with 0 and with 1. All pairs of 10 are tried; a right answer fails once in a million.
    """
    small = (2, 5, 0.4, 250), (2, 5, 0.8, 250), (2, 3, 0.0, 1), (2, 3, 1.0, 1)
    for height, width, share, n in (*small, (40, 50, 0.4, 10)):
        x = 0.2 + 0.6 * sample_picture(3, height, width)
        y = drawn(answer, n, x, x, share)
        dots, white = (y == 0) | (y == 1), y == 1
        colored = (dots != dots[:, :1]).any() or (white != white[:, :1]).any()
        same = n > 1 and dots.any() and (y == y[0]).all()
        refuse({"some values are neither 0 nor 1 nor the picture's own.": ((y != x) & ~dots).any()})
        refuse({"the dots are colored. Draw one number a pixel, [H, W], for all three.": colored})
        refuse({"all calls change the same pixels: draw them anew each time.": same})
        for what, three, p in (("dots", dots, share), ("white dots", white, share / 2)):
            here = three[:, 0].flatten(1).double()
            given = f"with share = {share:g} {here.mean():.0%} of the pixels are {what}"
            refuse({f"{given}; expected {p:.0%}.": rare(int(here.sum()), here.numel(), p)})
            both = here[:, :10].T @ here[:, :10]
            counts = (both.diag(), n, p), (both[torch.ones_like(both).tril(-1) > 0], n, p * p)
            calls = torch.stack([part.sum() for part in here.chunk(10)])
            often, together, varied = (
                any(rare(int(k), times, q) for k in found)
                for found, times, q in (*counts, (calls, here.numel() // len(calls), p))
            )
            refuse({f"some pixels are {what} more often than others.": often})
            refuse({f"{what} come together too often or rarely: draw pixel by pixel.": together})
            refuse({f"some calls give more {what} than others: share is the same.": varied})
    return "with share = 0.4, two pixels of five are dots, black and white in equal parts.", {}


@exercise(
    ("a picture", sample_picture(3, 8, 11)), ("5 x 4", sample_picture(3, 5, 4)), tolerance=1e-5
)
def emboss(x: Tensor) -> Results:
    """Check `answer(image)`: each pixel that has eight neighbors, weighed by the 3 x 3 table."""
    table = torch.tensor([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]])

    def weighed(x: Tensor, weights: Tensor = table) -> Tensor:
        return (x.unfold(-2, 3, 1).unfold(-2, 3, 1) * weights).sum((-2, -1))

    right = weighed(x)
    wrong = {
        "the table is turned by 180 degrees: lit from the other side.": weighed(x, table.rot90(2)),
        "the table is mirrored: -2 is for the upper left neighbor.": weighed(x, table.flip(1)),
        "the pixel itself is missing: the table has a 1 in its middle.": right - x[..., 1:-1, 1:-1],
        "the border is there too; it has no eight neighbors.": weighed(pad(x, [1] * 4)),
    }
    return {
        "flat areas stay, and edges look lit from one side.": right.clamp(0, 1),
        **{sentence: result.clamp(0, 1) for sentence, result in wrong.items()},
        "some values leave the range 0 to 1: clamp the sum.": right,
    }


effects_that_keep_the_label = choices(__name__, "effects_that_keep_the_label")
