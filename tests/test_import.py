"""What an import of the package brings along, and which names it has."""

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import d2laug

ALONE = """
import sys
before = set(sys.modules)
import d2laug
print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)

import torch, torchvision.transforms.v2
beneath = set(sys.modules)
allowed = {name.partition(".")[0] for name in beneath} | sys.stdlib_module_names
allowed |= {"numba", "llvmlite"}

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

assert "numba" not in sys.modules
crop = d2laug.augment.RandomCrop(8)
crop(torch.rand(4, 3, 9, 9))
assert "numba" not in sys.modules
crop(torch.zeros(4, 3, 9, 9, dtype=torch.uint8))
assert "numba" in sys.modules
import d2laug.augment.loops.__main__ as all_loops
all_loops.main()
assert "matplotlib" not in sys.modules
"""


def test_who_only_augments_needs_torch_torchvision_and_numba_alone():
    """All else is blocked that these do not import; Numba comes with the first levels."""
    result = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    package, augment = result.stdout.splitlines()
    assert package == "d2laug"
    assert set(augment.split()) >= {f"d2laug.augment{room}" for room in ("", ".base", ".color")}
    assert all(name.startswith("d2laug.augment") for name in augment.split())
    assert "d2laug.augment.loops" not in augment.split()


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import torch, warnings
from d2laug import augment
batch = torch.randint(256, (4, 3, 9, 9), dtype=torch.uint8)
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    for transform in (augment.RandomHorizontalFlip(), augment.ColorJitter(hue=0.1)) * 2:
        assert transform(batch).dtype == torch.uint8
print(*(warning.message for warning in caught))
"""


def test_without_numba_the_form_in_tensors_serves_and_says_so_once():
    command = [sys.executable, "-c", WITHOUT_NUMBA]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Numba cannot be imported") == 1
    assert result.stdout.count("Install the package numba") == 1


def test_every_room_and_name_is_an_attribute():
    rooms = {module.name for module in pkgutil.iter_modules(d2laug.__path__)} - {"__main__"}
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


COMPLETED = """
import json, sys
import d2laug
from IPython.core.completer import IPCompleter, provisionalcompleter
found = {}
for place in sys.argv[1:]:
    for jedi in (False, True):
        completer = IPCompleter(namespace={"d2laug": d2laug}, use_jedi=jedi)
        with provisionalcompleter():
            names = [one.text.lstrip(".") for one in completer.completions(place, len(place))]
        found[f"{place} jedi={jedi}"] = names
print(json.dumps(found))
"""


def files(room):
    return {file.stem for file in Path(room.__path__[0]).glob("[a-z]*.py")}


# What Tab must offer after each, in a Python that has used none of it: all, or these and others.
ALL = {
    "": set(d2laug.__all__),
    "cli": {*d2laug.cli.__all__, *files(d2laug.cli)},
    "draws": {"record_draws"},
    "pages": files(d2laug.pages),
    "sound": {"decibels", "hear", "mix", "to_array", "to_wav"},
    "widgets": files(d2laug.widgets),
}
SOME = {
    "augment": {*d2laug.augment.__all__, "geometry", "loops"},
    "check": {*d2laug.check.__all__, "guess", "progress"},
    "data": {*d2laug.data.__all__, "common", "files"},
    "gallery": {*d2laug.gallery.__all__, "dials", "weather"},
    "show": {*d2laug.show.__all__, "charts", "grids", "picture"},
    "train": {*d2laug.train.__all__, "checks", "loop", "weights"},
}


def test_names_are_completed():
    places = [f"d2laug.{room}.".replace("..", ".") for room in ALL | SOME]
    command = [sys.executable, "-c", COMPLETED, *places]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert len(found) == 2 * len(ALL | SOME)
    for place, room in zip(places, ALL | SOME, strict=True):
        for jedi in (False, True):
            names = {n for n in found[f"{place} jedi={jedi}"] if not n.startswith("__")}
            assert names == ALL[room] if room in ALL else names >= SOME[room], (place, jedi)
            assert not [name for name in names if name.startswith("_")]


def test_every_command_is_offered():
    (commands,) = d2laug.cli.make_parser()._subparsers._group_actions
    assert {"check", "lab", "slides"} <= set(commands.choices) < set(dir(d2laug.cli))


@pytest.mark.parametrize("room", ["augment", "cli", "pages", "widgets"])
def test_files_are_loaded_where_they_are_first_used(room):
    code = f"import sys, d2laug; d2laug.{room}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    files = {"augment": "loops", "cli": "preflight", "pages": "deck", "widgets": "explore"}
    assert f"d2laug.{room}" in result.stdout.split()
    assert f"d2laug.{room}.{files[room]}" not in result.stdout.split()
    assert getattr(getattr(d2laug, room), files[room]).__name__.endswith(files[room])
    with pytest.raises(AttributeError, match=f"module 'd2laug.{room}' has no attribute 'agument'"):
        getattr(getattr(d2laug, room), "agument")  # noqa: B009 - a type checker would refuse it
