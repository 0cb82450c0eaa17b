"""Random augmentations of whole batches in which every picture draws its own numbers.

The classes carry the names, the arguments and the defaults of `torchvision.transforms.v2`. Each
takes a batch `[N, 3, H, W]` or one picture `[3, H, W]`, `uint8` (0 to 255) or floating point (0 to
1), on any device, and gives back the same kind; the input is never changed. A transform is two
steps that can be called apart, and says what it drew:

- `make_params(batch)` draws the random numbers: a dictionary of CPU tensors, one row per picture;
- `transform(batch, params)` applies them, and is deterministic;
- `describe(batch, params)` puts them into words.

All numbers come from the `generator` given to the transform, or else from the global generator
that `torch.manual_seed` sets, and are drawn on the CPU: one seed, the same pictures on every
device. Leave `generator` out in the workers of a `DataLoader`: each worker would get a copy of it
and draw the same numbers. The results carry no gradient.
"""

from d2laug.augment.color import (
    ColorJitter,
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
)
from d2laug.augment.geometry import (
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomVerticalFlip,
)
from d2laug.augment.light import (
    RandomColorTemperature,
    RandomReflection,
    adjust_color_temperature,
    kelvin_to_gains,
    to_linear,
    to_srgb,
)

__all__ = [
    "ColorJitter",
    "RandomColorTemperature",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomReflection",
    "RandomResizedCrop",
    "RandomVerticalFlip",
    "adjust_brightness",
    "adjust_color_temperature",
    "adjust_contrast",
    "adjust_hue",
    "adjust_saturation",
    "kelvin_to_gains",
    "to_linear",
    "to_srgb",
]
