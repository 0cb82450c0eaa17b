"""The lecture and the lessons as slides: pages that need neither a kernel nor the network.

`write(folder)` writes them all, `lecture()` and `lesson(path)` make the notebook behind one of
them, `live(name)` the notebook of its widgets, and `to_pdf(page)` prints one with Chromium.
"""

import base64
import io
import json
import os
import shutil
import subprocess
from html import escape
from importlib.util import find_spec
from pathlib import Path

import nbformat
import PIL.Image
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from d2laug.pages import cells
from d2laug.pages.cells import HERE, KERNEL, lessons, read, title
from d2laug.pages.formulas import to_html

TEMPLATES = HERE / "templates" / "nbconvert" / "templates"
WIDE, HIGH, MOST = 1800, 840, 2.0  # pixels for a picture of a lesson, and how much it is enlarged
IMAGES = ("image/png", "image/jpeg")


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
    widgets = _live_cells(deck["slide"])
    minutes, shown = 0.0, []
    for number, slide in enumerate(deck["slide"], 1):
        minutes += slide.get("minutes", 0)
        later = [n for _, n in sorted(drops.items()) if n > number]
        shown += _slide(slide, known, widgets, minutes, later)
    for number, one in enumerate(shown):
        one["id"] = f"deck-{number}"  # a cell may be shown on several slides
    return new_notebook(cells=shown, metadata={"title": deck["title"]})


def _slide(slide, known, widgets, minutes, later):
    """Return the cells of one slide: question, what is shown, answer, notes."""
    options = "".join(
        f"<li><b>{letter}</b> {escape(option)}</li>"
        for letter, option in zip("ABCDEF", slide.get("options", ()), strict=False)
    )
    question = f"## {slide['question']}\n\n{slide.get('text', '')}\n\n"
    head = new_markdown_cell(question + (f"<ul class='options'>{options}</ul>" if options else ""))
    head.metadata = {
        "slideshow": {"slide_type": "slide", "data": {"timing": 60 * slide.get("minutes", 0)}},
        "before": '<div class="slide"><div class="question">',
        "after": "</div>",
    }
    shown = [slide["first"], *([name] for name in slide.get("then", ()))]
    groups = [_group(names, step, len(shown), slide) for step, names in enumerate(shown)]
    live = f' data-live="{widgets.index(slide["live"]) + 1}"' if "live" in slide else ""
    groups[0][0].metadata["before"] = f'<div class="stage"{live}>' + groups[0][0].metadata["before"]
    groups[-1][-1].metadata["after"] += "</div>"
    answer = new_markdown_cell(slide.get("answer", "").format_map(known))
    last = slide.get("presses", len(shown) - 1)
    index = max(last - 1, 0)
    answer.metadata = {
        "slideshow": {"slide_type": "-"},
        "before": f'<div class="answer fragment" data-fragment-index="{index}">',
        "after": "</div></div>",
    }
    if not slide.get("answer"):
        answer.metadata |= {"before": "", "after": "</div>"}
    plan = "" if slide.get("extra") else f"**{minutes:g} minutes at the end of this slide.** "
    if later:
        plan += f"Late? Leave out {', '.join(map(str, later))}, in this order."
    notes = new_markdown_cell(f"{plan}\n\n{slide['notes']}")
    notes.metadata = {"slideshow": {"slide_type": "notes"}}
    return [head, *(one for group in groups for one in group), answer, notes]


def _group(names, step, steps, slide):
    """Return the cells that are seen together; a press replaces them by the next ones."""
    group = [cell(name) for name in names]
    if slide.get("code"):
        del group[0].metadata["transient"]
    kinds, index = ["seen"], step - 1
    if step:
        kinds += ["then", "fragment", *["fade-in-then-out"] * (step < steps - 1)]
    elif steps > 1:
        kinds, index = [*kinds, "fragment", "fade-out"], 0
    order = f' data-fragment-index="{index}"' if len(kinds) > 1 else ""
    named = f' data-cells="{" ".join(names)}"'
    group[0].metadata["before"] = f'<div class="{" ".join(kinds)}"{order}{named}>'
    group[-1].metadata["after"] = "</div>"
    for one in group:
        one.metadata = {"before": "", "after": ""} | one.metadata
    return group


def lesson(path: Path) -> NotebookNode:
    """Return a lesson as the notebook of its deck: pictures have a size, their code is folded."""
    notebook = nbformat.read(path, 4)
    widgets = read("lecture")["live"].get(path.name[:2], {}).get("widgets", [])
    for one in notebook.cells:
        if one.id in widgets:
            place = f'<div class="place" data-live="{widgets.index(one.id) + 1}">'
            one.metadata |= {"before": place, "after": "</div>"}
        one.metadata.folded = _set_sizes(one)
    notebook.metadata.title = title(notebook)
    return notebook


