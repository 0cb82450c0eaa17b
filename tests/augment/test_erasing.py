"""Random erasing: what is drawn for which picture, and what is no value of a pixel."""

import pytest
import torch
from examples import pictures
from torchvision import tv_tensors

from d2laug import augment


def test_random_values_are_drawn_for_the_boxes_that_are_erased_only():
    batch = pictures(500, 12, 10, torch.float32)
    erase = augment.RandomErasing(0.5, value="random", generator=torch.Generator().manual_seed(0))
    params = erase.make_params(batch)
    drawn = torch.tensor([v is not None for v in params["v"]])
    assert torch.equal(drawn, params["apply"])
    sizes = torch.stack([params["h"], params["w"]], 1)[drawn].tolist()
    values = [v for v in params["v"] if v is not None]
    assert [list(v.shape) for v in values] == [[3, *size] for size in sizes]
    together = torch.cat([v.flatten() for v in values])
    assert abs(together.mean()) < 0.02
    assert abs(together.std() - 1) < 0.02
    assert len(together.unique()) > 0.99 * len(together)


def test_normalized_pictures_keep_their_range():
    batch = pictures(64, dtype=torch.float32) * 4 - 2
    output = augment.RandomErasing(1, value=(-3.5, 0.25, 7))(batch)
    changed = output != batch
    assert changed.flatten(1).any(1).all()
    for channel, value in enumerate((-3.5, 0.25, 7)):
        assert (output[:, channel][changed[:, channel]] == value).all()


@pytest.mark.parametrize("value", [0.5, "random"])
def test_what_is_erased_has_no_gradient(value):
    batch = pictures(8, dtype=torch.float64).requires_grad_()
    erase = augment.RandomErasing(0.7, value=value, generator=torch.Generator().manual_seed(1))
    params = erase.make_params(batch)
    erase.transform(batch, params).sum().backward()
    left = torch.ones(8, 1, *batch.shape[2:], dtype=torch.float64)
    for k, row in enumerate(erase.rows(params)):
        if params["apply"][k]:
            left[k, :, row["i"] : row["i"] + row["h"], row["j"] : row["j"] + row["w"]] = 0
    assert torch.equal(batch.grad, left.expand_as(batch))


@pytest.mark.parametrize("value", [256, -1, (0, 0, 300), float("nan"), "random"])
def test_values_that_are_no_levels(value):
    erase = augment.RandomErasing(1, value=value)
    with pytest.raises(ValueError, match=r"value=.* given for pictures of torch.uint8"):
        erase(pictures())
    assert erase(pictures(dtype=torch.float32)).shape == pictures().shape


def test_a_box_that_never_fits_leaves_the_picture():
    batch = pictures(20)
    erase = augment.RandomErasing(1, scale=(1, 1))
    assert erase.make_params(batch)["v"] == [None] * 20
    assert torch.equal(erase(batch), batch)


@pytest.mark.parametrize("value", [255, "random"])
def test_boxes_drawn_for_larger_pictures_are_refused(value):
    dtype = torch.float32 if value == "random" else torch.uint8
    large, small = torch.zeros(2, 3, 64, 64, dtype=dtype), torch.zeros(2, 3, 8, 64, dtype=dtype)
    erase = augment.RandomErasing(p=1, value=value)
    torch.manual_seed(1)
    params = erase.make_params(large)
    with pytest.raises(ValueError, match="boxes drawn for larger ones"):
        erase.transform(small, params)
    with pytest.raises(ValueError, match=r"boxes drawn for larger ones|beside"):
        erase(tv_tensors.Image(large), tv_tensors.Image(small))


def test_values_of_other_channels_are_refused():
    erase = augment.RandomErasing(p=1, value=(1, 2, 3))
    params = erase.make_params(torch.zeros(2, 3, 8, 8))
    with pytest.raises(ValueError, match="1 channels given, but values for 3"):
        erase.transform(torch.zeros(2, 1, 8, 8), params)


@pytest.mark.parametrize("value", [[], {}])
def test_no_value_is_none(value):
    with pytest.raises(ValueError, match="numbers or 'random' expected"):
        augment.RandomErasing(value=value)
