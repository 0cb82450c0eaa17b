"""ColorJitter on `uint8`: rounded once, and how far that is from rounding after each step."""

import pytest
import torch
from examples import pictures
from torchvision.transforms.v2 import functional as F

from d2laug import augment, photo
from d2laug.augment import color


def photographs(name):
    return F.resize(photo(name), [64, 64])[None].repeat(96, 1, 1, 1)


BATCHES = {
    "made": lambda: torch.cat([pictures(48, seed=seed) for seed in range(2)]),
    "cat": lambda: photographs("cat"),
    "coffee": lambda: photographs("coffee"),
}


def in_float64(batch, params):
    """The same chain of changes without any rounding but that of the gray, which is a level."""
    x = batch.double()
    for step in params["fn_idx"].T:
        for number, (name, change) in enumerate(color.CHANGES.items()):
            chosen = (step == number).nonzero()[:, 0]
            factor = params[f"{name}_factor"].double()[chosen, None, None, None]
            x[chosen] = change(x[chosen], factor, 255)
    return x


@pytest.mark.parametrize("name", BATCHES)
def test_a_jitter_is_within_one_level_of_its_chain_in_float64(name):
    batch = BATCHES[name]()
    jitter = augment.ColorJitter(0.5, 0.5, 0.5, 0.5, generator=torch.Generator().manual_seed(1))
    params = jitter.make_params(batch)
    assert len(params["fn_idx"].unique(dim=0)) > 20
    difference = (jitter.transform(batch, params).double() - in_float64(batch, params)).abs()
    assert difference.max() <= 1
    assert (difference > 0.51).double().mean() <= 1e-4  # rounded, not cut off


@pytest.mark.parametrize("name", BATCHES)
def test_the_distance_to_torchvision_is_the_one_that_the_docstring_says(name):
    """It cuts off the fraction after each of four steps: what it makes is darker."""
    batch = BATCHES[name]()
    jitter = augment.ColorJitter(0.5, 0.5, 0.5, 0.5, generator=torch.Generator().manual_seed(1))
    params = jitter.make_params(batch)
    rows = zip(batch, jitter.rows(params), strict=True)
    theirs = torch.stack([jitter._torchvision().transform(x, row) for x, row in rows])
    difference = jitter.transform(batch, params).int() - theirs.int()
    assert 1.2 <= difference.float().mean() <= 1.6
    assert 4 <= difference.abs().max() <= 8
    assert "1.2 to 1.6 levels darker" in augment.ColorJitter.__doc__
    assert "8 at most" in " ".join(augment.ColorJitter.__doc__.split())
