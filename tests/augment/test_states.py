"""Nothing upsets a transform: the state of PyTorch, the layout of its input, processes, threads."""

import copy
import inspect
import multiprocessing
import os
import pickle
import subprocess
import sys
import warnings
from contextlib import contextmanager

import pytest
import torch
from examples import CONTAINERS, EXAMPLES, POLICIES, example, pictures
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

from d2laug import augment

NAMES = [*EXAMPLES, *CONTAINERS]
DTYPES = [torch.uint8, torch.float32]


def test_there_is_an_example_of_every_transform():
    kinds = {name for name in augment.__all__ if inspect.isclass(getattr(augment, name))}
    assert kinds - {"Normalize", "SanitizeBoundingBoxes"} == set(NAMES)


def changed(transform, batch, seed=3):
    torch.manual_seed(seed)
    return transform(batch)


def assert_same(output, expected):
    assert output.shape == expected.shape
    assert output.dtype == expected.dtype
    if expected.dtype == torch.uint8:
        assert torch.equal(output, expected)
    else:
        assert (output.double() - expected.double()).abs().max() <= 1e-6


@contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def deterministic():
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


@contextmanager
def threads(n):
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


CONTEXTS = {
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "float64 as default": lambda: default_dtype(torch.float64),
    "float16 as default": lambda: default_dtype(torch.float16),
    "another default device": lambda: torch.device("meta"),
    "deterministic": deterministic,
    "inference": torch.inference_mode,
    "no gradients": torch.no_grad,
    "one thread": lambda: threads(1),
    "three threads": lambda: threads(3),
}
LAYOUTS = {
    "channels last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "every second of": lambda x: x.repeat_interleave(2, 0)[::2],
    "a part of": lambda x: torch.nn.functional.pad(x, (3, 2, 1, 4))[..., 1:-4, 3:-2],
    "transposed": lambda x: x.mT.contiguous().mT,
    "of NumPy, read only": lambda x: read_only(x),
}
COPIES = {
    "pickled": lambda transform: pickle.loads(pickle.dumps(transform)),
    "copied": copy.deepcopy,
    "compiled": lambda transform: torch.compile(transform, backend="eager"),
    "in Compose": lambda transform: v2.Compose([v2.Identity(), transform]),
    "in Sequential": torch.nn.Sequential,
}


def read_only(batch):
    array = batch.numpy().copy()
    array.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of such arrays
        return torch.from_numpy(array)


