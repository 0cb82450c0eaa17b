"""Every effect of the course's own keeps its law, and the law refuses what is wrong.

The laws stand in `laws/`, in files that are named as those of the catalogue. Contrast stands with
color, the lost rows of a camera with noise, and the last group has three files: segmentation, masks
and mixing.
"""

import importlib
from pathlib import Path

import laws
import pytest
import torch
from laws import LAWS, MUTANTS, noisy, seeded, smooth
from torchvision.transforms import v2

from d2laug.gallery import EFFECTS, common
from d2laug.gallery.catalogue import OWN, names_in

for file in sorted(Path(laws.__file__).parent.glob("[a-z]*.py")):
    importlib.import_module(f"laws.{file.stem}")

# helpers that run another function: what one sees is that function's
PLUMBING = {"OnBatch", "mix", "on_arrays", "to_own_size", "back_to_size", "with_sides_divisible"}

# effects without a random number
CERTAIN = {
    *("low resolution", "average pooling", "max pooling", "median pooling", "min pooling"),
    *("equalize lightness", "defocus", "zoom blur", "mean shift", "Canny edges", "contour"),
    *("vignette", "chromatic aberration", "color bleeding", "bloom"),
    *("oil painting", "pencil", "halftone", "ink", "false colors"),
    *("superpixels", "blur in checkers"),
}


def right(name):
    """Return the effect of the catalogue as laws want it."""
    return seeded(lambda batch, strength: EFFECTS[name].make(strength)(batch))


def keeps(effect, name):
    """Return whether an effect passes for the one that the law `name` is about."""
    try:
        LAWS[name].check(effect)
    except AssertionError:
        return False
    return True


def test_each_has_a_law():
    own = {name for name, e in EFFECTS.items() if names_in(e.code()) & set(OWN) - PLUMBING}
    assert {name for name, effect in EFFECTS.items() if effect.library == "own"} < own
    missing, needless = sorted(own - set(LAWS)), sorted(set(LAWS) - own)
    assert not missing, f"add a law for each of them to tests/gallery/laws: {missing}"
    assert not needless, f"they have no function of our own, and so no law: {needless}"
    few = [name for name, law in LAWS.items() if len(law.wrong) < 2]
    assert not few, f"name two wrong effects or more that the law of each must refuse: {few}"


@pytest.mark.parametrize("name", LAWS)
def test_law_is_kept(name):
    LAWS[name].check(right(name))


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, mistake) for name, law in LAWS.items() for mistake in law.wrong]
)
def test_law_refuses_wrong_effects(name, mistake):
    effect = seeded(LAWS[name].wrong[mistake])
    assert effect(smooth(60, 60)).isfinite().all()  # wrong in the picture, not in the code
    assert not keeps(effect, name), f"the law of {name} takes {mistake!r}: let it ask for more"


@pytest.mark.parametrize("name", LAWS)
def test_law_refuses_mutants(name):
    accepted = [mistake for mistake, f in MUTANTS.items() if keeps(f(right(name)), name)]
    spared = list(LAWS[name].spared)
    assert accepted == spared, f"spared is {spared}, but the law of {name} takes {accepted}"


@pytest.mark.parametrize("name", LAWS)
def test_law_refuses_the_neighbors(name):
    """No other effect of the group, whosever it is, passes for this one."""
    group = [other for other, e in EFFECTS.items() if e.group == EFFECTS[name].group]
    alike = [other for other in group if other != name and keeps(right(other), name)]
    assert not alike, f"the law of {name} takes {alike} for it: let it ask for more"


@pytest.mark.parametrize("name", LAWS)
def test_draws(name):
    """What is random differs from seed to seed and within a batch; all else never does."""
    effect, one, other = right(name), smooth(), noisy()
    by_seed = [effect(torch.stack([one, other]), 1, seed)[0] for seed in (0, 1)]
    alike = torch.equal(*by_seed)
    hint = "CERTAIN names those that are, and no others"
    assert alike == (name in CERTAIN), f"{name} is alike for two seeds: {alike}; {hint}"
    first, _, third, _ = effect(torch.stack([one, other, one, other]))
    assert torch.equal(first, third) == (name in CERTAIN)
    if name in CERTAIN:
        assert torch.allclose(first, effect(one), atol=1e-6)


# ---- plumbing


def test_mix_goes_a_part_of_the_way():
    picture = noisy()[None]
    assert torch.equal(common.mix(picture, lambda x: 1 - x, 0), picture)
    assert torch.allclose(common.mix(picture, lambda x: 1 - x, 1), 1 - picture)
    assert torch.allclose(common.mix(picture, lambda x: 1 - x, 0.25), picture + 0.25 - picture / 2)
    # what lies beyond black and white does not shine through
    assert torch.allclose(common.mix(picture, lambda x, by: x + by, 0.5, by=7), picture / 2 + 0.5)


def test_sizes_are_kept():
    picture = smooth()[None]
    cropped = common.to_own_size(picture, v2.RandomCrop, padding=0)
    assert torch.equal(cropped, picture)
    assert common.to_own_size(picture, v2.Resize).shape == picture.shape
    halved = common.back_to_size(picture, v2.Resize([24, 30]))
    assert halved.shape == picture.shape
    assert 0 < (halved - picture).abs().mean() < 0.01
    seen = []

    def upside_down(batch):
        seen.append(batch.shape[-2:])
        return batch.flip(-2)

    stretched = common.with_sides_divisible(picture, upside_down, by=7)
    assert seen == [(49, 63)]
    assert (stretched - picture.flip(-2)).abs().mean() < 0.01
    assert torch.equal(common.with_sides_divisible(picture, upside_down, by=6), picture.flip(-2))


def test_arrays_have_their_channels_last():
    batch = torch.stack([noisy(), smooth()])
    seen = []

    def mirror(array, times):
        seen.append((array.shape, str(array.dtype)))
        return array[:, ::-1] * times

    assert torch.allclose(common.on_arrays(batch, mirror, times=0.5), batch.flip(-1) / 2)
    assert seen == 2 * [((48, 60, 3), "float64")]


def test_jigsaw_has_all_its_pieces():
    picture = noisy(50, 60)
    result = right("jigsaw")(picture)

    def pieces(picture):
        return picture.unfold(1, 10, 10).unfold(2, 12, 12).flatten(1, 2).flatten(2).transpose(0, 1)

    apart = torch.cdist(pieces(picture).flatten(1), pieces(result).flatten(1))
    assert ((apart < 1e-3).sum(0) == 1).all()
    assert ((apart < 1e-3).sum(1) == 1).all()
    assert (apart.argmin(0) != torch.arange(25)).sum() > 15
