"""Kernel time of a slider's move: from setting its value until its picture has changed.

    python benchmarks/explore_latency.py

Every control of every widget of `d2laug.widgets.explore` is moved to and fro over its whole range,
inside a Jupyter kernel, so that the time includes sending the new picture. The others stay at
values that leave no step out. The widgets on photographs ask nobody; on a drink, two networks are
asked too. The processor's time, of all threads together, is given beside the wall clock, because
that one also says how busy the machine was. Writes results/explore_latency.json; ends with 1 if a
median is over its target.
"""

import statistics
import sys
import time

from in_kernel import machine, measure_in_kernel

TARGET, TARGET_ASKED = 50, 100  # milliseconds, the median of each control; with networks
MOVES = 60
PHOTOS = ("cat", "retina")


def measure() -> dict:
    """Move everything; this runs inside the kernel."""
    import numpy as np
    import torch
    from ipywidgets import Checkbox, Dropdown, FloatLogSlider, SelectionSlider

    from d2laug.data import drinks, photo
    from d2laug.train import load_network
    from d2laug.widgets import explore

    def values(control):
        if isinstance(control, Checkbox):
            return [False, True]
        if isinstance(control, SelectionSlider | Dropdown):
            return [value for _, value in control.options]
        steps = np.linspace(control.min, control.max, 21)
        steps = control.base**steps if isinstance(control, FloatLogSlider) else steps
        return [type(control.value)(value) for value in steps]

    first = {
        explore.flip: {},
        explore.crop: {},
        explore.color: {"brightness": 1.2, "contrast": 1.3, "saturation": 1.4, "hue": 0.1},
        explore.temperature: {},
    }
    jobs = [
        (f"{name} {photo(name).shape[1]}x{photo(name).shape[2]}", make, (photo(name),), start)
        for name in PHOTOS
        for make, start in first.items()
    ]
    networks = {"networks": {name: load_network(name) for name in ("none", "all")}}
    drink = drinks("lab/test", tensors=True)[0][0]
    asked = {make: start for make, start in first.items() if make is not explore.temperature}
    jobs += [("drink, asked", make, (drink,), start | networks) for make, start in asked.items()]
    jobs += [
        ("drink, asked", explore.show_floor, (), {"kelvin": 3000, "reflections": 0.5} | networks)
    ]
    rows = []
    for picture_name, make, arguments, start in jobs:
        w = make(*arguments, **start)
        for control_name, control in w.controls.items():
            there = values(control)
            route = ((there + there[-2:0:-1]) * MOVES)[: MOVES + 1]
            control.value, times, cpu_times = route[0], [], []
            for value in route[1:]:
                before = [picture.value for picture in w.images]
                begin, cpu_begin = time.perf_counter(), time.process_time()
                control.value = value
                times.append(1000 * (time.perf_counter() - begin))
                cpu_times.append(1000 * (time.process_time() - cpu_begin))
                assert [picture.value for picture in w.images] != before
            w.reset()
            quantiles = statistics.quantiles(times, n=20)
            rows.append(
                {
                    "picture": picture_name,
                    "widget": make.__name__,
                    "control": control_name,
                    "target_ms": TARGET_ASKED if "asked" in picture_name else TARGET,
                    "median_ms": round(statistics.median(times), 1),
                    "p5_ms": round(quantiles[0], 1),
                    "p95_ms": round(quantiles[-1], 1),
                    "median_cpu_ms": round(statistics.median(cpu_times), 1),
                }
            )
    return {
        "moves": MOVES,
        **machine(),
        "threads": torch.get_num_threads(),
        "rows": rows,
    }


def main() -> int:
    results = measure_in_kernel("explore_latency")
    for row in results["rows"]:
        print(
            f"{row['picture']:18} {row['widget']:12} {row['control']:12} "
            f"{row['median_ms']:6.1f} ms ({row['p5_ms']} to {row['p95_ms']} ms; processor "
            f"{row['median_cpu_ms']} ms)"
        )
    slow = [row for row in results["rows"] if row["median_ms"] > row["target_ms"]]
    print(f"{len(slow)} of {len(results['rows'])} controls over their target")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
