"""CIFAR-10 on a CPU: the overfitting gap, and the accuracy of a usual recipe in far less time.

    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py gap
    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py time
    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py ablation
    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py best

`gap` trains without, with one and with all augmentations on a fifth of the pictures, on one thread
each. `time` trains on all pictures and all cores; before each training it times some steps of the
usual recipe (ResNet-18, Adam, ten epochs), as the book "Dive into Deep Learning" has it, which is
then extrapolated: its steps x its batches x its epochs, the loading of its pictures not counted.
`ablation` takes away one of the four things in which the small network's recipe differs from the
book's, each on one thread, and at the end times steps of each in turns, on all cores.
`best` trains deeper networks on all cores, one seed, each for some half an hour of two cores.

Every training's figures go at once to benchmarks/results/cifar10.json, so that an interrupted run
goes on where it stopped. The data are found as `d2laug.data.cifar10` finds them.
"""

import json
import os
import platform
import statistics
import time
from functools import cache, partial
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2
from tqdm import tqdm
from trainings import keep, parser_of, side_by_side

from d2laug import augment
from d2laug.data import cifar10
from d2laug.train import accuracy, fit, predict, residual_network
from d2laug.train.networks import to_float

RESULTS = Path(__file__).parent / "results" / "cifar10.json"
SEEDS = range(3)

flip = augment.RandomHorizontalFlip()
crop = augment.RandomCrop(32, padding=4, padding_mode="reflect")
jitter = augment.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2)
RECIPES = {
    "none": None,
    "flip": flip,
    "flip + crop": nn.Sequential(flip, crop),
    "all": nn.Sequential(flip, crop, jitter),
}
OPTIONS = {
    "weight_decay": 5e-4,
    "optimizer": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    # On a CPU that has instructions for it, a step takes little more than half of the time.
    "mixed_precision": bool(torch.cpu.get_capabilities().get("avx512_bf16")),
}
# What the ablation takes away from the recipe "flip + crop" of `time`.
WITHOUT = ["crops", "early reduction", "cycle, momentum, smoothing", "half precision"]
# What is trained in each part: the recipe, and how many epochs.
ROWS = {
    "gap": [(recipe, 15) for recipe in RECIPES],
    "time": [("flip + crop", 7), ("flip + crop", 18)],
    "ablation": [(f"without {piece}", 7) for piece in WITHOUT],
    "best": [
        ("deeper, flip + crop", 30),
        ("wider, flip + crop + erasing", 30),
        ("wider, flip + crop + erasing", 40),
    ],
}
WIDTHS = {"deeper": (24, 32, 128, 128), "wider": (32, 48, 128, 160)}
# Smaller batches where there are fewer pictures, so that there are enough steps.
BATCHES = {"gap": {"batch_size": 64, "lr": 0.05}, "time": {"batch_size": 256, "lr": 0.2}}
GAP_PICTURES = 10_000
HELD_OUT = 10_000  # for the curves: the test pictures are looked at once, when all is over
USUAL = {"pictures": 50_000, "batch_size": 256, "epochs": 10, "test": 0.836}  # mean of its 49 runs
STEPS_AT_ONCE = 3


@cache
def photographs(split):
    return cifar10(split, tensors=True, progress=False)


def train(run):
    """Train and test one network, and return its figures."""
    part, recipe, epochs, seed = run
    images, labels = photographs("train")
    held_out = None
    if part == "gap":
        held_out = images[-HELD_OUT:], labels[-HELD_OUT:]
        images, labels = images[:GAP_PICTURES], labels[:GAP_PICTURES]
    torch.manual_seed(seed)
    network, transform, options = ingredients(recipe)
    options |= BATCHES.get(part, BATCHES["time"]) | {"epochs": epochs, "seed": seed}
    train_network = fit_plainly if "cycle" in recipe else partial(fit, progress=False)
    start, spent = time.perf_counter(), time.process_time()
    history = train_network(network, (images, labels), held_out, transform, **options)
    seconds = time.perf_counter() - start
    more = {}
    if part == "best":
        more["cpu_seconds"] = round(time.process_time() - spent, 1)
        more["mirrored"] = round(accuracy_with_mirrors(network, photographs("test")), 4)
    return more | {
        "part": part,
        "recipe": recipe,
        "epochs": epochs,
        "seed": seed,
        "seconds": round(seconds, 1),
        # of the pictures as they are, not of the augmented ones
        "train": round(accuracy(network, (images[:10_000], labels[:10_000])), 4),
        "test": round(accuracy(network, photographs("test")), 4),
        "history": [rounded(entry) for entry in history],
    }


