"""The loops of color temperature and reflections."""

from functools import cache

import numpy as np
import torch

from d2laug.augment.light import to_linear, to_srgb
from d2laug.augment.loops import compiled, copy

LIGHT_LEVELS = 2**15  # so many that two neighbors are at most 0.1 levels of uint8 apart
MOST, NOTHING, HALF, ONE = (np.float32(value) for value in (LIGHT_LEVELS - 1, 0, 0.5, 1))
LOG2_E, LN_2 = np.float32(1.442695), np.float32(0.6931472)
THIRD, QUARTER, FIFTH = np.float32(1 / 3), np.float32(1 / 12), np.float32(1 / 60)
REACH = np.float32(1.9)  # exp(-REACH**4) is 2e-6: nothing
TINY = np.float32(1e-9)


@cache
def to_linear_table():
    """Return the amount of light of each level of `uint8`: float32 `[256]`."""
    return to_linear(torch.arange(256, dtype=torch.float32, device="cpu") / 255).numpy()


@cache
def to_srgb_table():
    """Return the level of `uint8` for each of `LIGHT_LEVELS` amounts of light from 0 to 1."""
    light = torch.arange(LIGHT_LEVELS, dtype=torch.float32, device="cpu") / (LIGHT_LEVELS - 1)
    return (to_srgb(light) * 255).round().to(torch.uint8).numpy()


@compiled
def multiply_light(src, dst, gains, to_linear, to_srgb):
    """Multiply the light of each channel by its gain `[N, C]`, by way of a table of its levels."""
    table = np.empty(256, np.uint8)
    for i in range(len(src)):
        for c in range(src.shape[1]):
            for level in range(256):
                light = min(to_linear[level] * gains[i, c], ONE)
                table[level] = to_srgb[np.int32(light * MOST + HALF)]
            for y in range(src.shape[2]):
                line, out = src[i, c, y], dst[i, c, y]
                for x in range(len(line)):
                    out[x] = table[line[x]]


@compiled
def _add_exp_of_minus(edge, strength, light, bits):
    """Add strength * exp(-edge), by a power of two and a Taylor series: to within 0.0002 of it."""
    powers = bits.view(np.float32)
    for j in range(len(edge)):
        exponent = edge[j] * LOG2_E  # exp(-edge) = 2**-exponent = 2**-whole * 2**-rest
        whole = np.int32(exponent)
        t = (np.float32(whole) - exponent) * LN_2
        series = THIRD + t * (QUARTER + t * FIFTH)
        edge[j] = ONE + t * (ONE + t * HALF * (ONE + t * series))
        bits[j] = (np.int32(127) - whole) << 23  # the float 2**-whole
    for j in range(len(edge)):
        light[j] += strength * edge[j] * powers[j]


@compiled
def _add_box(box, added, edge, bits):
    """Add the light of one soft-edged box to a picture's, where it is more than nothing."""
    height, width = added.shape
    x, y, length, breadth, angle, strength = box
    side = np.float32(2 / min(height, width))
    cos, sin = np.float32(np.cos(angle)) * side, np.float32(np.sin(angle)) * side
    a, b, c, d = cos / length, sin / length, cos / breadth, sin / breadth
    for row in range(height):
        dy = np.float32(row) + HALF - y * np.float32(height)
        # The columns where the distances along and across the box are less than REACH
        middle, half = -dy * b / _no_zero(a), REACH / abs(_no_zero(a))
        low, high = middle - half, middle + half
        middle, half = dy * c / _no_zero(d), REACH / abs(_no_zero(d))
        left = x * np.float32(width) - HALF
        start = max(0, int(np.ceil(left + max(low, middle - half))))
        stop = min(width, int(np.floor(left + min(high, middle + half))) + 1)
        if stop <= start:
            continue
        inside = edge[: stop - start]
        for j in range(len(inside)):
            dx = np.float32(start + j) - left
            along, across = dx * a + dy * b, dy * c - dx * d
            along, across = along * along, across * across
            inside[j] = along * along + across * across
        _add_exp_of_minus(inside, strength, added[row, start:stop], bits[: stop - start])


@compiled
def _no_zero(slope):
    return slope if abs(slope) > TINY else TINY


@compiled
def reflect(src, dst, lit, boxes, auto_exposure, to_linear, to_srgb):
    """Add to each picture that is lit the light of its boxes `[N, K, 6]`; see `augment.light`."""
    channels, height, width = src.shape[1:]
    added, edge = np.empty((height, width), np.float32), np.empty(width, np.float32)
    bits = np.empty(width, np.int32)
    for i in range(len(src)):
        if not lit[i]:
            copy(src[i], dst[i])
            continue
        added[:] = 0
        for k in range(boxes.shape[1]):
            if boxes[i, k, 5] > 0:
                _add_box(boxes[i, k], added, edge, bits)
        exposure = ONE
        if auto_exposure:
            before, light = 0.0, 0.0
            for row in range(height):
                light += added[row].sum()
                for channel in range(channels):
                    line, total = src[i, channel, row], NOTHING
                    for column in range(width):
                        total += to_linear[line[column]]
                    before += total
            exposure = np.float32(max(before / max(before + channels * light, 1e-9), 0.25))
        for channel in range(channels):
            for row in range(height):
                line, out, light_row = src[i, channel, row], dst[i, channel, row], added[row]
                for column in range(width):
                    edge[column] = to_linear[line[column]]
                for column in range(width):
                    light_here = (edge[column] + light_row[column]) * exposure
                    bits[column] = np.int32(min(light_here, ONE) * MOST + HALF)
                for column in range(width):
                    out[column] = to_srgb[np.uint32(bits[column])]
