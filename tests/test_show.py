"""Figures: every kind of picture becomes the right pixels, every caption the right number."""

import base64
import io
import re
import subprocess
import sys
import textwrap
from functools import partial

import matplotlib.style
import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as np_arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import nn
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from d2laug import augment, show
from d2laug.data import photo
from d2laug.draws import _parts, record_draws
from d2laug.show import (
    Picture,
    show_augmented,
    show_crops,
    show_histograms,
    show_images,
    to_arrays,
)
from d2laug.show.picture import DPI

settings.register_profile("course", deadline=None, max_examples=60)
settings.load_profile("course")


@st.composite
def pictures(draw):
    """A batch of `uint8` pictures N x H x W x C."""
    shape = tuple(draw(st.integers(1, 5)) for _ in range(3))
    channels = draw(st.sampled_from([1, 3, 4]))
    return draw(np_arrays(np.uint8, (*shape, channels)))


def as_shown(batch: np.ndarray) -> np.ndarray:
    return batch.repeat(3, axis=-1) if batch.shape[-1] == 1 else batch


def tiles(picture: Picture) -> list:
    """The axes that hold a picture."""
    return [axis for axis in picture.figure.axes if axis.images]


def pixels(axis) -> np.ndarray:
    return np.asarray(axis.images[0].get_array())


def assert_equal(shown: list[np.ndarray], expected) -> None:
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, other)


# to_arrays


@given(pictures())
def test_uint8_stays_exact_in_every_layout(batch):
    expected = as_shown(batch)
    tensor = torch.from_numpy(batch).permute(0, 3, 1, 2)
    assert_equal(to_arrays(batch), expected)
    assert_equal(to_arrays(tensor), expected)
    assert_equal(to_arrays(tensor.contiguous(memory_format=torch.channels_last)), expected)
    assert_equal(to_arrays(list(batch)), expected)
    assert_equal(to_arrays(tuple(tensor)), expected)
    if batch.shape[-1] == 1:
        assert_equal(to_arrays(list(batch[..., 0])), expected)
        assert_equal(to_arrays(list(tensor[:, 0])), expected)


@given(pictures(), st.sampled_from([torch.float64, torch.float32, torch.float16, torch.bfloat16]))
def test_floats_are_rounded_to_the_nearest(batch, dtype):
    values = torch.from_numpy(batch).permute(0, 3, 1, 2).to(torch.float64).div(255).to(dtype)
    expected = (values.double() * 255).round().permute(0, 2, 3, 1).numpy()
    difference = np.stack(to_arrays(values)) - as_shown(expected)
    assert abs(difference).max() == 0 if dtype != torch.bfloat16 else abs(difference).max() <= 1
    if dtype not in (torch.bfloat16, torch.float16):
        assert_equal(to_arrays(values), as_shown(batch))
        assert_equal(to_arrays(values.permute(0, 2, 3, 1).numpy()), as_shown(batch))


def test_half_way_and_a_rounding_error_outside_of_the_range():
    values = torch.tensor([[0.0, 0.499 / 255, 0.501 / 255, 1.0, -5e-5, 1 + 5e-5]])
    assert to_arrays(values)[0][0, :, 0].tolist() == [0, 0, 1, 255, 0, 255]


def test_bool_is_black_and_white():
    mask = torch.tensor([[True, False]])
    assert to_arrays(mask)[0][0, :, 0].tolist() == [255, 0]
    assert to_arrays(mask.numpy())[0][0, :, 0].tolist() == [255, 0]


def test_mixed_list_in_its_order():
    tensor, array = torch.full((3, 2, 5), 7, dtype=torch.uint8), np.full((4, 3), 8, np.uint8)
    image = PIL.Image.new("RGB", (6, 1), (9, 9, 9))
    batch = torch.full((2, 1, 3, 3), 10, dtype=torch.uint8)
    shown = to_arrays([tensor, [array, image], batch])
    assert [one.shape for one in shown] == [(2, 5, 3), (4, 3, 3), (1, 6, 3), (3, 3, 3), (3, 3, 3)]
    assert [one.max() for one in shown] == [7, 8, 9, 10, 10]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_pil_modes(mode):
    rgb = PIL.Image.fromarray(photo("cat").permute(1, 2, 0).numpy()[100:120, 200:230])
    image = rgb.convert("P").convert("PA") if mode == "PA" else rgb.convert(mode)
    opacity = mode in ("LA", "PA", "RGBA")
    shown = to_arrays(image)
    assert_equal(shown, [np.asarray(image.convert("RGBA" if opacity else "RGB"))])
    assert shown[0].shape == (20, 30, 4 if opacity else 3)
    # the colors are those of the photograph, as far as the mode can hold them
    gray = mode in ("1", "L", "LA")
    expected = np.asarray(rgb.convert("L").convert("RGB") if gray else rgb, dtype=float)
    assert abs(shown[0][..., :3].mean(axis=(0, 1)) - expected.mean(axis=(0, 1))).max() < 8


def test_palette_with_a_transparent_color():
    image = PIL.Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putdata([0, 1])
    image.info["transparency"] = 1
    assert to_arrays(image)[0].tolist() == [[[255, 0, 0, 255], [0, 0, 255, 0]]]


def test_the_input_is_left_alone():
    values = torch.tensor([[0.0, 1 + 5e-5]], requires_grad=True)
    before = values.detach().clone()
    shown = to_arrays(values)
    shown[0][:] = 3
    assert torch.equal(values.detach(), before)


# Bad input: what is passed, the error, and what the message says was given and expected.

