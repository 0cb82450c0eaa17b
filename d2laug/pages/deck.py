"""The lecture and the lessons as slides: pages that need neither a kernel nor the network.

`write(folder)` writes them all, `lecture()` and `lesson(path)` make the notebook behind one of
them, `live_notebook(name)` that of its widgets, and `to_pdf(page)` prints one with Chromium.
"""

import base64
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from html import escape
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import nbformat
import PIL.Image
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from d2laug import widgets
from d2laug.pages import cells, record
from d2laug.pages.cells import KERNEL, ROOM, lessons, read, title
from d2laug.pages.formulas import to_html

TEMPLATES = ROOM / "templates" / "nbconvert" / "templates"
WIDE, HIGH, ENLARGED = 1800, 840, 2.0  # pixels for a lesson's picture, and how far it is enlarged
IMAGES = ("image/png", "image/jpeg")
TRIES, EMPTY = 5, 5_000  # bytes of a PDF that holds nothing, at most
REVEAL = ["LICENSE", "plugin/notes/notes.js", "dist/reveal.js", "dist/reveal.css"]
REVEAL += ["dist/theme/white.css", "dist/theme/fonts/source-sans-pro/*"]


def cell(name: str) -> NotebookNode:
    """Return a copy of the cell `LESSON/CELL`, its code left out of what is shown.

    Raises `KeyError` where there is no such cell, and `ValueError` where it has no output.
    """
    found = cells.cell(name)
    if found.cell_type == "code" and not found.outputs and not found.source.startswith("def "):
        raise ValueError(f"the cell {name!r} has no output: run its notebook, `make notebooks`")
    found.metadata = {"slideshow": {"slide_type": "-"}, "transient": {"remove_source": True}}
    _set_sizes(found)
    return found


def numbers() -> dict[str, str]:
    """Return the numbers for the answers, by name, as the last cell of `lecture.ipynb` says."""
    return json.loads(cell("deck/numbers").outputs[0].text)


def lecture() -> NotebookNode:
    """Return the lecture as a notebook, made of the cells that `lecture.toml` names."""
    deck, known = read("lecture"), numbers()
    drops = {one["drop"]: n for n, one in enumerate(deck["slide"], 1) if "drop" in one}
    live = live_cells("lecture")
    minutes, shown = 0.0, []
    for number, slide in enumerate(deck["slide"], 1):
        minutes += slide.get("minutes", 0)
        later = [n for _, n in sorted(drops.items()) if n > number]
        shown += _slide(slide, known, live, minutes, later)
    for number, one in enumerate(shown):
        one["id"] = f"deck-{number}"  # a cell may be shown on several slides
    return new_notebook(cells=shown, metadata={"title": deck["title"]})


def _slide(slide, known, live, minutes, later):
    """Return the cells of one slide: question, what is shown, answer, notes."""
    lettered = zip("ABCDEF", slide.get("options", ()), strict=False)
    options = "".join(f"<li><b>{letter}</b> {escape(option)}</li>" for letter, option in lettered)
    question = f"## {slide['question']}\n\n{slide.get('text', '')}\n\n"
    head = new_markdown_cell(question + (f"<ul class='options'>{options}</ul>" if options else ""))
    head.metadata = {
        "slideshow": {"slide_type": "slide", "data": {"timing": 60 * slide.get("minutes", 0)}},
        "before": '<div class="slide"><div class="question">',
        "after": "</div>",
    }
    shown = [slide["first"], *([name] for name in slide.get("then", ()))]
    groups = [_group(names, step, len(shown), slide) for step, names in enumerate(shown)]
    first, stage = groups[0][0].metadata, ""
    if "live" in slide:
        first["live"], stage = slide["live"], f' data-live="{live.index(slide["live"]) + 1}"'
    first["before"] = f'<div class="stage"{stage}>' + first["before"]
    groups[-1][-1].metadata["after"] += "</div>"
    answer = new_markdown_cell(slide.get("answer", "").format_map(known))
    answer.metadata = {"slideshow": {"slide_type": "-"}, "after": "</div>"}
    if answer.source:
        index = max(slide.get("presses", len(shown) - 1) - 1, 0)
        answer.metadata |= {
            "before": f'<div class="answer fragment" data-fragment-index="{index}">',
            "after": "</div></div>",
        }
    plan = "" if slide.get("extra") else f"**{minutes:g} minutes at the end of this slide.** "
    if later:
        plan += f"Late? Leave out {', '.join(map(str, later))}, in this order."
    notes = new_markdown_cell(f"{plan}\n\n{slide['notes']}")
    notes.metadata = {"slideshow": {"slide_type": "notes"}}
    return [head, *chain.from_iterable(groups), answer, notes]


