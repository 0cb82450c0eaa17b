"""The drinks: pictures that were rendered for this course."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.datasets import ImageFolder
from torchvision.transforms.v2 import functional as F

from d2laug.data.common import data_folder, no_transforms

# What each split changes is on the data card, data/README.md.
DRINKS_KELVINS = (6500, 5500, 5000, 4500, 3500, 2500)
DRINKS_SPLITS = (
    "lab/train",
    "lab/val",
    "lab/test",
    *(f"light/{kelvin}" for kelvin in DRINKS_KELVINS),
    "reflections",
    "viewpoint",
    "turned",
    "show/test",
    "show/cloth",
    "show/train",
    "pairs/mirror/train",
    "pairs/mirror/test",
    "pairs/hue/train",
    "pairs/hue/test",
)
# The names of the twelve in words, in the order of the labels.
DRINKS = (
    *("apple carton", "cherry can", "coffee cup", "cola can", "ginger can", "juice bottle"),
    *("lemon can", "lime bottle", "milk carton", "mint bottle", "orange can", "tonic can"),
)


def drinks(split, tensors=False, transform=None, target_transform=None):
    """Return one split of the drinks, pictures of 96 x 96 pixels rendered for this course.

    The splits are in `DRINKS_SPLITS`. The result is a `torchvision.datasets.ImageFolder`, with its
    `classes`, `class_to_idx`, `samples` and `targets`, of PIL images and integer labels;
    `transform` and `target_transform` work as there.

    With `tensors=True` everything comes at once, as two tensors: the pictures `uint8`
    `[N, 3, 96, 96]` with values 0 to 255, and the labels `int64` `[N]`.

    The pictures are in `data/drinks` of the repository, or of the folder that the environment
    variable `D2LAUG_DATA` names (`drinks` in there).

    Raises `ValueError` for an unknown split and for transforms together with `tensors=True`,
    `FileNotFoundError` for missing pictures, and `OSError` for damaged ones when they are read.

    >>> lab = drinks("lab/test")
    >>> lab.classes[:3]
    ['apple_carton', 'cherry_can', 'coffee_cup']
    >>> image, label = lab[0]
    >>> image.size, label
    ((96, 96), 0)
    >>> images, labels = drinks("lab/test", tensors=True)
    >>> images.shape, images.dtype, labels.shape
    (torch.Size([240, 3, 96, 96]), torch.uint8, torch.Size([240]))
    """
    if split not in DRINKS_SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of: {', '.join(DRINKS_SPLITS)}")
    no_transforms(tensors, transform, target_transform)
    home = data_folder() / "drinks"
    _check_all_there(home, split)
    folder = ImageFolder(home / split, transform, target_transform, loader=_read_drink)
    if not tensors:
        return folder
    images = [np.asarray(_read_drink(path)) for path, _ in folder.samples]
    images = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(folder.targets)


def drink(name: str, number: int = 0, split: str = "lab/test") -> Tensor:
    """Return one picture of a drink as a `uint8` tensor `[3, 96, 96]` with values 0 to 255.

    `name` is one of `DRINKS`, or of the two classes of a split of "pairs", with spaces or with _.
    `number` counts the pictures of that class in the split, from 0.

    Raises `ValueError` for an unknown name, number or split, and the errors of `drinks`.

    >>> drink("cola can").shape
    torch.Size([3, 96, 96])
    """
    folder = drinks(split)
    names = [kind.replace("_", " ") for kind in folder.classes]
    wanted = str(name).replace("_", " ")
    if wanted not in names:
        raise ValueError(
            f"no drink of {split} is called {name!r}; choose one of: {', '.join(names)}"
        )
    paths = [path for path, label in folder.samples if label == names.index(wanted)]
    if number not in range(len(paths)):
        raise ValueError(f"number is {number!r}; {split} has {wanted} 0 to {len(paths) - 1}")
    return F.pil_to_tensor(_read_drink(paths[number]))


_MEND = "bring it back with `git checkout data/drinks`, or render it again with `make drinks`"


def _check_all_there(home, split):
    """Compare the files of a split with the list of all pictures."""
    try:
        with open(home / "metadata.csv") as file:
            # The first column is the file's name, which holds no comma.
            wanted = {row.partition(",")[0] for row in file if row.startswith(f"{split}/")}
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the drinks are not in {home}: run from a clone of the repository, or set D2LAUG_DATA "
            "to its folder data"
        ) from None
    missing = sorted(
        wanted - {path.relative_to(home).as_posix() for path in (home / split).rglob("*.jpg")}
    )
    if missing or not wanted:
        names = ", ".join(missing[:3]) or split
        raise FileNotFoundError(
            f"{len(missing) or 'all'} pictures of {split} are missing from {home}: {names}"
            f"{', ...' if len(missing) > 3 else ''}; {_MEND}"
        )


def _read_drink(path):
    """Open a picture, whole, or say which one is damaged."""
    try:
        with Image.open(path) as image:
            if image.size != (96, 96):
                raise OSError(f"{image.width} x {image.height} pixels where 96 x 96 are expected")
            return image.convert("RGB")
    except OSError as error:
        raise OSError(f"{path} is damaged ({error}); {_MEND}") from error
