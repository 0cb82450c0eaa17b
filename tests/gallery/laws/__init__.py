"""What makes each of the course's own effects that effect: a wrong picture breaks its law.

- `law` puts a check into `LAWS`, with wrong effects that it must refuse
- `MUTANTS`: mistakes that are made from the right effect; every law refuses them, too
- pictures to look at: `PLACES`, `smooth`, `noisy`, `flat`
- measures: `moved`, `fit`, `weights`, `roughness`, `regions`, `close`

A check takes an effect as a function `effect(picture, strength=1, seed=0)` of pictures [..., 3, H,
W] from 0 to 1, and asserts. Random numbers come from the seeds that it names; bounds for statistics
lie six standard errors away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from d2laug.gallery.common import look_up, positions

Effect = Callable[..., Tensor]


@dataclass
class Law:
    """A check; wrong effects by the words for their mistake; mutants that are no mistake here."""

    check: Callable[[Effect], None]
    wrong: dict[str, Callable[[Tensor, float], Tensor]]
    spared: Sequence[str] = field(default_factory=tuple)


LAWS: dict[str, Law] = {}


def law(name, wrong, spared=()):
    """Make the function that follows the law of the effect `name`.

    `wrong` maps words to functions of a batch [N, 3, H, W] and the strength. `spared` names the
    mutants that this effect does not mind, such as exchanged channels where the result is gray.
    """

    def add(check):
        assert name not in LAWS
        LAWS[name] = Law(check, wrong, spared)
        return check

    return add


def seeded(function):
    """Make an effect of a function of a batch and the strength."""

    def effect(picture, strength=1.0, seed=0):
        torch.manual_seed(seed)
        batch = function(picture.reshape(-1, *picture.shape[-3:]), strength)
        return batch.clamp(0, 1).reshape(picture.shape)

    return effect


def sent(move):
    """Return a function of a batch and the strength that looks up `move(x, y, strength)`."""
    return lambda batch, s: look_up(batch, *move(*positions(batch), s))


def random_field(batch, channels=1):
    """Return white noise [N, channels, H, W], -1 to 1."""
    return 2 * torch.rand(len(batch), channels, *batch.shape[-2:]) - 1


MUTANTS = {
    "does nothing": lambda right: lambda x, s=1, seed=0: x,
    "black": lambda right: lambda x, s=1, seed=0: torch.zeros_like(x),
    "one color": lambda right: (
        lambda x, s=1, seed=0: x.mean((-2, -1), keepdim=True).expand_as(x).contiguous()
    ),
    "negative": lambda right: lambda x, s=1, seed=0: 1 - right(x, s, seed),
    "half the strength": lambda right: lambda x, s=1, seed=0: right(x, s / 2, seed),
    "always full strength": lambda right: lambda x, s=1, seed=0: right(x, 1, seed),
    "red and blue exchanged": lambda right: lambda x, s=1, seed=0: right(x, s, seed).flip(-3),
    "upside down": lambda right: lambda x, s=1, seed=0: right(x, s, seed).flip(-2),
    "left and right exchanged": lambda right: lambda x, s=1, seed=0: right(x, s, seed).flip(-1),
}

# ---- pictures


def across(height=48, width=60):
    """Return x and y, [H, W], from -1 to 1 across a picture of this size."""
    return tuple(p[0] for p in positions(torch.zeros(1, 3, height, width)))


def places(height=48, width=60):
    """Return a picture whose red says where a pixel is from left to right, its green from top to
    bottom; its blue falls as the mean of both grows.
    """
    x, y = (0.5 + p / 2 for p in across(height, width))
    return torch.stack([x, y, 1 - (x + y) / 2])


PLACES = places()


def smooth(height=48, width=60, low=0.0, high=1.0):
    """Return a picture of soft shapes that looks different from every side, low to high."""
    x, y = across(height, width)
    waves = [(3 * x + 2 * y).sin(), (1 + 4 * x * y - 2 * y).cos(), (2.5 * y - 1.5 * x + 0.5).sin()]
    return low + (high - low) * (0.5 + 0.45 * torch.stack(waves) + 0.04 * x - 0.01 * y)


def noisy(height=48, width=60, low=0.0, high=1.0, seed=5):
    """Return a picture in which every value is random, low to high."""
    noise = torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))
    return low + (high - low) * noise


def flat(*color, height=48, width=60):
    """Return a picture of one color, three numbers or one for a gray."""
    color = color * 3 if len(color) == 1 else color
    return torch.tensor(color).view(3, 1, 1).expand(3, height, width).contiguous()


# ---- measures


def close(one, other, within=1e-4):
    """Return whether two tensors are equal but for rounding errors."""
    return one.shape == other.shape and bool(((one - other).abs() <= within).all())


def moved(result, within):
    """Return how far to the right and down each pixel of `effect(PLACES)` looked, 2 for a side.

    It is NaN where x or y are not `within` -1 to 1 by far enough: there the edge was mirrored. The
    three channels have to agree.
    """
    x, y = across(*result.shape[-2:])
    right, down = 2 * result[0] - 1 - x, 2 * result[1] - 1 - y
    apart = (result[2] - (1 - (result[0] + result[1]) / 2)).abs()
    inside = (x.abs() < within) & (y.abs() < within)
    assert apart[inside].max() < 1e-3, "the channels move in different ways"
    return right.where(inside, torch.nan), down.where(inside, torch.nan)


def fit(values, *columns):
    """Return the factors with which the columns add up to the values, and the largest error."""
    known = values.isfinite()
    table = torch.stack([column[known].double() for column in columns], -1)
    factors = torch.linalg.lstsq(table, values[known].double()[:, None]).solution
    rest = table @ factors - values[known].double()[:, None]
    return factors[:, 0].tolist(), rest.abs().max().item()


def weights(picture, result, color, needed=0.1):
    """Return with what weight [H, W] each pixel went from its own color to `color`.

    All three channels have to agree, where they are `needed` or more away from it.
    """
    away = torch.as_tensor(color).view(-1, 1, 1) - picture
    far = away.abs() >= needed
    weight = torch.where(far, (result - picture) / away, torch.nan)
    mean = weight.nanmean(0)
    assert ((weight - mean).abs().where(far, 0) < 0.01).all(), "the channels do not agree"
    return mean


def roughness(field):
    """Return how much neighbors differ, in standard deviations: 1.1 for noise, less if smooth."""
    steps = [field.diff(dim=-1).abs().mean(), field.diff(dim=-2).abs().mean()]
    return max(steps).item() / field.std().item()


def correlation(one, other):
    """Return Pearson's correlation of two tensors of one shape."""
    one, other = one - one.mean(), other - other.mean()
    return ((one * other).mean() / (one.std() * other.std())).item()


def regions(result):
    """Return the colors [number, 3] of a picture and, for each pixel, which it has, [H, W]."""
    colors, index = result.flatten(-2).T.unique(dim=0, return_inverse=True)
    return colors, index.reshape(result.shape[-2:])


def region_means(picture, index):
    """Return the mean color [number, 3] of each region of a picture."""
    weights = F.one_hot(index.flatten()).to(picture)
    return (picture.flatten(-2) @ weights / weights.sum(0)).T
