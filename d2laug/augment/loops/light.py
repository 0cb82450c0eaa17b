"""The loops of color temperature and reflections."""

from functools import cache

import numpy as np
import torch

from d2laug.augment.light import to_linear, to_srgb
from d2laug.augment.loops import compiled, exactly

LIGHT_LEVELS = 2**15  # so many that two neighbors are at most 0.1 levels of uint8 apart


@cache
def to_linear_table():
    """Return the amount of light of each level of `uint8`: float32 `[256]`."""
    return to_linear(torch.arange(256, dtype=torch.float32) / 255).numpy()


@cache
def to_srgb_table():
    """Return the level of `uint8` for each of `LIGHT_LEVELS` amounts of light from 0 to 1."""
    light = torch.arange(LIGHT_LEVELS, dtype=torch.float32) / (LIGHT_LEVELS - 1)
    return (to_srgb(light) * 255).round().to(torch.uint8).numpy()


@exactly
def look_up(src, dst, tables):
    """Replace each level by what the table of its picture and channel `[N, C, 256]` says."""
    for i in range(len(src)):
        for c in range(src.shape[1]):
            table = tables[i, c]
            for y in range(src.shape[2]):
                line, out = src[i, c, y], dst[i, c, y]
                for x in range(len(line)):
                    out[x] = table[line[x]]


@compiled
def _exp_of_minus(x):
    """Set `x` (not negative) to exp(-x), as a power of two, to within 0.0002 of 1."""
    bits = np.empty(len(x), np.int32)
    powers = bits.view(np.float32)
    log2e = np.float32(1.44269504)
    for j in range(len(x)):
        exponent = min(x[j] * log2e, np.float32(120))
        whole = np.int32(exponent)  # 2**-exponent = 2**-whole * 2**-rest
        rest = exponent - np.float32(whole)
        # 2**-rest by its Taylor series
        t = rest * np.float32(-0.69314718)
        x[j] = np.float32(1) + t * (
            np.float32(1)
            + t
            * (
                np.float32(0.5)
                + t * (np.float32(1 / 6) + t * (np.float32(1 / 24) + t * np.float32(1 / 120)))
            )
        )
        bits[j] = (np.int32(127) - whole) << 23
    for j in range(len(x)):
        x[j] *= powers[j]


@compiled
def reflect(src, dst, lit, boxes, auto_exposure, to_linear, to_srgb):
    """Add to each picture that is lit the light of its boxes `[N, K, 6]`; see `augment.light`."""
    channels, height, width = src.shape[1:]
    side = np.float32(1 / min(height, width))
    half, top = np.float32(0.5), np.float32(LIGHT_LEVELS - 1)
    added, edge = np.empty((height, width), np.float32), np.empty(width, np.float32)
    for i in range(len(src)):
        if not lit[i]:
            dst[i] = src[i]
            continue
        added[:] = 0
        for k in range(boxes.shape[1]):
            x, y, length, breadth, angle, strength = boxes[i, k]
            if strength == 0:
                continue
            cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
            a, b = cos * side * 2 / length, sin * side * 2 / length
            c, d = cos * side * 2 / breadth, sin * side * 2 / breadth
            for row in range(height):
                dy = np.float32(row) + half - y * np.float32(height)
                for column in range(width):
                    dx = np.float32(column) + half - x * np.float32(width)
                    along, across = dx * a + dy * b, dy * c - dx * d
                    along, across = along * along, across * across
                    edge[column] = along * along + across * across
                _exp_of_minus(edge)
                line = added[row]
                for column in range(width):
                    line[column] += strength * edge[column]
        exposure = np.float32(1)
        if auto_exposure:
            before = 0.0
            for channel in range(channels):
                for row in range(height):
                    line, total = src[i, channel, row], np.float32(0)
                    for column in range(width):
                        total += to_linear[line[column]]
                    before += total
            light = 0.0
            for row in range(height):
                light += added[row].sum()
            exposure = np.float32(max(before / (before + channels * light), 0.25))
        for channel in range(channels):
            for row in range(height):
                line, out, light_row = src[i, channel, row], dst[i, channel, row], added[row]
                for column in range(width):
                    light = min(
                        (to_linear[line[column]] + light_row[column]) * exposure, np.float32(1)
                    )
                    out[column] = to_srgb[np.int32(light * top + half)]
