"""What a transform drew, in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torchvision.transforms.v2.functional import get_size


@contextmanager
def record_draws(transform) -> Iterator[list[str]]:
    """Collect in words the numbers that `transform` draws while the `with` block runs.

    Every transform of `torchvision.transforms.v2` and `d2laug.augment` splits its work into
    `make_params` and `transform(input, params)`; here the second is watched, in all parts.
    """
    draws: list[str] = []
    parts = [part for part in _parts(transform) if hasattr(part, "make_params")]

    def watch(part):
        original = part.transform

        def transform(image, params):
            draws.extend(describe(part, image, params))
            return original(image, params)

        part.__dict__["transform"] = transform

    before = [part.__dict__.get("transform") for part in parts]
    for part in parts:
        watch(part)
    try:
        yield draws
    finally:
        for part, own in zip(parts, before, strict=True):
            del part.__dict__["transform"]
            if own is not None:  # it is being watched from outside too
                part.__dict__["transform"] = own
        if not draws and any("Flip" in type(part).__name__ for part in parts):
            draws.append("not flipped")


def _parts(transform) -> list:
    """Return `transform` and every transform inside it, each once, the outermost first."""
    parts = list(transform.modules()) if isinstance(transform, torch.nn.Module) else [transform]
    # Compose keeps a plain list that modules() does not see
    inner = [part for outer in parts for part in getattr(outer, "transforms", ())]
    parts += [part for outer in inner for part in _parts(outer)]
    return list({id(part): part for part in parts}.values())


def describe(transform, image, params: dict) -> list[str]:
    """Return a few words for each number in the `params` that `transform` drew for `image`."""
    name = type(transform).__name__
    params = {key: _plain(value) for key, value in params.items()}
    if "Flip" in name:
        side = "top-bottom" if "Vertical" in name else "left-right"
        return [f"flipped {side}" if params.get("flipped", True) else "not flipped"]
    if {"top", "left", "height", "width"} <= params.keys():
        height, width = get_size(image)
        area = params["height"] * params["width"] / (height * width)
        return [f"area {area:.2f}, ratio {params['width'] / params['height']:.2f}"]
    if "Reflection" in name:
        lit = [f"{strength:.2f}" for strength in params["strength"].flatten() if strength > 0]
        return [f"strength {', '.join(lit)}" if lit else "no reflection"]
    words = []
    for key, value in params.items():
        key = key.removesuffix("_factor").replace("_", " ")
        numbers = value if isinstance(value, (list, tuple)) else [value]
        if len(numbers) > 2 or not all(isinstance(number, (int, float)) for number in numbers):
            continue
        if key in ("brightness", "contrast", "saturation"):
            words.append(f"{key} ×{value:.2f}")
        elif key == "hue":
            words.append(f"hue {value:+z.2f}")
        elif key == "kelvin":
            words.append(f"{value:.0f} K")
        elif key != "num input channels":  # of RandomGrayscale: not drawn
            words.append(f"{key} {', '.join(_short(number) for number in numbers)}")
    if not words and name.startswith("Random"):  # all that was drawn is that it happens
        words.append(re.sub("([A-Z])", r" \1", name.removeprefix("Random")).strip().lower())
    return words


def _short(number) -> str:
    if isinstance(number, int):  # bool is one, too
        return str(number)
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.2f}"


def _plain(value):
    """Return the Python number inside a tensor or list of one element; anything else as it is."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.item()
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
