"""Color profiles made from their numbers, and what a picture is in sRGB by their formulas."""

import struct

import numpy as np

D50 = np.array([0.96422, 1, 0.82521])
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
D65 = 0.3127, 0.3290
SRGB = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]
DISPLAY_P3 = [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)]
ADOBE_RGB = [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)]
GAMMA = 563 / 256  # that of Adobe RGB


def decode(values):
    """From sRGB's (and Display P3's) numbers, 0 to 1, to light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encode(light):
    """The other way."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def power(values):
    return values**GAMMA


def matrix(primaries):
    """From light in these primaries, white D65, to XYZ, white D50."""
    xyz = lambda x, y: np.array([x / y, 1, (1 - x - y) / y])  # noqa: E731
    columns = np.stack([xyz(*primary) for primary in primaries], 1)
    white = xyz(*D65)
    columns = columns * np.linalg.solve(columns, white)
    scale = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
    return np.linalg.inv(BRADFORD) @ scale @ BRADFORD @ columns


def to_srgb(picture, primaries, curve=decode):
    """What `uint8` `[..., 3]` in these primaries is in sRGB, cut off at its ends."""
    light = curve(picture / 255) @ (np.linalg.inv(matrix(SRGB)) @ matrix(primaries)).T
    return encode(light.clip(0, 1)) * 255


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def table(curve):
    """A tone curve of 1024 values."""
    values = (curve(np.linspace(0, 1, 1024)).clip(0, 1) * 65535).round().astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", 1024) + values.tobytes()


def profile(space, tags, connection=b"XYZ ", kind=b"mntr"):
    """An ICC profile, version 2, of these tags."""
    name = b"made by a test\0"
    text = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78)
    white = b"XYZ " + bytes(4) + fixed(*D50)
    tags = {b"desc": text, b"cprt": b"text" + bytes(4) + name, b"wtpt": white} | tags
    start, entries, contents = 132 + 12 * len(tags), b"", b""
    for key, content in tags.items():
        entries += key + struct.pack(">II", start + len(contents), len(content))
        contents += content + bytes(-len(content) % 4)
    header = struct.pack(">I4xI", start + len(contents), 0x02400000) + kind + space + connection
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(*D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + contents


def of_light(primaries, curve=decode):
    """The profile of a screen or camera: Display P3, Adobe RGB ..."""
    return of_columns(matrix(primaries), curve)


def of_columns(columns, curve=decode):
    tags = {}
    for letter, column in zip((b"r", b"g", b"b"), columns.T, strict=True):
        tags[letter + b"XYZ"] = b"XYZ " + bytes(4) + fixed(*column)
        tags[letter + b"TRC"] = table(curve)
    return profile(b"RGB ", tags)


def of_gray(curve):
    return profile(b"GRAY", {b"kTRC": table(curve)})


def of_ink(paper, inks):
    """The profile of a printer whose four inks `C, M, Y, K` have these Lab colors on the paper.

    Where several lie on each other it is black: a grid of 2 x 2 x 2 x 2, between which one goes
    in straight lines.
    """
    colors = [paper, inks[3], inks[2], (0, 0, 0), inks[1], *[(0, 0, 0)] * 3, inks[0]]
    colors += [(0, 0, 0)] * 7  # C is the slowest, K the fastest
    grid = bytes(round(value) for L, a, b in colors for value in (L * 2.55, a + 128, b + 128))
    ramp = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + fixed(*np.eye(3).flatten())
    lut += ramp * 4 + grid + ramp * 3
    return profile(b"CMYK", {b"A2B0": lut, b"A2B1": lut}, b"Lab ", b"prtr")
