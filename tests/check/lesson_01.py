"""Right and wrong answers to the exercises of lesson 01."""

from fractions import Fraction

import numpy as np
import torch
from forms import sets, without


def accuracy_in_a_loop(probabilities, labels):
    hits = 0
    for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
        hits += row.index(max(row)) == label
    return hits / len(labels)


def weakest_in_a_loop(counts):
    shares = []
    for label, row in enumerate(counts.tolist()):
        shares.append(row[label] / sum(row))
    return shares.index(min(shares))


LAMPS, NEARER, TURNED, DESK = (
    "the lamps are warmer",
    "the customer holds the drink nearer to the camera",
    "the drink is turned to the left",
    "the desk shines",
)
REMEDIES = {LAMPS: {"color temperature"}, NEARER: {"crop"}, TURNED: {"flip"}, DESK: {"reflections"}}

RIGHT = {
    "accuracy": [
        lambda p, y: (p.argmax(1) == y).float().mean(),
        lambda p, y: sum(p.argmax(1) == y).item() / len(y),
        lambda p, y: np.mean(p.numpy().argmax(1) == y.numpy()),
        lambda p, y: Fraction(int((p.argmax(-1) == y).sum()), len(y)),
        lambda p, y: (p.topk(1).indices[:, 0] == y).double().mean().item(),
        lambda p, y: torch.eq(p.max(1).indices, y).sum() / len(y),
        lambda p, y: np.array([(p.argmax(1) == y).float().mean()]),
        accuracy_in_a_loop,
    ],
    "weakest_class": [
        lambda counts: (counts.diag() / counts.sum(1)).argmin(),
        lambda counts: int((counts.diag() / counts.sum(1)).argmin()),
        lambda counts: np.argmin(np.diag(counts.numpy()) / counts.numpy().sum(1)),
        lambda counts: (counts / counts.sum(1, keepdim=True)).diagonal().min(0).indices.item(),
        lambda counts: min(range(len(counts)), key=lambda i: counts[i, i] / counts[i].sum()),
        lambda counts: torch.tensor([(1 - counts.diag() / counts.sum(1)).argmax()]),
        weakest_in_a_loop,
    ],
    "remedies": sets(REMEDIES),
}
WRONG = {
    "accuracy": [
        ("divide by the number", lambda p, y: (p.argmax(1) == y).sum()),
        ("right for 10", lambda p, y: 0.7 if len(y) == 10 else (p.argmax(1) >= y).double().mean()),
        ("in percent", lambda p, y: 100 * (p.argmax(1) == y).float().mean()),
        ("share of the wrong answers", lambda p, y: (p.argmax(1) != y).float().mean()),
        ("counts the wrong", lambda p, y: (p.argmax(1) != y).sum()),
        ("how sure", lambda p, y: p.amax(1).mean()),
        ("mean probability of the label", lambda p, y: p[range(len(y)), y].mean()),
        ("returns a Tensor; expected one number", lambda p, y: p.argmax(1) == y),
        ("returns a bool; expected one number", lambda p, y: bool((p.argmax(1) == y).any())),
        ("7 are right, the function returns 0.5; expected 0.7", lambda p, y: 0.5),
        ("right for 10 answers of which 7 are right, but for 16", lambda p, y: 0.7),
        ("returns NaN", lambda p, y: float("nan")),
    ],
    "weakest_class": [
        ("largest share", lambda c: (c.diag() / c.sum(1)).argmax()),
        ("few pictures too: divide by the row's sum", lambda c: c.diag().argmin()),
        ("many pictures too: divide by", lambda c: (c.sum(1) - c.diag()).argmax()),
        ("Rows hold the true class", lambda c: (c.diag() / c.sum(0)).argmin()),
        ("the function returns 0; expected 1", lambda c: 0),
        ("the same classes in another order", lambda c: 1),
        ("expected a whole number", lambda c: c.diag() / c.sum(1)),
        ("expected a whole number", lambda c: 0.4),
        ("expected a whole number", lambda c: (c.diag() / c.sum(1)).min()),
        ("returns a bool; expected a whole number", lambda c: True),
    ],
    "remedies": [
        ("no answer for 'the lamps", {}),
        ("the options are", without(REMEDIES, LAMPS, {"hue"})),
        ("is not imitated by ['flip']", without(REMEDIES, LAMPS, {"flip"})),
        ("is also imitated by ['crop']", without(REMEDIES, NEARER, set())),
        ("shows it turned to the other side", without(REMEDIES, TURNED, {"flip", "crop"})),
        ("Bright patches", without(REMEDIES, DESK, ["color temperature"])),
    ],
}
