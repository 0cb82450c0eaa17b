"""How fast the batched augmentations are beside other libraries: one process, everyone in turn.

    python benchmarks/augment_speed.py            # tables, and results/augment_speed.json
    python benchmarks/augment_speed.py --resume   # the same, without the tables that are there
    python benchmarks/augment_speed.py --quick    # the smallest workload, and no file

Needs the extra `bench` (Albumentations) and takes about seven minutes. Every peer gets
the same uint8 pictures, in the memory layout it likes best, and gives back one float32 batch in 0
to 1. A round gives each peer one turn; the tables show medians over the rounds, so compare numbers
within a table and not between runs. At the end what was reached is held against the goals.
"""

import argparse
import json
import os
import platform
import statistics
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

# No question to the network whether there is a newer version.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations
import cv2
import kornia.augmentation
import numpy as np
import torch
from albumentations.pytorch import ToTensorV2
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.transforms import v2

from d2laug import augment
from d2laug.train import plain_network

RESULTS = Path(__file__).parent / "results" / "augment_speed.json"
# name: pictures in a batch, side of the source, side of the result of a crop
WORKLOADS = {"32": (512, 32, 32), "96": (128, 96, 96), "256 to 224": (64, 256, 224)}
OPS = ("flip", "crop", "brightness", "hue", "all")
JITTER = {"brightness": {"brightness": 0.5}, "hue": {"hue": 0.5}}
JITTER["all"] = {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5}


def steps(op, size, crop, flip, jitter):
    """The transforms of `op`, in the usual order: crop, flip, change of colors."""
    chosen = []
    if op in ("crop", "all"):
        chosen.append(crop(size))
    if op in ("flip", "all"):
        chosen.append(flip())
    if op in JITTER:
        chosen.append(jitter(**JITTER[op]))
    return chosen


class Pictures(Dataset):
    def __init__(self, arrays, transform):
        self.arrays, self.transform = arrays, transform

    def __len__(self):
        return len(self.arrays)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.arrays[i]))


# Each peer is a function of (pictures uint8 [N, H, W, 3], op, side of the result, float32 batch to
# write to) that returns a function which augments all the pictures once.


def d2l(arrays, op, size, buffer):
    """The way of the book "Dive into Deep Learning": PIL pictures through a DataLoader."""
    return lambda: next(iter(loader(arrays, op, size, workers=0)))


def loader(arrays, op, size, workers):
    chosen = steps(
        op,
        size,
        transforms.RandomResizedCrop,
        transforms.RandomHorizontalFlip,
        transforms.ColorJitter,
    )
    dataset = Pictures(arrays, transforms.Compose([*chosen, transforms.ToTensor()]))
    return DataLoader(
        dataset,
        batch_size=len(arrays) if workers == 0 else len(arrays) // BATCHES_OF_WORKERS,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


BATCHES_OF_WORKERS = 8


def d2l_two_workers(arrays, op, size, buffer):
    """The same with two workers. They work ahead, so a turn is a whole epoch of eight batches."""
    many = loader(np.concatenate([arrays] * BATCHES_OF_WORKERS), op, size, workers=2)

    def epoch():
        for batch in many:
            last = batch
        return last

    epoch.batches = BATCHES_OF_WORKERS
    return epoch


def torchvision_each(arrays, op, size, buffer):
    transform = v2.Compose(
        steps(op, size, v2.RandomResizedCrop, v2.RandomHorizontalFlip, v2.ColorJitter)
    )
    pictures = torch.from_numpy(arrays).permute(0, 3, 1, 2)
    return lambda: buffer.copy_(torch.stack([transform(x) for x in pictures])).mul_(1 / 255)


def kornia_batch(arrays, op, size, buffer, mode, device="cpu"):
    transform = nn.Sequential(
        *steps(
            op,
            size,
            lambda size: kornia.augmentation.RandomResizedCrop((size, size), cropping_mode=mode),
            kornia.augmentation.RandomHorizontalFlip,
            lambda **factors: kornia.augmentation.ColorJitter(**factors, p=1.0),
        )
    )
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous()
    floats = torch.empty(batch.shape, device=device)
    return lambda: transform(floats.copy_(batch).mul_(1 / 255))


def albumentations_each(arrays, op, size, buffer):
    def jitter(brightness=0, contrast=0, saturation=0, hue=0):
        return albumentations.ColorJitter(brightness, contrast, saturation, hue, p=1)

    transform = albumentations.Compose(
        [
            *steps(
                op,
                size,
                lambda size: albumentations.RandomResizedCrop((size, size), scale=(0.08, 1)),
                albumentations.HorizontalFlip,
                jitter,
            ),
            ToTensorV2(),
        ]
    )

    def run():
        pictures = [transform(image=x)["image"] for x in arrays]
        return buffer.copy_(torch.stack(pictures)).mul_(1 / 255)

    return run


def ours(arrays, op, size, buffer, device="cpu", compile=False):
    transform = nn.Sequential(
        *steps(
            op,
            size,
            augment.RandomResizedCrop,
            augment.RandomHorizontalFlip,
            partial(augment.ColorJitter, compile=compile),
        )
    )
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2)
    if op not in ("crop", "all") or size < 96:
        batch = batch.contiguous()
    return lambda: buffer.copy_(transform(batch.to(device))).mul_(1 / 255)


