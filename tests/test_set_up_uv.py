"""The set-up with uv, against a stand-in for the package index on this machine.

PyTorch's own index is always refused: a proxy that does not answer stands before it.
"""

import functools
import http.server
import inspect
import os
import shutil
import subprocess
import sys
import threading
import zipfile

import pytest


def write_wheel(folder, name, version, needs=(), files=None):
    """Write a wheel of a few lines."""
    about = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        **(files or {f"{name}.py": ""}),
        f"{about}/METADATA": metadata,
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = f"{folder}/{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        rows = "".join(f"{file},,\n" for file in files)
        wheel.writestr(f"{about}/RECORD", f"{rows}{about}/RECORD,,\n")
    return os.path.basename(path)


BACKEND = """
import os, zipfile

{write_wheel}

def build_editable(folder, config_settings=None, metadata_directory=None):
    return write_wheel(folder, "course", "1", {needs!r}, {{"course.pth": os.getcwd()}})
"""


@pytest.fixture
def index(tmp_path):
    """The address of an index that has torch and a tiny package, and nothing else."""
    for name in ("torch", "tiny"):
        (tmp_path / "index" / name).mkdir(parents=True)
        file = write_wheel(tmp_path / "index" / name, name, "1.0")
        (tmp_path / "index" / name / "index.html").write_text(f'<a href="{file}">{file}</a>')
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "index")
    )
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def set_up(project, tmp_path, index):
    """A function that sets up a tiny course; it returns what was said and who installed what."""

    def run(needs, path):
        course, venv = tmp_path / "course", tmp_path / "venv"
        (course / "tools").mkdir(parents=True)
        shutil.copy(project / "tools" / "setup_venv.py", course / "tools")
        loops = course / "d2laug" / "augment"
        loops.mkdir(parents=True)
        (loops / "loops.py").write_text("")
        (course / "constraints.txt").write_text("tiny==1.0\n")
        (course / "backend.py").write_text(
            BACKEND.format(write_wheel=inspect.getsource(write_wheel), needs=needs)
        )
        (course / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            '[project]\nname = "course"\nversion = "1"\ndynamic = ["dependencies"]\n'
        )
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
        alone = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_HTTP_RETRIES": "0"}
        there = {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index, "NO_PROXY": "127.0.0.1"}
        result = subprocess.run(
            [sys.executable, course / "tools" / "setup_venv.py", venv],
            env=ours | alone | there | {"HTTPS_PROXY": "http://127.0.0.1:9", "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        found = venv.rglob("INSTALLER")
        names = {p.parent.name.partition("-")[0]: p.read_text().strip() for p in found}
        return result.stdout, {name: names.get(name) for name in ("course", "torch", "tiny")}

    return run


@pytest.fixture
def uv(tmp_path):
    """A PATH with uv alone."""
    found = shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")
    assert found, "uv is missing: it comes with the extra test"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(found)
    return str(tmp_path / "bin")


def test_uv_installs_where_it_is_there(set_up, uv):
    said, installed = set_up(["tiny"], uv)
    assert installed == {"course": "uv", "tiny": "uv", "torch": None}
    assert "no build of PyTorch" not in said


def test_where_pytorchs_index_is_refused_the_default_serves_and_one_sentence_says_so(set_up, uv):
    said, installed = set_up(["tiny", "torch"], uv)
    assert installed == {"course": "uv", "tiny": "uv", "torch": "uv"}
    assert said.count("uv gets no build of PyTorch for this machine from PyTorch's index") == 1


def test_pip_serves_where_uv_cannot_be_had(set_up, tmp_path):
    said, installed = set_up(["tiny", "torch"], str(tmp_path))
    assert installed == {"course": "pip", "tiny": "pip", "torch": "pip"}
    assert "uv gets" not in said
