"""The renderer of the drinks: it makes the committed files again, and says what is wrong."""

import dataclasses
import io
import os

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def render(project):
    """The modules in data/render, with `drinks.ALL` as it is restored after each test."""
    pytest.importorskip("mitsuba", reason="needs Mitsuba: pip install 'd2laug[render]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "data/render")
        import drinks
        import labels
        import make
        import scene
        import splits

        modules = (drinks, labels, make, scene, splits)
        yield type("Render", (), {module.__name__: module for module in modules})


def again(render, name):
    """The committed picture's shot, rendered anew, as the JPEG file would be."""
    shot = {file: shot for file, _, _, shot in render.splits.plan()}[name]
    data = render.scene.jpeg(render.scene.render(shot))
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    "name",
    [
        "lab/train/coffee_cup/0079.jpg",
        "light/2500/lime_bottle/0007.jpg",
        "turned/milk_carton/0011.jpg",
        "show/test/cola_can/0039.jpg",
        "second_hall/juice_bottle/0003.jpg",
        "pairs/hue/train/lemon_soda/0000.jpg",
    ],
)
def test_files_are_made_again_from_their_seeds(render, project, name):
    with Image.open(project / "data/drinks" / name) as image:
        committed = np.asarray(image).astype(int)
    made = np.asarray(again(render, name)).astype(int)
    # The same processor gives the same bytes; another one may round some light paths differently.
    assert np.abs(made - committed).mean() < 3


def test_another_seed_is_another_picture(render):
    one, other = (render.splits.shot("lab/test", "cola_can", k) for k in (0, 1))
    assert one.seed != other.seed
    a, b, c = (np.asarray(render.scene.render(s, 24, 4)) for s in (one, one, other))
    assert np.array_equal(a, b)
    assert np.abs(a.astype(int) - c).mean() > 3


def test_black_bodies_have_one_luminance_and_warm_with_less_kelvin(render):
    def white(kelvin):
        shot = render.scene.Shot("milk_carton", kelvin=kelvin)
        return np.asarray(render.scene.render(shot, 32, 16)).astype(float).mean((0, 1))

    cold, warm = white(6500), white(2500)
    assert warm[0] / warm[2] > 2 * cold[0] / cold[2]
    assert abs(warm @ [0.2126, 0.7152, 0.0722] / (cold @ [0.2126, 0.7152, 0.0722]) - 1) < 0.2


