"""The repository's address fills the badges and the first cell, which installs what is missing."""

import copy
import importlib.util
import subprocess
import sys

import nbformat
import pytest

ADDRESS = "https://github.com/someone/course"


@pytest.fixture
def tool(project):
    spec = importlib.util.spec_from_file_location("addresses", project / "tools" / "addresses.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.fixture
def lesson(project):
    return nbformat.read(project / "notebooks" / "02_flip.ipynb", 4)


def put(tool, notebook, address):
    """A copy of the notebook with the address put into it."""
    made = copy.deepcopy(notebook)
    tool.put(made, "02_flip.ipynb", address)
    nbformat.validate(made)
    return made


def test_an_address_brings_badges_and_is_where_the_first_cell_installs_from(tool, lesson):
    filled = put(tool, lesson, ADDRESS)
    _, top, install = filled.cells[:3]
    assert (top.id, install.id) == ("badges", "install")
    assert "/github/someone/course/blob/main/notebooks/02_flip.ipynb" in top.source
    assert "/v2/gh/someone/course/main?urlpath=lab/tree/notebooks/02_flip.ipynb" in top.source
    assert f'"git+{ADDRESS}"' in install.source
    assert install.metadata.tags == ["install"]
    assert put(tool, filled, ADDRESS) == filled


def test_without_an_address_there_is_no_badge(tool, lesson):
    title, install, *rest = put(tool, put(tool, lesson, ADDRESS), "").cells
    assert install.id == "install"
    assert "github" not in install.source
    assert [title, *rest] == [c for c in lesson.cells if c.id not in ("badges", "install")]


def test_the_field_is_read_and_checked(tool, tmp_path):
    for address in ("", ADDRESS, ADDRESS + "/"):
        (tmp_path / "pyproject.toml").write_text(f'[tool.d2laug]\nrepository = "{address}"\n')
        assert tool.repository(tmp_path) == address.rstrip("/")
    (tmp_path / "pyproject.toml").write_text('[tool.d2laug]\nrepository = "ftp://somewhere"\n')
    with pytest.raises(SystemExit, match=r"expected https://github\.com/OWNER/NAME"):
        tool.repository(tmp_path)
    assert tool.repository() == "" or tool.repository().startswith("https://")


RUN = """
import importlib.util, sys
from IPython.core.interactiveshell import InteractiveShell
asked = []
def find_spec(name):
    missing = name == "d2laug" and len(asked) < {after}
    return None if missing else importlib.machinery.ModuleSpec(name, None)
importlib.util.find_spec = find_spec
shell = InteractiveShell.instance()
shell.register_magic_function(lambda line: asked.append(line), "line", "pip")
result = shell.run_cell(sys.stdin.read())
print("ASKED", asked)
print("RAISED", repr(result.error_in_exec))
"""


@pytest.mark.parametrize(
    ("wheel", "after", "asked", "raised"),
    [
        ("", 0, [], "None"),  # it is there: nothing is installed
        ("", 1, [f"install --quiet git+{ADDRESS}"], "None"),
        ("d2laug-9.9-py3-none-any.whl", 1, ["install --quiet d2laug-9.9-py3-none-any.whl"], "None"),
        (
            "",
            2,
            [f"install --quiet git+{ADDRESS}"],
            "SystemExit('Put the wheel of d2laug beside this",
        ),
    ],
)
def test_the_first_cell_installs_what_is_missing_only(tool, tmp_path, wheel, after, asked, raised):
    if wheel:
        (tmp_path / wheel).write_text("")
    result = subprocess.run(
        [sys.executable, "-c", RUN.format(after=after)],
        input=tool.INSTALL.format(source=f"git+{ADDRESS}"),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert f"ASKED {asked}" in result.stdout, result.stdout + result.stderr
    assert f"RAISED {raised}" in result.stdout
