"""What the measurements of speed share: turns, what became of them, pictures, busy processors.

- `measure`, `row`, `ratio`: rates of several functions that take turns;
- `make_pictures`: what is augmented;
- `threads`, `busy`: the state in which it is measured;
- `about`, `code_of`: on what, and of which code.
"""

import hashlib
import os
import platform
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import cv2
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
LEAST = 0.05  # seconds that a turn lasts; what is faster is repeated
PACKAGES = (
    "torch", "torchvision", "numba", "kornia", "albumentations", "opencv-python-headless",
    "pillow", "numpy",
)  # fmt: skip


def measure(turns, pictures, rounds):
    """Return `{name: [pictures per second in each round]}` of functions that augment `pictures`.

    In a round each has one turn, so what slows the machine down for a while hits all of them. A
    function that augments more at once says how often as many in its attribute `batches`.
    """
    seconds = dict.fromkeys(turns, float("inf"))
    rates = {name: [] for name in turns}
    for number in range(rounds + 1):  # the first warms up
        for name, turn in turns.items():
            repeats = max(1, int(LEAST / seconds[name]))
            start = time.perf_counter()
            for _ in range(repeats):
                turn()
            seconds[name] = (time.perf_counter() - start) / repeats
            if number:
                rates[name].append(pictures * getattr(turn, "batches", 1) / seconds[name])
    return rates


def row(numbers):
    """Return the numbers of all rounds with their median, in three or more digits."""
    digits = [round(x) if x >= 100 else float(f"{x:.4g}") for x in numbers]
    return {"median": statistics.median_low(digits), "rounds": digits}


def ratio(one, other):
    """Return how many times the other row a row is: both were measured in the same rounds."""
    times = [a / b for a, b in zip(one["rounds"], other["rounds"], strict=True)]
    rounded = [float(f"{x:.3g}") for x in (statistics.median(times), min(times), max(times))]
    return dict(zip(("median", "lowest", "highest"), rounded, strict=True))


def make_pictures(n, side, seed=0):
    """Smooth random pictures with a little noise, uint8 `[N, side, side, 3]`."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(n, 3, 6, 6, generator=generator)
    smooth = nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    noisy = smooth * 235 + 20 * torch.rand(smooth.shape, generator=generator)
    return noisy.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


@contextmanager
def threads(count):
    """Let PyTorch, and so our loops, and OpenCV use `count` threads."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(count)
    cv2.setNumThreads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


@contextmanager
def busy(count=2):
    """Keep `count` cores busy with something else, each with a process that is bound to it."""
    bind = "import os; hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, {{{core}}})"
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(count)
    code = [f"{bind.format(core=core)}\nwhile True: pass" for core in cores[:count]]
    others = [subprocess.Popen([sys.executable, "-c", each]) for each in code]
    time.sleep(1)  # until they have started
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def about(rounds):
    """Return what does not change while a file of results grows."""
    return {
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "platform": platform.platform(),
        },
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "rounds": rounds,
        "unit": "pictures per second where nothing else is said: of each round, and their median",
    }


def code_of(*folders):
    """Return a short sum of the files of Python under `folders`: the same code, the same sum."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def load():
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