NAN = torch.tensor([[0.0, float("nan")]])
PIXEL = torch.zeros(3, 1, 1)
BAD_PICTURES = {
    "no picture": ([], ValueError, "list is empty"),
    "empty tuple": ((), ValueError, "list is empty"),
    "list in a list is empty": ([PIXEL, []], ValueError, "list is empty"),
    "rank 0": (torch.tensor(0.5), ValueError, r"shape \(\);.*must be \[H, W\]"),
    "rank 1": (torch.zeros(5), ValueError, r"shape \(5,\);.*must be \[H, W\]"),
    "rank 1 array": (np.zeros(5), ValueError, r"shape \(5,\);.*must be H x W"),
    "rank 5": (torch.zeros(1, 1, 3, 2, 2), ValueError, r"\(1, 1, 3, 2, 2\);.*C = 1, 3 or 4"),
    "two channels": (torch.zeros(2, 4, 5), ValueError, r"shape \(2, 4, 5\);.*C = 1, 3 or 4"),
    "five channels": (np.zeros((4, 5, 5)), ValueError, r"shape \(4, 5, 5\);.*C = 1, 3 or 4"),
    "channels last": (torch.zeros(20, 30, 3), ValueError, r"pass tensor.movedim\(-1, -3\)"),
    "batch, channels last": (torch.zeros(5, 20, 30, 3), ValueError, r"pass tensor.movedim"),
    "channels first": (np.zeros((3, 20, 30)), ValueError, r"pass torch.from_numpy\(array\)"),
    "no channel": (torch.zeros(0, 4, 5), ValueError, r"shape \(0, 4, 5\)"),
    "no rows": (torch.zeros(3, 0, 5), ValueError, r"empty picture of shape \(3, 0, 5\)"),
    "no columns": (np.zeros((4, 0), np.uint8), ValueError, r"empty picture of shape \(4, 0\)"),
    "no picture in the batch": (torch.zeros(0, 3, 4, 5), ValueError, r"empty.*\(0, 3, 4, 5\)"),
    "empty PIL image": (PIL.Image.new("RGB", (0, 4)), ValueError, r"empty picture.*\(4, 0, 3\)"),
    "NaN": (NAN, ValueError, "1 of 2 values are NaN"),
    "NaN array": (np.full((2, 2), np.nan), ValueError, "4 of 4 values are NaN"),
    "infinite": (torch.tensor([[0.0, float("inf")]]), ValueError, "values 0 to inf; expected 0 to"),
    "float 0 to 255": (torch.tensor([[0.0, 255.0]]), ValueError, "0 to 255; .*divide by 255"),
    "float -1 to 1": (torch.tensor([[-1.0, 1.0]]), ValueError, "-1 to 1; .*clamp or rescale"),
    "float just above": (np.array([[0.0, 1.01]]), ValueError, "0 to 1.01; expected 0 to 1"),
    "int64": (torch.zeros(3, 2, 2, dtype=torch.int64), TypeError, "int64; expected uint8"),
    "int32 array": (np.zeros((2, 2), np.int32), TypeError, "int32; expected uint8"),
    "uint16": (np.zeros((2, 2), np.uint16), TypeError, "uint16; expected uint8"),
    "complex": (torch.zeros(2, 2, dtype=torch.complex64), TypeError, "complex64; expected uint8"),
    "objects": (np.array([["a", "b"]], object), TypeError, "object; expected uint8"),
    "16-bit PIL image": (PIL.Image.new("I;16", (2, 2)), ValueError, "'I;16'; expected 8 bits"),
    "float PIL image": (PIL.Image.new("F", (2, 2)), ValueError, "'F'; expected 8 bits"),
    "name of a file": ("cat.png", TypeError, "str is not a picture; .*open_image"),
    "bytes": (b"\xff\xd8", TypeError, "bytes is not a picture"),
    "None": (None, TypeError, "NoneType is not a picture; expected a PIL image"),
    "number": (3, TypeError, "int is not a picture"),
    "list with a string": ([PIXEL, "cat"], TypeError, "str is not a picture"),
    "list of numbers": ([[0.1, 0.2]], TypeError, "float is not a picture"),
    "good and bad": ([PIXEL, NAN], ValueError, "1 of 2 values are NaN"),
}
TAKERS = {
    "to_arrays": to_arrays,
    "show_images": show_images,
    "show_histograms": show_histograms,
    "show_crops": lambda image: show_crops(image, [(0, 0, 1, 1)]),
    "show_augmented": lambda image: show_augmented(image, nn.Identity()),
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS.keys())
@pytest.mark.parametrize(("given", "error", "message"), BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_bad_pictures_are_refused_in_words(given, error, message, take):
    with pytest.raises(error, match=message):
        take(given)


IMAGE = torch.rand(3, 20, 30)
CAT = photo("cat")[:, 100:220, 150:330]
BAD_CALLS = {
    "too few captions": (lambda: show_images(IMAGE, []), ValueError, "0 captions for 1 picture"),
    "too many captions": (
        lambda: show_images([IMAGE] * 2, ["a", "b", "c"]),
        ValueError,
        "3 captions for 2 pictures; expected one",
    ),
    "columns 0": (lambda: show_images(IMAGE, columns=0), ValueError, "columns is 0; expected"),
    "columns -1": (lambda: show_images(IMAGE, columns=-1), ValueError, "columns is -1; expected"),
    "columns 1.5": (lambda: show_images(IMAGE, columns=1.5), ValueError, "columns is 1.5"),
    "101 pictures": (lambda: show_images([IMAGE] * 101), ValueError, "101 pictures .*1 to 100"),
    "n 0": (lambda: show_augmented(IMAGE, v2.Identity(), n=0), ValueError, "n is 0; .*1 to 100"),
    "n 101": (lambda: show_augmented(IMAGE, v2.Identity(), n=101), ValueError, "n is 101"),
    "n 2.0": (lambda: show_augmented(IMAGE, v2.Identity(), n=2.0), ValueError, "n is 2.0"),
    "no transform": (lambda: show_augmented(IMAGE, None), TypeError, "NoneType; expected a func"),
    "name of a transform": (
        lambda: show_augmented(IMAGE, "flip"),
        TypeError,
        "str; expected a function",
    ),
    "batch to augment": (
        lambda: show_augmented(torch.rand(2, 3, 4, 4), v2.Identity()),
        ValueError,
        r"2 pictures; expected one, as in batch\[0\]",
    ),
    "transform gives no picture": (
        lambda: show_augmented(IMAGE, lambda image: None),
        TypeError,
        "NoneType is not a picture",
    ),
    "transform leaves the range": (
        lambda: show_augmented(IMAGE, v2.Normalize([0.5] * 3, [0.01] * 3)),
        ValueError,
        "expected 0 to 1",
    ),
    "no boxes": (lambda: show_crops(IMAGE, []), ValueError, "0 crops are given; choose 1 to 8"),
    "nine boxes": (lambda: show_crops(IMAGE, [(0, 0, 1, 1)] * 9), ValueError, "9 crops are given"),
    "box of three": (lambda: show_crops(IMAGE, [(0, 0, 5)]), ValueError, r"\(0, 0, 5\) is not"),
    "box too low": (lambda: show_crops(IMAGE, [(16, 0, 5, 5)]), ValueError, "not inside.*20 x 30"),
    "box too far right": (lambda: show_crops(IMAGE, [(0, 26, 5, 5)]), ValueError, "not inside"),
    "box too far left": (lambda: show_crops(IMAGE, [(0, -1, 5, 5)]), ValueError, "not inside"),
    "empty box": (lambda: show_crops(IMAGE, [(0, 0, 0, 5)]), ValueError, "not inside"),
    "captions of boxes": (
        lambda: show_crops(IMAGE, [(0, 0, 5, 5)], ["a", "b"]),
        ValueError,
        "2 captions for 1 crops; expected one",
    ),
    "batch to crop": (
        lambda: show_crops([IMAGE, IMAGE], [(0, 0, 5, 5)]),
        ValueError,
        "2 pictures; expected one",
    ),
    "five histograms": (lambda: show_histograms([IMAGE] * 5), ValueError, "5 pictures .*1 to 4"),
    "captions of histograms": (
        lambda: show_histograms(IMAGE, ["a", "b"]),
        ValueError,
        "2 captions for 1 pictures",
    ),
    "empty wall": (lambda: show.show_wall({"group": {}}), ValueError, "every group is empty"),
    "wall of no group": (lambda: show.show_wall({}), ValueError, "every group is empty"),
    "wall of 0 columns": (
        lambda: show.show_wall({"group": {"a": IMAGE}}, columns=0),
        ValueError,
        "columns is 0",
    ),
    "wall of a batch": (
        lambda: show.show_wall({"g": {"a": torch.stack([IMAGE] * 2)}}),
        ValueError,
        r"2 pictures; expected one, as in batch\[0\]",
    ),
    "wall of a number": (
        lambda: show.show_wall({"g": {"a": 3}}),
        TypeError,
        "int is not a picture",
    ),
    "ranking of too few": (
        lambda: show.show_dots({"a": [0.5], "b": [0.1, 0.2]}, series=["x", "y"]),
        ValueError,
        "'a' has 1 numbers for 2 series",
    ),
    "five series": (
        lambda: show.show_dots({"a": [0.5] * 5}, series="abcde"),
        ValueError,
        "5 series; expected one for each of up to 4",
    ),
    "table of another shape": (
        lambda: show.show_matrix([[0.5]], ["a"], ["x", "y"]),
        ValueError,
        r"shape \(1, 1\); expected \(1, 2\): rows, columns",
    ),
    "spread of another shape": (
        lambda: show.show_matrix([[0.5]], ["a"], ["x"], spread=[[0.1, 0.2]]),
        ValueError,
        r"spread of shape \(1, 2\); expected \(1, 1\)",
    ),
    "table of no columns": (
        lambda: show.show_matrix(np.zeros((1, 0)), ["a"], []),
        ValueError,
        "a table of 1 x 0 cells",
    ),
    "no bars": (lambda: show.show_bars({}), ValueError, "nothing to draw; expected at least one"),
    "no dots": (lambda: show.show_dots({}), ValueError, "nothing to draw"),
    "no curves": (lambda: show.show_curves({}, [], "x"), ValueError, "nothing to draw"),
    "bar of two numbers": (
        lambda: show.show_bars({"a": [0.1, 0.2]}),
        ValueError,
        r"'a' has 2 finite numbers \[2\]; expected one number",
    ),
    "bar of NaN": (
        lambda: show.show_bars({"a": NAN.max()}),
        ValueError,
        "'a' has 0 finite numbers",
    ),
    "row without a dot": (
        lambda: show.show_dots({"a": [0.5], "b": []}),
        ValueError,
        r"'b' has 0 finite numbers \[0\]; expected \[N\], all",
    ),
    "dots of a number": (lambda: show.show_dots({"a": 0.5}), ValueError, r"\[\]; expected \[N\]"),
    "curve of a number": (
        lambda: show.show_curves({"a": 0.5}, [1], "x"),
        ValueError,
        r"expected \[N\] or \[N, runs\]",
    ),
    "curve too short": (
        lambda: show.show_curves({"a": [1, 2]}, [1, 2, 3], "x"),
        ValueError,
        "'a' has 2 values; expected 3, one for each x",
    ),
    "eight curves": (
        lambda: show.show_curves({str(n): [n] for n in range(8)}, [1], "x"),
        ValueError,
        "8 curves; expected at most 7",
    ),
    "format": (lambda: Picture(None, "", "gif"), ValueError, "'gif'; expected 'jpeg'"),
}


def test_whole_numbers_may_be_those_of_numpy():
    assert show_images([IMAGE] * 3, columns=np.int64(2)).alt == show_images([IMAGE] * 3).alt


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_calls_are_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


# show_images


@pytest.mark.parametrize(
    ("count", "columns", "grid"),
    [
        (1, None, (1, 1)),
        (4, None, (1, 4)),
        (5, None, (2, 3)),
        (8, None, (2, 4)),
        (3, 2, (2, 2)),
        (2, 5, (1, 5)),
        (100, None, (25, 4)),
    ],
)
def test_grid_and_its_pixels(count, columns, grid):
    batch = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 2, 3)
    picture = show_images(batch, ["caption\nin two lines"] * count, columns=columns)
    assert [pixels(axis).flat[0] for axis in tiles(picture)] == list(range(count))
    boxes = [axis.get_position() for axis in tiles(picture)]
    rows, columns = len({round(box.y0, 6) for box in boxes}), int(1 / boxes[0].width)
    assert (rows, columns) == grid
    for axis in tiles(picture):  # nothing is cut off, captions included
        box = axis.get_tightbbox().transformed(picture.figure.transFigure.inverted())
        assert min(box.p0) > -1e-6
        assert max(box.p1) < 1 + 1e-6
    assert not any(axis.axison for axis in picture.figure.axes)


