"""A small recogniser, the loop that trains it, and the comparison of recipes over several seeds.

Pictures are one `uint8` tensor `[N, 3, H, W]` and labels one `int64` tensor `[N]`, as
`d2laug.data.drinks(split, tensors=True)` gives them. They stay as they are: each batch goes through
the transform as `uint8`, becomes floating point (0 to 1), and goes into the network. Sounds are one
`float32` tensor `[N, samples]`, as `d2laug.data.words(split)` gives them; they go through the
transform and into the network as they are.
"""

import copy
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2
from tqdm.auto import tqdm

from d2laug.data import data_folder
from d2laug.show import show_learning_curve

Data = tuple[Tensor, Tensor]


def recogniser(classes: int) -> nn.Sequential:
    """Return a small convolutional network with fresh weights, for pictures of 32 pixels and more.

    It takes float pictures `[N, 3, H, W]` (0 to 1) and returns logits `[N, classes]`. Five
    convolutions; about 0.3 million weights.

    >>> recogniser(12)(torch.rand(2, 3, 96, 96)).shape
    torch.Size([2, 12])
    """

    return nn.Sequential(
        v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3),
        _block(3, 24, pool=2, size=5, stride=2),
        _block(24, 48, pool=2),
        _block(48, 96, pool=2),
        _block(96, 128),
        _block(128, 128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, classes),
    )


def small_recogniser(classes: int) -> nn.Sequential:
    """Return a convolutional network with fresh weights for small pictures, as CIFAR-10's of 32.

    It takes float pictures `[N, 3, H, W]` (0 to 1) and returns logits `[N, classes]`. Six
    convolutions, three of them in residual blocks; about 0.43 million weights. Like `recogniser` it
    reduces the picture early, which is what makes it fast on a CPU.

    >>> small_recogniser(10)(torch.rand(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3),
        _block(3, 32, pool=2),
        _block(32, 64, pool=2),
        _Residual(_block(64, 64)),
        _block(64, 128, pool=2),
        _Residual(_block(128, 128), _block(128, 128)),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(128),
        nn.Linear(128, classes),
    )


def _block(n_in, n_out, pool=1, size=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, bias=False),
        nn.MaxPool2d(pool),  # before the other two, which then have less to do
        nn.BatchNorm2d(n_out),
        nn.ReLU(),
    )


class _Residual(nn.Sequential):
    """Layers that add to what they are given (He et al., 2016)."""

    def forward(self, x):
        return x + super().forward(x)


def save_recogniser(model: nn.Module, name: str) -> None:
    """Write the weights of a `recogniser`, in half precision, to `data/recognisers`."""
    from safetensors.torch import save_file

    half = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    path = data_folder() / "recognisers" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in half.items()}, path)


def load_recogniser(name: str) -> nn.Sequential:
    """Return a `recogniser` of the twelve drinks that has been trained on the lab's pictures.

    `name`: "none" (trained without augmentation) or "all" (with flips, crops, color jitter, color
    temperature and reflections). `python benchmarks/drinks_matrix.py` made the weights.

    Raises `ValueError` for another name and `FileNotFoundError` where the files are missing.

    >>> from d2laug.data import drinks
    >>> round(accuracy(load_recogniser("all"), drinks("lab/test", tensors=True)), 1)
    1.0
    """
    from safetensors.torch import load_file

    folder = data_folder() / "recognisers"
    names = sorted(path.stem for path in folder.glob("*.safetensors"))
    if not names:
        raise FileNotFoundError(
            f"there are no weights in {folder}: run from a clone of the repository, or set "
            "D2LAUG_DATA to its folder data"
        )
    if name not in names:
        raise ValueError(f"no recogniser is called {name!r}; choose one of: {', '.join(names)}")
    weights = load_file(folder / f"{name}.safetensors")
    model = recogniser(len(weights["8.bias"]))
    model.load_state_dict(weights)
    return model.eval()


def fit(
    model: nn.Module,
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
    """Train `model` in place and return its history, one dictionary for each epoch.

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

    At the end the model has the weights of the epoch with the best validation accuracy (the last
    of several; the last epoch of all where there is no `validation`). So it has when the kernel is
    interrupted; give the returned `history` to another `fit` to go on.

    Raises `ValueError` before training for data, arguments or a transform that cannot work, and
    `FloatingPointError` when the loss is no longer a number; the weights are then those of the best
    epoch so far.

    >>> data = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> history = fit(recogniser(2), data, epochs=2, progress=False)
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
    classes = _check_model(model.to(device), images, labels)
    set_seed(seed, device_specific=True)
    x = _check_transform(transform, images[:batch_size].to(device))
    _check_mix(mix, _to_float(x), labels[:batch_size].to(device), classes)
    loader = DataLoader(
        TensorDataset(images, labels),
        batch_size,
        shuffle=True,
        drop_last=True,
        generator=torch.Generator().manual_seed(seed + len(history)),
    )
    model.to(memory_format=torch.channels_last)
    optimizer = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    steps = epochs * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=max(steps, 2))
    network, optimizer, loader = accelerator.prepare(model, optimizer, loader)

    history = list(history)
    best = copy.deepcopy(model.state_dict())
    best_accuracy = max((entry["validation"] or 0.0 for entry in history), default=-1.0)
    live = _Live(progress and accelerator.is_main_process, steps)
    set_seed(seed + len(history), device_specific=True)
    try:
        for _ in range(epochs):
            start, losses, right = time.perf_counter(), [], []
            network.train()
            for x, y in loader:
                if transform is not None:
                    x = transform(x)
                x = _to_float(x)
                if mix is not None:
                    x, y = mix(x, y)
                with torch.autocast(device.type, torch.bfloat16, enabled=mixed_precision):
                    logits = network(x).float()
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
                "validation": accuracy(model, validation) if validation is not None else None,
                "seconds": time.perf_counter() - start,
            }
            if not entry["loss"] < float("inf"):
                raise FloatingPointError(
                    f"the loss is {entry['loss']} in epoch {entry['epoch']}: try a smaller lr "
                    f"(it is {lr}), and look at what the transform returns"
                )
            history.append(entry)
            if validation is None or entry["validation"] >= best_accuracy:
                best_accuracy, best = entry["validation"], copy.deepcopy(model.state_dict())
            live.show(history)
    except KeyboardInterrupt:
        print(f"stopped after {len(history)} epochs; fit(..., history=history) goes on from here")
    finally:
        model.load_state_dict(best)
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


