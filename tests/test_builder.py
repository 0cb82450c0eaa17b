"""The pipeline builder: what it shows is what its code makes, and every control reaches both."""

import base64
import io
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import PIL.Image
import pytest
import torch
from test_show import BAD_PICTURES
from torchvision.transforms.v2 import functional as F

from d2laug import data
from d2laug.gallery import EFFECTS, GROUPS, build, export
from d2laug.widgets import builder
from d2laug.widgets.builder import LARGEST_SEED, MOST_STEPS, SAMPLES, pipeline

CAT = data.photo("cat")
SMALL = CAT[:, 90:130, 140:200].contiguous()  # 40 x 60
THREE = [("rotate", 0.5, 1.0), ("color jitter", 0.8, 0.5), ("Gaussian noise", 0.3, 1.0)]


def to_array(picture):
    return picture.permute(1, 2, 0).numpy()


def same(pictures, arrays):
    return len(pictures) == len(arrays) and all(
        np.array_equal(to_array(picture), array)
        for picture, array in zip(pictures, arrays, strict=True)
    )


def run_code(w, **variables):
    """Run the widget's code in a namespace with nothing but `variables`, and return `pictures`."""
    torch.manual_seed(12345)  # the code itself has to say which seed
    exec(w.code, variables)
    return variables["pictures"]


def decoded(image):
    return np.asarray(PIL.Image.open(io.BytesIO(image)))


def turn(w, index, strength=None, chance=None):
    """Turn the dials of one step."""
    name, *old = w.steps[index]
    new = [a if b is None else b for a, b in zip(old, (strength, chance), strict=True)]
    w.steps = [*w.steps[:index], (name, *new), *w.steps[index + 1 :]]


def add(w, name):
    """Put an effect at the end, as the page does."""
    w.steps = [*w.steps, (name, 0.5, 1.0)]


def remove(w, index):
    w.steps = w.steps[:index] + w.steps[index + 1 :]


def texts(w):
    """Everything that can be seen to change."""
    return w.shown


def ask(w, doing, *arguments, buffers=()):
    """Send what the page sends, and return what it hears."""
    with mock.patch.object(type(w), "send") as send:
        w._answer(w, {"do": doing, "with": arguments}, [memoryview(part) for part in buffers])
    return [call.args for call in send.call_args_list]


# The code gives the pictures


def random_steps(seed):
    draw = random.Random(seed)
    return [
        (
            draw.choice(list(EFFECTS)),
            draw.choice([0, round(draw.random(), 2), 1]),
            draw.choice([1, round(draw.random(), 2)]),
        )
        for _ in range(draw.randint(0, 5))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_code_of_random_pipelines(seed):
    w = pipeline(SMALL, random_steps(seed), seed)
    assert w.message == ""
    assert same(run_code(w, picture=SMALL), w.arrays), w.steps
    assert "d2laug" not in w.code


@pytest.mark.parametrize("group", GROUPS)
def test_code_of_every_effect(group):
    w = pipeline(SMALL)
    for name, effect in EFFECTS.items():
        if effect.group == group:
            w.steps = [(name, 0.7, 0.8)]
            assert w.message == "", name
            assert same(run_code(w, picture=SMALL), w.arrays), name


@pytest.mark.parametrize("name", [*data.PHOTOS, *data.drinks("lab/test").classes])
def test_code_of_every_picture(name):
    """The code loads the picture, too: it runs in an empty notebook."""
    w = pipeline(name, THREE, 7)
    assert w.picture == name
    assert same(run_code(w), w.arrays)
    # and it is that picture, reduced
    if name in data.PHOTOS:
        full = data.photo(name)
    else:
        drinks = data.drinks("lab/test")
        full = F.pil_to_tensor(drinks[drinks.targets.index(drinks.class_to_idx[name])][0])
    height, width = w.stages[0].shape[:2]
    assert np.array_equal(w.stages[0], to_array(F.resize(full, [height, width])))
    assert height <= 192
    assert width <= 240


def test_code_of_a_large_picture_of_ones_own():
    w = pipeline(CAT / 255, THREE)
    assert "# picture: your own, a uint8 tensor [3, 300, 451]" in w.code
    assert "reduced from 300 × 451 to 160 × 240" in w.shown["note"]
    assert same(run_code(w, picture=CAT), w.arrays)


def test_code_follows_every_change():
    w = pipeline("coffee", THREE)
    turn(w, 0, 0.9)
    assert same(run_code(w), w.arrays)
    turn(w, 2, chance=0.35)
    assert same(run_code(w), w.arrays)
    w.move_step(1, -1)
    assert same(run_code(w), w.arrays)
    remove(w, 0)
    assert same(run_code(w), w.arrays)
    w.seed += 1
    assert same(run_code(w), w.arrays)
    w.picture = "cola_can"
    assert same(run_code(w), w.arrays)
    add(w, "fog")
    assert same(run_code(w), w.arrays)
    assert w.code.startswith(export(w.steps))
    assert w.shown["code"] == w.code


def test_code_runs_without_the_course(tmp_path):
    """Another Python process, in another folder, that cannot import d2laug, on several threads."""
    steps = [("crop", 0.5, 1), ("fog", 0.5, 0.8), ("CLAHE", 0.6, 1), ("superpixels", 0.5, 0.5)]
    w = pipeline("cat", steps, 3)
    script = "import sys; sys.modules['d2laug'] = None\n" + w.code
    script += "torch.save(torch.stack(pictures), 'pictures.pt')\n"
    (tmp_path / "script.py").write_text(script)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True)
    assert same(torch.load(tmp_path / "pictures.pt"), w.arrays)


