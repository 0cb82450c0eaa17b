"""The loop that trains a network, and recipes compared by it over several seeds.

`fit` comes first, then its parts in the order of their use: `_prepare`, `_one_epoch`, `_keep_best`
and `_show_live`; then `compare`.
"""

import copy
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset
from tqdm.auto import tqdm

from d2laug.data.common import Data
from d2laug.show import show_learning_curve
from d2laug.train.checks import check_classes, check_data, check_mix, check_transform
from d2laug.train.evaluate import accuracy, to_float
from d2laug.train.networks import plain_network

Transform = Callable[[Tensor], Tensor] | None
Epoch = dict[str, float | None]


def fit(
    network: nn.Module,
    train: Data,
    validation: Data | None = None,
    transform: Transform = None,
    *,
    mix: Callable[[Tensor, Tensor], Data] | None = None,
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

    `train` and `validation` are pairs `(images, labels)`; the images are `uint8` pictures
    `[N, 3, H, W]`, or sounds, `float32` `[N, samples]`. `transform` takes and returns a batch of
    the same dtype; it sees training batches only, on the device. `mix`, as
    `torchvision.transforms.v2.MixUp` and `CutMix`, comes after it: it takes what the network would
    get (pictures as float, 0 to 1; sounds) and labels, and returns as many and the shares of the
    labels, float `[N, classes]`.

    Each epoch's entry has `epoch`, `loss` (mean cross-entropy, with label smoothing of 0.1),
    `train` and `validation` (accuracies, 0 to 1, or None; mixed labels count as the one with the
    largest share) and `seconds`.

    `optimizer` is called with the weights, `lr` and `weight_decay`; the learning rate goes through
    one cycle, up to `lr` and down to zero. The device is a GPU where there is one, else the CPU;
    started by `accelerate launch` or `notebook_launcher`, several processes share every batch.
    `mixed_precision` computes in bfloat16 where that is accurate enough: by default on a GPU only,
    and worth a try on a CPU that has instructions for it (`avx512_bf16` or `amx_bf16` among
    `torch.cpu.get_capabilities()`). `seed` decides the order of the pictures and what `transform`
    draws from the global generator, apart in each process. The environment variable
    D2LAUG_MOST_EPOCHS caps `epochs`, for a quick look at a notebook.

    At the end the network has the weights of the epoch with the best validation accuracy (the last
    of several; the last epoch of all where there is no `validation`). So it has when the kernel is
    interrupted; give the returned `history` to another `fit` to go on.

    Raises `ValueError` before training for data, arguments or a transform that cannot work, and
    `FloatingPointError` when the loss is no longer a number, with the best weights so far.

    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> [entry["epoch"] for entry in fit(plain_network(2), data, epochs=2, progress=False)]
    [1, 2]
    """
    check_data(train, "train")
    if validation is not None:
        check_data(validation, "validation")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a whole number from 1")
    if not lr > 0:
        raise ValueError(f"lr is {lr!r}; expected a positive number")
    epochs = min(epochs, int(os.environ.get("D2LAUG_MOST_EPOCHS", epochs)))
    history = list(history)
    options = epochs, batch_size, lr, optimizer, weight_decay, seed, len(history)
    accelerator, loader, parts = _prepare(network, train, transform, mix, *options)
    best = copy.deepcopy(network.state_dict())
    wanted = progress and accelerator.is_main_process
    bar = tqdm(total=epochs * len(loader), unit="batch", leave=False, disable=not wanted)
    try:
        for epoch in range(epochs):
            start = time.perf_counter()
            loss, right = _one_epoch(accelerator, loader, parts, mixed_precision, bar)
            if not loss < float("inf"):
                raise FloatingPointError(
                    f"the loss is {loss} in epoch {len(history) + 1}: try a smaller lr (it is "
                    f"{lr}), and look at what the transform returns"
                )
            entry: Epoch = {"epoch": len(history) + 1, "loss": loss, "train": right}
            entry["validation"] = accuracy(network, validation) if validation is not None else None
            entry["seconds"] = time.perf_counter() - start
            history.append(entry)
            best = _keep_best(network, best, history)
            _show_live(bar, history, again=epoch > 0)
    except KeyboardInterrupt:
        print(f"stopped after {len(history)} epochs; fit(..., history=history) goes on from here")
    finally:
        network.load_state_dict(best)
        bar.close()
        if accelerator.num_processes == 1:  # else notebook_launcher will not start after it
            accelerator.state._reset_state(True)
    return history


def _prepare(
    network, train, transform, mix, epochs, batch_size, lr, optimizer, weight_decay, seed, before
):
    """Try everything once, and hand it to accelerate, which brings it to its device."""
    from accelerate import Accelerator, DataLoaderConfiguration
    from accelerate.utils import set_seed

    accelerator = Accelerator(
        cpu=not torch.accelerator.is_available(),  # said aloud, or two CPU processes stay alone
        dataloader_config=DataLoaderConfiguration(split_batches=True),
    )
    if accelerator.num_processes > 1 and multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)  # more would wait for threads that notebook_launcher's fork lost
    batch_size = min(batch_size, len(train[0]))
    x, y = (part[:batch_size].to(accelerator.device) for part in train)
    classes = check_classes(network.to(accelerator.device), to_float(x[:1]), train[1])
    set_seed(seed, device_specific=True)
    if transform is not None:
        x = check_transform(transform, x)
    if mix is not None:
        check_mix(mix, to_float(x), y, classes)
    order = torch.Generator().manual_seed(seed + before)
    dataset = TensorDataset(*train)
    loader = DataLoader(dataset, batch_size, shuffle=True, drop_last=True, generator=order)
    network.to(memory_format=torch.channels_last)
    optimizer = optimizer(network.parameters(), lr=lr, weight_decay=weight_decay)
    schedule = OneCycleLR(optimizer, lr, total_steps=max(epochs * len(loader), 2))
    shared, optimizer, loader = accelerator.prepare(network, optimizer, loader)
    set_seed(seed + before, device_specific=True)
    return accelerator, loader, (shared, optimizer, schedule, transform, mix)


def _one_epoch(accelerator, loader, parts, mixed_precision, bar):
    """Train on every batch once; return the mean loss and the share of pictures that were right."""
    network, optimizer, schedule, transform, mix = parts
    device = accelerator.device.type
    half = device == "cuda" if mixed_precision is None else mixed_precision
    losses, right = [], []
    network.train()
    for x, y in loader:
        x = to_float(x if transform is None else transform(x))
        if mix is not None:
            x, y = mix(x, y)
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
        bar.update()
    means = torch.stack([torch.stack(losses).mean(), torch.stack(right).mean()])
    return accelerator.reduce(means, "mean").tolist()


def _keep_best(network, best, history):
    """Return the weights of the best epoch: those of `network` if it is the last one, or `best`."""
    now = history[-1]["validation"]
    before = max((entry["validation"] or 0.0 for entry in history[:-1]), default=-1.0)
    return copy.deepcopy(network.state_dict()) if now is None or now >= before else best


def _show_live(bar: tqdm, history: list[Epoch], again: bool) -> None:
    """Show the epoch on the bar, and in a notebook the learning curve, redrawn in its place."""
    bar.set_postfix({"epoch": len(history)}, refresh=False)
    if not bar.disable and "ipykernel" in sys.modules:
        from IPython.display import display

        display(show_learning_curve(history), display_id=f"fit {bar.start_t}", update=again)


def compare(
    recipes: Mapping[str, Transform],
    train: Data,
    tests: Mapping[str, Data],
    *,
    seeds: Sequence[int] = range(5),
    make_network: Callable[[int], nn.Module] = plain_network,
    progress: bool = True,
    **options: Any,  # noqa: ANN401 - what else `fit` takes, of many types
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
    found = {recipe: {test: torch.zeros(len(seeds)) for test in tests} for recipe in recipes}
    runs = [(k, recipe) for k in range(len(seeds)) for recipe in recipes]
    for k, recipe in tqdm(runs, unit="training", leave=False, disable=not progress):
        torch.manual_seed(seeds[k])
        network = make_network(classes)
        fit(network, train, transform=recipes[recipe], seed=seeds[k], progress=False, **options)
        for test, data in tests.items():
            found[recipe][test][k] = accuracy(network, data)
    return found
