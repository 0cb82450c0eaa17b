"""The loops of what mixes a pixel with its neighbors."""

import numpy as np

from d2laug.augment.loops import compiled, copy, exactly, multiply_add

HALF, BLACK, WHITE = np.float32(0.5), np.float32(0), np.float32(255)


@exactly
def sharpen(src, dst, share):
    """Mix each pixel with the mean around it, by a `share` for each picture; edges stay.

    The mean counts the pixel itself five times, in 13, and is rounded to a level.
    """
    height, width = src.shape[2:]
    for i in range(len(src)):
        copy(src[i], dst[i])
        mixed = share[i]
        if mixed == 0 or height <= 2 or width <= 2:
            continue
        for c in range(src.shape[1]):
            for y in range(1, height - 1):
                above, line, below = src[i, c, y - 1], src[i, c, y], src[i, c, y + 1]
                left, right, out = line[:-2], line[2:], dst[i, c, y, 1:-1]
                for x in range(len(out)):
                    here = np.int32(line[x + 1])
                    total = np.int32(above[x]) + above[x + 1] + above[x + 2] + left[x] + right[x]
                    total += np.int32(below[x]) + below[x + 1] + below[x + 2] + 5 * here
                    mean = (total + np.int32(6)) // np.int32(13)
                    value = multiply_add(mixed, mean - here, here)
                    out[x] = np.uint8(np.int32(min(max(value, BLACK), WHITE)))


@compiled
def blur(src, dst, across, down):
    """Mix each pixel with its neighbors in its column and its row, mirrored at the edges.

    `across` and `down`: how much each neighbor counts, `[N, kernel]`.
    """
    height, width = src.shape[2:]
    reach_x, reach_y = across.shape[1] // 2, down.shape[1] // 2
    row = np.empty(width + 2 * reach_x, np.float32)
    sums = np.empty(width, np.float32)
    for i in range(len(src)):
        for c in range(src.shape[1]):
            for y in range(height):
                inside = row[reach_x : reach_x + width]
                inside[:] = 0
                for t in range(down.shape[1]):
                    place = abs(y + t - reach_y)
                    place = place if place < height else 2 * height - 2 - place
                    line, weight = src[i, c, place], down[i, t]
                    for x in range(width):
                        inside[x] += weight * line[x]
                for x in range(reach_x):
                    row[reach_x - 1 - x] = inside[x + 1]
                    row[reach_x + width + x] = inside[width - 2 - x]
                sums[:] = HALF
                for t in range(across.shape[1]):
                    part, weight = row[t : t + width], across[i, t]
                    for x in range(width):
                        sums[x] += weight * part[x]
                out = dst[i, c, y]
                for x in range(width):
                    out[x] = np.uint8(np.int32(sums[x]))


@exactly
def add_noise(src, dst, noise, mean, sigma):
    """Add normal `noise` times `sigma`, its fraction cut off, and keep it between the levels."""
    shift, factor = np.float32(mean), np.float32(sigma)
    for i in range(len(src)):
        line, out, added = src[i].reshape(-1), dst[i].reshape(-1), noise[i].reshape(-1)
        for x in range(len(line)):
            level = np.float32(line[x]) + np.trunc(added[x] * factor + shift)
            out[x] = np.uint8(np.int32(min(max(level, BLACK), WHITE)))