def test_words_say_how_to_get_the_pictures():
    w = pipeline("cat", THREE, 41)
    assert "torch.manual_seed(41), then eight times transform(picture)" in w.shown["note"]
    assert "reduced from 300 × 451 to 160 × 240 pixels" in w.shown["note"]
    assert "has 40 × 60 pixels" in pipeline(SMALL).shown["note"]
    assert "torch.manual_seed(41)\n" in w.code
    assert "resize(picture, [160, 240])" in w.code
    for steps in ([], THREE, [("superpixels", 1, 1)]):
        lines = pipeline("cat", steps).code.splitlines()
        assert lines.count("import torch") == lines.count("import skimage") == 1


# What is shown


def test_pictures_are_what_the_arrays_hold():
    w = pipeline("cat", [*THREE[:2], ("fog", 0.5, 0.5)])  # noise is hard on JPEG
    shown = [*w.shown["images"], *w.shown["stages"]]
    arrays = [*w.arrays, *w.stages]
    assert len(w.shown["images"]) == SAMPLES == 8
    for image, array in zip(shown, arrays, strict=True):
        assert array.dtype == np.uint8
        assert decoded(image).shape == array.shape == (160, 240, 3)
        assert abs(decoded(image).astype(int) - array).mean() < 2
    small = pipeline(SMALL, THREE[:2])  # enlarged, the pixels staying squares
    large = small.arrays[0].repeat(4, axis=0).repeat(4, axis=1)
    assert abs(decoded(small.shown["images"][0]).astype(int) - large).mean() < 2


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
def test_every_step_of_one_picture(sample):
    w = pipeline(SMALL, THREE, 5)
    w.sample = sample
    torch.manual_seed(5)
    transform = build(THREE)
    for _ in range(sample - 1):
        transform(SMALL)
    stages = [SMALL]
    for part in transform.transforms:
        stages.append(part(stages[-1]))
    assert same(stages, w.stages)
    assert np.array_equal(w.stages[-1], w.arrays[sample - 1])
    assert [caption.split("\n")[0] for caption in w.captions] == [
        "before",
        "1 rotate",
        "2 color jitter",
        "3 Gaussian noise",
    ]


def test_captions_say_what_was_drawn():
    w = pipeline(SMALL, [("rotate", 1, 1), ("invert", 1, 0), ("flip left-right", 1, 1)], 1)
    torch.manual_seed(1)
    angle = build([("rotate", 1, 1)]).transforms[0].make_params([SMALL])["angle"]
    assert w.captions == [
        "before",
        f"1 rotate\nangle {angle:.2f}",
        "2 invert\nno change",
        "3 flip left-right\nflipped left-right",
    ]
    assert w.shown["captions"] == w.captions


