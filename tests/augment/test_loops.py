"""The compiled loops do what the form in tensors does, and every part of a batch once."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from examples import EXAMPLES, example, pictures

from d2laug import augment
from d2laug.augment import loops

SHAPES = [(24, 40, 52), (3, 1, 1), (2, 7, 90), (5, 128, 96)]


@pytest.fixture
def in_tensors(monkeypatch):
    """Return a function after which no loop is taken."""

    def switch():
        for name, module in list(sys.modules.items()):
            if name.startswith("d2laug.augment") and hasattr(module, "by_loops"):
                monkeypatch.setattr(module, "by_loops", lambda batch: False)

    return switch


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", EXAMPLES)
def test_loops_and_tensors_agree_within_one_level(name, shape, in_tensors):
    batch = pictures(max(shape[0], 6), *shape[1:])[: shape[0]]
    size = {"size": (min(shape[1], 30), min(shape[2], 36))} if "Crop" in name else {}
    if name == "GaussianBlur" and shape[1] == 1:
        size = {"kernel_size": 1}
    transform = example(name, generator=torch.Generator().manual_seed(1), **size)
    params = transform.make_params(batch)
    state = transform.generator.get_state()
    by_loop = transform.transform(batch, params)
    transform.generator.set_state(state)
    in_tensors()
    by_tensors = transform.transform(batch, params)
    assert by_loop.dtype == by_tensors.dtype == torch.uint8
    difference = (by_loop.int() - by_tensors.int()).abs()
    if name in ("RandAugment", "RandomPosterize", "RandomRotation", "TrivialAugmentWide"):
        # A level before a threshold becomes many, and a nearest pixel another one.
        assert (difference > 1).float().mean() <= 0.001
    else:
        assert difference.max() <= 1


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "GaussianNoise"])
def test_each_row_changes_only_its_picture(name):
    """The same picture and the same draw give the same; noise draws for each value."""
    batch = pictures()
    transform = example(name, generator=torch.Generator().manual_seed(1))
    params = transform.make_params(batch)
    turned = {
        key: v.flip(0) if isinstance(v, torch.Tensor) else v[::-1] if isinstance(v, list) else v
        for key, v in params.items()
    }
    output = transform.transform(batch, params)
    assert torch.equal(transform.transform(batch.flip(0), turned).flip(0), output)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 64])
def test_every_picture_is_worked_on_once(n, threads, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(loops, "VALUES_FOR_A_THREAD", 4)
    counted, numbers = torch.zeros(n, 5, dtype=torch.int64), torch.arange(n)

    def loop(counted, numbers, step):
        assert len(counted) == len(numbers)
        counted += numbers[:, None] + step

    loops.each_picture(loop, counted, numbers, for_all=(3,))
    assert torch.equal(counted, (numbers + 3)[:, None].expand(-1, 5))


def test_what_a_loop_raises_is_raised():
    def loop(numbers):
        raise ZeroDivisionError("here")

    with pytest.raises(ZeroDivisionError, match="here"):
        loops.each_picture(loop, torch.zeros(1000, 1000))


def test_a_jitter_of_large_pictures_in_several_pieces():
    """More pixels than are worked on at once, and a number of them that leaves a rest."""
    batch = pictures(6, 150, 131)
    jitter = augment.ColorJitter(0.5, 0.5, 0.5, 0.5, generator=torch.Generator().manual_seed(2))
    params = jitter.make_params(batch)
    whole = jitter.transform(batch, params)
    floats = jitter.transform(batch.double() / 255, params) * 255
    # The gray of levels is a level; that of floats is not cut off.
    assert (whole - floats).abs().max() < 4
    assert (whole - floats).abs().mean() < 0.8


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize(
    ("source", "size"), [((300, 200), (20, 31)), ((20, 31), (300, 200)), ((5, 300), (300, 5))]
)
def test_crops_that_grow_and_shrink_much(source, size, antialias):
    """Boxes that shrink mix their rows first, those that grow their columns."""
    batch = pictures(6, *source)
    crop = augment.RandomResizedCrop(size, antialias=antialias)
    params = crop.make_params(batch)
    rows = zip(batch, crop.rows(params), strict=True)
    expected = torch.stack([crop._torchvision().transform(x, row) for x, row in rows])
    difference = (crop.transform(batch, params).int() - expected.int()).abs()
    assert difference.max() <= 1
    assert np.mean(difference.numpy() > 0) < 0.5


COMPILED = """if True:
    import numba, torch
    from d2laug import augment
    batch = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    numba.njit(lambda x: x + 1)(1)
    print("a function of somebody else")
    augment.RandomHorizontalFlip()(batch)
    augment.ColorJitter(0.5)(batch)
"""


@pytest.mark.long
def test_a_first_compilation_says_so_once(tmp_path):
    """And what somebody else compiles is none of it."""
    for times in (1, 0):  # the second process finds them in the cache
        result = subprocess.run(
            [sys.executable, "-c", COMPILED],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert result.stderr.count("Compiling the loops") == times
