"""Run the course's notebooks in place.

Usage: python tools/notebooks.py run [NOTEBOOK ...]
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PROJECT = Path(__file__).parent.parent
NOTEBOOKS = PROJECT / "notebooks"
TEMPLATE = NOTEBOOKS / "template.ipynb"
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


def lessons():
    """The numbered notebooks, in their order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


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
    return notebook


def run(paths):
    """Execute the notebooks and write them back, outputs included."""
    # Several threads add floats in an order of their own, which shows in the last digits.
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        started = time.perf_counter()
        code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)

        def show_progress(cell, execute_reply, cell_index, path=path, code_cells=code_cells):
            end = "\n" if cell.execution_count == code_cells else "\r"
            if sys.stdout.isatty() or end == "\n":
                print(f"{path.name}: cell {cell.execution_count} of {code_cells}", end=end)

        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # or it is chance where printed text is cut in two
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_executed=show_progress,
        )
        client.execute()
        nbformat.write(clean(notebook), path)
        seconds, kilobytes = time.perf_counter() - started, path.stat().st_size / 1000
        print(f"{path.name}: {seconds:.1f} s, {kilobytes:.0f} kB", flush=True)


if __name__ == "__main__":
    command, *names = sys.argv[1:]
    if command != "run":
        sys.exit(__doc__)
    run([Path(name) for name in names] or [*lessons(), TEMPLATE])
