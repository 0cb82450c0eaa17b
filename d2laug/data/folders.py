"""A folder of your own pictures, one folder in it for each class, and a split of them."""

import os
import unicodedata
from collections.abc import Sequence
from functools import partial
from numbers import Integral
from pathlib import Path

import torch
from torch import Tensor
from torchvision.datasets import ImageFolder
from torchvision.transforms.v2 import functional as F
from tqdm.auto import tqdm

from d2laug.data.archives import BESIDE, unzip
from d2laug.data.common import Data, File, Transform, beside, expand, no_transform
from d2laug.data.files import open_image

_composed = partial(unicodedata.normalize, "NFC")  # macOS writes an `ü` as two characters


def image_folder(
    path: File,
    tensors: bool = False,
    size: int = 96,
    classes: Sequence[str] | None = None,
    transform: Transform = None,
    progress: bool = True,
) -> ImageFolder | Data:
    """Return the pictures of a folder that holds one folder for each class, as `mug/1.jpg`.

    `path` is the folder, or a ZIP of it, by its path or as bytes, which `unzip` unpacks; hidden
    files, films and texts are left aside. What comes is a `torchvision.datasets.ImageFolder` of
    what `open_image` returns, each at its own size, or with `tensors=True` two tensors: the largest
    square in the middle of each, resized, `uint8` `[N, 3, size, size]` with values 0 to 255, and
    the labels `int64` `[N]`. `classes` names all classes that must be there: for test pictures
    those of the training, as labels count folders.

    Raises `FileNotFoundError` for no such folder, no folder in it, or a class without a picture;
    `ValueError` for other classes than `classes`, a `size` below 1, or a transform with
    `tensors=True`; `OSError` for a file that `open_image` refuses, when it is read, and for a ZIP
    that `unzip` does.

    >>> from d2laug.data import drinks
    >>> image_folder(drinks("lab/test").root, tensors=True, size=16, progress=False)[0].shape
    torch.Size([240, 3, 16, 16])
    """
    no_transform(tensors, transform)
    if not isinstance(size, Integral) or size < 1:
        raise ValueError(f"size is {size!r}; expected the side of a picture in pixels, from 1")
    if not isinstance(path, (str, os.PathLike)) or expand(path).is_file():
        path = unzip(path)
    root = expand(path)
    if not root.is_dir():
        raise FileNotFoundError(f"there is no folder {root}; {beside(root)}")

    def kept(file: str) -> bool:
        return not BESIDE.search(os.path.relpath(file, root))

    folder = _PhotoFolder(root, transform, None, open_image, kept, allow_empty=True)
    empty = ", ".join(c for c in folder.classes if folder.class_to_idx[c] not in folder.targets)
    if empty:
        raise FileNotFoundError(f"no picture is in {empty} of {root}: put some there, or remove it")
    if classes is not None and [*map(_composed, classes)] != [*map(_composed, folder.classes)]:
        given, expected = ", ".join(folder.classes), ", ".join(classes)
        raise ValueError(f"the classes of {root} are {given}; expected the folders {expected}")
    if not tensors:
        return folder
    files = tqdm(folder.samples, unit="picture", leave=False, disable=not progress)
    images = torch.stack([_square(open_image(file), size) for file, _ in files])
    return images, torch.tensor(folder.targets)


class _PhotoFolder(ImageFolder):
    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        names = (entry.name for entry in os.scandir(directory) if entry.is_dir())
        classes = sorted((n for n in names if not n.startswith((".", "__"))), key=_composed)
        if not classes:
            such = os.path.join(directory, "mug", "1.jpg")
            raise FileNotFoundError(f"{directory} holds no folders: give each class one, as {such}")
        return classes, {name: label for label, name in enumerate(classes)}


def _square(image: Tensor, size: int) -> Tensor:
    # cut first: a strip of one pixel's height would become huge if it were resized first
    return F.resize(F.center_crop(image, [min(image.shape[1:])]), [size, size])


def stratified_split(
    data: Data, share: float = 0.25, seed: int = 0, classes: Sequence[str] | None = None
) -> tuple[Data, Data]:
    """Split `(images, labels)` at random in two such pairs; the second gets `share` of each class.

    `data` are images `[N, ...]` and labels, `int64` `[N]`; each part gets one picture of a class or
    more, and `seed` decides which. Raises `ValueError` for a `share` not between 0 and 1, for a
    class of one picture, which `classes` can name, and where the numbers of the two differ.

    >>> images, labels = torch.zeros(20, 3, 8, 8), torch.arange(20) % 2
    >>> train, validation = stratified_split((images, labels), share=0.2)
    >>> train[1].bincount(), validation[1].bincount()
    (tensor([8, 8]), tensor([2, 2]))
    """
    images, labels = data
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images and {len(labels)} labels; expected one a picture")
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}; expected a number between 0 and 1")
    generator = torch.Generator().manual_seed(int(seed))
    chosen = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        if (n := len(members)) < 2:
            name = label if classes is None else classes[int(label)]
            raise ValueError(f"class {name} has one picture, and a split needs two or more")
        order = torch.randperm(n, generator=generator)
        chosen[members[order[: min(max(round(share * n), 1), n - 1)]]] = True
    return (images[~chosen], labels[~chosen]), (images[chosen], labels[chosen])
