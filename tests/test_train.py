"""Training learns, repeats, resumes, and refuses what cannot work before time is spent."""

import contextlib
import itertools
import json
import re
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms import v2

from d2laug import augment
from d2laug.train import (
    accuracy,
    compare,
    confusion_matrix,
    fit,
    load_network,
    plain_network,
    predict,
    residual_network,
    save_network,
    trained_networks,
)


def stripes(n: int, seed: int = 0):
    """Pictures of 32 x 32 with dim horizontal (0) or vertical (1) stripes in noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 2
    wave = (torch.arange(32) // 4 % 2 * 60).float()
    rows, columns = wave[:, None].expand(32, 32), wave[None].expand(32, 32)
    pictures = torch.where(labels[:, None, None] == 0, rows, columns)[:, None].expand(n, 3, 32, 32)
    noise = 150 * torch.rand(n, 3, 32, 32, generator=generator)
    return (pictures + noise).to(torch.uint8), labels


@pytest.fixture(scope="module")
def data():
    return stripes(96)


@pytest.fixture(scope="module")
def trained(data):
    torch.manual_seed(0)
    network = plain_network(2)
    history = fit(network, data, stripes(64, seed=1), epochs=6, batch_size=16, progress=False)
    return network, history


@pytest.mark.parametrize("make", [plain_network, residual_network])
def test_plain_network_is_small(make):
    assert sum(weights.numel() for weights in make(12).parameters()) < 500_000


def test_it_learns(trained):
    network, history = trained
    assert [entry["epoch"] for entry in history] == [1, 2, 3, 4, 5, 6]
    assert history[-1]["loss"] < history[0]["loss"]
    assert accuracy(network, stripes(64, seed=2)) > 0.9


def test_the_best_epoch_is_kept(trained):
    network, history = trained
    best = max(entry["validation"] for entry in history)
    assert accuracy(network, stripes(64, seed=1)) == best


def test_one_seed_one_result(data):
    def run(seed):
        torch.manual_seed(seed)
        network = plain_network(2)
        options = {"transform": augment.RandomHorizontalFlip(), "epochs": 1, "progress": False}
        return fit(network, data, seed=seed, **options)[0]["loss"], network[-1].weight

    (loss, weight), (again, same), (other, _) = run(0), run(0), run(1)
    assert loss == again
    assert torch.equal(weight, same)
    assert loss != other


def test_predict_and_confusion_matrix(trained):
    network, _ = trained
    images, labels = stripes(50, seed=3)
    probabilities = predict(network, images, batch_size=7)
    assert probabilities.shape == (50, 2)
    assert torch.allclose(probabilities.sum(1), torch.ones(50))
    counts = confusion_matrix(network, (images, labels))
    assert counts.sum(1).tolist() == [25, 25]
    assert counts.diag().sum() / 50 == pytest.approx(accuracy(network, (images, labels)))
    constant = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 2))
    constant[1].weight.data.zero_()
    constant[1].bias.data = torch.tensor([0.0, 1.0])
    assert confusion_matrix(constant, (images, labels)).tolist() == [[0, 25], [0, 25]]


@pytest.mark.long
def test_another_optimizer_in_half_precision_learns_too(data):
    torch.manual_seed(0)
    network, made = residual_network(2), []

    def optimizer(weights, lr, weight_decay):
        made.append((lr, weight_decay))
        return torch.optim.SGD(weights, lr, momentum=0.9, weight_decay=weight_decay)

    options = {"lr": 0.01, "weight_decay": 5e-4, "mixed_precision": True, "progress": False}
    history = fit(network, data, optimizer=optimizer, epochs=6, batch_size=16, **options)
    assert made == [(0.01, 5e-4)]
    assert history[-1]["loss"] < history[0]["loss"]
    assert {weights.dtype for weights in network.parameters()} == {torch.float32}
    assert accuracy(network, stripes(64, seed=2)) > 0.9


def test_the_transform_sees_uint8_training_batches_only(data):
    seen = []

    def transform(x):
        seen.append((x.dtype, x.max().item(), len(x)))
        return x

    fit(plain_network(2), data, data, transform, epochs=2, batch_size=32, progress=False)
    assert len(seen) == 1 + 2 * 3  # one trial, then three batches an epoch; none for validation
    assert {(dtype, length) for dtype, _, length in seen} == {(torch.uint8, 32)}
    assert all(high > 150 for _, high, _ in seen)


@pytest.mark.parametrize("mix", [v2.MixUp, v2.CutMix])
def test_it_learns_from_mixed_labels(data, mix):
    torch.manual_seed(0)
    network = plain_network(2)
    mix = mix(num_classes=2)
    history = fit(network, data, mix=mix, epochs=8, batch_size=16, progress=False)
    assert history[-1]["loss"] < history[0]["loss"]
    assert accuracy(network, stripes(64, seed=2)) > 0.9


def test_mix_sees_what_the_network_takes_and_decides_what_counts(data):
    seen = []

    def mix(x, y):
        seen.append((x.dtype, x.max().item() <= 1, y.dtype, len(x)))
        return x, torch.tensor([0.6, 0.4]).expand(len(y), 2)  # all of them are mostly class 0

    torch.manual_seed(0)
    network = plain_network(2)
    history = fit(network, data, data, mix=mix, epochs=6, batch_size=32, progress=False)
    assert len(seen) == 1 + 6 * 3  # one trial, then three batches an epoch; none for validation
    assert set(seen) == {(torch.float32, True, torch.int64, 32)}
    assert history[-1]["train"] == 1  # against the label with the largest share
    assert history[-1]["validation"] == 0.5  # against the labels themselves


def test_labels_that_are_not_mixed_train_as_without_mix(data):
    def run(mix):
        torch.manual_seed(0)
        network = plain_network(2)
        fit(network, data, mix=mix, epochs=1, batch_size=32, progress=False)
        return network[-1].weight

    one_hot = run(lambda x, y: (x, torch.nn.functional.one_hot(y, 2).float()))
    assert torch.allclose(run(None), one_hot, atol=1e-5)


def test_interrupted_training_keeps_the_best_and_goes_on(data, capsys):
    calls = 0

    def stop_in_the_third_epoch(x):
        nonlocal calls
        calls += 1
        if calls == 1 + 3 * 2 + 2:  # a trial, two epochs of three batches, and one more batch
            raise KeyboardInterrupt
        return x

    torch.manual_seed(0)
    network = plain_network(2)
    history = fit(
        network, data, data, stop_in_the_third_epoch, epochs=9, batch_size=32, progress=False
    )
    assert [entry["epoch"] for entry in history] == [1, 2]
    assert "stopped after 2 epochs" in capsys.readouterr().out
    assert accuracy(network, data) == max(entry["validation"] for entry in history)

    more = fit(network, data, data, epochs=2, batch_size=32, history=history, progress=False)
    assert [entry["epoch"] for entry in more] == [1, 2, 3, 4]
    assert more[:2] == history
    assert accuracy(network, data) == max(entry["validation"] for entry in more)


def test_a_loss_that_is_no_number_stops(data):
    calls = 0

    def poison(x):
        nonlocal calls
        calls += 1
        if calls > 4:  # from the second epoch on
            network[-1].bias.data.fill_(float("nan"))
        return x

    network = plain_network(2)
    with pytest.raises(FloatingPointError, match="loss is nan in epoch 2: try a smaller lr"):
        fit(network, data, transform=poison, epochs=3, batch_size=32, progress=False)
    assert all(weights.isfinite().all() for weights in network.parameters())


def test_the_learning_curve_is_drawn_in_its_place(data, monkeypatch):
    shown = []

    def display(picture, display_id, update):
        shown.append((repr(picture), display_id, update))

    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setattr("IPython.display.display", display)
    clock = itertools.count()  # every look at it is a second later, so each epoch lasts one
    monkeypatch.setattr("d2laug.train.loop.time.perf_counter", lambda: float(next(clock)))
    for epochs in (3, 1):
        fit(plain_network(2), data, epochs=epochs, batch_size=32)
    fit(plain_network(2), data, epochs=1, batch_size=32, progress=False)
    assert [update for *_, update in shown] == [False, True, True, False]
    for (words, *_), count in zip(shown, (1, 2, 3, 1), strict=True):
        assert f"after {count} epoch" in words
    first, second = shown[0][1], shown[3][1]
    assert [place for _, place, _ in shown] == [first, first, first, second]
    assert first != second


def test_short_epochs_are_drawn_once_a_second(data, monkeypatch):
    shown = []
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setattr("IPython.display.display", lambda picture, **_: shown.append(repr(picture)))
    clock = itertools.count(step=0.2)
    monkeypatch.setattr("d2laug.train.loop.time.perf_counter", lambda: next(clock))
    fit(plain_network(2), data, epochs=12, batch_size=64)
    drawn = [int(re.search(r"after (\d+) epoch", words)[1]) for words in shown]
    assert drawn == [1, 5, 10, 12]


def test_whole_numbers_may_be_those_of_numpy(data):
    numbers = {"epochs": np.int64(1), "batch_size": np.int64(32)}
    assert len(fit(plain_network(2), data, progress=False, **numbers)) == 1


def test_epochs_can_be_capped_from_outside(data, monkeypatch):
    monkeypatch.setenv("D2LAUG_MOST_EPOCHS", "1")
    assert len(fit(plain_network(2), data, epochs=5, progress=False)) == 1


def test_more_pictures_in_a_batch_than_there_are(data):
    history = fit(plain_network(2), data, epochs=1, batch_size=1000, progress=False)
    assert len(history) == 1


IMAGES, LABELS = stripes(8)


def shares(labels):
    return torch.nn.functional.one_hot(labels, 2).float()


BAD = [
    ({"train": (IMAGES, LABELS + 1)}, "a label is 2, but the network has 2 classes"),
    ({"train": (IMAGES, LABELS - 1)}, "the label -1; labels count from 0"),
    ({"train": (IMAGES[:0], LABELS[:0])}, "train is empty"),
    ({"train": (IMAGES, LABELS[:3])}, r"int64 \[3\]; .*int64 \[8\], one for each of the 8 images"),
    ({"train": (IMAGES, LABELS.float())}, "float32 .* expected one tensor torch.int64"),
    ({"train": (IMAGES, LABELS.tolist())}, "labels of train are list; expected one tensor"),
    ({"train": (IMAGES.float(), LABELS)}, "float32 .* expected one tensor torch.uint8"),
    ({"train": (list(IMAGES), LABELS)}, "Pictures of several sizes become one size by a crop"),
    ({"train": IMAGES}, "train is torch.uint8 .* expected a pair"),
    ({"validation": (IMAGES[:0], LABELS[:0])}, "validation is empty"),
    ({"epochs": 0}, "epochs is 0"),
    ({"epochs": 1.5}, "epochs is 1.5"),
    ({"batch_size": 0}, "batch_size is 0"),
    ({"lr": 0}, "lr is 0"),
    ({"lr": float("nan")}, "lr is nan"),
    (
        {"transform": lambda x: x / 255},
        "returns torch.float32 .* expected one tensor torch.uint8 .* 0 to 255: fit itself brings",
    ),
    ({"transform": lambda x: x.int()}, "returns torch.int32 .* expected one tensor torch.uint8"),
    ({"transform": lambda x: x / 0 * 0}, "returns torch.float32 .* with NaN"),
    (
        {"transform": lambda x: x[0]},
        r"returns torch.uint8 \[3, 32, 32\]; expected one tensor torch.uint8 \[8, 3, H, W\]",
    ),
    ({"transform": lambda x: x[:4]}, r"uint8 \[4, 3, 32, 32\]; .* torch.uint8 \[8, 3, H, W\]"),
    ({"transform": lambda x: None}, "returns NoneType"),
    ({"mix": lambda x, y: x}, r"mix returns torch.float32 .*; expected a pair \(images, labels\)"),
    ({"mix": lambda x, y: None}, "mix returns NoneType"),
    (
        {"mix": lambda x, y: (x, y)},
        "the labels from mix are torch.int64 .* expected one tensor torch.float32",
    ),
    ({"mix": lambda x, y: (None, shares(y))}, "the images from mix are NoneType"),
    ({"mix": lambda x, y: ((255 * x).byte(), shares(y))}, "images from mix are torch.uint8"),
    (
        {"mix": lambda x, y: (x[:4], shares(y))},
        r"images from mix are torch.float32 \[4, 3, 32, 32\]; .* \[8, 3, 32, 32\]",
    ),
    ({"mix": lambda x, y: (x, shares(y)[:, 0])}, r"float32 \[8\]; .* torch.float32 \[8, 2\]"),
    ({"mix": v2.MixUp(num_classes=5)}, r"float32 \[8, 5\]; .* torch.float32 \[8, 2\]"),
    ({"mix": lambda x, y: (x / 0, shares(y))}, "the images from mix are .* with NaN or infinity"),
    ({"mix": lambda x, y: (x, shares(y) / 0)}, "the labels from mix are .* with NaN or infinity"),
    ({"mix": lambda x, y: (x, shares(y) / 2)}, "must be shares"),
    ({"mix": lambda x, y: (x, 2 * shares(y) - 0.5)}, "must be shares"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_what_cannot_work_is_refused_before_training(wrong, message):
    network = plain_network(2)
    before = network[-1].weight.clone()
    arguments = {"train": (IMAGES, LABELS), "epochs": 1, "progress": False} | wrong
    with pytest.raises(ValueError, match=message):
        fit(network, **arguments)
    assert torch.equal(network[-1].weight, before)


def test_compare_takes_seeds_of_any_kind(data):
    options = {"epochs": 1, "batch_size": 16, "progress": False}
    kinds = ([0, 1], (seed for seed in (0, 1)), np.arange(2), torch.arange(2))
    found = [compare({"none": None}, data, {"a": data}, seeds=s, **options) for s in kinds]
    for again in found[1:]:
        assert torch.equal(again["none"]["a"], found[0]["none"]["a"])


def test_compare_gives_every_recipe_fresh_weights(data):
    blind = {"none": None, "black": torch.zeros_like}
    results = compare(
        blind,
        data,
        {"test": stripes(64, seed=5)},
        seeds=[0, 1],
        epochs=6,
        batch_size=16,
        progress=False,
    )
    assert results["none"]["test"].shape == (2,)
    assert results["none"]["test"].mean() > 0.9
    # a network that only ever saw black knows nothing: no weights leaked from the other recipe
    assert results["black"]["test"].mean() < 0.7


TWO_PROCESSES = """
import json, sys, torch
sys.path[:0] = {path!r}
from test_train import stripes
from d2laug.train import accuracy, fit, plain_network

