"""tools/notebooks.py runs a notebook twice to the same bytes, and leaves stills, not views."""

import importlib.util

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def tool(project):
    path = project / "tools" / "notebooks.py"
    spec = importlib.util.spec_from_file_location("notebooks_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_a_rerun_makes_no_difference(tool, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # set by the tool, and here undone after the test
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    cells = [
        "import torch\nfrom d2laug.widgets import explore\ntorch.manual_seed(0);",
        "widget = explore.flip(torch.rand(3, 20, 30))\nwidget",
        "sorted({'a', 'b'}), list({'a', 'b', 'c'}), torch.rand(2)",
    ]
    cells = [new_code_cell(text, id=f"cell-{n}") for n, text in enumerate(cells)]
    cells[0].metadata = {"tags": ["kept"], "trusted": True, "execution": {"iopub.busy": "now"}}
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"widgets": {}}), path)
    tool.run(path)
    first = path.read_bytes()
    tool.run(path)
    assert path.read_bytes() == first

    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    assert "version" not in notebook.metadata.language_info
    assert notebook.cells[0].metadata == {"tags": ["kept"]}
    assert [cell.id for cell in notebook.cells] == ["cell-0", "cell-1", "cell-2"]
    (still,) = notebook.cells[1].outputs
    assert WIDGET_VIEW not in still.data
    (mime,) = [mime for mime in still.data if mime.startswith("image/")]
    assert still.metadata[mime].alt
