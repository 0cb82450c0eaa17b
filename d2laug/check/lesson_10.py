"""Checks of the exercises of lesson 10_modern_recipes."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn.functional import one_hot

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
def mixed_labels(answer: Callable[[Tensor, int, float], Tensor]) -> str:
    """Check `answer(labels, classes, lam)`: shares of each picture's label and its neighbor's."""
    labels, classes, lam = torch.tensor([2, 0, 0, 3, 1]), 5, 0.7
    own = one_hot(labels, classes).float()
    before, after = own.roll(1, 0), own.roll(-1, 0)
    right = lam * own + (1 - lam) * before
    assigned = right.clone()
    assigned[2, 0] = 1 - lam
    numbers = lam * labels + (1 - lam) * labels.roll(1)
    mistakes = {
        "the shares are swapped: lam belongs to the picture's own label.": (
            (1 - lam) * own + lam * before
        ),
        "the partner is the picture before, as in images.roll(1, 0); this is the one after.": (
            lam * own + (1 - lam) * after
        ),
        "this is the label of the picture itself; the partner's share is missing.": own,
        "the picture's own share is lam, but the partner has no share yet.": lam * own,
        "this is the partner's label alone.": before,
        "both labels count in full; multiply them by lam and 1 - lam.": own + before,
        "the classes are mixed half and half; use lam.": (own + before) / 2,
        "this averages class numbers. Class 0 and class 2 do not make class 1: mix shares.": (
            numbers
        ),
        "where both pictures are of one class, the second share overwrites the first: add.": (
            assigned
        ),
    }
    compare(answer, (labels, classes, lam), right, mistakes, tolerance=1e-5)
    if not torch.equal(call(answer, labels[:2], 4, 1.0), one_hot(labels[:2], 4).float()):
        raise Mistake("right for lam 0.7 only: with lam 1 every picture keeps its own label.")
    return "each row adds up to 1, also where two cans of one kind meet."


@checks
def kept_share(answer: Callable[[int, int, int, int, int, int], float]) -> str:
    """Check `answer(H, W, top, left, height, width)`: what a box leaves of the first picture."""
    H, W, top, left, height, width = 100, 150, 80, -30, 40, 70
    right = 1 - 20 * 40 / (H * W)
    hints = {
        1 - height * width / (H * W): (
            "the box reaches beyond the picture, and only what lies inside is pasted: clip it."
        ),
        20 * 40 / (H * W): "that is the share of the pasted picture; the kept one is the rest.",
        height * width / (H * W): (
            "that is the share of the whole box. Clip it to the picture, and take what is left."
        ),
        1
        - 20 * width / (H * W): "the box is clipped at the bottom only; it also begins left of 0.",
        1 - height * 40 / (H * W): "the box is clipped at the left only; it also ends below.",
        1 - 20 * 40 / H**2: "that divides by height x height; the area is height x width.",
        20 * 40: "that is an area in pixels; a share is from 0 to 1.",
        H * W - 20 * 40: "that is an area in pixels; divide by that of the picture.",
        (1 - 20 / H) * (1 - 40 / W): (
            "that multiplies what is left of each side. Subtract the area of the box instead."
        ),
    }
    number = one_number(call(answer, H, W, top, left, height, width))
    if abs(number - right) > 1e-6:
        raise_hint(number, hints, tolerance=1e-6)
        raise Mistake(
            f"in a picture of {H} x {W}, a box from row {top} and column {left}, {height} high and "
            f"{width} wide, keeps {right:.3f}; the function returns {number:.4g}."
        )
    cases = {
        (10, 10, 2, 3, 5, 4): "a box inside the picture",
        (10, 10, 8, 9, 5, 4): "a box that reaches beyond the right and the lower edge",
        (10, 10, -2, 0, 20, 20): "a box that covers the whole picture",
        (10, 10, 20, 3, 5, 5): "a box that lies outside: it has no area, not a negative one",
    }
    for numbers, what in cases.items():
        rows, columns, top, left, height, width = numbers
        box = torch.zeros(60, 60)
        box[20 + top : 20 + top + height, 20 + left : 20 + left + width] = 1
        expected = 1 - box[20 : 20 + rows, 20 : 20 + columns].mean().item()
        number = one_number(call(answer, *numbers))
        if abs(number - expected) > 1e-6:
            raise Mistake(f"{what} keeps {expected:.2f}; the function returns {number:.4g}.")
    return "the label follows the pixels that are seen, not the numbers that were drawn."


@checks
def average_answers(answer: Callable[[Callable[[Tensor], Tensor], Tensor], Tensor]) -> str:
    """Check `answer(predict, images)`: the mean of the answers to pictures and mirror images."""
    images = sample_picture(4, 3, 6, 8)
    weights = torch.randn(3 * 6 * 8, 5, generator=torch.Generator().manual_seed(0))

    def predict(batch: Tensor) -> Tensor:
        if not isinstance(batch, Tensor) or batch.ndim != 4 or batch.shape[1:] != (3, 6, 8):
            raise Mistake("predict takes a batch [N, 3, H, W]: give it the pictures as they came.")
        return (batch.float().flatten(1) @ weights).softmax(1)

    first, mirrored = predict(images), predict(images.flip(-1))
    mistakes = {
        "this is the answer to the pictures themselves; ask about their mirror images, too.": first,
        "this is the answer to the mirror images alone; average it with the first.": mirrored,
        "this is the sum of two answers: its rows add up to 2. Divide by 2.": first + mirrored,
        "the pictures are turned upside down; left to right is the last axis.": (
            (first + predict(images.flip(-2))) / 2
        ),
        "this flips the wrong axis: the last one is left to right.": (
            (first + predict(images.flip(1))) / 2
        ),
        "two pictures are averaged, and the network sees a ghost of both. Average the answers.": (
            predict((images + images.flip(-1)) / 2)
        ),
        "this keeps the larger of the two answers; its rows no longer add up to 1.": (
            first.maximum(mirrored)
        ),
        "the answers are multiplied; the mean was asked for.": first * mirrored,
        "these are the classes; return the probabilities, so that they can be averaged.": (
            ((first + mirrored) / 2).argmax(1)
        ),
    }
    compare(answer, (predict, images), (first + mirrored) / 2, mistakes, tolerance=1e-6)
    return "a mean of answers: no training, twice the time."


_NO_ORDER = "Nothing in TrivialAugment mirrors; a mirror image turns a left shoe into a right one."
_COLOR = "TrivialAugment changes saturation and solarizes; the others leave all colors as they are."
_COUNT = (
    "Coins get lost under a hole, under a pasted box, or beyond the edge; a mirror keeps them all."
)
RECIPES = {
    "is it a left or a right shoe?": ({"TrivialAugment", "CutMix", "erasing"}, _NO_ORDER),
    "is the tomato ripe, which its color tells?": ({"CutMix", "erasing", "mirror"}, _COLOR),
    "how many coins lie on the table?": ({"mirror"}, _COUNT),
}
OPTIONS = {"TrivialAugment", "CutMix", "erasing", "mirror"}


@checks
def recipes_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check a dictionary: for each question, the recipes that leave its answer true."""
    return check_choices(answer, RECIPES, OPTIONS)
