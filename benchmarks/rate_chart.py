"""The rate against the size of the pictures and against the size of the batch, on one thread."""

from peers import FLOOR, OURS, PEERS
from timing import make_pictures, measure, row, threads

from d2laug.show.picture import COLORS, LINES, Picture, new_figure

DRAWN = (OURS, "Albumentations, each", "kornia, resample", "torchvision, each tensor", FLOOR)
SIDES = (16, 32, 64, 128, 256, 512)
BATCHES = (1, 4, 16, 64, 256, 1024)
SIZE, BATCH = "side of the pictures", "pictures in a batch of 32 x 32"


def pictures_of(side):
    """How many pictures of a side are augmented at once: no more than 256 x 64 x 64 pixels."""
    return min(512, 256 * 64**2 // side**2)


def rates_over(axis, rounds, quick=False):
    """Return `{x: {who: row}}` with all operations, along one of both axes."""
    points = {
        SIZE: {side: (pictures_of(side), side) for side in SIDES},
        BATCH: {n: (n, 32) for n in BATCHES},
    }[axis]
    rates = {}
    with threads(1):
        for x, (n, side) in list(points.items())[: 2 if quick else None]:
            arrays = make_pictures(n, side)
            turns = {who: PEERS[who](arrays, "all", side) for who in DRAWN}
            found = measure(turns, n, rounds)
            rates[str(x)] = {who: row(numbers) for who, numbers in found.items()}
    return rates


def draw(both):
    """Return a `Picture` of the rates along both axes."""
    figure, panels = new_figure(columns=2, height=4.2, sharey=False)
    words = []
    for axes, (axis, rates) in zip(panels, both.items(), strict=False):
        xs = [int(x) for x in rates]
        for who, color, line, mark in zip(DRAWN, COLORS, (*LINES, "-"), "os^Dv", strict=False):
            ys = [rates[str(x)][who]["median"] for x in xs]
            label = who if axes is panels[0] else None
            axes.plot(xs, ys, line, marker=mark, markersize=6, color=color, label=label)
            if who != FLOOR:
                words.append(f"{who} {', '.join(f'{y:,.0f}' for y in ys)}")
        axes.set(xscale="log", yscale="log", xlabel=axis, ylabel="pictures per second")
        axes.set_xticks(xs, [str(x) for x in xs])
        axes.minorticks_off()
        words[-len(DRAWN) + 1] = f"{axis} {', '.join(map(str, xs))}: {words[-len(DRAWN) + 1]}"
    figure.legend(loc="outside upper center", ncols=3, fontsize=11)
    return Picture(figure, f"pictures per second against {'; '.join(words)}", "png", colors=64)


def show(axis, rates):
    print(axis)
    for x, who in rates.items():
        words = "".join(f"{who[name]['median']:14,.0f}" for name in DRAWN)
        print(f"{x:>8}{words}")
