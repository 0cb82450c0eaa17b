"""Every check accepts a right answer and names each usual mistake."""

import random

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as F

from d2laug import check
from d2laug.augment import to_linear, to_srgb

# ---- right answers, as a learner may write them


def flip_top_bottom(image):
    return image[..., torch.arange(image.shape[-2] - 1, -1, -1), :]


def random_flip(image, p):
    return image.flip(-1) if torch.rand(1) < p else image


def flip_some(batch, flipped):
    result = batch.clone()
    result[flipped] = batch[flipped].flip(-1)
    return result


def center_crop(image, height, width):
    top, left = (image.shape[-2] - height) // 2, (image.shape[-1] - width) // 2
    return image[..., top : top + height, left : left + width]


def draw_position(H, W, height, width):
    top = torch.randint(0, H - height + 1, (1,)).item()
    return top, torch.randint(0, W - width + 1, (1,)).item()


def to_batch(pictures, size):
    return torch.stack([F.center_crop(F.resize(x, size, antialias=True), size) for x in pictures])


def brightness_uint8(image, factor):
    return (image.float() * factor).clamp(0, 255).to(torch.uint8)


def jitter_batch(batch, low, high):
    factors = low + (high - low) * torch.rand(len(batch), 1, 1, 1)
    return (batch * factors).clamp(0, 1)


def gray_world(image):
    light = to_linear(image)
    gains = light.mean() / light.mean(dim=(1, 2), keepdim=True)
    return to_srgb((light * gains).clamp(0, 1))


def padded_crop(batch, top, left, mode="reflect"):
    height, width = batch.shape[-2:]
    padded = torch.nn.functional.pad(batch, (4, 4, 4, 4), mode=mode)
    boxes = zip(padded, top.tolist(), left.tolist(), strict=True)
    return torch.stack([x[:, t : t + height, z : z + width] for x, t, z in boxes])


def padded_crop_at_once(batch, top, left):
    padded = torch.nn.functional.pad(batch, (4, 4, 4, 4), mode="reflect")
    boxes = padded.unfold(2, batch.shape[2], 1).unfold(3, batch.shape[3], 1)
    return boxes[torch.arange(len(batch)), :, top, left]


def shared_gradient(gradients, sizes):
    return sum(n * g for n, g in zip(sizes, gradients, strict=True)) / sum(sizes)


MORE, LARGER, CROPS, LONGER = (
    "five times as many photographs",
    "a network with ten times the weights",
    "random flips and crops",
    "twice the epochs, without augmentation",
)
GAPS = {MORE: {"smaller"}, LARGER: {"larger"}, CROPS: {"smaller"}, LONGER: {"larger"}}


def upright(image, orientation):
    return torch.rot90(image, {1: 0, 3: 2, 6: 3, 8: 1}[orientation], (-2, -1))


def on_white(image):
    return image[:3] * image[3] + (1 - image[3])


