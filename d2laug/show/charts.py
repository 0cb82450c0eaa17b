"""Charts of numbers: histograms, learning curves, tables and rankings."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from d2laug.show.picture import (
    CHANNELS,
    COLORS,
    LINES,
    WIDTH,
    Picture,
    counted,
    new_figure,
    to_arrays,
)


def show_histograms(images, captions: Sequence[str] | None = None):
    """Return a `Picture` of up to 4 pictures, each over the histogram of its three channels.

    All histograms share their axes: value 0 to 255 across, percent of the pixels up.

    Raises `ValueError` for more pictures or a wrong number of captions, and the errors of
    `to_arrays`.

    >>> import torch
    >>> show_histograms(torch.rand(2, 3, 8, 8), captions=["first", "second"])
    Picture('2 pictures, each over the histogram of its channels: first; second')
    """
    arrays = to_arrays(images)
    if len(arrays) > 4:
        raise ValueError(f"{len(arrays)} pictures; expected at most 4 beside each other")
    if captions is not None and len(captions) != len(arrays):
        raise ValueError(
            f"{len(captions)} captions for {len(arrays)} pictures; expected one caption a picture"
        )
    lines = [line for caption in captions or () for line in str(caption).split("\n")]
    # a letter takes about a tenth of an inch: room for the longest line over its picture
    column = max(WIDTH / 3, 0.1 * max(map(len, lines), default=0) + 0.4)
    width = max(min(column * len(arrays), WIDTH), 4.5)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    picture = min(tallest * (width / len(arrays) - 0.7), 4.0)
    height = picture + 2.5 + 0.24 * max((str(c).count("\n") for c in captions or ()), default=0)
    figure, axes = new_figure(
        2, len(arrays), width, height, squeeze=False, height_ratios=[picture + 0.3, 2.2]
    )
    top = 0.0
    for column, array in enumerate(arrays):
        axes[0, column].imshow(array)
        axes[0, column].set_axis_off()
        axes[0, column].set_title(captions[column] if captions else "")
        for (name, color), line, plane in zip(
            CHANNELS.items(), LINES, np.moveaxis(array, -1, 0), strict=False
        ):
            share, edges = np.histogram(plane, bins=64, range=(0, 256))
            share = 100 * share / plane.size
            axes[1, column].stairs(
                share, edges, color=color, linestyle=line, linewidth=2, label=name
            )
            # one tall bar of pure black or white must not flatten all others
            top = max(top, min(share.max(), 4 * np.sort(share)[-4] or share.max()))
    for axis in axes[1]:
        axis.set(xlim=(0, 256), xticks=(0, 128, 255), ylim=(0, 1.1 * top), xlabel="value")
    axes[1, 0].set_ylabel("pixels (%)")
    axes[1, -1].legend(fontsize=11)
    words = f"{counted(arrays, 'picture')}, each over the histogram of its channels"
    titles = "; ".join(caption.replace("\n", ", ") for caption in captions or ())
    return Picture(figure, f"{words}: {titles}" if titles else words)


def show_learning_curve(history: Sequence[dict], title: str = ""):
    """Return a `Picture` of a training's `history`: the loss, and the accuracies, over the epochs.

    `history` is what `d2laug.train.fit` returns.

    >>> show_learning_curve([{"epoch": 1, "loss": 2.0, "train": 0.3, "validation": 0.4}])
    Picture('learning curve after 1 epoch: loss 2.00, train 0.30, validation 0.40')
    """
    figure, (left, right) = new_figure(columns=2, height=2.8)
    epochs = [entry["epoch"] for entry in history]
    left.plot(epochs, [entry["loss"] for entry in history], marker="o", markersize=4)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, None), title=title)
    words = [f"loss {history[-1]['loss']:.2f}"]
    for name, line in (("train", "--"), ("validation", "-")):
        if history[-1].get(name) is not None:
            values = [entry[name] for entry in history]
            right.plot(epochs, values, line, marker="o", markersize=4, label=name)
            words.append(f"{name} {values[-1]:.2f}")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
    right.legend(loc="lower right")
    for axis in (left, right):
        axis.xaxis.get_major_locator().set_params(integer=True)
    after = counted(epochs, "epoch")
    return Picture(figure, f"learning curve after {after}: {', '.join(words)}", format="png")


def show_matrix(values, rows: Sequence[str], columns: Sequence[str], spread=None, label: str = ""):
    """Return a `Picture` of a table of numbers from 0 to 1: each is printed, and shades its cell.

    `values` and `spread` (optional, printed after ±) are arrays or tensors `[rows, columns]`.

    >>> show_matrix([[1.0, 0.1]], ["none"], ["lab", "show"], label="accuracy")
    Picture('accuracy: none: lab 1.00, show 0.10')
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(
            f"values of shape {values.shape} for {len(rows)} rows and {len(columns)} columns"
        )
    figure, axes = new_figure(height=0.45 * len(rows) + 1.3)
    shades = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    # letters that fit beside each other over the cells
    crowded = len(columns) * max(map(len, columns)) > 60
    slant = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"} if crowded else {}
    axes.set_xticks(range(len(columns)), columns, **slant)
    axes.set_yticks(range(len(rows)), rows)
    axes.xaxis.tick_top()
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:.2f}" if spread is None else f"{value:.2f} ±{spread[row][column]:.2f}"
        color = "black" if value > 0.55 else "white"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=12)
    figure.colorbar(shades, label=label, fraction=0.05)
    words = "; ".join(
        f"{row}: " + ", ".join(f"{c} {v:.2f}" for c, v in zip(columns, line, strict=True))
        for row, line in zip(rows, values, strict=True)
    )
    return Picture(figure, f"{label}: {words}" if label else words, format="png")


