"""Speak the words of the data set again with espeak-ng, and compute the background noises.

Usage: python data/words/make.py [FOLDER]     (without FOLDER: the folder of this file)

Needs espeak-ng 1.51 (`apt install espeak-ng`) and SciPy; only this script does. Every file follows
from its name, which gives the seed of its random numbers.
"""

import csv
import io
import shutil
import subprocess
import sys
import wave
import zlib
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve, lfilter, resample_poly

RATE = 8000  # samples a second
LENGTH = 5120  # samples of one recording: 0.64 s
EDGE = 240  # samples before and after a word, at least
WORDS = (
    *("apple", "cherry", "coffee", "cola", "ginger", "juice"),
    *("lemon", "lime", "milk", "mint", "orange", "tonic"),
)
ACCENTS = (
    *("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd"),
    *("en-029", "en-us-nyc"),
)
# Voice variants of espeak-ng. No voice is in two of these lists, nor are two that are nearly alike.
# Robots, whisperers and those that come out clipped are left out.
VOICES = {
    "lab/train": "f1 f4 f5 Andrea anika grandma Alex Andy m1 m3 m5 m6 m7 Denis Lee Mario Gene "
    "Nguyen gustave norbert robert travis miguel paul m8 steph quincy",
    "lab/val": "f2 m4 max Diogo",
    "lab/test": "f3 Annie shelby m2 Michael boris edward rob sandro",
    "hall/train": "Alicia aunty david ed john marcelo michel Hugo RicishayMax",
    "hall/test": "belinda zac Marco Henrique Mike pablo victor Jacky",
    "show": "linda pedro antonio adam grandpa iven4",
}
VOICES = {name: tuple(voices.split()) for name, voices in VOICES.items()}
VOICES["show/test"] = VOICES["lab/test"]  # the same people, in the hall of the show
COUNTS = {"lab/train": 30, "lab/val": 6, "lab/test": 9, "show/test": 12}  # recordings of each word
SECONDS = {
    "hall": {"train": 16, "test": 8},
    "street": {"train": 8, "test": 6},
    "fridge": {"train": 6, "test": 4},
}
SNR = (-5.0, 10.0)  # of the show, in dB
SPEED = (150, 230)  # words a minute
PITCH = (25, 75)  # of 0 to 99, where 50 is the voice's own
FLOOR = 10 ** (-70 / 20)  # the hiss of the lab's microphone
MIDDLE, SPREAD = -22.0, 3.0  # loudness of a word in dB: root mean square against the largest value

# What the people in the halls say. No drink is named.
TEXTS = {
    "hall/train": """Have you seen the new machine at the end of the second row?
They told us that the doors open at nine, but everybody was late.
My train leaves in an hour, so we should walk back to the station soon.
The screen is bright, and the buttons are far too small for my fingers.
Can you send me the address again? I have lost the paper with it.
It rained all morning, and nobody had thought of an umbrella.
We sold three of them yesterday, and two more before lunch.
She says that the price is fixed, but you may ask her once more.
The lights up there are yellow, which makes all faces look tired.
Who wrote the program for this? It answers faster than I can think.
There was a long queue in front of the stairs, so we took the lift.
I would like to see how it works from behind, if that is allowed.""",
    "hall/test": """Good morning, may I show you what our small company has built?
The first version had wheels, and it drove away while we were talking.
He has been standing there for an hour and still asks new questions.
Please leave your card in the box, and we will call you next week.
Our children would love this, they press every button they can find.
How many people work with you, and where do you make the parts?
The music over there is loud, let us go to the other side.
In my country we have the same thing, only that it is painted green.
They turned the heating up, and now the whole hall falls asleep.
I met your brother at the airport, he was carrying two large boxes.""",
    "show": """Welcome to the stand, please come a little closer to the front.
We drove the whole night to be here when the building opened.
Does it understand a person who has a cold and cannot speak well?
Yesterday it stopped in the middle, and we do not know the reason.
The floor shakes when somebody walks past with a heavy trolley.
You can take the stairs on the left, the rooms are behind the wall.
Nobody told me that there would be so many visitors on a Tuesday.
If you wait a moment, my colleague will open it and explain.
That is a clever idea, but who is going to clean it every day?
We have about forty of these, and each one needs its own plug.""",
}


