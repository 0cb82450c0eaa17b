"""Each transform of d2laug.augment beside torchvision's and Albumentations', uint8 to uint8.

Everyone gets a batch and gives back a fresh one: torchvision and Albumentations picture by picture,
which is how they draw for each. Where there is a `p`, it is 1 on all sides. Warps are
bilinear where nothing else is said, as Albumentations does them.
"""

import inspect

import albumentations
import cv2
import numpy as np
import torch
from peers import OURS, tensors
from timing import make_pictures, measure, ratio, row, threads
from torchvision.transforms import v2

from d2laug import augment
from d2laug.augment.base import BatchTransform

SIZES = {32: 512, 96: 128, 224: 64}  # side of the pictures: how many
TORCHVISION, ALBUMENTATIONS, FLOOR = "torchvision, each", "Albumentations, each", "floor"
WANTED = 2  # times each of them

# What a transform is made with, here and in torchvision, where that is not its defaults.
WARP = {"degrees": 30, "translate": (0.1, 0.1), "scale": (0.8, 1.2), "shear": 10}
ARGUMENTS = {
    "ColorJitter": {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5},
    "GaussianBlur": {"kernel_size": 5},
    "RandomAdjustSharpness": {"sharpness_factor": 2},
    "RandomAffine": WARP | {"interpolation": v2.InterpolationMode.BILINEAR},
    "RandomCrop": {"padding": 4},
    "RandomPosterize": {"bits": 4},
    "RandomRotation": {"degrees": 30, "interpolation": v2.InterpolationMode.BILINEAR},
    "RandomSolarize": {"threshold": 128},
}
SIZED = ("RandomCrop", "RandomResizedCrop")
CONTAINERS = ("RandomApply", "RandomChoice", "RandomOrder")
# Those with a row by nearest too, which is torchvision's default for warps
NEAREST = ("RandomAffine", "RandomPerspective", "RandomResizedCrop", "RandomRotation")

# What Albumentations has for the transforms that move pixels, of pictures of a side.
MOVING = {
    "RandomHorizontalFlip": lambda side, mode: albumentations.HorizontalFlip(p=1),
    "RandomVerticalFlip": lambda side, mode: albumentations.VerticalFlip(p=1),
    "RandomResizedCrop": lambda side, mode: albumentations.RandomResizedCrop(
        (side, side), interpolation=mode
    ),
    "RandomCrop": lambda side, mode: albumentations.Sequential(
        [albumentations.Pad(4, p=1), albumentations.RandomCrop(side, side, p=1)], p=1
    ),
    "RandomRotation": lambda side, mode: albumentations.Rotate(30, mode, p=1),
    "RandomAffine": lambda side, mode: albumentations.Affine(
        scale=(0.8, 1.2),
        translate_percent=(-0.1, 0.1),
        rotate=(-30, 30),
        shear=(-10, 10),
        interpolation=mode,
        p=1,
    ),
    "RandomPerspective": lambda side, mode: albumentations.Perspective(interpolation=mode, p=1),
}
# Why a transform is less than twice as fast as a peer: "name" or "name, side" to one sentence.
TAKEN_OUT = (
    "groups of pictures are taken out of the batch and put back, each way a copy, where "
    "torchvision hands pictures on"
)
BY_OPENCV = (
    "OpenCV, under Albumentations, moves the three values of a pixel together, and resizes by "
    "vector instructions in whole numbers, without averaging where a box shrinks"
)
REASONS = {
    "GaussianNoise": "almost all of its time, and most of torchvision's, goes to PyTorch's normal "
    "numbers, one for each value",
    "RandomChoice": TAKEN_OUT,
    "RandomOrder": TAKEN_OUT,
    "RandomPerspective, nearest": BY_OPENCV,
    "RandomResizedCrop": BY_OPENCV,
    "RandomResizedCrop, nearest": BY_OPENCV,
}


def names():
    """Return the rows: the transforms of d2laug.augment, some of them by nearest too."""
    kinds = {name: getattr(augment, name) for name in augment.__all__}
    every = [
        name for name, k in kinds.items() if inspect.isclass(k) and issubclass(k, BatchTransform)
    ]
    return [*every, *(f"{name}, nearest" for name in every if name in NEAREST)]


def make(module, name, side):
    """Make the transform of a row, from d2laug.augment or from torchvision's v2."""
    name, _, nearest = name.partition(", ")
    kind = getattr(module, name)
    chosen = dict(ARGUMENTS.get(name, {}))
    if name in SIZED:
        chosen["size"] = side
    if name in CONTAINERS:
        chosen["transforms"] = [module.RandomHorizontalFlip(1.0), module.ColorJitter(0.5)]
    if nearest:
        chosen["interpolation"] = v2.InterpolationMode.NEAREST
    p = inspect.signature(kind).parameters.get("p")
    if p is not None and isinstance(p.default, float):
        chosen["p"] = 1.0
    return kind(**chosen)


def turns_of(name, side):
    """Return what takes turns in a row: functions that augment all the pictures once."""
    arrays = make_pictures(SIZES[side], side)
    batch, changed = tensors(arrays), make(augment, name, side)
    turns = {OURS: lambda: changed(batch), FLOOR: batch.clone}
    plain, _, nearest = name.partition(", ")
    if hasattr(v2, plain):
        theirs = make(v2, name, side)
        turns[TORCHVISION] = lambda: torch.stack([theirs(x) for x in batch])
    if plain in MOVING:
        mode = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
        moved = albumentations.Compose([MOVING[plain](side, mode)])
        turns[ALBUMENTATIONS] = lambda: np.stack([moved(image=x)["image"] for x in arrays])
    return turns


def rates_of(name, rounds, sides):
    """Return `{side: {who: row}}` of a transform, on one thread."""
    with threads(1):
        return {
            str(side): {
                who: row(rates)
                for who, rates in measure(turns_of(name, side), SIZES[side], rounds).items()
            }
            for side in sides
        }


def show(name, rates):
    for side, who in rates.items():
        times = {other: ratio(who[OURS], who[other])["median"] for other in who if other != OURS}
        words = "".join(f"{times[other]:8.2f} x {other}" for other in times)
        print(f"{name:30}{side:>5}{who[OURS]['median']:12,}/s{words}")


def goals(every):
    """Yield what was wanted and reached; what is below says why."""
    for name, rates in every.items():
        for side, who in rates.items():
            for peer in (TORCHVISION, ALBUMENTATIONS):
                if peer not in who:
                    continue
                goal = {
                    "goal": f"{name}, {side} px, 1 thread: times {peer}",
                    "wanted": WANTED,
                    "reached": ratio(who[OURS], who[peer]),
                }
                if goal["reached"]["median"] < WANTED:
                    goal["reason"] = REASONS.get(f"{name}, {side}", REASONS.get(name, "unknown"))
                yield goal
