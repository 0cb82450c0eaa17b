"""What share of a training step the augmentation of its batch takes: 128 pictures, all operations.

Of a ResNet-8 (He et al., 2015: stages of 16, 32 and 64 channels, one block each) for 32x32, and of
the lessons' network for 96x96.
"""

import torch
from peers import D2L, OURS, PEERS
from timing import make_pictures, measure, row, threads
from torch import nn

from d2laug.train import plain_network

BATCH = 128
STEP = "training step"


class Block(nn.Module):
    """Two convolutions and the way around them."""

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.body = nn.Sequential(
            convolution(n_in, n_out, 3, stride), nn.ReLU(), convolution(n_out, n_out, 3)
        )
        same = n_in == n_out and stride == 1
        self.around = nn.Identity() if same else convolution(n_in, n_out, 1, stride)

    def forward(self, x):
        return nn.functional.relu(self.body(x) + self.around(x))


def convolution(n_in, n_out, size, stride=1):
    layer = nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(n_out))


def resnet8():
    """Return seven convolutions and a linear layer, 78,000 weights."""
    return nn.Sequential(
        convolution(3, 16, 3),
        nn.ReLU(),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


# name: side of the pictures, the network (the lessons' without its own normalization, which is part
# of what is augmented here), and the largest share that is wanted on one thread
NETWORKS = {
    "ResNet-8": (32, resnet8, 0.03),
    "the lessons' network": (96, lambda: plain_network(12)[1:], 0.05),
}


def step_of(network, side):
    """Return a function that trains on one batch, as `d2laug.train.fit` does."""
    network = network.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    batch, labels = torch.randn(BATCH, 3, side, side), torch.arange(BATCH) % 10

    def step():
        logits = network(batch.contiguous(memory_format=torch.channels_last))
        nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def title_of(name, count):
    return f"{name}, {NETWORKS[name][0]} px, {count} thread(s)"


def shares_of(name, count, rounds):
    """Return milliseconds of a step and of each augmentation, and the shares of both together."""
    side, network, _ = NETWORKS[name]
    arrays = make_pictures(BATCH, side)
    with threads(count):
        turns = {STEP: step_of(network(), side)}
        turns |= {peer: PEERS[peer](arrays, "all", side) for peer in (D2L, OURS)}
        rates = measure(turns, BATCH, rounds)
    took = {who: [1000 * BATCH / x for x in numbers] for who, numbers in rates.items()}
    shares = {
        who: {
            "milliseconds": row(took[who]),
            "share": row([a / (a + b) for a, b in zip(took[who], took[STEP], strict=True)]),
        }
        for who in (D2L, OURS)
    }
    return {STEP: {"milliseconds": row(took[STEP])}} | shares


def show(title, shares):
    print(title)
    for who, numbers in shares.items():
        share = f"{numbers['share']['median']:8.1%}" if "share" in numbers else ""
        print(f"    {who:32}{numbers['milliseconds']['median']:9.2f} ms{share}")


def goals(every):
    """Yield what was wanted and reached; two threads are reported beside it."""
    for name, (_, _, wanted) in NETWORKS.items():
        shares = {count: every.get(title_of(name, count)) for count in (1, 2)}
        if shares[1]:
            goal = {
                "goal": f"share of a step of {title_of(name, 1)}",
                "wanted at most": wanted,
                "reached": shares[1][OURS]["share"]["median"],
            }
            if shares[2]:
                goal["reached on 2 threads"] = shares[2][OURS]["share"]["median"]
            yield goal
