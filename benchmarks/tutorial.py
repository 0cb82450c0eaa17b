"""How long the tutorial's trainings take when ten groups share a machine, and one alone.

    python benchmarks/tutorial.py

runs the cells of the tutorial's trainings, from a fresh process to the chart, first for one group,
then for ten at once with one thread each, bound to two cores where the system allows it. It writes
the seconds of each and the memory of all to benchmarks/results/tutorial.json. Wanted: ten groups on
two cores within 6 minutes.
"""

import json
import os
import sys
import time
from pathlib import Path

import psutil
import torch

from d2laug.pages import tutorial
from d2laug.pages.cells import cell, read

GROUPS, CORES = 10, 2
WANTED = 6.0  # minutes
RESULTS = Path(__file__).parent / "results" / "tutorial.json"
PIECES = ("flip", "crop", "color jitter", "color temperature", "reflections")
CELL = 'group, piece = 0, "flip"'


def code(group):
    """Return what a group runs: the first cell of the block, and the trainings."""
    (block,) = [b for b in read("tutorial")["block"] if "own/two-trainings" in b.get("cells", ())]
    trainings = cell("own/two-trainings").source
    if CELL not in trainings:
        raise ValueError(f"the cell of the trainings does not begin with {CELL!r}")
    mine = trainings.replace(CELL, f"group, piece = {group}, {PIECES[group % len(PIECES)]!r}")
    return f"{tutorial.catch_up(block)}\n{mine}"


def bind():
    """Let this process and its children use two cores only; return how many they have."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def measure(groups):
    """Return the seconds that each of so many groups took, at once, and the most memory in GB."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    environment.pop("D2LAUG_MOST_EPOCHS", None)
    start, seconds, most = time.perf_counter(), {}, 0
    running = {
        group: psutil.Popen([sys.executable, "-c", code(group)], env=environment)
        for group in range(groups)
    }
    try:
        while len(seconds) < groups:
            time.sleep(0.25)
            for group, process in running.items():
                if group not in seconds and process.poll() is not None:
                    if process.returncode:
                        raise RuntimeError(f"group {group} ended with {process.returncode}")
                    seconds[group] = round(time.perf_counter() - start, 1)
            left = [p for group, p in running.items() if group not in seconds]
            most = max(most, sum(map(_memory, left)))
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
    return {"seconds": [seconds[g] for g in range(groups)], "most_memory_gb": round(most / 1e9, 1)}


def _memory(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def main():
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    cores = bind()
    alone, together = measure(1), measure(GROUPS)
    reached = round(max(together["seconds"]) / 60, 1)
    found = {
        "cores": cores,
        "threads of each": 1,
        "one group": alone,
        f"{GROUPS} groups at once": together,
        "goal": {"minutes wanted at most": WANTED, "reached": reached},
        "load_average_before": load,
        "torch": torch.__version__,
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
