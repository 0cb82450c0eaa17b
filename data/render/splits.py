"""The splits: how many pictures, and what each of them varies. Every shot follows from its name."""

import hashlib

import numpy as np
from drinks import DRINKS, PAIRS
from scene import Shot

KELVINS = (6500, 5500, 5000, 4500, 3500, 2500)


def lab(rng):
    """One fixed set-up, and what differs from picture to picture all the same."""
    return {
        "kelvin": rng.uniform(6000, 7000),
        "distance": 50 * rng.uniform(0.96, 1.04),
        "angle": rng.uniform(20, 24),
        "turn": rng.uniform(20, 35),
        "x": rng.uniform(-1.5, 1.5),
        "y": rng.uniform(-1, 1),
        "roll": rng.uniform(-1, 1),
        "exposure": rng.uniform(0.93, 1.07),
    }


def viewpoint(rng):
    """Nearer, partly out of the picture, or farther; from lower or higher; turned more or less."""
    near = rng.random() < 2 / 3
    distance = 50 * (rng.uniform(0.45, 0.62) if near else rng.uniform(1.4, 1.6))
    return {
        "distance": distance,
        "angle": rng.uniform(8, 42),
        "turn": rng.uniform(12, 40),
        "x": rng.uniform(-0.13, 0.13) * distance,
        "roll": rng.uniform(-8, 8),
    }


def reflections(rng):
    return {"desk": "glossy", "strips": int(rng.integers(2, 4))}


def turned(rng):
    return {"turn": -rng.uniform(20, 35)}


def show(rng):
    """The lab's opposite in everything at once; half of the visitors are left-handed."""
    shot = viewpoint(rng) | reflections(rng)
    # Even steps in 1 / kelvin are about even steps to the eye.
    shot["kelvin"] = 1 / rng.uniform(1 / 4500, 1 / 2600)
    shot["turn"] *= rng.choice([-1, 1])
    return shot


def cloth(rng):
    """The show after somebody has spread a cloth: the desk mirrors no lamp any more."""
    return show(rng) | {"desk": "matte"}


def second_hall(rng):
    """Another hall: other lamps, other desks, other reflections, and things in front of drinks."""
    lights = (
        {"lamp": "led", "kelvin": rng.uniform(2700, 4000)},
        {"kelvin": rng.uniform(2700, 3500), "fill_kelvin": rng.uniform(6500, 9000)},
        {"kelvin": 1 / rng.uniform(1 / 6000, 1 / 2600)},
    )
    distance = 50 * rng.uniform(0.5, 1.5)
    return {
        **lights[rng.integers(3)],
        "desk": str(rng.choice(["cloth", "stone"])),
        "bulbs": int(rng.integers(3, 6)),
        "hidden": float(rng.choice([0, 0, rng.choice([-1, 1]) / 3])),
        "distance": distance,
        "x": rng.uniform(-0.1, 0.1) * distance,
        "angle": rng.uniform(10, 40),
        "turn": rng.choice([-1, 1]) * rng.uniform(12, 40),
        "roll": rng.uniform(-8, 8),
    }


def studio(rng):
    """Nothing but the label says which picture is mirrored, or which one has another hue."""
    return {"desk": "studio", "turn": rng.uniform(-180, 180)}


def same(rng):
    return {}


# split: (pictures a class, what it changes of the lab, the series whose seeds it uses)
SPLITS = {
    "lab/train": (80, same, "lab/train"),
    "lab/val": (20, same, "lab/val"),
    "lab/test": (20, same, "lab/test"),
    # The pictures of one number are the same arrangement under every light.
    **{f"light/{k}": (20, lambda rng, k=k: {"kelvin": float(k)}, "light") for k in KELVINS},
    "reflections": (20, reflections, "reflections"),
    "viewpoint": (20, viewpoint, "viewpoint"),
    "turned": (20, turned, "mirrored"),  # an older name, which its seeds keep
    "show/test": (40, show, "show/test"),
    "show/cloth": (40, cloth, "show/test"),  # the arrangements of show/test
    "show/train": (40, show, "show/train"),
    "second_hall": (40, second_hall, "second_hall"),
    "pairs/mirror/train": (40, studio, "pairs/mirror/train"),
    "pairs/mirror/test": (20, studio, "pairs/mirror/test"),
    "pairs/hue/train": (40, studio, "pairs/hue/train"),
    "pairs/hue/test": (20, studio, "pairs/hue/test"),
}


def classes(split):
    """The class names of a split."""
    return PAIRS[split.split("/")[1]] if split.startswith("pairs/") else DRINKS


def shot(split, drink, number):
    """The `Shot` of picture `number` of a class."""
    _, change, series = SPLITS[split]
    digest = hashlib.sha256(f"{series}/{drink}/{number}".encode()).digest()
    seed = int.from_bytes(digest[:4], "big")
    rng = np.random.default_rng(seed)
    drawn = lab(rng) | change(rng)
    return Shot(
        drink,
        seed,
        **{k: round(float(v), 3) if isinstance(v, float) else v for k, v in drawn.items()},
    )


def plan():
    """Every picture of the data set: (file name, split, class, shot)."""
    for split, (count, *_) in SPLITS.items():
        for drink in classes(split):
            for number in range(count):
                yield f"{split}/{drink}/{number:04d}.jpg", split, drink, shot(split, drink, number)