def test_no_steps_at_all():
    w = pipeline(SMALL)
    assert w.steps == []
    assert len(w.stages) == 1
    assert all(np.array_equal(array, to_array(SMALL)) for array in w.arrays)
    assert same(run_code(w, picture=SMALL), w.arrays)


# The controls


def test_sliders_work_at_their_ends_and_between():
    w = pipeline(SMALL, [("Gaussian noise", 0.5, 1.0)], 3)
    seen = {}
    for value in (0.0, 0.01, 0.5, 1.0):
        turn(w, 0, value)
        assert w.steps == [("Gaussian noise", value, 1.0)]
        assert same(run_code(w, picture=SMALL), w.arrays)
        seen[value] = str(texts(w))
    assert len(set(seen.values())) == 4
    turn(w, 0, 0.0)
    assert str(texts(w)) == seen[0.0]
    assert all(np.array_equal(array, to_array(SMALL)) for array in w.arrays)
    w.steps = [("invert", 1, 1)]
    for probability, number in ((0.0, 0), (0.5, None), (1.0, 8)):
        turn(w, 0, chance=probability)
        inverted = sum(np.array_equal(array, 255 - to_array(SMALL)) for array in w.arrays)
        assert inverted == number or (number is None and 0 < inverted < 8)


def test_seed_and_draw_again():
    w = pipeline(SMALL, THREE)
    first = texts(w)
    w.seed += 1
    assert w.seed == 1
    assert texts(w)["images"] != first["images"]
    w.seed = 0
    assert texts(w) == first
    w.seed = LARGEST_SEED
    assert same(run_code(w, picture=SMALL), w.arrays)
    with pytest.raises(ValueError, match="seed is 2147483648; expected a whole number from 0"):
        w.seed += 1
    assert w.seed == LARGEST_SEED


def test_what_there_is_to_choose():
    menu = pipeline(SMALL).menu
    assert [effect["name"] for effect in menu["effects"]] == list(EFFECTS)
    for shown in menu["effects"]:
        effect = EFFECTS[shown["name"]]
        assert shown["group"] == effect.group
        library = effect.library.replace("own", "own code")
        assert shown["about"] == f"{library}. {effect.breaks_label}"
    assert menu["pictures"][0] == "your picture"
    assert set(data.PHOTOS) < set(menu["pictures"])


def test_add_and_remove():
    w = pipeline(SMALL)
    for name in ("rain", "fog", "fog"):
        add(w, name)
    assert w.steps == [("rain", 0.5, 1.0), ("fog", 0.5, 1.0), ("fog", 0.5, 1.0)]
    assert len(w.stages) - 1 == 3
    turn(w, 1, 0.2)
    remove(w, 0)
    assert w.steps == [("fog", 0.2, 1.0), ("fog", 0.5, 1.0)]
    remove(w, 1)
    remove(w, 0)
    assert w.steps == []


def test_move():
    w = pipeline(SMALL, THREE)
    w.move_step(0, 1)
    assert w.steps == [THREE[1], THREE[0], THREE[2]]
    w.move_step(2, -1)
    assert w.steps == [THREE[1], THREE[2], THREE[0]]
    turn(w, 0, 0.1)
    assert w.steps[0] == ("color jitter", 0.1, 0.5)


def test_dials_have_units():
    w = pipeline(SMALL, [("rotate", 0.5, 1), ("defocus", 0.5, 1), ("hue", 0.2, 1), ("fog", 0, 1)])
    assert w.shown["dials"] == ["±22.5°", "radius 3.0 pixels", "hue ±36°", "off"]
    turn(w, 0, 1)
    assert w.shown["dials"][0] == "±45°"


