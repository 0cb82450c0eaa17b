"""Which checks were passed, in one line of a notebook and as a short code that can be handed in.

A code has one letter or digit for each lesson, whose bits are its exercises, and two that guard
against typing errors. Nothing guards against a learner who writes a code by hand: it is a receipt,
not a proof.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from d2laug.check import found, kept

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
MEANT = str.maketrans("OIL", "011", " -–—")  # dashes that editors put in
PRIME = 1021  # below 32 * 32: one wrong character, or two exchanged, always change the remainder
GROUP = 5

Exercise = tuple[str, int]  # of a lesson, its number: ("02", 3)


def exercises() -> dict[str, tuple[str, ...]]:
    """Return the names of each lesson's checks, in the order of its exercises.

    >>> exercises()["02"][2]
    'flip_some'
    """
    return {lesson: tuple(checks) for lesson, checks in found.lessons().items()}


def encode(passed: Collection[str]) -> str:
    """Return the code of the names of checks that were passed; other names are left out.

    >>> encode({"flip_some", "draw_position"})
    '04200-00000-000T6'
    """
    digits = ""
    for names in exercises().values():
        digits += DIGITS[sum(1 << bit for bit, name in enumerate(names) if name in passed)]
    digits += _guard(digits)
    return "-".join(digits[start : start + GROUP] for start in range(0, len(digits), GROUP))


def decode(code: str) -> set[Exercise]:
    """Return the exercises of a code as lesson and number; raise `ValueError` for none of ours.

    Dashes, spaces and small letters do not matter, and O is read as 0, I and L as 1.

    >>> sorted(decode("04200 00000 ooot6"))
    [('02', 3), ('03', 2)]
    """
    digits = code.upper().translate(MEANT)
    lessons = exercises()
    if strange := sorted(set(digits) - set(DIGITS)):
        raise ValueError(f"{' '.join(strange)} is in no code; expected letters and digits")
    if len(digits) != len(lessons) + 2:
        given = f"{len(digits)} letters and digits"
        raise ValueError(f"{given}; expected {len(lessons) + 2}, one a lesson and two to check")
    if _guard(digits[:-2]) != digits[-2:]:
        raise ValueError("its last two characters do not fit to the others: is one mistyped?")
    passed = set()
    for digit, (lesson, names) in zip(digits, lessons.items(), strict=False):
        bits = DIGITS.index(digit)
        if bits >> len(names):
            raise ValueError(f"lesson {lesson} has {len(names)} exercises, and it names more")
        passed |= {(lesson, bit + 1) for bit in range(len(names)) if bits >> bit & 1}
    return passed


def _guard(digits: str) -> str:
    number = 0
    for digit in digits:
        number = 32 * number + DIGITS.index(digit)
    rest = number * 32 * 32 % PRIME
    return DIGITS[rest // 32] + DIGITS[rest % 32]


class Progress(NamedTuple):
    """What was passed: the exercises in words, how many there are, and the code."""

    passed: tuple[str, ...]
    of: int
    code: str

    def __repr__(self) -> str:
        words = ", ".join(self.passed) or "none yet"
        count = f"{len(self.passed)} of {self.of} exercises passed"
        return f"{count}: {words}. To hand in (a receipt, not a proof): {self.code}"


def progress(checks: Iterable[str] | None = None) -> Progress:
    """Return which exercises were passed in this kernel and folder, or those of some checks.

    >>> progress(["flip_some"])
    1 of ... exercises passed: 02.3. To hand in (a receipt, not a proof): 04000-00000-000CH
    """
    names = set(kept.read()["passed"] if checks is None else checks)
    lessons = exercises().items()
    words = [
        f"{lesson}.{n}" for lesson, all in lessons for n, one in enumerate(all, 1) if one in names
    ]
    return Progress(tuple(words), sum(len(all) for _, all in lessons), encode(names))
