"""Checks of the exercises of lesson 07_training."""

import functools
from collections.abc import Callable, Iterable
from typing import Any, cast  # what an answer returns may be Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from d2laug.check.answers import Results, call, close, exercise, expect, kind_of, tensor_like
from d2laug.check.verdicts import Findings, checks, refuse

_STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "flip": lambda x: x * 2,
    "crop": lambda x: x + 3,
    "jitter": lambda x: x * x,
    "flip more": lambda x: x / 4,
}
_START = torch.tensor([5.0, -2.0, 0.5])


@exercise(
    ("accuracies of 0.91, 0.78, 0.95, 0.6, 0.96", torch.tensor([0.91, 0.78, 0.95, 0.60, 0.96])),
    ("accuracies of 0.5, 0.7, 0.65, 0.61", torch.tensor([0.5, 0.7, 0.65, 0.61])),
    tolerance=1e-4,
)
def mean_and_spread(a: Tensor) -> Results:
    """Check `answer(accuracies)`: the mean and the standard deviation of a few trainings."""
    mean, std, biased = a.mean().item(), a.std().item(), a.std(correction=0)
    distance = (a - a.mean()).abs().mean()
    return {
        "0.84 ± 0.15: one unlucky training of five makes the spread large.": (mean, std),
        "mean and spread are swapped; return the mean first.": (std, mean),
        "that is the median; the mean is the sum over the number.": (a.median(), ...),
        "that is the sum; divide it by the number of trainings.": (a.sum(), ...),
        "that divides by N. The mean has used up one training: N - 1.": (mean, biased),
        "that is the variance; take its square root.": (mean, a.var()),
        "that is the standard error of the mean, not the spread.": (mean, std / len(a) ** 0.5),
        "square each distance, and take the root of the mean.": (mean, distance),
    }


class _Piece(v2.Lambda):
    def __deepcopy__(self, memo: object) -> "_Piece":
        return self  # so that copies of an answer's arguments are equal to them


@checks
def without(answer: Callable[[dict[str, torch.nn.Module], str], object]) -> Findings:
    """Check `answer(pieces, name)`: one transform of all pieces in their order, but for one."""
    pieces: dict[str, torch.nn.Module] = {name: _Piece(step) for name, step in _STEPS.items()}

    def changed(name: str) -> object:
        transform = call(answer, pieces, "".join(name))  # equal, not the same
        words = f"the function returns {kind_of(transform)}; put the pieces into a"
        refuse({f"{words} torch.nn.Sequential.": not callable(transform)})
        return call(cast(_Piece, transform), _START)

    def results(name: str) -> Results:
        def of(kept: Iterable[str]) -> Tensor:
            return functools.reduce(lambda x, other: _STEPS[other](x), kept, _START)

        return {
            "each of the four pieces can be left out; the others keep their order.": of(
                other for other in _STEPS if other != name
            ),
            "all pieces are in it: leave out the one called name (compare with !=).": of(_STEPS),
            "that is the piece itself; return all others.": of([name]),
            "it does not do what the other pieces do, each once and in their order.": ...,
        }

    return expect(changed, results, *(("{!r}", name) for name in _STEPS), tolerance=1e-4), {}


@checks
def three_epochs(answer: Callable[[Tensor, Callable[[Tensor], Tensor], bool], object]) -> Findings:
    """Check `answer(images, transform, anew)`: the pictures of three epochs, in a list.

    They are changed anew in each, or once for all three.
    """
    images = torch.arange(24.0).view(2, 3, 4, 1)

    def draws(anew: bool) -> list[int | None]:
        """Return which call of the transform makes each epoch: 0 is none, `None` none alone."""
        given, made = [], [images]

        def transform(batch: Tensor) -> Tensor:
            given.append(batch.clone())
            made.append(images + 100 * len(made))
            return made[-1].clone()

        epochs: Any = call(answer, images, transform, anew)
        many = isinstance(epochs, (list, tuple)) or getattr(epochs, "ndim", 0) > images.ndim
        kind = kind_of(epochs) + (f" of {len(epochs)}" if isinstance(epochs, (list, tuple)) else "")
        words = f"the function returns {kind}; expected a list of three tensors."
        refuse({words: not many or len(epochs) != 3})
        parts = any(batch.shape != images.shape for batch in given)
        refuse({"transform gets a part of the pictures: call it on all at once.": parts})
        others = any(not close(batch, images) for batch in given)
        refuse({"transform gets other pictures than the given ones: its own results?": others})
        pictures = [tensor_like(images, epoch, "in an epoch ") for epoch in epochs]
        return [next((k for k, y in enumerate(made) if close(x, y)), None) for x in pictures]

    fresh, same = draws(anew=True), draws(anew=False)
    return "three draws with anew=True, one draw with anew=False.", {
        "the pictures come back as they are: call transform.": 0 in fresh + same,
        "what transform returns is lost, or changed.": None in fresh + same,
        "with anew=True two epochs are the same: call transform in each.": len({*fresh}) < 3,
        "with anew=False the epochs differ: call transform once, before them.": len({*same}) > 1,
    }