def run():
    from accelerate import Accelerator
    process = Accelerator(cpu=not torch.accelerator.is_available()).process_index
    drawn = []
    def transform(x):
        drawn.append(torch.rand(1).item())
        sizes.append(len(x))
        return x
    sizes = []
    torch.manual_seed(0)
    network = plain_network(2)
    fit(network, data, transform=transform, epochs=6, batch_size=16, progress=False)
    found = {{"accuracy": accuracy(network, new), "drawn": drawn, "sizes": sizes[1:]}}
    with open(f"{folder}/{{process}}.json", "w") as file:
        json.dump(found, file)

if __name__ == "__main__":
    from accelerate import notebook_launcher
    data, new = stripes(96), stripes(64, seed=2)
    # as a notebook has trained before, on two threads: what it forks has lost one of them
    torch.set_num_threads(2)
    fit(plain_network(2), stripes(96), epochs=1, progress=False)
    # the port that is taken without being asked may be busy; this finds a free one
    notebook_launcher(run, num_processes=2, rdzv_backend="c10d", rdzv_endpoint="localhost:0")
"""


def test_two_processes_share_the_batch_and_draw_apart(tmp_path, data):
    script = tmp_path / "two.py"
    here = str(tmp_path.joinpath(__file__).parent)
    script.write_text(TWO_PROCESSES.format(path=[here], folder=str(tmp_path)))
    with socket.socket() as busy:
        with contextlib.suppress(OSError):  # it is busy already
            busy.bind(("127.0.0.1", 29500))
            busy.listen()
        subprocess.run([sys.executable, script], check=True, timeout=300)
    first, second = (json.loads((tmp_path / f"{i}.json").read_text()) for i in (0, 1))
    assert set(first["sizes"]) == set(second["sizes"]) == {8}  # a batch of 16 in two halves
    assert not set(first["drawn"][1:]) & set(second["drawn"][1:])
    assert first["accuracy"] == second["accuracy"]  # they end with the same weights
    # which are as good as those of one process, within what seeds make of that
    tests = {"new": stripes(64, seed=2)}
    options = {"epochs": 6, "batch_size": 16, "progress": False}
    alone = compare({"none": None}, data, tests, seeds=range(3), **options)["none"]["new"]
    assert alone.mean() > 0.9
    assert abs(first["accuracy"] - alone.mean()) <= 2 * alone.std() + 1 / 64


def test_weights_are_kept_and_come_back(tmp_path, monkeypatch, data):
    monkeypatch.setenv("D2LAUG_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"there are no networks in .*D2LAUG_DATA"):
        load_network("none")
    torch.manual_seed(0)
    network = plain_network(2)
    fit(network, data, epochs=2, batch_size=16, progress=False)
    save_network(network, "stripes")
    again = load_network("stripes")
    assert (
        predict(again, data[0]) - predict(network, data[0])
    ).abs().max() < 0.01  # half precision
    with pytest.raises(ValueError, match="no network is called 'none'; choose one of: stripes"):
        load_network("none")


def test_the_two_trained_networks():
    networks = trained_networks()
    assert list(networks) == ["trained without augmentation", "trained with augmentation"]
    for network, name in zip(networks.values(), ("none", "all"), strict=True):
        assert not network.training
        expected = load_network(name).state_dict()
        assert all(torch.equal(v, expected[k]) for k, v in network.state_dict().items())