def generator(name):
    """Random numbers that follow from a name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def speak(text, voice, accent, pitch, speed):
    """What espeak-ng says, at `RATE`, with the silence cut off on both sides."""
    said = [f"-v{accent}+{voice}", f"-p{pitch}", f"-s{speed}", "-a50"]
    run = subprocess.run(["espeak-ng", *said, "--stdout", text], capture_output=True, check=True)
    rate = int.from_bytes(run.stdout[24:28], "little")
    start = run.stdout.index(b"data") + 8  # the length in the header is not known to a pipe
    samples = run.stdout[start : start + (len(run.stdout) - start) // 2 * 2]
    sound = np.frombuffer(samples, "<i2") / 2**15
    if np.abs(sound).max(initial=0) < 0.01:
        raise SystemExit(f"espeak-ng is silent: voice {voice}, accent {accent}, text {text!r}")
    sound = resample_poly(sound, RATE, rate)
    heard = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    return sound[heard[0] : heard[-1] + 1]


def power(sound):
    return np.mean(sound**2)


def loudness(sound, decibel):
    """Scale `sound` to this root mean square, and no louder than fits."""
    return sound * min(10 ** (decibel / 20) / power(sound) ** 0.5, 0.95 / np.abs(sound).max())


def echo(rng, seconds, direct):
    """A hall's answer to a clap: the clap, and an echo of `seconds` (to -60 dB).

    `direct` is the energy of the clap against that of the echo, in dB.
    """
    time = np.arange(int(seconds * RATE)) / RATE
    tail = rng.normal(size=len(time)) * 10 ** (-3 * time / seconds) * (time > 0.008)
    tail *= 10 ** (-direct / 20) / np.sum(tail**2) ** 0.5
    tail[0] = 1
    return tail


# ---- the words


def recordings(split, word):
    """All recordings of one word in one split, and a row of metadata for each."""
    rng = generator(f"{split}/{word}")
    voices, sounds, rows = VOICES[split], [], []
    order = [voices[i] for _ in range(9) for i in rng.permutation(len(voices))]
    hall = talking("show", 20) if split == "show/test" else None
    for number in range(COUNTS[split]):
        voice, accent = order[number], ACCENTS[rng.integers(len(ACCENTS))]
        pitch, speed = int(rng.integers(*PITCH)), int(rng.integers(*SPEED))
        while len(sound := speak(word, voice, accent, pitch, speed)) > LENGTH - 2 * EDGE:
            speed += 15  # some speak slowly
        sound = loudness(sound, rng.normal(MIDDLE, SPREAD))
        start = int(rng.integers(EDGE, LENGTH - EDGE - len(sound) + 1))
        recording, snr = np.zeros(LENGTH), ""
        recording[start : start + len(sound)] = sound
        if hall is not None:
            answer = echo(rng, rng.uniform(0.3, 0.5), rng.uniform(3, 8))
            recording = np.convolve(recording, answer)[:LENGTH]
            snr, at = rng.uniform(*SNR), rng.integers(len(hall) - LENGTH)
            noise = hall[at : at + LENGTH]
            noise = noise * (power(recording) / power(noise) / 10 ** (snr / 10)) ** 0.5
            recording, snr = recording + noise, f"{snr:.1f}"
        recording = recording + FLOOR * rng.normal(size=LENGTH)
        recording = recording * min(1, 0.95 / np.abs(recording).max())
        sounds.append(recording)
        rows.append([f"{split}/{word}.wav", number, split, word, voice, accent, pitch, speed])
        rows[-1] += [start, len(sound), snr]
    return np.concatenate(sounds), rows


# ---- the backgrounds

HALLS = {}


def talking(name, seconds):
    """A hall full of people: 14 of them, near and far, each reading sentences, with an echo."""
    if name in HALLS:
        return HALLS[name]
    rng, length = generator(f"hall of {name}"), seconds * RATE
    texts, hall = TEXTS[name].split("\n"), np.zeros(length + RATE)
    for number in range(14):
        voice, accent = VOICES[name][number % len(VOICES[name])], ACCENTS[rng.integers(8)]
        pitch, speed = int(rng.integers(*PITCH)), int(rng.integers(150, 200))
        talk = []
        while sum(map(len, talk)) < len(hall):
            text = texts[rng.integers(len(texts))]
            talk += [loudness(speak(text, voice, accent, pitch, speed), MIDDLE)]
            talk += [np.zeros(int(rng.uniform(0.1, 0.7) * RATE))]
        talk = np.roll(np.concatenate(talk)[: len(hall)], rng.integers(len(hall)))
        far = rng.uniform(0, 1)  # the farther, the quieter, and the more echo
        hall += (
            10 ** (-10 * far / 20) * fftconvolve(talk, echo(rng, 0.8, 4 - 10 * far))[: len(hall)]
        )
    HALLS[name] = hall[RATE:]  # at its start the echo is not yet there
    return HALLS[name]


def street(rng, length):
    """Wind and cars: noise with more bass than treble that swells, and a few cars that pass."""
    time = np.arange(length) / RATE
    wind = lfilter([1], [1, -0.97], rng.normal(size=length))
    steps = np.arange(0, time[-1] + 1, 0.7)
    swell = np.interp(time, steps, rng.uniform(-8, 4, len(steps)))
    sound = wind / wind.std() * 10 ** (swell / 20)
    for middle in np.arange(rng.uniform(0.5, 1.5), time[-1], 2.5):
        near = np.exp(-(((time - middle) / rng.uniform(0.3, 0.7)) ** 2))
        tires = lfilter([1], [1, -0.75], rng.normal(size=length))
        sound += rng.uniform(0.8, 1.6) * near * tires / tires.std()
    return sound


def fridge(rng, length):
    """The machine's own compressor: harmonics of 50 Hz that waver, and hiss."""
    time = np.arange(length) / RATE
    mains = 50 * rng.uniform(0.985, 1.0)  # a motor slips a little behind the mains
    sound = np.zeros(length)
    for k in range(1, 41):
        waver = 1 + 0.3 * np.sin(2 * np.pi * (rng.uniform(0.2, 2) * time + rng.uniform()))
        tone = np.sin(2 * np.pi * (k * mains * time + rng.uniform()))
        sound += rng.uniform(0.2, 1) * k**-0.6 * waver * tone
    hiss = lfilter([1, -0.5], [1, -0.3], rng.normal(size=length))
    return sound / sound.std() + 0.35 * hiss / hiss.std()


