"""Laws of segmentation: regions in their mean colors."""

import torch
from torch.nn import functional as F

from d2laug.gallery.color import few_colors
from d2laug.gallery.common import blurred, positions
from laws import (
    close,
    flat,
    law,
    noisy,
    random_field,
    region_means,
    regions,
    smooth,
)


def squares(x, size=6):
    """Return which of the squares of so many pixels each pixel of a batch is in."""
    rows, columns = (torch.arange(n) // size for n in x.shape[-2:])
    return rows[:, None] * 100 + columns


def painted(x, index):
    """Paint regions [H, W] of all pictures of a batch in their mean colors."""
    _, index = index.unique(return_inverse=True)
    return torch.stack([region_means(p, index)[index].permute(2, 0, 1) for p in x])


def random_cells(x, number, seed=None):
    """Return the index of the nearest of some random points, [H, W]."""
    generator = torch.Generator().manual_seed(
        int(torch.randint(9999, ())) if seed is None else seed
    )
    points = 2 * torch.rand(number, 2, generator=generator) - 1
    places = torch.stack([p[0] for p in positions(x[:1])], -1)
    return torch.cdist(places.flatten(0, 1), points).argmin(-1).reshape(x.shape[-2:])


def in_one_piece(index):
    """Return the share of regions of which no row and no column is in two pieces."""
    whole = 0
    for region in range(int(index.max()) + 1):
        here = F.pad((index == region).int(), [1] * 4)
        whole += all((here.diff(dim=dim).abs().sum(dim) <= 2).all() for dim in (0, 1))
    return whole / (int(index.max()) + 1)


def sizes(index):
    """Return the sizes of regions, as shares of their mean."""
    counts = index.flatten().bincount().float()
    return counts / counts.mean()


def count_for(strength):
    return round(60 * 20 ** (1 - strength))


@law(
    "superpixels",
    wrong={
        "squares": lambda x, s: painted(x, squares(x)),
        "random cells": lambda x, s: painted(x, random_cells(x, count_for(s))),
        "few colors": lambda x, s: few_colors(x, 50),
        "the color of one pixel": lambda x, s: F.interpolate(x[..., ::6, ::6], x.shape[-2:]),
    },
)
def superpixels(effect):
    """As many regions as the dial says, each in its mean color, whose rims follow the edges."""
    rim = torch.cat([flat(0.9, 0.2, 0.1, width=23), flat(0.1, 0.3, 0.8, width=37)], -1)
    rim[:, 17:] = rim[:, 17:].flip(0)
    for strength in (1, 0.6):
        assert close(effect(rim, strength), rim, 0.02)
        picture = smooth(high=0.9) + 0.001 * noisy()
        colors, index = regions(effect(picture, strength))
        assert 0.5 * count_for(strength) < len(colors) < 1.3 * count_for(strength)
        assert close(colors, region_means(picture, index))
        assert in_one_piece(index) > 0.5
    assert (effect(smooth()) - smooth()).abs().mean() < 0.07


def some(paint, share=0.6):
    """Return the effect that paints a share of the regions of `paint`."""

    def effect(x, s):
        index = paint(x)
        chosen = (torch.rand(int(index.max()) + 1) < share * s)[index]
        return torch.where(chosen, painted(x, index), x)

    return effect


def paints_some(effect, picture, follows=None):
    """Assert that a share of the regions has its mean color, and all else is as it was."""
    for strength in (1, 0.5):
        areas = []
        for seed in range(16):
            result = effect(picture, strength, seed)
            changed = (result != picture).any(0)
            areas.append(changed.float().mean())
            colors, index = regions(torch.where(changed, result, -1.0))
            assert colors[0, 0] == -1  # where it was kept, which is not a region
            assert len(colors) - 1 < 60 * 1.3
            assert close(colors[1:], region_means(picture, index)[1:], 1e-4)
            smallest = index.flatten().bincount()[1:]
            assert smallest.float().mean() > 20
        # a mean over 16 pictures of about 50 regions that differ in size
        assert abs(torch.stack(areas).mean() - 0.6 * strength) < 6 * 0.1 / 4
        assert torch.stack(areas).std() > 0.02


@law(
    "some superpixels",
    wrong={
        "squares": some(squares),
        "single pixels": lambda x, s: torch.where(
            random_field(x) < 1.2 * s - 1, blurred(x, 2.0), x
        ),
        "all": lambda x, s: painted(x, squares(x)),
        "black": lambda x, s: some(squares)(x, s) * (some(squares)(x, s) == x),
    },
)
def some_superpixels(effect):
    """A share of the superpixels is painted; their rims follow the edges."""
    paints_some(effect, smooth(high=0.9) + 0.02 * noisy())
    rim = torch.cat([flat(0.9, 0.2, 0.1, width=23), flat(0.1, 0.3, 0.8, width=37)], -1)
    rim[:, 17:] = rim[:, 17:].flip(0)
    grain = rim + noisy(low=-0.02, high=0.02)
    result = effect(grain)
    assert (result - rim).abs().max() < 0.03
    assert 0.2 < (result != grain).any(0).float().mean() < 0.95


def are_cells(effect, number, even):
    """Assert that a picture is painted in Voronoi cells, even ones or uneven ones."""
    for strength in (1, 0.5):
        found = []
        for seed, picture in ((0, noisy()), (1, smooth(high=0.9) + 0.001 * noisy())):
            colors, index = regions(effect(picture, strength, seed))
            expected = number(strength)
            assert 0.8 * expected <= len(colors) <= expected
            assert close(colors, region_means(picture, index))
            assert in_one_piece(index) > 0.98
            found.append(index)
        if strength == 1:
            for index in found:
                spread = sizes(index).std()
                assert spread < 0.3 if even else spread > 0.35
        one, other = (index.diff(dim=1) != 0 for index in found)
        assert (one != other).any(), "always the same cells"


@law(
    "Voronoi",
    wrong={
        "squares": lambda x, s: painted(x, squares(x)),
        "the same cells each time": lambda x, s: painted(x, random_cells(x, count_for(s), 3)),
        "few colors": lambda x, s: few_colors(x, count_for(s)),
        "the color of one pixel": lambda x, s: F.interpolate(x[..., ::6, ::6], x.shape[-2:]),
        "half as many": lambda x, s: painted(x, random_cells(x, count_for(s) // 2)),
    },
)
def voronoi(effect):
    """Convex cells of all sizes, as many as the dial says, each in its mean color."""
    are_cells(effect, count_for, even=False)


def grid_cells(x, rows, jitter):
    """Return which point of a shaken grid is nearest, [H, W]."""
    steps = (torch.arange(rows) + 0.5) / rows * 2 - 1
    points = torch.cartesian_prod(steps, steps)
    points = points + jitter / rows * (2 * torch.rand(points.shape) - 1)
    places = torch.stack([p[0] for p in positions(x[:1])], -1)
    return torch.cdist(places.flatten(0, 1), points).argmin(-1).reshape(x.shape[-2:])


def rows_for(strength):
    return round(8 * 4 ** (1 - strength))


@law(
    "Voronoi grid",
    wrong={
        "squares": lambda x, s: painted(x, grid_cells(x, rows_for(s), 0)),
        "random cells": lambda x, s: painted(x, random_cells(x, rows_for(s) ** 2)),
        "fewer rows": lambda x, s: painted(x, grid_cells(x, rows_for(s) - 2, 0.3)),
        "shaken too much": lambda x, s: painted(x, grid_cells(x, rows_for(s), 1.5)),
    },
)
def voronoi_grid(effect):
    """Convex cells of about one size, one for each place of a grid, none of them a square."""
    are_cells(effect, lambda strength: rows_for(strength) ** 2, even=True)
    _, index = regions(effect(noisy(64, 64)))
    middles = index[4::8, 4::8]
    assert len(middles.unique()) == 64 == len(index.unique())
    assert sizes(index).std() > 0.05


@law(
    "some Voronoi cells",
    wrong={
        "squares": some(squares),
        "single pixels": lambda x, s: torch.where(
            random_field(x) < 1.2 * s - 1, blurred(x, 2.0), x
        ),
        "all": lambda x, s: painted(x, random_cells(x, 60)),
        "fewer": some(lambda x: random_cells(x, 60), 0.35),
    },
)
def some_voronoi_cells(effect):
    """A share of the cells around random points is painted, and all else stays."""
    paints_some(effect, noisy())
    changed = []
    for seed in (0, 1):
        result = effect(noisy(), 1, seed)
        colors, index = regions(torch.where(result != noisy(), result, -1.0))
        cells = [index == region for region in range(1, len(colors))]
        areas = torch.stack([cell.sum() for cell in cells]).float()
        assert areas.std() > 0.3 * areas.mean()
        changed.append(index == 0)
        pieces = torch.where(index > 0, index - 1, index.max())
        assert in_one_piece(pieces) > 0.9
    assert (changed[0] != changed[1]).float().mean() > 0.2
