"""What the course keeps on a machine, and how to remove it."""

import sys
from pathlib import Path

from d2laug import COURSE, PACKAGE
from d2laug.cli.codes import where_kept
from d2laug.cli.lessons import find_folder


def places() -> dict[str, tuple[Path, str]]:
    """Return each place by what lies there, with how to remove it."""
    import matplotlib
    import torch

    from d2laug.augment import loops
    from d2laug.check import kept

    compiled = loops.copy.stats.cache_path  # type: ignore[attr-defined]  # Numba's
    forget = "names of checks that were passed and your guesses: remove the file to forget them"
    in_clone, pip = PACKAGE.parent == COURSE, f'"{sys.executable}" -m pip uninstall d2laug'
    found = {
        "lessons": (find_folder(None), "yours: remove the folder when you no longer want them"),
        "progress": (where_kept(None) / kept.FILE, forget),
        "package": (COURSE, "remove the clone") if in_clone else (PACKAGE, pip),
        "CIFAR-10": (Path(torch.hub.get_dir(), "cifar10"), "remove the folder; lesson 09 loads it"),
        "compiled": (Path(compiled), "remove the folder; it is made again"),
        "fonts": (Path(matplotlib.get_cachedir()), "remove the folder; matplotlib makes it again"),
    }
    if sys.prefix != sys.base_prefix:
        found["environment"] = (Path(sys.prefix), "remove the folder: all packages go with it")
    return found


def show() -> None:
    """Print the places, their sizes and how to remove them."""
    for name, (path, remove) in places().items():
        files = [file for file in (path, *path.rglob("*")) if file.is_file()]
        megabytes = sum(file.stat().st_size for file in files) / 1e6
        kept = f"{megabytes:.0f} MB" if path.exists() else "nothing yet"
        print(f"{name:12} {path}\n{'':12} {kept}; {remove}")
    print("A set-up with uv, uvx, pipx or pip may have a cache of its own: `uv cache clean`, ")
    print("`pip cache purge`, `pipx uninstall d2laug` empty them.")
