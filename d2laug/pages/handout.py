"""Hand-outs for a class: lessons without solutions for learners, with notes for the tutor.

`write(folder)` writes both, with the tutorial as one notebook and the pages to print; `student` and
`teacher` make the copy of one lesson.
"""

import ast
import copy
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import getsource
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from d2laug import check
from d2laug.check import kept
from d2laug.pages import remembered, tutorial
from d2laug.pages.cells import lessons, read

WAITS = '# When the check above says "Right": select all, press Ctrl+/, run the cell.'
# What a lesson says of its solutions, and what its copy says that has none.
WORDS = {
    "has three cells: one to fill in, one that checks your answer, and a folded solution": (
        "has two cells: one to fill in, and one that checks your answer"
    ),
    "put the name of your own function in place of `solution`": (
        "the next cell waits for your answer"
    ),
    "Put your own list in place of `solution`, turn its dials, and run the cell again": (
        "The next cell waits for your list; then turn its dials, and run the cell again"
    ),
}
SHORTEST = 25  # characters of a result that is looked for in other cells
TUTOR = "**For the tutor.** "


def student(notebook: NotebookNode) -> NotebookNode:
    """Return a lesson's copy without solutions and outputs, whose answers are folded.

    A cell that shows what a solution does, or has its result in it, waits in comments with the
    learner's own name in place. Raises `ValueError` where a solution is still spoken of.
    """
    made = copy.deepcopy(notebook)
    answers: dict[str, str] = {}
    asked, cells, answered = "", [], False
    for cell in made.cells:
        tags = cell.metadata.get("tags", [])
        if "solution" in tags:
            answers |= _results(cell.source, asked)
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if "exercise" in tags:
                asked = _first_name(cell.source)
            if "check" not in tags:
                cell.source = _without(cell.source, answers, asked)
            answered = cell.metadata.get("slideshow", {}).get("slide_type") == "fragment"
        else:
            cell.source = _plain(cell.source)
            if answered and cell.id.endswith("-seen"):
                cell.source = _folded(cell.source)
        if re.search(r"\bsolutions?\b", cell.source):
            raise ValueError(f"{cell.id} speaks of a solution: put what to say into handout.WORDS")
        cells.append(cell)
    made.cells = cells
    return made


def _results(source: str, asked: str) -> dict[str, str]:
    """Return the result of a solution's function as the tree of its code, and the call of yours."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return):
            result = node.body[-1].value
            if result is not None and len(ast.unparse(result)) >= SHORTEST:
                inputs = ", ".join(argument.arg for argument in node.args.args)
                return {ast.dump(result): f"{asked}({inputs})"}
    return {}


def _first_name(source: str) -> str:
    """Return the name of the function or the variable that an exercise asks for."""
    node = next(iter(ast.parse(source).body), None)
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    raise ValueError(f"an exercise begins with a function or a name, not with {source[:40]!r}")


def _without(source: str, answers: Mapping[str, str], asked: str) -> str:
    """Put the learner's own in place of what gives an answer away, and let the cell wait."""
    made = source
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "solution":
            made = re.sub(r"\bsolution\b", asked, made)
        elif instead := answers.get(ast.dump(node)):
            made = made.replace(ast.get_source_segment(source, node) or "", instead)
    if made == source:
        return source
    return "\n".join([WAITS, *(f"# {line}".rstrip() for line in made.splitlines())])


def _plain(markdown: str) -> str:
    """Leave out what is said of solutions; of links to other files keep the words."""
    for words, instead in WORDS.items():
        markdown = markdown.replace(words, instead)
    return _unlinked(markdown)


def _unlinked(markdown: str) -> str:
    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:|#|[\w-]+\.ipynb)[^)]*\)", r"\1", markdown)


def _folded(markdown: str) -> str:
    summary = "What was seen: open this after you have run the cell"
    return f"<details><summary>{summary}</summary>\n\n{markdown}\n\n</details>"


def teacher(notebook: NotebookNode, notes: Mapping[str, Sequence[str]]) -> NotebookNode:
    """Return a lesson's copy with open solutions, outputs, notes by cell, and the checks' words."""
    made = copy.deepcopy(notebook)
    cells = []
    for cell in made.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            cell.source = _unlinked(cell.source).replace("folded solution", "solution")
        cells.append(cell)
        said = [*notes.get(cell.id, ())]
        if "solution" in tags:
            cell.metadata.pop("jupyter", None)
        if "check" in tags:
            said += _answers_of(re.findall(r"check\.(\w+)\(", cell.source)[0])
        for number, text in enumerate(said, 1):
            note = "> " + (TUTOR + text).replace("\n", "\n> ")
            cells.append(new_markdown_cell(note, id=f"{cell.id[:50]}-tutor-{number}"))
    made.cells = cells
    return made


def _answers_of(name: str) -> list[str]:
    """Return what a check can say, as its source has it, where it has a table of sentences."""
    lesson = ast.parse(getsource(import_module(getattr(check, name).__module__)))
    own = next((one for one in lesson.body if getattr(one, "name", "") == name), ast.Pass())
    keys = [key for node in ast.walk(own) if isinstance(node, ast.Dict) for key in node.keys]
    texts = [key.value for key in keys if isinstance(key, ast.Constant)]
    said = [text for text in texts if isinstance(text, str) and text.endswith(".")]
    lines = "".join(f"\n- {text}" for text in said)
    return [f"The check knows these answers:\n{lines}"] if said else []


def notes() -> dict[str, dict[str, list[str]]]:
    """Return the lecture's questions, with what most people answer, by lesson and cell."""
    found: dict[str, dict[str, list[str]]] = {}
    for slide in read("lecture")["slide"]:
        shown = [*slide["first"], *slide.get("then", ())]
        lesson, _, cell = next((n for n in shown if not n.startswith("deck/")), "").partition("/")
        if lesson and not slide.get("extra"):
            options = "; ".join(slide.get("options", ()))
            ask = f"Ask: {slide['question']}" + (f" ({options})" if options else "")
            found.setdefault(lesson, {}).setdefault(cell, []).append(
                f"{ask}\n\n{slide['notes'].strip()}"
            )
    return found


def write(folder: Path) -> list[str]:
    """Write `student/` and `teacher/` into a folder; return what lies where, in sentences.

    Raises `FileExistsError` where somebody has worked in the learners' copy that is there.
    """
    students, tutors = folder / "student", folder / "teacher"
    _refuse_work(students)
    for one in (students, tutors):
        one.mkdir(parents=True, exist_ok=True)
        remembered.write(one)
    said = notes()
    for key, path in lessons().items():
        lesson = nbformat.read(path, 4)
        nbformat.write(student(lesson), students / path.name)
        nbformat.write(teacher(lesson, said.get(key, {})), tutors / path.name)
    whole = tutorial.notebook()
    nbformat.write(student(whole), students / tutorial.NAME)
    nbformat.write(teacher(whole, tutorial.notes()), tutors / tutorial.NAME)
    for page in tutorial.DOCUMENTS:
        shutil.copy(page, tutors)
    what = f"{len(lessons())} lessons and {tutorial.NAME}"
    return [
        f"{students}: {what} without solutions, a card, questions",
        f"{tutors}: the same with solutions and notes, and {tutorial.DOCUMENTS[0].name}",
    ]


def _refuse_work(folder: Path) -> None:
    for path in [*folder.glob(kept.FILE), *folder.glob("*.ipynb")]:
        if path.name == kept.FILE or re.search(r'"execution_count": \d', path.read_text("utf-8")):
            raise FileExistsError(f"{path}: somebody has worked there; name another folder")
