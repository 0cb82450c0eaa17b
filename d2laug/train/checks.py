"""Whether data, transform and network fit together, asked before time is spent."""

import torch
from torch import Tensor, nn

Data = tuple[Tensor, Tensor]


def check_data(data: Data, name: str = "data") -> Data:
    """Return `data` if it is a usable pair `(images, labels)`, else raise `ValueError`.

    The images are `uint8` pictures `[N, 3, H, W]` or sounds, `float32` `[N, samples]`.
    """
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise ValueError(f"{name} is a {type(data).__name__}; expected a pair (images, labels)")
    images, labels = data
    kind = (images.ndim, images.dtype) if isinstance(images, Tensor) else None
    if kind not in ((4, torch.uint8), (2, torch.float32)):
        given = (
            f"{images.dtype} {list(images.shape)}"
            if isinstance(images, Tensor)
            else type(images).__name__
        )
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


def check_network(network: nn.Module, images: Tensor, labels: Tensor) -> int:
    network.eval()
    device = next(network.parameters()).device
    with torch.no_grad():
        classes = network(to_float(images[:1].to(device))).shape[1]
    if labels.max() >= classes:
        raise ValueError(
            f"a label is {labels.max()}, but the network has {classes} classes, 0 to {classes - 1}"
        )
    return classes


def check_transform(transform, images: Tensor) -> Tensor:
    """Run `transform` once, so that a mistake in it is seen before time is spent."""
    if transform is None:
        return images
    given = transform(images)
    fixed = images.ndim // 2  # a picture may change its size, a sound its length
    if (
        not isinstance(given, Tensor)
        or given.ndim != images.ndim
        or given.shape[:fixed] != images.shape[:fixed]
    ):
        what = list(given.shape) if isinstance(given, Tensor) else type(given).__name__
        raise ValueError(
            f"the transform returns {what} for a batch of shape {list(images.shape)}; it must "
            f"return one tensor of as many {'pictures' if images.ndim == 4 else 'sounds'}"
        )
    nan = given.isnan().any()
    if given.dtype != images.dtype:
        right = (
            "uint8 (0 to 255), which fit itself brings to 0 to 1"
            if images.dtype == torch.uint8
            else f"{images.dtype}".removeprefix("torch.")
        )
        raise ValueError(
            f"the transform turns {images.dtype} into {given.dtype}"
            f"{' with NaN (not a number)' if nan else ''}; it must return {right}"
        )
    if nan:
        raise ValueError("the transform returns NaN (not a number): look for a division by 0")
    return given


def check_mix(mix, images: Tensor, labels: Tensor, classes: int) -> None:
    """Run `mix` once, so that a mistake in it is seen before time is spent."""
    if mix is None:
        return
    given = mix(images, labels)
    if not (isinstance(given, (tuple, list)) and len(given) == 2):
        raise ValueError(f"mix returns a {type(given).__name__}; expected (images, labels)")
    for name, values, shape in zip(
        ("images", "labels"), given, (images.shape, (len(labels), classes)), strict=True
    ):
        if not (isinstance(values, Tensor) and values.is_floating_point()):
            what = values.dtype if isinstance(values, Tensor) else type(values).__name__
            raise ValueError(f"the {name} from mix are {what}; expected one float tensor")
        if values.shape != shape:
            raise ValueError(
                f"the {name} from mix have the shape {list(values.shape)}; expected {list(shape)}"
            )
        if not values.isfinite().all():
            raise ValueError(f"the {name} from mix have values that are no numbers, or infinite")
    shares = given[1]
    if shares.min() < 0 or (shares.sum(1) - 1).abs().max() > 1e-3:
        raise ValueError(
            "the labels from mix must be shares: none below 0, and 1 in the sum of each picture"
        )


def to_float(images: Tensor) -> Tensor:
    """Pictures from 0 to 255 as the network takes them: 0 to 1, in the layout that is fastest.

    Sounds stay as they are.
    """
    if images.dtype != torch.uint8:
        return images
    return images.to(memory_format=torch.channels_last).float().div_(255)
