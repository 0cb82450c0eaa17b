"""Run the course's notebooks in place.

Usage: python tools/notebooks.py run [NOTEBOOK ...]
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import execute
from tqdm import tqdm

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# What belongs to the course; what a front end or a run adds (timings, folds, trust) does not.
CELL_METADATA = {"tags", "slideshow", "jupyter", "editable"}
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}


def clean(notebook):
    """Remove, in place, what must not be committed: live views, widget state, timings, versions.

    A widget's output keeps its still picture and its text, so that a reader sees the picture before
    a kernel runs, where a view without a kernel would be an error message.
    """
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA}
        outputs = cell.get("outputs", [])
        # a view without a still is a progress bar that has ended
        views = [o for o in outputs if WIDGET_VIEW in o.get("data", {}) and len(o["data"]) < 3]
        outputs[:] = [output for output in outputs if output not in views]
        for output in outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            output.get("metadata", {}).pop(WIDGET_VIEW, None)


def run(path):
    """Execute a notebook and write it back, outputs included."""
    # Several threads add floats in an order of their own, which shows in the last digits.
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    notebook = nbformat.read(path, as_version=4)
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(desc=path.name, total=code_cells, unit="cell") as bar:
        execute(
            notebook,
            cwd=str(path.parent),
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # or it is chance where printed text is cut in two
            on_cell_executed=lambda **_: bar.update(),
        )
    clean(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    command, *names = sys.argv[1:] or [""]
    if command != "run":
        sys.exit(__doc__)
    for path in names or [*sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), NOTEBOOKS / "template.ipynb"]:
        run(Path(path))
