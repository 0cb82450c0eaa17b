"""What a transform drew, in words."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

import torch
from torchvision.transforms.v2.functional import get_size

from d2laug import offer

__all__ = ["record_draws"]
offer(__name__)

_FORMATS = dict.fromkeys(("brightness", "contrast", "saturation"), "×{:.2f}") | {"hue": "{:+z.2f}"}
_FLIPS = {"RandomHorizontalFlip": "left-right", "RandomVerticalFlip": "top-bottom"}  # no numbers
# Drawn, and nothing that tells what happens: the order of a jitter, what is the same for all
_QUIET = {"fn idx", "num input channels", "needs crop", "needs pad", "padding"}


@contextmanager
def record_draws(transform: Callable[..., object]) -> Iterator[list[str]]:
    """Collect in words the numbers that `transform` draws while the `with` block runs.

    Each `torchvision.transforms.v2` transform in it is watched in `transform(image, params)`, where
    they are applied. One that draws for each picture has a method `rows(params)` that gives the
    draw of each; one that has a method `describe(row)` finds its own words.

    >>> from torchvision.transforms import v2
    >>> darken = v2.ColorJitter(brightness=(0.5, 0.5))
    >>> with record_draws(darken) as draws:
    ...     print(darken(torch.ones(3, 1, 1)).mean(), draws)
    tensor(0.5000) ['brightness ×0.50']
    """
    draws: list[str] = []
    parts = _parts(transform)
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(mock.patch.object(part, "transform", _watched(part, draws)))
        yield draws
    if not draws and any(type(part).__name__ in _FLIPS for part in parts):
        draws.append("not flipped")


def _watched(part, draws):
    original = part.transform

    def transform(image, params):
        rows = part.rows(params) if hasattr(part, "rows") else [params]
        for row, applied in zip(rows, params.get("apply", [True] * len(rows)), strict=True):
            draws.extend(_describe(part, image, row, applied))
        return original(image, params)

    return transform


def _parts(transform):
    """Return every transform of version 2 in `transform`, each once, the outermost first."""
    parts = list(transform.modules()) if isinstance(transform, torch.nn.Module) else [transform]
    # Compose keeps a plain list that modules() does not see
    inner = [part for outer in parts for part in getattr(outer, "transforms", ())]
    parts += [part for outer in inner for part in _parts(outer)]
    return list(dict.fromkeys(part for part in parts if hasattr(part, "make_params")))


def _describe(part, image, row, applied):
    if hasattr(part, "describe"):
        return part.describe(row)
    kind = type(part).__name__
    if kind in _FLIPS:
        return [f"flipped {_FLIPS[kind]}" if applied else "not flipped"]
    name = re.sub("(?<!^)([A-Z])", r" \1", kind.removeprefix("Random")).lower()
    if not applied:
        return [f"no {name}"]
    if {"top", "left", "height", "width"} <= row.keys() and "needs_crop" not in row:
        area = row["height"] * row["width"] / (get_size(image)[0] * get_size(image)[1])
        return [f"area {area:.2f}, ratio {row['width'] / row['height']:.2f}"]
    words = [_words(key.removesuffix("_factor").replace("_", " "), row[key]) for key in row]
    return [*filter(None, words)] or [name] * kind.startswith("Random")  # only that it happens


def _words(name, value):
    numbers = value.flatten().tolist() if isinstance(value, torch.Tensor) else value
    numbers = numbers if isinstance(numbers, (list, tuple)) else [numbers]
    few = len(numbers) in (1, 2) and all(isinstance(number, (int, float)) for number in numbers)
    if not few or name in _QUIET:
        return ""
    return f"{name} {', '.join(_FORMATS.get(name, _format(one)).format(one) for one in numbers)}"


def _format(number):
    return "{}" if isinstance(number, int) else "{:.2f}" if abs(number) < 100 else "{:.0f}"
