"""Draw data/teaser.jpg, the picture of the README: what a network says in the lab and at the show.

The network is the one that was trained without augmentation; the pictures are the eighth of eight
drinks, none of them chosen.
"""

from pathlib import Path

import torch

from d2laug.data import DRINKS, drinks
from d2laug.show import Picture, show_images
from d2laug.train import load_network, predict

DATA = Path(__file__).parents[1]
LABELS, NUMBER = range(1, 9), 7


def teaser() -> Picture:
    """Eight drinks in the lab, and the same eight at the show, with the network's answers."""
    network, pictures, captions = load_network("none"), [], []
    for split in ("lab/test", "show/test"):
        images, labels = drinks(split, tensors=True)
        some = torch.stack([images[labels == label][NUMBER] for label in LABELS])
        shares, answers = predict(network, some).max(1)
        for share, answer, label in zip(shares, answers, LABELS, strict=True):
            verdict = "right" if answer == label else "WRONG"
            captions.append(f"{verdict}, {share:.0%}\n{DRINKS[answer]}")
        pictures += some
    return show_images(pictures, captions, columns=8)


if __name__ == "__main__":
    teaser().figure.savefig(DATA / "teaser.jpg", dpi=160, pil_kwargs={"quality": 88})
