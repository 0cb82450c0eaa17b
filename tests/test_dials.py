"""Dials in units of their own, and what an exported pipeline says of labels: both must be true."""

import re

import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug.gallery import EFFECTS, build, export
from d2laug.gallery.dials import dial, labels
from d2laug.gallery.pipeline import suggest

NAMES = list(EFFECTS)
SIZE = 32, 48


@pytest.mark.parametrize("name", NAMES)
def test_a_dial_moves_with_its_strength(name):
    assert dial(name, 0) == "off"
    words = [dial(name, strength) for strength in (0.2, 1)]
    assert len({*words, "off"}) == 3
    for text in words:
        assert re.search(r"\d", text)
        assert "nan" not in text


def drawn(name, strength, key):
    """What the transform of torchvision draws, 300 times."""
    transform = build([(name, strength, 1)]).transforms[0]
    picture = torch.zeros(3, 100, 200, dtype=torch.uint8)
    torch.manual_seed(0)
    return [transform.make_params([picture])[key] for _ in range(300)]


def test_a_dial_says_what_the_transform_draws():
    assert dial("rotate", 0.8) == "±36°"
    assert 34 < max(map(abs, drawn("rotate", 0.8, "angle"))) <= 36
    assert dial("hue", 0.5) == "hue ±90°"
    assert 80 < max(map(abs, drawn("hue", 0.5, "hue_factor"))) * 360 <= 90
    assert dial("brightness", 0.5) == "brightness ×0.60 to ×1.40"
    light = drawn("brightness", 0.5, "brightness_factor")
    assert 0.6 <= min(light) < 0.65
    assert 1.35 < max(light) <= 1.4
    assert dial("shift", 0.5) == "±20% of the sides"
    assert 35 < max(abs(x) for x, _ in drawn("shift", 0.5, "translate")) <= 40
    assert dial("solarize", 1) == "from 76 of 255 levels"
    ramp = torch.arange(256, dtype=torch.uint8).expand(3, 1, 256)
    changed = (EFFECTS["solarize"].make(1.0)(ramp) != ramp)[0, 0].nonzero()[0].item()
    assert abs(changed - 76) <= 1
    assert dial("defocus", 0.5) == "radius 3.0 pixels"
    spot = torch.zeros(3, 41, 41)
    spot[:, 20, 20] = 1
    assert (EFFECTS["defocus"].make(0.5)(spot)[0, 20] > 0).sum() == 2 * 3 + 1


def test_a_dial_of_several_numbers():
    assert dial("affine", 1) == "±30°, ±20% of the sides, size ×0.60 to ×1.40, shear ±20°"
    assert dial("color shift", 1) == "±102 of 255 levels"  # three alike are said once
    assert dial("color temperature", 1) == "3000 to 15000 K"
    with pytest.raises(ValueError, match="strength is 2"):
        dial("rotate", 2)


def labelled():
    image = torch.randint(0, 255, (3, *SIZE), generator=torch.Generator().manual_seed(0))
    mask = torch.zeros(1, *SIZE, dtype=torch.uint8)
    mask[:, 4:12, 6:16] = 1
    box = tv_tensors.BoundingBoxes([[6, 4, 16, 12]], format="XYXY", canvas_size=SIZE)
    points = tv_tensors.KeyPoints([[6, 4]], canvas_size=SIZE)
    return tv_tensors.Image(image.to(torch.uint8)), tv_tensors.Mask(mask), box, points


@pytest.mark.filterwarnings("ignore:RandomErasing")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [1, 2, 3], ids=["mask", "box", "point"])
def test_what_is_said_of_labels_is_what_happens(name, kind):
    said, step = labels(EFFECTS[name].code(1.0)), build([(name, 1, 1)])
    sample = labelled()
    torch.manual_seed(1)
    if said.startswith(("the picture alone", "refuses")):
        with pytest.raises(TypeError):
            step(sample[0], sample[kind])
        return
    _, moved = step(sample[0], sample[kind])
    moves = not torch.equal(moved.as_subclass(torch.Tensor), sample[kind].as_subclass(torch.Tensor))
    assert moves == (said == "labels move along")


def moved_share(effect, seed):
    """The share of a small mark's trace, in a picture, that is found where the mark is not."""
    before = torch.full((3, 96, 96), 0.4)
    after = before.clone()
    after[:, 8:18, 6:16] = 0.6
    results = []
    for picture in (before, after):
        torch.manual_seed(seed)
        results.append(effect(picture))
    trace = (results[1] - results[0]).abs().sum(0)
    near = trace[7:19, 5:17].sum()
    return 1 - near / trace.sum() if trace.sum() > 0 else torch.tensor(0.0)


MOVED = [n for n in NAMES if "NOT moved" in labels(EFFECTS[n].code(1.0))]
KEPT = ["fog", "color shift", "gamma", "speckle", "Gaussian noise", "lost rows", "exposure"]
KEPT += ["frost", "vignette", "night", "half shadow", "rain", "plasma shadow"]


@pytest.mark.parametrize("name", [*MOVED, *KEPT])
def test_pixels_move_where_labels_should_have(name):
    effect = EFFECTS[name].make(1.0)
    most = max(moved_share(effect, seed) for seed in range(8))
    assert (most > 0.1) == (name in MOVED), most


def test_an_exported_pipeline_speaks_of_labels():
    steps = [("rotate", 0.5, 1), ("invert", 1, 0.5), ("waves", 0.5, 1), ("fog", 0.5, 1)]
    script = export(steps)
    said = re.findall(r"^        (?:v2|OnBatch).*,  # (.*)$", script, re.MULTILINE)
    assert said == [
        "labels move along",
        "labels stay",
        "the picture alone; labels are NOT moved",
        "the picture alone; labels stay",
    ]
    assert "# labels: masks, boxes and points, as tv_tensors beside the picture" in script
    # and the first two steps, as a script makes them, do move a mask
    variables: dict[str, object] = {}
    exec(export([("rotate", 1, 1), ("invert", 1, 1)]), variables)
    image, mask, *_ = labelled()
    torch.manual_seed(1)
    _, turned = variables["transform"](image, mask)
    assert isinstance(turned, tv_tensors.Mask)
    assert not torch.equal(turned, mask)
    assert isinstance(variables["v2"], type(v2))


@pytest.mark.parametrize(
    ("given", "meant"),
    [("gausian", "Gaussian blur"), ("rotat", "rotate"), ("Invret", "invert"), ("jepg", "JPEG")],
)
def test_a_misspelt_name_has_a_suggestion(given, meant):
    assert meant in suggest(given, EFFECTS)
    with pytest.raises(
        ValueError, match=f"no effect is called '{given}'; did you mean .*'{meant}'"
    ):
        build([(given, 1, 1)])
