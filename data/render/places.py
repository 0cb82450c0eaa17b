"""Where the drinks are: masks and points of the pictures, `python data/render/places.py`.

Nothing of a picture is used but the numbers of its shot. One file for each series of arrangements
lies beside its pictures, as `places.npz`. Files that are already there are kept, so an interrupted
run goes on with the series where it stopped.
"""

import argparse
import functools
import multiprocessing
import os
import zipfile
from pathlib import Path

import make
import mitsuba as mi
import numpy as np
import scene
import splits
from PIL import Image
from tqdm import tqdm

# The folder of the file: a split with the same arrangements. All lights have those of one; those of
# show/cloth are those of show/test.
SERIES = {
    **{name: name for name in ("lab/train", "lab/val", "lab/test", "viewpoint", "reflections")},
    "show/test": "show/test",
    "light": f"light/{splits.KELVINS[0]}",
}
POINTS = ("base left", "base right", "top middle", "label middle")
RAYS = 6  # across a pixel and down it, so 36 in all
# What is less than that before a point, in cm, is the curve on which it lies: that of the belly,
# where the base is seen from the side.
BEFORE = np.array([4.0, 4.0, 1.0, 1.0])


def project(sensor, points, size):
    """Points [..., 3] in cm as x and y [..., 2] in pixels; 0 is the middle of the first pixel."""
    x, y, depth = np.moveaxis(local(sensor, points), -1, 0)
    half = np.tan(np.radians(mi.traverse(sensor)["x_fov"]) / 2)  # of a square picture
    sides = [-x, -y]  # the camera's axes run to the left and upwards
    return np.stack([(1 + side / (depth * half)) * size / 2 - 0.5 for side in sides], -1)


def local(sensor, points):
    """Points [..., 3] seen from the camera: to the left, upwards, away."""
    matrix = np.array(sensor.world_transform().matrix, float)
    return (np.asarray(points, float) - matrix[:3, 3]) @ matrix[:3, :3]


def parts(world):
    """The shapes of the drink: their numbers as the renderer counts, and their vertices [n, 3]."""
    shapes = {k: s for k, s in enumerate(world.shapes(), 1) if s.id().startswith("part")}
    corners = [np.array(mi.traverse(s)["vertex_positions"]).reshape(-1, 3) for s in shapes.values()]
    return list(shapes), corners


def window(world, size):
    """The part of the picture in which the drink lies: left, upper, right, lower, in pixels."""
    inside = project(world.sensors()[0], np.concatenate(parts(world)[1]), size) + 0.5
    low = np.floor(inside.min(0)).clip(0, size - 1).astype(int)
    high = np.ceil(inside.max(0)).clip(low + 1, size).astype(int)
    return *low.tolist(), *high.tolist()


def coverage(world, size=96, rays=RAYS, seed=0):
    """The share of each pixel, [size, size], in which the drink is the first that a ray meets."""
    camera = world.sensors()[0]
    left, upper, right, lower = window(world, size)
    sensor = mi.load_dict(
        {
            "type": "perspective",
            "fov": mi.traverse(camera)["x_fov"],
            "to_world": camera.world_transform(),
            "sampler": {"type": "independent"},
            "film": {
                "type": "hdrfilm",
                "width": size * rays,
                "height": size * rays,
                "crop_offset_x": left * rays,
                "crop_offset_y": upper * rays,
                "crop_width": (right - left) * rays,
                "crop_height": (lower - upper) * rays,
                "component_format": "float32",
                "rfilter": {"type": "box"},  # one ray each: numbers of shapes must not be mixed
            },
        }
    )
    integrator = mi.load_dict({"type": "aov", "aovs": "shape:shape_index"})
    numbers = np.array(mi.render(world, sensor=sensor, integrator=integrator, spp=1, seed=seed))
    drink = np.isin(numbers[..., -1].round(3), parts(world)[0])
    share = np.zeros((size, size))
    fine = drink.reshape(lower - upper, rays, right - left, rays)
    share[upper:lower, left:right] = fine.mean((1, 3))
    return share