def floor(arrays, op, size, buffer, device="cpu"):
    """Read the uint8 batch once and write the float32 batch once."""
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2)[..., :size, :size].contiguous()
    return lambda: buffer.copy_(batch.to(device))


def one_multiplication(arrays, op, size, buffer):
    """Multiply as many values as the batch has, in pieces that stay in the processor's cache."""
    pieces = torch.ones(buffer.numel()).split(2**17)
    return lambda: [pieces[0].mul_(1.0) for _ in pieces]


PEERS = {
    "D2L's way: PIL, DataLoader": d2l,
    "the same, 2 workers": d2l_two_workers,
    "torchvision, each tensor": torchvision_each,
    "kornia, slice": partial(kornia_batch, mode="slice"),
    "kornia, resample": partial(kornia_batch, mode="resample"),
    "Albumentations, each": albumentations_each,
    "d2laug.augment": ours,
    "d2laug.augment, compiled": partial(ours, compile=True),
    "floor: read and write": floor,
    "one multiplication in cache": one_multiplication,
}
D2L, OURS, COMPILED, FLOOR, MULTIPLICATION = (list(PEERS)[i] for i in (0, -4, -3, -2, -1))
STEP = "training step"
# (workload, threads): how many times as fast as whom all the operations together shall be
GOALS = {
    ("32", 1): {D2L: 25, "kornia": 5},
    ("96", 1): {"": 2},
    ("256 to 224", 1): {"": 1.2},
    ("32", 2): {"": 1},
    ("96", 2): {"": 1},
    ("256 to 224", 2): {"": 1},
}
SHARE_GOAL = 0.03


def measure(turns, n, rounds):
    """Pictures per second of each function in `turns`, which augment `n`: median over rounds."""
    seconds = {name: [] for name in turns}
    for round in range(rounds + 1):  # the first is a warm-up
        for name, turn in turns.items():
            repeats = 1 if round == 0 else max(1, int(0.05 / seconds[name][0]))
            start = time.perf_counter()
            for _ in range(repeats):
                turn()
            each = (time.perf_counter() - start) / repeats / getattr(turn, "batches", 1)
            seconds[name] = [each] if round <= 1 else [*seconds[name], each]
    return {name: n / statistics.median(times) for name, times in seconds.items()}


