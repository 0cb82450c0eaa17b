"""CIFAR-10: found on this machine, or loaded and checked."""

import io
import os
import re
import zipfile
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import torch
from PIL import Image
from torchvision.datasets import CIFAR10, VisionDataset
from torchvision.datasets.utils import check_integrity, extract_archive

from d2laug.data.common import data_folder, no_transforms, progress_bar

CIFAR10_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


def cifar10(
    split,
    tensors=False,
    transform=None,
    target_transform=None,
    *,
    root=None,
    mirror=None,
    download=True,
    progress=True,
):
    """Return CIFAR-10: 50,000 ("train") or 10,000 ("test") photographs of 32 x 32 pixels.

    The result is a `torchvision.datasets.CIFAR10`, with its `classes`, `class_to_idx`, `data` and
    `targets`, of PIL images and integer labels; `transform` and `target_transform` work as there.
    With `tensors=True` everything comes at once, as two tensors: the pictures `uint8`
    `[N, 3, 32, 32]` with values 0 to 255, and the labels `int64` `[N]`.

    A copy on this machine is taken first: in `root`, or else in what the environment variable
    D2LAUG_CIFAR10 names, or else in one of the usual places (`torch.hub.get_dir()/cifar10`, the
    folder `data` of the repository, of here, of the folder above, of your home). It is a folder
    with `cifar-10-batches-py` or `cifar-10-python.tar.gz` in it. Where there is none and `download`
    is true, 170 MB are loaded from `mirror` (the address of the archive, or with / at its end of
    its folder) or torchvision's address, to the first place; a load that stopped goes on where it
    was. Every file must have torchvision's checksum, so that no half or other one is ever taken.

    `root` and D2LAUG_CIFAR10 can also name a ZIP file with JPEGs, `train/cat/0000.jpg`. These are
    **not the original's bytes**: each picture was encoded once more, with losses, so say so beside
    a number that was made with them. They come in the order of their numbers, one of each class in
    turn. The result's `source` says in words which of the two was read.

    Raises `ValueError` for an unknown split, and for transforms together with `tensors=True`;
    `FileNotFoundError` where there is no whole copy and `download` is false; `ConnectionError`
    where it could not be loaded, with what can be done; `OSError` for a damaged ZIP file.

    Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009.

    >>> CIFAR10_CLASSES[3]
    'cat'
    >>> test = cifar10("test")  # doctest: +SKIP
    >>> test.source, len(test), test.classes[3]  # doctest: +SKIP
    ('the original files', 10000, 'cat')
    """
    if split not in ("train", "test"):
        raise ValueError(f"no split is called {split!r}; choose one of: train, test")
    no_transforms(tensors, transform, target_transform)
    given = root or os.environ.get("D2LAUG_CIFAR10")
    options = {"transform": transform, "target_transform": target_transform}
    if given and Path(given).suffix.lower() == ".zip":
        dataset = _Cifar10Jpeg(Path(given).expanduser(), split, progress, **options)
    else:
        dataset = _cifar10_original(given, split, mirror, download, progress, **options)
    if not tensors:
        return dataset
    images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(dataset.targets)


def _cifar10_original(given, split, mirror, download, progress, **options):
    places = _usual_places()
    if given:
        place = Path(given).expanduser()
        inside = place.name in (CIFAR10.base_folder, CIFAR10.filename)
        places = [place.parent if inside else place]

    def load(place):
        dataset = CIFAR10(place, train=split == "train", **options)
        dataset.source = "the original files"
        return dataset

    for place in places:
        with suppress(RuntimeError):  # nothing is there, or a checksum is wrong
            return load(place)
    home = places[0]
    archives = [place / CIFAR10.filename for place in places]
    whole = [path for path in archives if check_integrity(path, CIFAR10.tgz_md5)]
    if not whole:
        _download_cifar10(places, mirror, download, progress)
    extract_archive(whole[0] if whole else archives[0], home)
    return load(home)


def _usual_places():
    cache = Path(torch.hub.get_dir()) / "cifar10"
    return [cache, data_folder(), Path("data"), Path("../data"), Path.home() / "data"]


