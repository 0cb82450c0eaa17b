"""What the course keeps on a machine, and how to remove it."""

import sys
from pathlib import Path

from d2laug.cli.codes import where_kept
from d2laug.cli.lessons import COURSE, PACKAGE, find_folder


def size(path: Path) -> int:
    """Return the bytes of a file or of all files in a folder; 0 where there is none."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def places() -> dict[str, tuple[Path, str]]:
    """Return each place by what lies there, with how to remove it."""
    import matplotlib
    import torch

    from d2laug.augment import loops
    from d2laug.check import kept

    pip = f'"{sys.executable}" -m pip uninstall d2laug'
    found = {
        "lessons": (find_folder(None), "yours: remove the folder when you no longer want them"),
        "progress": (
            where_kept(None) / kept.FILE,
            "names of checks that were passed and your guesses: remove the file to forget them",
        ),
        "package": (PACKAGE, pip),
        "CIFAR-10": (
            Path(torch.hub.get_dir()) / "cifar10",
            "remove the folder; lesson 09 loads it",
        ),
        "compiled": (Path(loops.copy.stats.cache_path), "remove the folder; it is made again"),  # type: ignore[attr-defined]  # Numba's
        "fonts": (Path(matplotlib.get_cachedir()), "remove the folder; matplotlib makes it again"),
    }
    if PACKAGE.parent == COURSE:
        found["package"] = (COURSE, "remove the clone")
    if sys.prefix != sys.base_prefix:
        found["environment"] = (Path(sys.prefix), "remove the folder: all packages go with it")
    return found


def show() -> int:
    """Print the places, their sizes and how to remove them; return 0."""
    for name, (path, remove) in places().items():
        megabytes = f"{size(path) / 1e6:.0f} MB" if path.exists() else "nothing yet"
        print(f"{name:12} {path}\n{'':12} {megabytes}; {remove}")
    print("A set-up with uv, uvx, pipx or pip may have a cache of its own: `uv cache clean`, ")
    print("`pip cache purge`, `pipx uninstall d2laug` empty them.")
    return 0
