"""Run the course's notebooks in place, or turn them into web pages.

Usage: python tools/notebooks.py run [NOTEBOOK ...] | site
"""

import os
import re
import shutil
import sys
import time
from pathlib import Path

import nbformat
from jinja2 import pass_context
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from d2laug.pages.formulas import to_html

PROJECT = Path(__file__).parent.parent
NOTEBOOKS = PROJECT / "notebooks"
DATA = PROJECT / "data"
TEMPLATE = NOTEBOOKS / "template.ipynb"
TEMPLATES = PROJECT / "tools" / "site"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# What belongs to the course; what a front end or a run adds (timings, folds, trust) does not.
CELL_METADATA = {"tags", "slideshow", "jupyter", "editable"}
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}


def lessons():
    """The numbered notebooks, in their order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def clean(notebook):
    """Remove, in place, what must not be committed: live views, widget state, timings, versions.

    A widget's output keeps its still picture and its text, so that a reader sees the picture before
    a kernel runs, where a view without a kernel would be an error message.
    """
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA}
        outputs = cell.get("outputs", [])
        # a view without a still is a progress bar that has ended
        views = [o for o in outputs if WIDGET_VIEW in o.get("data", {}) and len(o["data"]) < 3]
        outputs[:] = [output for output in outputs if output not in views]
        for output in outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            output.get("metadata", {}).pop(WIDGET_VIEW, None)
    return notebook


def run(paths):
    """Execute the notebooks and write them back, outputs included."""
    # Several threads add floats in an order of their own, which shows in the last digits.
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        started = time.perf_counter()
        code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)

        def show_progress(cell, execute_reply, cell_index, path=path, code_cells=code_cells):
            end = "\n" if cell.execution_count == code_cells else "\r"
            if sys.stdout.isatty() or end == "\n":
                print(f"{path.name}: cell {cell.execution_count} of {code_cells}", end=end)

        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # or it is chance where printed text is cut in two
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_executed=show_progress,
        )
        client.execute()
        nbformat.write(clean(notebook), path)
        seconds, kilobytes = time.perf_counter() - started, path.stat().st_size / 1000
        print(f"{path.name}: {seconds:.1f} s, {kilobytes:.0f} kB", flush=True)


def to_page(html):
    """Point links between notebooks at their pages; of a link to another file keep the words."""
    html = re.sub(r'href="(?!https?:)(?:\./)?([\w-]+)\.ipynb', r'href="\1.html', html)
    html = html.replace('href="../data/README.md"', 'href="data.html"')
    return re.sub(r'<a href="(?!https?:|#|[\w-]+\.html)[^"]*"[^>]*>(.*?)</a>', r"\1", html)


class Page(HTMLExporter):
    """The body of a page, its formulas typeset: stock nbconvert leaves them to the network."""

    @pass_context
    def markdown2html(self, context, source):
        path = context["resources"]["metadata"]["path"]
        return to_html(source, embed_images=True, path=path, exclude_anchor_links=False)


def site(folder=PROJECT / "site"):
    """Write the course as static pages that need neither a kernel nor the network."""
    folder.mkdir(exist_ok=True)
    paths = lessons()
    page = Page(extra_template_basedirs=[str(TEMPLATES)], template_name="course", embed_images=True)
    style = (TEMPLATES / "style.css").read_text("utf-8")
    for scheme, pygments_style in (("light", "default"), ("dark", "github-dark")):
        rules = HtmlFormatter(style=pygments_style).get_style_defs(".highlight")
        style += f"@media (prefers-color-scheme: {scheme}) {{\n{rules}\n}}\n"
    (folder / "style.css").write_text(style, "utf-8")
    template = page.environment.get_template("page.html.j2")
    links = [None, *paths, None]
    steps = [*zip(links, paths, links[2:], strict=False), (None, TEMPLATE, None)]
    for before, path, after in steps:
        resources = {"metadata": {"path": str(path.parent)}}
        body, _ = page.from_notebook_node(clean(nbformat.read(path, 4)), resources)
        html = template.render(
            title=title(path),
            body=to_page(body),
            previous=before and (f"{before.stem}.html", title(before)),
            next=after and (f"{after.stem}.html", title(after)),
        )
        (folder / f"{path.stem}.html").write_text(html, "utf-8")
    for name, path in (("index", NOTEBOOKS / "README.md"), ("data", DATA / "README.md")):
        body = to_page(markdown2html(path.read_text("utf-8")))
        html = template.render(title="d2laug", body=body, is_index=name == "index")
        (folder / f"{name}.html").write_text(html, "utf-8")
    shutil.copy(DATA / "contact_sheet.jpg", folder)
    print(f"{folder / 'index.html'}: {len(paths)} lessons")


def title(path):
    """The first-level heading of a notebook."""
    return nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")


if __name__ == "__main__":
    command, *names = sys.argv[1:]
    if command == "run":
        run([Path(name) for name in names] or [*lessons(), TEMPLATE])
    else:
        site()
