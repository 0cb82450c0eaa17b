"""Small networks, the loop that trains them, and the comparison of recipes over several seeds.

Pictures, `uint8` `[N, 3, H, W]`, stay as they are: each batch goes through the transform as it is,
becomes floating point (0 to 1), and goes into the network. Sounds, `float32` `[N, samples]`, go
through the transform and into the network unchanged. Labels are `int64` `[N]`.
"""

from d2laug.train.checks import check_data
from d2laug.train.evaluate import accuracy, confusion_matrix, predict
from d2laug.train.loop import compare, fit
from d2laug.train.networks import marking_network, plain_network, residual_network
from d2laug.train.weights import load_network, save_network, trained_networks

__all__ = ["accuracy", "check_data", "compare", "confusion_matrix", "fit", "predict"]
__all__ += ["load_network", "marking_network", "plain_network", "residual_network"]
__all__ += ["save_network", "trained_networks"]
