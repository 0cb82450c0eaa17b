"""CIFAR-10 from a local copy, its host, or a ZIP of JPEGs; never half of it, and never another."""

import contextlib
import hashlib
import io
import pickle
import random
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import CIFAR10
from torchvision.transforms import v2

from d2laug.data import CIFAR10_CLASSES, cifar, cifar10
from d2laug.train import check_data

BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def make_files():
    """A small balanced stand-in: the files of CIFAR-10, with 20 pictures in each."""
    rng = np.random.default_rng(0)
    files = {}
    for name in BATCHES:
        labels = list(range(10)) * 2
        batch = {"data": rng.integers(0, 256, (20, 3072), dtype=np.uint8), "labels": labels}
        files[name] = pickle.dumps(batch, protocol=2)
    files["batches.meta"] = pickle.dumps({"label_names": list(CIFAR10_CLASSES)}, protocol=2)
    return files


def make_archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def md5(content):
    return hashlib.md5(content).hexdigest()


FILES = make_files()
ARCHIVE = make_archive(FILES)
SIZE = len(ARCHIVE)
PIXELS = {name: pickle.loads(FILES[name])["data"].reshape(-1, 3, 32, 32) for name in BATCHES}


def test_the_stand_in_is_large_enough_to_be_cut():
    assert SIZE > 4 * 2**16  # the loader reads 2**16 bytes at once


