"""What do the recipes with names buy, beside a pipeline that was chosen for what will change?

    python benchmarks/modern_recipes.py [drinks] [cifar10]

trains fresh networks, three for each recipe: on the lab's pictures of the drinks, tested wherever
lesson 07 tests; and on a fifth of CIFAR-10 (where there is a copy: see d2laug.data.cifar10). What
was trained without augmentation and with the hand-picked pipeline is tested once more with the mean
answer to several views of each picture: test-time augmentation.

Each training's figures go at once to benchmarks/results/modern_recipes.json, so an interrupted run
goes on where it stopped.
"""

import json
import platform
import time
from functools import cache
from pathlib import Path

import torch
import torchvision
from cifar10 import GAP_PICTURES as CIFAR10_PICTURES
from cifar10 import OPTIONS as CIFAR10_OPTIONS
from cifar10 import RECIPES as CIFAR10_BY_HAND
from drinks_matrix import RECIPES as BY_HAND
from drinks_matrix import training_pictures
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
from trainings import keep, parser_of, side_by_side

from d2laug import augment
from d2laug.data import cifar10, drinks
from d2laug.train import check_data, fit, plain_network, predict, residual_network

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/modern_recipes.json"
SEEDS = {"drinks": range(3), "cifar10": range(3)}
EPOCHS = {"drinks": 24, "cifar10": 8}
CLASSES = {"drinks": 12, "cifar10": 10}
NETWORK = {"drinks": plain_network, "cifar10": residual_network}
OPTIONS = {
    "drinks": {"batch_size": 64},
    "cifar10": CIFAR10_OPTIONS | {"batch_size": 128, "lr": 0.1},
}
SIZE = {"drinks": 96, "cifar10": 32}
PLACES = ("lab/test", "light/2500", "reflections", "viewpoint", "turned", "show/test")


class EachPicture(torch.nn.Module):
    """Call `transform` for each picture of a batch: it draws one set of numbers a call."""

    def __init__(self, transform):
        super().__init__()
        self.transform = transform

    def forward(self, batch):
        return torch.stack([self.transform(image) for image in batch])


def recipes(task):
    """The recipes of a task: `{name: (transform, mix)}`, both of them None where there is none."""
    classes, size = CLASSES[task], SIZE[task]
    flip = augment.RandomHorizontalFlip()
    by_hand = BY_HAND["all"] if task == "drinks" else CIFAR10_BY_HAND["flip + crop"]
    trivial, erasing = EachPicture(v2.TrivialAugmentWide()), EachPicture(v2.RandomErasing())
    mixup, cutmix = v2.MixUp(num_classes=classes), v2.CutMix(num_classes=classes)
    # torchvision's own training recipe of 2021, with its probability and its alphas
    together = torch.nn.Sequential(
        augment.RandomResizedCrop(size), flip, trivial, EachPicture(v2.RandomErasing(p=0.1))
    )
    mixup_or_cutmix = v2.RandomChoice([v2.MixUp(alpha=0.2, num_classes=classes), cutmix])
    return {
        "none": (None, None),
        "hand-picked": (by_hand, None),
        "TrivialAugment": (trivial, None),
        "RandAugment": (EachPicture(v2.RandAugment()), None),
        "AugMix": (EachPicture(v2.AugMix()), None),
        "erasing": (erasing, None),
        "MixUp": (None, mixup),
        "CutMix": (None, cutmix),
        "torchvision's recipe": (together, mixup_or_cutmix),
    }


# ---- test-time augmentation: more views of a batch, whose answers are averaged with the first


def mirror(images):
    return [images.flip(-1)]


