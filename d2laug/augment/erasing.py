"""Random erasing: a box of each picture is overwritten."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torchvision.transforms import v2

from d2laug.augment.arguments import number, pair, positive_range, probability
from d2laug.augment.base import BatchTransform, Params


class RandomErasing(BatchTransform):
    """Overwrite a random box of each picture of a batch, its own for each, with probability `p`.

    The box has a random share of the picture's area, uniform in `scale`, and a random aspect ratio
    (height / width), log-uniform in `ratio`. Ten tries are made to fit one into the picture; where
    none does, it stays as it is. `value`: a number, one for each channel, or "random" for normally
    distributed ones; for floats of any range, since it usually comes after the normalization.

    Labels stay as they are, boxes of erased things too. Raises `ValueError` for ranges that are
    reversed or not possible, for `inplace=True`, and for values that do not fit the channels.

    Source: `torchvision.transforms.v2.RandomErasing`, which takes one box for a batch; Zhong et
    al., "Random Erasing Data Augmentation", 2017.

    >>> erase = RandomErasing(p=1, scale=(0.25, 0.25), ratio=(1, 1))
    >>> erase(torch.ones(5, 1, 8, 8)).sum((1, 2, 3))
    tensor([48., 48., 48., 48., 48.])
    """

    moves = False

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: float | Sequence[float] | str = 0.0,
        inplace: bool = False,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.p = probability(p)
        self.scale, self.ratio = pair("scale", scale), positive_range("ratio", ratio)
        if not 0 <= self.scale[0] <= self.scale[1] <= 1:
            raise ValueError(f"scale={scale} given, but (low, high) within 0 to 1 expected.")
        if isinstance(value, str) and value != "random":
            raise ValueError(f"value={value!r} given, but numbers or 'random' expected.")
        if inplace:
            raise ValueError("inplace=True given, but pictures are never changed in place: False.")
        values = value if isinstance(value, Iterable) else [value]
        self.value = None if value == "random" else [number("value", one) for one in values]

    def _torchvision(self) -> v2.Transform:
        value = "random" if self.value is None else self.value
        return v2.RandomErasing(self.p, self.scale, self.ratio, value)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        if self.value is not None and len(self.value) not in (1, channels or len(self.value)):
            raise ValueError(
                f"value={self.value} given for pictures of {channels} channels, but one number, or "
                "one for each channel, expected."
            )
        area = height * width * self._uniform(*self.scale, n, 10)
        ratio = self._uniform(math.log(self.ratio[0]), math.log(self.ratio[1]), n, 10).exp()
        h, w = (area * ratio).sqrt().round().long(), (area / ratio).sqrt().round().long()
        fits = (h < height) & (w < width)
        first = fits.int().argmax(1, keepdim=True)
        found = fits.any(1)
        h = torch.where(found, h.gather(1, first)[:, 0], height)
        w = torch.where(found, w.gather(1, first)[:, 0], width)
        return {
            "apply": self._uniform(0, 1, n) < self.p,
            "i": (self._uniform(0, 1, n) * (height - h + 1)).long(),
            "j": (self._uniform(0, 1, n) * (width - w + 1)).long(),
            "h": h,
            "w": w,
            "v": [
                self._values(channels or 1, *box) if fit else None
                for fit, *box in zip(found.tolist(), h.tolist(), w.tolist(), strict=True)
            ],
        }

    def _values(self, channels: int, h: int, w: int) -> Tensor:
        if self.value is not None:
            return torch.tensor(self.value, dtype=torch.float32)[:, None, None]
        return torch.randn(channels, h, w, generator=self.generator, dtype=torch.float32)

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        output = batch.clone(memory_format=torch.contiguous_format)
        boxes = zip(*(params[k].tolist() for k in ("apply", "i", "j", "h", "w")), strict=True)
        for picture, (apply, i, j, h, w), v in zip(output, boxes, params["v"], strict=True):
            if apply and v is not None:
                picture[:, i : i + h, j : j + w] = v.to(batch.device)
        return output
