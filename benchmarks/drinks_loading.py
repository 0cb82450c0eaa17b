"""How long does it take to load every split of the drinks as tensors?

    python benchmarks/drinks_loading.py

loads all of them 7 times, and writes median and range to benchmarks/results/drinks_loading.json.
"""

import json
import os
import statistics
import time
from pathlib import Path

from tqdm import trange

from d2laug.data import DRINKS_SPLITS, drinks

RESULTS = Path(__file__).parent / "results" / "drinks_loading.json"


def load_all() -> float:
    start = time.perf_counter()
    for split in DRINKS_SPLITS:
        drinks(split, tensors=True)
    return time.perf_counter() - start


def main():
    seconds = sorted(load_all() for _ in trange(7, desc="loading everything"))
    results = {
        "median_seconds": round(statistics.median(seconds), 2),
        "range_seconds": [round(seconds[0], 2), round(seconds[-1], 2)],
        "cores": os.cpu_count(),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(results)


if __name__ == "__main__":
    main()
