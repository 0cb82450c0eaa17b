"""Checks of the exercises of lesson 07_training."""

import functools
import itertools
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from d2laug.check.answers import Results, call, close, exercise
from d2laug.check.verdicts import Findings, Mistake, checks

_STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "flip": lambda x: x * 2,
    "crop": lambda x: x + 3,
    "jitter": lambda x: x * x,
    "light": lambda x: x / 4,
}


class _Piece(nn.Module):
    """A step as a module, which stays the same when the arguments of an answer are copied."""

    def __init__(self, step: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x)

    def __deepcopy__(self, memo: object) -> "_Piece":
        return self


@exercise(
    ("accuracies of 0.91, 0.78, 0.95, 0.6, 0.96", torch.tensor([0.91, 0.78, 0.95, 0.60, 0.96])),
    ("accuracies of 0.5, 0.7, 0.65, 0.61", torch.tensor([0.5, 0.7, 0.65, 0.61])),
    tolerance=1e-4,
)
def mean_and_spread(a: Tensor) -> Results:
    """Check `answer(accuracies)`: the mean and the standard deviation of a few trainings."""
    mean, std, distance = a.mean().item(), a.std().item(), (a - a.mean()).abs().mean()
    biased = a.std(correction=0)
    return {
        "0.84 ± 0.15: one unlucky training of five makes the spread large.": (mean, std),
        "mean and spread are swapped; return the mean first.": (std, mean),
        "that is the median; the mean is the sum over the number.": (a.median(), ...),
        "that is the sum; divide it by the number of trainings.": (a.sum(), ...),
        "that is the luckiest training; every training counts.": (a.max(), ...),
        "that divides by N. The mean has used up one training: N - 1.": (mean, biased),
        "that is the variance; take its square root.": (mean, a.var()),
        "that is the standard error of the mean, not the spread.": (mean, std / len(a) ** 0.5),
        "that is the range, largest minus smallest.": (mean, a.max() - a.min()),
        "that is the mean distance; square it first.": (mean, distance),
    }


@checks
def without(answer: Callable[[dict[str, nn.Module], str], object]) -> Findings:
    """Check `answer(pieces, name)`: one transform of all pieces in their order, but for one."""
    pieces: dict[str, nn.Module] = {name: _Piece(step) for name, step in _STEPS.items()}
    found = {name: _of_five(call(answer, pieces, name)) for name in _STEPS}

    def is_made_of(names: Callable[[str], list[str]]) -> bool:
        made = {}
        for name in _STEPS:
            steps = [_STEPS[other] for other in names(name)]
            made[name] = functools.reduce(lambda x, step: step(x), steps, torch.tensor(5.0))
        return all(close(found[name], made[name], 1e-4) for name in _STEPS)

    rest = functools.partial(_but, _STEPS)
    right = is_made_of(rest)
    return "each of the four pieces can be left out; the others keep their order.", {
        "all pieces are in it: leave out the one called name.": is_made_of(lambda name: [*_STEPS]),
        "that is the piece itself; return all others.": is_made_of(lambda name: [name]),
        "the pieces come in the reverse order.": is_made_of(lambda name: rest(name)[::-1]),
        "always the first piece is left out; leave out the one called name.": is_made_of(
            lambda name: [*_STEPS][1:]
        ),
        "always the last piece is left out; leave out the one called name.": is_made_of(
            lambda name: [*_STEPS][:-1]
        ),
        "the pieces come in another order than in the dictionary.": not right
        and any(
            is_made_of(functools.partial(_but, order)) for order in itertools.permutations(_STEPS)
        ),
        "what comes out is not what the other pieces do, one after the other.": not right,
    }


def _but(names: Iterable[str], name: str) -> list[str]:
    return [other for other in names if other != name]


def _of_five(transform: object) -> object:
    """Return what a transform makes of the number 5, or raise `Mistake`."""
    if isinstance(transform, (list, tuple)):
        raise Mistake("that is a list of pieces; put them into a torch.nn.Sequential.")
    if not callable(transform):
        kind = type(transform).__name__
        raise Mistake(f"the function returns a {kind}; expected a torch.nn.Sequential.")
    return call(transform, torch.tensor(5.0))


@checks
def three_epochs(answer: Callable[[Tensor, Callable[[Tensor], Tensor], bool], object]) -> Findings:
    """Check `answer(images, transform, anew)`: the pictures of three epochs, in a list.

    They are changed anew in each, or once for all three.
    """
    images = torch.arange(6.0).view(2, 3, 1, 1)
    calls: list[bool] = []

    def transform(batch: Tensor) -> Tensor:
        calls.append(close(batch, images))
        return batch + 10 * len(calls)

    found = {}
    for anew in (True, False):
        calls.clear()
        found[anew] = _three(call(answer, images, transform, anew)), [*calls]
    (fresh, drawn), (same, once) = found[True], found[False]
    apart = [[close(a, b) for a, b in itertools.combinations(x, 2)] for x in (fresh, same)]
    return "three draws with anew=True, one draw with anew=False.", {
        "the pictures come back as they are: call transform.": not drawn or not once,
        "the transform gets its own result again; give it the pictures.": not all(drawn + once),
        "with anew=True two epochs are the same: call transform in each.": any(apart[0]),
        "with anew=False the epochs differ: call transform once, before them.": not all(apart[1]),
        "what the transform returns is lost, or changed.": not all(
            close(x, images + 10 * k)
            for pictures in (fresh, same)
            for x, k in zip(pictures, _draws(pictures, images), strict=True)
        ),
    }


def _draws(pictures: list[Tensor], images: Tensor) -> list[int]:
    """Return the number of the draw of each epoch, as `transform` above leaves it in a picture."""
    return [round((x - images).mean().item() / 10) for x in pictures]


def _three(result: object) -> list[Tensor]:
    """Return three tensors of pictures, or raise `Mistake`."""
    if isinstance(result, Tensor) and result.ndim:
        result = [*result]
    epochs = [*result] if isinstance(result, (list, tuple)) else [result]
    tensors = [x for x in epochs if isinstance(x, Tensor)]
    if len(epochs) != 3 or len(tensors) != 3:
        kinds = ", ".join(type(x).__name__ for x in epochs)
        raise Mistake(f"the function returns {kinds}; expected a list of three tensors.")
    if any(x.shape != (2, 3, 1, 1) for x in tensors):
        raise Mistake("the pictures of an epoch have another shape than those given.")
    return tensors
