"""Image augmentation, taught in notebooks; this small package does the plumbing behind them.

The rooms of the package are attributes, loaded where they are first used: `d2laug.augment`,
`d2laug.data`, `d2laug.show` and the others.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what follows is the same, said so that a type checker and an editor know it
    from d2laug import augment, check, data, draws, gallery, show, sound, train, widgets
    from d2laug.data import PHOTOS, photo
    from d2laug.show import Picture, show_augmented, show_crops, show_histograms, show_images

_ROOMS = ("augment", "check", "data", "draws", "gallery", "show", "sound", "train", "widgets")
_NAMES = {
    "PHOTOS": "data",
    "Picture": "show",
    "photo": "data",
    "show_augmented": "show",
    "show_crops": "show",
    "show_histograms": "show",
    "show_images": "show",
}

__all__ = [
    "PHOTOS",
    "Picture",
    "augment",
    "check",
    "data",
    "draws",
    "gallery",
    "photo",
    "show",
    "show_augmented",
    "show_crops",
    "show_histograms",
    "show_images",
    "sound",
    "train",
    "widgets",
]


def __getattr__(name: str):
    if name in _ROOMS:
        return importlib.import_module(f"d2laug.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"d2laug.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'd2laug' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
