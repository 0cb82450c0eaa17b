"""Whether data, transform and network fit together, asked before time is spent."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from d2laug.data.common import Data


def check_data(data: Data, name: str = "data") -> Data:
    """Return `data` if it is a usable pair `(images, labels)`, else raise `ValueError`.

    The images are `uint8` pictures `[N, 3, H, W]` or sounds, `float32` `[N, samples]`.
    """
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise ValueError(f"{name} is a {type(data).__name__}; expected a pair (images, labels)")
    images, labels = data
    tensor = isinstance(images, Tensor)
    if not tensor or (images.ndim, images.dtype) not in ((4, torch.uint8), (2, torch.float32)):
        given = f"{images.dtype} {list(images.shape)}" if tensor else type(images).__name__
        raise ValueError(
            f"the images of {name} are {given}; expected one uint8 tensor [N, 3, H, W], "
            "or for sounds one float32 tensor [N, samples]. Pictures of several sizes become one "
            "size by a crop or resize, then torch.stack"
        )
    if len(images) == 0:
        raise ValueError(f"{name} is empty: there is nothing to learn from or to test on")
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64 or labels.ndim != 1:
        raise ValueError(f"the labels of {name} must be one int64 tensor [N]")
    if len(labels) != len(images):
        raise ValueError(f"{name} has {len(images)} images and {len(labels)} labels")
    if labels.min() < 0:
        raise ValueError(f"{name} has the label {labels.min()}; labels count from 0")
    return images, labels


def check_classes(network: nn.Module, x: Tensor, labels: Tensor) -> int:
    """Return the number of classes of `network`, which must be more than the largest label."""
    network.eval()
    with torch.no_grad():
        classes = network(x).shape[1]
    if labels.max() >= classes:
        raise ValueError(
            f"a label is {labels.max()}, but the network has {classes} classes, 0 to {classes - 1}"
        )
    return classes


def check_transform(transform: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Run `transform` once, so that a mistake in it is seen before time is spent."""
    given = transform(images)
    fixed = images.ndim // 2  # a picture may change its size, a sound its length
    shape = list(given.shape) if isinstance(given, Tensor) else type(given).__name__
    if shape[:fixed] != list(images.shape[:fixed]) or len(shape) != images.ndim:
        raise ValueError(
            f"the transform returns {shape} for a batch of shape {list(images.shape)}; it must "
            f"return one tensor of as many {'pictures' if images.ndim == 4 else 'sounds'}"
        )
    nan = " with NaN (not a number)" if given.isnan().any() else ""
    if given.dtype != images.dtype:
        pictures = "uint8 (0 to 255), which fit itself brings to 0 to 1"
        raise ValueError(
            f"the transform turns {images.dtype} into {given.dtype}{nan}; it must return "
            f"{pictures if images.dtype == torch.uint8 else 'float32'}"
        )
    if nan:
        raise ValueError("the transform returns NaN (not a number): look for a division by 0")
    return given


def check_mix(mix: Callable[..., Data], images: Tensor, labels: Tensor, classes: int) -> None:
    """Run `mix` once, so that a mistake in it is seen before time is spent."""
    given = mix(images, labels)
    if not (isinstance(given, (tuple, list)) and len(given) == 2):
        raise ValueError(f"mix returns a {type(given).__name__}; expected (images, labels)")
    shapes = list(images.shape), [len(labels), classes]
    for name, values, shape in zip(("images", "labels"), given, shapes, strict=True):
        if not (isinstance(values, Tensor) and values.is_floating_point()):
            what = values.dtype if isinstance(values, Tensor) else type(values).__name__
            raise ValueError(f"the {name} from mix are {what}; expected one float tensor")
        if list(values.shape) != shape:
            found = list(values.shape)
            raise ValueError(f"the {name} from mix have the shape {found}; expected {shape}")
        if not values.isfinite().all():
            raise ValueError(f"the {name} from mix have values that are no numbers, or infinite")
    shares = given[1]
    if shares.min() < 0 or (shares.sum(1) - 1).abs().max() > 1e-3:
        raise ValueError("the labels from mix must be shares: none below 0, 1 in a picture's sum")
