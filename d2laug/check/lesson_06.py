"""Checks of the exercises of lesson 06_on_the_fly."""

import itertools
import math
import os
import random
import select
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any  # what an answer returns may be Any

import numpy as np
import torch
from torch import Tensor

from d2laug.check.answers import Results, Tasks, call, choices, exercise, read, tensor_like
from d2laug.check.chance import rare, uneven
from d2laug.check.verdicts import Findings, Mistake, checks, refuse


@checks
def one_epoch(answer: Callable[..., object]) -> Findings:
    """Check `answer(images, labels, transform, batch_size)`: the batches of one epoch.

    They are pairs of transformed pictures and labels, yielded or in a list, in a random order.
    Chance says how often two of ten come in the first batch together, and how many of a thousand
    come up to half of them behind their place.
    """
    epochs = [_order(answer, [4, 4, 2]) for _ in range(200)]
    _order(answer, [3, 3])
    pairs = itertools.combinations(range(10), 2)
    together = [sum({*pair} <= {*epoch[:4]} for epoch in epochs) for pair in pairs]
    parts = any(rare(count, 200, 4 / 10 * 3 / 9) for count in together)
    # of a thousand, a shuffle that swaps each with any other leaves fewer up to half behind
    large = [enumerate(_order(answer, [400, 400, 200])) for _ in range(10)]
    behind = sum((place - i) % 1000 < 500 for epoch in large for place, i in epoch)
    odd = parts or rare(behind, 10_000, 1 / 2)
    unchanged = all(epoch == [*range(10)] for epoch in epochs)
    return "10 pictures came as 4 + 4 + 2, with their labels, in another order each epoch.", {
        "they come in the order of the data set: shuffle with randperm.": unchanged,
        "every epoch has the same order: draw a new one.": epochs == epochs[:1] * 200,
        "not all orders are equally likely: shuffle all at once, by randperm.": odd,
    }


