"""Sliders on a picture and its labels, which move along or stay behind."""

from collections.abc import Mapping

import torch
from ipywidgets import Checkbox
from torch import Tensor, nn
from torchvision import tv_tensors
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as F

from d2laug.show import draw_labels
from d2laug.train.networks import to_float
from d2laug.widgets.screen import Drawn, Explorer, slider

NAMES = ("left", "right", "top", "label")
KINDS = {"mask": tv_tensors.Mask, "boxes": tv_tensors.BoundingBoxes, "points": tv_tensors.KeyPoints}
SHAPES = {"boxes": [1, 4], "points": [len(NAMES), 2]}


def explore_labels(image: Tensor, labels: Mapping[str, Tensor], network: nn.Module) -> Explorer:
    """Return a widget that flips, turns and crops a picture and its labels, in this order.

    `image` is `uint8` `[3, S, S]`; `labels` holds its "mask" `[S, S]`, "boxes" `[1, 4]` and
    "points" `[4, 2]` as `tv_tensors` (a row of `d2laug.data.drinks_places`). `network` is
    `d2laug.train.load_network("labels_moved")` or another one that marks pixels, in `eval` mode
    from now on; what it marks in the picture as it is seen is cut out. The angle counts
    counterclockwise; the area is the share of the picture that a square in its middle keeps.
    Raises `ValueError` for a wrong shape or network, `TypeError` for a label that is missing or a
    plain tensor.
    """
    _check(image, labels, network)
    side = image.shape[-1]

    def draw(flip: bool, angle: float, area: float, left_behind: bool) -> Drawn:
        size = round(area**0.5 * side)
        start = (side - size) // 2

        def move(x: Tensor) -> Tensor:
            x = F.horizontal_flip(x) if flip else x
            x = F.rotate(x, angle, InterpolationMode.BILINEAR) if angle else x
            return F.resized_crop(x, start, start, size, size, [side, side])

        seen, moved = move(image), [move(labels[name]) for name in KINDS]
        mask, boxes, points = [labels[name] for name in KINDS] if left_behind else moved
        with torch.no_grad():
            marked = network(to_float(seen[None]))[0, 0] > 0
        ours, found = _overlap(mask, moved[0]), _overlap(marked, moved[0])
        words = f"turned by {angle:.0f}°, area {area:.2f}{', flipped' * flip}"
        stays = f"the labels {'stay behind' if left_behind else 'move along'}"
        share = f"intersection over union with the drink: label {ours:.2f}, network {found:.2f}"
        captions = [f"{stays}: IoU {ours:.2f}\n{words}", f"marked by the network: IoU {found:.2f}"]
        drawn = draw_labels(seen, mask, boxes, points, NAMES)
        return [drawn, torch.where(marked, seen, 255)], captions, f"{words}: {stays}<br>{share}"

    controls = {
        "flip": Checkbox(False, description="flip left-right", indent=False),
        "angle": slider("angle (degrees)", 0, -180, 180, step=1),
        "area": slider("area (share)", 1, 0.2, 1),
        "left_behind": Checkbox(False, description="labels stay behind", indent=False),
    }
    return Explorer(controls, draw, labels=("picture and labels", "cut out by a network"))


def _check(image: Tensor, labels: Mapping[str, Tensor], network: nn.Module) -> None:
    """Raise the errors of `explore_labels`."""
    side = image.shape[-1] if isinstance(image, Tensor) and image.ndim else 0
    if not side or image.dtype != torch.uint8 or [*image.shape] != [3, side, side]:
        given = f"{image.dtype} {[*image.shape]}" if side else f"a {type(image).__name__}"
        raise ValueError(f"{given}; expected a picture, uint8 [3, S, S]")
    if not isinstance(network, nn.Module):
        raise TypeError(f"network is a {type(network).__name__}; expected a torch.nn.Module")
    if [*network.eval()(to_float(image[None])).shape] != [1, 1, side, side]:
        raise ValueError("the network marks no pixels; expected one as marking_network()")
    if not isinstance(labels, Mapping):
        raise TypeError(f"labels is a {type(labels).__name__}; expected a mapping of {[*KINDS]}")
    for name, kind in KINDS.items():
        label, shape = labels.get(name), SHAPES.get(name, [side, side])
        if not isinstance(label, kind):
            given = f"{name!r} of the labels is a {type(label).__name__}"
            why = "an index gives a plain tensor: torchvision.tv_tensors.wrap(part, like=whole)"
            raise TypeError(f"{given}; expected a {kind.__name__}; {why}")
        canvas = getattr(label, "canvas_size", (side, side))
        if [*label.shape] != shape or canvas != (side, side):
            given = f"{name!r} has the shape {[*label.shape]}, of a picture of {canvas}"
            raise ValueError(f"{given}; expected {shape}, of {(side, side)}")


def _overlap(found: Tensor, wanted: Tensor) -> float:
    """Return the intersection over union of two masks, 0 where both are empty."""
    found, wanted = found.bool(), wanted.bool()
    return ((found & wanted).sum() / (found | wanted).sum().clamp(min=1)).item()
