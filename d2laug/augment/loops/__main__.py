"""Compile all loops, so that no later process waits: python -m d2laug.augment.loops."""

import inspect

import torch

from d2laug import augment
from d2laug.augment.base import BatchTransform

# What the transforms cannot do without
NEEDED = {
    "size": 8, "degrees": 20, "bits": 4, "threshold": 128, "sharpness_factor": 2, "kernel_size": 3,
}  # fmt: skip


def main() -> None:
    """Run every transform once, on pictures so small and many that each does all it can."""
    batch = torch.randint(256, (512, 3, 9, 9), dtype=torch.uint8)
    for name in augment.__all__:
        kind = getattr(augment, name)
        if not (inspect.isclass(kind) and issubclass(kind, BatchTransform)):
            continue
        parameters = inspect.signature(kind).parameters
        if "transforms" in parameters:  # a container has no loops of its own
            continue
        arguments = {name: NEEDED[name] for name, p in parameters.items() if p.default is p.empty}
        for interpolation in ("nearest", "bilinear") if "interpolation" in parameters else ("",):
            chosen = {"interpolation": interpolation} if interpolation else {}
            kind(**arguments, **chosen, **({"p": 1.0} if "p" in parameters else {}))(batch)
    augment.normalize(batch, [0.5], [0.5])


if __name__ == "__main__":
    main()
