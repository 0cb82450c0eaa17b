"""Lesson 09: what it says of its figures, and its run on photographs where a copy is at hand."""

import json

import nbclient
import nbformat
import pytest
import torch


@pytest.fixture
def benchmark(project, monkeypatch):
    """The benchmark, and the figures that it wrote."""
    monkeypatch.syspath_prepend(project / "benchmarks")
    module = __import__("cifar10")
    return module, json.loads(module.RESULTS.read_text())


def means(module, results, part, recipe, epochs):
    runs = module.runs_of(results, part, recipe, epochs)
    assert [run["seed"] for run in runs] == list(module.SEEDS)
    keys = ("train", "test", "seconds")
    return {key: torch.tensor([float(run[key]) for run in runs]).mean() for key in keys}


def test_what_the_lesson_says_of_the_gap(benchmark):
    module, results = benchmark
    assert results["recipes"] == {name: repr(t) for name, t in module.RECIPES.items()}
    none, flip, crop, every = (means(module, results, "gap", *row) for row in module.ROWS["gap"])
    assert none["train"] > 0.995
    assert none["test"] < flip["test"] - 0.02 < crop["test"] - 0.04
    assert abs(every["test"] - crop["test"]) < 0.01
    gaps = [row["train"] - row["test"] for row in (none, flip, crop)]
    assert gaps[0] > gaps[1] > 2 * gaps[2] - 0.01
    assert gaps[2] < gaps[0] / 2


def test_what_the_lesson_says_of_the_time(benchmark):
    module, results = benchmark
    usual = module.usual_seconds(results)
    short, long = (means(module, results, "time", *row) for row in module.ROWS["time"])
    assert abs(short["test"] - results["usual"]["test"]) < 0.01
    assert short["seconds"] <= usual / 60
    assert long["test"] > results["usual"]["test"] + 0.02
    assert long["seconds"] <= usual / 30


def test_what_the_lesson_says_of_the_four_things(benchmark):
    module, results = benchmark
    every = means(module, results, "time", "flip + crop", 7)
    lost, gap, longer = {}, {}, {}
    steps = {name: torch.tensor(many).median() for name, many in results["step_seconds"].items()}
    for recipe, epochs in module.ROWS["ablation"]:
        row = means(module, results, "ablation", recipe, epochs)
        piece = recipe.removeprefix("without ")
        lost[piece], gap[piece] = every["test"] - row["test"], row["train"] - row["test"]
        longer[piece] = steps[recipe] / steps["flip + crop"]
    assert 0.035 < lost["cycle, momentum, smoothing"] < 0.05
    assert -0.025 < lost["early reduction"] < -0.015
    assert 3 < longer["early reduction"] < 4
    assert -0.01 < lost["half precision"] < -0.003
    assert 1.3 < longer["half precision"] < 1.7
    assert abs(lost["crops"]) < 0.003
    assert abs(gap["crops"] - 0.10) < 0.005
    assert abs(every["train"] - every["test"] - 0.04) < 0.005
    flip, crop = (means(module, results, "gap", name, 15) for name in ("flip", "flip + crop"))
    assert 0.03 < crop["test"] - flip["test"] < 0.045


def test_a_training_of_the_benchmark(benchmark):
    """The script in part, on the stand-in: one epoch gives all that the lesson reads."""
    module, results = benchmark
    run = module.train(("gap", "flip", 1, 0))
    kept = module.runs_of(results, "gap", "flip", 15)[0]
    assert run.keys() == kept.keys()
    assert run["history"][0].keys() == kept["history"][0].keys()
    assert 0 <= run["test"] <= 1


@pytest.mark.long
def test_lesson_09_on_photographs(project, monkeypatch):
    copy = project.parent / "shared" / "data" / "cifar10-jpeg.zip"
    if not copy.exists():
        pytest.skip(f"there is no {copy}: CIFAR-10 as JPEGs, train/cat/0000.jpg, in a ZIP")
    monkeypatch.setenv("D2LAUG_CIFAR10", str(copy))
    monkeypatch.setenv("D2LAUG_MOST_EPOCHS", "1")
    path = project / "notebooks" / "09_cifar10.ipynb"
    lesson = nbformat.read(path, 4)
    nbclient.NotebookClient(
        lesson, timeout=300, resources={"metadata": {"path": path.parent}}
    ).execute()
    printed = "".join(o.get("text", "") for c in lesson.cells for o in c.get("outputs", []))
    assert "read from: JPEGs that were encoded again, not the original files" in printed
    assert "50,000 pictures to train on, 10,000 to test on" in printed
    assert printed.count("two processes 0.") == 1
