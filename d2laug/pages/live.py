"""The slides with live explorers: a kernel's widgets lie over what is recorded while it lives."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import nbformat

from d2laug.pages import deck, record
from d2laug.pages.cells import ROOM
from d2laug.pages.serve import choose_port, serve


def present(name: str = "lecture", port: int | None = None) -> None:
    """Serve a deck, `lecture` or the number of a lesson, to this machine only, until Ctrl+C.

    The browser is opened where there is one. What `make slides` has recorded, by the same code,
    goes on where the kernel dies; of other explorers the stills stay. Raises `ValueError` where the
    deck has no live slide; exits where the port is busy.
    """
    with tempfile.TemporaryDirectory(prefix="d2laug-slides-") as place:
        folder = Path(place)
        nbformat.write(deck.live_notebook(name), folder / "live.ipynb")
        (page,) = deck.write(folder, name, record.find)
        more = [str(ROOM / "templates"), os.environ.get("JUPYTER_PATH", "")]
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, more))
        serve(
            "The slides",
            folder / "live.ipynb",
            choose_port(port, 8877),
            f"voila/files/{page.name}",
            "--VoilaConfiguration.template=live",
            "--VoilaConfiguration.file_allowlist=.*",
            # a kernel that ended is missed soon
            "--AsyncIOLoopKernelRestarter.time_to_dead=0.5",
            "--AsyncIOLoopKernelRestarter.restart_limit=0",
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m d2laug.pages.live")
    parser.add_argument("notebook", nargs="?", type=Path, help="a lesson; the lecture without it")
    parser.add_argument("--port", type=int, help="where the usual one is not wanted")
    given = parser.parse_args()
    try:
        present(given.notebook.name[:2] if given.notebook else "lecture", given.port)
    except ValueError as error:
        sys.exit(str(error))
