"""A page with a kernel, by Voila: on this machine only, with a token, nothing from elsewhere."""

import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

THIS_MACHINE = "127.0.0.1"
# A hall may have no network, or a slow one; and Voila's page asks another server for icons that
# nothing uses: it would wait for them.
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    f"connect-src 'self' data: ws://{THIS_MACHINE}:*; frame-ancestors 'self'"
)


def has_screen() -> bool:
    """Return whether a browser can open here."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def is_busy(port: int) -> bool:
    """Return whether something listens at this port."""
    with socket.socket() as s:
        return s.connect_ex((THIS_MACHINE, port)) == 0


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


def serve(
    what: str, notebook: Path, port: int, path: str = "", *more: str, base_url: str = "/"
) -> None:
    """Serve a notebook by Voila, and stay until Ctrl+C; `path` is opened where there is a screen.

    `what` is what the printed address is called, `more` are further arguments of Voila; behind a
    hub, `base_url` is the prefix that it leaves in the address.
    """
    from voila.app import Voila

    token = secrets.token_hex(16)
    base_url = f"/{base_url.strip('/')}/".replace("//", "/")
    url = f"http://{THIS_MACHINE}:{port}{base_url}{path}?token={token}"
    if has_screen():  # Voila would open the page without its token
        threading.Thread(target=_open_when_ready, args=(url, port), daemon=True).start()
    else:
        print("No screen here: open the address below in a browser.")
    print(f"{what}: {url}\nCtrl+C ends it.", flush=True)
    os.environ["JUPYTER_TOKEN"] = token  # not an argument: those can be read by every user
    Voila.launch_instance(
        [str(notebook), "--no-browser", "--token", "--Voila.log_level=ERROR", *more],
        port=port,
        base_url=base_url,
        ip=THIS_MACHINE,
        port_retries=0,
        tornado_settings={"headers": {"Content-Security-Policy": NOTHING_FROM_ELSEWHERE}},
    )


def _open_when_ready(url: str, port: int) -> None:
    while not is_busy(port):
        time.sleep(0.1)
    webbrowser.open(url)
