"""An example of every transform of `d2laug.augment`, and pictures to change."""

import torch
from torch import nn

from d2laug import augment

SIDES = 40, 52
# In some of these the chance is 1, in others each picture has a coin.
EXAMPLES = {
    "ColorJitter": {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5},
    "GaussianBlur": {"kernel_size": (5, 3)},
    "GaussianNoise": {},
    "RandAugment": {},
    "RandomAdjustSharpness": {"sharpness_factor": 2},
    "RandomAffine": {
        "degrees": 30, "translate": (0.2, 0.1), "scale": (0.7, 1.3), "shear": 10,
        "interpolation": "bilinear",
    },
    "RandomAutocontrast": {},
    "RandomColorTemperature": {},
    "RandomCrop": {"size": (30, 36), "padding": 4},
    "RandomEqualize": {},
    "RandomErasing": {"p": 0.8},
    "RandomGrayscale": {"p": 0.5},
    "RandomHorizontalFlip": {},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomPosterize": {"bits": 3},
    "RandomReflection": {"p": 0.8},
    "RandomResizedCrop": {"size": (33, 30)},
    "RandomRotation": {"degrees": 60},
    "RandomSolarize": {"threshold": 0.5},
    "RandomVerticalFlip": {},
    "TrivialAugmentWide": {},
}  # fmt: skip
CONTAINERS = ("RandomApply", "RandomChoice", "RandomOrder")
POLICIES = ("RandAugment", "TrivialAugmentWide")


def example(name, **arguments):
    """Make the example of a transform, or of a container with some in it."""
    if name in CONTAINERS:
        inside = [augment.RandomHorizontalFlip(p=1), augment.ColorJitter(brightness=(0.5, 0.9))]
        return getattr(augment, name)(inside, **arguments)
    chosen = dict(EXAMPLES[name])
    return getattr(augment, name)(**chosen | arguments)


def pictures(n=24, height=SIDES[0], width=SIDES[1], dtype=torch.uint8, channels=3, seed=0):
    """Smooth and noisy pictures of levels, among them a gray one, a black one and a white one."""
    generator = torch.Generator().manual_seed(seed)
    batch = torch.rand(n, channels, height, width, generator=generator)
    smooth = nn.functional.interpolate(batch[::2, :, :5, :5], (height, width), mode="bilinear")
    batch[::2] = smooth
    batch[2:3] = batch[2:3, :1]
    batch[3:4], batch[5:6] = 0, 1
    levels = (batch * 255).round()
    if dtype.is_floating_point:
        return (levels / 255).to(dtype)
    return (levels * (257 if dtype == torch.uint16 else 1)).to(dtype)
