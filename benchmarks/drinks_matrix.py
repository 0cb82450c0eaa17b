"""Which augmentation buys which robustness, what do pictures from the show buy, and what hurts?

    python benchmarks/drinks_matrix.py

trains fresh networks, 5 for each row: on the lab's pictures without augmentation, with one, with
all; on the lab's and some of the show's, without and with all; and on the two pairs of look-alikes,
without and with the augmentation that confuses them. Each is tested on every split.

Each training's figures go at once to benchmarks/results/drinks_matrix.json, so an interrupted run
goes on where it stopped. The first seed's networks "none" and "all" become the weights that the
lessons use, data/networks/*.safetensors.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

import torch
import torchvision
from torchvision.transforms import v2
from trainings import keep, side_by_side

from d2laug import augment
from d2laug.data import DRINKS_SPLITS, drinks
from d2laug.train import accuracy, confusion_matrix, fit, plain_network, save_network

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/drinks_matrix.json"
EPOCHS = 24
SEEDS = range(5)

flip = augment.RandomHorizontalFlip()
# The margin lets a box be larger than the picture: the drink is then farther away.
crop = torch.nn.Sequential(
    v2.Pad(24, padding_mode="edge"), augment.RandomResizedCrop(96, scale=(0.08, 1.0))
)
jitter = augment.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4)
temperature = augment.RandomColorTemperature(kelvin=(2500, 10000))
reflections = augment.RandomReflection()

RECIPES = {
    "none": None,
    "flip": flip,
    "crop": crop,
    "color jitter": jitter,
    "color temperature": temperature,
    "reflections": reflections,
    "all": torch.nn.Sequential(flip, crop, jitter, temperature, reflections),
    "color jitter, hue": augment.ColorJitter(0.4, 0.4, 0.4, hue=0.5),
    "tiny crop": augment.RandomResizedCrop(96, scale=(0.005, 0.02)),
}
SPLITS = [split for split in DRINKS_SPLITS if "train" not in split and "pairs" not in split]
TESTED_ON = {
    "lab": SPLITS,
    "pairs/mirror": ["pairs/mirror/test"],
    "pairs/hue": ["pairs/hue/test"],
}
COLLECTED = (5, 10, 20, 40)  # pictures of each drink that are collected at the show
# What is trained on, the recipe, and how many pictures of each drink come from the show.
ROWS = [
    *(("lab", recipe, 0) for recipe in RECIPES if recipe != "color jitter, hue"),
    *(("lab", recipe, count) for count in COLLECTED for recipe in ("none", "all")),
    *(("pairs/mirror", recipe, 0) for recipe in ("none", "flip")),
    *(("pairs/hue", recipe, 0) for recipe in ("none", "color jitter", "color jitter, hue")),
]
SHIPPED = ("none", "all")


def training_pictures(task, collected=0):
    """The pictures of the task, and the first `collected` of each drink from the show."""
    images, labels = drinks(f"{task}/train", tensors=True)
    if not collected:
        return images, labels
    new_images, new_labels = drinks("show/train", tensors=True)
    first = torch.cat([(new_labels == k).nonzero()[:collected, 0] for k in new_labels.unique()])
    return torch.cat([images, new_images[first]]), torch.cat([labels, new_labels[first]])


def train(task, recipe, collected, seed, epochs=EPOCHS):
    """One network from fresh weights, its history, and the seconds that the training took."""
    images, labels = training_pictures(task, collected)
    torch.manual_seed(seed)
    network = plain_network(int(labels.max()) + 1)
    options = {"batch_size": 64 if task == "lab" else 16, "progress": False}
    start = time.perf_counter()
    history = fit(
        network, (images, labels), transform=RECIPES[recipe], epochs=epochs, seed=seed, **options
    )
    return network, history, time.perf_counter() - start


def measure(run):
    """Train and test one network: its accuracy on every split, and what it takes for what."""
    task, recipe, collected, seed = run
    network, _, seconds = train(task, recipe, collected, seed)
    tests = {split: drinks(split, tensors=True) for split in TESTED_ON[task]}
    if (task, collected, seed) == ("lab", 0, 0) and recipe in SHIPPED:
        save_network(network, recipe)
    return {
        "trained_on": task,
        "recipe": recipe,
        "collected": collected,
        "seed": seed,
        "seconds": round(seconds, 1),
        "accuracy": {split: round(accuracy(network, data), 4) for split, data in tests.items()},
        "confusion": {
            split: confusion_matrix(network, data).tolist()
            for split, data in tests.items()
            if split in ("light/2500", "show/test") or "pairs" in split
        },
    }


def accuracies(results, recipe, collected=0, task="lab"):
    """The figures of one row: `{split: tensor of one accuracy a seed}`."""
    row = task, recipe, collected
    runs = [
        run
        for run in results["runs"]
        if row == tuple(run[k] for k in ("trained_on", "recipe", "collected"))
    ]
    return {s: torch.tensor([run["accuracy"][s] for run in runs]) for s in TESTED_ON[task]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="trainings at once")
    parser.add_argument("--fresh", action="store_true", help="forget the figures that are there")
    args = parser.parse_args()
    results = {
        "epochs": EPOCHS,
        "seeds": len(SEEDS),
        "classes": drinks("lab/test").classes,
        "recipes": {name: repr(transform) for name, transform in RECIPES.items()},
        "weights": sum(p.numel() for p in plain_network(12).parameters()),
        "machine": f"{platform.machine()}, one thread each",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "runs": [],
    }
    if RESULTS.exists() and not args.fresh:
        before = json.loads(RESULTS.read_text())
        if before | {"runs": []} != results:
            parser.error(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")
        results = before
    keys = ("trained_on", "recipe", "collected", "seed")
    done = {tuple(run[key] for key in keys) for run in results["runs"]}
    todo = [(*row, seed) for seed in SEEDS for row in ROWS if (*row, seed) not in done]
    RESULTS.parent.mkdir(exist_ok=True)
    for run in side_by_side(measure, todo, args.workers):
        results["runs"].append(run)
        results["runs"].sort(
            key=lambda run: [ROWS.index(tuple(run[k] for k in keys[:3])), run["seed"]]
        )
        keep(results, RESULTS)
    for recipe in RECIPES:
        found = accuracies(results, recipe)["show/test"]
        print(f"{recipe:18} show {found.mean():.3f} ± {found.std():.3f}")


if __name__ == "__main__":
    main()
