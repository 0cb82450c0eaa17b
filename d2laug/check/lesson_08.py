"""Checks of the exercises of lesson 08_back_to_the_show."""

from collections.abc import Callable, Mapping

from d2laug.check.answers import Mistake, call, check_choices, checks, one_number, raise_hint


@checks
def pictures_needed(answer: Callable[[list, list, float], float]) -> str:
    """Check `answer(counts, accuracies, goal)`: the smallest count that reaches the goal.

    `inf` where none does.
    """
    counts, accuracies = [0, 5, 10, 20, 40], [0.3, 0.7, 0.9, 0.89, 0.97]
    number = one_number(call(answer, counts, accuracies, 0.9))
    hints = {
        40: "40 pictures are enough, but fewer are too: 10 reach exactly 0.9, which is the goal.",
        0.9: "that is the accuracy; return the number of pictures.",
        2: "that is the place in the list; return the number of pictures.",
        5: "5 pictures reach 0.7, which is below the goal.",
        0: "without a picture the accuracy is 0.3, which is below the goal.",
    }
    if number != 10:
        raise_hint(number, hints)
        raise Mistake(f"10 pictures reach the goal of 0.9; the function returns {number:.3g}.")
    if one_number(call(answer, counts, accuracies, 0.99)) != float("inf"):
        raise Mistake("no count reaches 0.99: return float('inf') then.")
    if one_number(call(answer, counts, accuracies, 0.1)) != 0:
        raise Mistake("a goal of 0.1 is reached without any picture: return 0.")
    return "10 pictures a drink; and where no count is enough, the answer is infinity."


@checks
def draw_kelvin(answer: Callable[[float, float, float], float]) -> str:
    """Check `answer(low, high, u)`: for `u` from 0 to 1 a temperature, even in 1 / kelvin.

    `u = 0` gives `high`, `u = 1` gives `low`.
    """
    low, high = 2500.0, 10000.0
    ends = one_number(call(answer, low, high, 0.0)), one_number(call(answer, low, high, 1.0))
    middle = one_number(call(answer, low, high, 0.5))
    hints = {
        6250.0: "6250 K is the middle in kelvin. Even steps to the eye are even in 1 / kelvin.",
        5000.0: "5000 K is the middle on a logarithmic scale. Be even in 1 / kelvin.",
        (1 / low + 1 / high) / 2: "that is 1 / kelvin; turn it around at the end.",
    }
    if abs(middle - 4000) > 0.5:
        raise_hint(middle, hints)
        raise Mistake(
            f"half way between {low:.0f} and {high:.0f} K in 1 / kelvin lie 4000 K, "
            f"not {middle:.4g}."
        )
    if abs(ends[0] - low) < 0.5 and abs(ends[1] - high) < 0.5:
        raise Mistake("the middle is right, but the ends are swapped: u = 0 gives high.")
    if abs(ends[0] - high) > 0.5 or abs(ends[1] - low) > 0.5:
        raise Mistake(
            f"u = 0 and u = 1 give {ends[0]:.4g} and {ends[1]:.4g}; expected 10000 and 2500."
        )
    if abs(one_number(call(answer, 3000.0, 7000.0, 0.5)) - 4200) > 0.5:
        raise Mistake("right for 2500 to 10000 K only: use low and high.")
    return "half of the draws are warmer than 4000 K, where the light changes most."


FIXES = {
    "the desk shines, you may touch it, and the show opens in ten minutes": (
        {"cloth"},
        "A cloth needs no training; the other two do.",
    ),
    "nobody knows yet how warm the light of the next hall is": (
        {"augment"},
        "All temperatures can be imitated before anything is photographed.",
    ),
    "the machine gets a thirteenth drink": (
        {"collect"},
        "No change of the twelve makes the thirteenth.",
    ),
    "visitors hold a drink with their hand around it": (
        {"collect"},
        "A hand hides another part each time, and no augmentation of the course draws hands.",
    ),
}


@checks
def fixes(answer: Mapping[str, set[str]]) -> str:
    """Check `answer`: for each situation the set of remedies that mend it."""
    options = {"cloth", "collect", "augment"}
    return check_choices(answer, FIXES, options, "is not mended by", "is mended by")
