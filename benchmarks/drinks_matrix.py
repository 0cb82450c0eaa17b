"""Which augmentation buys which robustness, what do pictures from the show buy, and what hurts?

    python benchmarks/drinks_matrix.py

trains fresh networks, 5 for each row, and tests each on the splits of its task, `TESTED_ON`:

- on the lab's pictures: without augmentation, with one, with all, with all but one, with all in
  ranges that leave out what the show has, and with crops of other sizes; and on a quarter of them
- on the lab's pictures and some of the show's, and on these alone: without and with all, alone
  with flips and with crops too
- on the two pairs of look-alikes: without, and with more and more of the augmentation that confuses
  them

Networks of the lab are tested in a second hall too, and without collected pictures a second time
on pictures whose white was balanced. Both came later, and the file holds them where a lesson asks:
not for the five single augmentations nor the tiny crop, and of 5 to 20 collected pictures the hall
for one seed at most. A further run trains these again, after what is missing. Each training's
figures go at once to benchmarks/results/drinks_matrix.json, so an interrupted run goes on where it
stopped. The first seed's networks "none" and "all" are the weights that the lessons use,
data/networks/*.safetensors: while they are there they are only tested again.
"""

import json
import platform
import sys
import time
from pathlib import Path

import torch
import torchvision
from torchvision.transforms import v2
from trainings import keep, parser_of, side_by_side

from d2laug import augment
from d2laug.data import DRINKS_SPLITS, drinks
from d2laug.train import (
    accuracy,
    confusion_matrix,
    fit,
    load_network,
    plain_network,
    save_network,
)

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/drinks_matrix.json"
EPOCHS = 24
SEEDS = range(5)


def crops(low, high):
    """Crops of a share of the picture; the margin lets a box be larger: the drink is farther."""
    boxes = augment.RandomResizedCrop(96, scale=(low, high))
    return torch.nn.Sequential(v2.Pad(24, padding_mode="edge"), boxes)


PIECES = {
    "flip": augment.RandomHorizontalFlip(),
    "crop": crops(0.08, 1),
    "color jitter": augment.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4),
    "color temperature": augment.RandomColorTemperature(kelvin=(2500, 10000)),
    "reflections": augment.RandomReflection(),
}
# What leaves out what the show has: light below 4,500 K, drinks more than a third nearer or a
# quarter farther than in the lab, several lamps, and a camera that makes up for them.
ELSEWHERE = {
    "crop": crops(0.25, 0.7),
    "color temperature": augment.RandomColorTemperature(kelvin=(4500, 10000)),
    "reflections": augment.RandomReflection(number=(1, 1), auto_exposure=False),
}


def together(pieces):
    return torch.nn.Sequential(*pieces.values())


def without(left_out):
    return together({name: piece for name, piece in PIECES.items() if name != left_out})


def with_hue(hue):
    return augment.ColorJitter(0.4, 0.4, 0.4, hue=hue)


RECIPES = {
    "none": None,
    **PIECES,
    "all": together(PIECES),
    **{f"all without {name}": without(name) for name in PIECES},
    **{f"all, {name} elsewhere": together(PIECES | {name: ELSEWHERE[name]}) for name in ELSEWHERE},
    "all, all elsewhere": together(PIECES | ELSEWHERE),
    "tiny crop": augment.RandomResizedCrop(96, scale=(0.005, 0.02)),
    **{f"crop from {low}": crops(low, 1) for low in (0.02, 0.3, 0.6)},
    **{f"flip {p}": augment.RandomHorizontalFlip(p) for p in (0.1, 0.2)},
    **{f"hue {hue}": with_hue(hue) for hue in (0.05, 0.1, 0.2)},
    "color jitter, hue": with_hue(0.5),
}
PAIRED = ("flip 0.1", "flip 0.2", "hue 0.05", "hue 0.1", "hue 0.2", "color jitter, hue")
SEALED = "second_hall"  # looked at once, after everything was chosen
SPLITS = [
    split for split in DRINKS_SPLITS if not any(x in split for x in ("train", "pairs", SEALED))
]
FEW = "show, 10 each"  # trained at the show alone, on ten pictures of each drink
QUARTER = "lab, 20 each"  # a quarter of the lab's pictures
COLLECTED = (5, 10, 20, 40)  # pictures of each drink that are collected at the show
TESTED_ON = {
    "lab": [*SPLITS, SEALED],
    FEW: ["show/test"],
    QUARTER: ["lab/test", "show/test"],
    "pairs/mirror": ["pairs/mirror/test"],
    "pairs/hue": ["pairs/hue/test"],
}
# What is trained on, the recipe, and how many pictures of each drink come from the show.
ROWS = [
    *(("lab", recipe, 0) for recipe in RECIPES if recipe not in PAIRED),
    *(("lab", recipe, count) for count in COLLECTED for recipe in ("none", "all")),
    *((FEW, recipe, 0) for recipe in ("none", "flip", "crop", "all")),
    (QUARTER, "none", 0),
    *(("pairs/mirror", recipe, 0) for recipe in ("none", "flip 0.1", "flip 0.2", "flip")),
    *(("pairs/hue", recipe, 0) for recipe in ("none", "color jitter", *PAIRED[2:])),
]
SHIPPED = ("none", "all")


def first_of_each(images, labels, count):
    """Return the first `count` pictures of each drink."""
    some = torch.cat([(labels == label).nonzero()[:count, 0] for label in labels.unique()])
    return images[some], labels[some]


