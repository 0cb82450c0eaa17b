"""Guards over the notebooks' JSON: what readers, GitHub and tests rely on, but no cell computes.

A guard takes a notebook as a dictionary and yields a sentence for each thing that is wrong. Each
is also fed a notebook that breaks its rule, so that none of them accepts everything.
"""

import copy
import json
import re
from pathlib import Path

import pytest

IMAGES = ("image/png", "image/jpeg", "image/svg+xml", "image/gif")
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./:-])(?:/(?:home|work|root|tmp|Users|mnt|opt)/\w|[A-Z]:\\\w)|file://"
)
LONGEST_CELL = 15  # lines
LARGEST_NOTEBOOK, LARGEST_COURSE = 1_000_000, 10_000_000  # bytes


def source(cell) -> str:
    return "".join(cell["source"])


def tags(cell) -> list[str]:
    return cell["metadata"].get("tags", [])


def code_cells(nb) -> list[dict]:
    return [cell for cell in nb["cells"] if cell["cell_type"] == "code"]


def outputs(nb):
    """Each output with the id of its cell."""
    return [(cell["id"], output) for cell in code_cells(nb) for output in cell["outputs"]]


def text(cell) -> str:
    """What a code cell printed or returned, as text."""
    parts = []
    for output in cell["outputs"]:
        parts += output.get("text", []), output.get("data", {}).get("text/plain", [])
    return "".join("".join(part) for part in parts)


def prose(nb) -> str:
    """All Markdown, without its code."""
    cells = [source(cell) for cell in nb["cells"] if cell["cell_type"] == "markdown"]
    return re.sub(r"```.*?```|`[^`\n]*`", "", "\n\n".join(cells), flags=re.DOTALL)


def guard_format(nb):
    if (nb["nbformat"], nb["nbformat_minor"]) != (4, 5):
        yield f"format {nb['nbformat']}.{nb['nbformat_minor']}, expected 4.5"
    if nb["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec is not python3"


def guard_metadata(nb):
    if "widgets" in nb["metadata"]:
        yield "the notebook keeps widget state, with which GitHub may refuse to show it"
    if "version" in nb["metadata"].get("language_info", {}):
        yield "the notebook names the version of Python that ran it"
    for cell in nb["cells"]:
        for key in set(cell["metadata"]) - {"tags", "slideshow", "jupyter", "editable"}:
            yield f"{cell['id']}: metadata {key!r} is not the course's"


def guard_ids(nb):
    ids = [cell.get("id", "") for cell in nb["cells"]]
    for id in ids:
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id) or len(id) > 64:
            yield f"{id!r} is not an id of small words and dashes"
        elif re.fullmatch(r"(?=.*\d)[0-9a-f-]{8,}", id):
            yield f"{id!r} is a random id; give the cell a name"
    for id in {id for id in ids if ids.count(id) > 1}:
        yield f"two cells have the id {id!r}"


def guard_opening(nb):
    first = source(nb["cells"][0])
    titles = re.findall(r"^# .+", prose(nb), flags=re.MULTILINE)
    if len(titles) != 1 or not first.startswith("# "):
        yield f"{len(titles)} first-level headings, expected one, in the first cell"
    for words in ("What you will do", "What you will learn", "What you need", "minutes"):
        if words not in first:
            yield f"the first cell does not say {words!r}"


