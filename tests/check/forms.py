"""What the answers of several lessons share: forms in which a set may be given, and changes."""

from types import MappingProxyType


def sets(answers):
    """Return right answers of an exercise that asks for a set for each task, in many forms."""
    many = [{task: form(given) for task, given in answers.items()} for form in FORMS]
    backwards = {task: sorted(answers[task], reverse=True) for task in reversed(answers)}
    return [*many, backwards, MappingProxyType(answers), answers | {"a task of my own": {"x"}}]


FORMS = (set, frozenset, list, tuple, dict.fromkeys, lambda given: dict.fromkeys(given).keys())


def without(answers, task, value):
    """Return the answers with another one for a task."""
    return {**answers, task: value}


def not_varied(why, answer):
    """Return the answer; of what a call of this returns `mutants` makes no variants, and why."""
    assert len(why.split()) >= 3
    return answer
