"""Put the repository's address, a field of pyproject.toml, into the lessons.

Usage: python tools/addresses.py [NOTEBOOK ...]   (all lessons where none is named)

It makes badges and each lesson's first cell of code, which installs the course where it is
missing: from a wheel beside the notebook, or from the address. While the field is empty there are
no badges, and a wheel is the only way.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

PROJECT = Path(__file__).parent.parent
INSTALL = """\
# Where the course is missing, as on Colab, this installs it.
import glob
import importlib.util

if not importlib.util.find_spec("d2laug"):
    source = next(iter(glob.glob("d2laug-*.whl")), "{source}")
    if source:
        %pip install --quiet {{source}}
    importlib.invalidate_caches()
    if not importlib.util.find_spec("d2laug"):
        raise SystemExit("Put the wheel of d2laug beside this notebook and run this cell again.")"""
COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"


def repository(project: Path = PROJECT) -> str:
    """Return the address, https://github.com/OWNER/NAME, or nothing while there is none."""
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["d2laug"]
    found = settings["repository"].rstrip("/")
    if found and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", found):
        sys.exit(f"repository is {found!r}; expected https://github.com/OWNER/NAME, or nothing.")
    return found


def badges(address: str, name: str) -> str:
    """Return the badges of a notebook, in Markdown."""
    place, path = address.removeprefix("https://github.com/"), f"notebooks/{name}"
    return (
        f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]"
        f"({COLAB}/github/{place}/blob/main/{path}) "
        f"[![Open in Binder]({BINDER}/badge_logo.svg)]"
        f"({BINDER}/v2/gh/{place}/main?urlpath=lab/tree/{path})"
    )


def put(notebook: nbformat.NotebookNode, name: str, address: str) -> None:
    """Give the notebook its badges, where there are some, and its first cell, in place."""
    source = INSTALL.format(source=f"git+{address}" if address else "")
    hidden = {"slideshow": {"slide_type": "skip"}}
    title, *rest = [cell for cell in notebook.cells if cell.id not in ("badges", "install")]
    install = new_code_cell(source, id="install", metadata=hidden | {"tags": ["install"]})
    top = new_markdown_cell(badges(address, name), id="badges", metadata=hidden)
    notebook.cells = [title, *[top] * bool(address), install, *rest]


def main(names: list[str]) -> None:
    address = repository()
    for path in map(Path, names) if names else sorted(PROJECT.glob("notebooks/[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        put(notebook, path.name, address)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])
