"""What is right, and what mistakes give: how an answer is read, tried and compared.

- `exercise` makes a check of a function that says what is right and what each mistake gives
- `choices` makes one of the right set for each of several tasks, see `choices.toml`
- `expect`, `call`, `read`, `close`, `tensor_like`, ... are their pieces
"""

import copy
import itertools
import math
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping, Set
from numbers import Real
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from d2laug.check.verdicts import (
    Findings,
    Mistake,
    TooSlow,
    Verdict,
    checks,
    named_after,
    refuse,
    short,
)

Like = TypeVar("Like")
Results: TypeAlias = Mapping[str, object]
Sample: TypeAlias = tuple[object, ...]

_CHOICES = tomllib.loads((Path(__file__).parent / "choices.toml").read_text("utf-8"))


def exercise(
    *samples: Sample, tolerance: float = 1e-6
) -> Callable[[Callable[..., Results]], Callable[[Callable[..., object]], Verdict]]:
    """Make a check of a function that takes what the learner's function takes; see `expect`.

    >>> @exercise(("two", 2), ("three", 3))
    ... def square(number):
    ...     return {"3 times 3 is 9.": number * number, "that is the double.": 2 * number}
    >>> square(lambda number: number + number)
    Not yet: right for two, but for three, that is the double.
    """

    return lambda results: checks(
        named_after(
            results, lambda answer: (expect(answer, results, *samples, tolerance=tolerance), {})
        )
    )


def expect(
    answer: Callable[..., object],
    results: Callable[..., Results],
    *samples: Sample,
    tolerance: float = 1e-6,
) -> str:
    """Return praise where `answer` gives what is right for all samples, else raise `Mistake`.

    A sample is what it is, in words (`{}` is an argument), and the arguments. `results` takes them
    and returns a mapping from what to say to a result: first the praise and what is right, then
    each mistake and what it gives (a list: one of these; `...`: anything). A mistake is named only
    where it gives what the answer gives for every sample; where none does, it is said what
    differs. What is right sets the type: a tensor and its dtype, a number, a text, or two numbers.
    `tolerance` is absolute for tensors, relative for numbers, and 0 for an int.
    """
    tables = [_and_usual(results(*inputs), inputs[0]) for _, *inputs in samples]
    rights = [next(iter(table.values())) for table in tables]
    found = [tried(answer, *pair) for pair in zip(samples, rights, strict=True)]
    tolerance = 0 if isinstance(rights[0], int) else tolerance

    def made(said: str) -> bool:
        """Whether this mistake gives what the answer gives, wherever it gives something."""
        pairs = [(x, table[said]) for x, table in zip(found, tables, strict=True)]
        lists = [
            (x, y if isinstance(y, list) else [y]) for x, y in pairs if not isinstance(x, Mistake)
        ]
        return all(any(close(x, y, tolerance) for y in wrong) for x, wrong in lists)

    praise, *mistakes = tables[0]
    words = [str(what).format(*inputs) for what, *inputs in samples]
    for sample, what, right, result in zip(samples, words, rights, found, strict=True):
        first = f"right for {words[0]}, but " if sample is not samples[0] else ""
        here = f"{first}for {what}, "
        if isinstance(result, Mistake):
            raise Mistake((first and here) + str(result))
        same = close(result, right, tolerance)
        again = same or close(tried(answer, sample, right), result)
        refuse({here + "another call gives another result. Nothing is drawn here.": not again})
        refuse({(first and here) + said: not same and made(said) for said in mistakes})
        if isinstance(right, Tensor):
            tensor_like(right, result, here + "the values are right, but " * same)
        if not same:
            raise Mistake(here + _difference(result, right, tolerance))
    return praise


def _and_usual(table: Results, given: object) -> Results:
    """Return what is said of an exercise's results, and of mistakes that all exercises know."""
    right = next(iter(table.values()))
    rounded = [round(right, digits) for digits in range(4)] if isinstance(right, float) else []
    same: object = given if isinstance(right, Tensor) and isinstance(given, Tensor) else []
    usual = {"that is rounded; return the number as it is.": rounded}
    return {**table, **usual, "what was given comes back unchanged.": same}


def tried(answer: Callable[..., object], sample: Sample, like: object) -> object:
    """Return what the answer gives for a sample, or the `Mistake` that it ends in."""
    try:
        return read(call(answer, *sample[1:]), like)
    except Mistake as mistake:
        return mistake


