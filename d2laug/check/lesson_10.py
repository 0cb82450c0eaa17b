"""Checks of the exercises of lesson 10_modern_recipes."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture, seeded

_FOUR = torch.tensor([[0.7, 0.3, 0, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0], [0.1, 0.2, 0.3, 0.4]])
_TWO = torch.tensor([[1.0, 0, 0], [0, 0.2, 0.8]])


_FIVE = (3 * torch.randn(5, 6, generator=seeded())).softmax(1)


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
        "a perfect network does not reach 0 on mixed labels: compare no such losses.": right,
        "0 is the lowest for whole labels. One answer cannot be two labels at once.": 0.0,
        "the sign is wrong: logarithms of shares are negative, a loss is not.": -right,
        "that is the sum over the pictures; return their mean.": each.sum(),
        "that divides by the classes, too; a loss is a mean over pictures.": right / classes,
        "the loss takes the natural logarithm.": [right / math.log(b) for b in (2, 10)],
        "cross_entropy takes logits; the shares are probabilities.": cross_entropy(shares, shares),
        "that is the loss of equal answers for all classes.": math.log(classes),
        "log(share + small number) shifts every loss: 0 * log(0) is 0, see torch.xlogy.": shifted,
        "only the largest share counts here; all of them do.": -shares.amax(1).log().mean(),
    }


_BOXES = [
    *((10, 15, 8, -3, 4, 7), (10, 10, 2, 3, 5, 4), (10, 14, 8, 12, 5, 4), (10, 10, -2, 0, 20, 20)),
    *((10, 10, 20, 3, 5, 5), (10, 12, 3, -9, 5, 5), (10, 10, -9, 2, 5, 5), (10, 12, -9, 30, 5, 5)),
]


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
    by_rows = [1 - k * width / area for k in (rows, sides[0])]
    by_columns = [1 - k * height / area for k in (columns, sides[1])]
    negative = [1 - k / area for k in (math.prod(sides), max(math.prod(sides), 0))]
    kept, product = 1 - pasted / area, (1 - rows / H) * (1 - columns / W)
    return {
        "the label follows the pixels that are seen, not the numbers that were drawn.": kept,
        "the box reaches beyond the picture, where nothing is pasted: clip it.": 1 - box / area,
        "that is the share of the pasted picture; the kept one is the rest.": pasted / area,
        "that is the share of the whole box. Clip it, and take what is left.": box / area,
        "the rows of the box are clipped, its columns are not yet.": by_rows,
        "the columns of the box are clipped, its rows are not yet.": by_columns,
        "the box is clipped above and left; clip it below and right too.": 1 - late / area,
        "the box is clipped below and right; clip it above and left too.": 1 - early / area,
        "a box that lies outside has no rows or columns, and not fewer than none.": negative,
        "that is an area in pixels; a share is from 0 to 1.": [pasted, area - pasted],
        "that multiplies what is left of each side; subtract the box's area.": product,
    }


def _predict(batch: Tensor) -> Tensor:
    if not isinstance(batch, Tensor) or batch.ndim != 4 or batch.shape[1] != 3:
        raise ValueError("predict takes a batch [N, 3, H, W]: give it the pictures as they came")
    weights = torch.randn(batch[0].numel(), 5, generator=seeded())
    return (batch.float().square().flatten(1) @ weights).softmax(1)


@exercise(
    ("four pictures", _predict, sample_picture(4, 3, 6, 8)),
    ("one picture", _predict, sample_picture(1, 3, 5, 7)),
)
def average_answers(predict: Callable[[Tensor], Tensor], images: Tensor) -> Results:
    """Check `answer(predict, images)`: the mean of the answers to pictures and mirror images."""
    views = images, images.flip(-1), images.flip(-2), images.flip(1)
    one, mirrored, upside, channels = map(predict, views)
    mean, product, ghost = (one + mirrored) / 2, one * mirrored, predict((views[0] + views[1]) / 2)
    return {
        "a mean of answers: no training, twice the time.": mean,
        "this is the answer to the pictures themselves; ask about their mirror images, too.": one,
        "this is the answer to the mirror images alone; average it with the first.": mirrored,
        "this is the sum of two answers: its rows add up to 2. Divide by 2.": one + mirrored,
        "the pictures are turned upside down; left to right is the last axis.": (one + upside) / 2,
        "this flips the wrong axis: the last one is left to right.": (one + channels) / 2,
        "two pictures are averaged, and the network sees a ghost. Average the answers.": ghost,
        "the answers are multiplied; the mean was asked for.": [product, product.sqrt()],
        "these are classes; return probabilities, which can be averaged.": mean.argmax(1),
    }


@choices()
def recipes_that_keep_the_label() -> Tasks:
    """Check a dictionary: for each question, the recipes that leave its answer true."""
    return {
        "is it a left or a right shoe?": {"TrivialAugment", "CutMix", "erasing"},
        "is the tomato ripe, which its color tells?": {"CutMix", "erasing", "mirror"},
        "how many coins lie on the table?": {"mirror"},
    }, [
        "Nothing in TrivialAugment mirrors; a mirror image turns a left shoe into a right one.",
        "TrivialAugment changes saturation and solarizes; the others leave all colors as they are.",
        "Coins get lost under a hole or a pasted box, or beyond the edge; a mirror keeps them all.",
    ]
