"""Where the drinks are: masks, boxes and points that fit the pictures and each other."""

import csv
import dataclasses
import functools
import shutil

import numpy as np
import pytest
import torch
from torchvision import tv_tensors

from d2laug import augment
from d2laug.data import DRINKS_SPLITS, drinks, drinks_places
from d2laug.data.drinks import PLACES

SERIES = sorted(set(PLACES.values()))
OF_SERIES = {folder: split for split, folder in reversed(PLACES.items())}  # one split of each
BASE, TOP, LABEL = slice(0, 2), 2, 3


@functools.cache
def places(split):
    return drinks_places(split)


@functools.cache
def pictures(split):
    return drinks(split, tensors=True)


@pytest.fixture(scope="module")
def rows(project):
    """The rows of metadata.csv of each split, in the order of its pictures."""
    with open(project / "data/drinks/metadata.csv", newline="") as file:
        table = sorted(csv.DictReader(file), key=lambda row: row["file"])
    return {split: [row for row in table if row["split"] == split] for split in PLACES}


@pytest.mark.parametrize("split", PLACES)
def test_shapes_and_kinds(split):
    n, found = len(drinks(split)), places(split)
    assert list(found) == ["masks", "boxes", "points", "hidden"]
    masks, boxes, points, hidden = found.values()
    assert (type(masks), masks.dtype, masks.shape) == (tv_tensors.Mask, torch.uint8, (n, 96, 96))
    assert masks.unique().tolist() == [0, 1]
    assert len(boxes) == n
    for box in boxes:
        assert (type(box), box.dtype, box.shape) == (
            tv_tensors.BoundingBoxes, torch.float32, (1, 4),
        )  # fmt: skip
        assert (box.format.value, box.canvas_size) == ("XYXY", (96, 96))
    assert (type(points), points.dtype) == (tv_tensors.KeyPoints, torch.float32)
    assert (points.shape, points.canvas_size) == ((n, 4, 2), (96, 96))
    assert points.isfinite().all()
    assert (type(hidden), hidden.dtype, hidden.shape) == (torch.Tensor, torch.bool, (n, 4))


