"""Networks that have been trained for the lessons: their weights on disk."""

from torch import nn

from d2laug.data.common import data_folder, find_file, reading
from d2laug.train.networks import marking_network, plain_network


def save_network(network: nn.Module, name: str) -> None:
    """Write the weights of a network to `data/networks`, under `name` and in half precision."""
    from safetensors.torch import save_file

    half = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    path = data_folder() / "networks" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in half.items()}, path)


def load_network(name: str) -> nn.Module:
    """Return a network that has trained on the lab's pictures.

    `name`: "none" (without augmentation) or "all" (with flips, crops, color jitter, color
    temperature and reflections), `plain_network`s of the twelve drinks, made by
    `python benchmarks/drinks_matrix.py`; or "labels_moved" or "labels_left_behind",
    `marking_network`s of the drink's pixels, made by `python benchmarks/left_behind.py`. Raises
    `ValueError` for another name and `FileNotFoundError` where the files are missing.

    >>> load_network("all").get_submodule("8")
    Linear(in_features=128, out_features=12, bias=True)
    """
    from safetensors.torch import load_file

    path = find_file("network", name, data_folder() / "networks", ".safetensors")
    with reading(path):
        weights = load_file(path)
    network = plain_network(len(weights["8.bias"])) if "8.bias" in weights else marking_network()
    network.load_state_dict(weights)
    return network.eval()


def trained_networks() -> dict[str, nn.Module]:
    """Return both networks of `load_network`, by what one calls them.

    >>> list(trained_networks())
    ['trained without augmentation', 'trained with augmentation']
    """
    names = {"trained without augmentation": "none", "trained with augmentation": "all"}
    return {name: load_network(recipe) for name, recipe in names.items()}
