"""What telephones and cameras write: profiles, bits, gain maps, names and places of files."""

import io
import os
import re
import struct
import unicodedata
import zipfile
from pathlib import Path

import color_profiles
import numpy as np
import pillow_heif
import pytest
import torch
from color_profiles import ADOBE_RGB, DISPLAY_P3, SRGB, decode, of_gray, of_ink, of_light, power
from PIL import Image, features
from test_open_image import ALPHA, CAT, GRAY, encode, heic, over_white, png, read, rgba

from d2laug.data import cifar10, image_folder, open_image, unzip
from d2laug.data.common import data_folder

P3, ADOBE = of_light(DISPLAY_P3), of_light(ADOBE_RGB, power)


def difference(content, right):
    """How far the picture of a file is from the right one, `[H, W, 3]` or gray: most, and mean."""
    right = np.asarray(right, dtype=float)
    right = np.stack([right] * 3, -1) if right.ndim == 2 else right
    found = read(content).permute(1, 2, 0).numpy()
    assert found.shape == right.shape
    return np.abs(found - right).max(), np.abs(found - right).mean()


# ---- color profiles

IN_P3 = color_profiles.to_srgb(CAT, DISPLAY_P3)
OPTIONS = {
    "jpeg": {"quality": 97, "subsampling": 0},
    "png": {},
    "tiff": {},
    "webp": {"lossless": True},
    "avif": {"quality": 97, "subsampling": "4:4:4"},
    "mpo": {"save_all": True, "append_images": [Image.new("RGB", (9, 9))], "quality": 97},
}


@pytest.mark.parametrize("form", [*OPTIONS, "heic"])
def test_display_p3_of_every_format(form):
    """The files of an iPhone: where the profile is left aside, the colors are too pale."""
    if form == "avif" and not features.check("avif"):
        pytest.skip("this Pillow reads no AVIF")
    if form == "heic":
        content = heic(CAT, profile=P3)
    else:
        content = encode(CAT, form, icc_profile=P3, **OPTIONS[form])
    most, mean = difference(content, IN_P3)
    lossless = form in ("png", "tiff", "webp")
    assert most < (1 if lossless else 60)
    assert mean < (0.5 if lossless else 3)
    assert difference(content, CAT)[1] > 2  # what comes of it without the profile


def test_the_formulas_know_the_well_known_colors():
    """What Display P3's primaries and Adobe RGB's green are in sRGB, before they are cut off."""
    green = color_profiles.to_srgb(np.array([[0, 255, 0]]), ADOBE_RGB, power)
    assert green.round().tolist() == [[0, 255, 0]]
    inside = color_profiles.to_srgb(np.array([[234, 51, 35]]), DISPLAY_P3)  # sRGB's red
    assert np.abs(inside - [255, 0, 0]).max() < 3
    gray = np.array([[9, 9, 9], [128, 128, 128], [255, 255, 255]])
    assert np.abs(color_profiles.to_srgb(gray, DISPLAY_P3) - gray).max() < 0.01


def lab_to_srgb(L, a, b):
    f = (L + 16) / 116
    t = np.array([f + a / 500, f, f - b / 200])
    xyz = np.where(t > 6 / 29, t**3, (t - 4 / 29) * 3 * (6 / 29) ** 2) * color_profiles.D50
    light = np.linalg.inv(color_profiles.matrix(SRGB)) @ xyz
    return color_profiles.encode(light.clip(0, 1)) * 255


def numbered(form, *numbers):
    """The bytes of a file whose colors two numbers name: the primaries, and the curve."""
    if form == "heic":
        names = ("color_primaries", "transfer_characteristics", "matrix_coefficients")
        return heic(CAT, **dict(zip(names, (*numbers, 6), strict=True)), full_range_flag=1)
    if form == "png":
        rows = [row.tobytes() for row in CAT]
        return png(2, 8, rows, CAT.shape[1::-1], (b"cICP", bytes((*numbers, 0, 1))))
    content = encode(CAT, form, **OPTIONS["avif"])
    assert content.count(b"colrnclx") == 1
    return re.sub(b"(?s)colrnclx....", b"colrnclx" + struct.pack(">2H", *numbers), content)


NUMBERED = ["heic", "png", *["avif"] * features.check("avif")]


