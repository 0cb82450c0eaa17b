"""Labels of many pictures: how a batch holds them, and what drops and mirrors them.

A transform moves the labels of a picture by the draw of that picture, exactly as torchvision does
by the same numbers. Which picture a label belongs to is said by its place in the sample:

- one picture, or a batch of one: everything belongs to it; a `Mask` `[K, H, W]` holds K instances;
- a batch of N: a list or tuple of length N that does not contain the pictures has an entry for
  each, a label or a dictionary of labels; a `Mask` `[N, ..., H, W]` and `KeyPoints` `[N, K, 2]`
  have a row for each. Instance masks are a list of N, each `[K, H, W]`; boxes always are a list.

Masks are moved by nearest, and no change of colors touches them. Boxes are clamped where
torchvision clamps, by their `clamping_mode`; transforms never drop any: `SanitizeBoundingBoxes`
does. Points move as torchvision moves them, which is not the same everywhere: a flip counts from
the centers of pixels (x becomes W - 1 - x), a rotation from their edges (W - x for half a turn).

- `collate`: samples to a batch of that kind, for a `DataLoader`;
- `SanitizeBoundingBoxes`: boxes that nothing is left of, and what belongs to them;
- `swaps`, `swapped`: points whose names change sides when their picture is mirrored.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any  # a sample, and what is drawn for it, may be Any

import numpy as np
import PIL.Image
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_unflatten
from torch.utils.data import default_collate
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import is_pure_tensor

from d2laug.augment.arguments import whole
from d2laug.augment.samples import LABELS, parts_of


class SanitizeBoundingBoxes(v2.Transform):
    """Drop the boxes of each picture of a batch that are too small or not inside, each by itself.

    A box goes where it is narrower or lower than `min_size` pixels, smaller than `min_area`, or
    reaches beyond its `canvas_size`. The picture's labels and instance masks `[K, H, W]` go in
    step; its mask `[H, W]` stays. `labels_getter` finds the labels in what belongs to one picture:
    by default under the key "labels", or one like it, of the dictionary that holds its boxes; or a
    function that takes the picture's sample and returns a tensor or several; `None` where there are
    no labels. Whatever else has a row for each box stays whole unless that function returns it too:
    `labels_getter=lambda sample: (sample[1]["labels"], sample[1]["area"], sample[1]["points"])`.

    Raises `ValueError` for a `min_size` or `min_area` below 1, where there are no labels, or not as
    many as boxes, and for boxes that belong to no picture.

    Source: `torchvision.transforms.v2.SanitizeBoundingBoxes`, which takes one picture.

    >>> import torch
    >>> boxes = [[[0, 0, 4, 4], [2, 2, 2, 3]], [[1, 1, 1, 1]]]
    >>> boxes = [tv_tensors.BoundingBoxes(b, format="XYXY", canvas_size=(8, 8)) for b in boxes]
    >>> targets = [{"boxes": b, "labels": torch.arange(len(b))} for b in boxes]
    >>> _, targets = SanitizeBoundingBoxes()(torch.zeros(2, 3, 8, 8), targets)
    >>> [target["labels"].tolist() for target in targets]
    [[0], []]
    """

    _one: v2.Transform

    def __init__(
        self,
        min_size: float = 1.0,
        min_area: float = 1.0,
        labels_getter: Callable[[Any], Any] | str | None = "default",
    ) -> None:
        super().__init__()
        self.min_size, self.min_area, self.labels_getter = min_size, min_area, labels_getter
        # Past nn.Module, which would show it as a part
        self.__dict__["_one"] = _SanitizeOne(min_size, min_area, labels_getter)

    def forward(self, *inputs: Any) -> Any:
        """Drop boxes, and what belongs to them, from a sample of one picture or of many."""
        sample = inputs if len(inputs) > 1 else inputs[0]
        leaves = tree_leaves(sample)
        chosen = zip(leaves, self._needs_transform_list(leaves), strict=True)
        parts, own, spec = parts_of(sample, [leaf for leaf, c in chosen if c])
        if not any(own):
            return self._one(sample)
        n = next(len(part) for part, each in zip(parts, own, strict=True) if each)
        kept = []
        for i in range(n):
            one = [x[i] if each else _row(x, i, n) for x, each in zip(parts, own, strict=True)]
            kept.append(spec.flatten_up_to(self._one(tree_unflatten(one, spec))))
            for before, after, each in zip(one, kept[i], own, strict=True):
                if n > 1 and not each and after is not before:
                    raise ValueError(
                        f"Labels of all pictures in one {type(before).__name__} given. Give a list "
                        f"of {n}, one for each: not as many boxes are left in every picture."
                    )
        outputs = [
            type(part)(x[k] for x in kept) if each else kept[0][k] if n == 1 else part
            for k, (part, each) in enumerate(zip(parts, own, strict=True))
        ]
        return tree_unflatten(outputs, spec)


def _row(x: Any, i: int, n: int) -> Any:
    """Return what picture i of n has in a tensor with a row for each."""
    if n > 1 and isinstance(x, Tensor) and x.ndim and len(x) == n:
        return tv_tensors.wrap(x[i], like=x)
    return x


class _SanitizeOne(v2.SanitizeBoundingBoxes):
    """As torchvision's, with the labels found wherever the boxes are.

    And a mask `[H, W]` is not taken for instances where it has as many rows as there are boxes.
    """

    def __init__(
        self, min_size: float, min_area: float, labels_getter: Callable[[Any], Any] | str | None
    ) -> None:
        super().__init__(min_size, min_area, labels_getter)
        if labels_getter == "default":
            self._by_key, self._labels_getter = self._labels_getter, self._beside_boxes

    def _beside_boxes(self, sample: Any) -> Any:
        try:
            labels = self._by_key(_target_in(sample) or sample)
        except (IndexError, ValueError):
            labels = None
        if not isinstance(labels, Tensor) or labels.ndim < 1:
            raise ValueError(
                "No labels of the boxes found. Put a tensor of them beside the boxes, in one "
                "dictionary, under the key 'labels', or give a labels_getter, None where there are "
                "no labels."
            )
        return labels

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Drop from boxes, labels and instances."""
        is_mask = isinstance(inpt, tv_tensors.Mask)
        if is_mask and (inpt.ndim < 3 or len(inpt) != len(params["valid"])):
            return inpt
        return super().transform(inpt, params)


