"""Right and wrong answers to the exercises of lesson 11."""

import math
import random

import numpy as np
import torch
from forms import not_varied, sets, without

from d2laug.data import stratified_split


def on_white(image):
    return image[:3] * image[3] + (1 - image[3])


def on_white_channel_by_channel(image):
    *colors, opacity = image
    return torch.stack([color * opacity + 1 - opacity for color in colors])


def on_white_in_place(image):
    image[:3] *= image[3]
    image[:3] += 1 - image[3]
    return image[:3]


def each_class(draw):
    """Return an answer that draws the places of a class out of a list of places."""

    def choose(labels, share):
        mask = torch.zeros(len(labels), dtype=torch.bool)
        for label in labels.unique():
            places = (labels == label).nonzero()[:, 0].tolist()
            mask[torch.as_tensor(draw(places, round(share * len(places))))] = True
        return mask

    return choose


def drawn_by(generator):
    """Return an answer that draws with a generator of PyTorch's, made by a function."""

    def choose(labels, share):
        rng = generator()
        shuffle = lambda n: torch.randperm(n, generator=rng)  # noqa: E731
        return each_class(lambda p, k: torch.tensor(p)[shuffle(len(p))[:k]])(labels, share)

    return choose


def choose_for_validation(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        (members,) = torch.where(labels == label)
        mask[members[torch.randperm(len(members))[: round(share * len(members))]]] = True
    return mask


def choose_by_numpy(labels, share):
    mask, labels = np.zeros(len(labels), bool), labels.numpy()
    for label in {*labels}:
        members = np.flatnonzero(labels == label)
        n = round(share * len(members))
        mask[np.random.default_rng().permutation(members)[:n]] = True
    return torch.from_numpy(mask)


def choose_all_at_once(labels, share):
    order = torch.randperm(len(labels))
    order = order[labels[order].argsort()]  # class by class, within each at random
    classes = labels[order]
    ranks = torch.arange(len(labels)) - torch.searchsorted(classes, classes)
    mask = torch.zeros(len(labels), dtype=torch.bool)
    mask[order] = ranks < (share * labels.bincount()).round()[classes]
    return mask


def choose_by_split(seed=lambda: 0):
    """Return an answer by the course's own split, whose seed is 0."""

    def choose(labels, share):
        places = torch.arange(len(labels))
        _, (chosen, _) = stratified_split((places, labels), share, seed())
        return torch.isin(places, chosen)

    return choose


def cut_off(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        mask[members[torch.randperm(len(members))[: int(share * len(members))]]] = True
    return mask


def part_of_all(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    mask[torch.randperm(len(labels))[: round(share * len(labels))]] = True
    return mask


def a_block(places, n, first=None):
    start = random.randrange(len(places) - n + 1) if first is None else first
    return places[start : start + n]


def weighted(places, n):
    weights = torch.linspace(1, 2, len(places))
    return torch.tensor(places)[weights.multinomial(n)]


def never_beside(places, n):
    """Draw places of which no two are neighbors."""
    return [
        places[i + k] for k, i in enumerate(sorted(random.sample(range(len(places) - n + 1), n)))
    ]


def one_order_for_all(labels, share):
    order = torch.randperm(len(labels)).tolist()
    return each_class(lambda p, n: [p[i] for i in order if i < len(p)][:n])(labels, share)


def seeded_in_the_loop(labels, share):
    rng = torch.Generator()
    shuffle = lambda n: torch.randperm(n, generator=rng.manual_seed(0))  # noqa: E731
    return each_class(lambda p, k: torch.tensor(p)[shuffle(len(p))[:k]])(labels, share)


def bursts(seconds, gap):
    ordered = seconds.sort().values
    return torch.bucketize(seconds, ordered[1:][ordered.diff() > gap], right=True)


def bursts_put_back(seconds, gap):
    ordered, order = seconds.sort()
    numbers = torch.zeros_like(order)
    numbers[order[1:]] = (ordered.diff() > gap).cumsum(0)
    return numbers


def bursts_by_numpy(seconds, gap):
    order = np.argsort(seconds.numpy())
    pauses = np.diff(seconds.numpy()[order], prepend=-np.inf)
    return torch.from_numpy(np.cumsum(pauses > gap)[np.argsort(order)] - 1)


def bursts_in_a_loop(seconds, gap):
    number, last, numbers = -1, -math.inf, {}
    for second in sorted(seconds.tolist()):
        number += second - last > gap
        numbers[second] = last = second
        numbers[second] = number
    return torch.tensor([numbers[second] for second in seconds.tolist()])


def bursts_by_pairs(seconds, gap):
    since = seconds - seconds[:, None]  # columns are photos, rows the others
    begins = ~((since > 0) & (since <= gap)).any(0)
    return torch.tensor([len(seconds[begins & (seconds <= s)].unique()) - 1 for s in seconds])


def bursts_unsorted(seconds, gap):
    return torch.cat([torch.zeros(1).long(), (seconds.diff() > gap).cumsum(0)])


def flags_alone(seconds, gap):
    ordered, order = seconds.sort()
    numbers = torch.zeros_like(order)
    numbers[order[1:]] = (ordered.diff() > gap).long()
    return numbers


def bursts_of_first_photos(seconds, gap):
    begins = []
    for second in sorted(seconds.tolist()):
        if not begins or second - begins[-1] > gap:
            begins.append(second)
    return torch.bucketize(seconds, torch.tensor(begins), right=True) - 1


BURST, FRIEND, COPIES, LAMP = (
    "a burst of photos, every second one to train on, the others to test on",
    "photos that a friend takes next week, in another kitchen",
    "flipped copies of the photos that were trained on",
    "the second lamp, after ten recipes were tried on it and the best was kept",
)
TESTS = {BURST: {"flattering"}, FRIEND: {"honest"}, COPIES: {"flattering"}, LAMP: {"flattering"}}

ANY_SEED, COLUMN = "another seed is as good", "there is only one column"
EQUIVALENT = {
    "choose_for_validation": {
        "[*labels.unique()][::-1]": "the classes may come in any order",
        "nonzero()[:, -1]": COLUMN,
    },
    "bursts": {"cumsum(-1)": COLUMN},
}
RIGHT = {
    "on_white": [
        on_white,
        on_white_channel_by_channel,
        lambda x: 1 - x[3] * (1 - x[:3]),
        lambda x: torch.lerp(torch.ones(3, *x.shape[1:]), x[:3], x[3:]),
        lambda x: torch.from_numpy(x[:3].numpy() * x[3].numpy() + 1 - x[3].numpy()),
        lambda x: x[:3].sub(1).mul(x[3]).add(1),
    ],
    "choose_for_validation": [
        choose_for_validation,
        choose_all_at_once,
        lambda labels, share: ~choose_all_at_once(labels, 1 - share),
        not_varied("most variants draw as well", choose_by_numpy),
        not_varied(ANY_SEED, choose_by_split()),
        not_varied(ANY_SEED, choose_by_split(lambda: random.randrange(2**31))),
        each_class(random.sample),
        *(each_class(lambda p, n: np.random.default_rng().choice(p, n, replace=False)),),
        not_varied(ANY_SEED, drawn_by(lambda: torch.Generator().manual_seed(3))),
    ],
    "bursts": [
        bursts,
        bursts_put_back,
        bursts_by_numpy,
        bursts_in_a_loop,
        bursts_by_pairs,
    ],
    "honest_tests": sets(TESTS),
}
WRONG = {
    "on_white": [
        ("left out", lambda x: x[:3]),
        ("ground is black", lambda x: x[:3] * x[3]),
        ("weigh the color by the opacity", lambda x: x[:3] + 1 - x[3]),
        ("weigh the color by the opacity", lambda x: (x[:3] + 1 - x[3]).clamp(max=1)),
        ("either the picture or white", lambda x: torch.where(x[3] > 0, x[:3], 1.0)),
        ("either the picture or white", lambda x: torch.where(x[3] > 0.5, x[:3], 1.0)),
        ("either the picture or white", lambda x: torch.where(x[3] < 1, 1.0, x[:3])),
        ("values differ", lambda x: torch.where(x[3] > 0.3, x[:3], 1.0)),
        ("values differ", lambda x: torch.where(x[3] == 0, 1.0, x[:3] * x[3])),
        ("backwards", lambda x: x[:3] * (1 - x[3]) + x[3]),
        ("values differ", lambda x: x[:3] * x[3] + 255 * (1 - x[3])),
        ("values differ", lambda x: x[:3] * x[3] + 0.5 * (1 - x[3])),
        ("the shape is [4, 4, 6]", lambda x: torch.cat([on_white(x), x[3:]])),
        ("the shape is [4, 4, 6]", lambda x: x * x[3] + (1 - x[3])),
        ("dtype is torch.float64", lambda x: on_white(x.double())),
        ("in place", on_white_in_place),
    ],
    "choose_for_validation": [
        ("returns a list", lambda y, s: [True] * len(y)),
        ("the shape is [10]", lambda y, s: torch.randperm(len(y))[:10]),
        ("the dtype is torch.int64", lambda y, s: choose_for_validation(y, s).long()),
        ("are [11, 4, 5]; [", lambda y, s: torch.rand(len(y)) < s),
        ("Choose within each class", part_of_all),
        ("are [11, 4, 5]; [33, 11, 16] are chosen.", lambda y, s: ~choose_for_validation(y, s)),
        ("are [11, 4, 5]; [22, 8, 10]", lambda y, s: choose_for_validation(y, 0.5)),
        ("0.3 of [22, 9, 12]", lambda y, s: choose_for_validation(y, 0.25)),
        ("cut off? Round", cut_off),
        ("one after another", each_class(lambda places, n: places[:n])),
        ("one after another", each_class(lambda places, n: places[len(places) - n :])),
        ("one after another", each_class(a_block)),
        (
            "too often",
            each_class(lambda p, n: [*a_block(p[::2], n // 2), *a_block(p[1::2], n - n // 2)]),
        ),
        ("too often", each_class(lambda p, n: (p[::4] + p[1::2])[:n])),
        ("too often", each_class(weighted)),
        ("too often", each_class(never_beside)),
        (
            "are [11, 4, 5]; [11, 0, 0]",
            lambda y, s: choose_for_validation(y, s) & (y < len(y.unique())),
        ),
        ("too often", one_order_for_all),
        ("too often", seeded_in_the_loop),
        ("in place", lambda y, s: choose_for_validation(y, s) & (y.zero_() == 0)),
        (
            "seed of all random numbers",
            lambda y, s: torch.manual_seed(0) and choose_for_validation(y, s),
        ),
        ("seed of all random", lambda y, s: random.seed(0) or each_class(random.sample)(y, s)),
    ],
    "bursts": [
        ("sort the photos by their time", bursts_unsorted),
        ("sorted by time", lambda s, gap: bursts(s.sort().values, gap)),
        ("go back to other photos", lambda s, gap: bursts(s.sort().values, gap)[s.argsort()]),
        ("add these up with cumsum", flags_alone),
        ("not its burst's age", bursts_of_first_photos),
        ("equal pieces", lambda s, gap: ((s - s.min()) // gap).long()),
        ("equal pieces", lambda s, gap: (s // gap).long()),
        ("ends no burst", lambda s, gap: bursts(s, gap - 0.01)),
        ("expected 0", lambda s, gap: bursts(s, gap) + 1),
        ("parts of a second", lambda s, gap: bursts(s.round(), gap)),
        ("parts of a second", lambda s, gap: bursts(s.floor(), gap)),
        ("values differ", lambda s, gap: bursts(s, gap).max() - bursts(s, gap)),
        ("values differ", lambda s, gap: torch.zeros(len(s)).long()),
        ("dtype is torch.float32", lambda s, gap: bursts(s, gap).float()),
        ("returns a list", lambda s, gap: bursts(s, gap).tolist()),
        ("in place", lambda s, gap: bursts(s, gap) + s.zero_().long()),
    ],
    "honest_tests": [
        ("no answer", {}),
        ("nearly the same photo", without(TESTS, BURST, {"honest"})),
        ("at least one is too many", without(TESTS, BURST, {"honest", "flattering"})),
        ("in training", without(TESTS, FRIEND, {"flattering"})),
        ("something is missing", without(TESTS, FRIEND, set())),
        ("options are", without(TESTS, FRIEND, {"unfair"})),
        ("A copy is changed less", without(TESTS, COPIES, {"honest"})),
        ("a third lamp can", without(TESTS, LAMP, {"honest"})),
    ],
}
