"""Right and wrong answers to the exercises of lesson 06."""

import hashlib
import random

import numpy as np
import torch
from forms import sets, without
from torch.utils.data import BatchSampler, RandomSampler


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def one_epoch(images, labels, transform, batch_size):
    for index in torch.randperm(len(images)).split(batch_size):
        yield transform(images[index]), labels[index]


def one_epoch_in_a_while_loop(images, labels, transform, batch_size):
    order = np.random.permutation(len(images))  # noqa: NPY002
    first = 0
    while first < len(order):
        index = torch.from_numpy(order[first : first + batch_size])
        first += batch_size
        yield transform(images[index]), labels[index]


def one_epoch_by_sampler(images, labels, transform, batch_size):
    order = BatchSampler(RandomSampler(images), batch_size, drop_last=False)
    return ((transform(images[index]), labels[index]) for index in order)


def one_epoch_of_lists(images, labels, transform, batch_size):
    order = random.sample(range(len(images)), len(images))
    batches = []
    for first in range(0, len(order), batch_size):
        index = order[first : first + batch_size]
        batches.append([transform(images[index]), labels[index]])
    return batches


def one_epoch_shuffled_first(images, labels, transform, batch_size):
    order = torch.randperm(len(labels))
    split = images[order].split(batch_size), labels[order].split(batch_size)
    return zip(map(transform, split[0]), split[1], strict=True)


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


def shuffles_in_place(images, labels, transform, batch_size):
    order = torch.randperm(len(images))
    images[:], labels[:] = images[order], labels[order]
    return in_order(images, labels, transform, batch_size)


def order_difference(first, second, image):
    return (second(first(image)).int() - first(second(image)).int()).abs().max()


def order_difference_in_a_loop(first, second, image):
    pairs = zip(
        second(first(image)).flatten().tolist(),
        first(second(image)).flatten().tolist(),
        strict=True,
    )
    return max(abs(a - b) for a, b in pairs)


def order_difference_by_numpy(first, second, image):
    a, b = second(first(image)).numpy(), first(second(image)).numpy()
    return np.abs(a.astype(int) - b).max()


def largest_minus_smallest(first, second, image):
    a, b = second(first(image)), first(second(image))
    return (torch.maximum(a, b) - torch.minimum(a, b)).max()


def draw(seed, epoch, index):
    return np.random.default_rng([seed, epoch, index]).random()