def test_make_resumes_and_mends(render, tmp_path):
    arguments = ["--out", str(tmp_path), "--only", "lab/test/cola_can", "--first", "2"]
    arguments += ["--size", "16", "--spp", "1", "--workers", "1"]
    render.make.main(arguments)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert files == ["lab/test/cola_can/0000.jpg", "lab/test/cola_can/0001.jpg", "metadata.csv"]
    first, second = (tmp_path / name for name in files[:2])
    before = first.read_bytes()
    kept = second.stat().st_mtime_ns
    first.write_bytes(before[:100])
    render.make.main(arguments)
    assert first.read_bytes() == before
    assert second.stat().st_mtime_ns == kept
    assert len((tmp_path / "metadata.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "0"], "--size: must be a whole number of 1 or more, not '0'"),
        (["--size", "9.5"], "--size: must be a whole number"),
        (["--spp", "-3"], "--spp: must be a whole number of 1 or more, not '-3'"),
        (["--workers", "0"], "--workers: must be"),
        (["--only", "lab/test/beer"], "'lab/test/beer' fits no picture; splits are lab/train"),
        (["--only", "lab/te"], "fits no picture"),
    ],
)
def test_wrong_arguments(render, tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit):
        render.make.main(["--out", str(tmp_path / "none"), *arguments])
    assert message in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drink": "beer"}, "unknown drink 'beer'; known are cherry_can"),
        ({"kelvin": -2700}, "kelvin must be from 1000 to 40000, not -2700"),
        ({"kelvin": float("nan")}, "kelvin must be"),
        ({"desk": "carpet"}, "desk must be one of matte, .*, not 'carpet'"),
        ({"strips": -1}, "strips must be 0 or more"),
        ({"distance": 5}, "distance at least 20 cm"),
        ({"angle": 90}, "angle must lie between 0 and 80"),
    ],
)
def test_wrong_shots(render, change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(render.scene.Shot("cola_can"), **change)


@pytest.mark.parametrize("change", [{"size": 0}, {"spp": 0}])
def test_wrong_sizes(render, change):
    with pytest.raises(ValueError, match="size and spp must be 1 or more"):
        render.scene.render(render.scene.Shot("cola_can"), **change)


def test_one_more_drink_is_one_entry(render, monkeypatch):
    """Every shape takes every label, so that a new drink needs a line in the table only."""
    d, labels = render.drinks, render.labels
    label = labels.bands("#336699", (0.4, 0.6, "white"))
    for name, drink in {
        "water_can": lambda: d.can(label),
        "water_bottle": lambda: d.bottle("#99ccee", label, "#ffffff"),
        "water_longneck": lambda: d.longneck(label, "#ffffff"),
        "water_brick": lambda: d.brick(label, "#336699", "#ffffff"),
        "water_carton": lambda: d.milk_carton(label, "#336699", "#ffffff"),
        "water_cup": lambda: d.cup(label, "#ffffff", "#99ccee"),
    }.items():
        monkeypatch.setitem(d.ALL, name, drink)
        picture = np.asarray(render.scene.render(render.scene.Shot(name), 24, 4)).astype(int)
        red, _, blue = picture[8:18, 9:15].reshape(-1, 3).T
        assert (blue > red + 20).any(), name


def test_never_skipped_where_all_is_checked():
    """`make test` installs the renderer, so that nothing here is skipped there."""
    if os.environ.get("D2LAUG_REQUIRE_BROWSER"):
        import mitsuba  # noqa: F401


def test_a_box_hides_about_a_third_of_a_drink(render):
    """The pixels of the drink that change where the box stands in front of it."""
    for hidden in (-1 / 3, 1 / 3):
        for x, distance in ((0, 50), (2, 35), (-3, 60)):
            shot = render.scene.Shot("cola_can", 5, desk="stone", x=x, distance=distance)
            black = dataclasses.replace(shot, hidden=hidden)
            drink, left = (share_of_drink(render, s) for s in (shot, black))
            assert 0.2 < 1 - left / drink < 0.5, (hidden, x, distance)


def share_of_drink(render, shot):
    """How many pixels show the drink: where its shapes are the first that a ray meets."""
    import mitsuba as mi

    scene = render.scene.build(shot, 48)
    integrator = mi.load_dict({"type": "aov", "aovs": "shape:shape_index"})
    numbers = np.array(mi.render(scene, integrator=integrator, spp=1))[..., -1]
    shapes = enumerate(scene.shapes(), 1)  # 0 is where a ray meets none
    own = [k for k, shape in shapes if shape.id().startswith("part")]
    return np.isin(numbers.round(3), own).sum()  # at edges the film mixes numbers


def test_an_led_is_as_warm_as_it_says_and_is_no_black_body(render):
    scene, nm = render.scene, np.arange(360.0, 831.0, 5.0)
    for kelvin in (2700, 3300, 4000):
        spectrum, black = scene.led(kelvin), scene.black_body(kelvin)
        assert abs(scene.warmth(spectrum, nm) - kelvin) < 40
        assert abs(scene.warmth(black, nm) - kelvin) < 60
        luminance = np.array([scene.mi.cie1931_y(v) for v in nm]).ravel()
        assert np.isclose((spectrum * luminance).sum(), (black * luminance).sum())
        assert spectrum[nm == 500] < 0.6 * black[nm == 500]  # the gap between blue and phosphor
        assert spectrum[nm == 700] < 0.5 * black[nm == 700]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lamp": "neon"}, "lamp must be one of black body, led"),
        ({"bulbs": -1}, "bulbs"),
        ({"hidden": 0.9}, "hidden"),
        ({"fill_kelvin": -5}, "fill_kelvin"),
    ],
)
def test_lamps_and_things_that_cannot_be(render, wrong, words):
    with pytest.raises(ValueError, match=words):
        render.scene.Shot("cola_can", **wrong)