def make_pictures(n, side, seed=0):
    """Smooth random pictures with a little noise, uint8 `[N, side, side, 3]`."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(n, 3, 6, 6, generator=generator)
    smooth = nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    noisy = smooth * 235 + 20 * torch.rand(smooth.shape, generator=generator)
    return noisy.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def title_of(workload, threads):
    n, source, result = WORKLOADS[workload]
    return f"{n} x 3x{source}x{source} to {result}, {threads} thread(s)"


def table_of(workload, rounds):
    n, source, result = WORKLOADS[workload]
    arrays = make_pictures(n, source)
    table = {name: {} for name in PEERS}
    for op in OPS:
        size = result if op in ("crop", "all") else source
        buffer = torch.empty(n, 3, size, size)
        turns = {name: peer(arrays, op, size, buffer) for name, peer in PEERS.items()}
        for name, speed in measure(turns, n, rounds).items():
            table[name][op] = round(speed)
    return table


def show(table):
    """Print a table; the last column compares all operations together with the first row."""
    first = next(iter(table.values()))["all"]
    width = max(map(len, table)) + 1
    print(f"{'pictures per second':{width}}" + "".join(f"{op:>12}" for op in OPS) + f"{'x':>8}")
    for name, speeds in table.items():
        row = "".join(f"{speeds[op]:12,}" for op in OPS)
        print(f"{name:{width}}{row}{speeds['all'] / first:8.1f}")


def share_of_a_step(rounds):
    """Milliseconds of a training step of the course (96x96, batch 128), and of augmentations."""
    n, side, _ = WORKLOADS["96"]
    arrays = make_pictures(n, side)
    buffer = torch.empty(n, 3, side, side)
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2).float().div_(255).contiguous()
    labels = torch.arange(n) % 12
    network = plain_network(12).train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)

    def step():  # as in d2laug.train.fit
        logits = network(batch.contiguous(memory_format=torch.channels_last))
        nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).backward()
        optimizer.step()
        optimizer.zero_grad()

    turns = {STEP: step}
    for name in (D2L, OURS, COMPILED):
        turns |= {f"{name}, {op}": PEERS[name](arrays, op, side, buffer) for op in ("flip", "all")}
    milliseconds = {name: 1000 * n / speed for name, speed in measure(turns, n, rounds).items()}
    step_ms = milliseconds.pop(STEP)
    print(f"{STEP:40}{step_ms:9.1f} ms")
    shares = {}
    for name, ms in milliseconds.items():
        shares[name] = {"milliseconds": round(ms, 2), "share": round(ms / (ms + step_ms), 4)}
        print(f"{name:40}{ms:9.1f} ms{shares[name]['share']:8.1%}")
    return {STEP: {"milliseconds": round(step_ms, 2)}} | shares


def compare_with_goals(results):
    """What was wanted of all the operations together, what was reached, and what bounds it.

    The bound says how often the batch could be read and written once in the same time, and how
    many multiplications of every value in the cache would take as long.
    """
    reached = {}
    for (workload, threads), wanted in GOALS.items():
        table = results.get(title_of(workload, threads))
        if table is None:
            continue
        speed = {name: row["all"] for name, row in table.items()}
        bound = {name: round(speed.pop(name) / speed[OURS], 1) for name in (FLOOR, MULTIPLICATION)}
        ours, compiled = speed.pop(OURS), speed.pop(COMPILED)
        for whom, times in wanted.items():
            best = max((name for name in speed if name.startswith(whom)), key=speed.get)
            reached[f"{title_of(workload, threads)}: times {best}"] = {
                "wanted": times,
                "reached": round(ours / speed[best], 2),
                "compiled": round(compiled / speed[best], 2),
            } | {f"bound: {name}": times for name, times in bound.items()}
    shares = results.get(share_title(1))
    if shares is not None:
        reached["share of a training step, 1 thread(s)"] = {
            "wanted": SHARE_GOAL,
            "reached": shares[f"{OURS}, all"]["share"],
            "compiled": shares[f"{COMPILED}, all"]["share"],
            "D2L's way": shares[f"{D2L}, all"]["share"],
        }
    return reached


def share_title(threads):
    return f"share of a training step, {threads} thread(s)"


def on_a_gpu(rounds):
    """The batched libraries on a GPU, from uint8 in the host's memory: the transfer counts."""
    peers = {
        "kornia, slice": partial(kornia_batch, mode="slice"),
        "kornia, resample": partial(kornia_batch, mode="resample"),
        OURS: ours,
        COMPILED: partial(ours, compile=True),
        FLOOR: floor,
    }

    def finished(run):
        run()
        torch.cuda.synchronize()

    table = {}
    for n, source, result in WORKLOADS.values():
        arrays = make_pictures(n, source)
        for op in OPS:
            size = result if op in ("crop", "all") else source
            buffer = torch.empty(n, 3, size, size, device="cuda")
            turns = {
                name: partial(finished, peer(arrays, op, size, buffer, device="cuda"))
                for name, peer in peers.items()
            }
            for name, speed in measure(turns, n, rounds).items():
                table.setdefault(f"{name}, {source} to {result}", {})[op] = round(speed)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="3 rounds of one workload, no file")
    parser.add_argument("--resume", action="store_true", help="keep the tables of the file")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to write")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else arguments.rounds
    workloads = ["32"] if arguments.quick else list(WORKLOADS)
    results = about(rounds)
    if arguments.resume:
        before = json.loads(arguments.results.read_text())
        if {k: before[k] for k in ("versions", "rounds")} != {
            k: results[k] for k in ("versions", "rounds")
        }:
            raise SystemExit("the file was made with other versions or rounds: start afresh")
        results = before

    def add(title, measured, *arguments_of_it):
        if title not in results:
            print(f"\n{title}")
            results[title] = measured(*arguments_of_it)
            results["machine"]["load after"] = round(os.getloadavg()[0], 1)
            results["goals"] = compare_with_goals(results)
            if not arguments.quick:
                arguments.results.write_text(json.dumps(results, indent=1) + "\n")
        return results[title]

    for threads in (1,) if arguments.quick else (1, 2):
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
        for workload in workloads:
            show(add(title_of(workload, threads), table_of, workload, rounds))
        add(share_title(threads), share_of_a_step, rounds)
    if torch.cuda.is_available():
        show(add(f"{torch.cuda.get_device_name()}, transfer included", on_a_gpu, rounds))
    print("\nGoals")
    for name, goal in results["goals"].items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in goal.items()))


def about(rounds):
    packages = ("torch", "torchvision", "kornia", "albumentations", "opencv-python-headless")
    packages += ("pillow", "numpy")
    return {
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "platform": platform.platform(),
            "load before": round(os.getloadavg()[0], 1),
        },
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "rounds": rounds,
        "unit": "pictures per second, median over the rounds",
    }


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
