"""How hard is each split of the drinks for a network that saw the lab only, without augmentation?

    python benchmarks/drinks_sanity.py

trains 5 networks on lab/train and 5 more on lab/train and show/train together, writes every
accuracy to benchmarks/results/drinks_sanity.json and the table into data/README.md.
"""

import argparse
import json
import os
import platform
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from d2laug.data import DRINKS_SPLITS, drinks

CLASSES = 12
ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/drinks_sanity.json"
CARD = ROOT / "data/README.md"
TRAINED_ON = {"lab": ["lab/train"], "lab + show/train": ["lab/train", "show/train"]}
TESTED_ON = [s for s in DRINKS_SPLITS if "train" not in s and "pairs" not in s]


def network(classes):
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
    ).to(memory_format=torch.channels_last)


def scaled(images):
    """Pictures from 0 to 255 as floats around 0."""
    return (images.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def fit(images, labels, seed, epochs, batch_size=64, lr=4e-3):
    """A network trained from fresh weights: AdamW, one cycle, label smoothing, no augmentation."""
    torch.manual_seed(seed)
    model = network(int(labels.max()) + 1).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.05)
    steps = len(images) // batch_size
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=epochs * steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(images))[: steps * batch_size].split(batch_size):
            logits = model(scaled(images[batch]))
            loss = F.cross_entropy(logits, labels[batch], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.no_grad()
def predict(model, images):
    return torch.cat([model(scaled(part)).argmax(1) for part in images.split(256)])


def measure(seeds, epochs):
    """Accuracy of every training on every split, and what the lab's networks take for what."""
    models = {}
    for name, splits in TRAINED_ON.items():
        parts = [drinks(split, tensors=True) for split in splits]
        images, labels = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        models[name] = []
        for seed in tqdm(range(seeds), f"trained on {name}"):
            models[name].append(fit(images, labels, seed, epochs))
    accuracy = {name: {} for name in models}
    confusion = {}
    for split in TESTED_ON:
        images, labels = drinks(split, tensors=True)
        for name in models:
            said = [predict(model, images) for model in models[name]]
            accuracy[name][split] = [round((s == labels).float().mean().item(), 4) for s in said]
            if name == "lab":
                pairs = labels.repeat(seeds) * CLASSES + torch.cat(said)
                counts = torch.bincount(pairs, minlength=CLASSES**2)
                confusion[split] = counts.view(CLASSES, CLASSES).tolist()
    return {
        "accuracy": accuracy,
        "classes": drinks("lab/test").classes,
        "confusion": confusion,
        "weights": sum(p.numel() for p in network(CLASSES).parameters()),
    }


def table(results):
    """The table of the data card, in Markdown."""
    rows = ["| tested on | " + " | ".join(f"trained on {name}" for name in TRAINED_ON) + " |"]
    rows.append("|---" * (len(TRAINED_ON) + 1) + "|")
    for split in TESTED_ON:
        cells = [torch.tensor(results["accuracy"][name][split]) for name in TRAINED_ON]
        rows.append(
            f"| `{split}` | " + " | ".join(f"{c.mean():.3f} ± {c.std():.3f}" for c in cells) + " |"
        )
    return "\n".join(rows)


def put_table(card, results):
    """The card's text with its table replaced."""
    before, rest = card.split("<!-- sanity table -->\n")
    _, after = rest.split("<!-- end of table -->")
    return f"{before}<!-- sanity table -->\n{table(results)}\n<!-- end of table -->{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    results = {
        "seeds": args.seeds,
        "epochs": args.epochs,
        "machine": f"{platform.machine()}, {args.threads} threads",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        },
        **measure(args.seeds, args.epochs),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    CARD.write_text(put_table(CARD.read_text(), results))
    print(table(results))


if __name__ == "__main__":
    main()
