"""A picture in a file of your own, whatever wrote it; or why it is not read."""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError
from torch import Tensor
from torchvision.transforms.v2 import functional as F

MOST_PIXELS = 50_500_000  # the 50 megapixels of many telephones
MOST_BYTES = 256 * 2**20
# What cameras, telephones, scanners and browsers write. Pillow reads more, but some of the others
# start programs, or need memory that does not follow from the number of pixels.
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_COMPRESSIONS = {"raw", "packbits", "group3", "group4", "jpeg", "tiff_jpeg", "tiff_ccitt"}
_COMPRESSIONS |= {"tiff_lzw", "tiff_adobe_deflate", "tiff_deflate"}
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def open_image(file: str | os.PathLike[str] | bytes | bytearray | memoryview) -> Tensor:
    """Return the picture in a file as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    `file` is a path, or the bytes of a file, as `ipywidgets.FileUpload` gives them: JPEG, PNG,
    WebP, AVIF, GIF, TIFF, BMP or PPM, whatever the name ends with. The picture stands upright, as
    its EXIF rotation says; transparent parts lie on white; of an animation or several pages comes
    the first; of 16 bits a channel the upper 8; color profiles are left aside.

    Raises `OSError` for a file that is missing, empty, cut off, damaged or no picture, of another
    format (HEIC and raw photos among them), over 256 MiB or 50.5 million pixels (1 GB of memory),
    of 32 bits a channel or not of red, green and blue; `TypeError` for neither a path nor bytes.

    >>> buffer = io.BytesIO()
    >>> Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(buffer, "png")
    >>> open_image(buffer.getvalue()).unique()  # what is transparent is white
    tensor([255], dtype=torch.uint8)
    """
    if isinstance(file, (str, os.PathLike)):
        name, path = os.fspath(file), Path(file)
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {name}; image_folder reads folders")
        size, read = path.stat().st_size, path.read_bytes
    elif isinstance(file, (bytes, bytearray, memoryview)):
        view = memoryview(file)
        name, size, read = "the picture", view.nbytes, view.tobytes
    else:
        kind = type(file).__name__
        raise TypeError(f"expected a path, or the bytes of a file (value[0].content), not {kind}")
    content = b""
    try:
        if size > MOST_BYTES:
            raise _Refused(f"has {size:,} bytes; at most {MOST_BYTES:,} are read. {_REDUCE}")
        content = read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about tags, not about pixels
            return _decode(content)
    except Exception as error:  # the decoder of a damaged file may raise anything
        raise OSError(f"{name} {_why(error, content)}") from None


class _Refused(Exception):
    """Says why a file is not read, and what to do."""


_REDUCE = "Make the picture smaller in an image editor, and save it as JPEG"
_AGAIN = "Take the original file again, or open it in an image editor and save it as JPEG"


def _decode(content: bytes) -> Tensor:
    image = _load_upright(content)
    if image.mode.startswith("I"):  # of 16 bits the upper 8, as Pillow does of three channels
        values = np.asarray(image)
        gray = (values >> 8).astype(np.uint8)
        gray[values == image.info.get("transparency", -1)] = 255
        image = Image.fromarray(gray)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        image = white
    return F.pil_to_tensor(image if image.mode == "RGB" else image.convert("RGB"))


def _load_upright(content: bytes) -> Image.Image:
    """Return the picture, turned as its EXIF data says, or refuse it for what its header says."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    with Image.open(io.BytesIO(content), formats=formats) as image:
        pixels = image.width * image.height
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            tags = image.tag_v2
            if tags.get(254, 0) & 1:  # "reduced-resolution version of another image in this file"
                raise _Refused(f"is a raw photo, of which only a preview can be read. {_AGAIN}")
            if image.info.get("compression") not in _COMPRESSIONS:
                raise _Refused(f"is a TIFF of an unusual compression. {_AGAIN}")
            pixels = max(pixels, tags.get(322, 0) * tags.get(323, 0))  # a tile can be the larger
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        deep = image.mode == "I" and image.format in ("PNG", "PPM")  # 16 bits, as some call it
        if image.mode in ("I", "F", "LAB") and not deep:
            raise _Refused(f"has pixels of 32 bits, or not of red, green and blue. {_AGAIN}")
        image.load()
        try:
            ImageOps.exif_transpose(image, in_place=True)
        except Exception as error:  # of a damaged description; the pixels can be whole
            if isinstance(error, MemoryError):
                raise
        return image


def _why(error: Exception, content: bytes) -> str:
    """Return the rest of a sentence that begins with a file's name: why it is not read."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, Image.DecompressionBombError):
        return f"has more than {MOST_PIXELS / 1e6} million pixels. {_REDUCE}"
    if isinstance(error, MemoryError):
        return f"needs more memory than this machine has. {_REDUCE}"
    if not content:
        return "is empty (0 bytes). Copy it again from where it came from"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return (
            "is a HEIC photo, as iPhones take them, which cannot be read here. Export it as JPEG "
            "on a computer, or take JPEGs: Settings, Camera, Formats, Most Compatible"
        )
    if isinstance(error, UnidentifiedImageError):
        text = " ".join(content[:60].decode(errors="ignore").split())
        if text.isprintable() and len(text.encode()) > 0.8 * len(content[:60]):
            return f"is text and no picture: it begins with {text[:30]!r}. {_AGAIN}"
        return f"is no picture of a kind that is read ({', '.join(_FORMATS)}), or damaged. {_AGAIN}"
    return f"is damaged or cut off ({error or type(error).__name__}). {_AGAIN}"