def _order(answer: Callable[..., object], sizes: list[int]) -> list[int]:
    """Return the numbers of the pictures in the order of an epoch, or raise `Mistake`."""
    labels, given = torch.arange(sum(sizes)) * 3 + 1, []
    images = (labels * 8).int()[:, None, None, None].repeat(1, 3, 2, 3)

    def transform(batch: Tensor) -> Tensor:
        given.append(len(batch) if batch.ndim == 4 else 1)
        return batch + 1

    result: Any = call(answer, images, labels, transform, sizes[0])
    try:
        batches = [*result]
        x, y = map(torch.cat, zip(*batches, strict=True))
    except (TypeError, ValueError, RuntimeError):
        words = "expected pairs of tensors, pictures and labels, one for each batch. Yield them"
        raise Mistake(f"{words}: return ends the loop.") from None
    came = [len(pictures) for pictures, _ in batches]
    refuse({f"{len(labels)} pictures come in batches of {came}; expected {sizes}.": came != sizes})
    words = f"transform is given {given} pictures; expected {sizes}: call it on each batch."
    refuse({words: given != sizes})
    tensor_like(images, x, "of the pictures, "), tensor_like(labels, y, "of the labels, ")
    order = (x[:, 0, 0, 0] // 24).clamp(max=len(labels) - 1).long()
    lost, apart = (x != images[order] + 1).any(), (y != labels[order]).any()
    refuse(
        {
            "what comes out is not what transform returns: yield its result.": lost,
            "some pictures come twice: take torch.randperm.": len(order.unique()) < len(order),
            "the labels do not belong to their pictures: give both the same index.": apart,
        }
    )
    return order.tolist()


_LOADS = (10, 4, 2, 3), (11, 4, 3, 2), (40, 5, 4, 1), (7, 1, 1, 5), (100, 8, 3, 2), (59, 6, 4, 4)


@exercise(
    ("50,000 pictures, batches of 64, 8 workers, 30 epochs", 50_000, 64, 8, 30),
    *(("{} pictures, batches of {}, workers: {}, epochs: {}", *numbers) for numbers in _LOADS),
)
def different_draws(pictures: int, batch_size: int, workers: int, epochs: int) -> Results:
    """Check `answer(pictures, batch_size, workers, epochs)`: how many draws are no repetition.

    In each epoch every worker draws from a copy of one generator, in its first state.
    """
    rounds, rest = divmod(pictures, batch_size * workers)
    right, share = rounds * batch_size + min(rest, batch_size), pictures / workers
    cuts = float, math.floor, math.ceil
    even, full = [f(share) for f in cuts], math.ceil(share / batch_size) * batch_size
    rounded_down = math.ceil(pictures // batch_size / workers) * batch_size
    again = [*(n * epochs for n in even), *(f(share * epochs) for f in cuts)]
    return {
        "6,272 different draws for 1,500,000 pictures: those of the first worker.": right,
        "all workers draw the same numbers, from equal copies.": [pictures, pictures * epochs],
        "each epoch starts with new copies: it adds no draw.": right * epochs,
        "the workers do not share evenly: each makes whole batches, in turn.": even,
        "they do not share evenly, and each epoch repeats the draws.": again,
        "after the last full round some workers have a batch left.": rounds * batch_size,
        "the last batch may be shorter: count pictures, not full batches.": full,
        "a shorter last batch counts too: the number of batches is rounded up.": rounded_down,
        "that counts the batches of a worker; expected its pictures.": rounds + (rest > 0),
    }


@checks
def draw(answer: Callable[[int, int, int], float]) -> Findings:
    """Check `answer(seed, epoch, index)`: a number in 0 to 1 that these three decide alone.

    It is tried up to 2, 128 and 100,003, also with powers of 2 and of 10.
    """

    def number(*three: int) -> float:
        result = read(call(answer, *three), 0.0)
        refuse({"some numbers are not between 0 and 1.": not 0 <= result <= 1})
        return result

    other, new = ((1, 2, n) for n in random.SystemRandom().sample(range(10**6), 2))  # never asked
    apart, _, before = _apart(answer, *new), number(*other), _states()
    here, after = number(*new), _states()
    again = "the same three give two numbers. Seed a generator with them."
    seeds = "it seeds a global generator or draws from it; others draw there."
    keeps = "it remembers: what it gives depends on what was asked before."
    refuse({again: number(*new) != here, seeds: after != before, keeps: apart not in (None, here)})
    indexes = {*range(16), *(10**k + i for k in (2, 3, 4, 5) for i in range(4)), 1009, 10_007}
    indexes |= {2**k for k in range(17)} | {10_000 * k for k in range(11)}  # usual factors
    epochs = [*range(12), 64, *range(100, 104), 128]
    triples = [*itertools.product(range(3), epochs, sorted(indexes))]
    grid = {triple: number(*triple) for triple in triples}
    last = {number: triple for triple, number in grid.items()}
    met = [f"{triple} and {last[n]}" for triple, n in grid.items() if last[n] != triple]
    where = f"(seed, epoch, index) = {met[0] if met else ''} draw the same number."
    return f"{len(grid):,} triples draw {len(last):,} numbers, the same ones at every call.", {
        # six are no chance, even of a float32, which holds 24 bits
        f"{where} Combine the three so that no two triples meet.": len(met) > 5,
        "the numbers are not spread evenly from 0 to 1.": uneven([*last]),
    }


def _states() -> str:
    return str([torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()])  # noqa: NPY002


def _apart(answer: Callable[..., object], *inputs: int) -> float | None:
    """Return what an answer gives in a copy of this process, which nobody has asked before.

    `None` where it is no number, takes a second, or where the system makes no such copies.
    """
    if sys.platform != "linux":
        return None
    reader, writer = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # of threads, which the copy does not need
        copy = os.fork()
    if not copy:
        try:
            os.write(writer, str(read(call(answer, *inputs), 0.0)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    try:
        written = os.read(reader, 99) if select.select([reader], [], [], 1)[0] else b""
    finally:
        os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)
        os.close(reader)
    return float(written) if written else None


@choices(no="does not belong before", also="also belongs before")
def before_training_or_testing() -> Tasks:
    """Check `answer`: before what each step belongs, "training", "testing" or both."""
    return {
        "crop at a random place": {"training"},
        "change colors at random": {"training"},
        "turn 0 to 255 into 0 to 1": {"training", "testing"},
        "subtract the mean of the training pictures": {"training", "testing"},
    }, [
        "A test that draws gives another answer each time.",
        "A test asks about the pictures as the camera gives them.",
        "The network must get the same kind of numbers in both.",
        "The mean is the same number in both, and belongs to the network.",
    ]
