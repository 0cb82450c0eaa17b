"""Answer checks of the exercises: each names the mistake it sees and never ends in a traceback.

Every check tries the learner's function on small pictures and compares the result with the right
one and with what the usual mistakes give. It returns a `Verdict`, whose text a notebook shows.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as F


class Verdict(NamedTuple):
    """What a check found: `ok`, and a `message` of one or two sentences.

    >>> Verdict(False, "the picture is flipped left to right")
    Not yet: the picture is flipped left to right
    """

    ok: bool
    message: str

    def __repr__(self) -> str:
        return f"{'Right' if self.ok else 'Not yet'}: {self.message}"


class _Mistake(Exception):
    """Ends a check; its text is the message of the verdict."""


def _check(check: Callable[..., str]) -> Callable[..., Verdict]:
    """Make a function that returns praise or raises `_Mistake` return a `Verdict`."""

    def run(answer) -> Verdict:
        try:
            return Verdict(True, check(answer))
        except _Mistake as mistake:
            return Verdict(False, str(mistake))

    run.__name__, run.__doc__ = check.__name__, check.__doc__
    return run


def _call(answer, *inputs):
    """Return `answer(*inputs)`; a failure, no result or a changed input is a `_Mistake`."""
    if not callable(answer):
        kind = type(answer).__name__
        raise _Mistake(f"expected a function, given a {kind}; pass its name without brackets.")
    copies = [x.clone() if isinstance(x, Tensor) else x for x in inputs]
    try:
        result = answer(*copies)
    except Exception as error:  # whatever a learner's code raises becomes a sentence
        words = f"{error}".partition("\n")[0] + _line_of(error, answer)
        hint = next((hint for part, hint in _HINTS.items() if part in str(error)), "")
        raise _Mistake(f"the function stops with {type(error).__name__}: {words}{hint}") from None
    if result is None or result is ...:
        raise _Mistake(
            "the function returns nothing yet. Put your code in place of the dots; every branch "
            "needs a return."
        )
    for given, copy in zip(inputs, copies, strict=True):
        if isinstance(given, Tensor) and not torch.equal(given, copy):
            raise _Mistake(
                "the function changes its input in place. Work on a copy: image.clone()."
            )
    return result


_HINTS = {
    "step must be greater than zero": ". PyTorch has no negative steps: use torch.arange.",
    "must match the size": ". One number a picture needs four axes: numbers[:, None, None, None].",
}


def _line_of(error: Exception, answer) -> str:
    """Return ` (line N of the function)` for the line of `answer` that raised `error`, if known."""
    trace, line = error.__traceback__, None
    while trace:
        if trace.tb_frame.f_code is getattr(answer, "__code__", None):
            line = trace.tb_lineno - answer.__code__.co_firstlineno + 1
        trace = trace.tb_next
    return f" (line {line} of the function)" if line else ""


def _compare(answer, inputs: tuple, right: Tensor, mistakes: Mapping[str, Tensor], tolerance=0.0):
    """Call `answer(*inputs)`; raise `_Mistake` unless it gives `right`, up to `tolerance`.

    `mistakes` maps a sentence to the result that this mistake gives.
    """
    result = _call(answer, *inputs)
    if not isinstance(result, Tensor):
        raise _Mistake(f"the function returns a {type(result).__name__}; expected a tensor.")
    if _close(result, right, tolerance):
        if result.dtype != right.dtype:
            raise _Mistake(
                f"the values are right, but the dtype is {result.dtype}; expected {right.dtype}."
            )
        return
    for sentence, wrong in mistakes.items():
        if _close(result, wrong, tolerance):
            raise _Mistake(sentence)
    if result.shape != right.shape:
        given = (
            f" for an input of shape {list(inputs[0].shape)}"
            if isinstance(inputs[0], Tensor)
            else ""
        )
        raise _Mistake(f"the shape is {list(result.shape)}; expected {list(right.shape)}{given}.")
    if result.dtype != right.dtype:
        raise _Mistake(f"the dtype is {result.dtype}; expected {right.dtype}.")
    far = ~((result.double() - right.double()).abs() <= tolerance)  # NaN is far from everything
    raise _Mistake(
        f"shape and dtype are right, but {far.double().mean():.0%} of the values differ."
    )


def _close(a: Tensor, b: Tensor, tolerance: float) -> bool:
    """Compare shapes and values, not dtypes; NaN is never close."""
    return a.shape == b.shape and bool(((a.double() - b.double()).abs() <= tolerance).all())


def _picture(*shape: int, seed: int = 0) -> Tensor:
    """Return a picture without equal values, so that no mistake looks right by chance."""
    order = torch.randperm(torch.Size(shape).numel(), generator=torch.Generator().manual_seed(seed))
    return ((order + 0.5) / len(order)).reshape(shape)


# ---- 01_the_demo_that_failed


@_check
def accuracy(answer: Callable[[Tensor, Tensor], float]) -> str:
    """Check `answer(probabilities, labels)`: the share of rows whose largest entry is the label."""
    probabilities = _picture(10, 4).softmax(1)
    labels = probabilities.argmax(1)
    labels[:3] = (labels[:3] + 1) % 4
    result = _call(answer, probabilities, labels)
    if isinstance(result, Tensor) and result.numel() == 1:
        result = result.item()
    if isinstance(result, bool) or not isinstance(result, (int, float)):
        raise _Mistake(f"the function returns a {type(result).__name__}; expected one number.")
    hints = {
        7: "that counts the right answers; divide by the number of pictures.",
        70: "that is in percent; return a share between 0 and 1.",
        3: "that counts the wrong answers; accuracy is the share of the right ones.",
        0.3: "that is the share of the wrong answers; accuracy is the share of the right ones.",
        probabilities.amax(1)
        .mean()
        .item(): "that is how sure the model is, not how often it is right.",
        probabilities[range(10), labels].mean().item(): (
            "that is the mean probability of the label; only the largest of each row counts."
        ),
    }
    for wrong, hint in hints.items():
        if abs(result - wrong) < 1e-4:
            raise _Mistake(hint)
    if not abs(result - 0.7) < 1e-6:
        raise _Mistake(f"of 10 answers 7 are right, and the function returns {result:.3g}.")
    return "7 of 10 answers are right, and the function says 0.7."


@_check
def weakest_class(answer: Callable[[Tensor], int]) -> str:
    """Check `answer(counts)`: the class of which the smallest share is recognised.

    `counts[i, j]` is how many pictures of class `i` are taken for class `j`.
    """
    counts = torch.diag(torch.tensor([9, 16, 5, 4, 10]))
    counts[1, 4], counts[1, 0], counts[3, 4], counts[4, 0], counts[0, 1] = 20, 4, 4, 5, 1
    result = _call(answer, counts)
    if isinstance(result, Tensor) and result.numel() == 1:
        result = result.item()
    if isinstance(result, bool) or not isinstance(result, int):
        raise _Mistake(f"the function returns a {type(result).__name__}; expected a whole number.")
    hints = {
        2: "that is the class of which the largest share is recognised.",
        3: "class 3 has the fewest right answers, but few pictures too: divide by the row's sum.",
        4: "class 4 is the one that others are taken for most often. Rows hold the true class.",
    }
    if result != 1:
        wrong = (
            f"the answer is not class {result}: 16 of the 40 pictures of class 1 are recognised."
        )
        raise _Mistake(hints.get(result, wrong))
    return "16 of the 40 pictures of class 1 are recognised, the smallest share."


REMEDIES = {
    "the lamps are warmer": (
        {"color temperature"},
        "Warm light takes away blue everywhere; color temperature imitates it.",
    ),
    "the customer holds the drink nearer to the camera": (
        {"crop"},
        "A crop that is resized shows the drink larger.",
    ),
    "the cup stands with its handle on the left": ({"flip"}, "A flip moves it to the other side."),
    "the desk shines": ({"reflections"}, "Bright patches are added, in any place."),
}


@_check
def remedies(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each change at the show the set of augmentations that imitate it."""
    options = {"flip", "crop", "color temperature", "reflections"}
    return _check_choices(answer, REMEDIES, options, "is not imitated by", "is also imitated by")


