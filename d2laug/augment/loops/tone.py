"""The loops of what changes the tones of a picture: gray, thresholds, histograms."""

import numpy as np

from d2laug.augment.loops import copy, exactly, multiply_add

RED, GREEN, BLUE = np.float32(0.2989), np.float32(0.587), np.float32(0.114)
BLACK, WHITE, LEVEL = np.float32(0), np.float32(255), np.float32(1 / 255)


@exactly
def _gray(r, g, b, channels):
    if channels == 1:
        return np.int32(r)
    level = multiply_add(g, GREEN, np.float32(r) * RED)
    return np.int32(multiply_add(b, BLUE, level))


@exactly
def gray(src, dst, apply):
    """Set all three channels of the chosen pictures to their gray, its fraction cut off."""
    for i in range(len(src)):
        if not apply[i]:
            copy(src[i], dst[i])
            continue
        for y in range(src.shape[2]):
            r, g, b = src[i, 0, y], src[i, 1, y], src[i, 2, y]
            first, second, third = dst[i, 0, y], dst[i, 1, y], dst[i, 2, y]
            for x in range(len(first)):
                first[x] = np.uint8(_gray(r[x], g[x], b[x], src.shape[1]))
            for x in range(len(first)):
                second[x] = first[x]
                third[x] = first[x]


@exactly
def solarize(src, dst, threshold):
    """Invert what is at the threshold of its picture or above; 256 leaves it as it is."""
    for i in range(len(src)):
        line, out, limit = src[i].reshape(-1), dst[i].reshape(-1), np.int16(threshold[i])
        for x in range(len(line)):
            out[x] = line[x] ^ (np.uint8(255) if np.int16(line[x]) >= limit else np.uint8(0))


@exactly
def autocontrast(src, dst, apply):
    """Stretch each channel of the chosen pictures to all levels."""
    for i in range(len(src)):
        if not apply[i]:
            copy(src[i], dst[i])
            continue
        for c in range(src.shape[1]):
            line, out = src[i, c].reshape(-1), dst[i, c].reshape(-1)
            least, most = np.uint8(255), np.uint8(0)
            for x in range(len(line)):
                least, most = min(least, line[x]), max(most, line[x])
            start, scale = np.float32(least), np.float32(most - least) * LEVEL
            if least == most:
                start, scale = BLACK, np.float32(1)
            for x in range(len(line)):
                value = (np.float32(line[x]) - start) / scale
                out[x] = np.uint8(np.int32(min(max(value, BLACK), WHITE)))


@exactly
def equalize(src, dst, apply):
    """Make the levels of each channel of the chosen pictures about equally frequent."""
    table, counts = np.empty(256, np.uint8), np.empty((4, 256), np.int64)
    for i in range(len(src)):
        if not apply[i]:
            copy(src[i], dst[i])
            continue
        for c in range(src.shape[1]):
            line, out = src[i, c].reshape(-1), dst[i, c].reshape(-1)
            counts[:] = 0  # four, in turn: equal neighbors need not wait for each other
            for x in range(len(line)):
                counts[x & 3, line[x]] += 1
            _flatten(counts, table)
            for x in range(len(line)):
                out[x] = table[line[x]]


@exactly
def _flatten(counts, table):
    """Set the table that makes all levels as frequent as each other, as Pillow reckons it."""
    every, last = counts.sum(axis=0), 255
    while every[last] == 0:
        last -= 1
    step = (every.sum() - every[last]) // 255
    total = step // 2
    for level in range(256):
        table[level] = level if step == 0 else min(total // step, 255)
        total += every[level]


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
