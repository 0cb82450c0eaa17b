"""The loop that trains a network."""

import copy
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm.auto import tqdm

from d2laug.show import show_learning_curve
from d2laug.train.checks import Data, check_data, check_mix, check_network, check_transform
from d2laug.train.evaluate import accuracy, to_float


def fit(
    network: nn.Module,
    train: Data,
    validation: Data | None = None,
    transform: Callable[[Tensor], Tensor] | None = None,
    *,
    mix: Callable[[Tensor, Tensor], Data] | None = None,
    epochs: int = 24,
    batch_size: int = 64,
    lr: float = 4e-3,
    optimizer: Callable = torch.optim.AdamW,
    weight_decay: float = 0.05,
    mixed_precision: bool | None = None,
    seed: int = 0,
    history: Sequence[dict] = (),
    progress: bool = True,
) -> list[dict]:
    """Train `network` in place and return its history, one dictionary for each epoch.

    `train` and `validation` are pairs `(images, labels)`; the images are `uint8` pictures
    `[N, 3, H, W]`, or sounds, `float32` `[N, samples]`. `transform` takes and returns a batch of
    the same dtype; it sees training batches only, on the device. Each epoch's entry has
    `epoch`, `loss` (mean cross-entropy), `train` and `validation` (accuracies, 0 to 1), `seconds`.

    `mix`, as `torchvision.transforms.v2.MixUp` and `CutMix`, comes after the transform: it takes
    what the network would get (pictures as float, 0 to 1; sounds) and labels, and returns as many
    and the shares of the labels, float `[N, classes]`. `train` then counts against the label with
    the largest share.

    `optimizer` is called with the weights, `lr` and `weight_decay`; the learning rate goes through
    one cycle, up to `lr` and down to zero. The loss has label smoothing of 0.1. The device is a GPU
    where there is one, else the CPU; started by `accelerate launch` or `notebook_launcher`, several
    processes share every batch. `mixed_precision` computes in bfloat16 where that is accurate
    enough: by default on a GPU only, and worth a try on a CPU that has instructions for it
    (`avx512_bf16` or `amx_bf16` among `torch.cpu.get_capabilities()`). `seed` decides the order
    of the pictures and what `transform` draws from the global generator, apart in each process.
    The environment variable `D2LAUG_MOST_EPOCHS` caps `epochs`, for a quick look at a notebook.

    At the end the network has the weights of the epoch with the best validation accuracy (the last
    of several; the last epoch of all where there is no `validation`). So it has when the kernel is
    interrupted; give the returned `history` to another `fit` to go on.

    Raises `ValueError` before training for data, arguments or a transform that cannot work, and
    `FloatingPointError` when the loss is no longer a number; the weights are then those of the best
    epoch so far.

    >>> from d2laug.train import plain_network
    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> history = fit(plain_network(2), data, epochs=2, progress=False)
    >>> [entry["epoch"] for entry in history]
    [1, 2]
    """
    from accelerate import Accelerator, DataLoaderConfiguration
    from accelerate.state import AcceleratorState
    from accelerate.utils import set_seed

    images, labels = check_data(train, "train")
    if validation is not None:
        check_data(validation, "validation")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a whole number from 1")
    if not lr > 0:
        raise ValueError(f"lr is {lr!r}; expected a positive number")
    epochs = min(epochs, int(os.environ.get("D2LAUG_MOST_EPOCHS", epochs)))

    accelerator = Accelerator(
        cpu=not torch.accelerator.is_available(),  # said aloud, or two CPU processes stay alone
        dataloader_config=DataLoaderConfiguration(split_batches=True),
    )
    device = accelerator.device
    if accelerator.num_processes > 1 and multiprocessing.parent_process() is not None:
        torch.set_num_threads(1)  # more would wait for threads that notebook_launcher's fork lost
    if mixed_precision is None:
        mixed_precision = device.type == "cuda"
    batch_size = min(batch_size, len(images))
    classes = check_network(network.to(device), images, labels)
    set_seed(seed, device_specific=True)
    x = check_transform(transform, images[:batch_size].to(device))
    check_mix(mix, to_float(x), labels[:batch_size].to(device), classes)
    loader = DataLoader(
        TensorDataset(images, labels),
        batch_size,
        shuffle=True,
        drop_last=True,
        generator=torch.Generator().manual_seed(seed + len(history)),
    )
    network.to(memory_format=torch.channels_last)
    optimizer = optimizer(network.parameters(), lr=lr, weight_decay=weight_decay)
    steps = epochs * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=max(steps, 2))
    shared, optimizer, loader = accelerator.prepare(network, optimizer, loader)

    history = list(history)
    best = copy.deepcopy(network.state_dict())
    best_accuracy = max((entry["validation"] or 0.0 for entry in history), default=-1.0)
    live = _Live(progress and accelerator.is_main_process, steps)
    set_seed(seed + len(history), device_specific=True)
    try:
        for _ in range(epochs):
            start, losses, right = time.perf_counter(), [], []
            shared.train()
            for x, y in loader:
                if transform is not None:
                    x = transform(x)
                x = to_float(x)
                if mix is not None:
                    x, y = mix(x, y)
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed_precision):
                    logits = shared(x).float()
                    loss = F.cross_entropy(logits, y, label_smoothing=0.1)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
                losses.append(loss.detach())
                largest = y if y.ndim == 1 else y.argmax(1)
                right.append((logits.argmax(1) == largest).float().mean())
                live.step()
            entry = {
                "epoch": len(history) + 1,
                "loss": accelerator.reduce(torch.stack(losses).mean(), "mean").item(),
                "train": accelerator.reduce(torch.stack(right).mean(), "mean").item(),
                "validation": accuracy(network, validation) if validation is not None else None,
                "seconds": time.perf_counter() - start,
            }
            if not entry["loss"] < float("inf"):
                raise FloatingPointError(
                    f"the loss is {entry['loss']} in epoch {entry['epoch']}: try a smaller lr "
                    f"(it is {lr}), and look at what the transform returns"
                )
            history.append(entry)
            if validation is None or entry["validation"] >= best_accuracy:
                best_accuracy, best = entry["validation"], copy.deepcopy(network.state_dict())
            live.show(history)
    except KeyboardInterrupt:
        print(f"stopped after {len(history)} epochs; fit(..., history=history) goes on from here")
    finally:
        network.load_state_dict(best)
        live.close()
        if accelerator.num_processes == 1:
            AcceleratorState._reset_state(True)  # else notebook_launcher will not start after it
    return history


class _Live:
    """The progress bar, and in a notebook the learning curve under it, redrawn in its place."""

    def __init__(self, wanted: bool, steps: int):
        self.bar = tqdm(total=steps, unit="batch", leave=False, disable=not wanted)
        self.in_notebook = wanted and "ipykernel" in sys.modules
        self.handle = None

    def step(self) -> None:
        self.bar.update()

    def show(self, history: list[dict]) -> None:
        self.bar.set_postfix({"epoch": len(history)}, refresh=False)
        if not self.in_notebook:
            return
        from IPython.display import display

        picture = show_learning_curve(history)
        if self.handle is None:
            self.handle = display(picture, display_id=True)
        else:
            self.handle.update(picture)

    def close(self) -> None:
        self.bar.close()
