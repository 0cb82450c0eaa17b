"""The learner's folder: lessons are copied there, and their work is never overwritten."""

import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any  # what json reads may be Any

from d2laug import COURSE

NOTEBOOKS = COURSE / "notebooks"
RECORD = ".d2laug.json"  # in the learner's folder: what each lesson was when it was copied


def find_folder(named: str | None) -> Path:
    """Return the named folder, or this one if it has lessons, or `d2laug-lessons` in it."""
    if named:
        return Path(named).expanduser().resolve()
    return Path.cwd() if (Path.cwd() / RECORD).exists() else Path.cwd() / "d2laug-lessons"


def find_lesson(name: str, folder: Path) -> Path:
    """Return a notebook of the folder by its number, its name or its file, or exit with the names.

    >>> find_lesson("4", NOTEBOOKS).name, find_lesson("crop", NOTEBOOKS).name
    ('04_color.ipynb', '03_crop.ipynb')
    """
    wanted = Path(name).stem
    wanted = wanted.zfill(2) if wanted.isdecimal() else wanted
    paths = sorted(folder.glob("*.ipynb"))
    for path in paths:
        number, _, words = path.stem.partition("_")
        if wanted in (path.stem, number, words):
            return path
    names = ", ".join(path.stem for path in paths) or "none is in " + str(folder)
    sys.exit(f"No lesson is called {name!r}; choose one of: {names}.")


def copy_lessons(folder: Path) -> list[str]:
    """Copy what is new; replace what nobody has touched; say what was done, in sentences.

    A lesson that differs from what was copied is the learner's work, and stays. Exits where the
    folder cannot hold them.
    """
    if folder.resolve() == NOTEBOOKS.resolve():
        return []
    record = _record(folder)
    known, before, now = record.get("lessons", {}), record.get("version"), version("d2laug")
    new, updated, kept = [], [], []
    for lesson in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        mine, current = folder / lesson.name, _digest(lesson)
        if not mine.exists():
            new.append(lesson.stem)
            _place(lesson, mine)
        elif (found := _digest(mine)) != current and found == known.get(lesson.name):
            changed = _changed_cells(mine, lesson)
            updated.append(f"{lesson.stem} (cells: {changed or 'only what they show'})")
            _place(lesson, mine)
        elif found != current != known.get(lesson.name):
            kept.append(lesson.stem)
        known[lesson.name] = current
    (folder / RECORD).write_text(json.dumps({"version": now, "lessons": known}, indent=1), "utf-8")
    said = [f"New in {folder}: {', '.join(new)}."] if new else []
    if updated:
        said.append(f"Changed in the course, and not by you, so replaced: {', '.join(updated)}.")
    if kept:
        said.append(
            f"Changed in the course, and yours differs, so it stays: {', '.join(kept)}. "
            "`d2laug reset LESSON` fetches the new one and keeps yours beside it."
        )
    if before not in (None, now):
        said.insert(0, f"The course is now version {now}; these lessons were of {before}.")
    return said


def reset(name: str, folder: Path) -> str:
    """Put a lesson as the course has it into the folder, and keep what was there beside it.

    Exits where there is no such lesson or folder, and for the folder of the course itself.
    """
    lesson = find_lesson(name, NOTEBOOKS)
    mine = folder / lesson.name
    if folder.resolve() == NOTEBOOKS.resolve():
        sys.exit(f"{folder} is the course itself: `git checkout {lesson.name}` there resets it.")
    if not folder.is_dir():
        sys.exit(f"There is no folder {folder}: `d2laug lab` makes it, or name yours.")
    said = ""
    if mine.exists():
        if _digest(mine) == _digest(lesson):
            return f"{mine} is as the course has it: nothing to do."
        number, kept = 1, mine.with_suffix(".mine.ipynb")
        while kept.exists():
            number += 1
            kept = mine.with_suffix(f".mine-{number}.ipynb")
        mine.rename(kept)
        said = f"; yours is {kept.name}"
    _place(lesson, mine)
    record = _record(folder)
    record.setdefault("lessons", {})[lesson.name] = _digest(lesson)
    (folder / RECORD).write_text(json.dumps(record, indent=1), "utf-8")
    return f"{mine} is as the course has it{said}."


def _record(folder: Path) -> dict[str, Any]:
    """What was copied, or nothing where the file is lost or damaged: then all is the learner's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    except OSError as error:
        sys.exit(f"{folder} cannot hold the lessons ({error}): name another folder.")
    return record if isinstance(record, dict) else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _place(lesson: Path, to: Path) -> None:
    """Copy whole or not at all: half a lesson would count as the learner's work."""
    part = to.with_suffix(".part")
    part.write_bytes(lesson.read_bytes())
    os.replace(part, to)


def _changed_cells(old: Path, new: Path) -> int:
    """The number of cells that are new, gone or different in what they say."""
    before, after = (
        {cell.get("id"): cell["source"] for cell in json.loads(path.read_text("utf-8"))["cells"]}
        for path in (old, new)
    )
    return sum(before.get(name) != after.get(name) for name in before | after)
