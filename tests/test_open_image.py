"""Files of every kind: strange ones are read right, damaged ones refused in one sentence."""

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
import torch
from color_profiles import DISPLAY_P3, of_light
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from d2laug.data import files, open_image, photo
from d2laug.data.files import MOST_BYTES, MOST_PIXELS

CAT = photo("cat")[:, 100:130, 150:191].permute(1, 2, 0).contiguous().numpy()  # 30 x 41
ALPHA = np.linspace(0, 255, CAT[..., 0].size).reshape(CAT.shape[:2]).astype(np.uint8)
GRAY = CAT[..., 1]
DEEP = GRAY.astype(np.uint16) * 256 + 77  # 16 bits, of which the upper 8 are GRAY
# What a camera stores that was turned; turning it as EXIF says gives CAT again.
STORED = {
    1: CAT,
    2: CAT[:, ::-1],
    3: CAT[::-1, ::-1],
    4: CAT[::-1],
    5: CAT.swapaxes(0, 1),
    6: np.rot90(CAT),
    7: np.rot90(CAT.swapaxes(0, 1), 2),
    8: np.rot90(CAT, -1),
}


def encode(array, form, mode=None, exif=None, **options):
    """The bytes of a file of format `form`."""
    image = (
        array if isinstance(array, Image.Image) else Image.fromarray(np.ascontiguousarray(array))
    )
    if mode:
        image = image.convert(mode)
    if exif:
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = exif
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png(color_type, depth, rows, size, *chunks):
    """A PNG file put together by hand, for what Pillow reads but does not write."""

    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", *size, depth, color_type, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [(b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def over_white(colors, alpha):
    share = alpha[..., None] / 255
    return (colors * share + 255 * (1 - share)).round()


def black_and_white():
    image = Image.fromarray(GRAY).convert("1")
    return image, np.asarray(image) * np.uint8(255)


def palette(colors=16):
    image = Image.fromarray(CAT).quantize(colors)
    return image, np.asarray(image), np.array(image.getpalette()).reshape(-1, 3)


def heic(picture, exif=None, others=(), first=0, profile=None, **options):
    """The bytes of a HEIC file; of `others` beside the picture, `first` is the main one."""
    modes = {2: "L", (3, 1): "RGB", (4, 1): "RGBA", (3, 2): "RGB;16", (4, 2): "RGBA;16"}
    file = pillow_heif.HeifFile()
    for array in (picture, *others):
        kind = 2 if array.ndim == 2 else (array.shape[2], array.itemsize)
        file.add_frombytes(modes[kind], array.shape[1::-1], array.tobytes())
        file[len(file) - 1].info["icc_profile"] = profile
    note = Image.Exif()
    note[0x0112] = exif or 1
    buffer = io.BytesIO()
    options |= {"exif": note.tobytes(), "primary_index": first}
    file.save(buffer, quality=95, chroma=444, **options)
    return buffer.getvalue()


