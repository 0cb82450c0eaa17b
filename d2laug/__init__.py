"""Image augmentation, taught in notebooks; this small package does the plumbing behind them."""

from d2laug.data import PHOTOS, photo
from d2laug.show import Picture, show_augmented, show_crops, show_histograms, show_images

__all__ = [
    "PHOTOS",
    "Picture",
    "photo",
    "show_augmented",
    "show_crops",
    "show_histograms",
    "show_images",
]
