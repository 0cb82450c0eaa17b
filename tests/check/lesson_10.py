"""Right and wrong answers to the exercises of lesson 10."""

import math
from fractions import Fraction

import numpy as np
import torch
from forms import not_varied


def lowest_loss(shares):
    best = [-sum(share * math.log(share) for share in row if share) for row in shares.tolist()]
    return sum(best) / len(best)


def lowest_loss_by_the_loss(shares):
    logits = shares.log().nan_to_num()  # a large negative number for minus infinity
    return torch.nn.functional.cross_entropy(logits, shares)


def lowest_loss_by_numpy(shares):
    kept = shares.numpy()[shares > 0]
    return -np.sum(kept * np.log(kept)) / len(shares)


def by_training():
    def lowest_loss(shares):
        logits = torch.zeros_like(shares, requires_grad=True)
        optimizer = torch.optim.LBFGS([logits], max_iter=100, line_search_fn="strong_wolfe")

        def loss():
            optimizer.zero_grad()
            mean = torch.nn.functional.cross_entropy(logits, shares)
            mean.backward()
            return mean

        optimizer.step(loss)
        return loss().item()

    return lowest_loss


def in_place_lowest_loss(shares):
    return -shares.clamp_(min=1e-9).mul_(shares.log()).sum() / len(shares)


def covered(size, start, length):
    return len(range(max(start, 0), min(start + length, size)))


def kept_share(H, W, top, left, height, width):
    return 1 - covered(H, top, height) * covered(W, left, width) / (H * W)


def kept_share_counted(H, W, top, left, height, width):
    rows, columns = torch.arange(H)[:, None], torch.arange(W)
    pasted = (rows >= top) & (rows < top + height) & (columns >= left) & (columns < left + width)
    return pasted.logical_not().sum() / (H * W)


def kept_share_of_ranges(H, W, top, left, height, width):
    rows = set(range(H)) & set(range(top, top + height))
    columns = set(range(W)) & set(range(left, left + width))
    return Fraction(H * W - len(rows) * len(columns), H * W)


def kept_share_by_numpy(H, W, top, left, height, width):
    rows = np.diff(np.array([top, top + height]).clip(0, H))
    columns = np.diff(np.array([left, left + width]).clip(0, W))
    return 1 - rows * columns / (H * W)


def by_loops():
    def kept_share(H, W, top, left, height, width):
        kept = 0
        for row in range(H):
            for column in range(W):
                kept += not (top <= row < top + height and left <= column < left + width)
        return kept / H / W

    return kept_share


def what_is_left_of_each_side(H, W, top, left, height, width):
    return (1 - covered(H, top, height) / H) * (1 - covered(W, left, width) / W)


def never_negative(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), min(left + width, W) - max(left, 0)
    return 1 - rows * columns / (H * W)


def one_negative(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), min(left + width, W) - max(left, 0)
    return 1 - max(rows * columns, 0) / (H * W)


def one_column_at_least(H, W, top, left, height, width):
    rows = min(top + height, H) - max(top, 0)
    columns = min(left + width, W) - max(left, 0)
    return 1 - max(rows, 0) * max(columns, 1) / (H * W)


def without_the_left_edge(H, W, top, left, height, width):
    return 1 - (min(top + height, H) - max(top, 0)) * width / (H * W)


def clipped_at_the_starts(H, W, top, left, height, width):
    return 1 - (top + height - max(top, 0)) * (left + width - max(left, 0)) / (H * W)


def clipped_at_the_ends(H, W, top, left, height, width):
    return 1 - (min(top + height, H) - top) * (min(left + width, W) - left) / (H * W)


def without_the_right_edge(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), left + width - max(left, 0)
    return 1 - rows * columns / (H * W)