def ingredients(recipe):
    """Return the network, the transform and the options of `fit` of a recipe."""
    widths, options = WIDTHS.get(recipe.split(",")[0]), dict(OPTIONS)
    network = deeper_network(*widths) if widths else residual_network(10)
    if recipe == "without early reduction":
        network[1][1] = nn.Identity()  # the pool after the first convolution
    if recipe == "without half precision":
        options["mixed_precision"] = False
    if recipe.endswith("erasing"):
        gray = augment.RandomErasing(p=1, scale=(0.04, 0.15), ratio=(1, 1), value=120)
        return network, nn.Sequential(flip, crop, gray), options
    flips_alone = recipe == "without crops"
    return network, RECIPES.get(recipe, flip if flips_alone else RECIPES["flip + crop"]), options


def deeper_network(first, second, third, fourth):
    """Return seven convolutions of so many channels, which look longer at larger pictures.

    With the channels of "deeper" they have half a million weights. After "airbench94" of Keller
    Jordan, https://arxiv.org/abs/2404.00498, with fewer channels.
    """

    def block(n_in, n_out):
        first, second = (nn.Conv2d(n, n_out, 3, padding=1, bias=False) for n in (n_in, n_out))
        halves = first, nn.MaxPool2d(2), nn.BatchNorm2d(n_out), nn.GELU()
        return nn.Sequential(*halves, second, nn.BatchNorm2d(n_out), nn.GELU())

    return nn.Sequential(
        v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3),
        nn.Conv2d(3, first, 2),
        nn.GELU(),
        block(first, second),
        block(second, third),
        block(third, fourth),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(fourth),
        nn.Linear(fourth, 10),
    )


def accuracy_with_mirrors(network, data):
    """Return the accuracy of the mean answer to each picture and its mirror image (lesson 10)."""
    images, labels = data
    answers = predict(network, images) + predict(network, images.flip(-1))
    return (answers.argmax(1) == labels).double().mean().item()


def fit_plainly(network, data, held_out, transform, *, epochs, batch_size, seed, **others):
    """Train as the book does: Adam at a rate of 0.001 throughout, the labels as they are."""
    assert held_out is None
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    network.to(memory_format=torch.channels_last).train()
    order = torch.Generator().manual_seed(seed)
    loader = DataLoader(TensorDataset(*data), batch_size, True, generator=order, drop_last=True)
    history = []
    for _ in range(epochs):
        losses, right = [], []
        for x, y in loader:
            loss, logits = loss_of(network, to_float(transform(x)), y, others["mixed_precision"])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            right.append((logits.argmax(1) == y).float().mean().item())
        means = statistics.mean(losses), statistics.mean(right)
        history.append({"loss": means[0], "train": means[1], "validation": None})
    return history


def loss_of(network, x, y, half):
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        logits = network(x).float()
    return nn.functional.cross_entropy(logits, y), logits


def step_seconds(rounds=9):
    """Return the seconds of training steps, one of each recipe of the ablation in each round."""
    x, y = torch.rand(256, 3, 32, 32).to(memory_format=torch.channels_last), torch.arange(256) % 10
    found = {}
    for recipe in ["flip + crop", *(recipe for recipe, _ in ROWS["ablation"])] * (rounds + 1):
        network, _, options = ingredients(recipe)
        network.to(memory_format=torch.channels_last)
        start = time.perf_counter()
        loss_of(network, x, y, options["mixed_precision"])[0].backward()
        found.setdefault(recipe, []).append(round(time.perf_counter() - start, 4))
    return {recipe: seconds[1:] for recipe, seconds in found.items()}  # the first is slower


