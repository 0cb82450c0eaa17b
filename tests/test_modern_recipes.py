"""The figures of lesson 10 are those of the recipes that it names, and say what its words say."""

import json

import pytest
import torch
from torchvision.transforms import v2

from d2laug import augment


@pytest.fixture
def benchmark(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    return __import__("modern_recipes")


@pytest.fixture
def results(benchmark):
    return json.loads(benchmark.RESULTS.read_text())


def test_every_recipe_has_its_seeds(benchmark, results):
    runs = [(task, r, s) for task in sorted(benchmark.SEEDS) for r in benchmark.recipes(task)
            for s in benchmark.SEEDS[task]]
    assert [(run["task"], run["recipe"], run["seed"]) for run in results["runs"]] == runs
    for task in benchmark.SEEDS:
        described = benchmark.about(task)
        for key in ("epochs", "pictures", "recipes", "network", "views"):
            assert results[task][key] == described[key], (task, key)
