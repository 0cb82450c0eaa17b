"""Is this machine fit for the course? Each check says what it found, and what to do."""

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import psutil
from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement

from d2laug import COURSE, PACKAGE

GB = 10**9
# A kernel at the end of lesson 04 has 0.75 GB of its own; JupyterLab and a browser come to it.
MEMORY, DISK = 2 * GB, 1 * GB
SLOW = 1.0  # seconds for a batch that takes some milliseconds on a laptop
EXTENSION = Path("labextensions", "@jupyter-widgets", "jupyterlab-manager", "package.json")
PIP = f'"{sys.executable}" -m pip install'
Found = tuple[str, str]  # what was found, and the remedy: empty where all is well


def check_python() -> Found:
    """Compare this Python with the oldest that serves."""
    wanted = distribution("d2laug").metadata["Requires-Python"]
    serves = Requirement(f"python{wanted}").specifier.contains(platform.python_version(), True)
    return platform.python_version(), "" if serves else f"take a Python {wanted}"


def check_packages() -> Found:
    """Compare what is installed with the floors in the package's own metadata."""
    wanted = [Requirement(line) for line in distribution("d2laug").requires or []]
    wanted = [one for one in wanted if not one.marker or one.marker.evaluate({"extra": ""})]
    wrong = {}
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = "missing"
        if found == "missing" or not one.specifier.contains(found, prereleases=True):
            wrong[f"{one.name} {found}"] = f'"{one}"'
    if wrong:
        return ", ".join(wrong), f"{PIP} --upgrade {' '.join(wrong.values())}"
    shown = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "jupyterlab"))
    return f"{len(wanted)} as new as they must be; {shown}", ""


def check_widgets() -> Found:
    """Compare the widgets in Python with the extension that JupyterLab will load."""
    installed = distribution("jupyterlab_widgets")
    own = next(f for f in installed.files or [] if f.match(f"*/{EXTENSION.as_posix()}"))
    shipped = Path(str(own.locate())).resolve()
    places = (Path(folder) / EXTENSION for folder in jupyter_path())
    loaded = next((path for path in places if path.exists()), None)
    found = f"ipywidgets {version('ipywidgets')}, jupyterlab_widgets {installed.version}"
    if loaded is None or not shipped.exists():
        again = f"{PIP} --force-reinstall --no-deps jupyterlab_widgets"
        return f"{found}, and JupyterLab has no extension for them", again
    here, there = (json.loads(path.read_text("utf-8"))["version"] for path in (shipped, loaded))
    if here != there:
        remedy = f"remove the folder {loaded.parent}"
        return f"{found}, but JupyterLab will load extension {there} instead of {here}", remedy
    return f"{found}, extension {there}", ""


def check_data() -> Found:
    """Compare the course's files with their checksums: the wheel's own, or git's in a clone."""
    if PACKAGE.parent == COURSE:
        command = ["git", "-C", str(COURSE), "status", "--porcelain", "data", "benchmarks/results"]
        try:
            git = subprocess.run(command, capture_output=True, text=True, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            return "not compared: git is missing, or knows no clone here", ""
        wrong = [line[3:] for line in git.stdout.splitlines() if line[:2] != "??"]
        total, remedy = len(list((COURSE / "data").rglob("*.*"))), "git checkout data benchmarks"
    else:
        files = [f for f in distribution("d2laug").files or [] if f.hash]
        wrong, total = [str(f) for f in files if not _intact(f)], len(files)
        remedy = f"{PIP} --force-reinstall --no-deps, and the wheel of the course"
    if not total:
        return "no checksums: the installation keeps no record", remedy
    if wrong:
        return f"missing or changed: {len(wrong)} of {total} files, {wrong[0]} first", remedy
    return f"{total} files as they were shipped", ""


def _intact(file):
    """Return whether a file of a distribution has the checksum of its record."""
    if not file.locate().exists():
        return False
    digest = hashlib.new(file.hash.mode, file.read_binary()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def check_memory() -> Found:
    """Look whether a lesson, JupyterLab and a browser fit."""
    memory = psutil.virtual_memory()
    found = f"{memory.available / GB:.1f} of {memory.total / GB:.1f} GB free"
    remedy = f"close other programs, or end kernels: a lesson needs {MEMORY / GB:.0f} GB"
    return found, remedy if memory.available < MEMORY else ""


def check_disk() -> Found:
    """Look whether pictures that a lesson loads, and files of your own, fit."""
    free = shutil.disk_usage(Path.home()).free
    found, remedy = f"{free / GB:.0f} GB free", f"free some: {DISK / GB:.0f} GB is enough"
    return found, remedy if free < DISK else ""


def check_cores() -> Found:
    """Count the cores; one is enough, and slow where a lesson trains."""
    return f"{os.cpu_count() or 1}, {psutil.cpu_percent(interval=0.2):.0f} % in use", ""


def check_gpu() -> Found:
    """Look for a GPU, which no lesson needs."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(), ""
    apple = torch.backends.mps.is_available()
    return "Apple's" if apple else "none, and none is needed", ""


def check_batch() -> Found:
    """Flip and crop 128 pictures; the first time may compile the loops."""
    import torch

    from d2laug import augment

    flip, crop = augment.RandomHorizontalFlip(), augment.RandomResizedCrop(96)
    batch = torch.randint(256, (128, 3, 96, 96), dtype=torch.uint8)
    times = []
    with warnings.catch_warnings(record=True) as caught:
        for _ in range(4):
            started = time.perf_counter()
            crop(flip(batch))
            times.append(time.perf_counter() - started)
    best = min(times[1:])
    found = f"{1000 * best:.0f} ms for 128 pictures; {times[0]:.1f} s the first time"
    if any("Numba" in str(warning.message) for warning in caught):
        return f"{found}, without Numba", f"{PIP} --force-reinstall numba llvmlite"
    return found, "end what else keeps the processor busy" if best > SLOW else ""


CHECKS: dict[str, Callable[[], Found]] = {
    "Python": check_python,
    "packages": check_packages,
    "widgets": check_widgets,
    "data": check_data,
    "memory": check_memory,
    "disk": check_disk,
    "cores": check_cores,
    "GPU": check_gpu,
    "one batch": check_batch,
}


def check(as_json: bool = False) -> int:
    """Run all checks, print them, and return 0 where each is well, 1 otherwise."""
    started, rows = time.perf_counter(), []
    for name, run in CHECKS.items():
        try:
            found, remedy = run()
        except Exception as error:  # what a broken installation raises there is no list of
            found, remedy = f"{type(error).__name__}: {error}", f"{PIP} --force-reinstall d2laug"
        rows.append({"check": name, "ok": not remedy, "found": found, "remedy": remedy})
        if not as_json:
            print(f"{'NO' if remedy else 'ok'} {name:10} {found}", flush=True)
            if remedy:
                print(f"{'':14}-> {remedy}", flush=True)
    failed, seconds = sum(not row["ok"] for row in rows), time.perf_counter() - started
    if as_json:
        system = {"platform": platform.platform(), "seconds": round(seconds, 1), "checks": rows}
        print(json.dumps({"ok": not failed, "version": version("d2laug"), **system}, indent=1))
    else:
        verdict = "Ready for the course" if not failed else f"{failed} to mend"
        print(f"{verdict} ({seconds:.1f} s).")
    return int(failed > 0)
