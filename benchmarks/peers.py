"""The same augmentations by D2L's way, torchvision, kornia, Albumentations, and ours.

Each peer is a function of (pictures uint8 `[N, H, W, 3]`, op, side of the result, `out`) that
returns a function which augments all the pictures once and gives back a normalized float32 batch
`[N, 3, side, side]`: a fresh one, or, where `out` is a batch, that one, written to. Each does it in
the order and the memory layout that it is fastest with.
"""

import os
from functools import partial

# No question to the network whether there is a newer version.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations
import kornia.augmentation
import numpy as np
import torch
from albumentations.pytorch import ToTensorV2
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import v2

from d2laug import augment

OPS = ("flip", "crop", "brightness", "hue", "all")
JITTER = {"brightness": {"brightness": 0.5}, "hue": {"hue": 0.5}}
JITTER["all"] = {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def steps(op, size, crop, flip, jitter):
    """The transforms of `op`, in the usual order: crop, flip, change of colors."""
    chosen = []
    if op in ("crop", "all"):
        chosen.append(crop(size))
    if op in ("flip", "all"):
        chosen.append(flip())
    if op in JITTER:
        chosen.append(jitter(**JITTER[op]))
    return chosen


def side_of(op, source, result):
    """The side of what `op` makes of pictures of side `source`."""
    return result if op in ("crop", "all") else source


def tensors(arrays):
    return torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous()


def normalized(batch, out=None):
    """Turn uint8 into normalized floats as torchvision does; a whole batch costs less than each."""
    floats = v2.functional.to_dtype(batch, torch.float32, scale=True) if out is None else out
    if out is not None:
        out.copy_(batch).div_(255)
    return v2.functional.normalize(floats, MEAN, STD, inplace=True)


class Pictures(Dataset):
    def __init__(self, arrays, transform, repeats=1):
        self.arrays, self.transform, self.repeats = arrays, transform, repeats

    def __len__(self):
        return len(self.arrays) * self.repeats

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.arrays[i % len(self.arrays)]))


def d2l_transform(op, size):
    """The way of the book "Dive into Deep Learning": PIL pictures through a DataLoader."""
    crop, flip = transforms.RandomResizedCrop, transforms.RandomHorizontalFlip
    chosen = steps(op, size, crop, flip, transforms.ColorJitter)
    ends = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    return transforms.Compose([*chosen, *ends])


def d2l(arrays, op, size, out=None):
    def collate(pictures):
        return torch.stack(pictures, out=out)

    pictures = Pictures(arrays, d2l_transform(op, size))
    loader = DataLoader(pictures, len(arrays), collate_fn=collate)
    return lambda: next(iter(loader))


def d2l_two_workers(arrays, op, size, out=None):
    """The same with two workers. They work ahead, so a turn is an epoch of four times as many."""
    repeats, parts = 4, 8
    pictures = Pictures(arrays, d2l_transform(op, size), repeats)
    batch_size = max(1, len(arrays) // parts)
    loader = DataLoader(pictures, batch_size, num_workers=2, persistent_workers=True)

    def epoch():
        for k, batch in enumerate(loader):
            if out is not None:
                start = k * batch_size % len(out)
                out[start : start + len(batch)] = batch[: len(out) - start]
        return batch if out is None else out

    epoch.batches = repeats
    return epoch


def torchvision_each(arrays, op, size, out=None, device="cpu"):
    transform = v2.Compose(
        steps(op, size, v2.RandomResizedCrop, v2.RandomHorizontalFlip, v2.ColorJitter)
    )
    batch = tensors(arrays)
    return lambda: normalized(torch.stack([transform(x) for x in batch.to(device)]), out)


def kornia_batch(arrays, op, size, out=None, device="cpu", mode="slice"):
    def crop(size):
        return kornia.augmentation.RandomResizedCrop((size, size), cropping_mode=mode)

    jitter = partial(kornia.augmentation.ColorJitter, p=1.0)
    flip = kornia.augmentation.RandomHorizontalFlip
    transform = nn.Sequential(*steps(op, size, crop, flip, jitter))
    normalize = kornia.augmentation.Normalize(torch.tensor(MEAN), torch.tensor(STD))
    batch = tensors(arrays)
    floats = torch.empty(batch.shape, device=device)

    def run():
        changed = normalize(transform(floats.copy_(batch).mul_(1 / 255)))
        return changed if out is None else out.copy_(changed)

    return run


def albumentations_each(arrays, op, size, out=None):
    """Its Normalize, picture by picture, takes longer than to normalize the batch."""

    def crop(size):
        return albumentations.RandomResizedCrop((size, size), scale=(0.08, 1))

    def jitter(brightness=0, contrast=0, saturation=0, hue=0):
        return albumentations.ColorJitter(brightness, contrast, saturation, hue, p=1)

    chosen = steps(op, size, crop, albumentations.HorizontalFlip, jitter)
    transform = albumentations.Compose([*chosen, ToTensorV2()])
    return lambda: normalized(torch.stack([transform(image=x)["image"] for x in arrays]), out)


def ours(arrays, op, size, out=None, device="cpu"):
    flip, jitter = augment.RandomHorizontalFlip, augment.ColorJitter
    transform = nn.Sequential(*steps(op, size, augment.RandomResizedCrop, flip, jitter))
    batch = tensors(arrays)
    return lambda: augment.normalize(transform(batch.to(device)), MEAN, STD, out)


def floor(arrays, op, size, out=None, device="cpu"):
    """Read the uint8 batch once and write the float32 batch once."""
    batch = tensors(np.ascontiguousarray(arrays[:, :size, :size]))
    return lambda: batch.to(device).float() if out is None else out.copy_(batch)


D2L, OURS, FLOOR = "D2L's way: PIL, DataLoader", "d2laug.augment", "floor: read and write"
PEERS = {
    D2L: d2l,
    "the same, 2 workers": d2l_two_workers,
    "torchvision, each tensor": torchvision_each,
    "kornia, slice": partial(kornia_batch, mode="slice"),
    "kornia, resample": partial(kornia_batch, mode="resample"),
    "Albumentations, each": albumentations_each,
    OURS: ours,
    FLOOR: floor,
}
