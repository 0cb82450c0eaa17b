"""Checks of the exercises of lesson 02_flip."""

from collections.abc import Callable

import torch
from torch import Tensor

from d2laug.check import answers
from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture
from d2laug.check.verdicts import Findings, Mistake, checks, refuse


@checks
def flip_top_bottom(answer: Callable[[Tensor], Tensor]) -> Findings:
    """Check `answer(image)`: the picture or batch `[..., H, W]`, flipped top to bottom."""

    def results(x):
        return {
            "rows are reversed, for a picture and for a batch.": x.flip(-2),
            "it comes back unchanged.": x,
            "it is flipped left to right. Rows are the last axis but one.": x.flip(-1),
            "it is flipped along both axes, which turns it by 180 degrees.": x.flip(-1, -2),
            "the channels are reversed, red for blue. Count axes from the end: -2.": x.flip(-3),
            "the order of the pictures is reversed. Count axes from the end.": x.flip(0),
            "rows and columns are swapped; a flip keeps the shape.": x.mT,
            "the batch dimension is lost: only the first picture comes back.": x[0].flip(-2),
        }

    praise = answers.expect(
        answer, results, *answers.samples_of((3, 4, 6), (2, 3, 4, 6), (3, 5, 4))
    )
    code = getattr(answer, "__code__", answers.call.__code__)
    used = {"flip", "flipud", "vertical_flip"} & {*code.co_names}
    return praise, {
        "the rows are reversed. Now do it without flip: with an index of rows.": used,
    }


@checks
def random_flip(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(image, p)`: the picture, flipped left to right with probability `p`."""
    x = sample_picture(3, 4, 6)

    def share(p, times):
        results = [answers.tensor_like(x, answers.call(answer, x, p)) for _ in range(times)]
        same, flipped, upside = (
            sum(torch.equal(result, picture) for result in results)
            for picture in (x, x.flip(-1), x.flip(-2))
        )
        refuse({"the picture is flipped top to bottom; expected left to right.": upside})
        if same + flipped < times:
            words = "some results are neither the picture nor its mirror image. Draw one number for"
            raise Mistake(f"{words} the whole picture, not one a row or a pixel.")
        return flipped / times

    never, always, some = share(0.0, 40), share(1.0, 40), share(0.2, 400)
    word, deaf = "always" if some else "never", never == always == some and some in (0, 1)
    reverse = never == 1 and always == 0 and abs(some - 0.8) < 0.08
    use = "of the times: use p to decide."
    return f"with p = 0.2 it flipped {some:.0%} of 400 times.", {
        f"the function {word} flips, whatever p is. Compare torch.rand(1) with p.": deaf,
        "it flips with probability 1 - p: the wrong way round.": reverse,
        f"with p = 0 it flips {never:.0%} {use}": never > 0,
        f"with p = 1 it flips {always:.0%} {use}": always < 1,
        f"with p = 0.2 it flips {some:.0%} {use}": abs(some - 0.2) > 0.08,
    }


_BATCH = sample_picture(5, 3, 4, 6)


@exercise(
    ("three of five", _BATCH, torch.tensor([True, False, True, True, False])),
    ("one of five", _BATCH, torch.tensor([False, True, False, False, False])),
)
def flip_some(x: Tensor, flipped: Tensor) -> Results:
    """Check `answer(batch, flipped)`: pictures whose `flipped` is True go left to right."""
    here, mirrored = flipped[:, None, None, None], x.flip(-1)
    upside = torch.where(here, x.flip(-2), x)
    return {
        "each picture follows its own entry of the mask.": torch.where(here, mirrored, x),
        "no picture is flipped.": x,
        "every picture is flipped; only those with True should be.": mirrored,
        "those with False are flipped, not those with True.": torch.where(here, x, mirrored),
        "the pictures are flipped top to bottom; expected left to right.": upside,
        "the order of the pictures changes; leave each in its place.": x.flip(0),
        "the mask is read backwards.": torch.where(here.flip(0), mirrored, x),
        "only the flipped pictures come back. Keep the others too.": mirrored[flipped],
    }


@choices()
def flips_that_keep_the_label() -> Tasks:
    """Check `answer`: the set of flips, "left-right", "top-bottom", that keep each task's label."""
    right = {
        "cat or dog": {"left-right"},
        "handwritten digit": set(),
        "cells under a microscope": {"left-right", "top-bottom"},
        "arrow to the left or to the right": {"top-bottom"},
    }
    return right, [
        "A cat in a mirror is a cat; upside down it is not what a camera meets.",
        "A mirrored 7 is no digit, and a 2 flipped top to bottom looks like a 5.",
        "A slide has no up and no left: both flips give pictures that could have been taken.",
        "A left-right flip turns one class into the other; top to bottom an arrow keeps its side.",
    ]
