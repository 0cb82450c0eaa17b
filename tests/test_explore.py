"""Widgets: every control reaches the picture, and the numbers in words are those applied."""

import base64
import io
import math
import platform
import re

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ipywidgets import Checkbox, FloatLogSlider, SelectionSlider, ToggleButton
from test_show import BAD_PICTURES
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from d2laug import augment
from d2laug.data import DRINKS, drinks, photo
from d2laug.train import load_network, predict
from d2laug.widgets import explore, screen, server

CAT = photo("cat")
SMALL = CAT[:, 90:150, 140:230].contiguous()  # 60 x 90
WIDGETS = {
    "flip": explore.flip,
    "crop": explore.crop,
    "color": explore.color,
    "temperature": explore.temperature,
}
CONTROLS = {
    "flip": ["left_right", "top_bottom"],
    "crop": ["area", "ratio", "x", "y", "size"],
    "color": ["brightness", "contrast", "saturation", "hue"],
    "temperature": ["kelvin", "hue"],
}
EVERY_CONTROL = [(widget, name) for widget, names in CONTROLS.items() for name in names]


def ends(control) -> list:
    """The values of a control from one end to the other."""
    if isinstance(control, Checkbox):
        return [False, True]
    if isinstance(control, SelectionSlider):
        return [value for _, value in control.options]
    values = np.linspace(control.min, control.max, 7)
    if isinstance(control, FloatLogSlider):
        values = control.base**values
    return [type(control.value)(value) for value in values]


def values(w) -> dict:
    return {name: control.value for name, control in w.controls.items()}


def press(w, description: str):
    """Press the button with these words."""
    left, right, _ = w.children
    buttons = [child for child in (*left.children, *right.children) if hasattr(child, "icon")]
    button = next(button for button in buttons if button.description == description)
    if isinstance(button, ToggleButton):
        button.value = not button.value
    else:
        button.click()


def decoded(image) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(image.value)))


def shown(array) -> np.ndarray:
    return array.permute(1, 2, 0).numpy() if isinstance(array, torch.Tensor) else array


def histograms(w) -> np.ndarray:
    """The heights of the bars under the pictures, 0 to 1: `[pictures, 3 channels, 64]`."""
    drawings = "".join(drawing.value for drawing in w.drawings)
    paths = re.findall(r"<path d='M0 1(.*?)V1'/>", drawings)
    heights = [[1 - float(v) for v in re.findall(r"V([\d.]+)h1", path)] for path in paths]
    return np.array(heights).reshape(-1, 3, 64) if paths else np.empty((0, 3, 64))


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?", text)]


# What every widget keeps


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_pictures_are_what_the_arrays_hold(make):
    w = make(CAT)
    for image, array in zip(w.images, w.arrays, strict=True):
        picture = PIL.Image.open(io.BytesIO(image.value))
        assert picture.format == "JPEG"
        # 4:4:4, so that no color is smeared
        assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3
        assert array.dtype == np.uint8
        large = screen.enlarge(array).astype(int)
        assert np.asarray(picture).shape == large.shape
        assert abs(np.asarray(picture) - large).mean() < 1.5


@pytest.mark.parametrize(("widget", "name"), EVERY_CONTROL)
def test_every_control_moves_the_picture_at_both_ends_and_between(widget, name):
    w = WIDGETS[widget](SMALL, **({"size": 40} if widget == "crop" else {}))
    control = w.controls[name]
    image = w.images[-1] if (widget, name) == ("temperature", "hue") else w.result
    assert control.description
    seen = {}
    for value in ends(control):
        control.value = value
        assert control.value == pytest.approx(value)
        seen[value] = (image.value, w.readout.value, w.captions[:])
    # hue -0.5 and 0.5 are the same place on the circle; all other values differ
    same = 1 if name == "hue" else 0
    assert len({picture for picture, _, _ in seen.values()}) == len(seen) - same
    assert len({readout for _, readout, _ in seen.values()}) == len(seen)
    assert len({str(captions) for _, _, captions in seen.values()}) == len(seen)
    first = ends(control)[0]
    control.value = first
    assert (image.value, w.readout.value, w.captions) == seen[first]


