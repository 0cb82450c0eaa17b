"""The wheel carries the whole course: it is built, installed without the clone in sight, and used.

The packages that it needs are taken from this environment; the clone's own package is not.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
LARGEST_WHEEL = 60e6  # bytes


def run(*command, folder, **more):
    """Run a command in a folder, where nothing tells it of the clone."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "D2LAUG_DATA")}
    environment |= {"D2LAUG_MOST_EPOCHS": "1", "OMP_NUM_THREADS": "1"} | more
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800
    )


@pytest.fixture(scope="module")
def wheel(project, tmp_path_factory):
    """The path of the wheel, built from this clone."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(folder)]
    result = run(*pip, str(project), folder=folder)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The bin of an environment that has the wheel, and a folder beside it to work in."""
    folder = tmp_path_factory.mktemp("learner")
    assert run(sys.executable, "-m", "venv", "venv", folder=folder).returncode == 0
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run(python, "-c", where, folder=folder).stdout.strip())
    # a folder named in a .pth file is searched, and its own .pth files, the clone's, are not read
    (site / "needed.pth").write_text(sysconfig.get_path("purelib"))
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall"]
    result = run(*pip, wheel, folder=folder)
    assert result.returncode == 0, result.stderr
    return python.parent, folder


def test_the_wheel_is_small_and_has_all(project, wheel):
    assert wheel.stat().st_size < LARGEST_WHEEL
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = ["data/drinks", "data/networks", "data/words", "benchmarks/results", "notebooks"]
    tracked = ["git", "-C", str(project), "ls-files", *shipped, "playground"]
    listed = subprocess.run(tracked, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(listed) > 5000
    assert [name for name in listed if f"d2laug/course/{name}" not in names] == []
    assert not [name for name in names if "checkpoint" in name or name.endswith(".pyc")]


@pytest.mark.parametrize("lesson", ["01", "04", "11"])
def test_a_lesson_runs_from_the_wheel(project, installed, lesson):
    command, folder = installed
    result = run(command / "d2laug", "lab", "--no-open", folder=folder)
    assert result.returncode == 0, result.stderr
    (path,) = (folder / "d2laug-lessons").glob(f"{lesson}_*.ipynb")
    notebook = json.loads(path.read_text("utf-8"))
    look = {"cell_type": "code", "id": "look", "metadata": {}, "outputs": []}
    look |= {"execution_count": None, "source": "import d2laug; print('HERE', d2laug.__file__)"}
    notebook["cells"].append(look)
    (path.parent / "run.ipynb").write_text(json.dumps(notebook), "utf-8")
    words = ["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "ran", "run.ipynb"]
    result = run(command / "python", *words, folder=path.parent)
    assert result.returncode == 0, result.stderr[-3000:]
    ran = (path.parent / "ran.ipynb").read_text("utf-8")
    (where,) = re.findall(r"HERE (/[^\\\"]+|[A-Z]:[^\"]+)", ran)
    assert Path(where).is_relative_to(folder.resolve())
    assert str(project) not in ran


def test_check_finds_a_damaged_file(installed):
    command, folder = installed
    result = run(command / "d2laug", "check", "--json", folder=folder)
    (data,) = [row for row in json.loads(result.stdout)["checks"] if row["check"] == "data"]
    assert data["ok"], data
    (weights,) = (folder / "venv").rglob("course/data/networks/all.safetensors")
    before = weights.read_bytes()
    weights.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    result = run(command / "d2laug", "check", "--json", folder=folder)
    weights.write_bytes(before)
    assert result.returncode == 1
    (data,) = [row for row in json.loads(result.stdout)["checks"] if row["check"] == "data"]
    assert "all.safetensors first" in data["found"]
    assert "--force-reinstall" in data["remedy"]
