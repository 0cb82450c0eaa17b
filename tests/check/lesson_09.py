"""Right and wrong answers to the exercises of lesson 09."""

import math
import random
from fractions import Fraction

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F


def padded_crop(batch, top, left, mode="reflect"):
    *_, height, width = batch.shape
    padded = torch.nn.functional.pad(batch, [4] * 4, mode=mode)
    boxes = zip(padded, top.tolist(), left.tolist(), strict=True)
    return torch.stack([x[:, t : t + height, z : z + width] for x, t, z in boxes])


def padded_crop_at_once(batch, top, left):
    n, _, height, width = batch.shape
    padded = torch.nn.functional.pad(batch, [4] * 4, mode="reflect")
    rows, columns = top[:, None] + torch.arange(height), left[:, None] + torch.arange(width)
    pictures = torch.arange(n)[:, None, None]
    return padded[pictures, :, rows[:, :, None], columns[:, None]].movedim(-1, 1)


def padded_crop_by_index(batch, top, left):
    *_, height, width = batch.shape
    rows, columns = (np.pad(range(size), 4, mode="reflect") for size in (height, width))
    crops = []
    for i in range(len(batch)):
        some = batch[i][:, rows[top[i] : top[i] + height]]
        crops.append(some[..., columns[left[i] : left[i] + width]])
    return torch.stack(crops)


def padded_crop_by_numpy(batch, top, left):
    *_, height, width = batch.shape
    padded = np.pad(batch.numpy(), ((0,), (0,), (4,), (4,)), mode="reflect")
    crops = [
        padded[i, :, top[i] : top[i] + height, left[i] : left[i] + width] for i in range(len(batch))
    ]
    return torch.from_numpy(np.stack(crops))


def padded_crop_by_torchvision(batch, top, left):
    *_, height, width = batch.shape
    padded = F.pad(batch, [4], padding_mode="reflect")
    return torch.stack(
        [F.crop(padded[i], int(top[i]), int(left[i]), height, width) for i in range(len(batch))]
    )


def in_place_padded_crop(batch, top, left):
    return batch.copy_(padded_crop(batch, top, left))


def different(epochs, n):
    return n * (1 - (1 - 1 / n) ** epochs)


def different_pictures(padding, epochs):
    n = 2 * (2 * padding + 1) ** 2
    return n * (1 - (1 - 1 / n) ** epochs)


def different_pictures_one_by_one(padding, epochs):
    n = 2 * len(range(-padding, padding + 1)) ** 2
    seen = 0
    for _ in range(epochs):
        seen += 1 - seen / n  # the next one is new, if it is none of these
    return seen


def different_pictures_by_states(padding, epochs):
    n = 2 * (2 * padding + 1) ** 2
    chance = np.eye(epochs + 1)[0]  # of each number of pictures
    known = np.arange(epochs + 1) / n
    for _ in range(epochs):
        chance = chance * known + np.append(0, (chance * (1 - known))[:-1])
    return chance @ np.arange(epochs + 1)


def different_pictures_by_logarithms(padding, epochs):
    n = 2 * (2 * padding + 1) ** 2
    return -n * math.expm1(epochs * math.log1p(-1 / n))


def different_pictures_exactly(padding, epochs):
    n = Fraction(2 * (2 * padding + 1) ** 2)
    return n - n * ((n - 1) / n) ** epochs


def different_pictures_drawn(padding, epochs):
    n = 2 * (2 * padding + 1) ** 2
    return np.mean([len({*random.choices(range(n), k=epochs)}) for _ in range(300)])


def shared_gradient(gradients, sizes):
    return torch.stack(gradients).T @ torch.tensor(sizes).float() / sum(sizes)


def in_place_shared_gradient(gradients, sizes):
    for gradient, size in zip(gradients, sizes, strict=True):
        gradient *= size / sum(sizes)
    return sum(gradients)


MORE, FLIPS, CROPS, LONGER = (
    "five times as many photographs",
    "flips alone, not flips and crops",
    "random flips and crops",
    "18 epochs, not 7, with flips and crops",
)
GAPS = {MORE: {"smaller"}, FLIPS: {"larger"}, CROPS: {"smaller"}, LONGER: {"larger"}}

