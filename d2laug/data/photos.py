"""Sample photographs, out of the scikit-image package."""

from importlib.util import find_spec
from pathlib import Path

import torch
from PIL import Image
from torchvision.transforms.v2 import functional as F

# Every file is inside the scikit-image wheel; CC0 or public domain, by the notes in skimage.data.
PHOTOS = {
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
}


def photo(name: str) -> torch.Tensor:
    """Return a sample photograph as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    The names are the keys of `PHOTOS`. Gray photographs come with three equal channels.

    Raises `ValueError` for a name that is not in `PHOTOS`.

    Source: `skimage.data`, whose files are inside the scikit-image package.

    >>> photo("cat").shape
    torch.Size([3, 300, 451])
    """
    if name not in PHOTOS:
        raise ValueError(f"no photo is called {name!r}; choose one of: {', '.join(PHOTOS)}")
    # find_spec finds the folder without importing skimage, which takes longer than reading the file
    path = Path(find_spec("skimage").origin).parent / "data" / PHOTOS[name]
    with Image.open(path) as image:
        return F.pil_to_tensor(image.convert("RGB"))