def test_order_matters_and_is_seen():
    """Of two steps that exchanged places, the other order is shown with the same numbers."""
    steps = [("invert", 1, 1), ("solarize", 1, 1)]
    w = pipeline(SMALL, steps)
    assert len(w.stages) == 3
    w.move_step(0, 1)
    other = build(steps)(SMALL)
    assert np.array_equal(w.stages[-1], to_array(other))
    assert np.array_equal(w.stages[-2], w.arrays[0])
    difference = abs(w.stages[-1].astype(int) - w.arrays[0]).mean()
    assert difference > 1
    words = f"same numbers, mean difference {difference:.1f} of 255"
    assert w.captions[-1] == f"if invert came first\n{words}"
    # it stays while the sliders move, and goes with the next step
    turn(w, 0, 0.9)
    assert len(w.stages) == 4
    add(w, "fog")
    assert len(w.stages) == 4
    assert "came first" not in "".join(w.captions)


def test_the_page_exchanges_two_steps():
    """It sends the steps as they are then; a dial may have moved in the same message."""
    invert, solarize, fog = ["invert", 1, 1], ["solarize", 1, 1], ["fog", 0.5, 1]
    w = pipeline(SMALL, [invert, solarize, fog])
    w.set_state({"steps": [solarize, ["invert", 0.9, 1], fog]})
    assert w.captions[-1].startswith("if invert came first\n")
    w.set_state({"steps": [fog, ["invert", 0.9, 1], solarize]})  # no neighbors
    assert "came first" not in "".join(w.captions)
    w.set_state({"steps": [["fog", 0.1, 1], fog]})
    w.set_state({"steps": [fog, ["fog", 0.1, 1]]})
    assert w.captions[-1].startswith("if fog came first\n")


def test_the_other_order_draws_the_same_numbers():
    steps = [("flip left-right", 0.5, 0.7), ("Gaussian noise", 0.6, 1)]
    for seed in range(4):
        w = pipeline(SMALL, steps, seed)
        w.sample = 5
        w.move_step(0, 1)
        noise, flip = build(w.steps).transforms
        torch.manual_seed(seed)
        for _ in range(4):
            flip(noise(SMALL))
        before_noise = torch.get_rng_state()
        noise(SMALL)
        before_flip = torch.get_rng_state()
        flipped = flip(SMALL)
        torch.set_rng_state(before_noise)
        assert np.array_equal(w.stages[-1], to_array(noise(flipped)))
        torch.set_rng_state(before_flip)


def test_an_order_that_does_not_matter():
    w = pipeline(SMALL, [("invert", 1, 1), ("flip left-right", 1, 1), ("fog", 0.2, 1)])
    w.move_step(1, -1)
    assert w.captions[-1] == "if invert came first\nsame numbers, the very same picture"


def test_reset():
    w = pipeline("coffee", THREE, 9)
    first = texts(w)
    w.seed, w.picture, w.sample = 3, "cat", 4
    w.move_step(0, 1)
    turn(w, 0, 0.0)
    add(w, "fog")
    assert texts(w) != first
    # as the page does it, with what a hand has just moved
    w.set_state({"steps": [THREE[1], THREE[0], THREE[2]], "sample": 2, "resets": 1})
    assert (w.picture, w.steps, w.seed, w.sample) == ("coffee", THREE, 9, 1)
    assert texts(w) == first
    w.reset()
    assert texts(w) == first
    turn(w, 0, 0.9)  # and the controls still work
    assert texts(w) != first


def test_no_more_steps_than_fit():
    w = pipeline(SMALL, [("invert", 0.5, 1)] * (MOST_STEPS - 1))
    add(w, "fog")
    with pytest.raises(ValueError, match="21 steps; a builder takes at most 20"):
        add(w, "fog")
    assert len(w.steps) == w.menu["most"] == MOST_STEPS
    assert "20 fog" in str(w._repr_mimebundle_()[1])


# A photo of one's own, in full, and pipelines that are kept


def jpeg(picture):
    buffer = io.BytesIO()
    PIL.Image.fromarray(to_array(picture)).save(buffer, "jpeg", quality=95)
    return buffer.getvalue()


