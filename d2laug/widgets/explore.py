"""Sliders on one augmentation at a time, drawn anew at every move, and on the light and noise of a
show."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import PIL.Image
import torch
from PIL import ImageColor, ImageDraw, ImageFont
from torch import Tensor, nn
from torchvision.transforms.v2 import functional as F

from d2laug import augment, show, sound, train
from d2laug.data import BACKGROUNDS, SAMPLE_RATE, WORDS, background, drinks, words, words_metadata
from d2laug.widgets import screen

MOST = 360, 480  # height and width of the largest picture that is drawn in time at every move
SHOWN = 390, 320  # largest width and height in CSS pixels: two pictures fit beside each other

KELVIN = [
    *range(2000, 3000, 50),
    *range(3000, 4000, 100),
    *range(4000, 6000, 250),
    *range(6000, 10000, 500),
    *range(10000, 12001, 1000),
]


class Explorer(widgets.VBox):
    """Controls over pictures beside each other, with a readout of the numbers and a reset.

    `draw(**values)` is called with the value of each control, by name, and returns
    `(arrays, captions, readout)`: one `uint8` array `H x W x 3` and one caption for each of
    `labels`, the source first, and a sentence. What it raises reaches whoever moved the control.

    - `controls`: name to widget; set `.value` to move it as a hand would.
    - `images`: the `ipywidgets.Image`s that show the pictures as JPEG; `source` and `result` are
      the first two. `histograms`: where asked for, as many more under them, as PNG.
    - `arrays`: the pictures exactly, before they were enlarged and encoded.
    - `readout.value`, `captions`: the numbers in words.
    - `reset()`: what the button does; every control goes back to its first value.

    Where no kernel runs, a still picture of the same thing stands in for the widget, a JPEG of the
    quality `still_quality`.
    """

    still_quality = show.QUALITY

    def __init__(
        self,
        controls: dict[str, widgets.Widget],
        draw: Callable,
        labels: Sequence[str] = ("source", "result"),
        histograms: bool = False,
    ):
        self.controls, self._draw = controls, draw
        self._first = {name: control.value for name, control in controls.items()}
        self.images = [widgets.Image(format="jpeg") for _ in labels]
        self.source, self.result = self.images[:2]
        self.histograms = [widgets.Image(format="png") for _ in labels if histograms]
        self.readout = widgets.HTML()
        self.arrays = [None] * len(labels)
        self._redraw()

        columns = []
        for index, label in enumerate(labels):
            column = [widgets.Label(label), self.images[index], *self.histograms[index : index + 1]]
            # sizes that never change: nothing jumps when the next picture arrives
            height, width = screen.enlarge(self.arrays[index]).shape[:2]
            most = 2 * SHOWN[0] // len(labels)
            shown = round(min(most, SHOWN[1] * width / height))
            self.images[index].layout = {"width": f"{shown}px", "height": "auto"}
            for image in column[1:]:
                image.layout.max_width = "100%"
            # in a narrow window they shrink, and stay beside each other and near their controls
            layout = {"flex": f"1 1 {400 // len(labels)}px", "max_width": f"{most + 4}px"}
            columns.append(widgets.VBox(column, layout=layout | {"margin": "0 8px 0 0"}))
        pictures = widgets.Box(columns, layout={"flex_flow": "row wrap"})
        button = widgets.Button(description="Reset", icon="undo", tooltip="back to the start")
        button.on_click(lambda _: self.reset())
        super().__init__([*controls.values(), button, pictures, self.readout])
        for control in controls.values():
            control.observe(self._redraw, names="value")

    def reset(self) -> None:
        """Give every control its first value, and draw once."""
        for control in self.controls.values():
            control.unobserve(self._redraw, names="value")
        try:
            for name, control in self.controls.items():
                control.value = self._first[name]
        finally:
            for control in self.controls.values():
                control.observe(self._redraw, names="value")
        self._redraw()

    def _redraw(self, _change=None) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        with screen.one_thread():
            arrays, self.captions, self.readout.value = self._draw(**values)
        before, self.arrays = self.arrays, arrays
        for index, array in enumerate(arrays):
            if array is not before[index]:
                self.images[index].value = screen.encode(screen.enlarge(array))
                if self.histograms:
                    self.histograms[index].value = screen.encode(_histograms(array), "png")

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        still = show.show_histograms if self.histograms else show.show_images
        picture = still(self.arrays, self.captions)
        picture.quality = self.still_quality
        data, metadata = picture._repr_mimebundle_()
        return super()._repr_mimebundle_(**options) | data, metadata


def flip(
    image,
    left_right: bool = True,
    top_bottom: bool = False,
    networks: Mapping[str, nn.Module] | None = None,
) -> Explorer:
    """Return a widget that flips `image` left-right, top-bottom, or both.

    `image` is one picture of any kind that `d2laug.show.to_arrays` takes; transparent parts lie on
    white, and a picture over 360 x 480 pixels is reduced first. `left_right` and `top_bottom` are
    the first values of the controls of the same name. `networks` maps names to networks of the
    drinks (`d2laug.train.load_network`), who say at every move what they see in the result, at
    96 x 96 pixels, and how sure they are.

    Raises `ValueError` for several pictures, and the errors of `to_arrays`.

    >>> w = flip(torch.rand(3, 4, 6))
    >>> w.controls["top_bottom"].value = True
    >>> w.captions
    ['source', 'flipped left-right and top-bottom']
    """
    picture, note = screen.reduce(screen.one_picture(image), MOST)
    source = screen.to_array(picture)

    def draw(left_right, top_bottom):
        flipped, words = picture, []
        if left_right:
            flipped = F.horizontal_flip(flipped)
            words.append("left-right")
        if top_bottom:
            flipped = F.vertical_flip(flipped)
            words.append("top-bottom")
        caption = "flipped " + " and ".join(words) if words else "not flipped"
        answers, bars = _ask(networks, flipped)
        arrays = [source, screen.to_array(flipped)]
        return arrays, ["source", caption + answers], f"{caption}{note}{bars}"

    controls = {
        "left_right": _checkbox("left-right (horizontal flip)", left_right),
        "top_bottom": _checkbox("top-bottom (vertical flip)", top_bottom),
    }
    return Explorer(controls, draw)


def crop(
    image,
    size: int = 96,
    area: float = 0.3,
    ratio: float = 1.0,
    x: float = 0.5,
    y: float = 0.5,
    networks: Mapping[str, nn.Module] | None = None,
) -> Explorer:
    """Return a widget that cuts a box out of `image` and resizes it to `size x size` pixels.

    Box and resize are those of `torchvision.transforms.v2.RandomResizedCrop` with its default
    ranges. `image` is one picture of any kind that `d2laug.show.to_arrays` takes; `networks` as in
    `flip`. The other arguments are the first values of the controls of the same name:

    - `area`: the box's share of the picture, 0.08 to 1; `ratio`: width / height, 3/4 to 4/3;
    - `x`, `y`: the box's place in the room that it has, 0 (left, top) to 1 (right, bottom);
    - `size`: the side of the result in pixels, 8 to 224.

    A box that leaves the picture is cut to fit, and the readout says so: torchvision would draw
    new numbers instead. The source is reduced for the screen; the box is cut from the full picture.

    Raises `ValueError` for a number out of its range or several pictures, and the errors of
    `to_arrays`.

    >>> w = crop(torch.rand(3, 300, 451), area=0.25, x=0.0)
    >>> w.controls["area"].value = 0.5
    >>> w.captions
    ['top 20, left 0, height 260, width 260', 'area 0.50, ratio 1.00 → 96 × 96']
    """
    picture = screen.one_picture(image)
    height, width = picture.shape[-2:]
    shown, note = screen.reduce(picture, MOST)
    shown = screen.enlarge(screen.to_array(shown))

    def draw(size, area, ratio, x, y):
        asked_height = round(math.sqrt(area * height * width / ratio))
        asked_width = round(math.sqrt(area * height * width * ratio))
        box_height, box_width = min(max(asked_height, 1), height), min(max(asked_width, 1), width)
        top, left = round(y * (height - box_height)), round(x * (width - box_width))
        box = top, left, box_height, box_width
        result = F.resized_crop(picture, *box, [size, size])
        captions = [
            f"top {top}, left {left}, height {box_height}, width {box_width}",
            f"area {box_height * box_width / (height * width):.2f}, "
            f"ratio {box_width / box_height:.2f} → {size} × {size}",
        ]
        fits = (box_height, box_width) == (asked_height, asked_width)
        readout = (
            f"{captions[0]}: {captions[1]}<br>area {area:.2f} with ratio {ratio:.2f} needs "
            f"{asked_height} × {asked_width}, which "
            + ("fits into" if fits else "<b>is cut to fit</b> into")
            + f" {height} × {width}"
            + ("" if fits else " (torchvision would draw new numbers)")
            + note
        )
        answers, bars = _ask(networks, result)
        captions[1] += answers
        return [_mark(shown, box, height, width), screen.to_array(result)], captions, readout + bars

    controls = {
        "area": screen.slider("area (share)", area, 0.08, 1),
        # steps even on a logarithmic scale: 3/4 lies as far from 1 as 4/3
        "ratio": screen.slider("ratio (width / height)", ratio, 3 / 4, 4 / 3, logarithmic=True),
        "x": screen.slider("x (0 left, 1 right)", x, 0, 1),
        "y": screen.slider("y (0 top, 1 bottom)", y, 0, 1),
        "size": screen.slider("output size (pixels)", size, 8, 224, step=1),
    }
    return Explorer(controls, draw)


def color(
    image,
    brightness: float = 1.0,
    contrast: float = 1.0,
    saturation: float = 1.0,
    hue: float = 0.0,
    networks: Mapping[str, nn.Module] | None = None,
) -> Explorer:
    """Return a widget that changes the brightness, contrast, saturation and hue of `image`.

    The steps are those of `torchvision.transforms.v2.ColorJitter`, always in this order; a step at
    its neutral value is left out. `image` is one picture of any kind that `d2laug.show.to_arrays`
    takes; a picture over 360 x 480 pixels is reduced first; `networks` as in `flip`. The other
    arguments are the first values of the controls of the same name:

    - `brightness`, `contrast`, `saturation`: factors 0 to 2, 1 changes nothing;
    - `hue`: the shift, -0.5 to 0.5 of the color circle (-180 to 180 degrees), 0 changes nothing.

    Raises `ValueError` for a number out of its range or several pictures, and the errors of
    `to_arrays`.

    >>> w = color(torch.rand(3, 30, 40))
    >>> w.controls["hue"].value = 0.25
    >>> w.captions[1].splitlines()[1]
    'saturation ×1.00, hue +0.25 (+90°)'
    """
    picture, note = screen.reduce(screen.one_picture(image), MOST)
    source = screen.to_array(picture)
    before = _means(source)

    def draw(brightness, contrast, saturation, hue):
        changed = picture
        if brightness != 1:
            changed = F.adjust_brightness(changed, brightness)
        if contrast != 1:
            changed = F.adjust_contrast(changed, contrast)
        if saturation != 1:
            changed = F.adjust_saturation(changed, saturation)
        if hue != 0:
            changed = F.adjust_hue(changed, hue)
        result = screen.to_array(changed)
        caption = (
            f"brightness ×{brightness:.2f}, contrast ×{contrast:.2f}\n"
            f"saturation ×{saturation:.2f}, hue {hue:+z.2f} ({hue * 360:+z.0f}°)"
        )
        answers, bars = _ask(networks, changed)
        readout = f"{_one_line(caption)}<br>mean {before} → {_means(result)}{note}{bars}"
        return [source, result], ["source", caption + answers], readout

    controls = {
        "brightness": screen.slider("brightness (factor)", brightness, 0, 2),
        "contrast": screen.slider("contrast (factor)", contrast, 0, 2),
        "saturation": screen.slider("saturation (factor)", saturation, 0, 2),
        "hue": screen.slider("hue (of the circle)", hue, -0.5, 0.5),
    }
    return Explorer(controls, draw, histograms=True)


def temperature(image, kelvin: int = 3000, hue: float = -0.05) -> Explorer:
    """Return a widget that puts `image` under light of another color, beside a plain hue shift.

    Light changes gray things too; a hue shift leaves them gray. `image` is one picture of any kind
    that `d2laug.show.to_arrays` takes, balanced for 6500 K; a picture over 360 x 480 pixels is
    reduced first. The other arguments are the first values of the controls of the same name:

    - `kelvin`: the temperature of a black body, 2000 to 12000 K, one of `KELVIN`, whose steps look
      about equally large; 6500 K changes nothing. `d2laug.augment.adjust_color_temperature`.
    - `hue`: -0.5 to 0.5 of the color circle, `torchvision.transforms.v2.functional.adjust_hue`.

    Raises `ValueError` for a number out of its range or several pictures, and the errors of
    `to_arrays`.

    >>> w = temperature(torch.full((3, 30, 40), 0.5))
    >>> w.controls["kelvin"].value = 2000
    >>> w.captions
    ['source', '2000 K', 'hue -0.05 (-18°)']
    >>> [array[0, 0].tolist() for array in w.arrays]
    [[128, 128, 128], [191, 107, 13], [128, 128, 128]]
    """
    _check_kelvin(kelvin)
    picture, note = screen.reduce(screen.one_picture(image), MOST)
    source = screen.to_array(picture)
    before = _means(source)

    # the picture of the slider that rests is neither computed nor sent again
    @lru_cache(maxsize=1)
    def light(kelvin):
        if kelvin == 6500:
            return source
        return screen.to_array(augment.adjust_color_temperature(picture, kelvin))

    @lru_cache(maxsize=1)
    def shift(hue):
        return source if hue == 0 else screen.to_array(F.adjust_hue(picture, hue))

    def draw(kelvin, hue):
        arrays = [source, light(kelvin), shift(hue)]
        gains = ", ".join(f"×{gain:.2f}" for gain in augment.kelvin_to_gains(kelvin).tolist())
        captions = ["source", f"{kelvin} K", f"hue {hue:+z.2f} ({hue * 360:+z.0f}°)"]
        readout = (
            f"{kelvin} K: light of red, green, blue {gains}; mean {before} → {_means(arrays[1])}"
            f"<br>{captions[2]}: mean {before} → {_means(arrays[2])}{note}"
        )
        return arrays, captions, readout

    controls = {
        "kelvin": _kelvin_slider("color temperature", kelvin),
        "hue": screen.slider("hue (of the circle)", hue, -0.5, 0.5),
    }
    return Explorer(controls, draw, labels=("source", "color temperature", "hue"))


def show_floor(
    drink: str = "cola_can",
    kelvin: int = 6500,
    reflections: float = 0.0,
    networks: Mapping[str, nn.Module] | None = None,
) -> Explorer:
    """Return a widget that carries a drink from the lab to a show floor, and asks two networks.

    The picture is one of `lab/test`. `networks` maps names to networks of the drinks; left out,
    it is the two that come with the course, trained without and with augmentation. The other
    arguments are the first values of the controls of the same name:

    - `drink`: one of the twelve classes of the drinks;
    - `kelvin`: the color temperature of the hall's light, one of `KELVIN`, 6500 K as in the lab;
    - `reflections`: how bright the desk mirrors three lamps, in linear light where 1 is white: 0
      (a cloth) to 2.

    The light is `d2laug.augment.adjust_color_temperature`, the reflections are drawn as by
    `d2laug.augment.RandomReflection`: a demonstration of what the second network has trained on.
    How good it is under light that it has not trained on, only rendered pictures can say.

    Raises `ValueError` for a number out of its range or an unknown drink.

    >>> w = show_floor(kelvin=6500)
    >>> w.controls["kelvin"].value = 3000
    >>> w.captions[1].splitlines()[0]
    '3000 K, reflections 0.00'
    """
    lab = drinks("lab/test")
    if drink not in lab.classes:
        raise ValueError(f"no drink is called {drink!r}; choose one of: {', '.join(lab.classes)}")
    _check_kelvin(kelvin)
    if networks is None:
        names = {"trained without augmentation": "none", "trained with augmentation": "all"}
        networks = {name: train.load_network(recipe) for name, recipe in names.items()}
    lamps = augment.RandomReflection(number=(3, 3))
    # two streaks on the desk to the left and right of the drink, and one before it
    places = {"x": (0.16, 0.86, 0.55), "y": (0.72, 0.66, 0.95), "angle": (0.8, 2.2, 0.1)}
    places |= {"length": (0.45, 0.5, 0.6), "width": (0.1, 0.12, 0.08)}
    places = {name: torch.tensor([values]) for name, values in places.items()}

    @lru_cache
    def taken(drink):
        picture = screen.one_picture(lab[lab.targets.index(lab.class_to_idx[drink])][0])
        return picture, screen.to_array(picture)

    def draw(drink, kelvin, reflections):
        picture, source = taken(drink)
        if reflections > 0:
            strength = torch.full((1, 3), reflections)
            picture = lamps.transform(picture, places | {"strength": strength})
        if kelvin != 6500:
            picture = augment.adjust_color_temperature(picture, kelvin)
        caption = f"{kelvin} K, reflections {reflections:.2f}"
        answers, bars = _ask(networks, picture, _words(drink))
        arrays = [source, screen.to_array(picture)]
        return arrays, [_words(drink), caption + answers], f"{_words(drink)}: {caption}{bars}"

    controls = {
        "drink": widgets.Dropdown(
            options=[(_words(name), name) for name in lab.classes],
            value=drink,
            description="drink",
            **screen.wide(),
        ),
        "kelvin": _kelvin_slider("light of the hall", kelvin),
        "reflections": screen.slider("reflections (0 to 2)", reflections, 0, 2),
    }
    return Explorer(controls, draw, labels=("lab", "show floor"))


def noisy_word(
    word: str = "cola",
    voice: str = "Annie",
    noise: str = "hall",
    snr: int = 0,
    networks: Mapping[str, nn.Module] | None = None,
) -> Explorer:
    """Return a widget that plays a word in a background, shows its spectrogram, and asks who hears.

    The word is one of `lab/test`, the background a stretch of `background(name, "test")`.
    `networks` maps names to networks, which take sounds `[N, samples]` and return logits of the
    twelve `WORDS`. `audio`, an `ipywidgets.Audio`, never starts by itself. The other arguments are
    the first values of the controls of the same name:

    - `word`: one of `WORDS`; `voice`: one of the voices of `lab/test`;
    - `noise`: "none", "white", or one of `BACKGROUNDS`;
    - `snr`: the signal-to-noise ratio in dB, -20 to 30.

    Raises `ValueError` for an unknown word, voice or noise, and for a ratio out of its range.

    >>> w = noisy_word("tonic", snr=20)
    >>> w.controls["snr"].value = -5
    >>> w.captions
    ['tonic, in the lab', 'hall, -5 dB']
    """
    sounds, _ = words("lab/test")
    places = {(row["word"], row["voice"]): n for n, row in enumerate(words_metadata("lab/test"))}
    choices = {
        "word": (word, WORDS),
        "voice": (voice, sorted({voice for _, voice in places}, key=str.lower)),
        "noise": (noise, ("none", "white", *BACKGROUNDS)),
    }
    for name, (value, options) in choices.items():
        if value not in options:
            raise ValueError(f"{name} is {value!r}; choose one of: {', '.join(options)}")
    audio = widgets.Audio(format="wav", autoplay=False, loop=False)

    @lru_cache
    def stretch(noise):
        if noise == "white":
            return torch.randn(sounds.shape[1], generator=torch.Generator().manual_seed(0))
        return background(noise, "test")[SAMPLE_RATE:][: sounds.shape[1]]

    @lru_cache
    def wide_array(place):
        return sound.to_array(sounds[place]).repeat(4, axis=1)

    def draw(word, voice, noise, snr):
        place = places[word, voice]
        heard, caption = sounds[place], "no background"
        if noise != "none":
            heard, caption = sound.mix(heard, stretch(noise), snr), f"{noise}, {snr} dB"
        audio.value = sound.to_wav(heard)
        answers, bars = _answers(networks, heard[None], WORDS, word)
        arrays = [wide_array(place), sound.to_array(heard).repeat(4, axis=1)]
        readout = (
            f"{word}, said by {voice}: {caption}. Across: 0 to 0.64 s; up: 0 to 4 kHz; brighter is "
            f"louder.{bars}"
        )
        return arrays, [f"{word}, in the lab", caption + answers], readout

    controls = {
        name: widgets.Dropdown(
            options=options,
            value=value,
            description=name if name != "noise" else "background",
            **screen.wide(),
        )
        for name, (value, options) in choices.items()
    }
    controls["snr"] = screen.slider("signal to noise (dB)", snr, -20, 30, step=1)
    explorer = Explorer(controls, draw, labels=("in the lab", "with the background"))
    explorer.audio, explorer.still_quality = audio, 40
    *above, pictures, readout = explorer.children
    explorer.children = (*above, audio, pictures, readout)
    return explorer


@lru_cache(maxsize=1)
def _classes() -> list[str]:
    return [_words(name) for name in drinks("lab/test").classes]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _ask(networks, picture: Tensor, truth: str | None = None) -> tuple[str, str]:
    """Return what networks of the drinks see in a picture, as lines of a caption and as bars.

    `picture` is `uint8` `[3, H, W]`; `truth` is the right answer in words, where it is known.
    """
    if not networks:
        return "", ""
    return _answers(networks, F.resize(picture[None], [96, 96]), _classes(), truth)


def _answers(networks, batch: Tensor, classes: Sequence[str], truth: str | None) -> tuple[str, str]:
    """Return what `networks` say to a batch of one, as `_ask` does; nothing without them."""
    if not networks:
        return "", ""
    lines, columns = [], []
    for name, network in networks.items():
        shares, order = train.predict(network, batch)[0].topk(3)
        best = classes[order[0]]
        verdict = "" if truth is None else ", right" if best == truth else ", WRONG"
        lines.append(f"\n{name}:\n{best} {shares[0]:.0%}{verdict}")
        rows = "".join(
            f"<tr><td style='width: 7em'>{classes[index]}</td><td style='width: 12em'>"
            f"<div style='width: {share:.0%}; min-width: 2px; height: 0.9em; "
            f"background: {show.COLORS[0]}'></div></td><td>{share:.0%}</td></tr>"
            for share, index in zip(shares.tolist(), order.tolist(), strict=True)
        )
        columns.append(f"<div><b>{name}</b>: {best}{verdict}<table>{rows}</table></div>")
    style = "display: flex; flex-wrap: wrap; gap: 0 3em; margin-top: 0.5em"
    return "".join(lines), f"<div style='{style}'>{''.join(columns)}</div>"


def _check_kelvin(kelvin) -> None:
    if kelvin not in KELVIN:
        raise ValueError(
            f"kelvin is {kelvin!r}; expected one of {', '.join(str(value) for value in KELVIN)}"
        )


def _kelvin_slider(name: str, kelvin: int) -> widgets.SelectionSlider:
    options = [(f"{value} K", value) for value in KELVIN]
    return widgets.SelectionSlider(options=options, value=kelvin, description=name, **screen.wide())


def _one_line(caption: str) -> str:
    return caption.replace("\n", ", ")


def _checkbox(name: str, value: bool) -> widgets.Checkbox:
    return widgets.Checkbox(bool(value), description=name, indent=False)


def _mark(array: np.ndarray, box: Sequence[int], height: int, width: int) -> np.ndarray:
    """Darken `array` outside a box of a picture of `height` x `width`, and draw a frame around it.

    `array` shows that picture at any size; `box` is `(top, left, height, width)` in its pixels.
    """
    rows, columns = array.shape[:2]
    top, bottom = box[0] * rows // height, -(-(box[0] + box[2]) * rows // height)
    left, right = box[1] * columns // width, -(-(box[1] + box[3]) * columns // width)
    marked = array // 2
    marked[top:bottom, left:right] = array[top:bottom, left:right]
    if min(bottom - top, right - left) < 8:  # a frame would hide what it frames
        return marked
    picture = PIL.Image.fromarray(marked)
    pen = ImageDraw.Draw(picture)
    # white with a dark rim on both sides: seen on any ground
    pen.rectangle([left, top, right - 1, bottom - 1], outline="black", width=4)
    pen.rectangle([left + 1, top + 1, right - 2, bottom - 2], outline="white", width=2)
    return np.array(picture)


def _histograms(array: np.ndarray) -> np.ndarray:
    """Return a drawing `SHOWN[0]` pixels wide: a histogram of each channel, one under the other."""
    counts = [np.bincount(plane.ravel() >> 2, minlength=64) for plane in np.moveaxis(array, -1, 0)]
    # one tall bar of pure black or white must not flatten all others
    top = max(np.sort(count)[-3] for count in counts) or array[..., 0].size
    width, text, strip = SHOWN[0], 16, 50
    bins = np.arange(width) * 64 // width
    drawing = np.full((3 * strip + text, width, 3), 255, np.uint8)
    for row, (count, name) in enumerate(zip(counts, show.CHANNELS, strict=True)):
        bars = np.minimum(count / top, 1)[bins] * (strip - text)
        filled = np.arange(strip, 0, -1)[:, None] <= bars
        drawing[row * strip : (row + 1) * strip][filled] = ImageColor.getrgb(show.CHANNELS[name])
    picture = PIL.Image.fromarray(drawing)
    pen = ImageDraw.Draw(picture)
    pen.font = ImageFont.load_default(text - 3)
    for row, name in enumerate(show.CHANNELS):
        pen.text((4, row * strip), name, "black", anchor="la")
    for value, anchor in ((0, "la"), (128, "ma"), (255, "ra")):
        at = (4 + value / 255 * (width - 8), 3 * strip)
        pen.text(at, str(value), "black", anchor=anchor)
    return np.asarray(picture)


def _means(array: np.ndarray) -> str:
    red, green, blue = array.mean(axis=(0, 1))
    return f"red {red:.0f}, green {green:.0f}, blue {blue:.0f}"
