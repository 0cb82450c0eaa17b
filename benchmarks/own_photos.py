"""What helps classes with few pictures, and what do augmented copies on the disk cost?

    python benchmarks/own_photos.py

trains small networks on the lab's pictures, five for each row, and tests them in the lab and at
the show:

- every second drink is rare: 4 pictures of it, 80 of each other. Pictures are drawn as they come,
  or each drink equally often, without augmentation and with that of lesson 07
- 40 pictures of each drink, with new draws in every epoch, or with 1 or 4 augmented copies of each
  that were made once

All rows have the same number of steps, or nearly. Each training's figures go at once to
benchmarks/results/own_photos.json, so an interrupted run goes on where it stopped.
"""

import os
import platform
import time
from functools import cache
from pathlib import Path

import torch
import torchvision
from drinks_matrix import PIECES, first_of_each, together
from torch.utils.data import WeightedRandomSampler
from trainings import earlier, keep, parser_of, side_by_side

from d2laug.data import drinks
from d2laug.train import confusion_matrix, fit, plain_network

RESULTS = Path(__file__).parent / "results" / "own_photos.json"
EPOCHS, AT_ONCE = 24, 4  # of the epochs, so many are drawn at once
SEEDS = range(5)
RARE, OFTEN, EACH = 4, 80, 40
SPLITS = ("lab/test", "show/test")
ROWS = {
    "as they come": (False, None, False),
    "equally often": (False, None, True),
    "as they come, augmented": (False, "new", False),
    "equally often, augmented": (False, "new", True),
    "new draws": (True, "new", False),
    "1 copy of each": (True, 1, False),
    "4 copies of each": (True, 4, False),
}


@cache
def pictures(even):
    """40 of each drink, or 80 of every second and 4 of the others."""
    images, labels = drinks("lab/train", tensors=True)
    if even:
        return first_of_each(images, labels, EACH)
    parts = [labels % 2 == rest for rest in (0, 1)]
    counts = OFTEN, RARE
    some = [
        first_of_each(images[part], labels[part], count)
        for part, count in zip(parts, counts, strict=True)
    ]
    return tuple(torch.cat(both) for both in zip(*some, strict=True))


def train(row, seed, epochs=EPOCHS):
    """Train one network."""
    even, augmented, equally = ROWS[row]
    (images, labels), transform = pictures(even), together(PIECES)
    torch.manual_seed(seed)
    if equally:
        weights = 1 / labels.bincount()[labels].double()
        order = torch.tensor([*WeightedRandomSampler(weights, AT_ONCE * len(labels))])
        images, labels, epochs = images[order], labels[order], epochs // AT_ONCE
    elif isinstance(augmented, int):
        parts = [
            transform(images[i : i + 96])
            for _ in range(augmented)
            for i in range(0, len(images), 96)
        ]
        images, labels, epochs = torch.cat(parts), labels.repeat(augmented), epochs // augmented
    torch.manual_seed(seed)
    network = plain_network(12)
    drawn = transform if augmented == "new" else None
    fit(network, (images, labels), transform=drawn, epochs=epochs, seed=seed, progress=False)
    return network


def measure(run):
    """Train and test one network: the share of each drink's pictures that is right."""
    row, seed, epochs = run
    start = time.perf_counter()
    network = train(row, seed, epochs)
    seconds = time.perf_counter() - start
    found = {}
    for split in SPLITS:
        counts = confusion_matrix(network, drinks(split, tensors=True))
        found[split] = [round(x, 4) for x in (counts.diag() / counts.sum(1)).tolist()]
    return {"row": row, "seed": seed, "seconds": round(seconds, 1), "right": found}


def main():
    parser = parser_of(__doc__)
    args = parser.parse_args()
    about = {
        "epochs": EPOCHS,
        "counts": {"rare": RARE, "often": OFTEN, "each": EACH},
        "pieces": [repr(piece) for piece in PIECES.values()],
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }
    results = earlier(parser, args, RESULTS, about, "epochs", "counts", "pieces")
    done = {(run["row"], run["seed"]) for run in results["runs"]}
    todo = [(row, seed, EPOCHS) for seed in SEEDS for row in ROWS if (row, seed) not in done]
    for run in side_by_side(measure, todo, args.workers):
        results["runs"].append(run)
        results["runs"].sort(key=lambda run: (run["seed"], [*ROWS].index(run["row"])))
        keep(results, RESULTS)
    for row in ROWS:
        for split in SPLITS:
            right = [run["right"][split] for run in results["runs"] if run["row"] == row]
            right = torch.tensor(right)
            often, rare = right[:, ::2].mean(1), right[:, 1::2].mean(1)
            print(
                f"{row:26} {split:10} often {often.mean():.3f} ± {often.std():.3f}  "
                f"rare {rare.mean():.3f} ± {rare.std():.3f}"
            )


if __name__ == "__main__":
    main()
