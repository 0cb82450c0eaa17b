"""Checks of the exercises of lesson 06_on_the_fly."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, check_choices, checks, one_number, sample_picture


@checks
def one_epoch(answer: Callable[[Tensor, Tensor, Callable, int], object]) -> str:
    """Check `answer(images, labels, transform, batch_size)`: the batches of one epoch.

    They are pairs of transformed pictures and labels, yielded or in a list, in a random order.
    """
    labels = torch.arange(10)
    images = (labels * 20).to(torch.uint8)[:, None, None, None].expand(10, 3, 4, 4)
    sizes = []

    def transform(batch):  # adds 1, so that a transformed picture is known by its odd values
        sizes.append(len(batch) if batch.ndim == 4 else None)
        return batch + 1

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        epochs = [_pairs(call(answer, images, labels, transform, 4)) for _ in range(3)]
    used = sizes[: len(sizes) // 3]
    orders = [[int(x[0, 0, 0]) // 20 for batch, _ in epoch for x in batch] for epoch in epochs]
    batches = [len(batch) for batch, _ in epochs[0]]
    if None in used or used == [1] * 10:
        raise Mistake("the transform gets one picture at a time; give it the whole batch.")
    if not used:
        raise Mistake("the pictures come back as they are: call transform on each batch.")
    if used == [10]:
        raise Mistake(
            "the transform gets all pictures at once, which takes the memory of all; call it on "
            "each batch."
        )
    if any(not (batch % 2 == 1).all() for epoch in epochs for batch, _ in epoch):
        raise Mistake("the result of transform is lost: yield what it returns.")
    if batches in ([4, 4], [2, 4, 4]) and sum(batches) < 10:
        raise Mistake("the last batch, which is shorter, is missing: 10 pictures are 4 + 4 + 2.")
    if batches != [4, 4, 2]:
        raise Mistake(f"10 pictures in batches of 4 come as {batches}; expected [4, 4, 2].")
    if any(sorted(order) != list(range(10)) for order in orders):
        raise Mistake("some pictures come twice and others never: take torch.randperm.")
    for epoch in epochs:
        if any((batch[:, 0, 0, 0] // 20 != y).any() for batch, y in epoch):
            raise Mistake(
                "the labels do not belong to their pictures: take both with the same index."
            )
    if orders[0] == list(range(10)):
        raise Mistake("the pictures come in the order of the data set: shuffle with randperm.")
    if orders[0] == orders[1] == orders[2]:
        raise Mistake("every epoch has the same order: draw a new one each time.")
    return "10 pictures came as 4 + 4 + 2, with their labels, in another order each epoch."


def _pairs(result) -> list[tuple[Tensor, Tensor]]:
    """Return what an epoch yields as a list of pairs of tensors, or raise `Mistake`."""
    try:
        result = list(result)
    except TypeError:
        kind = type(result).__name__
        raise Mistake(f"the function returns a {kind}; yield the batches one by one.") from None
    except Exception as error:  # what a generator raises comes only when it runs
        words = f"{error}".partition("\n")[0]
        raise Mistake(f"the function stops with {type(error).__name__}: {words}") from None
    if not result:
        raise Mistake("no batch comes out of the function.")
    if [part.ndim for part in result if isinstance(part, Tensor)] == [4, 1]:
        raise Mistake("only one batch comes out: inside the loop take yield in place of return.")
    if any(isinstance(pair, Tensor) and pair.ndim == 4 for pair in result):
        raise Mistake("only pictures come out; yield them with their labels.")
    for pair in result:
        if not (
            isinstance(pair, (tuple, list))
            and len(pair) == 2
            and all(isinstance(part, Tensor) for part in pair)
            and pair[0].ndim == 4
            and pair[1].ndim == 1
            and len(pair[0]) == len(pair[1])
        ):
            raise Mistake("expected pairs (pictures [B, 3, H, W], labels [B]).")
    return result


@checks
def order_difference(answer: Callable[[Callable, Callable, Tensor], int]) -> str:
    """Check `answer(first, second, image)`: how far apart the two orders of two transforms are.

    The largest difference of a value, in gray levels, of a `uint8` picture.
    """
    image = (sample_picture(3, 4, 6) * 255).to(torch.uint8)

    def brighter(x):
        return (x.float() * 1.5).clamp(0, 255).to(torch.uint8)

    def steps(x):
        return x // 100 * 100

    def negative(x):
        return 255 - x

    one, other = steps(brighter(image)).int(), brighter(steps(image)).int()
    right = int((one - other).abs().max())
    signs = "differences may be negative: take abs() before max()."
    whole = "that compares one order with the picture itself; expected it with the other order."
    hints = {
        int((one.byte() - other.byte()).max()): _WRAP,
        int((other.byte() - one.byte()).max()): _WRAP,
        int((one - other).max()): signs,
        int((other - one).max()): signs,
        0: "the two orders come out equal: is it first, then second, and second, then first?",
        (one - other).abs().float().mean().item(): "that is the mean; expected the largest.",
        right / 255: "that is a share; expected gray levels, 0 to 255.",
        int((one - image.int()).abs().max()): whole,
        int((other - image.int()).abs().max()): whole,
        int((brighter(image).int() - steps(image).int()).abs().max()): (
            "that compares the two transforms; expected both after each other, in two orders."
        ),
    }
    for first, second in ((brighter, steps), (steps, brighter)):
        number = one_number(call(answer, first, second, image))
        if abs(number - right) < 1e-3:
            continue
        for wrong, hint in hints.items():
            if abs(number - wrong) < 1e-3:
                raise Mistake(hint)
        raise Mistake(f"two orders are {right} gray levels apart; the function says {number:g}.")
    if one_number(call(answer, negative, lambda x: x.flip(-1), image)) != 0:
        raise Mistake("a negative and a flip give the same in both orders: expected 0.")
    return f"brighter and steps of 100: {right} gray levels apart; negative and flip: 0."


_WRAP = "the values wrap around: 3 - 5 is 254 in uint8. Subtract as int or float."


@checks
def draw(answer: Callable[[int, int, int], float]) -> str:
    """Check `answer(seed, epoch, index)`: a number in 0 to 1 that these three decide alone."""
    with _global_generators() as touched:
        first, again = (one_number(call(answer, 1, 2, 3)) for _ in range(2))
        if first != again:
            raise Mistake(
                "the same seed, epoch and index give two numbers. Seed a generator with the three."
            )
        if touched():
            raise Mistake(
                "the function seeds a global generator, and so decides what everybody else draws. "
                "Make a generator of its own."
            )
        grid = {
            (s, e, i): one_number(call(answer, s, e, i))
            for s in range(3)
            for e in range(15)
            for i in range(15)
        }
    if not all(0 <= number <= 1 for number in grid.values()):
        raise Mistake("some numbers are not between 0 and 1.")
    for name, axis in (("seed", 0), ("epoch", 1), ("index", 2)):
        if _ignores(grid, axis):
            raise Mistake(_IGNORED[name])
    seen, met = {}, []
    for key, number in grid.items():
        if number in seen:
            met.append((seen[number], key))
        seen[number] = key
    if len(met) > 3:  # fewer may be chance: a float32 holds 24 bits
        (s, e, i), (s2, e2, i2) = met[0]
        raise Mistake(
            f"seed {s}, epoch {e}, index {i} and seed {s2}, epoch {e2}, index {i2} draw the same "
            "number. Combine the three so that no two triples meet."
        )
    low = sum(number < 0.5 for number in grid.values()) / len(grid)
    if not 0.4 < low < 0.6:
        raise Mistake(f"{low:.0%} of the numbers are below 0.5; expected about half of them.")
    return f"{len(grid)} triples draw {len(seen)} numbers, the same ones at every call."


@contextmanager
def _global_generators() -> Iterator[Callable[[], bool]]:
    """Keep the global generators as they are; what is given says whether one was touched."""

    def state():
        numbers = np.random.get_state()  # noqa: NPY002 a learner may have used it
        return torch.get_rng_state().tolist(), random.getstate(), numbers[1].tolist(), numbers[2]

    numpy_state, before = np.random.get_state(), state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        try:
            yield lambda: state() != before
        finally:
            random.setstate(before[1])
            np.random.set_state(numpy_state)  # noqa: NPY002


def _ignores(grid: Mapping[tuple, float], axis: int) -> bool:
    """Whether the number never changes along one axis of the grid."""
    return all(grid[key] == grid[(*key[:axis], 0, *key[axis + 1 :])] for key in grid)


_IGNORED = {
    "seed": "the seed changes nothing: every training would see the same pictures.",
    "epoch": "the epoch changes nothing: every epoch would see the same pictures.",
    "index": "the index changes nothing: all pictures of an epoch would draw the same number.",
}


BEFORE_TASKS = {
    "crop at a random place": (
        {"training"},
        "A test that draws gives another answer each time.",
    ),
    "change colors at random": (
        {"training"},
        "A test asks about the pictures as the camera gives them.",
    ),
    "turn 0 to 255 into 0 to 1": (
        {"training", "testing"},
        "The network must get the same kind of numbers in both.",
    ),
    "subtract the mean of the training pictures": (
        {"training", "testing"},
        "It is the same number in both, and belongs to the network.",
    ),
}


@checks
def before_training_or_testing(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: before what each step belongs, "training", "testing" or both."""
    options = {"training", "testing"}
    return check_choices(
        answer, BEFORE_TASKS, options, "does not belong before", "also belongs before"
    )