@pytest.mark.parametrize("form", NUMBERED)
def test_colors_named_by_numbers(form):
    """Display P3, without a profile; the numbers of sRGB, and none, leave the colors alone."""
    within = (1, 0.5) if form == "png" else (60, 3)
    for numbers, right in [((12, 13), IN_P3), ((1, 13), CAT), ((2, 2), CAT)]:
        most, mean = difference(numbered(form, *numbers), right)
        assert (most < within[0], mean < within[1]) == (True, True), numbers
    assert difference(numbered(form, 12, 13), CAT)[1] > 2


@pytest.mark.parametrize("form", NUMBERED)
@pytest.mark.parametrize("curve", [16, 18])
def test_hdr_is_refused(form, curve):
    with pytest.raises(OSError, match=r"is an HDR photo.*save it as JPEG"):
        open_image(numbered(form, 9, curve))


def test_a_profile_goes_before_numbers():
    content = encode(CAT, "png", icc_profile=P3)
    chunk = numbered("png", 9, 16)[33:49]
    assert b"cICP" in chunk
    assert difference(content[:33] + chunk + content[33:], IN_P3)[0] < 1
    # of a picture of both lights comes the one that is not HDR
    both = numbered("png", 12, 13)
    assert difference(both[:33] + chunk + both[33:], IN_P3)[0] < 1


INKS = [(60, -30, -40), (50, 60, 0), (90, -5, 70), (0, 0, 0)]
PRINTED = np.zeros((1, 5, 4), np.uint8)
PRINTED[0, range(1, 5), range(4)] = 255
PRINTED_RIGHT = np.stack([lab_to_srgb(*color) for color in [(100, 0, 0), *INKS]])[None]
DIM = of_gray(lambda values: values**1.8)  # of old Macs
DIMMED = color_profiles.encode((GRAY / 255) ** 1.8) * 255
IN_ADOBE = color_profiles.to_srgb(CAT, ADOBE_RGB, power)
GRAY_IN_ADOBE = color_profiles.to_srgb(np.stack([GRAY] * 3, -1), ADOBE_RGB, power)
INK = of_ink((100, 0, 0), INKS)


def palette():
    image = Image.fromarray(CAT).quantize(16)
    colors = np.array(image.getpalette()).reshape(-1, 3)[np.asarray(image)]
    return image, color_profiles.to_srgb(colors, DISPLAY_P3)


PROFILED = {
    "Adobe RGB": (encode(CAT, "png", icc_profile=ADOBE), IN_ADOBE),
    "sRGB": (encode(CAT, "png", icc_profile=of_light(SRGB)), CAT),
    "gray": (encode(GRAY, "png", icc_profile=DIM), DIMMED),
    "gray of 16 bits": (
        encode(GRAY.astype(np.uint16) * 257, "png", icc_profile=DIM),
        DIMMED,
    ),
    "gray, of colors": (encode(GRAY, "png", icc_profile=ADOBE), GRAY_IN_ADOBE),
    "gray with opacity": (
        encode(np.dstack([GRAY, ALPHA]), "png", icc_profile=DIM),
        over_white(DIMMED[..., None], ALPHA).repeat(3, 2),
    ),
    "palette": (encode(palette()[0], "png", icc_profile=P3), palette()[1]),
    "opacity": (encode(rgba(), "png", icc_profile=P3), over_white(IN_P3, ALPHA)),
    "turned": (encode(np.rot90(CAT), "png", exif=6, icc_profile=P3), IN_P3),
    "ink": (
        encode(Image.frombytes("CMYK", (5, 1), PRINTED.tobytes()), "tiff", icc_profile=INK),
        PRINTED_RIGHT,
    ),
    "screen that swaps red and blue": (
        encode(CAT, "png", icc_profile=of_light(SRGB[::-1])),
        CAT[..., ::-1],
    ),
}


@pytest.mark.parametrize("name", PROFILED)
def test_profiles_of_every_kind(name):
    most, mean = difference(*PROFILED[name])
    assert most <= 2.5  # of 255
    assert mean < 1