def good_files():
    """Name to bytes, the right picture, and how far a value may be off where the file is lossy."""
    files = {}

    def add(name, content, right, within=0):
        right = np.stack([right] * 3, -1) if right.ndim == 2 else right
        files[name] = content, right, within

    for name, form, options in [
        ("png", "png", {}),
        ("bmp", "bmp", {}),
        ("ppm", "ppm", {}),
        ("tiff", "tiff", {}),
        ("tiff lzw", "tiff", {"compression": "tiff_lzw"}),
        ("tiff deflate", "tiff", {"compression": "tiff_adobe_deflate"}),
        ("tiff packbits", "tiff", {"compression": "packbits"}),
        ("webp lossless", "webp", {"lossless": True}),
    ]:
        add(name, encode(CAT, form, **options), CAT)
    lossy = {"quality": 97}
    add("jpeg", encode(CAT, "jpeg", subsampling=0, **lossy), CAT, 12)
    add("jpeg progressive", encode(CAT, "jpeg", progressive=True, subsampling=0, **lossy), CAT, 12)
    add("jpeg gray", encode(GRAY, "jpeg", **lossy), GRAY, 12)
    add("mpo of two", encode(CAT, "mpo", save_all=True, append_images=[other()], **lossy), CAT, 90)
    add("webp", encode(CAT, "webp", **lossy), CAT, 90)
    add("tiff jpeg", encode(CAT, "tiff", compression="jpeg", quality=97), CAT, 90)
    if features.check("avif"):
        add("avif", encode(CAT, "avif", subsampling="4:4:4", **lossy), CAT, 12)
        add("avif with opacity", encode(rgba(), "avif", quality=100), over_white(CAT, ALPHA), 25)

    add("heic", heic(CAT), CAT, 12)
    add("heic gray", heic(GRAY), GRAY, 12)
    add("heic with opacity", heic(rgba()), over_white(CAT, ALPHA), 12)
    inverse = 255 - CAT
    add(
        "heic of three, the second is the main one",
        heic(inverse, None, [CAT, inverse], 1),
        CAT,
        12,
    )
    for turn, stored in STORED.items():
        add(f"heic turned {turn}", heic(stored, turn), CAT, 12)
        if features.check("avif"):
            options = {"quality": 97, "subsampling": "4:4:4"}
            add(f"avif turned {turn}", encode(stored, "avif", exif=turn, **options), CAT, 12)

    ink = Image.fromarray(CAT).convert("CMYK")
    paper = np.asarray(ink.convert("RGB"))
    add("cmyk jpeg", encode(ink, "jpeg", quality=97, subsampling=0), paper, 16)
    add("cmyk tiff", encode(ink, "tiff"), paper)
    # a print program stores ink that is not there as 255, and says so by the Adobe marker
    assert b"Adobe" in files["cmyk jpeg"][0]

    for form in ("png", "bmp", "tiff", "ppm", "webp", "gif"):
        options = {"lossless": True} if form == "webp" else {}
        add(f"gray {form}", encode(GRAY, form, **options), GRAY)
    image, right = black_and_white()
    for name, form, options in [
        ("1-bit png", "png", {}),
        ("1-bit bmp", "bmp", {}),
        ("1-bit pbm", "ppm", {}),
        ("1-bit gif", "gif", {}),
        ("1-bit fax", "tiff", {"compression": "group4"}),
    ]:
        add(name, encode(image, form, **options), right)

    image, index, colors = palette()
    for form in ("png", "bmp", "gif", "tiff"):
        add(f"palette {form}", encode(image, form), colors[index])
    add("palette of 2 bits", encode(palette(4)[0], "png", bits=2), palette(4)[2][palette(4)[1]])
    right = colors[index].copy()
    right[index == 3] = 255
    for form in ("png", "gif"):
        add(f"palette {form}, one see-through", encode(image, form, transparency=3), right)
    opacity = np.arange(256, dtype=np.uint8)[::-1]
    see_through = encode(image, "png", transparency=opacity.tobytes())
    add("palette with opacities", see_through, over_white(colors[index], opacity[index]), 1)

    right = over_white(CAT, ALPHA)
    for form in ("png", "tiff", "webp"):
        options = {"lossless": True, "exact": True} if form == "webp" else {}
        add(f"rgba {form}", encode(rgba(), form, **options), right, 1)
    add("bmp of 32 bits", encode(rgba(), "bmp"), CAT)  # the fourth byte means nothing there
    add(
        "gray with opacity",
        encode(np.dstack([GRAY, ALPHA]), "png"),
        over_white(GRAY[..., None], ALPHA).repeat(3, 2),
        1,
    )
    key = tuple(CAT[3, 4].tolist())
    right = CAT.copy()
    right[(CAT[3, 4] == CAT).all(-1)] = 255
    add("rgb, one color see-through", encode(CAT, "png", transparency=key), right)

    add("16-bit gray png", encode(DEEP, "png"), GRAY)
    add("16-bit gray tiff", encode(DEEP, "tiff"), GRAY)
    add("16-bit gray pgm", b"P5 41 30 65535\n" + DEEP.astype(">u2").tobytes(), GRAY)
    size = CAT.shape[1::-1]
    deep = np.dstack([CAT.astype(np.uint16) * 256 + 200]).astype(">u2")
    add("16-bit rgb png", png(2, 16, [row.tobytes() for row in deep], size), CAT)
    rows = [row.tobytes() for row in DEEP.astype(">u2")]
    key = struct.pack(">H", int(DEEP[2, 2]))
    right = GRAY.copy()
    right[GRAY[2, 2] == GRAY] = 255
    add("16-bit gray, one see-through", png(0, 16, rows, size, (b"tRNS", key)), right)
    deep = np.dstack([DEEP, ALPHA.astype(np.uint16) * 257]).astype(">u2")
    rows = [row.tobytes() for row in deep]
    add(
        "16-bit gray with opacity",
        png(4, 16, rows, size),
        over_white(GRAY[..., None], ALPHA).repeat(3, 2),
        1,
    )
    plain = " ".join(map(str, CAT.flatten()))
    add("ppm in words", f"P3 # a comment\n41 30 255\n{plain}\n".encode(), CAT)

    more = {"save_all": True, "append_images": [other(), other()]}
    first = encode(
        image, "gif", **{**more, "append_images": [o.quantize(8) for o in [other()] * 2]}
    )
    add("animated gif", first, colors[index])
    add("animated png", encode(CAT, "png", **more), CAT)
    add("animated webp", encode(CAT, "webp", lossless=True, **more), CAT)
    add("tiff of three pages", encode(CAT, "tiff", **more), CAT)

    for turn, stored in STORED.items():
        add(f"png turned {turn}", encode(stored, "png", exif=turn), CAT)
        add(f"tiff turned {turn}", encode(stored, "tiff", exif=turn), CAT)
        add(f"webp turned {turn}", encode(stored, "webp", exif=turn, lossless=True), CAT)
        options = {"quality": 97, "subsampling": 0}
        add(f"jpeg turned {turn}", encode(stored, "jpeg", exif=turn, **options), CAT, 16)
    image, index, colors = palette()
    right = colors[index].copy()
    right[index == 3] = 255
    stored = image.transpose(Image.Transpose.ROTATE_90)
    add("palette png turned", encode(stored, "png", exif=6, transparency=3), right)
    stored = Image.fromarray(rgba()).transpose(Image.Transpose.ROTATE_90)
    add("rgba png turned", encode(stored, "png", exif=6), over_white(CAT, ALPHA), 1)
    deep = np.rot90(DEEP)
    add("16-bit png turned", encode(deep, "png", exif=6), GRAY)
    add("turned by a number that means nothing", encode(CAT, "png", exif=99), CAT)
    add("one pixel", encode(CAT[:1, :1], "png"), CAT[:1, :1])
    add("one row", encode(CAT[:1], "png"), CAT[:1])
    broken = encode(CAT, "jpeg", subsampling=0, exif=6, **lossy)
    at = broken.index(b"Exif\0\0") + 6
    add("jpeg with damaged exif", broken[:at] + b"\xff" * 8 + broken[at + 8 :], CAT, 12)
    return files