def read(result: object, like: Like) -> Like:
    """Return a result as a tensor, a float, a text or two numbers, as `like` is.

    A number may be Python's, NumPy's, or a tensor's. What cannot be read is a `Mistake`.
    """
    kind = kind_of(result)
    value: object = None
    if isinstance(result, Tensor) and not result.is_cpu:
        raise Mistake(f"the result is on the device {result.device}; expected the CPU.")
    if isinstance(like, Tensor):
        wanted, value = "a tensor", result if isinstance(result, Tensor) else None
    elif isinstance(like, str):
        wanted, value = "a name, a text", result if isinstance(result, str) else None
    elif isinstance(like, tuple):
        wanted, parts = "two numbers", result
        if isinstance(result, (Tensor, np.ndarray)):
            parts = result.tolist()
        if isinstance(parts, (tuple, list)):
            names = " and ".join(type(part).__name__ for part in parts[:3]) or "nothing"
            kind += f" of {names}" * (parts is result)
            numbers = tuple(map(_number, parts))
            value = numbers if len(numbers) == 2 and None not in numbers else None
    else:
        wanted = "a whole number" if isinstance(like, int) else "one number"
        value = _number(result)
    if value is None:
        raise Mistake(f"the function returns {kind}; expected {wanted}.")
    if not close(value, value):
        raise Mistake("the function returns NaN, no number. Is something 0 / 0, or 0 * log(0)?")
    return cast(Like, value)


def kind_of(thing: object) -> str:
    """Return what a thing is, as "an int" or "a Tensor of shape [2, 3]"."""
    name = type(thing).__name__
    shape = f" of shape {[*thing.shape]}" if isinstance(thing, (Tensor, np.ndarray)) else ""
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}{shape}"


def _number(result: object) -> float | None:
    if isinstance(result, np.ndarray) or (isinstance(result, Tensor) and result.is_cpu):
        result = result.item() if math.prod(result.shape) == 1 else None
    return None if isinstance(result, bool) or not isinstance(result, Real) else float(result)


def _difference(result: object, right: object, tolerance: float) -> str:
    """Say in what a wrong result of the right type differs from the right one."""
    if isinstance(right, Tensor) and isinstance(result, Tensor):
        far = (result.double() - right.double()).abs()
        share = 1 - (far <= tolerance).double().mean()
        return f"shape and dtype are right, but {share:.0%} of the values differ."
    return f"the function returns {_words(result)}; expected {_words(right)}."


def _words(result: object) -> str:
    if isinstance(result, tuple):
        return f"({', '.join(map(_words, result))})"
    if isinstance(result, Real):
        return f"{result:.5g}" if abs(float(result)) < 1e5 else f"{result:,.0f}"
    return short(repr(result))


def tensor_like(expected: Tensor, result: object, opening: str = "") -> Tensor:
    """Return a result that is a tensor of this shape and dtype, else raise `Mistake`."""
    given, shape, dtype = read(result, expected), [*expected.shape], expected.dtype
    words = f"{opening}the shape is {[*given.shape]}; expected {shape}."
    refuse({words: [*given.shape] != shape})
    refuse({f"{opening}the dtype is {given.dtype}; expected {dtype}.": given.dtype != dtype})
    return given


def drawn(answer: Callable[..., object], n: int, like: Tensor, *inputs: object) -> Tensor:
    """Return what `n` calls give, `[n, ...]`, each of the shape and dtype of `like`."""
    return torch.stack([tensor_like(like, call(answer, *inputs)) for _ in range(n)])


def call(answer: Callable[..., object], *inputs: object) -> object:
    """Return `answer(*inputs)`; a failure, no result or a changed input is a `Mistake`.

    What a generator yields comes as a list.
    """
    if not callable(answer):
        raise Mistake(
            f"expected a function, given {kind_of(answer)}; pass its name without brackets."
        )
    given = copy.deepcopy(inputs)
    try:
        result = answer(*given)
        if isinstance(result, Iterator):
            result = list(itertools.islice(result, 1000))
    except (KeyboardInterrupt, TooSlow, Mistake):
        raise
    except BaseException as error:  # whatever a learner's code raises becomes a sentence
        opening = f"the function stops with {type(error).__name__}:"
        parts = filter(None, [opening, short(error), _line_of(error, answer)])
        hint = next((hint for part, hint in _HINTS.items() if part in str(error)), "")
        raise Mistake(" ".join(parts) + hint) from None
    if result is None or result is ...:
        words = "the function returns nothing yet. Put your code in place of the dots"
        raise Mistake(f"{words}; every branch needs a return.")
    words = "the function changes its input in place. Work on a copy, as x.clone() or x.copy()."
    pairs = zip(given, inputs, strict=True)  # of what cannot be changed there is no copy
    refuse({words: any(mine is not old and not close(mine, old) for mine, old in pairs)})
    return result