def test_captions_and_alternative_text():
    picture = show_images([IMAGE] * 2, ["first\nline", 2])
    assert [axis.get_title() for axis in tiles(picture)] == ["first\nline", "2"]
    assert picture.alt == "2 pictures: first, line; 2"
    assert show_images(IMAGE).alt == "1 picture"
    assert show_images(IMAGE, "one string").alt == "1 picture: one string"


def boxes_of_titles(picture):
    picture.figure.draw_without_rendering()
    return [axis.title.get_window_extent() for axis in tiles(picture)]


@pytest.mark.parametrize(
    "caption", ["strength 0.76, 1.33, 1.05", "one line\nand a second line, a wider one"]
)
def test_a_caption_does_not_run_into_the_next(caption):
    picture = show_images([IMAGE] * 8, [caption, *["short"] * 7])
    first, second = boxes_of_titles(picture)[:2]
    places = [axis.get_window_extent() for axis in tiles(picture)]
    assert first.x1 <= places[1].x0
    assert first.height > second.height * caption.count("\n")
    assert len({axis.title.get_fontsize() for axis in tiles(picture)}) == 1
    plain = show_images([IMAGE] * 8, ["short"] * 8)
    assert tiles(plain)[0].title.get_fontsize() > tiles(picture)[0].title.get_fontsize() >= 8


