"""The loop of random erasing."""

from d2laug.augment.loops import copy, exactly


@exactly
def erase(src, dst, boxes, values):
    """Overwrite the box (top, left, height, width) of each picture with its `values` `[N, C]`."""
    for i in range(len(src)):
        copy(src[i], dst[i])
        top, left, height, width = boxes[i]
        for c in range(src.shape[1]):
            value = values[i, c]
            for y in range(top, top + height):
                line = dst[i, c, y, left : left + width]
                for x in range(len(line)):
                    line[x] = value