def _group(names, step, steps, slide):
    """Return the cells that are seen together; a press replaces them by the next ones."""
    group = [cell(name) for name in names]
    if slide.get("code"):
        del group[0].metadata["transient"]
    kinds = "seen"
    if step:
        kinds += " then fragment" + " fade-in-then-out" * (step < steps - 1)
    elif steps > 1:
        kinds += " fragment fade-out"
    order = f' data-fragment-index="{max(step - 1, 0)}"' if steps > 1 else ""
    named = f' data-cells="{" ".join(names)}"'
    group[0].metadata["before"] = f'<div class="{kinds}"{order}{named}>'
    group[-1].metadata["after"] = "</div>"
    return group


def lesson(path: Path) -> NotebookNode:
    """Return a lesson as the notebook of its deck: pictures have a size, their code is folded."""
    notebook = nbformat.read(path, 4)
    number = path.name[:2]
    live = live_cells(number)
    for one in notebook.cells:
        if (name := f"{number}/{one.id}") in live:
            place = f'<div class="place" data-live="{live.index(name) + 1}">'
            one.metadata |= {"before": place, "after": "</div>", "live": name}
        one.metadata.folded = _set_sizes(one)
    notebook.metadata.title = title(notebook)
    return notebook


def _set_sizes(one):
    """Say how large each picture of a cell is shown, and whether there is one."""
    found = images(one)
    for output, kind in found:
        image = PIL.Image.open(io.BytesIO(base64.b64decode(output.data[kind])))
        scale = min(ENLARGED, WIDE / image.width, HIGH / image.height)
        size = {"width": round(scale * image.width), "height": round(scale * image.height)}
        output.metadata.setdefault(kind, {}).update(size)
    return bool(found)


def images(one: NotebookNode) -> list[tuple[NotebookNode, str]]:
    """Return the outputs of a cell that have a picture, each with its kind, as `image/png`."""
    outputs = one.get("outputs", [])
    return [(o, kind) for o in outputs for kind in IMAGES if kind in o.get("data", {})]


def live_cells(name: str) -> list[str]:
    """Return the cells of the explorers of a deck, `lecture` or the number of a lesson.

    >>> live_cells("02")
    ['02/flip-widget']
    """
    deck = read("lecture")
    if name == "lecture":
        return [slide["live"] for slide in deck["slide"] if "live" in slide]
    return [f"{name}/{one}" for one in deck["live"].get(name, ())]


def _sources(name):
    """Return the sources that the explorer `LESSON/CELL` needs, and its own."""
    number, _, identity = name.partition("/")
    return cells.explorers(lessons()[number])[identity]


def live_notebook(name: str) -> NotebookNode:
    """Return the notebook of the explorers of a deck, `lecture` or the number of a lesson.

    Each cell makes one, in a namespace of its own. Raises `ValueError` for a lesson whose deck has
    none.
    """
    if not live_cells(name):
        with_explorers = ", ".join(read("lecture")["live"])
        raise ValueError(f"lesson {name!r} has no live slide; these have: {with_explorers}")
    run = "from d2laug.pages.cells import run\n\nrun({!r})"
    made = [new_code_cell(run.format(_sources(one))) for one in live_cells(name)]
    return new_notebook(cells=made, metadata={"kernelspec": KERNEL})


