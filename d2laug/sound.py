"""Sounds in a notebook, as pictures and to hear. What is learned about them is in lesson 12.

- `hear`: players, and waves over spectrograms
- `mix`: a sound in noise; `to_wav`, `decibels`, `to_array`: its file, its spectrogram, in colors
"""

import html
from collections.abc import Sequence

import numpy as np
import torch
from IPython import display
from matplotlib import colormaps
from torch import Tensor

from d2laug import offer
from d2laug.data import SAMPLE_RATE
from d2laug.show.grids import fit
from d2laug.show.picture import AS_IT_IS, DPI, WIDTH, Picture, captioned, new_figure

__all__ = ["decibels", "hear", "mix", "to_array", "to_wav"]
offer(__name__)

DECIBEL = -90, -20  # of a spectrogram's darkest and brightest color
PLAYERS = "<div style='display: flex; flex-wrap: wrap; gap: 0.3em 1em'>{}</div>"
PLAYER = """<div style='flex: 1 1 180px; max-width: 300px'><div>{0}</div><audio controls
preload='auto' aria-label='{0}' style='width: 100%' src='{1}'></audio></div>"""


def hear(sounds: Tensor | Sequence[Tensor], captions: Sequence[str] | None = None) -> Picture:
    """Show a player for each sound, and return a `Picture`: each as a wave, over its spectrogram.

    `sounds` is one sound, float `[samples]` with 8,000 samples a second, or up to 5 of them, as a
    tensor `[N, samples]` or a list, each under one of `captions`. All share their axes and colors.
    No sound starts by itself; one that is louder than 1 is made quieter as a whole. Raises
    `ValueError` for other input.

    >>> hear(torch.zeros(2, 4000), ["silence", "more of it"])
    <IPython.core.display.HTML object>
    Picture('2 sounds, each as a wave and as a spectrogram: silence; more of it')
    """
    sounds = [sounds] if isinstance(sounds, Tensor) and sounds.ndim == 1 else list(sounds)
    sounds = list(map(_one, sounds))
    seen = ", each as a wave and as a spectrogram"
    captions, alt = captioned(sounds, captions, "sound", seen, most=5)
    words = [html.escape(caption.replace("\n", ", ")) for caption in captions]
    sources = [display.Audio(to_wav(sound)).src_attr() for sound in sounds]
    display.display(display.HTML(PLAYERS.format("".join(map(PLAYER.format, words, sources)))))
    width = min(WIDTH, 1.0 + 2.7 * len(sounds))
    share = {"squeeze": False, "sharex": True, "sharey": "row"}
    figure, axes = new_figure(2, len(sounds), width, 3.2, height_ratios=[1, 1.7], **share)
    colors = colormaps["magma"].resampled(21)  # few, and no blends: a small file
    look = {"cmap": colors, "clim": DECIBEL, "origin": "lower", "interpolation": "nearest"}
    for sound, caption, wave, picture in zip(sounds, captions, *axes, strict=True):
        end = len(sound) / SAMPLE_RATE
        wave.plot(np.arange(len(sound)) / SAMPLE_RATE, sound.numpy(), linewidth=0.6)
        wave.set_title(caption, **AS_IT_IS)
        picture.imshow(decibels(sound).numpy(), extent=(0, end, 0, SAMPLE_RATE / 2000), **look)
        picture.grid(visible=False)
        picture.set(xlabel="time (s)", xlim=(0, end), aspect="auto")
    most = 1.05 * max(0.05, *(float(sound.abs().max()) for sound in sounds))
    axes[0, 0].set(ylabel="wave", ylim=(-most, most))
    axes[1, 0].set_ylabel("frequency (kHz)")
    fit([wave.title for wave in axes[0]], DPI * (width - 1) / len(sounds), least=8)
    return Picture(figure, alt, "png", colors=48)


def mix(sounds: Tensor, noise: Tensor, snr: float | Tensor) -> Tensor:
    """Return `sounds` with as much of `noise` that the signal-to-noise ratio is `snr` dB.

    Both are float `[..., samples]`; `snr` is a number or a tensor `[..., 1]`. Lesson 12 builds it.
    Raises `ValueError` for other dtypes, and where no gain does it, as for silent noise.

    >>> mix(torch.tensor([1.0, -1.0]), torch.tensor([0.3, 0.3]), 0)
    tensor([2., 0.])
    """
    if not (sounds.is_floating_point() and noise.is_floating_point()):
        raise ValueError(f"sounds {sounds.dtype}, noise {noise.dtype}; expected floats")
    signal = sounds.square().mean(-1, keepdim=True)
    power = noise.square().mean(-1, keepdim=True)
    mixed = sounds + (signal / power / 10 ** (snr / 10)).sqrt() * noise
    if not mixed.isfinite().all():
        raise ValueError(f"no gain makes the noise as loud as snr={snr} asks: is it silent?")
    return mixed


def to_wav(sound: Tensor) -> bytes:
    """Return a sound, float `[samples]`, as bytes of a 16-bit WAV file; `ValueError` for others.

    >>> len(to_wav(torch.zeros(8000)))
    16044
    """
    sound = _one(sound, 1)
    sound = sound / max(1.0, float(sound.abs().max()))
    return display.Audio(sound.numpy(), rate=SAMPLE_RATE, normalize=False).data


def decibels(sound: Tensor) -> Tensor:
    """Return the spectrogram of a sound, float `[samples]`: `[129, frames]` in dB, low ones first.

    A frame has 256 samples, and the next begins 80 later; a full sine has -6 dB. Raises
    `ValueError` for a sound of fewer samples, and for what is none.

    >>> decibels(torch.zeros(5120)).shape
    torch.Size([129, 65])
    """
    sound = _one(sound)
    window = torch.hann_window(256, dtype=sound.dtype, device=sound.device)
    waves = torch.stft(sound, 256, hop_length=80, window=window, return_complex=True)
    return 20 * torch.log10(waves.abs() / window.sum() + 1e-6)


def to_array(sound: Tensor) -> np.ndarray:
    """Return `decibels(sound)` in colors, `uint8` `129 x frames x 3`, low tones below; same errors.

    >>> to_array(torch.zeros(5120)).shape
    (129, 65, 3)
    """
    low, high = DECIBEL
    values = (decibels(sound).flip(0) - low) / (high - low)
    return colormaps["magma"](values.numpy(), bytes=True)[..., :3].copy()


def _one(sound: Tensor, least: int = 256) -> Tensor:
    """Return one sound, checked, `float32` on the CPU."""
    what = f"{sound.dtype} {list(sound.shape)}" if isinstance(sound, Tensor) else type(sound)
    fits = isinstance(sound, Tensor) and sound.ndim == 1 and sound.is_floating_point()
    if not fits or len(sound) < least or not sound.isfinite().all():
        expected = f"a float tensor [samples] of at least {least} finite values, or a list of them"
        raise ValueError(f"a sound is {what}; expected {expected}")
    return sound.detach().float().cpu()
