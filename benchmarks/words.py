"""Which noise, mixed in while training, helps a network of words against which noise?

    python benchmarks/words.py

trains fresh networks on the quiet words of the lab, five for each recipe, and tests them on the
quiet test words, on the show, and on the test words under each background at several
signal-to-noise ratios. Some recipes are doses of one noise: mixed into a share of the recordings,
or louder and louder. The log-mel layer and the augmentations are those that lesson 12 builds by
hand (a test compares them).

Each training's figures go at once to benchmarks/results/words.json, so an interrupted run goes on
where it stopped, and a recipe that was added is trained beside the figures that there are.
"""

import platform
import time
from functools import cache
from pathlib import Path

import torch
from torch import nn
from trainings import earlier, keep, parser_of, side_by_side

from d2laug.data import BACKGROUNDS, SAMPLE_RATE, WORDS, background, words
from d2laug.sound import mix
from d2laug.train import accuracy, fit, plain_network

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/words.json"
SEEDS = range(5)
OPTIONS = {"epochs": 40, "batch_size": 32}
SNRS = (-10, -5, 0, 5, 10, 15, 20)  # dB
NOISES = ("hall", "street", "fridge", "white")
SHARES = (0.1, 0.25, 0.5, 1.0)  # of the recordings, with the hall; "shape" is 0, "hall" 0.75
LOUDNESS = (15, 5, -5)  # dB, the middle of 10 dB, in every recording; "hall, too loud" is -15


# ---- what lesson 12 builds


def mel_matrix(bands=40, bins=129, low=60.0):
    """Triangles, `[bands, bins]`, that add neighboring frequencies as wide as the ear does."""
    ends = 2595 * torch.log10(1 + torch.tensor([low, SAMPLE_RATE / 2]) / 700)
    edges = 700 * (10 ** (torch.linspace(*ends, bands + 2) / 2595) - 1)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    hertz = torch.linspace(0, SAMPLE_RATE / 2, bins)
    up, down = (hertz - left) / (middle - left), (right - hertz) / (right - middle)
    return torch.minimum(up, down).clamp(min=0)


