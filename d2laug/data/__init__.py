"""Data for the course: photographs, drinks, CIFAR-10, files of your own, words and results.

What ships with the course is read from the folder `data` of the repository, or from the one that
the environment variable D2LAUG_DATA names; results from `benchmarks/results` beside it. Data sets
of pictures are torchvision's, or with `tensors=True` a pair of tensors, as words always are:
`uint8` `[N, 3, H, W]` or `float32` `[N, samples]`, and labels, `int64` `[N]`.
"""

from d2laug.data.archives import unzip
from d2laug.data.cifar import CIFAR10_CLASSES, cifar10
from d2laug.data.drinks import DRINKS, DRINKS_KELVINS, DRINKS_SPLITS, drink, drinks, drinks_places
from d2laug.data.files import open_image
from d2laug.data.folders import image_folder, stratified_split
from d2laug.data.photos import PHOTOS, photo
from d2laug.data.results import results
from d2laug.data.words import (
    BACKGROUNDS,
    SAMPLE_RATE,
    WORDS,
    WORDS_SPLITS,
    background,
    words,
    words_metadata,
)

__all__ = ["PHOTOS", "image_folder", "open_image", "photo", "results", "stratified_split", "unzip"]
__all__ += ["CIFAR10_CLASSES", "cifar10"]
__all__ += ["DRINKS", "DRINKS_KELVINS", "DRINKS_SPLITS", "drink", "drinks", "drinks_places"]
__all__ += ["BACKGROUNDS", "SAMPLE_RATE", "WORDS", "WORDS_SPLITS"]
__all__ += ["background", "words", "words_metadata"]