def check_data(data: Data, name: str = "data") -> Data:
    """Return `data` if it is a usable pair `(images, labels)`, else raise `ValueError`.

    The images are `uint8` pictures `[N, 3, H, W]` or sounds, `float32` `[N, samples]`.
    """
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise ValueError(f"{name} is a {type(data).__name__}; expected a pair (images, labels)")
    images, labels = data
    kind = (images.ndim, images.dtype) if isinstance(images, Tensor) else None
    if kind not in ((4, torch.uint8), (2, torch.float32)):
        given = (
            f"{images.dtype} {list(images.shape)}"
            if isinstance(images, Tensor)
            else type(images).__name__
        )
        raise ValueError(
            f"the images of {name} are {given}; expected one uint8 tensor [N, 3, H, W], "
            "or for sounds one float32 tensor [N, samples]. Pictures of several sizes become one "
            "size by a crop or resize, then torch.stack"
        )
    if len(images) == 0:
        raise ValueError(f"{name} is empty: there is nothing to learn from or to test on")
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64 or labels.ndim != 1:
        raise ValueError(f"the labels of {name} must be one int64 tensor [N]")
    if len(labels) != len(images):
        raise ValueError(f"{name} has {len(images)} images and {len(labels)} labels")
    if labels.min() < 0:
        raise ValueError(f"{name} has the label {labels.min()}; labels count from 0")
    return images, labels


def _check_model(model: nn.Module, images: Tensor, labels: Tensor) -> int:
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        classes = model(_to_float(images[:1].to(device))).shape[1]
    if labels.max() >= classes:
        raise ValueError(
            f"a label is {labels.max()}, but the model has {classes} classes, 0 to {classes - 1}"
        )
    return classes


