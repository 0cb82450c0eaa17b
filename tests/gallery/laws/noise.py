"""Laws of noise and dropout."""

import torch
from torch.nn import functional as F

from d2laug.gallery.common import blurred
from laws import correlation, law, random_field, smooth

NORMAL = 0.3173  # of a normal distribution lies more than one standard deviation away


def is_white_noise(noise, sigma):
    """Assert mean, spread, shape and independence of noise [..., H, W]."""
    number = noise.numel()
    assert abs(noise.mean()) < 6 * sigma / number**0.5
    assert abs(noise.std() / sigma - 1) < 6 / (2 * number) ** 0.5
    outside = (noise.abs() > sigma).float().mean()
    assert abs(outside - NORMAL) < 6 * (NORMAL * (1 - NORMAL) / number) ** 0.5
    assert abs(correlation(noise[..., 1:], noise[..., :-1])) < 6 / number**0.5
    assert abs(correlation(noise[..., 1:, :], noise[..., :-1, :])) < 6 / number**0.5


@law(
    "gray noise",
    wrong={
        "in color": lambda x, s: x + 0.3 * s * torch.randn(x.shape),
        "uniform": lambda x, s: x + 0.3 * s * 3**0.5 * random_field(x),
        "smooth": lambda x, s: x + 3.2 * s * blurred(torch.randn(len(x), 1, *x.shape[-2:]), 3.0),
        "brighter": lambda x, s: x + 0.3 * s * (1 + torch.randn(len(x), 1, *x.shape[-2:])),
        "speckle": lambda x, s: x * (1 + 0.6 * s * torch.randn(len(x), 1, *x.shape[-2:])),
    },
)
def gray_noise(effect):
    """White noise is added, of the spread that the dial says, the same to all three channels."""
    picture = smooth(64, 64, 0.4, 0.6)
    for strength, seed in ((0.2, 0), (0.1, 1)):
        noise = effect(picture, strength, seed) - picture
        assert (noise - noise[0]).abs().max() < 1e-5
        is_white_noise(noise[0], 0.3 * strength)


@law(
    "speckle",
    wrong={
        "added": lambda x, s: x + 0.15 * s * torch.randn(x.shape),
        "gray": lambda x, s: x * (1 + 0.5 * s * torch.randn(len(x), 1, *x.shape[-2:])),
        "stronger where it is dark": lambda x, s: x + 0.5 * s * (0.6 - x) * torch.randn(x.shape),
        "uniform": lambda x, s: x * (1 + 0.5 * s * 3**0.5 * random_field(x, 3)),
    },
)
def speckle(effect):
    """White noise in each channel, whose spread is a share of the value."""
    picture = smooth(64, 64, 0.1, 0.5)
    for strength, seed in ((0.3, 0), (0.15, 1)):
        noise = (effect(picture, strength, seed) - picture) / picture
        is_white_noise(noise, 0.5 * strength)
        assert abs(correlation(noise[0], noise[1])) < 6 / 64
        dark = picture < 0.3
        for part in (noise[dark], noise[~dark]):
            assert abs(part.std() / (0.5 * strength) - 1) < 6 / (2 * part.numel()) ** 0.5


@law(
    "random values",
    wrong={
        "whole pixels": lambda x, s: torch.where(random_field(x) < s - 1, torch.rand(x.shape), x),
        "black": lambda x, s: torch.where(random_field(x, 3) < s - 1, 0.0, x),
        "noise": lambda x, s: x + 0.5 * s * random_field(x, 3),
        "too many": lambda x, s: torch.where(
            random_field(x, 3) < 1.2 * s - 1, torch.rand(x.shape), x
        ),
    },
)
def random_values(effect):
    """A share of the values are replaced, each channel by itself, by any value from 0 to 1."""
    picture = smooth(64, 64, 0.3, 0.7)
    for strength, seed in ((1, 0), (0.5, 1)):
        result, share = effect(picture, strength, seed), 0.5 * strength
        new = result != picture
        assert abs(new.float().mean() - share) < 6 * (share * (1 - share) / new.numel()) ** 0.5
        assert abs(new.all(0).float().mean() - share**3) < 6 * share**1.5 / 64
        values = result[new]
        assert abs(values.mean() - 0.5) < 6 * 0.2887 / len(values) ** 0.5
        assert abs(values.std() - 0.2887) < 6 * 0.2887 / len(values) ** 0.5
        assert (values > 0.95).float().mean() > 0.02


def is_choice(chosen, share, cells, channels):
    """Assert that cells of a grid are chosen at random: `chosen` is [N, 3, H, W], of booleans."""
    rows, columns = cells
    height, width = chosen.shape[-2] // rows, chosen.shape[-1] // columns
    grid = chosen[..., ::height, ::width]
    whole = grid.repeat_interleave(height, -2).repeat_interleave(width, -1)
    assert torch.equal(whole, chosen), "not in whole cells"
    if channels == 1:
        assert (grid == grid[:, :1]).all(), "not the same in all channels"
        grid = grid[:, :1]
    else:
        together = grid.all(1).float()
        assert abs(together.mean() - share**3) < 6 * (share**3 / together.numel()) ** 0.5
    number = grid.numel()
    assert abs(grid.float().mean() - share) < 6 * (share * (1 - share) / number) ** 0.5
    for dim in (0, 2, 3):  # independent of the picture before, the cell above, and to the left
        if grid.shape[dim] > 1:
            one, other = (
                grid.narrow(dim, 1, grid.shape[dim] - 1),
                grid.narrow(dim, 0, grid.shape[dim] - 1),
            )
            assert abs(correlation(one.float(), other.float())) < 6 / one.numel() ** 0.5


