"""Right and wrong answers to the exercises of lesson 10."""

from fractions import Fraction

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F


def one_hot(labels, classes):
    return torch.nn.functional.one_hot(labels, classes).float()


def mixed_labels(labels, classes, lam):
    own = one_hot(labels, classes)
    return lam * own + (1 - lam) * own.roll(1, 0)


def mixed_labels_in_a_loop(labels, classes, lam):
    shares = torch.zeros(len(labels), classes)
    for k in range(len(labels)):
        shares[k, labels[k]] += lam
        shares[k, labels[k - 1]] += 1 - lam
    return shares


def mixed_labels_by_scatter(labels, classes, lam):
    both = torch.stack([labels, labels.roll(1)], 1)
    weights = torch.tensor([lam, 1 - lam]).expand(len(labels), 2)
    return torch.zeros(len(labels), classes).scatter_add(1, both, weights)


def assigned(labels, classes, lam):
    shares = torch.zeros(len(labels), classes)
    rows = torch.arange(len(labels))
    shares[rows, labels] = lam
    shares[rows, labels.roll(1)] = 1 - lam
    return shares


def in_place_mixed_labels(labels, classes, lam):
    own = one_hot(labels, classes)
    return lam * own + (1 - lam) * one_hot(labels.copy_(labels.roll(1)), classes)


def kept_share(H, W, top, left, height, width):
    rows = min(top + height, H) - max(top, 0)
    columns = min(left + width, W) - max(left, 0)
    return 1 - max(rows, 0) * max(columns, 0) / (H * W)


