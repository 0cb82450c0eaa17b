"""The commands of the Makefile on machines that lack something: one clear line, and no traceback.

What is lacking is feigned; nothing is installed but an empty environment.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make: install it")
SET_UP = ["Makefile", "tools", "pyproject.toml", "constraints.txt", "README.md", "d2laug"]
SET_UP += ["LICENSE", "LICENSE-text", "playground"]
# `make test` runs these tests: what it tells its children is not meant for the make that is tested
NOT_INHERITED = {
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
    "MAKEOVERRIDES",
    "VENV",
    "PYTHON",
    "NB",
    "PORT",
}
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}


@pytest.fixture
def clone(project, tmp_path):
    """A copy of what the set-up needs, without an environment."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in SET_UP:
        if (project / name).is_dir():
            shutil.copytree(project / name, folder / name)
        else:
            shutil.copy(project / name, folder / name)
    return folder


@pytest.fixture
def feign(tmp_path):
    """A function that makes a `python3` which runs a statement first; it returns the PATH."""

    def make_python(statement):
        folder = tmp_path / "bin"
        folder.mkdir()
        site = folder / "feigned"
        site.mkdir()
        (site / "sitecustomize.py").write_text(statement)
        python = folder / "python3"
        python.write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {sys.executable} "$@"\n')
        python.chmod(0o755)
        # only what make needs, so that no other Python is found
        for tool in ("sh", "make", "uname", "id", "touch", "sed", "grep", "awk"):
            (folder / tool).symlink_to(shutil.which(tool))
        return str(folder)

    return make_python


