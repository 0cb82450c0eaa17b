"""Right and wrong answers to the exercises of lesson 07."""

import statistics
from fractions import Fraction

import numpy as np
import torch


def mean_and_spread_by_hand(accuracies):
    mean = sum(accuracies) / len(accuracies)
    squares = [(accuracy - mean) ** 2 for accuracy in accuracies]
    return [mean, (sum(squares) / (len(squares) - 1)) ** 0.5]


def mean_and_spread_by_statistics(accuracies):
    numbers = accuracies.tolist()
    return statistics.fmean(numbers), statistics.stdev(numbers)


def in_place_mean_and_spread(accuracies):
    return accuracies.mean(), accuracies.sub_(accuracies.mean()).square().sum().div(4).sqrt()


def gain(results, recipe, place):
    return (results[recipe][place] - results["none"][place]).mean()


def gain_in_a_loop(results, recipe, place):
    total = 0
    for own, none in zip(results[recipe][place], results["none"][place], strict=True):
        total += own.item() - none.item()
    return total / len(results["none"][place])


def best_recipe(results, place):
    return max(results, key=lambda recipe: results[recipe][place].mean())


def best_recipe_in_a_loop(results, place):
    best, best_mean = None, -1
    for recipe, places in results.items():
        if places[place].mean() > best_mean:
            best, best_mean = recipe, places[place].mean()
    return best


def best_recipe_by_argmax(results, place):
    recipes = list(results)
    return recipes[torch.stack([results[recipe][place] for recipe in recipes]).mean(1).argmax()]


def best_by(score):
    return lambda results, place: max(results, key=lambda recipe: score(results[recipe][place]))


RIGHT = {
    "mean_and_spread": [
        mean_and_spread_by_hand,
        mean_and_spread_by_statistics,
        lambda a: (a.mean(), a.std()),
        lambda a: (np.mean(a.numpy()), np.std(a.numpy(), ddof=1)),
        lambda a: [sum(a) / len(a), (sum((a - a.mean()) ** 2) / (len(a) - 1)) ** 0.5],
        lambda a: torch.std_mean(a)[::-1],
        lambda a: torch.stack([a.mean(), a.std()]),
        lambda a: np.array([a.mean(), a.std()]),
    ],
    "gain": [
        gain,
        gain_in_a_loop,
        lambda r, c, p: r[c][p].mean().item() - r["none"][p].mean().item(),
        lambda r, c, p: np.subtract(r[c][p].numpy(), r["none"][p].numpy()).mean(),
        lambda r, c, p: statistics.mean(r[c][p].tolist()) - statistics.mean(r["none"][p].tolist()),
        lambda r, c, p: Fraction(r[c][p].mean().item()) - Fraction(r["none"][p].mean().item()),
        lambda r, c, p: -(r["none"][p].sum() - r[c][p].sum()) / len(r[c][p]),
    ],
    "best_recipe": [
        best_recipe,
        best_recipe_in_a_loop,
        best_recipe_by_argmax,
        lambda r, p: sorted(r, key=lambda recipe: -r[recipe][p].mean())[0],
        lambda r, p: max((np.mean(places[p].numpy()), recipe) for recipe, places in r.items())[1],
        lambda r, p: min(r, key=lambda recipe: -sum(r[recipe][p].tolist())),
        lambda r, p: np.str_(best_recipe(r, p)),
    ],
}
WRONG = {
    "mean_and_spread": [
        ("expected two numbers", lambda a: a.mean()),
        ("expected two numbers", lambda a: (a.mean(), a.std(), len(a))),
        ("swapped", lambda a: (a.std(), a.mean())),
        ("median", lambda a: (a.median(), a.std())),
        ("median", lambda a: (a.median(), a.var())),
        ("that is the sum", lambda a: (a.sum(), a.std())),
        ("right for accuracies of 0.91", lambda a: (sum(a) / 5, a.std())),
        ("luckiest", lambda a: (a.max(), a.std())),
        ("returns (0.6, 0.15215); expected (0.84, 0.15215)", lambda a: (a.min(), a.std())),
        ("divides by N", lambda a: (a.mean(), a.std(correction=0))),
        ("variance", lambda a: (a.mean(), a.var())),
        ("standard error", lambda a: (a.mean(), a.std() / len(a) ** 0.5)),
        ("range", lambda a: (a.mean(), a.max() - a.min())),
        ("mean distance", lambda a: (a.mean(), (a - a.mean()).abs().mean())),
        ("returns (0.84, 0); expected (0.84, 0.15215)", lambda a: (a.mean(), 0)),
        ("returns a tuple of Tensor and Tensor; expected two numbers", lambda a: (a, a)),
        ("expected two numbers", lambda a: (..., ...)),
        ("returns (nan, 0.15215)", lambda a: (float("nan"), a.std())),
        ("in place", in_place_mean_and_spread),
    ],
    "gain": [
        ("the sign is wrong", lambda r, c, p: -gain(r, c, p)),
        ("the sign is wrong", lambda r, c, p: abs(gain(r, c, p))),
        ("first seed alone", lambda r, c, p: r[c][p][0] - r["none"][p][0]),
        ("last seed alone", lambda r, c, p: r[c][p][-1] - r["none"][p][-1]),
        ("difference of medians", lambda r, c, p: r[c][p].median() - r["none"][p].median()),
        ("one place minus the other", lambda r, c, p: (r[c][p] - r[c]["lab"]).mean()),
        ("a share of the accuracy", lambda r, c, p: gain(r, c, p) / r["none"][p].mean()),
        ("that divides; subtract", lambda r, c, p: r[c][p].mean() / r["none"][p].mean()),
        ("the accuracy itself", lambda r, c, p: r[c][p].mean()),
        ("use the place given", lambda r, c, p: gain(r, c, "show")),
        ("gains nothing over itself", lambda r, c, p: -0.05),
        ("for flip at the show, the function returns 7; expected -0.05", lambda r, c, p: 7.0),
        ("returns nan", lambda r, c, p: float("nan")),
        ("expected one number", lambda r, c, p: r[c][p] - r["none"][p]),
        ("in place", lambda r, c, p: r[c][p].sub_(r["none"][p]).mean()),
    ],
    "best_recipe": [
        ("best single seed", best_by(torch.max)),
        ("the worst", lambda r, p: min(r, key=lambda c: r[c][p].mean())),
        ("best at the other place", lambda r, p: best_recipe(r, "lab")),
        ("for the show, but for the lab", lambda r, p: best_recipe(r, "show")),
        ("its first seed", best_by(lambda a: a[0])),
        ("its worst seed", best_by(torch.min)),
        ("its median", best_by(torch.median)),
        ("expected a name", lambda r, p: max(r[c][p].mean() for c in r)),
        ("expected a name", lambda r, p: [best_recipe(r, p)]),
        ("returns 'fog'; expected 'color'", lambda r, p: "fog"),
        ("in place", lambda r, p: best_recipe({c: r.pop(c) for c in list(r)}, p)),
    ],
}
