"""The loop of `ColorJitter`: all its changes of a pixel while that is in the processor's cache."""

import numpy as np

from d2laug.augment.loops import compiled

PIXELS_AT_ONCE = 2048  # three rows of so many floats fit into the fastest cache
BRIGHTNESS, CONTRAST, SATURATION, HUE, NOTHING = range(5)
BLACK, HALF, ONE, WHITE = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
RED, GREEN, BLUE = np.float32(0.2989), np.float32(0.587), np.float32(0.114)


@compiled
def _brightness(r, g, b, factor):
    for j in range(len(r)):
        r[j], g[j], b[j] = (
            min(r[j] * factor, WHITE),
            min(g[j] * factor, WHITE),
            min(b[j] * factor, WHITE),
        )


@compiled
def _contrast(r, g, b, factor, mean):
    rest = mean * (ONE - factor)
    for j in range(len(r)):
        r[j] = min(max(r[j] * factor + rest, BLACK), WHITE)
        g[j] = min(max(g[j] * factor + rest, BLACK), WHITE)
        b[j] = min(max(b[j] * factor + rest, BLACK), WHITE)


@compiled
def _saturation(r, g, b, factor):
    share = ONE - factor
    for j in range(len(r)):
        rest = np.floor(r[j] * RED + g[j] * GREEN + b[j] * BLUE) * share
        r[j] = min(max(r[j] * factor + rest, BLACK), WHITE)
        g[j] = min(max(g[j] * factor + rest, BLACK), WHITE)
        b[j] = min(max(b[j] * factor + rest, BLACK), WHITE)


@compiled
def _hue(r, g, b, mix):
    rr, rg, rb, re = mix[0, 0], mix[0, 1], mix[0, 2], mix[0, 3]
    gr, gg, gb, ge = mix[1, 0], mix[1, 1], mix[1, 2], mix[1, 3]
    br, bg, bb, be = mix[2, 0], mix[2, 1], mix[2, 2], mix[2, 3]
    for j in range(len(r)):
        x, y, z = r[j], g[j], b[j]
        low, high = min(x, min(y, z)), max(x, max(y, z))
        ends = low + high
        r[j] = min(max(rr * x + rg * y + rb * z + re * ends, low), high)
        g[j] = min(max(gr * x + gg * y + gb * z + ge * ends, low), high)
        b[j] = min(max(br * x + bg * y + bb * z + be * ends, low), high)


@compiled
def _mixture(shift, mix):
    """Set `mix` `[3, 4]`: how much of red, green, blue and low + high goes into each plane."""
    thirds = round(shift * 3)
    rest = shift * 6 - thirds * 2
    for plane in range(3):
        mix[plane, 3] = 0.5
        for k in range(3):
            distance = (k - plane + thirds) % 3
            share = 1.0 if distance == 0 else 2 * max(0.0, -rest if distance == 1 else rest) - 1
            mix[plane, k] = share
            mix[plane, 3] -= share / 2


@compiled
def _steps(r, g, b, steps, factors, mix, mean):
    for step in steps:
        if step == BRIGHTNESS:
            _brightness(r, g, b, factors[BRIGHTNESS])
        elif step == CONTRAST:
            _contrast(r, g, b, factors[CONTRAST], mean)
        elif step == SATURATION:
            _saturation(r, g, b, factors[SATURATION])
        elif step == HUE:
            _hue(r, g, b, mix)


@compiled
def _load(plane, row):
    for j in range(len(row)):
        row[j] = plane[j]


@compiled
def _store(row, plane):
    for j in range(len(row)):
        plane[j] = np.uint8(np.int32(row[j] + HALF))


@compiled
def jitter(src, dst, steps, factors):
    """Take the steps of each picture, in its order; pictures `[N, 3, pixels]`.

    Contrast needs the mean gray of what comes before it: the loop over the pixels is in two there.
    """
    pixels = src.shape[2]
    rows, mix = np.empty((3, pixels), np.float32), np.empty((3, 4), np.float32)
    for i in range(len(src)):
        _mixture(factors[i, HUE], mix)
        contrast = 0
        while contrast < 4 and steps[i, contrast] != CONTRAST:
            contrast += 1
        total = 0.0
        for p in range(0, pixels, PIXELS_AT_ONCE):
            q = min(p + PIXELS_AT_ONCE, pixels)
            r, g, b = rows[0, p:q], rows[1, p:q], rows[2, p:q]
            _load(src[i, 0, p:q], r)
            _load(src[i, 1, p:q], g)
            _load(src[i, 2, p:q], b)
            _steps(r, g, b, steps[i, :contrast], factors[i], mix, BLACK)
            if contrast < 4:
                grays = BLACK
                for j in range(q - p):
                    grays += np.floor(r[j] * RED + g[j] * GREEN + b[j] * BLUE)
                total += grays
            else:
                _store(r, dst[i, 0, p:q])
                _store(g, dst[i, 1, p:q])
                _store(b, dst[i, 2, p:q])
        if contrast == 4:
            continue
        mean = np.float32(total / pixels)
        for p in range(0, pixels, PIXELS_AT_ONCE):
            q = min(p + PIXELS_AT_ONCE, pixels)
            r, g, b = rows[0, p:q], rows[1, p:q], rows[2, p:q]
            _steps(r, g, b, steps[i, contrast:], factors[i], mix, mean)
            _store(r, dst[i, 0, p:q])
            _store(g, dst[i, 1, p:q])
            _store(b, dst[i, 2, p:q])


@compiled
def normalize(src, dst, factors, shifts):
    """Turn levels into floats: each channel of `[N, C, pixels]` by its factor and shift."""
    for i in range(len(src)):
        for c in range(src.shape[1]):
            line, out, factor, shift = src[i, c], dst[i, c], factors[i, c], shifts[i, c]
            for x in range(len(line)):
                out[x] = line[x] * factor + shift
