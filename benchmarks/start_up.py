"""What the compiled loops cost at the start of a process, each time in fresh ones.

    python benchmarks/start_up.py MODE PICTURES

runs one of them and prints its figures as JSON: the seconds of the first batch, the import of Numba
included, and of the second, and the memory after them: the process's own, and with the pages of
library files, which processes share (thirty kernels on one machine have them once).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIRST, LATER, PLAIN = "first, nothing compiled", "later", "plain form, without Numba"
OWN, SHARED = "megabytes of its own", "megabytes with what is shared"
TRIES = 3
WANTED = {"first": 20, "later": 1.2, "megabytes": 60}


def in_this_process(mode, pictures):
    """Augment two small batches, by the loops or by the plain form, and return what that took."""
    if mode == PLAIN:
        sys.modules["numba"] = None  # an import of it fails from now on
    import torch

    from d2laug import augment

    torch.set_num_threads(1)
    transform = torch.nn.Sequential(
        augment.RandomResizedCrop(32),
        augment.RandomHorizontalFlip(),
        augment.ColorJitter(0.5, 0.5, 0.5, 0.5),
    )
    batch = torch.randint(256, (pictures, 3, 32, 32), dtype=torch.uint8)
    before = "numba" in sys.modules and mode != PLAIN
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        augment.normalize(transform(batch), [0.5], [0.25])
        seconds.append(time.perf_counter() - start)
    return {
        "seconds": seconds[0],
        "seconds of the second batch": seconds[1],
        **memory(),
        "Numba imported before": before,
    }


def memory():
    """Return the megabytes of this process, or nothing where the system is not Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return {}
    numbers = dict(line.split(":") for line in status.read_text().splitlines())
    kinds = {"RssAnon": OWN, "VmRSS": SHARED}
    return {name: int(numbers[key].split()[0]) / 1024 for key, name in kinds.items()}


def in_a_fresh_one(mode, folder, pictures=64):
    """Run a mode in a process of its own, with the compiled loops kept in `folder`."""
    command = [sys.executable, __file__, mode, str(pictures)]
    environment = os.environ | {"NUMBA_CACHE_DIR": folder, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def measured(tries=TRIES):
    """Return, for each mode, what each try took and the medians; and the megabytes in between."""
    found = {mode: [] for mode in (FIRST, LATER, PLAIN)}
    for _ in range(tries):
        with tempfile.TemporaryDirectory() as folder:
            for mode, runs in found.items():  # the first fills the folder for the second
                runs.append(in_a_fresh_one(mode, folder))
    results = {}
    for mode, runs in found.items():
        numbers = {key: [round(run[key], 4) for run in runs] for key in runs[0]}
        results[mode] = {
            k: {"median": statistics.median(v), "tries": v} for k, v in numbers.items()
        }
    return results


def goals(measured):
    """Yield what was wanted and reached, in seconds and megabytes."""
    if not measured:
        return
    results = measured["processes"]
    first, later = (results[mode]["seconds"]["median"] for mode in (FIRST, LATER))
    yield {
        "goal": "first batch with nothing compiled: seconds",
        "wanted at most": WANTED["first"],
        "reached": first,
    }
    yield {
        "goal": "first batch of a later process, the import of Numba included: seconds",
        "wanted at most": WANTED["later"],
        "reached": later,
    }
    if OWN in results[LATER]:
        own, shared = (
            round(results[LATER][key]["median"] - results[PLAIN][key]["median"], 1)
            for key in (OWN, SHARED)
        )
        yield {
            "goal": "memory of a process's own, beyond that of the plain form: megabytes",
            "wanted at most": WANTED["megabytes"],
            "reached": own,
            "with pages of library files, which processes share": shared,
        }


def show(title, results):
    print(title)
    for mode, numbers in results.items():
        words = ", ".join(f"{key} {value['median']:.3g}" for key, value in numbers.items())
        print(f"    {mode:28}{words}")


if __name__ == "__main__":
    print(json.dumps(in_this_process(sys.argv[1], int(sys.argv[2]))))
