"""The figures that the benchmarks wrote, which the lessons show."""

import json
from typing import Any

from d2laug.data.common import data_folder, find_file, reading


def results(name: str) -> dict[str, Any]:
    """Return the figures of `benchmarks/results/NAME.json`, which `benchmarks/NAME.py` wrote.

    Raises `ValueError` for an unknown name and `FileNotFoundError` where the folder is missing.

    >>> results("drinks_matrix")["epochs"]
    24
    """
    folder = data_folder().resolve().parent / "benchmarks" / "results"
    path = find_file("results file", name, folder, ".json")
    with reading(path):  # Any: each has a layout of its own, that of the benchmark which writes it
        return json.loads(path.read_text("utf-8"))