def rounded(entry):
    figures = {key: entry[key] for key in ("loss", "train", "validation")}
    return {key: round(value, 4) for key, value in figures.items() if value is not None}


def make_usual_step():
    """Return a function that makes one training step of the usual recipe, on random pictures."""
    network = torchvision.models.resnet18(num_classes=10)
    network.conv1 = nn.Conv2d(3, 64, 3, padding=1)  # it does not reduce pictures of 32 pixels
    network.maxpool = nn.Identity()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    images = torch.rand(USUAL["batch_size"], 3, 32, 32)
    labels = torch.arange(USUAL["batch_size"]) % 10

    def step():
        start = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()
        return round(time.perf_counter() - start, 3)

    return step


def usual_seconds(results):
    """How long all the steps of the usual recipe take: its median step, extrapolated."""
    steps = USUAL["epochs"] * USUAL["pictures"] / USUAL["batch_size"]
    return steps * statistics.median(results["usual"]["seconds_of_a_step"])


def runs_of(results, part, recipe, epochs):
    row = part, recipe, epochs
    return [r for r in results["runs"] if row == tuple(r[k] for k in ("part", "recipe", "epochs"))]


def report(results, part):
    for recipe, epochs in ROWS[part]:
        runs = runs_of(results, part, recipe, epochs)
        if len(runs) < 2:
            continue
        train, test = (torch.tensor([run[key] for run in runs]) for key in ("train", "test"))
        line = f"{recipe:34} {epochs:3} epochs  train {train.mean():.3f}"
        line += f"  test {test.mean():.3f} ± {test.std():.3f}"
        if part == "time":
            seconds = statistics.median(run["seconds"] for run in runs)
            line += f"  {seconds:4.0f} s, {usual_seconds(results) / seconds:.0f} times as fast"
        print(line)
    for recipe, seconds in results.get("step_seconds", {}).items() if part == "ablation" else ():
        print(f"{recipe:34} a step {statistics.median(seconds):.3f} s")


def main():
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=ROWS)
    arguments = parser.parse_args()
    about = {
        "source": cifar10("test", progress=False).source,
        "recipes": {name: repr(transform) for name, transform in RECIPES.items()},
        "options": {name: str(value) for name, value in (OPTIONS | BATCHES).items()},
        "weights": sum(weights.numel() for weights in residual_network(10).parameters()),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }
    results = about | {"usual": USUAL | {"seconds_of_a_step": []}, "runs": []}
    if RESULTS.exists() and not arguments.fresh:
        results = json.loads(RESULTS.read_text())
        if results | about != results:
            parser.error(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")

    def add(run):
        results["runs"].append(run)
        results["runs"].sort(key=lambda run: (run["part"], run["seed"]))
        keep(results, RESULTS)

    done = {tuple(run[k] for k in ("part", "recipe", "epochs", "seed")) for run in results["runs"]}
    seeds = SEEDS[:1] if arguments.part == "best" else SEEDS
    todo = [(arguments.part, *row, seed) for seed in seeds for row in ROWS[arguments.part]]
    todo = [run for run in todo if run not in done]
    if arguments.part in ("time", "best"):
        torch.set_num_threads(os.cpu_count())
    if arguments.part == "time":
        usual_step = make_usual_step()
        usual_step()  # the first is slower
        for run in tqdm(todo, unit="training"):
            results["usual"]["seconds_of_a_step"] += [usual_step() for _ in range(STEPS_AT_ONCE)]
            add(train(run))
    elif arguments.part == "best":
        for run in tqdm(todo, unit="training"):
            add(train(run))
    else:
        for run in side_by_side(train, todo, arguments.workers):
            add(run)
    if arguments.part == "ablation":
        torch.set_num_threads(os.cpu_count())
        results["step_seconds"] = step_seconds()
        keep(results, RESULTS)
    report(results, arguments.part)


if __name__ == "__main__":
    main()
