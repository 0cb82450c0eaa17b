"""Checks of the exercises of lesson 06_on_the_fly."""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise, permutations, product
from typing import Any  # what an answer returns may be Any

import torch
from torch import Tensor

from d2laug.check.answers import Results, call, exercise, tensor_like
from d2laug.check.chance import rare
from d2laug.check.verdicts import Findings, Mistake, checks, refuse, short


@checks
def one_epoch(answer: Callable[..., object]) -> Findings:
    """Check `answer(images, labels, transform, batch_size)`: the batches of one epoch.

    They are pairs of transformed pictures and labels, yielded or in a list, in a random order.
    Chance says how often each of ten comes at each place and after each other, how often epochs are
    equal, and how many of a thousand rise, stay, come up to half of them later or far earlier.
    """
    sizes = {204: [4, 4, 2], 10: [400, 400, 200], 5: [3, 3]}
    every = {n: [_order(answer, size) for _ in range(n)] for n, size in sizes.items()}
    ten, large = every[204], every[10]
    places, after = (Counter(p for x in ten for p in of(x)) for of in (enumerate, pairwise))
    pairs = [places[pair] for pair in product(range(10), range(10))]
    pairs += [after[pair] for pair in permutations(range(10), 2)]
    moves = [place - i for epoch in large for place, i in enumerate(epoch)]
    # a shuffle that swaps each with any other leaves fewer up to half behind their place
    behind, early = sum(move % 1000 < 500 for move in moves), sum(move < -900 for move in moves)
    rising = sum(a < b for epoch in large for a, b in pairwise(epoch))
    shares = (behind, 1 / 2), (rising + 5, 1 / 2), (moves.count(0), 1 / 1000), (early, 0.00495)
    odd = [rare(count, 204, 1 / 10) for count in pairs]
    odd += [rare(count, 10_000, p) for count, p in shares]
    different = {n: len({*map(tuple, epochs)}) for n, epochs in every.items()}
    again = different[204] < 201 or different[10] < 10  # chance makes one pair of 10! equal, or two
    return "10 pictures came as 4 + 4 + 2, with their labels, in another order each epoch.", {
        "they come in the order of the data set: use randperm.": ten == [[*range(10)]] * 204,
        "every epoch has the same order: draw a new one.": 1 in different.values(),
        "not all orders are equally likely: shuffle all at once, by randperm.": any(odd) or again,
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
        words = "expected pairs (pictures, labels) of tensors, one for each batch"
        rest = "." if isinstance(result, list) else ". Yield them: return ends the loop."
        raise Mistake(words + rest) from None
    came = [len(pictures) for pictures, _ in batches]
    words = f"{len(labels)} pictures come in batches of {short(came)}; expected {sizes}."
    refuse({words: came != sizes})
    words = f"transform is given {short(given)} pictures; expected {sizes}: call it on each batch."
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
    even = [f(share * n) for f in (float, math.floor, math.ceil) for n in (1, epochs)]
    batches = pictures // batch_size, pictures / batch_size
    full = [math.ceil(n / workers) * batch_size for n in batches]
    return {
        "6,272 different draws for 1,500,000 pictures: those of the first worker.": right,
        "all workers draw the same numbers, from equal copies.": [pictures, pictures * epochs],
        "each epoch starts with new copies: it adds no draw.": right * epochs,
        "the workers do not share evenly: each makes whole batches, in turn.": even,
        "after the last full round some workers have a batch left.": rounds * batch_size,
        "the last batch may be shorter: count its pictures, too, but not a full batch.": full,
        "that counts the batches of a worker; expected its pictures.": rounds + (rest > 0),
    }