def show_ranking(values: Mapping[str, Sequence[float]], series: Sequence[str], label: str = ""):
    """Return a `Picture` of names sorted by the mean of their numbers, a dot for each number.

    `values` maps a name to its numbers, 0 to 1, one for each of the up to 4 `series`. The list
    runs down the first of three columns, then down the next.

    Raises `ValueError` for a name with too few or too many numbers.

    >>> show_ranking({"a": [0.2, 0.1], "b": [0.9, 0.8]}, ["half", "full"], label="accuracy")
    Picture('accuracy, sorted, half / full: b 0.90 / 0.80; a 0.20 / 0.10')
    """
    for name, numbers in values.items():
        if len(numbers) != len(series):
            raise ValueError(f"{name!r} has {len(numbers)} numbers for {len(series)} series")
    order = sorted(values, key=lambda name: -sum(values[name]))
    rows = -(-len(order) // 3)
    figure, panels = new_figure(columns=3, width=WIDTH, height=0.17 * rows + 1)
    for column, panel in enumerate(panels):
        names = order[column * rows : (column + 1) * rows]
        for index, (title, mark, color) in enumerate(zip(series, "o^sD", COLORS, strict=False)):
            dots = [values[name][index] for name in names]
            size = 7 - 1.5 * index  # equal numbers stay visible, the later on the earlier
            panel.plot(dots, range(len(names)), mark, color=color, markersize=size, label=title)
        panel.set_yticks(range(len(names)), names, fontsize=9)
        panel.set(xlim=(-0.04, 1.04), ylim=(rows - 0.4, -0.6), xticks=(0, 0.5, 1), xlabel=label)
    legend = panels[0].get_legend_handles_labels()
    figure.legend(*legend, loc="outside upper center", ncols=len(series))
    words = "; ".join(f"{n} {' / '.join(f'{v:.2f}' for v in values[n])}" for n in order)
    alt = f"{label}, sorted, {' / '.join(series)}: {words}"
    return Picture(figure, alt, format="png", colors=32)


def show_bars(
    values: Mapping[str, float],
    label: str = "accuracy",
    guess: float | None = None,
    format: str = "{:.0%}",
) -> Picture:
    """Return a `Picture` of one bar for each name, top to bottom, with its number.

    A dotted line marks `guess`, what guessing would reach. `format` is that of `str.format`. The
    axis runs from 0 to 1 where all values lie there.

    Raises `ValueError` for no value, or one that is not finite.

    >>> show_bars({"lab": 1.0, "show": 0.25}, guess=1 / 12)
    Picture('accuracy: lab 100%, show 25%; guessing 8%')
    """
    numbers = _numbers(values, 0)
    lengths = [float(number) for number in numbers.values()]
    figure, axes = _rows(numbers, label, room=0.13)
    bars = axes.barh(range(len(lengths)), lengths)
    labels = [format.format(length) for length in lengths]
    axes.bar_label(bars, labels, padding=4)
    words = ", ".join(f"{_line(name)} {text}" for name, text in zip(numbers, labels, strict=True))
    words = f"{label}: {words}"
    if guess is not None:
        _mark_guess(axes, guess)
        words += f"; guessing {format.format(guess)}"
    return Picture(figure, words, format="png")


def show_dots(
    values: Mapping[str, Sequence[float] | Tensor],
    label: str = "accuracy",
    guess: float | None = None,
) -> Picture:
    """Return a `Picture` of a row for each name: a dot for each run, a bar for the runs' mean.

    A dotted line marks `guess`, what guessing would reach. The axis runs from 0 to 1 where all
    values lie there.

    Raises `ValueError` for no value, or one that is not finite.

    >>> show_dots({"none": [0.2, 0.4], "all": [0.9, 0.96]})
    Picture('accuracy: none 0.30 (0.20, 0.40), all 0.93 (0.90, 0.96)')
    """
    runs = _numbers(values, 1)
    figure, axes = _rows(runs, f"{label} (dots: runs; bar: their mean)", room=0.02)
    axes.text(1.01, 1.02, "mean", transform=axes.transAxes)
    words = []
    for row, (name, dots) in enumerate(runs.items()):
        mean = f"{dots.mean():.2f}"
        axes.plot(dots, [row] * len(dots), "o", markersize=9, alpha=0.5, color=COLORS[0])
        axes.plot(dots.mean(), row, "|", markersize=24, markeredgewidth=3, color=COLORS[1])
        axes.text(1.01, row, mean, va="center", transform=axes.get_yaxis_transform())
        words.append(f"{_line(name)} {mean} ({', '.join(f'{dot:.2f}' for dot in dots)})")
    if guess is not None:
        _mark_guess(axes, guess)
        words[-1] += f"; guessing {guess:.2f}"
    return Picture(figure, f"{label}: {', '.join(words)}", format="png")


def show_curves(
    curves: Mapping[str, Sequence[float] | Sequence[Sequence[float]] | Tensor],
    x: Sequence[float] | Tensor,
    xlabel: str,
    ylabel: str = "accuracy",
    guess: float | None = None,
    log_x: bool = False,
) -> Picture:
    """Return a `Picture` of up to 7 curves over `x`, told apart by color, line and marks.

    A curve has a value for each x, or a row of values, one for each run: then it is their mean,
    in a band of one standard deviation to each side. A dotted line marks `guess`, what guessing
    would reach. The axis starts at 0 and ends at 1 where all values lie there.

    Raises `ValueError` for no curve or too many, values that do not fit to `x`, or are not finite.

    >>> show_curves({"none": [[0.2, 0.4], [0.5, 0.5]], "all": [0.9, 0.95]}, [0, 10], "pictures")
    Picture('accuracy against pictures 0, 10: none 0.30, 0.50; all 0.90, 0.95')
    """
    numbers, words = _numbers(curves, 1, 2), []
    if len(numbers) > len(COLORS):
        raise ValueError(f"{len(numbers)} curves; expected at most {len(COLORS)}")
    shares = _are_shares(numbers)
    figure, axes = new_figure(height=3.4)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    for (name, values), color, line, mark in zip(
        numbers.items(), COLORS, LINES * 2, "os^DvPX", strict=False
    ):
        if len(values) != len(x):
            raise ValueError(
                f"{name!r} has {len(values)} values; expected {len(x)}, one for each x"
            )
        runs = values.reshape(len(x), -1)
        mean = runs.mean(1)
        axes.plot(x, mean, line, marker=mark, markersize=7, color=color, label=name)
        if runs.shape[1] > 1:
            spread = runs.std(1, ddof=1)
            low, high = mean - spread, mean + spread
            if shares:
                low, high = low.clip(min=0), high.clip(max=1)
            axes.fill_between(x, low, high, alpha=0.2, color=color, linewidth=0)
        words.append(f"{_line(name)} {', '.join(f'{value:.2f}' for value in mean)}")
    if shares:
        axes.set_ylim(0, 1.05)
    if log_x:
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{place:g}" for place in x])
        axes.minorticks_off()
    if guess is not None:
        axes.axhline(guess, color="black", linestyle=":", label="guessing")
        words.append(f"guessing {guess:.2f}")
    if len(axes.lines) > 1:
        figure.legend(loc="outside right upper")
    places = ", ".join(f"{place:g}" for place in x)
    return Picture(figure, f"{ylabel} against {xlabel} {places}: {'; '.join(words)}", format="png")


def _numbers(values: Mapping[str, object], *dimensions: int) -> dict[str, np.ndarray]:
    """Return the numbers of each name as arrays of these dimensions, checked."""
    if not values:
        raise ValueError("there is nothing to draw; expected at least one name with its numbers")
    numbers = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    for name, array in numbers.items():
        if array.ndim not in dimensions or array.size == 0:
            expected = " or ".join(("one number", "[N]", "[N, runs]")[d] for d in dimensions)
            raise ValueError(f"{name!r} has numbers {list(array.shape)}; expected {expected}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name!r} has numbers that are not finite: {array.tolist()}")
    return numbers


def _line(name: str) -> str:
    return name.replace("\n", " ")


def _are_shares(numbers: Mapping[str, np.ndarray]) -> bool:
    return all(array.min() >= 0 and array.max() <= 1 for array in numbers.values())


def _rows(numbers: Mapping[str, np.ndarray], label: str, room: float) -> tuple[Figure, Axes]:
    """Return a figure with a row for each name; `room` is left behind its largest number."""
    lines = sum(name.count("\n") + 1 for name in numbers)
    figure, axes = new_figure(height=0.36 * lines + 1.0)
    axes.set_yticks(range(len(numbers)), list(numbers))
    axes.set(xlabel=label, ylim=(len(numbers) - 0.5, -0.5))
    axes.set_axisbelow(True)
    axes.set_xmargin(room)
    if _are_shares(numbers):
        axes.set_xlim(0, 1 + room)
    return figure, axes


def _mark_guess(axes: Axes, guess: float) -> None:
    axes.axvline(guess, color="black", linestyle=":")
    place = axes.get_xaxis_transform()
    axes.text(guess, 1.02, "guessing", ha="center", va="bottom", transform=place)
