"""Pictures for the course: photographs, the drinks, CIFAR-10, and files of your own."""

import io
import os
import re
import warnings
import zipfile
from contextlib import suppress
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import torch
from PIL import ExifTags, Image, UnidentifiedImageError
from torchvision.datasets import CIFAR10, ImageFolder, VisionDataset
from torchvision.datasets.utils import check_integrity, extract_archive
from torchvision.transforms.v2 import functional as F

# Every file is inside the scikit-image wheel; CC0 or public domain, by the notes in skimage.data.
PHOTOS = {
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
}


def photo(name: str) -> torch.Tensor:
    """Return a sample photograph as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    The names are the keys of `PHOTOS`. Grey photographs come with three equal channels.

    Raises `ValueError` for a name that is not in `PHOTOS`.

    Source: `skimage.data`, whose files are inside the scikit-image package.

    >>> photo("cat").shape
    torch.Size([3, 300, 451])
    """
    if name not in PHOTOS:
        raise ValueError(f"no photo is called {name!r}; choose one of: {', '.join(PHOTOS)}")
    # find_spec finds the folder without importing skimage, which takes longer than reading the file
    path = Path(find_spec("skimage").origin).parent / "data" / PHOTOS[name]
    with Image.open(path) as image:
        return F.pil_to_tensor(image.convert("RGB"))


