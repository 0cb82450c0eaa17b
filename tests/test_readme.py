"""The picture of the README is made from the code, and its words say what is on it."""

import importlib.util
import json
import re

import numpy as np
import pytest
from PIL import Image

from d2laug.data import results
from d2laug.gallery import EFFECTS


@pytest.fixture(scope="module")
def teaser(project):
    spec = importlib.util.spec_from_file_location("teaser", project / "data/render/teaser.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.teaser()


def test_its_words_are_true(project, teaser):
    lab, show = (teaser.alt.split("; ")[k : k + 8] for k in (0, 8))
    lab[0] = lab[0].split(": ")[1]
    assert all(answer.startswith(("right, 91%", "right, 92%")) for answer in lab)
    assert sum(answer.startswith("WRONG") for answer in show) == 6
    words = (
        "Eight drinks in the lab, all recognized with 91 or 92 percent; the same eight at the "
        "show, in warm light and with reflections: six of eight wrong"
    )
    assert f"![{words}](data/teaser.jpg)" in (project / "README.md").read_text("utf-8")


def test_the_file_is_that_picture(project, teaser, tmp_path):
    teaser.figure.savefig(tmp_path / "again.png", dpi=160)
    again = Image.open(tmp_path / "again.png").convert("RGB")
    with Image.open(project / "data/teaser.jpg") as picture:
        assert picture.size == again.size
        far = np.abs(np.asarray(picture, dtype=float) - np.asarray(again, dtype=float))
    assert far.mean() < 2  # the loss of a JPEG is 1.3; two captions exchanged make it 2.9


@pytest.mark.parametrize("name", ["README.md", "notebooks/README.md"])
def test_the_number_of_effects(project, name):
    right = f"a wall of {len(EFFECTS)} effects"
    found = right in (project / name).read_text("utf-8")
    assert found, f"write {right!r} in the row on lesson 05 of {name}"


def speed_table(results):
    """The rows of the README, from the benchmark's goals and tables."""
    tables, rows = results["parts"]["tables"]["measured"], []
    usual, ours = "D2L's way: PIL, DataLoader", "d2laug.augment"
    for title, table in tables.items():
        if ", 1 thread" not in title:
            continue
        rates = {who: row["median"] for who, row in table["all"].items() if "floor" not in who}
        others = {who: rate for who, rate in rates.items() if who != ours}
        best = max(others, key=others.get)

        def times(who, table=table):
            rounds = zip(table["all"][ours]["rounds"], table["all"][who]["rounds"], strict=True)
            value = float(np.median([a / b for a, b in rounds]))
            return f"{value:.0f}" if value >= 10 else f"{value:.1f}"

        n, sides = re.fullmatch(r"(\d+) x 3x\d+x(.*), 1 thread.*", title).groups()
        name = best.partition(",")[0]
        rows.append(f"| {n} of {sides} px | {times(usual)} | {times(best)} ({name}) |")
    return rows


def test_the_speed_is_the_measured_one(project):
    results = json.loads((project / "benchmarks/results/augment_speed.json").read_text("utf-8"))
    readme = (project / "README.md").read_text("utf-8")
    rows = speed_table(results)
    assert len(rows) == 3
    assert "|---|---|---|\n" + "\n".join(rows) + "\n" in readme
    processor, rounds = results["machine"]["processor"], results["rounds"]
    assert f"({processor}, medians of {rounds} rounds in turn" in readme


def test_the_memory_of_thirty_kernels_is_the_measured_one(project):
    readme, measured = (project / "README.md").read_text("utf-8"), results("kernels")
    assert measured["kernels"] == 30
    gigabytes = measured["memory, MB"]["of all, PSS"] / 1000
    calm, drag = (measured[kind]["median ms"] / 1000 for kind in ("one move a second", "dragging"))
    words = f"in {calm:.2f} s at one a second each, in {drag:.2f} s when all drag at once"
    after = measured["memory, MB"]["of all after the moves, PSS"] / 1000
    assert f"take {gigabytes:.1f} GB in all" in readme
    assert f"and {after:.1f} GB after a minute of moving sliders" in readme
    assert words in readme
    hub = (project / "tools" / "hub" / "README.md").read_text("utf-8")
    assert f"thirty took {gigabytes:.1f} GB, {after:.1f} GB after moves" in hub
    assert f"in {calm:.2f} s at one move a second each, in {drag:.2f} s when" in hub