NOTHING = {
    "empty": b"",
    "short": b"icc",
    "zeros": bytes(500),
    "text": b"sRGB IEC61966-2.1 " * 20,
    "cut off": P3[: len(P3) // 2],
    "without its header": P3[128:],
    "without light": color_profiles.of_columns(np.zeros((3, 3))),
    "that turns light into dark": of_light(SRGB, lambda values: 1 - decode(values)),
    "of one value": of_light(SRGB, lambda values: values * 0 + 0.5),
    "of white that is dark": color_profiles.of_columns(color_profiles.matrix(SRGB) / 10),
    "of ink": INK,
    "of gray": DIM,
    "of a kind that is unknown": P3[:16] + b"7CLR" + P3[20:],
}


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("form", ["png", "jpeg", "tiff"])
def test_a_profile_that_says_nothing_does_not_lose_the_picture(name, form):
    plain, damaged = (
        encode(CAT, form, icc_profile=profile, **OPTIONS[form]) for profile in (None, NOTHING[name])
    )
    assert torch.equal(read(damaged), read(plain))


def test_ink_of_a_profile_of_colors_is_ink():
    image = Image.fromarray(CAT).convert("CMYK")
    for profile in (P3, DIM):
        most, _ = difference(encode(image, "tiff", icc_profile=profile), image.convert("RGB"))
        assert most == 0


# ---- bits


def tiff(pixels, width, bits, order="<", photometric=1, samples=1, **tags):
    """A TIFF of one row, put together by hand; `_281=4095` adds a tag."""
    table = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 273: 8, 277: samples}
    table |= {278: 1, 279: len(pixels)} | {int(tag[1:]): value for tag, value in tags.items()}
    pixels += bytes(len(pixels) % 2)
    after = 8 + len(pixels) + 6 + 12 * len(table)
    entries, extra = b"", b""
    for tag, value in sorted(table.items()):
        values = [value] * samples if tag in (258, 281, 341) else [value]
        content = struct.pack(f"{order}{len(values)}H", *values)
        if len(content) > 4:
            content, extra = struct.pack(order + "I", after + len(extra)), extra + content
        entries += struct.pack(order + "HHI", tag, 3, len(values)) + content.ljust(4, b"\0")
    start = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8 + len(pixels))
    count = struct.pack(order + "H", len(table))
    return start + pixels + count + entries + bytes(4) + extra


def of_12_bits(values):
    first, second = np.asarray(values).reshape(-1, 2).T
    packed = [first >> 4, (first & 15) << 4 | second >> 8, second & 255]
    return np.stack(packed, -1).astype(np.uint8).tobytes()


def words(values, order="<"):
    return np.asarray(values).astype(order + "u2").tobytes()


TWELVE = [0, 2048, 4095, 16]
BITS = {
    "12 bits": (tiff(of_12_bits(TWELVE), 4, 12), [0, 128, 255, 1]),
    "12 bits in 16, as MaxSampleValue says": (
        tiff(words(TWELVE), 4, 16, _281=4095),
        [0, 128, 255, 1],
    ),
    "12 bits in 16, as SMaxSampleValue says": (
        tiff(words(TWELVE, ">"), 4, 16, ">", _341=4095),
        [0, 128, 255, 1],
    ),
    "10 bits in 16": (tiff(words([0, 512, 1023, 4]), 4, 16, _341=1023), [0, 128, 255, 1]),
    "14 bits in 16": (tiff(words([0, 8192, 16383, 64]), 4, 16, _341=16383), [0, 128, 255, 1]),
    "more than it says": (tiff(words([0, 4096, 65535, 16]), 4, 16, _341=4095), [0, 255, 255, 1]),
    "16 bits, whose largest value is noted": (
        tiff(words([0, 2048, 40000, 256]), 4, 16, _281=40000),
        [0, 8, 156, 1],
    ),
    "16 bits": (tiff(words([0, 2048, 65535, 256]), 4, 16), [0, 8, 255, 1]),
    "16 bits, white is zero": (
        tiff(words([0, 32768, 65535, 256]), 4, 16, photometric=0),
        [255, 127, 0, 254],
    ),
    "10 bits, pgm": (b"P5 4 1 1023\n" + words([0, 512, 1023, 5], ">"), [0, 128, 255, 1]),
    "12 bits, pgm": (b"P5 4 1 4095\n" + words([0, 2056, 4095, 17], ">"), [0, 128, 255, 1]),
    "12 bits, words": (b"P2 4 1 4095\n0 2056 4095 17\n", [0, 128, 255, 1]),
    "12 bits, ppm": (b"P6 1 1 4095\n" + words([0, 2056, 4095], ">"), [[[0, 128, 255]]]),
    "16 bits, png": (png(0, 16, [words([0, 2048, 65535, 256], ">")], (4, 1)), [0, 8, 255, 1]),
    "4 bits, png": (png(0, 4, [b"\x0f\x81"], (4, 1)), [0, 255, 136, 17]),
    "2 bits, png": (png(0, 2, [b"\x1b"], (4, 1)), [0, 85, 170, 255]),
    "16 bits, colors, tiff": (
        tiff(words([0, 2048, 65535]), 1, 16, photometric=2, samples=3),
        [[[0, 8, 255]]],
    ),
}