class Host:
    """A web server on this machine whose behavior can be set."""

    def __init__(self):
        self.body = ARCHIVE
        self.cuts = []  # after how many bytes each of the next answers ends
        self.resumes = True  # whether it can begin elsewhere than at the start
        self.says_length = True
        self.status = None
        self.requests = []  # path and Range of each
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                wanted = self.headers.get("Range")
                host.requests.append((self.path, wanted))
                start = int(wanted[len("bytes=") : -1]) if wanted and host.resumes else 0
                status = host.status or (206 if start else 200)
                if start and start >= len(host.body):
                    status, start = 416, len(host.body)
                body = host.body[start:]
                self.send_response(status)
                if host.says_length:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: host.cuts.pop(0)] if host.cuts else body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/{CIFAR10.filename}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the loader puts things, with the stand-in's checksums; no copy is on the machine."""
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5(ARCHIVE))
    lists = [[name, md5(FILES[name])] for name in BATCHES]
    monkeypatch.setattr(CIFAR10, "train_list", lists[:5])
    monkeypatch.setattr(CIFAR10, "test_list", lists[5:])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5(FILES["batches.meta"])})
    monkeypatch.setattr(CIFAR10, "url", "http://127.0.0.1:9/nobody-listens-here")
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("D2LAUG_CIFAR10", raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "hub/cifar10"


@pytest.fixture
def host(home, monkeypatch):
    host = Host()
    monkeypatch.setattr(CIFAR10, "url", host.address)
    yield host
    host.close()


def put_folder(place, leave_out=()):
    (place / CIFAR10.base_folder).mkdir(parents=True)
    for name, content in FILES.items():
        if name not in leave_out:
            (place / CIFAR10.base_folder / name).write_bytes(content)


def put_archive(place, content=ARCHIVE):
    place.mkdir(parents=True, exist_ok=True)
    (place / CIFAR10.filename).write_bytes(content)


def check_whole(**options):
    """Load both parts and compare every pixel with what the files hold."""
    train, labels = cifar10("train", tensors=True, progress=False, **options)
    assert train.dtype == torch.uint8
    assert train.is_contiguous()
    np.testing.assert_array_equal(train, np.concatenate([PIXELS[name] for name in BATCHES[:5]]))
    assert labels.dtype == torch.int64
    assert labels.bincount().tolist() == [10] * 10
    check_data((train, labels))
    images, labels = cifar10("test", tensors=True, progress=False, **options)
    np.testing.assert_array_equal(images, PIXELS["test_batch"])
    assert labels.tolist() == list(range(10)) * 2


def no_whole_archive(home):
    names = {path.name for path in home.glob("*")} if home.exists() else set()
    return names <= {f"{CIFAR10.filename}.part"}


# ---- what comes back


def test_dataset_is_that_of_torchvision(host):
    dataset = cifar10("test", progress=False)
    assert isinstance(dataset, CIFAR10)
    assert dataset.source == "the original files"
    assert tuple(dataset.classes) == CIFAR10_CLASSES
    assert dataset.class_to_idx["cat"] == 3
    image, label = dataset[13]
    np.testing.assert_array_equal(np.asarray(image), PIXELS["test_batch"][13].transpose(1, 2, 0))
    assert label == 3
    assert len(cifar10("train", progress=False)) == 100


def test_transforms(host):
    picture, label = cifar10("test", transform=v2.PILToTensor(), progress=False)[13]
    np.testing.assert_array_equal(picture, PIXELS["test_batch"][13])
    assert label == 3
    with pytest.raises(ValueError, match="apply transforms to the batch"):
        cifar10("test", tensors=True, transform=v2.PILToTensor())


@pytest.mark.parametrize("split", ["val", "", None, "Train", 3])
def test_unknown_split(home, split):
    with pytest.raises(ValueError, match="choose one of: train, test"):
        cifar10(split)


def test_classes_are_those_of_the_original():
    assert len(set(CIFAR10_CLASSES)) == 10
    assert sorted(CIFAR10_CLASSES) == list(CIFAR10_CLASSES)


# ---- a copy on this machine comes first


@pytest.mark.parametrize("put", [put_folder, put_archive])
@pytest.mark.parametrize("place", ["hub/cifar10", "data"])
def test_usual_places(home, no_network, tmp_path, put, place):
    put(tmp_path / place)
    check_whole()


@pytest.mark.parametrize("put", [put_folder, put_archive])
@pytest.mark.parametrize("ending", ["", CIFAR10.base_folder, CIFAR10.filename])
@pytest.mark.parametrize("way", ["root", "path", "variable", "home"])
def test_a_place_that_is_named(home, no_network, tmp_path, monkeypatch, put, ending, way):
    place = tmp_path / "user/some/where"
    put(place)
    place = place / ending
    if way == "variable":
        monkeypatch.setenv("D2LAUG_CIFAR10", str(place))
        check_whole()
    else:
        in_home = f"~/some/where/{ending}"
        check_whole(root={"root": str(place), "path": place, "home": in_home}[way])


def test_root_goes_before_the_variable_and_both_before_the_usual_places(
    host, tmp_path, monkeypatch
):
    put_folder(tmp_path / "data")
    monkeypatch.setenv("D2LAUG_CIFAR10", str(tmp_path / "named"))
    with pytest.raises(FileNotFoundError, match="named"):
        cifar10("test", download=False)
    with pytest.raises(FileNotFoundError, match="other"):
        cifar10("test", root=tmp_path / "other", download=False)
    cifar10("test", root=tmp_path / "other", progress=False)
    assert (tmp_path / "other" / CIFAR10.base_folder).is_dir()
    assert not (tmp_path / "named").exists()


def test_nothing_is_asked_for_twice(host):
    check_whole()
    assert len(host.requests) == 1
    host.close()
    check_whole()


# ---- damaged copies


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "missing"])
def test_a_damaged_copy_is_never_taken(home, no_network, name, damage):
    put_folder(home)
    path = home / CIFAR10.base_folder / name
    content = bytearray(FILES[name])
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        new = {"flipped": content, "cut": FILES[name][:-1], "empty": b""}[damage]
        path.write_bytes(bytes(new))
    for split in ("train", "test"):
        with pytest.raises(ConnectionError, match=r"The copy in .* is damaged or not whole"):
            cifar10(split, progress=False)
    put_archive(home)  # as the message says
    check_whole()


@pytest.mark.parametrize("left_out", [BATCHES[1:], ["batches.meta"], list(FILES)])
def test_an_interrupted_unpacking_is_finished(home, no_network, left_out):
    put_folder(home, left_out)
    put_archive(home)
    check_whole()