def _check_transform(transform, images: Tensor) -> Tensor:
    """Run `transform` once, so that a mistake in it is seen before time is spent."""
    if transform is None:
        return images
    given = transform(images)
    fixed = images.ndim // 2  # a picture may change its size, a sound its length
    if (
        not isinstance(given, Tensor)
        or given.ndim != images.ndim
        or given.shape[:fixed] != images.shape[:fixed]
    ):
        what = list(given.shape) if isinstance(given, Tensor) else type(given).__name__
        raise ValueError(
            f"the transform returns {what} for a batch of shape {list(images.shape)}; it must "
            f"return one tensor of as many {'pictures' if images.ndim == 4 else 'sounds'}"
        )
    nan = given.isnan().any()
    if given.dtype != images.dtype:
        right = (
            "uint8 (0 to 255), which fit itself brings to 0 to 1"
            if images.dtype == torch.uint8
            else f"{images.dtype}".removeprefix("torch.")
        )
        raise ValueError(
            f"the transform turns {images.dtype} into {given.dtype}"
            f"{' with NaN (not a number)' if nan else ''}; it must return {right}"
        )
    if nan:
        raise ValueError("the transform returns NaN (not a number): look for a division by 0")
    return given


def _check_mix(mix, images: Tensor, labels: Tensor, classes: int) -> None:
    """Run `mix` once, so that a mistake in it is seen before time is spent."""
    if mix is None:
        return
    given = mix(images, labels)
    if not (isinstance(given, (tuple, list)) and len(given) == 2):
        raise ValueError(f"mix returns a {type(given).__name__}; expected (images, labels)")
    for name, values, shape in zip(
        ("images", "labels"), given, (images.shape, (len(labels), classes)), strict=True
    ):
        if not (isinstance(values, Tensor) and values.is_floating_point()):
            what = values.dtype if isinstance(values, Tensor) else type(values).__name__
            raise ValueError(f"the {name} from mix are {what}; expected one float tensor")
        if values.shape != shape:
            raise ValueError(
                f"the {name} from mix have the shape {list(values.shape)}; expected {list(shape)}"
            )
        if not values.isfinite().all():
            raise ValueError(f"the {name} from mix have values that are no numbers, or infinite")
    shares = given[1]
    if shares.min() < 0 or (shares.sum(1) - 1).abs().max() > 1e-3:
        raise ValueError(
            "the labels from mix must be shares: none below 0, and 1 in the sum of each picture"
        )


def _to_float(images: Tensor) -> Tensor:
    """Pictures from 0 to 255 as the network takes them: 0 to 1, in the layout that is fastest.

    Sounds stay as they are.
    """
    if images.dtype != torch.uint8:
        return images
    return images.to(memory_format=torch.channels_last).float().div_(255)


@torch.no_grad()
def predict(model: nn.Module, images: Tensor, batch_size: int = 256) -> Tensor:
    """Return the model's probabilities `[N, classes]` for pictures `[N, 3, H, W]` or sounds.

    >>> predict(recogniser(3), torch.zeros(2, 3, 32, 32, dtype=torch.uint8)).sum(1)
    tensor([1., 1.])
    """
    model.eval()
    device = next(model.parameters()).device
    batches = [model(_to_float(x.to(device))).softmax(1) for x in images.split(batch_size)]
    return torch.cat(batches).float().cpu()


def accuracy(model: nn.Module, data: Data) -> float:
    """Return the share of the pictures of `data` (`images`, `labels`) that `model` gets right."""
    images, labels = check_data(data)
    return (predict(model, images).argmax(1) == labels).float().mean().item()


def confusion_matrix(model: nn.Module, data: Data) -> Tensor:
    """Return counts `[classes, classes]`: row the true class, column what `model` says."""
    images, labels = check_data(data)
    probabilities = predict(model, images)
    classes = probabilities.shape[1]
    pairs = labels * classes + probabilities.argmax(1)
    return pairs.bincount(minlength=classes * classes).view(classes, classes)


def compare(
    recipes: Mapping[str, Callable | None],
    train: Data,
    tests: Mapping[str, Data],
    *,
    seeds: Sequence[int] = range(5),
    make_model: Callable[[int], nn.Module] = recogniser,
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
        model = make_model(classes)
        fit(model, train, transform=recipes[recipe], seed=seed, progress=False, **options)
        for test, data in tests.items():
            found[recipe][test].append(accuracy(model, data))
    return {r: {t: torch.tensor(values) for t, values in row.items()} for r, row in found.items()}