def test_mixed_sizes_keep_their_pixels_and_shapes():
    sizes = [(1, 1), (1, 200), (200, 1), (20, 30), (31, 9)]
    picture = show_images([torch.rand(3, *size) for size in sizes])
    assert [pixels(axis).shape[:2] for axis in tiles(picture)] == sizes
    picture.figure.draw_without_rendering()
    for axis, (height, width) in zip(tiles(picture), sizes, strict=True):
        box = axis.get_window_extent()
        assert min(box.height, box.width) > 3  # the thinnest picture can still be seen
        if (height, width) in [(20, 30), (31, 9)]:
            assert box.height / box.width == pytest.approx(height / width, rel=0.02)


def test_to_scale_draws_every_pixel_equally_large():
    picture = show_images([torch.rand(3, 10, 40), torch.rand(3, 20, 20)], to_scale=True)
    picture.figure.draw_without_rendering()
    large = [axis.transData.transform([(0, 0), (1, 1)]) for axis in tiles(picture)]
    steps = [abs(second - first) for first, second in large]
    np.testing.assert_allclose(steps, steps[0][0], rtol=1e-3)
    sharp = show_images([torch.rand(3, 10, 40), torch.rand(3, 20, 20)])
    assert tiles(sharp)[0].get_xlim() != tiles(sharp)[1].get_xlim()


@pytest.mark.parametrize(("format", "start"), [("jpeg", b"\xff\xd8\xff"), ("png", b"\x89PNG")])
def test_picture_in_a_notebook(format, start):
    drawing, axes = show.new_figure(width=3, height=2)
    axes.plot([0, 1], [0, 1])
    picture = Picture(drawing, "a rising line", format)
    data, metadata = picture._repr_mimebundle_()
    mime = f"image/{format}"
    assert set(data) == {mime, "text/plain"}
    assert data["text/plain"] == "Picture('a rising line')"
    assert metadata[mime]["alt"] == "a rising line"
    encoded = base64.b64decode(data[mime], validate=True)
    assert encoded.startswith(start)
    with PIL.Image.open(io.BytesIO(encoded)) as image:
        image.load()
        assert image.size == (300, 200)
        assert len(set(image.convert("L").tobytes())) > 2  # something is drawn


def test_picture_on_disk(tmp_path):
    show_images(IMAGE, "a tile").save(tmp_path / "tile.png")
    with PIL.Image.open(tmp_path / "tile.png") as image:
        assert image.format == "PNG"
        assert min(image.size) > 100


def encoded_size(picture) -> int:
    data, _ = picture._repr_mimebundle_()
    return len(data.get("image/jpeg") or data["image/png"])


def test_quality_and_colors_make_a_picture_smaller():
    cat = photo("cat")
    assert encoded_size(show_images(cat, quality=30)) < 0.7 * encoded_size(show_images(cat))
    drawing = show.show_learning_curve([{"epoch": 1, "loss": 1.0, "train": 0.5}])
    drawing.colors = None
    before = encoded_size(drawing)
    drawing.colors = 16
    assert encoded_size(drawing) < 0.7 * before


# the style


def test_the_readers_own_figures_keep_their_style():
    """Neither the import nor a picture changes matplotlib's settings; asked of a fresh process."""
    code = """
        import matplotlib
        before = matplotlib.rcParams.copy()
        import d2laug, d2laug.show
        figure, axes = d2laug.show.new_figure()
        axes.plot([0, 1], label="a")
        axes.legend()
        d2laug.Picture(figure, "a line")._repr_mimebundle_()
        d2laug.show_images(d2laug.photo("cat"), "a cat")._repr_mimebundle_()
        d2laug.show.show_bars({"a": 0.5})._repr_mimebundle_()
        assert matplotlib.rcParams.copy() == before
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_the_palette_is_that_of_the_style():
    with matplotlib.style.context("d2laug.show.course"):
        assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"] == show.COLORS
        assert matplotlib.rcParams["figure.dpi"] == DPI


def by_hand(figure, axes):
    """Draw what a cell of a lesson may draw."""
    axes.plot([0, 1], [0, 1], label="line")
    axes.plot([0, 1], [1, 0], color="C1")
    axes.set_prop_cycle(None)
    axes.plot([0, 1], [0.5, 0.5])
    axes.axhline(0.2)
    axes.axvline(0.3, label="rule")
    axes.errorbar([0.5], [0.5], [0.1])
    axes.bar_label(axes.barh([0], [0.5]))
    axes.text(0, 0, "text")
    axes.set(xlabel="x", ylabel="y", title="title")
    axes.set_xticks([0, 1], ["a", "b"])
    axes.tick_params(length=0)
    axes.legend()
    figure.legend(loc="outside upper center")
    figure.supxlabel("all")
    figure.suptitle("figure")
    figure.text(0, 0, "corner")
    figure.colorbar(axes.imshow([[0, 1], [1, 0]]), label="shade")
    return Picture(figure, "drawn by hand", "png")


def test_what_a_cell_draws_by_hand_has_the_style(tmp_path):
    """The same pixels as if the style were everybody's, also for a reader whose own is dark."""
    with matplotlib.style.context("d2laug.show.course"):
        figure = Figure(figsize=(6, 4), layout="constrained")
        expected = by_hand(figure, figure.subplots())._repr_mimebundle_()
    for style in ("default", "dark_background"):
        with matplotlib.style.context(style):
            picture = by_hand(*show.new_figure(width=6, height=4))
            assert picture._repr_mimebundle_() == expected, style
            picture.save(tmp_path / "drawing.png")
        with PIL.Image.open(tmp_path / "drawing.png") as saved:
            assert saved.getpixel((1, 200))[:3] == (255, 255, 255)


