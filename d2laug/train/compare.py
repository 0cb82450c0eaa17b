"""Recipes compared over several seeds."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from d2laug.train.checks import Data, check_data
from d2laug.train.evaluate import accuracy
from d2laug.train.loop import fit
from d2laug.train.networks import plain_network


def compare(
    recipes: Mapping[str, Callable | None],
    train: Data,
    tests: Mapping[str, Data],
    *,
    seeds: Sequence[int] = range(5),
    make_network: Callable[[int], nn.Module] = plain_network,
    progress: bool = True,
    **options,
) -> dict[str, dict[str, Tensor]]:
    """Train fresh weights with each recipe and each seed, and test them on every set.

    `recipes` maps a name to a transform or None; `tests` maps a name to `(images, labels)`;
    `options` go to `fit`. Returns `results[recipe][test]`: the accuracies, one for each seed
    (`.mean()` and `.std()` give mean and spread).

    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> results = compare({"none": None}, data, {"same": data}, seeds=[0], epochs=1, progress=False)
    >>> results["none"]["same"].shape
    torch.Size([1])
    """
    classes = int(check_data(train, "train")[1].max()) + 1
    found = {recipe: {test: [] for test in tests} for recipe in recipes}
    runs = [(seed, recipe) for seed in seeds for recipe in recipes]
    for seed, recipe in tqdm(runs, unit="training", leave=False, disable=not progress):
        torch.manual_seed(seed)
        network = make_network(classes)
        fit(network, train, transform=recipes[recipe], seed=seed, progress=False, **options)
        for test, data in tests.items():
            found[recipe][test].append(accuracy(network, data))
    return {r: {t: torch.tensor(values) for t, values in row.items()} for r, row in found.items()}