def rgba():
    return np.dstack([CAT, ALPHA])


def other():
    return Image.fromarray(255 - CAT)


GOOD = good_files()


def read(file):
    """`open_image`, in which any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return open_image(file)


def test_there_are_enough_files():
    assert len(GOOD) >= 110


@pytest.mark.parametrize("name", GOOD)
def test_read_right(name):
    content, right, within = GOOD[name]
    picture = read(content)
    assert picture.dtype == torch.uint8
    assert picture.shape == (3, *right.shape[:2])
    difference = np.abs(picture.permute(1, 2, 0).numpy() - right.astype(int))
    assert difference.max() <= within
    assert difference.mean() <= within / 5  # a wrong channel or a shifted picture is far above


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_every_kind(kind):
    assert torch.equal(read(kind(GOOD["png"][0])), torch.tensor(CAT).permute(2, 0, 1))


@pytest.mark.parametrize(
    "name", ["cat.png", "cat.jpg", "cat.heic", "cat.txt", "cat", "Katze, müde 猫.PNG", "a.tar.gz"]
)
@pytest.mark.parametrize("kind", [str, Path])
def test_the_name_of_a_file_does_not_matter(tmp_path, name, kind):
    (tmp_path / name).write_bytes(GOOD["png"][0])
    assert torch.equal(read(kind(tmp_path / name)), torch.tensor(CAT).permute(2, 0, 1))


def test_pixels_are_ones_own():
    read(GOOD["png"][0]).zero_()
    content = bytearray(GOOD["bmp"][0])
    picture = read(content)
    content[:] = bytes(len(content))
    assert torch.equal(picture, torch.tensor(CAT).permute(2, 0, 1))


def huge_tiff():
    """A TIFF of 64 x 64 pixels that says it holds one tile of 30,000 x 30,000."""
    entries = [
        (256, 64),
        (257, 64),
        (258, 8),
        (259, 8),
        (262, 1),
        (277, 1),
        (322, 30000),
        (323, 30000),
    ]
    packed = zlib.compress(bytes(10**6))
    entries += [(324, 8), (325, len(packed))]
    start = 8 + len(packed)
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    directory = struct.pack("<H", len(entries)) + table + bytes(4)
    return b"II*\0" + struct.pack("<I", start) + packed + directory


def swap(name, at, new):
    """A good file in which other bytes stand at one place."""
    content = GOOD[name][0]
    return content[:at] + new + content[at + len(new) :]


PNG, JPEG = GOOD["png"][0], GOOD["jpeg"][0]
TRUNCATED = "damaged or cut off"
REFUSED = {
    "empty": (b"", "is empty"),
    "text": (b"Dear all, here is the photo.", "is text and no picture"),
    "text in another language": ("Grüße aus Köln, 写真です".encode() * 3, "is text and no picture"),
    "a web page": (b"<!DOCTYPE html>\n<html><head><title>404", "is text and no picture"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg" width="4">', "is text and no picture"),
    "zeros": (bytes(1000), "is no picture"),
    "noise": (np.random.default_rng(0).bytes(5000), "is no picture"),
    "a document": (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + bytes(range(128, 228)),
        "is no picture",
    ),
    "an archive": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(100), "is a ZIP: image_folder"),
    "a film": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(100), "is no picture"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300), TRUNCATED),
    "heic of another kind": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(300), TRUNCATED),
    "half a png": (PNG[: len(PNG) // 2], TRUNCATED),
    "half a jpeg": (JPEG[: len(JPEG) // 2], TRUNCATED),
    "half a gif": (GOOD["palette gif"][0][:500], TRUNCATED),
    "half a bmp": (GOOD["bmp"][0][:500], TRUNCATED),
    "half a tiff": (GOOD["tiff lzw"][0][:-500], "damaged"),
    "half a webp": (GOOD["webp"][0][:200], TRUNCATED),
    "half a heic": (GOOD["heic"][0][: len(GOOD["heic"][0]) // 2], TRUNCATED),
    "a heic's first bytes": (GOOD["heic"][0][:300], TRUNCATED),
    "half a ppm": (GOOD["ppm"][0][:500], TRUNCATED),
    "a png's first bytes": (PNG[:20], "damaged"),
    "a jpeg's first bytes": (JPEG[:20], "damaged"),
    "a jpeg without its first byte": (JPEG[1:], "is no picture"),
    "a png sent as text": (PNG.replace(b"\r\n", b"\n"), "is no picture"),
    "a png bomb": (png(0, 1, [bytes(1250)] * 10000, (10000, 10000)), "50.5 million pixels"),
    "a larger png bomb": (png(0, 1, [b""], (60000, 60000)), "50.5 million pixels"),
    "a gif bomb": (swap("palette gif", 6, struct.pack("<HH", 65535, 65535)), "50.5 million pixels"),
    "a bmp bomb": (swap("bmp", 18, struct.pack("<ii", 20000, 20000)), "50.5 million pixels"),
    "a ppm bomb": (b"P6 100000 100000 255\n" + bytes(100), "50.5 million pixels"),
    "a tiff bomb": (huge_tiff(), "50.5 million pixels"),
    "just too large": (b"P5 50500001 1 255\n" + bytes(100), "50.5 million pixels"),
    "a raw photo's preview": (encode(CAT, "tiff", tiffinfo={254: 1}), "raw photo"),
    "32-bit whole numbers": (encode(CAT[..., 0].astype(np.int32) * 1000, "tiff"), "32 bits"),
    "floating point": (encode(CAT[..., 0].astype(np.float32), "tiff"), "32 bits"),
    "LAB": (encode(Image.new("LAB", (4, 4)), "tiff"), "red, green and blue"),
    "no width": (b"P6 0 10 255\n" + bytes(100), "damaged|no picture"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_sentence(name, tmp_path):
    content, words = REFUSED[name]
    path = tmp_path / "my photo.jpg"
    path.write_bytes(content)
    for file, start in [(content, "the picture "), (path, f"{path} ")]:
        with pytest.raises(OSError, match=words) as caught:
            read(file)
        assert type(caught.value) is OSError
        message = str(caught.value)
        assert message.startswith(start)
        assert any(verb in message for verb in ("Take", "Make", "Copy", "Export")), message
        assert "\n" not in message


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "large.jpg"
    with open(path, "wb") as file:
        file.write(JPEG)
        file.truncate(MOST_BYTES + 1)  # a hole: it takes no room on the disk
    with pytest.raises(OSError, match=r"268,435,457 bytes; at most 268,435,456"):
        read(path)


@pytest.mark.parametrize("name", ["nothing.jpg", "", ".", "a\0b.jpg", os.devnull])
def test_what_is_no_file(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read(name)


def test_a_folder_is_sent_to_its_function(tmp_path):
    with pytest.raises(FileNotFoundError, match="image_folder"):
        read(tmp_path)


@pytest.mark.parametrize("file", [None, 3, ["a.jpg"], ({"content": b""},), photo("cat")])
def test_what_is_neither_path_nor_bytes(file):
    with pytest.raises(TypeError, match="expected a path, or the bytes of a file"):
        read(file)


def test_no_memory_is_said(monkeypatch):
    def run_out(content):
        raise MemoryError

    monkeypatch.setattr(files, "_decode", run_out)
    with pytest.raises(OSError, match="more memory than this machine has"):
        read(PNG)


def test_what_else_is_wrong_with_exif_does_not_matter(monkeypatch):
    """The picture is turned where its rotation can be read, though the rest cannot be written."""

    def fail(self, *arguments):
        raise ValueError("damaged")

    monkeypatch.setattr(Image.Exif, "tobytes", fail)
    content, right, _ = GOOD["png turned 6"]
    assert np.array_equal(read(content).permute(1, 2, 0), right)


def test_no_memory_for_turning_is_said(monkeypatch):
    def run_out(image, in_place):
        raise MemoryError

    monkeypatch.setattr(files.ImageOps, "exif_transpose", run_out)
    with pytest.raises(OSError, match="more memory than this machine has"):
        read(PNG)


# ---- damaged files

SAMPLES = {
    name: content
    for name, (content, _, _) in GOOD.items()
    if "turned" not in name or name.startswith(("jpeg turned", "heic turned 6"))
}


@st.composite
def damaged(draw):
    """A good file with bytes changed, cut out, put in, or cut off at its end."""
    content = bytearray(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))])
    # most of what a decoder trusts stands at the beginning
    last = draw(st.sampled_from([40, 200, len(content)]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(last, len(content)) - 1))
        match draw(st.sampled_from(["flip", "flip", "flip", "cut", "drop", "insert"])):
            case "flip":
                content[at] ^= draw(st.integers(1, 255))
            case "cut":
                del content[max(at, 1) :]
            case "drop":
                del content[max(at, 1) : at + draw(st.integers(2, 40))]
            case "insert":
                content[at:at] = draw(st.binary(min_size=1, max_size=8))
    return bytes(content)


def test_damaged_files_are_read_or_refused():
    seen = {"read": set(), "refused": set()}

    @given(damaged())
    @settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
    def try_one(content):
        error = None
        try:
            picture = read(content)
        except OSError as raised:
            error = raised
        if error:
            assert type(error) is OSError
            assert str(error).startswith("the picture ")
        else:
            assert picture.dtype == torch.uint8
            assert picture.ndim == 3
            assert picture.shape[0] == 3
            assert 0 < picture[0].numel() <= MOST_PIXELS
        seen["refused" if error else "read"].add(content)

    try_one()
    files = seen["read"] | seen["refused"]
    assert len(files - set(SAMPLES.values())) >= 2000
    assert min(map(len, seen.values())) > 200  # both ends are reached, not one of them only


# ---- memory

# For each file that is named: what comes of it, and how far the memory rises meanwhile.
MEASURE = """
import re, sys
from pathlib import Path
from d2laug.data import open_image

