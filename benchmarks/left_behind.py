"""What does a label cost that stays behind when its picture moves?

    python benchmarks/left_behind.py

trains small networks that mark the drink's pixels, on the lab's pictures and masks, five for each
recipe, and tests them where lesson 07 tests: intersection over union, the mean over the pictures.
The network is a small one, and the loop that of lesson 07 with a mask in place of a class.

Each training's figures go at once to benchmarks/results/left_behind.json, so an interrupted run
goes on where it stopped.
"""

import json
import os
import platform
import time
from functools import cache
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision import tv_tensors
from torchvision.transforms import v2
from trainings import keep, parser_of, side_by_side

from d2laug import augment
from d2laug.data import drinks, drinks_places
from d2laug.train.networks import to_float

RESULTS = Path(__file__).parent / "results" / "left_behind.json"
SEEDS = range(5)
EPOCHS, BATCH, RATE = 12, 32, 4e-3
SPLITS = ("lab/test", "viewpoint", "light/3500", "light/2500", "reflections", "show/test")


def block(n_in, n_out, stride=1):
    layer = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(n_out), nn.ReLU())


class Marker(nn.Module):
    """Pictures, float `[N, 3, 96, 96]`, to logits `[N, 1, 96, 96]`: positive on the drink."""

    def __init__(self):
        super().__init__()
        self.normalize = v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3)
        self.down = nn.ModuleList([block(3, 24, 2), block(24, 48, 2), block(48, 96, 2)])
        self.around = nn.Sequential(block(96, 96), block(96, 96))
        self.up = nn.ModuleList([block(96 + 48, 48), block(48 + 24, 24)])
        self.last = nn.Conv2d(24, 1, 1)

    def forward(self, x):
        x, sizes = self.normalize(x), []
        for layer in self.down:  # 48, 24 and 12 pixels wide
            x = layer(x)
            sizes.append(x)
        x = self.around(x)
        for layer, finer in zip(self.up, sizes[-2::-1], strict=True):
            x = layer(torch.cat([F.interpolate(x, scale_factor=2), finer], 1))
        return F.interpolate(self.last(x), scale_factor=2, mode="bilinear")


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
    network = Marker()
    start = time.perf_counter()
    train(network, *places("lab/train"), RECIPES[recipe], seed, epochs)
    seconds = time.perf_counter() - start
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
        "weights": sum(weights.numel() for weights in Marker().parameters()),
        "pieces": [repr(piece) for piece in (flip, turn, crop, colors)],
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }
    results = about | {"runs": []}
    if RESULTS.exists() and not args.fresh:
        results = json.loads(RESULTS.read_text())
        if results | {k: about[k] for k in ("epochs", "weights", "pieces")} != results:
            parser.error(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")
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