@pytest.mark.parametrize(("widget", "name"), EVERY_CONTROL)
def test_reset_restores_the_first_bytes(widget, name):
    w = WIDGETS[widget](SMALL)
    first = [image.value for image in w.images]
    start, readout, captions = values(w), w.readout.value, w.captions
    low, *_, high = ends(w.controls[name])
    w.controls[name].value = low if start[name] != low else high
    assert [image.value for image in w.images] != first
    press(w, "Reset")
    assert values(w) == start
    assert [image.value for image in w.images] == first
    assert (w.readout.value, w.captions) == (readout, captions)
    # and the controls still work
    w.controls[name].value = low if start[name] != low else high
    assert [image.value for image in w.images] != first


def test_a_move_within_a_move_is_drawn_with_it():
    w, drawn = explore.color(CAN), []
    w._page.observe(drawn.append, names="captions")
    brightness, others = w.controls["brightness"], {"contrast": 1.5, "saturation": 0.5}
    brightness.observe(lambda _: w.move(**others), names="value")
    w.move(brightness=0.5, hue=0.1)
    assert values(w) == {"brightness": 0.5, "hue": 0.1, **others}
    assert len(drawn) == 1


def test_arrays_are_drawn_where_nobody_is_asked():
    array = np.zeros((20, 20, 3), np.uint8)
    w = screen.Explorer({}, lambda: ([array, array], ["a", "b"], "c"))
    w.answered.value = False
    assert (w.captions, w.said.value) == (["a", "b"], "")


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_two_copies_are_independent(make):
    one, other = make(SMALL), make(SMALL)
    before = [image.value for image in other.images]
    assert [image.value for image in one.images] == before
    for control in one.controls.values():
        control.value = ends(control)[-2]
    assert [image.value for image in one.images] != before
    assert [image.value for image in other.images] == before
    assert values(other) == values(make(SMALL))


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_still_picture_beside_the_widget(make):
    w = make(SMALL)
    for control in w.controls.values():
        control.value = ends(control)[-1]
    data, metadata = w._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == w.model_id
    still = PIL.Image.open(io.BytesIO(base64.b64decode(data["image/jpeg"], validate=True)))
    still.load()
    assert still.format == "JPEG"
    assert still.width > 500
    for caption in w.captions:
        assert caption.replace("\n", ", ") in metadata["image/jpeg"]["alt"]
    assert "Picture" in data["text/plain"]


def test_the_still_has_the_histograms_of_the_widget():
    stills = {make: make(SMALL)._repr_mimebundle_()[1] for make in WIDGETS.values()}
    for make, metadata in stills.items():
        words = "over the histogram of its channels" in metadata["image/jpeg"]["alt"]
        assert words == (len(histograms(make(SMALL))) == 2)
    assert any(len(histograms(make(SMALL))) for make in stills)


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_the_still_shows_what_the_widget_shows_now(make):
    w = make(SMALL)
    before = w._repr_mimebundle_()[0]["image/jpeg"]
    control = next(iter(w.controls.values()))
    control.value = next(value for value in ends(control) if value != control.value)
    assert w._repr_mimebundle_()[0]["image/jpeg"] != before


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_what_draw_raises_reaches_whoever_moves(make, monkeypatch):
    w = make(SMALL)

    def fail(**values):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(w, "_draw", fail)
    control = next(iter(w.controls.values()))
    with pytest.raises(RuntimeError, match="on purpose"):
        control.value = next(value for value in ends(control) if value != control.value)
    with pytest.raises(RuntimeError, match="on purpose"):
        w.reset()


