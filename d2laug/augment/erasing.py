"""Random erasing: a box of each picture is overwritten."""

from collections.abc import Iterable, Sequence
from typing import Any  # a sample, and what is drawn for it, may be Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from d2laug.augment.arguments import number, pair, positive_range, probability
from d2laug.augment.base import BatchTransform, Params, by_loops, white_of


class RandomErasing(BatchTransform):
    """Overwrite a random box of each picture of a batch, its own for each, with probability `p`.

    The box has a random share of the picture's area, uniform in `scale`, and a random aspect ratio
    (height / width), log-uniform in `ratio`. Ten tries are made to fit one into the picture; where
    none does, it stays as it is. `value`: a number, one for each channel, or "random" for normally
    distributed ones; of any range for floats, since it usually comes after the normalization.

    Labels stay as they are, boxes of erased things too (torchvision warns of that). Raises
    `ValueError` for ranges that are reversed or not possible, for `inplace=True`, and for values
    that do not fit the number of channels or are no levels of integers.

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
        random = isinstance(value, str)
        self.value = None if random else [number("value", one) for one in values]
        if self.value == []:
            raise ValueError(f"value={value!r} given, but numbers or 'random' expected.")

    def _torchvision(self) -> v2.Transform:
        value: Any = "random" if self.value is None else self.value
        return v2.RandomErasing(self.p, self.scale, self.ratio, value)

    def _draw(self, n: int, channels: int | None, height: int, width: int) -> Params:
        if self.value is not None and len(self.value) not in (1, channels or len(self.value)):
            raise ValueError(
                f"value={self.value} given for pictures of {channels} channels, but one number, or "
                "one for each channel, expected."
            )
        h, w, found = self._boxes(
            (n, height, width), self.scale, self.ratio, lambda h, w: (h < height) & (w < width)
        )
        h, w = torch.where(found, h, height), torch.where(found, w, width)
        apply = self._coins(n, self.p)
        return {
            "apply": apply,
            "i": (self._uniform(0, 1, n) * (height - h + 1)).long(),
            "j": (self._uniform(0, 1, n) * (width - w + 1)).long(),
            "h": h,
            "w": w,
            "v": self._values(apply & found, channels or 1, h, w),
        }

    def _values(self, erased: Tensor, channels: int, h: Tensor, w: Tensor) -> list[Tensor | None]:
        """Return what is written into the box of each picture that is erased."""
        if self.value is not None:
            value = torch.tensor(self.value, dtype=torch.float32)[:, None, None]
            return [value if chosen else None for chosen in erased.tolist()]
        sizes = (erased * channels * h * w).tolist()
        device = self.generator.device if self.generator is not None else "cpu"
        noise = torch.randn(
            sum(sizes), generator=self.generator, dtype=torch.float32, device=device
        )
        boxes = zip(noise.cpu().split(sizes), h.tolist(), w.tolist(), strict=True)
        return [x.view(channels, *box) if len(x) else None for x, *box in boxes]

    def _change(self, batch: Tensor, params: Params) -> Tensor:
        self._check_levels(batch)
        erased = params["apply"] & torch.tensor([v is not None for v in params["v"]]).bool()
        boxes = torch.stack([params[k] for k in ("i", "j", "h", "w")], 1) * erased[:, None]
        self._check_boxes(batch, boxes, params["v"])
        if by_loops(batch) and self.value is not None:
            from d2laug.augment.loops import changed, erasing

            levels = torch.tensor(self.value).to(batch.dtype).expand(batch.shape[:2])
            return changed(erasing.erase, batch, boxes, levels)
        output = batch.clone(memory_format=torch.contiguous_format)
        for k in erased.nonzero()[:, 0].tolist():
            i, j, h, w = boxes[k].tolist()
            output[k, :, i : i + h, j : j + w] = params["v"][k].to(output)
        return output

    def _check_boxes(self, batch: Tensor, boxes: Tensor, values: list[Tensor | None]) -> None:
        room = torch.tensor(batch.shape[-2:]) - boxes[:, 2:]  # a sum could overflow
        channels = {len(v) for v in values if v is not None} - {1}
        if (boxes < 0).any() or (boxes[:, :2] > room).any():
            raise ValueError(
                f"Pictures of {tuple(batch.shape[-2:])} given, but boxes drawn for larger ones. "
                "All pictures of a sample have one (height, width)."
            )
        if channels - {batch.shape[1]}:
            raise ValueError(
                f"Pictures of {batch.shape[1]} channels given, but values for {max(channels)}."
            )

    def _check_levels(self, batch: Tensor) -> None:
        if batch.is_floating_point():
            return
        if self.value is None or not all(0 <= one <= white_of(batch) for one in self.value):
            value = "random" if self.value is None else self.value
            raise ValueError(
                f"value={value!r} given for pictures of {batch.dtype}, but 0 to {white_of(batch)} "
                "expected. Turn them into floating point before, for other values."
            )
