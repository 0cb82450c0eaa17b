"""What the benchmarks share that train many networks side by side and keep each figure at once."""

import argparse
import json
import multiprocessing
import os

import torch
from tqdm import tqdm


def parser_of(doc):
    """Return the parser of what all of them take; `doc` is what the benchmark says of itself."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="trainings at once")
    parser.add_argument("--fresh", action="store_true", help="forget the figures that are there")
    return parser


def side_by_side(measure, todo, workers=None):
    """Yield `measure(run)` for each run of `todo`, as they end, from `workers` processes at once.

    One thread a process: networks this small gain little from more, and round the same anywhere.
    """
    processes = min(workers or os.cpu_count(), len(todo) or 1)
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, torch.set_num_threads, (1,)) as pool:
        yield from tqdm(pool.imap_unordered(measure, todo), total=len(todo), unit="training")


def earlier(parser, args, path, about, *same):
    """Return the results that `path` holds, or `about` with no runs yet.

    End with a sentence where what `about` says under the names `same` is another than there.
    """
    about = json.loads(json.dumps(about))  # as it comes back from a file
    if not path.exists() or args.fresh:
        return about | {"runs": []}
    results = json.loads(path.read_text())
    if any(results.get(name) != about[name] for name in same):
        parser.error(f"{path.name} has figures of other recipes: --fresh forgets them")
    return results


def keep(results, path):
    """Write `results` to `path`, so that a run that is interrupted leaves a whole file."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results) + "\n")
    part.replace(path)