class LogMel(nn.Module):
    """Sounds `[N, samples]` to pictures `[N, 3, 40, frames]`, 0 (-80 dB) to 1 (0 dB)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.hann_window(256))
        self.register_buffer("mel", mel_matrix())

    def forward(self, sounds):
        waves = torch.stft(sounds, 256, hop_length=80, window=self.window, return_complex=True)
        power = self.mel @ (waves.abs() / self.window.sum()) ** 2
        decibel = 10 * torch.log10(power + 1e-12)
        return (decibel / 80 + 1).clamp(0, 1)[:, None].expand(-1, 3, -1, -1)


class Masks(nn.Module):
    """SpecAugment, while training: a band of frequencies and a stretch of time are black."""

    def forward(self, pictures):
        if not self.training:
            return pictures
        n, _, bands, frames = pictures.shape
        high = torch.rand(n, 1, 1, 1) * 8
        long = torch.rand(n, 1, 1, 1) * 13
        band = torch.arange(bands)[:, None] - torch.rand(n, 1, 1, 1) * (bands - high)
        time = torch.arange(frames) - torch.rand(n, 1, 1, 1) * (frames - long)
        hidden = ((band >= 0) & (band < high)) | ((time >= 0) & (time < long))
        return pictures.masked_fill(hidden, 0)


def listener(classes, masks=False):
    """A network of sounds: a picture of the sound, then the network of the drinks."""
    return nn.Sequential(LogMel(), *[Masks()] * masks, plain_network(classes))


def stretches(recording, n, samples):
    """Cut `n` stretches out of a longer recording, each from a place of its own."""
    starts = torch.randint(len(recording) - samples + 1, (n, 1))
    return recording[starts + torch.arange(samples)]


def add_noise(*recordings, p=0.75, low=-5.0, high=15.0):
    """Mix a stretch of one of the recordings into each sound with probability `p`."""

    def transform(sounds):
        n, samples = sounds.shape
        noises = torch.stack([stretches(one, n, samples) for one in recordings])
        noise = noises[torch.randint(len(recordings), (n,)), torch.arange(n)]
        snr = torch.empty(n, 1).uniform_(low, high)
        return torch.where(torch.rand(n, 1) < p, mix(sounds, noise, snr), sounds)

    return transform


def change_shape(sounds, speed=(0.85, 1.18), shift=400, decibel=6.0):
    """Each sound faster or slower, earlier or later, louder or quieter; silence around it."""
    n, samples = sounds.shape
    speeds = torch.empty(n, 1).uniform_(*speed)
    shifts = torch.empty(n, 1).uniform_(-shift, shift)
    place = (torch.arange(samples) - samples / 2) * speeds + samples / 2 + shifts
    left = place.floor().long().clamp(0, samples - 2)
    part = place - left  # between two samples, a share of each
    resampled = sounds.gather(1, left) * (1 - part) + sounds.gather(1, left + 1) * part
    inside = (place >= 0) & (place <= samples - 1)
    return resampled * inside * 10 ** (torch.empty(n, 1).uniform_(-decibel, decibel) / 20)


# ---- the experiment


@cache
def recording(name, part):
    """A background, or as much white noise."""
    if name == "white":
        seed = {"train": 0, "test": 1}[part]
        noise = torch.randn(128_000, generator=torch.Generator().manual_seed(seed))
        return 0.08 * noise
    return background(name, part)


def recipes():
    """The recipes: `{name: (transform, masks)}`."""
    part = {name: recording(name, "train") for name in NOISES}

    def after_shape(*noises, **options):
        transform = add_noise(*noises, **options)
        return lambda sounds: transform(change_shape(sounds))

    def hall(**options):
        return after_shape(part["hall"], **options)

    return {
        "none": (None, False),
        "shape": (change_shape, False),
        "shape + masks": (change_shape, True),
        "hall alone": (add_noise(part["hall"]), False),
        **{name: (after_shape(part[name]), False) for name in NOISES},
        "all four": (after_shape(*part.values()), False),
        "hall + masks": (hall(), True),
        "hall, too loud": (hall(p=1, low=-20, high=-10), False),
        "all but hall": (after_shape(*(part[name] for name in NOISES[1:])), False),
        **{f"hall in {p:.0%}": (hall(p=p), False) for p in SHARES},
        **{f"hall at {m} dB": (hall(p=1, low=m - 5, high=m + 5), False) for m in LOUDNESS},
    }


@cache
def tests():
    """The quiet test words, the show, and the test words under each noise at each ratio."""
    sounds, labels = words("lab/test")
    found = {"lab/test": (sounds, labels), "show/test": words("show/test")}
    with torch.random.fork_rng(devices=[]):
        for noise in NOISES:
            torch.manual_seed(0)
            part = stretches(recording(noise, "test"), len(sounds), sounds.shape[1])
            for snr in SNRS:
                found[f"{noise}/{snr}"] = mix(sounds, part, torch.tensor(snr)), labels
    return found


def measure(run):
    """Train and test one network."""
    recipe, seed, epochs = run
    transform, masks = recipes()[recipe]
    torch.manual_seed(seed)
    network = listener(len(WORDS), masks)
    options = OPTIONS | {"epochs": epochs, "seed": seed, "progress": False}
    start, used = time.perf_counter(), time.process_time()
    history = fit(network, words("lab/train"), transform=transform, **options)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    return {
        "recipe": recipe,
        "seed": seed,
        "seconds": round(seconds, 1),
        "processor_seconds": round(used, 1),
        "train": round(history[-1]["train"], 4),
        "accuracy": {name: round(accuracy(network, data), 4) for name, data in tests().items()},
    }


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--epochs", type=int, help="for a trial: its figures are not kept")
    args = parser.parse_args()
    assert set(NOISES) == {*BACKGROUNDS, "white"}
    about = {
        "options": OPTIONS,
        "snrs": SNRS,
        "recordings": len(words("lab/train")[1]),
        "recipes": list(recipes()),
        "machine": f"{platform.machine()}, one thread each",
        "versions": {"torch": torch.__version__},
    }
    args.fresh |= bool(args.epochs)
    results = earlier(parser, args, RESULTS, about, *(about.keys() - {"recipes"}))
    if set(results["recipes"]) - set(recipes()):
        parser.error(f"{RESULTS.name} has figures of other recipes: --fresh forgets them")
    results["recipes"] = about["recipes"]  # there may be more by now
    done = {(run["recipe"], run["seed"]) for run in results["runs"]}
    epochs = args.epochs or OPTIONS["epochs"]
    todo = [(r, seed, epochs) for seed in SEEDS for r in recipes() if (r, seed) not in done]
    order = list(recipes())
    for run in side_by_side(measure, todo, args.workers):
        results["runs"].append(run)
        results["runs"].sort(key=lambda run: (order.index(run["recipe"]), run["seed"]))
        if not args.epochs:
            keep(results, RESULTS)
    for run in results["runs"]:
        print(
            run["recipe"], run["seed"], {k: run["accuracy"][k] for k in ("lab/test", "show/test")}
        )


if __name__ == "__main__":
    main()
