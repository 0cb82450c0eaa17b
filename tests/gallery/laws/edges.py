"""Laws of edges."""

import math

import torch
from torch.nn import functional as F

from d2laug.gallery.common import draw, gray
from laws import close, flat, law, noisy, smooth


def slope(rows, columns):
    """Return a gray picture that grows by so much a row and a column."""
    down, right = torch.arange(24.0)[:, None], torch.arange(30.0)
    values = 0.5 + rows * (down - 12) + columns * (right - 15)
    return values.expand(3, 24, 30).contiguous()


def gradient(x):
    """Return how fast the lightness grows to the right and down."""
    down, right = torch.gradient(gray(F.pad(x, [1] * 4, mode="replicate")), dim=(2, 3))
    return right[..., 1:-1, 1:-1], down[..., 1:-1, 1:-1]


def lines(x, s, strength_of):
    """Go to a gray picture of lines."""
    return x + s * (strength_of(*gradient(x)).clamp(0, 1) - x)


@law(
    "directed edges",
    wrong={
        "all directions": lambda x, s: lines(
            x, s, lambda right, down: 4 * torch.hypot(right, down)
        ),
        "both signs": lambda x, s: lines(
            x, s, lambda right, down: 4 * (right * draw(x, 0, 6.28).cos()).abs()
        ),
        "always to the right": lambda x, s: lines(x, s, lambda right, down: 4 * right),
        "half as bright": lambda x, s: lines(
            x, s, lambda r, d: 2 * (lambda a: a.cos() * r + a.sin() * d)(draw(x, 0, 6.28))
        ),
        "in color": lambda x, s: (
            x + s * (4 * (x - F.pad(x, [1, 0, 0, 0], mode="replicate")[..., :-1]).clamp(0, 1) - x)
        ),
    },
)
def directed_edges(effect):
    """Slopes shine in gray, as bright as they are steep, by how well they fit one direction."""
    directions = []
    for seed in range(6):
        to_right, to_left, down, up = (
            effect(slope(*steps), 1, seed)[:, 2:-2, 2:-2]
            for steps in ((0, 0.02), (0, -0.02), (0.02, 0), (-0.02, 0))
        )
        for result in (to_right, to_left, down, up):
            assert close(result, result[:1, :1, :1].expand_as(result))
        cosine = (to_right - to_left).mean().item() / 0.08
        sine = (down - up).mean().item() / 0.08
        assert abs(math.hypot(cosine, sine) - 1) < 0.01
        assert min(to_right.max(), to_left.max()) < 1e-4
        directions.append(math.atan2(sine, cosine))
    assert max(directions) - min(directions) > 1
    assert close(effect(flat(0.2, 0.9, 0.5)), flat(0.0), 1e-6)
    gray_edges = effect(noisy())
    assert close(gray_edges, gray_edges[:1].expand(3, -1, -1))
    assert close(effect(noisy(), 0.4), noisy() + 0.4 * (gray_edges - noisy()))
    # the edge is where it was
    step = torch.cat([flat(0.2, width=20), flat(0.8, width=40)], -1)
    for picture, along in ((step, 0), (step.mT, 1)):
        both = [
            effect(p.contiguous(), 1, seed)[0] for p in (picture, 1 - picture) for seed in (0, 1)
        ]
        lit = torch.stack(both).amax(0).amax(along) > 0.05
        assert lit.nonzero().flatten().tolist() == [19, 20]


def square():
    """Return a bright square on a dark ground, not in the middle."""
    picture = flat(0.2, 0.25, 0.3)
    picture[:, 10:30, 25:50] += 0.5
    return picture


@law(
    "Canny edges",
    wrong={
        "soft": lambda x, s: lines(x, s, lambda right, down: 2 * torch.hypot(right, down)),
        "two pixels wide": lambda x, s: lines(
            x, s, lambda right, down: 99 * (torch.hypot(right, down) - 0.1)
        ),
        "filled": lambda x, s: x + s * ((gray(x) > 0.5).float() - x),
    },
)
def canny_edges(effect):
    """One closed white line along the outline, and black everywhere else."""
    result = effect(square() + 0.02 * smooth())
    assert ((result == 0) | (result == 1)).all()
    assert (result == result[0]).all()
    lit = result[0] == 1
    rows, columns = lit.nonzero().unbind(1)
    inset = torch.stack([rows - 9.5, 29.5 - rows, columns - 24.5, 49.5 - columns]).amin(0)
    assert 80 <= lit.sum() <= 95  # the outline has 4 * 22.5 pixels
    assert inset.abs().max() <= 1.5
    assert close(effect(square(), 0.4), square() + 0.4 * (effect(square()) - square()), 1e-5)


@law(
    "contour",
    wrong={
        "bright lines": lambda x, s: (
            x
            + s * (1 - 9 * (x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)).clamp(min=0) - x)
        ),
        "both sides": lambda x, s: (
            x + s * (1 - 9 * (x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)).abs() - x)
        ),
        "on black": lambda x, s: (
            x + s * (9 * (F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x).clamp(0, 1) - x)
        ),
        "fainter": lambda x, s: (
            x
            + s * (1 - 4 * (F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x).clamp(min=0) - x)
        ),
    },
)
def contour(effect):
    """White paper; a dark dot is drawn as dark as eight times its depth, a bright one as a ring."""
    for color in (0.1, 0.5, 0.9):
        assert close(effect(flat(color)), flat(1.0), 1e-5)
    dots = flat(0.5)
    dots[:, 10, 10] -= torch.tensor([0.1, 0.05, 0.025])
    dots[:, 30, 40] += 0.1
    result, expected = effect(dots), flat(1.0)
    expected[:, 10, 10] -= torch.tensor([0.8, 0.4, 0.2])
    expected[:, 29:32, 39:42] = 0.9
    expected[:, 30, 40] = 1
    assert close(result, expected, 1e-4)
    assert close(effect(dots, 0.4), dots + 0.4 * (expected - dots), 1e-4)
