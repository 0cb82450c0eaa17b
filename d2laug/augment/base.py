"""What all transforms share: a draw for each picture, labels that follow theirs, and checks.

- `BatchTransform`: what becomes of a sample, of a batch of pictures, and of one label;
- `change_chosen`, `pick`, `put`, `by_loops`: how a batch is changed;
- `check_channels`, `check_mode`, `check_values`, `one_each`: what is refused;
- `working`, `write`: pictures as floating point numbers, and back.
"""

import math
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any  # a sample, and what is drawn for it, may be Any

import numpy as np
import PIL.Image
import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import get_size, is_pure_tensor

from d2laug.augment.samples import LABELS, as_batch, check_rows, owners_of, shape_of

Params = dict[str, Any]


class BatchTransform(v2.Transform):
    """A transform of `torchvision.transforms.v2` that draws anew for every picture of a batch.

    A subclass says what is drawn (`_draw`), what that does to a batch (`_change`) and, where labels
    move, to masks `[N, K, H, W]` of any dtype (`_masks`), and which transform of torchvision does
    the same to one picture (`_torchvision`).
    """

    moves = True  # whether labels move along

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        if not isinstance(generator, torch.Generator | None):
            raise TypeError(
                f"generator={generator!r} given, but a torch.Generator or None expected, such as "
                "torch.Generator().manual_seed(3)."
            )
        self.generator = generator

    @torch.compiler.disable
    def forward(self, *inputs: Any) -> Any:
        """Draw for each picture of a sample, and apply that to the picture and its labels."""
        sample = inputs if len(inputs) > 1 else inputs[0]
        leaves, spec = tree_flatten(sample)
        chosen = self._needs_transform_list(leaves)
        inputs = tuple(leaf for leaf, c in zip(leaves, chosen, strict=True) if c)
        params = self.make_params(list(inputs))
        owners = owners_of(sample, inputs)
        rows = self._rows(params) if any(owner is not None for owner in owners) else []
        outputs = [
            leaf
            if not c
            else self.transform(leaf, params)
            if owner is None
            else self._label(leaf, rows[owner] if rows else params)
            for leaf, c, owner in zip(leaves, chosen, owners, strict=True)
        ]
        return tree_unflatten(outputs, spec)

    def make_params(self, flat_inputs: Any) -> Params:
        """Draw for the pictures of `flat_inputs`, a list as torchvision hands it over, or a batch.

        Returns what torchvision's `make_params` returns for one picture, with a tensor or a list of
        one row for each picture in the place of what was drawn, and other values for all of them.
        Where there is a `p`, the tensor `apply`, bool `[N]`, says which pictures are changed.
        """
        inputs = [flat_inputs] if isinstance(flat_inputs, Tensor) else list(flat_inputs)
        with on_cpu():
            return self._draw(*shape_of(inputs, self.moves))

    def transform(self, inpt: Any, params: Params) -> Any:
        """Apply `params`, as of `make_params`, to pictures or to labels of all pictures."""
        if is_pure_tensor(inpt) or isinstance(inpt, tv_tensors.Image):
            return self._images(inpt, params)
        # Without pictures the labels, which are none either, still take the new size.
        rows = self._rows(params) or self._rows(self._draw(1, None, *get_size(inpt))) or [params]
        if len(rows) == 1:
            return self._label(inpt, rows[0])
        check_rows(inpt, len(rows))
        if isinstance(inpt, tv_tensors.Mask) and self.moves:
            masks = inpt.as_subclass(Tensor).reshape(len(rows), -1, *inpt.shape[-2:])
            with on_cpu():
                masks = self._masks(masks, params)
            return tv_tensors.wrap(masks.reshape(*inpt.shape[:-2], *masks.shape[-2:]), like=inpt)
        one_each = zip(inpt, rows, strict=True)
        moved = [self._label(tv_tensors.wrap(x, like=inpt), row) for x, row in one_each]
        return tv_tensors.wrap(torch.stack(moved), like=moved[0])

    def rows(self, params: Params) -> list[Params]:
        """Split `params` into one for each picture, as torchvision's own `transform` takes it.

        A row of a tensor `[N]` becomes a number of Python. `apply` is left out: torchvision calls
        `transform` for what is changed only. Of noise, which draws nothing for a picture, none.
        """
        each = {
            name: values.tolist() if isinstance(values, Tensor) and values.ndim == 1 else values
            for name, values in params.items()
            if isinstance(values, Tensor | list)
        }
        for_all = {name: values for name, values in params.items() if name not in each}
        rows = [dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)]
        return [{k: v for k, v in (for_all | row).items() if k != "apply"} for row in rows]

    def _rows(self, params: Params) -> list[Params | None]:
        """Return the rows of `params`, and None for pictures that are not changed."""
        rows = self.rows(params)
        apply = params["apply"].tolist() if "apply" in params else [True] * len(rows)
        return [row if chosen else None for row, chosen in zip(rows, apply, strict=True)]

    def _label(self, label: Any, row: Params | None) -> Any:
        """Apply one picture's draw to a label, to a PIL image, or to a video, as torchvision."""
        if row is None or (isinstance(label, LABELS) and not self.moves):
            return label
        with without_autocast(label if isinstance(label, Tensor) else torch.empty(0)):
            try:
                return self._torchvision().transform(label, row)
            except (NotImplementedError, OSError, ValueError) as error:
                check_mode(label, error)
                raise

    def _images(self, images: Tensor, params: Params) -> Tensor:
        batch = as_batch(images)
        for name, values in params.items():
            if isinstance(values, Tensor | list) and len(values) != len(batch):
                raise ValueError(
                    f"{len(batch)} pictures given, but {name!r} for {len(values)}. "
                    "Draw the numbers with make_params for the same pictures."
                )
        with without_autocast(batch), on_cpu():
            output = self._change(batch, params | {"kind": type(images)})
        output = output if images.ndim == 4 else output[0]
        return tv_tensors.wrap(output, like=images)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        raise NotImplementedError

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        raise NotImplementedError

    def _masks(self, masks: Tensor, params: Params) -> Tensor:
        raise NotImplementedError

    def _torchvision(self) -> v2.Transform:
        raise TypeError(
            f"A PIL image or a video given, but {type(self).__name__} takes tensors of pictures. "
            "Turn them into tensors with torchvision.transforms.v2.functional.to_image."
        )

    def _coins(self, n: int, p: float) -> Tensor:
        """Toss a coin for each of n pictures: true, bool `[N]`, with probability `p`."""
        return self._uniform(0, 1, n) < p

    def _uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Draw numbers, float64 on the CPU: one seed, the same pictures on every device."""
        device = self.generator.device if self.generator is not None else "cpu"
        drawn = torch.rand(shape, generator=self.generator, dtype=torch.float64, device=device)
        return low + (high - low) * drawn.cpu()

    def _boxes(
        self,
        shape: tuple[int, int, int],
        scale: tuple[float, float],
        ratio: tuple[float, float],
        fits: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw boxes for n pictures of (height, width) pixels, in ten tries each: int64 `[N]` each.

        Their share of the area is uniform in `scale`, and the ratio of the first side to the second
        log-uniform in `ratio`. Returns both sides, and where `fits(first, second)` was met.
        """
        n, height, width = shape
        # NumPy's mathematics stay in one thread; PyTorch's would wait for a second one here.
        area = height * width * self._uniform(*scale, n, 10).numpy()
        drawn = np.exp(self._uniform(math.log(ratio[0]), math.log(ratio[1]), n, 10).numpy())
        sides = np.round(np.sqrt(np.stack([area * drawn, area / drawn]))).astype(np.int64)
        good = fits(*sides)
        first, second = sides[:, np.arange(n), good.argmax(1)]
        return torch.from_numpy(first), torch.from_numpy(second), torch.from_numpy(good.any(1))

    def _integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Draw whole numbers from `low` to `high`, both included: int64."""
        return self._uniform(low, high + 1, *shape).floor().long()


def change_chosen(change: Any, batch: Tensor, apply: Tensor, *values: Tensor) -> Tensor:
    """Apply `change(batch, *values)` to the pictures that `apply` chooses, and leave the rest."""
    if apply.all():
        return change(batch, *values)
    output = batch.clone(memory_format=torch.contiguous_format)
    if apply.any():
        index = apply.nonzero()[:, 0]
        some = (v[apply.to(v.device)] for v in values)
        put(output, index, change(pick(batch, index), *some))
    return output


def movable(batch: Tensor) -> Tensor:
    """Return uint16 as int16 of the same bits, which every PyTorch moves."""
    return batch.view(torch.int16) if batch.dtype == torch.uint16 else batch


def moved(x: Tensor, like: Tensor) -> Tensor:
    """Return what `movable` made of `like`, after a move, in its dtype."""
    return x if x.dtype == like.dtype else x.view(like.dtype)  # a view as itself has no gradient


def pick(batch: Tensor, index: Tensor) -> Tensor:
    """Return the pictures of these numbers, int64 on the CPU."""
    return moved(movable(batch).index_select(0, index.to(batch.device)), batch)


def put(output: Tensor, index: Tensor, rows: Tensor) -> None:
    """Write pictures to these places in `output`."""
    if output.dtype == torch.uint8 and output.is_cpu:
        output.numpy()[index.numpy()] = rows.numpy()  # PyTorch would go byte by byte
        return
    movable(output).index_copy_(0, index.to(output.device), movable(rows))


@cache
def _numba_is_there() -> bool:
    try:
        import numba  # noqa: F401
    except ImportError as error:
        warnings.warn(
            f"Numba cannot be imported ({error}): the augmentations take their slower form in "
            "PyTorch. Install the package numba for the compiled loops.",
            stacklevel=4,
        )
        return False
    return True


def by_loops(batch: Tensor) -> bool:
    """Whether the compiled loops take this batch: `uint8` on the CPU, where Numba is installed."""
    return batch.dtype == torch.uint8 and batch.is_cpu and len(batch) > 0 and _numba_is_there()


def check_channels(batch: Tensor, *allowed: int) -> None:
    """Raise `ValueError` for another number of channels than `allowed` (1 and 3 without it)."""
    allowed = allowed or (1, 3)
    given, last = batch.shape[1], batch.shape[-1]
    if given in allowed:
        return
    hint = ""
    if given not in (1, 2, 3, 4) and last in (1, 3, 4):
        hint = " Channels stand before height and width: x.movedim(-1, -3)."
    elif given == 1:
        hint = " Repeat the channel: x.repeat_interleave(3, -3)."
    elif given == 4:
        hint = " Leave an alpha channel out: x[..., :3, :, :]."
    expected = " or ".join(map(str, allowed))
    raise ValueError(f"Pictures of {given} channels given, but {expected} expected.{hint}")


def check_mode(image: Any, error: Exception | None = None) -> None:
    """Raise `TypeError` for a PIL image of another kind than the two that all changes take."""
    if isinstance(image, PIL.Image.Image) and image.mode not in ("L", "RGB"):
        raise TypeError(
            f"A PIL image of mode {image.mode} given, but L or RGB expected. Turn it into one with "
            "image.convert('RGB')."
        ) from error


def check_values(batch: Tensor) -> None:
    """Raise `ValueError` for floats outside 0 to 1 and NaN; integers are right and cost nothing."""
    if not batch.is_floating_point() or not len(batch):
        return
    low, high = batch.detach().aminmax()
    # Resizing may leave 0 to 1 by a rounding error.
    if not (low >= -1e-5 and high <= 1 + 1e-5):
        raise ValueError(
            f"Floating point values from {low:.4g} to {high:.4g} given, but 0 to 1 expected. "
            "Divide 0 to 255 by 255, and normalize after the change of colors, not before."
        )


def as_numbers(name: str, values: Any) -> Tensor:
    """Take numbers of Python, NumPy or PyTorch, as float64 on the CPU; `TypeError` for others."""
    try:
        return torch.as_tensor(values, dtype=torch.float64, device="cpu").detach()
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name}={values!r} given, but numbers expected.") from None


def one_each(name: str, values: Tensor, batch: Tensor) -> Tensor:
    """Return `values`, one number or one for each picture, as `[N]`; `ValueError` for others."""
    if values.ndim > 1 or (values.ndim == 1 and len(values) != len(batch)):
        raise ValueError(
            f"{name} of shape {list(values.shape)} given for {len(batch)} pictures, but one number "
            "for all or one for each expected."
        )
    return values.expand(len(batch))


def without_autocast(batch: Tensor) -> torch.autocast:
    """Return a context in which nothing is computed in a lower precision than that of `batch`."""
    return torch.autocast(batch.device.type, enabled=False)


def on_cpu() -> AbstractContextManager[Any]:
    """Return a context in which new tensors are made on the CPU, as what is drawn must be."""
    elsewhere = torch.get_default_device().type != "cpu"
    return torch.device("cpu") if elsewhere else nullcontext()


def white_of(batch: Tensor) -> int:
    """Return the value of white: 1 in floating point, 255 or 65,535 in whole numbers."""
    return 1 if batch.is_floating_point() else torch.iinfo(batch.dtype).max


def working(batch: Tensor) -> Tensor:
    """Return pictures in floating point, float32 or more; 0 to white as before."""
    dtype = batch.dtype if batch.is_floating_point() else torch.float32
    return batch.to(torch.promote_types(dtype, torch.float32))


def write(x: Tensor, like: Tensor) -> Tensor:
    """Return floating point pictures in the dtype of `like`, rounded where that has levels."""
    return x.to(like.dtype) if like.is_floating_point() else x.round().to(like.dtype)
