"""The checks, found by themselves: the public functions of each file `lesson_NN`."""

import inspect
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from d2laug.check.verdicts import Verdict

_ROOM, _ = __name__.rsplit(".", 1)


@cache
def lessons(*folders: str) -> dict[str, dict[str, Callable[[object], Verdict]]]:
    """Return each lesson's checks by name, in the order of its exercises, of this and more folders.

    >>> [*lessons()["02"]][2]
    'flip_some'
    """
    found: dict[str, dict[str, Callable[[object], Verdict]]] = {}
    for part in pkgutil.iter_modules([str(Path(__file__).parent), *folders], f"{_ROOM}."):
        name, _, lesson = part.name.rpartition(".lesson_")
        if name:
            own = vars(import_module(part.name)).items()  # in the order of their definition
            found[lesson] = {
                name: value
                for name, value in own
                if inspect.isfunction(value)
                and value.__module__ == part.name
                and not name.startswith("_")
            }
    return found
