"""Sample photographs: right, offline, and cheap to load; and the results of the benchmarks."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import skimage.data
import torch

from d2laug.data import PHOTOS, photo, results

ORACLE = {"cat": "chelsea"}  # the others bear the name of their function in skimage.data
LARGEST_DATA = 32_000_000  # bytes


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photo_is_the_one_of_scikit_image(name, no_network):
    picture = photo(name)
    assert picture.dtype == torch.uint8
    assert picture.ndim == 3
    assert picture.shape[0] == 3
    expected = getattr(skimage.data, ORACLE.get(name, name))()
    if expected.ndim == 2:
        expected = np.stack([expected] * 3, axis=-1)
    np.testing.assert_array_equal(picture.permute(1, 2, 0).numpy(), expected)


def test_gray_photo_has_three_equal_channels():
    red, green, blue = photo("camera")
    assert torch.equal(red, green)
    assert torch.equal(red, blue)
    assert red.unique().numel() > 100


def test_every_call_gives_pixels_of_its_own():
    photo("cat").zero_()
    assert photo("cat").float().mean() > 50


@pytest.mark.parametrize("name", ["dog", "", "Cat", "chelsea", "chelsea.png", "../cat", None, 3])
def test_unknown_name_gets_the_known_ones(name):
    with pytest.raises(ValueError, match="no photo is called") as caught:
        photo(name)
    assert repr(name) in str(caught.value)
    assert all(known in str(caught.value) for known in PHOTOS)


def test_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in PHOTOS:
            photo(name)


def test_import_and_photo_leave_the_slow_libraries_alone():
    code = """
import sys, d2laug
d2laug.photo("cat")
slow = ["skimage", "ipywidgets", "kornia", "accelerate", "matplotlib.pyplot", "IPython", "scipy"]
print([name for name in slow if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_results_are_what_the_files_hold(project):
    paths = sorted((project / "benchmarks/results").glob("*.json"))
    assert "drinks_matrix" in [path.stem for path in paths]
    for path in paths:
        assert results(path.stem) == json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("name", ["matrix", "", "drinks_matrix.json", "../results/words", None])
def test_unknown_results(name):
    with pytest.raises(ValueError, match=r"choose one of: .*drinks_matrix, .*words") as caught:
        results(name)
    assert repr(name) in str(caught.value)


def test_damaged_results(tmp_path, monkeypatch):
    """From inside of the folder too, where it is called "."."""
    folder = tmp_path / "benchmarks/results"
    folder.mkdir(parents=True)
    (folder / "words.json").write_text('{"runs": [')
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    monkeypatch.setenv("D2LAUG_DATA", ".")
    with pytest.raises(OSError, match=r"words\.json is damaged"):
        results("words")


def test_no_results(tmp_path, monkeypatch):
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path / "data"))
    with pytest.raises(FileNotFoundError, match=r"no results files in .*data benchmarks.*D2LAUG"):
        results("drinks_matrix")


def test_the_data_are_small(project):
    """All that a clone carries as data; what the course caches lies elsewhere."""
    files = [path for path in (project / "data").rglob("*") if path.is_file()]
    assert len(files) > 5_000
    assert sum(path.stat().st_size for path in files) < LARGEST_DATA
