"""CIFAR-10: found on this machine, or loaded and checked."""

import io
import os
import re
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen
from zipfile import ZipFile

import numpy as np
import torch
from PIL import Image
from torchvision.datasets import CIFAR10, VisionDataset
from torchvision.datasets.utils import check_integrity, extract_archive
from tqdm.auto import tqdm

from d2laug.data.common import Data, Transform, check_name, data_folder, no_transform, reading

CIFAR10_CLASSES: tuple[str, ...] = ("airplane", "automobile", "bird", "cat", "deer")
CIFAR10_CLASSES += ("dog", "frog", "horse", "ship", "truck")


class _Cifar10(CIFAR10):
    source = "the original files"


class _Cifar10Jpeg(_Cifar10):
    source = "JPEGs that were encoded again, not the original files"

    def __init__(self, path: Path, split: str, transform: Transform, progress: bool) -> None:
        """Read a ZIP file, without unpacking it."""
        VisionDataset.__init__(self, path, transform=transform)
        self.train, self.classes = split == "train", list(CIFAR10_CLASSES)
        self.class_to_idx = {name: label for label, name in enumerate(self.classes)}
        layout = re.compile(rf"{split}/({'|'.join(CIFAR10_CLASSES)})/(\d+)\.jpg")
        remedy = "copy it again, or name another by root= or D2LAUG_CIFAR10"
        with reading(path, remedy), ZipFile(path) as file:
            found = [match for match in map(layout.fullmatch, file.namelist()) if match]
            # by number, then by class: any first part is balanced, as it is in the original
            found.sort(key=lambda match: (int(match[2]), match[1]))
            self.targets = [self.class_to_idx[match[1]] for match in found]
            if set(self.targets) != set(range(10)):
                raise ValueError(f"it lacks classes, or is not of the layout {split}/cat/0000.jpg")
            self.data = np.empty((len(found), 32, 32, 3), np.uint8)
            bar = tqdm(found, unit="picture", leave=False, disable=not progress)
            for picture, match in zip(self.data, bar, strict=True):
                with Image.open(io.BytesIO(file.read(match[0])), formats=["JPEG"]) as image:
                    if image.size != (32, 32):
                        raise ValueError(f"{match[0]} is not of 32 x 32 pixels")
                    picture[:] = np.asarray(image.convert("RGB"))


def cifar10(
    split: str,
    tensors: bool = False,
    transform: Transform = None,
    *,
    root: str | Path | None = None,
    download: bool = True,
    progress: bool = True,
) -> _Cifar10 | Data:
    """Return CIFAR-10: 50,000 ("train") or 10,000 ("test") photographs of 32 x 32 pixels.

    It is a `torchvision.datasets.CIFAR10` of PIL images, or with `tensors=True` two tensors: the
    pictures `uint8` `[N, 3, 32, 32]` with values 0 to 255, and the labels `int64` `[N]`.

    `cifar-10-batches-py` or `cifar-10-python.tar.gz` is taken from the folder `root`, or else from
    the one that D2LAUG_CIFAR10 names, or else from `torch.hub.get_dir()/cifar10` or the folder
    `data` of the repository. Where there is none, 170 MB are loaded to the first of these and
    checked; a load that stopped goes on where it was. Both can also name a ZIP file with JPEGs,
    `train/cat/0000.jpg`: **not the original's bytes**, as each was encoded once more. Say so beside
    a number that was made with them; `source` of the dataset says which of the two was read.

    Raises `ValueError` for an unknown split or a transform with `tensors=True`, `OSError` for a
    damaged ZIP file, and where there is no whole copy `ConnectionError` if it could not be loaded,
    `FileNotFoundError` if `download` is false. Source: Krizhevsky, "Learning multiple layers of
    features from tiny images", 2009.

    >>> cifar10("test", progress=False)[3][0].size
    (32, 32)
    """
    check_name("split", split, ("train", "test"))
    no_transform(tensors, transform)
    given = root or os.environ.get("D2LAUG_CIFAR10")
    path = Path(given).expanduser() if given else None
    if path and path.suffix.lower() == ".zip":
        dataset: _Cifar10 = _Cifar10Jpeg(path, split, transform, progress)
    else:
        dataset = _original(path, split, transform, download, progress)
    if not tensors:
        return dataset
    images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(dataset.targets)


def _original(given, split, transform, download, progress):
    """Return the dataset from the first place that has a whole copy; or load one to the first."""
    places = [Path(torch.hub.get_dir()) / "cifar10", data_folder()]
    if given:
        inside = given.name in (CIFAR10.base_folder, CIFAR10.filename)
        places = [given.parent if inside else given]
    for place in places:
        with suppress(RuntimeError):  # nothing is there, or a checksum is wrong
            return _Cifar10(place, split == "train", transform)
    archives = [place / CIFAR10.filename for place in places]
    whole = [path for path in archives if check_integrity(path, CIFAR10.tgz_md5)]
    extract_archive(whole[0] if whole else _load(places, download, progress), places[0])
    return _Cifar10(places[0], split == "train", transform)


def _load(places, download, progress):
    """Load the archive to the first place, under another name until its checksum is right."""
    home = places[0]
    damaged = [place for place in places if (place / CIFAR10.base_folder).is_dir()]
    remedy = f"The copy in {damaged[0]} is damaged or not whole. " if damaged else ""
    remedy += f"Get {CIFAR10.filename} (170 MB) by any other way, put it in {home}, and call again;"
    remedy += " or name the folder where it is by root= or D2LAUG_CIFAR10. All other lessons run"
    remedy += " without it"
    if not download:
        raise FileNotFoundError(f"no whole copy of CIFAR-10 is here; download is false. {remedy}")
    home.mkdir(parents=True, exist_ok=True)
    part = home / f"{CIFAR10.filename}.part"
    part.touch()
    while not check_integrity(part, CIFAR10.tgz_md5):
        before = part.stat().st_size
        problem = _append(part, progress)
        size = part.stat().st_size
        if size > before:  # a slow host ends connections early: go on while each brings something
            continue
        if problem is None:
            part.unlink()
            problem = f"its {size:,} bytes have another checksum than CIFAR-10; call to begin again"
        elif size:
            problem = f"{problem} ({size:,} bytes are kept, and the next call goes on there)"
        raise ConnectionError(f"{CIFAR10.url} could not be loaded: {problem}. {remedy}")
    return part.replace(home / CIFAR10.filename)


def _append(part: Path, progress: bool) -> Exception | str | None:
    """Append to a file what one connection brings of the rest; return what went wrong."""
    with open(part, "ab") as file:
        headers = {"User-Agent": "d2laug", "Range": f"bytes={file.tell()}-"}
        try:
            with urlopen(Request(CIFAR10.url, headers=headers), timeout=60) as response:
                if response.status != 206:  # the host begins again
                    file.seek(0)
                    file.truncate()
                total = file.tell() + response.length if response.length else None
                sizes = {"total": total, "initial": file.tell(), "unit": "B", "unit_scale": True}
                with tqdm(desc="CIFAR-10", leave=False, disable=not progress, **sizes) as bar:
                    while chunk := response.read(2**16):
                        file.write(chunk)
                        bar.update(len(chunk))
                return "the connection ended early" if response.length else None
        except (OSError, HTTPException) as error:
            return None if getattr(error, "code", None) == 416 else error  # it has no more
