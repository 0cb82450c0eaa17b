"""Laws of size."""

import torch
from torch.nn import functional as F

from laws import close, law, noisy, smooth


@law(
    "low resolution",
    wrong={
        "larger pixels": lambda x, s: F.interpolate(
            F.adaptive_avg_pool2d(x, [round((1 - 0.85 * s) * n) for n in x.shape[-2:]]),
            x.shape[-2:],
        ),
        "a blur": lambda x, s: F.avg_pool2d(x, 7, 1, 3, count_include_pad=False),
        "pixels are skipped": lambda x, s: F.interpolate(
            F.interpolate(x, [max(1, round((1 - 0.85 * s) * n)) for n in x.shape[-2:]]),
            x.shape[-2:],
            mode="bilinear",
        ),
    },
)
def low_resolution(effect):
    """Few rows and columns are left, and what needs no more of them stays as it was."""
    for strength in (1, 0.5):
        share = 1 - 0.85 * strength
        rank = torch.linalg.matrix_rank(effect(noisy(), strength).double(), atol=1e-4)
        assert rank.tolist() == [round(48 * share)] * 3
        soft = smooth(low=0.2, high=0.8)
        assert (effect(soft, strength) - soft).abs().mean() < 0.03 * strength
        # a pixel of the small picture is a mean of pixels: none is lost, and noise gets less
        small = effect(noisy(), strength)
        assert (small.mean((-2, -1)) - noisy().mean((-2, -1))).abs().max() < 0.02
        assert small.std() < 0.29 * share * 1.2
    small = effect(noisy())
    assert small.diff().abs().max() < 1.2 * small.std(), "steps instead of slopes"


def blocks(picture, size):
    """Return the blocks of a picture, [3, rows, columns, size * size]."""
    return picture.unfold(1, size, size).unfold(2, size, size).flatten(-2)


def pooled(reduce):
    """Return the check that each block is filled with `reduce` of its values."""

    def check(effect):
        for strength, size in ((1, 8), (0.5, 5)):
            for picture in (noisy(40, 80), smooth(40, 80)):
                given, result = blocks(picture, size), blocks(effect(picture, strength), size)
                assert close(result, reduce(given)[..., None].expand_as(given), 1e-6)
        # blocks that the edge cuts are blocks, too
        result = blocks(effect(noisy(43, 82)[:, -11:, -10:], 1)[:, 8:, 8:], 1)
        assert result.flatten(1).unique(dim=1).shape[1] == 1

    return check


def in_windows(reduce):
    """Return the mistake to take the values around each pixel instead of those of its block."""

    def slide(x, s):
        padded = F.pad(x, [4, 3, 4, 3], mode="replicate")
        return reduce(padded.unfold(2, 8, 1).unfold(3, 8, 1).flatten(-2))

    return slide


def mean(values):
    return values.mean(-1)


def largest(values):
    return values.amax(-1)


def middle(values):
    return values.sort(-1).values[..., values.shape[-1] // 2]


def smallest(values):
    return values.amin(-1)


def by_blocks(reduce):
    """Return the effect of another kind of pooling, for sides that blocks of 8 or 5 fill."""

    def effect(x, s):
        size = 8 if s == 1 else 5
        values = reduce(x.unfold(2, size, size).unfold(3, size, size).flatten(-2))
        return F.interpolate(values, x.shape[-2:])

    return effect


KINDS = {
    "average pooling": mean,
    "max pooling": largest,
    "median pooling": middle,
    "min pooling": smallest,
}
for name, kind in KINDS.items():
    others = {other: by_blocks(reduce) for other, reduce in KINDS.items() if reduce is not kind}
    law(name, wrong={"a sliding window": in_windows(kind), **others})(pooled(kind))
