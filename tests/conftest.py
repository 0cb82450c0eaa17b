"""What several test files share: where things are, and the notebooks."""

import socket
from pathlib import Path

import pytest
import torch

PROJECT = Path(__file__).parent.parent
collect_ignore = ["wrong_calls.py"]  # whose doctests `--doctest-modules` would look for


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the repository."""
    return PROJECT


@pytest.fixture(autouse=True)
def _seeded():
    """Let every test draw the same numbers, whatever ran before it."""
    torch.manual_seed(0)


@pytest.fixture
def no_network(monkeypatch):
    """No address can be reached."""

    def refuse(*arguments, **options):
        raise OSError("the network is cut off")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(OSError, match="cut off"):
        socket.create_connection(("example.org", 80))


def pytest_generate_tests(metafunc):
    """Run a test that takes `notebook` on each numbered notebook and on the template."""
    if "notebook" in metafunc.fixturenames:
        paths = [*lessons(), PROJECT / "notebooks" / "template.ipynb"]
        metafunc.parametrize("notebook", paths, ids=[path.stem for path in paths])


def lessons() -> list[Path]:
    """The numbered notebooks, in their order."""
    return sorted((PROJECT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def pytest_terminal_summary(terminalreporter):
    """Print how many small wrong variants each check refused, where that was tested."""
    reports = [report for many in terminalreporter.stats.values() for report in many]
    found = [pair for report in reports for pair in getattr(report, "user_properties", [])]
    rates = sorted({rate for name, rate in found if name == "refused variants"})
    if rates:
        terminalreporter.section("wrong variants that the checks refuse")
        terminalreporter.write_line("\n".join(rates))
