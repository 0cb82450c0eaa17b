"""Checks of the exercises of lesson 01_the_demo_that_failed."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import (
    Mistake,
    call,
    check_choices,
    checks,
    one_number,
    raise_hint,
    sample_picture,
)


@checks
def accuracy(answer: Callable[[Tensor, Tensor], float]) -> str:
    """Check `answer(probabilities, labels)`: the share of rows whose largest entry is the label."""
    probabilities = sample_picture(10, 4).softmax(1)
    labels = probabilities.argmax(1)
    labels[:3] = (labels[:3] + 1) % 4
    result = one_number(call(answer, probabilities, labels))
    hints = {
        7: "that counts the right answers; divide by the number of pictures.",
        70: "that is in percent; return a share between 0 and 1.",
        3: "that counts the wrong answers; accuracy is the share of the right ones.",
        0.3: "that is the share of the wrong answers; accuracy is the share of the right ones.",
        probabilities.amax(1)
        .mean()
        .item(): "that is how sure the network is, not how often it is right.",
        probabilities[range(10), labels].mean().item(): (
            "that is the mean probability of the label; only the largest of each row counts."
        ),
    }
    raise_hint(result, hints)
    if not abs(result - 0.7) < 1e-6:
        raise Mistake(f"of 10 answers 7 are right, and the function returns {result:.3g}.")
    return "7 of 10 answers are right, and the function says 0.7."


@checks
def weakest_class(answer: Callable[[Tensor], int]) -> str:
    """Check `answer(counts)`: the class of which the smallest share is recognized.

    `counts[i, j]` is how many pictures of class `i` are taken for class `j`.
    """
    counts = torch.diag(torch.tensor([9, 16, 5, 4, 10]))
    counts[1, 4], counts[1, 0], counts[3, 4], counts[4, 0], counts[0, 1] = 20, 4, 4, 5, 1
    result = call(answer, counts)
    if isinstance(result, Tensor) and result.numel() == 1:
        result = result.item()
    if isinstance(result, bool) or not isinstance(result, int):
        raise Mistake(f"the function returns a {type(result).__name__}; expected a whole number.")
    hints = {
        2: "that is the class of which the largest share is recognized.",
        3: "class 3 has the fewest right answers, but few pictures too: divide by the row's sum.",
        4: "class 4 is the one that others are taken for most often. Rows hold the true class.",
    }
    if result != 1:
        wrong = (
            f"the answer is not class {result}: 16 of the 40 pictures of class 1 are recognized."
        )
        raise Mistake(hints.get(result, wrong))
    return "16 of the 40 pictures of class 1 are recognized, the smallest share."


REMEDIES = {
    "the lamps are warmer": (
        {"color temperature"},
        "Warm light takes away blue everywhere; color temperature imitates it.",
    ),
    "the customer holds the drink nearer to the camera": (
        {"crop"},
        "A crop that is resized shows the drink larger.",
    ),
    "the cup stands with its handle on the left": ({"flip"}, "A flip moves it to the other side."),
    "the desk shines": ({"reflections"}, "Bright patches are added, in any place."),
}


@checks
def remedies(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each change at the show the set of augmentations that imitate it."""
    options = {"flip", "crop", "color temperature", "reflections"}
    return check_choices(answer, REMEDIES, options, "is not imitated by", "is also imitated by")