def background(name, part):
    """One background, `part` "train" or "test"."""
    seconds = SECONDS[name][part]
    if name == "hall":
        sound = talking(f"hall/{part}", seconds)
    else:
        sound = {"street": street, "fridge": fridge}[name](
            generator(f"{name}/{part}"), seconds * RATE
        )
    return loudness(sound - sound.mean(), MIDDLE)


# ---- files


def wav(sound):
    """The bytes of a WAV file: one channel, 16 bits."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 2**15).round().astype("<i2").tobytes())
    return buffer.getvalue()


def main(folder):
    if not shutil.which("espeak-ng"):
        raise SystemExit(
            "espeak-ng is not there, which speaks the words: install it (apt install espeak-ng). "
            "It is only needed to make the files again, not to use them."
        )
    columns = ["file", "number", "split", "word", "voice", "accent", "pitch", "speed"]
    table = [[*columns, "start", "samples", "snr"]]
    files = {}
    for split in COUNTS:
        for word in WORDS:
            sound, rows = recordings(split, word)
            files[f"{split}/{word}.wav"] = sound
            table += rows
    for name, parts in SECONDS.items():
        for part in parts:
            files[f"background/{name}/{part}.wav"] = background(name, part)
    for name, sound in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(wav(sound))
    with open(folder / "metadata.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    size = sum(path.stat().st_size for path in folder.rglob("*.wav"))
    print(f"{len(table) - 1} recordings and {len(files)} files, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
