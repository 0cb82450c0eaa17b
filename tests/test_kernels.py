"""What benchmarks/kernels.py counts: memory of a process, moves and their pictures, its figures."""

import asyncio
import json
import mmap
import os
import sys
import time

import nbformat
import pytest

from d2laug.data import results

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads Linux's /proc")
CELLS = """from d2laug import photo
from d2laug.widgets import explore
---
explore.temperature(photo("coffee"))
---
explore.color(photo("coffee"))"""


@pytest.fixture
def benchmark(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    return __import__("kernels")


@pytest.fixture
def kernel(benchmark):
    """A kernel with the widgets of three explorers, and a socket that keeps what is sent."""
    hands = __import__("hands")

    class Socket:
        async def write_message(self, data, binary):
            _, parts = hands.deserialize_msg_from_ws_v1(data)
            kernel.sent.append(tuple(map(json.loads, parts)))

    kernel = hands.Kernel(None)
    kernel.socket, kernel.sent = Socket(), []
    for k, name in enumerate(["hue (of the circle)", *hands.REST, *hands.REST]):
        kind = "SelectionSliderModel" if k == 0 else "FloatSliderModel"
        state = {"_model_name": kind, "description": f"{name} (factor)", "min": 0.0, "max": 2.0}
        content = {"comm_id": str(k), "target_name": "jupyter.widget", "data": {"state": state}}
        kernel.hear("iopub", {"msg_type": "comm_open"}, {}, {}, content)
    return kernel


def test_memory_is_that_of_the_process(benchmark):
    page, number = b"1" * mmap.PAGESIZE, 12_500
    before = benchmark.memory(os.getpid())
    with mmap.mmap(-1, number * len(page)) as block:
        for _ in range(number):
            block.write(page)
        after = benchmark.memory(os.getpid())
    for kind in ("pss", "private"):
        assert after[kind] - before[kind] == pytest.approx(number * len(page) / 1e6, abs=2)
    assert 0 < before["private"] <= before["pss"]


def test_each_move_of_the_first_explorer_makes_another_picture(kernel, benchmark):
    """No value comes twice in a row: an answer without a picture would be waited for in vain."""
    assert [comm_id for comm_id, *_ in kernel.sliders().values()] == ["1", "2", "3", "4"]
    values = dict.fromkeys("1234")
    for comm_id, value in (next(kernel.moves) for _ in range(400)):
        assert value != values[comm_id]
        values[comm_id] = value
    assert benchmark.REST.keys() == kernel.sliders().keys()


def test_a_move_ends_with_its_own_picture(kernel):
    async def look():
        move = asyncio.create_task(kernel.move())
        await asyncio.sleep(0)
        ((header, _, _, content),) = kernel.sent
        assert content["data"]["state"] == {"value": 1.2}
        picture = {"data": {"buffer_paths": [["value"]]}}
        echo = {"data": {"buffer_paths": []}}
        kind = {"msg_type": "comm_msg"}
        for parent, content in [({"msg_id": "another"}, picture), (header, echo)]:
            kernel.hear("iopub", kind, parent, {}, content)
            await asyncio.sleep(0.01)
            assert not move.done()
        kernel.hear("iopub", kind, header, {}, picture)
        await move
        assert not kernel.waiting

    asyncio.run(look())


class Slow:
    """A kernel that takes its time."""

    async def move(self):
        await asyncio.sleep(1.2)


def test_a_late_move_counts_from_when_it_was_due(benchmark):
    first, second = asyncio.run(benchmark.move_each_second(Slow(), seconds=2, first=0))
    assert first == pytest.approx(1200, abs=150)
    assert second == pytest.approx(1400, abs=150)


def test_it_ends_before_the_memory_does(benchmark, monkeypatch):
    ended = []

    async def measure():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    monkeypatch.setattr(benchmark, "measure", measure)
    begun = time.monotonic()
    with pytest.raises(SystemExit, match="GB are free, and 1000000 must be left"):
        asyncio.run(benchmark.measure_while_memory_lasts(10**6))
    assert ended == [True]
    assert time.monotonic() - begun < 10


def test_the_stored_figures_agree(benchmark):
    stored = results("kernels")
    assert stored["goals"] == benchmark.goals(stored)
    assert stored["kernels"] == 30
    for part in ("dragging", "one move a second"):
        assert 0 < stored[part]["median ms"] <= stored[part]["95th percentile ms"]
    # as often as each hand could, and once a second
    assert stored["one move a second"]["moves"] == 30 * 30


def test_the_hub_is_told_what_was_measured(project):
    memory = results("kernels_apart")["memory, MB"]
    server, own = memory["of the server, PSS"], memory["private after the lesson"]
    said = (project / "tools" / "hub" / "README.md").read_text("utf-8")
    assert f"server takes {server:.0f} MB, and a kernel that has run lesson 04 to its end" in said
    assert f"its end {own:.0f} MB of its own" in said
    assert server + own < 850
    assert "with one open lesson needs 0.85 GB" in said


@pytest.mark.long
def test_two_kernels_are_measured(benchmark, tmp_path):
    path = tmp_path / "small.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.split("\n---\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    arguments = ["--kernels=2", "--seconds=2", "--leave=1", f"--notebook={path}"]
    benchmark.main([*arguments, f"--results={tmp_path / 'found.json'}"])
    found = json.loads((tmp_path / "found.json").read_text())
    memory = found["memory, MB"]
    assert memory["of all, PSS"] > 2 * memory["of a kernel, PSS"]
    assert 0 < memory["private after the imports alone"] < memory["private after the lesson"]
    assert found["one move a second"]["moves"] == 4
    assert found["dragging"]["moves"] >= 4
