"""Laws of mixing: two pictures in one."""

import torch
from torch.nn import functional as F

from d2laug.gallery.common import blurred, draw, look_up, positions
from laws import (
    PLACES,
    close,
    law,
    moved,
    noisy,
    smooth,
)


def shifted(x, distance):
    """Return the picture, shifted by random distances."""
    right, down = positions(x)
    return look_up(
        x,
        right + draw(x, -distance, distance)[:, 0],
        down + draw(x, -distance, distance)[:, 0],
    )


@law(
    "double exposure",
    wrong={
        "moved": lambda x, s: shifted(x, 0.5 * s),
        "added": lambda x, s: x + 0.6 * s * shifted(x, 0.5),
        "with its mirror image": lambda x, s: x + 0.6 * s * (x.flip(-1) - x),
        "a blur": lambda x, s: x + 0.6 * s * (blurred(x, 4.0) - x),
        "sideways": lambda x, s: (
            x
            + 0.6
            * s
            * (look_up(x, positions(x)[0] + draw(x, -0.5, 0.5)[:, 0], positions(x)[1]) - x)
        ),
    },
)
def double_exposure(effect):
    """The same picture, moved by up to a quarter of its sides, shows through itself."""
    ways = []
    for seed in range(12):
        strength = (1, 0.5)[seed % 2]
        weight = 0.6 * strength
        second = PLACES + (effect(PLACES, strength, seed) - PLACES) / weight
        right, down = moved(second, 0.45)
        for way in (right, down):
            assert way.nan_to_num(way.nanmean()).std() < 0.002
        ways.append((right.nanmean().item(), down.nanmean().item()))
        # a moved picture and not a moved place: another picture agrees, at whole pixels at least
        picture = smooth()
        again = picture + (effect(picture, strength, seed) - picture) / weight
        x, y = (p + w for p, w in zip(positions(picture[None]), ways[-1], strict=True))
        assert close(again[None], look_up(picture[None], x, y), 0.02)
    for side in zip(*ways, strict=True):
        assert 0.3 < max(side) < 0.501
        assert -0.501 < min(side) < -0.3


def three():
    """Return three pictures that are nowhere equal."""
    return torch.stack([smooth(high=0.3), noisy(low=0.35, high=0.6), 0.7 + 0.3 * smooth().flip(-1)])


def partners():
    return three()[[2, 0, 1]]


def taken(result):
    """Return from which picture each pixel is: 1 where from the partner, 0 where from its own."""
    other = (result - partners()).abs().amax(1) < 1e-5
    own = (result - three()).abs().amax(1) < 1e-5
    assert (other ^ own).all(), "a pixel of neither picture"
    return other


@law(
    "MixUp",
    wrong={
        "half and half": lambda x, s: x + 0.45 * s * (x.roll(1, 0) - x),
        "added": lambda x, s: x + draw(x, 0.3 * s, 0.6 * s) * x.roll(1, 0),
        "with the next": lambda x, s: x + draw(x, 0.3 * s, 0.6 * s) * (x.roll(-1, 0) - x),
        "by pixels": lambda x, s: x + 0.6 * s * torch.rand(x[:, :1].shape) * (x.roll(1, 0) - x),
        "one weight for all": lambda x, s: x + draw(x[:1], 0.3 * s, 0.6 * s) * (x.roll(1, 0) - x),
        "with its mirror image": lambda x, s: x + draw(x, 0.3 * s, 0.6 * s) * (x.flip(-1) - x),
    },
)
def mix_up(effect):
    """Each picture gets its neighbor's light with one weight, from half of the most to the most."""
    weights = []
    for strength in (1, 0.5):
        for seed in range(8):
            weight = (effect(three(), strength, seed) - three()) / (partners() - three())
            assert (weight.amax((1, 2, 3)) - weight.amin((1, 2, 3))).max() < 1e-3
            weight = weight.mean((1, 2, 3)) / (0.6 * strength)
            assert weight.min() > 0.499
            assert weight.max() < 1.001
            assert weight.std() > 1e-3
            weights += weight.tolist()
    assert min(weights) < 0.6
    assert max(weights) > 0.9


