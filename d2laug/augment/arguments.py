"""The arguments of transforms: each function takes one as it was given, or says what is wrong.

- `number`, `whole`, `probability`: one number; `pair`, `positive_range`: two of them;
- `output_size`, `sides`: of a picture, and around it; `fills`: what is seen outside of it;
- `one_of`: a word.

`name` is that of the argument. What cannot be meant raises `TypeError`, what is out of its range
`ValueError`; both say what was given and what is expected.
"""

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any  # a fill may be Any


def positive_range(name: str, values: Iterable[float]) -> tuple[float, float]:
    """Take `values` (low, high), positive and finite, the lower one first.

    >>> positive_range("ratio", [0.75, 1])
    (0.75, 1.0)
    """
    low, high = pair(name, values)
    if not 0 < low <= high < math.inf:
        raise ValueError(f"{name}={values} given, but (low, high) with 0 < low <= high expected.")
    return low, high


def pair(name: str, values: Iterable[float]) -> tuple[float, float]:
    """Take `values`, two numbers in any order, as floats."""
    try:
        low, high = (number(name, value) for value in values)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={values!r} given, but two numbers (low, high) expected.") from None
    return low, high


def number(name: str, value: object) -> float:
    """Take `value`, a number of Python or NumPy, as a float; a word or a truth value is none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}={value!r} given, but a number expected.")
    return float(value)


def whole(name: str, value: object, least: int = 0) -> int:
    """Take `value`, a whole number of Python or NumPy, `least` or more; 2.0 is one."""
    result = number(name, value)
    if not result.is_integer() or result < least:
        raise ValueError(f"{name}={value} given, but a whole number from {least} on expected.")
    return int(result)


def probability(p: float) -> float:
    """Take `p`, a number from 0 to 1, as a float."""
    if not 0 <= number("p", p) <= 1:
        raise ValueError(f"p={p} given, but a probability from 0 to 1 expected.")
    return float(p)


def sides(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Return the pixels to add (left, top, right, bottom) for a `padding` of 1, 2 or 4 numbers."""
    values = list(padding) if isinstance(padding, Sequence) else [padding]
    if len(values) not in (1, 2, 4):
        raise ValueError(f"padding={padding} given, but 1, 2 or 4 whole numbers expected.")
    left, top, right, bottom = (whole("padding", side) for side in (values * 4)[:4])
    return left, top, right, bottom


def output_size(size: int | Sequence[int], name: str = "size") -> tuple[int, int]:
    """Return (height, width) for a `size` of two whole numbers from 1 on, or of one for both.

    >>> output_size(96), output_size([48, 64])
    ((96, 96), (48, 64))
    """
    if isinstance(size, str) or not isinstance(size, Sequence | numbers.Real):
        raise TypeError(f"{name}={size!r} given, but one whole number or two expected.")
    sides = list(size) if isinstance(size, Sequence) else [size]
    if len(sides) not in (1, 2):
        raise ValueError(f"{name}={size} given, but one whole number or two expected.")
    return whole(name, sides[0], 1), whole(name, sides[-1], 1)


def fills(fill: Any) -> Any:
    """Take a `fill`, seen outside of a picture: a number, one a channel, None, or these by type."""
    if isinstance(fill, Mapping):
        if not all(isinstance(kind, type) or kind == "others" for kind in fill):
            raise TypeError(f"fill={fill!r} given, but types, or 'others', as keys expected.")
        return {kind: fills(value) for kind, value in fill.items()}
    if fill is None:
        return None
    fill = fill.tolist() if hasattr(fill, "tolist") else fill  # of NumPy or PyTorch
    if isinstance(fill, numbers.Real):
        return _whole_or(fill)
    try:
        return [_whole_or(value) for value in fill]
    except TypeError:
        raise TypeError(
            f"fill={fill!r} given, but a number, one for each channel, None, or a dictionary of "
            "these by type expected."
        ) from None


def _whole_or(value: object) -> float:
    return value if type(value) is int else number("fill", value)


def one_of(name: str, value: object, *allowed: str) -> str:
    """Take `value`, one of the `allowed` words or a member of torchvision's enumeration for it."""
    word = getattr(value, "value", value)
    if word not in allowed:
        raise ValueError(f"{name}={value!r} given, but {' or '.join(map(repr, allowed))} expected.")
    return word
