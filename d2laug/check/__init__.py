"""Answer checks of the exercises: each names the mistake it sees and never ends in a traceback.

A check tries the learner's function on small samples and compares the result with the right one and
with what the usual mistakes give. It returns a `Verdict`, whose text a notebook shows. Every public
function of a file `lesson_NN` is a check and is found here under its own name, so a new exercise is
one function there, made a check by `exercise` or `choices` of `answers`, or `checks` of `verdicts`.

`progress` says which were passed; `guess`, `came_out` and `show_guesses` keep predictions.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from d2laug.check import found
from d2laug.check.guesses import came_out as came_out
from d2laug.check.guesses import guess as guess
from d2laug.check.guesses import show_guesses as show_guesses
from d2laug.check.receipt import progress as progress
from d2laug.check.verdicts import Verdict

if TYPE_CHECKING:  # the names are found below; this says what they are

    def __getattr__(name: str) -> Callable[[object], Verdict]: ...


_checks = {name: check for many in found.lessons().values() for name, check in many.items()}
globals().update(_checks)
__all__ = ["Verdict", *sorted(_checks)]


def __dir__() -> list[str]:
    return [*__all__, "came_out", "guess", "progress", "show_guesses"]
