"""What several kinds of data need: names that are known, and files that are there.

- `data_folder`, `expand`, `find_file`, `locate`, `beside`: where something is
- `check_name`, `no_transform`, `reading`: errors that say what to do
"""

import io
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from torch import Tensor

from d2laug import COURSE as COURSE  # for other rooms too

Data = tuple[Tensor, Tensor]  # pictures or sounds, and their labels
Transform = Callable[..., object] | None
File = str | os.PathLike[str] | bytes | bytearray | memoryview  # a path, or what a file holds

FIX = "what is lost comes back with `git checkout data benchmarks` in a clone, or with another "
FIX += "installation of the course; D2LAUG_DATA, where it is set, names the folder data"


def data_folder() -> Path:
    """Return the course's folder `data`, or the one that `D2LAUG_DATA` names."""
    return expand(os.environ.get("D2LAUG_DATA") or COURSE / "data")


def expand(path: str | os.PathLike[str]) -> Path:
    """Return a path whose `~` is the home, where there is one: of `~$notes.docx` there is none."""
    return Path(os.path.expanduser(path))


def beside(path: Path) -> str:
    """Return words on what lies where `path` was looked for, and is not; of many the first."""
    place = next(folder for folder in path.absolute().parents if folder.is_dir())
    names = sorted(path.name for path in place.iterdir() if path.name[0] not in "._")
    return f"in {place} are: {', '.join(names[:12]) or 'no files and no folders'}"


def check_name(kind: str, name: str, names: Collection[str]) -> None:
    """Raise `ValueError` where `name` is none of `names`."""
    if name not in names:
        raise ValueError(f"no {kind} is called {name!r}; choose one of: {', '.join(names)}")


def find_file(kind: str, name: str, folder: Path, ending: str) -> Path:
    """Return the path of the file `name` with this ending in a folder.

    Raises `FileNotFoundError` where it has no such files, and `ValueError` where it has others.
    """
    names = sorted(path.stem for path in folder.glob(f"*{ending}"))
    if not names:
        raise FileNotFoundError(f"there are no {kind}s in {folder}: {FIX}")
    check_name(kind, name, names)
    return folder / f"{name}{ending}"


def locate(file: File, called: str) -> tuple[str, int, Callable[[], BinaryIO]]:
    """Return what a file is called, its bytes' number, and a function that opens it.

    Raises `FileNotFoundError` for no file or a folder; `TypeError` for neither path nor bytes.
    """
    if isinstance(file, (bytes, bytearray, memoryview)):
        return called, memoryview(file).nbytes, lambda: io.BytesIO(file)
    if not isinstance(file, (str, os.PathLike)):
        kind = type(file).__name__
        raise TypeError(f"expected a path, or the bytes of a file (value[0].content), not {kind}")
    path = expand(file)
    if not path.is_file():
        why = "image_folder reads folders" if path.is_dir() else beside(path)
        raise FileNotFoundError(f"there is no file {os.fspath(file)}; {why}")
    return os.fspath(file), path.stat().st_size, lambda: path.open("rb")


@contextmanager
def reading(path: str | Path, remedy: str = FIX) -> Iterator[None]:
    """Raise `FileNotFoundError` or `OSError` for what cannot be read, with what to do about it."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: {remedy}") from None
    except Exception as error:  # of what a damaged file can raise there is no list
        raise OSError(f"{path} is damaged ({error}): {remedy}") from error


def no_transform(tensors: bool, transform: Transform) -> None:
    """Raise `ValueError` where a transform is given that `tensors=True` would leave out."""
    if tensors and transform is not None:
        raise ValueError("tensors=True gives pictures as they are; apply transforms to the batch")
