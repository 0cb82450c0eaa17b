"""The drinks, rendered for this course: splits, one picture, where the drink is in each."""

from numbers import Integral
from pathlib import Path
from typing import Any, Literal, overload  # what a dictionary holds may be Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision import tv_tensors
from torchvision.datasets import ImageFolder
from torchvision.ops import masks_to_boxes
from torchvision.transforms.v2 import functional as F

from d2laug.data.common import FIX, Data, Transform, check_name, data_folder, no_transform, reading

# What each split changes is on the data card, data/README.md.
DRINKS_KELVINS = (6500, 5500, 5000, 4500, 3500, 2500)
DRINKS_SPLITS = (
    *("lab/train", "lab/val", "lab/test"),
    *(f"light/{kelvin}" for kelvin in DRINKS_KELVINS),
    *("reflections", "viewpoint", "turned"),
    *("show/test", "show/cloth", "show/train", "second_hall"),
    *("pairs/mirror/train", "pairs/mirror/test", "pairs/hue/train", "pairs/hue/test"),
)
# Those of which `drinks_places` knows; the pictures are arranged as those of the folder named.
PLACES = {name: name for name in ("lab/train", "lab/val", "lab/test", "reflections", "viewpoint")}
PLACES |= {f"light/{kelvin}": "light" for kelvin in DRINKS_KELVINS}
PLACES |= {"show/test": "show/test", "show/cloth": "show/test"}
# The names of the twelve in words, in the order of the labels.
DRINKS = (
    *("apple carton", "cherry can", "coffee cup", "cola can", "ginger can", "juice bottle"),
    *("lemon can", "lime bottle", "milk carton", "mint bottle", "orange can", "tonic can"),
)


@overload
def drinks(split: str, tensors: Literal[True]) -> Data: ...
@overload
def drinks(
    split: str, tensors: Literal[False] = False, transform: Transform = None
) -> ImageFolder: ...
def drinks(split: str, tensors: bool = False, transform: Transform = None) -> ImageFolder | Data:
    """Return one of `DRINKS_SPLITS`: pictures of 96 x 96 pixels, rendered for this course.

    It is a `torchvision.datasets.ImageFolder` of PIL images, or with `tensors=True` two tensors:
    the pictures `uint8` `[N, 3, 96, 96]` with values 0 to 255, and the labels `int64` `[N]`. Raises
    `ValueError` for an unknown split or a transform with `tensors=True`, `FileNotFoundError` for
    missing pictures, and `OSError` for damaged ones when they are read.

    >>> images, labels = drinks("lab/test", tensors=True)
    >>> images.shape, labels.shape
    (torch.Size([240, 3, 96, 96]), torch.Size([240]))
    """
    check_name("split", split, DRINKS_SPLITS)
    no_transform(tensors, transform)
    home = data_folder() / "drinks"
    with reading(home / "metadata.csv"), open(home / "metadata.csv") as file:
        # The first column is the file's name, which holds no comma.
        wanted = [row.partition(",")[0] for row in file if row.startswith(f"{split}/")]
    missing = [name for name in wanted if not (home / name).is_file()]
    if missing or not wanted:
        number, first = len(missing) or "all", missing[0] if missing else "no row"
        where = f"pictures of {split} are missing from {home} ({first}, ...)"
        raise FileNotFoundError(f"{number} {where}: {FIX}, or from `make drinks`")
    folder = _Drinks(home / split, transform, {str(home / name) for name in wanted})
    if not tensors:
        return folder
    images = torch.stack([F.pil_to_tensor(_read_drink(path)) for path, _ in folder.samples])
    return images, torch.tensor(folder.targets)


class _Drinks(ImageFolder):
    """The pictures of the table, and nothing else that lies beside them."""

    def __init__(self, folder: Path, transform: Transform, paths: set[str]) -> None:
        self.kinds = sorted({Path(path).parent.name for path in paths})
        super().__init__(folder, transform, None, _read_drink, is_valid_file=paths.__contains__)

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        return self.kinds, {kind: label for label, kind in enumerate(self.kinds)}


def drinks_places(split: str) -> dict[str, Any]:
    """Return where the drink is in each picture of `drinks(split, tensors=True)`, for a batch.

    - "masks": `Mask`, `uint8` `[N, 96, 96]`, 1 where at least half of a pixel is drink, else 0
    - "boxes": a list of N `BoundingBoxes`, each `float32` `[1, 4]`, XYXY, from edge to edge of the
      mask: columns 3 to 5 are x from 3 to 6
    - "points": `KeyPoints`, `float32` `[N, 4, 2]`, x and y of the base's left and right end, the
      top's middle and the label's; from the middle of the first pixel, and some lie outside
    - "hidden": `bool` `[N, 4]`, the points before which something stands, or that lie outside

    Raises `ValueError` for a split without places, and the errors of `drinks`.

    >>> places = drinks_places("lab/test")
    >>> places["masks"].shape, places["boxes"][0].shape, places["points"].shape
    (torch.Size([240, 96, 96]), torch.Size([1, 4]), torch.Size([240, 4, 2]))
    """
    check_name("split with places", split, tuple(PLACES))
    path = data_folder() / "drinks" / PLACES[split] / "places.npz"
    with reading(path), np.load(path) as file:
        masks = torch.from_numpy(np.unpackbits(file["masks"], -1).reshape(-1, 96, 96))
        points = torch.from_numpy(file["points"].reshape(len(masks), 4, 2))
        hidden = torch.from_numpy(file["hidden"].reshape(len(masks), 4))
        boxes = masks_to_boxes(masks) + torch.tensor([0, 0, 1, 1])
    like: Any = {"format": "XYXY", "canvas_size": (96, 96)}
    return {
        "masks": tv_tensors.Mask(masks),
        "boxes": [tv_tensors.BoundingBoxes(box, **like) for box in boxes.split(1)],
        "points": tv_tensors.KeyPoints(points, canvas_size=(96, 96)),
        "hidden": hidden,
    }


def drink(name: str, number: int = 0, split: str = "lab/test") -> Tensor:
    """Return one picture of a drink as a `uint8` tensor `[3, 96, 96]` with values 0 to 255.

    `name` is a class of the split, with spaces (as in `DRINKS`) or with _; `number` counts its
    pictures from 0. Raises `ValueError` for an unknown one, and the errors of `drinks`.

    >>> drink("cola can").shape
    torch.Size([3, 96, 96])
    """
    folder = drinks(split)
    names = [kind.replace("_", " ") for kind in folder.classes]
    wanted = str(name).replace("_", " ")
    check_name(f"drink of {split}", wanted, names)
    paths = [path for path, label in folder.samples if label == names.index(wanted)]
    if not isinstance(number, Integral) or number not in range(len(paths)):
        raise ValueError(f"number is {number!r}; {split} has {wanted} 0 to {len(paths) - 1}")
    return F.pil_to_tensor(_read_drink(paths[number]))


def _read_drink(path: str) -> Image.Image:
    with reading(path), Image.open(path) as image:
        if image.size != (96, 96):
            raise OSError(f"{image.width} x {image.height} pixels where 96 x 96 are expected")
        return image.convert("RGB")
