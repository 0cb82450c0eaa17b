"""A ZIP of pictures, unpacked with care: strangers make them, and browsers bring them."""

import atexit
import os
import re
import shutil
import stat
import unicodedata
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from zipfile import ZipFile, ZipInfo

from d2laug.data.common import File, expand, locate

MOST_FILES = 20_000
MOST_UNPACKED = 4 * 2**30  # bytes: a thousand photos and more
# What systems, notebooks and telephones leave beside pictures: .DS_Store, .ipynb_checkpoints,
# __MACOSX, Thumbs.db ..., the film of a live photo, texts.
_FILMS = "3gp|avi|m4v|mkv|mov|mp4|mts|webm|wmv"
BESIDE = re.compile(rf"(?i)(^|[/\\])(\.|__)|\.(aae|csv|db|ini|json|md|txt|xmp|{_FILMS})$")


def unzip(file: File, folder: str | os.PathLike[str] | None = None) -> Path:
    """Unpack a ZIP of pictures into a new folder, the whole or nothing, and return the folder.

    `file` is a path, or the bytes of a file, as `ipywidgets.FileUpload` gives them. Without
    `folder`, the new one is among the system's temporary files until Python ends. Where one folder
    holds all the others, that one is returned. Hidden files stay out, films and texts too.

    Raises `FileNotFoundError` for no such file, `FileExistsError` where `folder` is there, and
    `OSError` for what is no ZIP, damaged, locked by a password or empty, has links or places
    outside of it, more than 20,000 files or, unpacked, more than 4 GiB or (beyond 100 MB) than 100
    times its size; `TypeError` for neither a path nor bytes.

    >>> import io
    >>> content = io.BytesIO()
    >>> with ZipFile(content, "w") as archive:
    ...     archive.writestr("photos/mug/1.jpg", b"")
    >>> [path.name for path in unzip(content.getvalue()).iterdir()]
    ['mug']
    """
    name, size, opened = locate(file, "the ZIP")
    if folder is None:
        home = mkdtemp()
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        folder = Path(home) / "photos"
    folder = expand(folder)
    if folder.exists():
        raise FileExistsError(f"{folder} is there: give another folder, or remove this one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".unzip-", dir=folder.parent) as part:  # for interruptions
        try:
            with opened() as content, ZipFile(content) as archive:
                for place, info in _places(archive, size).items():
                    target = Path(part, "photos", place)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(info) as source, target.open("xb") as copy:
                        shutil.copyfileobj(source, copy)
        except Exception as error:  # of a damaged ZIP; there is no list
            why = f"{str(error) or type(error).__name__}. Make a ZIP of folders"
            raise OSError(f"{name} is not unpacked: {why}; open_image reads a picture") from None
        Path(part, "photos").rename(folder)
    return _inside(folder)


def _places(archive: ZipFile, size: int) -> dict[Path, ZipInfo]:
    """Return where each file of a ZIP goes; refuse what a ZIP of pictures does not have."""
    found: dict[Path, ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename
        if not info.flag_bits & 0x800:  # "in UTF-8", which macOS writes without this flag
            with suppress(UnicodeError):
                name = name.encode("cp437").decode()
        parts = re.split(r"[/\\]", unicodedata.normalize("NFC", name))
        if ".." in parts or not parts[0] or re.match("[A-Za-z]:", name):
            raise ValueError(f"{name!r} is a place outside of it")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ValueError(f"{name!r} is a link")
        parts = [part for part in parts if part != "."]
        if not parts[-1] or BESIDE.search("/".join(parts)):  # a folder, or no picture
            continue
        if info.flag_bits & 1:
            raise ValueError("it is locked by a password")
        # what Windows refuses in a name, it is refused nowhere
        place = Path(*(re.sub(r'[<>:"|?*\0-\x1f]', "_", p).rstrip(". ") or "_" for p in parts))
        if place in found:
            raise ValueError(f"it has two files {place}")
        found[place] = info
    unpacked = sum(info.file_size for info in found.values())
    if not found:
        raise ValueError("no picture is in it")
    if len(found) > MOST_FILES:
        raise ValueError(f"it has {len(found):,} files; at most {MOST_FILES:,} are unpacked")
    if unpacked > min(MOST_UNPACKED, 10**8 + 100 * size):
        raise ValueError(f"its {size:,} bytes become {unpacked:,}, which photos do not")
    return found


def _inside(folder: Path) -> Path:
    """Return the folder, or the only one in it, as long as that has folders too."""
    folders = [path for path in folder.iterdir() if path.is_dir()]
    alone = len(folders) == 1 and any(path.is_dir() for path in folders[0].iterdir())
    return _inside(folders[0]) if alone else folder
