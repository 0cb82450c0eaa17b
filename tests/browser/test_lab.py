"""Each notebook in a real JupyterLab: Run All, then every widget moved by keyboard."""

import pytest
from playwright.sync_api import Page

from conftest import PROJECT

# These have explorers; the others, whose cells run for longer, are long tests.
EXPLORED = ["02_flip", "03_crop", "04_color"]
OTHERS = {path.stem for path in (PROJECT / "notebooks").glob("*.ipynb")} - {*EXPLORED}
# The state of all code cells of the open notebook, read from JupyterLab's own model: cells out of
# sight need not be in the page.
CELLS = """
const panel = window.jupyterapp.shell.currentWidget;
const cells = panel.content.widgets.map(w => w.model).filter(m => m.type === 'code');
const outputs = cells.flatMap(m => m.outputs.toJSON());
const errors = outputs.filter(o => o.output_type === 'error');
"""
READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return panel?.context?.isReady && kernel?.status === 'idle';
}"""
FINISHED = f"""() => {{
    {CELLS}
    const idle = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status;
    const counted = cells.every((m, i) => m.executionCount === i + 1);
    return errors.length > 0 || (counted && idle === 'idle');
}}"""
# A checksum of what each picture of a widget shows, from its decoded pixels; null while it loads.
PIXELS = """widget => Promise.all([...widget.querySelectorAll('img')].map(async image => {
    await image.decode().catch(() => null);  // a newer picture may be on its way
    if (image.naturalWidth === 0) return null;
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value) => (31 * sum + value) % 2147483647, 7);
}))"""
EXPLORERS = ".jp-OutputArea .d2laug-explorer"
RUN_ALL_MS = 240_000


def open_notebook(new_page, lab, name: str, **options) -> Page:
    page = new_page(lab.url(f"lab/tree/{name}.ipynb"), **options)
    page.wait_for_function(READY)
    return page


def run_all(page: Page):
    page.evaluate("window.jupyterapp.commands.execute('editmenu:clear-all')")
    page.wait_for_function(f"() => {{ {CELLS} return outputs.length === 0 }}")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(FINISHED, timeout=RUN_ALL_MS, polling=200)
    assert page.evaluate(f"() => {{ {CELLS} return errors }}") == []


def wait_until(page: Page, widget, expression: str, *values):
    """Wait for an expression on `pixels`, `text` and the given `values` to become true."""
    page.wait_for_function(
        f"""async ([widget, values]) => {{
            const pixels = JSON.stringify(await ({PIXELS})(widget)), text = widget.innerText;
            return !pixels.includes('null') && {expression};
        }}""",
        arg=[widget.element_handle(), [*values]],
    )


def state(widget) -> tuple[str, str]:
    """What the widget shows: a checksum of its pictures, and its words."""
    wait_until(widget.page, widget, "true")
    shown = widget.evaluate(
        f"async widget => [JSON.stringify(await ({PIXELS})(widget)), widget.innerText]"
    )
    return tuple(shown)


def move(control):
    """Move a control by keyboard, as far as one sees."""
    control.focus()
    if control.get_attribute("type") == "checkbox":
        control.press("Space")
    else:
        # away from the end at which the handle may stand already
        low, high, now = (
            float(control.get_attribute(f"aria-value{n}")) for n in ("min", "max", "now")
        )
        for _ in range(5):
            control.press("ArrowRight" if now < (low + high) / 2 else "ArrowLeft")


@pytest.mark.parametrize(
    "name", [*EXPLORED, *(pytest.param(name, marks=pytest.mark.long) for name in sorted(OTHERS))]
)
def test_a_walk_through_a_notebook(name, lab, new_page):
    """Stills before a cell is run, Run All without an error, and every control moves a picture."""
    page = open_notebook(new_page, lab, name)
    opens_without_questions_and_with_stills(page)
    run_all(page)
    if name in EXPLORED:
        page.locator(EXPLORERS).first.wait_for()
    every_control_moves_the_picture(page)


def opens_without_questions_and_with_stills(page):
    """Before a cell is run there is neither a dialog nor an error, but a picture of each widget."""
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0  # JupyterLab's notice about news
    assert page.get_by_text("Error displaying widget").count() == 0
    page.wait_for_function("() => document.querySelectorAll('.jp-OutputArea img').length > 0")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-OutputArea img')].every(i => i.naturalWidth > 0)"
    )


def every_control_moves_the_picture(page):
    """Each control of each explorer changes pixels and words; reset undoes it."""
    for widget in page.locator(EXPLORERS).all():
        widget.scroll_into_view_if_needed()
        first = state(widget)
        controls = widget.locator(".noUi-handle, input[type=checkbox]")
        assert controls.count() > 0
        for control in controls.all():
            before = state(widget)
            move(control)
            wait_until(page, widget, "pixels !== values[0] && text !== values[1]", *before)
        widget.get_by_role("button", name="Reset").click()
        wait_until(page, widget, "pixels === values[0] && text === values[1]", *first)


# The light one is that of the walks.
@pytest.mark.parametrize(
    "theme", ["JupyterLab Dark", pytest.param("JupyterLab Light", marks=pytest.mark.long)]
)
def test_themes(lab, new_page, theme):
    """Widgets and figures show in both themes of JupyterLab."""
    lab.set_theme(theme)
    page = open_notebook(new_page, lab, "02_flip", width=1920, height=1080)
    page.wait_for_function(f"() => document.body.dataset.jpThemeName === '{theme}'")
    run_all(page)
    page.locator(EXPLORERS).first.wait_for()
