"""Whether data, network, transform and mix fit together, asked before time is spent."""

from collections.abc import Callable
from numbers import Integral

import torch
from torch import Tensor, nn

from d2laug.data.common import Data
from d2laug.train.networks import to_float

Transform = Callable[[Tensor], Tensor] | None
Mix = Callable[[Tensor, Tensor], Data] | None


def check_data(data: Data, name: str = "data") -> Data:
    """Return `data` if it is a usable pair `(images, labels)`, else raise `ValueError`.

    The images are `uint8` pictures `[N, 3, H, W]` or sounds, `float32` `[N, samples]`; the labels
    are `int64` `[N]`, from 0.
    """
    images, labels = _pair(data, f"{name} is")
    if (getattr(images, "dtype", None), getattr(images, "ndim", 0)) != (torch.float32, 2):
        hint = ", or for sounds one float32 tensor [N, samples]. Pictures of several sizes become "
        hint += "one size by a crop or resize, then torch.stack"
        _expect(f"the images of {name} are", images, torch.uint8, ["N", "3", "H", "W"], hint)
    hint = f", one for each of the {len(images)} images"
    _expect(f"the labels of {name} are", labels, torch.int64, [len(images)], hint)
    if len(images) == 0:
        raise ValueError(f"{name} is empty: there is nothing to learn from or to test on")
    if labels.min() < 0:
        raise ValueError(f"{name} has the label {labels.min()}; labels count from 0")
    return images, labels


def check_numbers(epochs: int, batch_size: int, lr: float) -> None:
    """Raise `ValueError` for numbers that nothing can be trained with."""
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a whole number from 1")
    if not lr > 0:
        raise ValueError(f"lr is {lr!r}; expected a positive number")


def check_parts(network: nn.Module, train: Data, size: int, transform: Transform, mix: Mix) -> None:
    """Run each part of a training once, on its first batch; raise `ValueError` for a wrong one."""
    device = next(network.parameters()).device
    x, y = (part[:size].clone().to(device) for part in train)
    network.eval()
    with torch.no_grad():
        classes = network(to_float(x[:1])).shape[1]
    if (most := train[1].max()) >= classes:
        raise ValueError(
            f"a label is {most}, but the network has {classes} classes, 0 to {classes - 1}"
        )
    if transform is not None:
        sizes, hint = [len(x), "samples"], ""
        if x.ndim == 4:
            sizes, hint = [*x.shape[:2], "H", "W"], ", 0 to 255: fit itself brings it to 0 to 1"
        x, dtype = transform(x), x.dtype
        _expect_finite("the transform returns", x, dtype, sizes, hint)
    if mix is not None:
        mixed, shares = _pair(mix(to_float(x), y), "mix returns")
        _expect_finite("the images from mix are", mixed, torch.float32, [*x.shape])
        _expect_finite("the labels from mix are", shares, torch.float32, [len(y), classes])
        if shares.min() < 0 or (shares.sum(1) - 1).abs().max() > 1e-3:
            raise ValueError("the labels from mix must be shares: none below 0, 1 in their sum")


def _pair(value: Data, what: str) -> Data:
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise ValueError(f"{what} {_described(value)}; expected a pair (images, labels)")
    return value


def _expect_finite(what, value, dtype, sizes, hint=""):
    if isinstance(value, Tensor) and not value.isfinite().all():
        raise ValueError(f"{what} {_described(value)} with NaN or infinity: does it divide by 0?")
    _expect(what, value, dtype, sizes, hint)


def _expect(what, value, dtype, sizes, hint=""):
    """Raise `ValueError` where `value` is no tensor of these sizes; a word stands for any size."""
    if isinstance(value, Tensor) and (value.dtype, value.ndim) == (dtype, len(sizes)):
        known = {place: size for place, size in enumerate(sizes) if not isinstance(size, str)}
        if all(value.shape[place] == size for place, size in known.items()):
            return
    wanted = ", ".join(map(str, sizes))
    raise ValueError(f"{what} {_described(value)}; expected one tensor {dtype} [{wanted}]{hint}")


def _described(value: object) -> str:
    return f"{value.dtype} {[*value.shape]}" if isinstance(value, Tensor) else type(value).__name__