def test_a_photo_arrives_in_parts(tmp_path, monkeypatch):
    w, file = pipeline("cat", [*THREE, ("Gaussian noise", 0.6, 1.0)]), jpeg(SMALL)
    assert ask(w, "upload", "red's.jpg", False, buffers=[file[:500]]) == []
    assert w.picture == "cat"
    ask(w, "upload", "red's.jpg", True, buffers=[file[500:]])
    assert w.message == ""
    assert w.picture == w.menu["pictures"][0] == "your photo"
    photo = data.open_image(file)
    assert np.array_equal(w.stages[0], to_array(photo))
    (tmp_path / "red's.jpg").write_bytes(file)
    monkeypatch.chdir(tmp_path)
    assert same(run_code(w), w.arrays)  # the code stands alone, beside the photo
    ask(w, "upload", "large.jpg", True, buffers=[jpeg(CAT)])
    (tmp_path / "large.jpg").write_bytes(jpeg(CAT))
    assert w.stages[0].shape < CAT.shape[1:]
    assert same(run_code(w), w.arrays)
    ask(w, "upload", "other.png", True, buffers=[jpeg(255 - SMALL)])  # another in its place
    assert w.menu["pictures"].count("your photo") == 1
    assert not np.array_equal(w.stages[0], to_array(photo))
    w.reset()
    assert w.picture == "cat"


@pytest.mark.parametrize("file", [b"", b"no picture at all", jpeg(SMALL)[:700]])
def test_a_file_that_is_no_photo(file):
    w = pipeline("cat", THREE)
    before = {**w.shown}
    ask(w, "upload", "notes.txt", True, buffers=[file])
    assert re.match("the picture (is|has) .*", w.message)
    assert w.shown == before | {"message": w.message}
    assert w.picture == "cat"
    ask(w, "upload", "cat.jpg", True, buffers=[jpeg(SMALL)])  # and the next one is read
    assert (w.message, w.picture) == ("", "your photo")


def test_full_size_has_the_numbers_of_the_small_picture():
    w = pipeline("cat", [("rotate", 1, 1), ("color jitter", 1, 1)], 5)
    w.sample = 3
    ((heard, (before, after)),) = ask(w, "full")
    assert decoded(before).shape == (300, 451, 3)
    torch.manual_seed(5)
    transform, small = build(w.steps), torch.from_numpy(w.stages[0]).permute(2, 0, 1)
    for _ in range(2):
        transform(small)
    assert abs(decoded(after).astype(int) - to_array(transform(CAT))).mean() < 2
    assert heard["full"].startswith("300 × 451 pixels, with the numbers of picture 3;")
    huge = pipeline(torch.zeros(3, 3000, 400, dtype=torch.uint8))
    assert "1080 × 144 of 3000 × 400 pixels" in ask(huge, "full")[0][0]["full"]
    assert ask(pipeline(torch.zeros(3, 2, 2), [("Gaussian blur", 1, 1)]), "full") == []


def test_thumbnails_and_close_names():
    w = pipeline("cat")
    ((heard, thumbs),) = ask(w, "thumbs", "fade to gray", "invert")
    assert heard == {"thumbs": ("fade to gray", "invert")}
    thumb = decoded(thumbs[0])[1::3, 1::3]  # enlarged, the pixels staying squares
    small = F.resize(torch.from_numpy(w.stages[0]).permute(2, 0, 1), thumb.shape[:2])
    assert thumb.shape == (64, 96, 3)
    assert abs(thumb.astype(int) - to_array(EFFECTS["fade to gray"].make(0.7)(small))).mean() < 3
    assert ask(w, "suggest", "gausian") == [({"close": ["Gaussian blur", "Gaussian noise"]},)]
    assert ask(w, "suggest", "qqqq") == [({"close": []},)]


def test_a_pipeline_is_saved_and_loaded():
    w = pipeline("coffee", THREE, 9)
    text = w.saved()
    assert w.shown["saved"] == text
    other = pipeline("cat", [("fog", 1, 1)])
    ask(other, "load", text)
    assert (other.picture, other.steps, other.seed, other.message) == ("coffee", THREE, 9, "")
    assert other.code == w.code
    own = pipeline(SMALL, THREE)  # a picture of one's own stays at home
    other.load(own.saved())
    assert (other.picture, other.seed) == ("coffee", 0)
    other.load('{"steps": []}')
    assert (other.steps, other.seed) == ([], 0)