@pytest.mark.parametrize("name", BITS)
def test_bits(name):
    content, right = BITS[name]
    right = np.array(right)
    assert difference(content, right[None] if right.ndim == 1 else right)[0] == 0


@pytest.mark.parametrize("bits", [10, 12])
def test_heic_of_more_bits(bits, monkeypatch):
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    content = heic(CAT.astype(np.uint16) * 257)
    assert difference(content, CAT)[0] <= 12
    assert difference(heic(rgba().astype(np.uint16) * 257), over_white(CAT, ALPHA))[0] <= 12


def test_colors_of_12_bits_in_16_are_refused():
    """Pillow keeps the upper 8 of 16 bits, and here these are nearly all zero."""
    content = tiff(words([0, 2048, 4095]), 1, 16, photometric=2, samples=3, _341=4095)
    with pytest.raises(OSError, match="fewer than 16 bits in 16"):
        open_image(content)


# ---- two pictures in a file


def with_gain_map(first, second, xmp=b""):
    """A JPEG that is followed by another, as the telephones of Google and Apple write it."""
    mark = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    note = b"\xff\xe1" + struct.pack(">H", 2 + len(mark)) + mark if xmp else b""
    return first[:2] + note + first[2:] + second


ULTRA_HDR = b'<x:xmpmeta xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'


def gain_maps():
    quality = OPTIONS["jpeg"]
    base, gains = encode(CAT, "jpeg", **quality), encode(GRAY[::4, ::4], "jpeg", **quality)
    both = {"save_all": True, "append_images": [Image.fromarray(GRAY[::4, ::4])]}
    return {
        "appended": with_gain_map(base, gains),
        "appended, and said": with_gain_map(base, gains, ULTRA_HDR),
        "mpo": encode(CAT, "mpo", **both, **quality),
        "mpo, and said": with_gain_map(encode(CAT, "mpo", **both, **quality), b"", ULTRA_HDR),
        "mpo, turned": encode(np.rot90(CAT), "mpo", exif=6, **both, **quality),
    }


@pytest.mark.parametrize("name", gain_maps())
def test_of_a_gain_map_comes_the_base_picture(name):
    assert difference(gain_maps()[name], CAT)[0] <= 90
    assert difference(gain_maps()[name], CAT)[1] < 5


# ---- names and places of files, for every function that takes one


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "mine/mug").mkdir(parents=True)
    (tmp_path / "mine/mug/1.png").write_bytes(encode(CAT, "png"))
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(tmp_path / "mine/mug/1.png", "mug/1.png")
    return tmp_path


RIGHT = torch.tensor(CAT).permute(2, 0, 1)
TAKES_A_PATH = {
    "open_image": lambda home: open_image(f"{home}/mine/mug/1.png"),
    "image_folder": lambda home: image_folder(f"{home}/mine")[0][0],
    "image_folder of a ZIP": lambda home: image_folder(f"{home}/mine.zip")[0][0],
    "unzip": lambda home: open_image(unzip(f"{home}/mine.zip") / "mug/1.png"),
    "unzip to": lambda home: open_image(unzip(f"{home}/mine.zip", f"{home}/new") / "mug/1.png"),
}


@pytest.mark.parametrize("name", TAKES_A_PATH)
@pytest.mark.parametrize("place", ["~", ".", ""])
@pytest.mark.parametrize("kind", [str, Path])
def test_home_and_here(home, monkeypatch, name, place, kind):
    monkeypatch.chdir(home)
    assert torch.equal(TAKES_A_PATH[name](kind(place or home)), RIGHT)


