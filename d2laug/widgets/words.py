"""A word in a background, to hear and to see."""

from functools import partial

import ipywidgets as widgets
import torch

from d2laug import show, sound
from d2laug.data import BACKGROUNDS, SAMPLE_RATE, WORDS, background, words, words_metadata
from d2laug.widgets.screen import Drawn, Explorer, Networks, choice, slider


def noisy_word(
    word: str = "cola",
    voice: str = "Annie",
    noise: str = "hall",
    snr: int = 0,
    networks: Networks = None,
) -> Explorer:
    """Return a widget that plays a word in a background, shows its spectrogram, and asks who hears.

    `word` is one of `WORDS`, said by a `voice` of `lab/test`; `noise` is "none", "white", or one of
    `BACKGROUNDS`, of part "test"; `snr` is the signal-to-noise ratio, -20 to 30 dB. `networks` maps
    names to networks, which take sounds `[N, samples]` and return logits of the twelve `WORDS`.
    `audio`, an `ipywidgets.Audio`, never starts by itself. Raises `ValueError` for an unknown word,
    voice or noise, and for a ratio out of its range.

    >>> noisy_word("tonic", snr=-5).captions
    ['tonic, in the lab', 'hall, -5 dB']
    """
    sounds, _ = words("lab/test")
    samples = sounds.shape[1]
    places = {(row["word"], row["voice"]): n for n, row in enumerate(words_metadata("lab/test"))}
    noises = {name: background(name, "test")[SAMPLE_RATE:][:samples] for name in BACKGROUNDS}
    noises["white"] = torch.randn(samples, generator=torch.Generator().manual_seed(0))
    voices = sorted({name for _, name in places}, key=str.lower)
    audio = widgets.Audio(format="wav", autoplay=False, loop=False)

    def draw(word: str, voice: str, noise: str, snr: int) -> Drawn:
        said = heard = sounds[places[word, voice]]
        caption = "no background"
        if noise != "none":
            heard, caption = sound.mix(said, noises[noise], snr), f"{noise}, {snr} dB"
        audio.value = sound.to_wav(heard)
        axes = "Across: 0 to 0.64 s; up: 0 to 4 kHz; brighter is louder."
        pictures = [sound.to_array(one).repeat(4, axis=1) for one in (said, heard)]
        readout = f"{word}, said by {voice}: {caption}. {axes}"
        return pictures, [f"{word}, in the lab", caption], readout, heard, word

    controls = {
        "word": choice("word", word, WORDS),
        "voice": choice("voice", voice, voices),
        "noise": choice("noise", noise, ["none", "white", *BACKGROUNDS], "background"),
        "snr": slider("signal to noise (dB)", snr, -20, 30, step=1),
    }
    labels, still = ("in the lab", "with the background"), partial(show.show_images, quality=40)
    explorer = Explorer(controls, draw, networks, labels=labels, extra=[audio], still=still)
    explorer.audio = audio
    return explorer
