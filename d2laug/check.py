"""Answer checks of the exercises: each names the mistake it sees and never ends in a traceback.

Every check tries the learner's function on small pictures and compares the result with the right
one and with what the usual mistakes give. It returns a `Verdict`, whose text a notebook shows.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

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


# ---- 05_fifty_augmentations


@_check
def posterize(answer: Callable[[Tensor, int], Tensor]) -> str:
    """Check `answer(image, bits)`: a `uint8` picture of which the highest `bits` bits are kept."""
    x = torch.arange(256).repeat(3)[torch.randperm(768, generator=_seeded())].view(3, 16, 16)
    for bits in (3, 1, 6):
        step = 2 ** (8 - bits)
        right = x // step * step
        _compare(
            answer,
            (x.to(torch.uint8), bits),
            right.to(torch.uint8),
            {
                "the picture comes back unchanged.": x,
                "the steps are counted, which is nearly black: multiply by the step again.": x
                // step,
                "the lowest bits are kept; they hold the fine detail, the highest the shape.": x
                % step,
                f"with bits = {bits} there are {bits} levels; expected 2 ** bits of them.": x
                // max(1, 256 // bits)
                * max(1, 256 // bits),
                f"with bits = {bits} this keeps {8 - bits} bits: the step is 2 ** (8 - bits).": x
                // 2**bits
                * 2**bits,
                "values are rounded to the nearest step; a bit that is dropped rounds down.": (
                    (x / step).round() * step
                ).clamp(0, 255),
                "nearest steps again, and 256 starts anew at 0: round down instead.": (
                    (x / step).round() * step
                )
                % 256,
            },
        )
    return "3 bits leave 8 levels a channel, 1 bit leaves 2."


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@_check
def salt_and_pepper(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, share)`: a share of the pixels black or white, half of them each."""
    x = 0.2 + 0.6 * _picture(3, 60, 50)
    found = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for share in (0.2, 0.6, 0.0):
            found[share] = _call(answer, x, share)
        again = _call(answer, x, 0.2)
    for share, result in found.items():
        if not isinstance(result, Tensor) or result.shape != x.shape:
            given = list(result.shape) if isinstance(result, Tensor) else type(result).__name__
            raise _Mistake(f"the result is {given}; expected a picture of shape {list(x.shape)}.")
        if result.dtype != x.dtype:
            raise _Mistake(f"the dtype is {result.dtype}; expected {x.dtype}.")
        white, black = result == 1, result == 0
        if not (white | black | (result == x)).all():
            raise _Mistake("some values are neither 0 nor 1 nor the picture's own.")
        changed = (white | black).any(0).float().mean().item()
        if share and not changed:
            raise _Mistake("the picture comes back unchanged.")
        if not share and changed:
            raise _Mistake("with share = 0 some pixels are changed.")
        if (white.any(0) != white.all(0)).any() or (black.any(0) != black.all(0)).any():
            raise _Mistake(
                "the dots are colored: each channel has its own. Draw one number for each pixel, "
                "[H, W] or [1, H, W], for all three channels."
            )
        if share and not (white.any() and black.any()):
            color = "white" if white.any() else "black"
            raise _Mistake(f"all dots are {color}; expected half of them black, half white.")
        if abs(changed - share) > 0.05:
            raise _Mistake(f"with share = {share} it changes {changed:.0%} of the pixels.")
        if share and abs(white.float().mean().item() / changed - 0.5) > 0.1:
            part = white.float().mean().item() / changed
            raise _Mistake(f"{part:.0%} of the dots are white; expected half of them.")
    if torch.equal(found[0.2], again):
        raise _Mistake("two calls change the same pixels: draw them anew each time.")
    return "with share = 0.2, a fifth of the pixels are dots, black and white in equal parts."


