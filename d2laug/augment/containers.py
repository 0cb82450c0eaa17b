"""Transforms of transforms: a coin, a choice or an order for each picture of a batch.

Pictures for which the same comes next are taken out of the batch together, with their labels,
changed, and put back. A transform of this package draws for each of them; any other, which would
draw once for all, gets one picture after the other. So `RandomApply([transform], p=1)` makes any
transform of torchvision that keeps the size of pictures draw for each of a batch. `v2.CutMix` and
`v2.MixUp`, which mix the pictures of a batch, belong into torchvision's own containers.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any  # a sample may be Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug.augment.arguments import number, probability
from d2laug.augment.base import BatchTransform, Params, movable, moved, pick, put
from d2laug.augment.samples import LABELS, is_batch, is_picture, parts_of, shape_of


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
        parts = self._chosen(sample)
        parts_of(sample, parts)  # refuses labels of no picture, however the coins fall
        return self._run(sample, several, is_batch(parts), self.make_params(parts))

    def transform(self, inpt: Any, params: Params) -> Any:
        """Apply `params` to pictures; the transforms inside draw as they are called.

        Raises `TypeError` for labels: they need the same call, not only the same `params`.
        """
        if isinstance(inpt, LABELS):
            raise TypeError(
                f"{type(inpt).__name__} given without its pictures, but {type(self).__name__} "
                "draws inside as it goes. Call it on pictures and labels together."
            )
        n = shape_of([inpt], same_size=True)[0]
        for name, values in params.items():
            if len(values) != n:
                raise ValueError(
                    f"{n} pictures given, but {name!r} for {len(values)}. "
                    "Draw the numbers with make_params for the same pictures."
                )
        return self._run(inpt, False, is_batch([inpt]), params)

    def _plan(self, params: Params) -> list[tuple[int, Tensor]]:
        """Return which transform comes next, by its number, and for which pictures."""
        raise NotImplementedError

    def _chosen(self, sample: Any) -> list[Any]:
        leaves = tree_leaves(sample)
        chosen = self._needs_transform_list(leaves)
        return [leaf for leaf, c in zip(leaves, chosen, strict=True) if c]

    def _run(self, sample: Any, several: bool, batched: bool, params: Params) -> Any:
        plan, before = self._plan(params), sample
        n = len(next(iter(params.values())))
        foreign = any(not draws_for_each(self.transforms[k]) for k, index in plan if len(index))
        if foreign:  # it may work in place
            sample = _fresh(sample, self._chosen(sample))
        elif batched and any(len(index) < n for _, index in plan):
            sample = self._copied(sample)  # once, and what is changed is written into it
        for k, index in plan:
            transform = self.transforms[k]
            call = partial(_call, transform, several)
            if len(index) and batched:
                sample = self._through(transform, call, sample, index)
            elif len(index):  # one picture, or a video: it has one coin
                sample = call(sample)
        return sample if sample is not before else _fresh(sample, self._chosen(sample))

    def _copied(self, sample: Any) -> Any:
        """Return a sample in which tensors with a row for each picture are new."""
        inputs = self._chosen(sample)
        parts, own, spec = parts_of(sample, inputs)
        kinds = [_kind(part, each, inputs) for part, each in zip(parts, own, strict=True)]
        copies = [_clone(x) if kind == ROWS else x for x, kind in zip(parts, kinds, strict=True)]
        return tree_unflatten(copies, spec)

    def _through(
        self, transform: Callable[..., Any], call: Callable[[Any], Any], sample: Any, index: Tensor
    ) -> Any:
        """Send some pictures of a batch, and their labels, through a transform."""
        inputs = self._chosen(sample)
        parts, own, spec = parts_of(sample, inputs)
        kinds = [_kind(part, each, inputs) for part, each in zip(parts, own, strict=True)]
        name = f"{transform} in {type(self).__name__}"

        def apply(take: Callable[[Any, Any, str], Any], which: Any) -> list[Any]:
            given = [take(part, which, kind) for part, kind in zip(parts, kinds, strict=True)]
            output = call(tree_unflatten(given, spec))
            try:
                return spec.flatten_up_to(output)
            except ValueError as error:
                raise ValueError(
                    f"{name} gave back a {type(output).__name__} that is not built as the sample "
                    "it was given, but for some pictures of a batch it must be."
                ) from error

        if draws_for_each(transform):
            groups, outputs = [index], [apply(_taken, index)]
        else:
            groups = list(index.split(1))
            ones = [apply(_one, i) for i in index.tolist()]
            outputs = [list(map(_as_group, one, kinds)) for one in ones]
        changed = zip(*outputs, strict=True)
        results = [
            _put_back(part, groups, rows, kind, name)
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
        return {"apply": self._coins(n, self.p)}

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


def _fresh(sample: Any, inputs: list[Any]) -> Any:
    """Return a sample with copies of its pictures and labels, as where something is changed."""
    leaves, spec = tree_flatten(sample)
    chosen = {id(x) for x in inputs if isinstance(x, Tensor)}
    return tree_unflatten([_clone(x) if id(x) in chosen else x for x in leaves], spec)


def _clone(x: Tensor) -> Tensor:
    plain = x.as_subclass(Tensor).clone(memory_format=torch.contiguous_format)
    return tv_tensors.wrap(plain, like=x)


def _call(transform: Callable[..., Any], several: bool, sample: Any) -> Any:
    return transform(*sample) if several else transform(sample)


# What a part of a sample is: a list with an entry for each picture; a tensor with a row for each;
# all that the only picture of a batch has; or something that belongs to no picture.
EACH, ROWS, WHOLE, SHARED = "each", "rows", "whole", "shared"


def _kind(part: Any, each: bool, inputs: list[Any]) -> str:
    n = next(len(x) for x in inputs if is_picture(x) and x.ndim == 4)
    chosen = any(part is x for x in inputs)
    if each:
        return EACH
    if chosen and is_picture(part):
        return ROWS
    if n == 1:  # masks [K, H, W] are K instances
        return WHOLE
    return ROWS if chosen and isinstance(part, tv_tensors.Mask | tv_tensors.KeyPoints) else SHARED


def _taken(part: Any, index: Tensor, kind: str) -> Any:
    if kind == EACH:
        return type(part)(part[i] for i in index.tolist())
    if kind == ROWS and len(index) < len(part):
        return tv_tensors.wrap(pick(part.as_subclass(Tensor), index), like=part)
    return part


def _one(part: Any, i: int, kind: str) -> Any:
    if kind == EACH:
        return part[i]
    return tv_tensors.wrap(part.as_subclass(Tensor)[i], like=part) if kind == ROWS else part


def _as_group(one: Any, kind: str) -> Any:
    if kind == EACH:
        return [one]
    return one[None] if kind == ROWS and isinstance(one, Tensor) else one


def _put_back(
    part: Any, groups: list[Tensor], changed: tuple[Any, ...], kind: str, name: str
) -> Any:
    if kind == WHOLE:
        return changed[0]
    if kind == SHARED:
        return part
    if kind == EACH:
        items = list(part)
        for group, entries in zip(groups, changed, strict=True):
            for i, entry in zip(group.tolist(), entries, strict=True):
                items[i] = entry
        return type(part)(items)
    for new in changed:
        if _words(new) != _words(part):
            raise ValueError(
                f"{name} made {_words(new)} from {_words(part)}, but pictures of a batch stay one "
                "size and one type. Put it before or behind."
            )
    rows, before = [new.as_subclass(Tensor) for new in changed], part.as_subclass(Tensor)
    if sum(map(len, groups)) < len(part):
        for group, x in zip(groups, rows, strict=True):
            put(before, group, x.clone() if _shared(x, before) else x)
        return part
    if len(rows) == 1 and not _shared(rows[0], before):
        output = rows[0]
    else:  # a copy, also of one
        output = moved(torch.cat([movable(x) for x in rows]), part)
    return tv_tensors.wrap(output, like=part)


def _shared(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def _words(rows: Any) -> str:
    """Say what a picture, or a label, of these is."""
    if not isinstance(rows, Tensor):
        return f"a {type(rows).__name__}"
    return f"{list(rows.shape[1:])} of {rows.dtype}"
