"""Right and wrong answers to the exercises of lesson 05."""

import itertools
import random

import numpy as np
import torch
from forms import sets, without


def first_gap(clean, under, coming):
    return max(under, key=lambda name: coming[name] * (clean - under[name]))


def first_gap_in_a_loop(clean, under, coming):
    lost = {}
    for name in coming:
        lost[name] = (clean - under[name]) * coming[name]
    return max(lost, key=lost.get)


def first_gap_by_tensors(clean, under, coming):
    right, share = torch.tensor([[under[name], coming[name]] for name in under]).T
    return [*under][int(((clean - right) * share).argmax())]


def first_gap_by_numpy(clean, under, coming):
    names = np.array(sorted(under))
    lost = [coming[name] * clean - coming[name] * under[name] for name in names]
    return names[np.argmax(lost)]


def scored(score):
    """Return an answer that takes the largest score of (what is right, how often it comes)."""
    return lambda clean, under, coming: max(under, key=lambda n: score(under[n], coming[n]))


def salt_and_pepper(image, share):
    chance = torch.rand(image.shape[-2:])
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


def dots_where(image, places, white):
    """Return the picture with dots at places `[H, W]`, white where `white` says it."""
    return torch.where(places, white.to(image), image)


def dots_in(form):
    """Return an answer that draws for each row, column or picture what it should for a pixel."""

    def answer(image, share):
        height, width = image.shape[-2:]
        shape = {"rows": (height, 1), "columns": (1, width), "pictures": (1, 1)}[form]
        places = torch.rand(shape).expand(height, width) < share
        return dots_where(image, places, torch.rand(height, width) < 0.5)

    return answer


def pixels_tied(image, share):
    """The last two pixels are dots together; all others are drawn one by one."""
    chance = torch.rand(image[0].numel())
    chance[-1] = chance[-2]
    return dots_where(image, chance.view(image[0].shape) < share, torch.rand(image[0].shape) < 0.5)


def in_turns(*factors):
    """Return an answer that draws now too many dots and now too few."""
    factors = itertools.cycle(factors)
    return lambda image, share: salt_and_pepper(image, share * next(factors) if share < 1 else 1)


def dots_above(n, image, share):
    """Draw dots in the first `n` pixels alone."""
    places = torch.arange(image[0].numel()).view(image[0].shape) < n
    return torch.where(places, salt_and_pepper(image, share), image)


def dots_in_a_grid(image, share):
    places = torch.arange(image[0].numel()).view(image.shape[-2:]) + torch.randint(20, ())
    return dots_where(image, places % 5 < 5 * share, torch.rand(places.shape) < 0.5)


