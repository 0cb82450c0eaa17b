"""What does a label cost that stays behind when its picture moves?

    python benchmarks/left_behind.py

trains small networks that mark the drink's pixels, on the lab's pictures and masks, five for each
recipe, and tests them in the lab, from other viewpoints, under warm light, with reflections and at
the show: intersection over union, the mean over the pictures. The loop is that of lesson 07, with
a mask in place of a class.

Each training's figures go at once to benchmarks/results/left_behind.json, so an interrupted run
goes on where it stopped.
"""

import os
import platform
import time
from functools import cache
from pathlib import Path

import torch
import torchvision
from torch.nn import functional as F
from torchvision import tv_tensors
from torchvision.transforms import v2
from trainings import earlier, keep, parser_of, side_by_side

from d2laug import augment
from d2laug.data import drinks, drinks_places
from d2laug.train import marking_network, save_network
from d2laug.train.networks import to_float

RESULTS = Path(__file__).parent / "results" / "left_behind.json"
SEEDS = range(5)
EPOCHS, BATCH, RATE = 12, 32, 4e-3
SAME = ("epochs", "rate", "batch", "splits", "recipes", "weights", "pieces")
SPLITS = ("lab/test", "viewpoint", "light/3500", "light/2500", "reflections", "show/test")


flip = augment.RandomHorizontalFlip()
turn = augment.RandomRotation(20, interpolation=v2.InterpolationMode.BILINEAR)
crop = augment.RandomResizedCrop(96, scale=(0.3, 1))
colors = v2.Compose(
    [
        augment.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4),
        augment.RandomColorTemperature(kelvin=(2500, 10000)),
        augment.RandomReflection(),
    ]
)


def moved(*steps):
    """The label goes with its picture."""
    return lambda x, masks: v2.Compose(steps)(x, masks)


def left_behind(*steps):
    """Only the picture is moved."""
    return lambda x, masks: (v2.Compose(steps)(x), masks)


def both(first, second):
    return lambda x, masks: second(*first(x, masks))


RECIPES = {
    "none": moved(v2.Identity()),
    "colors": moved(colors),
    "all, labels moved": moved(flip, turn, crop, colors),
    "all, left behind by the flip": both(left_behind(flip), moved(turn, crop, colors)),
    "all, left behind by turn and crop": both(moved(flip), left_behind(turn, crop, colors)),
    "all, left behind": left_behind(flip, turn, crop, colors),
}

# Of the first seed's networks these go to data/networks, for lesson 13.
WEIGHTS = {"all, labels moved": "labels_moved", "all, left behind": "labels_left_behind"}


def train(network, images, masks, recipe, seed, epochs=EPOCHS):
    """Train in place: the loop of lesson 07, with a mask in place of a class."""
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.05)
    batches = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches)
    network.to(memory_format=torch.channels_last).train()
    for _ in range(epochs):
        for index in torch.randperm(len(images)).split(BATCH)[:batches]:
            # an indexed mask is a plain tensor, which would stay behind without a word
            x, y = recipe(images[index], tv_tensors.Mask(masks[index]))
            loss = F.binary_cross_entropy_with_logits(network(to_float(x)), y.float())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()


@torch.no_grad()
def overlaps(network, images, masks):
    """Return the intersection over union of each picture, `[N]`."""
    network.eval()
    found = torch.cat([network(to_float(x)) > 0 for x in images.split(256)])
    shared, either = found & masks.bool(), found | masks.bool()
    return shared.sum((1, 2, 3)) / either.sum((1, 2, 3))


@cache
def places(split):
    """The pictures `[N, 3, 96, 96]`, and the masks `[N, 1, 96, 96]` of their drinks."""
    return drinks(split, tensors=True)[0], drinks_places(split)["masks"][:, None]


def measure(run):
    """Train and test one network."""
    recipe, seed, epochs = run
    torch.manual_seed(seed)
    network = marking_network()
    start = time.perf_counter()
    train(network, *places("lab/train"), RECIPES[recipe], seed, epochs)
    seconds = time.perf_counter() - start
    if (seed, epochs) == (0, EPOCHS) and recipe in WEIGHTS:
        save_network(network, WEIGHTS[recipe])
    found = {split: overlaps(network, *places(split)).mean().item() for split in SPLITS}
    return {
        "recipe": recipe,
        "seed": seed,
        "seconds": round(seconds, 1),
        "overlap": {split: round(value, 4) for split, value in found.items()},
    }


def main():
    parser = parser_of(__doc__)
    args = parser.parse_args()
    about = {
        "epochs": EPOCHS,
        "rate": RATE,
        "batch": BATCH,
        "splits": [*SPLITS],
        "recipes": [*RECIPES],
        "weights": sum(weights.numel() for weights in marking_network().parameters()),
        "pieces": [repr(piece) for piece in (flip, turn, crop, colors)],
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }
    results = earlier(parser, args, RESULTS, about, *SAME)
    done = {(run["recipe"], run["seed"]) for run in results["runs"]}
    todo = [(name, seed, EPOCHS) for seed in SEEDS for name in RECIPES if (name, seed) not in done]
    for run in side_by_side(measure, todo, args.workers):
        results["runs"].append(run)
        results["runs"].sort(key=lambda run: (run["seed"], [*RECIPES].index(run["recipe"])))
        keep(results, RESULTS)
    for name in RECIPES:
        rows = [run["overlap"] for run in results["runs"] if run["recipe"] == name]
        for split in SPLITS:
            values = torch.tensor([row[split] for row in rows])
            print(f"{name:34} {split:12} {values.mean():.3f} ± {values.std():.3f}")


if __name__ == "__main__":
    main()
