"""Checks of the exercises of lesson 09_cifar10."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from d2laug.check.answers import (
    Mistake,
    call,
    check_choices,
    checks,
    compare,
    one_number,
    raise_hint,
    sample_picture,
)


@checks
def padded_crop(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> str:
    """Check `answer(batch, top, left)`: a crop of its own size out of each mirrored picture.

    The pictures are continued by 4 pixels on each side, mirrored without the last pixel.
    """
    batch = sample_picture(3, 3, 8, 10)
    top, left = torch.tensor([0, 5, 8]), torch.tensor([7, 4, 1])

    def cut(padded, top, left):
        rows = zip(padded, top.tolist(), left.tolist(), strict=True)
        return torch.stack([x[:, t : t + 8, z : z + 10] for x, t, z in rows])

    padded = pad(batch, (4, 4, 4, 4), mode="reflect")
    mistakes = {
        "all pictures are cut at the place of the first. Each has a place of its own.": (
            cut(padded, top[:1].expand(3), left[:1].expand(3))
        ),
        "all pictures are cut at the place of the last. Each has a place of its own.": (
            cut(padded, top[2:].expand(3), left[2:].expand(3))
        ),
        "top and left are swapped: top counts rows, left counts columns.": cut(padded, left, top),
        'beyond the edges it is black; the picture goes on mirrored: mode="reflect".': (
            cut(pad(batch, (4, 4, 4, 4)), top, left)
        ),
        'beyond the edges the last pixel is repeated; mirror the picture: mode="reflect".': (
            cut(pad(batch, (4, 4, 4, 4), mode="replicate"), top, left)
        ),
        "the pictures come back unchanged.": batch,
        "the pictures are padded and not yet cut.": padded,
    }
    compare(answer, (batch, top, left), cut(padded, top, left), mistakes)
    one = call(answer, batch[:1], top[:1], left[:1])
    if one.shape != batch[:1].shape:
        raise Mistake(f"a batch of one picture comes back as {list(one.shape)}; keep four axes.")
    return "that is augment.RandomCrop(32, padding=4, padding_mode='reflect'), numbers given."


@checks
def gap(answer: Callable[[Sequence[Mapping]], float]) -> str:
    """Check `answer(history)`: training minus validation accuracy, after the last epoch."""
    history = [
        {"epoch": 1, "loss": 1.9, "train": 0.40, "validation": 0.43},
        {"epoch": 2, "loss": 1.2, "train": 0.72, "validation": 0.66},
        {"epoch": 3, "loss": 0.6, "train": 0.97, "validation": 0.64},
    ]
    number = one_number(call(answer, history))
    hints = {
        -0.33: "the sign is wrong: the training accuracy comes first, then subtract.",
        -0.03: "that is the gap after the first epoch; the last one is history[-1].",
        0.06: "that is the gap of the best epoch; asked for is the last one.",
        0.12: "that is the mean of the gaps; asked for is the last one.",
        0.36: "that is the sum of the gaps; asked for is the last one.",
        0.31: "that subtracts the best validation accuracy of all epochs; take the last one.",
        0.97 / 0.64: "that divides; subtract.",
        33.0: "that is in per cent; leave it as a share.",
    }
    if abs(number - 0.33) > 1e-4:
        raise_hint(number, hints)
        raise Mistake(f"the gap is 0.33 here, and the function returns {number:.3g}.")
    longer = [*history, {"epoch": 4, "loss": 0.6, "train": 0.98, "validation": 0.68}]
    if abs(one_number(call(answer, longer)) - 0.30) > 1e-4:
        raise Mistake("right for three epochs only: use the last entry, however many there are.")
    return "the accuracy on new pictures fell from the second epoch on, and the gap grew to 0.33."


@checks
def shared_gradient(answer: Callable[[Sequence[Tensor], Sequence[int]], Tensor]) -> str:
    """Check `answer(gradients, sizes)`: the gradient of a whole batch, from those of its parts.

    Each gradient is that of a mean over the pictures of its part, `sizes` of them.
    """
    parts = [torch.tensor([1.0, -2.0, 4.0]), torch.tensor([3.0, 2.0, 0.5])]
    sizes = [3, 5]
    whole = (3 * parts[0] + 5 * parts[1]) / 8
    mistakes = {
        "that is the plain mean, right for parts of one size. Here the second part has more "
        "pictures, which all count the same.": (parts[0] + parts[1]) / 2,
        "that is the sum of the two. The loss of a batch is a mean: divide.": parts[0] + parts[1],
        "the sizes weigh the parts; divide by the number of all pictures.": whole * 8,
        "the sizes are swapped: weigh each part by its own size.": (5 * parts[0] + 3 * parts[1])
        / 8,
        "that divides by the number of the parts; divide by the number of all pictures.": whole * 4,
        "that is the gradient of the first part alone.": parts[0],
        "that is the gradient of the last part alone.": parts[1],
    }
    result = call(answer, [part.clone() for part in parts], sizes)
    compare(lambda: result, (), whole, mistakes, tolerance=1e-5)
    four = [torch.tensor([float(number)]) for number in range(4)]
    again = call(answer, four, [2, 2, 2, 2])
    only_two = {"right for two parts only; there may be any number.": torch.tensor([0.5])}
    compare(lambda: again, (), torch.tensor([1.5]), only_two, tolerance=1e-5)
    return "so two processes learn what one would have learned from the whole batch."


@checks
def gap_grows_or_shrinks(answer: Mapping[str, set[str]]) -> str:
    """Check for each change whether the overfitting gap becomes "larger" or "smaller"."""
    tasks = {
        "five times as many photographs": (
            {"smaller"},
            "More pictures are harder to know by heart.",
        ),
        "a network with ten times the weights": (
            {"larger"},
            "More weights know more by heart.",
        ),
        "random flips and crops": (
            {"smaller"},
            "Augmented pictures hardly ever come twice.",
        ),
        "twice the epochs, without augmentation": (
            {"larger"},
            "Each picture is seen twice as often, and is the same each time.",
        ),
    }
    return check_choices(
        answer, tasks, {"larger", "smaller"}, no="does not make the gap", also="makes the gap"
    )
