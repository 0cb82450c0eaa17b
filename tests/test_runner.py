"""tools/test.py fails where a part fails, counts all parts, and cuts the notebooks off."""

import importlib.util
import os
import subprocess
import sys

import pytest


@pytest.fixture
def runner(project, tmp_path, monkeypatch):
    """tools/test.py as a module, which writes its reports to a temporary folder."""
    spec = importlib.util.spec_from_file_location("runner", project / "tools" / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    return module


PARTS = {
    "good": "def test_a(): pass\ndef test_b(): pass",
    "bad": "def test_c(): assert False",
    "broken": "import no_such_module",
    "empty": "",
    "skipped": "import pytest\n@pytest.mark.skip\ndef test_d(): pass",
    "mixed": "import pytest\n@pytest.mark.long\ndef test_e(): pass\ndef test_f(): assert False",
}


@pytest.fixture
def parts(runner, tmp_path, monkeypatch):
    for name, text in PARTS.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    arguments = {
        name: [str(tmp_path / f"test_{name}.py"), "-p", "no:cacheprovider"] for name in PARTS
    }
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # these parts need no plugin
    monkeypatch.setattr(runner, "PARTS", arguments | {"browser": arguments["skipped"]})


@pytest.mark.parametrize(
    ("chosen", "fails", "last_line"),
    [
        (["good", "skipped"], False, "2 passed, 0 failed, 1 skipped"),
        (["bad", "good"], True, "2 passed, 1 failed, 0 skipped"),
        (["broken"], True, "0 passed, 1 failed, 0 skipped"),
        (["empty", "good"], True, "2 passed, 1 failed, 0 skipped"),
        (["mixed"], True, "0 passed, 1 failed, 0 skipped"),
        (["--long", "mixed"], False, "1 passed, 0 failed, 0 skipped"),
        (["mixed", "good", "--long"], True, "1 passed, 1 failed, 0 skipped"),
    ],
)
def test_verdict(runner, parts, capsys, chosen, fails, last_line):
    assert runner.main(chosen) == fails
    assert capsys.readouterr().out.splitlines()[-1] == last_line


def test_required_browser_tests_may_not_be_skipped(runner, parts, monkeypatch):
    monkeypatch.delenv("D2LAUG_REQUIRE_BROWSER", raising=False)
    assert runner.main(["browser"]) == 0
    monkeypatch.setenv("D2LAUG_REQUIRE_BROWSER", "1")
    assert runner.main(["browser"]) == 1


@pytest.mark.parametrize(("arguments", "epochs"), [(["notebooks"], "1"), (["--long"], "")])
def test_notebooks_train_in_full_where_time_is_no_matter(
    runner, tmp_path, monkeypatch, arguments, epochs
):
    (tmp_path / "test_epochs.py").write_text(
        f"import os\ndef test(): assert os.environ.get('D2LAUG_MOST_EPOCHS', '') == {epochs!r}"
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("D2LAUG_MOST_EPOCHS", raising=False)
    monkeypatch.setattr(runner, "PARTS", {"notebooks": [str(tmp_path)]})
    assert runner.main(arguments) == 0


@pytest.mark.long
@pytest.mark.parametrize("required", ["", "1"])
def test_without_chromium(project, required):
    """One line says that there is no browser; only where it is required the run fails."""
    environment = os.environ | {"CHROMIUM": "no-such-browser", "D2LAUG_REQUIRE_BROWSER": required}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    some = "tests/browser/test_site.py"  # it imports least
    command = [sys.executable, "-m", "pytest", some, "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=120
    )
    said = result.stdout + result.stderr
    assert "there is no Chromium" in said
    assert (result.returncode != 0) == bool(required)
    if not required:
        assert " passed" not in said


def test_notebooks_are_cut_off_from_the_network(runner):
    words = runner.cut_off()
    if not words:
        pytest.skip(
            "unshare and ip (packages util-linux, iproute2) are missing or not allowed here"
        )
    listed = subprocess.run([*words, "cat", "/proc/net/dev"], capture_output=True, text=True).stdout
    interfaces = [line.split(":")[0].strip() for line in listed.splitlines() if ":" in line]
    assert interfaces == ["lo"]
