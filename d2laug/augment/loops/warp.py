"""The loop of rotations, affine changes and changes of perspective.

Positions are worked out as torchvision does, float32 and rounded in the same order: so where a
place lies halfway between two pixels, both take the same one. A picture has a border of one pixel
around it, and a position far outside is moved there: so nothing asks whether it is inside.
"""

import numpy as np

from d2laug.augment.loops import compiled, exactly, multiply_add

ZERO, HALF, ONE, BYTE = np.float32(0), np.float32(0.5), np.float32(1), np.uint32(255)
VALUES = 2048  # pixels whose positions are worked out at once: they stay in the cache


@exactly
def _positions(theta, top, half_height, half_width, perspective, xs, ys):
    """Set where the pixels of some rows, from `top` on, come from."""
    first_y = HALF if perspective else HALF - half_height
    first_x = HALF if perspective else HALF - half_width
    for row in range(len(xs)):
        y, from_x, from_y = np.float32(top + row) + first_y, xs[row], ys[row]
        for column in range(len(from_x)):
            x = np.float32(column) + first_x
            u = multiply_add(y, theta[0, 1], x * theta[0, 0]) + theta[0, 2]
            v = multiply_add(y, theta[1, 1], x * theta[1, 0]) + theta[1, 2]
            if perspective:
                distance = multiply_add(y, theta[2, 1], x * theta[2, 0]) + theta[2, 2]
                u, v = np.divide(u, distance) - ONE, np.divide(v, distance) - ONE
            from_x[column] = (u + ONE) * half_width - HALF
            from_y[column] = (v + ONE) * half_height - HALF


@exactly
def _moved(place, most):
    """Return a place in the picture with its border, which begins at 0; nan becomes 0."""
    place = place + ONE
    place = place if place > ZERO else ZERO
    return place if place < most else most


@exactly
def _nearest(xs, ys, height, width, index):
    """Set the index of the pixel that is nearest to each position."""
    bottom, right, line = np.float32(height + 1), np.float32(width + 1), np.int32(width + 2)
    for k in range(len(index)):
        x, y = _moved(np.rint(xs[k]), right), _moved(np.rint(ys[k]), bottom)
        index[k] = np.int32(y) * line + np.int32(x)


@exactly
def _between(xs, ys, height, width, index, inside):
    """Set the index of the first of the four pixels around each position, and how much is inside.

    `xs` and `ys` become how far it is from the first pixel to the next.
    """
    bottom, right, line = np.float32(height + 1), np.float32(width + 1), np.int32(width + 2)
    for k in range(len(index)):
        x, y = _moved(xs[k], right), _moved(ys[k], bottom)
        column, row = np.int32(x), np.int32(y)
        index[k] = row * line + column
        xs[k], ys[k] = x - np.float32(column), y - np.float32(row)
        inside[k] = min(x, ONE, right - x) * min(y, ONE, bottom - y)


@exactly
def _border(picture, padded):
    for y in range(len(picture)):
        line, out = picture[y], padded[y + 1, 1 : picture.shape[1] + 1]
        for x in range(len(line)):
            out[x] = line[x]


@exactly
def _four(flat, line, fours):
    """Put each pixel, those to the right and below, and the fourth, into one number."""
    n = len(fours)
    right, below, fourth = flat[1 : n + 1], flat[line : line + n], flat[line + 1 : line + 1 + n]
    for k in range(n):
        fours[k] = (
            np.uint32(flat[k])
            | np.uint32(right[k]) << np.uint32(8)
            | np.uint32(below[k]) << np.uint32(16)
            | np.uint32(fourth[k]) << np.uint32(24)
        )


def _pick(flat, index, out):
    for k in range(len(out)):
        out[k] = flat[np.uint32(index[k])]  # unsigned numbers count from the front only


_pick_level, _pick_four = exactly(_pick), exactly(_pick)  # of uint8, of uint32


@compiled
def _mix(fours, xs, ys, inside, fill, blend, out):
    """Mix four pixels by their distances; as torchvision, count the border twice for a `fill`."""
    for k in range(len(out)):
        four = fours[k]
        first = np.float32(np.int32(four & BYTE))
        right = np.float32(np.int32(four >> np.uint32(8) & BYTE))
        below = np.float32(np.int32(four >> np.uint32(16) & BYTE))
        fourth = np.float32(np.int32(four >> np.uint32(24)))
        upper = first + xs[k] * (right - first)
        lower = below + xs[k] * (fourth - below)
        mixed = upper + ys[k] * (lower - upper)
        if blend:
            mixed = inside[k] * (mixed - fill) + fill
        out[k] = np.uint8(np.int32(np.rint(mixed)))


@exactly
def warp(src, dst, thetas, fills, perspective, bilinear, blend):
    """Take each pixel of a picture from where its `theta` `[3, 3]` says; see `augment.warp`."""
    channels, height, width = src.shape[1:]
    line, rows = width + 2, max(1, min(height, VALUES // width))
    half_height, half_width = np.float32(height * 0.5), np.float32(width * 0.5)
    xs, ys = np.empty((rows, width), np.float32), np.empty((rows, width), np.float32)
    flat_x, flat_y = xs.reshape(-1), ys.reshape(-1)
    inside, picked = np.empty(rows * width, np.float32), np.empty(rows * width, np.uint32)
    index = np.empty(rows * width, np.int32)
    padded = np.zeros((channels, height + 4, line), np.uint8)
    fours = np.empty((channels, (height + 2) * line if bilinear else 0), np.uint32)
    for i in range(len(src)):
        for c in range(channels):
            if not bilinear:
                padded[c] = np.uint8(np.int32(np.rint(fills[i, c])))
            _border(src[i, c], padded[c])
            if bilinear:
                _four(padded[c].reshape(-1), line, fours[c])
        for top in range(0, height, rows):
            stop = min(height, top + rows)
            n = (stop - top) * width
            _positions(thetas[i], top, half_height, half_width, perspective, xs[: stop - top], ys)
            if bilinear:
                _between(flat_x, flat_y, height, width, index[:n], inside)
            else:
                _nearest(flat_x, flat_y, height, width, index[:n])
            for c in range(channels):
                out = dst[i, c, top:stop].reshape(-1)
                if bilinear:
                    _pick_four(fours[c], index, picked[:n])
                    _mix(picked, flat_x, flat_y, inside, fills[i, c], blend, out)
                else:
                    _pick_level(padded[c].reshape(-1), index, out)
