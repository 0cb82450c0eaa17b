"""Sample photographs, out of the scikit-image package."""

from importlib.metadata import distribution

from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.data.common import check_name

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


def photo(name: str) -> Tensor:
    """Return a photograph of `PHOTOS` as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    Gray ones come with three equal channels. Raises `ValueError` for another name. Source:
    `skimage.data`, whose files are inside the scikit-image package.

    >>> photo("cat").shape
    torch.Size([3, 300, 451])
    """
    check_name("photo", name, PHOTOS)
    # found without importing skimage, which takes longer than reading the file
    path = distribution("scikit-image").locate_file(f"skimage/data/{PHOTOS[name]}")
    with Image.open(str(path)) as image:
        return F.pil_to_tensor(image.convert("RGB"))