def test_the_number_of_threads_is_left_as_it_was(monkeypatch):
    w, seen = explore.flip(SMALL), []
    draw = w._draw
    monkeypatch.setattr(w, "_draw", lambda **v: seen.append(torch.get_num_threads()) or draw(**v))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        w.controls["top_bottom"].value = True
        assert seen == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_sizes_on_the_page_are_fixed(make):
    """A picture's room is that of its column and its ratio, known before it has arrived."""
    w = make(CAT)
    shapes = [decoded(image).shape[1] / decoded(image).shape[0] for image in w.images]
    before = [[*part.children] for part in w.children[:2]]
    for control in w.controls.values():
        for value in ends(control):
            control.value = value
            for image, shape in zip(w.images, shapes, strict=True):
                assert int(image.width) / int(image.height) == pytest.approx(shape)
                assert decoded(image).shape[1] / decoded(image).shape[0] == pytest.approx(shape)
    assert [[*part.children] for part in w.children[:2]] == before


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 90), (90, 1), (3, 2), (37, 23), (500, 20), (700, 900)]
)
def test_any_size(make, size):
    torch.manual_seed(0)
    w = make(torch.rand(3, *size))
    for control in w.controls.values():
        for value in (ends(control)[0], ends(control)[-1]):
            control.value = value
            for image in w.images:
                height, width = decoded(image).shape[:2]
                assert min(height, width) >= 6  # the thinnest picture can still be seen
                assert max(height, width) >= 200
                assert width <= 500 or height <= 500


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_one_picture_of_any_kind(make):
    array = SMALL.permute(1, 2, 0).numpy()
    first = [image.value for image in make(SMALL).images]
    for image in (array, PIL.Image.fromarray(array), SMALL[None], SMALL / 255, [SMALL]):
        assert [image.value for image in make(image).images] == first
    gray = make(SMALL[:1]).arrays[0]
    assert np.ptp(gray, axis=-1).max() == 0


def test_transparent_parts_lie_on_white():
    image = PIL.Image.new("RGBA", (3, 1))
    image.putdata([(200, 100, 0, 255), (200, 100, 0, 0), (200, 100, 0, 51)])
    source = explore.flip(image).arrays[0]
    assert source[0].tolist() == [[200, 100, 0], [255, 255, 255], [244, 224, 204]]


def test_the_input_is_left_alone():
    image = SMALL.clone()
    for make in WIDGETS.values():
        w = make(image)
        for control in w.controls.values():
            control.value = ends(control)[-1]
    assert torch.equal(image, SMALL)


def test_a_large_picture_is_reduced_and_says_so():
    retina = photo("retina")
    for make in (explore.flip, explore.color, explore.temperature):
        w = make(retina)
        assert w.arrays[0].shape == (360, 360, 3)
        assert "1411 × 1411 is reduced to 360 × 360" in w.readout.value
        assert "reduced" not in make(CAT).readout.value
    expected = F.resize(retina, [360, 360]).permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(w.arrays[0], expected)


