"""Predictions that are kept until what was predicted has come out, and shown side by side.

- `guess(name, percent)` keeps a prediction
- `came_out(name, percent)` opens what came out, once there is a prediction
- `show_guesses()` draws all of them
"""

import math
from numbers import Real
from typing import TYPE_CHECKING

from d2laug.check import kept

if TYPE_CHECKING:
    from d2laug.show import Picture


class Said(str):
    """A sentence, which a notebook shows without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def guess(name: str, percent: object = ...) -> Said:
    """Keep a prediction, a number from 0 to 100, under a name; a later one replaces it.

    Where there is no such number, nothing is kept, and the sentence asks for one.

    >>> guess("right at the show", 80)
    Kept: right at the show, 80 %.
    >>> guess("right at the show", ...)
    Not yet: write a number from 0 to 100 in place of the dots, your guess in percent.
    """
    number = _percent(percent)
    if number is None:
        given = "in place of the dots" if percent is ... else f"in place of {percent!r}"
        return Said(f"Not yet: write a number from 0 to 100 {given}, your guess in percent.")
    kept.keep("guesses", name, [number])
    small = " That is less than one percent: 80 % is written 80." if 0 < number < 1 else ""
    return Said(f"Kept: {name}, {number:g} %.{small}")


def came_out(name: str, percent: float) -> Said:
    """Say what came out, in percent, beside the prediction; without one it stays covered.

    >>> guess("right at the show", 80)
    Kept: right at the show, 80 %.
    >>> came_out("right at the show", 31.2)
    right at the show: you said 80 %, it is 31 %.
    >>> came_out("right in the lab", 100.0)
    Covered: first predict, with check.guess("right in the lab", ...).

    Raises `ValueError` for what is no number from 0 to 100.
    """
    number, said = _percent(percent), _guesses().get(name)
    if number is None:
        raise ValueError(f"{percent!r} came out; expected a number from 0 to 100")
    if said is None:
        return Said(f'Covered: first predict, with check.guess("{name}", ...).')
    kept.keep("guesses", name, [said[0], number])
    return Said(f"{name}: you said {said[0]:g} %, it is {number:.0f} %.")


def show_guesses() -> "Picture | Said":
    """Return a `Picture` of all predictions whose outcome is known, each beside it."""
    from d2laug.show import show_dots

    known = {name: pair for name, pair in _guesses().items() if len(pair) == 2}
    if not known:
        return Said("No prediction has come out yet.")
    shares = {name: [number / 100 for number in pair] for name, pair in known.items()}
    return show_dots(shares, "share", series=["you said", "it is"])


def _guesses() -> dict[str, list[float]]:
    """Return what was kept, but for what a hand has written into the file."""
    return {
        name: pair
        for name, pair in kept.read()["guesses"].items()
        if isinstance(pair, list)
        and 1 <= len(pair) <= 2
        and all(_percent(number) is not None for number in pair)
    }


def _percent(number: object) -> float | None:
    if isinstance(number, bool) or not isinstance(number, Real):
        return None
    value = float(number)
    return value if math.isfinite(value) and 0 <= value <= 100 else None