FOREIGN = {
    "nothing": ("", "it is not JSON"),
    "words": ("import os", "it is not JSON"),
    "cut off": ('{"steps":[["fog",0.5,1]', "it is not JSON"),
    "a list": ("[1, 2]", "it has no steps"),
    "a notebook": ('{"cells": [], "nbformat": 4}', "it has no steps"),
    "too long": (" " * 100_001, "it has no steps"),
    "deep": ("[" * 100_000, "recursion"),
    "steps a name": ('{"steps": "fog"}', "expected a list of"),
    "a step of two": ('{"steps": [["fog", 1]]}', "a step is"),
    "misspelt": ('{"steps": [["frog", 1, 1]]}', "did you mean 'fog'"),
    "too strong": ('{"steps": [["fog", 2, 1]]}', "strength is 2; expected"),
    "no number": ('{"steps": [["fog", NaN, 1]]}', "strength is nan"),
    "many": (f'{{"steps": [{", ".join(["[1]"] * 21)}]}}', "21 steps"),
    "picture": (
        '{"steps": [], "picture": "kat"}',
        "no picture is called 'kat'; did you mean 'cat'",
    ),
    "picture a list": ('{"steps": [], "picture": ["cat"]}', "no picture is called"),
    "seed": ('{"steps": [], "seed": 0.5}', "seed is 0.5; expected"),
}


@pytest.mark.parametrize(("text", "why"), FOREIGN.values(), ids=FOREIGN)
def test_a_text_that_is_no_pipeline(text, why):
    w = pipeline(SMALL, THREE)
    before = {**w.shown}
    ask(w, "load", text)
    assert w.message.startswith("This is no saved pipeline (")
    assert why in w.message
    assert w.shown == before | {"message": w.message}
    assert w.steps == THREE


# Side by side, and beside the rest of a notebook


def test_beside_a_second_copy_of_itself():
    one, other = pipeline("cat", THREE), pipeline("cat", THREE)
    before = texts(other)
    assert texts(one) == before
    turn(one, 0, 1.0)
    one.move_step(0, 1)
    one.seed = 3
    one.picture = "coffee"
    assert texts(other) == before
    other.reset()
    assert texts(other) == before


def test_random_numbers_and_threads_of_the_notebook_are_left_alone():
    threads = torch.get_num_threads()
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    torch.set_num_threads(2)
    try:
        w = pipeline(SMALL, THREE)
        w.move_step(0, 1)
        w.seed = 4
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(torch.rand(3), expected)


def test_the_input_is_left_alone():
    image, steps = SMALL.clone(), list(THREE)
    w = pipeline(image, steps)
    add(w, "invert")
    w.move_step(0, 1)
    assert torch.equal(image, SMALL)
    assert steps == THREE


def test_one_picture_of_any_kind():
    array = to_array(SMALL)
    first = texts(pipeline(SMALL, THREE))
    for image in (array, PIL.Image.fromarray(array), SMALL[None], SMALL / 255, [SMALL]):
        assert texts(pipeline(image, THREE)) == first
    assert np.ptp(pipeline(SMALL[:1]).arrays[0], axis=-1).max() == 0
    glass = PIL.Image.new("RGBA", (9, 9), (0, 0, 0, 0))
    assert pipeline(glass).arrays[0].min() == 255  # transparent parts lie on white


def test_still_picture_beside_the_widget():
    w = pipeline("cat", THREE)
    data, metadata = w._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == w.model_id
    still = PIL.Image.open(io.BytesIO(base64.b64decode(data["image/jpeg"], validate=True)))
    assert still.format == "JPEG"
    assert still.width > 800
    assert len(data["image/jpeg"]) < 400_000
    alt = metadata["image/jpeg"]["alt"]
    assert alt.startswith("8 pictures of a pipeline; one step by step: before; 1 rotate, angle")
    turn(w, 0, 1.0)
    assert w._repr_mimebundle_()[0]["image/jpeg"] != data["image/jpeg"]