# Bad input


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
@pytest.mark.parametrize(("given", "error", "message"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_bad_pictures_are_refused_in_words(make, given, error, message):
    with pytest.raises(error, match=message):
        make(given)


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_several_pictures_are_refused(make):
    with pytest.raises(ValueError, match=r"2 pictures; .*batch\[0\]"):
        make([SMALL, SMALL])


@pytest.mark.parametrize(
    ("make", "name", "value", "message"),
    [
        (explore.crop, "area", 0.07, "area.* is 0.07; expected 0.08 to 1"),
        (explore.crop, "area", 1.1, "area.* is 1.1; expected 0.08 to 1"),
        (explore.crop, "ratio", 0.5, "ratio.* is 0.5; expected 0.75 to 1.33"),
        (explore.crop, "ratio", 2, "ratio.* is 2; expected 0.75 to 1.33"),
        (explore.crop, "x", -0.1, "x.* is -0.1; expected 0 to 1"),
        (explore.crop, "y", 30, "y.* is 30; expected 0 to 1"),
        (explore.crop, "size", 7, "size.* is 7; expected 8 to 224"),
        (explore.crop, "size", 500, "size.* is 500; expected 8 to 224"),
        (explore.color, "brightness", 2.1, "brightness.* is 2.1; expected 0 to 2"),
        (explore.color, "contrast", -1, "contrast.* is -1; expected 0 to 2"),
        (explore.color, "saturation", float("nan"), "saturation.* is nan; expected 0 to 2"),
        (explore.color, "hue", 180, "hue.* is 180; expected -0.5 to 0.5"),
        (explore.temperature, "hue", -0.6, "hue.* is -0.6; expected -0.5 to 0.5"),
        (explore.temperature, "kelvin", 6501, "kelvin is 6501; choose one of: 2000, 2050"),
        (explore.temperature, "kelvin", 0, "kelvin is 0; choose one of: 2000, 2050"),
    ],
)
def test_first_values_out_of_range(make, name, value, message):
    with pytest.raises(ValueError, match=message):
        make(SMALL, **{name: value})


# Each widget against torchvision


@pytest.mark.parametrize("left_right", [False, True])
@pytest.mark.parametrize("top_bottom", [False, True])
def test_flip(left_right, top_bottom):
    w = explore.flip(SMALL)
    w.controls["left_right"].value, w.controls["top_bottom"].value = left_right, top_bottom
    expected = SMALL
    if left_right:
        expected = v2.RandomHorizontalFlip(p=1)(expected)
    if top_bottom:
        expected = v2.RandomVerticalFlip(p=1)(expected)
    np.testing.assert_array_equal(w.arrays[1], shown(expected))
    np.testing.assert_array_equal(w.arrays[0], shown(SMALL))
    words = {
        (False, False): "not flipped",
        (True, False): "flipped left-right",
        (False, True): "flipped top-bottom",
        (True, True): "flipped left-right and top-bottom",
    }
    assert w.readout.value == w.captions[1] == words[left_right, top_bottom]


CROP = explore.crop(CAT)


@given(
    st.floats(0.08, 1), st.floats(0.76, 1.33), st.floats(0, 1), st.floats(0, 1), st.integers(8, 224)
)
@settings(deadline=None, max_examples=40)
def test_crop_does_what_its_readout_says(area, ratio, x, y, size):
    for name, value in {"area": area, "ratio": ratio, "x": x, "y": y, "size": size}.items():
        CROP.controls[name].value = value
    top, left, height, width = (int(number) for number in numbers(CROP.captions[0]))
    expected = F.resized_crop(CAT, top, left, height, width, [size, size])
    np.testing.assert_array_equal(CROP.arrays[1], shown(expected))
    assert CROP.captions[1] == (
        f"area {height * width / (300 * 451):.2f}, ratio {width / height:.2f} → {size} × {size}"
    )
    assert CROP.readout.value.startswith(": ".join(CROP.captions))
    # the box is torchvision's for these numbers, or cut to fit
    wanted = round(math.sqrt(300 * 451 * area / ratio)), round(math.sqrt(300 * 451 * area * ratio))
    assert (height, width) == (min(wanted[0], 300), min(wanted[1], 451))
    fits = wanted[0] <= 300 and wanted[1] <= 451
    assert ("cut to fit" in CROP.readout.value) != fits
    assert f"{wanted[0]} × {wanted[1]}" in CROP.readout.value
    assert abs(top - y * (300 - height)) <= 0.5
    assert abs(left - x * (451 - width)) <= 0.5
    # inside of the frame the source is as it was, outside it is dark
    inside = np.s_[top + 4 : top + height - 4, left + 4 : left + width - 4]
    np.testing.assert_array_equal(CROP.arrays[0][inside], shown(CAT)[inside])
    dark = np.ones((300, 451), bool)
    dark[top : top + height, left : left + width] = False
    np.testing.assert_array_equal(CROP.arrays[0][dark], shown(CAT)[dark] // 2)


@pytest.mark.parametrize("seed", range(5))
def test_crop_reaches_the_boxes_that_torchvision_draws(seed):
    torch.manual_seed(seed)
    box = v2.RandomResizedCrop(64).make_params([CAT])
    top, left, height, width = (box[key] for key in ("top", "left", "height", "width"))
    w = explore.crop(
        CAT,
        size=64,
        area=height * width / (300 * 451),
        ratio=width / height,
        x=left / (451 - width),
        y=top / (300 - height),
    )
    assert w.captions[0] == f"top {top}, left {left}, height {height}, width {width}"
    np.testing.assert_array_equal(
        w.arrays[1], shown(F.resized_crop(CAT, top, left, height, width, [64, 64]))
    )


def test_crop_cuts_from_the_full_picture():
    retina = photo("retina")
    w = explore.crop(retina, size=200, area=0.08, x=0.5, y=0.5)
    top, left, height, width = (int(number) for number in numbers(w.captions[0]))
    assert (height, width) == (399, 399)
    expected = F.resized_crop(retina, top, left, 399, 399, [200, 200])
    np.testing.assert_array_equal(w.arrays[1], shown(expected))
    assert w.arrays[0].shape == (360, 360, 3)
    bright = w.arrays[0].max(axis=-1) == 255  # the white frame
    rows, columns = np.nonzero(bright)
    assert abs(rows.min() - top * 360 / 1411) <= 2
    assert abs(columns.max() - (left + width) * 360 / 1411) <= 2


COLOR = explore.color(SMALL)


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 2), st.floats(-0.5, 0.5))
@example(1.0, 1.0, 1.0, -0.0)
@example(1.0, 1.0, 1.0, -0.001)
@settings(deadline=None, max_examples=40)
def test_color_applies_its_four_steps_in_their_order(brightness, contrast, saturation, hue):
    COLOR.controls["brightness"].value = brightness
    COLOR.controls["contrast"].value = contrast
    COLOR.controls["saturation"].value = saturation
    COLOR.controls["hue"].value = hue
    expected = F.adjust_brightness(SMALL, brightness)
    expected = F.adjust_contrast(expected, contrast)
    expected = F.adjust_saturation(expected, saturation)
    expected = F.adjust_hue(expected, hue)
    difference = abs(COLOR.arrays[1].astype(int) - shown(expected))
    # a hue of 0 is left out, where torchvision goes to HSV and back
    assert difference.max() <= (1 if hue == 0 else 0)
    assert COLOR.captions[1] == (
        f"brightness ×{brightness:.2f}, contrast ×{contrast:.2f}\n"
        f"saturation ×{saturation:.2f}, hue {hue:+z.2f} ({hue * 360:+z.0f}°)"
    )
    means = [round(mean) for mean in COLOR.arrays[1].mean(axis=(0, 1)).tolist()]
    assert numbers(COLOR.readout.value.split("→")[1]) == means


def test_neutral_color_changes_nothing():
    w = explore.color(SMALL)
    np.testing.assert_array_equal(w.arrays[1], shown(SMALL))
    assert w.source.value == w.result.value
    assert "hue +0.00 (+0°)" in w.readout.value


@pytest.mark.parametrize("level", [0, 130, 255])
def test_histogram_of_one_color(level):
    w = explore.color(torch.full((3, 20, 30), level, dtype=torch.uint8))
    for bars in histograms(w)[0]:
        assert np.nonzero(bars)[0].tolist() == [level // 4]
    drawings = w.drawings[0].value + w.drawings[1].value
    colors = re.findall(r"(\w+)<svg fill='(#\w+)'", drawings)
    assert [name for name, _ in colors] == ["red", "green", "blue"] * 2
    assert len(set(colors)) == 3


def test_histograms_have_the_heights_of_the_counts():
    w = explore.color(SMALL, brightness=1.3)
    source, result = histograms(w)
    changed = F.adjust_brightness(SMALL, 1.3)
    for picture, drawn in ((SMALL, source), (changed, result)):
        counts = np.stack([np.bincount(plane.flatten() // 4, minlength=64) for plane in picture])
        top = np.sort(counts)[:, -3].max()
        assert (drawn == 1).sum() >= 3  # the tallest bars of a channel are cut off
        np.testing.assert_allclose(drawn, np.minimum(counts / top, 1), atol=0.001)


@pytest.mark.parametrize("kelvin", explore.KELVIN)
def test_temperature(kelvin):
    w = explore.temperature(SMALL)
    w.controls["kelvin"].value = kelvin
    expected = augment.adjust_color_temperature(SMALL, kelvin)
    difference = abs(w.arrays[1].astype(int) - shown(expected))
    assert difference.max() == 0
    assert w.captions[1] == f"{kelvin} K"
    gains = numbers(re.search(r"×.*?;", w.readout.value).group())
    np.testing.assert_allclose(gains, augment.kelvin_to_gains(kelvin), atol=0.006)


def test_temperature_against_hue():
    w = explore.temperature(SMALL, kelvin=6500, hue=0)
    for array in w.arrays:
        np.testing.assert_array_equal(array, shown(SMALL))
    w.controls["hue"].value = 0.3
    np.testing.assert_array_equal(w.arrays[2], shown(F.adjust_hue(SMALL, 0.3)))
    np.testing.assert_array_equal(w.arrays[1], shown(SMALL))
    warm, cold = (explore.temperature(SMALL, kelvin=kelvin).arrays[1] for kelvin in (2000, 12000))
    red, _, blue = (warm.astype(float) - cold).mean(axis=(0, 1))
    assert red > 20
    assert blue < -20


def test_steps_of_the_temperature_look_about_even():
    mired = 1e6 / np.array(explore.KELVIN)
    assert mired[0] == 500
    assert explore.KELVIN[-1] == 12000
    assert {2700, 3000, 4000, 5000, 5500, 6500, 10000} <= set(explore.KELVIN)
    steps = -np.diff(mired)
    assert steps.min() >= 5
    assert steps.max() <= 15


# What the server does for the lessons


def test_a_save_keeps_stills_and_leaves_the_rest():
    view, still = {server.VIEW: {"model_id": "1"}}, {"image/jpeg": "x", "text/plain": "y"}
    outputs = [{"data": view | still}, {"data": dict(view)}, {"name": "stdout", "text": "z"}]
    cells = [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown", "source": ""}]
    server.keep_stills({"type": "notebook", "content": {"cells": cells}}, path="a", extra=1)
    assert outputs == [{"data": still}, {"data": view}, {"name": "stdout", "text": "z"}]
    for other in ({"type": "file", "content": "text"}, {"type": "directory", "content": [1]}):
        server.keep_stills(other)
        assert server.name_python(dict(other)) == other
    assert server.name_python({"type": "notebook", "content": None})["content"] is None


def test_a_notebook_that_is_read_names_this_python_where_it_will_run_it():
    def read(kernel):
        metadata = {"kernelspec": {"name": kernel}, "language_info": {"name": "x"}}
        model = {"type": "notebook", "content": {"cells": [], "metadata": metadata}}
        return server.name_python(model)["content"]["metadata"]["language_info"]

    assert read("python3")["version"] == platform.python_version()
    assert read("julia") == {"name": "x"}


# The opinion of networks, and the show floor


NETWORKS = {"without": load_network("none"), "with": load_network("all")}
CAN = drinks("lab/test", tensors=True)[0][200]  # an orange can, or another drink


@pytest.mark.parametrize("make", [explore.flip, explore.crop, explore.color])
def test_networks_are_asked_at_every_move(make):
    w, silent = make(CAN, networks=NETWORKS), make(CAN)
    for control in w.controls.values():
        for value in ends(control)[:: len(ends(control)) - 1]:
            control.value = value
            result = torch.from_numpy(w.arrays[1].transpose(2, 0, 1).copy())
            for name, network in NETWORKS.items():
                probabilities = predict(network, F.resize(result[None], [96, 96]))[0]
                best = DRINKS[probabilities.argmax()]
                assert f"{name}:\n{best} {probabilities.max():.0%}" in w.captions[1]
                assert f"<b>{name}</b>: {best}" in w.said.value
        w.reset()
    assert "without" not in silent.readout.value + silent.said.value + silent.captions[1]
    assert silent.said.value == ""


@pytest.mark.parametrize("make", [explore.flip, explore.crop, explore.color])
def test_covered_answers_are_not_even_asked_for(make, monkeypatch):
    opened = make(CAN, networks=NETWORKS)
    asked = []
    monkeypatch.setattr(explore.train, "predict", lambda *a: asked.append(1) or predict(*a))
    w = make(CAN, networks=NETWORKS, covered=True)
    for control in w.controls.values():
        control.value = ends(control)[0] if hasattr(control, "min") else control.value
    w.reset()
    data, metadata = w._repr_mimebundle_()
    seen = str([data["text/plain"], metadata, w.captions, w.said.value, w.readout.value])
    assert [name for name in NETWORKS if f"{name}:" in seen] == asked == []
    assert "Say first" in w.said.value
    press(w, "Show the answers")
    assert (w.captions, w.said.value) == (opened.captions, opened.said.value)
    press(w, "Cover the answers")
    assert w.captions == [opened.captions[0], opened.captions[1].partition("\nwithout:")[0]]
    press(w, "Show the answers")
    w.reset()
    assert "Say first" in w.said.value


def test_without_networks_there_is_nothing_to_cover():
    w = explore.flip(SMALL, covered=True)
    with pytest.raises(StopIteration):
        press(w, "Show the answers")
    assert w.said.value == ""


def test_the_show_floor_says_who_is_right():
    w = explore.show_floor("cola_can", networks=NETWORKS)
    lab, _ = drinks("lab/test")[20 * DRINKS.index("cola can")]
    assert np.array_equal(w.arrays[0], np.asarray(lab))
    assert np.array_equal(w.arrays[1], w.arrays[0])  # the lab's light, and a cloth
    assert w.captions[1].count(", right") == 2
    w.controls["kelvin"].value = 2500
    warm = torch.from_numpy(w.arrays[1].transpose(2, 0, 1).copy())
    expected = augment.adjust_color_temperature(F.pil_to_tensor(lab), 2500)
    assert torch.equal(warm, expected)
    assert ", WRONG" in w.captions[1]
    w.controls["drink"].value = "milk_carton"
    assert w.captions[0] == "milk carton"


def test_more_reflections_are_brighter_at_the_same_places():
    w = explore.show_floor(networks=NETWORKS)
    dark = w.arrays[0].astype(int)
    white = []
    for strength in (0.5, 1.0, 2.0):
        w.controls["reflections"].value = strength
        white.append(w.arrays[1].astype(int).max(2))
    lit = white[0] > dark.max(2) + 20
    assert 0.02 < lit.mean() < 0.6
    assert white[1][lit].mean() > white[0][lit].mean()
    assert (white[2] >= 250).mean() > 0.01


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"drink": "tea"}, "drink is 'tea'; choose one of: apple_carton"),
        ({"kelvin": 6501}, "kelvin is 6501; choose one of: 2000"),
        ({"kelvin": -5}, "kelvin is -5"),
        ({"reflections": 2.5}, "reflections"),
        ({"reflections": float("nan")}, "reflections"),
    ],
)
def test_the_show_floor_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        explore.show_floor(networks=NETWORKS, **wrong)


def test_what_rests_is_neither_read_nor_encoded_again(monkeypatch):
    """At a move of the light the lab's picture stays as it is."""
    floor, made = explore.show_floor("cola_can", kelvin=4000, networks={}), []
    encode = screen.encode
    monkeypatch.setattr(screen, "encode", lambda array: made.append(array) or encode(array))
    monkeypatch.setattr(explore.data, "drink", lambda _: pytest.fail("it is read again"))
    lab, show = (image.value for image in floor.images)
    floor.controls["kelvin"].value = 3000
    assert len(made) == 1
    assert floor.source.value == lab
    assert floor.result.value != show
