"""Right and wrong answers to the exercises of lesson 09."""

from decimal import Decimal

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F


def padded_crop(batch, top, left, mode="reflect"):
    height, width = batch.shape[-2:]
    padded = torch.nn.functional.pad(batch, (4, 4, 4, 4), mode=mode)
    boxes = zip(padded, top.tolist(), left.tolist(), strict=True)
    return torch.stack([x[:, t : t + height, z : z + width] for x, t, z in boxes])


def padded_crop_at_once(batch, top, left):
    padded = torch.nn.functional.pad(batch, (4, 4, 4, 4), mode="reflect")
    boxes = padded.unfold(2, batch.shape[2], 1).unfold(3, batch.shape[3], 1)
    return boxes[torch.arange(len(batch)), :, top, left]


def padded_crop_by_index(batch, top, left):
    n, _, height, width = batch.shape
    rows = (top[:, None] + torch.arange(height) - 4).abs()
    columns = (left[:, None] + torch.arange(width) - 4).abs()
    rows = height - 1 - (height - 1 - rows).abs()
    columns = width - 1 - (width - 1 - columns).abs()
    pictures = torch.arange(n)[:, None, None]
    return batch.permute(0, 2, 3, 1)[pictures, rows[:, :, None], columns[:, None, :]].permute(
        0, 3, 1, 2
    )


def padded_crop_by_numpy(batch, top, left):
    padded = np.pad(batch.numpy(), ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect")
    height, width = batch.shape[-2:]
    crops = [
        padded[i, :, top[i] : top[i] + height, left[i] : left[i] + width] for i in range(len(batch))
    ]
    return torch.from_numpy(np.stack(crops))


def padded_crop_by_torchvision(batch, top, left):
    padded = F.pad(batch, [4], padding_mode="reflect")
    crops = [
        F.crop(padded[i], int(top[i]), int(left[i]), *batch.shape[-2:]) for i in range(len(batch))
    ]
    return torch.stack(crops)


def in_place_padded_crop(batch, top, left):
    return batch.copy_(padded_crop(batch, top, left))


def gap_by_name(history):
    last = history[len(history) - 1]
    return last.get("train") - last.get("validation")


def gap_in_a_loop(history):
    for epoch in history:
        gap = epoch["train"] - epoch["validation"]
    return gap


def shared_gradient(gradients, sizes):
    return sum(n * g for n, g in zip(sizes, gradients, strict=True)) / sum(sizes)


def shared_gradient_in_a_loop(gradients, sizes):
    total = torch.zeros_like(gradients[0])
    for gradient, size in zip(gradients, sizes, strict=True):
        total += gradient * size
    return total / sum(sizes)


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
        padded_crop,
        padded_crop_at_once,
        padded_crop_by_index,
        padded_crop_by_numpy,
        padded_crop_by_torchvision,
    ],
    "gap": [
        gap_by_name,
        gap_in_a_loop,
        lambda history: history[-1]["train"] - history[-1]["validation"],
        lambda history: [epoch["train"] - epoch["validation"] for epoch in history][-1],
        lambda history: np.float32(history[-1]["train"]) - np.float32(history[-1]["validation"]),
        lambda history: torch.tensor(history[-1]["train"]) - history[-1]["validation"],
        lambda history: round(history[-1]["train"] - history[-1]["validation"], 4),
        lambda history: float(
            Decimal(str(history[-1]["train"])) - Decimal(str(history[-1]["validation"]))
        ),
    ],
    "shared_gradient": [
        shared_gradient,
        shared_gradient_in_a_loop,
        lambda g, n: torch.stack(g).T @ torch.tensor(n).float() / sum(n),
        lambda g, n: torch.from_numpy(np.average(np.stack(g), axis=0, weights=n)).float(),
        lambda g, n: torch.stack([x * (k / sum(n)) for x, k in zip(g, n, strict=True)]).sum(0),
        lambda g, n: torch.repeat_interleave(torch.stack(g), torch.tensor(n), 0).mean(0),
        lambda g, n: torch.einsum("n,nd->d", torch.tensor(n) / sum(n), torch.stack(g)),
    ],
    "gap_grows_or_shrinks": sets(GAPS),
}
WRONG = {
    "padded_crop": [
        ("unchanged", lambda x, t, z: x),
        ("swapped", lambda x, t, z: padded_crop(x, z, t)),
        ("it is black", lambda x, t, z: padded_crop(x, t, z, "constant")),
        ("last pixel", lambda x, t, z: padded_crop(x, t, z, "replicate")),
        (
            "place of the first",
            lambda x, t, z: padded_crop(x, t[:1].expand(len(x)), z[:1].expand(len(x))),
        ),
        (
            "place of the last",
            lambda x, t, z: padded_crop(x, t[-1:].expand(len(x)), z[-1:].expand(len(x))),
        ),
        (
            "not yet cut",
            lambda x, t, z: torch.nn.functional.pad(x, (4, 4, 4, 4), mode="reflect"),
        ),
        ("keep four axes", lambda x, t, z: padded_crop(x, t, z).squeeze(0)),
        ("dtype is torch.float64", lambda x, t, z: padded_crop(x, t, z).double()),
        ("differ", lambda x, t, z: padded_crop(x, t, z) * 255),
        ("in place", in_place_padded_crop),
    ],
    "gap": [
        ("sign", lambda h: h[-1]["validation"] - h[-1]["train"]),
        ("first epoch", lambda h: h[0]["train"] - h[0]["validation"]),
        ("best epoch", lambda h: h[1]["train"] - h[1]["validation"]),
        ("mean of the", lambda h: sum(e["train"] - e["validation"] for e in h) / len(h)),
        ("sum of the", lambda h: sum(e["train"] - e["validation"] for e in h)),
        ("best validation", lambda h: h[-1]["train"] - max(e["validation"] for e in h)),
        ("divides", lambda h: h[-1]["train"] / h[-1]["validation"]),
        ("in percent", lambda h: 100 * (h[-1]["train"] - h[-1]["validation"])),
        ("for three epochs, the function returns 0.6; expected 0.33", lambda h: h[-1]["loss"]),
        ("after the third epoch", lambda h: h[2]["train"] - h[2]["validation"]),
        ("stops with TypeError", lambda h: h["train"]),
        ("returns nan", lambda h: float("nan")),
        ("returns a str", lambda h: f"{h[-1]['train'] - h[-1]['validation']:.2f}"),
        ("in place", lambda h: gap_by_name([h.pop()])),
    ],
    "shared_gradient": [
        ("plain mean", lambda g, n: sum(g) / len(g)),
        ("sum of the parts", lambda g, n: sum(g)),
        ("number of all pictures", lambda g, n: shared_gradient(g, n) * sum(n)),
        ("swapped", lambda g, n: shared_gradient(g, n[::-1])),
        (
            "divided by the number of parts",
            lambda g, n: shared_gradient(g, n) * sum(n) / len(n),
        ),
        ("first part alone", lambda g, n: g[0]),
        ("last part alone", lambda g, n: g[-1]),
        ("only the first two parts", lambda g, n: shared_gradient(g[:2], n[:2])),
        ("dtype", lambda g, n: shared_gradient(g, n).double()),
        ("returns a list", lambda g, n: shared_gradient(g, n).tolist()),
        ("differ", lambda g, n: shared_gradient(g, n) * float("nan")),
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
