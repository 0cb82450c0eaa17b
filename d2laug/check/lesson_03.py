"""Checks of the exercises of lesson 03_crop."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.check.answers import Results, call, exercise, read, sample_picture
from d2laug.check.chance import rare
from d2laug.check.verdicts import Findings, checks, refuse

_CROPS = (11, 17, 3, 5), (10, 16, 10, 6), (8, 8, 2, 6)
_SIZES = (6, 9, 4, 6), (5, 11, 2, 4), (6, 7, 6, 3)


@exercise(
    ("an input of shape [3, 10, 16]", sample_picture(3, 10, 16), 4, 6),
    ("an input of shape [2, 3, 10, 16]", sample_picture(2, 3, 10, 16), 4, 6),
    *(("{1} x {2} pixels", sample_picture(3, *size), h, w) for *size, h, w in _CROPS),
    ("4 x 6 of 9 x 9 gray pixels, which have two middles", torch.full((3, 9, 9), 0.5), 4, 6),
)
def center_crop(x: Tensor, h: int, w: int) -> Results:
    """Check `answer(image, height, width)`: the middle `height x width` pixels of `[..., H, W]`."""
    H, W = x.shape[-2:]
    top, left, bottom, end = (H - h) // 2, (W - w) // 2, (H + h) // 2, (W + w) // 2
    right, late = x[..., top:bottom, left:end], x[..., H // 2 : H // 2 + h, W // 2 : W // 2 + w]
    return {
        "the crop and the picture have the same middle, for a picture and for a batch.": right,
        "the crop starts in the upper left corner; expected the middle.": x[..., :h, :w],
        "height and width are swapped.": F.center_crop(x, [w, h]),
        "the crop starts in the middle; its middle should be there.": late,
        "the slice must end at the start plus the size: top + height.": x[..., top:h, left:w],
        "a batch has one axis more: index with ... first.": x[:, top:bottom, left:end],
    }


@checks
def draw_position(answer: Callable[[int, int, int, int], tuple[int, int]]) -> Findings:
    """Check `answer(H, W, height, width)`: a random `(top, left)` that keeps the crop inside.

    It draws 1,000 times: for a crop of 2 x 4 in a picture of 5 x 11, and for two sizes more.
    """
    n = 1000
    for H, W, h, w in ((5, 11, 2, 4), (6, 3, 4, 3), (4, 9, 4, 6)):
        draws = [read(call(answer, H, W, h, w), (0.0, 0.0)) for _ in range(n)]
        parts = [draw for draw in draws if not all(number.is_integer() for number in draw)]
        refuse({f"positions are whole pixels, see torch.randint, and not {parts[:1]}.": parts})
        (top, low), (left, first) = ((max(axis), min(axis)) for axis in zip(*draws, strict=True))
        ends = f"top goes from {low:g} to {top:g} and left from {first:g} to {left:g}"
        right = f"top goes from 0 to {H - h} and left from 0 to {W - w}"
        where = f"for a crop of {h} x {w} in {H} x {W} pixels"
        places, pairs = [*product(range(H - h + 1), range(W - w + 1))], Counter(draws)
        odd = {place: pairs[place] for place in places if rare(pairs[place], n, 1 / len(places))}
        tied = "some pairs never come: do top and left depend on each other? Draw two numbers."
        mistakes = {
            f"{where} {ends}; expected: {right}.": ends != right,
            tied: 0 in odd.values(),
            "some positions are drawn more often than others; expected all equally often.": odd,
        }
        refuse(mistakes)
    return "all 32 positions of a 2 x 4 crop in a 5 x 11 picture occur equally often.", {}


def _ramps(size: int, *sizes: tuple[int, int]) -> list[Tensor]:
    """Return pictures that change by 1/40 for each pixel of what is asked, each brighter than the
    one before: all ways to resize agree up to 2/3 of a pixel."""
    pictures = []
    for i, (height, width) in enumerate(sizes):
        y, x = ((torch.arange(n) + 0.5) * size / min(height, width) / 40 for n in (height, width))
        y, x = torch.meshgrid(0.05 * i + y, 0.05 * i + x, indexing="ij")
        pictures.append(torch.stack([y, x, (x + y) / 2]))
    return pictures


@exercise(
    ("three pictures", _ramps(16, (80, 120), (120, 80), (100, 100)), 16),
    ("two others, one of them smaller than asked", _ramps(24, (12, 18), (144, 96)), 24),
    tolerance=0.018,
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
        "one picture comes back; expected all, by torch.stack.": [middle[0], torch.cat(middle)],
    }


@exercise(*(("a crop of {2} x {3} in {0} x {1} pixels", *sizes) for sizes in _SIZES))
def how_often_kept(H: int, W: int, height: int, width: int) -> Results:
    """Check `answer(H, W, height, width)`: the share of a crop's positions that keep each pixel."""

    def kept(tops: int, lefts: int) -> Tensor:
        counts = torch.zeros(H, W)
        for top, left in product(range(tops), range(lefts)):
            counts[top : top + height, left : left + width] += 1
        return counts

    tops, lefts = H - height, W - width
    counts, fewer = kept(tops + 1, lefts + 1), kept(tops, lefts) / (tops * lefts)
    right, other = counts / (tops + 1) / (lefts + 1), (H * W, counts.max(), counts.sum())
    return {
        "in 6 x 9 pixels a crop of 4 x 6 always keeps the middle, a corner 1 time in 12.": right,
        "that counts the positions; divide by how many there are.": counts,
        "divide the counts by the number of positions.": [counts / n for n in other],
        "the last tops and lefts are left out: count H - height + 1 tops.": fewer,
    }