@pytest.mark.parametrize("style", ["dark_background", {"figure.dpi": 50, "font.size": 30}])
def test_pictures_look_the_same_in_a_readers_own_style(style):
    def bundles():
        pictures = show_images([IMAGE] * 4, ["a caption that is long"] * 4), show_histograms(CAT)
        pictures += show_crops(CAT, [(0, 0, 50, 50)]), show.show_dots({"a": [0.1, 0.2]}, guess=0.1)
        pictures += (
            show.show_wall({"group": {"long, long, long name": IMAGE}}),
            show.show_matrix([[0.5]], ["row"], ["column"], label="share"),
        )
        return [picture._repr_mimebundle_() for picture in pictures]

    expected = bundles()
    with matplotlib.style.context(style):
        assert bundles() == expected


# show_wall


def test_wall():
    """Each picture is in its place, whole and undistorted, under its name; groups are headed."""
    groups = {
        "first and second": {f"name {i}": torch.rand(3, 30, 20 + 5 * i) for i in range(5)},
        "third": {"a name of many, many letters": IMAGE, "x": IMAGE},
    }
    picture = show.show_wall(groups, columns=4)
    assert picture.figure.get_size_inches().tolist() == pytest.approx([3.36, 2.52])  # 9 tiles
    axes = picture.figure.axes[0]
    names = [text.get_text() for text in axes.texts]
    assert names[0] == "first\nand\nsecond"
    assert names[1:6] == list(groups["first and second"])
    assert names[6:] == ["third", *groups["third"]]
    for index, (image, name) in enumerate(
        zip(axes.images, [*groups["first and second"], *groups["third"]], strict=True)
    ):
        left, right, bottom, top = image.get_extent()
        height, width = image.get_array().shape[:2]
        assert (bottom - top) / (right - left) == pytest.approx(height / width)
        tile = index + 1 if index < 5 else index + 2
        assert 84 * (tile % 4) < left < right < 84 * (tile % 4 + 1)
        assert 84 * (tile // 4) < top < bottom < 84 * (tile // 4 + 1)
        assert name in picture.alt
    renderer = FigureCanvasAgg(picture.figure).get_renderer()
    for text in axes.texts:
        assert text.get_window_extent(renderer).width <= 84, text.get_text()
    assert picture.alt.startswith("7 small pictures in 2 groups: first and second: name 0, ")


# show_bars, show_dots and show_curves


def test_bars():
    """Top to bottom, each with its number, on an axis for shares; guessing is marked and said."""
    picture = show.show_bars({"lab": torch.tensor(1.0), "warm\nlight": 0.215}, guess=1 / 12)
    axes = picture.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [1.0, 0.215]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["lab", "warm\nlight"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first bar is at the top
    assert [text.get_text() for text in axes.texts] == ["guessing", "100%", "22%"]
    assert list(axes.lines[0].get_xdata()) == [1 / 12, 1 / 12]
    assert axes.get_xlim()[0] == 0
    assert picture.alt == "accuracy: lab 100%, warm light 22%; guessing 8%"
    times = show.show_bars({"a": 384.4, "b": 20}, label="time (ms)", format="{:.0f} ms")
    assert times.alt == "time (ms): a 384 ms, b 20 ms"
    assert times.figure.axes[0].get_xlim()[1] > 384.4
    assert times.figure.axes[0].get_xlabel() == "time (ms)"


def test_dots():
    """A row for each name: a dot for each run, a mark at the mean, and the mean in numbers."""
    runs = {"none": [0.2, 0.4], "all": torch.tensor([0.9, 0.96, 0.93]), "once": [0.5]}
    picture = show.show_dots(runs, label="at the show", guess=0.1)
    axes = picture.figure.axes[0]
    lines = axes.lines
    for row, (values, dots, mean) in enumerate(
        zip(runs.values(), lines[1::2], lines[2::2], strict=True)
    ):
        np.testing.assert_allclose(dots.get_xdata(), values)
        assert set(dots.get_ydata()) == {row} == set(mean.get_ydata())
        assert mean.get_xdata() == pytest.approx([np.mean(list(values))])
    texts = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert (texts["0.30"], texts["0.93"], texts["0.50"]) == (0, 1, 2)
    assert list(lines[0].get_xdata()) == [0.1, 0.1]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(runs)
    said = "none 0.30 (0.20, 0.40), all 0.93 (0.90, 0.96, 0.93), once 0.50 (0.50); guessing 0.10"
    assert picture.alt == f"at the show: {said}"


def test_dots_of_series():
    """Each series has its own mark; every number is a dot in its row."""
    values = {f"n{i}": [i / 10, i / 20] for i in reversed(range(3))}
    picture = show.show_dots(values, guess=0.1, series=["half", "full"])
    (axes,) = picture.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["n2", "n1", "n0"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row is at the top
    guess, *lines = axes.lines
    assert list(guess.get_xdata()) == [0.1, 0.1]
    for line, index in zip(lines, (0, 1), strict=True):
        assert list(line.get_xdata()) == [row[index] for row in values.values()]
        assert list(line.get_ydata()) == [0, 1, 2]
    assert lines[0].get_marker() != lines[1].get_marker()
    assert [text.get_text() for text in picture.figure.legends[0].get_texts()] == ["half", "full"]
    assert picture.alt.startswith("accuracy, half / full: n2 0.15 (0.20, 0.10), n1 0.0")
    assert show.show_dots({"a": [1]}, dots="effects").figure.axes[0].get_xlabel() == (
        "accuracy (dots: effects; bar: their mean)"
    )


def test_a_table_leaves_zeros_empty():
    axes = show.show_matrix([[0, 0.3], [1, 0]], "ab", "xy").figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.30", "1.00"]


def test_curves():
    """Mean and one standard deviation of the runs; told apart without color; shares up to 1."""
    torch.manual_seed(0)
    runs = torch.rand(3, 5)
    curves = {"runs": runs, "one": [0.1, 0.2, 1.0]}
    picture = show.show_curves(curves, [1, 10, 100], "pictures", guess=0.25)
    axes = picture.figure.axes[0]
    first, second, guess = axes.lines
    np.testing.assert_allclose(first.get_ydata(), runs.mean(1))
    np.testing.assert_allclose(second.get_ydata(), curves["one"])
    assert list(guess.get_ydata()) == [0.25, 0.25]
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_marker() != second.get_marker()
    (band,) = axes.collections
    places = {tuple(point) for point in band.get_paths()[0].vertices.round(4)}
    for x, mean, spread in zip([1, 10, 100], runs.mean(1), runs.std(1), strict=True):
        for edge in (mean - spread, min(mean + spread, torch.tensor(1))):
            assert any(a == x and abs(b - edge) < 2e-4 for a, b in places)
    assert axes.get_ylim() == (0, 1.05)
    names = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert names == ["runs", "one", "guessing"]
    means = ", ".join(f"{mean:.2f}" for mean in runs.mean(1))
    said = f"runs {means}; one 0.10, 0.20, 1.00; guessing 0.25"
    assert picture.alt == f"accuracy against pictures 1, 10, 100: {said}"
    other = show.show_curves({"loss": [2.5, 1.5]}, torch.tensor([0, 1]), "epoch", "loss")
    assert other.figure.axes[0].get_ylim()[1] > 2.5
    assert not other.figure.legends


# show_augmented and record_draws


def numbers(words: list[str]) -> list[float]:
    return [float(number) for number in re.findall(r"[-+]?\d+(?:\.\d+)?", " ".join(words))]


def draws_of(transform, image, seed):
    torch.manual_seed(seed)
    with record_draws(transform) as draws:
        output = transform(image)
    torch.manual_seed(seed)
    assert torch.equal(output, transform(image)), "watching changed the result"
    return draws, output


@pytest.mark.parametrize("module", [v2, augment], ids=["torchvision", "d2laug"])
@pytest.mark.parametrize("seed", range(8))
def test_the_crop_named_is_the_crop_taken(module, seed):
    transform = module.RandomResizedCrop(24)
    draws, output = draws_of(transform, CAT, seed)
    torch.manual_seed(seed)
    if module is v2:
        box = transform.make_params([CAT])
    else:
        box = {key: int(value) for key, value in transform.make_params(CAT[None]).items()}
    top, left, height, width = (box[key] for key in ("top", "left", "height", "width"))
    area, ratio = height * width / (120 * 180), width / height
    assert draws == [f"area {area:.2f}, ratio {ratio:.2f}"]
    cut = F.resized_crop(CAT, top, left, height, width, [24, 24])
    assert (cut.int() - output).abs().max() <= 1


@pytest.mark.parametrize("module", [v2, augment], ids=["torchvision", "d2laug"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("name", "adjust"),
    [
        ("brightness", F.adjust_brightness),
        ("contrast", F.adjust_contrast),
        ("saturation", F.adjust_saturation),
        ("hue", F.adjust_hue),
    ],
)
def test_the_factor_named_is_the_factor_used(module, seed, name, adjust):
    image = CAT / 255
    draws, output = draws_of(module.ColorJitter(**{name: 0.4}), image, seed)
    assert len(draws) == 1
    assert draws[0].startswith(f"{name} {'' if name == 'hue' else '×'}")
    # the caption rounds to two digits
    rounded = [adjust(image, numbers(draws)[0] + shift) for shift in (-0.005, 0, 0.005)]
    differences = [(one - output).abs().mean() for one in rounded]
    reach = (rounded[0] - rounded[2]).abs().mean()
    assert min(differences) <= reach + 1e-4
    assert (image - output).abs().mean() > differences[1]


def test_all_four_factors_each_once():
    draws, _ = draws_of(v2.ColorJitter(0.4, 0.4, 0.4, 0.2), CAT, 0)
    assert [word.split()[0] for word in draws] == ["brightness", "contrast", "saturation", "hue"]


@pytest.mark.parametrize(
    ("transform", "words", "expected"),
    [
        (v2.RandomHorizontalFlip(p=1), "flipped left-right", CAT.flip(-1)),
        (v2.RandomVerticalFlip(p=1), "flipped top-bottom", CAT.flip(-2)),
        (v2.RandomHorizontalFlip(p=0), "not flipped", CAT),
        (augment.RandomHorizontalFlip(p=1), "flipped left-right", CAT.flip(-1)),
        (augment.RandomVerticalFlip(p=1), "flipped top-bottom", CAT.flip(-2)),
        (augment.RandomVerticalFlip(p=0), "not flipped", CAT),
    ],
)
def test_flips(transform, words, expected):
    draws, output = draws_of(transform, CAT, 0)
    assert draws == [words]
    assert torch.equal(output, expected)


@pytest.mark.parametrize("seed", range(10))
def test_half_of_the_flips(seed):
    draws, output = draws_of(v2.RandomHorizontalFlip(), CAT, seed)
    flipped = torch.equal(output, CAT.flip(-1))
    assert flipped != torch.equal(output, CAT)
    assert draws == (["flipped left-right"] if flipped else ["not flipped"])


def test_rotation_and_temperature():
    torch.manual_seed(3)
    angle = v2.RandomRotation(40).make_params([CAT])["angle"]
    assert draws_of(v2.RandomRotation(40), CAT, 3)[0] == [f"angle {angle:.2f}"]
    draws, output = draws_of(augment.RandomColorTemperature(), CAT, 3)
    kelvin = numbers(draws)[0]
    assert draws == [f"{kelvin:.0f} K"]
    lit = augment.adjust_color_temperature(CAT, kelvin)
    assert (lit.int() - output).abs().max() <= 2


def test_the_crop_of_values_that_are_no_picture():
    transform = v2.Compose([v2.Normalize([0.5] * 3, [0.1] * 3), v2.RandomResizedCrop(8)])
    assert numbers(draws_of(transform, CAT / 255, 0)[0])[0] > 0


@pytest.mark.parametrize("seed", range(4))
def test_reflections(seed):
    transform = augment.RandomReflection()
    draws, output = draws_of(transform, CAT, seed)
    torch.manual_seed(seed)
    strength = [one for one in transform.make_params(CAT[None])["strength"][0].tolist() if one > 0]
    if not strength:
        assert draws == ["no reflection"]
        assert torch.equal(output, CAT)
    else:
        assert draws[0].startswith("strength ")
        assert numbers(draws) == [round(one, 2) for one in strength]


@pytest.mark.parametrize(
    ("transform", "key"),
    [
        (v2.RandomAffine(20, translate=(0.2, 0.2), shear=5), "translate"),
        (v2.RandomAffine(20, translate=(0.2, 0.2), shear=5), "shear"),
        (v2.GaussianBlur(5), "sigma"),
        (v2.RandomResize(20, 40), "size"),
    ],
)
def test_numbers_of_other_transforms(transform, key):
    torch.manual_seed(2)
    drawn = transform.make_params([CAT])[key]
    draws, _ = draws_of(transform, CAT, 2)
    words = next(word for word in draws if word.startswith(key))
    drawn = list(drawn) if isinstance(drawn, (list, tuple)) else [drawn]
    assert numbers([words]) == [round(one, 2) for one in drawn]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RandomGrayscale", "grayscale"),
        ("RandomInvert", "invert"),
        ("RandomAutocontrast", "autocontrast"),
        ("RandomPerspective", "perspective"),
    ],
)
def test_transforms_that_only_happen_or_not(name, words):
    assert draws_of(getattr(v2, name)(p=1), CAT, 0)[0] == [words]
    assert draws_of(getattr(v2, name)(p=0), CAT, 0)[0] == []


@pytest.mark.parametrize(
    ("transform", "changed", "unchanged"),
    [
        (augment.RandomGrayscale, "grayscale", "no grayscale"),
        (augment.RandomPerspective, "perspective", "no perspective"),
        (partial(augment.RandomPosterize, 4), "posterize", "no posterize"),
        (partial(augment.RandomAdjustSharpness, 2), "adjust sharpness", "no adjust sharpness"),
    ],
)
def test_each_picture_says_whether_it_happens(transform, changed, unchanged):
    batch = torch.stack([CAT] * 6)
    assert draws_of(transform(p=1), batch, 0)[0] == [changed] * 6
    assert draws_of(transform(p=0), batch, 0)[0] == [unchanged] * 6
    draws, output = draws_of(transform(p=0.5), batch, 1)
    assert draws == [unchanged if torch.equal(one, CAT) else changed for one in output]
    assert len(set(draws)) == 2


@pytest.mark.parametrize(
    ("transform", "key"),
    [
        (augment.RandomAffine(20, translate=(0.2, 0.2)), "translate"),
        (augment.RandomRotation(40), "angle"),
        (augment.GaussianBlur(5), "sigma"),
        (augment.RandomCrop(80, padding=4), "top"),
    ],
)
def test_each_picture_says_its_numbers(transform, key):
    batch = torch.stack([CAT] * 3)
    draws, _ = draws_of(transform, batch, 2)
    torch.manual_seed(2)
    rows = [row[key] for row in transform.rows(transform.make_params(batch))]
    drawn = torch.tensor(rows, dtype=torch.float64).flatten().tolist()
    words = [word for word in draws if word.startswith(f"{key} ")]
    assert numbers(words) == pytest.approx(drawn, abs=0.0051)
    assert not any("None" in word or "apply" in word for word in draws)


def test_the_operations_of_a_policy_have_names():
    params = {
        "operation": torch.tensor([[5, 0], [10, 12], [13, 1]]),
        "magnitude": torch.tensor([[-9.0, -0.0], [7.0, 0.0], [0.0, -0.0]], dtype=torch.float64),
    }
    transform = augment.RandAugment()
    with record_draws(transform) as draws:
        transform.transform(torch.stack([CAT] * 3), params)
    assert draws == [
        "Rotate -9.00", "Identity", "Posterize 7.00", "AutoContrast", "Equalize", "ShearX 0.00"
    ]  # fmt: skip


def test_steps_that_draw_nothing_say_nothing():
    steps = v2.Compose([v2.Resize(20), v2.CenterCrop(10), v2.ToDtype(torch.float32, scale=True)])
    assert draws_of(steps, CAT, 0)[0] == []


def jitter():
    return v2.ColorJitter(brightness=0.4)


NESTED = {
    "Compose": (v2.Compose([v2.RandomVerticalFlip(p=1), jitter()]), 2),
    "Compose in Compose": (v2.Compose([v2.Compose([v2.Compose([jitter()])]), v2.Identity()]), 1),
    "Compose with a function": (v2.Compose([lambda image: image.flip(-1), jitter()]), 1),
    "Compose with Lambda": (v2.Compose([v2.Lambda(lambda image: image), jitter()]), 1),
    "Sequential": (nn.Sequential(jitter(), v2.RandomHorizontalFlip(p=1)), 2),
    "module in a Compose in a module": (nn.Sequential(v2.Compose([nn.Sequential(jitter())])), 1),
    "RandomApply, always": (v2.RandomApply([jitter()], p=1), 1),
    "RandomApply, never": (v2.RandomApply([jitter()], p=0), 0),
    "RandomChoice": (v2.RandomChoice([jitter(), v2.RandomVerticalFlip(p=1)]), 1),
    "RandomOrder": (v2.RandomOrder([jitter(), v2.RandomVerticalFlip(p=1)]), 2),
    "one transform twice": (v2.Compose([FLIP := v2.RandomVerticalFlip(p=1), FLIP]), 2),
    "function": (lambda image: image.flip(-1), 0),
    "Identity": (v2.Identity(), 0),
}


@pytest.mark.parametrize(("transform", "count"), NESTED.values(), ids=NESTED)
def test_draws_of_all_parts_and_no_trace_left(transform, count):
    draws, output = draws_of(transform, CAT, 1)
    assert len(draws) == count
    assert output.shape == CAT.shape
    for part in _parts(transform):
        assert "transform" not in getattr(part, "__dict__", {})


def test_draws_come_in_the_order_of_use():
    first, second = v2.ColorJitter(brightness=(0.5, 0.5)), v2.ColorJitter(contrast=(2, 2))
    words = ["brightness ×0.50", "contrast ×2.00"]
    assert draws_of(v2.Compose([first, second]), CAT, 0)[0] == words
    assert draws_of(v2.Compose([second, first]), CAT, 0)[0] == words[::-1]


def test_a_failing_transform_is_left_as_it_was():
    def fail(image):
        raise RuntimeError("on purpose")

    transform = v2.Compose([jitter(), fail])
    for watch in (lambda: draws_of(transform, CAT, 0), lambda: show_augmented(CAT, transform)):
        with pytest.raises(RuntimeError, match="on purpose"):
            watch()
        assert "transform" not in transform.transforms[0].__dict__


def test_watching_inside_of_watching():
    transform = jitter()
    with record_draws(transform) as outer:
        with record_draws(transform) as inner:
            transform(CAT)
        transform(CAT)
    assert len(inner) == 1
    assert len(outer) == 2
    assert outer[0] == inner[0]
    assert "transform" not in transform.__dict__


@pytest.mark.parametrize("n", [1, 8, 11])
def test_augmented_tiles_are_the_runs_in_their_order(n):
    transform = v2.Compose([v2.RandomHorizontalFlip(), jitter()])
    torch.manual_seed(5)
    picture = show_augmented(CAT, transform, n)
    torch.manual_seed(5)
    expected = [transform(CAT).permute(1, 2, 0).numpy() for _ in range(n)]
    assert_equal([pixels(axis) for axis in tiles(picture)], expected)
    torch.manual_seed(5)
    for axis in tiles(picture):
        with record_draws(transform) as draws:
            transform(CAT)
        assert axis.get_title() == "\n".join(draws)


def test_augmented_pil_image_and_plain_function():
    image = F.to_pil_image(CAT)
    picture = show_augmented(image, v2.RandomHorizontalFlip(p=1), n=2)
    assert_equal([pixels(tiles(picture)[1])], [np.asarray(image)[:, ::-1]])
    assert show_augmented(image, lambda one: one.rotate(90), n=2).alt == "2 pictures"


# show_crops


@given(st.data())
@settings(max_examples=15)
def test_crops_are_cut_and_marked_where_the_box_says(data):
    boxes = []
    for _ in range(data.draw(st.integers(1, 8))):
        top, left = data.draw(st.integers(0, 119)), data.draw(st.integers(0, 179))
        size = data.draw(st.integers(1, 120 - top)), data.draw(st.integers(1, 180 - left))
        boxes.append((top, left, *size))
    picture = show_crops(CAT, boxes)
    source, *cuts = tiles(picture)
    np.testing.assert_array_equal(pixels(source), CAT.permute(1, 2, 0))
    assert_equal([pixels(axis) for axis in cuts], [F.crop(CAT, *b).permute(1, 2, 0) for b in boxes])
    for patch, (top, left, height, width) in zip(source.patches, boxes, strict=True):
        # pixels are squares around whole numbers
        assert patch.get_bbox().bounds == (left - 0.5, top - 0.5, width, height)
    many = len(boxes) > 1
    for number, (axis, box) in enumerate(zip(cuts, boxes, strict=True), 1):
        assert axis.get_title() == f"{f'{number}: ' if many else ''}{box[2]} x {box[3]}"


def test_captions_of_crops():
    picture = show_crops(CAT, [(0, 0, 5, 5), (1, 1, 7, 7)], ["small", "large"])
    assert [axis.get_title() for axis in tiles(picture)[1:]] == ["1: small", "2: large"]
    assert "small; large" in picture.alt
    assert "120 x 180 pixels with 2 crops" in picture.alt


# show_histograms


@given(pictures())
@settings(max_examples=15)
def test_histograms_count_the_pixels(batch):
    shown = as_shown(batch)[:4]
    picture = show_histograms(list(batch[:4]))
    histograms = [axis for axis in picture.figure.axes if not axis.images]
    assert len(histograms) == len(shown)
    for axis, array in zip(histograms, shown, strict=True):
        assert [patch.get_label() for patch in axis.patches] == ["red", "green", "blue"]
        for channel, patch in enumerate(axis.patches):
            values, edges, _ = patch.get_data()
            count = [((array[..., channel] // 4) == bin).mean() * 100 for bin in range(64)]
            np.testing.assert_allclose(values, count)
            np.testing.assert_array_equal(edges, np.arange(0, 257, 4))
        assert axis.get_ylim() == histograms[0].get_ylim()
        assert axis.get_xlim() == (0, 256)
        assert axis.get_ylim()[1] > 0
    assert "(%)" in histograms[0].get_ylabel()


def test_histograms_are_told_apart_without_color():
    axis = next(axis for axis in show_histograms(CAT).figure.axes if not axis.images)
    assert len({str(patch.get_linestyle()) for patch in axis.patches}) == 3
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["red", "green", "blue"]


def test_captions_of_histograms():
    picture = show_histograms([CAT, CAT], ["lab", "show\nhall"])
    assert [axis.get_title() for axis in tiles(picture)] == ["lab", "show\nhall"]
    assert picture.alt.endswith("lab; show, hall")


@pytest.mark.parametrize("lines", [1, 2, 6])
@pytest.mark.parametrize("line", ["short", "saturation ×1.00, hue +0.00 (+0°)"])
def test_captions_of_histograms_are_not_cut_off(line, lines):
    picture = show_histograms([CAT, CAT], ["source", "\n".join([line] * lines)])
    for box in boxes_of_titles(picture):
        assert box.x0 >= 0
        assert box.x1 <= picture.figure.bbox.x1
        assert box.y1 <= picture.figure.bbox.y1
    # the pictures do not give way to the captions
    box = tiles(picture)[0].get_window_extent()
    plain = show_histograms([CAT, CAT])
    plain.figure.draw_without_rendering()
    assert box.height >= 0.85 * tiles(plain)[0].get_window_extent().height
