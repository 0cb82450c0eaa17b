"""A picture in a file of your own, whatever wrote it; or why it is not read."""

import io
import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any  # a tag of a file may hold Any

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError
from pillow_heif import HeifImageFile, is_supported
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug.data.common import File, locate

MOST_PIXELS = 50_500_000  # the 50 megapixels of many telephones
MOST_BYTES = 256 * 2**20
# What cameras, telephones, scanners and browsers write. Pillow reads more, but some of the others
# start programs, or need memory that does not follow from the number of pixels.
_FORMATS = ("AVIF", "BMP", "GIF", "HEIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_COMPRESSIONS = {"raw", "packbits", "group3", "group4", "jpeg", "tiff_jpeg", "tiff_ccitt"}
_COMPRESSIONS |= {"tiff_lzw", "tiff_adobe_deflate", "tiff_deflate"}
# Colors named by two numbers: AVIF writes `nclx`, PNG `cICP` (before it its length, 4).
_NUMBERS = re.compile(rb"colrnclx\0(.)\0(.)|\0\0\0\x04cICP(.)(.)", re.DOTALL)
_P3 = (33759, 15807, -69), (19135, 45367, 2745), (10296, 4363, 51385)  # as XYZ, in 65536ths
# A profile's kind of colors: Pillow's mode for it, and the modes of pictures that it can be of.
_PROFILES = {"RGB ": ("RGB", "1 L P RGB"), "GRAY": ("L", "1 L"), "CMYK": ("CMYK", "CMYK")}


def open_image(file: File) -> Tensor:
    """Return the picture in a file as a `uint8` tensor `[3, H, W]` with values 0 to 255.

    `file` is a path (`~` is your home), or the bytes of a file, as `ipywidgets.FileUpload` gives
    them: JPEG, HEIC, PNG, WebP, AVIF, GIF, TIFF, BMP or PPM, whatever the name ends with. The
    picture stands upright, as its EXIF rotation says; its colors are those of sRGB, as its profile
    says, or its numbers for P3 (nclx, cICP); transparent parts lie on white; of several pictures
    comes the main one, or the first. More than 8 bits a channel are cut to the upper 8, of as many
    as the file says that it has.

    Raises `OSError` for a file that is missing, empty, cut off, damaged or no picture, of another
    format (raw photos among them), HDR by its numbers, over 256 MiB or 50.5 million pixels, of 32
    bits a channel or not of red, green and blue; `TypeError` for neither a path nor bytes.

    >>> buffer = io.BytesIO()
    >>> Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(buffer, "png")
    >>> open_image(buffer.getvalue()).unique()  # what is transparent is white
    tensor([255], dtype=torch.uint8)
    """
    name, size, opened = locate(file, "the picture")
    content = b""
    try:
        if size > MOST_BYTES:
            raise _Refused(f"has {size:,} bytes; at most {MOST_BYTES:,} are read. {_REDUCE}")
        with opened() as whole:
            content = whole.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about tags, not about pixels
            return _decode(content)
    except Exception as error:  # the decoder of a damaged file may raise anything
        raise OSError(f"{name} {_why(error, content)}") from None


class _Refused(Exception):
    """Says why a file is not read, and what to do."""


_REDUCE = "Make the picture smaller in an image editor, and save it as JPEG"
_AGAIN = "Take the original file again, save it as JPEG in an image editor, or leave it out"


def _decode(content: bytes) -> Tensor:
    image = _load_upright(content)
    profile, alpha = image.info.get("icc_profile") or _numbered(image, content), None
    if image.mode.startswith("I"):
        values, tags = np.asarray(image), getattr(image, "tag_v2", {})
        shift = _largest(tags).bit_length() - 8
        gray = np.minimum(values >> shift, 255).astype(np.uint8)
        gray = 255 - gray if tags.get(262) == 0 else gray  # "white is zero"
        gray[values == image.info.get("transparency", -1)] = 255
        image = Image.fromarray(gray)
    elif image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    image = _to_srgb(image, profile) if profile else image
    image = image if image.mode == "RGB" else image.convert("RGB")
    if alpha:
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=alpha)
        image = white
    return F.pil_to_tensor(image).contiguous()  # drawn numbers follow the order in memory


