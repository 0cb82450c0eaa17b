"""The course as web pages that need neither a kernel nor the network.

`write(folder)` writes a front page and a page for each lesson, on which the explorers move through
the frames that `record` keeps.
"""

import re
import shutil
import sys
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any  # what a template passes may be Any

import nbformat
from nbconvert import HTMLExporter
from nbformat.v4 import new_output
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]  # no hints

from d2laug import widgets
from d2laug.data.common import COURSE
from d2laug.pages import cells, deck, record
from d2laug.pages.formulas import to_html
from d2laug.pages.race import race

TEMPLATES = deck.TEMPLATES
SHOW_FLOOR = "08-show-floor"  # the explorer of the front page
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)
ROWS = re.compile(r"^\|.*\n", re.MULTILINE)  # of a table in Markdown
STYLES = {"light": "xcode", "dark": "github-dark"}


def exporter() -> HTMLExporter:
    """Return what makes bodies of pages of notebooks, and knows the templates of the site."""
    return HTMLExporter(
        filters={"markdown2html": typeset},
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="site",
    )


def write(folder: Path) -> list[Path]:
    """Write the site to `folder` and return its pages.

    What was recorded before, and is the same, is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = exporter()
    template = body.environment.get_template
    explorers = _record(folder / "recordings", template("explorer.html.j2"))
    pages = _lessons(body, explorers)
    about = markdown((COURSE / "data" / "README.md").read_text("utf-8"))
    table, ideas = (COURSE / "notebooks" / "README.md").read_text("utf-8").split("\n## ", 1)
    pages["data"] = {"title": "The drinks", "body": about}
    pages["ideas"] = {"title": "Where each idea is", "body": markdown(f"# {ideas}")}
    for name, page in pages.items():
        html = template("page.html.j2").render(page, contents=contents(page["body"]))
        (folder / f"{name}.html").write_text(html, "utf-8")
    front = template("front.html.j2").render(
        race=race().html(),
        floor=explorers.get(SHOW_FLOOR),
        numbers={name: f"{float(n):.0%}" for name, n in deck.numbers().items() if "show" in name},
        lessons=markdown("".join(ROWS.findall(table))),
    )
    (folder / "index.html").write_text(front, "utf-8")
    _copy_files(folder)
    return [folder / "index.html", *(folder / f"{name}.html" for name in pages)]


def _record(folder, template):
    """Return the explorers as HTML, by their lesson's number and the name of their cell."""
    folder.mkdir(exist_ok=True)
    found = {}
    for number, path in cells.lessons().items():
        for cell, sources in cells.explorers(path).items():
            name = f"{number}-{cell}"
            if page := record.keep(sources, folder / name):
                found[name] = template.render(page)
    for old in folder.iterdir():
        if old.name not in found:
            shutil.rmtree(old)
    return found


def _lessons(to_body, explorers):
    """Return the pages of the lessons and of the template: titles, bodies, and steps between."""
    paths = [*cells.lessons().values(), COURSE / "notebooks" / "template.ipynb"]
    pages: dict[str, dict[str, Any]] = {}
    for path in paths:
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if html := explorers.get(f"{path.name[:2]}-{cell.id}"):
                cell.outputs = [new_output("display_data", {"text/html": html})]
        body, _ = to_body.from_notebook_node(notebook)
        pages[path.stem] = {"title": cells.title(notebook), "body": to_page(body)}
    for before, after in pairwise(stem for stem in pages if stem != "template"):
        pages[before]["next"] = f"{after}.html", pages[after]["title"]
        pages[after]["previous"] = f"{before}.html", pages[before]["title"]
    return pages


def _copy_files(folder):
    """Write what all pages share: style, script, the sheet of pictures."""
    style = (TEMPLATES / "site" / "site.css").read_text("utf-8")
    style += (Path(widgets.__file__).parent / "widgets.css").read_text("utf-8")
    for scheme, name in STYLES.items():
        rules = HtmlFormatter(style=name).get_style_defs(".highlight")
        style += f"@media (prefers-color-scheme: {scheme}) {{\n{rules}\n}}\n"
    (folder / "site.css").write_text(style, "utf-8")
    shutil.copy(TEMPLATES / "site" / "explorer.js", folder)
    shutil.copy(COURSE / "data" / "contact_sheet.jpg", folder)


def contents(body: str) -> list[tuple[str, str]]:
    """Return the anchors and the words of the second-level headings of a page."""
    found = HEADING.findall(body)
    return [(anchor, unescape(re.sub("<[^>]+>", "", words)).strip()) for anchor, words in found]


def markdown(text: str) -> str:
    """Return Markdown as a part of a page: headings have anchors."""
    return to_page(typeset(text))


def typeset(text: str) -> str:
    """Return Markdown as HTML; what is wider than a telephone can be scrolled by keys too."""
    html = to_html(text, anchors=True)
    box = '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>'
    html = html.replace("<table>", box).replace("</table>", "</table></div>")
    return re.sub(r'<math(?=[^>]*display="block")', '<math tabindex="0"', html)


def to_page(html: str) -> str:
    """Make HTML fit for a page of the site.

    Links to notebooks lead to their pages; of a link to another file the words stay. Code that is
    wider than a telephone can be scrolled, with the keyboard too.
    """
    html = re.sub(
        r'href="(?!https?:)(?:\./)?(?:notebooks/)?([\w-]+)\.ipynb', r'href="\1.html', html
    )
    html = html.replace('href="../data/README.md"', 'href="data.html"')
    html = html.replace('href="README.md"', 'href="index.html#lessons"')
    html = re.sub(r'<a href="(?!https?:|#|[\w-]+\.html)[^"]*"[^>]*>(.*?)</a>', r"\1", html)
    return re.sub(r"<pre(?=[ >])", '<pre tabindex="0"', html)


if __name__ == "__main__":
    written = write(Path(sys.argv[1]))
    print(f"{written[0]}: {len(written)} pages")