def training_pictures(task, collected=0):
    """The pictures of the task, and the first `collected` of each drink from the show."""
    folder, _, few = task.partition(", ")
    images, labels = drinks(f"{folder}/train", tensors=True)
    if few:
        images, labels = first_of_each(images, labels, int(few.split()[0]))
    if not collected:
        return images, labels
    new_images, new_labels = first_of_each(*drinks("show/train", tensors=True), collected)
    return torch.cat([images, new_images]), torch.cat([labels, new_labels])


def train(task, recipe, collected, seed, epochs=EPOCHS):
    """One network from fresh weights, its history, and the seconds that the training took.

    Few pictures are seen more often, so that there are as many steps, or a few less.
    """
    images, labels = training_pictures(task, collected)
    torch.manual_seed(seed)
    network = plain_network(int(labels.max()) + 1)
    options = {"batch_size": 16 if "pairs" in task else 64, "progress": False}
    if ", " in task:
        epochs = epochs * 960 // max(len(labels), 64)
    start = time.perf_counter()
    history = fit(
        network, (images, labels), transform=RECIPES[recipe], epochs=epochs, seed=seed, **options
    )
    return network, history, time.perf_counter() - start


def balanced(images, target):
    """Balance the white of each picture: scale its channels so that their means are `target`."""
    means = images.float().mean((2, 3), keepdim=True)
    return (images * (target / means)).clamp(0, 255).to(torch.uint8)


def measure(run):
    """Train and test one network: its accuracy on every split, and what it takes for what."""
    task, recipe, collected, seed = run
    seconds, shipped = 0.0, (task, collected, seed) == ("lab", 0, 0) and recipe in SHIPPED
    if shipped and (ROOT / f"data/networks/{recipe}.safetensors").exists():
        network = load_network(recipe)
    else:
        network, _, seconds = train(task, recipe, collected, seed)
    if shipped:
        save_network(network, recipe)
    tests = {split: drinks(split, tensors=True) for split in TESTED_ON[task]}
    found = {
        "trained_on": task,
        "recipe": recipe,
        "collected": collected,
        "seed": seed,
        "seconds": round(seconds, 1),
        "accuracy": {split: round(accuracy(network, data), 4) for split, data in tests.items()},
    }
    if task == "lab" and not collected:
        target = drinks("lab/train", tensors=True)[0].float().mean((0, 2, 3))[:, None, None]
        found["balanced"] = {
            split: round(accuracy(network, (balanced(images, target), labels)), 4)
            for split, (images, labels) in tests.items()
        }
    if "pairs" in task or recipe in SHIPPED:
        found["confusion"] = {
            split: confusion_matrix(network, data).tolist()
            for split, data in tests.items()
            if split == "show/test" or "pairs" in split
        }
    return found


def accuracies(results, recipe, collected=0, task="lab", which="accuracy"):
    """The figures of one row: `{split: tensor of one accuracy a seed}`."""
    row = task, recipe, collected
    runs = [
        run
        for run in results["runs"]
        if row == tuple(run[k] for k in ("trained_on", "recipe", "collected"))
    ]
    splits = [s for s in TESTED_ON[task] if all(s in run.get(which, {}) for run in runs)]
    return {s: torch.tensor([run[which][s] for run in runs]) for s in splits}


KEYS = ("trained_on", "recipe", "collected", "seed")


def is_whole(run):
    """Whether a network was tested on everything that it is tested on now."""
    wanted = set(TESTED_ON[run["trained_on"]])
    twice = run["trained_on"] == "lab" and not run["collected"]
    return wanted <= run["accuracy"].keys() and (
        not twice or wanted <= run.get("balanced", {}).keys()
    )


def earlier(results):
    """Return the runs that are there, unless they are of other recipes."""
    before = json.loads(RESULTS.read_text())
    same = all(before[k] == results[k] for k in ("epochs", "classes", "weights"))
    common = before["recipes"].keys() & results["recipes"].keys()
    if not same or any(before["recipes"][name] != results["recipes"][name] for name in common):
        sys.exit(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")
    return [run for run in before["runs"] if tuple(run[k] for k in KEYS[:3]) in ROWS]


def main():
    parser = parser_of(__doc__)
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
        results["runs"] = earlier(results)
    found = {tuple(run[key] for key in KEYS): run for run in results["runs"]}
    every = [(*row, seed) for seed in SEEDS for row in ROWS]
    # First what is missing, then what was not yet tested on everything, which is trained again.
    todo = [key for key in every if key not in found]
    again = [key for key in every if key in found and not is_whole(found[key])]
    todo += sorted(again, key=lambda key: (key[1] not in SHIPPED, key[2] not in (0, 40)))
    RESULTS.parent.mkdir(exist_ok=True)
    for run in side_by_side(measure, todo, args.workers):
        found[tuple(run[key] for key in KEYS)] = run
        ranks = sorted(found, key=lambda key: (ROWS.index(key[:3]), key[3]))
        results["runs"] = [found[key] for key in ranks]
        keep(results, RESULTS)
    for recipe in (recipe for task, recipe, count in ROWS if (task, count) == ("lab", 0)):
        shown = accuracies(results, recipe)["show/test"]
        print(f"{recipe:30} show {shown.mean():.3f} ± {shown.std():.3f}")


if __name__ == "__main__":
    main()
