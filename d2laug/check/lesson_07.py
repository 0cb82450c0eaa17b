"""Checks of the exercises of lesson 07_training."""

from collections.abc import Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Results, exercise

_Table = Mapping[str, Mapping[str, Tensor]]
_OTHER = {"lab": "show", "show": "lab"}


@exercise(
    ("accuracies of 0.91, 0.78, 0.95, 0.6, 0.96", torch.tensor([0.91, 0.78, 0.95, 0.60, 0.96])),
    ("accuracies of 0.5, 0.7, 0.65, 0.61", torch.tensor([0.5, 0.7, 0.65, 0.61])),
    tolerance=1e-4,
)
def mean_and_spread(a: Tensor) -> Results:
    """Check `answer(accuracies)`: the mean and the standard deviation of a few trainings."""
    mean, std, distance = a.mean().item(), a.std().item(), (a - a.mean()).abs().mean()
    biased = a.std(correction=0)
    return {
        "0.84 ± 0.15: one unlucky training of five makes the spread large.": (mean, std),
        "mean and spread are swapped; return the mean first.": (std, mean),
        "that is the median; the mean is the sum over the number.": (a.median(), ...),
        "that is the sum; divide it by the number of trainings.": (a.sum(), ...),
        "that is the luckiest training; every training counts.": (a.max(), ...),
        "that divides by N. The mean has used up one training: N - 1.": (mean, biased),
        "that is the variance; take its square root.": (mean, a.var()),
        "that is the standard error of the mean, not the spread.": (mean, std / len(a) ** 0.5),
        "that is the range, largest minus smallest.": (mean, a.max() - a.min()),
        "that is the mean distance; square it first.": (mean, distance),
    }


_ROWS = {
    "none": ([0.9, 1.0, 1.0], [0.30, 0.20, 0.31]),
    "crop": ([0.9, 0.8, 0.9], [0.1, 0.2, 0.9]),
    "color": ([0.8, 0.8, 0.8], [0.4, 0.5, 0.7]),
    "noise": ([0.1, 0.1, 0.1], [0.0, 0.1, 0.0]),
    "erasing": ([0.95, 0.9, 0.9], [0.2, 0.55, 0.55]),
    "sun": ([0.9, 0.9, 0.9], [0.6, 0.2, 0.1]),
    "rain": ([0.9, 0.9, 0.9], [0.45, 0.45, 0.42]),
    "flip": ([0.96, 0.98, 0.88], [0.28, 0.12, 0.26]),
}
_ALL = {
    recipe: {"lab": torch.tensor(lab), "show": torch.tensor(show)}
    for recipe, (lab, show) in _ROWS.items()
}


@exercise(
    ("flip at the show", _ALL, "flip", "show"),
    ("the recipe none, which gains nothing over itself", _ALL, "none", "lab"),
    ("flip in the lab", _ALL, "flip", "lab"),
    tolerance=1e-4,
)
def gain(results: _Table, recipe: str, place: str) -> Results:
    """Check `answer(results, recipe, place)`: the mean accuracy above that of the recipe "none".

    `results[recipe][place]` holds one accuracy a seed, as from `d2laug.train.compare`.
    """
    own, none = results[recipe][place], results["none"][place]
    right = (own.mean() - none.mean()).item()
    there, none_there = results[recipe][_OTHER[place]], results["none"][_OTHER[place]]
    return {
        "a gain can be negative: this flip costs 0.05 at the show.": right,
        "the sign is wrong: a recipe that is better than none has a positive gain.": -right,
        "that is the first seed alone; take the mean over the seeds.": own[0] - none[0],
        "that is the last seed alone; take the mean over the seeds.": own[-1] - none[-1],
        "that is a difference of medians; take the means.": own.median() - none.median(),
        "that is one place minus the other; compare with none.": own.mean() - there.mean(),
        "that is a share of the accuracy; subtract, do not divide.": right / none.mean(),
        "that divides; subtract.": own.mean() / none.mean(),
        "that is the accuracy itself; subtract that of the recipe none.": own.mean(),
        "that is at the other place: use the place given.": there.mean() - none_there.mean(),
    }


@exercise(("the show", _ALL, "show"), ("the lab", _ALL, "lab"))
def best_recipe(results: _Table, place: str) -> Results:
    """Check `answer(results, place)`: the name of the recipe with the best mean at a place."""

    def best(score, place=place):
        return max(results, key=lambda recipe: score(results[recipe][place]))

    return {
        "the mean decides, and each place has a best recipe of its own.": best(torch.mean),
        "that recipe has the best single seed; another one has the best mean.": best(torch.max),
        "that is the worst recipe.": best(lambda accuracies: -accuracies.mean()),
        "that one is best at the other place: use the one given.": best(torch.mean, _OTHER[place]),
        "its first seed is the best; take the mean.": best(lambda accuracies: accuracies[0]),
        "its worst seed is the best; take the mean.": best(torch.min),
        "its median is the best; take the mean.": best(torch.median),
    }
