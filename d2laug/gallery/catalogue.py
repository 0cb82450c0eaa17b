"""The catalogue of effects, each one expression that makes a transform.

- `Effect`: a name, its code for a strength, and when it breaks the label
- `EFFECTS` and `GROUPS`: all of them, from the files of the groups
- `Guarded`: their transform, which refuses what would give a wrong picture without a word
- `evaluate`: from an expression to the transform, with what it needs

`EFFECTS` maps a name to an `Effect`. Its `code(strength)` is the expression that makes the
transform, and `make(strength)` evaluates that very expression: the two cannot differ.

Every transform takes pictures `[..., 3, H, W]`, `uint8` (0 to 255) or floating point (0 to 1), one
or many, and returns new ones of the same shape, dtype and range (floats may pass 0 or 1 by a
rounding error). `strength` goes from 0, the picture as it is, to 1. What is random in it follows
`torch.manual_seed`: torchvision draws once for each call, kornia and the course's own functions
draw for each picture of a batch. Sizes are in pixels where the library counts in pixels; they suit
pictures of about 100 x 100.
"""

import ast
import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass

import PIL.Image
import torch
from torch import nn
from torch.utils._pytree import tree_leaves, tree_map
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import is_pure_tensor

from d2laug.augment.base import on_cpu, without_autocast
from d2laug.gallery import (
    artistic,
    blur,
    camera,
    color,
    common,
    contrast,
    edges,
    geometry,
    light,
    mixing,
    noise,
    size,
    weather,
)

_FILES = {
    "flip and geometry": geometry,
    "size": size,
    "color": color,
    "contrast": contrast,
    "noise and dropout": noise,
    "blur": blur,
    "sharpen and edges": edges,
    "weather": weather,
    "camera and compression": camera,
    "light": light,
    "artistic": artistic,
    "segmentation and mixing": mixing,
}


@dataclass(frozen=True)
class Effect:
    """One effect of the catalogue: `name`, `group`, where it comes from, and when it does harm.

    `library` is "torchvision", "kornia", "scikit-image" or "own" (a function of this package).
    `breaks_label` says in one sentence when the label is no longer true.

    >>> import torch
    >>> rotate = EFFECTS["rotate"]
    >>> rotate.code(0.5)
    'v2.RandomRotation(22.5)'
    >>> rotate.make(0.5)(torch.zeros(3, 8, 8)).shape
    torch.Size([3, 8, 8])
    """

    name: str
    group: str
    library: str
    expression: Callable[[float], str]
    breaks_label: str

    def code(self, strength: float = 1.0) -> str:
        """Return the Python expression that makes the transform; `export` adds what it needs.

        Raises `ValueError` for a strength that is not a number from 0 to 1.
        """
        strength = check_share("strength", strength)
        return self.expression(strength) if strength > 0 else "v2.Identity()"

    def make(self, strength: float = 1.0) -> nn.Module:
        """Return the transform. `strength` 0 gives back the pictures exactly as they are.

        Raises `ValueError` for a strength that is not a number from 0 to 1.
        """
        return Guarded([evaluate(self.code(strength))])

    def __reduce__(self) -> tuple[Callable[[str], "Effect"], tuple[str]]:
        return _effect, (self.name,)  # by name: pickle takes no expression


def _effect(name: str) -> Effect:
    return EFFECTS[name]


class Guarded(v2.Compose):
    """Transforms that take pictures of the catalogue's kind alone, and return new ones.

    Autocast, the default device and the layout in memory change nothing; no gradient flows through.
    Raises `TypeError` and `ValueError` for other pictures, and where they are too small. What is
    done with a PIL image is torchvision's affair.
    """

    def forward(self, *inputs: object) -> object:
        """Check the picture, or pictures, of a sample; then run the transforms on a copy."""
        leaves = tree_leaves(inputs)
        pictures = [x for x in leaves if isinstance(x, tv_tensors.Image | tv_tensors.Video)]
        pictures = pictures or [x for x in leaves if is_pure_tensor(x)][:1] or leaves[:1]
        pictures = [x for x in pictures if not isinstance(x, PIL.Image.Image)]
        for picture in pictures:
            common.check_picture(picture)
        inputs = tree_map(_copied, inputs)
        if not all(x.numel() for x in pictures):
            return inputs if len(inputs) > 1 else inputs[0]
        try:
            with without_autocast(pictures[0] if pictures else torch.empty(0)), on_cpu():
                return super().forward(*inputs)
        except Exception as error:
            if not pictures or min(pictures[0].shape[-2:]) >= 8:
                raise
            size = list(pictures[0].shape[-2:])
            raise ValueError(f"pictures of {size} are too small here: {error}") from error


def _copied(x: object) -> object:
    if not isinstance(x, torch.Tensor):
        return x
    return x.detach().clone(memory_format=torch.contiguous_format)


EFFECTS = {
    name: Effect(name, group, library, expression, f"Breaks the label {clause}.")
    for group, file in _FILES.items()
    for name, (library, expression, clause) in file.ENTRIES.items()
}
GROUPS = tuple(_FILES)


def check_share(name: str, value: float) -> float:
    """Return the number; raise `ValueError` where it is none from 0 to 1."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1 or isinstance(value, str):
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to 1")
    return number


# ---- what an expression needs

# the course's own functions and classes by name, in the order of a script
OWN = {
    name: thing
    for file in (common, *_FILES.values())
    for name, thing in vars(file).items()
    if (inspect.isfunction(thing) or inspect.isclass(thing)) and thing.__module__ == file.__name__
}

_IMPORTS = {
    "math": "import math",
    "Callable": "from collections.abc import Callable",
    "kornia": "import kornia",
    "K": "import kornia.augmentation as K",
    "np": "import numpy as np",
    "skimage": "import skimage",
    "torch": "import torch",
    "nn": "from torch import Tensor, nn",  # OnBatch, which runs every own function, needs both
    "F": "from torch.nn import functional as F",
    "v2": "from torchvision.transforms import v2",
}


@functools.lru_cache(maxsize=512)
def names_in(code: str) -> frozenset[str]:
    """Return the names that `code` uses."""
    return frozenset(node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))


def imports_for(code: str) -> list[str]:
    """Return the import lines that `code` needs."""
    names = names_in(code)
    return [line for name, line in _IMPORTS.items() if name in names]


def evaluate(expression: str) -> nn.Module:
    """Make the transform of an expression; kornia and scikit-image load only where named."""
    namespace: dict[str, object] = dict(OWN)
    exec("\n".join(imports_for(expression)), namespace)
    with on_cpu():
        transform: nn.Module = eval(expression, namespace)
    return transform
