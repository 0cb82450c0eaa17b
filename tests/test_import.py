"""What an import of the package brings along, and which names it has."""

import importlib
import pkgutil
import subprocess
import sys

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import d2laug

ALONE = """
import sys
before = set(sys.modules)
import d2laug
print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)

import torch, torchvision.transforms.v2
beneath = set(sys.modules)
allowed = {name.partition(".")[0] for name in beneath} | sys.stdlib_module_names

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError(f"{name} is blocked")

sys.meta_path.insert(0, Refuse())
for name in ("matplotlib", "ipywidgets", "kornia", "skimage", "accelerate", "safetensors"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        assert name not in sys.modules
    else:
        raise AssertionError(f"{name} is not blocked")

d2laug.augment.RandomCrop
import d2laug.augment
print(*sorted(set(sys.modules) - beneath))

batch = torch.randint(256, (4, 3, 50, 50), dtype=torch.uint8)
for name in d2laug.augment.__all__:
    kind = getattr(d2laug.augment, name)
    if isinstance(kind, type):
        transform = kind(8) if "Crop" in name else kind()
        for images in (batch, batch[..., :20, :20] / 255):
            transform.describe(images, transform.make_params(images))
            transform(images)
assert "matplotlib" not in sys.modules
"""


def test_who_only_augments_needs_torch_and_torchvision_alone():
    """Everything is blocked that these two do not import, and nothing of the rest is loaded."""
    result = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    package, augment = result.stdout.splitlines()
    assert package == "d2laug"
    rooms = ["", ".base", ".color", ".geometry", ".light"]
    assert augment.split() == [f"d2laug.augment{room}" for room in rooms]


def test_every_room_and_name_is_an_attribute():
    rooms = {module.name for module in pkgutil.iter_modules(d2laug.__path__)}
    assert rooms < set(dir(d2laug))
    assert dir(d2laug) == sorted(d2laug.__all__)
    for name in dir(d2laug):
        value = getattr(d2laug, name)
        if name in rooms:
            assert value is importlib.import_module(f"d2laug.{name}")
        else:
            assert value in (getattr(d2laug.data, name, None), getattr(d2laug.show, name, None))


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'd2laug' has no attribute 'agument'"):
        d2laug.__getattr__("agument")
    with pytest.raises(ImportError, match="agument"):
        from d2laug import agument  # noqa: F401


@pytest.mark.parametrize("jedi", [False, True])
def test_names_are_completed(jedi):
    completer = IPCompleter(namespace={"d2laug": d2laug}, use_jedi=jedi)
    with provisionalcompleter():
        found = {one.text.lstrip(".") for one in completer.completions("d2laug.", 7)}
    assert set(dir(d2laug)) <= found
    assert not [name for name in found if name.startswith("_") and not name.startswith("__")]
