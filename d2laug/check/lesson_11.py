"""Checks of the exercises of lesson 11_your_own_photos."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, check_choices, checks, compare, sample_picture


@checks
def upright(answer: Callable[[Tensor, int], Tensor]) -> str:
    """Check `answer(stored, orientation)`: `[..., H, W]`, turned as EXIF says (1, 3, 6 or 8)."""
    for shape in [(3, 4, 6), (2, 3, 4, 6)]:
        x = sample_picture(*shape)
        for orientation, quarters in ((6, 3), (8, 1), (3, 2), (1, 0)):
            right, other = (torch.rot90(x, k, (-2, -1)) for k in (quarters, -quarters))
            mistakes = {
                "the picture comes back as it was stored.": x,
                "the picture is turned the other way: 6 asks for a turn to the right.": other,
                "rows and columns are swapped, which mirrors the picture; turn it.": x.mT,
                "the picture is flipped top to bottom; a half turn flips both ways.": x.flip(-2),
                "the picture is flipped left to right; a half turn flips both ways.": x.flip(-1),
                "the picture is turned by a half.": x.flip(-2, -1),
                "the picture is turned to the left.": torch.rot90(x, 1, (-2, -1)),
                "the picture is turned to the right.": torch.rot90(x, 3, (-2, -1)),
            }
            for axes in ((0, 1), (-3, -2)):
                sentence = f"the axes {axes} are turned. Rows and columns are the axes (-2, -1)."
                mistakes[sentence] = torch.rot90(x, quarters, axes)
            try:
                compare(answer, (x, orientation), right, mistakes)
            except Mistake as mistake:
                many = " and a batch" if len(shape) == 4 else ""
                raise Mistake(f"for orientation {orientation}{many}, {mistake}") from None
    return "all four orientations stand upright, for a picture and for a batch."


@checks
def on_white(answer: Callable[[Tensor], Tensor]) -> str:
    """Check `answer(image)`: a float picture `[4, H, W]` laid on white, as `[3, H, W]`."""
    x = sample_picture(4, 4, 6)
    color, opacity = x[:3], x[3:]
    compare(
        answer,
        (x,),
        color * opacity + (1 - opacity),
        {
            "the opacity is left out: what was see-through has its hidden color.": color,
            "the ground is black. White shines through as much as the opacity lacks.": color
            * opacity,
            "white is added to the whole color: weigh the color by the opacity too.": color
            + (1 - opacity),
            "white is added to the whole color and cut off at 1; weigh the color too.": (
                color + (1 - opacity)
            ).clamp(0, 1),
            "opacity is read backwards: 1 is solid, 0 lets everything through.": color
            * (1 - opacity)
            + opacity,
            "white is 255 only for whole numbers; for floats it is 1.": color * opacity
            + 255 * (1 - opacity),
            "the ground is gray; white is 1.": color * opacity + 0.5 * (1 - opacity),
            "all four channels come back; the opacity has done its work.": torch.cat(
                [color * opacity + (1 - opacity), opacity]
            ),
            "the opacity is laid on white too, as if it were a color.": x * opacity + (1 - opacity),
        },
        tolerance=1e-5,
    )
    return "solid parts keep their color, see-through parts become white."


@checks
def choose_for_validation(answer: Callable[[Tensor, float], Tensor]) -> str:
    """Check `answer(labels, share)`: a mask `bool [N]` that chooses `share` of each class."""
    labels = torch.tensor([0] * 44 + [1] * 15 + [2] * 21)
    labels = labels[torch.randperm(80, generator=torch.Generator().manual_seed(0))]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        mask, again = call(answer, labels, 0.25), call(answer, labels, 0.25)
    if not isinstance(mask, Tensor):
        raise Mistake(f"the function returns a {type(mask).__name__}; expected a tensor.")
    if mask.dtype != torch.bool:
        raise Mistake(
            f"the result is {mask.dtype} of shape {list(mask.shape)}; expected a mask, True or "
            "False for each picture: torch.zeros(len(labels), dtype=torch.bool), then True."
        )
    if mask.shape != labels.shape:
        raise Mistake(f"the shape is {list(mask.shape)}; expected {list(labels.shape)}.")
    counts = labels[mask].bincount(minlength=3).tolist()
    right = [11, 4, 5]
    if counts == [33, 11, 16]:
        raise Mistake("three quarters are chosen: True is for the share, the rest is False.")
    if counts == [11, 3, 5]:
        raise Mistake("a quarter of 15 is 3.75, which is cut off to 3; round it.")
    if counts != right and sum(counts) == 20:
        raise Mistake(
            f"20 of the 80 pictures are chosen, but {counts} of the classes of 44, 15 and 21; "
            f"expected {right}. Choose within each class."
        )
    if counts != right:
        raise Mistake(
            f"{counts} pictures of the classes of 44, 15 and 21 are chosen; expected {right}."
        )
    firsts = torch.zeros_like(mask)
    for label, n in enumerate(right):
        firsts[(labels == label).nonzero()[:n, 0]] = True
    if torch.equal(mask, firsts):
        raise Mistake(
            "the first pictures of each class are chosen. They were taken one after another, so "
            "draw at random: torch.randperm."
        )
    if torch.equal(mask, again):
        raise Mistake("two calls choose the same pictures: nothing is drawn at random.")
    return "11 of 44, 4 of 15 and 5 of 21 pictures are chosen, at random."


TESTS = {
    "a burst of photos, every second one to train on, the others to test on": (
        {"flattering"},
        "Photos of one moment are nearly the same photo: the test asks for what was learned.",
    ),
    "photos that a friend takes next week, in another kitchen": (
        {"honest"},
        "Nothing of them was seen in training, and they are what the network will meet.",
    ),
    "flipped copies of the photos that were trained on": (
        {"flattering"},
        "A copy is changed less than the world changes.",
    ),
    "the second lamp, after ten recipes were tried on it and the best was kept": (
        {"flattering"},
        "What chose the recipe cannot test it: a third lamp can.",
    ),
}


@checks
def honest_tests(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each test whether it is {"honest"} or {"flattering"}."""
    return check_choices(answer, TESTS, {"honest", "flattering"}, "is not", "is")