def _target_in(sample: Any) -> Mapping[str, Any] | None:
    """Return the dictionary in which boxes stand beside labels."""
    if not isinstance(sample, Mapping | list | tuple):
        return None
    parts = list(sample.values() if isinstance(sample, Mapping) else sample)
    boxes = any(isinstance(part, tv_tensors.BoundingBoxes) for part in parts)
    if boxes and isinstance(sample, Mapping) and any("label" in str(k).lower() for k in sample):
        return sample
    return next((found for part in parts if (found := _target_in(part)) is not None), None)


def collate(samples: Sequence[Any]) -> Any:
    """Put samples together to a batch in which each picture keeps labels of its own.

    A sample is a picture, or a dictionary, tuple or list that contains one: a `tv_tensors.Image`,
    or else its first plain tensor. What stands at one place of all samples is stacked, with its
    type: pictures, masks `[H, W]`, keypoints of the same number, and, as PyTorch does, numbers and
    other tensors of one shape. It becomes a list with an entry for each sample if it is boxes,
    instance masks `[K, H, W]`, tensors of different shapes, tensors `[K, ...]` in a sample that has
    boxes, or a dictionary, tuple or list without a picture.

    Raises `ValueError` for pictures or masks of different shapes, and for samples that are not
    built alike, `TypeError` for PIL images.

    Source: `torch.utils.data.default_collate`, which makes plain tensors of pictures and masks.

    >>> import torch
    >>> mask = tv_tensors.Mask(torch.zeros(8, 8))
    >>> boxes = tv_tensors.BoundingBoxes([[0, 0, 4, 4]], format="XYXY", canvas_size=(8, 8))
    >>> sample = torch.zeros(3, 8, 8), mask, {"boxes": boxes, "labels": torch.tensor([1])}
    >>> pictures, masks, targets = collate([sample, sample])
    >>> pictures.shape, type(masks).__name__, masks.shape, len(targets)
    (torch.Size([2, 3, 8, 8]), 'Mask', torch.Size([2, 8, 8]), 2)
    """
    if not len(samples):
        raise ValueError("No samples given, but at least one expected.")
    leaves = tree_leaves(samples[0])
    chosen = zip(leaves, v2.Transform()._needs_transform_list(leaves), strict=True)
    pictures = {id(x) for x, c in chosen if c and not isinstance(x, LABELS)}
    if not pictures and any(isinstance(x, np.ndarray) and x.ndim > 1 for x in leaves):
        raise TypeError(
            "Samples without a picture given, but with arrays. Turn arrays into pictures with "
            "torchvision.transforms.v2.functional.to_image."
        )
    beside_boxes = any(isinstance(x, tv_tensors.BoundingBoxes) for x in leaves)
    return _collate(list(samples), pictures, beside_boxes)


