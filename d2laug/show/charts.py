"""Charts of pictures, trainings and other numbers, with the numbers in the alternative text."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike
from torch import Tensor

from d2laug.show.picture import (
    CHANNELS,
    COLORS,
    LINES,
    WIDTH,
    Images,
    Picture,
    captioned,
    counted,
    new_figure,
    to_arrays,
)


def show_histograms(images: Images, captions: Sequence[str] | None = None) -> Picture:
    """Return a `Picture` of up to 4 pictures, each over the histogram of its three channels.

    All histograms share their axes: value 0 to 255 across, percent of the pixels up. Raises
    `ValueError` for more pictures or a wrong number of captions.

    >>> show_histograms(np.zeros((2, 8, 8, 3)), captions=["first", "second"])
    Picture('2 pictures, each over the histogram of its channels: first; second')
    """
    arrays = to_arrays(images)
    seen = ", each over the histogram of its channels"
    captions, alt = captioned(arrays, captions, "picture", 4, seen)
    figure, (pictures, charts) = _over_histograms(arrays, captions)
    tops = []
    for array, caption, picture, chart in zip(arrays, captions, pictures, charts, strict=True):
        picture.imshow(array)
        picture.set_axis_off()
        picture.set_title(caption)
        for channel, (name, color) in enumerate(CHANNELS.items()):
            count, edges = np.histogram(array[..., channel], bins=64, range=(0, 256))
            share, style = 100 * count / count.sum(), {"color": color, "linestyle": LINES[channel]}
            chart.stairs(share, edges, linewidth=2, label=name, **style)
            # one tall bar of pure black or white must not flatten all others
            tops.append(min(share.max(), 4 * np.sort(share)[-4] or share.max()))
    for chart in charts:
        chart.set(xlim=(0, 256), xticks=(0, 128, 255), ylim=(0, 1.1 * max(tops)), xlabel="value")
    charts[0].set_ylabel("pixels (%)")
    charts[-1].legend(fontsize=11)
    return Picture(figure, alt)


def _over_histograms(arrays, captions):
    """Return a figure and its axes, two rows, with room for pictures and captions of any shape."""
    lines = [caption.split("\n") for caption in captions]
    # a letter takes about a tenth of an inch: room for the longest line over its picture
    column = max(WIDTH / 3, 0.1 * max(len(line) for some in lines for line in some) + 0.4)
    width = max(min(column * len(arrays), WIDTH), 4.5)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    picture = min(tallest * (width / len(arrays) - 0.7), 4.0)
    height = picture + 2.5 + 0.24 * (max(map(len, lines)) - 1)
    ratios = [picture + 0.3, 2.2]
    return new_figure(2, len(arrays), width, height, squeeze=False, height_ratios=ratios)


def show_learning_curve(history: Sequence[Mapping[str, float | None]]) -> Picture:
    """Return a `Picture` of a training's `history`, as `fit` returns it: loss and accuracies.

    >>> show_learning_curve([{"epoch": 1, "loss": 2.0, "train": 0.3, "validation": 0.4}])
    Picture('learning curve after 1 epoch: loss 2.00, train 0.30, validation 0.40')
    """
    figure, (left, right) = new_figure(columns=2, height=2.8)
    epochs = [entry["epoch"] for entry in history]
    names = [name for name in ("loss", "train", "validation") if history[-1].get(name) is not None]
    for name in names:
        axes, line = left if name == "loss" else right, "--" if name == "train" else "-"
        values = [entry[name] for entry in history]
        axes.plot(epochs, values, line, marker="o", markersize=4, label=name)
    left.set(ylabel="loss", ylim=(0, None))
    right.set(ylabel="accuracy", ylim=(0, 1.02))
    right.legend(loc="lower right")
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
    words = ", ".join(f"{name} {history[-1][name]:.2f}" for name in names)
    alt = f"learning curve after {counted(epochs, 'epoch')}: {words}"
    return Picture(figure, alt, format="png", colors=64)


def show_matrix(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    spread: ArrayLike | None = None,
    label: str = "",
) -> Picture:
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
    spreads = None if spread is None else np.asarray(spread)
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:.2f}" if spreads is None else f"{value:.2f} ±{spreads[row, column]:.2f}"
        color = "black" if value > 0.55 else "white"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=12)
    figure.colorbar(shades, label=label, fraction=0.05)
    lines = zip(rows, values, strict=True)
    words = [f"{row}: {', '.join(map('{} {:.2f}'.format, columns, line))}" for row, line in lines]
    alt = f"{label}: {'; '.join(words)}" if label else "; ".join(words)
    return Picture(figure, alt, format="png", colors=64)


def show_ranking(
    values: Mapping[str, Sequence[float]], series: Sequence[str], label: str = ""
) -> Picture:
    """Return a `Picture` of names sorted by the mean of their numbers, a dot for each number.

    `values` maps a name to its numbers, 0 to 1, one for each of the up to 4 `series`, else
    `ValueError`. The list runs down the first of three columns, then down the next.

    >>> show_ranking({"a": [0.2, 0.1], "b": [0.9, 0.8]}, ["half", "full"], label="accuracy")
    Picture('accuracy, sorted, half / full: b 0.90 / 0.80; a 0.20 / 0.10')
    """
    for name, numbers in values.items():
        if len(numbers) != len(series):
            raise ValueError(f"{name!r} has {len(numbers)} numbers for {len(series)} series")
    order = sorted(values, key=lambda name: -sum(values[name]))
    rows = -(-len(order) // 3)
    figure, panels = new_figure(columns=3, height=0.17 * rows + 1)
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

    `guess`, what guessing would reach, gets a dotted line; `format` is that of `str.format`. The
    axis runs from 0 to 1 where all values do. Raises `ValueError` for no or infinite values.

    >>> show_bars({"lab": 1.0, "show": 0.25}, guess=1 / 12)
    Picture('accuracy: lab 100%, show 25%; guessing 8%')
    """
    figure, axes, numbers = _rows(values, 0, label, guess, room=0.13)
    lengths = [float(number) for number in numbers.values()]
    texts = [format.format(length) for length in lengths]
    rim = [withStroke(linewidth=4, foreground="white")]  # legible where the dotted line is
    axes.bar_label(axes.barh(range(len(lengths)), lengths), texts, padding=4, path_effects=rim)
    words = ", ".join(f"{name} {text}" for name, text in zip(numbers, texts, strict=True))
    return _chart(figure, f"{label}: {words}", guess, format)


