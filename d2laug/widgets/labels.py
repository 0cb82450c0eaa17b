"""Sliders on a picture and its labels, which move along or stay behind."""

from collections.abc import Mapping

import torch
from ipywidgets import Checkbox
from torch import Tensor, nn
from torchvision import tv_tensors
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as F

from d2laug.show.labels import draw_labels
from d2laug.train.networks import to_float
from d2laug.widgets.screen import Drawn, Explorer, slider

NAMES = ("left", "right", "top", "label")


def explore_labels(
    image: Tensor,
    labels: Mapping[str, Tensor],
    network: nn.Module,
    flip: bool = False,
    angle: float = 0.0,
    area: float = 1.0,
    left_behind: bool = False,
) -> Explorer:
    """Return a widget that flips, turns and crops a picture and its labels, in this order.

    `image` is `uint8` `[3, 96, 96]`; `labels` holds its "mask" `[96, 96]`, "boxes" `[1, 4]` and
    "points" `[4, 2]` as `tv_tensors` (a row of `d2laug.data.drinks_places`). With `left_behind`
    they stay where they were. `network` is `d2laug.train.load_network("labels_moved")` or another
    one that marks pixels; what it marks in the picture as it is seen is cut out. `angle` is -180 to
    180 degrees, counterclockwise; `area`, 0.2 to 1, is the share of the picture that a square in
    its middle keeps. Raises `ValueError` for a wrong number or shape.
    """
    values = _typed(labels)
    side = image.shape[-1]

    def draw(flip: bool, angle: float, area: float, left_behind: bool) -> Drawn:
        def move(x: Tensor) -> Tensor:
            x = F.horizontal_flip(x) if flip else x
            x = F.rotate(x, angle, InterpolationMode.BILINEAR) if angle else x
            size = round(area**0.5 * side)
            start = (side - size) // 2
            return F.resized_crop(x, start, start, size, size, [side, side])

        seen, moved = move(image), [move(x) for x in values]
        mask, boxes, points = values if left_behind else moved
        drawn = draw_labels(seen, mask, boxes, points, NAMES)
        with torch.no_grad():
            marked = network(to_float(seen[None]))[0, 0] > 0
        cut = torch.where(marked, seen, 255)
        shared = _overlap(mask, moved[0]), _overlap(marked, moved[0])
        words = f"turned by {angle:.0f}°, area {area:.2f}" + ", flipped" * flip
        stays = "stay behind" if left_behind else "move along"
        readout = (
            f"{words}: the labels {stays}<br>intersection over union with the drink: label "
            f"{shared[0]:.2f}, network {shared[1]:.2f}"
        )
        captions = [f"the labels {stays}\n{words}", f"marked by the network: {shared[1]:.2f}"]
        return [drawn, cut], captions, readout

    controls = {
        "flip": Checkbox(flip, description="flip left-right", indent=False),
        "angle": slider("angle (degrees)", angle, -180, 180, step=1),
        "area": slider("area (share)", area, 0.2, 1),
        "left_behind": Checkbox(left_behind, description="labels stay behind", indent=False),
    }
    return Explorer(controls, draw, labels=("picture and labels", "cut out by a network"))


def _typed(labels: Mapping[str, Tensor]) -> list[Tensor]:
    """Return mask, boxes and points; raise `TypeError` for one that would not move."""
    kinds = {"mask": tv_tensors.Mask, "boxes": tv_tensors.BoundingBoxes}
    kinds |= {"points": tv_tensors.KeyPoints}
    for name, kind in kinds.items():
        if not isinstance(labels[name], kind):
            given = type(labels[name]).__name__
            raise TypeError(
                f"a {given} given as {kind.__name__}; an index into a label gives a plain tensor: "
                "wrap it again with torchvision.tv_tensors.wrap(part, like=whole)"
            )
    return [labels[name] for name in kinds]


def _overlap(found: Tensor, wanted: Tensor) -> float:
    """Return the intersection over union of two masks, 0 where both are empty."""
    found, wanted = found.bool(), wanted.bool()
    return ((found & wanted).sum() / (found | wanted).sum().clamp(min=1)).item()
