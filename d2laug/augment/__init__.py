"""Random augmentations of whole batches in which every picture draws its own numbers.

They are transforms of `torchvision.transforms.v2`, with its names, arguments and defaults, and
stand beside its own in `v2.Compose`. There is one difference: a batch `[N, C, H, W]` is N pictures
with N draws, where torchvision draws once. `[C, H, W]` is one picture. They take `uint8` (0 to
255), `uint16` and floating point (0 to 1), on any device, and give back the same kind; what is
given is never changed. Labels move along, each by the draw of its picture: see
`d2laug.augment.labels`. A PIL image and a `tv_tensors.Video` are one picture, and so are several
pictures in a list, as in torchvision. Two things stay behind without a word: what PyTorch's own
`default_collate` made plain tensors of (boxes, masks: stack samples with `collate`), and a draw for
each picture where one of torchvision's own transforms stands in the same `v2.Compose` (put it into
`RandomApply([...], p=1)`). A transform is two steps that can be called apart:

- `make_params(batch)` draws: torchvision's dictionary, with a row for each picture, and `apply`,
  which says which pictures are changed, where there is a chance `p`;
- `transform(batch, params)` applies that; `rows(params)` gives each picture's draw as torchvision's
  own `transform` takes it.

All numbers come from the `generator` given to the transform (of a container: for its coins, not for
what is inside), or else from the global generator that `torch.manual_seed` sets, and are drawn on
the CPU: one seed, the same pictures on every device, but for noise. Leave `generator` out in the
workers of a `DataLoader`: each worker would get a copy of it and draw the same numbers.

`uint8` on the CPU goes through loops that Numba compiles (`d2laug.augment.loops`), all else through
tensors, by the same formulas. The loops are compiled in the set-up, by
`python -m d2laug.augment.loops`, or else at the first batch. So keep pictures `uint8` to the end,
and let `Normalize` be the last: floats on the CPU take ten times as long and more, and a crop, a
flip or a change of sharpness then longer than torchvision picture by picture.

- `geometry`: RandomHorizontalFlip, RandomVerticalFlip, RandomCrop, RandomResizedCrop;
- `warp`: RandomRotation, RandomAffine, RandomPerspective;
- `color`: ColorJitter, Normalize, and as functions normalize, adjust_brightness, adjust_contrast,
  adjust_saturation, adjust_hue;
- `light`: RandomColorTemperature, RandomReflection, adjust_color_temperature, kelvin_to_gains;
- `tone`: RandomGrayscale, RandomInvert, RandomPosterize, RandomSolarize, RandomAutocontrast,
  RandomEqualize;
- `filters`: RandomAdjustSharpness, GaussianBlur, GaussianNoise; `erasing`: RandomErasing;
- `auto`: TrivialAugmentWide, RandAugment;
- `containers`: RandomApply, RandomChoice, RandomOrder: a coin, a choice, an order for each picture;
- `labels`: collate, SanitizeBoundingBoxes.
"""

from d2laug import offer
from d2laug.augment.auto import RandAugment, TrivialAugmentWide
from d2laug.augment.color import (
    ColorJitter,
    Normalize,
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    normalize,
)
from d2laug.augment.containers import RandomApply, RandomChoice, RandomOrder
from d2laug.augment.erasing import RandomErasing
from d2laug.augment.filters import GaussianBlur, GaussianNoise, RandomAdjustSharpness
from d2laug.augment.geometry import (
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomVerticalFlip,
)
from d2laug.augment.labels import SanitizeBoundingBoxes, collate
from d2laug.augment.light import (
    RandomColorTemperature,
    RandomReflection,
    adjust_color_temperature,
    kelvin_to_gains,
    to_linear,
    to_srgb,
)
from d2laug.augment.tone import (
    RandomAutocontrast,
    RandomEqualize,
    RandomGrayscale,
    RandomInvert,
    RandomPosterize,
    RandomSolarize,
)
from d2laug.augment.warp import RandomAffine, RandomPerspective, RandomRotation

__all__ = [
    "ColorJitter",
    "GaussianBlur",
    "GaussianNoise",
    "Normalize",
    "RandAugment",
    "RandomAdjustSharpness",
    "RandomAffine",
    "RandomApply",
    "RandomAutocontrast",
    "RandomChoice",
    "RandomColorTemperature",
    "RandomCrop",
    "RandomEqualize",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPosterize",
    "RandomReflection",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomSolarize",
    "RandomVerticalFlip",
    "SanitizeBoundingBoxes",
    "TrivialAugmentWide",
    "adjust_brightness",
    "adjust_color_temperature",
    "adjust_contrast",
    "adjust_hue",
    "adjust_saturation",
    "collate",
    "kelvin_to_gains",
    "normalize",
    "to_linear",
    "to_srgb",
]
offer(__name__)