RIGHT = {
    "lowest_loss": [
        lambda shares: lowest_loss(shares),
        lowest_loss_by_the_loss,
        lambda shares: torch.distributions.Categorical(shares).entropy().mean(),
        lowest_loss_by_numpy,
        not_varied("more steps end at the same place", by_training()),
        lambda shares: torch.special.entr(shares).sum() / len(shares),
        lambda shares: -(shares * (shares + 1e-7).log()).sum(1).mean(),
        lambda shares: -(shares * shares.clamp(min=1e-9).log()).sum(1).mean(),
    ],
    "kept_share": [
        kept_share,
        kept_share_counted,
        kept_share_of_ranges,
        kept_share_by_numpy,
        by_loops(),
        lambda *numbers: torch.tensor(kept_share(*numbers)),
    ],
}
WRONG = {
    "lowest_loss": [
        ("cannot be two labels at once", lambda s: 0),
        ("sign", lambda s: -lowest_loss(s)),
        ("sum over the pictures", lambda s: lowest_loss(s) * len(s)),
        ("by the classes, too", lambda s: torch.special.entr(s).mean()),
        ("natural logarithm", lambda s: lowest_loss(s) / math.log(2)),
        ("natural logarithm", lambda s: lowest_loss(s) / math.log(10)),
        ("see torch.xlogy", lambda s: -(s * (s + 1e-2).log()).sum() / len(s)),
        ("see torch.xlogy", lambda s: -(s * s.clamp(min=0.1).log()).sum() / len(s)),
        ("the function returns", lambda s: -(s * (s + 0.02).log()).sum() / len(s)),
        ("that is rounded", lambda s: round(lowest_loss(s), 2)),
        ("takes logits", lambda s: torch.nn.functional.cross_entropy(s, s)),
        ("equal answers", lambda s: math.log(s.shape[1])),
        ("for four pictures, the function returns", lambda s: -s.max(1).values.log().mean()),
        ("returns NaN", lambda s: -(s * s.log()).sum() / len(s)),
        ("right for four pictures, but for two", lambda s: 0.64597),
        (
            "returns a Tensor of shape [4]; expected one number",
            lambda s: torch.special.entr(s).sum(1),
        ),
        ("expected 0.", lambda s: 1 - s.amax(1).mean()),
        ("in place", in_place_lowest_loss),
    ],
    "kept_share": [
        ("clip it", lambda H, W, t, left, h, w: 1 - h * w / (H * W)),
        ("share of the pasted picture", lambda *numbers: 1 - kept_share(*numbers)),
        ("the function returns", lambda H, W, t, left, h, w: h * w / (H * W)),
        ("the function returns", without_the_left_edge),
        (
            "the function returns",
            lambda H, W, t, left, h, w: 1 - h * (min(left + w, W) - max(left, 0)) / (H * W),
        ),
        ("an area in pixels; a share", lambda H, W, *box: (1 - kept_share(H, W, *box)) * H * W),
        ("an area in pixels; a share", lambda H, W, *box: kept_share(H, W, *box) * H * W),
        ("the function returns", what_is_left_of_each_side),
        ("a box of 5 x 4", lambda *numbers: 1 - 8 / 150),
        ("the function returns", without_the_right_edge),
        ("clip it below and right too", clipped_at_the_starts),
        ("clip it above and left too", clipped_at_the_ends),
        ("not fewer than none", never_negative),
        ("not fewer than none", one_negative),
        ("a box of 5 x 5", one_column_at_least),
        ("the function returns 0.5; expected 0.94667", lambda *numbers: 0.5),
        ("returns NaN", lambda *numbers: float("nan")),
    ],
}
EITHER_WAY = "the larger or smaller in either order"
EQUIVALENT = {
    "lowest_loss": {
        ".sum(-1).mean()": "the second axis is the last",
        "shares + 2e-07": "as small a number",
        "min=2e-09": "as small a number",
    },
    "kept_share": {
        "range(max(0, top), ": EITHER_WAY,
        "min(H, top + height)": EITHER_WAY,
        "range(max(0, left), ": EITHER_WAY,
        "min(W, left + width)": EITHER_WAY,
        "[*range(H)][::-1]": "a count in another order",
        "[*range(W)][::-1]": "a count in another order",
    },
}
