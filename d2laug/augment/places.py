"""Where each pixel of a picture comes from, by a matrix of its own for each picture of a batch.

- `warp`: each pixel from where the matrix says;
- `back_from_affine`, `back_from_corners`: such matrices; `takes_back`: whether there is one.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample
from torchvision import tv_tensors

from d2laug.augment.base import by_loops, working, write
from d2laug.augment.geometry import Fill, fill_of

FAR = 1e4  # beyond any border


def warp(
    batch: Tensor,
    matrices: Tensor,
    interpolation: str,
    fill: Fill = 0,
    kind: type = tv_tensors.Image,
) -> Tensor:
    """Take each pixel of a picture from where its own matrix says.

    `batch`: `[N, C, H, W]` of any dtype. `matrices`, float64 on the CPU, are torchvision's, from a
    place in the result to one in the picture. `[N, 6]`, a to f: (x, y) comes from
    (a x + b y + c, d x + e y + f), both counted from the middle of the picture. `[N, 8]`, a to h:
    both are divided by g x + h y + 1, and counted from the upper left corner. `interpolation`:
    `"nearest"` or `"bilinear"`. `fill`, seen where there is no picture, may be a dictionary by
    type, where `kind` counts; `None` is 0 that is not mixed into a border a second time.

    Source: `torchvision.transforms.v2.functional.affine` and `perspective`.

    >>> batch = torch.tensor([[[[1, 2, 3]]]], dtype=torch.uint8)
    >>> warp(batch, torch.tensor([[1.0, 0, -1, 0, 1, 0]]), "nearest", fill=9)
    tensor([[[[9, 1, 2]]]], dtype=torch.uint8)
    """
    n, _, height, width = batch.shape
    perspective = matrices.shape[1] == 8
    dtype = torch.float64 if batch.dtype == torch.float64 else torch.float32
    last = torch.tensor([1.0] if perspective else [0.0, 0.0, 1.0], dtype=dtype)
    thetas = torch.cat([matrices.to(dtype), last.expand(n, -1)], 1).reshape(n, 3, 3)
    thetas[:, :2] /= torch.tensor([[width * 0.5], [height * 0.5]], dtype=dtype)
    if isinstance(fill, dict):
        fill = fill.get(kind, fill.get("others"))
    fills = fill_of(fill, batch, kind, dtype)
    if by_loops(batch):
        from d2laug.augment.loops import changed
        from d2laug.augment.loops import warp as loop

        how = (perspective, interpolation == "bilinear", fill is not None)
        return changed(loop.warp, batch, thetas, fills, for_all=how)
    grid = _grid(thetas.to(batch.device), height, width, perspective)
    return _sampled(batch, grid, interpolation, None if fill is None else fills.to(batch.device))


def _grid(thetas: Tensor, height: int, width: int, perspective: bool) -> Tensor:
    """Return where pixels come from, -1 to 1 in x and y over a picture: `[N, H, W, 2]`."""
    first_y, first_x = (0.5, 0.5) if perspective else (0.5 - height / 2, 0.5 - width / 2)
    x = torch.arange(width, dtype=thetas.dtype, device=thetas.device) + first_x
    y = torch.arange(height, dtype=thetas.dtype, device=thetas.device)[:, None] + first_y
    a, b, c = thetas[..., None, None].unbind(2)  # each [N, 3, 1, 1]
    # A sum of products in one step is rounded once, as in the product of matrices of torchvision.
    places = torch.addcmul(x * a, y, b) + c
    if perspective:
        places = places[:, :2] / places[:, 2:] - 1
        places = places.nan_to_num(FAR).clamp(-FAR, FAR)  # infinity times 0 would be NaN
    return places[:, :2].permute(0, 2, 3, 1)


def _sampled(batch: Tensor, grid: Tensor, interpolation: str, fill: Tensor | None) -> Tensor:
    pixels = working(batch)
    # The last channel says how much of a pixel comes from inside the picture.
    pixels = torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1)
    pixels = grid_sample(pixels, grid, interpolation, "zeros", align_corners=False)
    pixels, inside = pixels[:, :-1], pixels[:, -1:]
    if fill is not None:
        fill = fill[..., None, None]
        if interpolation == "nearest":
            pixels = torch.where(inside < 0.5, fill, pixels)
        else:
            pixels = (pixels - fill) * inside + fill
    return write(pixels, batch)


def back_from_affine(
    angle: Tensor,
    size: Sequence[int],
    translate: Tensor | None = None,
    scale: Tensor | None = None,
    shear: Tensor | None = None,
    center: Sequence[float] | None = None,
) -> Tensor:
    """Return the matrices `[N, 6]` for `warp` of one affine change for each of N pictures.

    `angle` `[N]`, clockwise, and `shear` `[N, 2]` in degrees; `translate` `[N, 2]` in pixels,
    `scale` `[N]`, all float64. `size`: `(height, width)`. `center`: `(x, y)` from the upper left
    corner; the middle by default. Source: `torchvision.transforms.v2.functional.affine`.

    >>> back_from_affine(torch.zeros(1), (4, 4), translate=torch.ones(1, 2))
    tensor([[ 1.,  0., -1.,  0.,  1., -1.]], dtype=torch.float64)
    """
    angle = angle.double().deg2rad()
    none = torch.zeros(len(angle), 2, dtype=torch.float64)
    shift = none if translate is None else translate
    tan_x, tan_y = (none if shear is None else shear.deg2rad().tan()).unbind(1)
    cos, sin = angle.cos(), angle.sin()
    # Back from the rotation, then from the shear along y, then from that along x.
    to_y = torch.stack([tan_y * cos - sin, tan_y * sin + cos], 1)
    to_x = torch.stack([cos, sin], 1) + tan_x[:, None] * to_y
    linear = torch.stack([to_x, to_y], 1)
    if scale is not None:
        linear = linear / scale[:, None, None]
    middle = torch.tensor([size[1] / 2, size[0] / 2], dtype=torch.float64)
    fixed = middle if center is None else torch.tensor(center, dtype=torch.float64)
    fixed = fixed - middle
    moved = fixed - (linear @ (fixed + shift)[..., None])[..., 0]
    return torch.cat([linear, moved[..., None]], -1).flatten(1)


def back_from_corners(start: Tensor, end: Tensor) -> Tensor:
    """Return the matrices `[N, 8]`, float32, that take corners `end` back to `start` `[N, 4, 2]`.

    (x, y) comes from ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)): for
    four corners these are eight linear equations in a to h. They may have no solution, as where
    three corners lie on a line; then any numbers stand: see `takes_back`.

    >>> corners = torch.tensor([[[0, 0], [3, 0], [3, 3], [0, 3]]])
    >>> back_from_corners(corners, corners)[0].round().int().tolist()
    [1, 0, 0, 0, 1, 0, 0, 0]
    """
    start, end = start.double(), end.double()
    point = torch.cat([end, torch.ones_like(end[..., :1])], -1)
    none = torch.zeros_like(point)
    linear = torch.stack([torch.cat([point, none], -1), torch.cat([none, point], -1)], 2)
    equations = torch.cat([linear, -start[..., None] * end[:, :, None]], -1)
    solved, _ = torch.linalg.solve_ex(equations.reshape(-1, 8, 8), start.reshape(-1, 8, 1))
    return solved[..., 0].float()


def takes_back(coefficients: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Whether coefficients `[N, 8]` take corners `end` to `start` `[N, 4, 2]`, and back."""
    (x, y), (a, b, c, d, e, f, g, h) = end.unbind(-1), coefficients.double()[..., None].unbind(1)
    bottom = g * x + h * y + 1
    back = torch.stack([(a * x + b * y + c) / bottom, (d * x + e * y + f) / bottom], -1)
    tolerance = 0.01 + start.abs().max() / 10_000  # the coefficients have six digits
    near = ((back - start).abs() < tolerance).all(-1).all(-1)  # not where a number is none
    return near & ((a * e - b * d).abs() > 1e-6)[:, 0]
