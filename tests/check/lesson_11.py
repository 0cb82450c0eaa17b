"""Right and wrong answers to the exercises of lesson 11."""

import random

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F


def upright(image, orientation):
    return torch.rot90(image, {1: 0, 3: 2, 6: 3, 8: 1}[orientation], (-2, -1))


def upright_with_branches(image, orientation):
    if orientation == 6:
        return image.mT.flip(-1)
    if orientation == 8:
        return image.mT.flip(-2)
    return image.flip(-1, -2) if orientation == 3 else image


def upright_in_steps(image, orientation):
    for _ in range({1: 0, 6: 1, 3: 2, 8: 3}[orientation]):
        image = image.transpose(-2, -1).flip(-1)
    return image


def in_place_upright(image, orientation):
    return image.copy_(image.flip(-1, -2)) if orientation == 3 else upright(image, orientation)


def turned(turns, axes=(-2, -1)):
    return lambda image, orientation: torch.rot90(image, turns[orientation], axes)


def on_white(image):
    return image[:3] * image[3] + (1 - image[3])


def on_white_channel_by_channel(image):
    *colors, opacity = image
    return torch.stack([color * opacity + 1 - opacity for color in colors])


def on_white_in_place(image):
    image[:3] *= image[3]
    image[:3] += 1 - image[3]
    return image[:3]


def choose_for_validation(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        mask[members[torch.randperm(len(members))[: round(share * len(members))]]] = True
    return mask


def choose_by_rank(labels, share):
    noise, mask = torch.rand(len(labels)), torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        n = round(share * int((labels == label).sum()))
        mask |= (labels == label) & (noise <= noise[labels == label].sort().values[n - 1])
    return mask


def choose_by_sample(labels, share):
    mask = [False] * len(labels)
    for label in set(labels.tolist()):
        members = [place for place, one in enumerate(labels.tolist()) if one == label]
        for place in random.sample(members, round(share * len(members))):
            mask[place] = True
    return torch.tensor(mask)


def choose_by_numpy(labels, share):
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels.numpy() == label)
        n = round(share * len(members))
        mask[np.random.choice(members, n, replace=False)] = True  # noqa: NPY002
    return torch.from_numpy(mask)


def choose_with_isin(labels, share):
    chosen = [
        torch.where(labels == label)[0][torch.randperm(n)[: round(share * n)]]
        for label, n in enumerate(labels.bincount().tolist())
    ]
    return torch.isin(torch.arange(len(labels)), torch.cat(chosen))


