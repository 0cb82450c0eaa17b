"""Labels, drawn with Pillow and wrapped once around a drink.

Every drawing here is W wide and H high, with the label's front in its middle: what stands at W / 2
faces the camera when the drink faces it. The marks are invented; none is a brand's.
"""

import numpy as np
from PIL import Image, ImageDraw

W, H = 1024, 512


def plain(color):
    return Image.new("RGB", (W, H), color)


def bands(color, *stripes):
    """A plain label with horizontal bands, each (low, high, color), heights from 0 to 1."""
    image = plain(color)
    draw = ImageDraw.Draw(image)
    for low, high, stripe in stripes:
        draw.rectangle([0, (1 - high) * H, W, (1 - low) * H], fill=stripe)
    return image


def zigzag(color, stripe, up, heights, thickness=0.16, rise=0.5):
    """Stripes that climb to a peak at the front (`up`), or fall to a valley there.

    Seen from its front such a label is its own mirror image. Turned to one side it shows mostly one
    of its two slopes, and turned to the other side mostly the other one.
    """
    image = plain(color)
    draw = ImageDraw.Draw(image)
    slope = rise / 2 if up else -rise / 2
    for height in heights:
        for x0, x1, y0, y1 in [(0, 0.5, -slope, slope), (0.5, 1, slope, -slope)]:
            a, b = height + y0, height + y1
            edge = [
                (x0, a + thickness / 2),
                (x1, b + thickness / 2),
                (x1, b - thickness / 2),
                (x0, a - thickness / 2),
            ]
            draw.polygon([(x * W, (1 - y) * H) for x, y in edge], fill=stripe)
    return image


def lean(color, stripe, rising, count=3):
    """Stripes that wind around the drink, leaning / (`rising`) or \\ on every side of it."""
    image = plain(color)
    draw = ImageDraw.Draw(image)
    for k in range(-2 * count, 2 * count + 1):
        low, high = (k - 0.25) / count, (k + 0.25) / count
        edge = [(low, 0), (high, 0), (high + 1 / 3, 1), (low + 1 / 3, 1)]
        draw.polygon([((x if rising else 1 - x) * W, (1 - y) * H) for x, y in edge], fill=stripe)
    return image


def disc(draw, x, y, radius, fill, aspect=1.0):
    """A circle on the drink: `aspect` is the label's width over its height in centimetres."""
    ry = radius * H
    rx = ry * W / H / aspect
    draw.ellipse([x * W - rx, (1 - y) * H - ry, x * W + rx, (1 - y) * H + ry], fill=fill)


def slice_of_fruit(color, rind, flesh, aspect, centers=(0.5, 0.0, 1.0), y=0.52, radius=0.3):
    """A slice of citrus, front and back."""
    image = plain(color)
    draw = ImageDraw.Draw(image)
    for x in centers:
        disc(draw, x, y, radius, rind, aspect)
        disc(draw, x, y, radius * 0.84, "#fffdf2", aspect)
        for k in range(8):
            rx, ry = radius * 0.76 * W / aspect, radius * 0.76 * H
            a0, a1 = np.radians(45 * k + 3 + 22), np.radians(45 * k + 42 + 22)
            wedge = [
                (
                    x * W + 0.12 * rx * np.cos((a0 + a1) / 2),
                    (1 - y) * H + 0.12 * ry * np.sin((a0 + a1) / 2),
                )
            ]
            wedge += [
                (x * W + rx * np.cos(a), (1 - y) * H + ry * np.sin(a))
                for a in np.linspace(a0, a1, 8)
            ]
            draw.polygon(wedge, fill=flesh)
    return image


def dots(color, dot, rows, count, radius, aspect):
    """Rows of dots all around."""
    image = plain(color)
    draw = ImageDraw.Draw(image)
    for i, y in enumerate(rows):
        for k in range(-1, count + 1):
            disc(draw, (k + 0.5 * (i % 2)) / count, y, radius, dot, aspect)
    return image


def waves(image, color, base, height, count=4):
    """Fill below a wave line."""
    draw = ImageDraw.Draw(image)
    x = np.linspace(0, 1, 257)
    y = base + height * np.cos(2 * np.pi * count * (x - 0.5))
    draw.polygon([(0, H), *zip(x * W, (1 - y) * H, strict=True), (W, H)], fill=color)
    return image


def apple(image, x, y, size, aspect, body, leaf):
    """An apple's outline, with its leaf to the right."""
    draw = ImageDraw.Draw(image)
    for dx in (-0.42, 0.42):
        disc(draw, x + dx * size * H / W * W / H / aspect, y, size * 0.72, body, aspect)
    disc(draw, x, y - 0.12 * size, size * 0.8, body, aspect)
    lx = size / aspect
    draw.polygon(
        [
            ((x + dx * lx) * W, (1 - y - dy * size) * H)
            for dx, dy in [(0, 0.6), (0.15, 1.2), (0.75, 1.35), (0.6, 0.85)]
        ],
        fill=leaf,
    )
    return image


def atlas(left, front, right, back):
    """Four walls of a carton side by side, as `shapes.box` wants them."""
    image = Image.new("RGB", (W, H))
    for k, wall in enumerate((left, front, right, back)):
        image.paste(wall.resize((W // 4, H), Image.LANCZOS), (k * W // 4, 0))
    return image
