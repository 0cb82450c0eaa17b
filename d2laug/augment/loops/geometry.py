"""The loops of flips and crops."""

import math

import numpy as np

from d2laug.augment.loops import compiled, exactly


@exactly
def flip(src, dst, apply, vertical):
    """Mirror the chosen pictures, and copy the others."""
    for i in range(len(src)):
        rows = src.shape[2]
        for c in range(src.shape[1]):
            for y in range(rows):
                line, out = src[i, c, rows - 1 - y if apply[i] and vertical else y], dst[i, c, y]
                if apply[i] and not vertical:
                    last = len(line) - 1
                    for x in range(len(line)):
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
def _weights(length, n_out, antialias, first, weights):
    """Set the first of the pixels that each of `n_out` mixes, and how much each one counts."""
    step = length / n_out
    reach = max(step, 1.0) if antialias else 1.0
    for j in range(n_out):
        center = (j + 0.5) * step
        if not antialias:
            center = min(max(center, 0.5), length - 0.5)
        low = max(int(center - reach + 0.5), 0)
        total = 0.0
        for t in range(weights.shape[1]):
            pixel = low + t + 0.5
            share = max(0.0, 1 - abs(pixel - center) / reach) if pixel < length else 0.0
            weights[j, t] = share
            total += share
        for t in range(weights.shape[1]):
            weights[j, t] /= total
        first[j] = low


@compiled
def resize(src, dst, boxes, antialias):
    """Resize a box (top, left, height, width) of each picture: mix its rows, then its columns."""
    half = np.float32(0.5)
    height, width = dst.shape[2], dst.shape[3]
    for i in range(len(src)):
        top, left, h, w = boxes[i]
        reach_y = math.ceil(max(h / height, 1.0)) if antialias else 1
        reach_x = math.ceil(max(w / width, 1.0)) if antialias else 1
        above, share = np.empty(height, np.int64), np.empty((height, 2 * reach_y + 1), np.float32)
        before, part = np.empty(width, np.int64), np.empty((width, 2 * reach_x + 1), np.float32)
        _weights(h, height, antialias, above, share)
        _weights(w, width, antialias, before, part)
        row = np.zeros(w + part.shape[1], np.float32)  # a little longer: its end weighs nothing
        for c in range(src.shape[1]):
            for y in range(height):
                line = src[i, c, top + above[y], left : left + w]
                weight = share[y, 0]
                for x in range(w):
                    row[x] = weight * line[x]
                for t in range(1, share.shape[1]):
                    weight = share[y, t]
                    if weight > 0:
                        line = src[i, c, top + above[y] + t, left : left + w]
                        for x in range(w):
                            row[x] += weight * line[x]
                out = dst[i, c, y]
                if part.shape[1] == 3:
                    for x in range(width):
                        k = before[x]
                        mixed = row[k] * part[x, 0] + row[k + 1] * part[x, 1]
                        out[x] = np.uint8(np.int32(mixed + row[k + 2] * part[x, 2] + half))
                else:
                    for x in range(width):
                        mixed = half
                        for t in range(part.shape[1]):
                            mixed += row[before[x] + t] * part[x, t]
                        out[x] = np.uint8(np.int32(mixed))
