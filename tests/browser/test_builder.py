"""The pipeline builder in JupyterLab, and as the page that `make playground` opens."""

import base64
import io
import itertools
import json
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
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_lab import READY, run_all, state, wait_until

from conftest import PROJECT, START_SECONDS, WAIT_MS, free_port
from d2laug.gallery import EFFECTS

CELL = """from d2laug.widgets.builder import pipeline

pipeline("cat", [("invert", 1, 1), ("solarize", 1, 1)])"""
# as on a machine that is busy
SLOW_CELL = """import time
from d2laug.widgets.builder import Builder, pipeline

draw = Builder._refresh
Builder._refresh = lambda builder: (time.sleep(0.7), draw(builder))
pipeline("cat", [("invert", 1, 1), ("solarize", 1, 1), ("fog", 0.5, 1)])"""
ADD = "Add an effect"


def page_in_lab(lab, new_page, *cells):
    """JupyterLab with builders in one notebook."""
    notebook = nbformat.read(PROJECT / "notebooks" / "template.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, lab.notebooks / "builders.ipynb")
    page = new_page(lab.url("lab/tree/builders.ipynb"), height=720)
    page.wait_for_function(READY)
    run_all(page)
    page.locator(".d2laug-builder").nth(len(cells) - 1).wait_for()
    return page


def serve(tmp_path_factory, *command):
    """Start a server, and yield its port while it runs."""
    screen, port = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}, free_port()
    environment = {k: v for k, v in os.environ.items() if k not in screen}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        environment[f"JUPYTER_{name}_DIR"] = str(tmp_path_factory.mktemp(name))
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", *command, f"--port={port}"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, "the playground did not start"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield server, port
    server.terminate()
    server.wait(timeout=30)


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """The address of a running playground."""
    for server, _ in serve(tmp_path_factory, "d2laug", "playground"):
        yield address_of(server)


def address_of(server):
    return next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))


def open_playground(new_page, url, **options):
    page = new_page("about:blank", **{"height": 720} | options)
    page.set_default_timeout(180_000)  # a kernel that imports torch on a busy machine
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(url)
    builder = page.locator(".d2laug-builder")
    builder.locator(".builder-stages figure").last.wait_for()
    return page, builder, asked


def seen(builder):
    """A checksum of the pictures, and their captions."""
    return state(builder.locator(".builder-pictures"))


def wait_for_change(builder, before, words=""):
    """Wait until the pictures are others, and their captions have these words."""
    pictures = builder.locator(".builder-pictures")
    said = f"text.includes({json.dumps(words)})"
    wait_until(builder.page, pictures, f"pixels !== values[0] && {said}", before[0])


def code_of(builder):
    return builder.locator("pre").evaluate("code => code.textContent")


def wait_for_code(builder, words):
    """Wait for words in the code: the pictures that it makes arrive with it."""
    builder.page.wait_for_function(
        "([builder, words]) => builder.querySelector('pre').textContent.includes(words)",
        arg=[builder.element_handle(), words],
    )


def code_makes_what_is_shown(builder):
    variables = {}
    exec(code_of(builder), variables)
    seen(builder)  # all pictures are decoded
    urls = builder.locator(".builder-samples img").evaluate_all("""images => images.map(image => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        canvas.getContext('2d').drawImage(image, 0, 0);
        return canvas.toDataURL();
    })""")
    assert len(urls) == len(variables["pictures"]) == 8
    for picture, url in zip(variables["pictures"], urls, strict=True):
        png = PIL.Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
        # JPEG lies between them
        shown = np.asarray(png.convert("RGB")).astype(int)
        assert abs(picture.permute(1, 2, 0).numpy() - shown).mean() < 2.5


