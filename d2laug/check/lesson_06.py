"""Checks of the exercises of lesson 06_on_the_fly."""

import random
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.check import answers
from d2laug.check.answers import Results, Tasks, choices, exercise
from d2laug.check.verdicts import Findings, Mistake, checks, refuse

Transform = Callable[[Tensor], Tensor]


@checks
def one_epoch(answer: Callable[[Tensor, Tensor, Transform, int], object]) -> Findings:
    """Check `answer(images, labels, transform, batch_size)`: the batches of one epoch.

    They are pairs of transformed pictures and labels, yielded or in a list, in a random order.
    """
    labels = torch.arange(10)
    images = (labels * 20).to(torch.uint8)[:, None, None, None].repeat(1, 3, 4, 4)
    given: list[int | None] = []

    def transform(batch):  # a transformed picture is known by its odd values
        given.append(len(batch) if batch.ndim == 4 else None)
        return batch + 1

    epochs = []
    for _ in range(3):
        given.clear()
        epochs.append(_pairs(answers.call(answer, images, labels, transform, 4)))
    odd = all((batch % 2 == 1).all() for epoch in epochs for batch, _ in epoch)
    sizes, in_order = [len(batch) for batch, _ in epochs[0]], labels.tolist()
    alone = None in given or given == [1] * 10
    places = [
        torch.cat([batch[:, 0, 0, 0] // 20 for batch, _ in epoch]).tolist() for epoch in epochs
    ]
    own = places == [torch.cat([labels for _, labels in epoch]).tolist() for epoch in epochs]
    repeated = any(sorted(order) != in_order for order in places)
    memory = "which takes the memory of all; call it on each batch"
    return "10 pictures came as 4 + 4 + 2, with their labels, in another order each epoch.", {
        "the transform gets one picture at a time; give it the whole batch.": alone,
        "the pictures come back as they are: call transform on each batch.": not given,
        f"the transform gets all pictures at once, {memory}.": given == [10],
        "the result of transform is lost: yield what it returns.": not odd,
        "the last batch, which is shorter, is missing: 10 are 4 + 4 + 2.": sizes == [4, 4],
        f"10 pictures in batches of 4 come as {sizes}; expected [4, 4, 2].": sizes != [4, 4, 2],
        "some pictures come twice and others never: take torch.randperm.": repeated,
        "the labels do not belong to their pictures: take both with the same index.": not own,
        "they come in the order of the data set: shuffle with randperm.": places[0] == in_order,
        "every epoch has the same order: draw a new one.": places[0] == places[1] == places[2],
    }


def _pairs(result: object) -> list[tuple[Tensor, Tensor]]:
    """Return what an epoch gives as a list of pairs of tensors, or raise `Mistake`."""
    if not isinstance(result, Iterable) or hasattr(result, "shape") or isinstance(result, str):
        kind = type(result).__name__
        raise Mistake(f"the function returns a {kind}; yield the batches one by one.")
    parts = list(result)
    shapes = [_shapes(pair) if isinstance(pair, (tuple, list)) else [] for pair in parts]
    axes = [len(shape) for shape in _shapes(parts)]
    one = "only one batch comes out: inside the loop take yield in place of return."
    wrong = {
        "no batch comes out of the function.": not parts,
        one: axes == [4, 1],
        "only pictures come out; yield them with their labels.": 4 in axes,
        "expected pairs (pictures [B, 3, H, W], labels [B]).": any(
            not pair or pair != [(*pair[0][:1], 3, 4, 4), pair[0][:1]] for pair in shapes
        ),
    }
    refuse(wrong)
    return parts


def _shapes(parts: Sequence[object]) -> list[tuple[int, ...]]:
    """Return the shape of each tensor among the parts."""
    return [tuple(part.shape) for part in parts if isinstance(part, Tensor)]


def _brighter(x: Tensor) -> Tensor:
    return (x.float() * 2).clamp(0, 255).to(torch.uint8)


def _steps(x: Tensor) -> Tensor:
    return x // 100 * 100


def _negative(x: Tensor) -> Tensor:
    return 255 - x


_IMAGE = (answers.sample_picture(3, 4, 6) * 220).to(torch.uint8)


@exercise(
    ("brighter and steps of 100", _brighter, _steps, _IMAGE),
    ("steps of 100 and brighter", _steps, _brighter, _IMAGE),
    ("brighter and negative", _brighter, _negative, _IMAGE),
    ("a negative and a flip, with equal results", _negative, F.horizontal_flip, _IMAGE),
)
def order_difference(first: Transform, second: Transform, image: Tensor) -> Results:
    """Check `answer(first, second, image)`: how far apart the two orders of two transforms are.

    The largest difference of a value, in gray levels, of a `uint8` picture.
    """
    one, other, x = second(first(image)).int(), first(second(image)).int(), image.int()
    apart, between = one - other, first(image).int() - second(image).int()
    right = apart.abs().max().double().item()
    wrapped = [(apart % 256).max(), (-apart % 256).max()]
    itself = [(one - x).abs().max(), (other - x).abs().max()]
    return {
        "brighter and steps of 100: 100 gray levels apart; a negative and a flip: 0.": right,
        "the values wrap around: 3 - 5 is 254 in uint8. Subtract as int or float.": wrapped,
        "differences may be negative: take abs() before max().": [apart.max(), -apart.min()],
        "the two orders come out equal: is it first, then second, and second, then first?": 0,
        "that is the mean; expected the largest.": apart.abs().double().mean(),
        "that is a share; expected gray levels, 0 to 255.": right / 255,
        "that compares one order with the picture itself; expected it with the other.": itself,
        "that compares the two transforms; expected two orders of both.": between.abs().max(),
    }


@checks
def draw(answer: Callable[[int, int, int], float]) -> Findings:
    """Check `answer(seed, epoch, index)`: a number in 0 to 1 that these three decide alone."""

    def number(*three):
        result = answers.read(answers.call(answer, *three), 0.0)
        refuse({"some numbers are not between 0 and 1.": not 0 <= result <= 1})
        return result

    before = _global_generators()
    two = number(1, 2, 3) != number(1, 2, 3)
    touched = _global_generators() != before
    triples = [(s, e, i) for s in range(3) for e in range(15) for i in range(15)]
    grid: dict[tuple[int, ...], float] = {triple: number(*triple) for triple in triples}

    def ignores(axis):
        return all(grid[key] == grid[(*key[:axis], 0, *key[axis + 1 :])] for key in triples)

    last = {number: triple for triple, number in grid.items()}
    met = [(triple, last[grid[triple]]) for triple in triples if last[grid[triple]] != triple]
    both = ["seed {}, epoch {}, index {}".format(*triple) for pair in met[:1] for triple in pair]
    low = sum(number < 0.5 for number in grid.values()) / len(grid)
    return f"{len(grid)} triples draw {len(last)} numbers, the same ones at every call.", {
        "the same seed, epoch and index give two numbers. Seed a generator with the three.": two,
        "the function seeds a global generator, and so decides what everybody else draws. Make a "
        "generator of its own.": touched,
        "the seed changes nothing: every training would see the same pictures.": ignores(0),
        "the epoch changes nothing: every epoch would see the same pictures.": ignores(1),
        "the index changes nothing: all pictures of an epoch would draw the same.": ignores(2),
        f"{' and '.join(both)} draw the same number. Combine the three so that no two triples "
        "meet.": len(met) > 3,  # fewer may be chance: a float32 holds 24 bits
        f"{low:.0%} of the numbers are below 0.5; expected about half.": not 0.4 < low < 0.6,
    }


def _global_generators() -> tuple[object, ...]:
    """Return the state of each, so that a change shows."""
    numpy = np.random.get_state(legacy=False)["state"]  # noqa: NPY002 a learner may use it
    return torch.get_rng_state().tolist(), random.getstate(), numpy["key"].tolist(), numpy["pos"]


@choices(no="does not belong before", also="also belongs before")
def before_training_or_testing() -> Tasks:
    """Check `answer`: before what each step belongs, "training", "testing" or both."""
    right = {
        "crop at a random place": {"training"},
        "change colors at random": {"training"},
        "turn 0 to 255 into 0 to 1": {"training", "testing"},
        "subtract the mean of the training pictures": {"training", "testing"},
    }
    return right, [
        "A test that draws gives another answer each time.",
        "A test asks about the pictures as the camera gives them.",
        "The network must get the same kind of numbers in both.",
        "It is the same number in both, and belongs to the network.",
    ]
