"""The decks in a browser: every step at three sizes, the clicker's keys, a kernel that dies."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import PIL.Image
import pytest
from filelock import FileLock
from matplotlib.textpath import TextPath
from playwright.sync_api import expect

from conftest import WAIT_MS, free_port
from d2laug.pages import cells, deck, record
from d2laug.pages.cells import lessons, read

SIZES = [(1280, 720), (1920, 1080), (1024, 768)]
LETTERS = 13 * 100 / 72  # pixels of a text in a figure: 13 points at 100 dots an inch

# What is wrong on the slide as it is seen now.
LOOK = """() => {
  const slide = Reveal.getCurrentSlide(), wrong = [];
  const paper = document.querySelector(".slides").getBoundingClientRect();
  for (const node of slide.querySelectorAll("*")) {
    if (node.closest(".notes") || !node.checkVisibility({visibilityProperty: true})) continue;
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (box.right > paper.right + 1 || box.bottom > paper.bottom + 1 || box.left < paper.left - 1
        || box.top < paper.top - 1) wrong.push(`cut off: ${node.tagName} ${node.className}`);
    const hasText = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const size = parseFloat(getComputedStyle(node).fontSize);
    const isIndex = node.closest("math");
    if (hasText && size < 28 && !isIndex) wrong.push(`${size} px: ${node.textContent}`);
    const line = document.createRange();
    line.selectNodeContents(node);
    const words = hasText ? [...line.getClientRects()].filter((one) => one.width) : [];
    if (words.some((one) => one.right > paper.right + 1 || one.bottom > paper.bottom + 1))
      wrong.push(`a line is cut off: ${node.textContent}`);
    if (node.tagName === "IMG") {
      if (!node.naturalWidth || !node.alt.trim()) wrong.push(`a picture is missing: ${node.alt}`);
    }
  }
  return wrong;
}"""
SEEN = """() => [...Reveal.getCurrentSlide().querySelectorAll("[id^='cell-id'], [data-cells], img")]
  .filter((node) => node.checkVisibility({visibilityProperty: true})
    || node.classList.contains("jp-mod-noOutputs"))
  .map((node) => node.dataset.cells || node.id || node.alt)"""
WORDS = """() => {
  const slide = Reveal.getCurrentSlide();
  const alts = [...slide.querySelectorAll("img")].filter((i) => i.checkVisibility(
    {visibilityProperty: true})).map((i) => i.alt);
  return slide.innerText + " " + alts.join(" ");
}"""


def keep_few(sources, folder):
    """Record an explorer at few places, and whole as far as lists of choices go."""
    few = {"drink": 12, "kelvin": 2, "reflections": 2}, {"area": 2, "x": 2, "y": 2}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "PLACES", 2)
        patch.setattr(record, "TOGETHER", few)
        return record.keep(sources, folder)


@pytest.fixture(scope="session")
def slides(tmp_path_factory):
    """The folder of the lecture, freshly written; the workers share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with FileLock(shared / "slides.lock"):
        if not (shared / "slides" / "lecture.html").exists():
            deck.write(shared / "slides", "lecture", keep_few)
    return shared / "slides"


def ready(page):
    page.wait_for_function("window.Reveal && Reveal.isReady()")


def indices(page):
    return page.evaluate("JSON.stringify(Reveal.getIndices())")


def steps(page, key="PageDown"):
    """Yield once for each step of a deck, by the clicker's key, up to the last."""
    while True:
        yield
        before = indices(page)
        page.keyboard.press(key)
        if indices(page) == before:
            return


def walk(page):
    """Go through a deck; return what was wrong and what was on the screen."""
    said, wrong, seen, words = [], [], set(), None
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for _ in steps(page):
        wrong += [f"{indices(page)}: {what}" for what in page.evaluate(LOOK)]
        seen |= set(page.evaluate(SEEN))
        before, words = words, page.evaluate(WORDS)
        if words == before:
            wrong.append(f"{indices(page)}: a press that changes nothing")
    return wrong + said, seen


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_lecture(slides, new_page, width, height):
    page = new_page((slides / "lecture.html").as_uri(), width=width, height=height)
    ready(page)
    wrong, seen = walk(page)
    assert not wrong
    for slide in read("lecture")["slide"]:
        for names in (slide["first"], *([name] for name in slide.get("then", []))):
            assert " ".join(names) in seen


@pytest.mark.long
@pytest.mark.parametrize("number", lessons())
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_lesson(slides, new_page, number, width, height):
    path = lessons()[number]
    (file,) = deck.write(slides, number, keep_few)
    page = new_page(file.as_uri(), width=width, height=height)
    ready(page)
    wrong, seen = walk(page)
    assert not wrong
    for cell in deck.lesson(path).cells:
        if cell.metadata.slideshow.slide_type not in ("skip", "notes"):
            assert f"cell-id={cell.id}" in seen, cell.id