def write(
    folder: Path,
    name: str | None = None,
    keep: Callable[[Sequence[str], Path], record.JSON | None] = record.keep,
) -> list[Path]:
    """Write the lecture, a deck for each lesson and reveal.js to `folder`; return the pages.

    With a `name`, `lecture` or the number of a lesson, write only this deck. The explorers are
    recorded, and move without a kernel; with `record.find` for `keep` only those that were recorded
    before do, and the stills of the others stay. Raises `ModuleNotFoundError` where reveal.js is
    missing, and `FileNotFoundError` where it is not whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _copy_files(folder)  # first: it says what is missing, and a recording takes minutes
    exporter = SlidesExporter(
        filters={"markdown2html": to_html},
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],  # for a template of the site
        template_name="deck",
        reveal_url_prefix="reveal",
        reveal_theme="white",
        config=Config({"CSSHTMLHeaderPreprocessor": {"style": "xcode"}}),
    )
    moving = exporter.environment.get_template("site/explorer.html.j2")
    decks = {"lecture": lecture()} if name in (None, "lecture") else {}
    decks |= {path.stem: lesson(path) for key, path in lessons().items() if name in (None, key)}
    for stem, notebook in decks.items():
        for one in notebook.cells:
            if "live" in one.metadata:
                place = folder / "recordings" / one.metadata.live.replace("/", "-")
                if page := keep(_sources(one.metadata.live), place):
                    one.outputs = [new_output("display_data", {"text/html": moving.render(page)})]
        html, _ = exporter.from_notebook_node(notebook)
        (folder / f"{stem}.html").write_text(html, "utf-8")
    _write_index(folder, decks)
    return [folder / f"{stem}.html" for stem in decks]


def _write_index(folder, decks):
    links = "".join(
        f"<li>{stem.partition('_')[0]}: <a href='{stem}.html'>{escape(one.metadata.title)}</a></li>"
        for stem, one in decks.items()
    )
    head = "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>Slides</title>"
    (folder / "index.html").write_text(f"{head}<h1>Slides</h1><ul>{links}</ul></html>", "utf-8")


def to_pdf(page: Path) -> Path | None:
    """Print a page to a PDF beside it; return None where no Chromium does it.

    A busy machine may print a page before it is laid out, empty; then it is printed again.
    """
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    browser = next(filter(None, map(shutil.which, names)), None)
    if browser is None:
        return None
    path = page.with_suffix(".pdf").resolve()
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    # the page is printed when reveal.js has laid all slides out
    command += ["--virtual-time-budget=60000", "--run-all-compositor-stages-before-draw"]
    command += ["--disable-background-networking", f"--print-to-pdf={path}"]
    command.append(f"{page.resolve().as_uri()}?print-pdf")
    for _ in range(TRIES):
        subprocess.run(command, check=True, capture_output=True)
        if path.stat().st_size > EMPTY:
            return path
    path.unlink()
    return None


def _copy_files(folder):
    """Copy what all decks share: styles, scripts, reveal.js."""
    style = (TEMPLATES / "deck" / "deck.css").read_text("utf-8")
    style += (Path(widgets.__file__).parent / "widgets.css").read_text("utf-8")
    (folder / "deck.css").write_text(style, "utf-8")
    shutil.copy(TEMPLATES / "deck" / "deck.js", folder)
    shutil.copy(TEMPLATES / "site" / "explorer.js", folder)
    found = find_spec("sphinx_revealjs")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("reveal.js is missing: pip install 'd2laug[lecture]'")
    source = Path(found.submodule_search_locations[0]) / "_static" / "revealjs"
    for name in REVEAL:
        paths = list(source.glob(name))
        if not paths:
            raise FileNotFoundError(f"{source / name} is missing: install sphinx-revealjs again")
        for path in paths:
            place = folder / "reveal" / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