def many(number=48):
    """Return pictures of 32 x 32 pixels without a black or a white value."""
    return smooth(32, 32, 0.2, 0.8).expand(number, -1, -1, -1).contiguous()


def loses(most, cells, channels=1):
    """Return the check that a share of the cells, at most `most`, are black and all else stays."""

    def check(effect):
        for strength, seed in ((1, 0), (0.5, 1)):
            result = effect(many(), strength, seed)
            lost = result == 0
            assert torch.equal(result[~lost], many()[~lost])
            is_choice(lost, most * strength, cells, channels)

    return check


def dropped(most, cells, channels=1, color=0.0):
    """Return a function that makes a share of the cells black, or another color."""

    def drop(x, s):
        keep = (torch.rand(len(x), channels, *cells) >= most * s).float()
        keep = F.interpolate(keep, x.shape[-2:]) > 0
        return torch.where(keep, x, color)

    return drop


def same_for_all(drop):
    """Return a function that loses the same cells in all pictures."""
    return lambda x, s: torch.where(drop(torch.ones_like(x[:1]), s) > 0, x, 0.0)


DROPS = {
    "dropout": (0.6, (32, 32), 1),
    "color dropout": (0.6, (32, 32), 3),
    "coarse dropout": (0.5, (8, 8), 1),
    "coarse color dropout": (0.5, (8, 8), 3),
    "lost rows": (0.5, (32, 1), 1),
}
for name, (most, cells, channels) in DROPS.items():
    wrong = {
        "too few": dropped(0.8 * most, cells, channels),
        "smaller cells" if cells != (32, 32) else "larger cells": dropped(most, (16, 16), channels),
        "gray": dropped(most, cells, channels, 0.5),
        "the channels together" if channels == 3 else "each channel": dropped(
            most, cells, 4 - channels
        ),
        "the same in all pictures": same_for_all(dropped(most, cells, channels)),
    }
    if cells[1] == 1:
        wrong["columns"] = dropped(most, (1, 32))
    law(name, wrong)(loses(most, cells, channels))


def salted(most, cells, white=0.5):
    """Return a function that makes a share of the cells black or white."""

    def salt(x, s):
        chosen = dropped(most, cells)(torch.ones_like(x), s) == 0
        colors = dropped(1 - white, cells)(torch.ones_like(x), 1)
        return torch.where(chosen, colors, x)

    return salt


@law(
    "coarse salt and pepper",
    wrong={
        "fine": salted(0.3, (32, 32)),
        "more salt": salted(0.3, (16, 16), 0.8),
        "too much": salted(0.4, (16, 16)),
        "pepper only": dropped(0.3, (16, 16)),
        "in color": lambda x, s: torch.where(
            dropped(0.3, (16, 16), 3)(torch.ones_like(x), s) == 0,
            dropped(0.5, (16, 16), 3)(torch.ones_like(x), 1),
            x,
        ),
    },
)
def coarse_salt_and_pepper(effect):
    """A share of the cells are black or white, half of them each; all else stays."""
    for strength, seed in ((1, 0), (0.5, 1)):
        result, share = effect(many(), strength, seed), 0.3 * strength
        black, white = result == 0, result == 1
        kept = ~(black | white)
        assert torch.equal(result[kept], many()[kept])
        is_choice(~kept, share, (16, 16), 1)
        is_choice(black, share / 2, (16, 16), 1)
        is_choice(white, share / 2, (16, 16), 1)


@law(
    "grid of holes",
    wrong={
        "stripes": lambda x, s: x * ((torch.arange(x.shape[-1]) % 12) >= 9.6 * s),
        "random cells": dropped(0.64, (5, 5)),
        "one hole": lambda x, s: torch.where(
            torch.arange(x.shape[-2])[:, None] + torch.arange(x.shape[-1]) < 60, 0.0, x
        ),
        "a finer grid": lambda x, s: torch.where(
            ((torch.arange(x.shape[-2])[:, None] % 6) < 4.8 * s)
            & ((torch.arange(x.shape[-1]) % 6) < 4.8 * s),
            0.0,
            x,
        ),
        "bars instead of holes": lambda x, s: torch.where(
            ((torch.arange(x.shape[-2])[:, None] % 12) < 9.6 * s)
            | ((torch.arange(x.shape[-1]) % 12) < 9.6 * s),
            0.0,
            x,
        ),
    },
)
def grid_of_holes(effect):
    """Black squares in rows and columns, five of each; they do not start at the same place."""
    picture, starts = smooth(60, 60, 0.2, 0.8), set()
    for strength in (1, 0.5):
        for seed in range(3):
            result = effect(picture, strength, seed)
            hole = (result == 0).all(0)
            assert torch.equal(result[:, ~hole], picture[:, ~hole])
            assert torch.equal(hole[12:], hole[:-12])
            assert torch.equal(hole[:, 12:], hole[:, :-12])
            down, right = hole.any(1), hole.any(0)
            assert torch.equal(hole, down[:, None] & right)
            for line in (down, right):  # 9.6 or 4.8 pixels of 12
                assert abs(line[:12].sum() - 9.6 * strength) < 1
                assert line[:13].int().diff().abs().sum() == 2, "more than one hole a step"
            starts.add((down.int().diff().argmax().item(), right.int().diff().argmax().item()))
    assert len(starts) >= 3