@pytest.mark.parametrize("content", [b"", ARCHIVE[:-1], ARCHIVE[: SIZE // 2], ARCHIVE + b"\0"])
def test_a_damaged_archive_is_loaded_again(host, home, content):
    put_archive(home, content)
    check_whole()
    assert (home / CIFAR10.filename).read_bytes() == ARCHIVE


# ---- loading

POINTS = [0, 1, 2**16, 2**16 + 1, SIZE // 2, SIZE - 1]


@pytest.mark.parametrize("cut", POINTS[1:])
def test_a_connection_that_ends_early_goes_on(host, home, cut):
    host.cuts = [cut]
    check_whole()
    wanted = [wanted for _, wanted in host.requests]
    assert wanted == ["bytes=0-", f"bytes={cut}-"]


def test_a_connection_that_ends_often_goes_on(host):
    host.cuts = [10_000] * 50
    check_whole()
    assert len(host.requests) == -(-SIZE // 10_000)


@pytest.mark.parametrize("cut", POINTS)
def test_a_host_that_goes_away(host, home, cut):
    host.cuts = [cut, 0, 0]
    with pytest.raises(ConnectionError, match="connection ended early") as caught:
        cifar10("test", progress=False)
    assert no_whole_archive(home)
    assert (f"{cut:,} bytes are kept" in str(caught.value)) == (cut > 0)
    with pytest.raises(FileNotFoundError):
        cifar10("test", download=False)
    host.cuts = []
    check_whole()
    assert host.requests[-1][1] == f"bytes={cut}-"


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_a_stopped_kernel_goes_on(host, home, monkeypatch, chunks):
    made = cifar.tqdm

    def stopping_bar(*arguments, **options):
        bar = made(*arguments, **options)
        seen = []

        def update(n):
            seen.append(n)
            if len(seen) > chunks:
                raise KeyboardInterrupt

        bar.update = update
        return bar

    monkeypatch.setattr(cifar, "tqdm", stopping_bar)
    with pytest.raises(KeyboardInterrupt):
        cifar10("test", progress=False)
    assert no_whole_archive(home)
    with pytest.raises(FileNotFoundError):
        cifar10("test", download=False)
    monkeypatch.setattr(cifar, "tqdm", made)
    check_whole()
    assert host.requests[1][1] == f"bytes={(chunks + 1) * 2**16}-"


@pytest.mark.parametrize("cut", POINTS)
def test_a_host_that_always_begins_again(host, cut):
    host.resumes, host.cuts = False, [cut] if cut else []
    check_whole()


def test_a_host_that_always_begins_again_and_ends_early(host, home):
    host.resumes, host.cuts = False, [100_000] * 9
    with pytest.raises(ConnectionError, match="ended early"):
        cifar10("test", progress=False)
    assert len(host.requests) == 2
    assert no_whole_archive(home)


@pytest.mark.parametrize("cut", POINTS)
def test_a_host_that_does_not_say_how_much_comes(host, home, cut):
    host.says_length, host.cuts = False, [cut]
    if cut == 0:
        with pytest.raises(ConnectionError, match="its 0 bytes have another checksum"):
            cifar10("test", progress=False)
        assert no_whole_archive(home)
    check_whole()
    assert [wanted for _, wanted in host.requests] == ["bytes=0-", f"bytes={cut}-"]


@pytest.mark.parametrize("at", [0, 10, SIZE // 2, SIZE - 1])
def test_bytes_that_are_damaged_on_their_way(host, home, at):
    host.body = ARCHIVE[:at] + bytes([ARCHIVE[at] ^ 4]) + ARCHIVE[at + 1 :]
    for _ in range(2):
        with pytest.raises(ConnectionError, match="have another checksum than CIFAR-10"):
            cifar10("test", progress=False)
        assert list(home.iterdir()) == []
    host.body = ARCHIVE
    check_whole()


@pytest.mark.parametrize("size", [1, 1000, SIZE - 1, SIZE, SIZE + 1000])
def test_a_part_from_elsewhere_is_thrown_away(host, home, size):
    home.mkdir(parents=True)
    (home / f"{CIFAR10.filename}.part").write_bytes(bytes(size))
    with pytest.raises(ConnectionError, match=r"have another checksum .* begin again"):
        cifar10("test", progress=False)
    assert list(home.iterdir()) == []
    check_whole()


def test_a_wrong_host_that_ends_early_does_not_keep_us(host, home):
    host.body, host.cuts = bytes(300_000), [100_000] * 50
    with pytest.raises(ConnectionError, match="another checksum"):
        cifar10("test", progress=False)
    assert len(host.requests) <= 6


WRONG_HOSTS = {  # what is wrong with it, and what is said
    "a page instead": ({"body": b"<html>Sign in to the network</html>"}, "its 35 bytes have"),
    "another archive": ({"body": make_archive({"a": b"b"})}, "have another checksum"),
    "nothing": ({"body": b""}, "its 0 bytes have"),
    "not there": ({"status": 404}, "404"),
    "not allowed": ({"status": 403}, "403"),
    "broken": ({"status": 500}, "500"),
}


@pytest.mark.parametrize("wrong", WRONG_HOSTS)
def test_a_wrong_host(host, home, wrong):
    settings, words = WRONG_HOSTS[wrong]
    vars(host).update(settings)
    with pytest.raises(ConnectionError, match=words) as caught:
        cifar10("test", progress=False)
    assert host.address in str(caught.value)
    assert no_whole_archive(home)


def test_without_network_it_says_what_to_do(home, no_network):
    with pytest.raises(ConnectionError) as caught:
        cifar10("train", progress=False)
    message = str(caught.value)
    for words in (
        "cut off",
        CIFAR10.url,
        CIFAR10.filename,
        "170 MB",
        str(home),
        "root=",
        "D2LAUG_CIFAR10",
        "All other lessons run without it",
    ):
        assert words in message, words
    assert "\n" not in message
    put_archive(home)  # does what is said
    check_whole()


def test_the_bar(host, capsys):
    cifar10("test", progress=False)
    assert capsys.readouterr() == ("", "")


def test_the_bar_is_seen(host, capsys):
    cifar10("test", progress=True)
    shown = capsys.readouterr()
    assert "CIFAR-10" in shown.err
    assert f"/{SIZE / 1000:.0f}k" in shown.err


# ---- JPEGs in a ZIP file


def jpeg(color, size=32):
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), color).save(buffer, "jpeg", quality=95)
    return buffer.getvalue()


def color_of(split, label, number):
    return 20 * label + 10, 100 * number + 20, 200 if split == "train" else 30


def zip_entries(n=2):
    names = list(enumerate(CIFAR10_CLASSES))
    random.Random(0).shuffle(names)
    return {
        f"{split}/{name}/{number:04}.jpg": jpeg(color_of(split, label, number))
        for split in ("test", "train")
        for label, name in names
        for number in reversed(range(n))
    }


def write_zip(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("way", ["root", "variable"])
def test_jpegs_in_a_zip(home, no_network, tmp_path, monkeypatch, way):
    extra = {"readme.txt": b"re-encoded", "train/": b"", "train/dragon/0000.jpg": jpeg("red")}
    path = write_zip(tmp_path / "small.ZIP", {**extra, **zip_entries()})
    options = {"progress": False}
    if way == "root":
        options["root"] = path
    else:
        monkeypatch.setenv("D2LAUG_CIFAR10", str(path))
    for split in ("train", "test"):
        dataset = cifar10(split, **options)
        assert isinstance(dataset, CIFAR10)
        assert "not the original" in dataset.source
        assert tuple(dataset.classes) == CIFAR10_CLASSES
        assert dataset.targets == list(range(10)) * 2  # balanced from the first one on
        images, labels = cifar10(split, tensors=True, **options)
        assert images.shape == (20, 3, 32, 32)
        assert labels.tolist() == dataset.targets
        check_data((images, labels))
        for index in range(20):
            right = torch.tensor(color_of(split, index % 10, index // 10))[:, None, None]
            assert (images[index].int() - right).abs().max() <= 3
            image, label = dataset[index]
            assert label == index % 10
            np.testing.assert_array_equal(np.asarray(image), images[index].permute(1, 2, 0))
    assert "Split: Train" in repr(cifar10("train", **options))


def test_transforms_of_jpegs(home, tmp_path):
    path = write_zip(tmp_path / "a.zip", zip_entries())
    picture, label = cifar10("test", transform=v2.PILToTensor(), root=path, progress=False)[4]
    assert picture.shape == (3, 32, 32)
    assert label == 4


def changed(**changes):
    return {**zip_entries(), **{name.replace("__", "/") + ".jpg": c for name, c in changes.items()}}


BAD_ZIPS = {
    "empty": ({}, "layout test/cat/0000.jpg"),
    "another layout": ({"cat/0000.jpg": jpeg("red")}, "layout"),
    "nothing to test on": (
        {name: content for name, content in zip_entries().items() if "train" in name},
        "layout",
    ),
    "a class is missing": (
        {name: content for name, content in zip_entries().items() if "cat" not in name},
        "lacks classes",
    ),
    "another size": (changed(test__cat__0001=jpeg("red", 33)), "0001.jpg is not of 32 x 32"),
    "one pixel": (changed(test__cat__0001=jpeg("red", 1)), "0001.jpg is not of 32 x 32"),
    "half a picture": (changed(test__cat__0001=jpeg("red")[:300]), "Truncated File Read"),
    "text": (changed(test__cat__0001=b"not found"), "cannot identify"),
}


@pytest.mark.parametrize("wrong", BAD_ZIPS)
def test_a_bad_zip(home, tmp_path, wrong):
    entries, words = BAD_ZIPS[wrong]
    path = write_zip(tmp_path / "a.zip", entries)
    with pytest.raises(OSError, match=words) as caught:
        cifar10("test", root=path, progress=False)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.9, 0.999])
def test_a_zip_that_is_cut_off(home, tmp_path, share):
    path = write_zip(tmp_path / "a.zip", zip_entries())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(OSError, match="copy it again"):
        cifar10("test", root=path, progress=False)


def test_a_zip_with_damaged_bytes(home, tmp_path):
    """Whatever one changed byte does: the same pictures come, or the one error."""
    path = write_zip(tmp_path / "a.zip", zip_entries(1))
    content = path.read_bytes()
    right = cifar10("train", root=path, progress=False).data
    damaged = 0
    for at in random.Random(0).sample(range(len(content)), 300):
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        with contextlib.suppress(OSError):
            found = cifar10("train", root=path, progress=False).data
            np.testing.assert_array_equal(found, right)
            continue
        damaged += 1
    assert damaged > 50


def test_a_zip_that_is_not_there(home, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.zip is missing: .*D2LAUG_CIFAR10"):
        cifar10("test", root=tmp_path / "nowhere.zip")


def test_the_copy_beside_the_project(project):
    path = project.parent / "shared/data/cifar10-jpeg.zip"
    if not path.exists():
        pytest.skip(f"there is no {path}: CIFAR-10 as JPEGs, train/cat/0000.jpg, in a ZIP")
    dataset = cifar10("test", root=path, progress=False)
    assert len(dataset) == 10_000
    assert np.bincount(dataset.targets).tolist() == [1000] * 10
    assert np.bincount(dataset.targets[:500]).tolist() == [50] * 10
    # mean and spread of the original's test pictures, which JPEG does not change
    mean, spread = dataset.data.mean((0, 1, 2)) / 255, dataset.data.std((0, 1, 2)) / 255
    np.testing.assert_allclose(mean, [0.494, 0.485, 0.450], atol=0.01)
    np.testing.assert_allclose(spread, [0.247, 0.243, 0.262], atol=0.01)
    with zipfile.ZipFile(path) as archive:
        expected = Image.open(io.BytesIO(archive.read("test/horse/0123.jpg"))).convert("RGB")
    np.testing.assert_array_equal(dataset.data[123 * 10 + 7], np.asarray(expected))