def guard_execution(nb):
    counts = [cell["execution_count"] for cell in code_cells(nb)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts {counts}, expected 1 to {len(counts)} in order"


def guard_outputs(nb):
    for id, output in outputs(nb):
        if output["output_type"] == "error":
            yield f"{id}: an error is committed"
        if output.get("name") == "stderr":
            yield f"{id}: something was printed on stderr"
        if WIDGET_VIEW in output.get("data", {}):
            yield f"{id}: a live view is committed, which shows an error where no kernel runs"


def guard_compared_outputs(nb):
    # nbval compares nothing, and says so nowhere, where a cell has no count
    for cell in code_cells(nb):
        if "nbval-check-output" in tags(cell) and not (cell["execution_count"] and cell["outputs"]):
            yield f"{cell['id']}: nbval-check-output without a count or an output checks nothing"


def guard_alternative_text(nb):
    for id, output in outputs(nb):
        for mime in set(IMAGES) & set(output.get("data", {})):
            if not output["metadata"].get(mime, {}).get("alt", "").strip():
                yield f"{id}: an {mime} output without alternative text"
    if re.search(r"!\[\s*\]\(", prose(nb)):
        yield "a Markdown image without alternative text"
    for tag in re.findall(r"<img\b[^>]*>", prose(nb)):
        if not re.search(r"""\balt=["'][^"']*\w""", tag):
            yield f"{tag} has no alternative text"


def guard_absolute_paths(nb):
    for cell in nb["cells"]:
        spoken = source(cell) + (text(cell) if cell["cell_type"] == "code" else "")
        for match in ABSOLUTE_PATH.finditer(spoken):
            yield f"{cell['id']}: {spoken[match.start() :][:30]!r} is a path of one machine"


def guard_cell_length(nb):
    for cell in code_cells(nb):
        lines = len(source(cell).splitlines())
        if lines > LONGEST_CELL and "long-cell" not in tags(cell):
            yield f"{cell['id']}: {lines} lines; split it, or tag it long-cell"


def guard_slides(nb):
    for cell in nb["cells"]:
        if cell["metadata"].get("slideshow", {}).get("slide_type") not in SLIDES:
            yield f"{cell['id']}: no slide type"


def guard_exercises(nb):
    expected = None
    for cell in code_cells(nb):
        role = next((r for r in ("exercise", "check", "solution") if r in tags(cell)), None)
        if role != expected and (role != "exercise" or expected):
            yield f"{cell['id']}: {role or 'no role'}, expected {expected or 'an exercise first'}"
        if role == "check" and not text(cell).startswith("Not yet"):
            yield f"{cell['id']}: the check of the untouched stub does not say 'Not yet'"
        if role == "solution":
            if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
                yield f"{cell['id']}: the solution is not folded (jupyter.source_hidden)"
            # nothing is shown: it would give the answer away; what is asserted, the tests run
            if not re.search(r"^assert check\.\w+\(solution\)\.ok$", source(cell), re.MULTILINE):
                yield f"{cell['id']}: the solution does not assert that it is right"
            if cell["outputs"]:
                yield f"{cell['id']}: the solution shows something before anybody asked for it"
        expected = {"exercise": "check", "check": "solution"}.get(role)
    if expected:
        yield f"the last exercise has no {expected}"


GUARDS = {name[6:]: guard for name, guard in list(globals().items()) if name.startswith("guard_")}


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
def test_notebook(notebook: Path, guard):
    """Every notebook keeps every rule."""
    assert list(guard(json.loads(notebook.read_text("utf-8")))) == []


def test_sizes(project):
    """GitHub shows a notebook of under 1 MB quickly, and a clone stays small."""
    sizes = {p.name: p.stat().st_size for p in (project / "notebooks").glob("*.ipynb")}
    assert {name: size for name, size in sizes.items() if size >= LARGEST_NOTEBOOK} == {}
    assert sum(sizes.values()) < LARGEST_COURSE


def test_playground(project):
    """It is no lesson: a heading and the builder, stored without outputs."""
    nb = json.loads((project / "playground" / "playground.ipynb").read_text("utf-8"))
    for name in ("format", "metadata", "ids", "absolute_paths", "cell_length"):
        assert list(GUARDS[name](nb)) == []
    assert prose(nb).startswith("# ")
    (cell,) = code_cells(nb)
    assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_number_of_exercises(project):
    for path in (project / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        nb = json.loads(path.read_text("utf-8"))
        number = sum("exercise" in tags(cell) for cell in code_cells(nb))
        assert number >= 2, f"{path.name} has {number} exercises: give it two to five"


# ---- the links, and the index


def anchors(path: Path) -> set[str]:
    """The anchors of a notebook's headings, as JupyterLab and nbconvert make them."""
    nb = json.loads(path.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?)\s*$", prose_with_code(nb), flags=re.MULTILINE)
    return {re.sub(r"[`*_]", "", heading).replace(" ", "-") for heading in headings}


def prose_with_code(nb) -> str:
    return "\n\n".join(source(c) for c in nb["cells"] if c["cell_type"] == "markdown")


def broken_links(markdown: str, folder: Path):
    """Yield each relative link that leads to no file, or to no heading of a notebook."""
    for link in re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", markdown):
        name, _, anchor = link.partition("#")
        target = folder / name
        if name and not target.exists():
            yield f"{link}: there is no {name}"
        elif anchor and target.suffix == ".ipynb" and anchor not in anchors(target):
            yield f"{link}: no such heading; there are {sorted(anchors(target))}"


def test_links(notebook: Path):
    nb = json.loads(notebook.read_text("utf-8"))
    assert list(broken_links(prose_with_code(nb), notebook.parent)) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "notebooks/README.md"])
