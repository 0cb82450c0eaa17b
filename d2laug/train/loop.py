"""The loop that trains a network, and recipes compared by it over several seeds.

`fit`, its parts in the order of their use (`_at_most` to `_show_live`), and `compare`.
"""

import copy
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset
from tqdm.auto import tqdm

from d2laug.data.common import Data
from d2laug.show import show_learning_curve
from d2laug.train import checks
from d2laug.train.evaluate import accuracy, predict
from d2laug.train.networks import plain_network, to_float

Epoch = dict[str, float | None]


def fit(
    network: nn.Module,
    train: Data,
    validation: Data | None = None,
    transform: checks.Transform = None,
    *,
    mix: checks.Mix = None,
    epochs: int = 24,
    batch_size: int = 64,
    lr: float = 4e-3,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.AdamW,
    weight_decay: float = 0.05,
    mixed_precision: bool | None = None,
    seed: int = 0,
    history: Sequence[Epoch] = (),
    progress: bool = True,
) -> list[Epoch]:
    """Train `network` in place and return its history, one dictionary for each epoch.

    `train` and `validation` are pairs `(images, labels)`: `uint8` pictures `[N, 3, H, W]` or
    sounds, `float32` `[N, samples]`, and `int64` `[N]`. `transform` takes and returns training
    batches of that dtype, on the device. `mix` comes after, as `torchvision.transforms.v2.MixUp`:
    it takes what the network would get (pictures as float, 0 to 1; sounds) and labels, and returns
    as many and the shares of the labels, `float32` `[N, classes]`.

    An entry has `epoch`, `loss` (mean cross-entropy, with label smoothing of 0.1), `train` and
    `validation` (accuracies, 0 to 1, or None; of mixed labels the largest share counts) and
    `seconds`. At the end, and when the kernel is interrupted, the network has the weights of the
    best `validation` (the last of several; without it those of the last epoch). Give the history to
    another `fit` to go on.

    A step takes `batch_size` pictures. `optimizer` is called with the weights, `lr` and
    `weight_decay`; the learning rate goes through one cycle, up to `lr` and down to zero. A GPU is
    used where there is one; started by `accelerate launch` or `notebook_launcher`, several
    processes share every batch. `mixed_precision` computes in bfloat16 where that is accurate
    enough: by default on a GPU only; worth a try on a CPU with `avx512_bf16` or `amx_bf16` among
    `torch.cpu.get_capabilities()`. `seed` decides the order of the pictures and what `transform`
    draws from the global generator, apart in each process. D2LAUG_MOST_EPOCHS in the environment
    caps `epochs`. Raises `ValueError` before training for what cannot work, and
    `FloatingPointError` when the loss is no longer a number, with the best weights so far.

    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> [entry["epoch"] for entry in fit(plain_network(2), data, epochs=2, progress=False)]
    [1, 2]
    """
    from accelerate.utils import set_seed

    checks.check_data(train, "train")
    tested = checks.check_data(train if validation is None else validation, "validation")
    checks.check_numbers(epochs, batch_size, lr, seed)
    checks.check_weights(network)
    epochs = _at_most(epochs)
    history, seed = list(history), int(seed) + len(history)
    accelerator, loader = _start(network, train, batch_size, seed)
    best = copy.deepcopy(network.state_dict())
    shown = progress and accelerator.is_main_process
    bar = tqdm(total=epochs * len(loader), unit="batch", leave=False, disable=not shown)
    try:
        checks.check_parts(network, train, tested, int(batch_size), transform, mix)
        steps = optimizer(network.parameters(), lr=lr, weight_decay=weight_decay)
        rates = OneCycleLR(steps, lr, total_steps=max(epochs * len(loader), 2))
        shared, steps, loader = accelerator.prepare(network, steps, loader)
        set_seed(seed, device_specific=True)  # what the checks drew does not count
        for epoch in range(epochs):
            start = time.perf_counter()
            batches = _batches(loader, transform, mix, bar)
            loss, right = _one_epoch(accelerator, shared, batches, steps, rates, mixed_precision)
            if not loss < float("inf"):
                hint = f"try a smaller lr (it is {lr}), and look at what the transform returns"
                raise FloatingPointError(f"the loss is {loss} in epoch {len(history) + 1}: {hint}")
            score = None if validation is None else accuracy(network, validation)
            before = max((entry["validation"] or 0.0 for entry in history), default=0.0)
            entry = {"epoch": len(history) + 1, "loss": loss, "train": right, "validation": score}
            history.append(entry | {"seconds": time.perf_counter() - start})
            if score is None or score >= before:
                best = copy.deepcopy(network.state_dict())
            _show_live(bar, history, epoch == 0, epoch == epochs - 1)
    except KeyboardInterrupt:
        print(f"stopped after {len(history)} epochs; fit(..., history=history) goes on from here")
    finally:
        network.load_state_dict(best)
        bar.close()
        if accelerator.num_processes == 1:  # else notebook_launcher will not start after it
            accelerator.state._reset_state(True)
    return history


def _at_most(epochs: int) -> int:
    most = os.environ.get("D2LAUG_MOST_EPOCHS", str(int(epochs)))
    if not most.isdecimal():
        raise ValueError(f"D2LAUG_MOST_EPOCHS is {most!r}; expected a whole number")
    return min(int(epochs), int(most))


