"""Checks of the exercises of lesson 03_crop."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.check import answers
from d2laug.check.answers import Results, exercise, sample_picture
from d2laug.check.verdicts import Findings, Mistake, checks, refuse


def _cut(x: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    return x[..., top : top + height, left : left + width]


@exercise(
    *answers.samples_of((3, 10, 16), (2, 3, 10, 16), more=(4, 6)),
    ("3 x 5 pixels of 11 x 17", sample_picture(3, 11, 17), 3, 5),
    ("10 x 16 pixels of 10 x 16", sample_picture(3, 10, 16), 10, 16),
    ("2 x 6 pixels of 8 x 8", sample_picture(3, 8, 8), 2, 6),
)
def center_crop(x: Tensor, h: int, w: int) -> Results:
    """Check `answer(image, height, width)`: the middle `height x width` pixels of `[..., H, W]`."""
    H, W = x.shape[-2:]
    top, left = (H - h) // 2, (W - w) // 2
    right, larger = _cut(x, top, left, h, w), _cut(x, top, left, h + 1, w + 1)
    first_axes = x[top : top + h, left : left + w]
    return {
        "the crop and the picture have the same middle, for a picture and for a batch.": right,
        "the crop starts in the upper left corner; expected the middle.": x[..., :h, :w],
        "the crop ends in the lower right corner; expected the middle.": x[..., -h:, -w:],
        "height and width are swapped.": _cut(x, (H - w) // 2, (W - h) // 2, w, h),
        "the crop starts in the middle; its middle should be there.": _cut(x, H // 2, W // 2, h, w),
        "the crop is one row and one column too large: a slice ends before its stop.": larger,
        "the slice must end at the start plus the size: top + height.": x[..., top:h, left:w],
        "the picture comes back whole.": x,
        "the batch dimension is lost. Index with ... for all leading axes.": right[0],
        "the first axes are cut, not rows and columns. Index with ... first.": first_axes,
    }


@checks
def draw_position(answer: Callable[[int, int, int, int], tuple[int, int]]) -> Findings:
    """Check `answer(H, W, height, width)`: a random `(top, left)` that keeps the crop inside."""
    draws = [answers.read(answers.call(answer, 5, 11, 2, 4), (0.0, 0.0)) for _ in range(800)]
    # a crop of 2 x 4 in a picture of 5 x 11 has the tops 0 to 3 and the lefts 0 to 7
    tops, lefts = ({*axis} for axis in zip(*draws, strict=True))
    top, left, pairs = max(tops), max(lefts), len({*draws})
    parts = [draw for draw in draws if not all(number.is_integer() for number in draw)]
    first, last = 0 in tops and 0 in lefts, 3 in tops and 7 in lefts
    outside = f"with top {top:g} or left {left:g} a crop of 2 x 4 leaves a picture of 5 x 11"
    return "all 32 positions of a 2 x 4 crop in a 5 x 11 picture occur, and no other.", {
        f"positions are whole pixels, see torch.randint, and not {parts[:1]}.": parts,
        f"the position is always ({top:g}, {left:g}); expected random ones.": pairs == 1,
        "top and left are swapped: top follows the height.": top == 7 and left == 3,
        "some positions are negative: they lie outside the picture.": min(tops | lefts) < 0,
        f"{outside}: take the size of the crop off first.": top > 3 or left > 7,
        "the last row or column is never reached: torch.randint leaves out its end.": not last,
        "the first row or column is never reached: positions start at 0.": not first,
        "some pairs never occur: do top and left depend on each other? Draw two numbers.": pairs
        < 32,
    }


def _smooth(height: int, width: int) -> Tensor:
    """Return a float picture `[3, height, width]` without edges, whose parts all differ."""
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    x = torch.linspace(0, 1, width).expand(height, width)
    return torch.stack([y, x, (x + y * y) / 2])


@exercise(
    ("three pictures", [_smooth(40, 60), _smooth(60, 40), _smooth(33, 50)], 16),
    ("two larger ones", [_smooth(64, 48), _smooth(72, 90)], 24),
    tolerance=0.02,
)
def to_batch(pictures: Sequence[Tensor], size: int) -> Results:
    """Check `answer(pictures, size)`: pictures of many sizes as one batch `[N, 3, size, size]`.

    The shorter side is resized to `size`, then the middle is cut out, so that nothing is stretched.
    """
    whole = [F.resize(x, [size]) for x in pictures]
    middle = [F.center_crop(x, [size]) for x in whole]
    squares = torch.stack([F.resize(x, [size, size]) for x in pictures])
    unsized = torch.stack([F.center_crop(x, [size]) for x in pictures])
    corner = torch.stack([x[..., :size, :size] for x in whole])
    return {
        "three shapes became one batch, and circles stay round.": torch.stack(middle),
        "the pictures are stretched: give resize one number, not two.": squares,
        "the pictures are cut but not resized: most of each is gone.": unsized,
        "the upper left corner is cut out; expected the middle.": corner,
        "only one picture comes back; expected all, stacked.": middle[0],
        "the pictures stand beside each other in one; expected torch.stack.": torch.cat(middle),
    }


@checks
def small_crops(answer: object) -> Findings:
    """Check `answer`: the share of default crops that keep less than a quarter of the picture."""
    if answer is ... or answer is None:
        raise Mistake("there is no answer yet. Put a number in place of the dots.")
    try:
        number = answers.read(answer, 0.0)
    except Mistake:
        words = f"expected a number, given a {type(answer).__name__} ({answer!r})."
        raise Mistake(words) from None
    right = (0.25 - 0.08) / (1 - 0.08)
    wrong = {
        "a quarter would be right if areas started at 0; they start at 0.08.": 0.25,
        "0.25 - 0.08 is the length of the part; divide it by that of the whole range.": 0.17,
        "that is the share of draws above a quarter.": 1 - right,
        "that is in percent; give it as a fraction between 0 and 1.": 100 * right,
        "the part of the range below 0.25 starts at 0.08, not at 0.": 0.25 / 0.92,
        "half the width and height keep a quarter, but the area is drawn, not the sides.": 0.5,
    }
    if not abs(number - right) <= 0.006:
        refuse({hint: abs(number / value - 1) < 0.02 for hint, value in wrong.items()})
        rest = "The area is uniform from 0.08 to 1: which part is below 0.25?"
        raise Mistake(f"{number:.3g} is not it. {rest}")
    return f"(0.25 - 0.08) / (1 - 0.08) = {right:.3f}: almost one draw in five.", {}
