"""Right and wrong answers to the exercises of lesson 05."""

import random
from types import SimpleNamespace

import numpy as np
import torch
from forms import sets, without
from torchvision.transforms.v2 import functional as F


def posterize(image, bits):
    step = 2 ** (8 - bits)
    return image // step * step


def posterize_by_a_table(image, bits):
    table = [value >> (8 - bits) << (8 - bits) for value in range(256)]
    return torch.tensor(table, dtype=torch.uint8)[image.long()]


def rounded(image, bits):
    return (image / 2 ** (8 - bits)).round() * 2 ** (8 - bits)


def in_place_posterize(image, bits):
    return image.div_(2 ** (8 - bits), rounding_mode="floor").mul_(2 ** (8 - bits))


def salt_and_pepper(image, share):
    chance = torch.rand(image.shape[-2:])
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


def dots_at_places(image, share):
    result = image.clone()
    height, width = image.shape[-2:]
    places = torch.randperm(height * width)[: round(share * height * width)]
    half = len(places) // 2
    result.view(3, -1)[:, places[:half]] = 1
    result.view(3, -1)[:, places[half:]] = 0
    return result


def dots_by_masks(image, share):
    dots, white = torch.rand(image[0].shape) < share, torch.rand(image[0].shape) < 0.5
    return image * ~dots + (dots & white)


def dots_by_numpy(image, share):
    result, chance = image.numpy().copy(), np.random.rand(*image.shape[1:])  # noqa: NPY002
    result[:, chance < share / 2] = 0
    result[:, chance >= 1 - share / 2] = 1
    return torch.from_numpy(result)


def dots_one_by_one(image, share):
    result = image.clone()
    for row in range(image.shape[1]):
        for column in range(image.shape[2]):
            if random.random() < share:
                result[:, row, column] = random.choice((0, 1))
    return result


def colored_dots(image, share):
    chance = torch.rand(image.shape)
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


def same_dots(image, share):
    chance = torch.linspace(0, 1, image[0].numel()).view(image.shape[-2:]).roll(7)
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


def mostly_salt(image, share):
    chance = torch.rand(image.shape[-2:])
    image = torch.where(chance < share / 5, 0.0, image)
    return torch.where(chance > 1 - 0.8 * share, 1.0, image)


def only(image, share, value):
    return torch.where(torch.rand(image.shape[-2:]) < share, value, image)


TABLE = [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]


def weighed(image, table=TABLE):
    rows, columns = image.shape[-2] - 2, image.shape[-1] - 2
    total = 0
    for i in range(3):
        for j in range(3):
            total = total + table[i][j] * image[..., i : i + rows, j : j + columns]
    return total


def emboss(image):
    return weighed(image).clamp(0, 1)


def emboss_by_a_convolution(image):
    kernel = torch.tensor([[TABLE]]).float()
    return torch.nn.functional.conv2d(image[:, None], kernel).squeeze(1).clamp(0, 1)


def emboss_by_groups(image):
    kernel = torch.tensor(TABLE).float().expand(3, 1, 3, 3)
    return torch.nn.functional.conv2d(image, kernel, groups=3).clip(0, 1)


def emboss_pixel_by_pixel(image):
    table = torch.tensor(TABLE)
    height, width = image.shape[1:]
    result = torch.empty(3, height - 2, width - 2)
    for row in range(height - 2):
        for column in range(width - 2):
            window = image[:, row : row + 3, column : column + 3]
            result[:, row, column] = (window * table).sum((1, 2))
    return result.clamp(0, 1)


def emboss_by_numpy(image):
    windows = np.lib.stride_tricks.sliding_window_view(image.numpy(), (3, 3), (1, 2))
    return torch.from_numpy((windows * np.array(TABLE, np.float32)).sum((-2, -1)).clip(0, 1))


def emboss_of_gray(image):
    return weighed(image).mean(0, keepdim=True).expand(3, -1, -1).clamp(0, 1)


def padded(image, mode):
    return torch.nn.functional.pad(image[None], [1] * 4, mode=mode)[0]


LIGHT, POINTER, ROAD, COINS = (
    "a traffic light: red or green",
    "an arrow: left or right",
    "a road: foggy or clear",
    "coins on a table: how many",
)
EFFECTS = {
    LIGHT: {"flip left-right", "quarter turn", "fog"},
    POINTER: {"hue", "fog"},
    ROAD: {"flip left-right", "quarter turn", "hue"},
    COINS: {"flip left-right", "quarter turn", "hue", "fog"},
}
CAMERA = [("fog", 0.5, 0.5), ("defocus", 0.3, 1), ("Gaussian noise", 0.2, 1.0), ("JPEG", 0.5, 1)]
FOG, LENS, NOISE, JPEG = CAMERA

