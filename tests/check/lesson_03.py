"""Right and wrong answers to the exercises of lesson 03."""

import random
from fractions import Fraction

import numpy as np
import torch
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


def margins(x, h, w):
    top, left = (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2
    return x[..., top:-top, left:-left]


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


def to_batch(pictures, size):
    return torch.stack([F.center_crop(F.resize(x, size, antialias=True), size) for x in pictures])


def to_batch_in_a_loop(pictures, size):
    batch = torch.empty(len(pictures), 3, size, size)
    for place, picture in enumerate(pictures):
        height, width = picture.shape[1:]
        factor = size / min(height, width)
        picture = F.resize(picture, [round(height * factor), round(width * factor)])
        top, left = (picture.shape[1] - size) // 2, (picture.shape[2] - size) // 2
        batch[place] = picture[:, top : top + size, left : left + size]
    return batch


def cut_before_resizing(pictures, size):
    squares = [F.center_crop(picture, min(picture.shape[1:])) for picture in pictures]
    return torch.stack([F.resize(square, [size, size]) for square in squares])


SMALL = (0.25 - 0.08) / (1 - 0.08)

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
    ],
    "draw_position": [
        draw_position,
        lambda H, W, h, w: [randint(H - h + 1), randint(W - w + 1)],
        lambda H, W, h, w: (random.randint(0, H - h), random.randint(0, W - w)),
        lambda H, W, h, w: (random.randrange(H - h + 1), random.choice(range(W - w + 1))),
        lambda H, W, h, w: np.random.randint((H - h + 1, W - w + 1)),  # noqa: NPY002
        lambda H, W, h, w: torch.stack([torch.randint(n + 1, ()) for n in (H - h, W - w)]),
        lambda H, W, h, w: (int(torch.rand(1) * (H - h + 1)), int(torch.rand(1) * (W - w + 1))),
    ],
    "to_batch": [
        to_batch,
        to_batch_in_a_loop,
        cut_before_resizing,
        lambda xs, s: torch.stack([v2.Compose([v2.Resize(s), v2.CenterCrop(s)])(x) for x in xs]),
        lambda xs, s: torch.cat([F.center_crop(F.resize(x[None], [s]), [s, s]) for x in xs]),
        lambda xs, s: torch.stack([*map(v2.CenterCrop(s), map(v2.Resize([s]), xs))], dim=0),
    ],
    "small_crops": [
        SMALL,
        0.185,
        0.18,
        torch.tensor(0.1848),
        Fraction(17, 92),
        np.float64(SMALL),
        np.array([SMALL]),
        np.float32(0.1848),
    ],
}
WRONG = {
    "center_crop": [
        ("upper left corner", lambda x, h, w: x[..., :h, :w]),
        ("lower right corner", lambda x, h, w: x[..., -h:, -w:]),
        ("swapped", lambda x, h, w: center_crop(x, w, h)),
        ("starts in the middle", lambda x, h, w: x[..., 5 : 5 + h, 8 : 8 + w]),
        ("too large", lambda x, h, w: x[..., 3 : 4 + h, 5 : 6 + w]),
        ("start plus the size", lambda x, h, w: x[..., 3:h, 5:w]),
        ("whole", lambda x, h, w: x),
        ("3 x 5 pixels of 11 x 17", lambda x, h, w: x[..., 3 : 3 + h, 5 : 5 + w]),
        ("3 x 5 pixels of 11 x 17", halves),
        ("10 x 16 pixels of 10 x 16", margins),
        ("batch dimension", lambda x, h, w: center_crop(x[0] if x.ndim == 4 else x, h, w)),
        ("the first axes are cut", lambda x, h, w: x[3 : 3 + h, 5 : 5 + w]),
        ("the shape is", lambda x, h, w: x[:, 3 : 3 + h, 5 : 5 + w]),
        ("in place", black_outside),
    ],
    "draw_position": [
        ("always (1, 2)", lambda H, W, h, w: (1, 2)),
        ("swapped", lambda *size: draw_position(*size)[::-1]),
        ("take the size", lambda H, W, h, w: (randint(H), randint(W))),
        ("never reached", lambda H, W, h, w: (randint(H - h), randint(W - w))),
        ("start at 0", lambda H, W, h, w: (1 + randint(H - h), 1 + randint(W - w))),
        ("negative", lambda H, W, h, w: (randint(3) - 1, randint(6))),
        ("depend on each other", dependent_position),
        ("whole pixels", lambda H, W, h, w: (0.5, 1.5)),
        ("whole pixels", lambda H, W, h, w: (float("nan"), 1)),
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
        ("only one picture", lambda xs, s: to_batch(xs, s)[0]),
        ("torch.stack", lambda xs, s: torch.cat([*to_batch(xs, s)])),
        ("returns a list", lambda xs, s: list(to_batch(xs, s))),
        ("RuntimeError", lambda xs, s: torch.stack(xs)),
        ("right for three pictures, but for two", lambda xs, s: to_batch(xs, 16)),
        ("dtype is torch.float64", lambda xs, s: to_batch(xs, s).double()),
        ("in place", lambda xs, s: to_batch([x.mul_(0.5) for x in xs], s)),
    ],
    "small_crops": [
        ("no answer yet", ...),
        ("no answer yet", None),
        ("expected a number, given a str", "a quarter"),
        ("expected a number, given a bool", True),
        ("start at 0.08", 0.25),
        ("divide it", 0.17),
        ("above a quarter", 0.815),
        ("percent", 18.5),
        ("not at 0", 0.272),
        ("not the sides", 0.5),
        ("0.7 is not it", 0.7),
        ("nan is not it", float("nan")),
    ],
}
