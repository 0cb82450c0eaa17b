"""Explorers recorded: cells that make them, their places, and frames near to what was drawn."""

import base64
import builtins
import io
import json

import numpy as np
import PIL.Image
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output, writes

from d2laug.data import photo
from d2laug.pages import cells, deck, record, site
from d2laug.widgets import explore
from d2laug.widgets.screen import slider, to_array

COVERED = """from d2laug.data import drink
from d2laug.train import trained_networks
from d2laug.widgets import explore
explore.flip(drink("lime bottle"), networks=trained_networks(), covered=True)"""


def read(folder, number=0):
    """The frames of a script, and the files of their pictures."""
    script = (folder / f"{number}.js").read_text("utf-8")
    name, part, held = json.loads(
        f"[{script.removeprefix('recorded(').removesuffix(');' + chr(10))}]"
    )
    assert (name, part) == (folder.name, number)
    return held["frames"], held["files"]


def pixels(folder, file):
    """A picture of a recording as an array."""
    if file.startswith("data:"):
        content = base64.b64decode(file.split(",")[1])
    else:
        content = (folder.parent.parent / file).read_bytes()
    return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(record, "PLACES", 3)


def test_a_cell_brings_what_it_needs_and_no_more(tmp_path):
    still = [new_output("execute_result", {"image/png": "", "text/plain": ""})]
    sources = [
        "from d2laug.widgets import explore\nfrom d2laug import photo",
        "size = 20",
        "raise RuntimeError('this trains for hours')",
        "picture = photo('cat')[:, :size, :size]",
        "options = {}\noptions['covered'] = False",
        "options['networks'] = None",
        "size = size + 1",
    ]
    notebook = [new_code_cell(source) for source in sources]
    notebook.append(new_code_cell("explore.flip(picture, **options)", id="flip", outputs=still))
    notebook.append(new_code_cell("print(explore.flip(picture).captions)", id="printed"))
    path = tmp_path / "one.ipynb"
    path.write_text(writes(new_notebook(cells=notebook)), "utf-8")
    found = cells.explorers(path)
    assert [*found] == ["flip"]
    assert found["flip"] == [sources[n] for n in (0, 1, 3, 4, 5)] + [notebook[-2].source]
    assert cells.make(found["flip"]).captions == ["source", "flipped left-right"]
    assert cells.make(["1 + 1"]) is None


NAMES = {  # what a cell makes or changes, and what it reads before
    "for i in x: print(i)\nprint(i)": ("i", "x"),
    "for a, *b in x: y = a, b, z": ("a b y", "x z"),
    "for i in x:\n    y = 1\n    z = y + i": ("i y z", "x"),
    "for i in i: pass": ("i", "i"),
    "for x[0] in y: pass": ("x", "x y"),
    "for i in x: total += i": ("i total", "total x"),
    "with open(x) as f, g(): print(f, i)\nfor i in y: pass": ("f i", "g i x y"),
    "with f:\n    print(i)\n    for i in y: pass": ("i", "f i y"),
    "[n + m for n in x]": ("", "m x"),
    "print([i for i in i])": ("", "i"),
    "x += 1": ("x", "x"),
    "del x": ("x", "x"),
    "x.a = y.b[0] = 1": ("x y", "x y"),
    "x[y] = x.a[len(z)] = 1": ("x", "x y z"),
    "x: int = y": ("x", "y"),
    "if (n := x) > 2: print(n)": ("n", "n x"),
    "if x: y = 1\nprint(y)": ("y", "x y"),
    "try: import a\nexcept E as e: print(e)": ("a e", "E a e"),
    "while x: y = x": ("y", "x y"),
    "def f(u: T, v=w):\n    u[0] = k = v\n    for i in k: return i + m": ("f", "T m w"),
    "class A(B):\n    x = y\n    def f(self): return z": ("A", "B y z"),
    "import a.b, c as d": ("a d", ""),
}


@pytest.mark.parametrize("source", NAMES)
def test_names_that_a_cell_makes_and_reads(source):
    made, read = cells.names(source)
    assert (" ".join(sorted(made)), " ".join(sorted(read - {*dir(builtins)}))) == NAMES[source]


CHANGES = ["n += 1", "if n > 5: n = 0", "def f(n): n.a = 1", "del n\nn = 2"]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_name_brings_what_made_it(change):
    sources = ["n = 1", change, "n"]
    assert cells.run(cells.needed(sources)) == cells.run(sources)


def test_a_name_of_python_can_be_the_lessons_own():
    assert cells.run(cells.needed(["sum = 3", "sum"])) == 3


@pytest.mark.parametrize("number", ["02", "03", "04", "08", "11", "13"])
def test_explorers_start_as_in_their_lessons(number):
    path = cells.lessons()[number]
    found = cells.explorers(path)
    assert found
    for name, sources in found.items():
        explorer = cells.make(sources)
        (still,) = (o for o in deck.cell(f"{number}/{name}").outputs if "data" in o)
        alt = next(one["alt"] for one in still.metadata.values())
        for caption in explorer.captions:
            first = caption.split("\ntrained")[0]  # the answers may be covered
            assert first.replace("\n", ", ") in alt


def test_places():
    crop = explore.crop(photo("cat"), area=0.17, size=40).controls
    for name, control in crop.items():
        words, values = zip(*record.places(control, 5), strict=True)
        assert len(words) == len(set(values)) in (5, 6)
        assert control.value in values
        assert values[0] == pytest.approx(2**control.min if name == "ratio" else control.min)
        assert values[-1] == pytest.approx(2**control.max if name == "ratio" else control.max)
    assert ("0.17", 0.17) in record.places(crop["area"], 5)
    floor = explore.show_floor("tonic_can", kelvin=2700, networks={}).controls
    assert record.places(floor["drink"])[-1] == ("tonic can", "tonic_can")
    assert ("2700 K", 2700) in record.places(floor["kelvin"], 4)


