"""What was passed: noted, kept beside the notebooks, handed in as a code, collected in a table."""

import io
import json
import random
import sys

import pytest

from d2laug import check, cli
from d2laug.check import guesses, kept, receipt
from d2laug.cli import places
from d2laug.pages.cells import lessons

NAMES = [name for names in receipt.exercises().values() for name in names]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, and nothing remembered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept, "_here", {kind: {} for kind in kept.KINDS})
    return tmp_path


@pytest.fixture
def kernel(monkeypatch):
    """As in a notebook: there is a kernel."""
    monkeypatch.setattr(kept, "_in_a_notebook", lambda: True)


def right(batch, flipped):
    return batch.flip(-1).where(flipped[:, None, None, None], batch)


def test_the_order_of_the_checks_is_that_of_the_exercises():
    for lesson, path in lessons().items():
        cells = json.loads(path.read_text("utf-8"))["cells"]
        sources = ["".join(c["source"]) for c in cells if "check" in c["metadata"].get("tags", [])]
        asked = tuple(source.split("(")[0].removeprefix("check.") for source in sources)
        found, where = receipt.exercises().get(lesson, ()), f"d2laug/check/lesson_{lesson}.py"
        assert asked == found, f"{path.name} asks for {asked}, and {where} has {found}"


def test_a_lesson_has_five_exercises_at_most():
    """One letter or digit of a code has five bits."""
    assert max(map(len, receipt.exercises().values())) <= 5


def test_a_right_answer_is_noted_and_the_courses_own_is_not(folder, kernel, monkeypatch, capsys):
    assert not check.flip_some(lambda batch, flipped: ...).ok
    monkeypatch.setattr(sys.modules["__main__"], "solution", right, raising=False)
    assert check.flip_some(right).ok
    number = sum(map(len, receipt.exercises().values()))
    assert repr(check.progress()).startswith(f"0 of {number} exercises passed: none yet.")
    assert not (folder / kept.FILE).exists()
    assert check.flip_some(lambda batch, flipped: right(batch, flipped)).ok
    assert check.progress().passed == ("02.3",)
    assert json.loads((folder / kept.FILE).read_text())["passed"] == {"flip_some": True}
    assert [path.name for path in folder.iterdir()] == [kept.FILE]
    assert cli.main(["progress"]) == 0
    assert check.progress().code in capsys.readouterr().out


def test_outside_of_a_notebook_nothing_is_written(folder):
    assert check.flip_some(right).ok
    assert check.progress().passed == ("02.3",)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"passed": 3}'])
def test_a_damaged_file_holds_nothing(folder, text):
    (folder / kept.FILE).write_text(text)
    assert check.progress().passed == ()


def test_a_folder_that_cannot_be_written_ends_no_check(kernel, monkeypatch):
    def refuse(*arguments):
        raise PermissionError

    monkeypatch.setattr(kept.os, "replace", refuse)
    assert check.flip_some(right).ok
    assert check.progress().passed == ("02.3",)


def test_a_code_holds_what_was_passed():
    for seed in range(50):
        draw = random.Random(seed)
        some = {name for name in NAMES if draw.random() < 0.4}
        found = receipt.decode(receipt.encode(some))
        lessons = receipt.exercises()
        assert {lessons[lesson][number - 1] for lesson, number in found} == some


def test_typing_errors_are_seen():
    code = receipt.encode(NAMES[::3]).replace("-", "")
    wrong = [code[:k] + new + code[k + 1 :] for k in range(len(code)) for new in receipt.DIGITS]
    wrong += [code[:k] + code[k : k + 2][::-1] + code[k + 2 :] for k in range(len(code) - 1)]
    wrong += [code[:k] + code[k + 1 :] for k in range(len(code))]
    for one in set(wrong) - {code}:
        with pytest.raises(ValueError, match=r"mistyped|exercises|expected"):
            receipt.decode(one)
    with pytest.raises(ValueError, match=r"\? is in no code"):
        receipt.decode("?" + code[1:])


def test_thirty_receipts_make_a_table(folder, capsys):
    draw = random.Random(0)
    asked = ["flip_some", "draw_position", "brightness_factors"]
    people = {f"Person {n}": {name for name in asked if draw.random() < 0.7} for n in range(30)}
    lines = [f"{name}, {receipt.encode(passed)}" for name, passed in people.items()]
    (folder / "class.csv").write_text("# ours\n" + "\n".join(lines) + "\nEve, 12345\nonly-one-word")
    assert cli.main(["receipts", "class.csv", "--only", "02.3", "03.2", "04.1", "01.1"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["01", "02", "03", "04", "passed"]
    rows = {row[:9].strip(): row[9:].split() for row in printed[1:31]}
    marks = {"flip_some": "3", "draw_position": "2", "brightness_factors": "1"}
    for name, passed in people.items():
        cells = [mark if one in passed else "." for one, mark in marks.items()]
        assert rows[name] == [".", *cells, str(len(passed))]
    counts = {one: sum(one in passed for passed in people.values()) for one in asked}
    fewest = min(counts, key=counts.get)
    (stuck,) = [line for line in printed if line.startswith("Passed by the fewest: ")]
    assert f" ({fewest}) {counts[fewest]} of 30" in stuck.split(",")[0]
    assert "Passed by nobody yet: 01.1." in printed
    assert "line 32, Eve: '12345' is no code: 5 letters and digits; expected 15" in printed[-3]
    assert "line 33, 'only-one-word': expected a name and a code" in printed[-2]


def test_what_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(SystemExit, match="no-such-file: "):
        cli.main(["receipts", "no-such-file"])
    with pytest.raises(SystemExit, match=r"-: there is no exercise 02\.9"):
        cli.main(["receipts", "-", "--only", "02.9"])


def test_the_place_is_listed(folder, kernel):
    assert check.flip_some(right).ok
    path, remove = places.places()["progress"]
    assert path == folder / kept.FILE
    assert "remove the file" in remove


def test_a_guess_opens_what_came_out(folder, kernel):
    assert repr(check.came_out("show", 31.2)).startswith("Covered: first predict")
    for nothing in (..., None, "80", -1, 101, float("nan"), True):
        assert check.guess("show", nothing).startswith("Not yet: write a number from 0 to 100")
    assert check.show_guesses() == "No prediction has come out yet."
    assert check.guess("show", 90) == "Kept: show, 90 %."
    assert check.guess("show", 80) == "Kept: show, 80 %."
    assert check.came_out("show", 31.2) == "show: you said 80 %, it is 31 %."
    check.guess("not yet out", 5)
    kept._here["guesses"].clear()  # another kernel of the same folder
    assert check.show_guesses().alt == "share, you said / it is: show 0.56 (0.80, 0.31)"
    with pytest.raises(ValueError, match="312 came out"):
        check.came_out("show", 312)
    (folder / kept.FILE).write_text('{"guesses": {"show": "80", "b": [1, 2, 3], "c": [500]}}')
    assert guesses._guesses() == {}