def pasted(x, s, size, other=None):
    """Paste a box of the neighbor in the batch."""
    right, down = positions(x)
    room = 1 - size * s
    inside = ((right - draw(x, -room, room)[:, 0]).abs() < size * s) & (
        (down - draw(x, -room, room)[:, 0]).abs() < size * s
    )
    return torch.where(inside[:, None], x.roll(1, 0) if other is None else other(x), x)


@law(
    "CutMix",
    wrong={
        "a smaller box": lambda x, s: pasted(x, s, 0.5),
        "a black box": lambda x, s: pasted(x, s, 0.7, torch.zeros_like),
        "of the next": lambda x, s: pasted(x, s, 0.7, lambda x: x.roll(-1, 0)),
        "of another place": lambda x, s: pasted(x, s, 0.7, lambda x: x.roll((1, 9), (0, -1))),
        "always in the middle": lambda x, s: torch.where(
            (torch.maximum(*(p.abs() for p in positions(x))) < 0.7 * s)[:, None], x.roll(1, 0), x
        ),
        "a disk": lambda x, s: torch.where(
            (torch.hypot(*positions(x)) < 0.7 * s)[:, None], x.roll(1, 0), x
        ),
        "a mixture": lambda x, s: pasted(x, s, 0.7, lambda x: (x + x.roll(1, 0)) / 2),
    },
)
def cut_mix(effect):
    """A box of the neighbor, at its place there; its sides are a share of the picture's."""
    corners = []
    for strength in (1, 0.5):
        for seed in range(6):
            for box in taken(effect(three(), strength, seed)):
                down, right = box.any(1), box.any(0)
                assert torch.equal(box, down[:, None] & right)
                assert abs(down.sum() - 0.7 * strength * 48) <= 1
                assert abs(right.sum() - 0.7 * strength * 60) <= 1
                assert (down.int().diff() == 1).sum() <= 1 >= (right.int().diff() == 1).sum()
                corners.append((down.int().argmax().item(), right.int().argmax().item()))
    assert len(set(corners)) > 15


@law(
    "patch mix",
    wrong={
        "smaller patches": lambda x, s: torch.where(
            F.interpolate((torch.rand(len(x), 1, 8, 8) < 0.6 * s).float(), x.shape[-2:]) > 0,
            x.roll(1, 0),
            x,
        ),
        "too few": lambda x, s: torch.where(
            F.interpolate((torch.rand(len(x), 1, 4, 4) < 0.4 * s).float(), x.shape[-2:]) > 0,
            x.roll(1, 0),
            x,
        ),
        "black": lambda x, s: torch.where(
            F.interpolate((torch.rand(len(x), 1, 4, 4) < 0.6 * s).float(), x.shape[-2:]) > 0, 0.0, x
        ),
        "a box": lambda x, s: pasted(x, s, 0.75),
        "the same in all pictures": lambda x, s: torch.where(
            F.interpolate((torch.rand(1, 1, 4, 4) < 0.6 * s).float(), x.shape[-2:]) > 0,
            x.roll(1, 0),
            x,
        ),
    },
)
def patch_mix(effect):
    """A share of the fields of a board of 4 x 4 is the neighbor's, at its place there."""
    for strength in (1, 0.5):
        grids = []
        for seed in range(16):
            cells = taken(effect(three(), strength, seed))
            grid = cells[:, ::12, ::15]
            assert torch.equal(grid.repeat_interleave(12, 1).repeat_interleave(15, 2), cells)
            assert not torch.equal(grid[0], grid[1])
            grids.append(grid)
        grids, share = torch.stack(grids).float(), 0.6 * strength
        error = (share * (1 - share) / grids.numel()) ** 0.5
        assert abs(grids.mean() - share) < 6 * error
        assert abs((grids[..., 1:] * grids[..., :-1]).mean() - share**2) < 10 * error
