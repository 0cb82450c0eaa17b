"""Transforms of transforms: a coin, a choice or an order for each picture of a batch.

Pictures for which the same comes next are taken out of the batch together, with their labels,
changed, and put back. A transform of this package draws for each of them; any other, which would
draw once for all, gets one picture after the other.
"""

from collections.abc import Callable, Sequence
from typing import Any  # a sample may be Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_structure, tree_unflatten
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug.augment.arguments import number, probability
from d2laug.augment.base import BatchTransform, Params, pick, put
from d2laug.augment.samples import is_batch, is_picture, parts_of


class _Container(BatchTransform):
    """What the three share: their transforms, and how some pictures of a batch go through one."""

    def __init__(
        self,
        transforms: Sequence[Callable[..., Any]] | nn.ModuleList,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__(generator)
        if not isinstance(transforms, Sequence | nn.ModuleList):
            raise TypeError(
                f"A list of transforms expected, but {type(transforms).__name__} given."
            )
        if not len(transforms):
            raise ValueError("No transform given, but a list of one or more expected.")
        for transform in transforms:
            if not callable(transform):
                raise TypeError(f"Transforms expected, but {transform!r} given.")
        self.transforms = transforms

    @torch.compiler.disable
    def forward(self, *inputs: Any) -> Any:
        """Draw for each picture of a sample, and change it, and its labels, by what was drawn."""
        sample, several = inputs if len(inputs) > 1 else inputs[0], len(inputs) > 1
        leaves = tree_leaves(sample)
        chosen = self._needs_transform_list(leaves)
        parts = [leaf for leaf, c in zip(leaves, chosen, strict=True) if c]
        plan = [(k, index) for k, index in self._plan(self.make_params(parts)) if len(index)]
        for k, index in plan:
            sample = self._through(self.transforms[k], sample, several, index)
        if not plan:  # a copy, as where something is changed
            spec = tree_structure(sample)
            copies = (x.clone() if isinstance(x, Tensor) and is_picture(x) else x for x in leaves)
            sample = tree_unflatten(copies, spec)
        return sample

    def _plan(self, params: Params) -> list[tuple[int, Tensor]]:
        """Return which transform comes next, by its number, and for which pictures."""
        raise NotImplementedError

    def _through(
        self, transform: Callable[..., Any], sample: Any, several: bool, index: Tensor
    ) -> Any:
        """Send some pictures of a sample, and their labels, through a transform."""
        leaves = tree_leaves(sample)
        chosen = self._needs_transform_list(leaves)
        inputs = [leaf for leaf, c in zip(leaves, chosen, strict=True) if c]
        parts, own, spec = parts_of(sample, inputs)

        def apply(some: list[Any]) -> list[Any]:
            given = tree_unflatten(some, spec)
            return spec.flatten_up_to(transform(*given) if several else transform(given))

        name = f"{transform} in {type(self).__name__}"
        if not is_batch(inputs) or all(len(x) == 1 for x in inputs if is_picture(x)):
            results = apply(parts)  # one picture, or a video: it has one coin, and so have labels
            for part, new in zip(parts, results, strict=True):
                if any(part is x for x in inputs) and is_picture(part) and part.ndim == 4:
                    _check_same(part, new, name)
            return tree_unflatten(results, spec)
        batched = [_has_rows(part, inputs) for part in parts]
        kinds = list(zip(own, batched, strict=True))
        if draws_for_each(transform):
            rows = [_taken(part, index, *kind) for part, kind in zip(parts, kinds, strict=True)]
            groups, outputs = [index], [apply(rows)]
        else:
            groups, outputs = list(index.split(1)), []
            for i in index.tolist():
                one = [_one(part, i, *kind) for part, kind in zip(parts, kinds, strict=True)]
                outputs.append(
                    [
                        [x] if each else x[None] if rows else x
                        for x, (each, rows) in zip(apply(one), kinds, strict=True)
                    ]
                )
        changed = zip(*outputs, strict=True)
        results = [
            _put_back(part, groups, rows, *kind, name)
            for part, rows, kind in zip(parts, changed, kinds, strict=True)
        ]
        return tree_unflatten(results, spec)

    def extra_repr(self) -> str:
        """Show the transforms, one a line."""
        return "\n".join(f"    {transform}" for transform in self.transforms)


class RandomApply(_Container):
    """Apply a list of transforms to each picture of a batch with probability `p`.

    Each picture has its own coin, and all transforms are applied to it or none. Labels go with
    their pictures. Raises `ValueError` where a transform changes the size or the type of pictures,
    for those of a batch have one, for a `p` that is no probability, and for an empty list.

    Source: `torchvision.transforms.v2.RandomApply`, which has one coin for a batch.

    >>> brighter = RandomApply([v2.ColorJitter(brightness=(2, 2))], p=0.5)
    >>> sorted(brighter(torch.full((100, 1, 1, 1), 0.25)).unique().tolist())
    [0.25, 0.5]
    """

    def __init__(
        self,
        transforms: Sequence[Callable[..., Any]] | nn.ModuleList,
        p: float = 0.5,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(transforms, generator)
        self.p = probability(p)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"apply": self._uniform(0, 1, n) < self.p}

    def _plan(self, params: Params) -> list[tuple[int, Tensor]]:
        return [(k, params["apply"].nonzero()[:, 0]) for k in range(len(self.transforms))]


class RandomChoice(_Container):
    """Apply one of several transforms to each picture of a batch, chosen for each.

    `p`: how probable each transform is, in any unit; all equally by default. Errors, and what is
    done with labels, as of `RandomApply`; `ValueError` too for a `p` of another length, or that is
    negative or 0 for all.

    Source: `torchvision.transforms.v2.RandomChoice`, which chooses once for a batch.

    >>> choice = RandomChoice([v2.Grayscale(3), v2.RandomInvert(p=1)], p=[1, 3])
    >>> choice.make_params(torch.zeros(9, 3, 1, 1))["choice"].unique()
    tensor([0, 1])
    """

    def __init__(
        self,
        transforms: Sequence[Callable[..., Any]] | nn.ModuleList,
        p: Sequence[float] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(transforms, generator)
        if p is not None and (not isinstance(p, Sequence) or len(p) != len(transforms)):
            raise ValueError(
                f"p={p} given, but {len(transforms)} numbers, one a transform, expected."
            )
        weights = [number("p", one) for one in p or [1] * len(transforms)]
        if not (min(weights) >= 0 and 0 < sum(weights) < torch.inf):
            raise ValueError(f"p={p} given, but numbers from 0 on, not all 0, expected.")
        self.p = [weight / sum(weights) for weight in weights]

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        ends = torch.tensor(self.p, dtype=torch.float64).cumsum(0)[:-1]
        return {"choice": torch.searchsorted(ends, self._uniform(0, 1, n), right=True)}

    def _plan(self, params: Params) -> list[tuple[int, Tensor]]:
        groups = ((params["choice"] == k).nonzero()[:, 0] for k in range(len(self.transforms)))
        return list(enumerate(groups))


class RandomOrder(_Container):
    """Apply a list of transforms to each picture of a batch, in an order drawn for each.

    Errors, and what is done with labels, as of `RandomApply`.

    Source: `torchvision.transforms.v2.RandomOrder`, which draws one order for a batch.

    >>> twice = v2.Lambda(lambda x: 2 * x)
    >>> one_more = v2.Lambda(lambda x: x + 1)
    >>> RandomOrder([twice, one_more])(torch.ones(100, 1, 1, 1)).unique()
    tensor([3., 4.])
    """

    def __init__(
        self,
        transforms: Sequence[Callable[..., Any]] | nn.ModuleList,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(transforms, generator)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        return {"order": self._uniform(0, 1, n, len(self.transforms)).argsort(1)}

    def _plan(self, params: Params) -> list[tuple[int, Tensor]]:
        numbers = range(len(self.transforms))
        return [(k, (step == k).nonzero()[:, 0]) for step in params["order"].T for k in numbers]


def draws_for_each(transform: Callable[..., Any]) -> bool:
    """Whether a transform draws for each picture of a batch, so that it may have all at once."""
    if isinstance(transform, v2.Compose):
        return all(draws_for_each(part) for part in transform.transforms)
    if isinstance(transform, nn.Sequential):
        return all(draws_for_each(part) for part in transform)
    return isinstance(transform, BatchTransform)


# A part of a sample that belongs to the pictures is a list with an entry for `each` of them, or has
# `rows`, as have the pictures, masks and points.


def _has_rows(part: Any, inputs: list[Any]) -> bool:
    chosen = any(part is x for x in inputs)
    kinds = tv_tensors.Mask | tv_tensors.KeyPoints
    return chosen and (is_picture(part) or isinstance(part, kinds))


def _taken(part: Any, index: Tensor, each: bool, rows: bool) -> Any:
    if each:
        return type(part)(part[i] for i in index.tolist())
    if rows:
        return tv_tensors.wrap(pick(part.as_subclass(Tensor), index), like=part)
    return part


def _one(part: Any, i: int, each: bool, rows: bool) -> Any:
    if each:
        return part[i]
    return tv_tensors.wrap(part.as_subclass(Tensor)[i], like=part) if rows else part


def _put_back(
    part: Any, groups: list[Tensor], changed: tuple[Any, ...], each: bool, rows: bool, name: str
) -> Any:
    if each:
        items = list(part)
        for group, entries in zip(groups, changed, strict=True):
            for i, entry in zip(group.tolist(), entries, strict=True):
                items[i] = entry
        return type(part)(items)
    if not rows:
        return part
    output = part.as_subclass(Tensor).clone()
    for group, new in zip(groups, changed, strict=True):
        _check_same(part, new, name)
        put(output, group, new.as_subclass(Tensor))
    return tv_tensors.wrap(output, like=part)


def _check_same(before: Tensor, after: Tensor, name: str) -> None:
    if after.shape[1:] != before.shape[1:] or after.dtype != before.dtype:
        raise ValueError(
            f"{name} made {list(after.shape[1:])} of {after.dtype} from {list(before.shape[1:])} "
            f"of {before.dtype}, but pictures of a batch stay one size and one type. Put it before "
            "or behind."
        )
