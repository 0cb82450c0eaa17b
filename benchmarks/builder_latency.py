"""Kernel time of a slider's move in the pipeline builder, for each effect of the catalogue alone.

    python benchmarks/builder_latency.py

The strength is moved over its range, inside a Jupyter kernel, so that the time includes sending the
eight new pictures and the steps of one. The processor's time, of all threads together, is what a
move costs; the wall clock beside it also says how busy the machine was. The first move of an effect
is left out: it loads the library. Writes results/builder_latency.json.
"""

import statistics
import sys
import time

from in_kernel import machine, measure_in_kernel

STRENGTHS = (0.3, 0.5, 0.7, 0.9, 1.0)
PIPELINE = [
    ("crop", 0.5, 1),
    ("flip left-right", 0.5, 1),
    ("color jitter", 0.8, 1),
    ("fog", 0.4, 1),
]
PHOTO = "cat"
TARGET = 150  # milliseconds


def move(w, strengths) -> tuple[float, float]:
    """Return the medians of the processor's time and of the wall clock, in milliseconds."""
    cpu, wall = [], []
    for strength in strengths:
        begin, cpu_begin = time.perf_counter(), time.process_time()
        *others, (name, _, probability) = w.steps
        w.steps = [*others, (name, strength, probability)]
        cpu.append(1000 * (time.process_time() - cpu_begin))
        wall.append(1000 * (time.perf_counter() - begin))
        assert not w.message
    return round(statistics.median(cpu), 1), round(statistics.median(wall), 1)


def measure() -> dict:
    """Move everything; this runs inside the kernel."""
    from d2laug.gallery import EFFECTS
    from d2laug.widgets.builder import pipeline

    w, times = pipeline(PHOTO), {}
    for name in EFFECTS:
        w.steps = [(name, 0.1, 1)]
        times[name] = move(w, STRENGTHS)
    w.steps = PIPELINE
    cpu = {name: both[0] for name, both in times.items()}
    slowest = dict(sorted(cpu.items(), key=lambda item: -item[1]))
    return {
        "picture": f"{PHOTO} {w.arrays[0].shape[0]}x{w.arrays[0].shape[1]}",
        **machine(),
        "target_cpu_ms": TARGET,
        "effects": len(times),
        "median_cpu_ms": round(statistics.median(cpu.values()), 1),
        "median_wall_ms": round(statistics.median(both[1] for both in times.values()), 1),
        "effects_over_target": [name for name, ms in slowest.items() if ms > TARGET],
        "pipeline_of_four_cpu_ms": move(w, STRENGTHS)[0],
        "cpu_ms": slowest,
    }


def main() -> int:
    results = measure_in_kernel("builder_latency")
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