def part_of_all(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    mask[torch.randperm(len(labels))[: round(share * len(labels))]] = True
    return mask


def cut_off(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        mask[members[torch.randperm(len(members))[: int(share * len(members))]]] = True
    return mask


def first_ones(labels, share, end=False):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        n = round(share * len(members))
        mask[members[-n:] if end else members[:n]] = True
    return mask


def last_ones(labels, share):
    return first_ones(labels, share, end=True)


BURST, FRIEND, COPIES, LAMP = (
    "a burst of photos, every second one to train on, the others to test on",
    "photos that a friend takes next week, in another kitchen",
    "flipped copies of the photos that were trained on",
    "the second lamp, after ten recipes were tried on it and the best was kept",
)
TESTS = {BURST: {"flattering"}, FRIEND: {"honest"}, COPIES: {"flattering"}, LAMP: {"flattering"}}

RIGHT = {
    "upright": [
        upright,
        upright_with_branches,
        upright_in_steps,
        lambda x, o: x.mT.flip({6: -1, 8: -2}[o]) if o > 3 else x if o == 1 else x.flip(-1, -2),
        lambda x, o: F.rotate(x, {1: 0, 3: 180, 6: 270, 8: 90}[o], expand=True),
        lambda x, o: torch.from_numpy(
            np.rot90(x.numpy(), {1: 0, 3: 2, 6: -1, 8: 1}[o], (-2, -1)).copy()
        ),
    ],
    "on_white": [
        on_white,
        on_white_channel_by_channel,
        lambda x: 1 - x[3] * (1 - x[:3]),
        lambda x: torch.lerp(torch.ones(3, *x.shape[1:]), x[:3], x[3:]),
        lambda x: torch.from_numpy(np.clip(x[:3].numpy() * x[3].numpy() + 1 - x[3].numpy(), 0, 1)),
        lambda x: on_white(x.double()).float(),
        lambda x: x[:3].sub(1).mul(x[3]).add(1),
    ],
    "choose_for_validation": [
        choose_for_validation,
        choose_by_rank,
        choose_by_sample,
        choose_by_numpy,
        choose_with_isin,
    ],
    "honest_tests": sets(TESTS),
}
WRONG = {
    "upright": [
        ("as it was stored", lambda x, o: x),
        ("the other way", turned({1: 0, 3: 2, 6: 1, 8: 3})),
        ("which mirrors", lambda x, o: {1: x, 3: x.flip(-1, -2)}.get(o, x.mT)),
        ("axes (0, 1) are turned", turned({1: 0, 3: 2, 6: 3, 8: 1}, (0, 1))),
        ("top to bottom", lambda x, o: x.flip(-2) if o == 3 else upright(x, o)),
        ("left to right", lambda x, o: x.flip(-1) if o == 3 else upright(x, o)),
        ("by a half", turned({1: 0, 3: 2, 6: 2, 8: 2})),
        (
            "for orientation 1, the picture is turned to the left",
            turned({1: 1, 3: 2, 6: 3, 8: 1}),
        ),
        (
            "for orientation 1, the picture is turned to the right",
            turned({1: 3, 3: 2, 6: 3, 8: 1}),
        ),
        ("KeyError", turned({1: 0, 3: 2, 6: 3})),
        (
            "for orientation 6 and a batch, the axes (-3, -2)",
            turned({1: 0, 3: 2, 6: 3, 8: 1}, (1, 2)),
        ),
        ("differ", lambda x, o: upright(x, o) * float("nan")),
        ("in place", in_place_upright),
    ],
    "on_white": [
        ("left out", lambda x: x[:3]),
        ("ground is black", lambda x: x[:3] * x[3]),
        ("weigh the color by the opacity", lambda x: x[:3] + 1 - x[3]),
        ("cut off at 1", lambda x: (x[:3] + 1 - x[3]).clamp(max=1)),
        ("backwards", lambda x: x[:3] * (1 - x[3]) + x[3]),
        ("white is 255 only", lambda x: x[:3] * x[3] + 255 * (1 - x[3])),
        ("ground is gray", lambda x: x[:3] * x[3] + 0.5 * (1 - x[3])),
        ("all four channels", lambda x: torch.cat([on_white(x), x[3:]])),
        ("as if it were a color", lambda x: x * x[3] + (1 - x[3])),
        ("dtype is torch.float64", lambda x: on_white(x.double())),
        ("in place", on_white_in_place),
    ],
    "choose_for_validation": [
        ("returns a list", lambda y, s: [True] * len(y)),
        ("expected a mask", lambda y, s: torch.randperm(len(y))[:10]),
        ("shape is [10]", lambda y, s: torch.ones(10, dtype=torch.bool)),
        ("of the classes of", lambda y, s: torch.rand(len(y)) < s),
        ("Choose within each class", part_of_all),
        ("three quarters", lambda y, s: ~choose_for_validation(y, s)),
        ("expected [11, 4, 5]", lambda y, s: choose_for_validation(y, 0.5)),
        ("round it", cut_off),
        ("one after another", first_ones),
        ("nothing is drawn at random", last_ones),
        ("in place", lambda y, s: choose_for_validation(y, s) & (y.zero_() == 0)),
    ],
    "honest_tests": [
        ("no answer", {}),
        ("nearly the same photo", without(TESTS, BURST, {"honest"})),
        ("is not ['honest']", without(TESTS, BURST, {"honest", "flattering"})),
        ("in training", without(TESTS, FRIEND, {"flattering"})),
        ("is ['honest']", without(TESTS, FRIEND, set())),
        ("options are", without(TESTS, FRIEND, {"unfair"})),
        ("A copy is changed less", without(TESTS, COPIES, {"honest"})),
        ("a third lamp can", without(TESTS, LAMP, {"honest"})),
    ],
}
