"""CIFAR-10 on a CPU: the overfitting gap, and the accuracy of a usual recipe in far less time.

    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py gap
    D2LAUG_CIFAR10=cifar10.zip python benchmarks/cifar10.py time

`gap` trains without, with one and with all augmentations on a fifth of the pictures, on one thread
each. `time` trains on all pictures and all cores; before each training it times some steps of the
usual recipe (ResNet-18, Adam, ten epochs), as the book "Dive into Deep Learning" has it, which is
then extrapolated: its steps x its batches x its epochs, the loading of its pictures not counted.

Every training's figures go at once to benchmarks/results/cifar10.json, so that an interrupted run
goes on where it stopped. The data are found as `d2laug.data.cifar10` finds them.
"""

import argparse
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
from tqdm import tqdm
from trainings import keep, side_by_side

from d2laug import augment
from d2laug.data import cifar10
from d2laug.train import accuracy, fit, residual_network

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
# What is trained in each part: the recipe, and how many epochs.
ROWS = {
    "gap": [(recipe, 15) for recipe in RECIPES],
    "time": [("flip + crop", 7), ("flip + crop", 18)],
}
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
    network = residual_network(10)
    options = OPTIONS | BATCHES[part] | {"epochs": epochs, "seed": seed}
    start = time.perf_counter()
    history = fit(network, (images, labels), held_out, RECIPES[recipe], **options, progress=False)
    seconds = time.perf_counter() - start
    return {
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
        line = f"{recipe:12} {epochs:3} epochs  train {train.mean():.3f}"
        line += f"  test {test.mean():.3f} ± {test.std():.3f}"
        if part == "time":
            seconds = statistics.median(run["seconds"] for run in runs)
            line += f"  {seconds:4.0f} s, {usual_seconds(results) / seconds:.0f} times as fast"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=ROWS)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="trainings at once")
    parser.add_argument("--fresh", action="store_true", help="forget the figures that are there")
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
    todo = [(arguments.part, *row, seed) for seed in SEEDS for row in ROWS[arguments.part]]
    todo = [run for run in todo if run not in done]
    if arguments.part == "time":
        torch.set_num_threads(os.cpu_count())
        usual_step = make_usual_step()
        usual_step()  # the first is slower
        for run in tqdm(todo, unit="training"):
            results["usual"]["seconds_of_a_step"] += [usual_step() for _ in range(STEPS_AT_ONCE)]
            add(train(run))
    else:
        for run in side_by_side(train, todo, arguments.workers):
            add(run)
    report(results, arguments.part)


if __name__ == "__main__":
    main()