@functools.cache
def label_of(drink):
    """How high the middle of the drink's label is, in cm."""
    for (corners, _, uv, _), look in scene.ALL[drink]():
        if isinstance(look.get("diffuse_reflectance"), Image.Image):
            slope, start = np.polyfit(uv[:, 1], corners[:, 2], 1)
            return start + slope / 2
    raise ValueError(f"{drink} has no label")


def first(world, start, towards):
    """How far it is from a point to what a ray meets first, infinity where that is nothing."""
    ray = mi.Ray3f(mi.Point3f(*map(float, start)), mi.Vector3f(*map(float, towards)))
    return float(world.ray_intersect(ray).t)


def points(shot, world):
    """The four `POINTS` in cm, [4, 3].

    The base's are those of its lowest centimeter that are farthest to the left and to the right in
    the picture. The others are where a line down the drink's axis, and one from the label's front,
    meet the drink.
    """
    corners = np.concatenate(parts(world)[1])
    base = corners[corners[:, 2] <= 1.0]
    across = project(world.sensors()[0], base, 1)[:, 0]
    stand = np.array([shot.x, shot.y, 0.0])
    # Beside the axis, where a lid has a tiny hole, and beside a label's middle, where triangles
    # meet: a ray might slip through. And before the drink, but behind what may hide it.
    above = stand + np.array([0.03, 0.03, 50])
    top = above - [0, 0, first(world, above, (0, 0, -1))]
    turn = np.radians(shot.turn)
    front = np.array([np.sin(turn), -np.cos(turn), 0])
    before = stand + [0.02, 0.02, label_of(shot.drink) + 0.02] + 4.5 * front
    label = before - first(world, before, -front) * front
    return np.stack([base[across.argmin()], base[across.argmax()], top, label])


def places(shot, size=96):
    """Mask bool [size, size], points float32 [4, 2] and which of them are hidden, bool [4]."""
    world = scene.build(shot, size)
    sensor = world.sensors()[0]
    mask = coverage(world, size, seed=shot.seed % 2**32) >= 0.5
    corners = points(shot, world)
    flat = project(sensor, corners, size).astype(np.float32)
    eye = np.array(sensor.world_transform().matrix, float)[:3, 3]
    away = np.linalg.norm(corners - eye, axis=1)
    seen = [first(world, eye, way) for way in (corners - eye) / away[:, None]]
    outside = ((flat < -0.5) | (flat >= size - 0.5)).any(1)
    return mask, flat, (seen < away - BEFORE) | outside


def write(path, found):
    """One file, in its place in one step: masks with one bit a pixel, points, hidden ones."""
    masks, flat, hidden = (np.stack(kind) for kind in zip(*found, strict=True))
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        np.savez_compressed(file, masks=np.packbits(masks, -1), points=flat, hidden=hidden)
    os.replace(part, path)


def is_whole(path, count):
    """Whether a file is there, readable to its end, and has places for so many pictures."""
    try:
        with np.load(path) as kept:
            return all(len(kept[name]) == count for name in ("masks", "points", "hidden"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return False


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Find the drinks in the pictures.")
    add = parser.add_argument
    add("--out", type=Path, default=Path(__file__).parents[1] / "drinks", help="folder to write to")
    add("--only", choices=SERIES, metavar="SERIES", help=f"one of {', '.join(SERIES)}")
    add("--first", type=make.positive, help="only the first pictures of each class")
    add("--workers", type=make.positive, default=os.cpu_count(), help="processes (one a core)")
    args = parser.parse_args(arguments)
    for folder in [args.only] if args.only else SERIES:
        split = SERIES[folder]
        count = min(args.first or splits.SPLITS[split][0], splits.SPLITS[split][0])
        # Classes in the order of `torchvision.datasets.ImageFolder`.
        names = sorted(splits.classes(split))
        shots = [splits.shot(split, name, k) for name in names for k in range(count)]
        path = args.out / folder / "places.npz"
        if is_whole(path, len(shots)):
            print(f"{path} was there already")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        workers = min(args.workers, len(shots))
        with multiprocessing.get_context("spawn").Pool(workers, make.one_thread) as pool:
            found = list(tqdm(pool.imap(places, shots, 4), folder, len(shots), unit="picture"))
        write(path, found)


if __name__ == "__main__":
    main()
