"""Pictures for the course: photographs, the drinks, CIFAR-10, and files of your own."""

from d2laug.data.cifar import CIFAR10_CLASSES, cifar10
from d2laug.data.common import data_folder
from d2laug.data.drinks import DRINKS_KELVINS, DRINKS_SPLITS, drinks
from d2laug.data.files import MOST_BYTES, MOST_PIXELS, open_image
from d2laug.data.folders import image_folder, stratified_split
from d2laug.data.photos import PHOTOS, photo

__all__ = [
    "CIFAR10_CLASSES",
    "DRINKS_KELVINS",
    "DRINKS_SPLITS",
    "MOST_BYTES",
    "MOST_PIXELS",
    "PHOTOS",
    "cifar10",
    "data_folder",
    "drinks",
    "image_folder",
    "open_image",
    "photo",
    "stratified_split",
]
