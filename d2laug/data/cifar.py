"""CIFAR-10: found on this machine, or loaded and checked."""

import io
import os
import re
import zipfile
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.request import Request, urlopen

import numpy as np
import torch
from PIL import Image
from torchvision.datasets import CIFAR10, VisionDataset
from torchvision.datasets.utils import check_integrity, extract_archive
from tqdm.auto import tqdm

from d2laug.data.common import Data, Transform, check_name, data_folder, no_transforms

CIFAR10_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


class _Cifar10(CIFAR10):
    source = "the original files"


def cifar10(
    split: str,
    tensors: bool = False,
    transform: Transform = None,
    target_transform: Transform = None,
    *,
    root: str | Path | None = None,
    mirror: str | None = None,
    download: bool = True,
    progress: bool = True,
) -> _Cifar10 | Data:
    """Return CIFAR-10: 50,000 ("train") or 10,000 ("test") photographs of 32 x 32 pixels.

    It is a `torchvision.datasets.CIFAR10` of PIL images, or with `tensors=True` two tensors: the
    pictures `uint8` `[N, 3, 32, 32]` with values 0 to 255, and the labels `int64` `[N]`.

    It is taken from the folder `root`, or else from what the environment variable D2LAUG_CIFAR10
    names, or else from the first of the usual places that has `cifar-10-batches-py` or
    `cifar-10-python.tar.gz`: `torch.hub.get_dir()/cifar10`, or the folder `data` of the repository,
    of here, of the folder above, of your home. Where none has and `download` is true, 170 MB are
    loaded to the first, from `mirror` (the address of the archive, or of its folder with / at the
    end) or torchvision's address; a load that stopped goes on where it was. Every file must have
    torchvision's checksum. `root` and D2LAUG_CIFAR10 can also name a ZIP file with JPEGs,
    `train/cat/0000.jpg`: **not the original's bytes**, as each was encoded once more. Say so beside
    a number that was made with them; `source` of the result says which of the two was read.

    Raises `ValueError` for an unknown split, and for transforms together with `tensors=True`;
    `FileNotFoundError` where there is no whole copy and `download` is false; `ConnectionError`
    where it could not be loaded, with what can be done; `OSError` for a damaged ZIP file.

    Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009.

    >>> cifar10("test", progress=False)[3][0].size
    (32, 32)
    """
    check_name("split", split, ("train", "test"))
    no_transforms(tensors, transform, target_transform)
    given = root or os.environ.get("D2LAUG_CIFAR10")
    path = Path(given).expanduser() if given else None
    options = {"transform": transform, "target_transform": target_transform}
    if path and path.suffix.lower() == ".zip":
        dataset: _Cifar10 = _Cifar10Jpeg(path, split, progress, **options)
    else:
        dataset = _original(path, split, (mirror, download, progress), **options)
    if not tensors:
        return dataset
    images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(dataset.targets)


def _original(given, split, how_to_load, **options):
    """Return the dataset from the first place that has a whole copy; or load one to the first."""
    cache = Path(torch.hub.get_dir()) / "cifar10"
    places = [cache, data_folder(), Path("data"), Path("../data"), Path.home() / "data"]
    if given:
        inside = given.name in (CIFAR10.base_folder, CIFAR10.filename)
        places = [given.parent if inside else given]
    for place in places:
        with suppress(RuntimeError):  # nothing is there, or a checksum is wrong
            return _Cifar10(place, split == "train", **options)
    archives = [place / CIFAR10.filename for place in places]
    whole = [path for path in archives if check_integrity(path, CIFAR10.tgz_md5)]
    extract_archive(whole[0] if whole else _load(places, *how_to_load), places[0])
    return _Cifar10(places[0], split == "train", **options)


def _load(places: list[Path], mirror: str | None, download: bool, progress: bool) -> Path:
    """Load the archive to the first place, under another name until its checksum is right."""
    home, url = places[0], mirror or CIFAR10.url
    url += CIFAR10.filename if url.endswith("/") else ""
    damaged = [place for place in places if (place / CIFAR10.base_folder).is_dir()]
    remedy = (
        f"{f'The copy in {damaged[0]} is damaged or not whole. ' if damaged else ''}"
        f"Get {CIFAR10.filename} (170 MB) by any other way, put it in {home}, and call again; or "
        "name the folder where it is by root= or D2LAUG_CIFAR10, or another address by mirror=. "
        "All other lessons run without it"
    )
    if not download:
        raise FileNotFoundError(f"no whole copy of CIFAR-10 is here; download is false. {remedy}")
    home.mkdir(parents=True, exist_ok=True)
    part = home / f"{CIFAR10.filename}.part"
    for _ in range(1 + part.exists()):  # what was there before may be wrong: once from the start
        with open(part, "ab") as file:
            problem = _append(url, file, progress)
            size = file.tell()
        if problem:
            kept = f" ({size:,} bytes are kept, and the next call goes on there)" if size else ""
            problem = f"{problem}{kept}"
            break
        if check_integrity(part, CIFAR10.tgz_md5):
            return part.replace(home / CIFAR10.filename)
        problem = f"its {size:,} bytes have another checksum than CIFAR-10"
        part.unlink()
    raise ConnectionError(f"CIFAR-10 could not be loaded from {url}: {problem}. {remedy}")


def _append(url: str, file: BinaryIO, progress: bool) -> Exception | str | None:
    """Append to `file` what it lacks, and return what went wrong."""
    while True:  # a slow host ends connections early: go on as long as each brings something
        start = file.tell()
        headers = {"User-Agent": "d2laug"} | ({"Range": f"bytes={start}-"} if start else {})
        problem: Exception | str = "the connection ended early"
        try:
            with urlopen(Request(url, headers=headers), timeout=60) as response:
                if response.status != 206:  # the host begins again
                    file.seek(0)
                    file.truncate()
                total = None if response.length is None else file.tell() + response.length
                sizes = {"total": total, "initial": file.tell(), "unit": "B", "unit_scale": True}
                with tqdm(desc="CIFAR-10", leave=False, disable=not progress, **sizes) as bar:
                    while chunk := response.read(2**16):
                        file.write(chunk)
                        bar.update(len(chunk))
            if total in (None, file.tell()):
                return None
        except (OSError, HTTPException, ValueError) as error:
            if start and getattr(error, "code", None) == 416:  # there is nothing after `start`
                return None
            problem = error
        if file.tell() <= start:
            return problem


class _Cifar10Jpeg(_Cifar10):
    """CIFAR-10 from a ZIP file of JPEGs, read without unpacking it."""

    source = "JPEGs that were encoded again, not the original files"

    def __init__(self, path: Path, split: str, progress: bool, **options: Transform) -> None:
        VisionDataset.__init__(self, path, **options)
        self.train, self.classes = split == "train", list(CIFAR10_CLASSES)
        self.class_to_idx = {name: label for label, name in enumerate(self.classes)}
        try:
            with zipfile.ZipFile(path) as archive:
                self._read(archive, split, progress)
        except FileNotFoundError:
            words = f"there is no file {path}: check root= or D2LAUG_CIFAR10"
            raise FileNotFoundError(words) from None
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
        bar = tqdm(found, unit="picture", leave=False, disable=not progress)
        for index, match in enumerate(bar):
            with Image.open(io.BytesIO(archive.read(match[0])), formats=["JPEG"]) as image:
                if image.size != (32, 32):
                    raise ValueError(f"{match[0]} is not of 32 x 32 pixels")
                self.data[index] = image.convert("RGB")
