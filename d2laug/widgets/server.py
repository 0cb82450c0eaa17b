"""An extension of the Jupyter server: notebooks keep their stills, and open as they were stored.

- A widget lives in its kernel. Opened again without one, JupyterLab would say "model not found" in
  its place, and hide the still picture that stands in the same output.
- JupyterLab writes the version of Python into every notebook that it opens; a lesson, which stores
  none, would be "unsaved" at once.
"""

import inspect
from functools import wraps
from typing import Any  # what a notebook holds may be Any

VIEW = "application/vnd.jupyter.widget-view+json"


def keep_stills(model: dict[str, Any], **_: object) -> None:
    """Take the views of widgets out of a notebook that is about to be saved.

    `model` is what a contents manager of Jupyter saves. A page that shows the notebook keeps its
    widgets; what is not a notebook stays as it is.

    >>> outputs = [{"data": {VIEW: {"model_id": "1"}, "image/jpeg": "..."}}]
    >>> keep_stills({"type": "notebook", "content": {"cells": [{"outputs": outputs}]}})
    >>> outputs
    [{'data': {'image/jpeg': '...'}}]
    """
    for cell in _notebook(model).get("cells", []):
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:  # an output of nothing would be none
                output["data"].pop(VIEW, None)


def name_python(model: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook that was read, with the language of this Python's kernel."""
    metadata = _notebook(model).get("metadata", {})
    if metadata.get("kernelspec", {}).get("name") == "python3":
        from ipykernel.ipkernel import IPythonKernel

        metadata["language_info"] = dict(IPythonKernel.language_info)
    return model


def _notebook(model: dict[str, Any]) -> dict[str, Any]:
    return (model.get("content") if model.get("type") == "notebook" else None) or {}


def _load_jupyter_server_extension(app: Any) -> None:  # noqa: ANN401
    manager = app.contents_manager
    manager.register_pre_save_hook(keep_stills)
    read = manager.get
    if inspect.iscoroutinefunction(read):  # as it is unless somebody chose an older manager

        @wraps(read)
        async def get(*args: object, **options: object) -> dict[str, Any]:
            return name_python(await read(*args, **options))

        manager.get = get


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
