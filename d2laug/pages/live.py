"""The slides with live explorers: a kernel's widgets lie over their stills while it lives.

`present(name)` serves a deck with Voila, and `run` is what its cells call.
"""

import argparse
import ast
import os
import secrets
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any  # what a notebook holds may be Any

import nbformat

from d2laug.pages import deck

HERE = "127.0.0.1"
TEMPLATES = Path(__file__).parent / "templates"
# The page asks no other server: a hall may have no network, or a slow one.
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    f"connect-src 'self' data: ws://{HERE}:*; frame-ancestors 'self'"
)


def run(sources: Sequence[str]) -> Any:  # noqa: ANN401
    """Run cells one after the other in a namespace of their own; return the last expression.

    >>> run(["x = 2", "x + 1"])
    3
    """
    names: dict[str, Any] = {}
    *before, last = sources
    for source in before:
        exec(source, names)
    tree = ast.parse(last)
    final = tree.body.pop()
    if not isinstance(final, ast.Expr):
        raise ValueError(f"a live cell ends with an expression, not with {ast.unparse(final)!r}")
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(final.value), "cell", "eval"), names)


def present(name: str = "lecture", port: int = 8877) -> None:
    """Serve a deck, `lecture` or the number of a lesson, to this machine only, until Ctrl+C.

    The browser is opened where there is one. Raises `ValueError` where the deck has no
    live slide, and for a busy port.
    """
    from voila.app import Voila

    with socket.socket() as taken:
        if taken.connect_ex((HERE, port)) == 0:
            raise ValueError(f"Port {port} is busy: take another one, as in PORT={port + 1}.")
    folder = Path(tempfile.mkdtemp(prefix="d2laug-slides-"))
    nbformat.write(deck.live(name), folder / "live.ipynb")
    (page,) = deck.write(folder, name)
    token = secrets.token_hex(16)
    os.environ["JUPYTER_TOKEN"] = token  # not an argument: those can be read by every user
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        [str(TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    )
    arguments = [
        str(folder / "live.ipynb"),
        "--no-browser",
        "--token",
        "--Voila.log_level=ERROR",
        "--VoilaConfiguration.template=live",
        "--VoilaConfiguration.file_allowlist=.*",
        # a kernel that ended is missed soon, and its stills are seen
        "--AsyncIOLoopKernelRestarter.time_to_dead=0.5",
        "--AsyncIOLoopKernelRestarter.restart_limit=0",
    ]
    address = f"http://{HERE}:{port}/voila/files/{page.name}?token={token}"
    print(f"The slides: {address}\nCtrl+C ends them.", flush=True)
    threading.Timer(2, webbrowser.open, [address]).start()
    Voila.launch_instance(
        arguments,
        port=port,
        ip=HERE,
        port_retries=0,
        tornado_settings={"headers": {"Content-Security-Policy": NOTHING_FROM_ELSEWHERE}},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m d2laug.pages.live")
    parser.add_argument("notebook", nargs="?", type=Path, help="a lesson; the lecture without it")
    parser.add_argument("--port", type=int, default=8877)
    given = parser.parse_args()
    try:
        present(given.notebook.name[:2] if given.notebook else "lecture", given.port)
    except ValueError as error:
        sys.exit(str(error))
