"""Three small networks that learn on a processor: two tell classes apart, one marks pixels."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms import v2


def plain_network(classes: int) -> nn.Sequential:
    """Return five convolutions with fresh weights, 0.3 million, for pictures from 32 pixels on.

    The network takes float pictures `[N, 3, H, W]` (0 to 1) and returns logits `[N, classes]`.

    >>> plain_network(12)(torch.rand(2, 3, 96, 96)).shape
    torch.Size([2, 12])
    """
    return nn.Sequential(
        v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3),
        _block(3, 24, pool=2, size=5, stride=2),
        _block(24, 48, pool=2),
        _block(48, 96, pool=2),
        _block(96, 128),
        _block(128, 128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, classes),
    ).float()  # whatever the default dtype is


def residual_network(classes: int) -> nn.Sequential:
    """Return a network of so many classes as `plain_network` does, for pictures as CIFAR-10's.

    Six convolutions, three of them in residual blocks; 0.43 million weights. It reduces the picture
    early too, which is what makes both fast on a CPU.

    >>> residual_network(10)(torch.rand(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3),
        _block(3, 32, pool=2),
        _block(32, 64, pool=2),
        _Residual(_block(64, 64)),
        _block(64, 128, pool=2),
        _Residual(_block(128, 128), _block(128, 128)),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(128),
        nn.Linear(128, classes),
    ).float()


def marking_network() -> nn.Module:
    """Return a network with fresh weights, 0.3 million, that marks the pixels of one thing.

    It takes float pictures `[N, 3, H, W]` (0 to 1), H and W multiples of 8, and returns logits
    `[N, 1, H, W]`, positive where it marks. It is a small U-Net (Ronneberger et al., 2015).

    >>> marking_network()(torch.rand(2, 3, 96, 96)).shape
    torch.Size([2, 1, 96, 96])
    """
    return _Marker().float()


class _Marker(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.normalize = v2.Normalize(mean=[0.5] * 3, std=[0.25] * 3)
        self.down = nn.ModuleList(_block(*n, stride=2) for n in [(3, 24), (24, 48), (48, 96)])
        self.around = nn.Sequential(_block(96, 96), _block(96, 96))
        self.up = nn.ModuleList([_block(96 + 48, 48), _block(48 + 24, 24)])
        self.last = nn.Conv2d(24, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 4 or x.shape[1] != 3 or x.shape[2] % 8 or x.shape[3] % 8:
            given = f"pictures {[*x.shape]}"
            raise ValueError(f"{given}; expected [N, 3, H, W], H and W multiples of 8")
        x, finer = self.normalize(x), []
        for layer in self.down:
            x = layer(x)
            finer.append(x)
        x = self.around(x)
        for layer, fine in zip(self.up, finer[-2::-1], strict=True):
            x = layer(torch.cat([F.interpolate(x, scale_factor=2), fine], 1))
        return F.interpolate(self.last(x), scale_factor=2, mode="bilinear")


def _block(n_in: int, n_out: int, pool: int = 1, size: int = 3, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, bias=False)
    # the pool before the other two, which then have less to do
    return nn.Sequential(layer, nn.MaxPool2d(pool), nn.BatchNorm2d(n_out), nn.ReLU())


class _Residual(nn.Sequential):
    """Layers that add to what they are given (He et al., 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


def to_float(images: Tensor) -> Tensor:
    """Return pictures (`uint8`, 0 to 255) as networks take them, 0 to 1; floats unchanged."""
    if images.dtype != torch.uint8:
        return images.float()
    return images.to(memory_format=torch.channels_last).float().div_(255)


def device_of(network: nn.Module, learns: bool = False) -> torch.device:
    """Return where the weights are; raise `ValueError` where there are none, or none to learn."""
    weights = [w for w in network.parameters() if w.requires_grad or not learns]
    if not weights:
        hint = ": network.requires_grad_(True) lets all of them learn" * learns
        raise ValueError(f"the network has no weights{' that learn' * learns}{hint}")
    return weights[0].device
