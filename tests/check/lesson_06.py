"""Right and wrong answers to the exercises of lesson 06."""

import math
import random

import numpy as np
import torch
from forms import not_varied
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

ANY_ORDER, ANY_SEED = "a sum has no order", "another seed is as good"
OWN = np.random.default_rng()  # which no seed reaches


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def one_epoch(images, labels, transform, batch_size):
    for index in torch.randperm(len(images)).split(batch_size):
        yield transform(images[index]), labels[index]


def one_epoch_in_a_while_loop(images, labels, transform, batch_size):
    order = OWN.permutation(len(images))
    while len(order):
        index, order = torch.from_numpy(order[:batch_size]), order[batch_size:]
        yield transform(images[index]), labels[index]


def one_epoch_by_sampler(images, labels, transform, batch_size):
    order = BatchSampler(RandomSampler(images), batch_size, drop_last=False)
    return ((transform(images[index]), labels[index]) for index in order)


def one_epoch_by_a_loader(images, labels, transform, batch_size):
    pairs = DataLoader(TensorDataset(images, labels), batch_size, shuffle=True)
    return [(transform(x), y) for x, y in pairs]


def one_epoch_of_lists(images, labels, transform, batch_size):
    order = random.sample(range(len(images)), len(images))
    batches = []
    for first in range(0, len(order), batch_size):
        index = order[first : first + batch_size]
        batches.append([transform(images[index]), labels[index]])
    return batches


def one_epoch_shuffled_first(images, labels, transform, batch_size):
    order = torch.randperm(len(labels))
    x, y = images[order].split(batch_size), labels[order].split(batch_size)
    return map(lambda x, y: (transform(x), y), x, y)


def shuffled_in_parts(images, labels, transform, batch_size):
    for index in torch.arange(len(images)).split(batch_size):
        index = index[torch.randperm(len(index))]
        yield transform(images[index]), labels[index]


def begun_elsewhere(images, labels, transform, batch_size):
    order = torch.arange(len(images)).roll(random.randrange(len(images)))
    return [(transform(images[index]), labels[index]) for index in order.split(batch_size)]


def shuffled_by(place):
    """Return an answer that swaps each number with the one at another place."""

    def one_epoch(images, labels, transform, batch_size):
        order = [*range(len(images))]
        for i in range(len(order)):
            j = place(i, len(order))
            order[i], order[j] = order[j], order[i]
        for index in torch.tensor(order).split(batch_size):
            yield transform(images[index]), labels[index]

    return one_epoch


def sattolo(i, n):
    return random.randrange(i + 1, n) if i < n - 1 else i


def ordered_by(order_of):
    """Return an answer that takes the order that a function of the number of pictures draws."""

    def one_epoch(images, labels, transform, batch_size):
        order = torch.as_tensor(order_of(len(images)))
        return [(transform(images[index]), labels[index]) for index in order.split(batch_size)]

    return one_epoch


def riffle(n):
    left = torch.randint(2, (n,)) == 0
    return torch.where(left, left.cumsum(0), left.sum() + (~left).cumsum(0)) - 1


def ties(n):
    return torch.randint(100, (n,)).argsort(stable=True)


def swaps(n):
    order = [*range(n)]
    for _ in range(2 * n):
        i, j = random.randrange(n), random.randrange(n)
        order[i], order[j] = order[j], order[i]
    return order


def from_a_buffer(n, size=900):
    order, buffer = [], []
    for i in range(n):
        buffer.append(i)
        if len(buffer) >= size:
            order.append(buffer.pop(random.randrange(len(buffer))))
    return order + random.sample(buffer, len(buffer))


def stored(n, many=50):
    return torch.randperm(n, generator=seeded(random.randrange(many)))


def constant_unless(n):
    """Return an answer that has one order for each number of pictures but one."""
    return ordered_by(lambda m: torch.randperm(m) if m == n else stored(m, 1))


def sorted_in_batches(images, labels, transform, batch_size):
    for index in torch.randperm(len(images)).split(batch_size):
        index = index.sort().values
        yield transform(images[index]), labels[index]


def shuffled_apart(images, labels, transform, batch_size):
    for x, _ in one_epoch(images, labels, transform, batch_size):
        yield x, labels[torch.randperm(len(labels))[: len(x)]]


def drawn_with_return(images, labels, transform, batch_size):
    for _ in range(0, len(images), batch_size):
        index = torch.randint(len(images), (batch_size,))
        yield transform(images[index]), labels[index]


def drawn_with_repeats(images, labels, transform, batch_size):
    for index in torch.randint(len(images), (len(images),)).split(batch_size):
        yield transform(images[index]), labels[index]


def numbers_for_labels(images, labels, transform, batch_size):
    for index in torch.randperm(len(images)).split(batch_size):
        yield transform(images[index]), index


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


def different_draws(pictures, batch_size, workers, epochs):
    return sum(map(len, torch.arange(pictures).split(batch_size)[::workers]))


def different_draws_of_each_worker(pictures, batch_size, workers, epochs):
    sizes = [len(range(pictures)[first:][:batch_size]) for first in range(0, pictures, batch_size)]
    return max(sum(sizes[worker::workers]) for worker in range(workers))


def different_draws_tried(pictures, batch_size, workers, epochs):
    seen = set()
    for worker in range(workers):
        generator = random.Random(1)  # a copy, in the state of the beginning
        for first in range(worker * batch_size, pictures, workers * batch_size):
            seen.update(generator.random() for _ in range(first, min(first + batch_size, pictures)))
    return len(seen)


