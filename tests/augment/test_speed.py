"""The benchmark of speed: turns, ratios, goals, and a row for every transform; nothing is timed."""

import importlib
import os

import pytest
import torch
from torchvision.transforms import v2

from d2laug import augment

pytest.importorskip("albumentations", reason="the benchmark needs the extra bench")
PARTS = ("timing", "peers", "each_transform", "augment_speed")


@pytest.fixture(scope="module")
def parts(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "benchmarks")
        patch.setitem(os.environ, "NO_ALBUMENTATIONS_UPDATE", "1")
        return {name: importlib.import_module(name) for name in PARTS}


def test_everyone_has_a_turn_in_each_round(parts, monkeypatch):
    turns, now = [], iter(range(1000))
    monkeypatch.setattr(parts["timing"].time, "perf_counter", lambda: next(now))
    many = lambda: turns.append("many")  # noqa: E731 - an attribute will be set
    many.batches = 4
    rates = parts["timing"].measure({"one": lambda: turns.append("one"), "many": many}, 8, 2)
    assert turns == ["one", "many"] * 3  # the first round warms up
    assert rates == {"one": [8, 8], "many": [32, 32]}


def test_ratios_are_those_of_the_same_rounds(parts):
    one, other = (parts["timing"].row(x) for x in ([100.4, 40, 30], [50, 10, 30]))
    assert one == {"median": 40, "rounds": [100, 40, 30]}
    assert parts["timing"].ratio(one, other) == {"median": 2, "lowest": 1, "highest": 4}


def test_goals_of_the_tables(parts):
    speed, peers = parts["augment_speed"], parts["peers"]
    row = {"floor": 9000, "kornia, slice": 90, "Albumentations, each": 100, peers.D2L: 20}
    rates = {who: parts["timing"].row([rate] * 3) for who, rate in row.items()}
    rates[peers.FLOOR] = rates.pop("floor")
    rates[peers.OURS] = parts["timing"].row([1000] * 3)
    tables = {speed.title_of("32", 1): {"all": rates, speed.BUFFER: rates}}
    found = list(speed.goals({"tables": tables}))
    assert all(goal["met"] for goal in found[:4])
    peer = [goal["goal"].split(": times ")[-1] for goal in found[:4]]
    assert peer == [peers.D2L, peers.D2L, "Albumentations, each", "Albumentations, each"]
    assert [goal["reached"]["median"] for goal in found[:4]] == [50, 50, 10, 10]
    assert [goal["times to the floor"] for goal in found[:4]] == [9] * 4
    assert "open" in found[4]  # the row of the GPU
    slower = rates | {peers.OURS: parts["timing"].row([900] * 3)}
    tables = {speed.title_of("32", 1): {"all": slower, speed.BUFFER: rates}}
    assert [goal.get("met") for goal in speed.goals({"tables": tables})] == [
        False, True, False, True, None,
    ]  # fmt: skip


def test_what_is_too_slow_is_named_with_its_reason(parts, monkeypatch):
    each = parts["each_transform"]
    monkeypatch.setattr(each, "REASONS", {"ColorJitter, 96": "it rains"})
    row = parts["timing"].row
    rates = {each.OURS: row([30]), each.TORCHVISION: row([20]), each.FLOOR: row([99])}
    goals = list(each.goals({"ColorJitter": {"32": rates, "96": rates}}))
    assert [goal["reason"] for goal in goals] == ["unknown", "it rains"]
    assert [goal["reached"]["median"] for goal in goals] == [1.5, 1.5]


def test_every_transform_has_a_row(parts):
    each = parts["each_transform"]
    classes = [x for x in vars(augment).values() if isinstance(x, type)]
    own = {x.__name__ for x in classes if issubclass(x, v2.Transform)}
    assert own - {"Normalize", "SanitizeBoundingBoxes"} <= {*each.names()}  # which draw nothing
    batch = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8)
    for name in each.names():
        ours = each.make(augment, name, 32)
        assert ours(batch).shape == batch.shape, name
        if name.partition(",")[0] in dir(v2):
            theirs = each.make(v2, name, 32)
            assert theirs(batch[0]).shape == batch[0].shape, name
            assert getattr(ours, "p", None) == getattr(theirs, "p", None), name


def test_peers_give_back_the_same_kind_of_batch(parts):
    peers, arrays = parts["peers"], parts["timing"].make_pictures(4, 40)
    for name, peer in peers.PEERS.items():
        for out in (None, torch.full((4, 3, 32, 32), torch.nan)):
            if name == "the same, 2 workers":
                continue
            batch = peer(arrays, "all", 32, out)()
            assert (batch.shape, batch.dtype) == ((4, 3, 32, 32), torch.float32), name
            if name != peers.FLOOR:
                assert batch.isfinite().all(), name
                assert -2.2 < batch.min() < 0 < batch.max() < 2.7, name
            assert out is None or batch.data_ptr() == out.data_ptr(), name
