"""Right and wrong answers to the exercises of lesson 08."""

import bisect
import itertools
import math
from fractions import Fraction

import numpy as np
import torch
from forms import sets, without

INF = float("inf")


def pictures_needed(counts, accuracies, goal):
    for place in range(len(counts)):
        if accuracies[place] >= goal:
            return counts[place]
    return math.inf


def pictures_needed_by_numpy(counts, accuracies, goal):
    reached = np.array(counts)[np.array(accuracies) >= goal]
    return reached.min() if len(reached) else np.inf


def pictures_needed_by_tensors(counts, accuracies, goal):
    return torch.where(torch.tensor(accuracies) >= goal, torch.tensor(counts), INF).min()


def pictures_needed_by_place(counts, accuracies, goal):
    enough = [accuracy >= goal for accuracy in accuracies]
    return float(counts[enough.index(True)]) if any(enough) else float("inf")


def pictures_needed_by_compress(counts, accuracies, goal):
    return next(itertools.compress(counts, map(goal.__le__, accuracies)), INF)


def largest(counts, accuracies, goal):
    return max((c for c, a in zip(counts, accuracies, strict=True) if a >= goal), default=INF)


def counted_at(result):
    """Return an answer that finds the place, and then something of it; `inf` where none is."""

    def pictures_needed(counts, accuracies, goal):
        for place in range(len(counts)):
            if accuracies[place] >= goal:
                return result(counts, accuracies, place)
        return INF

    return pictures_needed


def halved(later=0, strict=False):
    """Return an answer that halves the range, as if accuracies never fell; two have a slip."""

    def pictures_needed(counts, accuracies, goal):
        first, last = 0, len(counts)
        while first < last:
            middle = (first + last) // 2
            if accuracies[middle] > goal or (accuracies[middle] == goal and not strict):
                last = middle
            else:
                first = middle + 1
        return [*counts, INF, INF][first + later]

    return pictures_needed


def draw_kelvin(low, high, u):
    return 1 / (u / low + (1 - u) / high)


def from_a_table(low, high, u):
    return np.interp(u, np.linspace(0, 1, 101), 1 / np.linspace(1 / high, 1 / low, 101))


DESK, LIGHT, THIRTEENTH, ABOVE = (
    "the desk shines, you may touch it, and the show opens in ten minutes",
    "nobody knows yet how warm the light of the next hall is",
    "the machine gets a thirteenth drink",
    "the next camera looks straight down, on lids and caps",
)
FIXES = {DESK: {"cloth"}, LIGHT: {"augment"}, THIRTEENTH: {"collect"}, ABOVE: {"collect"}}

