"""The loops of flips and crops."""

import math

import numpy as np

from d2laug.augment.loops import compiled, exactly

HALF, ONE = np.float32(0.5), np.uint64(1)


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
    width = np.uint64(dst.shape[3])
    for i in range(len(src)):
        # Unsigned numbers count from the front only: so the middle is taken many at once.
        start, stop = np.uint64(run[i, 0]), np.uint64(run[i, 1])
        first = np.uint64(columns[i, start]) if stop > start else start
        for c in range(src.shape[1]):
            value = fill[i, c]
            for y in range(dst.shape[2]):
                out = dst[i, c, y]
                if rows[i, y] < 0:
                    for x in range(width):
                        out[x] = value
                    continue
                line = src[i, c, rows[i, y]]
                for x in range(start):
                    k = columns[i, x]
                    out[x] = line[np.uint64(k)] if k >= 0 else value
                for x in range(stop - start):
                    out[start + x] = line[first + x]
                for x in range(stop, width):
                    k = columns[i, x]
                    out[x] = line[np.uint64(k)] if k >= 0 else value


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
def _columns_first(plane, box, before, part, above, share, row, rows, out):
    """Mix the columns of each row of a box, then these rows: for boxes that grow in height."""
    top, left, h, w = box
    for y in range(h):
        line, mixed = plane[top + y, left : left + w], rows[y]
        for x in range(w):
            row[x] = line[x]
        if len(part) == 2:
            second = part[1]
            for x in range(len(mixed)):
                k = before[x]
                mixed[x] = row[k] + second[x] * (row[k + ONE] - row[k])
            continue
        mixed[:] = 0
        for t in range(len(part)):
            weight = part[t]
            for x in range(len(mixed)):
                mixed[x] += weight[x] * row[before[x] + np.uint64(t)]
    for y in range(len(out)):
        upper, lower, weight, line = rows[above[y]], rows[above[y] + ONE], share[1, y], out[y]
        for x in range(len(line)):
            mixed_both = upper[x] + weight * (lower[x] - upper[x])
            line[x] = np.uint8(np.int32(mixed_both + HALF))


@compiled
def _rows_first(plane, box, before, part, above, share, row, sums, out):
    """Mix the rows of a box for each row of the result, then its columns: for boxes that shrink."""
    top, left, _, w = box
    for y in range(len(out)):
        row[:] = 0
        for t in range(len(share)):
            weight = share[t, y]
            if weight > 0:
                line = plane[top + above[y] + t, left : left + w]
                for x in range(w):
                    row[x] += weight * line[x]
        sums[:] = HALF
        for t in range(len(part)):
            weights = part[t]
            for x in range(len(sums)):
                sums[x] += weights[x] * row[before[x] + np.uint64(t)]
        line = out[y]
        for x in range(len(sums)):
            line[x] = np.uint8(np.int32(sums[x]))


@compiled
def resize(src, dst, boxes, antialias):
    """Resize a box (top, left, height, width) of each picture, in the order that is shorter.

    Unsigned numbers count from the front only, which is quicker.
    """
    height, width = dst.shape[2:]
    taps_y = max(2, math.ceil(2 * src.shape[2] / height))
    taps_x = max(2, math.ceil(2 * src.shape[3] / width))
    above, shares = np.empty(height, np.uint64), np.empty((taps_y, height), np.float32)
    before, parts = np.empty(width, np.uint64), np.empty((taps_x, width), np.float32)
    # A little larger than a box: what lies behind its end weighs nothing, but is a number.
    row = np.zeros(src.shape[3] + taps_x, np.float32)
    rows = np.zeros((src.shape[2] + 2, width), np.float32)
    sums = np.empty(width, np.float32)
    for i in range(len(src)):
        h, w = boxes[i, 2], boxes[i, 3]
        share = shares[: math.ceil(2 * h / height) if antialias and h > height else 2]
        part = parts[: math.ceil(2 * w / width) if antialias and w > width else 2]
        _weights(h, antialias, above, share)
        _weights(w, antialias, before, part)
        for c in range(src.shape[1]):
            plane, out = src[i, c], dst[i, c]
            if h > height:
                _rows_first(plane, boxes[i], before, part, above, share, row, sums, out)
            else:
                _columns_first(plane, boxes[i], before, part, above, share, row, rows, out)
