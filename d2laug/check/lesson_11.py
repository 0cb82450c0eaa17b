"""Checks of the exercises of lesson 11_your_own_photos."""

from collections.abc import Callable

import torch
from torch import Tensor

from d2laug.check import answers
from d2laug.check.answers import Results, Tasks, choices, exercise, sample_picture
from d2laug.check.verdicts import Findings, Mistake, checks


@exercise(
    *((f"orientation {o}", sample_picture(3, 4, 6), o) for o in (6, 8, 3, 1)),
    *((f"orientation {o} and a batch", sample_picture(2, 3, 4, 6), o) for o in (6, 8, 3, 1)),
)
def upright(x: Tensor, orientation: int) -> Results:
    """Check `answer(stored, orientation)`: `[..., H, W]`, turned as EXIF says (1, 3, 6 or 8)."""

    def turned(quarters, axes=(-2, -1)):
        return torch.rot90(x, quarters, axes)

    k = {6: 3, 8: 1, 3: 2, 1: 0}[orientation]
    return {
        "all four orientations stand upright, for a picture and for a batch.": turned(k),
        "the picture comes back as it was stored.": x,
        "the picture is turned the other way: 6 asks for a turn to the right.": turned(-k),
        "rows and columns are swapped, which mirrors the picture; turn it.": x.mT,
        "the picture is flipped top to bottom; a half turn flips both ways.": x.flip(-2),
        "the picture is flipped left to right; a half turn flips both ways.": x.flip(-1),
        "the picture is turned by a half.": turned(2),
        "the picture is turned to the left.": turned(1),
        "the picture is turned to the right.": turned(3),
        "the axes (0, 1) are turned. Rows and columns are the axes (-2, -1).": turned(k, (0, 1)),
        "the axes (-3, -2) are turned. Rows and columns are (-2, -1).": turned(k, (-3, -2)),
    }


@exercise(*answers.samples_of((4, 4, 6), (4, 3, 2)), tolerance=1e-5)
def on_white(image: Tensor) -> Results:
    """Check `answer(image)`: a float picture `[4, H, W]` laid on white, as `[3, H, W]`."""
    color, opacity = image[:3], image[3:]
    black, white = color * opacity, 1 - opacity
    backwards, all_four = color * white + opacity, torch.cat([black + white, opacity])
    return {
        "solid parts keep their color, see-through parts become white.": black + white,
        "the opacity is left out: what was see-through has its hidden color.": color,
        "the ground is black. White shines through as much as the opacity lacks.": black,
        "white is added to the whole color: weigh the color by the opacity too.": color + white,
        "white is added and cut off at 1; weigh the color too.": (color + white).clamp(0, 1),
        "opacity is read backwards: 1 is solid, 0 lets everything through.": backwards,
        "white is 255 only for whole numbers; for floats it is 1.": black + 255 * white,
        "the ground is gray; white is 1.": black + 0.5 * white,
        "all four channels come back; the opacity has done its work.": all_four,
        "the opacity is laid on white too, as if it were a color.": image * opacity + white,
    }


@checks
def choose_for_validation(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(labels, share)`: a mask `bool [N]` that chooses `share` of each class."""
    labels = torch.tensor([0] * 44 + [1] * 15 + [2] * 21)
    labels = labels[torch.randperm(80, generator=answers.seeded())]
    mask, again = (answers.read(answers.call(answer, labels, 0.25), labels) for _ in range(2))
    if mask.dtype != torch.bool:
        raise Mistake(
            f"the result is {mask.dtype} of shape {[*mask.shape]}; expected a mask, True or False "
            "for each picture: torch.zeros(len(labels), dtype=torch.bool), then True."
        )
    answers.tensor_like(labels.bool(), mask)
    right, counts = [11, 4, 5], labels[mask].bincount(minlength=3).tolist()
    firsts = [(labels == label).nonzero()[:n, 0] for label, n in enumerate(right)]
    given = f"{sum(counts)} of the 80 pictures are chosen, {counts} of the classes of 44, 15 and 21"
    return "11 of 44, 4 of 15 and 5 of 21 pictures are chosen, at random.", {
        "three quarters are chosen: True is for the share, the rest is False.": (
            counts == [33, 11, 16]
        ),
        "a quarter of 15 is 3.75, which is cut off to 3; round it.": counts == [11, 3, 5],
        f"{given}; expected {right}. Choose within each class.": sum(counts) == 20
        and counts != right,
        f"{given}; expected {right}.": counts != right,
        "the first pictures of each class are chosen. They were taken one after another, so draw "
        "at random: torch.randperm.": mask[torch.cat(firsts)].all(),
        "two calls choose the same pictures: nothing is drawn at random.": torch.equal(mask, again),
    }


@choices(no="is not", also="is")
def honest_tests() -> Tasks:
    """Check `answer`: for each test whether it is {"honest"} or {"flattering"}."""
    right = {
        "a burst of photos, every second one to train on, the others to test on": {"flattering"},
        "photos that a friend takes next week, in another kitchen": {"honest"},
        "flipped copies of the photos that were trained on": {"flattering"},
        "the second lamp, after ten recipes were tried on it and the best was kept": {"flattering"},
    }
    return right, [
        "Photos of one moment are nearly the same photo: the test asks for what was learned.",
        "Nothing of them was seen in training, and they are what the network will meet.",
        "A copy is changed less than the world changes.",
        "What chose the recipe cannot test it: a third lamp can.",
    ]
