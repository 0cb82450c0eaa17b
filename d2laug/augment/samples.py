"""What is in a sample: its pictures, their size, and which label belongs to which of them.

- `is_picture`, `is_batch`, `shape_of`, `as_batch`: the pictures;
- `parts_of`, `owners_of`, `check_rows`: the labels, and whose they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any  # a sample, and what is drawn for it, may be Any

import PIL.Image
import torch
from torch import Tensor
from torch.utils._pytree import TreeSpec, tree_flatten, tree_leaves
from torchvision import tv_tensors
from torchvision.transforms.v2.functional import get_num_channels, get_size, is_pure_tensor

LABELS = (tv_tensors.BoundingBoxes, tv_tensors.KeyPoints, tv_tensors.Mask)


def is_batch(inputs: Sequence[Any]) -> bool:
    """Whether what is chosen of a sample holds many pictures, and not one."""
    return any(is_picture(x) and x.ndim == 4 for x in inputs)


def is_picture(x: Any) -> bool:
    """Whether something, if it is chosen at all, is taken for pictures."""
    return is_pure_tensor(x) or isinstance(x, tv_tensors.Image)


def shape_of(inputs: list[Any], same_size: bool) -> tuple[int, int | None, int, int]:
    """Return how many pictures there are, and their channels, height and width.

    A single picture, a PIL image and a video count as one; so do labels without any. Raises
    `TypeError` for neither of them, `ValueError` for several sizes, and the errors of `as_batch`.
    """
    given = [x for x in inputs if is_picture(x)]
    pictures = [as_batch(x) for x in given]
    others = [x for x in inputs if isinstance(x, PIL.Image.Image | tv_tensors.Video)]
    labels = [x for x in inputs if isinstance(x, LABELS)]
    seen: list[Any] = [*given, *others, *labels]
    if not seen:
        raise TypeError(
            "No picture and no label found in what was given. Turn arrays into tensors with "
            "torchvision.transforms.v2.functional.to_image."
        )
    height, width = get_size(seen[0])
    for x in seen if same_size else labels:
        if tuple(get_size(x)) != (height, width):
            hint = "A mask has the size of its picture; boxes and points say it in canvas_size."
            if not isinstance(x, LABELS):
                hint = "Resize pictures to one size, then stack them with d2laug.augment.collate."
            raise ValueError(
                f"{type(x).__name__} of {tuple(get_size(x))} given beside "
                f"{type(seen[0]).__name__} of {(height, width)}, but one (height, width) expected. "
                f"{hint}"
            )
    counts = {len(x) for x in pictures} | {1 for _ in others}
    if len(counts) > 1:
        raise ValueError(
            f"{' and '.join(map(str, sorted(counts)))} pictures given in one sample, where a video "
            "and a PIL image count as one, but as many in each expected."
        )
    n = len(pictures[0]) if pictures else 1
    return n, get_num_channels(seen[0]) if pictures or others else None, height, width


def owners_of(sample: Any, inputs: Sequence[Any]) -> list[int | None]:
    """Return for each leaf of a sample the number of its picture, or None where it has all.

    `inputs` are the leaves that a transform changes. Raises the errors of `parts_of`.
    """
    owners: list[int | None] = []
    parts, own, _ = parts_of(sample, inputs)
    for part, each in zip(parts, own, strict=True):
        if each:
            owners += [i for i, item in enumerate(part) for _ in tree_leaves(item)]
        else:
            owners += [None] * len(tree_leaves(part))
    return owners


def parts_of(sample: Any, inputs: Sequence[Any]) -> tuple[list[Any], list[bool], TreeSpec]:
    """Take a sample apart into lists with an entry for each picture, and what belongs to all.

    In a batch, a list or tuple as long as the batch that does not contain the pictures has an
    entry for each. Returns the parts, which of them are such lists, and how they are put together
    again. Raises `ValueError` for labels that belong to none of several pictures.
    """
    pictures = {id(x): x for x in inputs if is_picture(x)}
    n = next((len(x) for x in pictures.values() if x.ndim == 4), None)
    labels = {id(x) for x in inputs} - pictures.keys()

    def ids(part: Any) -> set[int]:
        return {id(x) for x in tree_leaves(part)}

    def apart(part: Any) -> bool:
        return type(part) in (list, tuple) and not ids(part) & pictures.keys()

    _check_stacked(sample, inputs)
    parts, spec = tree_flatten(sample, is_leaf=None if n is None else apart)
    own = [n is not None and apart(part) and len(part) == n for part in parts]
    for part, each in zip(parts, own, strict=True):
        if n in (None, 1):
            continue
        if each:
            _check_entries(part)
            continue
        if isinstance(part, LABELS) and id(part) in labels:
            check_rows(part, n)
        if apart(part) and ids(part) & labels:
            raise ValueError(
                f"Labels in a list of {len(part)} given for {n} pictures. Give a list of {n}, "
                "with the labels, or a dictionary of labels, of each picture."
            )
    return parts, own, spec


def _check_stacked(sample: Any, inputs: Sequence[Any]) -> None:
    """Refuse several pictures in a list where all would have one draw, or the first alone a change.

    That is beside labels in a list, or with labels of their own, and where of three or more plain
    tensors of one kind torchvision's rule changes the first. Two pictures alone may be those of two
    cameras.
    """
    chosen, lists, batch = {id(x) for x in inputs}, _lists_in(sample), is_batch(inputs)

    def has_chosen(part: Any) -> bool:
        return any(id(x) in chosen and _is_one(x) for x in tree_leaves(part))

    stacks = [part for part in lists if len(part) > 1 and all(map(_is_one, part))]
    counts = {len(part) for part in stacks if not batch and has_chosen(part)}
    for part in lists:
        beside = len(part) in counts and len(_kinds_of(part)) == 1 and not has_chosen(part)
        apart = not batch and len(part) > 1 and all(map(_is_sample, part))
        apart = apart and len({_built(x) for x in part}) == 1 and has_chosen(part)
        one_kind = any(part is x for x in stacks) and len({_kind(x) for x in part}) == 1
        rule = one_kind and part is not sample and len(part) > 2
        first_only = rule and len({id(x) in chosen for x in part}) > 1
        if first_only or ((beside or apart) and _labeled(part)):
            raise ValueError(
                f"{len(part)} pictures given one by one: they would not have a draw each. Make a "
                "batch of them with d2laug.augment.collate, which stacks the pictures (of one "
                "size) and keeps their labels apart."
            )


def _is_sample(part: Any) -> bool:
    """Whether something that holds others has a picture in it."""
    return isinstance(part, Mapping | list | tuple) and any(map(_is_one, tree_leaves(part)))


def _built(part: Any) -> Any:
    """Return how a sample is built: by which keys, or of how many parts."""
    return frozenset(part) if isinstance(part, Mapping) else len(part)


def _kind(x: Any) -> Any:
    return (type(x), x.dtype, x.shape[-3:]) if isinstance(x, Tensor) else type(x)


def _lists_in(sample: Any) -> list[Any]:
    found: list[Any] = []

    def collect(part: Any) -> bool:
        if type(part) in (list, tuple):
            found.append(part)
        return False

    tree_leaves(sample, is_leaf=collect)
    return found


def _is_one(x: Any) -> bool:
    """Whether something looks like a picture, or pictures, that a list may hold."""
    pictures = is_picture(x) and x.ndim in (3, 4)
    return pictures or isinstance(x, PIL.Image.Image | tv_tensors.Video)


def _check_entries(part: Any) -> None:
    """Refuse masks, boxes and numbers of two pictures, say: they are no entry for each of the two.

    So entries are of one type, and two lists of two entries each are built alike.
    """
    if not _labeled(part):
        return
    kinds = _kinds_of(part)
    if all(type(entry) in (list, tuple) and len(entry) == len(part) for entry in part):
        kinds = max(map(_kinds_of, zip(*part, strict=True)), key=len)
    if len(kinds) > 1:
        names = " and of ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(
            f"A list of {len(part)} for {len(part)} pictures given, with entries of {names}, but "
            "entries with all labels of one picture expected. Give each kind of label a place of "
            "its own in the sample, or each picture a dictionary."
        )


def _kinds_of(entries: Any) -> set[type]:
    """Return what kinds of labels, or of what holds labels, entries are; `None` is of any."""
    kinds = (*LABELS, Tensor, Mapping, list, tuple, object)
    found = {next(k for k in kinds if isinstance(x, k)) for x in entries if x is not None}
    return {list if kind is tuple else kind for kind in found}


def _labeled(part: Any) -> bool:
    return any(isinstance(x, LABELS) for x in tree_leaves(part))


def check_rows(label: Any, n: int) -> None:
    """Raise `ValueError` for a label, outside of a list, without a row for each of n pictures."""
    kinds = tv_tensors.Mask | tv_tensors.KeyPoints
    if not isinstance(label, kinds) or label.ndim < 3 or len(label) != n:
        raise ValueError(
            f"{type(label).__name__} of shape {list(label.shape)} given for {n} pictures. "
            f"Give a list of {n}, one for each picture."
        )


def as_batch(images: object) -> Tensor:
    """Return pictures as a plain tensor `[N, C, H, W]`; `TypeError`, `ValueError` for others."""
    if not isinstance(images, torch.Tensor):
        raise TypeError(
            f"A tensor of pictures [N, C, H, W] or [C, H, W] expected, but {type(images).__name__} "
            "given. Turn PIL images and arrays into tensors with "
            "torchvision.transforms.v2.functional.to_image."
        )
    if images.ndim not in (3, 4) or 0 in images.shape[-3:]:
        raise ValueError(
            f"Pictures [N, C, H, W] or [C, H, W] expected, but shape {list(images.shape)} given. "
            "Where a sample has several tensors, tv_tensors.Image says which is the pictures."
        )
    if images.dtype not in (torch.uint8, torch.uint16) and not images.is_floating_point():
        raise TypeError(
            "uint8 (0 to 255), uint16 (0 to 65535) or floating point (0 to 1) expected, but "
            f"{images.dtype} given. Convert with torchvision.transforms.v2.functional.to_dtype."
        )
    if images.is_meta:
        raise ValueError("Pictures on the device meta given, where tensors have no values.")
    images = images.as_subclass(torch.Tensor)
    return images if images.ndim == 4 else images[None]
