"""What a check says, and what it lets an answer do: how long, how loud, with which numbers.

- `Verdict` is what a notebook shows, `Mistake` and `refuse` end a check with a sentence
- `checks` makes a check of a function of an answer that returns praise and findings
"""

import contextlib
import functools
import html
import io
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import torch

from d2laug.check.kept import note

Answer = TypeVar("Answer")
Named = TypeVar("Named", bound=Callable[..., object])
Findings: TypeAlias = tuple[str, Mapping[str, object]]

SECONDS = 2.0  # that a check may work; it may wait for four times as long


class Verdict(NamedTuple):
    """What a check found: `ok`, and a `message` of one or two sentences.

    >>> Verdict(False, "the picture is flipped left to right")
    Not yet: the picture is flipped left to right
    """

    ok: bool
    message: str

    def __repr__(self) -> str:
        return f"{self._word}: {self.message}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: JupyterLab would break lines of plain text within words."""
        return f"<p><b>{self._word}:</b> {html.escape(self.message, quote=False)}</p>"

    @property
    def _word(self) -> str:
        return "Right" if self.ok else "Not yet"


class Mistake(Exception):
    """Ends a check; its text is the message of the verdict."""


def refuse(mistakes: Mapping[str, object]) -> None:
    """Raise `Mistake` with the first sentence whose value is true."""
    for sentence, made in mistakes.items():
        if made:
            raise Mistake(sentence)


def checks(check: Callable[[Answer], Findings]) -> Callable[[Answer], Verdict]:
    """Make a check of a function that takes an answer and returns praise and findings.

    The findings map a sentence to whether that mistake was made. The global generators of random
    numbers are seeded for it, and afterwards are as they were. It is stopped after `SECONDS` of
    work, whatever else the computer does.
    """

    def run(answer: Answer) -> Verdict:
        with _seeded_generators(), _first_lines():
            try:
                with _time_limit():
                    praise, mistakes = check(answer)
                    refuse(mistakes)
                note(run, answer)
                return Verdict(True, praise)
            except Mistake as mistake:
                return Verdict(False, str(mistake))
            except TooSlow as late:
                words = "a loop that never ends, or a busy computer; try again."
                return Verdict(False, f"stopped after {late}: {words}")
            except Exception as error:  # of a kind of result that no check has thought of
                words = f"{type(error).__name__}: {short(error)}"
                return Verdict(False, f"the check cannot read what comes out ({words}).")

    return named_after(check, run)


def short(text: object, most: int = 200) -> str:
    """Return the first line of what may be long: a text of the learner's, or of an error."""
    line = f"{text}".partition("\n")[0]
    return line if len(line) <= most else f"{line[:most]} ..."


class TooSlow(BaseException):
    """Ends a check whose time is over; no `except Exception` of an answer keeps it back."""


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Raise `TooSlow` inside after `SECONDS` of work, where the system has a timer for it.

    What only waits, as `time.sleep`, is stopped after four times as long. A loop in C alone, as
    `sum(iter(int, 1))`, is not stopped: no line of Python comes for as long as it runs.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() != threading.main_thread():
        yield  # there the learner has to stop it
        return

    began, worked, raised = time.monotonic(), time.thread_time(), 0

    def stop(_: int, frame: FrameType | None) -> None:
        nonlocal raised
        over = time.thread_time() - worked >= SECONDS, time.monotonic() - began >= 4 * SECONDS
        if not any(over) or (raised > 3 and not _in_answer(frame)):
            return
        raised += 1
        if raised > 3:  # the answer catches it: come again while it does, at changing moments
            signal.setitimer(signal.ITIMER_REAL, (1 + 7 * raised % 100) * 1e-6, 0.005)
        raise TooSlow(f"{SECONDS if over[0] else 4 * SECONDS:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)  # again, if the answer has caught it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _in_answer(frame: FrameType | None) -> bool:
    """Whether what runs in a frame was called by `answers.call`."""
    while frame and frame.f_code.co_name != "call":
        frame = frame.f_back
    return frame is not None


@contextlib.contextmanager
def _seeded_generators() -> Iterator[None]:
    """Seed the global generators inside, and leave them, dtype and gradients as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 answers may draw
    dtype = torch.get_default_dtype()
    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(torch.is_grad_enabled()):
        torch.default_generator.manual_seed(0)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


@contextlib.contextmanager
def _first_lines(most: int = 20) -> Iterator[None]:
    """Print only the first lines of what is printed inside: an answer is called many times."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        text = printed.getvalue()
        lines, number = [line[:100] for line in text[:5000].splitlines()], text.count("\n")
        rest = [f"... and {number - most:,} more lines"] if number > most else []
        print(*lines[:most], *rest, sep="\n", end="\n" if lines else "")


def named_after(source: Callable[..., object], run: Named) -> Named:
    """Return `run` under the name and docstring of `source`, with its own signature."""
    functools.update_wrapper(run, source)
    del run.__wrapped__  # type: ignore[attr-defined]  # what it wraps takes other arguments
    return run