MOST_PIXELS = 50_500_000  # the 50 megapixels of many telephones
MOST_BYTES = 256 * 2**20
# What cameras, telephones, scanners and browsers write. Pillow reads more, but some of the others
# start programs, or need memory that does not follow from the number of pixels.
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_TIFF_COMPRESSIONS = ("raw", "packbits", "group3", "group4", "tiff_ccitt", "tiff_lzw", "jpeg")
_TIFF_COMPRESSIONS += ("tiff_jpeg", "tiff_adobe_deflate", "tiff_deflate")
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(file) -> torch.Tensor:
    """Return the picture in a file as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    `file` is a path, or the bytes of a file, as `ipywidgets.FileUpload` gives them. JPEG, PNG,
    WebP, AVIF, GIF, TIFF, BMP and PPM are read, whatever the name ends with. The picture stands
    upright, as its EXIF rotation says; transparent parts lie on white; of an animation or several
    pages comes the first; of 16 bits a channel the upper 8; color profiles are left aside.

    Raises `OSError` for a file that is missing, empty, cut off, damaged or no picture, of another
    format (HEIC and raw photos among them), over `MOST_BYTES` (256 MiB) or `MOST_PIXELS` (50.5
    million), or whose pixels have no fixed white (32 bits a channel) or are not of red, green and
    blue (LAB); `TypeError` for what is neither a path nor bytes. Beside the bytes of the file,
    reading takes at most 20 bytes of memory a pixel: 1 GB for the largest picture.

    >>> buffer = io.BytesIO()
    >>> Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(buffer, "png")
    >>> picture = open_image(buffer.getvalue())
    >>> picture.shape, picture.unique()
    (torch.Size([3, 2, 4]), tensor([255], dtype=torch.uint8))
    """
    if isinstance(file, (str, os.PathLike)):
        name, path = os.fspath(file), Path(file)
        if not path.is_file():
            hint = "it is a folder; image_folder reads folders" if path.is_dir() else "check it"
            raise FileNotFoundError(f"there is no file {name}: {hint}")
        size = path.stat().st_size
    elif isinstance(file, (bytes, bytearray, memoryview)):
        name, path, size = "the picture", None, memoryview(file).nbytes
    else:
        raise TypeError(
            f"expected a path, or the bytes of a file (of a FileUpload: value[0].content), given a "
            f"{type(file).__name__}"
        )
    content = b""
    try:
        if size > MOST_BYTES:
            raise _Refused(f"has {size:,} bytes; at most {MOST_BYTES:,} are read. {_REDUCE}")
        content = path.read_bytes() if path else bytes(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about tags, not about pixels
            return _decode(content)
    except Exception as error:  # the decoder of a damaged file may raise anything
        raise OSError(f"{name} {_why(error, content)}") from None


class _Refused(Exception):
    """Says why a file is not read, and what to do."""


_REDUCE = "Make the picture smaller in an image editor, and save it as JPEG"
_AGAIN = "Take the original file again, or open it in an image editor and save it as JPEG"


def _decode(content: bytes) -> torch.Tensor:
    image, white_is = _load_upright(content)
    if white_is == 65535:  # of 16 bits the upper 8, as Pillow does where there are three channels
        values = np.asarray(image)
        grey = (values >> 8).astype(np.uint8)
        grey[values == image.info.get("transparency", -1)] = 255
        image = Image.fromarray(grey)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        image = white
    return F.pil_to_tensor(image if image.mode == "RGB" else image.convert("RGB"))


def _load_upright(content: bytes) -> tuple[Image.Image, int]:
    """Return the picture, turned as its EXIF data says, and the value of white in it."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    with Image.open(io.BytesIO(content), formats=formats) as image:
        pixels, white_is = image.width * image.height, 255
        if image.format == "TIFF":
            tags = image.tag_v2
            if tags.get(254, 0) & 1:  # "reduced-resolution version of another image in this file"
                raise _Refused(f"is a raw photo, of which only a preview can be read. {_AGAIN}")
            if image.info.get("compression") not in _TIFF_COMPRESSIONS:
                raise _Refused(f"is a TIFF of an unusual compression. {_AGAIN}")
            pixels = max(pixels, tags.get(322, 0) * tags.get(323, 0))  # a tile can be the larger
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
            white_is = 65535
        elif image.mode in ("I", "F", "LAB"):
            raise _Refused(f"has pixels of 32 bits, or not of red, green and blue. {_AGAIN}")
        image.load()
        try:
            turn = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation))
        except Exception:  # of a damaged description; the pixels can be whole
            turn = None
        return (image if turn is None else image.transpose(turn)), white_is


def _why(error: Exception, content: bytes) -> str:
    """Return the rest of a sentence that begins with a file's name: why it is not read."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, Image.DecompressionBombError):
        return f"has more than {MOST_PIXELS / 1e6} million pixels. {_REDUCE}"
    if isinstance(error, MemoryError):
        return f"needs more memory than this machine has. {_REDUCE}"
    if not content:
        return "is empty (0 bytes). Copy it again from where it came from"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return (
            "is a HEIC photo, as iPhones take them, which cannot be read here. Export it as JPEG "
            "on a computer, or take JPEGs: Settings, Camera, Formats, Most Compatible"
        )
    if isinstance(error, UnidentifiedImageError):
        text = " ".join(content[:60].decode(errors="ignore").split())
        if text.isprintable() and len(text.encode()) > 0.8 * len(content[:60]):
            return f"is text and no picture: it begins with {text[:30]!r}. {_AGAIN}"
        return (
            f"is no picture of a format that is read ({', '.join(_FORMATS)}), or damaged. {_AGAIN}"
        )
    return f"is damaged or cut off ({error or type(error).__name__}). {_AGAIN}"


_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def image_folder(
    path, tensors=False, size=96, classes=None, transform=None, target_transform=None, progress=True
):
    """Return the pictures of a folder that holds one folder for each class, as `mug/1.jpg`.

    The result is a `torchvision.datasets.ImageFolder`, with its `classes`, `class_to_idx`,
    `samples` and `targets`, whose pictures are what `open_image` returns: every format that it
    reads, at their own sizes. Files and folders that programs hide there are left out.

    With `tensors=True` everything comes at once, as two tensors: the pictures `uint8`
    `[N, 3, size, size]` with values 0 to 255, and the labels `int64` `[N]`. Of each picture the
    largest square in its middle is resized. `stratified_split` sets a part of them aside.

    `classes` names the classes that must be there, no more and no fewer: those of the training
    pictures, for a folder of test pictures, or the same number would mean another thing.

    Raises `FileNotFoundError` for no such folder, no folder in it, or a class without a picture;
    `ValueError` for other classes than `classes`, a `size` below 1, and transforms together with
    `tensors=True`; `OSError` for a file that `open_image` refuses, when it is read.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("mug", "spoon"):
    ...         os.mkdir(f"{folder}/{name}")
    ...         Image.new("RGB", (40, 30)).save(f"{folder}/{name}/1.jpg")
    ...     images, labels = image_folder(folder, tensors=True, size=16)
    >>> images.shape, labels
    (torch.Size([2, 3, 16, 16]), tensor([0, 1]))
    """
    _no_transforms(tensors, transform, target_transform)
    if size < 1:
        raise ValueError(f"size is {size!r}; expected the side of a picture in pixels, from 1")
    if not os.path.isdir(path):
        raise FileNotFoundError(f"there is no folder {path}: check its name")
    folder = _PhotoFolder(
        path,
        transform,
        target_transform,
        loader=open_image,
        is_valid_file=lambda file: not _HIDDEN.search(os.path.relpath(file, path)),
        allow_empty=True,
    )
    empty = [name for label, name in enumerate(folder.classes) if label not in folder.targets]
    if empty:
        raise FileNotFoundError(
            f"no picture is in {', '.join(empty)} of {path}: put some there, or remove the folder"
        )
    if classes is not None and list(classes) != folder.classes:
        raise ValueError(
            f"the classes of {path} are {', '.join(folder.classes)}; expected the folders "
            f"{', '.join(classes)}, in the order of the alphabet"
        )
    if not tensors:
        return folder
    files = _bar(folder.samples, progress, unit="picture")
    images = torch.stack([_square(open_image(file), size) for file, _ in files])
    return images, torch.tensor(folder.targets)


# What systems and notebooks leave behind: .DS_Store, .ipynb_checkpoints, __MACOSX, Thumbs.db ...
_HIDDEN = re.compile(r"(^|[/\\])(\.|__|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


class _PhotoFolder(ImageFolder):
    def find_classes(self, directory):
        names = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        classes = [name for name in names if not _HIDDEN.search(name)]
        if not classes:
            raise FileNotFoundError(
                f"{directory} holds no folders: give each class one of its own, as in "
                f"{os.path.join(directory, 'mug', '1.jpg')}"
            )
        return classes, {name: label for label, name in enumerate(classes)}


def _bar(things, wanted, **options):
    from tqdm.auto import tqdm  # in a notebook it brings ipywidgets, which nobody waits for here

    return tqdm(things, leave=False, disable=not wanted, **options)


def _square(image, size):
    # cut first: a strip of one pixel's height would become huge if it were resized first
    return F.resize(F.center_crop(image, min(image.shape[1:])), [size, size])


def stratified_split(data, share=0.25, seed=0):
    """Split `(images, labels)` at random in two such pairs; the second gets `share` of each class.

    `images` is `[N, ...]` and `labels` `int64` `[N]`. Every class is in both parts, with at least
    one picture. `seed` decides which pictures go where.

    Raises `ValueError` for a `share` that is not between 0 and 1, for a class of one picture, and
    where the numbers of images and labels differ.

    >>> images, labels = torch.zeros(20, 3, 8, 8), torch.arange(20) % 2
    >>> train, validation = stratified_split((images, labels), share=0.2)
    >>> train[1].bincount(), validation[1].bincount()
    (tensor([8, 8]), tensor([2, 2]))
    """
    images, labels = data
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images and {len(labels)} labels; expected one a picture")
    if not 0 < share < 1:
        raise ValueError(f"share is {share!r}; expected a number between 0 and 1")
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        n = len(members)
        if n < 2:
            raise ValueError(
                f"class {label} has one picture, and a split needs two: one to learn from, "
                "one to test on"
            )
        order = torch.randperm(n, generator=generator)
        chosen[members[order[: min(max(round(share * n), 1), n - 1)]]] = True
    return (images[~chosen], labels[~chosen]), (images[chosen], labels[chosen])


# What each split changes is on the data card, data/README.md.
DRINKS_KELVINS = (6500, 5500, 5000, 4500, 3500, 2500)
DRINKS_SPLITS = (
    "lab/train",
    "lab/val",
    "lab/test",
    *(f"light/{kelvin}" for kelvin in DRINKS_KELVINS),
    "reflections",
    "viewpoint",
    "mirrored",
    "show/test",
    "show/cloth",
    "show/train",
    "pairs/mirror/train",
    "pairs/mirror/test",
    "pairs/hue/train",
    "pairs/hue/test",
)


def drinks(split, tensors=False, transform=None, target_transform=None):
    """Return one split of the drinks, pictures of 96 x 96 pixels rendered for this course.

    The splits are in `DRINKS_SPLITS`. The result is a `torchvision.datasets.ImageFolder`, with its
    `classes`, `class_to_idx`, `samples` and `targets`, of PIL images and integer labels;
    `transform` and `target_transform` work as there.

    With `tensors=True` everything comes at once, as two tensors: the pictures `uint8`
    `[N, 3, 96, 96]` with values 0 to 255, and the labels `int64` `[N]`.

    The pictures are in `data/drinks` of the repository, or of the folder that the environment
    variable `D2LAUG_DATA` names (`drinks` in there).

    Raises `ValueError` for an unknown split and for transforms together with `tensors=True`,
    `FileNotFoundError` for missing pictures, and `OSError` for damaged ones when they are read.

    >>> lab = drinks("lab/test")
    >>> lab.classes[:3]
    ['apple_carton', 'cherry_can', 'coffee_cup']
    >>> image, label = lab[0]
    >>> image.size, label
    ((96, 96), 0)
    >>> images, labels = drinks("lab/test", tensors=True)
    >>> images.shape, images.dtype, labels.shape
    (torch.Size([240, 3, 96, 96]), torch.uint8, torch.Size([240]))
    """
    if split not in DRINKS_SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of: {', '.join(DRINKS_SPLITS)}")
    _no_transforms(tensors, transform, target_transform)
    home = data_folder() / "drinks"
    _check_all_there(home, split)
    folder = ImageFolder(home / split, transform, target_transform, loader=_read_drink)
    if not tensors:
        return folder
    images = [np.asarray(_read_drink(path)) for path, _ in folder.samples]
    images = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(folder.targets)


def data_folder() -> Path:
    """Return the folder `data` of the repository, or the one that `D2LAUG_DATA` names."""
    return Path(os.environ.get("D2LAUG_DATA") or Path(__file__).parents[1] / "data")


def _no_transforms(tensors, transform, target_transform):
    if tensors and (transform or target_transform):
        raise ValueError(
            "tensors=True gives the pictures as they are; apply transforms to the batch"
        )


_MEND = "bring it back with `git checkout data/drinks`, or render it again with `make drinks`"


def _check_all_there(home, split):
    """Compare the files of a split with the list of all pictures."""
    try:
        with open(home / "metadata.csv") as file:
            # The first column is the file's name, which holds no comma.
            wanted = {row.partition(",")[0] for row in file if row.startswith(f"{split}/")}
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the drinks are not in {home}: run from a clone of the repository, or set D2LAUG_DATA "
            "to its folder data"
        ) from None
    missing = sorted(
        wanted - {path.relative_to(home).as_posix() for path in (home / split).rglob("*.jpg")}
    )
    if missing or not wanted:
        names = ", ".join(missing[:3]) or split
        raise FileNotFoundError(
            f"{len(missing) or 'all'} pictures of {split} are missing from {home}: {names}"
            f"{', ...' if len(missing) > 3 else ''}; {_MEND}"
        )


def _read_drink(path):
    """Open a picture, whole, or say which one is damaged."""
    try:
        with Image.open(path) as image:
            if image.size != (96, 96):
                raise OSError(f"{image.width} x {image.height} pixels where 96 x 96 are expected")
            return image.convert("RGB")
    except OSError as error:
        raise OSError(f"{path} is damaged ({error}); {_MEND}") from error


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
    _no_transforms(tensors, transform, target_transform)
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
    data = Path(os.environ.get("D2LAUG_DATA") or Path(__file__).parents[1] / "data")
    cache = Path(torch.hub.get_dir()) / "cifar10"
    return [cache, data, Path("data"), Path("../data"), Path.home() / "data"]


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
    bar = _bar(None, progress, desc="CIFAR-10", **sizes)
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
        for index, match in enumerate(_bar(found, progress, unit="picture")):
            with Image.open(io.BytesIO(archive.read(match[0])), formats=["JPEG"]) as image:
                if image.size != (32, 32):
                    raise ValueError(f"{match[0]} is not of 32 x 32 pixels")
                self.data[index] = image.convert("RGB")
