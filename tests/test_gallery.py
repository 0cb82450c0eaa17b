"""The catalogue: every effect keeps its promises, and exported code gives the very same pixels."""

import ast
import inspect
import pathlib
import pickle
import random
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from torchvision.transforms import v2

from d2laug.data import drinks
from d2laug.gallery import EFFECTS, GROUPS, build, catalogue, common, export, mixing
from d2laug.gallery.catalogue import OWN, names_in
from d2laug.show import show_wall

NAMES = list(EFFECTS)


def run(transform, image, seed=0):
    torch.manual_seed(seed)
    return transform(image)


def execute(script):
    """Run an exported script in an empty namespace and return its transform."""
    namespace = {}
    exec(script, namespace)
    return namespace["transform"]


@pytest.fixture(scope="module")
def picture():
    """One drink, 32 x 32 pixels, uint8."""
    return v2.functional.resize(drinks("lab/test", tensors=True)[0][5], [32, 32])


def random_picture(*shape, dtype=torch.float32):
    picture = torch.rand(*shape, generator=torch.Generator().manual_seed(0))
    return v2.functional.to_dtype(picture, dtype, scale=True)


# one of each: a single picture and a batch, tiny and odd sizes, whole numbers and floats
PICTURES = {
    "one, 8 x 8": random_picture(3, 8, 8, dtype=torch.uint8),
    "one, 9 x 13, float": random_picture(3, 9, 13),
    "one, 24 x 17, double": random_picture(3, 24, 17, dtype=torch.float64),
    "batch of three, 8 x 8, float": random_picture(3, 3, 8, 8),
    "batch of one, 21 x 16": random_picture(1, 3, 21, 16, dtype=torch.uint8),
    "two batches of two, 11 x 10": random_picture(2, 2, 3, 11, 10, dtype=torch.uint8),
    "not contiguous": random_picture(3, 16, 24, dtype=torch.uint8).transpose(1, 2),
}


def test_number_of_effects():
    assert len(EFFECTS) >= 80
    assert len(GROUPS) == 12
    assert {effect.group for effect in EFFECTS.values()} == set(GROUPS)
    assert all(sum(e.group == group for e in EFFECTS.values()) >= 5 for group in GROUPS)


@pytest.mark.parametrize("name", NAMES)
def test_entry(name):
    effect = EFFECTS[name]
    assert effect.name == name
    assert effect.breaks_label.startswith("Breaks the label ")
    assert effect.breaks_label.endswith(".")
    assert effect.breaks_label.count(".") == 1
    assert len(effect.code()) < 250


def test_names_fit_the_wall():
    """One wall of all effects fills at most 16 x 9 tiles, and no name runs into the next tile."""
    white = torch.ones(3, 7, 8)
    groups = {g: {n: white for n, e in EFFECTS.items() if e.group == g} for g in GROUPS}
    figure = show_wall(groups).figure
    assert figure.get_size_inches()[1] <= 9 * 0.84
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.axes[0].texts:
        assert text.get_window_extent(renderer).width <= 84, text.get_text()
        assert text.get_fontsize() >= 4.5, text.get_text()


# the helpers that only run another library's function
PLUMBING = {"OnBatch", "mix", "on_arrays", "to_own_size", "back_to_size", "with_sides_divisible"}


@pytest.mark.parametrize("name", NAMES)
def test_library(name):
    """The library that is named is the one that the code uses, and own code is the last resort."""
    code = EFFECTS[name].code()
    script = export([(name, 1, 1)])
    used = {
        "own": any(own in names_in(code) for own in set(OWN) - PLUMBING),
        "kornia": "kornia" in script,
        "scikit-image": "skimage" in script,
        "torchvision": "v2." in code,
    }
    assert used[EFFECTS[name].library], code
    if EFFECTS[name].library in ("torchvision", "kornia"):
        # canny_edges is one line, which chooses the second of the function's two results
        assert names_in(code) & set(OWN) <= PLUMBING | {"canny_edges"}


