"""Open the pipeline builder as a page of its own: this machine only, with a token, by Voila.

Usage: [PORT=8866] python tools/playground.py
"""

import contextlib
import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

NOTEBOOK = Path(__file__).parent.parent / "playground" / "playground.ipynb"
HERE = "127.0.0.1"
# Voila's page asks another server for icons, which the builder does not use: where the network
# answers slowly or not at all, the page would wait for them.
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    f"connect-src 'self' data: ws://{HERE}:*; frame-ancestors 'self'"
)


def is_busy(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex((HERE, port)) == 0


def choose_port() -> int:
    """Return the port of the environment, or the first free one from 8866."""
    if not os.environ.get("PORT"):
        return next(port for port in range(8866, 9000) if not is_busy(port))
    asked = os.environ["PORT"]
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        sys.exit(f"PORT is {asked!r}; expected a number from 1 to 65535.")
    if is_busy(int(asked)):
        sys.exit(
            f"Port {asked} is busy: take another one, as in 'make playground PORT=8870', or leave "
            "PORT out."
        )
    return int(asked)


def open_when_ready(url: str, port: int) -> None:
    while not is_busy(port):
        time.sleep(0.1)
    webbrowser.open(url)


def main() -> None:
    port, token = choose_port(), secrets.token_hex(16)
    url = f"http://{HERE}:{port}/?token={token}"
    has_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform == "linux" and not has_screen:
        print("No screen here: open the address below in a browser.")
    else:  # Voila would open the page without its token
        threading.Thread(target=open_when_ready, args=(url, port), daemon=True).start()
    print(f"The pipeline builder: {url}\nCtrl+C ends it.", flush=True)

    from voila.app import Voila

    os.environ["JUPYTER_TOKEN"] = token  # not an argument: those can be read by every user
    Voila.launch_instance(
        [str(NOTEBOOK), "--no-browser", "--token", "--Voila.log_level=ERROR"],
        port=port,
        ip=HERE,
        port_retries=0,
        tornado_settings={"headers": {"Content-Security-Policy": NOTHING_FROM_ELSEWHERE}},
    )


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
