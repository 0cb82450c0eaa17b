"""What the benchmarks share that train many networks side by side and keep each figure at once."""

import json
import multiprocessing
import os

import torch
from tqdm import tqdm


def side_by_side(measure, todo, workers=None):
    """Yield `measure(run)` for each run of `todo`, as they end, from `workers` processes at once.

    One thread a process: networks this small gain little from more, and round the same anywhere.
    """
    processes = min(workers or os.cpu_count(), len(todo) or 1)
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, torch.set_num_threads, (1,)) as pool:
        yield from tqdm(pool.imap_unordered(measure, todo), total=len(todo), unit="training")


def keep(results, path):
    """Write `results` to `path`, so that a run that is interrupted leaves a whole file."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results) + "\n")
    part.replace(path)
