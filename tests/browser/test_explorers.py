"""The explorers in JupyterLab: sizes, names, keys, covered answers, and what a save keeps."""

import json

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_lab import EXPLORERS, READY, move, open_notebook, run_all, state, wait_until

from conftest import PROJECT

IMPORTS = """import torch
from d2laug import photo
from d2laug.data import drink
from d2laug.train import trained_networks
from d2laug.widgets import explore
from d2laug.widgets.words import noisy_word

ears = {f"trained {how}": torch.nn.Linear(5120, 12) for how in ("in the quiet", "with noise")}"""
# as in the lessons; what hears the words is not trained
CELLS = [
    'explore.flip(photo("cat"))',
    'explore.crop(photo("cat"))',
    'explore.color(photo("coffee"))',
    'explore.temperature(photo("coffee"))',
    'explore.flip(drink("lime bottle"), networks=trained_networks(), covered=True)',
    'explore.crop(drink("lemon can"), 96, 0.17, x=0.0, y=0.0, networks=trained_networks())',
    'explore.color(drink("orange can"), networks=trained_networks())',
    "explore.show_floor(kelvin=3000, reflections=1.0)",
    'noisy_word("cherry", networks=ears)',
]
LABELS = """from d2laug.train import marking_network
from torchvision import tv_tensors
from d2laug.data import drinks_places
from d2laug.widgets.labels import explore_labels
places = drinks_places("lab/test")
one = {k: tv_tensors.wrap(places[k + "s"][0], like=places[k + "s"]) for k in ("mask", "point")}
one = {"mask": one["mask"], "points": one["point"], "boxes": places["boxes"][0]}
explore_labels(drink("apple carton"), one, marking_network().eval())"""
ASKED = 4  # from here on networks are asked; here they are covered
HIGHEST = 560  # of an explorer, on a screen of 720 pixels
SAID = ".d2laug-answers table"
DIRTY = "window.jupyterapp.shell.currentWidget.context.model.dirty"