def test_captions_of_the_still_keep_a_number_with_its_name():
    steps = [("color jitter", 1, 1), ("rotate", 1, 1), ("coarse salt and pepper", 1, 1)]
    w = pipeline("cat", steps)
    w.move_step(0, 1)
    titles = []
    show_images = builder.show.show_images

    def shown(arrays, captions=(), **options):
        picture = show_images(arrays, captions or None, **options)
        titles.extend(axes.title for axes in picture.figure.axes)
        return picture

    with mock.patch.object(builder.show, "show_images", shown):
        w._still()
    captions = [title.get_text() for title in titles[SAMPLES:]]
    assert [caption.replace("\n", ", ") for caption in captions] == [
        caption.replace("\n", ", ") for caption in w.captions
    ]
    for line in "\n".join(captions).split("\n"):
        # "brightness ×1.20", "angle 3.00", "1 rotate": one name and one number a line
        assert len(re.findall(r"[-+×]?\d+(?:\.\d+)?", line)) <= 1 or "of 255" in line
    width = titles[0].figure.get_size_inches()[0] * 100 / 4
    assert all(title.get_window_extent().width <= width for title in titles)


def test_without_the_drinks(monkeypatch, tmp_path):
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    w = pipeline()
    assert w.menu["pictures"] == list(data.PHOTOS)
    with pytest.raises(ValueError, match=r"no picture is called 'cola_can'; .*hoose one of: astr"):
        pipeline("cola_can")


# What cannot be done


def test_a_damaged_drink_is_named(monkeypatch, tmp_path):
    shutil.copytree(data.drinks("lab/test").root, tmp_path / "drinks" / "lab" / "test")
    listed = Path(data.drinks("lab/test").root).parents[1] / "metadata.csv"
    shutil.copy(listed, tmp_path / "drinks")
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    folder = data.drinks("lab/test")
    path = folder.samples[folder.targets.index(folder.class_to_idx["cola_can"])][0]
    Path(path).write_bytes(b"no picture")
    w = pipeline("cat", THREE)
    before = texts(w)
    w.picture = "cola_can"
    assert f"{path} is damaged" in w.message
    assert w.arrays == w.stages == []
    assert w._repr_mimebundle_()
    w.picture = "cat"
    assert texts(w) == before
    with pytest.raises(OSError, match="is damaged"):
        pipeline("cola_can")


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (90, 1), (3, 2), (7, 7), (5, 300), (900, 8)])
def test_an_effect_that_cannot_work_on_the_picture_says_so(size):
    image = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    w = pipeline(image, [("invert", 1, 1), ("Gaussian blur", 0.5, 1)])
    height, width = w.stages[0].shape[:2]
    words = f"Step 2, Gaussian blur, cannot work on a picture of {height} × {width} pixels"
    assert w.message.startswith(words)
    assert w.shown["message"] == w.message
    assert w.arrays == w.shown["images"] == []
    assert w._repr_mimebundle_()[0]["image/jpeg"]
    remove(w, 1)
    assert w.message == w.shown["message"] == ""
    assert len(w.arrays) == len(w.shown["images"]) == 8
    add(w, "Gaussian blur")
    w.picture = "cat"
    assert w.message == ""
    assert same(run_code(w), w.arrays)


@pytest.mark.parametrize("error", [RuntimeError("x"), ZeroDivisionError(), KeyError("y")])
def test_whatever_a_library_raises_the_widget_lives(error, monkeypatch):
    w = pipeline(SMALL, [("rotate", 0.5, 1)])

    def fail(*_):
        raise error

    monkeypatch.setattr("torchvision.transforms.v2.RandomRotation.transform", fail)
    w.seed = 1
    reason = f" ({error})" if str(error) else ""
    assert w.message == (
        f"Step 1, rotate, cannot work on a picture of 40 × 60 pixels{reason}: choose another one, "
        "or remove the step."
    )
    monkeypatch.undo()
    w.seed = 2
    assert w.message == ""


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 90), (90, 1), (3, 2), (37, 23), (500, 20), (700, 900)]
)
def test_any_size(size):
    w = pipeline(torch.rand(3, *size), [("rotate", 1, 1), ("fog", 1, 1), ("color jitter", 1, 1)])
    assert w.message == ""
    for image in w.shown["images"]:
        height, width = decoded(image).shape[:2]
        assert min(height, width) >= 6
        assert 190 <= max(height, width) <= 500


