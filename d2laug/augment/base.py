"""What all transforms share: one picture as a batch of one, and the checks of what is given."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torchvision.transforms import v2

# Pictures are worked on in groups of at most this many values, so that what is computed in between
# stays in the processor's cache.
VALUES_AT_ONCE = 2**19


class BatchTransform(v2.Transform):
    """What the transforms share: the check of the input, and one picture as a batch of one."""

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, images: Tensor) -> Tensor:
        """Draw numbers for each picture, and apply them."""
        return self.transform(images, self.make_params(images))

    def make_params(self, batch: Tensor) -> dict[str, Tensor]:
        """Draw the numbers: CPU tensors with one row for each picture."""
        raise NotImplementedError

    @torch.no_grad()
    def transform(self, images: Tensor, params: dict[str, Tensor]) -> Tensor:
        """Apply the numbers of `params`, one row of each for each picture."""
        batch = as_batch(images)
        for name, values in params.items():
            if len(values) != len(batch):
                raise ValueError(
                    f"{len(batch)} pictures given, but {name!r} for {len(values)}. "
                    "Draw the numbers with make_params for the same pictures."
                )
        output = self._change(batch, params)
        return output if images.ndim == 4 else output[0]

    def describe(self, image: Tensor, params: dict[str, Tensor]) -> list[str]:
        """Return in words what `params` do to a picture, or to each picture of a batch in turn."""
        rows = (dict(zip(params, row, strict=True)) for row in zip(*params.values(), strict=True))
        return [words for row in rows for words in self._words(image, row)]

    def _change(self, batch: Tensor, params: dict[str, Tensor]) -> Tensor:
        raise NotImplementedError

    def _words(self, image: Tensor, row: dict[str, Tensor]) -> list[str]:
        raise NotImplementedError

    def _uniform(self, low: float, high: float, *shape: int) -> Tensor:
        device = self.generator.device if self.generator is not None else "cpu"
        numbers = torch.rand(shape, generator=self.generator, dtype=torch.float64, device=device)
        return low + (high - low) * numbers.cpu()


def as_batch(images: object) -> Tensor:
    if not isinstance(images, torch.Tensor):
        raise TypeError(
            f"A tensor of pictures [N, 3, H, W] or [3, H, W] expected, but {type(images).__name__} "
            "given. Turn PIL images and arrays into tensors with "
            "torchvision.transforms.v2.functional.to_image."
        )
    if images.ndim not in (3, 4) or images.shape[-3] != 3:
        raise ValueError(
            f"Pictures [N, 3, H, W] or [3, H, W] expected, but shape {list(images.shape)} given. "
            "Repeat a gray channel three times; leave an alpha channel out."
        )
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise TypeError(
            f"uint8 (0 to 255) or floating point (0 to 1) expected, but {images.dtype} given. "
            "Convert with torchvision.transforms.v2.functional.to_dtype."
        )
    if 0 in images.shape[-2:]:
        raise ValueError(f"Pictures without pixels given: shape {list(images.shape)}.")
    return images if images.ndim == 4 else images[None]


def check_values(batch: Tensor) -> None:
    """Refuse floats outside 0 to 1 and NaN; `uint8` cannot go wrong and costs nothing."""
    if not batch.is_floating_point() or not len(batch):
        return
    low, high = batch.aminmax()
    # Resizing may leave 0 to 1 by a rounding error.
    if not (low >= -1e-5 and high <= 1 + 1e-5):
        raise ValueError(
            f"Floating point values from {low:.4g} to {high:.4g} given, but 0 to 1 expected. "
            "Divide 0 to 255 by 255, and normalize after the change of colors, not before."
        )


def one_each(name: str, values: Tensor, batch: Tensor) -> Tensor:
    if values.ndim > 1 or (values.ndim == 1 and len(values) != len(batch)):
        raise ValueError(
            f"{name} of shape {list(values.shape)} given for {len(batch)} pictures, but one number "
            "for all or one for each expected."
        )
    return values.expand(len(batch))


def positive_range(name: str, values: Iterable[float]) -> tuple[float, float]:
    low, high = pair(name, values)
    if not 0 < low <= high < math.inf:
        raise ValueError(f"{name}={values} given, but (low, high) with 0 < low <= high expected.")
    return low, high


def pair(name: str, values: Iterable[float]) -> tuple[float, float]:
    try:
        low, high = map(float, values)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={values!r} given, but two numbers (low, high) expected.") from None
    return low, high


def probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"p={p} given, but a probability from 0 to 1 expected.")
    return p


def output_size(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else pair("size", size)
    if not (height >= 1 and width >= 1 and height == int(height) and width == int(width)):
        raise ValueError(f"size={size} given, but whole numbers of pixels, 1 or more, expected.")
    return int(height), int(width)


def white_of(batch: Tensor) -> int:
    return 255 if batch.dtype == torch.uint8 else 1


def working_dtype(batch: Tensor) -> torch.dtype:
    return torch.promote_types(batch.dtype, torch.float32)


def working(batch: Tensor) -> Tensor:
    return batch.to(working_dtype(batch))


def write(x: Tensor, output: Tensor) -> Tensor:
    """Write floating point pictures to `output`, rounded where that is `uint8`."""
    # By way of int16 this is many times faster on a CPU than straight to uint8.
    return output.copy_(x.round_().to(torch.int16) if output.dtype == torch.uint8 else x)


def one_by_one(shape: Sequence[int], batch: Tensor) -> bool:
    """Whether a loop over pictures of this shape is faster: on a CPU, where they are not tiny."""
    return batch.is_cpu and shape[-2] * shape[-1] > 40 * 40


def slices_of(start: int, stop: int, batch: Tensor) -> list[slice]:
    """Cut `start` to `stop` into slices of pictures that fit the processor's cache."""
    most = VALUES_AT_ONCE // math.prod(batch.shape[1:]) if batch.is_cpu else stop - start
    number = math.ceil((stop - start) / max(1, most))  # of slices, about equally long
    ends = [start + (stop - start) * i // number for i in range(number + 1)] if number else []
    return [slice(*pair) for pair in pairwise(ends)]
