"""The loops of what changes the tones of a picture: gray, thresholds, histograms."""

import numpy as np

from d2laug.augment.loops import exactly, multiply_add

RED, GREEN, BLUE = np.float32(0.2989), np.float32(0.587), np.float32(0.114)
WHITE, LEVEL = np.float32(255), np.float32(1 / 255)


@exactly
def gray(src, dst, apply):
    """Set all three channels of the chosen pictures to their gray, its fraction cut off."""
    for i in range(len(src)):
        if not apply[i]:
            dst[i] = src[i]
            continue
        for y in range(src.shape[2]):
            r, g, b, out = src[i, 0, y], src[i, 1, y], src[i, 2, y], dst[i, 0, y]
            for x in range(len(out)):
                level = multiply_add(g[x], GREEN, np.float32(r[x]) * RED)
                out[x] = np.uint8(np.int32(multiply_add(b[x], BLUE, level)))
            dst[i, 1, y] = out
            dst[i, 2, y] = out


@exactly
def solarize(src, dst, threshold):
    """Invert what is at the threshold of its picture or above; 256 leaves it as it is."""
    for i in range(len(src)):
        limit = threshold[i]
        for c in range(src.shape[1]):
            for y in range(src.shape[2]):
                line, out = src[i, c, y], dst[i, c, y]
                for x in range(len(line)):
                    out[x] = line[x] ^ (np.uint8(255) if line[x] >= limit else np.uint8(0))


@exactly
def _spread(least, most, table):
    """Set the table that brings the least level to 0 and the most to 255."""
    scale = np.float32(most - least) * LEVEL
    for level in range(256):
        value = np.float32(level - least) / scale if most > least else np.float32(level)
        table[level] = np.uint8(np.int32(min(max(value, np.float32(0)), WHITE)))


@exactly
def _flatten(counts, table):
    """Set the table that makes all levels as frequent as each other, as Pillow reckons it."""
    last = 255
    while counts[last] == 0:
        last -= 1
    step = (counts.sum() - counts[last]) // 255
    total = step // 2
    for level in range(256):
        table[level] = level if step == 0 else min(total // step, 255)
        total += counts[level]


@exactly
def _look_up(plane, table, out):
    for y in range(plane.shape[0]):
        line, result = plane[y], out[y]
        for x in range(len(line)):
            result[x] = table[line[x]]


@exactly
def autocontrast(src, dst, apply):
    """Stretch each channel of the chosen pictures to all levels."""
    table = np.empty(256, np.uint8)
    for i in range(len(src)):
        for c in range(src.shape[1]):
            if not apply[i]:
                dst[i, c] = src[i, c]
                continue
            least, most = np.uint8(255), np.uint8(0)
            for y in range(src.shape[2]):
                line = src[i, c, y]
                for x in range(len(line)):
                    least, most = min(least, line[x]), max(most, line[x])
            _spread(np.int64(least), np.int64(most), table)
            _look_up(src[i, c], table, dst[i, c])


@exactly
def equalize(src, dst, apply):
    """Make the levels of each channel of the chosen pictures about equally frequent."""
    table, counts = np.empty(256, np.uint8), np.empty((4, 256), np.int64)
    for i in range(len(src)):
        for c in range(src.shape[1]):
            if not apply[i]:
                dst[i, c] = src[i, c]
                continue
            counts[:] = 0  # four, in turn: equal neighbors need not wait for each other
            for y in range(src.shape[2]):
                line = src[i, c, y]
                for x in range(len(line)):
                    counts[x & 3, line[x]] += 1
            _flatten(counts.sum(axis=0), table)
            _look_up(src[i, c], table, dst[i, c])


@exactly
def _gray(r, g, b, channels):
    if channels == 1:
        return np.int32(r)
    level = multiply_add(g, GREEN, np.float32(r) * RED)
    return np.int32(multiply_add(b, BLUE, level))


@exactly
def blend(src, dst, factors, shares, other):
    """Multiply by a factor, and add a share of black (0), the gray (1) or its mean (2); cut off."""
    channels, height, width = src.shape[1:]
    for i in range(len(src)):
        factor, share, rest = factors[i], shares[i], np.float32(0)
        r, g, b = src[i, 0], src[i, channels // 2], src[i, channels - 1]
        if other == 2:
            total = np.int64(0)
            for y in range(height):
                for x in range(width):
                    total += _gray(r[y, x], g[y, x], b[y, x], channels)
            rest = np.float32(total) / np.float32(height * width)
        for c in range(channels):
            for y in range(height):
                line, out, red, green, blue = src[i, c, y], dst[i, c, y], r[y], g[y], b[y]
                for x in range(width):
                    if other == 1:
                        rest = np.float32(_gray(red[x], green[x], blue[x], channels))
                    value = multiply_add(rest, share, line[x] * factor)
                    out[x] = np.uint8(np.int32(min(max(value, np.float32(0)), WHITE)))
