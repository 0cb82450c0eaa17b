"""What several kinds of pictures need: where they are, and how a call goes on."""

import os
from pathlib import Path


def data_folder() -> Path:
    """Return the folder `data` of the repository, or the one that `D2LAUG_DATA` names."""
    return Path(os.environ.get("D2LAUG_DATA") or Path(__file__).parents[2] / "data")


def no_transforms(tensors, transform, target_transform):
    """Raise `ValueError` where transforms are given that `tensors=True` would leave out."""
    if tensors and (transform or target_transform):
        raise ValueError(
            "tensors=True gives the pictures as they are; apply transforms to the batch"
        )


def progress_bar(things, wanted, **options):
    """Return `things` with a tqdm bar around them, which is silent where it is not `wanted`."""
    from tqdm.auto import tqdm  # in a notebook it brings ipywidgets, which nobody waits for here

    return tqdm(things, leave=False, disable=not wanted, **options)