def choose_for_validation(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        mask[members[torch.randperm(len(members))[: round(share * len(members))]]] = True
    return mask


TESTS = {task: set(right) for task, (right, _) in check.lesson_11.TESTS.items()}
FLIPS = {task: set(right) for task, (right, _) in check.lesson_02.FLIP_TASKS.items()}
COLORS = {task: set(right) for task, (right, _) in check.lesson_04.COLOR_TASKS.items()}
REMEDIES = {task: set(right) for task, (right, _) in check.lesson_01.REMEDIES.items()}
FIXES = {task: set(right) for task, (right, _) in check.lesson_08.FIXES.items()}


def gain(results, recipe, place):
    return (results[recipe][place] - results["none"][place]).mean()


def best_recipe(results, place):
    return max(results, key=lambda recipe: results[recipe][place].mean())


def pictures_needed(counts, accuracies, goal):
    return min((c for c, a in zip(counts, accuracies, strict=True) if a >= goal), default=INF)


def draw_kelvin(low, high, u):
    return 1 / (u / low + (1 - u) / high)


INF = float("inf")


def posterize(image, bits):
    step = 2 ** (8 - bits)
    return image // step * step


def salt_and_pepper(image, share):
    chance = torch.rand(image.shape[-2:])
    image = torch.where(chance < share / 2, 0.0, image)
    return torch.where(chance > 1 - share / 2, 1.0, image)


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


CAMERA = [("fog", 0.5, 0.5), ("defocus", 0.3, 1), ("Gaussian noise", 0.2, 1.0), ("JPEG", 0.5, 1)]
EFFECTS = {task: set(right) for task, (right, _) in check.lesson_05.EFFECT_TASKS.items()}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def one_epoch(images, labels, transform, batch_size):
    for index in torch.randperm(len(images)).split(batch_size):
        yield transform(images[index]), labels[index]


def order_difference(first, second, image):
    return (second(first(image)).int() - first(second(image)).int()).abs().max()


def draw(seed, epoch, index):
    return np.random.default_rng([seed, epoch, index]).random()


BEFORE = {task: set(right) for task, (right, _) in check.lesson_06.BEFORE_TASKS.items()}
RIGHT = [
    (check.accuracy, lambda p, y: (p.argmax(1) == y).float().mean()),
    (check.accuracy, lambda p, y: sum(p.argmax(1) == y).item() / len(y)),
    (check.weakest_class, lambda counts: (counts.diag() / counts.sum(1)).argmin()),
    (check.weakest_class, lambda counts: int((counts.diag() / counts.sum(1)).argmin())),
    (check.remedies, REMEDIES),
    (check.flip_top_bottom, flip_top_bottom),
    (check.flip_top_bottom, lambda image: image[..., range(image.shape[-2] - 1, -1, -1), :]),
    (check.random_flip, random_flip),
    (check.flip_some, flip_some),
    (check.flip_some, lambda x, m: torch.where(m[:, None, None, None], x.flip(-1), x)),
    (check.flips_that_keep_the_label, FLIPS),
    (check.center_crop, center_crop),
    (check.center_crop, lambda x, h, w: F.center_crop(x, [h, w])),
    (check.draw_position, draw_position),
    (check.to_batch, to_batch),
    (check.small_crops, (0.25 - 0.08) / (1 - 0.08)),
    (check.small_crops, 0.185),
    (check.small_crops, 0.18),
    (check.small_crops, torch.tensor(0.1848)),
    (check.brightness_uint8, brightness_uint8),
    (check.brightness_uint8, F.adjust_brightness),
    (check.jitter_batch, jitter_batch),
    (check.gray_world, gray_world),
    (check.color_changes_that_keep_the_label, COLORS),
    (check.mean_and_spread, lambda a: (a.mean(), a.std())),
    (check.mean_and_spread, lambda a: (np.mean(a.numpy()), np.std(a.numpy(), ddof=1))),
    (check.mean_and_spread, lambda a: [sum(a) / 5, (sum((a - a.mean()) ** 2) / 4) ** 0.5]),
    (check.gain, gain),
    (check.gain, lambda r, c, p: r[c][p].mean().item() - r["none"][p].mean().item()),
    (check.best_recipe, best_recipe),
    (check.pictures_needed, pictures_needed),
    (check.draw_kelvin, draw_kelvin),
    (check.fixes, FIXES),
    (check.upright, upright),
    (
        check.upright,
        lambda x, o: x.mT.flip({6: -1, 8: -2}[o]) if o > 3 else x if o == 1 else x.flip(-1, -2),
    ),
    (check.on_white, on_white),
    (check.on_white, lambda x: 1 - x[3] * (1 - x[:3])),
    (check.choose_for_validation, choose_for_validation),
    (check.honest_tests, TESTS),
    (check.posterize, posterize),
    (check.posterize, F.posterize),
    (check.posterize, lambda x, bits: x & (256 - 2 ** (8 - bits))),
    (check.salt_and_pepper, salt_and_pepper),
    (
        check.salt_and_pepper,
        lambda x, share: torch.where(
            torch.rand(1, *x.shape[-2:]) < share, (torch.rand(x.shape[-2:]) < 0.5).float(), x
        ),
    ),
    (check.emboss, emboss),
    (
        check.emboss,
        lambda x: (
            torch.nn.functional.conv2d(x[:, None], torch.tensor([[TABLE]]).float())
            .squeeze(1)
            .clamp(0, 1)
        ),
    ),
    (check.effects_that_keep_the_label, EFFECTS),
    (check.camera_pipeline, CAMERA),
    (check.camera_pipeline, tuple(CAMERA)),
    (check.one_epoch, one_epoch),
    (check.one_epoch, lambda *inputs: list(one_epoch(*inputs))),
    (check.order_difference, order_difference),
    (check.order_difference, lambda a, b, x: (b(a(x)).float() - a(b(x))).abs().max().item()),
    (check.draw, draw),
    (check.draw, lambda s, e, i: random.Random(f"{s} {e} {i}").random()),
    (check.draw, lambda s, e, i: torch.rand(1, generator=seeded(s * 10**8 + e * 10**4 + i))),
    (check.before_training_or_testing, BEFORE),
    (check.padded_crop, padded_crop),
    (check.padded_crop, padded_crop_at_once),
    (check.gap, lambda history: history[-1]["train"] - history[-1]["validation"]),
    (check.shared_gradient, shared_gradient),
    (check.shared_gradient, lambda g, n: torch.stack(g).T @ torch.tensor(n).float() / sum(n)),
    (check.gap_grows_or_shrinks, GAPS),
]


@pytest.mark.parametrize(("run", "answer"), RIGHT)
def test_right_answers_are_accepted(run, answer):
    verdict = run(answer)
    assert verdict.ok, verdict
    assert repr(verdict).startswith("Right: ")


# ---- wrong answers, and the word by which each check must name them


def in_place_flip(image):
    image[:] = image.flip(-2)
    return image


def in_place_brightness(image, factor):
    return image.copy_((image.float() * factor).clamp(0, 255).to(torch.uint8))


def flip_rows_alone(image, p):
    mask = torch.rand(image.shape[-2], 1) < p
    return torch.where(mask, image.flip(-1), image)


def without(answers, task, value):
    return {**answers, task: value}


def dependent_position(H, W, height, width):
    share = torch.rand(1).item()
    return int(share * (H - height + 1)), int(share * (W - width + 1))


def randint(end):
    return torch.randint(0, end, (1,)).item()


def warmer(image):
    light = to_linear(image)
    return to_srgb((light * light.mean((1, 2), keepdim=True) / light.mean()).clamp(0, 1))


def on_stored_values(image):
    return (image * image.mean() / image.mean((1, 2), keepdim=True)).clamp(0, 1)


def unclamped(image):
    light = to_linear(image)
    return to_srgb(light * light.mean() / light.mean((1, 2), keepdim=True))


def like_green(image):
    light = to_linear(image)
    gains = light[1].mean() / light.mean((1, 2), keepdim=True)
    return to_srgb((light * gains).clamp(0, 1))


def over_channels(image):
    light = to_linear(image)
    return to_srgb((light * light.mean() / light.mean(0, keepdim=True)).clamp(0, 1))


def all_means_one(image):
    light = to_linear(image)
    return to_srgb((light / light.mean((1, 2), keepdim=True)).clamp(0, 1))


def halves(x, h, w):
    H, W = x.shape[-2:]
    return x[..., H // 2 - h // 2 : H // 2 + h // 2, W // 2 - w // 2 : W // 2 + w // 2]


def margins(x, h, w):
    top, left = (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2
    return x[..., top:-top, left:-left]


def two_factors(x, low, high):
    choice = torch.rand(len(x), 1, 1, 1) < 0.5
    return (x * torch.where(choice, low, high)).clamp(0, 1)


def rescaled(x, low, high):
    bright = x * (low + (high - low) * torch.rand(len(x), 1, 1, 1))
    return bright / bright.max().clamp(min=1)


def shuffled_apart(images, labels, transform, batch_size):
    for x, _ in one_epoch(images, labels, transform, batch_size):
        yield x, labels[torch.randperm(len(labels))[: len(x)]]


def drawn_with_return(images, labels, transform, batch_size):
    for _ in range(0, len(images), batch_size):
        index = torch.randint(len(images), (batch_size,))
        yield transform(images[index]), labels[index]


def transformed_first(images, labels, transform, batch_size):
    return one_epoch(transform(images), labels, lambda x: x, batch_size)


def one_at_a_time(images, labels, transform, batch_size):
    return one_epoch(images, labels, lambda x: torch.stack([transform(y) for y in x]), batch_size)


def result_lost(images, labels, transform, batch_size):
    for x, y in one_epoch(images, labels, lambda x: x, batch_size):
        transform(x)
        yield x, y


def same_order(images, labels, transform, batch_size):
    order = torch.randperm(len(images), generator=seeded(0)).split(batch_size)
    return [(transform(images[index]), labels[index]) for index in order]


def in_order(images, labels, transform, batch_size):
    split = zip(images.split(batch_size), labels.split(batch_size), strict=True)
    return [(transform(x), y) for x, y in split]


def stops_later(images, labels, transform, batch_size):
    yield transform(images[:4]), labels[:4]
    raise RuntimeError("out of pictures")


def seeds_everybody(s, e, i):
    torch.manual_seed(s * 10**8 + e * 10**4 + i)
    return torch.rand(1).item()


def seeds_python(s, e, i):
    random.seed(f"{s} {e} {i}")
    return random.random()


def seeds_numpy(s, e, i):
    np.random.seed([s, e, i])  # noqa: NPY002
    return np.random.rand()  # noqa: NPY002


STUBS = [
    (run, answer, "nothing yet")
    for run in (
        check.accuracy,
        check.weakest_class,
        check.flip_top_bottom,
        check.random_flip,
        check.flip_some,
        check.center_crop,
        check.draw_position,
        check.to_batch,
        check.brightness_uint8,
        check.jitter_batch,
        check.gray_world,
        check.posterize,
        check.salt_and_pepper,
        check.emboss,
        check.one_epoch,
        check.order_difference,
        check.draw,
    )
    for answer in (lambda *inputs: None, lambda *inputs: ...)
]

LAMPS, NEARER, HANDLE, DESK = check.lesson_01.REMEDIES
CAT, DIGIT, CELLS, ARROW = check.lesson_02.FLIP_TASKS
TOMATO, PET, DAY, GLASS = check.lesson_04.COLOR_TASKS


def turned(turns, axes=(-2, -1)):
    return lambda image, orientation: torch.rot90(image, turns[orientation], axes)


def tenth_of_all(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    mask[torch.randperm(len(labels))[: round(share * len(labels))]] = True
    return mask


def cut_off(labels, share):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        mask[members[torch.randperm(len(members))[: int(share * len(members))]]] = True
    return mask


def first_ones(labels, share, end=False):
    mask = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        n = round(share * len(members))
        mask[members[-n:] if end else members[:n]] = True
    return mask


def last_ones(labels, share):
    return first_ones(labels, share, end=True)


BURST, FRIEND, *_ = TESTS
TRAFFIC, POINTER, ROAD, COINS = check.lesson_05.EFFECT_TASKS
FOG, LENS, NOISE, JPEG = CAMERA


def in_place_posterize(image, bits):
    return image.div_(2 ** (8 - bits), rounding_mode="floor").mul_(2 ** (8 - bits))


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


def padded(image, mode):
    return torch.nn.functional.pad(image[None], [1] * 4, mode=mode)[0]


CUT, RECOLOR, TO_FLOAT, MEAN = check.lesson_06.BEFORE_TASKS
WRONG = [
    *STUBS,
    (check.accuracy, lambda p, y: (p.argmax(1) == y).sum(), "divide by the number"),
    (check.accuracy, lambda p, y: 100 * (p.argmax(1) == y).float().mean(), "in percent"),
    (check.accuracy, lambda p, y: (p.argmax(1) != y).float().mean(), "share of the wrong answers"),
    (check.accuracy, lambda p, y: (p.argmax(1) != y).sum(), "counts the wrong"),
    (check.accuracy, lambda p, y: p.amax(1).mean(), "how sure"),
    (check.accuracy, lambda p, y: p[range(len(y)), y].mean(), "mean probability of the label"),
    (check.accuracy, lambda p, y: p.argmax(1) == y, "returns a Tensor; expected one number"),
    (check.accuracy, lambda p, y: 0.5, "7 are right, and the function returns 0.5"),
    (check.accuracy, lambda p, y: float("nan"), "returns nan"),
    (check.weakest_class, lambda c: (c.diag() / c.sum(1)).argmax(), "largest share"),
    (check.weakest_class, lambda c: c.diag().argmin(), "divide by the row's sum"),
    (check.weakest_class, lambda c: (c.diag() / c.sum(0)).argmin(), "Rows hold the true class"),
    (check.weakest_class, lambda c: 0, "not class 0"),
    (check.weakest_class, lambda c: c.diag() / c.sum(1), "expected a whole number"),
    (check.weakest_class, lambda c: 0.4, "expected a whole number"),
    (check.mean_and_spread, lambda a: a.mean(), "expected two numbers"),
    (check.mean_and_spread, lambda a: (a.std(), a.mean()), "swapped"),
    (check.mean_and_spread, lambda a: (a.median(), a.std()), "median"),
    (check.mean_and_spread, lambda a: (a.sum(), a.std()), "that is the sum"),
    (check.mean_and_spread, lambda a: (a.max(), a.std()), "luckiest"),
    (check.mean_and_spread, lambda a: (a.min(), a.std()), "the mean of"),
    (check.mean_and_spread, lambda a: (a.mean(), a.std(correction=0)), "divides by N"),
    (check.mean_and_spread, lambda a: (a.mean(), a.var()), "variance"),
    (check.mean_and_spread, lambda a: (a.mean(), a.std() / 5**0.5), "standard error"),
    (check.mean_and_spread, lambda a: (a.mean(), a.max() - a.min()), "range"),
    (check.mean_and_spread, lambda a: (a.mean(), (a - a.mean()).abs().mean()), "mean distance"),
    (check.mean_and_spread, lambda a: (a.mean(), 0), "but the spread is"),
    (check.mean_and_spread, lambda a: (a, a), "returns a Tensor; expected one number"),
    (check.gain, lambda r, c, p: -gain(r, c, p), "the sign is wrong"),
    (check.gain, lambda r, c, p: abs(gain(r, c, p)), "the sign is wrong"),
    (check.gain, lambda r, c, p: r[c][p][0] - r["none"][p][0], "first seed alone"),
    (check.gain, lambda r, c, p: r[c][p][-1] - r["none"][p][-1], "last seed alone"),
    (check.gain, lambda r, c, p: (r[c][p] - r[c]["lab"]).mean(), "minus the lab"),
    (check.gain, lambda r, c, p: gain(r, c, p) / r["none"][p].mean(), "share of the accuracy"),
    (check.gain, lambda r, c, p: r[c][p].mean() / r["none"][p].mean(), "divides; subtract"),
    (check.gain, lambda r, c, p: r[c][p].mean(), "the accuracy itself"),
    (check.gain, lambda r, c, p: gain(r, c, "show"), "for the show only"),
    (check.gain, lambda r, c, p: -0.05, "gains nothing over itself"),
    (check.gain, lambda r, c, p: 7.0, "flip gains -0.05"),
    (check.gain, lambda r, c, p: r[c][p] - r["none"][p], "expected one number"),
    (check.best_recipe, lambda r, p: max(r, key=lambda c: r[c][p].max()), "best single seed"),
    (check.best_recipe, lambda r, p: min(r, key=lambda c: r[c][p].mean()), "the worst"),
    (check.best_recipe, lambda r, p: best_recipe(r, "lab"), "best recipe in the lab"),
    (check.best_recipe, lambda r, p: best_recipe(r, "show"), "for the show only"),
    (check.best_recipe, lambda r, p: max(r[c][p].mean() for c in r), "expected the name"),
    (check.pictures_needed, lambda c, a, g: max(c), "fewer are too"),
    (check.pictures_needed, lambda c, a, g: c[a.index(max(a))], "fewer are too"),
    (
        check.pictures_needed,
        lambda c, a, g: next(n for n, x in zip(c, a, strict=True) if x > g),
        "exactly 0.9",
    ),
    (check.pictures_needed, lambda c, a, g: min(x for x in a if x >= g), "that is the accuracy"),
    (check.pictures_needed, lambda c, a, g: a.index(g), "place in the list"),
    (check.pictures_needed, lambda c, a, g: 5, "below the goal"),
    (check.pictures_needed, lambda c, a, g: 0, "below the goal"),
    (check.pictures_needed, lambda c, a, g: 3, "returns 3"),
    (check.pictures_needed, lambda c, a, g: 10, "no count reaches"),
    (check.pictures_needed, lambda c, a, g: 10 if g == 0.9 else INF, "without any picture"),
    (check.pictures_needed, lambda c, a, g: None, "returns nothing yet"),
    (check.draw_kelvin, lambda low, high, u: low + (high - low) * u, "middle in kelvin"),
    (check.draw_kelvin, lambda low, high, u: low * (high / low) ** u, "logarithmic"),
    (check.draw_kelvin, lambda low, high, u: 1 / draw_kelvin(low, high, u), "turn it around"),
    (check.draw_kelvin, lambda low, high, u: draw_kelvin(low, high, 1 - u), "swapped"),
    (check.draw_kelvin, lambda low, high, u: draw_kelvin(2500, 10000, u), "to 10000 K only"),
    (check.draw_kelvin, lambda low, high, u: 4000, "u = 0 and u = 1 give"),
    (check.draw_kelvin, lambda low, high, u: 5, "half way between"),
    (check.fixes, {}, "no answer for 'the desk"),
    (check.fixes, FIXES | {"the machine gets a thirteenth drink": {"augment"}}, "not mended by"),
    (check.fixes, FIXES | {"the machine gets a thirteenth drink": set()}, "is mended by"),
    (check.fixes, FIXES | {"the machine gets a thirteenth drink": {"buy"}}, "the options are"),
    (check.fixes, FIXES | {"the machine gets a thirteenth drink": "collect"}, "expected a set"),
    (check.remedies, {}, "no answer for 'the lamps"),
    (check.remedies, without(REMEDIES, LAMPS, {"hue"}), "the options are"),
    (check.remedies, without(REMEDIES, LAMPS, {"flip"}), "is not imitated by ['flip']"),
    (check.remedies, without(REMEDIES, NEARER, set()), "is also imitated by ['crop']"),
    (check.remedies, without(REMEDIES, HANDLE, {"flip", "crop"}), "moves it to the other side"),
    (check.remedies, without(REMEDIES, DESK, ["color temperature"]), "Bright patches"),
    (check.flip_top_bottom, lambda x: x.flip(-2), "without flip"),
    (check.flip_top_bottom, lambda x: x[..., ::-1, :], "no negative steps"),
    (check.flip_top_bottom, lambda x: x[:, :, [3, 2, 1, 0]], "for an input of shape [3, 4, 6]"),
    (check.flip_top_bottom, 3, "expected a function, given a int"),
    (check.flip_top_bottom, lambda x: 1 / 0, "ZeroDivisionError: division by zero (line 1"),
    (check.flip_top_bottom, lambda x: x, "unchanged"),
    (check.flip_top_bottom, lambda x: x.flip(-1), "left to right"),
    (check.flip_top_bottom, lambda x: x.flip(-1, -2), "180 degrees"),
    (check.flip_top_bottom, lambda x: x.flip(0), "channels are reversed"),
    (check.flip_top_bottom, lambda x: x.flip(1), "channels are reversed"),
    (check.flip_top_bottom, lambda x: x.mT, "swapped"),
    (check.flip_top_bottom, in_place_flip, "in place"),
    (check.flip_top_bottom, lambda x: (x[0] if x.ndim == 4 else x).flip(-2), "batch dimension"),
    (check.flip_top_bottom, lambda x: x.flip(-2).numpy(), "returns a ndarray"),
    (check.flip_top_bottom, lambda x: x.flip(-2).double(), "dtype is torch.float64"),
    (check.flip_top_bottom, lambda x: x[None], "shape is [1, 3, 4, 6]"),
    (check.flip_top_bottom, lambda x: x.roll(1, -2), "of the values differ"),
    (check.flip_top_bottom, lambda x: x * float("nan"), "100% of the values differ"),
    (check.random_flip, lambda x, p: x, "never flips"),
    (check.random_flip, lambda x, p: x.flip(-1), "always flips"),
    (check.random_flip, lambda x, p: random_flip(x, 1 - p), "wrong way round"),
    (check.random_flip, lambda x, p: random_flip(x, 0.5), "use p to decide"),
    (check.random_flip, lambda x, p: random_flip(x, 0.2), "with p = 0 it flips"),
    (check.random_flip, lambda x, p: x.flip(-1) if torch.rand(1) < p else None, "every branch"),
    (check.random_flip, lambda x, p: x.flip(-2), "top to bottom"),
    (check.random_flip, flip_rows_alone, "one number for the whole picture"),
    (check.random_flip, lambda x, p: random_flip(x, p * p), "with p = 0.2 it flips"),
    (check.random_flip, lambda x, p: "flipped", "returns a str"),
    (check.flip_some, lambda x, m: x, "no picture is flipped"),
    (check.flip_some, lambda x, m: x.flip(-1), "every picture"),
    (check.flip_some, lambda x, m: flip_some(x, ~m), "with False"),
    (check.flip_some, lambda x, m: x[m].flip(-1), "only the flipped"),
    (check.flip_some, lambda x, m: x.flip(0), "order"),
    (
        check.flip_some,
        lambda x, m: torch.where(m[:, None, None, None], x.flip(-2), x),
        "top to bottom",
    ),
    (check.flip_some, lambda x, m: x[0], "shape"),
    (check.flip_some, lambda x, m: flip_some(x, m.flip(0)), "backwards"),
    (check.flip_some, lambda x, m: torch.where(m, x.flip(-1), x), "[N, 1, 1, 1]"),
    (check.flip_some, lambda x, m: flip_some(x, [0, 2, 3]), "differ"),
    (check.flips_that_keep_the_label, {}, "no answer for 'cat or dog'"),
    (check.flips_that_keep_the_label, None, "expected a dictionary"),
    (check.flips_that_keep_the_label, without(FLIPS, DIGIT, ...), "no answer for 'handwritten"),
    (check.flips_that_keep_the_label, without(FLIPS, CAT, "left-right"), "expected a set"),
    (check.flips_that_keep_the_label, without(FLIPS, CAT, {"both"}), "the options are"),
    (check.flips_that_keep_the_label, without(FLIPS, CAT, [["left-right"]]), "set of words"),
    (check.flips_that_keep_the_label, without(FLIPS, CAT, {"top-bottom"}), "does not survive"),
    (check.flips_that_keep_the_label, without(FLIPS, DIGIT, {"left-right"}), "looks like a 5"),
    (check.flips_that_keep_the_label, without(FLIPS, CELLS, {"left-right"}), "also survives"),
    (check.flips_that_keep_the_label, without(FLIPS, ARROW, {"left-right"}), "the other"),
    (check.center_crop, lambda x, h, w: x[..., :h, :w], "upper left corner"),
    (check.center_crop, lambda x, h, w: x[..., -h:, -w:], "lower right corner"),
    (check.center_crop, lambda x, h, w: center_crop(x, w, h), "swapped"),
    (check.center_crop, lambda x, h, w: x[..., 5 : 5 + h, 8 : 8 + w], "starts in the middle"),
    (check.center_crop, lambda x, h, w: x[..., 3 : 4 + h, 5 : 6 + w], "too large"),
    (check.center_crop, lambda x, h, w: x[..., 3:h, 5:w], "start plus the size"),
    (check.center_crop, lambda x, h, w: x, "whole"),
    (check.center_crop, lambda x, h, w: x[..., 3 : 3 + h, 5 : 5 + w], "right for 4 x 6"),
    (check.center_crop, halves, "right for 4 x 6"),
    (check.center_crop, margins, "10 x 16 pixels of 10 x 16"),
    (
        check.center_crop,
        lambda x, h, w: center_crop(x[0] if x.ndim == 4 else x, h, w),
        "batch dimension",
    ),
    (
        check.center_crop,
        lambda x, h, w: x[:, 3 : 3 + h, 5 : 5 + w],
        "shape",
    ),
    (check.draw_position, lambda H, W, h, w: (1, 2), "always (1, 2)"),
    (check.draw_position, lambda *size: draw_position(*size)[::-1], "swapped"),
    (check.draw_position, lambda H, W, h, w: (randint(H), randint(W)), "take the size"),
    (check.draw_position, lambda H, W, h, w: (randint(H - h), randint(W - w)), "never reached"),
    (
        check.draw_position,
        lambda H, W, h, w: (1 + randint(H - h), 1 + randint(W - w)),
        "start at 0",
    ),
    (check.draw_position, lambda H, W, h, w: (randint(3) - 1, randint(6)), "negative"),
    (check.draw_position, dependent_position, "depend on each other"),
    (check.draw_position, lambda H, W, h, w: (0.5, 1.5), "whole pixels"),
    (check.draw_position, lambda H, W, h, w: 3, "expected two numbers"),
    (check.draw_position, lambda H, W, h, w: (..., ...), "expected two numbers"),
    (check.draw_position, lambda H, W, h, w: (None, 1), "expected two numbers"),
    (check.draw_position, lambda H, W, h, w: ("a", "b"), "expected two numbers"),
    (check.draw_position, lambda H, W, h, w: (float("nan"), 1), "expected two numbers"),
    (check.draw_position, lambda H, W, h, w: (1, 2, 3), "expected two numbers"),
    (
        check.to_batch,
        lambda xs, s: torch.stack([F.resize(x, [s, s], antialias=True) for x in xs]),
        "stretched",
    ),
    (check.to_batch, lambda xs, s: torch.stack([F.center_crop(x, s) for x in xs]), "not resized"),
    (
        check.to_batch,
        lambda xs, s: torch.stack([F.resize(x, s, antialias=True)[..., :s, :s] for x in xs]),
        "upper left",
    ),
    (check.to_batch, lambda xs, s: to_batch(xs, s)[0], "only one picture"),
    (check.to_batch, lambda xs, s: torch.cat([*to_batch(xs, s)]), "torch.stack"),
    (check.to_batch, lambda xs, s: list(to_batch(xs, s)), "returns a list"),
    (check.to_batch, lambda xs, s: torch.stack(xs), "RuntimeError"),
    (check.small_crops, ..., "no answer yet"),
    (check.small_crops, "a quarter", "expected a number"),
    (check.small_crops, 0.25, "start at 0.08"),
    (check.small_crops, 0.17, "divide it"),
    (check.small_crops, 0.815, "above a quarter"),
    (check.small_crops, 18.5, "percent"),
    (check.small_crops, 0.272, "not at 0"),
    (check.small_crops, 0.5, "not the sides"),
    (check.small_crops, 0.7, "0.7 is not it"),
    (check.small_crops, float("nan"), "nan is not it"),
    (check.brightness_uint8, lambda x, f: x, "unchanged"),
    (check.brightness_uint8, lambda x, f: ((x * f).long() % 256).to(torch.uint8), "wrap around"),
    (check.brightness_uint8, lambda x, f: x.float() * f, "Clamp to 0 to 255"),
    (check.brightness_uint8, lambda x, f: (x.float() * f).clamp(0, 1), "0 to 1"),
    (check.brightness_uint8, lambda x, f: (x.float() / f).clamp(0, 255), "divided"),
    (
        check.brightness_uint8,
        lambda x, f: (x.float() + 255 * (f - 1)).clamp(0, 255),
        "share of 255",
    ),
    (check.brightness_uint8, lambda x, f: (x.float() * f).clamp(0, 255), "dtype is torch.float32"),
    (check.brightness_uint8, F.adjust_contrast, "differ"),
    (check.brightness_uint8, in_place_brightness, "in place"),
    (check.jitter_batch, lambda x, a, b: x, "unchanged"),
    (check.jitter_batch, lambda x, a, b: x * 1.2, "same factor"),
    (check.jitter_batch, lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 3, 1, 1)), "tints"),
    (
        check.jitter_batch,
        lambda x, a, b: x * (a + (b - a) * torch.rand_like(x)),
        "inside a picture",
    ),
    (
        check.jitter_batch,
        lambda x, a, b: x * 2 * torch.rand(len(x), 1, 1, 1),
        "the factors go from",
    ),
    (
        check.jitter_batch,
        lambda x, a, b: x * (0.9 + 0.2 * torch.rand(len(x), 1, 1, 1)),
        "the factors go from",
    ),
    (
        check.jitter_batch,
        lambda x, a, b: x * (a + (b - a) * torch.rand(len(x), 1, 1, 1)),
        "leaves the range",
    ),
    (check.jitter_batch, lambda x, a, b: x * float("nan"), "NaN"),
    (check.jitter_batch, two_factors, "share a factor"),
    (
        check.jitter_batch,
        lambda x, a, b: x * torch.linspace(a, b, len(x))[:, None, None, None],
        "nothing is drawn",
    ),
    (check.jitter_batch, lambda x, a, b: jitter_batch(x, 0.5, 1.5), "for low = 0.8"),
    (check.jitter_batch, rescaled, "do not rescale"),
    (check.jitter_batch, lambda x, a, b: x * torch.rand(len(x)), "[N, 1, 1, 1]"),
    (check.jitter_batch, lambda x, a, b: x[0], "expected a batch"),
    (check.jitter_batch, lambda x, a, b: 3, "result is int"),
    (check.gray_world, lambda x: x, "unchanged"),
    (check.gray_world, lambda x: x * x.mean() / x.mean((1, 2), keepdim=True), "some pass 1"),
    (check.gray_world, on_stored_values, "stored values"),
    (check.gray_world, lambda x: to_linear(gray_world(x)), "too dark"),
    (check.gray_world, warmer, "even warmer"),
    (check.gray_world, all_means_one, "mean of all too"),
    (check.gray_world, lambda x: to_srgb(to_linear(x).mean(0).expand(3, -1, -1)), "no color"),
    (check.gray_world, lambda x: gray_world(x) * 255, "differ"),
    (check.gray_world, unclamped, "above 1"),
    (check.gray_world, like_green, "green sets the mean"),
    (check.gray_world, over_channels, "one mean a channel"),
    (check.color_changes_that_keep_the_label, {}, "no answer"),
    (
        check.color_changes_that_keep_the_label,
        without(COLORS, TOMATO, {"hue"}),
        "Red against green",
    ),
    (
        check.color_changes_that_keep_the_label,
        without(COLORS, DAY, {"brightness", "hue"}),
        "tells day from night",
    ),
    (check.color_changes_that_keep_the_label, without(COLORS, PET, set()), "also survives"),
    (check.color_changes_that_keep_the_label, without(COLORS, GLASS, {"hue"}), "a place"),
    (check.upright, lambda x, o: ..., "returns nothing"),
    (check.upright, lambda x, o: x, "as it was stored"),
    (check.upright, turned({1: 0, 3: 2, 6: 1, 8: 3}), "the other way"),
    (check.upright, lambda x, o: {1: x, 3: x.flip(-1, -2)}.get(o, x.mT), "which mirrors"),
    (check.upright, turned({1: 0, 3: 2, 6: 3, 8: 1}, (0, 1)), "axes (0, 1) are turned"),
    (check.upright, lambda x, o: x.flip(-2) if o == 3 else upright(x, o), "top to bottom"),
    (check.upright, lambda x, o: x.flip(-1) if o == 3 else upright(x, o), "left to right"),
    (check.upright, turned({1: 0, 3: 2, 6: 2, 8: 2}), "by a half"),
    (
        check.upright,
        turned({1: 1, 3: 2, 6: 3, 8: 1}),
        "for orientation 1, the picture is turned to the left",
    ),
    (
        check.upright,
        turned({1: 3, 3: 2, 6: 3, 8: 1}),
        "for orientation 1, the picture is turned to the right",
    ),
    (check.upright, turned({1: 0, 3: 2, 6: 3}), "KeyError"),
    (
        check.upright,
        turned({1: 0, 3: 2, 6: 3, 8: 1}, (1, 2)),
        "for orientation 6 and a batch, the axes (-3, -2)",
    ),
    (check.on_white, lambda x: ..., "returns nothing"),
    (check.on_white, lambda x: x[:3], "left out"),
    (check.on_white, lambda x: x[:3] * x[3], "ground is black"),
    (check.on_white, lambda x: x[:3] + 1 - x[3], "weigh the color by the opacity"),
    (check.on_white, lambda x: (x[:3] + 1 - x[3]).clamp(max=1), "cut off at 1"),
    (check.on_white, lambda x: x[:3] * (1 - x[3]) + x[3], "backwards"),
    (check.on_white, lambda x: x[:3] * x[3] + 255 * (1 - x[3]), "white is 255 only"),
    (check.on_white, lambda x: x[:3] * x[3] + 0.5 * (1 - x[3]), "ground is gray"),
    (check.on_white, lambda x: torch.cat([on_white(x), x[3:]]), "all four channels"),
    (check.on_white, lambda x: x * x[3] + (1 - x[3]), "as if it were a color"),
    (check.choose_for_validation, lambda y, s: ..., "returns nothing"),
    (check.choose_for_validation, lambda y, s: [True] * len(y), "returns a list"),
    (check.choose_for_validation, lambda y, s: torch.randperm(len(y))[:10], "expected a mask"),
    (check.choose_for_validation, lambda y, s: torch.ones(10, dtype=torch.bool), "shape is [10]"),
    (check.choose_for_validation, lambda y, s: torch.rand(len(y)) < s, "of the classes of"),
    (check.choose_for_validation, tenth_of_all, "Choose within each class"),
    (check.choose_for_validation, lambda y, s: ~choose_for_validation(y, s), "three quarters"),
    (
        check.choose_for_validation,
        lambda y, s: choose_for_validation(y, 0.5),
        "expected [11, 4, 5]",
    ),
    (check.choose_for_validation, cut_off, "round it"),
    (check.choose_for_validation, first_ones, "one after another"),
    (check.choose_for_validation, last_ones, "nothing is drawn at random"),
    (check.honest_tests, {}, "no answer"),
    (check.honest_tests, {**TESTS, BURST: {"honest"}}, "nearly the same photo"),
    (check.honest_tests, {**TESTS, BURST: {"honest", "flattering"}}, "is not ['honest']"),
    (check.honest_tests, {**TESTS, FRIEND: {"flattering"}}, "in training"),
    (check.honest_tests, {**TESTS, FRIEND: set()}, "is ['honest']"),
    (check.honest_tests, {**TESTS, FRIEND: {"unfair"}}, "options are"),
    (check.posterize, lambda x, b: x, "unchanged"),
    (check.posterize, lambda x, b: x // 2 ** (8 - b), "multiply by the step"),
    (check.posterize, lambda x, b: x % 2 ** (8 - b), "lowest bits"),
    (check.posterize, lambda x, b: x // (256 // b) * (256 // b), "expected 2 ** bits"),
    (check.posterize, lambda x, b: x // 2**b * 2**b, "the step is 2 ** (8 - bits)"),
    (
        check.posterize,
        lambda x, b: ((x / 2 ** (8 - b)).round() * 2 ** (8 - b)).clamp(0, 255).to(torch.uint8),
        "rounds down",
    ),
    (
        check.posterize,
        lambda x, b: ((x / 2 ** (8 - b)).round() * 2 ** (8 - b)).to(torch.int16).to(torch.uint8),
        "256 starts anew",
    ),
    (check.posterize, lambda x, b: posterize(x.float(), b), "dtype is torch.float32"),
    (check.posterize, in_place_posterize, "in place"),
    (check.posterize, lambda x, b: posterize(x, 3), "differ"),
    (check.salt_and_pepper, lambda x, s: x, "unchanged"),
    (check.salt_and_pepper, colored_dots, "dots are colored"),
    (check.salt_and_pepper, lambda x, s: only(x, s, 1.0), "all dots are white"),
    (check.salt_and_pepper, lambda x, s: only(x, s, 0.0), "all dots are black"),
    (check.salt_and_pepper, lambda x, s: salt_and_pepper(x, 2 * s), "with share = 0.2 it changes"),
    (check.salt_and_pepper, lambda x, s: salt_and_pepper(x, 0.2), "with share = 0.6 it changes"),
    (check.salt_and_pepper, same_dots, "two calls change the same"),
    (check.salt_and_pepper, mostly_salt, "of the dots are white"),
    (check.salt_and_pepper, lambda x, s: x + s * torch.randn(x.shape), "neither 0 nor 1"),
    (check.salt_and_pepper, lambda x, s: only(x, s, 255.0), "neither 0 nor 1"),
    (check.salt_and_pepper, lambda x, s: salt_and_pepper(x, s).double(), "dtype"),
    (check.salt_and_pepper, lambda x, s: salt_and_pepper(x, s)[0], "expected a picture of shape"),
    (check.salt_and_pepper, lambda x, s: salt_and_pepper(x, max(s, 0.01)), "with share = 0"),
    (check.emboss, weighed, "clamp the sum"),
    (check.emboss, lambda x: weighed(x.flip(1, 2)).flip(1, 2).clamp(0, 1), "180 degrees"),
    (check.emboss, lambda x: weighed(x.flip(2)).flip(2).clamp(0, 1), "mirrored"),
    (check.emboss, lambda x: (weighed(x) - x[:, 1:-1, 1:-1]).clamp(0, 1), "pixel itself"),
    (
        check.emboss,
        lambda x: weighed(x, [[-1, -1, 0], [-1, 1, 1], [0, 1, 1]]).clamp(0, 1),
        "corners count twice",
    ),
    (check.emboss, lambda x: weighed(padded(x, "constant")).clamp(0, 1), "the border is there"),
    (check.emboss, lambda x: weighed(padded(x, "circular")).clamp(0, 1), "from the other side"),
    (check.emboss, lambda x: (weighed(x) / 9).clamp(0, 1), "divided"),
    (check.emboss, lambda x: x[:, 1:-1, 1:-1], "inner pixels"),
    (check.emboss, lambda x: x, "unchanged"),
    (
        check.emboss,
        lambda x: weighed(x).mean(0, keepdim=True).expand(3, -1, -1).clamp(0, 1),
        "channels are mixed",
    ),
    (check.emboss, lambda x: emboss(x)[0], "shape"),
    (check.effects_that_keep_the_label, {}, "no answer for 'a traffic light"),
    (
        check.effects_that_keep_the_label,
        without(EFFECTS, TRAFFIC, {"hue", "fog"}),
        "does not survive ['hue']",
    ),
    (
        check.effects_that_keep_the_label,
        without(EFFECTS, POINTER, {"quarter turn"}),
        "quarter turns leave neither",
    ),
    (
        check.effects_that_keep_the_label,
        without(EFFECTS, ROAD, {"fog"}),
        "Added fog is the other class",
    ),
    (check.effects_that_keep_the_label, without(EFFECTS, COINS, {"hue"}), "also survives"),
    (check.effects_that_keep_the_label, without(EFFECTS, COINS, {"crop"}), "the options are"),
    (check.camera_pipeline, ..., "no steps yet"),
    (check.camera_pipeline, [...], "no steps yet"),
    (check.camera_pipeline, "fog", "given a str"),
    (check.camera_pipeline, ["fog", "JPEG"], "build says: a step is 'fog'"),
    (check.camera_pipeline, [("mist", 1, 1)], "no effect is called 'mist'"),
    (check.camera_pipeline, [("fog", 5, 1)], "build says: strength is 5"),
    (check.camera_pipeline, [FOG, LENS, JPEG], "there is no 'Gaussian noise'"),
    (check.camera_pipeline, [*CAMERA, JPEG], "'JPEG' is there twice"),
    (check.camera_pipeline, [*CAMERA, ("rain", 1, 1)], "'rain' was not asked for"),
    (check.camera_pipeline, [("fog", 0, 1), LENS, NOISE, JPEG], "never does anything"),
    (check.camera_pipeline, [LENS, FOG, NOISE, JPEG], "fog lies before the lens"),
    (check.camera_pipeline, [FOG, NOISE, LENS, JPEG], "the lens is what is out of focus"),
    (check.camera_pipeline, [FOG, LENS, JPEG, NOISE], "noise arises in the sensor"),
    (check.one_epoch, in_order, "order of the data set"),
    (check.one_epoch, same_order, "every epoch has the same order"),
    (check.one_epoch, shuffled_apart, "do not belong to their pictures"),
    (check.one_epoch, drawn_with_return, "batches of 4 come as [4, 4, 4]"),
    (
        check.one_epoch,
        lambda *inputs: list(drawn_with_return(*inputs))[:2] + list(one_epoch(*inputs))[2:],
        "some pictures come twice",
    ),
    (check.one_epoch, lambda *inputs: list(one_epoch(*inputs))[:2], "which is shorter, is missing"),
    (check.one_epoch, lambda x, y, t, n: one_epoch(x, y, lambda x: x, n), "call transform"),
    (check.one_epoch, transformed_first, "all pictures at once"),
    (check.one_epoch, one_at_a_time, "one picture at a time"),
    (check.one_epoch, result_lost, "result of transform is lost"),
    (check.one_epoch, lambda *inputs: [x for x, _ in one_epoch(*inputs)], "only pictures"),
    (check.one_epoch, lambda *inputs: next(one_epoch(*inputs)), "only one batch"),
    (check.one_epoch, lambda *inputs: [(y, x) for x, y in one_epoch(*inputs)], "expected pairs"),
    (check.one_epoch, lambda *inputs: 3, "returns a int"),
    (check.one_epoch, lambda *inputs: [], "no batch"),
    (check.one_epoch, stops_later, "stops with RuntimeError: out of pictures"),
    (check.order_difference, lambda a, b, x: (b(a(x)) - a(b(x))).max(), "wrap around"),
    (check.order_difference, lambda a, b, x: (b(a(x)).int() - a(b(x))).max(), "abs()"),
    (
        check.order_difference,
        lambda a, b, x: (b(a(x)).float() - a(b(x))).abs().mean(),
        "the mean",
    ),
    (check.order_difference, lambda a, b, x: order_difference(a, b, x) / 255, "a share"),
    (check.order_difference, lambda a, b, x: (b(a(x)).int() - x).abs().max(), "picture itself"),
    (check.order_difference, lambda a, b, x: (a(x).int() - b(x)).abs().max(), "two transforms"),
    (check.order_difference, lambda a, b, x: 0, "come out equal"),
    (check.order_difference, lambda a, b, x: 100, "negative and a flip"),
    (check.order_difference, lambda a, b, x: 7, "says 7"),
    (check.order_difference, lambda a, b, x: b(a(x)) - a(b(x)), "expected one number"),
    (check.draw, lambda s, e, i: random.random(), "two numbers"),
    (check.draw, seeds_everybody, "global generator"),
    (check.draw, seeds_python, "global generator"),
    (check.draw, seeds_numpy, "global generator"),
    (check.draw, lambda s, e, i: draw(0, e, i), "the seed changes nothing"),
    (check.draw, lambda s, e, i: draw(s, 0, i), "the epoch changes nothing"),
    (check.draw, lambda s, e, i: draw(s, e, 0), "the index changes nothing"),
    (check.draw, lambda s, e, i: random.Random(s + e + i).random(), "no two triples meet"),
    (check.draw, lambda s, e, i: random.Random(f"{s}{e}{i}").random(), "no two triples meet"),
    (check.draw, lambda s, e, i: 5 * draw(s, e, i), "not between 0 and 1"),
    (check.draw, lambda s, e, i: draw(s, e, i) ** 4, "below 0.5"),
    (check.draw, lambda s, e, i: seeded(s), "expected one number"),
    (check.before_training_or_testing, {}, "no answer for 'crop"),
    (
        check.before_training_or_testing,
        without(BEFORE, CUT, {"training", "testing"}),
        "another answer each time",
    ),
    (
        check.before_training_or_testing,
        without(BEFORE, RECOLOR, {"testing"}),
        "does not belong before ['testing']",
    ),
    (
        check.before_training_or_testing,
        without(BEFORE, TO_FLOAT, {"training"}),
        "also belongs before ['testing']",
    ),
    (check.before_training_or_testing, without(BEFORE, MEAN, {"testing"}), "to the network"),
    (check.padded_crop, lambda x, t, z: ..., "nothing yet"),
    (check.padded_crop, lambda x, t, z: x, "unchanged"),
    (check.padded_crop, lambda x, t, z: padded_crop(x, z, t), "swapped"),
    (check.padded_crop, lambda x, t, z: padded_crop(x, t, z, "constant"), "it is black"),
    (check.padded_crop, lambda x, t, z: padded_crop(x, t, z, "replicate"), "last pixel"),
    (
        check.padded_crop,
        lambda x, t, z: padded_crop(x, t[:1].expand(len(x)), z[:1].expand(len(x))),
        "place of the first",
    ),
    (
        check.padded_crop,
        lambda x, t, z: padded_crop(x, t[-1:].expand(len(x)), z[-1:].expand(len(x))),
        "place of the last",
    ),
    (
        check.padded_crop,
        lambda x, t, z: torch.nn.functional.pad(x, (4, 4, 4, 4), mode="reflect"),
        "not yet cut",
    ),
    (check.padded_crop, lambda x, t, z: padded_crop(x, t, z).squeeze(0), "keep four axes"),
    (check.padded_crop, lambda x, t, z: padded_crop(x, t, z).double(), "dtype is torch.float64"),
    (check.padded_crop, lambda x, t, z: padded_crop(x, t, z) * 255, "differ"),
    (check.gap, lambda h: ..., "nothing yet"),
    (check.gap, lambda h: h[-1]["validation"] - h[-1]["train"], "sign"),
    (check.gap, lambda h: h[0]["train"] - h[0]["validation"], "first epoch"),
    (check.gap, lambda h: h[1]["train"] - h[1]["validation"], "best epoch"),
    (check.gap, lambda h: sum(e["train"] - e["validation"] for e in h) / len(h), "mean of the"),
    (check.gap, lambda h: sum(e["train"] - e["validation"] for e in h), "sum of the"),
    (check.gap, lambda h: h[-1]["train"] - max(e["validation"] for e in h), "best validation"),
    (check.gap, lambda h: h[-1]["train"] / h[-1]["validation"], "divides"),
    (check.gap, lambda h: 100 * (h[-1]["train"] - h[-1]["validation"]), "per cent"),
    (check.gap, lambda h: h[-1]["loss"], "the gap is 0.33"),
    (check.gap, lambda h: h[2]["train"] - h[2]["validation"], "three epochs only"),
    (check.gap, lambda h: h["train"], "stops with TypeError"),
    (check.shared_gradient, lambda g, n: ..., "nothing yet"),
    (check.shared_gradient, lambda g, n: sum(g) / len(g), "plain mean"),
    (check.shared_gradient, lambda g, n: sum(g), "sum of the two"),
    (check.shared_gradient, lambda g, n: shared_gradient(g, n) * sum(n), "number of all pictures"),
    (check.shared_gradient, lambda g, n: shared_gradient(g, n[::-1]), "swapped"),
    (check.shared_gradient, lambda g, n: shared_gradient(g, n) * sum(n) / len(n), "of the parts"),
    (check.shared_gradient, lambda g, n: g[0], "first part alone"),
    (check.shared_gradient, lambda g, n: g[-1], "last part alone"),
    (check.shared_gradient, lambda g, n: shared_gradient(g[:2], n[:2]), "two parts only"),
    (check.shared_gradient, lambda g, n: shared_gradient(g, n).double(), "dtype"),
    (check.gap_grows_or_shrinks, {}, "no answer for 'five times"),
    (check.gap_grows_or_shrinks, without(GAPS, MORE, {"larger"}), "harder to know by heart"),
    (check.gap_grows_or_shrinks, without(GAPS, LARGER, {"smaller"}), "More weights"),
    (check.gap_grows_or_shrinks, without(GAPS, CROPS, {"larger"}), "hardly ever come twice"),
    (check.gap_grows_or_shrinks, without(GAPS, LONGER, {"smaller"}), "seen twice as often"),
    (check.gap_grows_or_shrinks, without(GAPS, LONGER, {"bigger"}), "the options are"),
]


@pytest.mark.parametrize(("run", "answer", "word"), WRONG)
def test_mistakes_are_named(run, answer, word):
    verdict = run(answer)
    assert not verdict.ok
    assert word in verdict.message
    assert repr(verdict).startswith("Not yet: ")
    assert "\n" not in verdict.message


def test_a_verdict_shows_as_a_paragraph():
    verdict = check.Verdict(False, "1 < 2 is <b>expected</b>")
    assert verdict._repr_html_() == (
        "<p><b>Not yet:</b> 1 &lt; 2 is &lt;b&gt;expected&lt;/b&gt;</p>"
    )
    assert check.Verdict(True, "")._repr_html_().startswith("<p><b>Right:</b>")


def test_each_check_tells_four_mistakes_apart():
    named = {}
    for run, answer, _ in WRONG:
        named.setdefault(run.__name__, set()).add(run(answer).message)
    for name, messages in named.items():
        assert len(messages) >= 5, (name, messages)  # four, and the untouched stub


def test_checks_leave_the_learners_random_numbers_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    check.random_flip(random_flip)
    check.draw_position(draw_position)
    check.jitter_batch(jitter_batch)
    check.salt_and_pepper(salt_and_pepper)
    check.one_epoch(one_epoch)
    check.draw(seeds_everybody)
    assert torch.equal(torch.rand(3), expected)


def test_the_check_of_draws_leaves_the_other_generators_alone():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    check.draw(seeds_python)
    check.draw(seeds_numpy)
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


# ---- lesson 10


def mixed_labels(labels, classes, lam):
    own = torch.nn.functional.one_hot(labels, classes).float()
    return lam * own + (1 - lam) * own.roll(1, 0)


def kept_share(H, W, top, left, height, width):
    rows = min(top + height, H) - max(top, 0)
    columns = min(left + width, W) - max(left, 0)
    return 1 - max(rows, 0) * max(columns, 0) / (H * W)


def kept_share_counted(H, W, top, left, height, width):
    kept = torch.ones(H, W)
    kept[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = 0
    return kept.mean()


def average_answers(predict, images):
    return (predict(images) + predict(F.horizontal_flip(images))) / 2


def one_hot(labels, classes):
    return torch.nn.functional.one_hot(labels, classes).float()


def assigned(labels, classes, lam):
    shares = torch.zeros(len(labels), classes)
    rows = torch.arange(len(labels))
    shares[rows, labels] = lam
    shares[rows, labels.roll(1)] = 1 - lam
    return shares


def never_negative(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), min(left + width, W) - max(left, 0)
    return 1 - rows * columns / (H * W)


def without_the_left_edge(H, W, top, left, height, width):
    return 1 - (min(top + height, H) - max(top, 0)) * width / (H * W)


def without_the_right_edge(H, W, top, left, height, width):
    rows, columns = min(top + height, H) - max(top, 0), left + width - max(left, 0)
    return 1 - rows * columns / (H * W)


RECIPES = {task: set(right) for task, (right, _) in check.lesson_10.RECIPES.items()}
SHOE, TOMATO, COUNT = RECIPES
RIGHT_10 = [
    (check.mixed_labels, mixed_labels),
    (
        check.mixed_labels,
        lambda y, c, lam: torch.eye(c)[y] * lam + torch.eye(c)[y.roll(1)] * (1 - lam),
    ),
    (check.kept_share, kept_share),
    (check.kept_share, kept_share_counted),
    (check.average_answers, average_answers),
    (check.average_answers, lambda p, x: torch.stack([p(x), p(x.flip(3))]).mean(0)),
    (check.recipes_that_keep_the_label, RECIPES),
]
WRONG_10 = [
    (check.mixed_labels, lambda y, c, lam: ..., "nothing yet"),
    (check.mixed_labels, lambda y, c, lam: mixed_labels(y, c, 1 - lam), "swapped"),
    (
        check.mixed_labels,
        lambda y, c, lam: lam * one_hot(y, c) + (1 - lam) * one_hot(y, c).roll(-1, 0),
        "the one after",
    ),
    (check.mixed_labels, lambda y, c, lam: one_hot(y, c), "the partner's share is missing"),
    (check.mixed_labels, lambda y, c, lam: lam * one_hot(y, c), "the partner has no share"),
    (check.mixed_labels, lambda y, c, lam: one_hot(y, c).roll(1, 0), "partner's label alone"),
    (
        check.mixed_labels,
        lambda y, c, lam: one_hot(y, c) + one_hot(y, c).roll(1, 0),
        "both labels count in full",
    ),
    (check.mixed_labels, lambda y, c, lam: mixed_labels(y, c, 0.5), "half and half"),
    (
        check.mixed_labels,
        lambda y, c, lam: lam * y + (1 - lam) * y.roll(1),
        "averages class numbers",
    ),
    (check.mixed_labels, assigned, "overwrites the first"),
    (check.mixed_labels, lambda y, c, lam: mixed_labels(y, c, 0.7), "right for lam 0.7 only"),
    (check.mixed_labels, lambda y, c, lam: mixed_labels(y, c, lam).double(), "float64"),
    (check.mixed_labels, lambda y, c, lam: mixed_labels(y, c, lam)[:, :4], "expected [5, 5]"),
    (check.kept_share, lambda *numbers: ..., "nothing yet"),
    (check.kept_share, lambda H, W, t, left, h, w: 1 - h * w / (H * W), "clip it"),
    (check.kept_share, lambda *numbers: 1 - kept_share(*numbers), "share of the pasted picture"),
    (check.kept_share, lambda H, W, t, left, h, w: h * w / (H * W), "share of the whole box"),
    (check.kept_share, without_the_left_edge, "clipped at the bottom only"),
    (
        check.kept_share,
        lambda H, W, t, left, h, w: 1 - h * (min(left + w, W) - max(left, 0)) / (H * W),
        "clipped at the left only",
    ),
    (check.kept_share, lambda *numbers: 800, "an area in pixels; a share"),
    (check.kept_share, lambda *numbers: 14200, "divide by that of the picture"),
    (check.kept_share, lambda *numbers: 0.8 * (1 - 40 / 150), "what is left of each side"),
    (check.kept_share, lambda *numbers: 1 - 800 / 15000, "a box inside the picture"),
    (check.kept_share, without_the_right_edge, "the right and the lower edge"),
    (check.kept_share, never_negative, "not a negative one"),
    (check.kept_share, lambda *numbers: 0.5, "keeps 0.947; the function returns 0.5"),
    (check.average_answers, lambda predict, x: ..., "nothing yet"),
    (check.average_answers, lambda predict, x: predict(x), "the pictures themselves"),
    (check.average_answers, lambda predict, x: predict(x.flip(-1)), "the mirror images alone"),
    (check.average_answers, lambda predict, x: predict(x) + predict(x.flip(-1)), "Divide by 2"),
    (check.average_answers, lambda p, x: (p(x) + p(x.flip(-2))) / 2, "upside down"),
    (check.average_answers, lambda p, x: (p(x) + p(x.flip(1))) / 2, "wrong axis"),
    (check.average_answers, lambda p, x: p((x + x.flip(-1)) / 2), "a ghost of both"),
    (check.average_answers, lambda p, x: p(x).maximum(p(x.flip(-1))), "the larger"),
    (check.average_answers, lambda p, x: p(x) * p(x.flip(-1)), "are multiplied"),
    (check.average_answers, lambda p, x: average_answers(p, x).argmax(1), "return the prob"),
    (check.average_answers, lambda p, x: torch.stack([p(y) for y in x]), "as they came"),
    (check.average_answers, lambda p, x: p(x).tolist(), "expected a tensor"),
    (check.recipes_that_keep_the_label, {}, "no answer for 'is it a left"),
    (
        check.recipes_that_keep_the_label,
        without(RECIPES, SHOE, {"mirror"}),
        "does not survive ['mirror']",
    ),
    (check.recipes_that_keep_the_label, without(RECIPES, SHOE, {"CutMix"}), "also survives"),
    (
        check.recipes_that_keep_the_label,
        without(RECIPES, TOMATO, {"TrivialAugment"}),
        "changes saturation",
    ),
    (check.recipes_that_keep_the_label, without(RECIPES, COUNT, {"erasing"}), "under a hole"),
    (check.recipes_that_keep_the_label, without(RECIPES, COUNT, {"MixUp"}), "the options are"),
]


@pytest.mark.parametrize(("run", "answer"), RIGHT_10)
def test_right_answers_of_lesson_10_are_accepted(run, answer):
    test_right_answers_are_accepted(run, answer)


@pytest.mark.parametrize(("run", "answer", "word"), WRONG_10)
def test_mistakes_of_lesson_10_are_named(run, answer, word):
    test_mistakes_are_named(run, answer, word)


def test_each_check_of_lesson_10_tells_four_mistakes_apart():
    named = {}
    for run, answer, _ in WRONG_10:
        named.setdefault(run.__name__, set()).add(run(answer).message)
    assert len(named) == 4
    for name, messages in named.items():
        assert len(messages) >= 5, (name, messages)  # four, and the untouched stub
