"""The steps of a pipeline at work on one picture, with the numbers that they draw.

- `Run`: the picture after each step; the same numbers again in another order, or on another picture
- `aside`: leaves the random numbers and the threads of a notebook as they are
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from d2laug.draws import record_draws
from d2laug.widgets.screen import one_thread, size

SMALLEST = 8  # the side with which every effect works


class StepError(Exception):
    """Which step cannot work on the picture, in a sentence for whoever moved a control."""


class Run:
    """A picture before `parts` (names, transforms) and after each: `stages`; or a `StepError`."""

    def __init__(self, picture: Tensor, parts: Sequence[tuple[str, nn.Module]]) -> None:
        self._parts = parts
        self._states: list[Tensor] = []  # of random numbers, before each part
        self.stages, self.captions = [picture], ["before"]
        for index, (name, part) in enumerate(parts):
            self._states.append(torch.get_rng_state())
            with record_draws(part) as draws:
                picture = self._apply(index, picture)
            words = ", ".join(draws) or "no change" * torch.equal(picture, self.stages[-1])
            self.stages.append(picture)
            self.captions.append(f"{index + 1} {name}\n{words}".strip())

    def exchange(self, first: int) -> None:
        """Add a last stage: the part `first` and the next exchanged; each draws the same again."""
        order = list(range(len(self._parts)))
        order[first : first + 2] = first + 1, first
        picture = self.again(self.stages[0], order)
        change = (picture.float() - self.stages[-1].float()).abs().mean()
        words = f"mean difference {change:.1f} of 255" if change > 0 else "the very same picture"
        self.stages.append(picture)
        self.captions.append(f"if {self._parts[first + 1][0]} came first\nsame numbers, {words}")

    def again(self, picture: Tensor, order: Sequence[int] | None = None) -> Tensor:
        """Return `picture` after all parts, in this order, each with the numbers of the run."""
        for index in range(len(self._parts)) if order is None else order:
            torch.set_rng_state(self._states[index])
            picture = self._apply(index, picture)
        return picture

    def _apply(self, index: int, picture: Tensor) -> Tensor:
        name, part = self._parts[index]
        try:
            return part(picture)
        except Exception as error:  # whatever a library raises, the widget stays alive and says it
            small = min(picture.shape[-2:]) < SMALLEST  # libraries say that in many ways
            reason = f" ({str(error).splitlines()[0][:80]})" if str(error) and not small else ""
            given = f"Step {index + 1}, {name}, cannot work on a picture of {size(picture)} pixels"
            remedy = f"choose {'a larger' if small else 'another'} one, or remove the step."
            raise StepError(f"{given}{reason}: {remedy}") from error


@contextmanager
def aside(seed: int) -> Iterator[None]:
    """Draw with `seed`, and leave the random numbers and threads of the notebook as they are."""
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
