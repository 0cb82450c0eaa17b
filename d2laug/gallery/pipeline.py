"""Pipelines of several effects: as a transform, and as a script.

- `build(steps)`: one transform
- `export(steps)`: a script for torchvision (and kornia or scikit-image where they are used) that
  makes the same transform without this package
"""

import difflib
import functools
import inspect
from collections.abc import Iterable
from typing import cast

from torchvision.transforms import v2

from d2laug.gallery.catalogue import (
    EFFECTS,
    OWN,
    Guarded,
    check_share,
    evaluate,
    imports_for,
    names_in,
)
from d2laug.gallery.dials import labels

Step = tuple[str, float, float]


def build(steps: Iterable[Step]) -> Guarded:
    """Return one transform that does all `steps`, in their order.

    A step is `(name, strength, probability)`: a key of `EFFECTS` and two numbers from 0 to 1. No
    step at all gives the pictures as they are. The steps are one `v2.Compose`, in which a step
    with a probability below 1 is a `v2.RandomApply`; its `.transforms`, called one after the other,
    show what each step does to the picture.

    Raises `ValueError` for an unknown name or a number outside 0 to 1, `TypeError` for a step that
    is not a name and two numbers.

    >>> import torch
    >>> transform = build([("rotate", 0.5, 1.0), ("fog", 0.3, 0.5)])
    >>> transform(torch.zeros(2, 3, 8, 8)).shape
    torch.Size([2, 3, 8, 8])
    """
    return Guarded(cast(v2.Compose, evaluate(_pipeline(steps))).transforms)


def export(steps: Iterable[Step]) -> str:
    """Return a script that makes the transform of `build(steps)`, without this package.

    It holds imports, the definitions that neither torchvision nor kornia has, and `transform =
    v2.Compose([...])`. For the same `torch.manual_seed` and the same picture this `transform`
    gives the very pixels of `build(steps)`. Each step says in a comment whether masks, boxes and
    points, given as `tv_tensors` beside the picture, move along with its pixels. Raises what
    `build` raises.

    >>> print(export([("rotate", 0.5, 1.0), ("invert", 1.0, 0.5)]))
    from torchvision.transforms import v2
    <BLANKLINE>
    # labels: masks, boxes and points, as tv_tensors beside the picture
    transform = v2.Compose(
        [
            v2.RandomRotation(22.5),  # labels move along
            v2.RandomApply([v2.RandomInvert(p=1)], p=0.5),  # labels stay
        ]
    )
    <BLANKLINE>
    """
    pipeline = _pipeline(steps)
    definitions = _definitions(pipeline)
    imports = imports_for("\n".join([*definitions, pipeline]))
    space = "\n\n\n" if definitions else "\n\n"
    about = "# labels: masks, boxes and points, as tv_tensors beside the picture\n"
    return space.join(["\n".join(imports), *definitions, f"{about}transform = {pipeline}\n"])


def _pipeline(steps: Iterable[Step]) -> str:
    """Return the expression of a whole pipeline, one step a line."""
    lines = [f"        {_step(*_check_step(step))}" for step in steps]
    # v2.Compose refuses an empty list
    return "\n".join(["v2.Compose(", "    [", *(lines or ["        v2.Identity(),"]), "    ]", ")"])


def _step(name: str, strength: float, probability: float) -> str:
    code = EFFECTS[name].code(strength)
    step = code if probability == 1 else f"v2.RandomApply([{code}], p={probability:.3g})"
    return f"{step},  # {labels(code)}"


def _check_step(step: object) -> Step:
    if not isinstance(step, (tuple, list)) or len(step) != 3 or not isinstance(step[0], str):
        raise TypeError(
            f"a step is {step!r}; expected (name, strength, probability), as in ('rotate', 0.5, 1)"
        )
    name, strength, probability = step
    if name not in EFFECTS:
        raise ValueError(unknown("effect", name, EFFECTS, "the names are the keys of EFFECTS"))
    return name, check_share("strength", strength), check_share("probability", probability)


def suggest(given: str, names: Iterable[str]) -> list[str]:
    """Return up to three of `names` that look like `given`, or have it in them; the closest first.

    >>> suggest("gausian", EFFECTS)[0]
    'Gaussian blur'
    """
    known = {name.lower(): name for name in names}
    close = difflib.get_close_matches(given.lower(), known)
    close = close or [name for name in known if given and given.lower() in name][:3]  # "flip"
    words = [(word, name) for name in known for word in name.split()]
    near = difflib.get_close_matches(given.lower(), {word for word, _ in words}, 1, 0.75)
    close = close or [name for word, name in words if word in near][:3]  # "gausian"
    return [known[name] for name in close]


def unknown(kind: str, given: str, names: Iterable[str], hint: str) -> str:
    """Return the sentence for a name that nothing has: what looks like it, and the hint."""
    guess = " or ".join(map(repr, suggest(given, names)))
    hint = f"did you mean {guess}? {hint[0].upper()}{hint[1:]}" if guess else hint
    return f"no {kind} is called {given!r}; {hint}"


def _definitions(code: str) -> list[str]:
    """Return the sources of the own functions that `code` needs, in their order."""
    needed: frozenset[str] = names_in(code)
    found: dict[str, str] = {}
    while new := [name for name in needed if name in OWN and name not in found]:
        found |= {name: _source(name) for name in new}
        needed = frozenset().union(*(names_in(found[name]) for name in new))
    return [found[name] for name in OWN if name in found]


@functools.cache
def _source(name: str) -> str:
    return inspect.getsource(OWN[name]).rstrip()