# ---- 02_flip


@_check
def flip_top_bottom(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: the picture or batch `[..., H, W]`, flipped top to bottom."""
    for shape in [(3, 4, 6), (2, 3, 4, 6)]:
        x = _picture(*shape)
        many = "a batch" if len(shape) == 4 else "a picture"
        _compare(
            answer,
            (x,),
            x.flip(-2),
            {
                f"{many} comes back unchanged.": x,
                f"{many} is flipped left to right. Rows are the last axis but one.": x.flip(-1),
                f"{many} is flipped along both axes, which turns it by 180 degrees.": x.flip(
                    -1, -2
                ),
                "the channels are reversed, red for blue. Count axes from the end: -2.": x.flip(-3),
                "the order of the pictures is reversed. Count axes from the end.": x.flip(0),
                "rows and columns are swapped; a flip keeps the shape.": x.transpose(-1, -2),
                "the batch dimension is lost: only the first picture comes back.": x[0].flip(-2),
            },
        )
    if {"flip", "flipud", "vertical_flip"} & set(
        getattr(answer, "__code__", _call.__code__).co_names
    ):
        raise _Mistake("the rows are reversed. Now do it without flip: with an index of rows.")
    return "rows are reversed, for a picture and for a batch."


@_check
def random_flip(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, p)`: the picture, flipped left to right with probability `p`."""
    x = _picture(3, 4, 6)
    flipped = x.flip(-1)
    shares = {}
    with torch.random.fork_rng(devices=[]):  # the learner's own random numbers stay as they were
        torch.manual_seed(0)
        for p in (0.0, 1.0, 0.2):
            results = [_call(answer, x, p) for _ in range(40 if p in (0, 1) else 400)]
            for result in results:
                if not isinstance(result, Tensor):
                    kind = type(result).__name__
                    raise _Mistake(f"the function returns a {kind}; expected a tensor.")
                if torch.equal(result, x.flip(-2)):
                    raise _Mistake("the picture is flipped top to bottom; expected left to right.")
                if not torch.equal(result, x) and not torch.equal(result, flipped):
                    raise _Mistake(
                        "some results are neither the picture nor its mirror. "
                        "Draw one number for the whole picture, not one a row or a pixel."
                    )
            shares[p] = sum(torch.equal(result, flipped) for result in results) / len(results)
    if shares[0.0] == shares[1.0] == shares[0.2]:
        word = "always" if shares[0.2] == 1 else "never"
        raise _Mistake(f"the function {word} flips, whatever p is. Compare torch.rand(1) with p.")
    if shares[0.0] == 1 and shares[1.0] == 0:
        raise _Mistake("it flips with probability 1 - p: the comparison is the wrong way round.")
    for p, allowed in ((0.0, 0), (1.0, 0), (0.2, 0.08)):
        if abs(shares[p] - p) > allowed:
            raise _Mistake(
                f"with p = {p:g} it flips {shares[p]:.0%} of the times: use p to decide."
            )
    return f"with p = 0.2 it flipped {shares[0.2]:.0%} of 400 times."


@_check
def flip_some(answer: Callable[[Tensor, Tensor], Tensor]) -> str:
    """Check `answer(batch, flipped)`: pictures whose `flipped` is True go left to right."""
    x = _picture(5, 3, 4, 6)
    for mask in torch.tensor(
        [[True, False, True, True, False], [False, True, False, False, False]]
    ):
        here = mask[:, None, None, None]
        right = torch.where(here, x.flip(-1), x)
        _compare(
            answer,
            (x, mask),
            right,
            {
                "no picture is flipped.": x,
                "every picture is flipped; only those with True should be.": x.flip(-1),
                "those with False are flipped, not those with True.": torch.where(
                    here, x, x.flip(-1)
                ),
                "the pictures are flipped top to bottom; expected left to right.": torch.where(
                    here, x.flip(-2), x
                ),
                "the order of the pictures changes; leave each in its place.": x.flip(0),
                "the mask is read backwards.": torch.where(here.flip(0), x.flip(-1), x),
                "only the flipped pictures come back. Keep the others too, in their place.": right[
                    mask
                ],
            },
        )
    return "each picture follows its own entry of the mask."


FLIP_TASKS = {
    "cat or dog": (
        {"left-right"},
        "A cat in a mirror is a cat; upside down it is not what a camera meets.",
    ),
    "handwritten digit": (
        set(),
        "A mirrored 7 is no digit, and a 2 flipped top to bottom looks like a 5.",
    ),
    "cells under a microscope": (
        {"left-right", "top-bottom"},
        "A slide has no up and no left: both flips give pictures that could have been taken.",
    ),
    "arrow to the left or to the right": (
        {"top-bottom"},
        "A left-right flip turns one class into the other; top to bottom an arrow keeps its side.",
    ),
}


@_check
def flips_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: the set of flips, "left-right", "top-bottom", that keep each task's label."""
    return _check_choices(answer, FLIP_TASKS, {"left-right", "top-bottom"})


def _check_choices(
    answer,
    tasks: Mapping[str, tuple[set[str], str]],
    options: set[str],
    no="does not survive",
    also="also survives",
) -> str:
    if not isinstance(answer, Mapping):
        raise _Mistake(f"expected a dictionary, given a {type(answer).__name__}.")
    for task, (right, reason) in tasks.items():
        if task not in answer:
            raise _Mistake(f"there is no answer for {task!r} yet.")
        given = answer[task]
        if given is ... or given is None:
            raise _Mistake(f"there is no answer for {task!r} yet. Put a set in place of the dots.")
        if isinstance(given, str) or not isinstance(given, (set, frozenset, list, tuple, dict)):
            raise _Mistake(
                f"the answer for {task!r} is {given!r}; expected a set, as in {{'...'}} or set()."
            )
        if not all(isinstance(choice, str) for choice in given):
            raise _Mistake(f"the answer for {task!r} is {given!r}; expected a set of words.")
        given = set(given)
        if given - options:
            raise _Mistake(
                f"{sorted(given - options)} for {task!r}; the options are {sorted(options)}."
            )
        if given - right:
            raise _Mistake(f"{task!r} {no} {sorted(given - right)}. {reason}")
        if right - given:
            raise _Mistake(f"{task!r} {also} {sorted(right - given)}. {reason}")
    return f"all {len(tasks)} tasks. " + " ".join(reason for _, reason in tasks.values())


# ---- 03_crop


@_check
def center_crop(answer: Callable[[Tensor, int, int], Tensor]) -> str:
    """Check `answer(image, height, width)`: the middle `height x width` pixels of `[..., H, W]`."""
    for shape in [(3, 10, 16), (2, 3, 10, 16)]:
        x = _picture(*shape)
        _compare(
            answer,
            (x, 4, 6),
            x[..., 3:7, 5:11],
            {
                "the crop starts in the upper left corner; expected the middle.": x[..., :4, :6],
                "the crop ends in the lower right corner; expected the middle.": x[..., -4:, -6:],
                "height and width are swapped.": x[..., 2:8, 6:10],
                "the crop starts in the middle; it should have its own middle there.": x[
                    ..., 5:9, 8:14
                ],
                "the crop is one row and one column too large: a slice ends before its stop.": x[
                    ..., 3:8, 5:12
                ],
                "the end of the slice must be the start plus the size: top + height.": x[
                    ..., 3:4, 5:6
                ],
                "the picture comes back whole.": x,
                "the batch dimension is lost. Index with ... for all leading axes.": x[0][
                    ..., 3:7, 5:11
                ],
                "rows of the batch are cut, not rows of the pictures. Index with ... first.": x[
                    3:7, 5:11
                ],
            },
        )
    for shape, height, width in [((3, 9, 15), 3, 5), ((3, 10, 16), 10, 16), ((3, 8, 8), 2, 6)]:
        x = _picture(*shape)
        top, left = (shape[1] - height) // 2, (shape[2] - width) // 2
        try:
            _compare(
                answer, (x, height, width), x[..., top : top + height, left : left + width], {}
            )
        except _Mistake as mistake:
            given = f"{height} x {width} pixels of {shape[1]} x {shape[2]}"
            raise _Mistake(
                f"right for 4 x 6 pixels of 10 x 16, but for {given}: {mistake}"
            ) from None
    return "the crop and the picture have the same middle, for a picture and for a batch."


@_check
def draw_position(answer: Callable[[int, int, int, int], tuple[int, int]]) -> str:
    """Check `answer(H, W, height, width)`: a random `(top, left)` that keeps the crop inside."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        draws = [_call(answer, 5, 9, 3, 4) for _ in range(600)]
    for draw in draws:
        try:
            top, left = (float(number) for number in draw)
            whole = top == int(top) and left == int(left)
        except (TypeError, ValueError, OverflowError):
            raise _Mistake(
                f"the function returns {draw!r}; expected two numbers: (top, left)."
            ) from None
        if not whole:
            raise _Mistake(
                f"the function returns {draw!r}; positions are whole pixels: torch.randint."
            )
    tops, lefts = ({int(draw[axis]) for draw in draws} for axis in (0, 1))
    # a crop of 3 x 4 in a picture of 5 x 9 has the tops 0 to 2 and the lefts 0 to 5
    if len(tops) == len(lefts) == 1:
        raise _Mistake(f"the position is always ({min(tops)}, {min(lefts)}); expected random ones.")
    if max(tops) == 5 and max(lefts) == 2:
        raise _Mistake("top and left are swapped: top follows the height, left the width.")
    if min(tops | lefts) < 0:
        raise _Mistake("some positions are negative: they lie outside the picture.")
    if max(tops) > 2 or max(lefts) > 5:
        raise _Mistake(
            f"with top {max(tops)} or left {max(lefts)} a crop of 3 x 4 leaves a picture of 5 x 9: "
            "take the size of the crop off first."
        )
    if 2 not in tops or 5 not in lefts:
        raise _Mistake("the last row or column is never reached: torch.randint leaves out its end.")
    if 0 not in tops or 0 not in lefts:
        raise _Mistake("the first row or column is never reached: positions start at 0.")
    if len({(int(top), int(left)) for top, left in draws}) < 18:
        raise _Mistake("top and left depend on each other: draw a new number for each.")
    return "all 18 positions of a 3 x 4 crop in a 5 x 9 picture occur, and no other."


@_check
def to_batch(answer: Callable[[list[Tensor], int], Tensor]) -> str:
    """Check `answer(pictures, size)`: pictures of many sizes as one batch `[N, 3, size, size]`.

    The shorter side is resized to `size`, then the middle is cut out, so that nothing is stretched.
    """
    pictures = [_smooth(40, 60), _smooth(60, 40), _smooth(33, 50)]
    whole = [F.resize(x, 16, antialias=True) for x in pictures]
    right = torch.stack([F.center_crop(x, 16) for x in whole])
    _compare(
        answer,
        (pictures, 16),
        right,
        {
            "the pictures are stretched: give resize one number, not two.": torch.stack(
                [F.resize(x, [16, 16], antialias=True) for x in pictures]
            ),
            "the pictures are cut but not resized: most of each is gone.": torch.stack(
                [F.center_crop(x, 16) for x in pictures]
            ),
            "the upper left corner is cut out; expected the middle.": torch.stack(
                [x[..., :16, :16] for x in whole]
            ),
            "only one picture comes back; expected all, stacked.": right[0],
            "the pictures stand beside each other in one; expected torch.stack.": torch.cat(
                [*right], 0
            ),
        },
        tolerance=0.02,
    )
    return "three shapes became one batch, and circles stay round."


def _smooth(height: int, width: int) -> Tensor:
    """Return a float picture `[3, height, width]` without edges, whose parts all differ."""
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    x = torch.linspace(0, 1, width)[None, :].expand(height, width)
    return torch.stack([y, x, (x + y * y) / 2])


@_check
def small_crops(answer: float) -> str:
    """Check `answer`: the share of default crops that keep less than a quarter of the picture."""
    if answer is ... or answer is None:
        raise _Mistake("there is no answer yet. Put a number in place of the dots.")
    try:
        number = float(answer)
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise _Mistake(f"expected a number, given a {kind} ({answer!r}).") from None
    right = (0.25 - 0.08) / (1 - 0.08)
    hints = {
        0.25: "a quarter would be right if areas started at 0; they start at 0.08.",
        0.17: "0.25 - 0.08 is the length of the part; divide it by the length of the whole range.",
        1 - right: "that is the share of draws above a quarter.",
        100 * right: "that is in percent; give it as a fraction between 0 and 1.",
        0.25 / 0.92: "the part of the range below 0.25 starts at 0.08, not at 0.",
        0.5: "half the width and height keep a quarter, but the area is drawn, not the sides.",
    }
    if abs(number - right) <= 0.006:
        return f"(0.25 - 0.08) / (1 - 0.08) = {right:.3f}: almost one draw in five."
    for wrong, hint in hints.items():
        if abs(number - wrong) < (0.006 if wrong < 1 else 1):
            raise _Mistake(hint)
    raise _Mistake(
        f"{number:.3g} is not it. The area is uniform from 0.08 to 1: which part is below 0.25?"
    )


# ---- 04_color


@_check
def brightness_uint8(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, factor)`: a `uint8` picture times `factor`, kept in 0 to 255."""
    x = (_picture(3, 4, 6) * 255).to(torch.uint8)
    for factor in (1.5, 0.5):
        exact = x.double() * factor
        grey = x.double().mean()
        _compare(
            answer,
            (x, factor),
            exact.clamp(0, 255).to(torch.uint8),
            {
                "the picture comes back unchanged.": x,
                "bright values wrap around: 300 became 44. Clamp, then convert.": exact.long()
                % 256,
                "values above 255 are left in. Clamp to 0 to 255.": exact,
                "the factor is added; brightness multiplies.": (x.double() + factor).clamp(0, 255),
                "the factor is added as a share of 255; brightness multiplies.": (
                    x.double() + 255 * (factor - 1)
                ).clamp(0, 255),
                "values are clamped to 0 to 1, as for floats; uint8 goes to 255.": exact.clamp(
                    0, 1
                ),
                "the picture is divided by the factor.": (x.double() / factor).clamp(0, 255),
                "the mean is kept: that is contrast, not brightness.": (
                    grey + (x.double() - grey) * factor
                ).clamp(0, 255),
            },
            tolerance=1.0,
        )
    return "values are multiplied, kept in 0 to 255, and come back as uint8."


@_check
def jitter_batch(answer: Callable[[Tensor, float, float], Tensor]) -> str:
    """Check `answer(batch, low, high)`: each picture times a factor of its own, kept in 0 to 1."""
    x = _picture(64, 3, 4, 6) * 0.6  # at most 0.9 after the largest factor: nothing is clamped
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        result, again = _call(answer, x, 0.5, 1.5), _call(answer, x, 0.5, 1.5)
        other = _call(answer, x, 0.8, 1.1)
        bright = _call(answer, torch.ones(8, 3, 4, 6), 1.5, 2.0)
    if not isinstance(result, Tensor) or result.shape != x.shape:
        given = list(result.shape) if isinstance(result, Tensor) else type(result).__name__
        raise _Mistake(f"the result is {given}; expected a batch of shape {list(x.shape)}.")
    if not result.isfinite().all():
        raise _Mistake("some values are NaN or infinite.")
    factors = result / x
    lowest, highest = factors.amin((1, 2, 3)), factors.amax((1, 2, 3))
    if (factors - 1).abs().max() < 1e-4:
        raise _Mistake("the batch comes back unchanged.")
    if factors.max() - factors.min() < 1e-4:
        raise _Mistake(
            "all pictures get the same factor. Draw one each: torch.rand(len(batch), ...)."
        )
    if (highest - lowest).max() > 1e-3:
        if (factors.amax((2, 3)) - factors.amin((2, 3))).max() < 1e-3:
            raise _Mistake("each channel has its own factor: that tints. Draw one a picture.")
        raise _Mistake("the factor changes inside a picture. Draw one each, of shape [N, 1, 1, 1].")
    if torch.equal(result, again):
        raise _Mistake("two calls give the same factors: nothing is drawn at random.")
    if len(lowest.round(decimals=4).unique()) < 48:
        raise _Mistake("many pictures share a factor. Draw one number for each picture.")
    for low, high, batch in ((0.5, 1.5, result), (0.8, 1.1, other)):
        found = (batch / x).amin((1, 2, 3))
        least, most, room = found.min().item(), found.max().item(), 0.15 * (high - low)
        if least < low - 1e-3 or most > high + 1e-3 or least > low + room or most < high - room:
            raise _Mistake(
                f"for low = {low} and high = {high} the factors go from {least:.2f} to {most:.2f}."
            )
    if bright.max() > 1:
        raise _Mistake("a white picture leaves the range: clamp the result to 0 to 1.")
    if bright.min() < 1:
        raise _Mistake("a white picture gets darker with factors above 1: clamp, do not rescale.")
    low, high = lowest.min(), highest.max()
    return f"64 pictures, 64 factors, from {low:.2f} to {high:.2f}."


@_check
def gray_world(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: the light of each channel scaled to the mean of the whole picture."""
    from d2laug.augment import to_linear, to_srgb  # the checks of other lessons do without

    x = _picture(3, 4, 6) * torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    x[:, 0, 0] = 1  # a lamp: its blue would be more than white
    light = to_linear(x)
    means = light.mean((1, 2), keepdim=True)
    gains = light.mean() / means
    stored = x * x.mean() / x.mean((1, 2), keepdim=True)
    _compare(
        answer,
        (x,),
        to_srgb((light * gains).clamp(0, 1)),
        {
            "the picture comes back unchanged.": x,
            "the gains act on the stored values; begin with to_linear.": stored.clamp(0, 1),
            "the result is still light, which looks too dark; end with to_srgb.": (
                light * gains
            ).clamp(0, 1),
            "some values are above 1: clamp the light before to_srgb.": to_srgb(light * gains),
            "green sets the mean; expected the mean of all three channels.": to_srgb(
                (light * means[1] / means).clamp(0, 1)
            ),
            "the means are over the channels; expected one mean a channel.": to_srgb(
                (light * light.mean() / light.mean(0, keepdim=True)).clamp(0, 1)
            ),
            "the picture is divided by the gains: the light gets even warmer.": to_srgb(
                (light / gains).clamp(0, 1)
            ),
            "each channel is divided by its mean; multiply by the mean of all too.": to_srgb(
                (light / means).clamp(0, 1)
            ),
            "the channels are averaged, and no color is left.": to_srgb(
                light.mean(0, keepdim=True).expand_as(light)
            ),
            "to_linear and to_srgb are swapped.": to_linear((to_srgb(x) * gains).clamp(0, 1)),
        },
        tolerance=2e-3,
    )
    return "all channels have the same mean of light."


COLOR_TASKS = {
    "ripe or unripe tomato": (
        {"brightness"},
        "Red against green is the label itself: hue must stay.",
    ),
    "cat or dog": ({"brightness", "hue"}, "No cat becomes a dog by its color."),
    "day or night": ({"hue"}, "How bright the picture is tells day from night."),
    "the amount of a drink in a glass": (
        {"brightness", "hue"},
        "A level is a place in the picture, not a color.",
    ),
}


@_check
def color_changes_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: the set of changes, "brightness", "hue", that keep each task's label."""
    return _check_choices(answer, COLOR_TASKS, {"brightness", "hue"})


# ---- 06_on_the_fly


@_check
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
        epochs = [_pairs(_call(answer, images, labels, transform, 4)) for _ in range(3)]
    used = sizes[: len(sizes) // 3]
    orders = [[int(x[0, 0, 0]) // 20 for batch, _ in epoch for x in batch] for epoch in epochs]
    batches = [len(batch) for batch, _ in epochs[0]]
    if None in used or used == [1] * 10:
        raise _Mistake("the transform gets one picture at a time; give it the whole batch.")
    if not used:
        raise _Mistake("the pictures come back as they are: call transform on each batch.")
    if used == [10]:
        raise _Mistake(
            "the transform gets all pictures at once, which takes the memory of all; call it on "
            "each batch."
        )
    if any(not (batch % 2 == 1).all() for epoch in epochs for batch, _ in epoch):
        raise _Mistake("the result of transform is lost: yield what it returns.")
    if batches in ([4, 4], [2, 4, 4]) and sum(batches) < 10:
        raise _Mistake("the last batch, which is shorter, is missing: 10 pictures are 4 + 4 + 2.")
    if batches != [4, 4, 2]:
        raise _Mistake(f"10 pictures in batches of 4 come as {batches}; expected [4, 4, 2].")
    if any(sorted(order) != list(range(10)) for order in orders):
        raise _Mistake("some pictures come twice and others never: take torch.randperm.")
    for epoch in epochs:
        if any((batch[:, 0, 0, 0] // 20 != y).any() for batch, y in epoch):
            raise _Mistake(
                "the labels do not belong to their pictures: take both with the same index."
            )
    if orders[0] == list(range(10)):
        raise _Mistake("the pictures come in the order of the data set: shuffle with randperm.")
    if orders[0] == orders[1] == orders[2]:
        raise _Mistake("every epoch has the same order: draw a new one each time.")
    return "10 pictures came as 4 + 4 + 2, with their labels, in another order each epoch."


def _pairs(result) -> list[tuple[Tensor, Tensor]]:
    """Return what an epoch yields as a list of pairs of tensors, or raise `_Mistake`."""
    try:
        result = list(result)
    except TypeError:
        kind = type(result).__name__
        raise _Mistake(f"the function returns a {kind}; yield the batches one by one.") from None
    except Exception as error:  # what a generator raises comes only when it runs
        words = f"{error}".partition("\n")[0]
        raise _Mistake(f"the function stops with {type(error).__name__}: {words}") from None
    if not result:
        raise _Mistake("no batch comes out of the function.")
    if [part.ndim for part in result if isinstance(part, Tensor)] == [4, 1]:
        raise _Mistake("only one batch comes out: inside the loop take yield in place of return.")
    if any(isinstance(pair, Tensor) and pair.ndim == 4 for pair in result):
        raise _Mistake("only pictures come out; yield them with their labels.")
    for pair in result:
        if not (
            isinstance(pair, (tuple, list))
            and len(pair) == 2
            and all(isinstance(part, Tensor) for part in pair)
            and pair[0].ndim == 4
            and pair[1].ndim == 1
            and len(pair[0]) == len(pair[1])
        ):
            raise _Mistake("expected pairs (pictures [B, 3, H, W], labels [B]).")
    return result


@_check
def order_difference(answer: Callable[[Callable, Callable, Tensor], int]) -> str:
    """Check `answer(first, second, image)`: how far apart the two orders of two transforms are.

    The largest difference of a value, in grey levels, of a `uint8` picture.
    """
    image = (_picture(3, 4, 6) * 255).to(torch.uint8)

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
        right / 255: "that is a share; expected grey levels, 0 to 255.",
        int((one - image.int()).abs().max()): whole,
        int((other - image.int()).abs().max()): whole,
        int((brighter(image).int() - steps(image).int()).abs().max()): (
            "that compares the two transforms; expected both after each other, in two orders."
        ),
    }
    for first, second in ((brighter, steps), (steps, brighter)):
        number = _number(_call(answer, first, second, image))
        if abs(number - right) < 1e-3:
            continue
        for wrong, hint in hints.items():
            if abs(number - wrong) < 1e-3:
                raise _Mistake(hint)
        raise _Mistake(f"two orders are {right} grey levels apart; the function says {number:g}.")
    if _number(_call(answer, negative, lambda x: x.flip(-1), image)) != 0:
        raise _Mistake("a negative and a flip give the same in both orders: expected 0.")
    return f"brighter and steps of 100: {right} grey levels apart; negative and flip: 0."


_WRAP = "the values wrap around: 3 - 5 is 254 in uint8. Subtract as int or float."


def _number(value) -> float:
    """Return a number or a tensor of one element as a float, or raise `_Mistake`."""
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Mistake(f"the function returns a {type(value).__name__}; expected one number.")
    return float(value)


@_check
def draw(answer: Callable[[int, int, int], float]) -> str:
    """Check `answer(seed, epoch, index)`: a number in 0 to 1 that these three decide alone."""
    with _global_generators() as touched:
        first, again = (_number(_call(answer, 1, 2, 3)) for _ in range(2))
        if first != again:
            raise _Mistake(
                "the same seed, epoch and index give two numbers. Seed a generator with the three."
            )
        if touched():
            raise _Mistake(
                "the function seeds a global generator, and so decides what everybody else draws. "
                "Make a generator of its own."
            )
        grid = {
            (s, e, i): _number(_call(answer, s, e, i))
            for s in range(3)
            for e in range(15)
            for i in range(15)
        }
    if not all(0 <= number <= 1 for number in grid.values()):
        raise _Mistake("some numbers are not between 0 and 1.")
    for name, axis in (("seed", 0), ("epoch", 1), ("index", 2)):
        if _ignores(grid, axis):
            raise _Mistake(_IGNORED[name])
    seen, met = {}, []
    for key, number in grid.items():
        if number in seen:
            met.append((seen[number], key))
        seen[number] = key
    if len(met) > 3:  # fewer may be chance: a float32 holds 24 bits
        (s, e, i), (s2, e2, i2) = met[0]
        raise _Mistake(
            f"seed {s}, epoch {e}, index {i} and seed {s2}, epoch {e2}, index {i2} draw the same "
            "number. Combine the three so that no two triples meet."
        )
    low = sum(number < 0.5 for number in grid.values()) / len(grid)
    if not 0.4 < low < 0.6:
        raise _Mistake(f"{low:.0%} of the numbers are below 0.5; expected about half of them.")
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


@_check
def before_training_or_testing(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: before what each step belongs, "training", "testing" or both."""
    options = {"training", "testing"}
    return _check_choices(
        answer, BEFORE_TASKS, options, "does not belong before", "also belongs before"
    )