def _download_cifar10(places, mirror, download, progress):
    """Load the archive to the first place: under another name until its checksum is right."""
    home, url = places[0], mirror or CIFAR10.url
    url += CIFAR10.filename if url.endswith("/") else ""
    damaged = [str(place) for place in places if (place / CIFAR10.base_folder).is_dir()]
    remedy = (
        f"{f'The copy in {damaged[0]} is damaged or not whole. ' if damaged else ''}"
        f"Get {CIFAR10.filename} (170 MB) by any other way, from there or from a mirror, put it in "
        f"{home}, and call again; or name the folder where it is by root= or D2LAUG_CIFAR10, or "
        "another address by mirror=. All other lessons run without it"
    )
    if not download:
        raise FileNotFoundError(
            f"no whole copy of CIFAR-10 is here, and nothing is loaded from {url}, as download is "
            f"false. {remedy}"
        )
    home.mkdir(parents=True, exist_ok=True)
    part = home / f"{CIFAR10.filename}.part"
    most, again = 0, False
    while True:  # a slow host ends connections early: go on where it stopped
        start = part.stat().st_size if part.exists() else 0
        complete, problem = False, "the connection ended early"
        try:
            complete = _append(url, part, start, progress)
        except (OSError, HTTPException, ValueError) as error:
            problem = error
        if complete and check_integrity(part, CIFAR10.tgz_md5):
            part.replace(home / CIFAR10.filename)
            return
        size = part.stat().st_size if part.exists() else 0
        if complete:
            part.unlink()
            problem = f"its {size:,} bytes have another checksum than CIFAR-10"
            if start == 0 or again:
                break
            most, again = 0, True  # what was there before may have been wrong: once from the start
        elif size <= max(most, start):  # no news: the next try would end the same way
            if size:
                problem = f"{problem} ({size:,} bytes are kept, and the next call goes on there)"
            break
        else:
            most = size
    raise ConnectionError(f"CIFAR-10 could not be loaded from {url}: {problem}. {remedy}")


def _append(url, part, start, progress):
    """Append to the file `part` of `start` bytes what it lacks; return whether that was all."""
    wanted = {"Range": f"bytes={start}-"} if start else {}
    try:
        response = urlopen(Request(url, headers={"User-Agent": "d2laug", **wanted}), timeout=60)
    except HTTPError as error:
        if start and error.code == 416:  # there is nothing after `start`
            return True
        raise
    if response.status != 206:  # the host begins again
        start = 0
    total = None if response.length is None else start + response.length
    sizes = {"total": total, "initial": start, "unit": "B", "unit_scale": True}
    bar = progress_bar(None, progress, desc="CIFAR-10", **sizes)
    with response, bar, open(part, "ab" if start else "wb") as file:
        while chunk := response.read(2**16):
            file.write(chunk)
            bar.update(len(chunk))
    return total is None or part.stat().st_size == total


class _Cifar10Jpeg(CIFAR10):
    """CIFAR-10 from a ZIP file of JPEGs, read without unpacking it."""

    source = "JPEGs that were encoded again, not the original files"

    def __init__(self, path, split, progress, **options):
        VisionDataset.__init__(self, path, **options)
        self.train, self.classes = split == "train", list(CIFAR10_CLASSES)
        self.class_to_idx = {name: label for label, name in enumerate(self.classes)}
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}: check root= or D2LAUG_CIFAR10")
        try:
            with zipfile.ZipFile(path) as archive:
                self._read(archive, split, progress)
        except Exception as error:  # a damaged archive or JPEG may raise anything
            raise OSError(f"{path} is damaged or another file ({error}): copy it again") from None

    def _read(self, archive, split, progress):
        layout = re.compile(rf"{split}/({'|'.join(self.classes)})/(\d+)\.jpg")
        found = [match for match in map(layout.fullmatch, archive.namelist()) if match]
        # by number, then by class: any first part is balanced, as it is in the original
        found.sort(key=lambda match: (int(match[2]), match[1]))
        self.targets = [self.class_to_idx[match[1]] for match in found]
        if set(self.targets) != set(range(10)):
            raise ValueError(f"it lacks classes, or is not of the layout {split}/cat/0000.jpg")
        self.data = np.empty((len(found), 32, 32, 3), np.uint8)
        for index, match in enumerate(progress_bar(found, progress, unit="picture")):
            with Image.open(io.BytesIO(archive.read(match[0])), formats=["JPEG"]) as image:
                if image.size != (32, 32):
                    raise ValueError(f"{match[0]} is not of 32 x 32 pixels")
                self.data[index] = image.convert("RGB")
