"""The loops of flips and crops."""

import math

import numpy as np

from d2laug.augment.loops import compiled, exactly

HALF = np.float32(0.5)


@exactly
def flip(src, dst, apply, vertical):
    """Mirror the chosen pictures, and copy the others."""
    for i in range(len(src)):
        rows = src.shape[2]
        for c in range(src.shape[1]):
            for y in range(rows):
                line, out = src[i, c, rows - 1 - y if apply[i] and vertical else y], dst[i, c, y]
                if apply[i] and not vertical:
                    # Unsigned numbers count from the front only: so it takes many at once.
                    last = np.uint64(len(line) - 1)
                    for x in range(np.uint64(len(line))):
                        out[x] = line[last - x]
                else:
                    for x in range(len(line)):
                        out[x] = line[x]


@exactly
def take(src, dst, rows, columns, run, fill):
    """Compose each picture of rows and columns of its source; where there is none (-1), `fill`.

    `run` says from where to where in the result the columns lie side by side in the source.
    """
    for i in range(len(src)):
        start, stop = run[i]
        for c in range(src.shape[1]):
            for y in range(dst.shape[2]):
                out = dst[i, c, y]
                if rows[i, y] < 0:
                    for x in range(len(out)):
                        out[x] = fill[i, c]
                    continue
                line = src[i, c, rows[i, y]]
                for x in range(start):
                    out[x] = line[columns[i, x]] if columns[i, x] >= 0 else fill[i, c]
                if stop > start:
                    first = columns[i, start]
                    inside, place = line[first : first + stop - start], out[start:stop]
                    for x in range(len(inside)):
                        place[x] = inside[x]
                for x in range(stop, len(out)):
                    out[x] = line[columns[i, x]] if columns[i, x] >= 0 else fill[i, c]


@compiled
def _weights(length, antialias, first, weights):
    """Set the first of the pixels that each of some places mixes, and how much each one counts.

    `weights`: `[taps, places]`; two taps where the places are no wider than the pixels.
    """
    taps, places = weights.shape
    step = length / places
    reach = max(step, 1.0) if antialias else 1.0
    for j in range(places):
        center = (j + 0.5) * step
        if reach == 1:
            center = min(max(center, 0.5), length - 0.5)
            low = int(center - 0.5)
        else:
            low = max(int(center - reach + 0.5), 0)
        total = 0.0
        for t in range(taps):
            pixel = low + t + 0.5
            share = max(0.0, 1 - abs(pixel - center) / reach) if pixel < length else 0.0
            weights[t, j] = share
            total += share
        for t in range(taps):
            weights[t, j] /= total
        first[j] = low


@compiled
def resize(src, dst, boxes, antialias):
    """Resize a box (top, left, height, width) of each picture: mix its columns, then its rows.

    Two taps, the usual case, have loops of their own. Unsigned numbers count from the front only,
    which is quicker.
    """
    height, width = dst.shape[2:]
    taps_y = max(2, math.ceil(2 * src.shape[2] / height))
    taps_x = max(2, math.ceil(2 * src.shape[3] / width))
    above, shares = np.empty(height, np.uint64), np.empty((taps_y, height), np.float32)
    before, parts = np.empty(width, np.uint64), np.empty((taps_x, width), np.float32)
    # A little larger than a box: what lies behind its end weighs nothing, but is a number.
    row = np.zeros(src.shape[3] + taps_x, np.float32)
    rows = np.zeros((src.shape[2] + taps_y, width), np.float32)
    sums = np.empty(width, np.float32)
    for i in range(len(src)):
        top, left, h, w = boxes[i]
        share = shares[: math.ceil(2 * h / height) if antialias and h > height else 2]
        part = parts[: math.ceil(2 * w / width) if antialias and w > width else 2]
        _weights(h, antialias, above, share)
        _weights(w, antialias, before, part)
        for c in range(src.shape[1]):
            for y in range(h):
                line, out = src[i, c, top + y, left : left + w], rows[y]
                for x in range(w):
                    row[x] = line[x]
                if len(part) == 2:
                    second = part[1]
                    for x in range(width):
                        k = before[x]
                        out[x] = row[k] + second[x] * (row[k + np.uint64(1)] - row[k])
                    continue
                out[:] = 0
                for t in range(len(part)):
                    weights = part[t]
                    for x in range(width):
                        out[x] += weights[x] * row[before[x] + np.uint64(t)]
            for y in range(height):
                k, out = above[y], dst[i, c, y]
                upper, lower, weight = rows[k], rows[k + np.uint64(1)], share[1, y]
                if len(share) == 2:
                    for x in range(width):
                        mixed = upper[x] + weight * (lower[x] - upper[x])
                        out[x] = np.uint8(np.int32(mixed + HALF))
                    continue
                sums[:] = HALF
                for t in range(len(share)):
                    lower, weight = rows[k + np.uint64(t)], share[t, y]
                    for x in range(width):
                        sums[x] += weight * lower[x]
                for x in range(width):
                    out[x] = np.uint8(np.int32(sums[x]))