def test_controls_move_alone_but_for_pairs_that_count(tmp_path, few, monkeypatch):
    color = explore.color(photo("cat")[:, :20, :20])
    page, parts = record.record(color, tmp_path)
    assert page["count"] == len(parts[0].frames) == 1 + 4 * 2
    assert not page["complete"]
    assert color.captions[1].startswith("brightness ×1.00, contrast ×1.00")
    monkeypatch.setattr(record, "TOGETHER", ({"drink": 0, "kelvin": 3, "reflections": 2},))
    page, parts = record.record(explore.show_floor("cola_can", 2000, networks={}), tmp_path)
    assert page["complete"]
    assert [len(part.frames) for part in parts.values()] == [3 * 2] * 12
    assert page["part"] == 3


def test_a_reader_of_a_page_can_do_what_the_lessons_ask():
    """Each task takes one control from its start, or some that are recorded together."""
    crop, color = explore.crop(photo("cat"), area=0.17), explore.color(photo("cat"))
    angle = {"angle": slider("angle", 0, -180, 180, step=1)}
    for controls, group, asked in [
        (
            crop.controls,
            ["area", "x", "y"],
            {"area": {0.08, 0.17, 1}, "x": {0, 0.5}, "y": {0, 0.5}},
        ),
        (color.controls, ["brightness"], {"brightness": {0.5, 1, 2}}),
        (color.controls, ["hue"], {"hue": {-0.5, 0, 0.1, 0.5}}),
        (color.controls, ["saturation"], {"saturation": {0, 1}}),
        (angle, ["angle"], {"angle": {0, 30}}),
    ]:
        where, groups = record.ways(controls)
        assert group in groups
        for name, values in asked.items():
            assert values <= {value for _, value in where[name]}


def test_frames_are_those_of_the_widget(tmp_path, few):
    """Pictures are within two levels on average, even of strong colors, and words the same."""
    source = (
        'from d2laug import photo\nfrom d2laug.widgets import explore\nexplore.{}(photo("coffee"))'
    )
    for kind in ("color", "temperature"):
        folder = tmp_path / "recordings" / kind
        page = record.keep([source.format(kind)], folder)
        frames, files = read(folder)
        explorer = cells.make([source.format(kind)])
        where, _ = record.ways(explorer.controls)
        for state, frame in frames.items():
            places = dict(zip(where, map(int, state.split(",")), strict=True))
            explorer.move(**{name: where[name][n][1] for name, n in places.items()})
            assert frame["captions"] == explorer.captions
            assert frame["readout"] == explorer.readout.value
            assert frame["drawings"] == [drawing.value for drawing in explorer.drawings]
            for number, array in zip(frame["images"], explorer.arrays, strict=True):
                seen, drawn = pixels(folder, files[number]), record.reduce_frame(array)
                assert seen.shape == drawn.shape
                assert np.abs(seen - drawn).mean() <= 2
        assert page["sizes"] == [(320, 480)] * len(page["labels"])


def test_what_cannot_be_compressed_well_is_kept_as_well_as_can_be():
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert record.encode(noise)[0] == "jpeg"
    flat = np.full((40, 40, 3), (200, 30, 90), np.uint8)
    suffix, content = record.encode(flat)
    assert suffix == "webp"
    assert len(content) < 200
    large = photo("cat")
    assert record.reduce_frame(to_array(large)).shape == (239, 360, 3)


def test_covered_answers_are_in_the_frames_alone(tmp_path):
    page = record.keep([COVERED], tmp_path / "recordings" / "flip")
    assert "bottle" not in json.dumps({k: v for k, v in page.items() if k != "said"})
    assert "Say first" in page["cover"]
    frames, _ = read(tmp_path / "recordings" / "flip")
    assert all("bottle" in frame["said"] for frame in frames.values())
    assert not any("bottle" in caption for f in frames.values() for caption in f["captions"])


def test_what_is_recorded_is_not_recorded_again(tmp_path, few, monkeypatch):
    source = ["from d2laug import photo", "from d2laug.widgets import explore"]
    source.append("explore.flip(photo('cat')[:, :20, :20])")
    folder = tmp_path / "recordings" / "flip"
    first = record.keep(source, folder)
    made = []
    monkeypatch.setattr(
        record, "make", lambda sources: made.append(cells.make(sources)) or made[-1]
    )
    assert record.keep(source, folder) == json.loads(json.dumps(first))
    assert not made
    source[-1] = "explore.temperature(photo('cat')[:, :20, :20], kelvin=6500)"
    again = record.keep(source, folder)
    assert len(made) == 1
    assert again["captions"][:2] == ["source", "6500 K"]
    assert record.keep(["1 + 1"], tmp_path / "recordings" / "none") is None


def test_links_between_notebooks_become_links_between_pages():
    html = '<a href="03_crop.ipynb#See-it">a</a> <a href="https://example.org/b.ipynb">b</a>'
    expected = '<a href="03_crop.html#See-it">a</a> <a href="https://example.org/b.ipynb">b</a>'
    assert site.to_page(html) == expected
    assert site.to_page('the <a href="render/make.py">program</a>') == "the program"
    assert site.to_page('<a href="README.md">all</a>') == '<a href="index.html#lessons">all</a>'


def test_the_front_page_gives_the_commands_of_the_readme(project):
    front = (site.TEMPLATES / "site" / "front.html.j2").read_text("utf-8")
    commands = front.split("<pre")[1].split("<code>")[1].split("</code>")[0]
    assert commands in (project / "README.md").read_text("utf-8")
