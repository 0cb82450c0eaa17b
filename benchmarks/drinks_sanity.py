"""How hard is each split of the drinks for a small network that saw the lab without augmentation?

    python benchmarks/drinks_sanity.py

trains 5 networks on lab/train and 5 more on lab/train and show/train together, writes every
accuracy to benchmarks/results/drinks_sanity.json and the table into data/README.md. The network has
half the weights of the lessons' network and learns for half as long, so that the card does not
speak of one network alone.
"""

import json
import platform
from pathlib import Path

import torch
import torchvision
from drinks_matrix import SPLITS, training_pictures
from torch import nn
from trainings import side_by_side

from d2laug.data import drinks
from d2laug.train import accuracy, confusion_matrix, fit

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/drinks_sanity.json"
CARD = ROOT / "data/README.md"
SEEDS, EPOCHS = range(5), 12
TRAINED_ON = {"lab": 0, "lab + show/train": 40}  # and the pictures of each drink from the show


def sanity_network(classes):
    """Five convolutions, about 160,000 weights, for 96 x 96 pictures."""

    def convolution(inputs, outputs, size=3, stride=1):
        weights = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        return [weights, nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        *convolution(3, 24, 5, 2),
        nn.MaxPool2d(2),
        *convolution(24, 48),
        nn.MaxPool2d(2),
        *convolution(48, 64),
        *convolution(64, 88),
        nn.MaxPool2d(2),
        *convolution(88, 88),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(88, classes),
    )


def measure(run):
    """Train one network; its accuracy on every split, and what it takes for what at the show."""
    name, seed = run
    torch.manual_seed(seed)
    network = sanity_network(12)
    fit(
        network,
        training_pictures("lab", TRAINED_ON[name]),
        epochs=EPOCHS,
        seed=seed,
        progress=False,
    )
    tests = {split: drinks(split, tensors=True) for split in SPLITS}
    return {
        "trained_on": name,
        "seed": seed,
        "accuracy": {split: round(accuracy(network, data), 4) for split, data in tests.items()},
        "confusion": confusion_matrix(network, tests["show/test"]).tolist(),
    }


def accuracies(results, name, split):
    """The accuracies of one training on one split, one a seed."""
    runs = [run for run in results["runs"] if run["trained_on"] == name]
    return torch.tensor([run["accuracy"][split] for run in runs])


def table(results):
    """The table of the data card, in Markdown."""
    rows = ["| tested on | " + " | ".join(f"trained on {name}" for name in TRAINED_ON) + " |"]
    rows.append("|---" * (len(TRAINED_ON) + 1) + "|")
    for split in SPLITS:
        cells = [accuracies(results, name, split) for name in TRAINED_ON]
        figures = " | ".join(f"{c.mean():.3f} ± {c.std():.3f}" for c in cells)
        rows.append(f"| `{split}` | {figures} |")
    return "\n".join(rows)


def put_table(card, results):
    """The card's text with its table replaced."""
    before, rest = card.split("<!-- sanity table -->\n")
    _, after = rest.split("<!-- end of table -->")
    return f"{before}<!-- sanity table -->\n{table(results)}\n<!-- end of table -->{after}"


def main():
    runs = [(name, seed) for name in TRAINED_ON for seed in SEEDS]
    found = list(side_by_side(measure, runs))
    found.sort(key=lambda run: runs.index((run["trained_on"], run["seed"])))
    results = {
        "epochs": EPOCHS,
        "weights": sum(p.numel() for p in sanity_network(12).parameters()),
        "classes": drinks("lab/test").classes,
        "machine": f"{platform.machine()}, one thread each",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "runs": found,
    }
    RESULTS.write_text(json.dumps(results) + "\n")
    CARD.write_text(put_table(CARD.read_text(), results))
    print(table(results))


if __name__ == "__main__":
    main()
