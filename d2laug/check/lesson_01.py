"""Checks of the exercises of lesson 01_the_demo_that_failed."""

import torch
from torch import Tensor

from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture


def _answers(number: int, right: int) -> tuple[Tensor, Tensor]:
    probabilities = sample_picture(number, 4).softmax(1)
    labels = probabilities.argmax(1)
    labels[right:] = 3 - labels[right:]
    return probabilities, labels


@exercise(
    ("10 answers of which 7 are right", *_answers(10, 7)),
    ("16 answers of which 5 are right", *_answers(16, 5)),
)
def accuracy(probabilities: Tensor, labels: Tensor) -> Results:
    """Check `answer(probabilities, labels)`: the share of rows whose largest entry is the label."""
    n, hits = len(labels), int((probabilities.argmax(1) == labels).sum())
    sure, of_label = probabilities.amax(1).mean(), probabilities[range(n), labels].mean()
    return {
        "7 of 10 answers are right, and the function says 0.7.": hits / n,
        "that counts the right answers; divide by the number of pictures.": hits,
        "that is in percent; return a share between 0 and 1.": 100 * hits / n,
        "that counts the wrong answers; accuracy is the share of the right ones.": n - hits,
        "that is the share of the wrong answers; expected that of the right ones.": 1 - hits / n,
        "that is how sure the network is, not how often it is right.": sure,
        "that is the mean probability of the label; only the largest of each row counts.": of_label,
    }


_COUNTS = torch.diag(torch.tensor([9, 16, 5, 4, 10, 60]))
_COUNTS[[0, 1, 1, 3, 4, 5], [1, 4, 0, 4, 0, 1]] = torch.tensor([1, 20, 4, 4, 5, 30])
_ORDER = torch.tensor([3, 0, 2, 5, 1, 4])


@exercise(
    ("counts of which class 1 has the smallest share, 16 of 40", _COUNTS),
    ("the same classes in another order, where it is class 4", _COUNTS[_ORDER][:, _ORDER]),
)
def weakest_class(counts: Tensor) -> Results:
    """Check `answer(counts)`: the class of which the smallest share is recognized.

    `counts[i, j]` is how many pictures of class `i` are taken for class `j`.
    """
    right, row, column = counts.diag(), counts.sum(1), counts.sum(0)
    weakest, few, many = int((right / row).argmin()), right.argmin(), (row - right).argmax()
    return {
        "16 of the 40 pictures of class 1 are recognized, the smallest share.": weakest,
        "that is the class of which the largest share is recognized.": (right / row).argmax(),
        "that class has few right answers, but few pictures too: divide by the row's sum.": few,
        "that class has many wrong answers, but many pictures too: divide by the row's sum.": many,
        "that divides by the columns' sums. Rows hold the true class.": (right / column).argmin(),
    }


@choices(no="is not imitated by", also="is also imitated by")
def remedies() -> Tasks:
    """Check `answer`: for each change at the show the set of augmentations that imitate it."""
    right = {
        "the lamps are warmer": {"color temperature"},
        "the customer holds the drink nearer to the camera": {"crop"},
        "the drink is turned to the left": {"flip"},
        "the desk shines": {"reflections"},
    }
    return right, [
        "Warm light takes away blue everywhere; color temperature imitates it.",
        "A crop that is resized shows the drink larger.",
        "Its print is its own mirror image: a flip shows it turned to the other side.",
        "Bright patches are added, in any place.",
    ]
