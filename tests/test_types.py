"""The type hints: the package passes the type checker, and wrong calls of it do not."""

import re
import subprocess
import sys


def test_the_type_checker_refuses_the_wrong_calls_and_nothing_else(project):
    calls = project / "tests" / "wrong_calls.py"
    command = [
        sys.executable,
        "-m",
        "mypy",
        "d2laug",
        str(calls),
        "--no-pretty",
        "--no-color-output",
    ]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert result.returncode == 1, result.stderr
    found = re.findall(r"^(\S+?):(\d+): error: .* \[([\w-]+)\]$", result.stdout, re.MULTILINE)
    wrong = [re.search(r"# wrong: ([\w-]+)$", line) for line in calls.read_text().splitlines()]
    expected = [
        ("tests/wrong_calls.py", str(number), match[1])
        for number, match in enumerate(wrong, 1)
        if match
    ]
    assert len(expected) >= 12
    assert found == expected, result.stdout


def test_what_the_type_checker_does_not_see_has_a_reason(project):
    """A module that imports `Any`, and each `type: ignore`, says why in a comment."""
    for path in (project / "d2laug").rglob("*.py"):
        text = path.read_text("utf-8")
        for comment in re.findall(r"# type: ignore.*", text):
            assert re.fullmatch(r"# type: ignore\[[\w, -]+\]  # \w.+", comment), (path, comment)
        if re.search(r"^(from|import) .*\bAny\b", text, re.MULTILINE):
            assert re.search(r"# .*\bAny\b|# noqa: ANN401 +\S", text), path
