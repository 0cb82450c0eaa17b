"""How fast the batched augmentations are beside other libraries: one process, everyone in turn.

    python benchmarks/augment_speed.py            # tables, and results/augment_speed.json
    python benchmarks/augment_speed.py --quick    # the smallest workload, and no file

Needs the extra `bench` (Albumentations) and takes about ten minutes. Every peer gets the
same uint8 pictures, in the memory layout it likes best, and gives back one float32 batch in 0 to 1.
A round gives each peer one turn; the tables show medians over the rounds, so compare numbers within
a table and not between runs.
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

# Threads that wait must sleep: on a busy machine spinning ones slow everybody down.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
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
from d2laug.train import recogniser

RESULTS = Path(__file__).parent / "results" / "augment_speed.json"
# name: pictures in a batch, side of the source, side of the result of a crop
WORKLOADS = {"32": (512, 32, 32), "96": (128, 96, 96), "256 to 224": (64, 256, 224)}
OPS = ("flip", "crop", "brightness", "hue", "all")
JITTER = {"brightness": {"brightness": 0.5}, "hue": {"hue": 0.5}}
JITTER["all"] = {"brightness": 0.5, "contrast": 0.5, "saturation": 0.5, "hue": 0.5}


def steps(op, size, crop, flip, jitter):
    """The transforms of `op`, in the usual order: crop, flip, change of colours."""
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


def kornia_batch(arrays, op, size, buffer, mode):
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
    return lambda: transform(batch.float().mul_(1 / 255))


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


def ours(arrays, op, size, buffer, device="cpu"):
    transform = nn.Sequential(
        *steps(
            op,
            size,
            augment.RandomResizedCrop,
            augment.RandomHorizontalFlip,
            augment.ColorJitter,
        )
    )
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2)
    if op not in ("crop", "all") or size < 96:
        batch = batch.contiguous()
    return lambda: buffer.copy_(transform(batch.to(device))).mul_(1 / 255)


def floor(arrays, op, size, buffer):
    """Read the uint8 batch once and write the float32 batch once."""
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2)[..., :size, :size].contiguous()
    return lambda: buffer.copy_(batch)


PEERS = {
    "D2L's way: PIL, DataLoader": d2l,
    "the same, 2 workers": d2l_two_workers,
    "torchvision, each tensor": torchvision_each,
    "kornia, slice": partial(kornia_batch, mode="slice"),
    "kornia, resample": partial(kornia_batch, mode="resample"),
    "Albumentations, each": albumentations_each,
    "d2laug.augment": ours,
    "floor: read and write": floor,
}


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


def show(title, table):
    first = next(iter(table.values()))["all"]
    print(f"\n{title}, pictures per second")
    print(f"{'':28}" + "".join(f"{op:>12}" for op in OPS) + f"{'x':>8}")
    for name, speeds in table.items():
        row = "".join(f"{speeds[op]:12,}" for op in OPS)
        print(f"{name:28}{row}{speeds['all'] / first:8.1f}")


def share_of_a_step(rounds):
    """Share of the time of a training step (96x96, batch 128) that all the augmentations take."""
    n, side, _ = WORKLOADS["96"]
    arrays = make_pictures(n, side)
    buffer = torch.empty(n, 3, side, side)
    batch = torch.from_numpy(arrays).permute(0, 3, 1, 2).float().div_(255).contiguous()
    labels = torch.arange(n) % 10
    model = recogniser(10).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch), labels).backward()
        optimizer.step()

    turns = {"training step": step}
    turns |= {
        f"{name}, {op}": PEERS[name](arrays, op, side, buffer)
        for name in ("D2L's way: PIL, DataLoader", "d2laug.augment")
        for op in ("flip", "all")
    }
    milliseconds = {name: 1000 * n / speed for name, speed in measure(turns, n, rounds).items()}
    for name, ms in milliseconds.items():
        share = (
            "" if name == "training step" else f"{ms / (ms + milliseconds['training step']):8.1%}"
        )
        print(f"{name:40}{ms:9.1f} ms{share}")
    return {name: round(ms, 2) for name, ms in milliseconds.items()}


def on_a_gpu(rounds):
    """The batched libraries on a GPU, from uint8 in the host's memory: the transfer counts."""
    table = {}
    for workload, (n, source, result) in WORKLOADS.items():
        arrays = make_pictures(n, source)
        for op in OPS:
            size = result if op in ("crop", "all") else source
            buffer = torch.empty(n, 3, size, size, device="cuda")
            run = ours(arrays, op, size, buffer, "cuda")
            batch = torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous()

            def augmented(run=run):
                run()
                torch.cuda.synchronize()

            def copied(batch=batch, buffer=buffer, size=size):
                buffer.copy_(batch.cuda()[..., :size, :size])
                torch.cuda.synchronize()

            speeds = measure({"d2laug.augment": augmented, "floor": copied}, n, rounds)
            for name, speed in speeds.items():
                table.setdefault(f"{name}, {workload}", {})[op] = round(speed)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else arguments.rounds
    workloads = ["32"] if arguments.quick else list(WORKLOADS)
    packages = ("torch", "torchvision", "kornia", "albumentations", "opencv-python-headless")
    packages += ("pillow", "numpy")
    results = {
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
    cv2.setNumThreads(1)
    for threads in (1,) if arguments.quick else (1, 2):
        torch.set_num_threads(threads)
        for workload in workloads:
            n, source, result = WORKLOADS[workload]
            title = f"{n} x 3x{source}x{source} to {result}, {threads} thread(s)"
            results[title] = table_of(workload, rounds)
            show(title, results[title])
        print(f"\nShare of a training step, {threads} thread(s)")
        results[f"milliseconds, {threads} thread(s)"] = share_of_a_step(rounds)
    if torch.cuda.is_available():
        results[torch.cuda.get_device_name()] = on_a_gpu(rounds)
        show("GPU, transfer included", results[torch.cuda.get_device_name()])
    results["machine"]["load after"] = round(os.getloadavg()[0], 1)
    if not arguments.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
