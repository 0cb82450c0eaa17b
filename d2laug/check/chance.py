"""Judge what is drawn at random: a right answer fails once in a billion times, on any seed."""

import math
from collections.abc import Sequence

_UNLIKELY = math.log(2e9)


def rare(count: int, n: int, p: float) -> bool:
    """Whether chance, `n` times with probability `p`, gives `count` less than once in a billion.

    It does not depend on the seed, nor on the generator: by the bound of Chernoff, counts at least
    as far from `n * p` have at most the probability `2 * exp(-n * divergence)`.
    """
    shares = (count / n, p), (1 - count / n, 1 - p)
    if any(share and not chance for share, chance in shares):
        return True
    divergence = sum(share * math.log(share / chance) for share, chance in shares if share)
    return n * divergence > _UNLIKELY


def uneven(numbers: Sequence[float], low: float = 0.0, high: float = 1.0) -> bool:
    """Whether numbers drawn evenly from `low` to `high` come out so less than once in a billion.

    By the bound of Dvoretzky, Kiefer, Wolfowitz and Massart no share of the numbers below any
    value is further from its part of the range than this with a larger probability.
    """
    n, width = len(numbers), math.sqrt(_UNLIKELY / 2 / len(numbers))
    parts = [(number - low) / (high - low) for number in sorted(numbers)]
    return any(not i / n - width <= part <= (i + 1) / n + width for i, part in enumerate(parts))