def serious(page, where=None):
    """What axe-core finds that is serious or critical, in words."""
    found = Axe().run(page, context=where).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_playground(playground, new_page):
    """Find an effect, turn its dial, exchange two steps, all by keyboard, and run the code."""
    page, builder, asked = open_playground(new_page, playground)
    first = seen(builder)
    rows = builder.locator(".builder-row")
    expect(rows).to_have_count(4, timeout=WAIT_MS)
    code_makes_what_is_shown(builder)

    find = page.get_by_role("combobox", name=ADD)
    find.focus()
    page.keyboard.type("pencil")
    option = page.get_by_role("option", name="pencil")
    expect(option).to_have_attribute("aria-selected", "true", timeout=WAIT_MS)
    expect(option).to_contain_text(EFFECTS["pencil"].breaks_label)
    expect(option.locator("img")).to_be_visible(timeout=WAIT_MS)  # the picture with that effect
    page.keyboard.press("Enter")
    wait_for_change(builder, first, "5 pencil")
    expect(rows).to_have_count(5, timeout=WAIT_MS)
    wait_for_code(builder, EFFECTS["pencil"].code(0.5))

    before = seen(builder)
    dial = page.get_by_role("slider", name="strength of 5 pencil")
    dial.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    wait_for_code(builder, EFFECTS["pencil"].code(0.55))
    expect(dial).to_have_attribute("aria-valuetext", "55%", timeout=WAIT_MS)
    wait_for_change(builder, before)
    code_makes_what_is_shown(builder)
    shift = page.get_by_role("slider", name="strength of 2 crop")
    expect(rows.nth(1)).to_contain_text("54% to 100% of the area")
    shift.press("Home")
    expect(rows.nth(1)).to_contain_text("off", timeout=WAIT_MS)

    builder.get_by_title("pencil earlier").press("Enter")
    wait_for_change(builder, before, "if fog came first")
    # the focus went with the step
    page.wait_for_function("document.activeElement.title === 'pencil earlier'")
    builder.get_by_title("remove pencil").press("Enter")
    expect(builder.get_by_title("remove pencil")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_function("document.activeElement.title === 'remove fog'")
    builder.get_by_role("button", name="Reset").press("Enter")
    pictures = builder.locator(".builder-pictures")
    wait_until(page, pictures, "pixels === values[0]", first[0])

    # nothing comes from elsewhere
    host = re.match(r"http://[^/]+/", playground)[0]
    assert [url for url in asked if not url.startswith((host, "data:", "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_playground_fits_and_can_be_used_by_everyone(playground, new_page, scheme):
    page, builder, _ = open_playground(new_page, playground, color_scheme=scheme)
    seen(builder)
    # above the fold
    assert page.evaluate("document.documentElement.scrollHeight") <= 720
    for part in builder.locator("section").all():
        box = part.bounding_box()
        assert box["y"] + box["height"] <= 720
    ink, paper = (
        page.evaluate(f"getComputedStyle(document.{where}).{what}")
        for where, what in (
            ("querySelector('.d2laug-builder')", "color"),
            ("body", "backgroundColor"),
        )
    )
    light = sum(map(int, re.findall(r"\d+", paper)[:3])) > sum(
        map(int, re.findall(r"\d+", ink)[:3])
    )
    assert light == (scheme == "light")
    assert serious(page) == []
    page.get_by_role("combobox", name=ADD).fill("blur")
    page.get_by_role("option", name="Gaussian blur").locator("img").wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Full size").press("Enter")
    full = page.get_by_role("dialog", name="full size")
    expect(full).to_contain_text("300 × 451 pixels", timeout=WAIT_MS)
    sizes = full.locator("img").evaluate_all(
        "all => all.map(i => [i.naturalWidth, i.naturalHeight])"
    )
    assert sizes == [[451, 300], [451, 300]]
    before, after = (image.bounding_box() for image in full.locator("img").all())
    assert before["x"] + before["width"] <= after["x"]
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(full).to_be_hidden(timeout=WAIT_MS)
    # the focus is seen
    again = page.get_by_role("button", name="Draw again")
    again.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for width in (390, 1920):
        page.set_viewport_size({"width": width, "height": 1080})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for part in builder.locator(
            "button:visible, select, input:visible, .builder-samples img"
        ).all():
            box = part.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["width"] > 12
        if width == 390:  # the pictures stand over the controls, each a finger apart
            one, other = (
                builder.locator(css).bounding_box() for css in (".builder-samples", "select")
            )
            assert one["y"] + one["height"] <= other["y"]
            tops = [one.bounding_box()["y"] for one in builder.locator("[type=range]").all()]
            assert min(b - a for a, b in itertools.pairwise(tops)) >= 24
        assert serious(page) == []


def test_a_misspelt_name_in_the_search(playground, new_page):
    page, builder, _ = open_playground(new_page, playground)
    find = page.get_by_role("combobox", name=ADD)
    find.fill("gausian")
    said = builder.get_by_role("status")
    expect(said).to_have_text("No effect is called “gausian”. Did you mean:", timeout=WAIT_MS)
    page.get_by_role("option", name="Gaussian noise").click()
    wait_for_code(builder, "GaussianNoise")
    find.fill("qqqq")
    expect(said).to_have_text("No effect is called “qqqq”.", timeout=WAIT_MS)


def test_a_photo_of_ones_own_and_pipelines_that_are_kept(playground, new_page, tmp_path):
    page, builder, _ = open_playground(new_page, playground)
    first = seen(builder)
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "noise.png")  # 9 MB: it travels in parts
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your photo").click()
    chooser.value.set_files(tmp_path / "noise.png")
    wait_for_code(builder, "picture = open_image('noise.png')  # your photo")
    wait_for_change(builder, first)
    assert builder.locator("select").input_value() == "your photo"
    page.get_by_role("button", name="Reset").click()
    wait_for_code(builder, "skimage.data.chelsea()")

    (tmp_path / "notes.txt").write_text("no picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your photo").click()
    chooser.value.set_files(tmp_path / "notes.txt")
    expect(builder.get_by_role("alert")).to_contain_text("is text and no picture", timeout=WAIT_MS)

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    steps = json.loads(saved.value.path().read_text())["steps"]
    assert [step[0] for step in steps] == ["flip left-right", "crop", "color jitter", "fog"]
    other = {"steps": [["sepia", 1, 1]], "seed": 5, "picture": "coffee"}
    (tmp_path / "other.json").write_text(json.dumps(other))
    for name, words in (("notes.txt", "it is not JSON"), ("other.json", "")):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Load").click()
        chooser.value.set_files(tmp_path / name)
        expect(builder.get_by_role("alert")).to_contain_text(words, timeout=WAIT_MS)
    wait_for_code(builder, "kornia.color.sepia")
    wait_for_code(builder, "torch.manual_seed(5)")

    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "token" not in page.url
    link = playground + "#" + page.url.partition("#")[2]
    _, linked, _ = open_playground(new_page, link)
    wait_for_code(linked, "kornia.color.sepia")
    assert code_of(linked) == code_of(builder)
    _, broken, _ = open_playground(
        new_page, playground + "#%7B%22steps%22%3A%5B%5B%22frog%22,1,1%5D%5D%7D"
    )
    expect(broken.get_by_role("alert")).to_contain_text("did you mean 'fog'", timeout=WAIT_MS)
    expect(broken.locator(".builder-row")).to_have_count(4, timeout=WAIT_MS)


def test_behind_the_prefix_of_a_hub(tmp_path_factory, new_page):
    """A hub gives each of its users an address such as /user/ann/playground/."""
    prefix = "/user/ann/playground/"
    command = ["d2laug", "playground", "--base-url", prefix.strip("/")]
    for server, port in serve(tmp_path_factory, *command):
        root = f"http://127.0.0.1:{port}{prefix}"
        page, builder, asked = open_playground(new_page, address_of(server))
        before = seen(builder)
        page.get_by_role("button", name="Draw again").click()
        wait_for_change(builder, before)
        own = [url for url in asked if "127.0.0.1" in url and not url.startswith("blob:")]
        assert [url for url in own if not url.startswith(root)] == []


def test_a_slow_kernel_moves_no_row_under_the_hand(lab, new_page):
    """What a hand does holds, in its order, and is seen before the pictures are drawn."""
    builder = page_in_lab(lab, new_page, SLOW_CELL).locator(".d2laug-builder")
    titles = builder.locator(".builder-name b")
    expect(titles).to_have_text(["1 invert", "2 solarize", "3 fog"])
    for _ in range(3):  # the first is drawn, the others wait for it
        builder.get_by_role("slider", name="strength of 2 solarize").press("ArrowLeft")
    builder.get_by_title("invert later").press("Enter")
    assert titles.all_inner_texts() == ["1 solarize", "2 invert", "3 fog"]
    builder.get_by_title("remove invert").click()
    assert titles.all_inner_texts() == ["1 solarize", "2 fog"]
    wait_for_code(builder, EFFECTS["solarize"].code(0.97))
    assert EFFECTS["invert"].code(1) not in code_of(builder)
    for _ in range(3):
        builder.get_by_role("slider", name="strength of 1 solarize").press("ArrowLeft")
    builder.get_by_role("button", name="Reset").click()
    wait_for_code(builder, EFFECTS["invert"].code(1))
    wait_for_code(builder, EFFECTS["solarize"].code(1))
    assert titles.all_inner_texts() == ["1 invert", "2 solarize", "3 fog"]


def test_two_builders_in_jupyterlab(lab, new_page):
    page = page_in_lab(lab, new_page, CELL, CELL)
    one, other = (page.locator(".d2laug-builder").nth(i) for i in range(2))
    one.scroll_into_view_if_needed()
    before, beside = seen(one), seen(other)
    assert one.bounding_box()["height"] <= 560
    assert serious(page, ".d2laug-builder") == []
    assert one.get_by_role("button", name="Copy link").count() == 0  # an address is JupyterLab's
    one.get_by_title("invert later").press("Enter")
    wait_for_change(one, before, "if invert came first")
    dial = one.get_by_role("slider", name="strength of 1 solarize")
    dial.focus()
    dial.press("ArrowLeft")
    wait_for_code(one, EFFECTS["solarize"].code(0.99))
    code_makes_what_is_shown(one)
    assert seen(other) == beside

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one.get_by_role("button", name="Copy the code").click()
    one.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code_of(one)
    assert "transform = v2.Compose(" in code_of(one)
    one.get_by_role("button", name="Copy the code").wait_for()  # and the button is as before