def _numbered(image: Image.Image, content: bytes) -> bytes | None:
    """Return a profile of Display P3 where numbers name its primaries; refuse HDR."""
    named = image.info.get("nclx_profile", {})  # that of the main picture of a HEIC
    pairs = [[named.get("color_primaries"), named.get("transfer_characteristics")]]
    if image.format in ("AVIF", "PNG"):
        pairs = [[*b"".join(found)] for found in _NUMBERS.findall(content[: 2**20])]
    primaries, curve = min(pairs, key=lambda pair: pair[1] in (16, 18), default=(1, 13))
    if curve in (16, 18):  # PQ and HLG
        raise _Refused(f"is an HDR photo, brighter than sRGB can be. {_AGAIN}")
    if primaries != 12:
        return None
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, light in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _P3, strict=True):
        at = int.from_bytes(profile[profile.index(tag) + 4 :][:4]) + 8
        profile[at : at + 12] = np.array(light, ">i4").tobytes()
    return bytes(profile)


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in sRGB; as it is where the profile is damaged, absurd or of other ink."""
    transform = None
    with suppress(Exception):  # of a damaged profile; the pixels are whole
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        mode, known = _PROFILES[source.profile.xcolor_space]
        if image.mode in known.split():
            options = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
            srgb = ImageCms.createProfile("sRGB")
            transform = ImageCms.buildTransform(source, srgb, mode, "RGB", *options)
            grays = Image.frombytes("L", (3, 1), b"\0\x80\xff").convert(mode)
            black, middle, white = np.asarray(transform.apply(grays)).min(2)[0]
            transform = transform if black < middle < white > 200 else None
    if transform is None:
        return image
    return transform.apply(image if image.mode == mode else image.convert(mode))


def _largest(tags: Mapping[int, Any]) -> int:
    """Return the largest value that a TIFF can hold: by its bits, or by fewer that it names."""
    named = [np.ravel(tags.get(tag, 0))[0] for tag in (281, 341)]  # (S)MaxSampleValue
    most = next((int(value) for value in named if value in (1023, 4095, 16383)), None)
    return most or 2 ** tags.get(258, (16,))[0] - 1


def _load_upright(content: bytes) -> Image.Image:
    """Return the picture, turned as its EXIF data says, or refuse it for what its header says."""
    with _open(content) as image:
        pixels = image.width * image.height
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            tags = image.tag_v2
            if tags.get(254, 0) & 1:  # "reduced-resolution version of another image in this file"
                raise _Refused(f"is a raw photo, of which only a preview can be read. {_AGAIN}")
            if image.info.get("compression") not in _COMPRESSIONS:
                raise _Refused(f"is a TIFF of an unusual compression. {_AGAIN}")
            if image.mode in ("RGB", "RGBA") and _largest(tags) in (1023, 4095, 16383):
                raise _Refused(f"has colors of fewer than 16 bits in 16, which are lost. {_AGAIN}")
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


def _open(content: bytes) -> ImageFile.ImageFile:
    """Open a file, HEIC too, without making Pillow know HEIC everywhere."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        return Image.open(io.BytesIO(content), formats=formats)
    except UnidentifiedImageError:
        if not is_supported(io.BytesIO(content)):
            raise
        return HeifImageFile(io.BytesIO(content))


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
    if content.startswith(b"PK\3\4"):
        return "is a ZIP: image_folder reads folders in it. Take a picture out of it for open_image"
    if isinstance(error, UnidentifiedImageError):
        text = " ".join(content[:60].decode(errors="ignore").split())
        if text.isprintable() and len(text.encode()) > 0.8 * len(content[:60]):
            return f"is text and no picture: it begins with {text[:30]!r}. {_AGAIN}"
        return f"is no picture of a kind that is read ({', '.join(_FORMATS)}), or damaged. {_AGAIN}"
    words = " ".join(str(error).split()) or type(error).__name__
    return f"is damaged or cut off ({words}). {_AGAIN}"
