"""Checks of the exercises of lesson 03_crop."""

from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.check.answers import Mistake, call, checks, compare, sample_picture


@checks
def center_crop(answer: Callable[[Tensor, int, int], Tensor]) -> str:
    """Check `answer(image, height, width)`: the middle `height x width` pixels of `[..., H, W]`."""
    for shape in [(3, 10, 16), (2, 3, 10, 16)]:
        x = sample_picture(*shape)
        compare(
            answer,
            (x, 4, 6),
            x[..., 3:7, 5:11],
            {
                "the crop starts in the upper left corner; expected the middle.": x[..., :4, :6],
                "the crop ends in the lower right corner; expected the middle.": x[..., -4:, -6:],
                "height and width are swapped.": x[..., 2:8, 6:10],
                "the crop starts in the middle; it should have its own middle there.": x[
                    ..., 5:9, 8:14
                ],
                "the crop is one row and one column too large: a slice ends before its stop.": x[
                    ..., 3:8, 5:12
                ],
                "the end of the slice must be the start plus the size: top + height.": x[
                    ..., 3:4, 5:6
                ],
                "the picture comes back whole.": x,
                "the batch dimension is lost. Index with ... for all leading axes.": x[0][
                    ..., 3:7, 5:11
                ],
                "rows of the batch are cut, not rows of the pictures. Index with ... first.": x[
                    3:7, 5:11
                ],
            },
        )
    for shape, height, width in [((3, 9, 15), 3, 5), ((3, 10, 16), 10, 16), ((3, 8, 8), 2, 6)]:
        x = sample_picture(*shape)
        top, left = (shape[1] - height) // 2, (shape[2] - width) // 2
        try:
            compare(answer, (x, height, width), x[..., top : top + height, left : left + width], {})
        except Mistake as mistake:
            given = f"{height} x {width} pixels of {shape[1]} x {shape[2]}"
            raise Mistake(
                f"right for 4 x 6 pixels of 10 x 16, but for {given}: {mistake}"
            ) from None
    return "the crop and the picture have the same middle, for a picture and for a batch."


@checks
def draw_position(answer: Callable[[int, int, int, int], tuple[int, int]]) -> str:
    """Check `answer(H, W, height, width)`: a random `(top, left)` that keeps the crop inside."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        draws = [call(answer, 5, 9, 3, 4) for _ in range(600)]
    for draw in draws:
        try:
            top, left = (float(number) for number in draw)
            whole = top == int(top) and left == int(left)
        except (TypeError, ValueError, OverflowError):
            raise Mistake(
                f"the function returns {draw!r}; expected two numbers: (top, left)."
            ) from None
        if not whole:
            raise Mistake(
                f"the function returns {draw!r}; positions are whole pixels: torch.randint."
            )
    tops, lefts = ({int(draw[axis]) for draw in draws} for axis in (0, 1))
    # a crop of 3 x 4 in a picture of 5 x 9 has the tops 0 to 2 and the lefts 0 to 5
    if len(tops) == len(lefts) == 1:
        raise Mistake(f"the position is always ({min(tops)}, {min(lefts)}); expected random ones.")
    if max(tops) == 5 and max(lefts) == 2:
        raise Mistake("top and left are swapped: top follows the height, left the width.")
    if min(tops | lefts) < 0:
        raise Mistake("some positions are negative: they lie outside the picture.")
    if max(tops) > 2 or max(lefts) > 5:
        raise Mistake(
            f"with top {max(tops)} or left {max(lefts)} a crop of 3 x 4 leaves a picture of 5 x 9: "
            "take the size of the crop off first."
        )
    if 2 not in tops or 5 not in lefts:
        raise Mistake("the last row or column is never reached: torch.randint leaves out its end.")
    if 0 not in tops or 0 not in lefts:
        raise Mistake("the first row or column is never reached: positions start at 0.")
    if len({(int(top), int(left)) for top, left in draws}) < 18:
        raise Mistake("top and left depend on each other: draw a new number for each.")
    return "all 18 positions of a 3 x 4 crop in a 5 x 9 picture occur, and no other."


@checks
def to_batch(answer: Callable[[list[Tensor], int], Tensor]) -> str:
    """Check `answer(pictures, size)`: pictures of many sizes as one batch `[N, 3, size, size]`.

    The shorter side is resized to `size`, then the middle is cut out, so that nothing is stretched.
    """
    pictures = [_smooth(40, 60), _smooth(60, 40), _smooth(33, 50)]
    whole = [F.resize(x, 16, antialias=True) for x in pictures]
    right = torch.stack([F.center_crop(x, 16) for x in whole])
    compare(
        answer,
        (pictures, 16),
        right,
        {
            "the pictures are stretched: give resize one number, not two.": torch.stack(
                [F.resize(x, [16, 16], antialias=True) for x in pictures]
            ),
            "the pictures are cut but not resized: most of each is gone.": torch.stack(
                [F.center_crop(x, 16) for x in pictures]
            ),
            "the upper left corner is cut out; expected the middle.": torch.stack(
                [x[..., :16, :16] for x in whole]
            ),
            "only one picture comes back; expected all, stacked.": right[0],
            "the pictures stand beside each other in one; expected torch.stack.": torch.cat(
                [*right], 0
            ),
        },
        tolerance=0.02,
    )
    return "three shapes became one batch, and circles stay round."


def _smooth(height: int, width: int) -> Tensor:
    """Return a float picture `[3, height, width]` without edges, whose parts all differ."""
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    x = torch.linspace(0, 1, width)[None, :].expand(height, width)
    return torch.stack([y, x, (x + y * y) / 2])


@checks
def small_crops(answer: float) -> str:
    """Check `answer`: the share of default crops that keep less than a quarter of the picture."""
    if answer is ... or answer is None:
        raise Mistake("there is no answer yet. Put a number in place of the dots.")
    try:
        number = float(answer)
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise Mistake(f"expected a number, given a {kind} ({answer!r}).") from None
    right = (0.25 - 0.08) / (1 - 0.08)
    hints = {
        0.25: "a quarter would be right if areas started at 0; they start at 0.08.",
        0.17: "0.25 - 0.08 is the length of the part; divide it by the length of the whole range.",
        1 - right: "that is the share of draws above a quarter.",
        100 * right: "that is in percent; give it as a fraction between 0 and 1.",
        0.25 / 0.92: "the part of the range below 0.25 starts at 0.08, not at 0.",
        0.5: "half the width and height keep a quarter, but the area is drawn, not the sides.",
    }
    if abs(number - right) <= 0.006:
        return f"(0.25 - 0.08) / (1 - 0.08) = {right:.3f}: almost one draw in five."
    for wrong, hint in hints.items():
        if abs(number - wrong) < (0.006 if wrong < 1 else 1):
            raise Mistake(hint)
    raise Mistake(
        f"{number:.3g} is not it. The area is uniform from 0.08 to 1: which part is below 0.25?"
    )
