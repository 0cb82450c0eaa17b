"""The web pages that `make site` writes, in a browser: explorers without a kernel, sizes, axe."""

import json
import os
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from playwright.sync_api import expect

from d2laug.pages import cells, record, site

LESSONS = sorted(path.stem for path in cells.lessons().values())
PAGES = ["index", "data", "ideas", "template", *LESSONS]
RECORDED = ["02", "04", "08", "13"]  # in the short tests, at few places
FEW = ({"drink": 12, "kelvin": 3, "reflections": 2}, {"noise": 7, "snr": 3})
LARGEST = 6e6  # bytes of a page and of all that it loads
COVERED = """from d2laug.data import drink
from d2laug.train import trained_networks
from d2laug.widgets import explore
explore.flip(drink("lime bottle"), networks=trained_networks(), covered=True)"""


def make(tmp_path_factory, name, recorded):
    """A site with the explorers of some lessons; the first worker that asks makes it for all."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    found = cells.explorers
    with FileLock(shared / f"{name}.lock"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "explorers", lambda p: found(p) if p.name[:2] in recorded else {})
        if not (shared / name / "index.html").exists():
            site.write(shared / name)
    return shared / name


@pytest.fixture(scope="session")
def short_site(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "PLACES", 3)
        patch.setattr(record, "TOGETHER", FEW)
        return make(tmp_path_factory, "short", RECORDED)


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory):
    # the show floor of lesson 01 is that of lesson 08, with one network
    return make(tmp_path_factory, "whole", [key for key in cells.lessons() if key != "01"])


def open_page(new_page, path, **options):
    """A page, and what it complained about."""
    page, said = new_page("about:blank", **options), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, said


def loaded(path):
    """A page, and all the files that it loads now or when it is used."""
    html = path.read_text("utf-8")
    found = {path, path.with_name("site.css"), path.with_name("explorer.js")}
    found |= {path.parent / name for name in re.findall(r'<img[^>]* src="(?!data:)([^"]+)"', html)}
    for name in re.findall(r'<form[^>]* data-name="([^"]+)"', html):
        found |= {*(path.parent / "recordings" / name).glob("*.*")}
    return found


def check_page(new_page, path):
    """At three widths, light and dark: nothing is cut off, pictures show, text stands out."""
    for width, scheme in ((390, "dark"), (1280, "light"), (1920, "dark")):
        page, said = open_page(new_page, path, width=width, color_scheme=scheme)
        for image in page.locator("img").all():
            assert image.evaluate("image => image.naturalWidth") > 0
            assert image.get_attribute("alt").strip()
            assert image.evaluate("image => image.getBoundingClientRect().right") <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        color = page.locator("h1").evaluate("e => getComputedStyle(e).color")
        bright_text = sum(map(float, re.findall(r"[\d.]+", color)[:3])) > 3 * 128
        assert bright_text == (scheme == "dark")
        assert said == []
        # the answers of networks stay a table, whatever becomes of the page's own on a telephone
        rows = "cells => cells.map(cell => getComputedStyle(cell.parentElement).display)"
        assert set(page.locator("form.explorer td").evaluate_all(rows)) <= {"table-row"}
        after = "cells => cells.map(cell => getComputedStyle(cell, '::after').content)"
        assert set(page.locator("form.explorer td").evaluate_all(after)) <= {"none"}
        if width < 1920:
            found = Axe().run(page).response
            assert len(found["passes"]) > 10
            assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []


def move(control):
    """Move a control to another place by the keyboard."""
    control.focus()
    if control.get_attribute("type") == "checkbox":
        control.press(" ")
    elif control.evaluate("e => (e.selectedIndex ?? +e.value) > 0"):
        control.press("ArrowUp" if control.evaluate("e => e.options") else "ArrowLeft")
    else:
        control.press("ArrowDown" if control.evaluate("e => e.options") else "ArrowRight")


def state(form):
    """The places of the controls, the pictures and the words of an explorer."""
    places = "cs => cs.map(c => c.type === 'checkbox' ? +c.checked : c.selectedIndex ?? +c.value)"
    return (
        form.locator("input, select").evaluate_all(places),
        form.locator("img").evaluate_all("images => images.map(image => image.src)"),
        form.locator("img").evaluate_all("images => images.map(image => image.alt)"),
        form.locator(".readout").inner_text(),
    )


def check_explorers(new_page, path, width=390):
    """Each control, moved by the keyboard, brings the frame that was recorded for its place."""
    page, said = open_page(new_page, path, width=width)
    count = 0
    for form in page.locator("form.explorer").all():
        folder = path.parent / "recordings" / form.get_attribute("data-name")
        names = form.locator("figure img").evaluate_all(
            "images => images.map(i => i.dataset.label)"
        )
        first, readout = state(form), form.locator(".readout")
        for control in form.locator("input, select").all():
            form.locator("[type=reset]").press("Enter")
            expect(readout).to_have_text(first[3], use_inner_text=True)
            move(control)
            expect(readout).not_to_have_text(first[3], use_inner_text=True)  # all at once
            places, pictures, words, _ = state(form)
            # labels that stay behind lie elsewhere once the picture is moved
            assert pictures != first[1] or control.get_attribute("id").endswith("left_behind")
            # one control was moved, all others are at their start
            assert sum(a != b for a, b in zip(places, first[0], strict=True)) == 1
            part = places[0] if form.locator("select").count() else 0
            script = (folder / f"{part}.js").read_text("utf-8")
            frames = json.loads(f"[{script[len('recorded(') : -3]}]")[2]["frames"]
            frame = frames[",".join(map(str, places))]
            assert words == [f"{a}: {b}" for a, b in zip(names, frame["captions"], strict=True)]
            for image in form.locator("img").all():
                page.wait_for_function("i => i.naturalWidth > 0", arg=image.element_handle())
            count += 1
        form.locator("[type=reset]").press("Enter")
        expect(readout).to_have_text(first[3], use_inner_text=True)
        assert state(form)[2] == first[2]
    assert said == []
    return count


@pytest.mark.parametrize("name", ["index", "02_flip"])
def test_page(short_site, new_page, name):
    check_page(new_page, short_site / f"{name}.html")


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_every_page(whole_site, new_page, name):
    path = whole_site / f"{name}.html"
    check_page(new_page, path)
    check_explorers(new_page, path)
    assert sum(file.stat().st_size for file in loaded(path)) < LARGEST


@pytest.mark.parametrize("name", ["index", "02_flip", "04_color", "13_labels_that_move"])
def test_explorers_move(short_site, new_page, name):
    numbers = {"index": 3, "02_flip": 4, "04_color": 10, "13_labels_that_move": 4}
    assert check_explorers(new_page, short_site / f"{name}.html") == numbers[name]


def test_a_second_control_sends_the_first_one_home(short_site, new_page):
    page, _ = open_page(new_page, short_site / "04_color.html")
    form = page.locator("form.explorer").first
    form.get_by_label("brightness (factor)").press("End")
    expect(form.locator(".readout")).to_contain_text("brightness ×2.00")
    form.get_by_label("hue (of the circle)").press("Home")
    expect(form.locator(".readout")).to_contain_text("brightness ×1.00")
    expect(form.locator(".readout")).to_contain_text("hue -0.50")
    assert form.get_by_label("brightness (factor)").get_attribute("aria-valuetext") == "1.00"
    # on the show floor light and reflections move together, for every drink
    page.goto((short_site / "index.html").as_uri())
    page.get_by_role("slider", name="light of the hall").press("Home")
    page.get_by_role("slider", name="reflections").press("End")
    page.get_by_role("combobox", name="drink").select_option("tonic can")
    expect(page.locator(".readout")).to_have_text("tonic can: 2000 K, reflections 2.00")


def test_answers_are_covered_until_they_are_asked_for(short_site, tmp_path, new_page):
    page = record.keep([COVERED], tmp_path / "recordings" / "covered")
    render = site.exporter().environment.get_template
    html = render("explorer.html.j2").render(page)
    path = tmp_path / "covered.html"
    path.write_text(render("page.html.j2").render(title="covered", body=html), "utf-8")
    shutil.copy(short_site / "explorer.js", tmp_path)
    page, _ = open_page(new_page, path)
    form, button = page.locator("form.explorer"), page.locator("button.answers")
    form.get_by_label("top-bottom").press(" ")
    expect(form.locator(".readout")).to_contain_text("top-bottom")
    assert "bottle" not in page.content()
    form.get_by_label("top-bottom").press("a")
    expect(form.locator(".said table")).to_have_count(2)
    expect(button).to_have_text("Cover the answers")
    button.press("Enter")
    expect(form.locator(".said table")).to_have_count(0)
    button.click()
    expect(form.locator(".said table")).to_have_count(2)
    form.locator("[type=reset]").click()
    expect(form.locator(".said table")).to_have_count(0)


def test_lessons_show_pictures(short_site, new_page):
    """A page without pictures would pass the test of its pictures."""
    for path in sorted(short_site.glob("[0-9]*.html")):
        assert len(re.findall("<img", path.read_text("utf-8"))) >= 5


def test_formulas_are_typeset(short_site):
    """No dollar signs and no backslashes are left of them, and no page asks a server for help."""
    pages = {path.name: path.read_text("utf-8") for path in short_site.glob("*.html")}
    assert "<mfrac>" in pages["13_labels_that_move.html"]
    for name, html in pages.items():
        words = re.sub(r"<pre.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
        assert not re.search(r"\\(frac|text|log|sum)\b|\$\$", words), name
        assert "mathjax" not in html.lower(), name
        assert not re.search(r'(src|<link[^>]* href)="https?:', html), name


def test_links_between_pages(short_site, new_page):
    """From the index through all lessons and back, by the links of the pages."""
    page = new_page((short_site / "index.html").as_uri())
    page.locator(f"a[href$='{LESSONS[0]}.html']").first.click()
    titles = []
    while page.locator("a[rel=next]").count():
        titles.append(page.locator("h1").inner_text())
        page.locator("a[rel=next]").first.click()
    assert len(titles) == len(LESSONS) - 1
    page.get_by_role("link", name="All lessons").first.click()
    assert page.url.endswith("index.html")


def test_every_link_leads_somewhere(short_site):
    """Each link within the site leads to a page, and to a heading of it."""
    pages = {path.name: path.read_text("utf-8") for path in short_site.glob("*.html")}
    assert pages.keys() == {f"{name}.html" for name in PAGES}
    checked = 0
    for name, html in pages.items():
        for link in re.findall(r'href="(?!https?:)([^"]+)"', html.split("<body>")[1]):
            target, _, anchor = link.partition("#")
            assert target in pages or not target, (name, link)
            assert not anchor or f'id="{anchor}"' in pages[target or name], (name, link)
            checked += 1
    assert checked > 50
    assert all(html.count('aria-label="Contents"') for name, html in pages.items() if name[0] < "9")


def test_pictures_with_answers_are_folded(short_site, new_page):
    """Under a covered explorer stands a picture of the answers, for who has no script either."""
    for name in ("02_flip", "03_crop", "04_color"):
        page = new_page((short_site / f"{name}.html").as_uri())
        answers = page.locator("details", has=page.get_by_text("Show the answers", exact=True))
        picture = answers.locator("img[alt*='bottle'], img[alt*='can']").first
        assert not picture.is_visible()
        answers.first.locator("summary").click()
        assert picture.is_visible()


def test_words_wait_for_their_picture(short_site, new_page):
    page, held = new_page("about:blank"), []
    page.route("**/recordings/**/*.webp", lambda route: held.append(route))
    page.goto((short_site / "04_color.html").as_uri(), wait_until="commit")
    form = page.locator("form[data-name='04-color-widget']")
    slider, readout = form.locator("input[type=range]").first, form.locator(".readout")
    slider.scroll_into_view_if_needed()
    before = readout.text_content()
    slider.press("End")
    page.wait_for_timeout(500)
    assert held
    assert readout.text_content() == before
    page.unroute("**/recordings/**/*.webp")  # it lets go those that were held
    expect(readout).not_to_have_text(before)


def test_solutions_are_folded(short_site, new_page):
    page = new_page((short_site / "02_flip.html").as_uri())
    solution = page.locator("details.code_cell").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