def batch_for(name, dtype):
    return pictures(dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("state", CONTEXTS)
def test_the_state_of_pytorch_changes_nothing(state, name, dtype):
    batch = batch_for(name, dtype)
    expected = changed(example(name), batch)
    with CONTEXTS[state]():
        assert_same(changed(example(name), batch), expected)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_the_pictures_changes_nothing(layout, name, dtype):
    batch = batch_for(name, dtype)
    other = LAYOUTS[layout](batch)
    assert torch.equal(other, batch)
    assert_same(changed(example(name), other), changed(example(name), batch))
    assert torch.equal(other, batch), "the input was changed"


@pytest.mark.parametrize("name", NAMES)
def test_one_picture_many_times(name):
    one = pictures(1).expand(16, -1, -1, -1)
    assert_same(changed(example(name), one), changed(example(name), one.contiguous()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", COPIES)
def test_copies_do_the_same(kind, name):
    batch, transform = pictures(), example(name)
    torch.compiler.reset()
    assert_same(changed(COPIES[kind](transform), batch), changed(transform, batch))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_an_own_generator_decides_alone(name, dtype):
    batch = batch_for(name, dtype)
    torch.manual_seed(0)
    state = torch.get_rng_state()
    outputs = []
    for seed in (1, 1, 2):
        own = torch.Generator().manual_seed(seed)
        if name in CONTAINERS:
            # What is inside draws for itself.
            torch.manual_seed(0)
        outputs.append(example(name, generator=own)(batch))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])
    if name not in CONTAINERS:
        assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_other_floats_are_within_their_own_precision(dtype, name):
    batch = batch_for(name, dtype)
    output = changed(example(name), batch)
    assert output.dtype == dtype
    if name in ("GaussianNoise", "RandomEqualize", *POLICIES):
        return  # draws numbers of this type; takes each of 256 levels for another
    quiet = changed(example(name), batch.double())
    difference = (output.double() - quiet).abs()
    # One rounding step at 1; what turns over at a threshold, or takes a nearest pixel, may jump.
    assert difference.quantile(0.98) <= 2 * torch.finfo(dtype).eps + 1e-6


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_given_and_what_was_returned_stay_as_they_are(name, dtype):
    batch = batch_for(name, dtype)
    before, transform = batch.clone(), example(name)
    first = changed(transform, batch)
    kept = first.clone()
    changed(transform, batch, seed=4)
    assert torch.equal(batch, before)
    assert torch.equal(first, kept)
    first.zero_()
    assert torch.equal(batch, before), "the result shares memory with the input"


@pytest.mark.parametrize("name", NAMES)
def test_an_image_stays_an_image(name):
    image = tv_tensors.Image(pictures())
    for part in (image, tv_tensors.Image(image[0]), tv_tensors.Image(image[:1])):
        output = changed(example(name), part)
        assert type(output) is tv_tensors.Image
        assert output.ndim == part.ndim
        assert torch.equal(output, changed(example(name), part.as_subclass(torch.Tensor)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_an_empty_batch_and_a_picture_of_one_pixel(name, dtype):
    batch = batch_for(name, dtype)
    if name not in ("RandomCrop", "RandomResizedCrop"):
        assert example(name)(batch[:0]).shape == batch[:0].shape
        small = batch[..., :1, :1]
        if name != "GaussianBlur":  # there is nothing to mirror
            assert example(name)(small).shape == small.shape
    else:
        size = example(name).size
        assert example(name)(batch[:0]).shape == (0, 3, *size)


class All(Dataset):
    """Each item is a batch through one of all transforms."""

    def __len__(self):
        return len(NAMES)

    def __getitem__(self, number):
        batch = pictures(4)
        own = torch.Generator().manual_seed(number)
        torch.manual_seed(0)
        return example(NAMES[number], generator=own)(batch)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_data_loader(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    with threads(2):
        expected = [All()[number] for number in range(len(NAMES))]
        example("ColorJitter")(pictures(64, 96, 96))  # starts the threads before a fork
        loader = DataLoader(All(), batch_size=None, num_workers=2, multiprocessing_context=method)
        outputs = list(loader)
    for output, wanted, name in zip(outputs, expected, NAMES, strict=True):
        assert torch.equal(output, wanted), name


def in_a_child(batch, queue):
    # NumPy's sum: PyTorch's own threads are not started again in a child.
    torch.set_num_threads(2)
    queue.put(int(changed(example("ColorJitter"), batch).numpy().sum()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_threads_are_started_again_after_a_fork():
    """A child that used the threads of its parent would wait forever."""
    batch = pictures(64, 96, 96)
    with threads(2):
        expected = int(changed(example("ColorJitter"), batch).numpy().sum())
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer Pythons warn of a fork beside threads
            child = context.Process(target=in_a_child, args=(batch, queue))
            child.start()
        try:
            assert queue.get(timeout=60) == expected
        finally:
            child.kill()


@pytest.mark.parametrize(
    "transform",
    [
        # torchvision's change of hue has no gradients.
        augment.ColorJitter(0.5, 0.5, 0.5),
        augment.RandomResizedCrop((33, 30)),
        augment.RandomCrop(30, padding=4),
        augment.RandomHorizontalFlip(),
    ],
    ids=lambda transform: type(transform).__name__,
)
def test_gradients_are_those_of_torchvision(transform):
    batch = pictures(6, dtype=torch.float64).requires_grad_()
    params = transform.make_params(batch)
    output = transform.transform(batch, params)
    weights = torch.rand(output.shape, dtype=torch.float64)
    (ours,) = torch.autograd.grad((output * weights).sum(), batch)
    theirs, rows = transform._torchvision(), transform._rows(params)
    pairs = zip(batch, rows, strict=True)
    one_by_one = [theirs.transform(x, row) if row is not None else x for x, row in pairs]
    (expected,) = torch.autograd.grad((torch.stack(one_by_one) * weights).sum(), batch)
    assert ours.abs().max() > 0
    wrong = (ours - expected).abs() > 1e-5
    assert wrong.double().mean() <= 0.001  # where a value is cut off exactly at its limit


def test_a_cache_that_cannot_be_written_disables_the_cache_only(tmp_path):
    """In a process of its own: the folder is chosen when Numba is imported."""
    code = """if True:
        import torch
        from d2laug import augment
        batch = torch.full((2, 3, 8, 8), 100, dtype=torch.uint8)
        print(augment.adjust_brightness(batch, 1.5).unique().tolist())
    """
    (tmp_path / "file").touch()  # no folder can be made beneath a file
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache")}
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["[150]"]


def test_each_loop_is_compiled_once():
    """One signature for each: another layout or type would compile it again, in a lesson."""
    from importlib import import_module
    from pathlib import Path

    for name in NAMES:
        for batch in (pictures(), pictures(4, 7, 9), LAYOUTS["transposed"](pictures())):
            if name == "RandomCrop":
                augment.RandomCrop(5, padding=2)(batch)
            else:
                example(name)(batch)
    folder = Path(augment.__file__).parent / "loops"
    found = {}
    for path in folder.glob("[a-z]*.py"):
        module = import_module(f"d2laug.augment.loops.{path.stem}")
        for name, value in vars(module).items():
            if hasattr(value, "signatures") and value.__module__ == module.__name__:
                found[f"{path.stem}.{name}"] = len(value.signatures)
    assert len(found) > 5
    assert {name: n for name, n in found.items() if n > 1} == {}


@pytest.mark.parametrize("name", ["RandomRotation", "RandomAffine", "RandomPerspective"])
def test_labels_keep_their_precision_under_autocast(name):
    box = tv_tensors.BoundingBoxes(
        [[3.3, 4.4, 20.5, 30.6]], format="XYXY", canvas_size=(40, 52), dtype=torch.float32
    )
    points = tv_tensors.KeyPoints([[13.37, 21.5]], canvas_size=(40, 52))
    quiet = changed(lambda x: example(name)(x, box, points), pictures(1)[0])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        busy = changed(lambda x: example(name)(x, box, points), pictures(1)[0])
    for one, other in zip(quiet, busy, strict=True):
        assert_same(other, one)


def test_colors_of_light_do_not_depend_on_the_default_dtype():
    expected = augment.kelvin_to_gains(3001.0)
    with default_dtype(torch.bfloat16):
        assert torch.equal(augment.kelvin_to_gains(3001.0), expected)
        assert augment.kelvin_to_gains(6500.0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", ["RandomColorTemperature", "RandomReflection"])
def test_gradients_at_black_and_white_are_numbers(name):
    batch = pictures(6, dtype=torch.float64).requires_grad_()
    (gradient,) = torch.autograd.grad(example(name)(batch).sum(), batch)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_masks_where_tensors_are_made_elsewhere(name):
    if name in POLICIES:
        pytest.skip("takes no labels")
    batch, masks = pictures(), tv_tensors.Mask(pictures()[:, 0] // 128)
    torch.manual_seed(3)
    expected = example(name)(batch, masks)
    torch.manual_seed(3)
    with torch.device("meta"):
        output = example(name)(batch, masks)
    assert torch.equal(output[0], expected[0])
    assert torch.equal(output[1], expected[1])