def sizes(images):
    """Two nearer views, and one from farther away."""
    size, views = images.shape[-1], []
    for share in (0.8, 0.9, 1.2):
        side = round(size * share)
        margin = max(0, -(-(side - size) // 2))
        around = F.pad(images, [margin], padding_mode="edge")
        views.append(F.resize(F.center_crop(around, [side]), [size], antialias=True))
    return views


def draws(images, n=8):
    """The hand-picked pipeline of the drinks, `n` times: random, as in training."""
    torch.manual_seed(0)
    return [BY_HAND["all"](images) for _ in range(n)]


VIEWS = {
    "drinks": {"mirror": mirror, "sizes": sizes, "8 draws": draws},
    "cifar10": {"mirror": mirror, "sizes": sizes},
}
WITH_VIEWS = ("none", "hand-picked")


def test_accuracy(network, data, views):
    """The accuracy on `data`, and for each of `views` that of the mean of all answers."""
    images, labels = check_data(data)
    answers = predict(network, images)
    sums = {
        name: answers + sum(predict(network, v) for v in f(images)) for name, f in views.items()
    }

    def share(answers):
        return round((answers.argmax(1) == labels).float().mean().item(), 4)

    return share(answers), {name: share(answers) for name, answers in sums.items()}


# ---- training


@cache
def pictures(task):
    """The training pictures of a task, and its tests."""
    if task == "drinks":
        return training_pictures("lab"), {p: drinks(p, tensors=True) for p in PLACES}
    images, labels = cifar10("train", tensors=True, progress=False)
    train = images[:CIFAR10_PICTURES], labels[:CIFAR10_PICTURES]
    return train, {"test": cifar10("test", tensors=True, progress=False)}


def measure(run):
    """Train and test one network: its accuracy on every test, and with several views."""
    task, recipe, seed, epochs = run
    train, tests = pictures(task)
    transform, mix = recipes(task)[recipe]
    torch.manual_seed(seed)
    network = NETWORK[task](CLASSES[task])
    options = OPTIONS[task] | {"epochs": epochs, "seed": seed, "progress": False}
    start, used = time.perf_counter(), time.process_time()
    history = fit(network, train, transform=transform, mix=mix, **options)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    views = VIEWS[task] if recipe in WITH_VIEWS else {}
    found = {name: test_accuracy(network, data, views) for name, data in tests.items()}
    return {
        "task": task,
        "recipe": recipe,
        "seed": seed,
        "seconds": round(seconds, 1),
        "processor_seconds": round(used, 1),
        "train": round(history[-1]["train"], 4),
        "accuracy": {name: accuracy for name, (accuracy, _) in found.items()},
        "views": {
            view: {name: of_views[view] for name, (_, of_views) in found.items()} for view in views
        },
    }


def accuracies(results, task, recipe, test, view=None):
    """The figures of one cell: a tensor of one accuracy a seed."""
    runs = [r for r in results["runs"] if (r["task"], r["recipe"]) == (task, recipe)]
    return torch.tensor([(r["views"][view] if view else r["accuracy"])[test] for r in runs])


def about(task):
    """What was trained on what: figures of anything else are not mixed with these."""
    return {
        "epochs": EPOCHS[task],
        "pictures": CIFAR10_PICTURES if task == "cifar10" else len(training_pictures("lab")[1]),
        "recipes": {name: [repr(part) for part in both] for name, both in recipes(task).items()},
        "network": NETWORK[task].__name__,
        "options": {name: _said(value) for name, value in OPTIONS[task].items()},
        "views": list(VIEWS[task]),
        "machine": f"{platform.machine()}, one thread each",
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    }


def _said(value):
    return value if isinstance(value, (int, float)) else str(value)


def main():
    parser = parser_of(__doc__)
    parser.add_argument("tasks", nargs="*", help="drinks, cifar10; both where none is named")
    parser.add_argument("--seeds", type=int, help="fewer seeds than usual")
    parser.add_argument("--epochs", type=int, help="for a trial: its figures are not kept")
    args = parser.parse_args()
    tasks = args.tasks or list(SEEDS)
    if set(tasks) - set(SEEDS):
        parser.error(f"no task is called {sorted(set(tasks) - set(SEEDS))[0]!r}")
    results = {task: about(task) for task in SEEDS} | {"runs": []}
    if RESULTS.exists() and not args.epochs:
        before = json.loads(RESULTS.read_text())
        for task in SEEDS:
            runs = [run for run in before["runs"] if run["task"] == task]
            if args.fresh and task in tasks:
                continue
            if runs and before[task] != results[task]:
                parser.error(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")
            results["runs"] += runs
    done = {(run["task"], run["recipe"], run["seed"]) for run in results["runs"]}
    todo = [
        (task, recipe, seed, args.epochs or EPOCHS[task])
        for task in tasks
        for seed in SEEDS[task][: args.seeds]
        for recipe in recipes(task)
        if (task, recipe, seed) not in done
    ]
    todo.sort(key=lambda run: run[2])  # all recipes with one seed, then with the next
    order = {(task, recipe): n for task in SEEDS for n, recipe in enumerate(recipes(task))}
    for run in side_by_side(measure, todo, args.workers):
        results["runs"].append(run)
        results["runs"].sort(key=lambda r: (r["task"], order[r["task"], r["recipe"]], r["seed"]))
        if not args.epochs:
            keep(results, RESULTS)
    for run in results["runs"]:
        if run["task"] in tasks:
            shown = {
                k: v for k, v in run["accuracy"].items() if k in ("lab/test", "show/test", "test")
            }
            print(run["task"], run["recipe"], run["seed"], shown, run["views"], run["seconds"])


if __name__ == "__main__":
    main()
