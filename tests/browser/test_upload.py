"""Lesson 11 in a real JupyterLab: a photo that somebody chooses is the one under the sliders."""

import pytest
from PIL import Image
from test_lab import CELLS, EXPLORERS, READY, open_notebook, run_all

NAME = "11_your_own_photos"


@pytest.fixture
def red_photo(tmp_path):
    """A red photo of 90 x 60 pixels, stored on its side."""
    path, note = tmp_path / "red.heic.JPG", Image.Exif()
    note[0x0112] = 6
    Image.new("RGB", (60, 90), (220, 20, 20)).save(path, exif=note)
    return path


def test_a_chosen_photo(lab, new_page, red_photo):
    page = open_notebook(new_page, lab, NAME)
    # only the part on one photo: the trainings are run by another test
    page.evaluate(
        f"""() => {{
            {CELLS}
            const model = panel.content.model.sharedModel;
            const ids = model.cells.map(cell => cell.id);
            model.deleteCellRange(ids.indexOf('every-slider-by-code'), ids.length);
        }}"""
    )
    run_all(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(red_photo)
    page.get_by_role("button", name="Choose a photo (1)").wait_for()
    page.evaluate(
        f"""() => {{
            {CELLS}
            const ids = panel.content.model.sharedModel.cells.map(cell => cell.id);
            panel.content.activeCellIndex = ids.indexOf('turned-file');
            return window.jupyterapp.commands.execute('notebook:run-all-below');
        }}"""
    )
    page.wait_for_function(f"() => {{ {CELLS} return cells.at(-1).executionCount > cells.length }}")
    page.wait_for_function(READY)
    widget = page.locator(EXPLORERS).first
    widget.wait_for()
    assert page.evaluate(f"() => {{ {CELLS} return errors }}") == []
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
    assert all(abs(a - b) < 10 for a, b in zip(color, (220, 20, 20, 255), strict=True))
