"""Kernel time of a slider's move: from setting its value until its picture has changed.

    python benchmarks/explore_latency.py

Every control of every widget of `d2laug.explore` is moved to and fro over its whole range, inside a
Jupyter kernel, so that the time includes sending the new picture. The others stay at values that
leave no step out. The processor's time, of all threads together, is given beside the wall clock,
because that one also says how busy the machine was. Writes results/explore_latency.json; ends with
1 if a median is over `TARGET`.
"""

import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

TARGET = 50  # milliseconds, the median of each control
MOVES = 60
PHOTOS = ("cat", "retina")
RESULTS = Path(__file__).parent / "results" / "explore_latency.json"


def measure() -> dict:
    """Move everything; this runs inside the kernel."""
    import numpy as np
    import torch
    import torchvision
    from ipywidgets import Checkbox, FloatLogSlider, SelectionSlider

    from d2laug import explore
    from d2laug.data import photo

    def values(control):
        if isinstance(control, Checkbox):
            return [False, True]
        if isinstance(control, SelectionSlider):
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
    rows = []
    for name in PHOTOS:
        image = photo(name)
        for make, start in first.items():
            w = make(image, **start)
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
                        "photo": f"{name} {image.shape[1]}x{image.shape[2]}",
                        "widget": make.__name__,
                        "control": control_name,
                        "median_ms": round(statistics.median(times), 1),
                        "p5_ms": round(quantiles[0], 1),
                        "p95_ms": round(quantiles[-1], 1),
                        "median_cpu_ms": round(statistics.median(cpu_times), 1),
                    }
                )
    return {
        "target_median_ms": TARGET,
        "moves": MOVES,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average_before": LOAD,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "rows": rows,
    }


LOAD = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def main() -> int:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(cwd=str(Path(__file__).parent))
    printed = []
    try:
        reply = client.execute_interactive(
            "import json, explore_latency; print(json.dumps(explore_latency.measure()))",
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=600,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    if reply["content"]["status"] != "ok":
        sys.exit("\n".join(reply["content"]["traceback"]))
    results = json.loads("".join(printed))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for row in results["rows"]:
        print(
            f"{row['photo']:18} {row['widget']:12} {row['control']:12} {row['median_ms']:6.1f} ms "
            f"({row['p5_ms']} to {row['p95_ms']} ms; processor "
            f"{row['median_cpu_ms']} ms)"
        )
    slow = [row for row in results["rows"] if row["median_ms"] > TARGET]
    print(f"{len(slow)} of {len(results['rows'])} controls over {TARGET} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