def draw_by_a_digest(seed, epoch, index):
    digest = hashlib.sha256(f"{seed},{epoch},{index}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def seeds_everybody(s, e, i):
    torch.manual_seed(s * 10**8 + e * 10**4 + i)
    return torch.rand(1).item()


def seeds_python(s, e, i):
    random.seed(f"{s} {e} {i}")
    return random.random()


def seeds_numpy(s, e, i):
    np.random.seed([s, e, i])  # noqa: NPY002
    return np.random.rand()  # noqa: NPY002


CUT, RECOLOR, TO_FLOAT, MEAN = (
    "crop at a random place",
    "change colors at random",
    "turn 0 to 255 into 0 to 1",
    "subtract the mean of the training pictures",
)
BEFORE = {
    CUT: {"training"},
    RECOLOR: {"training"},
    TO_FLOAT: {"training", "testing"},
    MEAN: {"training", "testing"},
}

RIGHT = {
    "one_epoch": [
        one_epoch,
        one_epoch_in_a_while_loop,
        one_epoch_by_sampler,
        one_epoch_of_lists,
        one_epoch_shuffled_first,
        lambda *inputs: list(one_epoch(*inputs)),
        lambda *inputs: tuple(one_epoch(*inputs)),
    ],
    "order_difference": [
        order_difference,
        order_difference_in_a_loop,
        order_difference_by_numpy,
        largest_minus_smallest,
        lambda a, b, x: (b(a(x)).float() - a(b(x))).abs().max().item(),
        lambda a, b, x: torch.dist(b(a(x)).double(), a(b(x)).double(), float("inf")),
        lambda a, b, x: int((b(a(x)).short() - a(b(x)).short()).abs().amax()),
    ],
    "draw": [
        draw,
        draw_by_a_digest,
        lambda s, e, i: random.Random(f"{s} {e} {i}").random(),
        lambda s, e, i: torch.rand(1, generator=seeded(s * 10**8 + e * 10**4 + i)),
        lambda s, e, i: np.random.default_rng((i, e, s)).uniform(0, 1),
        lambda s, e, i: random.Random((s * 50_000 + e) * 50_000 + i).uniform(0, 1),
        lambda s, e, i: torch.rand((), generator=seeded(s << 28 | e << 14 | i)).item(),
    ],
    "before_training_or_testing": sets(BEFORE),
}
WRONG = {
    "one_epoch": [
        ("order of the data set", in_order),
        ("every epoch has the same order", same_order),
        ("do not belong to their pictures", shuffled_apart),
        ("batches of 4 come as [4, 4, 4]", drawn_with_return),
        (
            "some pictures come twice",
            lambda *inputs: list(drawn_with_return(*inputs))[:2] + list(one_epoch(*inputs))[2:],
        ),
        ("which is shorter, is missing", lambda *inputs: list(one_epoch(*inputs))[:2]),
        ("call transform", lambda x, y, t, n: one_epoch(x, y, lambda x: x, n)),
        ("all pictures at once", transformed_first),
        ("one picture at a time", one_at_a_time),
        ("one picture at a time", lambda x, y, t, n: one_epoch(x, y, t, 1)),
        ("result of transform is lost", result_lost),
        ("only pictures", lambda *inputs: [x for x, _ in one_epoch(*inputs)]),
        ("only one batch", lambda *inputs: next(one_epoch(*inputs))),
        ("expected pairs", lambda *inputs: [(y, x) for x, y in one_epoch(*inputs)]),
        ("expected pairs", lambda x, y, t, n: [(t(x[i]), y[i]) for i in torch.randperm(10)]),
        ("returns a int", lambda *inputs: 3),
        ("returns a Tensor", lambda x, y, t, n: t(x)),
        ("no batch", lambda *inputs: []),
        ("stops with RuntimeError: out of pictures", stops_later),
        ("in place", shuffles_in_place),
    ],
    "order_difference": [
        ("wrap around", lambda a, b, x: (b(a(x)) - a(b(x))).max()),
        ("abs()", lambda a, b, x: (b(a(x)).int() - a(b(x))).max()),
        ("the mean", lambda a, b, x: (b(a(x)).float() - a(b(x))).abs().mean()),
        ("a share", lambda a, b, x: order_difference(a, b, x) / 255),
        ("picture itself", lambda a, b, x: (b(a(x)).int() - x).abs().max()),
        ("two transforms", lambda a, b, x: (a(x).int() - b(x)).abs().max()),
        ("come out equal", lambda a, b, x: 0),
        ("right for brighter and steps of 100, but", lambda a, b, x: 100),
        ("brighter and negative", lambda a, b, x: (b(a(x)).char() - a(b(x)).char()).abs().max()),
        ("returns 7; expected 100", lambda a, b, x: 7),
        ("expected one number", lambda a, b, x: b(a(x)) - a(b(x))),
        ("returns nan", lambda a, b, x: float("nan")),
        ("in place", lambda a, b, x: order_difference(a, b, x.add_(1))),
    ],
    "draw": [
        ("two numbers", lambda s, e, i: random.random()),
        ("global generator", seeds_everybody),
        ("global generator", seeds_python),
        ("global generator", seeds_numpy),
        ("the seed changes nothing", lambda s, e, i: draw(0, e, i)),
        ("the epoch changes nothing", lambda s, e, i: draw(s, 0, i)),
        ("the index changes nothing", lambda s, e, i: draw(s, e, 0)),
        ("no two triples meet", lambda s, e, i: random.Random(s + e + i).random()),
        ("no two triples meet", lambda s, e, i: random.Random(f"{s}{e}{i}").random()),
        ("not between 0 and 1", lambda s, e, i: 5 * draw(s, e, i)),
        ("not between 0 and 1", lambda s, e, i: float("nan")),
        ("below 0.5", lambda s, e, i: draw(s, e, i) ** 4),
        ("expected one number", lambda s, e, i: seeded(s)),
    ],
    "before_training_or_testing": [
        ("no answer for 'crop", {}),
        ("another answer each time", without(BEFORE, CUT, {"training", "testing"})),
        ("does not belong before ['testing']", without(BEFORE, RECOLOR, {"testing"})),
        ("also belongs before ['testing']", without(BEFORE, TO_FLOAT, {"training"})),
        ("to the network", without(BEFORE, MEAN, {"testing"})),
        ("the options are", without(BEFORE, MEAN, {"validation"})),
    ],
}
