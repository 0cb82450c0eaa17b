"""Labels drawn over their picture: where they are, and what is refused."""

import pytest
import torch
from torchvision.transforms.v2 import functional as F
from torchvision.tv_tensors import BoundingBoxes, BoundingBoxFormat

from d2laug.show import draw_labels

GRAY = torch.full((3, 96, 96), 90, dtype=torch.uint8)


def test_outside_of_the_mask_the_picture_is_dark():
    mask = torch.zeros(96, 96, dtype=torch.uint8)
    mask[20:40, 30:70] = 1
    drawn = draw_labels(GRAY, mask=mask)
    assert drawn.shape == (3, 384, 384)
    inside = torch.zeros(384, 384, dtype=torch.bool)
    inside[80:160, 120:280] = True
    assert (drawn[:, inside] == 90).all()
    outside = drawn[:, ~inside]
    assert set(outside.unique().tolist()) == {30, 255}
    rim = inside.clone()
    rim[78:162, 118:282] = True
    assert ((drawn == 255).all(0) == rim & ~inside).all()


@pytest.mark.parametrize("kind", ["boxes", "points"])
def test_a_label_is_drawn_where_it_is(kind):
    """The sides of a box, and the middle of a pixel, on a picture enlarged four times."""
    label = {"boxes": [[20.0, 30.0, 60.0, 50.0]], "points": [[40.0, 40.0]]}[kind]
    drawn = draw_labels(GRAY, **{kind: torch.tensor(label)})
    y, x = (drawn != 90).any(0).nonzero().T
    middle = {"boxes": (160, 160), "points": (162, 162)}[kind]
    assert abs((x.min() + x.max()) / 2 - middle[0]) <= 1
    assert abs((y.min() + y.max()) / 2 - middle[1]) <= 1


def test_names_stand_beside_points():
    points = torch.tensor([[20.0, 20.0], [120.0, 50.0]])  # the second one outside
    plain, named = (draw_labels(GRAY, points=points, names=n) for n in ((), ("left", "right")))
    y, x = (plain != named).any(0).nonzero().T
    assert len(y)
    assert x.min() > 60
    assert x.max() < 200
    assert y.min() > 60


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mask": torch.ones(48, 96)}, r"a mask \[48, 96\] for a picture of 96 x 96"),
        ({"mask": torch.ones(2, 96, 96)}, r"a mask \[2, 96, 96\]"),
        ({"mask": -torch.ones(96, 96)}, "a mask with values below 0; of logits it is"),
        ({"boxes": torch.ones(4)}, r"boxes \[4\]; expected \[N, 4\]"),
        ({"points": torch.ones(4, 3)}, r"points \[4, 3\]; expected \[N, 2\]"),
        ({"points": torch.ones(2, 2), "names": ["left"]}, "1 names for 2 points"),
        ({"points": torch.full((1, 2), float("nan"))}, "points with NaN"),
        ({"boxes": torch.full((1, 4), float("inf"))}, "boxes with NaN or infinite"),
    ],
)
def test_other_labels_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        draw_labels(GRAY, **given)


def test_labels_as_arrays_that_run_backwards():
    mask, boxes = torch.ones(96, 96), torch.tensor([[8, 9, 60, 70]])
    mask[:48] = 0
    backwards = mask.flip(0).numpy()[::-1], boxes.flip(1).numpy()[:, ::-1]
    assert torch.equal(draw_labels(GRAY, *backwards), draw_labels(GRAY, mask, boxes))


def test_lines_on_a_large_picture_are_as_thick_as_on_a_small_one():
    """A photo of 12 megapixels is shown at a ninth of its size: there the box is still seen."""
    places = [torch.tensor([[20.0, 30, 200, 150]]), torch.tensor([[100.0, 80]])]
    small = draw_labels(torch.zeros(3, 300, 450), None, *places)
    large = draw_labels(torch.zeros(3, 2700, 4050), None, *[9 * place for place in places])
    shown = F.resize(large, [300, 450])
    for drawn in (small, shown):
        assert drawn[0, 30, 60:160].min() > 60  # the upper side of the box
        assert drawn[0, 80, 100] > 200  # the point
    ratio = shown.float().mean() / small.float().mean()
    assert 0.5 < ratio < 2


def test_a_dictionary_of_labels_is_refused():
    with pytest.raises(TypeError, match="the mask given is a dict; give the labels one by one"):
        draw_labels(GRAY, {"mask": torch.ones(96, 96)})


def test_several_pictures_are_refused():
    with pytest.raises(ValueError, match=r"2 pictures; expected one, as in batch\[0\]"):
        draw_labels(torch.stack([GRAY, GRAY]))


@pytest.mark.parametrize("kind", ["XYXY", "XYWH", "CXCYWH"])
def test_boxes_of_each_format(kind):
    box = BoundingBoxes([[20.0, 30.0, 60.0, 50.0]], format="XYXY", canvas_size=(96, 96))
    given = F.convert_bounding_box_format(box, new_format=BoundingBoxFormat[kind])
    assert torch.equal(draw_labels(GRAY, boxes=given), draw_labels(GRAY, boxes=box))
    learned = torch.tensor([[20.0, 30.0, 60.0, 50.0]], requires_grad=True)
    assert torch.equal(draw_labels(GRAY, boxes=learned), draw_labels(GRAY, boxes=box))


@pytest.mark.filterwarnings("error")
def test_nothing_to_draw():
    drawn = draw_labels(GRAY, boxes=torch.zeros(0, 4), points=torch.zeros(0, 2))
    assert (drawn == 90).all()
