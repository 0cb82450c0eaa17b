"""Right and wrong answers to the exercises of lesson 03."""

import itertools
import math
import random

import numpy as np
import torch
from forms import not_varied
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def center_crop(image, height, width):
    top, left = (image.shape[-2] - height) // 2, (image.shape[-1] - width) // 2
    return image[..., top : top + height, left : left + width]


def center_crop_of_rows(image, height, width):
    H, W = image.shape[-2:]
    rows = torch.arange(height) + (H - height) // 2
    columns = torch.arange(width) + (W - width) // 2
    return image.index_select(-2, rows).index_select(-1, columns)


def halves(x, h, w):
    H, W = x.shape[-2:]
    return x[..., H // 2 - h // 2 : H // 2 + h // 2, W // 2 - w // 2 : W // 2 + w // 2]


def late(x, h, w):
    H, W = x.shape[-2:]
    return x[..., H // 2 : H // 2 + h, W // 2 : W // 2 + w]


def without_the_start(x, h, w):
    return x[..., (x.shape[-2] - h) // 2 : h, (x.shape[-1] - w) // 2 : w]


def of_one_picture(x, h, w):
    top, left = (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2
    return x[:, top : top + h, left : left + w]


def margins(x, h, w):
    top, left = (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2
    return x[..., top:-top, left:-left]


def equal_margins(x, h, w):
    H, W = x.shape[-2:]
    top, left = (H - h) // 2, (W - w) // 2
    return x[..., top : H - top, left : W - left]


def black_outside(x, h, w):
    result = center_crop(x, h, w).clone()
    x.zero_()
    return result


def randint(end):
    return torch.randint(0, end, (1,)).item()


def draw_position(H, W, height, width):
    return randint(H - height + 1), randint(W - width + 1)


def dependent_position(H, W, height, width):
    share = torch.rand(1).item()
    return int(share * (H - height + 1)), int(share * (W - width + 1))


def of_my_own_generator():
    """Return an answer whose numbers no seed reaches."""
    generator = np.random.default_rng()
    return lambda H, W, h, w: generator.integers((H - h, W - w), endpoint=True)


def rounded_position(H, W, height, width):
    return round(random.random() * (H - height)), round(random.random() * (W - width))


def to_batch(pictures, size):
    return torch.stack([F.center_crop(F.resize(x, size), size) for x in pictures])


def to_batch_in_a_loop(pictures, size):
    batch = []
    for picture in pictures:
        side = min(picture.shape[1:])
        top, left = (picture.shape[1] - side) // 2, (picture.shape[2] - side) // 2
        batch.append(F.resized_crop(picture, top, left, side, side, [size, size]))
    return torch.stack(batch)


def cut_before_resizing(pictures, size):
    squares = [F.center_crop(picture, min(picture.shape[1:])) for picture in pictures]
    return torch.stack([F.resize(square, [size, size]) for square in squares])


BICUBIC, NEAREST, NEAREST_EXACT = (
    v2.InterpolationMode[name] for name in ("BICUBIC", "NEAREST", "NEAREST_EXACT")
)


def interpolated(x, size, **options):
    sides = [math.ceil(side * size / min(x.shape[1:])) for side in x.shape[1:]]
    return torch.nn.functional.interpolate(x[None], sides, **options)[0]


def resized_by(resize, **options):
    """Return an answer that resizes with these options, which the task leaves open."""
    return lambda xs, size: torch.stack(
        [F.center_crop(resize(x, size=size, **options), size) for x in xs]
    )


def enlarged(x, size):
    """Return a picture that is not enlarged but has a black border, where it is too small."""
    return v2.Pad(2)(x) if min(x.shape[1:]) < size else x


def to_batch_by_pillow(pictures, size):
    crops = [F.center_crop(F.resize(F.to_pil_image(x), size), size) for x in pictures]
    return torch.stack([F.to_dtype(F.to_image(x), torch.float32, scale=True) for x in crops])


def drawn_positions(H, W, height, width):
    kept = torch.zeros(H, W)
    for _ in range(500):
        top, left = draw_position(H, W, height, width)
        kept[top : top + height, left : left + width] += 1
    return kept / 500


def along(size, part):
    """Return the share of the positions along one axis that keep each row."""
    distance = torch.minimum(torch.arange(1, size + 1), torch.arange(size, 0, -1))
    return distance.clamp(max=min(part, size - part + 1)) / (size - part + 1)


def by_distances(H, W, height, width):
    rows = torch.arange(H) - torch.arange(H - height + 1)[:, None]
    columns = torch.arange(W) - torch.arange(W - width + 1)[:, None]
    rows, columns = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    return torch.outer(rows.float().mean(0), columns.float().mean(0))


def by_fold(H, W, height, width):
    n = (H - height + 1) * (W - width + 1)
    ones = torch.ones(height * width, n)
    return torch.nn.functional.fold(ones, (H, W), (height, width)).squeeze() / n


def by_convolution():
    """Return an answer that lays a crop of ones at each position."""

    def answer(H, W, h, w):
        rows, columns = np.convolve(np.ones(H - h + 1), np.ones(h)), np.ones((W - w + 1, w))
        columns = sum(np.pad(row, (left, W - w - left)) for left, row in enumerate(columns))
        share = np.outer(rows, columns) / rows.sum() / columns.sum() * h * w
        return torch.tensor(share, dtype=torch.float32)

    return answer


def by_all_crops():
    """Return an answer that takes the mean of all crops, each a picture of ones and zeros."""

    def answer(H, W, h, w):
        places = itertools.product(range(H - h + 1), range(W - w + 1))
        pads = ([left, W - w - left, top, H - h - top] for top, left in places)
        return torch.stack([torch.nn.functional.pad(torch.ones(h, w), pad) for pad in pads]).mean(0)

    return answer


def one_position_short(H, W, height, width):
    shares = by_fold(H - 1, W - 1, height, width)
    return torch.nn.functional.pad(shares, [0, 1, 0, 1])


def counted(H, W, height, width):
    return by_fold(H, W, height, width) * (H - height + 1) * (W - width + 1)


EQUIVALENT = {
    "how_often_kept": {
        "for top in [*range(H - height + 1)][::-1]": "a count in another order",
        "for left in [*range(W - width + 1)][::-1]": "a count in another order",
        "[*places][::-1]": "a mean has no order",
        "[*pads][::-1]": "a mean has no order",
        "np.convolve(np.ones(h), np.ones(H - h + 1))": "a convolution has no order",
        "(W - w - left, left)": "the shares are symmetric",
        "[*enumerate(columns)][::-1]": "the shares are symmetric",
        "upside down": "the shares are symmetric",
    },
}

RIGHT = {
    "center_crop": [
        center_crop,
        center_crop_of_rows,
        lambda x, h, w: F.center_crop(x, [h, w]),
        lambda x, h, w: v2.CenterCrop((h, w))(x),
        lambda x, h, w: F.crop(x, (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2, h, w),
        lambda x, h, w: x.narrow(-2, (x.shape[-2] - h) // 2, h).narrow(
            -1, (x.shape[-1] - w) // 2, w
        ),
        lambda x, h, w: torch.from_numpy(center_crop(x.numpy(), h, w)),
        lambda x, h, w: x[..., -(-(x.shape[-2] - h) // 2) :, -(-(x.shape[-1] - w) // 2) :][
            ..., :h, :w
        ],
    ],
    "draw_position": [
        draw_position,
        lambda H, W, h, w: [randint(H - h + 1), randint(W - w + 1)],
        lambda H, W, h, w: (random.randint(0, H - h), random.randint(0, W - w)),
        lambda H, W, h, w: (random.randrange(H - h + 1), random.choice(range(W - w + 1))),
        lambda H, W, h, w: np.random.randint((H - h + 1, W - w + 1)),  # noqa: NPY002
        lambda H, W, h, w: torch.stack([torch.randint(n + 1, ()) for n in (H - h, W - w)]),
        lambda H, W, h, w: (int(torch.rand(1) * (H - h + 1)), int(torch.rand(1) * (W - w + 1))),
        of_my_own_generator(),
    ],
    "to_batch": [
        to_batch,
        to_batch_in_a_loop,
        cut_before_resizing,
        lambda xs, s: torch.stack([v2.Compose([v2.Resize(s), v2.CenterCrop(s)])(x) for x in xs]),
        lambda xs, s: torch.cat([F.center_crop(F.resize(x[None], [s]), [s, s]) for x in xs]),
        lambda xs, s: torch.stack([*map(v2.CenterCrop(s), map(v2.Resize([s]), xs))]),
        *(resized_by(F.resize, antialias=antialias) for antialias in (True, False)),
        *(resized_by(F.resize, interpolation=way) for way in (BICUBIC, NEAREST, NEAREST_EXACT)),
        *(resized_by(interpolated, mode=mode) for mode in ("nearest", "area", "bilinear")),
        *(resized_by(interpolated, mode="bicubic", align_corners=ends) for ends in (True, False)),
        not_varied("the resizing is Pillow's", to_batch_by_pillow),
    ],
    "how_often_kept": [
        by_distances,
        by_fold,
        lambda H, W, h, w: torch.outer(along(H, h), along(W, w)),
        lambda H, W, h, w: along(H, h)[:, None] * along(W, w),
        lambda H, W, h, w: torch.einsum("i,j->ij", along(H, h), along(W, w)),
        by_convolution(),
        by_all_crops(),
    ],
}
WRONG = {
    "center_crop": [
        ("upper left corner", lambda x, h, w: x[..., :h, :w]),
        ("differ", lambda x, h, w: x[..., -h:, -w:]),
        ("swapped", lambda x, h, w: center_crop(x, w, h)),
        ("starts in the middle", late),
        ("the shape is [3, 5, 7]", lambda x, h, w: x[..., 3 : 4 + h, 5 : 6 + w]),
        ("start plus the size", without_the_start),
        ("unchanged", lambda x, h, w: x),
        ("3 x 5 pixels", lambda x, h, w: x[..., 3 : 3 + h, 5 : 5 + w]),
        ("3 x 5 pixels", halves),
        ("10 x 6 pixels", margins),
        ("two middles, the shape is [3, 5, 7]; expected [3, 4, 6]", equal_margins),
        ("the shape is", lambda x, h, w: center_crop(x[0] if x.ndim == 4 else x, h, w)),
        ("one axis more", of_one_picture),
        ("the shape is", lambda x, h, w: x[3 : 3 + h, 5 : 5 + w]),
        ("the shape is", lambda x, h, w: x[:, 3 : 3 + h, 5 : 5 + w]),
        ("in place", black_outside),
    ],
    "draw_position": [
        ("top goes from 1 to 1 and left from 2 to 2", lambda H, W, h, w: (1, 2)),
        ("top goes from 1 to 1", lambda H, W, h, w: ((H - h) // 2, randint(W - w + 1))),
        ("top goes from 0 to 7 and left from 0 to 3", lambda *size: draw_position(*size)[::-1]),
        ("in 5 x 11 pixels top goes from 0 to 4", lambda H, W, h, w: (randint(H), randint(W))),
        ("in 6 x 3 pixels top goes from 0 to 3", lambda H, W, h, w: (randint(4), randint(8))),
        ("in 6 x 3 pixels", lambda H, W, h, w: (randint(2 * h), randint(2 * w))),
        (
            "top goes from 0 to 2 and left from 0 to 6; expected: top goes from 0 to 3",
            lambda H, W, h, w: (randint(H - h), randint(W - w)),
        ),
        ("top goes from 1 to 3", lambda H, W, h, w: (1 + randint(H - h), 1 + randint(W - w))),
        ("top goes from -1 to 1", lambda H, W, h, w: (randint(3) - 1, randint(6))),
        ("depend on each other", dependent_position),
        ("whole pixels", lambda H, W, h, w: (0.5, 1.5)),
        ("drawn more often than others", rounded_position),
        ("returns NaN", lambda H, W, h, w: (float("nan"), 1)),
        ("whole pixels", lambda H, W, h, w: (float("inf"), 1)),
        ("expected two numbers", lambda H, W, h, w: 3),
        ("a tuple of ellipsis and ellipsis; expected two numbers", lambda H, W, h, w: (..., ...)),
        ("expected two numbers", lambda H, W, h, w: (None, 1)),
        ("expected two numbers", lambda H, W, h, w: ("a", "b")),
        ("expected two numbers", lambda H, W, h, w: (1, 2, 3)),
        ("expected two numbers", lambda H, W, h, w: {"top": 1, "left": 2}),
    ],
    "to_batch": [
        (
            "stretched",
            lambda xs, s: torch.stack([F.resize(x, [s, s], antialias=True) for x in xs]),
        ),
        ("not resized", lambda xs, s: torch.stack([F.center_crop(x, s) for x in xs])),
        (
            "upper left",
            lambda xs, s: torch.stack([F.resize(x, s, antialias=True)[..., :s, :s] for x in xs]),
        ),
        ("expected all, by torch.stack", lambda xs, s: to_batch(xs, s)[0]),
        ("expected all, by torch.stack", lambda xs, s: torch.cat([*to_batch(xs, s)])),
        ("returns a list", lambda xs, s: list(to_batch(xs, s))),
        ("RuntimeError", lambda xs, s: torch.stack(xs)),
        ("right for three pictures, but for two", lambda xs, s: to_batch(xs, 16)),
        ("values differ", lambda xs, s: to_batch(xs, s).roll(1, -1)),
        ("values differ", lambda xs, s: v2.CenterCrop(s)(to_batch(xs, s + 2))),
        ("values differ", lambda xs, s: to_batch(xs, s) + 0.03),
        ("values differ", lambda xs, s: to_batch(xs[::-1], s)),
        ("smaller than asked", lambda xs, s: to_batch([enlarged(x, s) for x in xs], s)),
        ("dtype is torch.float64", lambda xs, s: to_batch(xs, s).double()),
        ("in place", lambda xs, s: to_batch([x.mul_(0.5) for x in xs], s)),
    ],
    "how_often_kept": [
        ("counts the positions", counted),
        ("by the number of positions", lambda *size: counted(*size) / (size[0] * size[1])),
        ("by the number of positions", lambda *size: counted(*size) / counted(*size).max()),
        ("by the number of positions", lambda *size: by_fold(*size) / by_fold(*size).sum()),
        ("Nothing is drawn here", drawn_positions),
        ("values differ", lambda *size: torch.full(size[:2], by_fold(*size).mean())),
        ("last tops and lefts", one_position_short),
        ("of the values differ", lambda H, W, h, w: (along(H, h)[:, None] + along(W, w)) / 2),
        ("the shape is [9, 6]; expected [6, 9]", lambda H, W, h, w: by_fold(W, H, w, h)),
        ("dtype is torch.float64", lambda *size: by_fold(*size).double()),
        ("of the values differ", lambda H, W, h, w: along(H, h)[:, None].expand(H, W)),
        ("returns a list", lambda *size: by_fold(*size).tolist()),
        ("right for a crop of 4 x 6", lambda *size: along(6, 4)[:, None] * along(9, 6)),
    ],
}
