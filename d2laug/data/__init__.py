"""Data for the course: photographs, drinks, CIFAR-10, files of your own, words and results."""

from d2laug.data.cifar import CIFAR10_CLASSES, cifar10
from d2laug.data.common import data_folder
from d2laug.data.drinks import DRINKS, DRINKS_KELVINS, DRINKS_SPLITS, drink, drinks
from d2laug.data.files import MOST_BYTES, MOST_PIXELS, open_image
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

__all__ = [
    "BACKGROUNDS",
    "CIFAR10_CLASSES",
    "DRINKS",
    "DRINKS_KELVINS",
    "DRINKS_SPLITS",
    "MOST_BYTES",
    "MOST_PIXELS",
    "PHOTOS",
    "SAMPLE_RATE",
    "WORDS",
    "WORDS_SPLITS",
    "background",
    "cifar10",
    "data_folder",
    "drink",
    "drinks",
    "image_folder",
    "open_image",
    "photo",
    "results",
    "stratified_split",
    "words",
    "words_metadata",
]
