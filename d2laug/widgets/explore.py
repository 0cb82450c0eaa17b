"""Sliders on one augmentation at a time, on a picture of your own, and on the light of a show.

`flip`, `crop`, `color`, `temperature`, `show_floor`: each returns an `Explorer`.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from ipywidgets import Checkbox
from torch import Tensor
from torchvision.transforms.v2 import functional as F

from d2laug import augment, data, show, train
from d2laug.widgets import screen
from d2laug.widgets.screen import Drawn, Explorer, Networks, choice, reduce, slider

KELVIN = [*range(2000, 3000, 50), *range(3000, 4000, 100), *range(4000, 6000, 250)]
KELVIN += [*range(6000, 10000, 500), *range(10000, 12001, 1000)]
KELVIN_OPTIONS = [(f"{kelvin} K", kelvin) for kelvin in KELVIN]
BARS = "{}<svg fill='{}' viewBox='0 0 64 1' preserveAspectRatio='none'><path d='M0 1{}V1'/></svg>"
HUE = "hue {:+z.2f} ({:+z.0f}°)"


def flip(image: show.Images, networks: Networks = None, covered: bool = False) -> Explorer:
    """Return a widget that flips `image` left-right, top-bottom, or both.

    `image` is one picture of any kind that `d2laug.show.to_arrays` takes; transparent parts lie on
    white, and a picture over 360 x 480 pixels is reduced first. `networks` maps names to networks
    of the drinks (`d2laug.train.load_network`), which say at every move what they see in the
    result, at 96 x 96 pixels; with `covered` only after a button was pressed. Raises the errors of
    `to_arrays`, and `ValueError` for several pictures.

    >>> flip(torch.rand(3, 4, 6)).captions
    ['source', 'flipped left-right']
    """
    picture, note = reduce(screen.one_picture(image))

    def draw(left_right: bool, top_bottom: bool) -> Drawn:
        flipped = F.horizontal_flip(picture) if left_right else picture
        flipped = F.vertical_flip(flipped) if top_bottom else flipped
        sides = ["left-right"] * left_right + ["top-bottom"] * top_bottom
        caption = f"flipped {' and '.join(sides)}" if sides else "not flipped"
        return [picture, flipped], ["source", caption], f"{caption}{note}"

    controls = {
        "left_right": Checkbox(True, description="left-right (horizontal flip)", indent=False),
        "top_bottom": Checkbox(False, description="top-bottom (vertical flip)", indent=False),
    }
    return Explorer(controls, draw, networks, covered)


def crop(
    image: show.Images,
    size: int = 96,
    area: float = 0.3,
    ratio: float = 1.0,
    x: float = 0.5,
    y: float = 0.5,
    networks: Networks = None,
    covered: bool = False,
) -> Explorer:
    """Return a widget that cuts a box out of `image` and resizes it to `size x size` pixels.

    Box and resize are those of `torchvision.transforms.v2.RandomResizedCrop`: `area`, 0.08 to 1, is
    the box's share of the picture, `ratio`, 3/4 to 4/3, its width / height; `x` and `y` are its
    place in the room that it has, 0 (left, top) to 1 (right, bottom); `size` is 8 to 224. A box
    that leaves the picture is cut to fit, where torchvision would draw new numbers; it is cut from
    the full picture. The controls begin with these numbers. The rest, and the errors, as for
    `flip`, and `ValueError` for a number out of its range.

    >>> crop(torch.rand(3, 300, 451), area=0.5, x=0.0).captions
    ['top 20, left 0, height 260, width 260', 'area 0.50, ratio 1.00 → 96 × 96']
    """
    picture = screen.one_picture(image)
    height, width = picture.shape[-2:]
    shown, note = reduce(picture)
    source = screen.enlarge(screen.to_array(shown))

    def draw(size: int, area: float, ratio: float, x: float, y: float) -> Drawn:
        asked = [round(math.sqrt(area * height * width * side)) for side in (1 / ratio, ratio)]
        rows, columns = min(max(asked[0], 1), height), min(max(asked[1], 1), width)
        box = round(y * (height - rows)), round(x * (width - columns)), rows, columns
        result = F.resized_crop(picture, *box, [size, size])
        place = "top {}, left {}, height {}, width {}".format(*box)
        share = f"area {rows * columns / (height * width):.2f}, ratio {columns / rows:.2f}"
        captions = [place, f"{share} → {size} × {size}"]
        needs = "area {:.2f} with ratio {:.2f} needs {} × {}".format(area, ratio, *asked)
        fits, end = "fits into", ""
        if [rows, columns] != asked:
            fits, end = "<b>is cut to fit</b> into", " (torchvision would draw new numbers)"
        readout = f"{': '.join(captions)}<br>{needs}, which {fits} {height} × {width}{end}{note}"
        return (_mark(source, box, height, width), result), captions, readout

    controls = {
        "area": slider("area (share)", area, 0.08, 1),
        # steps even on a logarithmic scale: 3/4 lies as far from 1 as 4/3
        "ratio": slider("ratio (width / height)", ratio, 3 / 4, 4 / 3, logarithmic=True),
        "x": slider("x (0 left, 1 right)", x, 0, 1),
        "y": slider("y (0 top, 1 bottom)", y, 0, 1),
        "size": slider("output size (pixels)", size, 8, 224, step=1),
    }
    return Explorer(controls, draw, networks, covered)


def color(
    image: show.Images,
    brightness: float = 1.0,
    contrast: float = 1.0,
    saturation: float = 1.0,
    hue: float = 0.0,
    networks: Networks = None,
    covered: bool = False,
) -> Explorer:
    """Return a widget that changes the brightness, contrast, saturation and hue of `image`.

    The steps are those of `torchvision.transforms.v2.ColorJitter`, always in this order: three
    factors, 0 to 2, and the share of the color circle, -0.5 to 0.5 (-180 to 180 degrees), by which
    the hue is shifted. A hue of 0 is left out. The rest, and the errors, as for `crop`.

    >>> color(torch.rand(3, 30, 40), hue=0.25).captions[1].splitlines()[1]
    'saturation ×1.00, hue +0.25 (+90°)'
    """
    picture, note = reduce(screen.one_picture(image))

    def draw(brightness: float, contrast: float, saturation: float, hue: float) -> Drawn:
        changed = F.adjust_contrast(F.adjust_brightness(picture, brightness), contrast)
        changed = F.adjust_saturation(changed, saturation)
        changed = changed if hue == 0 else F.adjust_hue(changed, hue)
        factors = f"brightness ×{brightness:.2f}, contrast ×{contrast:.2f}"
        more = f"saturation ×{saturation:.2f}, {HUE.format(hue, 360 * hue)}"
        means = f"mean {_means(picture)} → {_means(changed)}"
        captions, readout = ["source", f"{factors}\n{more}"], f"{factors}, {more}<br>{means}{note}"
        return [picture, changed], captions, readout

    controls = {
        "brightness": slider("brightness (factor)", brightness, 0, 2),
        "contrast": slider("contrast (factor)", contrast, 0, 2),
        "saturation": slider("saturation (factor)", saturation, 0, 2),
        "hue": slider("hue (of the circle)", hue, -0.5, 0.5),
    }
    still, under = show.show_histograms, _histograms
    return Explorer(controls, draw, networks, covered, still=still, under=under)


def temperature(image: show.Images, kelvin: int = 3000, hue: float = -0.05) -> Explorer:
    """Return a widget that puts `image` under light of another color, beside a plain hue shift.

    Light changes gray things too; a hue shift leaves them gray. `kelvin` is the temperature of a
    black body, one of `KELVIN`, 2000 to 12000 K, whose steps look about equally large; 6500 K, for
    which `image` is balanced, changes nothing (`d2laug.augment.adjust_color_temperature`). `hue` is
    as for `color`; the rest, and the errors, as for `crop`.

    >>> w = temperature(torch.full((3, 30, 40), 0.5), kelvin=2000)
    >>> w.captions
    ['source', '2000 K', 'hue -0.05 (-18°)']
    >>> [array[0, 0].tolist() for array in w.arrays]
    [[128, 128, 128], [191, 107, 13], [128, 128, 128]]
    """
    picture, note = reduce(screen.one_picture(image))

    def draw(kelvin: int, hue: float) -> Drawn:
        lit = augment.adjust_color_temperature(picture, kelvin)
        shifted = picture if hue == 0 else F.adjust_hue(picture, hue)
        before, warm, other = map(_means, (picture, lit, shifted))
        gains = ", ".join(f"×{gain:.2f}" for gain in augment.kelvin_to_gains(kelvin).tolist())
        captions = ["source", f"{kelvin} K", HUE.format(hue, 360 * hue)]
        readout = f"{kelvin} K: light of red, green, blue {gains}; mean {before} → {warm}"
        readout += f"<br>{captions[2]}: mean {before} → {other}{note}"
        return [picture, lit, shifted], captions, readout

    controls = {
        "kelvin": choice("kelvin", kelvin, KELVIN_OPTIONS, "color temperature", sliding=True),
        "hue": slider("hue (of the circle)", hue, -0.5, 0.5),
    }
    return Explorer(controls, draw, labels=("source", "color temperature", "hue"))


def show_floor(
    drink: str = "cola_can", kelvin: int = 6500, reflections: float = 0.0, networks: Networks = None
) -> Explorer:
    """Return a widget that carries a drink from the lab to a show floor, and asks two networks.

    `drink` is one of the twelve classes, a picture of `lab/test`; `kelvin` is the hall's light, as
    for `temperature`; `reflections`, 0 (a cloth) to 2, is how bright the desk mirrors three lamps,
    in linear light where 1 is white, as drawn by `d2laug.augment.RandomReflection`. `networks`, as
    for `flip`, are `d2laug.train.trained_networks()` where they are left out. It demonstrates what
    the second has trained on: how good it is under other light, only rendered pictures can say.
    Raises `ValueError` for a number out of its range or an unknown drink.

    >>> show_floor(kelvin=3000).captions[1].splitlines()[0]
    '3000 K, reflections 0.00'
    """
    controls = {
        "drink": choice("drink", drink, [(name, name.replace(" ", "_")) for name in data.DRINKS]),
        "kelvin": choice("kelvin", kelvin, KELVIN_OPTIONS, "light of the hall", sliding=True),
        "reflections": slider("reflections (0 to 2)", reflections, 0, 2),
    }
    asked = train.trained_networks() if networks is None else networks
    lamps = augment.RandomReflection(number=(3, 3))
    # two streaks on the desk to the left and right of the drink, and one before it
    places = {"x": (0.16, 0.86, 0.55), "y": (0.72, 0.66, 0.95), "angle": (0.8, 2.2, 0.1)}
    places |= {"length": (0.45, 0.5, 0.6), "width": (0.1, 0.12, 0.08)}
    lit = {name: torch.tensor([values]) for name, values in places.items()}
    taken = cache(data.drink)  # it looks through its folder, which no move of a slider waits for

    def draw(drink: str, kelvin: int, reflections: float) -> Drawn:
        source, strength = taken(drink), torch.full((1, 3), float(reflections))
        picture = lamps.transform(source, lit | {"strength": strength})
        picture = augment.adjust_color_temperature(picture, kelvin)
        name, caption = drink.replace("_", " "), f"{kelvin} K, reflections {reflections:.2f}"
        return [source, picture], [name, caption], f"{name}: {caption}", picture, name

    return Explorer(controls, draw, asked, labels=("lab", "show floor"))


def _means(picture: Tensor) -> str:
    return "red {:.0f}, green {:.0f}, blue {:.0f}".format(*picture.double().mean((1, 2)).tolist())


def _mark(array: np.ndarray, box: Sequence[int], height: int, width: int) -> np.ndarray:
    """Return `array`, which shows a picture of `height` x `width`, dark outside a box of it."""
    rows, columns = array.shape[:2]
    top, bottom = box[0] * rows // height, -(-(box[0] + box[2]) * rows // height)
    left, right = box[1] * columns // width, -(-(box[1] + box[3]) * columns // width)
    marked, frame = array // 2, [(0, 0), (1, 255), (3, 0), (4, None)]
    # white with a dark rim on both sides, seen on any ground; none where it would hide the box
    for rim, gray in frame if min(bottom - top, right - left) >= 8 else [(0, None)]:
        inside = np.s_[top + rim : bottom - rim, left + rim : right - rim]
        marked[inside] = array[inside] if gray is None else gray
    return marked


def _histograms(array: np.ndarray) -> str:
    """Return the histograms of the three channels, of 64 bars each, one under the other."""
    counts = [np.bincount(array[..., i].ravel() >> 2, minlength=64) for i in range(3)]
    # one tall bar of pure black or white must not flatten all others, as the higher cut-off of
    # `show_histograms` would in a drawing of 21 pixels: here the two tallest bars are cut off
    top = max(np.sort(count)[-3] for count in counts) or array[..., 0].size
    drawing = ""
    for count, (name, color) in zip(counts, show.CHANNELS.items(), strict=True):
        bars = "".join(f"V{1 - share:.3f}h1" for share in np.minimum(count / top, 1))
        drawing += BARS.format(name, color, bars)
    return f"<div class='d2laug-histograms'>{drawing}<p><i>0</i><i>128</i><i>255</i></p></div>"
