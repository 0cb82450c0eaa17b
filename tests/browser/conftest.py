"""A real Chromium, and a real JupyterLab over a copy of the notebooks."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).parent.parent.parent
SCREENSHOTS = PROJECT / "test-results" / "screenshots"
START_SECONDS = 90
# Two busy cores: what takes a second on a laptop may take a minute.
WAIT_MS = 60_000
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# Chromium's own traffic is switched off: a closed network would answer it with many errors.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The browser of the machine, or the one that Playwright itself installed, or None."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else BROWSERS
    found = next((path for path in map(shutil.which, names) if path), None)
    if found or "CHROMIUM" in os.environ:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def pytest_collection_modifyitems(config, items):
    """Without a browser, skip these tests in one line, or fail where they are required."""
    items = [item for item in items if Path(__file__).parent in item.path.parents]
    if not items or find_chromium():
        return
    reason = "there is no Chromium (install the package chromium, or set CHROMIUM to its path)"
    # A worker of pytest-xdist cannot end the run in words: there tools/test.py refuses the skips.
    if os.environ.get("D2LAUG_REQUIRE_BROWSER") and not hasattr(config, "workerinput"):
        raise pytest.UsageError(f"The browser tests are required here, but {reason}.")
    print(f"Skipping the browser tests: {reason}.")
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a screenshot of each page that a failing test had open."""
    outcome = yield
    if call.when == "call" and outcome.get_result().failed and "new_page" in item.funcargs:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(item.funcargs["new_page"].pages):
            name = re.sub(r"\W+", "-", item.name).strip("-")
            path = SCREENSHOTS / f"{name}-{number}.png"
            page.screenshot(path=path)
            outcome.get_result().sections.append(("screenshot", str(path)))


@pytest.fixture
def new_page(chromium):
    """A function that opens an address in a page of its own, with nothing remembered."""
    contexts = []

    def open_page(url, width=1280, height=900, color_scheme="light"):
        viewport = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, color_scheme=color_scheme)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        open_page.pages.append(page)
        page.goto(url)
        return page

    open_page.pages = []
    yield open_page
    for context in contexts:
        context.close()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lab:
    """A running JupyterLab: where it is, and where its notebooks and settings are."""

    def __init__(self, folder: Path):
        self.folder, self.token, self.port = folder, secrets.token_hex(16), free_port()
        self.notebooks = folder / "notebooks"
        # hard-wired settings of a user would make the test depend on who runs it
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        self.environment = os.environ | {k: str(folder / v) for k, v in places.items()}
        # as `d2laug lab` does: no question about news
        self.environment["JUPYTER_CONFIG_PATH"] = str(PROJECT / "d2laug" / "cli" / "config")
        # The part "notebooks" trains in full; here it is the widgets that are tested.
        self.environment["D2LAUG_MOST_EPOCHS"] = "1"

    def url(self, path="") -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def set_theme(self, theme: str):
        settings = self.folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))

    def start(self) -> subprocess.Popen:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN"]
        command += [f"--port={self.port}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={self.token}"]
        command += [f"--ServerApp.root_dir={self.notebooks}", "--LabApp.expose_app_in_browser=True"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with open(self.folder / "lab.log", "wb") as log:
            server = subprocess.Popen(
                command, env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.fail("JupyterLab did not start:\n" + (self.folder / "lab.log").read_text())
            time.sleep(0.1)
        return server

    def ask(self, path: str, method: str = "GET"):
        request = urllib.request.Request(self.url(path), method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            body = reply.read()
        return json.loads(body) if body else None

    def _answers(self) -> bool:
        try:
            return self.ask("api/status") is not None
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def forget(self):
        """End the kernels, and forget settings (slides stay on, for one) and open files."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")
        shutil.rmtree(self.folder / "settings", ignore_errors=True)
        shutil.rmtree(self.folder / "workspaces", ignore_errors=True)


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory):
    """A JupyterLab as `make lab` starts it, on a copy of the notebooks."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    shutil.copytree(PROJECT / "notebooks", lab.notebooks)
    shutil.copytree(PROJECT / "benchmarks" / "results", lab.folder / "benchmarks" / "results")
    server = lab.start()
    yield lab
    server.terminate()
    server.wait(timeout=30)


@pytest.fixture
def lab(running_lab):
    """The running JupyterLab, in which no other test has left anything."""
    yield running_lab
    running_lab.forget()
