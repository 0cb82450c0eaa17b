"""The pictures to choose from in the builder, each with the code that loads it elsewhere."""

import os

from torch import Tensor

from d2laug import data

GRAY = ("camera", "text")  # photos whose files have one channel
# A picture `[3, H, W]`, and the code that makes it, imports first.
Source = tuple[Tensor, list[str]]


def names() -> list[str]:
    """Return what `load` can load: the photos, and the drinks where they are."""
    try:
        return [*data.PHOTOS, *data.drinks("lab/test").classes]
    except FileNotFoundError:  # the package without the repository around it
        return list(data.PHOTOS)


def load(name: str) -> Source:
    """Return a photo or a drink. Raises `OSError` for a damaged one."""
    if name in data.PHOTOS:
        function = data.PHOTOS[name].partition(".")[0]
        to_tensor = "repeat(3, 1, 1)" if name in GRAY else "permute(2, 0, 1).contiguous()"
        code = f"picture = torch.from_numpy(skimage.data.{function}()).{to_tensor}"
        return data.photo(name).contiguous(), ["import skimage", code]
    folder = data.drinks("lab/test")
    path, _ = folder.samples[folder.targets.index(folder.class_to_idx[name])]
    near = os.path.relpath(path).replace(os.sep, "/")
    code = f"picture = v2.functional.pil_to_tensor(Image.open({near!r})).contiguous()"
    return data.drink(name).contiguous(), ["from PIL import Image", code]


def recipe(source: Source, reduced: Tensor, script: str, seed: int, samples: int) -> str:
    """Return the lines that make the pictures shown, to follow the script of `transform`."""
    whole, (*imports, code) = source
    imports = [line for line in (*imports, "import torch") if line not in script]
    lines = ["", "# the eight pictures shown", *imports, *[""] * bool(imports), code]
    if reduced.shape != whole.shape:
        lines.append(f"picture = v2.functional.resize(picture, {list(reduced.shape[1:])})")
    lines.append(f"torch.manual_seed({seed})")
    return "\n".join([*lines, f"pictures = [transform(picture) for _ in range({samples})]", ""])
