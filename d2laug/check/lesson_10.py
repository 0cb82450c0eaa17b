"""Checks of the exercises of lesson 10_modern_recipes."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture, seeded


@exercise(
    ("lam 0.7", torch.tensor([2, 0, 0, 3, 1]), 5, 0.7),
    ("lam 0.2", torch.tensor([1, 3, 3, 2]), 4, 0.2),
    ("lam 1, where every picture keeps its own label", torch.tensor([2, 0]), 4, 1.0),
)
def mixed_labels(labels: Tensor, classes: int, lam: float) -> Results:
    """Check `answer(labels, classes, lam)`: shares of each picture's label and its neighbor's."""
    own = one_hot(labels, classes).float()
    before, numbers = own.roll(1, 0), lam * labels + (1 - lam) * labels.roll(1)
    right, swapped = lam * own + (1 - lam) * before, (1 - lam) * own + lam * before
    assigned = torch.where(before == 1, 1 - lam, lam * own)
    after = lam * own + (1 - lam) * own.roll(-1, 0)
    return {
        "each row adds up to 1, also where two cans of one kind meet.": right,
        "the shares are swapped: lam belongs to the picture's own label.": swapped,
        "the partner is the picture before, as in images.roll(1, 0), not the one after.": after,
        "this is the label of the picture itself; the partner's share is missing.": own,
        "the picture's own share is lam, but the partner has no share yet.": lam * own,
        "this is the partner's label alone.": before,
        "both labels count in full; multiply them by lam and 1 - lam.": own + before,
        "the classes are mixed half and half; use lam.": (own + before) / 2,
        "this averages class numbers. Class 0 and class 2 do not make class 1.": numbers,
        "two pictures of one class: the second share overwrites the first. Add them.": assigned,
    }


def _overlap(size: int, start: int, length: int) -> int:
    """Return how many of `size` pixels a box of `length` from `start` on covers."""
    return max(0, min(start + length, size) - max(start, 0))


@exercise(
    ("a box of 40 x 70 at row 80, column -30 of 100 x 150", 100, 150, 80, -30, 40, 70),
    ("a box inside the picture", 10, 10, 2, 3, 5, 4),
    ("a box that reaches beyond the right and the lower edge", 10, 14, 8, 12, 5, 4),
    ("a box that covers the whole picture", 10, 10, -2, 0, 20, 20),
    ("a box that lies outside, with no area, not a negative one", 10, 10, 20, 3, 5, 5),
    ("a box that lies left of the picture", 10, 12, 3, -9, 5, 5),
    ("a box that lies outside both ways", 10, 12, 20, 30, 5, 5),
)
def kept_share(H: int, W: int, top: int, left: int, height: int, width: int) -> Results:
    """Check `answer(H, W, top, left, height, width)`: what a box leaves of the first picture."""
    rows, columns, area = _overlap(H, top, height), _overlap(W, left, width), H * W
    inside, box = rows * columns, height * width
    sides = (1 - rows / H) * (1 - columns / W)
    return {
        "the label follows the pixels that are seen, not the numbers that were drawn.": 1
        - inside / area,
        "the box reaches beyond the picture, where nothing is pasted: clip it.": 1 - box / area,
        "that is the share of the pasted picture; the kept one is the rest.": inside / area,
        "that is the share of the whole box. Clip it, and take what is left.": box / area,
        "the rows of the box are clipped, its columns are not yet.": 1 - rows * width / area,
        "the columns of the box are clipped, its rows are not yet.": 1 - height * columns / area,
        "that divides by height x height; the area is height x width.": 1 - inside / H**2,
        "that is an area in pixels; a share is from 0 to 1.": inside,
        "that is an area in pixels; divide by that of the picture.": area - inside,
        "that multiplies what is left of each side; subtract the box's area.": sides,
    }


_WEIGHTS = torch.randn(3 * 6 * 8, 5, generator=seeded())


def _predict(batch: Tensor) -> Tensor:
    if not isinstance(batch, Tensor) or batch.ndim != 4 or batch.shape[1:] != (3, 6, 8):
        raise ValueError("predict takes a batch [N, 3, H, W]: give it the pictures as they came")
    return (batch.float().square().flatten(1) @ _WEIGHTS).softmax(1)


@exercise(("four pictures", _predict, sample_picture(4, 3, 6, 8)))
def average_answers(predict: Callable[[Tensor], Tensor], images: Tensor) -> Results:
    """Check `answer(predict, images)`: the mean of the answers to pictures and mirror images."""
    one, mirrored, upside, channels = (
        predict(x) for x in (images, images.flip(-1), images.flip(-2), images.flip(1))
    )
    mean, ghost = (one + mirrored) / 2, predict((images + images.flip(-1)) / 2)
    return {
        "a mean of answers: no training, twice the time.": mean,
        "this is the answer to the pictures themselves; ask about their mirror images, too.": one,
        "this is the answer to the mirror images alone; average it with the first.": mirrored,
        "this is the sum of two answers: its rows add up to 2. Divide by 2.": one + mirrored,
        "the pictures are turned upside down; left to right is the last axis.": (one + upside) / 2,
        "this flips the wrong axis: the last one is left to right.": (one + channels) / 2,
        "two pictures are averaged, and the network sees a ghost. Average the answers.": ghost,
        "this keeps the larger of two answers; rows no longer add up to 1.": one.maximum(mirrored),
        "the answers are multiplied; the mean was asked for.": one * mirrored,
        "these are classes; return probabilities, which can be averaged.": mean.argmax(1),
    }


@choices()
def recipes_that_keep_the_label() -> Tasks:
    """Check a dictionary: for each question, the recipes that leave its answer true."""
    right = {
        "is it a left or a right shoe?": {"TrivialAugment", "CutMix", "erasing"},
        "is the tomato ripe, which its color tells?": {"CutMix", "erasing", "mirror"},
        "how many coins lie on the table?": {"mirror"},
    }
    return right, [
        "Nothing in TrivialAugment mirrors; a mirror image turns a left shoe into a right one.",
        "TrivialAugment changes saturation and solarizes; the others leave all colors as they are.",
        "Coins get lost under a hole or a pasted box, or beyond the edge; a mirror keeps them all.",
    ]
