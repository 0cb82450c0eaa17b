"""Checks of the exercises of lesson 05_fifty_augmentations."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from d2laug.check import answers
from d2laug.check.answers import Results, Tasks, choices, exercise
from d2laug.check.verdicts import Findings, Mistake, checks, refuse

_ALL = torch.arange(256).repeat(3)[torch.randperm(768, generator=answers.seeded())].byte()


@exercise(*((f"bits = {bits}", _ALL.view(3, 16, 16), bits) for bits in (3, 1, 6)))
def posterize(image: Tensor, bits: int) -> Results:
    """Check `answer(image, bits)`: a `uint8` picture of which the highest `bits` bits are kept."""
    x, step, wide = image.int(), 2 ** (8 - bits), 256 // bits
    nearest, reverse = (x / step).round() * step, x // 2**bits * 2**bits
    return {
        "3 bits leave 8 levels a channel, 1 bit leaves 2.": image // step * step,
        "the picture comes back unchanged.": x,
        "the steps are counted, which is nearly black: multiply by the step again.": x // step,
        "the lowest bits are kept; they hold the fine detail, the highest the shape.": x % step,
        "there are as many levels as bits; expected 2 ** bits of them.": x // wide * wide,
        "as many bits are dropped as should stay: the step is 2 ** (8 - bits).": reverse,
        "values are rounded to the nearest step; a bit that is dropped rounds down.": (
            nearest.clamp(0, 255)
        ),
        "nearest steps again, and 256 starts anew at 0: round down instead.": nearest % 256,
    }


@checks
def salt_and_pepper(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(image, share)`: a share of the pixels black or white, half of them each."""
    first, _, _, again = (_dots(answer, share) for share in (0.2, 0.6, 0.0, 0.2))
    same = torch.equal(first, again)
    return "with share = 0.2, a fifth of the pixels are dots, black and white in equal parts.", {
        "two calls change the same pixels: draw them anew each time.": same
    }


def _dots(answer: Callable[[Tensor, float], Tensor], share: float) -> Tensor:
    """Return the picture with dots that `answer` gives, or raise `Mistake`."""
    x = 0.2 + 0.6 * answers.sample_picture(3, 60, 50)
    result = answers.tensor_like(x, answers.call(answer, x, share))
    white, black = result == 1, result == 0
    own, changed = white | black | (result == x), (white | black).any(0).double().mean().item()
    colored = any((dots.any(0) != dots.all(0)).any() for dots in (white, black))
    part = white.double().mean().item() / (changed or 1)
    dots, color = "the dots are colored: each channel has its own", "white" if part else "black"
    wrong = {
        "some values are neither 0 nor 1 nor the picture's own.": not own.all(),
        "the picture comes back unchanged.": share and not changed,
        "with share = 0 some pixels are changed.": changed and not share,
        f"{dots}. Draw one number a pixel, [H, W] or [1, H, W], for all three.": colored,
        f"all dots are {color}; expected half of each.": share and part in (0, 1),
        f"with share = {share} it changes {changed:.0%} of all.": abs(changed - share) > 0.05,
        f"{part:.0%} of the dots are white; expected half.": share and abs(part - 0.5) > 0.1,
    }
    refuse(wrong)
    return result


def _weighed(x: Tensor, table: Tensor) -> Tensor:
    windows = x.unfold(-2, 3, 1).unfold(-2, 3, 1)  # [3, H - 2, W - 2, 3, 3]
    return (windows * table).sum((-2, -1))


@exercise(*answers.samples_of((3, 8, 11), (3, 5, 4)), tolerance=1e-5)
def emboss(x: Tensor) -> Results:
    """Check `answer(image)`: each pixel that has eight neighbors, weighed by the 3 x 3 table."""
    table = torch.tensor([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]])
    right, middle = _weighed(x, table), torch.diag(torch.tensor([0.0, 1, 0]))
    tables = {
        "the table is turned by 180 degrees: light comes from the other side.": table.flip(0, 1),
        "the table is mirrored: its -2 belongs to the upper left neighbor.": table.flip(1),
        "the pixel itself is missing: the table has a 1 in its middle.": table - middle,
        "the corners count twice: their weights are -2 and 2.": table.sign(),
        "the sum is divided by the number of weights; their sum is 1 already.": table / 9,
    }
    black, circular = (pad(x, [1] * 4, mode=mode) for mode in ("constant", "circular"))
    wrong = {
        **{sentence: _weighed(x, weights) for sentence, weights in tables.items()},
        "the border is there too; leave out the pixels without eight neighbors.": (
            _weighed(black, table)
        ),
        "the border is there too, and takes pixels from the other side.": _weighed(circular, table),
        "the inner pixels come back as they were.": x[..., 1:-1, 1:-1],
        "the picture comes back unchanged.": x,
        "the channels are mixed: weigh each by itself.": right.mean(0).expand(right.shape),
    }
    return {
        "flat areas stay, and edges look lit from one side.": right.clamp(0, 1),
        **{sentence: result.clamp(0, 1) for sentence, result in wrong.items()},
        "some values leave the range 0 to 1: clamp the sum.": right,
    }


@choices()
def effects_that_keep_the_label() -> Tasks:
    """Check `answer`: for each task the set of effects under which its label stays true."""
    right = {
        "a traffic light: red or green": {"flip left-right", "quarter turn", "fog"},
        "an arrow: left or right": {"hue", "fog"},
        "a road: foggy or clear": {"flip left-right", "quarter turn", "hue"},
        "coins on a table: how many": {"flip left-right", "quarter turn", "hue", "fog"},
    }
    return right, [
        "Only the color is the label: any change of hue may turn red into green.",
        "A flip or a half turn turns one class into the other; other quarter turns leave neither.",
        "Added fog is the other class, wherever the road runs.",
        "A number of coins survives every change that leaves all of them in sight.",
    ]


@checks
def camera_pipeline(answer: object) -> Findings:
    """Check `answer`, steps for `gallery.build`: fog, defocus, noise, JPEG, as light meets them."""
    from d2laug.gallery import build

    path = {
        "fog": "fog lies before the lens",
        "defocus": "the lens is what is out of focus",
        "Gaussian noise": "noise arises in the sensor, behind the lens",
        "JPEG": "the picture is compressed last, when it is stored",
    }
    if answer is ... or answer is None or (isinstance(answer, list) and ... in answer):
        raise Mistake("there are no steps yet. Put (name, strength, probability) for the dots.")
    if not isinstance(answer, (list, tuple)):
        raise Mistake(f"expected a list of steps, given a {type(answer).__name__}.")
    try:
        build(answer)
    except (TypeError, ValueError) as error:
        raise Mistake(f"build says: {error}") from None
    names = [name for name, _, _ in answer]
    idle = [name for name, strength, probability in answer if not strength or not probability]
    return "fog, lens, sensor, file: the order in which light meets them.", {
        **{f"there is no {name!r} among the steps.": name not in names for name in path},
        **{f"{name!r} is there twice; expected it once.": names.count(name) > 1 for name in path},
        **{f"{name!r} was not asked for; {[*path]} were.": name not in path for name in names},
        f"{', '.join(idle)} never acts: strength and probability must not be 0.": idle,
        **{
            f"{name!r} comes before {expected!r}, but {reason}.": name != expected
            for name, (expected, reason) in zip(names, path.items(), strict=False)
        },
    }
