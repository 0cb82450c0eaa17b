"""Whether data, network, transform and mix fit together, asked before time is spent."""

import copy
from collections.abc import Callable
from numbers import Integral, Real

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from d2laug.data.common import Data
from d2laug.train.networks import device_of, to_float

Transform = Callable[[Tensor], Tensor] | None
Mix = Callable[[Tensor, Tensor], Data] | None


def check_data(data: Data, name: str = "data") -> Data:
    """Return `data` if it is a usable pair `(images, labels)`; raise `ValueError`, with its `name`.

    The images are `uint8` pictures `[N, 3, H, W]` or sounds, `float32` `[N, samples]`; the labels
    are `int64` `[N]`, from 0.
    """
    images, labels = _pair(data, f"{name} is")
    check_images(images, f"the images of {name} are")
    hint = f", one for each of the {len(images)} images"
    _expect(f"the labels of {name} are", labels, torch.int64, [len(images)], hint)
    if len(images) == 0:
        raise ValueError(f"{name} is empty: there is nothing to learn from or to test on")
    if labels.min() < 0:
        raise ValueError(f"{name} has the label {labels.min()}; labels count from 0")
    return images, labels


def check_images(images: Tensor, what: str, floats: bool = False) -> None:
    """Raise `ValueError` where these are neither pictures nor sounds; `what` begins the sentence.

    With `floats` pictures may be floating point too, from 0 to 1.
    """
    dtype, dimensions = getattr(images, "dtype", None), getattr(images, "ndim", 0)
    if (dtype, dimensions) == (torch.float32, 2):
        return
    real = floats and isinstance(images, Tensor) and images.is_floating_point()
    hint = ", or for sounds one float32 tensor [N, samples]. Pictures of several sizes become "
    hint += "one size by a crop or resize, then torch.stack; channels go first by movedim(-1, 1)"
    _expect(what, images, dtype if real else torch.uint8, ["N", 3, "H", "W"], hint)
    if real and len(images) and not (images.min() >= -1e-4 and images.max() <= 1 + 1e-4):
        given = f"{_described(images)} from {images.min():.3g} to {images.max():.3g}"
        raise ValueError(f"{what} {given}; expected 0 to 1: divide by 255, or pass uint8")


def check_labels(labels: Tensor, classes: int) -> None:
    """Raise `ValueError` for a label that the network has no class for."""
    if (most := labels.max()) >= classes:
        known = f"{classes} classes, 0 to {classes - 1}"
        raise ValueError(f"a label is {most}, but the network has {known}")


def check_numbers(epochs: int = 1, batch_size: int = 1, lr: float = 1.0, seed: int = 0) -> None:
    """Raise `ValueError` for numbers that nothing can be trained, or asked, with."""
    numbers = ("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)
    for name, value, least in numbers:
        if not isinstance(value, Integral) or not least <= value < 2**31:
            raise ValueError(f"{name} is {value!r}; expected a whole number from {least}")
    if not (isinstance(lr, Real | Tensor) and 0 < lr < torch.inf):
        raise ValueError(f"lr is {lr!r}; expected a positive number")


def check_weights(network: nn.Module) -> None:
    """Raise `ValueError` for a network some of whose weights have no values yet."""
    for name, weights in network.named_parameters():
        if weights.is_meta or isinstance(weights, UninitializedParameter):
            hint = "show a lazy network a batch, or load the weights, before it is trained"
            raise ValueError(f"the weights {name} of the network have no values yet: {hint}")


def check_parts(
    network: nn.Module, train: Data, validation: Data, size: int, transform: Transform, mix: Mix
) -> None:
    """Run each part of a training once, on its first batch; raise `ValueError` for a wrong one."""
    device = device_of(network, learns=True)
    x, y = (part[:size].clone().to(device) for part in train)
    if transform is not None:
        sizes, hint = [len(x), "samples"], ""
        if x.ndim == 4:
            sizes, hint = [*x.shape[:2], "H", "W"], ", 0 to 255: fit itself brings it to 0 to 1"
        x, dtype = transform(x), x.dtype
        _expect_finite("the transform returns", x, dtype, sizes, hint)
    classes = ask(copy.deepcopy(network).train(), x, "a training batch").shape[1]
    ask(network.eval(), validation[0][:1].to(device), "a picture of validation")
    for labels in (train[1], validation[1]):
        check_labels(labels, classes)
    if mix is not None:
        mixed, shares = _pair(mix(to_float(x), y), "mix returns")
        _expect_finite("the images from mix are", mixed, torch.float32, [*x.shape])
        _expect_finite("the labels from mix are", shares, torch.float32, [len(y), classes])
        if shares.min() < 0 or (shares.sum(1) - 1).abs().max() > 1e-3:
            raise ValueError("the labels from mix must be shares: none below 0, 1 in their sum")


@torch.no_grad()
def ask(network: nn.Module, x: Tensor, what: str) -> Tensor:
    """Return logits `[N, classes]` for `x`; raise `ValueError` where `network` cannot take it."""
    try:
        answer = network(to_float(x))
    except (IndexError, RuntimeError, TypeError, ValueError) as error:
        given = f"{what} is {_described(x)}, which the network cannot take"
        raise ValueError(f"{given}: {str(error).splitlines()[0]}") from error
    if not isinstance(answer, Tensor) or answer.ndim != 2 or len(answer) != len(x):
        hint = "one that marks pixels tells no classes apart" if x.ndim == 4 else "a row for each"
        given = f"to {len(x)} of them the network answers {_described(answer)}"
        raise ValueError(f"{given}; expected logits [{len(x)}, classes]: {hint}")
    return answer


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
        known = {i: size for i, size in enumerate(sizes) if not isinstance(size, str)}
        if not value.is_meta and all(value.shape[i] == size for i, size in known.items()):
            return
    wanted = ", ".join(map(str, sizes))
    raise ValueError(f"{what} {_described(value)}; expected one tensor {dtype} [{wanted}]{hint}")


def _described(value: object) -> str:
    if not isinstance(value, Tensor):
        return type(value).__name__
    return f"{value.dtype} {[*value.shape]}{' on the device meta' * value.is_meta}"
