"""Checks of the exercises of lesson 09_cifar10."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture


def _cut(batch: Tensor, top: Tensor, left: Tensor, mode: str = "reflect") -> Tensor:
    height, width = batch.shape[-2:]
    places = zip(pad(batch, [4] * 4, mode=mode), top.tolist(), left.tolist(), strict=True)
    return torch.stack([x[:, t : t + height, z : z + width] for x, t, z in places])


_BATCH, _TOP, _LEFT = sample_picture(3, 3, 8, 10), torch.tensor([0, 5, 8]), torch.tensor([7, 4, 1])


@exercise(("three", _BATCH, _TOP, _LEFT), ("a batch of one", _BATCH[:1], _TOP[:1], _LEFT[:1]))
def padded_crop(batch: Tensor, top: Tensor, left: Tensor) -> Results:
    """Check `answer(batch, top, left)`: a crop of its own size out of each mirrored picture.

    The pictures are continued by 4 pixels on each side, mirrored without the last pixel.
    """
    right = _cut(batch, top, left)
    first, last = (_cut(batch, top[[i] * len(top)], left[[i] * len(top)]) for i in (0, -1))
    black, held = (_cut(batch, top, left, mode) for mode in ("constant", "replicate"))
    return {
        "that is augment.RandomCrop(32, padding=4, padding_mode='reflect'), numbers given.": right,
        "all pictures are cut at the place of the first. Each has a place of its own.": first,
        "all pictures are cut at the place of the last. Each has a place of its own.": last,
        "top and left are swapped: top counts rows, left counts columns.": _cut(batch, left, top),
        'beyond the edges it is black; the picture goes on mirrored: mode="reflect".': black,
        'beyond the edges the last pixel is repeated; mirror the picture: mode="reflect".': held,
        "the pictures come back unchanged.": batch,
        "the pictures are padded and not yet cut.": pad(batch, [4] * 4, mode="reflect"),
        "the batch has lost its first axis; keep four axes.": right[0],
    }


_ROWS = ((1.9, 0.40, 0.43), (1.2, 0.72, 0.66), (0.6, 0.97, 0.64), (0.5, 0.98, 0.42))
_HISTORY = [
    {"epoch": number, "loss": loss, "train": train, "validation": validation}
    for number, (loss, train, validation) in enumerate(_ROWS, 1)
]


@exercise(("three epochs", _HISTORY[:3]), ("four epochs", _HISTORY), tolerance=1e-4)
def gap(history: Sequence[Mapping[str, float]]) -> Results:
    """Check `answer(history)`: training minus validation accuracy, after the last epoch."""
    train, validation = ([epoch[key] for epoch in history] for key in ("train", "validation"))
    gaps = [a - b for a, b in zip(train, validation, strict=True)]
    best, of_best = max(validation), gaps[validation.index(max(validation))]
    return {
        "the accuracy on new pictures fell after the second epoch; the gap grew to 0.33.": gaps[-1],
        "the sign is wrong: the training accuracy comes first, then subtract.": -gaps[-1],
        "that is the gap after the first epoch; the last one is history[-1].": gaps[0],
        "that is the gap of the best epoch; asked for is the last one.": of_best,
        "that is the mean of the gaps; asked for is the last one.": sum(gaps) / len(gaps),
        "that is the sum of the gaps; asked for is the last one.": sum(gaps),
        "that subtracts the best validation accuracy of all; take the last.": train[-1] - best,
        "that divides; subtract.": train[-1] / validation[-1],
        "that is in percent; leave it as a share.": 100 * gaps[-1],
        "that is the gap after the third epoch; take the last, however many there are.": gaps[2],
    }


def _weighed(gradients: Sequence[Tensor], sizes: Sequence[int]) -> Tensor:
    parts = [size * gradient for size, gradient in zip(sizes, gradients, strict=True)]
    return torch.stack(parts).sum(0) / sum(sizes)


@exercise(
    ("two parts", [torch.tensor([1.0, -2.0, 4.0]), torch.tensor([3.0, 2.0, 0.5])], [3, 5]),
    ("four parts", [torch.tensor([float(number)]) for number in range(4)], [2, 4, 1, 2]),
    tolerance=1e-5,
)
def shared_gradient(gradients: Sequence[Tensor], sizes: Sequence[int]) -> Results:
    """Check `answer(gradients, sizes)`: the gradient of a whole batch, from those of its parts.

    Each gradient is that of a mean over the pictures of its part, `sizes` of them.
    """
    right, plain = _weighed(gradients, sizes), torch.stack([*gradients]).mean(0)
    n, swapped = len(sizes), _weighed(gradients, sizes[::-1])
    first_two = _weighed(gradients[:2], sizes[:2])
    return {
        "so two processes learn what one would have learned from the whole batch.": right,
        "that is the plain mean. A part with more pictures counts more.": plain,
        "that is the sum of the parts. The loss of a batch is a mean: divide.": plain * n,
        "the sizes weigh the parts; divide by the number of all pictures.": right * sum(sizes),
        "the sizes are swapped: weigh each part by its own size.": swapped,
        "the sum is divided by the number of parts; expected of pictures.": right * sum(sizes) / n,
        "that is the gradient of the first part alone.": gradients[0],
        "that is the gradient of the last part alone.": gradients[-1],
        "only the first two parts count; there may be any number.": first_two,
    }


@choices(no="does not make the gap", also="makes the gap")
def gap_grows_or_shrinks() -> Tasks:
    """Check for each change whether the overfitting gap becomes "larger" or "smaller"."""
    right = {
        "five times as many photographs": {"smaller"},
        "flips alone, not flips and crops": {"larger"},
        "random flips and crops": {"smaller"},
        "18 epochs, not 7, with flips and crops": {"larger"},
    }
    return right, [
        "With flips and crops 10,000 photographs leave a gap of 0.13, 50,000 at most 0.07.",
        "Flips alone leave a gap of 0.27, flips and crops 0.13.",
        "Without any augmentation the gap is 0.31, with flips and crops 0.13.",
        "On all photographs the gap is 0.04 after 7 epochs, and 0.06 after 18.",
    ]
