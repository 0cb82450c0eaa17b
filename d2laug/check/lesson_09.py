"""Checks of the exercises of lesson 09_cifar10."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from d2laug.check.answers import Results, choices, exercise, sample_picture, seeded


def _cut(batch: Tensor, top: Tensor, left: Tensor, mode: str = "reflect") -> Tensor:
    height, width = batch.shape[-2:]
    places = zip(pad(batch, [4] * 4, mode=mode), top.tolist(), left.tolist(), strict=True)
    return torch.stack([x[:, t : t + height, z : z + width] for x, t, z in places])


def _pictures(n: int, *size: int) -> tuple[Tensor, Tensor, Tensor]:
    return sample_picture(n, 3, *size), *torch.randint(9, (2, n), generator=seeded(n))


@exercise(
    ("three", *_pictures(3, 8, 10)), ("one", *_pictures(1, 8, 10)), ("five", *_pictures(5, 6, 7))
)
def padded_crop(batch: Tensor, top: Tensor, left: Tensor) -> Results:
    """Check `answer(batch, top, left)`: crops of pictures that 4 mirrored pixels surround."""
    right = _cut(batch, top, left)
    at_one = [_cut(batch, top[[i] * len(top)], left[[i] * len(top)]) for i in (0, -1)]
    black, held = (_cut(batch, top, left, mode) for mode in ("constant", "replicate"))
    return {
        "augment.RandomCrop(32, padding=4, padding_mode='reflect') does this.": right,
        "all pictures are cut at one place. Each has a place of its own.": at_one,
        "top and left are swapped: top counts rows, left counts columns.": _cut(batch, left, top),
        'beyond the edges it is black; the picture goes on mirrored: mode="reflect".': black,
        'beyond the edges the last pixel is repeated; mirror the picture: mode="reflect".': held,
    }


@exercise(
    ("padding 4 and 15 epochs", 4, 15), ("a flip alone", 0, 3), ("padding 1", 1, 9), tolerance=1e-4
)
def different_pictures(padding: int, epochs: int) -> Results:
    """Check `answer(padding, epochs)`: how many flipped and cut pictures of one are seen."""
    places, n = 2 * padding + 1, 2 * (2 * padding + 1) ** 2
    numbers = n, n / 2, 2 * places, 8 * padding**2 or 1, 2 * (padding + 1) ** 2
    right, unflipped, a_row, too_few, half = (k * (1 - (1 - 1 / k) ** epochs) for k in numbers)
    return {
        "in 15 epochs flips and crops show 14.4 different pictures, flips alone only two.": right,
        "each crop is flipped or not: that makes two pictures of it.": unflipped,
        "a crop moves in rows and in columns.": a_row,
        "from 0 to 2 * padding there are 2 * padding + 1 places.": too_few,
        "the padding is on both sides: a crop moves both ways.": half,
        "that many are possible; a few epochs do not show them all.": n,
        "that counts a picture that comes twice as two.": [epochs, min(epochs, n)],
        "that is the share of all pictures; return their number.": right / n,
        "that counts those never seen; count those seen.": n - right,
    }


@exercise(
    ("two parts", [torch.tensor([1.0, -2.0, 4.0]), torch.tensor([3.0, 2.0, 0.5])], [3, 5]),
    ("four parts", [torch.tensor([float(number)]) for number in range(4)], [2, 4, 1, 2]),
    tolerance=1e-5,
)
def shared_gradient(gradients: Sequence[Tensor], sizes: Sequence[int]) -> Results:
    """Check `answer(gradients, sizes)`: the gradient of a whole batch, from those of its parts."""
    parts, shares = torch.stack([*gradients]), torch.tensor([*sizes]) / sum(sizes)
    right = shares @ parts
    return {
        "so two processes learn what one would have learned from the whole batch.": right,
        "that is the plain mean. A part with more pictures counts more.": parts.mean(0),
        "that is the sum of the parts. The loss of a batch is a mean: divide.": parts.sum(0),
        "the sizes weigh the parts; divide by the number of all pictures.": right * sum(sizes),
        "that is the gradient of one part alone.": [*gradients],
    }


gap_grows_or_shrinks = choices(__name__, "gap_grows_or_shrinks")