def write(lab, name, cells):
    notebook = nbformat.read(PROJECT / "notebooks" / "template.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in (IMPORTS, *cells)]
    nbformat.write(notebook, lab.notebooks / f"{name}.ipynb")


def open_and_run(lab, new_page, cells, **options):
    write(lab, "explorers", cells)
    page = open_notebook(new_page, lab, "explorers", **options)
    run_all(page)
    page.locator(EXPLORERS).nth(len(cells) - 1).wait_for(state="attached")
    return page


def boxes(explorer):
    """Where the explorer, its controls, its pictures and what networks say stand in the window."""
    state(explorer)  # all pictures are there
    parts = [explorer.locator(f"> :nth-child({n})") for n in (1, 2)]
    parts += [explorer.locator(css) for css in (".d2laug-pictures", ".d2laug-answers")]
    return [part.bounding_box() if part.count() else None for part in (explorer, *parts)]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_explorer_fits_and_can_be_named(lab, new_page, theme):
    lab.set_theme(theme)
    cells = [*CELLS, LABELS]
    page = open_and_run(lab, new_page, cells, width=1280, height=720)
    page.wait_for_function(f"() => document.body.dataset.jpThemeName === '{theme}'")
    explorers, widths = page.locator(EXPLORERS), {}
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        for number in range(len(cells)):
            explorers.nth(number).scroll_into_view_if_needed()
            whole, left, right, pictures, said = boxes(explorers.nth(number))
            assert whole["height"] <= (HIGHEST if height == 720 else HIGHEST + 180), cells[number]
            assert left["x"] + left["width"] <= right["x"]
            assert right["y"] - left["y"] < 10
            assert (said is not None) == (ASKED <= number < len(CELLS))
            if said:
                assert 0 <= said["y"] - (pictures["y"] + pictures["height"]) < 50
            widths[number, width] = pictures["width"]
    assert all(widths[n, 1920] > 1.5 * widths[n, 1280] for n in range(len(cells)))
    found = Axe().run(page, context=EXPLORERS).response
    assert len(found["passes"]) > 10
    assert [v for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
    assert explorers.nth(1).get_by_alt_text("result: area 0.30, ratio 1.00 → 96 × 96").count() == 1
    for control in explorers.locator(".noUi-handle, .widget-readout, img, audio").all():
        assert control.get_attribute("aria-label") or control.get_attribute("alt")


def test_on_a_telephone_all_is_seen(lab, new_page):
    page = open_and_run(lab, new_page, [*CELLS[2:6], LABELS], width=390, height=800)
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    for explorer in page.locator(EXPLORERS).all():
        explorer.scroll_into_view_if_needed()
        whole, left, right, _, _ = boxes(explorer)
        assert right["y"] >= left["y"] + left["height"]
        parts = explorer.locator("img, svg, .noUi-target, button, table, label:visible").all()
        for box in (part.bounding_box() for part in parts):
            assert box["x"] >= whole["x"]
            assert box["x"] + box["width"] <= whole["x"] + whole["width"] + 3


def test_nothing_jumps(lab, new_page):
    """While a slider moves to its end, all that is under the hand stays where it is."""
    page = open_and_run(lab, new_page, CELLS[6:8], width=1280, height=720)
    for explorer in page.locator(EXPLORERS).all():
        explorer.scroll_into_view_if_needed()
        before, first = boxes(explorer)[2:], state(explorer)
        handle = explorer.locator(".noUi-handle").last
        handle.focus()
        handle.press("End")
        wait_until(page, explorer, "pixels !== values[0] && text !== values[1]", *first)
        after = boxes(explorer)[2:]
        assert [(box["x"], box["y"]) for box in after] == [(box["x"], box["y"]) for box in before]


def test_keys_move_a_control_and_not_the_notebook(lab, new_page):
    page = open_and_run(lab, new_page, CELLS[7:8] * 2)
    explorer = page.locator(EXPLORERS).first
    explorer.scroll_into_view_if_needed()
    active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    page.evaluate(f"{active} = 1")
    first = state(explorer)
    explorer.get_by_label("drink").focus()
    page.keyboard.press("ArrowDown")
    wait_until(page, explorer, "pixels !== values[0] && text !== values[1]", *first)
    handle = explorer.get_by_role("slider", name="reflections (0 to 2)")
    handle.focus()
    assert handle.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    before = state(explorer)
    page.keyboard.press("ArrowUp")
    wait_until(page, explorer, "pixels !== values[0] && text !== values[1]", *before)
    light = explorer.get_by_role("slider", name="light of the hall")
    assert light.get_attribute("aria-valuetext") == "3000 K"
    explorer.get_by_role("button", name="Reset").press("Enter")
    wait_until(page, explorer, "pixels === values[0]", *first)
    assert page.evaluate(active) == 1
    assert len(page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets")) == 3


def test_answers_are_covered_until_they_are_asked_for(lab, new_page):
    page = open_and_run(lab, new_page, CELLS[:1] + CELLS[ASKED : ASKED + 1])
    explorer = page.locator(EXPLORERS).nth(1)
    explorer.scroll_into_view_if_needed()
    button = explorer.get_by_role("button", name="Show the answers")
    button.wait_for()
    outputs = page.evaluate("""window.jupyterapp.shell.currentWidget.content.widgets
        .flatMap(w => w.model.outputs.toJSON())""")
    # a move does not open them
    first = state(explorer)
    move(explorer.get_by_label("top-bottom"))
    wait_until(page, explorer, "pixels !== values[0] && text !== values[1]", *first)
    for text in (json.dumps(outputs), explorer.inner_html()):
        assert "bottle" not in text
    explorer.get_by_label("top-bottom").press("a")
    expect(explorer.locator(SAID)).to_have_count(2)
    expect(button).to_have_count(0)
    explorer.get_by_role("button", name="Cover the answers").press("Enter")
    expect(explorer.locator(SAID)).to_have_count(0)
    button.click()
    expect(explorer.locator(SAID)).to_have_count(2)
    explorer.get_by_role("button", name="Reset").click()
    wait_until(page, explorer, "pixels === values[0] && text === values[1]", *first)


def test_saved_and_opened_again_the_stills_are_seen(lab, new_page):
    page = open_and_run(lab, new_page, CELLS[:2])
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(f"() => !{DIRTY}")
    widget = page.locator(EXPLORERS).nth(1)  # it lives on
    widget.scroll_into_view_if_needed()
    before = state(widget)
    move(widget.locator(".noUi-handle").first)
    wait_until(page, widget, "pixels !== values[0] && text !== values[1]", *before)
    saved = nbformat.read(lab.notebooks / "explorers.ipynb", as_version=4)
    assert [set(c.outputs[0].data) for c in saved.cells[1:]] == [{"text/plain", "image/jpeg"}] * 2
    assert "widgets" not in saved.metadata
    page.close()
    lab.forget()
    page = open_notebook(new_page, lab, "explorers")
    images = page.locator(".jp-OutputArea img")
    expect(images).to_have_count(2)
    for image in images.all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("image => image.naturalWidth > 500", arg=image.element_handle())
    assert page.get_by_text("model not found").count() == 0
    assert not page.evaluate(DIRTY)


@pytest.mark.parametrize("name", ["02_flip", "08_back_to_the_show"])
def test_opening_a_lesson_changes_nothing(lab, new_page, name):
    page = open_notebook(new_page, lab, name)
    page.wait_for_function(READY)
    page.wait_for_timeout(1500)  # what the lab does by itself comes a moment later
    assert not page.evaluate(DIRTY)
