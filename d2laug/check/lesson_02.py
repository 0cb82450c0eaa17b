"""Checks of the exercises of lesson 02_flip."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from d2laug.check.answers import Results, choices, drawn, exercise, sample_picture
from d2laug.check.chance import rare
from d2laug.check.verdicts import Findings, checks, refuse

_ROWS = [0.1, 0.3, 0.6], [0.2, 0.2], [0.99], [0.9, 0.05, 0.8, 0.7], [0.9, 0.8, 0.7, 0.9, 0.6, 0.8]


@checks
def random_flip(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(image, p)`: the picture, flipped left to right with probability `p`.

    It draws 600 times with 0.04, 250 with 0.75, and 400 times with 0, with 0.2 and with 1.
    """
    x = sample_picture(3, 4, 6)
    for p, n in {0.0: 400, 1.0: 400, 0.75: 250, 0.04: 600, 0.2: 400}.items():
        y = drawn(answer, n, x, x, p)
        is_same, is_flipped = y == x, y == x.flip(-1)
        same, flipped = (int(each.flatten(1).all(1).sum()) for each in (is_same, is_flipped))
        parts = "some rows or pixels are flipped and others not. Draw one number for the picture."
        other = "some results are neither the picture nor its left-right mirror image."
        often = f"with p = {p:g} it flips {flipped / n:.0%} of {n} times; expected {p:.0%}: "
        mistakes = {
            parts: same + flipped < n and (is_same | is_flipped).all(),
            other: same + flipped < n,
            f"{often}flip where torch.rand(1) < p.": rare(flipped, n, p),
        }
        refuse(mistakes)
    return f"with p = {p:g} it flipped {flipped / n:.0%} of {n} times.", {}


@exercise(*(("flips of {}", row) for row in _ROWS), tolerance=1e-5)
def probability_of_mirrored(probabilities: Sequence[float]) -> Results:
    """Check `answer(probabilities)`: how probable flips in a row leave a picture mirrored."""
    p = torch.tensor(probabilities, dtype=torch.float64)
    mirrored, none = (1 - float((1 - 2 * p).prod())) / 2, (1 - p).prod()
    one, late, early = none * (p / (1 - p)).sum(), 0.0, 0.0
    for number in probabilities:
        late = late * (1 - number) + (1 - late * (1 - number)) * number
        early = (early + (1 - early) * number) * (1 - number)
    return {
        "two flips of 0.2 give 32%, not 40%; one of 0.5 in any row makes it 50%.": mirrored,
        "that is the probability of at least one flip; two bring back the original.": 1 - none,
        "that is the probability of just one flip; three flips mirror too.": one,
        "that is the probability that all of them flip.": p.prod(),
        "the probabilities are added up; two flips bring back the original.": p.sum(),
        "a line changes the value that the next line still needs: keep the old one.": [late, early],
        "that is the probability that the picture is not mirrored.": 1 - mirrored,
    }


@exercise(
    ("three of five", sample_picture(5, 3, 4, 6), torch.tensor([1, 0, 1, 1, 0]) == 1),
    ("one of five", sample_picture(5, 3, 4, 6), torch.tensor([0, 1, 0, 0, 0]) == 1),
    ("two of three", sample_picture(3, 3, 3, 3), torch.tensor([0, 1, 1]) == 1),
    ("a batch of one", sample_picture(1, 3, 5, 4), torch.tensor([True])),
)
def flip_some(x: Tensor, flipped: Tensor) -> Results:
    """Check `answer(batch, flipped)`: pictures whose `flipped` is True go left to right."""
    here, mirrored = flipped[:, None, None, None], x.flip(-1)
    upside = torch.where(here, x.flip(-2), x)
    return {
        "each picture follows its own entry of the mask.": torch.where(here, mirrored, x),
        "every picture is flipped; only those with True should be.": mirrored,
        "those with False are flipped, not those with True.": torch.where(here, x, mirrored),
        "the pictures are flipped top to bottom; expected left to right.": upside,
        "only the flipped pictures come back. Keep the others too.": mirrored[flipped],
    }


flips_that_keep_the_label = choices(__name__, "flips_that_keep_the_label")