def test_no_answer_before_its_press(slides, new_page):
    """Neither its line nor a number of it, in text or in the words for a picture."""
    page = new_page((slides / "lecture.html").as_uri())
    ready(page)
    known, asked = deck.numbers(), 0
    for number, slide in enumerate(read("lecture")["slide"]):
        answer = slide.get("answer", "").format_map(known)
        if not answer:
            continue
        page.evaluate("n => Reveal.slide(n, 0, -1)", number)
        words = page.evaluate(WORDS)
        asked += 1
        assert answer not in words
        for figure in re.findall(r"\d\.\d+|\d+ ?%", answer):
            assert figure not in words, slide["question"]
        for _ in range(slide.get("presses", max(1, len(slide.get("then", []))))):
            page.keyboard.press("PageDown")
        assert answer in page.evaluate(WORDS)
    assert asked >= 15


def letters(alt: str) -> float:
    """The pixels of a figure's letters: captions are smaller where they are wider than a tile."""
    found = re.match(r"(\d+) pictures: (.*)", alt)
    if not found:
        return LETTERS
    columns = {8: 4}.get(int(found[1]), min(int(found[1]), 6))
    side = 100 * min(9 / columns, 4.5) - 8  # of a tile of show_images
    lines = re.split("; |, ", found[2])
    widest = max(TextPath((0, 0), line, size=LETTERS).get_extents().width for line in lines)
    return LETTERS * min(1, side / widest)


def test_figures_are_legible(slides, new_page):
    """Their letters as shown: at least 24 px at 1080p and 18 px at 720p; the wall has none."""
    page = new_page((slides / "lecture.html").as_uri(), width=1280, height=720)
    ready(page)
    checked = 0
    for _ in steps(page):
        shown = page.evaluate("""() => [...Reveal.getCurrentSlide().querySelectorAll(".stage img")]
          .filter((i) => !i.closest(".explorer") && i.checkVisibility({visibilityProperty: true}))
          .map((i) => {
            const box = i.getBoundingClientRect();
            return [i.alt, Math.min(box.width / i.naturalWidth, box.height / i.naturalHeight)];
          })""")
        for alt, scale in shown:
            has_letters = ":" in alt
            assert not has_letters or scale * letters(alt) >= 18, alt
            checked += has_letters
    assert checked > 20


TEXTS = """() => {
  const texts = document.createTreeWalker(Reveal.getCurrentSlide(), NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode, parent = text.parentElement, range = document.createRange();
    range.selectNode(text);
    const box = range.getBoundingClientRect();
    if (text.data.trim() && box.width && !parent.closest(".notes, option, style, script")
        && parent.checkVisibility({visibilityProperty: true}))
      found.push([text.data, box.left, box.top, box.right, box.bottom]);
  }
  return found;
}"""


