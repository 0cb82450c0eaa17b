"""Render the drinks data set: `python data/render/make.py`; `--help` lists the options.

Pictures that are already there are kept, so an interrupted run goes on where it stopped.
"""

import argparse
import csv
import multiprocessing
import os
import sys
from pathlib import Path

from PIL import Image
from tqdm import tqdm

try:
    import mitsuba  # noqa: F401
except ImportError:
    sys.exit("The renderer is missing: pip install 'd2laug[render]' (or pip install mitsuba)")

import drjit
import scene
import splits

COLUMNS = (
    "file",
    "class",
    "split",
    "seed",
    "kelvin",
    "desk",
    "strips",
    "distance",
    "angle",
    "turn",
    "facing",
    "x",
    "y",
    "roll",
    "exposure",
    "lamp",
    "fill_kelvin",
    "bulbs",
    "hidden",
)


def positive(text):
    """An argument that must be a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more, not {text!r}")
    return int(text)


def is_whole(path, size):
    """Whether a picture is there, readable to its end, and of the right size."""
    try:
        with Image.open(path) as image:
            image.load()
            return image.size == (size, size)
    except OSError:
        return False


def one_thread():
    drjit.set_thread_count(1)  # one process a core instead, each with pictures of its own


def make(job):
    """Render one picture and put it in its place in one step, so that none is ever half there."""
    path, shot, size, spp = job
    data = scene.jpeg(scene.render(shot, size, spp))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(data)
    os.replace(part, path)


def write_metadata(out, planned):
    """One row for every picture in `out`, in the order of the plan."""
    with open(out / "metadata.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name, split, drink, shot in planned:
            if (out / name).exists():
                row = {"file": name, "class": drink, "split": split}
                row["facing"] = "right" if shot.turn > 0 else "left"
                writer.writerow(row | {k: getattr(shot, k) for k in COLUMNS if hasattr(shot, k)})


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Render the drinks data set.")
    add = parser.add_argument
    add("--out", type=Path, default=Path(__file__).parents[1] / "drinks", help="folder to write to")
    add("--only", default="", metavar="SPLIT/CLASS", help="only the files whose names begin so")
    add("--size", type=positive, default=96, help="width and height in pixels (96)")
    add("--spp", type=positive, default=25, help="light paths a pixel (25)")
    add("--first", type=positive, help="only the first pictures of each class")
    add("--workers", type=positive, default=os.cpu_count(), help="processes (one a core)")
    args = parser.parse_args(arguments)
    planned = list(splits.plan())
    wanted = [
        p
        for p in planned
        if f"{p[0]}/".startswith(args.only.rstrip("/") + "/" if args.only else "")
    ]
    if not wanted:
        parser.error(
            f"--only {args.only!r} fits no picture; splits are {', '.join(splits.SPLITS)}, "
            f"drinks {', '.join(scene.ALL)}"
        )
    if args.first:
        wanted = [p for p in wanted if int(Path(p[0]).stem) < args.first]
    jobs = [(args.out / name, shot, args.size, args.spp) for name, _, _, shot in wanted]
    jobs = [job for job in tqdm(jobs, "looking", leave=False) if not is_whole(job[0], args.size)]
    with multiprocessing.get_context("spawn").Pool(
        min(args.workers, len(jobs) or 1), one_thread
    ) as pool:
        for _ in tqdm(pool.imap_unordered(make, jobs), "rendering", len(jobs), unit="picture"):
            pass
    write_metadata(args.out, planned)
    print(f"{len(jobs)} pictures made, {len(wanted) - len(jobs)} were there already, in {args.out}")


if __name__ == "__main__":
    main()
