"""Image augmentation, taught in notebooks; this package does the plumbing behind them.

The rooms of the package are attributes, loaded where they are first used: `d2laug.augment`,
`d2laug.data`, `d2laug.show` and the others. What is used most is there without its room.
"""

import pkgutil
import sys
from collections.abc import Sequence
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

if TYPE_CHECKING:  # what a type checker and an editor read
    from d2laug import augment, check, cli, data, draws, gallery, pages, show, sound, train, widgets
    from d2laug.data import PHOTOS, photo
    from d2laug.show import Picture, show_augmented, show_crops, show_histograms, show_images


def offer(room: str, **others: Sequence[str]) -> None:
    """Let a room have its public names, and its files, loaded where they are first used, for Tab.

    `others` are names from other rooms, by these.
    """
    module = sys.modules[room]
    found = pkgutil.iter_modules(getattr(module, "__path__", ()))
    files = {file.name for file in found} - {"__main__"}
    names = sorted(files | {*getattr(module, "__all__", ())})

    def load(name: str) -> object:
        if name in files:
            return import_module(f"{room}.{name}")
        for other, public in others.items():
            if name in public:
                return getattr(import_module(f"d2laug.{other}"), name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}")

    vars(module).update(__getattr__=load, __dir__=lambda: names)


shown = [name for name in __all__ if name.startswith(("Picture", "show_"))]
offer(__name__, data=["PHOTOS", "photo"], show=shown)
del shown