@pytest.mark.parametrize(("given", "error", "message"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_bad_pictures_are_refused_in_words(given, error, message):
    if isinstance(given, str):
        error, message = (
            ValueError,
            "no picture is called 'cat.png'; did you mean 'cat'.*open_image",
        )
    with pytest.raises(error, match=message):
        pipeline(given)


ONE = [("fog", 0.5, 1)]
BAD_CALLS = {
    "several pictures": (([SMALL, SMALL],), ValueError, r"2 pictures; .*batch\[0\]"),
    "unknown picture": (("dog",), ValueError, "'dog'; choose one of: astronaut, .*tonic_can"),
    "empty name": (("",), ValueError, "no picture is called ''"),
    "unknown effect": (("cat", [("mist", 1, 1)]), ValueError, "no effect is called 'mist'"),
    "steps None": (("cat", None), TypeError, "steps is None; expected a list of"),
    "steps a name": (("cat", "fog"), TypeError, "steps is 'fog'; expected a list of"),
    "steps a number": (("cat", 3), TypeError, "steps is 3; expected a list of"),
    "one step bare": (("cat", ("fog", 1, 1)), TypeError, "a step is 'fog'"),
    "step without numbers": (("cat", [("fog",)]), TypeError, "a step is"),
    "step without probability": (("cat", [("fog", 1)]), TypeError, "a step is"),
    "step of four": (("cat", [("fog", 1, 1, 1)]), TypeError, "a step is"),
    "step in another order": (("cat", [(1, 1, "fog")]), TypeError, "a step is"),
    "strength below 0": (("cat", [("fog", -0.1, 1)]), ValueError, "strength is -0.1; expected"),
    "strength in percent": (("cat", [("fog", 50, 1)]), ValueError, "strength is 50; expected"),
    "strength NaN": (("cat", [("fog", float("nan"), 1)]), ValueError, "strength is nan"),
    "strength a text": (("cat", [("fog", "0.5", 1)]), ValueError, "strength is '0.5'"),
    "strength None": (("cat", [("fog", None, 1)]), ValueError, "strength is None"),
    "probability above 1": (("cat", [("fog", 1, 1.5)]), ValueError, "probability is 1.5"),
    "probability below 0": (("cat", [("fog", 1, -1)]), ValueError, "probability is -1"),
    "probability infinite": (("cat", [("fog", 1, float("inf"))]), ValueError, "probability is inf"),
    "too many steps": (("cat", ONE * 21), ValueError, "21 steps; a builder takes at most 20"),
    "seed negative": (("cat", ONE, -1), ValueError, "seed is -1; expected a whole number from 0"),
    "seed too large": (("cat", ONE, 2**31), ValueError, "seed is 2147483648; expected"),
    "seed a float": (("cat", ONE, 1.0), ValueError, "seed is 1.0; expected"),
    "seed a text": (("cat", ONE, "1"), ValueError, "seed is '1'; expected"),
    "seed None": (("cat", ONE, None), ValueError, "seed is None; expected"),
    "seed a bool": (("cat", ONE, True), ValueError, "seed is True; expected"),
}


@pytest.mark.parametrize(("given", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_input_is_refused_in_words(given, error, message):
    with pytest.raises(error, match=message):
        pipeline(*given)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: add(w, "mist"), ValueError, "no effect is called 'mist'"),
        (lambda w: setattr(w, "steps", [*w.steps, ("fog", 2, 1)]), ValueError, "strength is 2"),
        (lambda w: setattr(w, "steps", [("fog", 1, 7)]), ValueError, "probability is 7"),
        (lambda w: w.move_step(0, -1), IndexError, "there is no step -1"),
        (lambda w: w.move_step(2, 1), IndexError, "there is no step 3; there are 3, from 0 on"),
        (lambda w: w.move_step(0, 2), ValueError, "by is 2; expected 1"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(change, error, message):
    w = pipeline(SMALL, THREE)
    before = texts(w)
    with pytest.raises(error, match=message):
        change(w)
    assert w.steps == THREE
    assert texts(w) == before
    turn(w, 0, 1.0)  # and it still draws
    assert texts(w) != before