@pytest.mark.parametrize("split", OF_SERIES.values())
def test_boxes_touch_their_masks_on_all_sides(split):
    masks = places(split)["masks"].bool()
    assert masks.flatten(1).sum(1).min() > 250
    for mask, box in zip(masks, places(split)["boxes"], strict=True):
        left, upper, right, lower = box[0].int().tolist()
        inside = mask[upper:lower, left:right]
        assert inside.sum() == mask.sum()
        assert all(side.any() for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


@pytest.mark.parametrize("split", OF_SERIES.values())
def test_points_lie_on_the_drink(split):
    found = places(split)
    points, hidden = found["points"], found["hidden"]
    outside = ((points < -0.5) | (points >= 95.5)).any(-1)
    assert hidden[outside].all()
    # A carton now and then hides a corner of its own
    assert (hidden & ~outside)[:, BASE].float().mean() < 0.01
    assert not hidden.all(1).any()
    assert (points[:, 0, 0] < points[:, 1, 0]).all()
    every = zip(found["masks"], found["boxes"], points, hidden, strict=True)
    for mask, box, four, away in every:
        for end, (x, y) in enumerate(four[BASE].tolist()):
            if not away[end]:  # at the outline, over the lowest pixel of the columns about it
                row = mask[round(y)].nonzero()
                assert abs(row[-end].item() - x) < 5, (end, x, y)
                columns = mask[:, max(0, round(x) - 2) : round(x) + 3]
                below = columns.any(1).nonzero().max().item() - y
                assert -1 < below < 2 + 0.25 * (box[0, 2] - box[0, 0]), (end, x, y)
        for point in (TOP, LABEL):
            if not away[point]:
                x, y = four[point].round().int().tolist()
                # A bottle's cap ends at its middle
                assert mask[y : y + (2 if point == TOP else 1), x].any()


def test_what_is_hidden():
    """In the lab everything is seen; a lid is hidden by its rim where the camera is low."""
    assert not any(places(split)["hidden"].any() for split in PLACES if split.startswith("lab"))
    for split in ("viewpoint", "show/test"):
        hidden, points = places(split)["hidden"], places(split)["points"]
        inside = ((points >= -0.5) & (points < 95.5)).all(-1)
        assert 0.02 < (hidden & inside)[:, TOP].float().mean() < 0.2
        assert (hidden & ~inside).any(1).float().mean() > 0.2


@pytest.mark.parametrize("split", ["lab/train", "viewpoint", "show/test"])
def test_areas_follow_distances(split, rows):
    """Twice as far is a quarter of the pixels, where the whole drink is in the picture."""
    distance = torch.tensor([float(row["distance"]) for row in rows[split]])
    boxes = torch.cat(places(split)["boxes"])
    whole = (boxes[:, :2] > 0).all(1) & (boxes[:, 2:] < 96).all(1)
    area = places(split)["masks"].flatten(1).sum(1) * distance**2
    labels = pictures(split)[1]
    for kind in range(12):
        some = area[whole & (labels == kind)]
        # Besides, what is seen of a top and a side changes with the angle.
        assert some.std() / some.mean() < (0.06 if split == "lab/train" else 0.3)


def test_the_order_is_that_of_the_pictures(rows):
    """What stands more to the right in the scene does so in the mask."""
    for split in ("lab/train", "show/test"):
        names = [row["class"] for row in rows[split]]
        classes = drinks(split).classes
        assert [classes[label] for label in pictures(split)[1]] == names
        x = torch.tensor([float(row["x"]) / float(row["distance"]) for row in rows[split]])
        middle = places(split)["points"][:, BASE, 0].mean(1)
        assert torch.corrcoef(torch.stack([x, middle]))[0, 1] > 0.9


@pytest.mark.parametrize("split", PLACES)
def test_masks_fit_the_pictures(split):
    """Along a mask's edge colors change, and more than along the same edge a little beside."""
    images, masks = pictures(split)[0].float(), places(split)["masks"].float()
    down, right = images.diff(dim=2).abs().sum(1), images.diff(dim=3).abs().sum(1)

    def along(*by):
        moved = masks.roll(by, (1, 2))
        edges = moved.diff(dim=1).abs() * down, moved.diff(dim=2).abs() * right
        return sum(edge[:, 3:-3, 3:-3].sum((1, 2)) for edge in edges)

    beside = torch.stack([along(*by) for by in ((-2, 0), (2, 0), (0, -2), (0, 2))])
    assert (along(0, 0) > beside).float().mean() > 0.95


def test_masks_are_where_pictures_of_the_lab_differ():
    """The desk is the same in all of them; what differs from their median is drink or shadow."""
    images, masks = pictures("lab/train")[0].float(), places("lab/train")["masks"].bool()
    differs = (images - images.median(0).values).abs().sum(1) > 75
    both = (differs & masks).flatten(1).sum(1)
    share = both / (differs | masks).flatten(1).sum(1)
    assert share.mean() > 0.6
    assert (differs & ~masks).sum() < 0.1 * (~masks).sum()


def test_splits_of_one_arrangement_have_one_file():
    for split, folder in PLACES.items():
        same = places(OF_SERIES[folder])
        assert torch.equal(places(split)["masks"], same["masks"])
        assert torch.equal(places(split)["points"], same["points"])


def test_they_move_along():
    images, labels = (x[:50] for x in pictures("viewpoint"))
    given = {name: x[:50] for name, x in places("viewpoint").items()}
    given["masks"], given["points"] = (
        tv_tensors.wrap(given[name], like=places("viewpoint")[name]) for name in ("masks", "points")
    )
    moved = augment.RandomHorizontalFlip(1)(images, labels, given)[-1]
    assert torch.equal(moved["masks"], given["masks"].flip(-1))
    assert torch.equal(moved["hidden"], given["hidden"])
    for mask, box, points, before in zip(
        moved["masks"], moved["boxes"], moved["points"], given["points"], strict=True
    ):
        rows, columns = mask.nonzero().T
        expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert box[0].tolist() == expected
        assert torch.allclose(points[:, 0], 95 - before[:, 0])
    cropped = augment.RandomResizedCrop(48)(images, labels, given)[-1]
    assert cropped["masks"].shape == (50, 48, 48)
    assert all(box.canvas_size == (48, 48) for box in cropped["boxes"])


@pytest.mark.parametrize("split", ["turned", "show/train", "second_hall", "pairs/hue/test", "lab"])
def test_splits_without_places(split):
    with pytest.raises(
        ValueError, match=r"no split with places is called '.*choose one of: lab/tr"
    ):
        drinks_places(split)
    assert set(PLACES) <= set(DRINKS_SPLITS)


@pytest.mark.parametrize("damage", ["missing", "cut", "other shape", "no masks"])
def test_damaged_files_are_named(project, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    path = tmp_path / "drinks/viewpoint/places.npz"
    path.parent.mkdir(parents=True)
    if damage == "cut":
        whole = (project / "data/drinks/viewpoint/places.npz").read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "no masks":
        np.savez(path, points=np.zeros((2, 4, 2)))
    elif damage == "other shape":
        np.savez(
            path,
            masks=np.ones((2, 96, 12), np.uint8),
            points=np.zeros((3, 4, 2)),
            hidden=np.zeros((2, 4)),
        )
    error, words = (FileNotFoundError, "missing") if damage == "missing" else (OSError, "damaged")
    with pytest.raises(error, match=rf"viewpoint/places\.npz is {words}.*git checkout data"):
        drinks_places("viewpoint")


def test_they_are_small(project):
    files = [project / "data/drinks" / folder / "places.npz" for folder in SERIES]
    assert sum(path.stat().st_size for path in files) < 1.5e6
    assert sorted((project / "data").rglob("*.npz")) == sorted(files)
    everything = [p for p in (project / "data").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in everything if "__pycache__" not in p.parts) < 32e6


@pytest.fixture(scope="module")
def render(project):
    """The modules in data/render."""
    pytest.importorskip("mitsuba", reason="needs Mitsuba: pip install 'd2laug[render]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "data/render")
        import places
        import scene
        import splits

        modules = (places, scene, splits)
        yield type("Render", (), {module.__name__: module for module in modules})


def test_series_agree_with_the_renderer(render, rows):
    assert set(render.places.SERIES) == set(SERIES)
    for split, folder in PLACES.items():
        own, other = ([row["seed"] for row in rows[s]] for s in (split, OF_SERIES[folder]))
        assert own == other
        assert PLACES[render.places.SERIES[folder]] == folder


@pytest.mark.parametrize("split", OF_SERIES.values())
def test_places_are_found_again(render, split):
    folder = drinks(split)
    for number in (7, len(folder) // 2, len(folder) - 3):
        name = folder.classes[folder.targets[number]]
        first = folder.targets.index(folder.targets[number])
        mask, points, hidden = render.places.places(render.splits.shot(split, name, number - first))
        found = places(split)
        # Another processor may round a ray at an edge differently.
        assert (found["masks"][number].numpy() != mask).sum() <= 3
        assert np.abs(found["points"][number].numpy() - points).max() < 0.02
        assert found["hidden"][number].tolist() == hidden.tolist()


def test_points_are_projected_as_pictures_are(render):
    """Where the renderer says what a pixel shows, the projection leads back to that pixel."""
    import mitsuba as mi

    world = render.scene.build(render.splits.shot("viewpoint", "coffee_cup", 3), 48)
    sensor = render.scene.build(render.splits.shot("viewpoint", "coffee_cup", 3), 48).sensors()[0]
    integrator = mi.load_dict({"type": "aov", "aovs": "at:position"})
    at = np.array(mi.render(world, integrator=integrator, spp=64))[..., -3:]
    pixels = np.stack(np.meshgrid(np.arange(48), np.arange(48)), -1)
    off = (render.places.project(sensor, at, 48) - pixels)[30:]  # the desk, far from the horizon
    assert np.abs(np.median(off, (0, 1))).max() < 0.05
    assert np.abs(off).mean() < 0.3


def test_what_stands_before_a_drink_is_no_drink(render):
    shot = render.scene.Shot("cola_can", 5, desk="stone")
    boxed = dataclasses.replace(shot, hidden=1 / 3)
    both = (render.places.places(s) for s in (shot, boxed))
    (mask, points, hidden), (left, same, behind) = both
    assert not (left & ~mask).any()
    assert 0.2 < 1 - left.sum() / mask.sum() < 0.5
    assert np.array_equal(points, same)
    assert hidden.tolist() == [False] * 4
    assert behind.tolist() == [False, True, False, True]


def test_half_of_a_pixel_is_drink(render):
    """Four times the rays of the files find the same, but for a few pixels of the edge."""
    shot = render.splits.shot("show/test", "milk_carton", 2)
    world = render.scene.build(shot, 96)
    fine = render.places.coverage(world, rays=12, seed=9)
    assert ((fine > 0) & (fine < 1)).sum() > 50
    differ = (fine >= 0.5) != render.places.places(shot)[0]
    assert differ.sum() <= 6
    assert np.abs(fine[differ] - 0.5).max(initial=0) < 0.1


@pytest.mark.long
def test_the_command_resumes_and_mends(render, tmp_path, capsys):
    arguments = ["--out", str(tmp_path), "--only", "lab/test", "--first", "1", "--workers", "1"]
    render.places.main(arguments)
    path = tmp_path / "lab/test/places.npz"
    before = path.read_bytes()
    render.places.main(arguments)
    assert "was there already" in capsys.readouterr().out
    path.write_bytes(before[:100])
    render.places.main(arguments)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    shutil.rmtree(tmp_path / "lab")
    with pytest.raises(SystemExit):
        render.places.main(["--only", "turned"])
    assert "invalid choice: 'turned'" in capsys.readouterr().err