def test_home_of_what_the_environment_names(home, monkeypatch):
    monkeypatch.setenv("D2LAUG_DATA", "~/mine")
    assert data_folder() == home / "mine"
    with pytest.raises(FileNotFoundError, match=r"no whole copy of CIFAR-10 .*mine"):
        cifar10("test", root="~/mine", download=False)


def test_home_of_nobody_is_a_name(home, monkeypatch):
    monkeypatch.chdir(home)
    (home / "~$a.png").write_bytes(encode(CAT, "png"))
    assert torch.equal(open_image("~$a.png"), RIGHT)


NAMES = [
    "with blanks",
    "Küche, 写真 📷",
    unicodedata.normalize("NFD", "Küche"),
    "#1 50% [a] {b} (c)",
    "it's $HOME & `more`",
    "-r",
    "IMG_0001.HEIC",
    "a.b.c",
    "x" * 200,
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has fewer names")
@pytest.mark.parametrize("name", NAMES)
def test_names(tmp_path, name):
    folder = tmp_path / name
    (folder / name).mkdir(parents=True)
    (folder / name / name).write_bytes(encode(CAT, "png"))
    assert torch.equal(open_image(folder / name / name), RIGHT)
    dataset = image_folder(folder)
    assert dataset.classes == [name]
    assert torch.equal(dataset[0][0], RIGHT)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(folder / name / name, f"{name}/{name}")
    dataset = image_folder(tmp_path / "all.zip")
    assert dataset.classes == [unicodedata.normalize("NFC", name)]
    assert torch.equal(dataset[0][0], RIGHT)


WRONG = {
    "nothing": (None, TypeError, "expected a path, or the bytes"),
    "a number": (3, TypeError, "expected a path, or the bytes"),
    "the upload itself": (({"content": b""},), TypeError, r"value\[0\]\.content"),
    "no such file": ("nowhere.zip", FileNotFoundError, "there is no (file|folder) nowhere.zip"),
    "no bytes": (b"", OSError, "is empty|not unpacked"),
    "a name with a zero": ("a\0b", FileNotFoundError, "there is no"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("function", [open_image, image_folder, unzip])
def test_what_is_no_file(tmp_path, monkeypatch, name, function):
    monkeypatch.chdir(tmp_path)
    file, kind, words = WRONG[name]
    with pytest.raises(kind, match=words):
        function(file)


def test_one_is_told_the_function_for_it(tmp_path):
    (tmp_path / "1.png").write_bytes(encode(CAT, "png"))
    with pytest.raises(OSError, match=r"not a zip file.*open_image reads a picture"):
        image_folder(tmp_path / "1.png")
    with pytest.raises(FileNotFoundError, match="image_folder reads folders"):
        open_image(tmp_path)
    with zipfile.ZipFile(content := io.BytesIO(), "w") as archive:
        archive.write(tmp_path / "1.png")
    with pytest.raises(OSError, match="is a ZIP: image_folder reads"):
        open_image(content.getvalue())


# ---- transparency and orientation, through the functions for folders


def test_a_folder_of_what_telephones_write(tmp_path):
    """Every file of it is the same picture: HEIC, turned JPEG, a profile, see-through."""
    white = over_white(CAT, ALPHA)
    contents = {
        "0.heic": (heic(CAT), CAT),
        "1.JPG": (encode(np.rot90(CAT), "jpeg", exif=6, **OPTIONS["jpeg"]), CAT),
        "2.png": (encode(CAT, "png", icc_profile=P3), IN_P3),
        "3.png": (encode(rgba(), "png"), white),
        "4.tif": (tiff(of_12_bits(TWELVE), 4, 12), np.array([[0, 128, 255, 1]])),
    }
    (tmp_path / "mug").mkdir()
    for name, (content, _) in contents.items():
        (tmp_path / "mug" / name).write_bytes(content)
    for name in ("IMG_1.MOV", "IMG_1.AAE", "1.JPG.json", "._0.heic"):  # they come with them
        (tmp_path / "mug" / name).write_bytes(b"no picture")
    pictures = [picture.permute(1, 2, 0).numpy() for picture, _ in image_folder(tmp_path)]
    assert len(pictures) == len(contents)
    for picture, (_, right) in zip(pictures, contents.values(), strict=True):
        right = right if right.ndim == 3 else np.stack([right] * 3, -1)
        assert np.abs(picture.astype(int) - right).max() <= 16