FILES = [pathlib.Path(file.__file__) for file in catalogue._FILES.values()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_function_stands_before_its_entry(path):
    """Reading on from a function of a group, the next entry is one that needs it."""
    waiting, seen = [], set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            waiting.append(node.name)
        elif isinstance(node, ast.Assign):  # ENTRIES["a name"] = ...
            name = ast.literal_eval(node.targets[0].slice)
            assert name not in seen, f"{name}: two entries"
            seen.add(name)
            script = export([(name, 1, 1)])
            assert all(f"def {function}(" in script for function in waiting), (name, waiting)
            waiting = []
    assert not waiting, f"write an entry, ENTRIES[...], under what no effect uses: {waiting}"
    assert sorted(seen) == sorted(
        name for name, e in EFFECTS.items() if catalogue._FILES[e.group].__file__ == str(path)
    )


def test_every_name_once():
    """No effect and no function hides one of another file."""
    assert sum(len(file.ENTRIES) for file in catalogue._FILES.values()) == len(EFFECTS)
    defined = [
        node.name
        for path in (pathlib.Path(common.__file__), *FILES)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    assert sorted(defined) == sorted(OWN)


def test_hints():
    """All parameters and results of own functions say what they are."""
    for name, thing in OWN.items():
        function = thing.__init__ if isinstance(thing, type) else thing
        signature = inspect.signature(function)
        hints = [p.annotation for n, p in signature.parameters.items() if n != "self"]
        assert inspect.Signature.empty not in [*hints, signature.return_annotation], name


def test_no_idle_code():
    """Every function of the course's own is used by some effect."""
    exported = "\n".join(export([(name, 1, 1)]) for name in NAMES)
    for name in OWN:
        used = f"def {name}(" in exported or f"class {name}(" in exported
        assert used, f"no effect uses {name}: write its entry, or remove it"


@pytest.mark.parametrize("name", NAMES)
def test_strength_0_changes_nothing(name):
    for image in PICTURES.values():
        assert torch.equal(EFFECTS[name].make(0)(image), image)
    assert torch.equal(run(build([(name, 0, 1), (name, 0, 0.5)]), image), image)


@pytest.mark.parametrize("name", NAMES)
def test_shape_dtype_and_range_are_kept(name):
    for kind, image in PICTURES.items():
        before = image.clone()
        for strength in (1e-6, 0.5, 1):
            result = run(EFFECTS[name].make(strength), image)
            assert type(result) is torch.Tensor, kind
            assert (result.shape, result.dtype) == (image.shape, image.dtype), kind
            if image.is_floating_point():
                assert result.isfinite().all(), kind
                assert result.min() >= -1e-5, kind
                assert result.max() <= 1 + 1e-5, kind
        assert torch.equal(image, before), f"{kind}: changed in place"


@pytest.mark.parametrize("name", NAMES)
def test_seed_decides(name, picture):
    transform = EFFECTS[name].make(0.7)
    for image in (picture, torch.stack([picture, picture.flip(-2)]) / 255):
        first = run(transform, image, seed=3)
        assert torch.equal(run(transform, image, seed=3), first)
        assert torch.equal(run(EFFECTS[name].make(0.7), image, seed=3), first)


@pytest.mark.parametrize("name", NAMES)
def test_full_strength_changes_something(name, picture):
    for image in (picture, picture / 255, torch.stack([picture, picture.flip(-2)])):
        results = [run(EFFECTS[name].make(1), image, seed) for seed in range(4)]
        assert sum(not torch.equal(result, image) for result in results) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_little_changes_less_than_all(name, picture):
    """The dial means something: over several draws, 0.1 is nearer to the picture than 1."""
    image = picture / 255

    def mean_change(strength):
        transform = EFFECTS[name].make(strength)
        return sum((run(transform, image, seed) - image).abs().mean() for seed in range(8))

    if name not in ("kaleidoscope", "jigsaw"):  # the fewest mirrors, or pieces, change most already
        assert mean_change(0.1) < mean_change(1)


@pytest.mark.parametrize("name", NAMES)
def test_uint8_and_float_look_the_same(name, picture):
    """The same seed gives the same change, whatever the dtype."""
    whole = run(EFFECTS[name].make(0.6), picture).float() / 255
    real = run(EFFECTS[name].make(0.6), picture / 255)
    assert (whole - real).abs().mean() < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_transforms_can_be_sent_to_workers(name, picture):
    transform = EFFECTS[name].make(0.5)
    assert torch.equal(run(pickle.loads(pickle.dumps(transform)), picture), run(transform, picture))


@pytest.mark.parametrize(
    "name", ["Gaussian noise", "dropout", "shot noise", "colored light", "Voronoi", "glass blur"]
)
def test_own_numbers_for_each_picture(name, picture):
    """Two equal pictures in a batch are changed in two ways."""
    first, second = run(EFFECTS[name].make(1), torch.stack([picture, picture]))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", ["MixUp", "CutMix", "patch mix"])
def test_partner(name):
    """A batch is mixed with its neighbor, one picture with its own mirror image."""
    black, white = torch.zeros(3, 16, 16), torch.ones(3, 16, 16)
    assert run(EFFECTS[name].make(1), torch.stack([black, white]))[0].max() > 0.2
    half = torch.cat([black[..., :8], white[..., 8:]], -1)
    assert torch.equal(mixing.partner(half[None])[0], half.flip(-1))
    assert not torch.equal(run(EFFECTS[name].make(1), half), half)


# ---- exported code


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [0.4, 1])
def test_exported_effect(name, strength, picture):
    """In an empty notebook the code gives the very pixels, one picture or a batch."""
    steps = [(name, strength, 1)]
    exported, built = execute(export(steps)), build(steps)
    for image in (picture, torch.stack([picture / 255, picture.flip(-2) / 255])):
        for transform in (built, EFFECTS[name].make(strength)):
            assert torch.equal(run(exported, image), run(transform, image))


def random_steps(seed):
    draw = random.Random(seed)
    return [
        (
            draw.choice(NAMES),
            draw.choice([0, 0.25, draw.random(), 1]),
            draw.choice([1, draw.random()]),
        )
        for _ in range(draw.randint(0, 6))
    ]


@pytest.mark.parametrize("seed", range(200))
def test_exported_pipeline(seed, picture):
    steps = random_steps(seed)
    expected = run(build(steps), picture, seed)
    assert torch.equal(run(execute(export(steps)), picture, seed), expected)


def test_exported_code_runs_without_the_course(tmp_path):
    """Another Python process, in another folder, that cannot import d2laug."""
    steps = [("fog", 0.7, 1), ("cartoon", 1, 0.9), ("superpixels", 0.5, 1), ("CLAHE", 1, 1)]
    script = "import sys; sys.modules['d2laug'] = None\n" + export(steps)
    script += "torch.manual_seed(1)\nprint(transform(torch.full((3, 16, 16), 0.5)).sum().item())\n"
    (tmp_path / "script.py").write_text(script)
    result = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    expected = run(build(steps), torch.full((3, 16, 16), 0.5), seed=1).sum().item()
    assert float(result.stdout) == expected


def test_all_at_once():
    """All definitions together are one script: no name of one hides another."""
    script = export([(name, 0.5, 1) for name in NAMES])
    assert "d2laug" not in script
    assert len(execute(script).transforms) == len(EFFECTS)
    for name in OWN:
        times = script.count(f"def {name}(") + script.count(f"class {name}(")
        assert times == 1, f"{name} is defined {times} times among all effects: once is right"


def test_scripts_read_well(tmp_path):
    """An exported script imports and defines what it uses, and nothing else."""
    for i, name in enumerate(NAMES):
        (tmp_path / f"effect_{i}.py").write_text(export([(name, 0.5, 1)]))
    (tmp_path / "all.py").write_text(export([(name, 0.5, 1) for name in NAMES]))
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F,E4,E7,E9", "."]
    result = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_plain_code_stays_plain():
    """What torchvision has needs one import line and nothing of ours."""
    plain = [name for name in NAMES if EFFECTS[name].code().startswith("v2.")]
    assert len(plain) >= 20
    script = export([(name, 0.5, 0.5) for name in plain])
    head, comment, last = script.split("\n", 3)[0], *script.split("\n", 4)[2:4]
    assert head == "from torchvision.transforms import v2"
    assert comment.startswith("# labels")
    assert last == "transform = v2.Compose("


def test_steps_of_a_pipeline_in_their_order():
    steps = [("invert", 1, 1), ("rotate", 0.5, 0.25)]
    assert export(steps).index("RandomInvert") < export(steps).index("RandomRotation")
    first, second = build(steps).transforms
    assert isinstance(first, v2.RandomInvert)
    assert isinstance(second, v2.RandomApply)
    assert second.p == 0.25
    assert isinstance(build([]).transforms[0], v2.Identity)


def test_probability():
    image = torch.zeros(3, 4, 4)
    transform = build([("invert", 1, 0.3)])
    torch.manual_seed(0)
    changed = sum(transform(image).max().item() for _ in range(300)) / 300
    assert 0.2 < changed < 0.4
    assert torch.equal(run(build([("invert", 1, 0)]), image), image)


# ---- what cannot be done

BAD_STRENGTHS = [-0.1, 1.1, float("nan"), float("inf"), "0.5", None, [0.5], 2]


@pytest.mark.parametrize("strength", BAD_STRENGTHS)
def test_bad_strength(strength):
    for use in (EFFECTS["fog"].make, EFFECTS["fog"].code):
        with pytest.raises(ValueError, match=r"strength is .*; expected a number from 0 to 1"):
            use(strength)
    for use in (build, export):
        with pytest.raises(ValueError, match="strength is"):
            use([("fog", strength, 1)])
        with pytest.raises(ValueError, match="probability is"):
            use([("fog", 1, strength)])


@pytest.mark.parametrize(
    ("steps", "error", "words"),
    [
        ([("mirage", 1, 1)], ValueError, "no effect is called 'mirage'; the names are the keys"),
        ([("", 1, 1)], ValueError, "no effect is called ''; the names are the keys of EFFECTS"),
        ([("rotation", 1, 1)], ValueError, "'rotation'; did you mean 'rotate'.*\\? The names are"),
        ([("ROTATE", 1, 1)], ValueError, "'ROTATE'; did you mean 'rotate'"),
        ([("jpeg", 1, 1)], ValueError, "'jpeg'; did you mean 'JPEG'"),
        ([("gaussian-noise", 1, 1)], ValueError, "did you mean 'Gaussian noise'.*\\? The"),
        ([("flip", 1, 1)], ValueError, "'flip'; did you mean 'flip left-right' or 'flip top-b"),
        ([("fog", 1)], TypeError, "expected \\(name, strength, probability\\)"),
        ([("fog", 1, 1, 1)], TypeError, "expected \\(name, strength, probability\\)"),
        ([(1, "fog", 1)], TypeError, "expected \\(name, strength, probability\\)"),
        (["fog"], TypeError, "a step is 'fog'"),
        (("fog", 1, 1), TypeError, "a step is 'fog'"),
        ([None], TypeError, "a step is None"),
    ],
)
def test_bad_steps(steps, error, words):
    for use in (build, export):
        with pytest.raises(error, match=words):
            use(steps)


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((8, 8, 3)), TypeError, "ndarray given, but a tensor expected"),
        (torch.zeros(8, 8), ValueError, r"shape \[8, 8\] given"),
        (torch.zeros(1, 8, 8), ValueError, r"shape \[1, 8, 8\] given"),
        (torch.zeros(4, 8, 8), ValueError, r"shape \[4, 8, 8\] given"),
        (torch.zeros(8, 8, 3), ValueError, r"\[..., 3, H, W\] expected"),
        (torch.zeros(3, 8, 8, dtype=torch.int64), TypeError, "torch.int64 given"),
        (torch.zeros(3, 8, 8, dtype=torch.bool), TypeError, "torch.bool given"),
        (torch.full((3, 8, 8), 255.0), ValueError, "values from 255 to 255 given"),
        (torch.full((3, 8, 8), -1.0), ValueError, "values from -1 to -1 given"),
        (torch.full((3, 8, 8), float("nan")), ValueError, "nan"),
    ],
)
def test_bad_pictures(image, error, words):
    names = ["fog", "rain", "superpixels", "crop"]
    names += ["rotate"] if not isinstance(image, PIL.Image.Image) else []  # it takes these too
    for name in names:
        with pytest.raises(error, match=words):
            EFFECTS[name].make(0.5)(image)


