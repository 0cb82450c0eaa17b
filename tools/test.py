"""Run the parts of the test suite one after another, and close with what all of them counted.

Usage: python tools/test.py [--long] [unit] [notebooks] [browser]   (all where none is named)

Without --long the notebooks train for one epoch, and tests that are marked `long` are left out;
with it the notebooks train in full, and of the other parts only those tests run.
D2LAUG_REQUIRE_BROWSER=1 makes a missing browser a failure instead of a skip.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).parent.parent
RESULTS = PROJECT / "test-results"
TWO = ["-n", "2", "--dist"]
PARTS = {
    # What one worker has left when the other has nothing to do is shared: both end together.
    "unit": [*TWO, "worksteal", "--doctest-modules", "d2laug", "tests", "--ignore=tests/browser"],
    # One notebook's cells share a kernel, so they stay on one worker.
    "notebooks": [*TWO, "loadscope", "--no-loadscope-reorder", "--nbval-lax", "notebooks"],
    # Each worker has a browser and a JupyterLab of its own.
    "browser": [*TWO, "worksteal", "tests/browser"],
}
SAID = "{passed} passed, {failed} failed, {skipped} skipped"
NO_NETWORK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def cut_off():
    """The words before a command that cut it off from the network, where the machine allows it."""
    if shutil.which("unshare") and shutil.which("ip"):
        for unshare in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
            words = [*unshare, *NO_NETWORK]
            if subprocess.run([*words, "true"], capture_output=True).returncode == 0:
                return words
    print("The notebooks run with the network on: this machine does not allow to cut it off.")
    return []


def run(part, long):
    """Run one part; return pytest's status, seconds, and how many tests came to each end."""
    print(f"\n== {part} ==", flush=True)
    report = RESULTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    words = cut_off() if part == "notebooks" else []
    words += [sys.executable, "-m", "pytest", *PARTS[part], f"--junitxml={report}", "-q"]
    words.append("--durations=10")
    # Two workers on two cores: more threads in each would only get in each other's way.
    environment = {"OMP_NUM_THREADS": "1", **os.environ}
    if part != "notebooks":
        words += ["-m", "long" if long else "not long"]
    elif not long:
        environment["D2LAUG_MOST_EPOCHS"] = "1"
    status = subprocess.run(words, cwd=PROJECT, env=environment).returncode
    suite = ElementTree.parse(report).find("testsuite") if report.exists() else {}
    names = ("tests", "failures", "errors", "skipped")
    tests, failures, errors, skipped = (int(suite.get(name, 0)) for name in names)
    if skipped and part == "browser" and os.environ.get("D2LAUG_REQUIRE_BROWSER"):
        print("Browser tests were skipped, and D2LAUG_REQUIRE_BROWSER forbids that.")
        status = status or 1
    # a part fails too where nothing ran, or where pytest itself was stopped
    failed = failures + errors or int(status != 0)
    ends = {"passed": tests - failures - errors - skipped, "failed": failed, "skipped": skipped}
    return status, time.monotonic() - started, ends


def main(arguments):
    """Run the parts; return 0 only where each of them ran tests and all of these passed."""
    RESULTS.mkdir(exist_ok=True)
    parts = [name for name in arguments if name != "--long"] or PARTS
    results = {part: run(part, "--long" in arguments) for part in parts}
    print("\n== all ==")
    for part, (status, seconds, ends) in results.items():
        verdict = "ok" if status == 0 else f"FAILED with exit status {status}"
        print(f"{part:10} {SAID.format(**ends)}  {seconds:.0f} s  {verdict}")
    statuses, _, ends = zip(*results.values(), strict=True)
    print(SAID.format(**{end: sum(one[end] for one in ends) for end in ends[0]}))
    return int(any(statuses))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
