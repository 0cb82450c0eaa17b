"""Every check accepts right answers, however they are written, and names each mistake.

The answers to the exercises of a lesson are in the file of its number. What holds for all
exercises, an empty stub for one, is tested here.
"""

import inspect
import itertools
import json
import math
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as F

from d2laug import augment, check
from d2laug.check import answers, found, verdicts

PROJECT = Path(__file__).parent.parent.parent
ROOM = Path(check.__file__).parent
LESSONS = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("lesson_*.py"))]
RIGHT = {name: many for lesson in LESSONS for name, many in lesson.RIGHT.items()}
WRONG = {name: many for lesson in LESSONS for name, many in lesson.WRONG.items()}
EXERCISES = list(RIGHT)
CHOICES = [name for name in RIGHT if isinstance(RIGHT[name][0], dict)]
FUNCTIONS = [name for name in RIGHT if callable(RIGHT[name][0])]
ODD = [
    *(float("nan"), float("inf"), -1, True, "text", b"bytes", 1j, [], {}, (), set(), [[]], [None]),
    *(object(), print, torch.empty(0), torch.zeros(3), torch.zeros((), device="meta")),
    *(torch.full((3, 4, 6), float("nan")), np.zeros(0), np.array("text"), [torch.zeros(2)] * 2),
    *({"train": 1}, int, np.float64("nan"), torch.zeros(3, 0), torch.zeros(3).to_sparse(), ...),
]


def each(table):
    """Return every answer with the name of its exercise, and ids that say which it is."""
    rows = [(name, n, answer) for name, many in table.items() for n, answer in enumerate(many)]
    return [pytest.param(name, answer, id=f"{name}-{n}") for name, n, answer in rows]


@pytest.mark.parametrize(("name", "answer"), each(RIGHT))
def test_right_answers_are_accepted(name, answer):
    verdict = getattr(check, name)(answer)
    assert verdict.ok, verdict
    assert repr(verdict).startswith("Right: ")


@pytest.mark.parametrize(("name", "answer"), each(WRONG))
def test_mistakes_are_named(name, answer):
    words, wrong = answer
    verdict = getattr(check, name)(wrong)
    assert not verdict.ok
    assert words in verdict.message
    assert repr(verdict).startswith("Not yet: ")
    assert "\n" not in verdict.message


# ---- what holds for every exercise


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_has_five_right_and_five_wrong_answers(name):
    right = len(RIGHT[name])
    assert right >= 5, f"{right} RIGHT answers for {name}: write five, in different ways"
    told = {getattr(check, name)(wrong).message for _, wrong in WRONG[name]}
    assert len(told) >= 5, f"WRONG answers to {name} that are told five things, not only: {told}"


