"""JupyterLab and the playground: on this machine only, with a token."""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

from d2laug.cli.lessons import COURSE

HERE = "127.0.0.1"
# Voila's page asks another server for icons, which the builder does not use: where the network
# answers slowly or not at all, the page would wait for them.
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    f"connect-src 'self' data: ws://{HERE}:*; frame-ancestors 'self'"
)


def has_screen() -> bool:
    """Return whether a browser can open here."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def is_busy(port: int) -> bool:
    """Return whether something listens at this port."""
    with socket.socket() as s:
        return s.connect_ex((HERE, port)) == 0


def choose_port(asked: int | None, first: int) -> int:
    """Return the port that was asked for, or the next free one; exit where it cannot be had."""
    if asked is None:
        port = next(port for port in range(first, first + 500) if not is_busy(port))
        if port != first:
            print(f"Port {first} is busy: taking {port}.")
        return port
    if not 0 < asked < 65536:
        sys.exit(f"The port is {asked}; expected a number from 1 to 65535.")
    if is_busy(asked):
        sys.exit(f"Port {asked} is busy: take another one, or name none.")
    return asked


def lab(folder: Path, notebook: str, port: int | None, compile_first: bool = False) -> None:
    """Open JupyterLab at a notebook of the folder, and stay until it ends.

    `compile_first` compiles the loops of the augmentations meanwhile, so that no lesson waits.
    """
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{notebook}",
        f"--ServerApp.port={choose_port(port, 8888)}",
        "--ServerApp.port_retries=0",
        "--log-level=WARN",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # in a container there is nobody else
    if not has_screen():
        print("No screen here: open the address below in a browser.", flush=True)
        arguments.append("--no-browser")
    if compile_first:
        command = [sys.executable, "-W", "ignore", "-m", "d2laug.augment.loops"]
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # it would ask whether it may fetch news, and look for a newer version of itself
    more = [str(Path(__file__).parent / "config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, more))
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(arguments)


def playground(port: int | None) -> None:
    """Open the pipeline builder as a page of its own, by Voila, and stay until it ends."""
    from voila.app import Voila

    port, token = choose_port(port, 8866), secrets.token_hex(16)
    url = f"http://{HERE}:{port}/?token={token}"
    if has_screen():  # Voila would open the page without its token
        threading.Thread(target=_open_when_ready, args=(url, port), daemon=True).start()
    else:
        print("No screen here: open the address below in a browser.")
    print(f"The pipeline builder: {url}\nCtrl+C ends it.", flush=True)
    os.environ["JUPYTER_TOKEN"] = token  # not an argument: those can be read by every user
    Voila.launch_instance(
        [
            str(COURSE / "playground" / "playground.ipynb"),
            "--no-browser",
            "--token",
            "--Voila.log_level=ERROR",
        ],
        port=port,
        ip=HERE,
        port_retries=0,
        tornado_settings={"headers": {"Content-Security-Policy": NOTHING_FROM_ELSEWHERE}},
    )


def _open_when_ready(url: str, port: int) -> None:
    while not is_busy(port):
        time.sleep(0.1)
    webbrowser.open(url)