RIGHT = {
    "padded_crop": [
        lambda batch, top, left: padded_crop(batch, top, left),
        padded_crop_at_once,
        padded_crop_by_index,
        padded_crop_by_numpy,
        padded_crop_by_torchvision,
    ],
    "different_pictures": [
        different_pictures,
        different_pictures_one_by_one,
        different_pictures_by_states,
        different_pictures_exactly,
        different_pictures_by_logarithms,
        lambda p, epochs: ((1 - 0.5 / (2 * p + 1) ** 2) ** np.arange(epochs)).sum(),
        lambda padding, epochs: torch.tensor(different_pictures(padding, epochs)),
    ],
    "shared_gradient": [
        shared_gradient,
        lambda g, n: torch.tensor(n).div(sum(n)) @ torch.stack(g),
        lambda g, n: torch.from_numpy(np.average(np.stack(g), axis=0, weights=n)).float(),
        lambda g, n: (torch.stack(g) * torch.tensor(n)[:, None] / sum(n)).sum(0),
        lambda g, n: torch.repeat_interleave(torch.stack(g), torch.tensor(n), 0).mean(0),
        lambda g, n: torch.einsum("n,nd->d", torch.tensor(n) / sum(n), torch.stack(g)),
    ],
    "gap_grows_or_shrinks": sets(GAPS),
}
WRONG = {
    "padded_crop": [
        ("the shape is", lambda x, t, z: padded_crop(x[:3], t[:3], z[:3])),
        ("unchanged", lambda x, t, z: x),
        ("swapped", lambda x, t, z: padded_crop(x, z, t)),
        ("it is black", lambda x, t, z: padded_crop(x, t, z, "constant")),
        ("last pixel", lambda x, t, z: padded_crop(x, t, z, "replicate")),
        (
            "cut at one place",
            lambda x, t, z: padded_crop(x, t[:1].expand(len(x)), z[:1].expand(len(x))),
        ),
        (
            "cut at one place",
            lambda x, t, z: padded_crop(x, t[-1:].expand(len(x)), z[-1:].expand(len(x))),
        ),
        (
            "the shape is [3, 3, 16, 18]",
            lambda x, t, z: torch.nn.functional.pad(x, (4, 4, 4, 4), mode="reflect"),
        ),
        (
            "but for one, the shape is [3, 8, 10]",
            lambda x, t, z: padded_crop(x, t, z).squeeze(0),
        ),
        ("dtype is torch.float64", lambda x, t, z: padded_crop(x, t, z).double()),
        ("differ", lambda x, t, z: padded_crop(x, t, z) * 255),
        ("in place", in_place_padded_crop),
    ],
    "different_pictures": [
        ("makes two pictures of it", lambda p, e: different(e, (2 * p + 1) ** 2)),
        ("in rows and in columns", lambda p, e: different(e, 2 * (2 * p + 1))),
        ("2 * padding + 1 places", lambda p, e: different(e, 8 * p**2) if p else 1),
        ("on both sides", lambda p, e: different(e, 2 * (p + 1) ** 2)),
        ("that many are possible", lambda p, e: 2 * (2 * p + 1) ** 2),
        ("comes twice", lambda p, e: e),
        ("comes twice", lambda p, e: min(e, 2 * (2 * p + 1) ** 2)),
        ("the share of all", lambda p, e: different_pictures(p, e) / 2 / (2 * p + 1) ** 2),
        (
            "those never seen",
            lambda p, e: 2 * (2 * p + 1) ** 2 * (1 - 1 / (2 * (2 * p + 1) ** 2)) ** e,
        ),
        ("right for padding 4", lambda p, e: different_pictures(4, e)),
        ("that is rounded", lambda p, e: round(different_pictures(p, e))),
        ("that is rounded", lambda p, e: round(different_pictures(p, e), 2)),
        ("returns 14; expected 14.369", lambda p, e: int(different_pictures(p, e))),
        ("Nothing is drawn here", different_pictures_drawn),
        ("returns a list", lambda p, e: [different_pictures(p, e)]),
    ],
    "shared_gradient": [
        ("plain mean", lambda g, n: sum(g) / len(g)),
        ("sum of the parts", lambda g, n: sum(g)),
        ("number of all pictures", lambda g, n: shared_gradient(g, n) * sum(n)),
        ("values differ", lambda g, n: shared_gradient(g, n[::-1])),
        ("one part alone", lambda g, n: g[0]),
        ("one part alone", lambda g, n: g[-1]),
        ("right for two parts, but for four", lambda g, n: shared_gradient(g[:2], n[:2])),
        ("dtype", lambda g, n: shared_gradient(g, n).double()),
        ("returns a list", lambda g, n: shared_gradient(g, n).tolist()),
        ("NaN", lambda g, n: shared_gradient(g, n) * float("nan")),
        ("in place", in_place_shared_gradient),
    ],
    "gap_grows_or_shrinks": [
        ("no answer for 'five times", {}),
        ("50,000 at most 0.07", without(GAPS, MORE, {"larger"})),
        ("Flips alone leave", without(GAPS, FLIPS, {"smaller"})),
        ("Without any augmentation", without(GAPS, CROPS, {"larger"})),
        ("0.04 after 7 epochs", without(GAPS, LONGER, {"smaller"})),
        ("the options are", without(GAPS, LONGER, {"bigger"})),
    ],
}
EQUIVALENT = {
    "shared_gradient": {
        "zip(sizes, gradients, strict=True)": "a product either way around",
        "[*zip(gradients, sizes, strict=True)][::-1]": "a sum has no order",
    },
}
