"""What all tests share, those of notebooks too: a small stand-in where CIFAR-10 is not named."""

import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

# Those of CIFAR-10; from d2laug.data they would bring torch, for which each part would wait.
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def make_stand_in(path, train=20, test=10):
    """Write a ZIP of JPEGs as `d2laug.data.cifar10` reads it, with few pictures of each class.

    Each class has a color of its own, in a noise that hides it now and then.
    """
    rng = np.random.default_rng(0)
    colors = rng.uniform(60, 190, (10, 3))
    with zipfile.ZipFile(path, "w") as archive:
        for split, count in (("train", train), ("test", test)):
            for name, color in zip(CLASSES, colors, strict=True):
                for number in range(count):
                    pixels = color + rng.normal(0, 30, (1, 1, 3)) + rng.normal(0, 30, (32, 32, 3))
                    picture = io.BytesIO()
                    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(picture, "jpeg")
                    archive.writestr(f"{split}/{name}/{number:04}.jpg", picture.getvalue())


def pytest_configure(config):
    if "D2LAUG_CIFAR10" not in os.environ:
        config.stand_in = tempfile.TemporaryDirectory(prefix="d2laug-")
        path = Path(config.stand_in.name) / "stand-in.zip"
        make_stand_in(path)
        os.environ["D2LAUG_CIFAR10"] = str(path)


def pytest_unconfigure(config):
    if hasattr(config, "stand_in"):
        config.stand_in.cleanup()
        del os.environ["D2LAUG_CIFAR10"]