def memory(name):
    return 1024 * int(re.search(name + r":\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

for path in sys.argv[1:]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak falls back to what is used now
    before = memory("VmRSS")
    try:
        result = "x".join(map(str, open_image(path).shape))
    except OSError as error:
        result = "refused"
    print(result, memory("VmHWM") - before)
"""


def large_files():
    """The formats that need most memory, 16 megapixels each, all to be turned as well."""
    image = Image.fromarray(CAT).resize((4000, 4000), Image.Resampling.NEAREST)
    quick, profile = {"compress_level": 1}, of_light(DISPLAY_P3)
    deep = np.asarray(image)[..., 0].astype(np.uint16) * 256
    return {
        "webp": encode(image, "webp", exif=6, lossless=True, method=0, quality=0),
        "jpeg with a profile": encode(image, "jpeg", exif=6, icc_profile=profile),
        "cmyk jpeg": encode(image, "jpeg", mode="CMYK", exif=6, progressive=True),
        "16-bit png": encode(deep, "png", exif=6, **quick),
        "rgba png": encode(image, "png", mode="RGBA", exif=6, icc_profile=profile, **quick),
    }


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is asked of Linux")
def test_memory_has_a_bound(tmp_path):
    bombs = {name: content for name, (content, words) in REFUSED.items() if "50.5" in words}
    assert len(bombs) == 7
    files = {"first": PNG, **bombs, **large_files()}  # the first one loads what Pillow needs
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    words = [sys.executable, "-c", MEASURE, *(tmp_path / name for name in files)]
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    found = dict(zip(files, map(str.split, run.stdout.splitlines()), strict=True))
    for name, content in list(files.items())[1:]:
        result, used = found[name][0], int(found[name][1])
        if name in bombs:
            assert (result, used < 20e6) == ("refused", True), name
        else:
            assert result == "3x4000x4000", name
            assert 7 * 4000**2 < used <= 20 * 4000**2 + len(content), name