def make(folder, *arguments, path=None, **environment):
    environment = ENVIRONMENT | environment | ({"PATH": path} if path else {})
    return subprocess.run(
        [shutil.which("make"), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def spoken(result):
    """What the command said, without make's own last word."""
    lines = (result.stdout + result.stderr).splitlines()
    return [line for line in lines if line.strip() and not line.startswith("make")]


def test_help_lists_every_command(project):
    targets = re.findall(r"^([a-z-]+):", (project / "Makefile").read_text(), flags=re.MULTILINE)
    listed = re.findall(r"^make ([a-z-]+)", make(project).stdout, flags=re.MULTILINE)
    assert listed == targets


@pytest.mark.parametrize("command", ["lab", "playground", "test"])
def test_old_python(clone, feign, command):
    path = feign("import sys; sys.version_info = (3, 9, 2, 'final', 0)")
    result = make(clone, command, path=path)
    assert result.returncode != 0
    (line,) = spoken(result)
    assert "Python 3.11 or newer" in line
    assert "is 3.9" in line
    assert not (clone / ".venv").exists()


def test_no_python(clone, feign):
    path = feign("")
    os.remove(os.path.join(path, "python3"))
    result = make(clone, "lab", path=path)
    assert result.returncode != 0
    assert spoken(result) == ["There is no python3: install Python 3.11 or newer."]


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_no_venv_module(clone, feign, module):
    result = make(clone, "lab", path=feign(f"import sys; sys.modules[{module!r}] = None"))
    assert result.returncode != 0
    (line,) = spoken(result)
    assert "apt install python3-venv" in line


def test_full_disk(clone, feign):
    little = "import shutil; shutil.disk_usage = lambda path: shutil._ntuple_diskusage(9, 9, 2e9)"
    result = make(clone, "lab", path=feign(little))
    assert result.returncode != 0
    (line,) = spoken(result)
    assert "2.0 GB are free" in line
    assert not (clone / ".venv").exists()


@pytest.fixture
def tool(project):
    """The module `tools/setup_venv.py`."""
    spec = importlib.util.spec_from_file_location("setup", project / "tools" / "setup_venv.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def test_less_space_for_another_wheel(tool, tmp_path, monkeypatch):
    """A build without CUDA needs less than the default on Linux."""
    monkeypatch.setattr(tool.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * tool.GB))
    tool.check_disk(str(tmp_path / "venv"), False)
    with pytest.raises(tool.SetupError, match=r"needs \d+\.\d GB"):
        tool.check_disk(str(tmp_path / "venv"), True)


def test_the_loops_are_compiled_and_nothing_stops_where_they_are_not(tool, tmp_path, capfd):
    tool.compile_loops(sys.executable)
    assert capfd.readouterr().out.splitlines() == [
        "Compiling the loops of the augmentations: at first this takes some seconds."
    ]
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no Numba here' >&2; exit 1\n")
    broken.chmod(0o755)
    tool.compile_loops(str(broken))
    said = capfd.readouterr()
    assert "no Numba here" in said.err
    assert "the course works, a little slower" in said.out


def test_no_network(clone, feign):
    """pip really tries, at an address of this machine where nothing answers."""
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": ""}
    alone = {"PIP_RETRIES": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    roomy = "import shutil; shutil.disk_usage = lambda path: shutil._ntuple_diskusage(9, 9, 9e10)"
    result = make(clone, "lab", path=feign(roomy), **nowhere, **alone)
    assert result.returncode != 0
    announced, line = spoken(result)
    assert announced.startswith("Setting up .venv")
    assert "check the network" in line
    assert not (clone / ".venv" / ".lab-ready").exists()


@pytest.fixture
def ready(clone):
    """A clone whose environment is this one, all set up."""
    (clone / "notebooks").mkdir()
    (clone / "notebooks" / "02_flip.ipynb").write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
    )
    (clone / ".venv").symlink_to(sys.prefix)
    return clone


def address(lab):
    """Read what `make lab` or `make playground` says up to the address."""
    said = ""
    for line in lab.stdout:
        said += line
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+", line)
        if found:
            return found[0], said
    pytest.fail(f"no address was printed:\n{said}")


def status(url):
    """The HTTP status of an address; JupyterLab prints its own a moment before it listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def start_lab(ready, tmp_path):
    """A function that starts `make lab`, or another, without a screen, and returns the process."""
    labs = []

    def start(*arguments, command="lab", **more):
        screen = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}
        environment = {k: v for k, v in ENVIRONMENT.items() if k not in screen}
        environment |= {"JUPYTER_RUNTIME_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"} | more
        # the stamp is taken as new: what is tested is the start, not the installation
        words = ["make", "-o", ".venv/.lab-ready", command, *arguments]
        lab = subprocess.Popen(
            words,
            cwd=ready,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        labs.append(lab)
        return lab

    yield start
    for lab in labs:
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            os.killpg(lab.pid, signal.SIGTERM)
        lab.communicate(timeout=30)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_lab_starts_at_the_first_notebook_and_asks_for_its_token(start_lab):
    """Also as root, and without a screen."""
    started = time.monotonic()
    port = free_port()
    url, said = address(start_lab(f"PORT={port}"))
    assert time.monotonic() - started < 30
    assert f":{port}/lab/tree/02_flip.ipynb?token=" in url
    if sys.platform == "linux":
        assert "No screen here" in said
    api = f"http://127.0.0.1:{port}/api/contents"
    assert status(api) == 403
    assert status(api + "?token=" + url.rsplit("token=", 1)[1]) == 200
    assert_only_this_machine(port)


def assert_only_this_machine(port):
    """The other addresses of the machine do not answer."""
    for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET):
        if not info[4][0].startswith("127."):
            with socket.socket() as s:
                assert s.connect_ex(info[4]) != 0


def test_playground_starts_and_asks_for_its_token(start_lab):
    """Also as root, and without a screen; the page itself is opened in the browser tests."""
    port = free_port()
    url, said = address(start_lab(f"PORT={port}", command="playground"))
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/\?token=[0-9a-f]{{32}}", url)
    if sys.platform == "linux":
        assert "No screen here" in said
    no_kernel = f"http://127.0.0.1:{port}/api/kernels/{uuid.uuid4()}"
    assert status(no_kernel) == 403
    assert status(no_kernel + "?token=" + url.rsplit("token=", 1)[1]) == 404
    assert_only_this_machine(port)


def test_playground_opens_a_browser(start_lab, tmp_path):
    """Where there is one, at the address with the token."""
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    port = free_port()
    lab = start_lab(f"PORT={port}", command="playground", BROWSER=str(browser))
    url, said = address(lab)
    assert "No screen" not in said
    deadline = time.monotonic() + 60
    while not opened.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert opened.read_text().strip() == url


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_playground_refuses_what_is_no_port(start_lab, port):
    said, _ = start_lab(f"PORT={port}", command="playground").communicate(timeout=60)
    assert re.search("port.*(expected a number from 1 to 65535|invalid int value: 'abc')", said)


@pytest.mark.parametrize("command", ["lab", "playground"])
def test_busy_port(start_lab, ready, command):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        lab = start_lab(f"PORT={port}", command=command)
        said, _ = lab.communicate(timeout=60)
        assert lab.returncode != 0
        lines = [line for line in said.splitlines() if "make:" not in line]
        assert len(lines) == 1
        assert f"Port {port} is busy" in lines[0]
