"""Image augmentation, taught in notebooks; this package does the plumbing behind them.

The rooms of the package are attributes, loaded where they are first used: `d2laug.augment`,
`d2laug.data`, `d2laug.show` and the others. What is used most is there without its room.
"""

import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

PACKAGE = Path(__file__).parent
# A wheel carries the course inside of the package; in a clone of the repository it lies around it.
COURSE = PACKAGE / "course" if (PACKAGE / "course").is_dir() else PACKAGE.parent

__all__ = ["augment", "check", "cli", "data", "draws", "gallery", "pages", "show", "sound", "train"]
__all__ += ["widgets"]
__all__ += ["PHOTOS", "photo"]
__all__ += ["Picture", "show_augmented", "show_crops", "show_histograms", "show_images"]

if TYPE_CHECKING:  # what a type checker and an editor read instead
    from d2laug import augment, check, cli, data, draws, gallery, pages, show, sound, train, widgets
    from d2laug.data import PHOTOS, photo
    from d2laug.show import Picture, show_augmented, show_crops, show_histograms, show_images
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'd2laug' has no attribute {name!r}")
        if name in ("PHOTOS", "photo"):
            return getattr(import_module("d2laug.data"), name)
        if name == "Picture" or name.startswith("show_"):
            return getattr(import_module("d2laug.show"), name)
        return import_module(f"d2laug.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_later(room: str) -> None:
    """Let a room's files be its attributes, too, loaded where they are first used."""
    module = sys.modules[room]
    files = [file.name for file in pkgutil.iter_modules(module.__path__)]
    names = sorted({*files, *getattr(module, "__all__", ())})

    def load(name: str) -> object:
        if name not in files:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return import_module(f"{room}.{name}")

    vars(module).update(__getattr__=load, __dir__=lambda: names)