@_check
def emboss(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: each pixel that has eight neighbors, weighed by the 3 x 3 table."""
    table = torch.tensor([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]])
    x = _picture(3, 8, 11)

    def weighed(picture, weights):
        rows, columns = picture.shape[-2] - 2, picture.shape[-1] - 2
        shifted = (
            weights[i, j] * picture[..., i : i + rows, j : j + columns]
            for i in range(3)
            for j in range(3)
        )
        return sum(shifted)

    whole = torch.nn.functional.pad(x, [1] * 4)
    _compare(
        answer,
        (x,),
        weighed(x, table).clamp(0, 1),
        {
            "some values leave the range 0 to 1: clamp the sum.": weighed(x, table),
            "the table is turned by 180 degrees: the light comes from the other side.": weighed(
                x, table.flip(0, 1)
            ).clamp(0, 1),
            "the table is mirrored: its -2 belongs to the upper left neighbor.": weighed(
                x, table.flip(1)
            ).clamp(0, 1),
            "the pixel itself is missing: the table has a 1 in its middle.": weighed(
                x, table - torch.diag(torch.tensor([0.0, 1, 0]))
            ).clamp(0, 1),
            "the corners count twice: their weights are -2 and 2.": weighed(x, table.sign()).clamp(
                0, 1
            ),
            "the border is there too; leave out the pixels without eight neighbors.": weighed(
                whole, table
            ).clamp(0, 1),
            "the border is there too, and takes pixels from the other side.": weighed(
                torch.nn.functional.pad(x, [1] * 4, mode="circular"), table
            ).clamp(0, 1),
            "the sum is divided by the number of weights; their sum is 1 already.": (
                weighed(x, table) / 9
            ).clamp(0, 1),
            "the inner pixels come back as they were.": x[..., 1:-1, 1:-1],
            "the picture comes back unchanged.": x,
            "the channels are mixed: weigh each by itself.": weighed(x, table)
            .mean(0, keepdim=True)
            .expand(3, -1, -1)
            .clamp(0, 1),
        },
        tolerance=1e-5,
    )
    return "flat areas stay, and edges look lit from one side."


EFFECT_TASKS = {
    "a traffic light: red or green": (
        {"flip left-right", "quarter turn", "fog"},
        "Only the color is the label: any change of hue may turn red into green.",
    ),
    "an arrow: left or right": (
        {"hue", "fog"},
        "A flip turns one class into the other, and a quarter turn leaves neither.",
    ),
    "a road: foggy or clear": (
        {"flip left-right", "quarter turn", "hue"},
        "Added fog is the other class, wherever the road runs.",
    ),
    "coins on a table: how many": (
        {"flip left-right", "quarter turn", "hue", "fog"},
        "A number of coins survives every change that leaves all of them in sight.",
    ),
}


@_check
def effects_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each task the set of effects under which its label stays true."""
    options = {"flip left-right", "quarter turn", "hue", "fog"}
    return _check_choices(answer, EFFECT_TASKS, options)


_LIGHT_PATH = {
    "fog": "fog lies before the lens",
    "defocus": "the lens is what is out of focus",
    "Gaussian noise": "noise arises in the sensor, behind the lens",
    "JPEG": "the picture is compressed last, when it is stored",
}


@_check
def camera_pipeline(answer: list[tuple[str, float, float]]) -> str:
    """Check `answer`, steps for `gallery.build`: fog, defocus, noise, JPEG, as light meets them."""
    from d2laug.gallery import build

    if answer is ... or answer is None or (isinstance(answer, list) and ... in answer):
        raise _Mistake("there are no steps yet. Put (name, strength, probability) for the dots.")
    if not isinstance(answer, (list, tuple)):
        raise _Mistake(f"expected a list of steps, given a {type(answer).__name__}.")
    try:
        build(answer)
    except (TypeError, ValueError) as error:
        raise _Mistake(f"build says: {error}") from None
    names = [name for name, _, _ in answer]
    for name in _LIGHT_PATH:
        if name not in names:
            raise _Mistake(f"there is no {name!r} among the steps.")
        if names.count(name) > 1:
            raise _Mistake(f"{name!r} is there twice; expected each step once.")
    if others := [name for name in names if name not in _LIGHT_PATH]:
        raise _Mistake(f"{others[0]!r} was not asked for: {', '.join(_LIGHT_PATH)} are enough.")
    for name, strength, probability in answer:
        if strength == 0 or probability == 0:
            raise _Mistake(f"{name!r} never does anything: strength and probability must not be 0.")
    for name, expected in zip(names, _LIGHT_PATH, strict=True):
        if name != expected:
            reason = _LIGHT_PATH[expected]
            raise _Mistake(f"{name!r} comes before {expected!r}, but {reason}.")
    return "fog, lens, sensor, file: the order in which light meets them."