def test_every_check_has_answers():
    missing = sorted(set(check.__all__) - {"Verdict", *EXERCISES})
    assert not missing, f"add RIGHT and WRONG answers to tests/check/lesson_NN.py: {missing}"
    unknown = sorted(set(EXERCISES) - set(check.__all__))
    assert not unknown, f"d2laug/check has no check of this name: {unknown}"
    one_sided = sorted(RIGHT.keys() ^ WRONG.keys())
    assert not one_sided, f"add what is missing of RIGHT and WRONG answers: {one_sided}"


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("stub", [lambda *inputs: None, lambda *inputs: ...])
def test_a_stub_is_no_answer_yet(name, stub):
    verdict = getattr(check, name)(stub)
    assert verdict == (
        False,
        "the function returns nothing yet. Put your code in place of the dots; every branch needs "
        "a return.",
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_answer_that_is_no_function_is_told(name):
    kinds = {None: "a NoneType", ...: "an ellipsis", 3: "an int", "flip": "a str"}
    tensor = torch.zeros(2, 3), "a Tensor of shape [2, 3]"
    for answer, kind in [*kinds.items(), ([], "a list"), ({}, "a dict"), tensor]:
        assert getattr(check, name)(answer) == (
            False,
            f"expected a function, given {kind}; pass its name without brackets.",
        )


@pytest.mark.parametrize("name", CHOICES)
def test_an_answer_that_is_no_dictionary_is_told(name):
    for answer in (None, ..., 3, "flip", [], torch.zeros(2), print):
        message = f"expected a dictionary, given {answers.kind_of(answer)}."
        assert getattr(check, name)(answer) == (False, message)


@pytest.mark.parametrize("name", CHOICES)
def test_a_wrong_set_is_told_by_its_reason_and_not_by_the_options(name):
    right = RIGHT[name][0]
    options = set().union(*right.values())
    for task in right:
        for option in options:
            many = option not in right[task]
            what = "at least one is too many" if many else "something is missing"
            message = getattr(check, name)({**right, task: right[task] ^ {option}}).message
            start, reason = f"{task!r}: {what}. ", getattr(check, name)(right).message
            assert message.startswith(start)
            assert message.removeprefix(start) in reason
        swapped = getattr(check, name)({**right, task: options - right[task]}).message
        parts = {"too many": options - right[task], "something is missing": right[task]}
        assert all((part in swapped) == bool(there) for part, there in parts.items())


@pytest.mark.parametrize("name", CHOICES)
def test_every_task_wants_a_set_of_options(name):
    right = RIGHT[name][0]
    for task, given in product(right, (..., None, "flip", 3, [3], [["flip"]], {"no option"})):
        verdict = getattr(check, name)({**right, task: given})
        assert not verdict.ok
        assert repr(task) in verdict.message
    first, second, *_ = right
    assert f"no answer for {second!r} yet" in getattr(check, name)({first: right[first]}).message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_error_of_the_answer_is_told_with_its_line(name):
    def broken(*inputs):
        del inputs
        raise RuntimeError("no\nluck")

    message = getattr(check, name)(broken).message
    assert message == "the function stops with RuntimeError: no (line 3 of the function)"
    assert "RuntimeError: (line 3" in getattr(check, name)(fails_without_words).message
    too_few = getattr(check, name)(lambda: 0).message
    assert too_few.startswith("the function stops with TypeError: ")


def fails_without_words(*inputs):
    del inputs
    raise RuntimeError


LONG = "no luck " * 10**5


def fails_at_length(*inputs):
    raise RuntimeError(LONG)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_text_makes_a_message_without_end(name):
    right = RIGHT[name][0]
    if name in CHOICES:
        task, *_ = right
        many = [{**right, task: LONG}, {**right, task: {LONG}}]
    else:
        many = [fails_at_length, lambda *inputs: LONG, lambda *inputs: [LONG] * 1000]
    for answer in many:
        assert len(getattr(check, name)(answer).message) < 700


@pytest.mark.parametrize("name", FUNCTIONS)
def test_odd_results_are_told_and_end_in_no_traceback(name):
    for odd in ODD:
        verdict = getattr(check, name)(lambda *inputs, odd=odd: odd)
        assert not verdict.ok, odd
        assert len(verdict.message) > 10
        assert "\n" not in verdict.message


def never_ends(*inputs):
    while True:
        pass


def never_ends_and_catches_all(*inputs):
    for _ in range(5):
        try:
            never_ends()
        except:  # noqa: E722 a learner may write it
            continue
    never_ends()


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("slow", [never_ends, lambda *inputs: time.sleep(60)])
def test_an_answer_that_never_ends_is_stopped(name, slow, monkeypatch):
    monkeypatch.setattr(verdicts, "SECONDS", 0.1)
    before, start = signal.getsignal(signal.SIGALRM), time.monotonic()
    verdict = getattr(check, name)(slow)
    assert not verdict.ok
    said, seconds = verdict.message, re.search(r"after (\S+) seconds", verdict.message)[1]
    rest = "a loop that never ends, or a busy computer; try again."
    assert said == f"stopped after {seconds} seconds: {rest}"
    assert time.monotonic() - start >= float(seconds)
    assert slow is never_ends or seconds == "0.4"  # to sleep is no work
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def catches_all_without_end(*inputs):
    while True:
        try:  # noqa: SIM105 a learner may write it
            never_ends()
        except BaseException:
            pass


def sleeps_and_catches_all_without_end(*inputs):
    for _ in itertools.count():
        try:
            time.sleep(60)
        except:  # noqa: E722
            continue


@pytest.mark.parametrize(
    "stubborn",
    [never_ends_and_catches_all, catches_all_without_end, sleeps_and_catches_all_without_end],
)
@pytest.mark.parametrize("name", ["flip_some", "one_epoch", "draw_position"])
def test_an_answer_that_catches_everything_is_stopped(name, stubborn, monkeypatch):
    monkeypatch.setattr(verdicts, "SECONDS", 0.1)
    before = signal.getsignal(signal.SIGALRM)
    assert "stopped after" in getattr(check, name)(stubborn).message
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize(("slow", "seconds"), [(never_ends, 2), (time.sleep, 8)])
def test_an_answer_may_work_for_two_seconds_and_wait_for_eight(slow, seconds, monkeypatch):
    """By clocks of its own: what others do in the meantime does not count as work."""
    assert verdicts.SECONDS == 2
    wall, work = itertools.count(0, 0.5), itertools.count(0, 0.5 * (slow is never_ends))
    clocks = {"monotonic": lambda: next(wall), "thread_time": lambda: next(work)}
    monkeypatch.setattr(verdicts, "time", SimpleNamespace(**clocks))
    message = check.flip_some(lambda *inputs: slow(60)).message
    assert message.startswith(f"stopped after {seconds} seconds: ")


def test_a_second_of_sleep_is_no_matter():
    assert "returns nothing yet" in check.flip_some(lambda *inputs: time.sleep(1)).message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_an_answer_prints_is_shown_but_not_without_end(name, capsys):
    def talks(*inputs):
        print("a line\n" * 15)
        return RIGHT[name][0](*inputs)

    assert getattr(check, name)(talks).ok
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a line"
    assert len(lines) <= 21
    assert len(lines) < 21 or lines[-1].endswith(" more lines")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("leave", [SystemExit, RecursionError, MemoryError, AssertionError])
def test_an_answer_that_raises_something_unusual_is_told(name, leave):
    def raises(*inputs):
        raise leave("enough")

    assert f"stops with {leave.__name__}: enough" in getattr(check, name)(raises).message


def test_who_interrupts_a_check_interrupts_it():
    def interrupts(*inputs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.flip_some(interrupts)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("odd", [math.nan, None, torch.full((2, 3), math.nan), "flip", [1.0]])
def test_an_answer_that_gives_something_else_at_each_second_call_is_told(name, odd):
    """As what `torch.empty` leaves in memory may do."""
    for made in (odd, RuntimeError("enough")):
        for turn in (0, 1):
            verdict = getattr(check, name)(each_second(RIGHT[name][0], made, turn))
            assert not verdict.ok
            assert "cannot read" not in verdict.message


def each_second(right, made, turn):
    """Return a function that gives, or raises, `made` at each second call, else what is wrong."""
    calls = itertools.count(turn)

    def answer(*inputs):
        if next(calls) % 2:
            if isinstance(made, Exception):
                raise made
            return made
        result = right(*inputs)
        if isinstance(result, torch.Tensor) and result.ndim:
            return result.flip(0) if len(result) > 1 else 1 - result
        return result

    return answer


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_input_that_is_changed_is_told(name):
    changed = 0

    def spoiling(*inputs):
        nonlocal changed
        result = RIGHT[name][0](*inputs)
        if isinstance(result, Iterator):
            result = list(result)
        for given in inputs:
            changed += spoil(given)
        return result

    verdict = getattr(check, name)(spoiling)
    if changed:
        assert "the function changes its input in place." in verdict.message
    else:  # numbers, texts and functions cannot be changed
        assert verdict.ok


def spoil(given):
    """Change a tensor, or what is in a list or a dictionary; return whether that was possible."""
    if isinstance(given, torch.Tensor):
        given.copy_(given == 0)
        return True
    if isinstance(given, list | dict) and given:
        given.clear()
        return True
    return False


@pytest.mark.parametrize("name", EXERCISES)
def test_each_mistake_that_has_a_name_is_told_by_it(name, monkeypatch):
    """What a check says of a mistake it says of a function that makes just this mistake."""
    calls = []

    def expect(answer, results, *samples, **options):
        calls.append((results, samples))
        return original(answer, results, *samples, **options)

    original = answers.expect
    monkeypatch.setattr(answers, "expect", expect)
    run = getattr(check, name)
    run(RIGHT[name][0])
    for results, samples in calls[:1]:
        tables = [results(*inputs) for _, *inputs in samples]
        for sentence in list(tables[0])[1:]:
            for number in range(len(listed(tables[0][sentence]))):
                answer = mistaken(results, sentence, number)
                message = run(answer).message
                told = next(told for told in tables[0] if message.endswith(told))
                assert told == sentence or any(  # it may be two mistakes for the first sample
                    answers.close(answer(*inputs), value)
                    for (_, *inputs), table in zip(samples, tables, strict=True)
                    for value in listed(table[told])
                ), message


def listed(wrong):
    return wrong if isinstance(wrong, list) else [wrong]


def mistaken(results, sentence, number):
    """Return a function that makes the mistake; where it gives several results, one of them."""

    def answer(*inputs):
        outcome = results(*inputs)
        right, wrong = next(iter(outcome.values())), listed(outcome[sentence])
        result = wrong[min(number, len(wrong) - 1)]
        if result is ...:
            return right
        if isinstance(result, tuple):
            return tuple(0.1 if part is ... else part for part in result)
        return result

    return answer


# ---- the notebooks


def solutions():
    """Return the source of every exercise's three cells, as in the notebooks."""
    exercises = []
    for path in sorted((PROJECT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        cells = {
            cell["id"]: "".join(cell["source"])
            for cell in json.loads(path.read_text("utf-8"))["cells"]
        }
        for name in cells:
            if re.fullmatch(r"exercise-\d", name):
                three = [cells[name + part] for part in ("", "-check", "-solution")]
                exercises.append(pytest.param(*three, id=f"{path.stem}-{name}"))
    return exercises


@pytest.mark.parametrize(("stub", "check_cell", "solution"), solutions())
def test_the_solution_of_a_notebook_is_accepted_and_its_stub_is_not(stub, check_cell, solution):
    names = {"check": check, "torch": torch, "F": F, "augment": augment, "random": random}
    names["one_hot"] = torch.nn.functional.one_hot
    exec(solution, names)
    *_, call = solution.strip().splitlines()
    name = re.fullmatch(r"assert check\.(\w+)\(solution\)\.ok", call)[1]
    assert check_cell.startswith(f"check.{name}(")
    exec(stub, names)
    verdict = eval(check_cell, names)
    assert not verdict.ok
    assert "yet" in verdict.message


# ---- verdicts, and what a check leaves behind


def test_a_verdict_shows_as_a_paragraph():
    verdict = check.Verdict(False, "1 < 2 is <b>expected</b>")
    assert verdict._repr_html_() == (
        "<p><b>Not yet:</b> 1 &lt; 2 is &lt;b&gt;expected&lt;/b&gt;</p>"
    )
    assert check.Verdict(True, "")._repr_html_().startswith("<p><b>Right:</b>")


def drawn():
    return torch.rand(3).tolist(), random.random(), np.random.rand()  # noqa: NPY002


@pytest.mark.parametrize("name", EXERCISES)
def test_checks_leave_all_random_numbers_alone(name):
    for answer in (RIGHT[name][0], seeds_everything):
        seeds_everything()
        expected = drawn()
        seeds_everything()
        getattr(check, name)(answer)
        assert drawn() == expected


def seeds_everything(*inputs):
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002


def test_a_check_leaves_the_default_dtype_and_gradients_alone():
    def changes_defaults(x, flipped):
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)

    check.flip_some(changes_defaults)
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_says_the_same_each_time(name):
    run = getattr(check, name)
    for answer in (RIGHT[name][0], WRONG[name][-1][1]):
        torch.manual_seed(2)
        first = run(answer)
        torch.manual_seed(3)
        assert run(answer) == first


# ---- how checks are found


def test_a_public_function_of_a_lesson_is_a_check(tmp_path, monkeypatch):
    (tmp_path / "lesson_99.py").write_text(
        "from d2laug.check.answers import Results, exercise\n\n"
        'def _hidden():\n    """No check."""\n\n'
        "@exercise(('two', 2))\n"
        "def doubled(number: int) -> Results:\n"
        '    """Check `answer(number)`: the double."""\n'
        "    return {'right': 2 * number, 'that is the square.': number**2 + 1}\n"
    )
    monkeypatch.setattr(check, "__path__", [*check.__path__, str(tmp_path)])
    lessons = found.lessons(str(tmp_path))
    monkeypatch.delitem(sys.modules, "d2laug.check.lesson_99")
    assert lessons.keys() - found.lessons().keys() == {"99"}
    assert [*lessons["99"]] == ["doubled"]
    doubled = lessons["99"]["doubled"]
    assert doubled.__doc__ == "Check `answer(number)`: the double."
    assert repr(doubled(lambda number: 5)) == "Not yet: that is the square."
    assert repr(doubled(lambda number: number + number)) == "Right: right"


def test_the_files_of_checks_import_each_other_one_way():
    below = {"found": {path.stem for path in ROOM.glob("lesson_*.py")}}  # imported by their names
    for path in ROOM.glob("*.py"):
        imported = re.findall(
            r"^from d2laug\.check(?:\.(\w+))? import (.+)", path.read_text(), re.M
        )
        names = {name for of, many in imported for name in ([of] if of else many.split(", "))}
        below[path.stem] = below.get(path.stem, set()) | names
    assert below["receipt"] == {"found", "kept"}
    order = [*TopologicalSorter(below).static_order()]  # raises where arrows run in a circle
    assert order[-1] == "__init__"


def test_names_are_completed_and_documented():
    assert set(check.__all__) <= set(dir(check))
    for name in EXERCISES:
        run = getattr(check, name)
        assert run.__name__ == name
        assert run.__module__.startswith("d2laug.check.lesson_")
        assert run.__doc__.startswith("Check ")
        assert [*inspect.signature(run).parameters] == ["answer"]
    completer = pytest.importorskip("IPython.core.completer").IPCompleter(
        namespace={"check": check}
    )
    assert "check.flip_some" in completer.attr_matches("check.flip")
    jedi = pytest.importorskip("jedi")
    names = {found.name for found in jedi.Interpreter("check.", [{"check": check}]).complete()}
    assert set(check.__all__) <= names


def test_checks_need_torch_torchvision_and_numpy_alone():
    code = (
        "import sys; before = set(sys.modules); import torch, torchvision, numpy; "
        "from torchvision.transforms import v2; needed = set(sys.modules); import d2laug.check; "
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - needed} "
        "- set(sys.stdlib_module_names)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['d2laug']"
