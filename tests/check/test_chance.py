"""A right random answer is refused less than once in a million times: from the bounds themselves.

No seed stands here but those of the numbers that must be refused.
"""

import math

import pytest
import torch

from d2laug.check.chance import rare, uneven


@pytest.mark.parametrize("n", [10, 100, 400, 1000])
@pytest.mark.parametrize("p", [0.0, 1e-3, 0.2, 0.5, 0.75, 1.0])
def test_chance_is_refused_less_than_once_in_a_billion(n, p):
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    assert sum(chances[k] for k in range(n + 1) if rare(k, n, p)) < 1e-9
    assert not rare(round(n * p), n, p)


@pytest.mark.parametrize(
    ("count", "n", "p"), [(1, 100, 0.0), (99, 100, 1.0), (300, 400, 0.5), (140, 400, 0.2)]
)
def test_what_chance_does_not_do_is_rare(count, n, p):
    assert rare(count, n, p)


@pytest.mark.parametrize("n", [64, 500])
def test_even_draws_are_not_refused(n):
    torch.manual_seed(0)
    assert not any(uneven((3 * torch.rand(n) - 1).tolist(), -1, 2) for _ in range(1000))


def test_uneven_draws_are():
    torch.manual_seed(0)
    even = torch.rand(500)
    assert uneven(even.square().tolist())
    assert uneven((even * 0.8).tolist())
    assert uneven((even.round()).tolist())
    assert uneven((2 * even).tolist())
    assert uneven([0.5] * 100)


def test_the_bound_for_even_draws_is_that_of_the_theorem():
    """Massart, 1990: two-sided, `2 * exp(-2 * n * width ** 2)`."""
    n, far = 100, 0.0
    while not uneven([(i + 0.5) / n * (1 - far) for i in range(n)]):
        far += 1e-3
    assert 2 * math.exp(-2 * n * (far - 1 / n) ** 2) < 2e-9