def equal_dots_in_pairs(image, share):
    first = torch.rand(image[0].numel() // 2, 1)
    chance = torch.cat([first, 1 - first], 1).view(image.shape[-2:])
    return dots_where(image, chance < share, torch.rand(chance.shape) < 0.5)


def dots_of_one_color(image, share):
    return dots_where(image, torch.rand(image.shape[-2:]) < share, torch.rand(1) < 0.5)


def white_above(image, share):
    rows = torch.arange(image.shape[-2])[:, None] * 2 < image.shape[-2]
    return dots_where(image, torch.rand(image.shape[-2:]) < share, rows)


def by_a_generator_of_its_own():
    generator = np.random.default_rng()  # no seed of the check reaches it

    def dots(image, share):
        chance = torch.from_numpy(generator.random(image.shape[-2:]))
        return dots_where(image, chance < share, chance < share / 2)

    return dots


def dots_at_places(image, share):
    result, n = image.clone(), image.numel() // 3
    black, white = torch.randperm(n)[: round(share * n)].chunk(2)
    result.view(3, -1)[:, black] = 0
    result.view(3, -1)[:, white] = 1
    return result


def dots_by_masks(image, share):
    dots = torch.full(image.shape[1:], share).bernoulli()
    return image * (1 - dots) + dots * torch.randint(2, image.shape[1:])


def dots_by_numpy(image, share):
    odds = [1 - share, share / 2, share / 2]
    result, kind = image.numpy().copy(), np.random.choice(3, image.shape[1:], p=odds)  # noqa: NPY002
    result[:, kind == 1] = 0
    result[:, kind == 2] = 1
    return torch.from_numpy(result)


def dots_one_by_one(image, share):
    result = image.clone()
    for pixel in result.flatten(1).T:
        if random.random() < share:
            pixel[:] = random.randrange(2)
    return result


def colored_dots(image, share):
    chance = torch.rand(image.shape)
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


def same_dots(image, share):
    chance = torch.linspace(0.01, 0.99, image[0].numel()).view(image.shape[-2:]).roll(7)
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
    table = torch.tensor(TABLE).float()
    height, width = image.shape[1:]
    result = torch.zeros(3, height - 2, width - 2)
    for row in range(height - 2):
        for column in range(width - 2):
            window = image[:, row : row + 3, column : column + 3]
            result[:, row, column] = torch.einsum("cij,ij->c", window, table)
    return result.clamp(0, 1)


def emboss_by_numpy(image):
    windows = np.lib.stride_tricks.sliding_window_view(image.numpy(), (3, 3), (1, 2))
    sums = np.einsum("crsij,ij->crs", windows, np.array(TABLE, np.float32))
    return torch.from_numpy(sums.clip(0, 1))


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

NEVER_EQUAL, ORDER = "no number is just at the limit", "each in another order"
EQUIVALENT = {
    "first_gap": {"for name in [*coming][::-1]": ORDER},
    "salt_and_pepper": {
        "chance <= share": NEVER_EQUAL,
        "chance >= 1 - share": NEVER_EQUAL,
        "<= share, torch.randint": NEVER_EQUAL,
        "random.random() <= share": NEVER_EQUAL,
        "[*result.flatten(1).T][::-1]": ORDER,
        "generator = np.random\n": "NumPy's own generator draws as well",
        "chance > share / 2)": "black and white are equally many",
        "chance >= share / 2)": "black and white are equally many",
    },
    "emboss": {
        "[*range(height - 2)][::-1]": ORDER,
        "[*range(width - 2)][::-1]": ORDER,
        "[*range(3)][::-1]": ORDER,
        "(3, 3), (2, 1))": "the table is symmetric",
    },
}

RIGHT = {
    "first_gap": [
        first_gap,
        first_gap_in_a_loop,
        first_gap_by_tensors,
        first_gap_by_numpy,
        lambda clean, under, coming: min(
            coming, key=lambda name: (under[name] - clean) * coming[name]
        ),
        lambda clean, under, coming: sorted(
            under, key=lambda name: coming[name] * (clean - under[name])
        )[-1],
    ],
    "salt_and_pepper": [
        salt_and_pepper,
        dots_at_places,
        dots_by_masks,
        dots_by_numpy,
        dots_one_by_one,
        by_a_generator_of_its_own(),
        lambda x, share: torch.where(
            torch.rand(1, *x.shape[-2:]) < share, torch.randint(2, x.shape[-2:]), x
        ),
    ],
    "emboss": [
        emboss,
        emboss_by_a_convolution,
        emboss_by_groups,
        emboss_pixel_by_pixel,
        emboss_by_numpy,
        lambda x: emboss(x.to(torch.float64)).to(x),
    ],
    "effects_that_keep_the_label": sets(EFFECTS),
}
WRONG = {
    "first_gap": [
        ("harms most", lambda clean, under, coming: min(under, key=under.get)),
        ("comes most often", lambda clean, under, coming: max(coming, key=coming.get)),
        *(
            (
                "right for five effects, but",
                scored(lambda right, share, n=n: round(share * (0.9 - right), n)),
            )
            for n in (2, 3, 4)
        ),
        ("right for five effects, but", scored(lambda right, share: share * abs(0.9 - right))),
        ("wrong without the effect", scored(lambda right, share: share * (1 - right))),
        (
            "costs the fewest",
            lambda clean, under, coming: min(
                under, key=lambda name: coming[name] * (clean - under[name])
            ),
        ),
        ("returns 'JPEG'; expected 'fog'", lambda clean, under, coming: "JPEG"),
        ("right for five effects, but", lambda clean, under, coming: sorted(under)[1]),
        ("returns an int; expected a name", lambda clean, under, coming: 2),
        ("returns a dict", lambda clean, under, coming: under),
        ("KeyError", lambda clean, under, coming: under["fog"] and "fog"),
        ("in place", lambda clean, under, coming: under.popitem()[0]),
    ],
    "salt_and_pepper": [
        ("0% of the pixels are dots; expected 40%", lambda x, s: x),
        ("dots are colored", colored_dots),
        ("of the pixels are white dots; expected 20%", lambda x, s: only(x, s, 1.0)),
        ("0% of the pixels are white dots; expected 20%", lambda x, s: only(x, s, 0.0)),
        ("with share = 0.4 ", lambda x, s: salt_and_pepper(x, s / 2)),
        ("with share = 0.8 ", lambda x, s: salt_and_pepper(x, 0.4)),
        ("with share = 0 ", lambda x, s: salt_and_pepper(x, max(s, 0.3))),
        ("all calls change the same", same_dots),
        ("of the pixels are white dots", mostly_salt),
        ("dots come together", dots_in("rows")),
        ("dots come together", dots_in("columns")),
        ("dots come together", dots_in("pictures")),
        ("dots come together", dots_in_a_grid),
        ("dots come together", equal_dots_in_pairs),
        ("white dots come together", dots_of_one_color),
        ("dots come together", pixels_tied),
        ("some calls give more dots", in_turns(0.8, 1.2)),
        ("0% of the pixels are dots; expected 100%", lambda x, s: salt_and_pepper(x, s % 1)),
        ("with share = 0.4 ", lambda x, s: dots_above(10, x, s)),
        ("some pixels are white dots more often", white_above),
        ("neither 0 nor 1", lambda x, s: x + s * torch.randn(x.shape)),
        ("neither 0 nor 1", lambda x, s: only(x, s, 255.0)),
        ("NaN", lambda x, s: x * float("nan")),
        ("dtype", lambda x, s: salt_and_pepper(x, s).double()),
        ("the shape is [2, 5]; expected [3, 2, 5]", lambda x, s: salt_and_pepper(x, s)[0]),
    ],
    "emboss": [
        ("clamp the sum", weighed),
        ("180 degrees", lambda x: weighed(x.flip(1, 2)).flip(1, 2).clamp(0, 1)),
        ("mirrored", lambda x: weighed(x.flip(2)).flip(2).clamp(0, 1)),
        ("pixel itself", lambda x: (weighed(x) - x[:, 1:-1, 1:-1]).clamp(0, 1)),
        (
            "values differ",
            lambda x: weighed(x, [[-1, -1, 0], [-1, 1, 1], [0, 1, 1]]).clamp(0, 1),
        ),
        ("the border is there", lambda x: weighed(padded(x, "constant")).clamp(0, 1)),
        ("the shape is [3, 8, 11]", lambda x: weighed(padded(x, "circular")).clamp(0, 1)),
        ("differ", lambda x: (weighed(x) / 9).clamp(0, 1)),
        ("differ", lambda x: x[:, 1:-1, 1:-1]),
        ("unchanged", lambda x: x),
        ("differ", emboss_of_gray),
        ("shape", lambda x: emboss(x)[0]),
        ("dtype is torch.float64", lambda x: emboss(x.double())),
    ],
    "effects_that_keep_the_label": [
        ("no answer for 'a traffic light", {}),
        ("too many and something", without(EFFECTS, LIGHT, {"hue", "fog"})),
        ("quarter turns leave neither", without(EFFECTS, POINTER, {"quarter turn"})),
        ("Added fog is the other class", without(EFFECTS, ROAD, {"fog"})),
        ("every change that leaves", without(EFFECTS, COINS, {"hue"})),
        ("the options are", without(EFFECTS, COINS, {"crop"})),
    ],
}
