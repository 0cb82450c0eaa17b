"""Checks of the exercises of lesson 08_back_to_the_show."""

from collections.abc import Sequence

from d2laug.check.answers import Results, choices, exercise

_SOME = [0, 5, 10, 20, 40, 80, 160], [0.3, 0.9, 0.92, 0.89, 0.95, 0.97, 0.96]
_FEW = [3, 12, 50], [0.25, 0.8796, 0.88]


@exercise(
    ("a goal of 0.9, which 5 pictures reach exactly", *_SOME, 0.9),
    ("a goal of 0.99, which no count reaches", *_SOME, 0.99),
    ("a goal of 0.1, which is reached without any picture", *_SOME, 0.1),
    ("a goal of 0.91", *_SOME, 0.91),
    ("a goal of 0.96, which 80 pictures reach, and 160 exactly", *_SOME, 0.96),
    ("a goal of 0.88, which only the largest count reaches, though 12 nearly", *_FEW, 0.88),
)
def pictures_needed(counts: Sequence[int], accuracies: Sequence[float], goal: float) -> Results:
    """Check `answer(counts, accuracies, goal)`: the smallest count that reaches the goal.

    `inf` where none does. Of what else it may be it is said what it is, sample by sample.
    """
    pairs, never = [*zip(counts, accuracies, strict=True)], float("inf")
    enough = [count for count, accuracy in pairs if accuracy >= goal]
    above = [count for count, accuracy in pairs if accuracy > goal]
    right, fewer = float(min(enough, default=never)), {*counts} - {*enough}
    place, none = counts.index(enough[0]) if enough else len(counts), [never] * (not enough)
    return {
        "5 pictures a drink; and where no count is enough, the answer is infinity.": right,
        "a count that reaches the goal exactly is enough: >=, not >.": min(above, default=never),
        "that is the place in the list; return the number of pictures.": [place, place + 1, *none],
        "that is an accuracy; return the number of pictures.": [*accuracies, *none],
        "that count is enough, but fewer are too; expected the smallest.": enough or never,
        "that many pictures do not reach the goal.": [*fewer, right],
    }


@exercise(
    *(("u = {2:g} between {0:g} and {1:g} K", 2500.0, 10000.0, u) for u in (0.5, 0.0, 1.0)),
    ("u = {2:g} between {0:g} and {1:g} K", 3000.0, 7000.0, 0.3),
    ("u = {2:g} between {0:g} and {1:g} K", 1000.0, 40000.0, 0.0234),  # between steps of a table
    tolerance=1e-5,
)
def draw_kelvin(low: float, high: float, u: float) -> Results:
    """Check `answer(low, high, u)`: for `u` from 0 to 1 a temperature, even in 1 / kelvin.

    `u = 0` gives `high`, `u = 1` gives `low`.
    """
    right = 1 / (u / low + (1 - u) / high)
    even = [low + (high - low) * u, high + (low - high) * u]
    logarithmic = [low * (high / low) ** u, high * (low / high) ** u]
    return {
        "half of the draws are warmer than 4000 K, where the light changes most.": right,
        "the ends are swapped: u = 0 gives high.": 1 / (u / high + (1 - u) / low),
        "that is even in kelvin. Even steps to the eye are even in 1 / kelvin.": even,
        "that is even on a logarithmic scale. Be even in 1 / kelvin.": logarithmic,
        "that is 1 / kelvin; turn it around at the end.": [1 / right, 1e6 / right],
    }


fixes = choices(__name__, "fixes")
