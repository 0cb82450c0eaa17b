"""Checks of the exercises of lesson 05_fifty_augmentations."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, check_choices, checks, compare, sample_picture


@checks
def posterize(answer: Callable[[Tensor, int], Tensor]) -> str:
    """Check `answer(image, bits)`: a `uint8` picture of which the highest `bits` bits are kept."""
    x = torch.arange(256).repeat(3)[torch.randperm(768, generator=_seeded())].view(3, 16, 16)
    for bits in (3, 1, 6):
        step = 2 ** (8 - bits)
        right = x // step * step
        compare(
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


@checks
def salt_and_pepper(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(image, share)`: a share of the pixels black or white, half of them each."""
    x = 0.2 + 0.6 * sample_picture(3, 60, 50)
    found = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for share in (0.2, 0.6, 0.0):
            found[share] = call(answer, x, share)
        again = call(answer, x, 0.2)
    for share, result in found.items():
        if not isinstance(result, Tensor) or result.shape != x.shape:
            given = list(result.shape) if isinstance(result, Tensor) else type(result).__name__
            raise Mistake(f"the result is {given}; expected a picture of shape {list(x.shape)}.")
        if result.dtype != x.dtype:
            raise Mistake(f"the dtype is {result.dtype}; expected {x.dtype}.")
        white, black = result == 1, result == 0
        if not (white | black | (result == x)).all():
            raise Mistake("some values are neither 0 nor 1 nor the picture's own.")
        changed = (white | black).any(0).float().mean().item()
        if share and not changed:
            raise Mistake("the picture comes back unchanged.")
        if not share and changed:
            raise Mistake("with share = 0 some pixels are changed.")
        if (white.any(0) != white.all(0)).any() or (black.any(0) != black.all(0)).any():
            raise Mistake(
                "the dots are colored: each channel has its own. Draw one number for each pixel, "
                "[H, W] or [1, H, W], for all three channels."
            )
        if share and not (white.any() and black.any()):
            color = "white" if white.any() else "black"
            raise Mistake(f"all dots are {color}; expected half of them black, half white.")
        if abs(changed - share) > 0.05:
            raise Mistake(f"with share = {share} it changes {changed:.0%} of the pixels.")
        if share and abs(white.float().mean().item() / changed - 0.5) > 0.1:
            part = white.float().mean().item() / changed
            raise Mistake(f"{part:.0%} of the dots are white; expected half of them.")
    if torch.equal(found[0.2], again):
        raise Mistake("two calls change the same pixels: draw them anew each time.")
    return "with share = 0.2, a fifth of the pixels are dots, black and white in equal parts."


@checks
def emboss(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: each pixel that has eight neighbors, weighed by the 3 x 3 table."""
    table = torch.tensor([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]])
    x = sample_picture(3, 8, 11)

    def weighed(picture, weights):
        rows, columns = picture.shape[-2] - 2, picture.shape[-1] - 2
        shifted = (
            weights[i, j] * picture[..., i : i + rows, j : j + columns]
            for i in range(3)
            for j in range(3)
        )
        return sum(shifted)

    whole = torch.nn.functional.pad(x, [1] * 4)
    compare(
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
        "A flip or a half turn turns one class into the other; one or three quarter turns leave "
        "neither.",
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


@checks
def effects_that_keep_the_label(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each task the set of effects under which its label stays true."""
    options = {"flip left-right", "quarter turn", "hue", "fog"}
    return check_choices(answer, EFFECT_TASKS, options)


_LIGHT_PATH = {
    "fog": "fog lies before the lens",
    "defocus": "the lens is what is out of focus",
    "Gaussian noise": "noise arises in the sensor, behind the lens",
    "JPEG": "the picture is compressed last, when it is stored",
}


@checks
def camera_pipeline(answer: list[tuple[str, float, float]]) -> str:
    """Check `answer`, steps for `gallery.build`: fog, defocus, noise, JPEG, as light meets them."""
    from d2laug.gallery import build

    if answer is ... or answer is None or (isinstance(answer, list) and ... in answer):
        raise Mistake("there are no steps yet. Put (name, strength, probability) for the dots.")
    if not isinstance(answer, (list, tuple)):
        raise Mistake(f"expected a list of steps, given a {type(answer).__name__}.")
    try:
        build(answer)
    except (TypeError, ValueError) as error:
        raise Mistake(f"build says: {error}") from None
    names = [name for name, _, _ in answer]
    for name in _LIGHT_PATH:
        if name not in names:
            raise Mistake(f"there is no {name!r} among the steps.")
        if names.count(name) > 1:
            raise Mistake(f"{name!r} is there twice; expected each step once.")
    if others := [name for name in names if name not in _LIGHT_PATH]:
        raise Mistake(f"{others[0]!r} was not asked for: {', '.join(_LIGHT_PATH)} are enough.")
    for name, strength, probability in answer:
        if strength == 0 or probability == 0:
            raise Mistake(f"{name!r} never does anything: strength and probability must not be 0.")
    for name, expected in zip(names, _LIGHT_PATH, strict=True):
        if name != expected:
            reason = _LIGHT_PATH[expected]
            raise Mistake(f"{name!r} comes before {expected!r}, but {reason}.")
    return "fog, lens, sensor, file: the order in which light meets them."
