"""A ZIP of folders is a data set, and nothing of it gets anywhere else."""

import io
import os
import shutil
import stat
import struct
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from test_open_image import CAT, encode, read
from torch.utils.data import DataLoader

from d2laug.data import archives, image_folder, unzip

PHOTO = encode(CAT, "png")
LINK = zipfile.ZipInfo("photos/mug/2.png")
LINK.create_system, LINK.external_attr = 3, (stat.S_IFLNK | 0o777) << 16


def packed(files, **options):
    """The bytes of a ZIP of these names (or entries) and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


def names(folder):
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


TWO = {"mug/1.png": PHOTO, "mug/2.png": PHOTO, "spoon/1.png": PHOTO}


@pytest.mark.parametrize("top", ["", "photos/", "my photos/of today/"])
@pytest.mark.parametrize("kind", ["bytes", "memoryview", "path"])
def test_a_zip_is_a_data_set(tmp_path, top, kind):
    content = packed({top + name: photo for name, photo in TWO.items()})
    (tmp_path / "photos.zip").write_bytes(content)
    file = {"bytes": content, "memoryview": memoryview(content), "path": tmp_path / "photos.zip"}
    dataset = image_folder(file[kind])
    assert dataset.classes == ["mug", "spoon"]
    assert dataset.targets == [0, 0, 1]
    assert np.array_equal(dataset[2][0].permute(1, 2, 0), CAT)
    images, labels = image_folder(file[kind], tensors=True, size=16, progress=False)
    assert images.shape == (3, 3, 16, 16)
    assert labels.tolist() == [0, 0, 1]
    assert names(tmp_path) == ["photos.zip"]  # nothing is left beside it


def test_several_data_sets_in_one_zip():
    files = {f"photos/{lamp}/{name}": PHOTO for lamp in ("first", "second") for name in TWO}
    folder = unzip(packed(files))
    assert [path.name for path in sorted(folder.iterdir())] == ["first", "second"]
    assert image_folder(folder / "second").classes == ["mug", "spoon"]


def test_it_is_read_by_several_processes():
    loader = DataLoader(image_folder(packed(TWO)), batch_size=1, num_workers=2)
    for _ in range(2):  # the workers of the first round end, and the files stay
        assert [label.item() for _, label in loader] == [0, 0, 1]


def test_the_files_go_when_python_ends():
    code = "import sys; from d2laug.data import unzip; print(unzip(sys.stdin.buffer.read()))"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, input=packed(TWO), capture_output=True, check=True)
    folder = Path(run.stdout.decode().strip())
    assert folder.is_absolute()
    assert not folder.exists()
    assert not folder.parent.exists()


def test_a_folder_of_ones_own(tmp_path):
    folder = unzip(packed(TWO), tmp_path / "new/photos")
    assert folder == tmp_path / "new/photos"
    assert names(folder) == sorted(TWO)
    (folder / "mug/1.png").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="is there: give another folder, or remove"):
        unzip(packed(TWO), folder)
    assert (folder / "mug/1.png").read_bytes() == b"mine"


def test_what_comes_with_pictures_stays_out(tmp_path):
    beside = ("__MACOSX/mug/._1.png", "mug/.DS_Store", ".git/config", "mug/Thumbs.db")
    beside += ("mug/IMG_1.MOV", "mug/IMG_1.aae", "mug/1.png.json", "desktop.ini", "mug/")
    beside += ("read me.txt", "mug/notes.TXT")
    content = packed(TWO | dict.fromkeys(beside, b""))
    assert names(unzip(content)) == sorted(TWO)
    alone = {f"photos/{name}": PHOTO for name in TWO} | {"cover.pdf": b""}  # beside the only folder
    assert names(unzip(packed(alone))) == sorted(TWO)


# ---- what is refused: whatever the name, nothing appears

HUGE = packed({"mug/1.bmp": bytes(130_000_000)}, compression=zipfile.ZIP_DEFLATED)


def locked():
    content = bytearray(packed(TWO))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    return bytes(content)


def of_size(claimed):
    """A ZIP whose file says that it is of another size."""
    content = bytearray(packed({"mug/1.png": PHOTO}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", claimed)
    return bytes(content)


def of_method(number):
    content = bytearray(packed({"mug/1.png": PHOTO}))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = content.index(mark) + at
        content[start : start + 2] = struct.pack("<H", number)
    return bytes(content)


OUTSIDE = "a place outside"
REFUSED = {
    "the folder above": (packed(TWO | {"../evil.png": PHOTO}), OUTSIDE),
    "above, further on": (packed(TWO | {"mug/../../evil.png": PHOTO}), OUTSIDE),
    "above, as Windows writes it": (packed(TWO | {"..\\evil.png": PHOTO}), OUTSIDE),
    "the root": (packed(TWO | {"/tmp/evil.png": PHOTO}), OUTSIDE),
    "the root, as Windows writes it": (packed(TWO | {"\\evil.png": PHOTO}), OUTSIDE),
    "a drive": (packed(TWO | {"C:\\evil.png": PHOTO}), OUTSIDE),
    "a drive's folder": (packed(TWO | {"C:evil.png": PHOTO}), OUTSIDE),
    "another machine": (packed(TWO | {"//server/evil.png": PHOTO}), OUTSIDE),
    "a link": (packed([*TWO.items(), (LINK, "/etc/passwd")]), "is a link"),
    "a name twice": (
        packed([*TWO.items(), ("mug/a:.png", b"1"), ("mug/a_.png", b"2")]),
        "two files",
    ),
    "a file that is a folder": (packed(TWO | {"mug": PHOTO}), "not unpacked"),
    "a password": (locked(), "locked by a password"),
    "a bomb": (HUGE, "become 130,000,000, which photos do not"),
    "a size that is not true": (of_size(4 * 10**9), "which photos do not"),
    "a size that is too small": (of_size(10), "not unpacked"),
    "a way to pack that is unknown": (of_method(99), "compression method"),
    "damaged pixels": (packed(TWO).replace(PHOTO[40:60], bytes(20), 1), "CRC"),
    "cut off": (packed(TWO)[:-30], "not a zip file"),
    "no bytes": (b"", "not a zip file"),
    "a picture": (PHOTO, "not a zip file"),
    "no file": (packed({}), "no picture is in it"),
    "nothing but hidden files": (packed({"__MACOSX/._1.png": b"", "a/": b""}), "no picture"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("function", [unzip, image_folder])
def test_refused_and_nothing_is_left(tmp_path, monkeypatch, name, function):
    content, words = REFUSED[name]
    (tmp_path / "home").mkdir()
    (tmp_path / "home/photos.zip").write_bytes(content)
    before = names(tmp_path)
    file = tmp_path / "home/photos.zip"
    arguments = (file, tmp_path / "home/new") if function is unzip else (file,)
    monkeypatch.chdir(tmp_path / "home")
    with pytest.raises(OSError, match=words) as caught:
        function(*arguments)
    message = str(caught.value)
    assert message.startswith(f"{file} is not unpacked: ")
    assert message.endswith("Make a ZIP of folders; open_image reads a picture")
    assert names(tmp_path) == before
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["photos.zip"]


def test_not_too_many(monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    with pytest.raises(OSError, match="3 files; at most 2"):
        unzip(packed(TWO))


def test_not_too_much(monkeypatch):
    monkeypatch.setattr(archives, "MOST_UNPACKED", 3 * len(PHOTO) - 1)
    with pytest.raises(OSError, match=f"become {3 * len(PHOTO):,}"):
        unzip(packed(TWO))
    monkeypatch.setattr(archives, "MOST_UNPACKED", 3 * len(PHOTO))
    assert names(unzip(packed(TWO))) == sorted(TWO)


def test_what_packs_well_is_no_bomb():
    """A white scan, without compression in its file: 100 times smaller, and no harm."""
    white = encode(np.full((300, 1000, 3), 255, np.uint8), "bmp")
    folder = unzip(packed({"page/1.bmp": white}, compression=zipfile.ZIP_DEFLATED))
    assert read(folder / "page/1.bmp").min() == 255


# ---- interruption

INTERRUPTIONS = [KeyboardInterrupt, OSError("No space left on device"), MemoryError]


@pytest.mark.parametrize("error", INTERRUPTIONS, ids=str)
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interruption_leaves_nothing(tmp_path, monkeypatch, error, after):
    copy, calls = shutil.copyfileobj, []

    def stop(source, target):
        calls.append(source)
        if len(calls) > after:
            target.write(b"half")
            raise error
        copy(source, target)

    monkeypatch.setattr(archives.shutil, "copyfileobj", stop)
    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else OSError):
        unzip(packed(TWO), tmp_path / "photos")
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    assert names(unzip(packed(TWO), tmp_path / "photos")) == sorted(TWO)  # and it can begin again


# ---- names


def as_stored(name, content, flag):
    """A ZIP in which a name stands in these bytes, with or without the flag of UTF-8."""
    info = zipfile.ZipInfo("x" * len(name))
    packet = bytearray(packed([(info, content)]).replace(b"x" * len(name), name))
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        place = packet.index(mark) + at
        packet[place] = packet[place] & ~8 | flag << 3
    return bytes(packet)


ENCODINGS = {
    "UTF-8, which says so": ("Küche/写真.png".encode(), True, "Küche/写真.png"),
    "UTF-8 of a Mac": (unicodedata.normalize("NFD", "Küche/é.png").encode(), False, "Küche/é.png"),
    "that of old Windows": ("Küche/é.png".encode("cp437"), False, "Küche/é.png"),
    "that of no one": (b"K\x81\xff/\xfe.png", False, None),
    "slashes of Windows": (b"mug\\1.png", True, "mug/1.png"),
    "a dot": (b"./mug/./1.png", True, "mug/1.png"),
    "what Windows forbids": (b'mug/a:b?*"<1>|.png', True, "mug/a_b____1__.png"),
    "a blank at the end": (b"mug /1.png", True, "mug/1.png"),
    "a name of blanks": (b"mug/ /1.png", True, "mug/_/1.png"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_names_in_other_encodings(name, tmp_path):
    stored, flag, right = ENCODINGS[name]
    folder = unzip(as_stored(stored, PHOTO, flag), tmp_path / "photos")
    assert len(names(tmp_path)) == 1
    if right:
        assert names(tmp_path / "photos") == [right]
    assert np.array_equal(image_folder(tmp_path / "photos")[0][0].permute(1, 2, 0), CAT)
    assert folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="rights are others there")
def test_files_are_of_the_usual_rights(tmp_path):
    unzip(packed(TWO), tmp_path / "photos")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_bytes(b"")
    for mine, usual in (("photos", "other"), ("photos/mug/1.png", "other/file")):
        assert (tmp_path / mine).stat().st_mode == (tmp_path / usual).stat().st_mode