def kept_share_counted(H, W, top, left, height, width):
    kept = torch.ones(H, W)
    kept[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = 0
    return kept.mean()


def kept_share_of_ranges(H, W, top, left, height, width):
    rows = set(range(H)) & set(range(top, top + height))
    columns = set(range(W)) & set(range(left, left + width))
    return Fraction(H * W - len(rows) * len(columns), H * W)


def kept_share_by_numpy(H, W, top, left, height, width):
    rows, columns = np.clip([top, top + height], 0, H), np.clip([left, left + width], 0, W)
    return 1 - np.diff(rows) * np.diff(columns) / (H * W)


def kept_share_pixel_by_pixel(H, W, top, left, height, width):
    kept = 0
    for row in range(H):
        for column in range(W):
            kept += not (top <= row < top + height and left <= column < left + width)
    return kept / H / W


def never_negative(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), min(left + width, W) - max(left, 0)
    return 1 - rows * columns / (H * W)


def one_negative(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), min(left + width, W) - max(left, 0)
    return 1 - max(rows * columns, 0) / (H * W)


def one_column_at_least(H, W, top, left, height, width):
    rows = min(top + height, H) - max(top, 0)
    columns = min(left + width, W) - max(left, 0)
    return 1 - max(rows, 0) * max(columns, 1) / (H * W)


def without_the_left_edge(H, W, top, left, height, width):
    return 1 - (min(top + height, H) - max(top, 0)) * width / (H * W)


def without_the_right_edge(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), left + width - max(left, 0)
    return 1 - rows * columns / (H * W)


def average_answers(predict, images):
    return (predict(images) + predict(F.horizontal_flip(images))) / 2


def average_answers_in_a_loop(predict, images):
    total = 0
    for view in (images, images.flip(-1)):
        total = total + predict(view)
    return total / 2


def average_answers_at_once(predict, images):
    both = torch.cat([images, images.flip(-1)])
    return predict(both).unflatten(0, (2, len(images))).mean(0)


def average_answers_one_by_one(predict, images):
    return torch.cat([average_answers(predict, image[None]) for image in images])


def geometric_mean(predict, images):
    return (predict(images) * predict(images.flip(-1))).sqrt()


def in_place_average(predict, images):
    return (predict(images) + predict(images.copy_(images.flip(-1)))) / 2


SHOE, TOMATO, COUNT = (
    "is it a left or a right shoe?",
    "is the tomato ripe, which its color tells?",
    "how many coins lie on the table?",
)
RECIPES = {
    SHOE: {"TrivialAugment", "CutMix", "erasing"},
    TOMATO: {"CutMix", "erasing", "mirror"},
    COUNT: {"mirror"},
}

RIGHT = {
    "mixed_labels": [
        mixed_labels,
        mixed_labels_in_a_loop,
        mixed_labels_by_scatter,
        lambda y, c, lam: torch.eye(c)[y] * lam + torch.eye(c)[y.roll(1)] * (1 - lam),
        lambda y, c, lam: torch.lerp(one_hot(y.roll(1), c), one_hot(y, c), lam),
        lambda y, c, lam: torch.from_numpy(
            lam * np.eye(c)[y] + (1 - lam) * np.eye(c)[np.roll(y, 1)]
        ).float(),
        lambda y, c, lam: mixed_labels(y.int().long(), c, torch.tensor(lam)),
    ],
    "kept_share": [
        kept_share,
        kept_share_counted,
        kept_share_of_ranges,
        kept_share_by_numpy,
        kept_share_pixel_by_pixel,
        lambda *numbers: torch.tensor(kept_share(*numbers)),
    ],
    "average_answers": [
        average_answers,
        average_answers_in_a_loop,
        average_answers_at_once,
        average_answers_one_by_one,
        lambda p, x: torch.stack([p(x), p(x.flip(3))]).mean(0),
        lambda p, x: p(x).lerp(p(x[..., range(x.shape[-1] - 1, -1, -1)]), 0.5),
        lambda p, x: torch.from_numpy(np.mean([p(x).numpy(), p(x.flip(-1)).numpy()], axis=0)),
    ],
    "recipes_that_keep_the_label": sets(RECIPES),
}
WRONG = {
    "mixed_labels": [
        ("swapped", lambda y, c, lam: mixed_labels(y, c, 1 - lam)),
        (
            "the one after",
            lambda y, c, lam: lam * one_hot(y, c) + (1 - lam) * one_hot(y, c).roll(-1, 0),
        ),
        ("the partner's share is missing", lambda y, c, lam: one_hot(y, c)),
        ("the partner has no share", lambda y, c, lam: lam * one_hot(y, c)),
        ("partner's label alone", lambda y, c, lam: one_hot(y, c).roll(1, 0)),
        ("both labels count in full", lambda y, c, lam: one_hot(y, c) + one_hot(y, c).roll(1, 0)),
        ("half and half", lambda y, c, lam: mixed_labels(y, c, 0.5)),
        ("averages class numbers", lambda y, c, lam: lam * y + (1 - lam) * y.roll(1)),
        ("overwrites the first", assigned),
        ("right for lam 0.7, but for lam 0.2", lambda y, c, lam: mixed_labels(y, c, 0.7)),
        ("float64", lambda y, c, lam: mixed_labels(y, c, lam).double()),
        ("expected [5, 5]", lambda y, c, lam: mixed_labels(y, c, lam)[:, :4]),
        ("returns a list", lambda y, c, lam: mixed_labels(y, c, lam).tolist()),
        ("in place", in_place_mixed_labels),
    ],
    "kept_share": [
        ("clip it", lambda H, W, t, left, h, w: 1 - h * w / (H * W)),
        ("share of the pasted picture", lambda *numbers: 1 - kept_share(*numbers)),
        ("share of the whole box", lambda H, W, t, left, h, w: h * w / (H * W)),
        ("its columns are not yet", without_the_left_edge),
        (
            "its rows are not yet",
            lambda H, W, t, left, h, w: 1 - h * (min(left + w, W) - max(left, 0)) / (H * W),
        ),
        ("an area in pixels; a share", lambda *numbers: 800),
        ("divide by that of the picture", lambda *numbers: 14200),
        ("what is left of each side", lambda *numbers: 0.8 * (1 - 40 / 150)),
        ("divides by height x height", lambda H, W, *box: 1 - (1 - kept_share(H, W, *box)) * W / H),
        ("a box inside the picture", lambda *numbers: 1 - 800 / 15000),
        ("the right and the lower edge", without_the_right_edge),
        ("not a negative one", never_negative),
        ("outside both ways", one_negative),
        ("left of the picture", one_column_at_least),
        ("the function returns 0.5; expected 0.94667", lambda *numbers: 0.5),
        ("returns nan", lambda *numbers: float("nan")),
    ],
    "average_answers": [
        ("the pictures themselves", lambda predict, x: predict(x)),
        ("the mirror images alone", lambda predict, x: predict(x.flip(-1))),
        ("Divide by 2", lambda predict, x: predict(x) + predict(x.flip(-1))),
        ("upside down", lambda p, x: (p(x) + p(x.flip(-2))) / 2),
        ("wrong axis", lambda p, x: (p(x) + p(x.flip(1))) / 2),
        ("a ghost", lambda p, x: p((x + x.flip(-1)) / 2)),
        ("the larger", lambda p, x: p(x).maximum(p(x.flip(-1)))),
        ("are multiplied", lambda p, x: p(x) * p(x.flip(-1))),
        ("return probabilities", lambda p, x: average_answers(p, x).argmax(1)),
        ("as they came", lambda p, x: torch.stack([p(y) for y in x])),
        ("expected a tensor", lambda p, x: p(x).tolist()),
        ("of the values differ", geometric_mean),
        ("dtype is torch.float64", lambda p, x: average_answers(p, x).double()),
        ("in place", in_place_average),
    ],
    "recipes_that_keep_the_label": [
        ("no answer for 'is it a left", {}),
        ("does not survive ['mirror']", without(RECIPES, SHOE, {"mirror"})),
        ("also survives", without(RECIPES, SHOE, {"CutMix"})),
        ("changes saturation", without(RECIPES, TOMATO, {"TrivialAugment"})),
        ("under a hole", without(RECIPES, COUNT, {"erasing"})),
        ("the options are", without(RECIPES, COUNT, {"MixUp"})),
    ],
}
