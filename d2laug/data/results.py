"""The figures that the benchmarks wrote, which the lessons show."""

import json
from typing import Any

from d2laug.data.common import data_folder


def results(name: str) -> dict[str, Any]:
    """Return the figures of `benchmarks/results/NAME.json`, as the file holds them.

    `name` is, for example, "drinks_matrix"; `benchmarks/drinks_matrix.py` made that file. It is
    looked for beside the folder `data` of the repository, or beside the one that the environment
    variable `D2LAUG_DATA` names.

    Raises `ValueError` for an unknown name and `FileNotFoundError` where the folder is missing.

    >>> len(results("drinks_matrix")["runs"])
    105
    """
    folder = data_folder().parent / "benchmarks" / "results"
    names = sorted(path.stem for path in folder.glob("*.json"))
    if not names:
        raise FileNotFoundError(
            f"there are no results in {folder}: run from a clone of the repository, or set "
            "D2LAUG_DATA to its folder data"
        )
    if name not in names:
        raise ValueError(f"no results are called {name!r}; choose one of: {', '.join(names)}")
    # Any: each file has a layout of its own, which the benchmark that writes it describes
    figures: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return figures
