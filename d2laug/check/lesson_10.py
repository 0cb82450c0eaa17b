"""Checks of the exercises of lesson 10_modern_recipes."""

import math

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from d2laug.check.answers import Results, exercise, seeded

_FOUR = torch.tensor([[0.7, 0.3, 0, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0], [0.1, 0.2, 0.3, 0.4]])
_TWO = torch.tensor([[1.0, 0, 0], [0, 0.2, 0.8]])
_FIVE = (3 * torch.randn(5, 6, generator=seeded())).softmax(1)
_BOXES = [
    *((10, 15, 8, -3, 4, 7), (10, 10, 2, 3, 5, 4), (10, 14, 8, 12, 5, 4), (10, 10, -2, 0, 20, 20)),
    *((10, 10, 20, 3, 5, 5), (10, 12, 3, -9, 5, 5), (10, 10, -9, 2, 5, 5), (10, 12, -9, 30, 5, 5)),
]


@exercise(
    ("four pictures", _FOUR), ("two pictures", _TWO), ("five pictures", _FIVE), tolerance=1e-4
)
def lowest_loss(shares: Tensor) -> Results:
    """Check `answer(shares)`: the mean cross-entropy of the best answers to mixed labels."""
    each, classes = -torch.xlogy(shares, shares).sum(1), shares.shape[1]
    right = each.mean().item()
    tiny = (f(shares, eps) for eps in (1e-3, 1e-2, 0.1) for f in (torch.add, torch.clamp))
    shifted = [-(shares * more.log()).sum(1).mean() for more in tiny]
    return {
        "a perfect network does not reach 0 on mixed labels: so do not compare such losses.": right,
        "0 is the lowest for whole labels. One answer cannot be two labels at once.": 0.0,
        "the sign is wrong: logarithms of shares are negative, a loss is not.": -right,
        "that is the sum over the pictures; return their mean.": each.sum(),
        "that divides by the classes, too; a loss is a mean over pictures.": right / classes,
        "the loss takes the natural logarithm.": [right / math.log(b) for b in (2, 10)],
        "cross_entropy takes logits; the shares are probabilities.": cross_entropy(shares, shares),
        "that is the loss of equal answers for all classes.": math.log(classes),
        "log(share + small number) shifts every loss: 0 * log(0) is 0, see torch.xlogy.": shifted,
    }


@exercise(
    *(("a box of {4} x {5} at row {2}, column {3} of {0} x {1}", *numbers) for numbers in _BOXES)
)
def kept_share(H: int, W: int, top: int, left: int, height: int, width: int) -> Results:
    """Check `answer(H, W, top, left, height, width)`: what a box leaves of the first picture."""
    ends = [(top, top + height, H), (left, left + width, W)]
    sides = [min(end, size) - max(start, 0) for start, end, size in ends]
    rows, columns = (max(side, 0) for side in sides)
    late = math.prod(end - max(start, 0) for start, end, _ in ends)
    early = math.prod(min(end, size) - start for start, end, size in ends)
    pasted, box, area = rows * columns, height * width, H * W
    kept = 1 - pasted / area
    negative = [1 - k / area for k in (math.prod(sides), max(math.prod(sides), 0))]
    return {
        "the label follows the pixels that are seen, not the numbers that were drawn.": kept,
        "the box reaches beyond the picture, where nothing is pasted: clip it.": 1 - box / area,
        "that is the share of the pasted picture; the kept one is the rest.": pasted / area,
        "the box is clipped above and left; clip it below and right too.": 1 - late / area,
        "the box is clipped below and right; clip it above and left too.": 1 - early / area,
        "a box that lies outside has no rows or columns, and not fewer than none.": negative,
        "that is an area in pixels; a share is from 0 to 1.": [pasted, area - pasted],
    }