def test_links_of_pages(project, name):
    page = project / name
    assert list(broken_links(page.read_text("utf-8"), page.parent)) == []


@pytest.mark.parametrize("name", ["README.md", "notebooks/README.md"])
def test_every_lesson_is_listed_with_its_minutes(project, name):
    listed = (project / name).read_text("utf-8")
    for path in sorted((project / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        opening = source(json.loads(path.read_text("utf-8"))["cells"][0])
        minutes = re.search(r"(\d+) minutes", opening)[1]
        row = re.search(rf"\]\(\S*{path.name}\) \|.*\| {minutes} \|", listed)
        assert row, f"{name} has no row that links {path.name} and ends with {minutes} minutes"


def test_broken_links_are_seen(tmp_path):
    nb = {"cells": [{"cell_type": "markdown", "source": "# Flip\n\n## See `it`\n"}]}
    (tmp_path / "a.ipynb").write_text(json.dumps(nb))
    good = "[a](a.ipynb) [b](a.ipynb#See-it) [c](https://example.org/x.ipynb)"
    assert list(broken_links(good, tmp_path)) == []
    bad = "[a](b.ipynb) [b](a.ipynb#See-that)"
    assert len(list(broken_links(bad, tmp_path))) == 2


def unplaced_ideas(index: str) -> list[str]:
    """The ideas L1 to L23 that the index neither links to a heading nor says are to come."""
    rows = re.findall(r"^\| *(L\d+) *\|[^|]*\|([^|]*)\|", index, flags=re.MULTILINE)
    placed = {idea for idea, place in rows if "](" in place or "to come" in place}
    return [f"L{n}" for n in range(1, 24) if f"L{n}" not in placed]


def test_every_idea_of_the_lecture_has_its_place(project):
    index = (project / "notebooks" / "README.md").read_text("utf-8")
    assert unplaced_ideas(index) == []
    # an idea is taught under a heading, not somewhere in a notebook
    links = re.findall(r"\]\(([^)]*\.ipynb[^)]*)\)", index[index.index("| L1 ") :])
    assert all("#" in link for link in links)


def test_unplaced_ideas_are_seen():
    row = "| L1 | a demo | [01](01.ipynb#Demo) |\n| L2 | light | to come |\n| L3 | desk | |\n"
    assert unplaced_ideas(row)[:2] == ["L3", "L4"]


# ---- each guard refuses what it is for


def markdown(id, text, slide="-"):
    metadata = {"slideshow": {"slide_type": slide}}
    return {"cell_type": "markdown", "id": id, "metadata": metadata, "source": [text]}


def code(id, count, text, output=None, **metadata):
    result = {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": [output]}}
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"slideshow": {"slide_type": "-"}, **metadata},
        "execution_count": count,
        "source": [text],
        "outputs": [result] if output else [],
    }


def good_notebook():
    title = "# Flip\n\nWhat you will do. What you will learn. What you need. 5 minutes."
    picture = {"output_type": "display_data", "metadata": {"image/png": {"alt": "a cat"}}}
    cells = [
        markdown("title", title, "slide"),
        code("see-it", 1, "show(cat)"),
        code("exercise-1", 2, "answer = ...", tags=["exercise"]),
        code("exercise-1-check", 3, "check(answer)", "Not yet: ...", tags=["check"]),
        code(
            "exercise-1-solution",
            4,
            "# One solution\nsolution = 4\nassert check.sum(solution).ok",
            tags=["solution"],
            jupyter={"source_hidden": True},
        ),
    ]
    cells[1]["outputs"] = [picture | {"data": {"image/png": "iVBORw0KGgo="}}]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": cells,
    }