def test_pil_images():
    """torchvision's own transforms take them; what is ours says what to do first."""
    image = PIL.Image.new("RGB", (8, 8))
    assert EFFECTS["rotate"].make(0.5)(image).size == (8, 8)
    for name in ("fog", "rain", "superpixels", "crop"):
        with pytest.raises(TypeError, match=r"v2\.ToImage"):
            EFFECTS[name].make(0.5)(image)


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (3, 0, 8), (2, 3, 8, 0)])
def test_no_pixels(shape):
    for name in ("fog", "rain", "superpixels", "crop"):
        assert EFFECTS[name].make(0.5)(torch.zeros(shape)).shape == shape


def test_import_is_light():
    """The catalogue loads kornia and scikit-image with the first effect that needs them."""
    code = """
import sys
import torch
from torchvision.transforms import v2
before = set(sys.modules)
import d2laug.gallery as g
new = {m.split(".")[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)
assert new == {"d2laug"}, new
heavy = lambda: [m for m in ("kornia", "skimage", "scipy", "matplotlib") if m in sys.modules]
picture = torch.full((2, 3, 8, 8), 0.5)
needy = []
for name in g.EFFECTS:
    script = g.export([(name, 0.5, 1)])
    if "kornia" in script or "skimage" in script:
        needy.append(name)
    else:
        g.build([(name, 0.5, 1)])(picture)
assert not heavy(), heavy()
assert 30 < len(needy) < 45, needy
g.EFFECTS["sepia"].make(1)
assert heavy() == ["kornia"], heavy()
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
