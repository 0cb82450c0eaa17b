"""Charts of numbers, with the numbers in the alternative text.

- `show_learning_curve`: a training; `show_matrix`: a table, its cells shaded
- `show_bars`: one number for each name; `show_dots`: several; `show_curves`: one for each x
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike
from torch import Tensor

from d2laug.show.picture import AS_IT_IS, COLORS, LINES, Picture, counted, new_figure, plain


def show_learning_curve(history: Sequence[Mapping[str, float | None]]) -> Picture:
    """Return a `Picture` of what `fit` returns, loss and accuracies; `ValueError` for no `history`.

    >>> show_learning_curve([{"epoch": 1, "loss": 2.0, "train": 0.3, "validation": 0.4}])
    Picture('learning curve after 1 epoch: loss 2.00, train 0.30, validation 0.40')
    """
    if not history:
        raise ValueError("history is empty; expected at least one epoch, as fit returns them")
    figure, (left, right) = new_figure(columns=2, height=2.8)
    places = {"loss": (left, "-"), "train": (right, "--"), "validation": (right, "-")}
    epochs = [entry["epoch"] for entry in history]
    last = {name: history[-1][name] for name in places if history[-1].get(name) is not None}
    for name in last:
        axes, line = places[name]
        values = [entry[name] for entry in history]
        axes.plot(epochs, values, line, marker="o", markersize=4, label=name)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
    right.legend(loc="lower right")
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    words = _listed(last.values(), last)
    return _chart(figure, f"learning curve after {counted(epochs, 'epoch')}: {words}")


def show_matrix(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    spread: ArrayLike | None = None,
    label: str = "",
) -> Picture:
    """Return a `Picture` of a table of numbers from 0 to 1: each is printed, and shades its cell.

    `values` and `spread` (optional, after ±) are arrays or tensors `[rows, columns]`; `label` says
    what the numbers are. Zeros are left empty. Raises `ValueError` for another shape, or no cell.

    >>> show_matrix([[1.0, 0.1]], ["none"], ["lab", "show"], label="accuracy")
    Picture('accuracy: none: lab 1.00, show 0.10')
    """
    rows, columns = list(map(plain, rows)), list(map(plain, columns))
    values, expected = np.asarray(values, dtype=float), (len(rows), len(columns))
    spreads = np.zeros(expected) if spread is None else np.asarray(spread, dtype=float)
    if 0 in expected:
        raise ValueError(f"a table of {len(rows)} x {len(columns)} cells: there is nothing to draw")
    for name, table in {"values": values, "spread": spreads}.items():
        if table.shape != expected:
            raise ValueError(f"{name} of shape {table.shape}; expected {expected}: rows, columns")
    figure, axes = new_figure(height=0.45 * len(rows) + 1.3)
    shades = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    # letters that fit beside each other over the cells
    crowded = len(columns) * max(map(len, columns)) > 60
    slant = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"} if crowded else {}
    axes.set_xticks(range(len(columns)), columns, **slant, **AS_IT_IS)
    axes.set_yticks(range(len(rows)), rows, **AS_IT_IS)
    axes.xaxis.tick_top()
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:.2f}" + (f" ±{spreads[row, column]:.2f}" if spread is not None else "")
        color = "black" if value > 0.55 else "white"
        if value:
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=12)
    figure.colorbar(shades, fraction=0.05).set_label(label, **AS_IT_IS)
    words = [f"{row}: {_listed(line, columns)}" for row, line in zip(rows, values, strict=True)]
    return _chart(figure, (f"{label}: " if label else "") + "; ".join(words))


def show_bars(
    values: Mapping[str, float],
    label: str = "accuracy",
    guess: float | None = None,
    format: str = "{:.0%}",
) -> Picture:
    """Return a `Picture` of one bar for each name, top to bottom, with its number.

    `label` is the axis's, 0 to 1 where all values are; `guess`, what guessing reaches, is a dotted
    line; `format` is that of `str.format`. Raises `ValueError` for no or infinite values.

    >>> show_bars({"lab": 1.0, "show": 0.25}, guess=1 / 12)
    Picture('accuracy: lab 100%, show 25%; guessing 8%')
    """
    figure, axes, numbers = _rows(values, 0, label, guess, room=0.13)
    bars = axes.barh(range(len(numbers)), list(numbers.values()))
    rim = [withStroke(linewidth=4, foreground="white")]  # legible where the dotted line is
    axes.bar_label(bars, fmt=format, padding=4, path_effects=rim)
    return _chart(figure, f"{label}: {_listed(numbers.values(), numbers, format)}", guess, format)


def show_dots(
    values: Mapping[str, ArrayLike],
    label: str = "accuracy",
    guess: float | None = None,
    series: Sequence[str] = (),
    dots: str = "runs",
) -> Picture:
    """Return a `Picture` of a row for each name: a dot for each run, a bar for the runs' mean.

    `dots` says what they are, where they are no runs. `series` names them, up to 4, the same in
    each row: then each has its own mark, and no mean is drawn. `label`, `guess` and errors are as
    for `show_bars`; with `series`, each row of `values` must be as long.

    >>> show_dots({"none": [0.2, 0.4], "all": [0.9, 0.96]})
    Picture('accuracy: none 0.30 (0.20, 0.40), all 0.93 (0.90, 0.96)')
    """
    series = [plain(name).replace("\n", " ") for name in series]  # one line: small figures too
    axis = label if series else f"{label} (dots: {dots}; bar: their mean)"
    figure, axes, numbers = _rows(values, 1, axis, guess, room=0.02)
    for name, row in numbers.items():
        if series and not len(row) == len(series) <= 4:
            given = f"{len(row)} numbers for {len(series)} series"
            raise ValueError(f"{name!r} has {given}; expected one for each of up to 4")
    if series:
        for index, column in enumerate(np.transpose(list(numbers.values()))):
            size = 9 - 1.5 * index  # equal numbers stay visible, the later on the earlier
            mark = {"marker": "o^sD"[index], "color": COLORS[index], "markersize": size}
            axes.plot(column, range(len(column)), linestyle="", clip_on=False, **mark)
        _legend(figure, axes.lines[-len(series) :], series, "outside upper center")
        label += f", {' / '.join(series)}"
    else:
        axes.text(1.01, 1.02, "mean", transform=axes.transAxes)
        for y, row in enumerate(numbers.values()):
            mean, place = row.mean(), axes.get_yaxis_transform()
            axes.plot(row, [y] * len(row), "o", markersize=9, alpha=0.5, color=COLORS[0])
            axes.plot(mean, y, "|", markersize=24, markeredgewidth=3, color=COLORS[1])
            axes.text(1.01, y, f"{mean:.2f}", va="center", transform=place)
    words = [f"{name} {row.mean():.2f} ({_listed(row)})" for name, row in numbers.items()]
    return _chart(figure, f"{label}: {', '.join(words)}", guess)


def _rows(values, dimension, label, guess, room):
    """Return a figure and its axes, with a row for each name, and their numbers."""
    numbers, shares = _numbers(values, dimension)
    figure, axes = new_figure(height=0.36 * sum(len(n.split("\n")) for n in numbers) + 1.0)
    axes.set_yticks(range(len(numbers)), numbers, fontsize=13, **AS_IT_IS)
    axes.set_xlabel(label, **AS_IT_IS)
    axes.set(ylim=(len(numbers) - 0.5, -0.5), axisbelow=True, xmargin=room)
    if shares:
        axes.set_xlim(0, 1 + room)
    if guess is not None:
        axes.axvline(guess, color="black", linestyle=":")
        place = axes.get_xaxis_transform()
        axes.text(guess, 1.02, "guessing", ha="center", va="bottom", transform=place)
    return figure, axes, numbers


def show_curves(
    curves: Mapping[str, ArrayLike],
    x: Sequence[float] | Tensor,
    xlabel: str,
    ylabel: str = "accuracy",
    guess: float | None = None,
) -> Picture:
    """Return a `Picture` of up to 7 curves over `x`, told apart by color, line and marks.

    A curve has a value for each x, or a row of them, one for each run: then it is their mean, in a
    band of one standard deviation to each side. `xlabel` and `ylabel` are the axes'; `guess` is as
    for `show_bars`. Raises `ValueError` for no or too many curves, and for values that
    are infinite, too few or too many.

    >>> show_curves({"none": [[0.2, 0.4], [0.5, 0.5]], "all": [0.9, 0.95]}, [0, 10], "pictures")
    Picture('accuracy against pictures 0, 10: none 0.30, 0.50; all 0.90, 0.95')
    """
    numbers, shares = _numbers(curves, 1, 2)
    if len(numbers) > len(COLORS):
        raise ValueError(f"{len(numbers)} curves; expected at most {len(COLORS)}")
    figure, axes = new_figure(height=3.4)
    axes.set_xlabel(xlabel, **AS_IT_IS)
    axes.set_ylabel(ylabel, **AS_IT_IS)
    words, styles = [], zip(COLORS, LINES * 2, "os^DvPX", strict=False)
    for (name, runs), (color, line, mark) in zip(numbers.items(), styles, strict=False):
        if len(runs) != len(x):
            raise ValueError(f"{name!r} has {len(runs)} values; expected {len(x)}, one for each x")
        mean = runs.reshape(len(x), -1).mean(1)
        axes.plot(x, mean, line, marker=mark, markersize=7, color=color)
        if runs.size > len(x):
            edges = mean + np.array([[-1], [1]]) * runs.std(1, ddof=1)
            edges = edges.clip(0, 1) if shares else edges
            axes.fill_between(x, *edges, alpha=0.2, color=color, linewidth=0)
        words.append(f"{name} {_listed(mean)}")
    if shares:
        axes.set_ylim(0, 1.05)
    if guess is not None:
        axes.axhline(guess, color="black", linestyle=":")
    if len(axes.lines) > 1:
        _legend(figure, axes.lines, [*numbers, "guessing"], "outside right upper")
    alt = f"{ylabel} against {xlabel} {_listed(x, format='{:g}')}: {'; '.join(words)}"
    return _chart(figure, alt, guess)


def _legend(figure, lines, names, place):
    """Name lines as they are: in a name no formula begins with $."""
    across = 4 if "center" in place else 1
    for text in figure.legend(lines, names[: len(lines)], loc=place, ncols=across).get_texts():
        text.set(**AS_IT_IS)


def _numbers(values, *dimensions):
    """Return the numbers of each name as arrays, checked, and whether all are from 0 to 1."""
    if not values:
        raise ValueError("there is nothing to draw; expected at least one name with its numbers")
    numbers = {plain(name): np.asarray(value, dtype=float) for name, value in values.items()}
    expected = " or ".join(("one number", "[N]", "[N, runs]")[d] for d in dimensions)
    for name, array in numbers.items():
        if array.ndim not in dimensions or not array.size or not np.isfinite(array).all():
            given = f"{np.isfinite(array).sum()} finite numbers {list(array.shape)}"
            raise ValueError(f"{name!r} has {given}; expected {expected}, all finite")
    return numbers, all(array.min() >= 0 and array.max() <= 1 for array in numbers.values())


def _listed(numbers, names=None, format="{:.2f}"):
    """Return numbers in words, each after its name where there are names: "lab 1.00, show 0.25"."""
    texts = map(format.format, numbers)
    return ", ".join(texts if names is None else map("{} {}".format, names, texts))


def _chart(figure, alt, guess=None, format="{:.2f}"):
    alt += "" if guess is None else f"; guessing {format.format(guess)}"
    return Picture(figure, alt.replace("\n", " "), format="png", colors=64)
