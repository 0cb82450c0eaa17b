"""A folder of one's own photos: pictures of one size, and clear words where something is wrong."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from d2laug.data import image_folder, photo, stratified_split
from d2laug.train import check_data

CAT = photo("cat")


def save(picture, path, turned=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if turned:
        exif[0x0112] = turned
    image = Image.fromarray(picture.permute(1, 2, 0).contiguous().numpy())
    image.save(path, exif=exif)


@pytest.fixture
def photos(tmp_path):
    """Two classes, pictures of several sizes and formats, one turned by EXIF, one deeper down."""
    save(CAT, tmp_path / "cat/wide.png")
    save(CAT.mT, tmp_path / "cat/high.bmp")
    save(CAT.rot90(1, (1, 2)), tmp_path / "cat/turned.png", turned=6)
    save(255 - CAT, tmp_path / "negative/wide.webp")
    save(255 - CAT, tmp_path / "negative/more/small.gif")
    return tmp_path


def test_what_image_folder_of_torchvision_gives(photos):
    folder = image_folder(photos)
    assert isinstance(folder, ImageFolder)
    assert folder.classes == ["cat", "negative"]
    assert folder.class_to_idx == {"cat": 0, "negative": 1}
    assert folder.targets == [0, 0, 0, 1, 1]
    names = ["high.bmp", "turned.png", "wide.png", "wide.webp", "small.gif"]
    assert [Path(path).name for path, _ in folder.samples] == names
    picture, label = folder[1]
    assert torch.equal(picture, CAT)  # turned upright
    assert label == 0


def test_a_transform_of_the_dataset(photos):
    picture, label = image_folder(photos, transform=v2.Resize([8, 8]))[4]
    assert picture.shape == (3, 8, 8)
    assert label == 1


def test_tensors_of_one_size(photos):
    images, labels = image_folder(photos, tensors=True, size=48, progress=False)
    assert images.shape == (5, 3, 48, 48)
    assert labels.tolist() == [0, 0, 0, 1, 1]
    check_data((images, labels))  # what fit wants
    # the middle, not stretched: as lesson 03 cuts pictures for a test
    expected = v2.Compose([v2.Resize(48), v2.CenterCrop(48)])(CAT)
    for picture in (images[0].mT, images[1], images[2]):
        assert (picture.int() - expected.int()).abs().float().mean() < 2
    assert images.is_contiguous()


def test_default_size_is_that_of_the_drinks(photos):
    assert image_folder(photos, tensors=True, progress=False)[0].shape[1:] == (3, 96, 96)


def test_a_strip_does_not_become_huge(tmp_path):
    save(torch.zeros(3, 1, 100_000, dtype=torch.uint8), tmp_path / "line/strip.png")
    images, _ = image_folder(tmp_path, tensors=True, progress=False)
    assert images.shape == (1, 3, 96, 96)


def test_what_programs_leave_behind_is_no_picture(photos):
    for name in (
        ".DS_Store",
        ".ipynb_checkpoints/wide.png",
        "__MACOSX/cat/._wide.png",
        "readme.txt",  # beside the classes, not in one
        "cat/.DS_Store",
        "cat/Thumbs.db",
        "cat/desktop.ini",
        "cat/._wide.png",
        "cat/.ipynb_checkpoints/wide-checkpoint.png",
        "cat/notes.txt",
    ):
        (photos / name).parent.mkdir(exist_ok=True, parents=True)
        (photos / name).write_bytes(b"\0" * 10)
    folder = image_folder(photos)
    assert folder.classes == ["cat", "negative"]
    assert len(folder) == 5


def test_the_folder_itself_may_be_hidden(tmp_path):
    save(CAT, tmp_path / ".photos/__mine/cat/1.png")
    assert len(image_folder(tmp_path / ".photos/__mine")) == 1


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_no_such_folder(tmp_path, kind):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; in .* are: "):
        image_folder(kind(tmp_path / "nowhere"))
    for name in ("Second Lamp", "First Lamp", ".hidden"):
        (tmp_path / name).mkdir()
    for name in ("first lamp", "nowhere/first lamp"):  # its names are those that are there
        if not (tmp_path / name).is_dir():  # as it is where systems tell no case
            with pytest.raises(FileNotFoundError, match=r"; in .* are: First Lamp, Second Lamp$"):
                image_folder(kind(tmp_path / name))


def test_pictures_without_folders(photos):
    with pytest.raises(FileNotFoundError, match=r"holds no folders: .*mug.1\.jpg"):
        image_folder(photos / "cat")


@pytest.mark.parametrize("tensors", [False, True])
def test_an_empty_class(photos, tensors):
    (photos / "dog").mkdir()
    (photos / "apple/.ipynb_checkpoints").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="no picture is in apple, dog of"):
        image_folder(photos, tensors)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0" + bytes(99), "damaged"),
        ("notes", b"the red mug is Anna's", "is text .* or leave it out"),
        ("IMG_2.jpg", b"", "is empty"),
        ("IMG_3.jpg", b"\xff\xd8\xff\xe0" + bytes(99), "damaged"),
    ],
)
def test_an_unreadable_file_is_named(photos, name, content, words):
    (photos / "cat" / name).write_bytes(content)
    with pytest.raises(OSError, match=f"{name} .*{words}"):
        image_folder(photos, tensors=True, progress=False)
    folder = image_folder(photos)  # says so when it is read
    with pytest.raises(OSError, match=f"{name} .*{words}"):
        [folder[index] for index in range(len(folder))]


def test_test_pictures_have_the_classes_of_the_training_pictures(photos):
    for classes in (["cat", "negative"], ("cat", "negative"), image_folder(photos).classes):
        assert len(image_folder(photos, classes=classes)) == 5
    for classes in (["cat"], ["cat", "dog", "negative"], ["negative", "cat"], []):
        with pytest.raises(ValueError, match="are cat, negative; expected the folders"):
            image_folder(photos, classes=classes)


def test_names_are_compared_in_one_spelling(tmp_path):
    """A folder from macOS, and one from elsewhere: the labels are those of the same names."""
    for form in ("NFC", "NFD"):
        for name in ("Küche", "Kz", "Ka"):
            save(CAT, tmp_path / form / unicodedata.normalize(form, name) / "1.png")
    composed, decomposed = (image_folder(tmp_path / form) for form in ("NFC", "NFD"))
    assert [name[:2] for name in composed.classes] == ["Ka", "Kz", "Kü"]
    assert len(image_folder(tmp_path / "NFD", classes=composed.classes)) == 3
    assert len(image_folder(tmp_path / "NFC", classes=decomposed.classes)) == 3
    assert len(decomposed.classes[2]) == 6  # as the folder is called


@pytest.mark.parametrize("size", [0, -3])
def test_size_below_one(photos, size):
    with pytest.raises(ValueError, match=f"size is {size}"):
        image_folder(photos, tensors=True, size=size)


def test_transforms_belong_to_the_dataset(photos):
    with pytest.raises(ValueError, match="apply transforms to the batch"):
        image_folder(photos, tensors=True, transform=v2.RandomHorizontalFlip())


# ---- the split


def data(counts):
    labels = torch.cat([torch.full((n,), label) for label, n in counts.items()])
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))]
    return torch.arange(len(labels)), labels


@given(
    counts=st.dictionaries(st.integers(0, 9), st.integers(2, 30), min_size=1),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_split(counts, share, seed):
    images, labels = data(counts)
    parts = stratified_split((images, labels), share, seed)
    together = torch.cat([part[0] for part in parts])
    assert together.sort().values.equal(images)  # every picture once
    for part in parts:
        assert part[0].equal(part[0].sort().values)  # in the order of the files
        assert labels[part[0]].equal(part[1])  # with its own label
    for label, n in counts.items():
        taken = int((parts[1][1] == label).sum())
        assert 1 <= taken <= n - 1
        assert abs(taken - share * n) <= 1


def test_seeds_of_the_split():
    pair = data({0: 20, 1: 20})
    splits = [stratified_split(pair, 0.3, seed)[1][0].tolist() for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]
    state = torch.random.get_rng_state()
    stratified_split(pair)
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_class_of_one_picture():
    with pytest.raises(ValueError, match="class 7 has one picture, and a split needs two"):
        stratified_split(data({3: 5, 7: 1}))
    with pytest.raises(ValueError, match="class spoon has one picture"):
        stratified_split(data({0: 5, 1: 1}), classes=["cup", "spoon"])


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, 25, float("nan")])
def test_share_out_of_range(share):
    with pytest.raises(ValueError, match=r"share is .*between 0 and 1"):
        stratified_split(data({0: 4}), share)


def test_images_and_labels_of_different_number():
    with pytest.raises(ValueError, match="4 images and 3 labels"):
        stratified_split((torch.zeros(4), torch.zeros(3, dtype=torch.int64)))


def test_split_of_what_image_folder_gives(photos):
    pair = image_folder(photos, tensors=True, size=16, progress=False)
    train, validation = stratified_split(pair)
    assert train[0].shape == (3, 3, 16, 16)
    assert np.bincount(validation[1]).tolist() == [1, 1]