def show_dots(
    values: Mapping[str, ArrayLike], label: str = "accuracy", guess: float | None = None
) -> Picture:
    """Return a `Picture` of a row for each name: a dot for each run, a bar for the runs' mean.

    `guess`, what guessing would reach, gets a dotted line. The axis runs from 0 to 1 where all
    values do. Raises `ValueError` for no or infinite values.

    >>> show_dots({"none": [0.2, 0.4], "all": [0.9, 0.96]})
    Picture('accuracy: none 0.30 (0.20, 0.40), all 0.93 (0.90, 0.96)')
    """
    figure, axes, numbers = _rows(values, 1, f"{label} (dots: runs; bar: their mean)", guess, 0.02)
    axes.text(1.01, 1.02, "mean", transform=axes.transAxes)
    words = []
    for row, (name, dots) in enumerate(numbers.items()):
        mean = f"{dots.mean():.2f}"
        axes.plot(dots, [row] * len(dots), "o", markersize=9, alpha=0.5, color=COLORS[0])
        axes.plot(dots.mean(), row, "|", markersize=24, markeredgewidth=3, color=COLORS[1])
        axes.text(1.01, row, mean, va="center", transform=axes.get_yaxis_transform())
        words.append(f"{name} {mean} ({', '.join(f'{dot:.2f}' for dot in dots)})")
    return _chart(figure, f"{label}: {', '.join(words)}", guess)