# what to change in a good notebook, as a statement on `nb` and its cells `c`, and who must see it
BREAKS = [
    ("nb['nbformat_minor'] = 4", "format"),
    ("nb['metadata']['kernelspec']['name'] = 'my-env'", "format"),
    ("del nb['metadata']['kernelspec']", "format"),
    ("nb['metadata']['widgets'] = {}", "metadata"),
    ("nb['metadata']['language_info'] = {'version': '3.11.7'}", "metadata"),
    ("c[1]['metadata']['execution'] = {'iopub.execute_input': 'now'}", "metadata"),
    ("c[1]['id'] = '4f1c9a02'", "ids"),
    ("c[1]['id'] = 'see it'", "ids"),
    ("c[1]['id'] = ''", "ids"),
    ("c[1]['id'] = c[0]['id']", "ids"),
    ("c[0]['source'] = ['## Flip']", "opening"),
    ("c[0]['source'] = [c[0]['source'][0].replace('5 minutes', '')]", "opening"),
    ("c[0]['source'] = [c[0]['source'][0].replace('What you need', '')]", "opening"),
    ("c.insert(1, markdown('more', '# Crop'))", "opening"),
    ("c[1]['execution_count'] = None", "execution"),
    ("c[1]['execution_count'] = 7", "execution"),
    ("c[1]['outputs'].append({'output_type': 'error', 'ename': 'ValueError'})", "outputs"),
    (
        "c[1]['outputs'].append({'output_type': 'stream', 'name': 'stderr', 'text': ['x']})",
        "outputs",
    ),
    ("c[1]['outputs'][0]['data'][WIDGET_VIEW] = {'model_id': 'x'}", "outputs"),
    ("c[2]['metadata']['tags'].append('nbval-check-output')", "compared_outputs"),
    ("c[1]['outputs'][0]['metadata'] = {}", "alternative_text"),
    ("c[1]['outputs'][0]['metadata']['image/png']['alt'] = ' '", "alternative_text"),
    ("c[1]['outputs'][0]['data']['image/jpeg'] = '/9j/'", "alternative_text"),
    ("c[0]['source'].append('![](cat.png)')", "alternative_text"),
    ("c[0]['source'].append('<img src=\"cat.png\">')", "alternative_text"),
    ("c[1]['source'] = ['open(\"/home/me/cat.png\")']", "absolute_paths"),
    ("c[1]['source'] = [r'open(\"C:\\Users\\me\")']", "absolute_paths"),
    ("c[3]['outputs'][0]['data']['text/plain'].append(' /tmp/x.py')", "absolute_paths"),
    ("c[1]['source'] = ['x = 1\\n'] * 16", "cell_length"),
    ("del c[1]['metadata']['slideshow']", "slides"),
    ("c[1]['metadata']['slideshow']['slide_type'] = 'page'", "slides"),
    ("c[2]['metadata']['tags'] = []", "exercises"),
    ("c[3]['metadata']['tags'] = []", "exercises"),
    ("c[3]['outputs'] = []", "exercises"),
    ("c[3]['outputs'][0]['data']['text/plain'] = ['Right: 4']", "exercises"),
    ("c[4]['source'] = ['check.sum(solution)']", "exercises"),
    ("c[4]['outputs'] = c[3]['outputs']", "exercises"),
    ("c[4]['metadata']['jupyter'] = {}", "exercises"),
    ("del c[4]", "exercises"),
]


def test_guards_accept_a_good_notebook():
    nb = good_notebook()
    assert {name: list(guard(nb)) for name, guard in GUARDS.items() if list(guard(nb))} == {}
    long = copy.deepcopy(nb)
    long["cells"][1]["source"] = ["x = 1\n"] * 16
    long["cells"][1]["metadata"]["tags"] = ["long-cell"]
    assert list(guard_cell_length(long)) == []


@pytest.mark.parametrize(("change", "guard"), BREAKS, ids=[change for change, _ in BREAKS])
def test_guard_refuses(change, guard):
    nb = good_notebook()
    exec(change, globals() | {"nb": nb, "c": nb["cells"]})
    assert list(GUARDS[guard](nb)) != []


def test_every_guard_is_tested():
    assert {guard for _, guard in BREAKS} == set(GUARDS)