_HINTS = {
    "step must be greater than zero": ". PyTorch has no negative steps: use torch.arange.",
    "stack expects each tensor": ". Is each as large as the exercise asks?",
    "must match the size": ". Compare the two shapes; x[:, None] adds an axis of length 1.",
}


def _line_of(error: BaseException, answer: Callable[..., object]) -> str:
    """Return `(line N of the function)` for the line of `answer` that raised `error`, if known."""
    code, places = getattr(answer, "__code__", None), traceback.walk_tb(error.__traceback__)
    lines = [line - code.co_firstlineno + 1 for frame, line in places if frame.f_code is code]
    return f"(line {lines[-1]} of the function)" if lines else ""


def close(a: object, b: object, tolerance: float = 0.0) -> bool:
    """Compare shapes and values, not dtypes; NaN is close to nothing, anything to `b = ...`."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        same = a.shape == b.shape and bool((a == b).all())
        if same or a.shape != b.shape or not tolerance:
            return same
        return torch.allclose(a.double(), b.double(), rtol=0, atol=tolerance)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(close(a[key], b[key], tolerance) for key in a)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(close(*pair, tolerance) for pair in zip(a, b, strict=True))
    b = b.item() if isinstance(b, Tensor) and b.numel() == 1 else b
    if isinstance(a, Real) and isinstance(b, Real):
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=min(tolerance, 1e-6))
    return b is ... or (not isinstance(b, Tensor) and a == b)


def choices(module: str, name: str) -> Callable[[Mapping[str, object]], Verdict]:
    """Make a check of the right set for each of the tasks that `choices.toml` has under a name.

    The options are all that is right somewhere. It belongs to a module, a lesson's.
    """
    says, tasks = _CHOICES[name]["says"], _CHOICES[name]["tasks"]
    options = sorted({option for _, right, _ in tasks for option in right})

    def check(answer: Mapping[str, object]) -> Findings:
        said = f"all {len(tasks)} tasks."
        for task, right, reason in tasks:
            chosen, said = _chosen(answer, task), f"{said} {task!r}: {reason}"
            unknown, wrong, missing = chosen - {*options}, chosen - {*right}, {*right} - chosen
            known = f"{short(sorted(unknown))} for {task!r}; the options are {options}."
            many = ["at least one is too many"] if wrong else []
            what = " and ".join([*many, "something is missing"] if missing else many)
            refuse({known: unknown, f"{task!r}: {what}. {reason}": what})
        return said, {}

    check.__name__, check.__module__, check.__doc__ = name, module, says
    return checks(check)


def _chosen(answer: Mapping[str, object], task: str) -> set[str]:
    """Return the words that are chosen for a task, or raise `Mistake`."""
    if not isinstance(answer, Mapping):
        raise Mistake(f"expected a dictionary, given {kind_of(answer)}.")
    given = answer.get(task, ...)
    if given is ... or given is None:
        rest = " Put a set in place of the dots." if task in answer else ""
        raise Mistake(f"there is no answer for {task!r} yet.{rest}")
    words = f"the answer for {task!r} is {short(repr(given))}; expected a set"
    if not isinstance(given, (Set, list, tuple, dict)):
        raise Mistake(f"{words}, as in {{'...'}} or set().")
    if not all(isinstance(choice, str) for choice in given):
        raise Mistake(f"{words} of words.")
    return set(given)


def seeded(seed: int = 0) -> torch.Generator:
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


def sample_picture(*shape: int, seed: int = 0) -> Tensor:
    """Return a picture, float32 from 0 to 1, without equal values."""
    order = torch.randperm(math.prod(shape), generator=seeded(seed))
    return ((order + 0.5) / len(order)).reshape(shape)