def _rows(values, dimensions, label, guess, room):
    """Return a figure, axes with a row for each name, and `room` on the right, and the numbers."""
    numbers, shares = _numbers(values, dimensions)
    lines = sum(name.count("\n") + 1 for name in numbers)
    figure, axes = new_figure(height=0.36 * lines + 1.0)
    axes.set_yticks(range(len(numbers)), list(numbers))
    axes.set(xlabel=label, ylim=(len(numbers) - 0.5, -0.5), axisbelow=True, xmargin=room)
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
    log_x: bool = False,
) -> Picture:
    """Return a `Picture` of up to 7 curves over `x`, told apart by color, line and marks.

    A curve has a value for each x, or a row of values, one for each run: then it is their mean,
    in a band of one standard deviation to each side. `guess`, what guessing would reach, gets a
    dotted line. The axis runs from 0 to 1 where all values do. Raises `ValueError` for no curve
    or too many, and for values that do not fit to `x` or are infinite.

    >>> show_curves({"none": [[0.2, 0.4], [0.5, 0.5]], "all": [0.9, 0.95]}, [0, 10], "pictures")
    Picture('accuracy against pictures 0, 10: none 0.30, 0.50; all 0.90, 0.95')
    """
    numbers, shares = _numbers(curves, 1, 2)
    if len(numbers) > len(COLORS):
        raise ValueError(f"{len(numbers)} curves; expected at most {len(COLORS)}")
    figure, axes = new_figure(height=3.4)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    words, styles = [], zip(COLORS, LINES * 2, "os^DvPX", strict=False)
    for (name, runs), (color, line, mark) in zip(numbers.items(), styles, strict=False):
        if len(runs) != len(x):
            raise ValueError(f"{name!r} has {len(runs)} values; expected {len(x)}, one for each x")
        mean = runs.reshape(len(x), -1).mean(1)
        axes.plot(x, mean, line, marker=mark, markersize=7, color=color, label=name)
        if runs.size > len(x):
            edges = mean + np.array([[-1], [1]]) * runs.std(1, ddof=1)
            edges = edges.clip(0, 1) if shares else edges
            axes.fill_between(x, *edges, alpha=0.2, color=color, linewidth=0)
        words.append(f"{name} {', '.join(f'{value:.2f}' for value in mean)}")
    if shares:
        axes.set_ylim(0, 1.05)
    places = [f"{place:g}" for place in x]
    if log_x:
        axes.set_xscale("log")
        axes.set_xticks(x, places)
        axes.minorticks_off()
    if guess is not None:
        axes.axhline(guess, color="black", linestyle=":", label="guessing")
    if len(axes.lines) > 1:
        figure.legend(loc="outside right upper")
    alt = f"{ylabel} against {xlabel} {', '.join(places)}: {'; '.join(words)}"
    return _chart(figure, alt, guess)


def _numbers(values, *dimensions):
    """Return the numbers of each name as arrays, checked, and whether all are from 0 to 1."""
    if not values:
        raise ValueError("there is nothing to draw; expected at least one name with its numbers")
    numbers = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    expected = " or ".join(("one number", "[N]", "[N, runs]")[d] for d in dimensions)
    for name, array in numbers.items():
        if array.ndim not in dimensions or not array.size or not np.isfinite(array).all():
            given = f"{np.isfinite(array).sum()} finite numbers {list(array.shape)}"
            raise ValueError(f"{name!r} has {given}; expected {expected}, all finite")
    return numbers, all(array.min() >= 0 and array.max() <= 1 for array in numbers.values())


def _chart(figure, alt, guess, format="{:.2f}"):
    alt += "" if guess is None else f"; guessing {format.format(guess)}"
    return Picture(figure, alt.replace("\n", " "), format="png", colors=64)
