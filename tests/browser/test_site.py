"""The web pages that `make site` writes, in a browser: light and dark, narrow and wide."""

import importlib.util
import re
from pathlib import Path

import pytest

LESSONS = sorted(p.stem for p in (Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(scope="session")
def site(tmp_path_factory, request):
    """The folder of the pages, freshly made."""
    path = request.config.rootpath / "tools" / "notebooks.py"
    spec = importlib.util.spec_from_file_location("notebooks_tool", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    folder = tmp_path_factory.mktemp("site")
    tool.site(folder)
    return folder


@pytest.fixture(params=["index", "data", *LESSONS])
def url(request, site):
    return (site / f"{request.param}.html").as_uri()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_page(url, new_page, width, color_scheme):
    """Every picture shows and says what it is, nothing is cut off, text stands out."""
    page = new_page(url, width=width, color_scheme=color_scheme)
    for image in page.locator("img").all():
        assert image.evaluate("image => image.naturalWidth") > 0
        assert image.get_attribute("alt").strip()
        assert image.evaluate("image => image.getBoundingClientRect().right") <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    luminance = """element => {
        const [r, g, b] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }"""
    bright_text = page.locator("h1").evaluate(luminance) > 128
    assert bright_text == (color_scheme == "dark")


def test_lessons_show_pictures(site, new_page):
    """A page without pictures would pass the test of its pictures."""
    for path in sorted(site.glob("[0-9]*.html")):
        assert new_page(path.as_uri()).locator(".output img").count() >= 5


def test_formulas_are_typeset(site):
    """No dollar signs and no backslashes are left of them, and no page asks a server for help."""
    pages = {path.name: path.read_text("utf-8") for path in site.glob("*.html")}
    assert "<mfrac>" in pages["13_labels_that_move.html"]
    for name, html in pages.items():
        words = re.sub(r"<pre.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
        assert not re.search(r"\\(frac|text|log|sum)\b|\$\$", words), name
        assert "mathjax" not in html.lower(), name


def test_links_between_pages(site, new_page):
    """From the index through all lessons and back, by the links of the pages."""
    page = new_page((site / "index.html").as_uri())
    first = min(path.name for path in site.glob("[0-9]*.html"))
    page.locator(f"a[href$='{first}']").first.click()
    titles = []
    while page.locator("a[rel=next]").count():
        titles.append(page.locator("h1").inner_text())
        page.locator("a[rel=next]").first.click()
    assert len(titles) == len(list(site.glob("[0-9]*.html"))) - 1
    page.get_by_role("link", name="All lessons").first.click()
    assert page.url.endswith("index.html")


def test_every_link_leads_somewhere(site):
    """Each link within the site leads to a page, and to a heading of it."""
    pages = {path.name: path.read_text("utf-8") for path in site.glob("*.html")}
    checked = 0
    for name, html in pages.items():
        for link in re.findall(r'href="(?!https?:)([^"]+)"', html.split("<body>")[1]):
            target, _, anchor = link.partition("#")
            assert target in pages or not target, (name, link)
            assert not anchor or f'id="{anchor}"' in pages[target or name], (name, link)
            checked += 1
    assert checked > 50


def test_solutions_are_folded(site, new_page):
    page = new_page((site / "02_flip.html").as_uri())
    solution = page.locator("details").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
