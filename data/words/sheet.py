"""Draw the contact sheet of the words, data/words/sheet.jpg.

Usage: python data/words/sheet.py
"""

from pathlib import Path

from d2laug.data import BACKGROUNDS, SAMPLE_RATE, WORDS, background, words
from d2laug.show import new_figure
from d2laug.sound import DECIBEL, decibels

lab, labels = words("lab/test")
show_floor, at_the_show = words("show/test")
firsts = [(labels == label).nonzero()[0, 0] for label in range(len(WORDS))]
tiles = [(lab[place], word) for place, word in zip(firsts, WORDS, strict=True)]
firsts = [(at_the_show == label).nonzero()[0, 0] for label in range(4)]
tiles += [(show_floor[n], f"{w}, show") for n, w in zip(firsts, WORDS, strict=False)]
# the backgrounds over four seconds, as wide as the others
tiles += [(background(name, "test")[: 4 * SAMPLE_RATE], f"{name}, 4 s") for name in BACKGROUNDS]

figure, axes = new_figure(4, 5, height=6.2)
for axis in axes.flat:
    axis.set_axis_off()
for (sound, caption), axis in zip(tiles, axes.flat, strict=False):
    picture = decibels(sound).numpy()
    axis.imshow(picture, vmin=DECIBEL[0], vmax=DECIBEL[1], cmap="magma", origin="lower")
    axis.set_aspect("auto")
    axis.set_title(caption, fontsize=11)
figure.savefig(Path(__file__).with_name("sheet.jpg"), dpi=90, pil_kwargs={"quality": 50})