EQUIVALENT = {
    "one_epoch": {
        "[*range(len(order))][::-1]": "the shuffle is even from the end as well",
        "[*range(len(order))][:-1]": "the last is swapped with itself",
    },
    "different_draws": {"min(size, n % (size * w))": "the smaller of two, in either order"},
}


def rest_in_order(images, labels, transform, batch_size):
    first = torch.randperm(len(images))[:batch_size].tolist()
    order = torch.tensor(first + [i for i in range(len(images)) if i not in first])
    return [(transform(images[index]), labels[index]) for index in order.split(batch_size)]


RIGHT = {
    "one_epoch": [
        one_epoch,
        one_epoch_in_a_while_loop,
        one_epoch_by_sampler,
        one_epoch_by_a_loader,
        one_epoch_of_lists,
        one_epoch_shuffled_first,
        shuffled_by(random.randrange),
        lambda *inputs: list(one_epoch(*inputs)),
        lambda *inputs: tuple(one_epoch(*inputs)),
    ],
    "different_draws": [
        different_draws,
        not_varied(ANY_ORDER, different_draws_of_each_worker),
        not_varied(ANY_SEED, different_draws_tried),
        lambda n, size, w, _: n // (size * w) * size + min(n % (size * w), size),
        lambda n, size, w, _: (np.arange(n) // size % w == 0).sum(),
        lambda n, size, w, _: np.float64((np.arange(n) // size % w == 0).sum()),
        lambda n, size, w, _: float(n // (size * w) * size + min(n % (size * w), size)),
        lambda n, size, w, _: (torch.arange(n) // size % w).eq(0).sum(),
    ],
}
WRONG = {
    "one_epoch": [
        ("not all orders are", rest_in_order),
        ("order of the data set", in_order),
        ("every epoch has the same order", same_order),
        ("not all orders are equally likely", shuffled_by(lambda i, n: random.randrange(n))),
        ("not all orders are equally likely", shuffled_by(lambda i, n: random.choice(range(n)))),
        (
            "not all orders are",
            shuffled_by(lambda i, n: random.randrange(i, n - 1) if i < n - 1 else i),
        ),
        ("not all orders are", shuffled_by(sattolo)),
        *(
            ("not all orders are", ordered_by(order_of))
            for order_of in (
                riffle,
                swaps,
                from_a_buffer,
                ties,
            )
        ),
        ("not all orders are", ordered_by(stored)),
        ("every epoch has the same order", constant_unless(10)),
        ("not all orders", sorted_in_batches),
        ("not all orders are", shuffled_in_parts),
        ("not all orders are", begun_elsewhere),
        ("do not belong to their pictures", shuffled_apart),
        ("do not belong to their pictures", numbers_for_labels),
        ("come in batches of [4, 4, 4]; expected [4, 4, 2]", drawn_with_return),
        ("some pictures come twice", drawn_with_repeats),
        ("come in batches of [4, 4]", lambda *inputs: list(one_epoch(*inputs))[:2]),
        ("is given []", lambda x, y, t, n: one_epoch(x, y, lambda x: x, n)),
        ("is given [10]", transformed_first),
        ("is given [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] pictures; expected [4, 4, 2]", one_at_a_time),
        ("in batches of [1, 1, 1, 1", lambda x, y, t, n: one_epoch(x, y, t, 1)),
        ("not what transform returns", result_lost),
        ("of the pictures, the dtype", lambda *i: [(x.float(), y) for x, y in one_epoch(*i)]),
        ("of the labels, the dtype", lambda *i: [(x, y.float()) for x, y in one_epoch(*i)]),
        ("one for each batch.", lambda *inputs: [x for x, _ in one_epoch(*inputs)]),
        ("return ends the loop", lambda *inputs: next(one_epoch(*inputs))),
        ("of the pictures, the shape", lambda *i: [(y, x) for x, y in one_epoch(*i)]),
        ("expected pairs", lambda x, y, t, n: [(t(x[i]), y[i]) for i in torch.randperm(10)]),
        ("expected pairs", lambda *inputs: 3),
        ("expected pairs", lambda x, y, t, n: t(x)),
        ("one for each batch.", lambda *inputs: []),
        ("stops with RuntimeError: out of pictures", stops_later),
        ("in place", shuffles_in_place),
    ],
    "different_draws": [
        ("all workers draw the same", lambda n, size, w, epochs: n),
        ("all workers draw the same", lambda n, size, w, epochs: n * epochs),
        ("starts with new copies", lambda *given: different_draws(*given) * given[-1]),
        ("do not share evenly", lambda n, size, w, epochs: n // w),
        ("do not share evenly", lambda n, size, w, epochs: -(-n // w)),
        ("after the last full round", lambda n, size, w, epochs: n // (size * w) * size),
        ("not a full batch", lambda n, size, w, epochs: -(-n // size // w) * size),
        ("counts the batches", lambda n, size, w, epochs: -(-n // (size * w))),
        ("returns 64; expected 6272", lambda n, size, w, epochs: size),
        ("returns 6272.5; expected 6272", lambda *given: different_draws(*given) + 0.5),
        ("do not share evenly", lambda n, size, w, epochs: n * epochs / w),
        ("do not share evenly", lambda n, size, w, epochs: n * epochs // w),
        ("do not share evenly", lambda n, size, w, epochs: n / w),
        ("not a full batch", lambda n, size, w, epochs: math.ceil(n / size / w) * size),
        ("the function returns 4; expected 6", lambda n, size, w, _: round(n / size / w) * size),
        ("not a full batch", lambda n, size, w, epochs: -(-(n // size) // w) * size),
    ],
}
