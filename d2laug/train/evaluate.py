"""What a network answers (`predict`), and how often it is right (`accuracy` and others)."""

import torch
from torch import Tensor, nn

from d2laug.data.common import Data
from d2laug.train.checks import ask, check_data, check_images, check_labels, check_numbers
from d2laug.train.networks import device_of


def predict(network: nn.Module, images: Tensor, batch_size: int = 256) -> Tensor:
    """Return the network's probabilities `[N, classes]` for `images` `[N, 3, H, W]` or sounds.

    Pictures are `uint8`, or floating point from 0 to 1; `batch_size` of them are asked about at
    once. Raises `ValueError` for others.

    >>> from d2laug.train import plain_network
    >>> predict(plain_network(3), torch.zeros(2, 3, 32, 32, dtype=torch.uint8)).shape
    torch.Size([2, 3])
    """
    check_images(images, "the images are", floats=True)
    check_numbers(batch_size=batch_size)
    network.eval()
    device, batches = device_of(network), images.split(int(batch_size))
    answers = [ask(network, x.to(device), "a batch of them").softmax(1) for x in batches]
    return torch.cat(answers).float().cpu()


def accuracy(network: nn.Module, data: Data) -> float:
    """Return the share, 0 to 1, of the pictures of `data` that `network` gets right.

    `data` is a pair `(images, labels)` as for `fit`. Raises `ValueError` where the two do not fit.
    """
    probabilities, labels = _answers(network, data)
    return (probabilities.argmax(1) == labels).float().mean().item()


def confusion_matrix(network: nn.Module, data: Data) -> Tensor:
    """Return counts `[classes, classes]`: row the class in `data`, column what `network` says.

    They are `int64`; `data` and errors are as for `accuracy`.
    """
    probabilities, labels = _answers(network, data)
    classes = probabilities.shape[1]
    pairs = labels * classes + probabilities.argmax(1)
    return pairs.bincount(minlength=classes * classes).view(classes, classes)


def _answers(network: nn.Module, data: Data) -> Data:
    """Return the probabilities and the labels, which are checked."""
    images, labels = check_data(data)
    probabilities = predict(network, images)
    check_labels(labels, probabilities.shape[1])
    return probabilities, labels.cpu()
