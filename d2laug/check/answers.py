"""What the checks share: calling a learner's function, comparing what it returns, verdicts."""

import html
from collections.abc import Callable, Mapping
from numbers import Real
from typing import NamedTuple

import torch
from torch import Tensor


class Verdict(NamedTuple):
    """What a check found: `ok`, and a `message` of one or two sentences.

    >>> Verdict(False, "the picture is flipped left to right")
    Not yet: the picture is flipped left to right
    """

    ok: bool
    message: str

    def __repr__(self) -> str:
        return f"{self._word}: {self.message}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: JupyterLab would break lines of plain text within words."""
        return f"<p><b>{self._word}:</b> {html.escape(self.message, quote=False)}</p>"

    @property
    def _word(self) -> str:
        return "Right" if self.ok else "Not yet"


class Mistake(Exception):
    """Ends a check; its text is the message of the verdict."""


def checks(check: Callable[..., str]) -> Callable[..., Verdict]:
    """Make a function that returns praise or raises `Mistake` return a `Verdict`."""

    def run(answer) -> Verdict:
        try:
            return Verdict(True, check(answer))
        except Mistake as mistake:
            return Verdict(False, str(mistake))

    run.__name__, run.__doc__ = check.__name__, check.__doc__
    return run


def call(answer, *inputs):
    """Return `answer(*inputs)`; a failure, no result or a changed input is a `Mistake`."""
    if not callable(answer):
        kind = type(answer).__name__
        raise Mistake(f"expected a function, given a {kind}; pass its name without brackets.")
    copies = [x.clone() if isinstance(x, Tensor) else x for x in inputs]
    try:
        result = answer(*copies)
    except Exception as error:  # whatever a learner's code raises becomes a sentence
        words = f"{error}".partition("\n")[0] + _line_of(error, answer)
        hint = next((hint for part, hint in _HINTS.items() if part in str(error)), "")
        raise Mistake(f"the function stops with {type(error).__name__}: {words}{hint}") from None
    if result is None or result is ...:
        raise Mistake(
            "the function returns nothing yet. Put your code in place of the dots; every branch "
            "needs a return."
        )
    for given, copy in zip(inputs, copies, strict=True):
        if isinstance(given, Tensor) and not torch.equal(given, copy):
            raise Mistake("the function changes its input in place. Work on a copy: image.clone().")
    return result


_HINTS = {
    "step must be greater than zero": ". PyTorch has no negative steps: use torch.arange.",
    "must match the size": (
        ". Compare the two shapes: numbers for each picture need [N, 1, 1, 1], for each channel "
        "[3, 1, 1]."
    ),
}


def _line_of(error: Exception, answer) -> str:
    """Return ` (line N of the function)` for the line of `answer` that raised `error`, if known."""
    trace, line = error.__traceback__, None
    while trace:
        if trace.tb_frame.f_code is getattr(answer, "__code__", None):
            line = trace.tb_lineno - answer.__code__.co_firstlineno + 1
        trace = trace.tb_next
    return f" (line {line} of the function)" if line else ""


def compare(answer, inputs: tuple, right: Tensor, mistakes: Mapping[str, Tensor], tolerance=0.0):
    """Call `answer(*inputs)`; raise `Mistake` unless it gives `right`, up to `tolerance`.

    `mistakes` maps a sentence to the result that this mistake gives.
    """
    result = call(answer, *inputs)
    if not isinstance(result, Tensor):
        raise Mistake(f"the function returns a {type(result).__name__}; expected a tensor.")
    if close(result, right, tolerance):
        if result.dtype != right.dtype:
            raise Mistake(
                f"the values are right, but the dtype is {result.dtype}; expected {right.dtype}."
            )
        return
    for sentence, wrong in mistakes.items():
        if close(result, wrong, tolerance):
            raise Mistake(sentence)
    if result.shape != right.shape:
        given = (
            f" for an input of shape {list(inputs[0].shape)}"
            if isinstance(inputs[0], Tensor)
            else ""
        )
        raise Mistake(f"the shape is {list(result.shape)}; expected {list(right.shape)}{given}.")
    if result.dtype != right.dtype:
        raise Mistake(f"the dtype is {result.dtype}; expected {right.dtype}.")
    far = ~((result.double() - right.double()).abs() <= tolerance)  # NaN is far from everything
    raise Mistake(f"shape and dtype are right, but {far.double().mean():.0%} of the values differ.")


def close(a: Tensor, b: Tensor, tolerance: float) -> bool:
    """Compare shapes and values, not dtypes; NaN is never close."""
    return a.shape == b.shape and bool(((a.double() - b.double()).abs() <= tolerance).all())


def sample_picture(*shape: int, seed: int = 0) -> Tensor:
    """Return a picture without equal values, so that no mistake looks right by chance."""
    order = torch.randperm(torch.Size(shape).numel(), generator=torch.Generator().manual_seed(seed))
    return ((order + 0.5) / len(order)).reshape(shape)


def one_number(result) -> float:
    """A number or a tensor of one element as a float, else a `Mistake`."""
    if isinstance(result, Tensor) and result.numel() == 1:
        result = result.item()
    if isinstance(result, bool) or not isinstance(result, Real):  # NumPy's numbers are `Real` too
        raise Mistake(f"the function returns a {type(result).__name__}; expected one number.")
    return float(result)


def raise_hint(number: float, hints: Mapping[float, str], tolerance: float = 1e-4) -> None:
    for wrong, hint in hints.items():
        if abs(number - wrong) <= tolerance:
            raise Mistake(hint)


def check_choices(
    answer,
    tasks: Mapping[str, tuple[set[str], str]],
    options: set[str],
    no="does not survive",
    also="also survives",
) -> str:
    if not isinstance(answer, Mapping):
        raise Mistake(f"expected a dictionary, given a {type(answer).__name__}.")
    for task, (right, reason) in tasks.items():
        if task not in answer:
            raise Mistake(f"there is no answer for {task!r} yet.")
        given = answer[task]
        if given is ... or given is None:
            raise Mistake(f"there is no answer for {task!r} yet. Put a set in place of the dots.")
        if isinstance(given, str) or not isinstance(given, (set, frozenset, list, tuple, dict)):
            raise Mistake(
                f"the answer for {task!r} is {given!r}; expected a set, as in {{'...'}} or set()."
            )
        if not all(isinstance(choice, str) for choice in given):
            raise Mistake(f"the answer for {task!r} is {given!r}; expected a set of words.")
        given = set(given)
        if given - options:
            raise Mistake(
                f"{sorted(given - options)} for {task!r}; the options are {sorted(options)}."
            )
        if given - right:
            raise Mistake(f"{task!r} {no} {sorted(given - right)}. {reason}")
        if right - given:
            raise Mistake(f"{task!r} {also} {sorted(right - given)}. {reason}")
    return f"all {len(tasks)} tasks. " + " ".join(reason for _, reason in tasks.values())
