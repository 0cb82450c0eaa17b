"""Right and wrong answers to the exercises of lesson 07."""

import statistics
from collections import OrderedDict

import numpy as np
import torch
from torchvision.transforms import v2


def mean_and_spread_by_hand(accuracies):
    mean = sum(accuracies) / len(accuracies)
    squares = sum(accuracies**2) - len(accuracies) * mean**2
    return [mean, (squares / (len(accuracies) - 1)) ** 0.5]


def mean_and_spread_by_statistics(accuracies):
    numbers = accuracies.tolist()
    return statistics.fmean(numbers), statistics.stdev(numbers)


def in_place_mean_and_spread(accuracies):
    return accuracies.mean(), accuracies.sub_(accuracies.mean()).square().sum().div(4).sqrt()


def without_in_a_loop(pieces, name):
    kept = []
    for other in pieces:
        if other != name:
            kept.append(pieces[other])
    return torch.nn.Sequential(*kept)


def without_one_popped(pieces, name):
    rest = dict(pieces)
    rest.pop(name)
    return torch.nn.Sequential(*rest.values())


def without_by_hand(pieces, name):
    def apply(x):
        for other, piece in pieces.items():
            x = x if other == name else piece(x)
        return x

    return apply


def those(choose):
    return lambda pieces, name: torch.nn.Sequential(*choose(pieces, name))


def without(pieces, name):
    return [piece for other, piece in pieces.items() if other != name]


def three_epochs(images, transform, anew):
    once = transform(images)
    return [transform(images) if anew else once for _ in range(3)]


def three_epochs_apart(images, transform, anew):
    if anew:
        return tuple(transform(images) for _ in range(3))
    return (transform(images),) * 3


def three_epochs_stacked(images, transform, anew):
    first = transform(images)
    epochs = [first]
    while len(epochs) < 3:
        epochs.append(transform(images) if anew else first)
    return torch.stack(epochs)


def again_and_again(images, transform, anew):
    first = transform(images)
    return [first, transform(first), transform(first)] if anew else [first] * 3


SOLUTION = """def solution(accuracies):
    return (accuracies.mean(){}, accuracies.std(){})"""
EQUIVALENT = {
    "mean_and_spread": {
        SOLUTION.format("", ".item()"): "a tensor of one number is a number too",
        SOLUTION.format(".item()", ""): "a tensor of one number is a number too",
    },
}
RIGHT = {
    "mean_and_spread": [
        mean_and_spread_by_hand,
        mean_and_spread_by_statistics,
        lambda a: (a.mean(), a.std()),
        lambda a: (np.mean(a.numpy()), np.std(a.numpy(), ddof=1)),
        lambda a: [sum(a) / len(a), (a.var(correction=0) * len(a) / (len(a) - 1)) ** 0.5],
        lambda a: torch.std_mean(a)[::-1],
        lambda a: torch.stack([a.mean(), a.std()]),
        lambda a: np.array([a.mean(), a.std()]),
    ],
    "without": [
        those(without),
        without_in_a_loop,
        without_one_popped,
        without_by_hand,
        lambda p, n: v2.Compose(without(p, n)),
        lambda p, n: torch.nn.Sequential(OrderedDict((k, p[k]) for k in p if k != n)),
    ],
    "three_epochs": [
        three_epochs,
        three_epochs_apart,
        three_epochs_stacked,
        lambda x, f, anew: [f(x), f(x), f(x)] if anew else [f(x)] * 3,
        lambda x, f, anew: (lambda once: [f(x) if anew else once for _ in "abc"])(f(x)),
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
        ("returns (0.96, 0.15215); expected (0.84, 0.15215)", lambda a: (a.max(), a.std())),
        ("returns (0.6, 0.15215); expected (0.84, 0.15215)", lambda a: (a.min(), a.std())),
        ("divides by N", lambda a: (a.mean(), a.std(correction=0))),
        ("variance", lambda a: (a.mean(), a.var())),
        ("standard error", lambda a: (a.mean(), a.std() / len(a) ** 0.5)),
        ("returns (0.84, 0.36); expected", lambda a: (a.mean(), a.max() - a.min())),
        (
            "square each distance, and take the root",
            lambda a: (a.mean(), (a - a.mean()).abs().mean()),
        ),
        ("returns (0.84, 0); expected (0.84, 0.15215)", lambda a: (a.mean(), 0)),
        ("returns a tuple of Tensor and Tensor; expected two numbers", lambda a: (a, a)),
        ("expected two numbers", lambda a: (..., ...)),
        ("NaN", lambda a: (float("nan"), a.std())),
        ("in place", in_place_mean_and_spread),
    ],
    "without": [
        ("not do what", lambda p, n: torch.nn.Sequential(*(p[k] for k in p if n not in k))),
        ("compare with !=", lambda p, n: torch.nn.Sequential(*(p[k] for k in p if k is not n))),
        ("not do what", lambda p, n: torch.nn.Sequential(*(p[k] for k in p if k[0] != n[0]))),
        ("returns a list; put", without),
        ("all pieces are in it", lambda p, n: torch.nn.Sequential(*p.values())),
        ("the piece itself", lambda p, n: p[n]),
        ("in their order", those(lambda p, n: without(p, n)[::-1])),
        ("not do what the other", those(lambda p, n: [*p.values()][1:])),
        ("not do what the other", those(lambda p, n: [*p.values()][:-1])),
        ("in their order", those(lambda p, n: [p[k] for k in sorted(p) if k != n])),
        ("not do what the other pieces do", those(lambda p, n: without(p, n)[:2])),
        ("not do what the other pieces do", lambda p, n: torch.nn.Identity()),
        ("returns an int; put", lambda p, n: 3),
        ("nothing yet", lambda p, n: None),
        ("stops with KeyError", lambda p, n: p["nothing"]),
    ],
    "three_epochs": [
        ("as they are", lambda x, f, anew: [x] * 3),
        ("other pictures than the given ones", again_and_again),
        ("on all at once", lambda x, f, anew: [torch.stack([*map(f, x)]) for _ in "abc"]),
        ("two epochs are the same", lambda x, f, anew: [f(x)] * 3),
        ("the epochs differ", lambda x, f, anew: [f(x) for _ in range(3)]),
        ("two epochs are the same", lambda x, f, anew: three_epochs(x, f, not anew)),
        ("is lost", lambda x, f, anew: [y + 1 for y in three_epochs(x, f, anew)]),
        ("is lost", lambda x, f, anew: [y.mul(2) for y in three_epochs(x, f, anew)]),
        ("a list of 2; expected a list of three", lambda x, f, anew: [f(x), f(x)]),
        (
            "returns a Tensor of shape [2, 3, 4, 1]; expected a list of three",
            lambda x, f, anew: f(x),
        ),
        ("expected a list of three", lambda x, f, anew: "abc"),
        ("expected a tensor", lambda x, f, anew: [1, 2, 3]),
        ("in an epoch the shape is", lambda x, f, anew: [y[0] for y in three_epochs(x, f, anew)]),
        ("nothing yet", lambda x, f, anew: None),
    ],
}
