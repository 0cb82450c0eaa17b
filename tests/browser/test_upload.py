"""Lesson 11 in a real JupyterLab: the photo or the ZIP that one chooses is what it shows."""

import io
import shutil
import zipfile

import pillow_heif
import pytest
from color_profiles import DISPLAY_P3, of_light
from PIL import Image
from test_lab import CELLS, EXPLORERS, READY, open_notebook, run_all

from conftest import PROJECT

NAME = "11_your_own_photos"
RED = (220, 20, 20)
RED_IN_P3 = (202, 49, 38)


def encode(color, size, form, turned=1):
    """The bytes of a picture of one color."""
    note, buffer = Image.Exif(), io.BytesIO()
    note[0x0112] = turned
    image = Image.new("RGB", size, color)
    if form == "heic":
        file = pillow_heif.HeifFile()
        file.add_frombytes("RGB", size, image.tobytes())
        file.save(buffer, exif=note.tobytes(), quality=95)
    else:
        profile = of_light(DISPLAY_P3) if form == "p3" else None
        image.save(buffer, "jpeg", exif=note, icc_profile=profile, quality=95)
    return buffer.getvalue()


# 90 x 60 pixels, stored on their side
PHOTOS = {
    # and so long that a server which nobody told otherwise would lose it
    "red.heic.JPG": encode(RED, (60, 90), "jpeg", 6) + bytes(12 * 2**20),
    "IMG_1.HEIC": encode(RED, (60, 90), "heic", 6),
    "IMG_2.jpg": encode(RED_IN_P3, (60, 90), "p3", 6),
}


@pytest.fixture
def page(lab, new_page):
    """The lesson as it is; another test may have left cells out and saved it."""
    shutil.copy(PROJECT / "notebooks" / f"{NAME}.ipynb", lab.notebooks)
    return open_notebook(new_page, lab, NAME)


def keep(page, first, last):
    """Delete the cells of the lesson from `first` up to `last`, which stays (None: to the end)."""
    page.evaluate(
        f"""([first, last]) => {{
            {CELLS}
            const model = panel.content.model.sharedModel;
            const ids = model.cells.map(cell => cell.id);
            model.deleteCellRange(ids.indexOf(first), last ? ids.indexOf(last) : ids.length);
        }}""",
        [first, last],
    )


def choose(page, button, path):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(path)
    page.get_by_role("button", name=f"{button} (1)").wait_for()


def go_on(page, cell):
    """Run a cell and all below, as the lesson says."""
    page.evaluate(
        f"""cell => {{
            {CELLS}
            const ids = panel.content.model.sharedModel.cells.map(cell => cell.id);
            panel.content.activeCellIndex = ids.indexOf(cell);
            return window.jupyterapp.commands.execute('notebook:run-all-below');
        }}""",
        cell,
    )
    page.wait_for_function(f"() => {{ {CELLS} return cells.at(-1).executionCount > cells.length }}")
    page.wait_for_function(READY)
    assert page.evaluate(f"() => {{ {CELLS} return errors }}") == []


@pytest.mark.parametrize("name", PHOTOS)
def test_a_chosen_photo(page, tmp_path, name):
    (tmp_path / name).write_bytes(PHOTOS[name])
    keep(page, "every-slider-by-code", None)  # the trainings are run by another test
    run_all(page)
    choose(page, "Choose a photo", tmp_path / name)
    go_on(page, "turned-file")
    widget = page.locator(EXPLORERS).first
    widget.wait_for()
    image = widget.locator("img").first
    image.scroll_into_view_if_needed()
    size, color = image.evaluate(
        """async image => {
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            return [[canvas.width, canvas.height], [...context.getImageData(3, 3, 1, 1).data]];
        }"""
    )
    assert size[0] * 60 == size[1] * 90  # upright, and enlarged
    assert all(abs(a - b) < 10 for a, b in zip(color, (*RED, 255), strict=True))


def test_a_chosen_zip(page, tmp_path):
    colors = {"cup": (200, 30, 30), "spoon": (30, 30, 200)}
    with zipfile.ZipFile(tmp_path / "my photos.zip", "w") as archive:
        for lamp in ("first lamp", "second lamp"):
            for thing, color in colors.items():
                for i, form in enumerate(("heic", "p3", "jpeg", "jpeg")):
                    content = encode(color, (80, 60), form)
                    archive.writestr(f"my photos/{lamp}/{thing}/IMG_{i}.{form}", content)
        archive.writestr("__MACOSX/my photos/first lamp/cup/._IMG_0.heic", b"")
    keep(page, "mend-it", None)
    keep(page, "turned-file-predict", "a-folder")
    run_all(page)
    choose(page, "Choose a ZIP", tmp_path / "my photos.zip")
    go_on(page, "make-photos")
    page.get_by_text("classes: cup, spoon").wait_for()
    page.get_by_text("photos of each: [4, 4]").wait_for()
    page.get_by_text("[8, 3, 64, 64] torch.uint8 [8]").wait_for()
