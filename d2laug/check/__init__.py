"""Answer checks of the exercises: each names the mistake it sees and never ends in a traceback.

A check tries the learner's function on small samples and compares the result with the right one and
with what the usual mistakes give. It returns a `Verdict`, whose text a notebook shows. Every public
function of a file `lesson_NN` is a check and is found here under its own name, so a new exercise is
one function there, made a check by `exercise` or `choices` of `answers`, or `checks` of `verdicts`.

`progress` says which were passed; `guess`, `came_out` and `show_guesses` keep predictions.
"""

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from d2laug.check.guesses import came_out as came_out
from d2laug.check.guesses import guess as guess
from d2laug.check.guesses import show_guesses as show_guesses
from d2laug.check.receipt import progress as progress
from d2laug.check.verdicts import Verdict

if TYPE_CHECKING:  # the names are found below; this says what they are

    def __getattr__(name: str) -> Callable[[object], Verdict]: ...


def _find_checks() -> dict[str, Callable[[object], Verdict]]:
    """Return the public functions that the lessons' files define, by name."""
    found: dict[str, Callable[[object], Verdict]] = {}
    for part in pkgutil.iter_modules(__path__, f"{__name__}."):
        if part.name.startswith(f"{__name__}.lesson_"):
            for name, function in inspect.getmembers(import_module(part.name), inspect.isfunction):
                if function.__module__ == part.name and not name.startswith("_"):
                    found[name] = function
    return found


globals().update(_find_checks())
__all__ = ["Verdict", *sorted(_find_checks())]


def __dir__() -> list[str]:
    return [*__all__, "came_out", "guess", "progress", "show_guesses"]
