"""Checks of the exercises of lesson 07_training."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from d2laug.check.answers import Mistake, call, checks, one_number, raise_hint


@checks
def mean_and_spread(answer: Callable[[Tensor], tuple[float, float]]) -> str:
    """Check `answer(accuracies)`: the mean and the standard deviation of a few trainings."""
    accuracies = torch.tensor([0.91, 0.78, 0.95, 0.60, 0.96])
    mean, spread = accuracies.mean().item(), accuracies.std().item()
    result = call(answer, accuracies)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise Mistake(
            f"the function returns {result!r}; expected two numbers: return mean, spread."
        )
    given_mean, given_spread = one_number(result[0]), one_number(result[1])
    if abs(given_mean - spread) < 1e-4 and abs(given_spread - mean) < 1e-4:
        raise Mistake("mean and spread are swapped; return the mean first.")
    if abs(given_mean - mean) > 1e-4:
        hints = {
            accuracies.median().item(): "that is the median; the mean is the sum over the number.",
            accuracies.sum().item(): "that is the sum; divide it by the number of trainings.",
            accuracies.max().item(): "that is the luckiest training; every training counts.",
        }
        raise_hint(given_mean, hints)
        raise Mistake(f"the mean of {accuracies.tolist()} is {mean:.3f}, not {given_mean:.3g}.")
    hints = {
        accuracies.std(correction=0).item(): (
            "that divides by N. Of N trainings, the mean has used up one: divide by N - 1."
        ),
        spread**2: "that is the variance; take its square root.",
        spread / 5**0.5: "that is the standard error of the mean, not the spread of the trainings.",
        (accuracies.max() - accuracies.min()).item(): "that is the range, largest minus smallest.",
        (accuracies - mean).abs().mean().item(): "that is the mean distance; square it first.",
    }
    if abs(given_spread - spread) > 1e-4:
        raise_hint(given_spread, hints)
        raise Mistake(f"the mean is right, but the spread is {spread:.3f}, not {given_spread:.3g}.")
    return f"{mean:.2f} ± {spread:.2f}: one unlucky training of five makes the spread large."


@checks
def gain(answer: Callable[[Mapping, str, str], float]) -> str:
    """Check `answer(results, recipe, place)`: the mean accuracy above that of the recipe "none".

    `results[recipe][place]` holds one accuracy a seed, as from `d2laug.train.compare`.
    """
    results = {
        "none": {"lab": torch.tensor([1.0, 0.98]), "show": torch.tensor([0.30, 0.20])},
        "flip": {"lab": torch.tensor([0.96, 0.98]), "show": torch.tensor([0.28, 0.12])},
    }
    right = -0.05
    number = one_number(call(answer, results, "flip", "show"))
    hints = {
        0.05: "the sign is wrong: a recipe that is better than none has a positive gain.",
        -0.02: "that is the first seed alone; take the mean over the seeds.",
        -0.08: "that is the last seed alone; take the mean over the seeds.",
        -0.77: "that is the show minus the lab; compare with the recipe none at the same place.",
        -0.2: "that is the share of the accuracy that is lost; subtract, do not divide.",
        0.8: "that divides; subtract.",
        0.2: "that is the accuracy itself; subtract that of the recipe none.",
    }
    if abs(number - right) > 1e-4:
        raise_hint(number, hints)
        raise Mistake(
            f"flip gains {right:.2f} at this show, and the function returns {number:.3g}."
        )
    if abs(one_number(call(answer, results, "none", "lab"))) > 1e-4:
        raise Mistake("the recipe none gains nothing over itself, anywhere.")
    if abs(one_number(call(answer, results, "flip", "lab")) + 0.02) > 1e-4:
        raise Mistake("right for the show only: use the place that is given.")
    return "a gain can be negative: this flip costs 0.05 at the show."


@checks
def best_recipe(answer: Callable[[Mapping, str], str]) -> str:
    """Check `answer(results, place)`: the name of the recipe with the best mean at a place."""
    rows = {
        "none": ([1.0, 1.0], [0.2, 0.2]),
        "crop": ([0.9, 0.9], [0.1, 0.7]),
        "color": ([0.8, 0.8], [0.5, 0.5]),
        "noise": ([0.1, 0.1], [0.0, 0.1]),
    }
    results = {
        name: {"lab": torch.tensor(lab), "show": torch.tensor(show)}
        for name, (lab, show) in rows.items()
    }
    result = call(answer, results, "show")
    if result not in rows:
        raise Mistake(f"the function returns {result!r}; expected the name of a recipe.")
    hints = {
        "crop": "crop has the best single seed; its mean is below that of color.",
        "noise": "that is the worst recipe.",
        "none": "that is the best recipe in the lab; the place asked for is the show.",
    }
    if result != "color":
        raise Mistake(hints[result])
    if call(answer, results, "lab") != "none":
        raise Mistake("right for the show only: use the place that is given.")
    return "the mean decides, and each place has a best recipe of its own."