def _set_sizes(one):
    """Say how large each picture of a cell is shown, and whether there is one."""
    images = [
        (o, kind) for o in one.get("outputs", []) for kind in IMAGES if kind in o.get("data", {})
    ]
    for output, kind in images:
        image = PIL.Image.open(io.BytesIO(base64.b64decode(output.data[kind])))
        scale = min(MOST, WIDE / image.width, HIGH / image.height)
        size = {"width": round(scale * image.width), "height": round(scale * image.height)}
        output.metadata.setdefault(kind, {}).update(size)
    return bool(images)


def _live_cells(slides):
    return [slide["live"] for slide in slides if "live" in slide]


def live(name: str) -> NotebookNode:
    """Return the notebook of the widgets of a deck, `lecture` or the number of a lesson.

    Each cell makes one widget, in a namespace of its own, from the cells that `lecture.toml` names.
    Raises `ValueError` for a lesson whose deck has none.
    """
    deck = read("lecture")
    widgets = _live_cells(deck["slide"])
    if name != "lecture":
        widgets = [f"{name}/{one}" for one in deck["live"].get(name, {}).get("widgets", [])]
    if not widgets:
        with_widgets = ", ".join(deck["live"])
        raise ValueError(f"lesson {name!r} has no live slide; these have: {with_widgets}")
    made = []
    for widget in widgets:
        key = widget.partition("/")[0]
        names = [*(f"{key}/{one}" for one in deck["live"][key]["setup"]), widget]
        sources = [cells.cell(one).source for one in names]
        made.append(new_code_cell(f"from d2laug.pages.cells import run\n\nrun({sources!r})"))
    return new_notebook(cells=made, metadata={"kernelspec": KERNEL})


class _Exporter(SlidesExporter):
    def markdown2html(self, source):
        return to_html(source)


def write(folder: Path, name: str | None = None) -> list[Path]:
    """Write the lecture, a deck for each lesson and reveal.js to `folder`; return the pages.

    With a `name`, `lecture` or the number of a lesson, write only this deck.
    """
    folder.mkdir(parents=True, exist_ok=True)
    exporter = _Exporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="deck",
        reveal_url_prefix="reveal",
        reveal_theme="white",
        config=Config({"CSSHTMLHeaderPreprocessor": {"style": "default"}}),
    )
    decks = {"lecture": lecture()} if name in (None, "lecture") else {}
    decks |= {path.stem: lesson(path) for key, path in lessons().items() if name in (None, key)}
    for stem, notebook in decks.items():
        html, _ = exporter.from_notebook_node(notebook)
        (folder / f"{stem}.html").write_text(html, "utf-8")
    for file in ("deck.css", "deck.js"):
        shutil.copy(TEMPLATES / "deck" / file, folder)
    links = "".join(
        f"<li><a href='{stem}.html'>{escape(notebook.metadata.title)}</a></li>"
        for stem, notebook in decks.items()
    )
    head = "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>Slides</title>"
    (folder / "index.html").write_text(f"{head}<h1>Slides</h1><ul>{links}</ul></html>", "utf-8")
    _copy_reveal(folder / "reveal")
    return [folder / f"{stem}.html" for stem in decks]


def to_pdf(page: Path) -> Path | None:
    """Print a page of slides to a PDF beside it; return None where there is no Chromium."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    browser = next(filter(None, map(shutil.which, filter(None, names))), None)
    if browser is None:
        return None
    path = page.with_suffix(".pdf").resolve()
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    # the page is printed when reveal.js has laid all slides out
    command += ["--virtual-time-budget=60000", "--run-all-compositor-stages-before-draw"]
    command += ["--disable-background-networking", f"--print-to-pdf={path}"]
    subprocess.run(
        [*command, f"{page.resolve().as_uri()}?print-pdf"], check=True, capture_output=True
    )
    return path


def _copy_reveal(folder):
    found = find_spec("sphinx_revealjs")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("reveal.js is missing: pip install 'd2laug[lecture]'")
    source = Path(found.submodule_search_locations[0]) / "_static" / "revealjs"
    names = ["LICENSE", "plugin/notes/notes.js", "dist/reveal.js", "dist/reveal.css"]
    names += ["dist/theme/white.css", "dist/theme/fonts/source-sans-pro"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(source / name, folder / name)