def _collate(items: list[Any], pictures: set[int], beside_boxes: bool) -> Any:
    """Put together what stands at one place of all samples; `pictures`: `id`s in the first."""
    first = items[0]
    if isinstance(first, Mapping | list | tuple):
        if pictures.isdisjoint(id(x) for x in tree_leaves(first)):
            return items
        keys = [list(x) if isinstance(x, Mapping) else list(range(len(x))) for x in items]
        if any(set(k) != set(keys[0]) for k in keys):
            raise ValueError(f"Samples of the parts {keys[0]} and of others given, but one kind.")
        parts = [_collate([x[k] for x in items], pictures, beside_boxes) for k in keys[0]]
        if isinstance(first, Mapping):
            return dict(zip(keys[0], parts, strict=True))
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    if isinstance(first, PIL.Image.Image):
        raise TypeError("PIL images given, but tensors expected. Turn them with v2.ToImage().")
    if any(x is None for x in items):
        return items
    if not isinstance(first, Tensor):
        return default_collate(items)
    if id(first) in pictures or (isinstance(first, tv_tensors.Mask) and first.ndim == 2):
        return _stacked(items)
    listed = isinstance(first, tv_tensors.Mask | tv_tensors.BoundingBoxes)
    listed |= is_pure_tensor(first) and first.ndim > 0 and beside_boxes
    return items if listed or len(set(map(_kind, items))) > 1 else _stacked(items)


def _kind(x: Any) -> tuple[Any, ...]:
    """Return what must be the same in tensors that are stacked."""
    dtype, canvas_size = getattr(x, "dtype", None), getattr(x, "canvas_size", None)
    return type(x), tuple(getattr(x, "shape", ())), dtype, canvas_size


def _stacked(items: list[Any]) -> Tensor:
    """Stack tensors of one kind, in memory that a worker shares, with their type."""
    kinds = list(dict.fromkeys(map(_kind, items)))
    if len(kinds) > 1:
        (a, shape, dtype, _), (b, other_shape, other_dtype, _) = kinds[:2]
        raise ValueError(
            f"{a.__name__} {list(shape)} of {dtype} and {b.__name__} {list(other_shape)} of "
            f"{other_dtype} given for one batch. Bring all to one size and dtype in the data set, "
            "for example with RandomResizedCrop or v2.Resize."
        )
    plain = default_collate([x.as_subclass(Tensor) for x in items])
    return tv_tensors.wrap(plain, like=items[0])


def swaps(permutation: Sequence[int] | None) -> tuple[int, ...] | None:
    """Take a permutation, or none; `TypeError`, `ValueError` where it does not swap points."""
    if permutation is None:
        return None
    try:
        places = tuple(whole("keypoint_permutation", place) for place in permutation)
    except TypeError:
        raise TypeError(
            f"keypoint_permutation={permutation!r} given, but a list, with a place for each point, "
            "expected."
        ) from None
    inside = all(place < len(places) for place in places)
    if not inside or any(places[place] != i for i, place in enumerate(places)):
        raise ValueError(
            f"keypoint_permutation={list(places)} given, but the place of each point expected: "
            "two swap theirs (point 2 to 5 and point 5 to 2) or one keeps its own."
        )
    return places


def swapped(points: tv_tensors.KeyPoints, permutation: tuple[int, ...]) -> tv_tensors.KeyPoints:
    """Give point i of `[..., K, 2]` the place of `permutation[i]`; `ValueError` for another K."""
    if points.ndim < 2 or points.shape[-2] != len(permutation):
        raise ValueError(
            f"KeyPoints of shape {list(points.shape)} given for a keypoint_permutation of "
            f"{len(permutation)} points, but [..., {len(permutation)}, 2] expected."
        )
    return tv_tensors.wrap(points[..., list(permutation), :], like=points)