def contrast(pixels):
    """The contrast of WCAG between the brightest and the darkest pixel, on a washed-out wall."""
    washed = (((pixels / 255 - 0.5) / 2 + 0.5) * 1.2).clip(0, 1)
    linear = np.where(washed <= 0.04045, washed / 12.92, ((washed + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722]
    return (light.max() + 0.05) / (light.min() + 0.05)


@pytest.mark.long
def test_text_is_read_on_a_washed_out_wall(slides, new_page):
    """With half the contrast, and brighter, large letters keep the 3 that WCAG asks of them."""
    page = new_page((slides / "lecture.html").as_uri(), width=1280, height=720)
    ready(page)
    pale, checked = set(), 0
    for number in range(len(read("lecture")["slide"])):
        for fragment in (-1, 99):
            page.evaluate("([n, f]) => Reveal.slide(n, 0, f)", [number, fragment])
            shown = PIL.Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            for words, *box in page.evaluate(TEXTS):
                checked += 1
                if contrast(np.asarray(shown.crop(box))) < 3:
                    pale.add(words)
    assert checked > 500
    assert not pale


def test_keys(slides, new_page):
    page = new_page((slides / "lecture.html").as_uri())
    ready(page)
    for key, back in (("ArrowRight", "ArrowLeft"), ("Space", "PageUp"), ("PageDown", "PageUp")):
        first = indices(page)
        page.keyboard.press(key)
        assert indices(page) != first, key
        page.keyboard.press(back)
        assert indices(page) == first, back
    page.keyboard.press("End")
    assert page.evaluate("Reveal.isLastSlide()")
    page.keyboard.press("Home")
    assert page.evaluate("Reveal.isFirstSlide()")
    page.keyboard.press("b")
    assert page.evaluate("Reveal.isPaused()")
    page.keyboard.press("b")
    page.keyboard.press("o")
    assert page.evaluate("Reveal.isOverview()")


def move(control):
    """Move a slider or a box that has the focus."""
    control.press("Space" if control.get_attribute("type") == "checkbox" else "ArrowRight")


def check_recorded(page):
    """What was recorded moves on a live slide, and the clicker's keys change the slides."""
    image = page.locator(".slides .present .explorer img").last
    control = page.locator(".slides .present .explorer .dials input").last
    before, here = image.get_attribute("src"), indices(page)
    move(control)
    expect(image).not_to_have_attribute("src", before)
    image.evaluate("image => image.decode()")
    assert indices(page) == here, "the control's own key"
    page.keyboard.press("PageDown")
    assert indices(page) != here, "the clicker"
    page.keyboard.press("ArrowLeft")
    assert indices(page) == here, "the slider has the focus no more"


def test_recorded_explorers(slides, new_page):
    page = new_page((slides / "lecture.html").as_uri())
    ready(page)
    live = [n for n, slide in enumerate(read("lecture")["slide"]) if "live" in slide]
    assert len(live) == 5
    for number in live:
        page.evaluate("n => Reveal.slide(n, 0, -1)", number)
        check_recorded(page)


@pytest.fixture
def presented(tmp_path):
    """A function that presents a deck, and returns its address and how long it took to stand."""
    servers = []

    def present(*arguments):
        port, started = free_port(), time.monotonic()
        command = [sys.executable, "-m", "d2laug.pages.live", *arguments, f"--port={port}"]
        environment = os.environ | {"BROWSER": "true", "PYTHONUNBUFFERED": "1"}
        with open(tmp_path / "log", "wb") as log:
            servers.append(
                subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
            )
        while time.monotonic() - started < 90:
            found = re.search(r"http://\S+", (tmp_path / "log").read_text())
            if found:
                return found[0], servers[-1].pid
            time.sleep(0.1)
        return pytest.fail((tmp_path / "log").read_text())

    yield present
    for server in servers:
        for kernel in kernels(server.pid):
            os.kill(kernel, signal.SIGKILL)
        server.kill()
        server.wait(timeout=30)


def kernels(server: int) -> list[int]:
    """The processes of the kernels that a server has started."""
    listed = subprocess.run(
        ["ps", "--ppid", str(server), "-o", "pid=,args="], capture_output=True, text=True
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ipykernel" in line]


def open_live(page, address):
    deadline = time.monotonic() + 60
    while True:  # the address is printed a moment before the server listens
        try:
            page.goto(address, wait_until="commit")
            break
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    ready(page)


def wait_for_kernel(page):
    page.wait_for_function("document.querySelector('iframe.live')?.dataset.ready")


@pytest.mark.long
def test_lecture_live(presented, new_page, tmp_path):
    """Every live slide answers, also beside a focused slider; one kernel; then it dies."""
    sources = cells.explorers(lessons()["02"])["flip-widget"]
    record.keep(sources, tmp_path / "slides" / "recordings" / "02-flip-widget")
    address, server = presented()
    page = new_page("about:blank", width=1920, height=1080)
    open_live(page, address)
    wait_for_kernel(page)
    live = [n for n, slide in enumerate(read("lecture")["slide"]) if "live" in slide]
    frame = page.frame_locator("iframe.live")
    for number in live:
        page.evaluate("n => Reveal.slide(n)", number)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.locator("iframe.live.seen").count() == 1
            image = frame.locator("[cell-index]:not([hidden]) .d2laug-pictures img").last
            image.wait_for()
        widget = frame.locator("[cell-index]:not([hidden]) .d2laug-explorer")
        assert widget.evaluate("widget => widget.getBoundingClientRect().bottom <= innerHeight")
        assert image.evaluate("image => image.getBoundingClientRect().height") >= 380
        before = image.get_attribute("src")
        control = frame.locator("[cell-index]:not([hidden])").locator(
            ".noUi-handle, input[type=checkbox]"
        )
        control.last.focus()
        page.keyboard.press("Space" if control.last.get_attribute("type") else "ArrowRight")
        page.wait_for_timeout(100)
        deadline = time.monotonic() + WAIT_MS / 1000
        while image.get_attribute("src") == before and time.monotonic() < deadline:
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(200)
        assert image.get_attribute("src") != before, "the widget does not answer"
        now = indices(page)
        page.keyboard.press("PageDown")
        assert indices(page) != now, "the clicker"
    assert len(kernels(server)) == 1

    with page.expect_popup() as notes:
        page.keyboard.press("s")
    notes.value.wait_for_selector("iframe")
    notes.value.wait_for_timeout(5000)
    assert len(kernels(server)) == 1, "the notes started a kernel"
    notes.value.close()

    page.evaluate("n => Reveal.slide(n, 0, -1)", live[1])
    page.wait_for_function("location.hash !== ''")
    page.wait_for_timeout(1500)  # the address follows
    page.reload(wait_until="commit")
    ready(page)
    assert json.loads(indices(page))["h"] == live[1]
    wait_for_kernel(page)
    (kernel,) = kernels(server)[-1:]
    os.kill(kernel, signal.SIGKILL)
    page.wait_for_selector("iframe.live", state="detached", timeout=2000)
    assert page.locator(".slides .present .stage img").first.is_visible()
    assert page.locator("dialog, .jp-Dialog").count() == 0
    check_recorded(page)


@pytest.mark.long
def test_lesson_live(presented, new_page):
    address, _ = presented(str(lessons()["02"]))
    page = new_page("about:blank", width=1920, height=1080)
    open_live(page, address)
    wait_for_kernel(page)
    shown = 0
    for _ in steps(page):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert not page.evaluate(LOOK)
        shown += page.locator("iframe.live.seen").count()
    assert shown >= 1
