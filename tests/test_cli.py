"""The command `d2laug`: the learner's folder, what it says of a machine, and what it refuses."""

import json
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

from d2laug.cli import lessons, main, places, preflight, serve
from d2laug.data import common


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two lessons that a test may change; the working directory is an empty folder."""
    folder = tmp_path / "course" / "notebooks"
    folder.mkdir(parents=True)
    for name in ("01_see", "02_flip"):
        write(folder / f"{name}.ipynb", name)
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    monkeypatch.setattr(lessons, "NOTEBOOKS", folder)
    return folder


def write(path, *sources):
    cells = [{"id": str(k), "source": [source]} for k, source in enumerate(sources)]
    path.write_text(json.dumps({"cells": cells}))


def lab(capsys, *arguments):
    """Run `d2laug lab --no-open`; return the folder and what was said."""
    assert main(["lab", "--no-open", *arguments]) == 0
    return lessons.find_folder(*arguments or [None]), capsys.readouterr().out


def test_lessons_are_copied_once(course, capsys):
    folder, said = lab(capsys)
    assert said == f"New in {folder}: 01_see, 02_flip.\n"
    assert sorted(p.name for p in folder.glob("*.ipynb")) == ["01_see.ipynb", "02_flip.ipynb"]
    assert lab(capsys) == (folder, "")


def test_from_inside_the_folder_it_is_the_same_one(course, capsys, monkeypatch):
    folder, _ = lab(capsys)
    monkeypatch.chdir(folder)
    assert lab(capsys) == (folder, "")


def test_a_newer_course_replaces_what_nobody_changed_and_nothing_else(course, capsys, monkeypatch):
    folder, _ = lab(capsys)
    write(folder / "02_flip.ipynb", "my answer")
    write(course / "01_see.ipynb", "01_see", "one more cell")
    write(course / "02_flip.ipynb", "another text")
    write(course / "03_crop.ipynb", "a new lesson")
    monkeypatch.setattr(lessons, "version", lambda name: "9.9")
    _, said = lab(capsys)
    first, *lines = said.splitlines()
    assert first == f"The course is now version 9.9; these lessons were of {version('d2laug')}."
    assert lines[0] == f"New in {folder}: 03_crop."
    assert lines[1].endswith("so replaced: 01_see (cells: 1).")
    assert "so it stays: 02_flip. `d2laug reset LESSON`" in lines[2]
    assert "my answer" in (folder / "02_flip.ipynb").read_text()
    assert "one more cell" in (folder / "01_see.ipynb").read_text()
    assert lab(capsys)[1] == ""  # it was told once
    assert "my answer" in (folder / "02_flip.ipynb").read_text()


@pytest.mark.parametrize("record", [None, "{", "[]"])
def test_without_its_record_all_is_the_learners(course, capsys, record):
    folder, _ = lab(capsys)
    write(folder / "01_see.ipynb", "mine")
    if record is None:
        (folder / lessons.RECORD).unlink()
    else:
        (folder / lessons.RECORD).write_text(record)
    assert "so it stays: 01_see." in lab(capsys, str(folder))[1]
    assert "mine" in (folder / "01_see.ipynb").read_text()


def test_reset_keeps_each_earlier_copy(course, capsys):
    folder, _ = lab(capsys)
    assert main(["reset", "2"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    for text, kept in (("first", "02_flip.mine.ipynb"), ("second", "02_flip.mine-2.ipynb")):
        write(folder / "02_flip.ipynb", text)
        assert main(["reset", "flip"]) == 0
        assert f"yours is {kept}" in capsys.readouterr().out
        assert text in (folder / kept).read_text()
        assert (folder / "02_flip.ipynb").read_bytes() == (course / "02_flip.ipynb").read_bytes()


def test_what_is_refused(course, capsys, tmp_path):
    with pytest.raises(SystemExit, match=r"There is no folder .*`d2laug lab` makes it"):
        main(["reset", "1"])
    with pytest.raises(
        SystemExit, match=r"No lesson is called '9'; choose one of: 01_see, 02_flip"
    ):
        main(["reset", "9"])
    with pytest.raises(SystemExit, match="is the course itself"):
        main(["reset", "1", "--folder", str(course)])
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match="cannot hold the lessons"):
        main(["lab", "--no-open", str(tmp_path / "file")])
    with pytest.raises(SystemExit, match="expected a number from 1 to 65535"):
        serve.choose_port(70000, 8888)


def test_what_a_command_lacks_is_said(monkeypatch):
    monkeypatch.setattr(preflight, "check", lambda as_json: import_module("no_such_package"))
    with pytest.raises(SystemExit, match=r"No module named 'no_such_package'; .* pip install"):
        main(["check"])


def test_in_a_clone_nothing_is_copied(course, capsys):
    before = sorted(course.iterdir())
    assert lab(capsys, str(course))[1] == ""
    assert sorted(course.iterdir()) == before


def test_both_find_the_course_at_the_same_place(project):
    assert common.COURSE == lessons.COURSE == project


def test_help_and_version_need_no_torch(project):
    code = "import sys; from d2laug.cli import main\ntry: main(sys.argv[1:])\n"
    code += "except SystemExit: assert 'torch' not in sys.modules"
    for word in ("--help", "--version"):
        command = [sys.executable, "-c", code, word]
        result = subprocess.run(command, capture_output=True, text=True, cwd=project)
        assert result.returncode == 0, result.stderr
        assert "d2laug" in result.stdout


def test_check_says_what_it_found_and_what_to_do(capsys, monkeypatch):
    checks = {"memory": preflight.check_memory, "disk": preflight.check_disk}
    monkeypatch.setattr(preflight, "CHECKS", checks)
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("ok memory")
    monkeypatch.setattr(preflight, "MEMORY", 10**18)
    assert main(["check", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [(row["check"], row["ok"]) for row in said["checks"]] == [
        ("memory", False),
        ("disk", True),
    ]
    assert "close other programs" in said["checks"][0]["remedy"]
    checks["broken"] = lambda: 1 / 0
    assert main(["check"]) == 1
    assert "NO broken     ZeroDivisionError" in capsys.readouterr().out


def test_versions_below_their_floors_are_named(monkeypatch):
    assert preflight.check_packages()[1] == ""
    monkeypatch.setattr(preflight, "version", lambda name: "0.1")
    found, remedy = preflight.check_packages()
    assert "torch 0.1" in found
    assert '"torch>=' in remedy


def test_another_extension_for_the_widgets_is_found(tmp_path, monkeypatch):
    assert preflight.check_widgets()[1] == ""
    other = tmp_path / preflight.EXTENSION
    other.parent.mkdir(parents=True)
    other.write_text('{"version": "3.1"}')
    monkeypatch.setattr(preflight, "jupyter_path", lambda: [str(tmp_path)])
    assert preflight.check_widgets()[1] == f"remove the folder {other.parent}"
    monkeypatch.setattr(preflight, "jupyter_path", list)
    assert "has no extension" in preflight.check_widgets()[0]


def test_a_damaged_file_is_found(project, tmp_path, monkeypatch):
    """In a clone git knows; the wheel's own checksums are tried in test_wheel.py."""
    assert preflight.check_batch()[1] == ""
    clone = tmp_path / "clone"
    (clone / "data").mkdir(parents=True)
    (clone / "benchmarks" / "results").mkdir(parents=True)
    shutil.copy(project / "data" / "README.md", clone / "data")
    monkeypatch.setattr(preflight, "COURSE", clone)
    monkeypatch.setattr(preflight, "PACKAGE", clone / "d2laug")
    assert "not compared" in preflight.check_data()[0]
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a"]
    for words in (["init", "-q"], ["add", "data"], ["commit", "-qm", "data"]):
        subprocess.run([*git, *words], check=True)
    assert preflight.check_data()[1] == ""
    (clone / "data" / "README.md").write_text("damaged")
    assert "data/README.md first" in preflight.check_data()[0]


def test_places_are_listed_with_their_sizes(capsys):
    assert main(["where"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in places.places())
    assert "MB; remove" in said
