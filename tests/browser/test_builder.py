"""The pipeline builder in JupyterLab, and as the page that `make playground` opens."""

import base64
import io
import os
import re
import socket
import subprocess
import sys
import time

import nbformat
import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect
from test_lab import READY, run_all, state, wait_until

from conftest import PROJECT, START_SECONDS, WAIT_MS, free_port
from d2laug.gallery import EFFECTS

CELL = """from d2laug.widgets.builder import pipeline

pipeline("cat", [("invert", 1, 1), ("solarize", 1, 1)])"""


@pytest.fixture
def page_in_lab(lab, new_page):
    """JupyterLab with two builders in one notebook."""
    notebook = nbformat.read(PROJECT / "notebooks" / "template.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(CELL), nbformat.v4.new_code_cell(CELL)]
    nbformat.write(notebook, lab.notebooks / "two_builders.ipynb")
    page = new_page(lab.url("lab/tree/two_builders.ipynb"))
    page.wait_for_function(READY)
    run_all(page)
    page.locator(".d2laug-builder").nth(1).wait_for()
    return page


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """The address of a running playground."""
    screen = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
    environment = {k: v for k, v in os.environ.items() if k not in screen}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        environment[f"JUPYTER_{name}_DIR"] = str(tmp_path_factory.mktemp(name))
    environment |= {"PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [sys.executable, PROJECT / "tools" / "playground.py"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    url = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
    deadline = time.monotonic() + START_SECONDS  # it is printed a moment before the server listens
    while True:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", int(environment["PORT"]))) == 0:
                break
        assert server.poll() is None, "the playground did not start"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(timeout=30)


def open_playground(new_page, url, **options):
    page = new_page("about:blank", **options)
    page.set_default_timeout(180_000)  # a kernel that imports torch on a busy machine
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(url)
    builder = page.locator(".d2laug-builder")
    builder.wait_for()
    page.locator(".builder-samples img").last.wait_for()
    return page, builder, asked


def arrays(builder):
    """The eight pictures as the page shows them."""
    urls = builder.locator(".builder-samples img").evaluate_all("""images => images.map(image => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        canvas.getContext('2d').drawImage(image, 0, 0);
        return canvas.toDataURL();
    })""")
    pngs = [base64.b64decode(url.partition(",")[2]) for url in urls]
    return [np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB")) for png in pngs]


def wait_for_code(builder, words):
    """Wait for words in the code: the pictures that it makes were sent before it."""
    builder.page.wait_for_function(
        "([builder, words]) => builder.querySelector('textarea').value.includes(words)",
        arg=[builder.element_handle(), words],
    )


def code_makes_what_is_shown(builder):
    variables = {}
    exec(builder.locator("textarea").input_value(), variables)
    state(builder)  # all pictures are decoded
    shown = arrays(builder)
    assert len(shown) == len(variables["pictures"]) == 8
    for picture, array in zip(variables["pictures"], shown, strict=True):
        # JPEG lies between them
        assert abs(picture.permute(1, 2, 0).numpy().astype(int) - array).mean() < 2.5


def test_playground(playground, new_page):
    """Add an effect, move its slider, exchange two steps, all by keyboard, and run the code."""
    page, builder, asked = open_playground(new_page, playground)
    first = state(builder)
    rows = builder.locator(".builder-row")
    expect(rows).to_have_count(4, timeout=WAIT_MS)
    code_makes_what_is_shown(builder)

    page.get_by_label("group").select_option("artistic")
    page.get_by_label("effect").select_option("pencil")
    builder.get_by_text(EFFECTS["pencil"].breaks_label).wait_for()
    builder.get_by_role("button", name="Add").press("Enter")
    wait_until(page, builder, "pixels !== values[0] && text.includes('5 pencil')", *first)
    expect(rows).to_have_count(5, timeout=WAIT_MS)
    wait_for_code(builder, EFFECTS["pencil"].code(0.5))

    before = state(builder)
    handle = rows.nth(4).locator(".noUi-handle").first
    handle.focus()
    for _ in range(5):
        handle.press("ArrowRight")
    wait_for_code(builder, EFFECTS["pencil"].code(0.55))
    wait_until(page, builder, "pixels !== values[0] && text.includes('0.55')", *before)
    code_makes_what_is_shown(builder)

    builder.get_by_title("pencil earlier").press("Enter")
    wait_until(page, builder, "text.includes('if fog came first')")
    # the focus went with the step
    page.wait_for_function("document.activeElement.title === 'pencil earlier'")
    # two rows exchange their titles, one after the other
    expect(builder.get_by_title("remove pencil")).to_have_count(1, timeout=WAIT_MS)
    builder.get_by_title("remove pencil").press("Enter")
    wait_until(page, builder, "!text.includes('pencil')")
    builder.get_by_role("button", name="Reset").press("Enter")
    wait_until(page, builder, "pixels === values[0]", *first)

    # nothing comes from elsewhere
    host = re.match(r"http://[^/]+/", playground)[0]
    assert [url for url in asked if not url.startswith((host, "data:", "blob:"))] == []


@pytest.mark.parametrize(("theme", "widths"), [("dark", [420, 1920]), ("light", [700])])
def test_playground_is_not_cut_off(playground, new_page, theme, widths):
    url = f"{playground}&theme={theme}"
    page, builder, _ = open_playground(new_page, url, width=widths[0], height=1080)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 1080})
        nothing_is_cut_off(page, builder, width)


def nothing_is_cut_off(page, builder, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in builder.locator("img, .noUi-target, button, select, textarea").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] > 20
    # pictures beside the controls where there is room, and under them where there is none
    left = builder.locator(".builder-controls").bounding_box()
    right = builder.locator(".builder-pictures").bounding_box()
    assert (right["x"] >= left["x"] + left["width"]) == (width == 1920)


def test_two_builders_in_jupyterlab(page_in_lab):
    page = page_in_lab
    one, other = (page.locator(".d2laug-builder").nth(i) for i in range(2))
    one.scroll_into_view_if_needed()
    before, beside = state(one), state(other)
    one.get_by_title("invert later").press("Enter")
    wait_until(page, one, "text.includes('if invert came first')")
    handle = one.locator(".noUi-handle").first
    handle.focus()
    handle.press("ArrowLeft")
    wait_for_code(one, EFFECTS["solarize"].code(0.99))
    wait_until(page, one, "pixels !== values[0] && text.includes('0.99')", *before)
    code_makes_what_is_shown(one)
    assert state(other) == beside

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one.get_by_role("button", name="Copy the code").click()
    one.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == one.locator("textarea").input_value()
    assert "transform = v2.Compose(" in copied
    one.get_by_role("button", name="Copy the code").wait_for()  # and the button is as before
    one.get_by_role("textbox", name="code").press("x")  # what is typed has no effect, and goes
    assert one.locator("textarea").input_value() == copied
