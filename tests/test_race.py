"""The race: the film has the figures of its run, is small, and says in words what it shows."""

import base64
import io
import json
import re

import numpy as np
import PIL.Image
import pytest

from d2laug.data import drink, drinks, results
from d2laug.pages.race import SIDE, SPRITE, race
from d2laug.show import new_figure


@pytest.fixture
def benchmark(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "benchmarks")
    return __import__("race")


@pytest.fixture(scope="module")
def found():
    """The accuracies of the results file: recipe, split, epochs from 0."""
    return {run["recipe"]: run["accuracy"] for run in results("race")["runs"]}


def test_the_run_is_that_of_the_benchmark(benchmark):
    run = results("race")
    assert (run["epochs"], run["seed"]) == (benchmark.EPOCHS, benchmark.SEED)
    assert run["can"] == [*benchmark.CAN]
    assert run["recipes"] == {name: repr(benchmark.RECIPES[name]) for name in ("none", "all")}
    matrix = benchmark.RESULTS.with_name("drinks_matrix.json")
    ends = {
        one["recipe"]: one["accuracy"]
        for one in json.loads(matrix.read_text())["runs"]
        if (one["trained_on"], one["collected"], one["seed"]) == ("lab", 0, benchmark.SEED)
    }
    for one in run["runs"]:
        for split, shares in one["accuracy"].items():
            assert len(shares) == run["epochs"] + 1
            assert shares[-1] == pytest.approx(ends[one["recipe"]][split], abs=0.02)


def test_the_film_shows_the_figures_of_its_run(found):
    film = race()
    html = film.html()
    shown = json.loads(re.search(r"film\(document\.currentScript\.parentNode, (.+)\);\n", html)[1])
    for recipe, curves in shown["curves"].items():
        assert curves["lab"] == found[recipe]["lab/test"]
        assert curves["show"] == found[recipe]["show/test"]
        for epoch in (3, 12, 24):
            assert f"{curves['show'][epoch]:.2f}" in film.alt
        assert f"{curves['show'][-1]:.2f}" in film.caption
    assert film.caption in html


def test_the_pictures_are_those_that_the_networks_saw():
    """The first is the can as it was taken; all others are changed, each in its own way."""
    sheet = np.asarray(PIL.Image.open(SPRITE).convert("RGB")).astype(int)
    rows = sheet.reshape(sheet.shape[0] // SIDE, SIDE, -1, SIDE, 3).swapaxes(1, 2)
    first, *others = rows.reshape(-1, SIDE, SIDE, 3)
    assert len(others) == results("race")["epochs"]
    can = drink(*results("race")["can"]).permute(1, 2, 0).numpy()
    assert np.abs(first - can).mean() < 3
    for n, one in enumerate(others):
        assert min(np.abs(one - other).mean() for other in [first, *others[:n]]) > 6


def test_it_is_small_and_has_a_still():
    bundle, about = race()._repr_mimebundle_()
    assert sum(map(len, bundle.values())) < 300_000
    still = PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/jpeg"])))
    assert still.width == 900
    assert about["image/jpeg"]["alt"] == race().alt
    html = bundle["text/html"]
    # without the script and the style the still and the caption are left, and no other words
    rest = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    assert re.findall(r"<(\w+)", rest) == ["figure", "img", "figcaption"]
    assert f'alt="{race().alt}"' in rest
    assert "http" not in html


def test_what_the_lesson_and_the_lecture_say_of_it(found):
    """Without augmentation: perfect in the lab after three epochs, at the show never 3 in 10."""
    assert found["none"]["lab/test"].index(1) == 3
    assert set(found["none"]["lab/test"][3:]) == {1}
    assert max(found["none"]["show/test"]) < 0.3
    assert all(found["all"]["show/test"][n] > found["none"]["show/test"][n] + 0.15 for n in (2, 3))


@pytest.mark.long
@pytest.mark.parametrize("recipe", ["none", "all"])
def test_to_watch_a_training_changes_nothing(benchmark, recipe):
    import torch

    from d2laug.train import accuracy, fit, plain_network

    torch.manual_seed(benchmark.SEED)
    network = plain_network(12)
    lab = drinks("lab/train", tensors=True)
    fit(network, lab, transform=benchmark.RECIPES[recipe], epochs=2, progress=False)
    run, seen = benchmark.measure(recipe, epochs=2)
    for split, shares in run["accuracy"].items():
        own = accuracy(network, drinks(split, tensors=True))
        assert len(shares) == 3
        assert shares[-1] == pytest.approx(own, abs=1e-4)
    same = [torch.equal(one, drink(*benchmark.CAN)) for one in seen]
    assert same == [recipe == "none"] * 2


def test_lines_of_the_still_differ_in_gray():
    _, axes = new_figure()
    race()._chart(axes)
    kinds = [line.get_linestyle() for line in axes.lines[:4]]
    assert kinds == [":", "-", "--", "-"]  # in the lab and at the show, where a word says which
