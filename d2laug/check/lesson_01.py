"""Checks of the exercises of lesson 01_the_demo_that_failed."""

import torch
from torch import Tensor

from d2laug.check.answers import Results, choices, exercise, seeded

_COUNTS = torch.diag(torch.tensor([9, 16, 5, 4, 10, 60]))
_COUNTS[[0, 1, 1, 3, 4, 5], [1, 4, 0, 4, 0, 1]] = torch.tensor([1, 20, 4, 4, 5, 30])
_LAB = torch.tensor([[97, 3, 0], [2, 98, 0], [12, 0, 8]])
_WANTED = [(4 * torch.rand(n, generator=seeded(n))).softmax(0) for n in range(4, 8)]


def _confusion(n: int) -> Tensor:
    """Return counts of `n` classes, of some many more pictures than of others."""
    parts = torch.rand(n, n, generator=seeded(n + 40)) + torch.eye(n) * n / 6
    numbers = torch.randint(100, 900, (n, 1), generator=seeded(n))
    return 1 + (parts / parts.sum(1, keepdim=True) * numbers).long()


@exercise(
    ("counts of which class 1 has the smallest share, 16 of 40", _COUNTS),
    ("shares nearly equal", torch.tensor([[5031, 0, 4969], [0, 5030, 4970], [1, 0, 9]])),
    *((f"counts of {n} other classes", _confusion(n)) for n in range(2, 12)),
)
def weakest_class(counts: Tensor) -> Results:
    """Check `answer(counts)`: the class of which the smallest share is recognized.

    `counts[i, j]` is how many pictures of class `i` are taken for class `j`.
    """
    right, row, column = counts.diag(), counts.sum(1), counts.sum(0)
    weakest, largest = int((right / row).argmin()), (right / row).argmax()
    numbers = [right.argmin(), (row - right).argmax()]
    return {
        "16 of the 40 pictures of class 1 are recognized, the smallest share.": weakest,
        "that is the class of which the largest share is recognized.": largest,
        "that divides by the columns' sums. Rows hold the true class.": (right / column).argmin(),
        "numbers of pictures are compared, not shares: divide by the row's sum.": numbers,
    }


@exercise(
    ("three drinks, of ten customers taken by 1, 2 and 7", _LAB, torch.tensor([0.1, 0.2, 0.7])),
    *((f"{len(wanted)} other drinks", _confusion(len(wanted)), wanted) for wanted in _WANTED),
    tolerance=1e-5,
)
def expected_accuracy(counts: Tensor, wanted: Tensor) -> Results:
    """Check `answer(counts, wanted)`: the accuracy where `wanted[i]` is the share of class `i`.

    `counts` is the confusion matrix of a test with other shares of the classes.
    """
    right, row, column = counts.diag(), counts.sum(1), counts.sum(0)
    shares, numbers = right / row, (wanted * right).sum()
    share, sizes = float(wanted @ shares), (1, row.sum(), (wanted * row).sum())
    uneven = [numbers / size for size in sizes]
    return {
        "92% right in the lab become 57% for these customers, by the same network.": share,
        "that is the lab's own accuracy, whatever customers take.": right.sum() / row.sum(),
        "that counts every drink alike: weigh its share by how often it is taken.": shares.mean(),
        "numbers of pictures are weighed: first divide each by its row's sum.": uneven,
        "that divides by the columns' sums. Rows hold the true class.": wanted @ (right / column),
        "the weights add up to 1 already: add up, and do not divide.": share / len(counts),
    }


remedies = choices(__name__, "remedies")