def _start(network, train, batch_size, seed):
    """Return what connects the processes, with the network on its device, and the batches."""
    from accelerate import Accelerator, DataLoaderConfiguration

    accelerator = Accelerator(
        cpu=not torch.accelerator.is_available(),  # said aloud, or two CPU processes stay alone
        dataloader_config=DataLoaderConfiguration(split_batches=True),
    )
    if accelerator.num_processes > 1 and multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)  # more would wait for threads that notebook_launcher's fork lost
    network.to(accelerator.device).to(memory_format=torch.channels_last)
    data, size = TensorDataset(*train), min(int(batch_size), len(train[0]))
    order = torch.Generator().manual_seed(seed)
    loader = DataLoader(data, size, shuffle=True, drop_last=True, generator=order)
    return accelerator, loader


def _batches(loader, transform, mix, bar):
    """Yield the batches of an epoch as the network takes them."""
    for x, y in loader:
        x = to_float(x if transform is None else transform(x))
        yield (x, y) if mix is None else mix(x, y)
        bar.update()


def _one_epoch(accelerator, network, batches, optimizer, schedule, mixed_precision):
    """Train on every batch once; return the mean loss and the share of pictures that were right."""
    device = accelerator.device.type
    half = device == "cuda" if mixed_precision is None else mixed_precision
    losses, right = [], []
    network.train()
    for x, y in batches:
        with torch.autocast(device, torch.bfloat16, enabled=half):
            logits = network(x).float()
            loss = F.cross_entropy(logits, y, label_smoothing=0.1)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        losses.append(loss.detach())
        largest = y if y.ndim == 1 else y.argmax(1)
        right.append((logits.argmax(1) == largest).float().mean())
    means = torch.stack([torch.stack(losses).mean(), torch.stack(right).mean()])
    return accelerator.reduce(means, "mean").tolist()


def _show_live(bar: tqdm, history: list[Epoch], first: bool, last: bool) -> None:
    """Show the epoch on the bar, and in a notebook the learning curve, redrawn in its place.

    Drawing takes a while: between the first and the last epoch once a second of training suffices.
    """
    bar.set_postfix({"epoch": len(history)}, refresh=False)
    after = sum(entry.get("seconds") or 0.0 for entry in history)
    another = first or last or int(after) > int(after - (history[-1]["seconds"] or 0.0))
    if another and not bar.disable and "ipykernel" in sys.modules:
        from IPython.display import display

        display(show_learning_curve(history), display_id=f"fit {bar.start_t}", update=not first)


def compare(
    recipes: Mapping[str, checks.Transform],
    train: Data,
    tests: Mapping[str, Data],
    *,
    seeds: Iterable[int] = range(5),
    epochs: int = 24,
    make_network: Callable[[int], nn.Module] = plain_network,
    progress: bool = True,
    **options: Any,  # noqa: ANN401 - what else `fit` takes, of many types
) -> dict[str, dict[str, Tensor]]:
    """Train fresh weights on `train` by each of `recipes` and `seeds`, and test on all of `tests`.

    A recipe is a transform, or None; `make_network` is called with the number of classes. Returns
    `results[recipe][test]`: the accuracies (0 to 1), one for each seed, whose `.mean()` and
    `.std()` are mean and spread. `options` go to `fit`, whose errors it raises. When the kernel is
    interrupted, or the loss of a later training is no number, returns what was measured. Raises
    `ValueError` before the first training where there is no test set, or one that does not fit.

    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> results = compare({"none": None}, data, {"same": data}, seeds=[0], epochs=1, progress=False)
    >>> results["none"]["same"].shape
    torch.Size([1])
    """
    classes = int(checks.check_data(train, "train")[1].max()) + 1
    if not tests:
        raise ValueError("tests is empty; expected at least one test set")
    # a generator of seeds, too, and numbers of NumPy or torch
    runs = [(int(seed), recipe) for seed in seeds for recipe in recipes]
    found: dict[str, list[list[float]]] = {recipe: [] for recipe in recipes}
    options |= {"epochs": epochs, "progress": False}
    try:
        for seed, recipe in tqdm(runs, unit="training", leave=False, disable=not progress):
            torch.manual_seed(seed)
            network = make_network(classes)
            for name, pair in tests.items():  # before time is spent
                images, labels = checks.check_data(pair, f"the test set {name!r}")
                checks.check_labels(labels, predict(network, images[:1]).shape[1])
            history = fit(network, train, transform=recipes[recipe], seed=seed, **options)
            if len(history) < _at_most(epochs):
                raise KeyboardInterrupt  # which fit has caught
            found[recipe].append([accuracy(network, data) for data in tests.values()])
    except (FloatingPointError, KeyboardInterrupt) as stop:
        if isinstance(stop, FloatingPointError) and not any(found.values()):
            raise
        done = f"{sum(map(len, found.values()))} of {len(runs)} trainings"
        print(f"stopped after {done}{f': {stop}' if str(stop) else ''}")
    return {
        recipe: dict(zip(tests, torch.tensor(rows).reshape(-1, len(tests)).T, strict=True))
        for recipe, rows in found.items()
    }
