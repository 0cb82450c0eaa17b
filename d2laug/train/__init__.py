"""A small network, the loop that trains it, and the comparison of recipes over several seeds.

Pictures are one `uint8` tensor `[N, 3, H, W]` and labels one `int64` tensor `[N]`, as
`d2laug.data.drinks(split, tensors=True)` gives them. They stay as they are: each batch goes through
the transform as `uint8`, becomes floating point (0 to 1), and goes into the network. Sounds are one
`float32` tensor `[N, samples]`, as `d2laug.data.words(split)` gives them; they go through the
transform and into the network as they are.
"""

from d2laug.train.checks import Data, check_data
from d2laug.train.compare import compare
from d2laug.train.evaluate import accuracy, confusion_matrix, predict
from d2laug.train.loop import fit
from d2laug.train.networks import plain_network, residual_network
from d2laug.train.weights import load_network, save_network, trained_networks

__all__ = [
    "Data",
    "accuracy",
    "check_data",
    "compare",
    "confusion_matrix",
    "fit",
    "load_network",
    "plain_network",
    "predict",
    "residual_network",
    "save_network",
    "trained_networks",
]
