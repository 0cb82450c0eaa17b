"""Kernel time of a slider's move in the pipeline builder, for each effect of the catalogue alone.

    python benchmarks/builder_latency.py

The strength is moved over its range, inside a Jupyter kernel, so that the time includes sending the
eight new pictures and the steps of one. The processor's time, of all threads together, is what a
move costs; the wall clock beside it also says how busy the machine was. The first move of an effect
is left out: it loads the library. Writes results/builder_latency.json.
"""

import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

STRENGTHS = (0.3, 0.5, 0.7, 0.9, 1.0)
PIPELINE = [
    ("crop", 0.5, 1),
    ("flip left-right", 0.5, 1),
    ("color jitter", 0.8, 1),
    ("fog", 0.4, 1),
]
PHOTO = "cat"
TARGET = 150  # milliseconds
RESULTS = Path(__file__).parent / "results" / "builder_latency.json"
LOAD = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def move(w, strengths) -> tuple[float, float]:
    """Return the medians of the processor's time and of the wall clock, in milliseconds."""
    cpu, wall = [], []
    for strength in strengths:
        begin, cpu_begin = time.perf_counter(), time.process_time()
        w.rows[-1].strength.value = strength
        cpu.append(1000 * (time.process_time() - cpu_begin))
        wall.append(1000 * (time.perf_counter() - begin))
        assert not w.message
    return round(statistics.median(cpu), 1), round(statistics.median(wall), 1)


def measure() -> dict:
    """Move everything; this runs inside the kernel."""
    import torch
    import torchvision

    from d2laug.builder import pipeline
    from d2laug.gallery import EFFECTS

    w, times = pipeline(PHOTO), {}
    for name in EFFECTS:
        w.set_steps([(name, 0.1, 1)])
        times[name] = move(w, STRENGTHS)
    w.set_steps(PIPELINE)
    cpu = {name: both[0] for name, both in times.items()}
    slowest = dict(sorted(cpu.items(), key=lambda item: -item[1]))
    return {
        "picture": f"{PHOTO} {w.arrays[0].shape[0]}x{w.arrays[0].shape[1]}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average_before": LOAD,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "target_cpu_ms": TARGET,
        "effects": len(times),
        "median_cpu_ms": round(statistics.median(cpu.values()), 1),
        "median_wall_ms": round(statistics.median(both[1] for both in times.values()), 1),
        "effects_over_target": [name for name, ms in slowest.items() if ms > TARGET],
        "pipeline_of_four_cpu_ms": move(w, STRENGTHS)[0],
        "cpu_ms": slowest,
    }


def main() -> int:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(cwd=str(Path(__file__).parent))
    printed = []
    try:
        reply = client.execute_interactive(
            "import json, builder_latency; print(json.dumps(builder_latency.measure()))",
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=600,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    if reply["content"]["status"] != "ok":
        sys.exit("\n".join(reply["content"]["traceback"]))
    results = json.loads("".join(printed).splitlines()[-1])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for name, ms in list(results["cpu_ms"].items())[:15]:
        print(f"{name:24} {ms:7.1f} ms")
    print(
        f"median of {results['effects']} effects {results['median_cpu_ms']} ms; pipeline of four "
        f"{results['pipeline_of_four_cpu_ms']} ms; over {TARGET} ms: "
        f"{', '.join(results['effects_over_target']) or 'none'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
