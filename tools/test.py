"""Run the parts of the test suite one after another, and close with what all of them counted.

Usage: python tools/test.py [unit] [notebooks] [browser]     (all three where none is named)

D2LAUG_REQUIRE_BROWSER=1 makes a missing browser a failure instead of a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).parent.parent
RESULTS = PROJECT / "test-results"
PARTS = {
    "unit": ["-n", "2", "--doctest-modules", "d2laug", "tests", "--ignore=tests/browser"],
    # One notebook's cells share a kernel, so they stay on one worker.
    "notebooks": ["-n", "2", "--dist", "loadscope", "--nbval-lax", "notebooks"],
    # Each worker has a browser and a JupyterLab of its own; -rs: why tests were skipped.
    "browser": ["-n", "2", "-rs", "tests/browser"],
}
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


def run(part):
    """Run one part; return pytest's exit status and how many tests passed, failed, were skipped."""
    print(f"\n== {part} ==", flush=True)
    report = RESULTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    words = cut_off() if part == "notebooks" else []
    pytest = [sys.executable, "-m", "pytest", *PARTS[part], f"--junitxml={report}", "-q"]
    # Two workers on two cores: more threads in each would only get in each other's way.
    environment = {"OMP_NUM_THREADS": "1", **os.environ}
    status = subprocess.run([*words, *pytest], cwd=PROJECT, env=environment).returncode
    suite = ElementTree.parse(report).find("testsuite") if report.exists() else {}
    tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    passed = tests - failed - skipped
    if skipped and part == "browser" and os.environ.get("D2LAUG_REQUIRE_BROWSER"):
        print("Browser tests were skipped, and D2LAUG_REQUIRE_BROWSER forbids that.")
        status = status or 1
    if status and not failed:  # nothing ran, or pytest itself was stopped
        failed = 1
    return status, (passed, failed, skipped)


def main(parts):
    """Run the parts; return 0 only where each of them ran tests and all of these passed."""
    RESULTS.mkdir(exist_ok=True)
    results = {part: run(part) for part in parts or PARTS}
    print("\n== all ==")
    for part, (status, (passed, failed, skipped)) in results.items():
        verdict = "ok" if status == 0 else f"FAILED with exit status {status}"
        print(f"{part:10} {passed} passed, {failed} failed, {skipped} skipped  {verdict}")
    passed, failed, skipped = (
        sum(counts) for counts in zip(*(c for _, c in results.values()), strict=True)
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(any(status for status, _ in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
