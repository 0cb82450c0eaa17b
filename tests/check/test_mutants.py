"""Every small wrong variant of a right answer is refused: no check praises a mistake."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from mutants import mutants
from test_answers import EXERCISES, FUNCTIONS, LESSONS, RIGHT

from d2laug import check

# Variants that are right all the same: `{exercise: {part of their source: why}}` of each lesson.
EQUIVALENT = {
    name: many for lesson in LESSONS for name, many in getattr(lesson, "EQUIVALENT", {}).items()
}


@pytest.mark.filterwarnings("ignore")  # those of wrong variants, as of a division by zero
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_variant_of_a_right_answer_is_refused(name, record_property):
    found, parts, run = mutants(name), EQUIVALENT.get(name, {}), getattr(check, name)
    for what in changes_nothing(name):
        del found[what]
    equivalent = {what for what in found if any(part in what for part in parts)}
    unused = [part for part in parts if not any(part in what for what in found)]
    assert not unused, "these are no variants: take them out"
    assert len(equivalent) <= 0.05 * len(found)
    assert all(len(why.split()) >= 3 for why in parts.values())
    verdicts_of = {what: run(answer) for what, answer in found.items()}
    late = [
        what for what, given in verdicts_of.items() if given.message.startswith("stopped after")
    ]
    verdicts_of |= {what: run(found[what]) for what in late}  # the computer may have been busy
    passed = [what for what, verdict in verdicts_of.items() if verdict.ok]
    unread = [what for what, verdict in verdicts_of.items() if "cannot read" in verdict.message]
    assert not unread, "\n\n".join(["the check itself fails for these variants:", *unread])
    wrong = [what for what in passed if what not in equivalent]
    refused = [verdict.message for verdict in verdicts_of.values() if not verdict.ok]
    errors = sum("the function stops with" in message for message in refused)
    waits = sum(message.startswith("stopped after") for message in refused)
    by_value = len(refused) - errors - waits
    rest = f"{errors / len(refused):.0%} of them raise an error, {waits / len(refused):.0%} stopped"
    rate = f"{name}: {len(refused)} of {len(refused) + len(wrong)}"
    record_property("refused variants", f"{rate}, {by_value} by what they return; {rest}")
    assert by_value >= 30
    assert not wrong, "\n\n".join(["these variants pass:", *wrong])
    assert set(passed) == equivalent, "some of the equivalent variants are refused by now"


def changes_nothing(name):
    """Return the wrappers that have nothing to change in this exercise, by what its check does."""
    found = {"a constant seed", "in place", "its inputs in reverse", "upside down"}

    def watched(*inputs):
        before = torch.get_rng_state(), random.getstate()
        result = RIGHT[name][0](*inputs)
        if isinstance(result, Iterator):
            result = list(result)
        drawn = not torch.equal(before[0], torch.get_rng_state()) or before[1] != random.getstate()
        changes = {
            "a constant seed": drawn,
            "in place": any(isinstance(given, torch.Tensor | list | dict) for given in inputs),
            "its inputs in reverse": len(inputs) > 1,
            "upside down": not np.isscalar(result) and getattr(result, "ndim", 1) > 0,
        }
        found.difference_update(what for what, changed in changes.items() if changed)
        return result

    getattr(check, name)(watched)
    return found


def test_no_equivalent_belongs_to_another_exercise():
    assert EQUIVALENT.keys() <= set(EXERCISES)
