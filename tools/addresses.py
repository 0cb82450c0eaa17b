"""Put the repository's address, a field of pyproject.toml, into the lessons.

Usage: python tools/addresses.py [NOTEBOOK ...]   (all lessons where none is named)

It makes badges and each lesson's first cell of code, which installs the course where it is
missing: from a wheel beside the notebook, or from the address. While the field is empty there are
no badges, and a wheel is the only way.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

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
    address = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["d2laug"]
    found = address["repository"].rstrip("/")
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


def put(notebook: dict, name: str, address: str) -> dict:
    """Return the notebook with its badges, where there are some, and its first cell."""
    source = INSTALL.format(source=f"git+{address}" if address else "")
    hidden = {"slideshow": {"slide_type": "skip"}}
    title, *rest = [c for c in notebook["cells"] if c.get("id") not in ("badges", "install")]
    install = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {**hidden, "tags": ["install"]},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
    top = {"cell_type": "markdown", "id": "badges", "metadata": hidden}
    shown = [top | {"source": [badges(address, name)]}] if address else []
    return notebook | {"cells": [title, *shown, install, *rest]}


def main(names: list[str]) -> None:
    address = repository()
    for path in map(Path, names) if names else sorted(PROJECT.glob("notebooks/[0-9]*.ipynb")):
        notebook = put(json.loads(path.read_text("utf-8")), path.name, address)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
