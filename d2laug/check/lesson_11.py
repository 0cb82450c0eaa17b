"""Checks of the exercises of lesson 11_your_own_photos."""

import random
from collections.abc import Callable
from operator import eq

import numpy as np
import torch
from torch import Tensor

from d2laug.check.answers import Results, Sample, choices, drawn, exercise, sample_picture, seeded
from d2laug.check.chance import rare
from d2laug.check.verdicts import Findings, checks, refuse

_SECONDS = torch.tensor([61.0, 2, 65, 9, 130, 0, 71, 17])


def _see_through(*shape: int) -> Sample:
    x = sample_picture(4, *shape)
    x[3] = (2 * x[3] - 0.8).clamp(0, 1)  # some parts are solid, some are not there
    return f"a picture of {shape[0]} x {shape[1]} pixels", x


@exercise(_see_through(4, 6), _see_through(5, 4), tolerance=1e-5)
def on_white(image: Tensor) -> Results:
    """Check `answer(image)`: a float picture `[4, H, W]` laid on white, as `[3, H, W]`."""
    color, opacity = image[:3], image[3:]
    black, white, parts = color * opacity, 1 - opacity, (opacity > 0, opacity > 0.5, opacity == 1)
    more = [color + white, (color + white).clamp(0, 1)]
    either = [torch.where(part, color, 1.0) for part in parts]
    return {
        "solid parts keep their color, see-through parts become white.": black + white,
        "the opacity is left out: what was see-through has its hidden color.": color,
        "the ground is black. White shines through as much as the opacity lacks.": black,
        "white is added to the whole color: weigh the color by the opacity too.": more,
        "opacity is read backwards: 1 is solid, 0 is not.": color * white + opacity,
        "each pixel is either the picture or white; the opacity mixes the two.": either,
    }


@checks
def choose_for_validation(answer: Callable[[Tensor, float], Tensor]) -> Findings:
    """Check `answer(labels, share)`: a mask `bool [N]` that chooses `share` of each class.

    It may be drawn by a generator of its own with a constant seed. 600 classes of 20 show
    how often one is chosen, and two of a class; a right answer fails once in a million.
    """
    after = []
    first = [44, 15, 21], 0.25
    for sizes, share in first, first, ([22, 9, 12], 0.3), ([20] * 600, 0.25):
        labels = torch.arange(2, 3 * len(sizes) + 2, 3).repeat_interleave(torch.tensor(sizes))
        labels = labels[torch.randperm(len(labels), generator=seeded())]
        mask = drawn(answer, 1, labels.bool(), labels, share)[0]
        after.append((torch.rand(1).item(), random.random(), np.random.rand()))  # noqa: NPY002
        counts = (labels[mask] // 3).bincount(minlength=3).tolist()
        right, cut = [round(share * n) for n in sizes], [int(share * n) for n in sizes]
        hint = "Is it cut off? Round." if counts == cut else "Choose within each class."
        given = f"{share} of {sizes[:3]} pictures are {right[:3]}; {counts[:3]} are chosen."
        hint *= counts == cut or sum(counts) == sum(right)
        refuse({f"{given} {hint}".strip(): counts != right})
    chosen = mask[labels.argsort(stable=True)].reshape(600, 20).double()
    together = chosen.T @ chosen
    chances = [(i, j, 5 / 20 if i == j else 1 / 19) for j in range(20) for i in range(j + 1)]
    beside, late = (chosen[:, 1:] * chosen[:, :-1]).sum(), chosen[:, 10:].sum()  # hypergeometric
    odd = rare(int(beside), 3000, 4 / 20) or rare(int(late), 3000, 10 / 20)
    odd |= any(rare(int(together[i, j]), 600, p) for i, j, p in chances)
    block, seeds = (chosen.diff() != 0).sum(1).max() <= 2, any(map(eq, *after[:2]))
    return "11 of 44, 4 of 15 and 5 of 21 pictures are chosen, at random.", {
        "neighbors are chosen, taken one after another: draw at random, by torch.randperm.": block,
        "some are chosen too often, alone or together: draw anew for each class.": odd,
        "the seed of all random numbers is set; torch.randperm takes a generator.": seeds,
    }


@exercise(
    ("a gap of 8 s, photos in any order", _SECONDS, 8.0),
    ("a gap of 4 s, as long as a pause", _SECONDS, 4.0),
    ("two photos of one second", torch.tensor([7.0, 90, 7, 90.4, 300]), 0.5),
    ("parts of a second", torch.tensor([1.4, 0.7, 1.6, 2.9, 2.05]), 0.5),
)
def bursts(seconds: Tensor, gap: float) -> Results:
    """Check `answer(seconds, gap)`: the number of each photo's burst, from 0, `int64 [N]`."""
    ordered, order = seconds.sort()

    def numbered(begins: Tensor) -> Tensor:
        return order.scatter(0, order, torch.cat([order[:1] * 0, begins.cumsum(0)]))

    right, pauses, old = numbered(ordered.diff() > gap), seconds.diff(), ordered[0].item()
    flags = (right[order].diff(prepend=order[:1] * 0))[order.argsort()]
    firsts = torch.tensor([old := old if t - old <= gap else t for t in ordered.tolist()])
    pieces = [((seconds - start) // gap).long() for start in (0, ordered[0])]
    unsorted = [torch.cat([order[:1] * 0, (x > gap).cumsum(0)]) for x in (pauses, pauses.abs())]
    return {
        "photos of one burst have one number, however long the burst is.": right,
        "sort the photos by their time first: they come in any order.": unsorted,
        "the numbers are sorted by time; expected the order of `seconds`.": right[order],
        "the numbers go back to other photos: result[order] = numbers.": right[order][order],
        "only the pause before a photo counts, not its burst's age.": numbered(firsts.diff() != 0),
        "time is cut into equal pieces, and a burst may lie across an edge.": pieces,
        "a pause of exactly `gap` seconds ends no burst.": numbered(ordered.diff() >= gap),
        "that is 1 where a burst begins; add these up with cumsum.": flags,
        "the earliest burst has the number 1; expected 0.": right + 1,
    }


honest_tests = choices(__name__, "honest_tests")
