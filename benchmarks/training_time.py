"""How long one training of the lessons takes on this machine, without and with all augmentations.

    python benchmarks/training_time.py

trains each three times in turn, on all cores, as `benchmarks/drinks_matrix.py` does on one, and
writes seconds to benchmarks/results/training_time.json, and how many times as long the augmented
one took in each round. One epoch of each goes before, unmeasured. Memory is kept as in the kernels
of `d2laug lab`.
"""

import json
import os
import platform
import statistics
import sys
from pathlib import Path

import torch
from drinks_matrix import EPOCHS, SHIPPED, train
from tqdm import tqdm

from d2laug.cli.serve import MEMORY

ROUNDS = 3
WANTED = 1.10  # times as long, at most
RESULTS = Path(__file__).parent / "results" / "training_time.json"


def main():
    torch.set_num_threads(os.cpu_count())
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    for recipe in SHIPPED:
        train("lab", recipe, 0, seed=0, epochs=1)
    seconds = {recipe: [] for recipe in SHIPPED}
    for seed in tqdm(range(ROUNDS), unit="round"):
        for recipe, times in seconds.items():
            times.append(round(train("lab", recipe, 0, seed)[2], 1))
    none, augmented = (seconds[recipe] for recipe in SHIPPED)
    ratios = [round(b / a, 3) for a, b in zip(none, augmented, strict=True)]
    results = {
        "epochs": EPOCHS,
        "seconds": seconds,
        "median": {recipe: statistics.median(times) for recipe, times in seconds.items()},
        "times as long": ratios,
        "goal": {"wanted at most": WANTED, "reached": statistics.median(ratios)},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average_before": load,
        "torch": torch.__version__,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(results["median"], results["goal"])


if __name__ == "__main__":
    if not MEMORY.items() <= os.environ.items():  # read at the start of a process
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | MEMORY)
    main()
