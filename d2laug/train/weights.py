"""Networks that have been trained for the lessons: their weights on disk."""

from torch import nn

from d2laug.data import data_folder
from d2laug.train.networks import plain_network


def save_network(network: nn.Module, name: str) -> None:
    """Write the weights of a `plain_network`, in half precision, to `data/networks`."""
    from safetensors.torch import save_file

    half = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    path = data_folder() / "networks" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in half.items()}, path)


def load_network(name: str) -> nn.Sequential:
    """Return a `plain_network` of the twelve drinks that has been trained on the lab's pictures.

    `name`: "none" (trained without augmentation) or "all" (with flips, crops, color jitter, color
    temperature and reflections). `python benchmarks/drinks_matrix.py` made the weights.

    Raises `ValueError` for another name and `FileNotFoundError` where the files are missing.

    >>> from d2laug.train import accuracy
    >>> from d2laug.data import drinks
    >>> round(accuracy(load_network("all"), drinks("lab/test", tensors=True)), 1)
    1.0
    """
    from safetensors.torch import load_file

    folder = data_folder() / "networks"
    names = sorted(path.stem for path in folder.glob("*.safetensors"))
    if not names:
        raise FileNotFoundError(
            f"there are no weights in {folder}: run from a clone of the repository, or set "
            "D2LAUG_DATA to its folder data"
        )
    if name not in names:
        raise ValueError(f"no network is called {name!r}; choose one of: {', '.join(names)}")
    weights = load_file(folder / f"{name}.safetensors")
    network = plain_network(len(weights["8.bias"]))
    network.load_state_dict(weights)
    return network.eval()


def trained_networks() -> dict[str, nn.Sequential]:
    """Return the two trained networks of the lessons by what one calls them there.

    Raises `FileNotFoundError` where the files are missing.

    >>> list(trained_networks())
    ['trained without augmentation', 'trained with augmentation']
    """
    return {
        "trained without augmentation": load_network("none"),
        "trained with augmentation": load_network("all"),
    }
