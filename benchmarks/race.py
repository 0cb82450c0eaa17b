"""What does a network know of the show, epoch by epoch, without augmentation and with all of it?

    python benchmarks/race.py

trains two networks as lesson 07 does, with the same first weights, the same order of the pictures
and the same schedule, and tests each after every epoch in the lab and at the show. These are the
trainings of the first two networks of benchmarks/drinks_matrix.py; on another machine they end a
little elsewhere.

The accuracies go to benchmarks/results/race.json. Beside it, race.webp keeps one can: as it was
taken in the lab, and as the second network got it in each epoch. `d2laug.pages.race` makes the film
of both.
"""

import platform
import time

import torch
import torchvision
from drinks_matrix import EPOCHS, RECIPES, RESULTS, SHIPPED
from torchvision.transforms.v2 import functional as F
from torchvision.utils import make_grid
from trainings import earlier, keep, parser_of, side_by_side

from d2laug.data import drink, drinks
from d2laug.train import accuracy, fit, plain_network

RESULTS = RESULTS.with_name("race.json")
SEED = 0
SPLITS = ("lab/test", "show/test")
CAN = ("cherry can", 1, "lab/train")  # which of its pictures is shown
ACROSS = 5  # pictures in a row of race.webp
SAME = ("epochs", "seed", "can", "recipes")


def watched(transform, picture, seen):
    """The transform, which adds to `seen` what it makes of one picture, `uint8` `[3, H, W]`."""

    def change(images):
        changed = images if transform is None else transform(images)
        seen.extend(changed[(images == picture).flatten(1).all(1)])
        return changed

    return change


def tested(network, tests, found):
    """An optimizer for `fit` that tests the network at the end of each epoch, and adds to `found`.

    A test draws nothing and changes no weight, so the training goes on as without it.
    """
    steps = len(drinks("lab/train").targets) // 64

    def make(weights, **options):
        optimizer = torch.optim.AdamW(weights, **options)
        done = 0

        def after_a_step(*_):
            nonlocal done
            done += 1
            if done % steps == 0:
                found.append({split: accuracy(network, data) for split, data in tests.items()})
                network.train()

        optimizer.register_step_post_hook(after_a_step)
        return optimizer

    return make


def measure(recipe, epochs=EPOCHS):
    """Train a network; return its figures, from before the first epoch on, and what it saw."""
    torch.manual_seed(SEED)
    network, seen, start = plain_network(12), [], time.perf_counter()
    tests = {split: drinks(split, tensors=True) for split in SPLITS}
    found = [{split: accuracy(network, data) for split, data in tests.items()}]
    fit(
        network,
        drinks("lab/train", tensors=True),
        transform=watched(RECIPES[recipe], drink(*CAN), seen),
        optimizer=tested(network, tests, found),
        epochs=epochs,
        seed=SEED,
        progress=False,
    )
    run = {
        "recipe": recipe,
        "seconds": round(time.perf_counter() - start, 1),
        "accuracy": {split: [round(one[split], 4) for one in found] for split in SPLITS},
    }
    return run, torch.stack(seen[-epochs:])  # before them `fit` tries the transform


def save_pictures(seen):
    """Write the can as it is, then as the network saw it in each epoch, row by row."""
    pictures = torch.cat([drink(*CAN)[None], seen])
    grid = make_grid(pictures, ACROSS, padding=0)
    F.to_pil_image(grid).save(RESULTS.with_suffix(".webp"), quality=85, method=6)


def main():
    parser = parser_of(__doc__)
    args = parser.parse_args()
    about = {
        "epochs": EPOCHS,
        "seed": SEED,
        "can": [*CAN],
        "across": ACROSS,
        "recipes": {name: repr(RECIPES[name]) for name in SHIPPED},
        "machine": f"{platform.machine()}, one thread each",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }
    results = earlier(parser, args, RESULTS, about, *SAME)
    done = {run["recipe"] for run in results["runs"]}
    todo = [recipe for recipe in SHIPPED if recipe not in done]
    for run, seen in side_by_side(measure, todo, args.workers):
        if run["recipe"] == "all":
            save_pictures(seen)
        results["runs"].append(run)
        results["runs"].sort(key=lambda run: SHIPPED.index(run["recipe"]))
        keep(results, RESULTS)
    for run in results["runs"]:
        for split, found in run["accuracy"].items():
            print(f"{run['recipe']:5} {split:10}", *(f"{one:.2f}" for one in found))


if __name__ == "__main__":
    main()
