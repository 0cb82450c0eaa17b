"""Right and wrong answers to the exercises of lesson 01."""

from fractions import Fraction

import numpy as np
import torch
from forms import sets, without


def weakest_in_a_loop(counts):
    shares = []
    for label, row in enumerate(counts.tolist()):
        shares.append(row[label] / sum(row))
    return shares.index(min(shares))


def share_by_share(counts, wanted):
    share = Fraction(0)
    for label, part in enumerate(wanted.tolist()):
        share += Fraction(part) * int(counts[label, label]) / int(sum(counts[label]))
    return share


LAMPS, NEARER, TURNED, DESK = (
    "the lamps are warmer",
    "the customer holds the drink nearer to the camera",
    "the drink is turned to the left",
    "the desk shines",
)
REMEDIES = {LAMPS: {"color temperature"}, NEARER: {"crop"}, TURNED: {"flip"}, DESK: {"reflections"}}

EQUIVALENT = {
    "weakest_class": {"counts.sum(-1)": "the last axis is axis 1"},
    "expected_accuracy": {
        "counts.sum(-1)": "the last axis is axis 1",
        "[*enumerate(wanted.tolist())][::-1]": "a sum in another order",
    },
}

RIGHT = {
    "weakest_class": [
        lambda counts: (counts.diag() / counts.sum(1)).argmin(),
        lambda counts: np.argmin(np.diag(counts.numpy()) / sum(counts.numpy().T)),
        lambda counts: min(range(len(counts)), key=lambda i: counts[i, i] / counts[i].sum()),
        lambda counts: torch.tensor([(counts.diag() / counts.mT.sum(0)).neg().argmax()]),
        lambda counts: int(sum(counts.mT).div(counts.diag()).argmax()),
        lambda counts: (torch.einsum("ii->i", counts) / sum(counts.T)).sort().indices[0],
        weakest_in_a_loop,
        lambda counts: float((counts.diag() / counts.sum(1)).argmin()),
        lambda counts: np.float64((counts.diag() / counts.sum(1)).argmin()),
    ],
    "expected_accuracy": [
        lambda counts, wanted: (wanted * counts.diag() / counts.sum(1)).sum(),
        lambda counts, wanted: wanted @ (counts.diag() / counts.mT.sum(0)),
        lambda c, w: np.average(np.diag(c.numpy()) / sum(c.numpy().T), weights=w.numpy()),
        lambda c, w: (c.mT * w / sum(c.mT)).trace(),
        lambda c, w: [1] - (w @ (1 - c.diag() / sum(c.T))).numpy(),
        lambda c, w: float(torch.einsum("ii,i->", c / sum(c.mT), w)),
        share_by_share,
    ],
    "remedies": sets(REMEDIES),
}
WRONG = {
    "weakest_class": [
        ("returns 0; expected 1", lambda c: (100 * c.diag() // c.sum(1)).argmin().item()),
        ("returns 0; expected 1", lambda c: (c.diag() / c.sum(1)).half().argmin().item()),
        ("largest share", lambda c: (c.diag() / c.sum(1)).argmax()),
        ("not shares: divide", lambda c: c.diag().argmin()),
        ("not shares: divide", lambda c: (c.sum(1) - c.diag()).argmax()),
        ("right for counts of", lambda c: (c.diag() / c.amax(1)).argmin()),
        ("the function returns 2; expected 1", lambda c: c.sum(1).argmin()),
        ("Rows hold the true class", lambda c: (c.diag() / c.sum(0)).argmin()),
        ("the function returns 0; expected 1", lambda c: 0),
        ("right for counts of which class 1 has", lambda c: 1),
        ("expected a whole number", lambda c: c.diag() / c.sum(1)),
        ("returns 0.4; expected 1", lambda c: 0.4),
        ("returns 0.4; expected 1", lambda c: (c.diag() / c.sum(1)).min()),
        ("returns a bool; expected a whole number", lambda c: True),
    ],
    "expected_accuracy": [
        ("the lab's own accuracy", lambda c, w: c.diag().sum() / c.sum()),
        ("counts every drink alike", lambda c, w: (c.diag() / c.sum(1)).mean()),
        ("first divide each by its row", lambda c, w: (c.diag() * w).sum()),
        ("first divide each by", lambda c, w: (c.diag() * w).sum() / c.sum()),
        ("first divide each by", lambda c, w: (c.diag() * w).sum() / (c.sum(1) * w).sum()),
        ("Rows hold the true class", lambda c, w: (w * c.diag() / c.sum(0)).sum()),
        ("the function returns 0.427", lambda c, w: 1 - share_by_share(c, w)),
        ("the function returns 57.3", lambda c, w: 100 * share_by_share(c, w)),
        ("right for three drinks", lambda c, w: w @ (c.diag() / c.sum(1)) if len(w) == 3 else 0.9),
        ("a Tensor of shape [3]; expected one number", lambda c, w: w * c.diag() / c.sum(1)),
        ("the function returns 0.5; expected 0.573", lambda c, w: 0.5),
        ("returns NaN", lambda c, w: float("nan")),
    ],
    "remedies": [
        ("no answer for 'the lamps", {}),
        ("the options are", without(REMEDIES, LAMPS, {"hue"})),
        ("too many and something is missing", without(REMEDIES, LAMPS, {"flip"})),
        ("something is missing", without(REMEDIES, NEARER, set())),
        ("shows it turned to the other side", without(REMEDIES, TURNED, {"flip", "crop"})),
        ("Bright patches", without(REMEDIES, DESK, ["color temperature"])),
    ],
}