EQUIVALENT = {
    "pictures_needed": {
        "[*zip(counts, accuracies, strict=True)][::-1]": "a minimum has no order",
    },
}
RIGHT = {
    "pictures_needed": [
        pictures_needed,
        pictures_needed_by_numpy,
        pictures_needed_by_tensors,
        pictures_needed_by_place,
        pictures_needed_by_compress,
        lambda c, a, g: c[[x >= g for x in a].index(True)] if max(a) >= g else math.inf,
    ],
    "draw_kelvin": [
        draw_kelvin,
        lambda low, high, u: 1 / (1 / high + u * (1 / low - 1 / high)),
        lambda low, high, u: low * high / (u * high + (1 - u) * low),
        lambda low, high, u: torch.tensor(1 / high).lerp(torch.tensor(1 / low), u).reciprocal(),
        lambda low, high, u: 1 / np.interp(u, [0, 1], [1 / high, 1 / low]),
        lambda low, high, u: 1 / (Fraction(u) / Fraction(low) + (1 - Fraction(u)) / Fraction(high)),
        lambda low, high, u: (torch.tensor(high).pow(-1) * (1 - u) + u / low) ** -1,
    ],
    "fixes": sets(FIXES),
}
WRONG = {
    "pictures_needed": [
        ("returns 160; expected 5", lambda c, a, g: max(c)),
        ("returns 80; expected 5", lambda c, a, g: c[a.index(max(a))]),
        ("fewer are too", largest),
        ("many pictures do not reach", lambda c, a, g: min(pictures_needed(c, a, g), max(c))),
        ("exactly is enough", lambda c, a, g: next(n for n, x in zip(c, a, strict=True) if x > g)),
        ("that is an accuracy", lambda c, a, g: min(x for x in a if x >= g)),
        ("that is an accuracy", lambda c, a, g: max(a)),
        ("place in the list", counted_at(lambda counts, accuracies, place: place)),
        ("that is an accuracy", counted_at(lambda counts, accuracies, place: accuracies[place])),
        ("place in the list", lambda c, a, g: next((i for i, x in enumerate(a) if x >= g), len(a))),
        (
            "do not reach the goal",
            lambda c, a, g: max(n for n, x in zip(c, a, strict=True) if x < g or n < 1),
        ),
        ("returns 7; expected 5", lambda c, a, g: 7),
        ("returns 0; expected 5", lambda c, a, g: 0),
        ("5 pictures reach exactly, the function returns 3; expected 5", lambda c, a, g: 3),
        ("which no count reaches, the function returns 5; expected inf", lambda c, a, g: 5),
        ("without any picture", lambda c, a, g: 5 if g == 0.9 else INF),
        ("returns nothing yet", lambda c, a, g: next((c[1] for x in a if x >= g), None)),
        *(
            ("a goal of 0.88", lambda c, a, g, near=near: pictures_needed(c, [*map(near, a)], g))
            for near in (lambda x: round(x, 2), lambda x: round(x, 3), lambda x: x + 5e-4)
        ),
        ("fewer are too", halved()),
        ("the function returns 80; expected 5", halved(later=1)),
        ("the function returns 40; expected 5", halved(strict=True)),
        ("the function returns 20", lambda c, a, g: [*c, INF][bisect.bisect(sorted(a), g)]),
        ("NaN", lambda c, a, g: float("nan")),
        ("expected one number", lambda c, a, g: [n for n, x in zip(c, a, strict=True) if x >= g]),
        ("in place", lambda c, a, g: pictures_needed(c, a, g + a.pop() * 0)),
    ],
    "draw_kelvin": [
        ("even in kelvin", lambda low, high, u: low + (high - low) * u),
        ("even in kelvin", lambda low, high, u: high - (high - low) * u),
        ("logarithmic", lambda low, high, u: low * (high / low) ** u),
        ("logarithmic", lambda low, high, u: high * (low / high) ** u),
        ("turn it around", lambda low, high, u: 1 / draw_kelvin(low, high, u)),
        ("turn it around", lambda low, high, u: 1e6 / draw_kelvin(low, high, u)),
        ("the ends are swapped", lambda low, high, u: draw_kelvin(low, high, 1 - u)),
        ("u = 0.3 between 3000", lambda low, high, u: draw_kelvin(2500, 10000, u)),
        ("for u = 0 between 2500 and 10000 K, the function returns 4000", lambda a, b, u: 4000),
        ("the function returns 5; expected 4000", lambda low, high, u: 5),
        ("NaN", lambda low, high, u: float("nan")),
        ("ZeroDivisionError", lambda low, high, u: draw_kelvin(low, high, u) + 0 / u),
        ("between 1000 and 40000 K", from_a_table),
    ],
    "fixes": [
        ("no answer for 'the desk", {}),
        ("No change of the twelve", without(FIXES, THIRTEENTH, {"augment"})),
        ("something is missing", without(FIXES, THIRTEENTH, set())),
        ("the options are", without(FIXES, THIRTEENTH, {"buy"})),
        ("expected a set", without(FIXES, THIRTEENTH, "collect")),
        ("needs no training", without(FIXES, DESK, {"cloth", "augment"})),
        ("does not show the lid", without(FIXES, ABOVE, {"augment"})),
    ],
}
