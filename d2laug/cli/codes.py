"""Receipts of a class: a table of who has passed which exercise, and where most are stuck."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from d2laug.check import kept, receipt
from d2laug.check.receipt import Exercise
from d2laug.cli.lessons import find_folder

MOST_STUCK = 3  # exercises that the summary names
LONGEST_NAME = 24


def where_kept(named: str | None) -> Path:
    """Return the named folder, or this one if something is kept in it, or as `d2laug lab` does."""
    here = Path.cwd()
    return here if named is None and (here / kept.FILE).exists() else find_folder(named)


def read(lines: Iterable[str]) -> tuple[dict[str, set[Exercise]], list[str]]:
    """Return what each name has passed, and a sentence for each line that cannot be read.

    A line is a name and a code, between them a comma, a semicolon, a colon or spaces; lines that
    are empty or begin with # are left out. Who hands in twice has what both codes hold.

    >>> read(["Ann Lee, 04000-00000-000CH", "Ben 04000-00000-000CJ"])  # doctest: +ELLIPSIS
    ({'Ann Lee': {('02', 3)}}, ["line 2, Ben: '04000-00000-000CJ' is no code: its last two ...
    """
    found: dict[str, set[Exercise]] = {}
    bad = []
    for number, line in enumerate(lines, 1):
        text = line.replace('"', " ").strip(" \t,;")
        if not text or text.startswith("#"):
            continue
        try:
            name, passed = _split(text)
        except ValueError as error:
            bad.append(f"line {number}, {error}")
        else:
            found.setdefault(name, set()).update(passed)
    return found, bad


def _split(text):
    """Return the name and what the code after it holds; a code may have spaces, as a name may."""
    length = len(receipt.encode(()))
    gaps = re.finditer(r"[\s,;:]+", text)
    problems = []
    for gap in sorted(gaps, key=lambda gap: abs(len(text) - gap.end() - length)):
        name, code = text[: gap.start()], text[gap.end() :]
        try:
            return name, receipt.decode(code)
        except ValueError as error:
            problems.append(f"{name}: {code!r} is no code: {error}")
    raise ValueError(problems[0] if problems else f"{text!r}: expected a name and a code")


def table(found: dict[str, set[Exercise]], only: Sequence[str] = ()) -> list[str]:
    """Return the lines of a table, names down and exercises across, and of its summary.

    A lesson's digits are the exercises that were passed, a dot is one that was not; lessons that
    nobody has begun are left out. `only` names exercises, as "02.3", where not all were asked for.
    Raises `ValueError` for one that does not exist.
    """
    lessons = receipt.exercises().items()
    every = {(lesson, n): check for lesson, all in lessons for n, check in enumerate(all, 1)}
    if unknown := set(only) - set(map(_name, every)):
        raise ValueError(f"there is no exercise {', '.join(sorted(unknown))}; expected as in 02.3")
    counts = Counter(one for passed in found.values() for one in passed)
    begun = {lesson for lesson, _ in counts}
    asked = {one for one in every if (_name(one) in only if only else one[0] in begun)}
    wanted = {one: check for one, check in every.items() if one in asked}
    empty = {lesson: "" for lesson, _ in wanted}
    rows = [["", *empty, "passed"]]
    for name, passed in sorted(found.items(), key=lambda pair: pair[0].casefold()):
        marks = dict(empty)
        for lesson, n in wanted:
            marks[lesson] += str(n) if (lesson, n) in passed else "."
        rows.append([name[:LONGEST_NAME], *marks.values(), f"{len(passed & asked):6}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)) for row in rows]
    return [*lines, "", *_summary(wanted, counts, len(found))]


def _name(one: Exercise) -> str:
    return f"{one[0]}.{one[1]}"


def _summary(checks, counts, people):
    """Say which exercises the fewest have passed of those that somebody has, and which nobody."""
    some = sorted((counts[one], one) for one in checks if 0 < counts[one] < people)
    stuck = [f"{_name(one)} ({checks[one]}) {count} of {people}" for count, one in some]
    nobody = [_name(one) for one in checks if not counts[one]]
    said = [f"{people} people handed in."]
    if stuck:
        said.append(f"Passed by the fewest: {', '.join(stuck[:MOST_STUCK])}.")
    if nobody:
        said.append(f"Passed by nobody yet: {', '.join(nobody)}.")
    return said


def show(file: str, only: Sequence[str]) -> int:
    """Print the table of a file, or of what is typed where it is "-"; return 0 where all is read.

    Exits with a sentence where the file cannot be read.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).expanduser().read_text("utf-8-sig")
        found, bad = read(text.splitlines())
        lines = table(found, only)
    except (OSError, ValueError) as error:
        sys.exit(f"{file}: {error}")
    print(*lines, sep="\n")
    if bad:
        print(*bad, "A code is copied whole, from the line of check.progress().", sep="\n")
    return int(bool(bad))