RIGHT = {
    "posterize": [
        posterize,
        posterize_by_a_table,
        F.posterize,
        lambda x, bits: x & (256 - 2 ** (8 - bits)),
        lambda x, bits: x - x % 2 ** (8 - bits),
        lambda x, bits: (x.float() / 2 ** (8 - bits)).floor().mul(2 ** (8 - bits)).byte(),
        lambda x, bits: (x >> (8 - bits)) << (8 - bits),
        lambda x, bits: torch.from_numpy(x.numpy() // 2 ** (8 - bits) * 2 ** (8 - bits)),
    ],
    "salt_and_pepper": [
        salt_and_pepper,
        dots_at_places,
        dots_by_masks,
        dots_by_numpy,
        dots_one_by_one,
        lambda x, share: torch.where(
            torch.rand(1, *x.shape[-2:]) < share, (torch.rand(x.shape[-2:]) < 0.5).float(), x
        ),
    ],
    "emboss": [
        emboss,
        emboss_by_a_convolution,
        emboss_by_groups,
        emboss_pixel_by_pixel,
        emboss_by_numpy,
        lambda x: emboss(x.double()).float(),
    ],
    "effects_that_keep_the_label": sets(EFFECTS),
    "camera_pipeline": [
        CAMERA,
        tuple(CAMERA),
        [list(step) for step in CAMERA],
        [(name, 1, 1) for name, _, _ in CAMERA],
        [(name, 0.1, 0.01) for name, _, _ in CAMERA],
        [(name, np.float64(strength), np.float32(1)) for name, strength, _ in CAMERA],
    ],
}
WRONG = {
    "posterize": [
        ("unchanged", lambda x, b: x),
        ("multiply by the step", lambda x, b: x // 2 ** (8 - b)),
        ("lowest bits", lambda x, b: x % 2 ** (8 - b)),
        ("expected 2 ** bits", lambda x, b: x // (256 // b) * (256 // b)),
        ("the step is 2 ** (8 - bits)", lambda x, b: x // 2**b * 2**b),
        ("rounds down", lambda x, b: rounded(x, b).clamp(0, 255).to(torch.uint8)),
        ("256 starts anew", lambda x, b: rounded(x, b).to(torch.int16).to(torch.uint8)),
        ("dtype is torch.float32", lambda x, b: posterize(x.float(), b)),
        ("in place", in_place_posterize),
        ("right for bits = 3, but for bits = 1", lambda x, b: posterize(x, 3)),
        ("differ", lambda x, b: posterize(x, 3)),
    ],
    "salt_and_pepper": [
        ("unchanged", lambda x, s: x),
        ("dots are colored", colored_dots),
        ("all dots are white", lambda x, s: only(x, s, 1.0)),
        ("all dots are black", lambda x, s: only(x, s, 0.0)),
        ("with share = 0.2 it changes", lambda x, s: salt_and_pepper(x, 2 * s)),
        ("with share = 0.6 it changes", lambda x, s: salt_and_pepper(x, 0.2)),
        ("two calls change the same", same_dots),
        ("of the dots are white", mostly_salt),
        ("neither 0 nor 1", lambda x, s: x + s * torch.randn(x.shape)),
        ("neither 0 nor 1", lambda x, s: only(x, s, 255.0)),
        ("neither 0 nor 1", lambda x, s: x * float("nan")),
        ("dtype", lambda x, s: salt_and_pepper(x, s).double()),
        ("the shape is [60, 50]; expected [3, 60, 50]", lambda x, s: salt_and_pepper(x, s)[0]),
        ("with share = 0 ", lambda x, s: salt_and_pepper(x, max(s, 0.01))),
    ],
    "emboss": [
        ("clamp the sum", weighed),
        ("180 degrees", lambda x: weighed(x.flip(1, 2)).flip(1, 2).clamp(0, 1)),
        ("mirrored", lambda x: weighed(x.flip(2)).flip(2).clamp(0, 1)),
        ("pixel itself", lambda x: (weighed(x) - x[:, 1:-1, 1:-1]).clamp(0, 1)),
        (
            "corners count twice",
            lambda x: weighed(x, [[-1, -1, 0], [-1, 1, 1], [0, 1, 1]]).clamp(0, 1),
        ),
        ("the border is there", lambda x: weighed(padded(x, "constant")).clamp(0, 1)),
        ("from the other side", lambda x: weighed(padded(x, "circular")).clamp(0, 1)),
        ("divided", lambda x: (weighed(x) / 9).clamp(0, 1)),
        ("inner pixels", lambda x: x[:, 1:-1, 1:-1]),
        ("unchanged", lambda x: x),
        ("channels are mixed", emboss_of_gray),
        ("shape", lambda x: emboss(x)[0]),
        ("dtype is torch.float64", lambda x: emboss(x.double())),
    ],
    "effects_that_keep_the_label": [
        ("no answer for 'a traffic light", {}),
        ("does not survive ['hue']", without(EFFECTS, LIGHT, {"hue", "fog"})),
        ("quarter turns leave neither", without(EFFECTS, POINTER, {"quarter turn"})),
        ("Added fog is the other class", without(EFFECTS, ROAD, {"fog"})),
        ("also survives", without(EFFECTS, COINS, {"hue"})),
        ("the options are", without(EFFECTS, COINS, {"crop"})),
    ],
    "camera_pipeline": [
        ("no steps yet", ...),
        ("no steps yet", None),
        ("no steps yet", [...]),
        ("given a str", "fog"),
        ("given a SimpleNamespace", SimpleNamespace(fog=1)),
        ("build says: a step is 'fog'", ["fog", "JPEG"]),
        ("no effect is called 'mist'", [("mist", 1, 1)]),
        ("build says: strength is 5", [("fog", 5, 1)]),
        ("there is no 'fog'", []),
        ("there is no 'Gaussian noise'", [FOG, LENS, JPEG]),
        ("'JPEG' is there twice", [*CAMERA, JPEG]),
        ("'rain' was not asked for", [*CAMERA, ("rain", 1, 1)]),
        ("fog never acts", [("fog", 0, 1), LENS, NOISE, JPEG]),
        ("JPEG never acts", [FOG, LENS, NOISE, ("JPEG", 1, 0.0)]),
        ("fog lies before the lens", [LENS, FOG, NOISE, JPEG]),
        ("the lens is what is out of focus", [FOG, NOISE, LENS, JPEG]),
        ("noise arises in the sensor", [FOG, LENS, JPEG, NOISE]),
    ],
}
