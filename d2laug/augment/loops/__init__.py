"""The augmentations as loops over the pixels of `uint8` pictures, compiled by Numba.

Each file holds the loops of the file of the same name above it, and is imported at the first batch
that needs it; this one compiles them and shares the pictures out among threads.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any  # a sample, and what is drawn for it, may be Any

import numba
import torch
from numba.core import event, types
from numba.extending import intrinsic
from torch import Tensor

VALUES_FOR_A_THREAD = 2**16  # less than that is done before a second thread has woken up


def compiled(function: Callable[..., None], fastmath: bool = True) -> Callable[..., None]:
    """Compile a loop, for the first call; the result is kept on the disk for later processes.

    `fastmath=False` keeps the order and the rounding of each operation.
    """
    # A division by zero is infinite, as NumPy's and PyTorch's, and needs no look at the divisor.
    compile = partial(numba.njit, nogil=True, fastmath=fastmath, error_model="numpy")
    try:
        return compile(cache=True)(function)
    except RuntimeError:  # there is no folder that can be written
        return compile()(function)


exactly = partial(compiled, fastmath=False)


@intrinsic
def multiply_add(typingctx, a, b, c):
    """Return a * b + c of float32 numbers, rounded once, as PyTorch adds the multiple of a tensor.

    Left to itself the compiler chooses which of several products is not rounded.
    """
    signature = types.float32(types.float32, types.float32, types.float32)
    return signature, lambda context, builder, signature, numbers: builder.fma(*numbers)


@exactly
def copy(src, dst):
    """Copy a picture; `dst[:] = src` is compiled to something several times as slow."""
    line, out = src.reshape(-1), dst.reshape(-1)
    for x in range(len(line)):
        out[x] = line[x]


def each_picture(
    loop: Callable[..., None], *tensors: Tensor, for_all: tuple[Any, ...] = ()
) -> None:
    """Run `loop(*arrays, *for_all)` over all pictures, in parts for the threads of PyTorch.

    The tensors have a row for each picture, and are cut into the same parts.
    """
    arrays = [x.contiguous().numpy() for x in tensors]
    n, threads = len(arrays[0]), torch.get_num_threads()
    values = max(x.size for x in arrays)
    parts = min(n, 2 * threads, values // VALUES_FOR_A_THREAD) if threads > 1 else 1
    if parts <= 1:
        loop(*arrays, *for_all)
        return

    def part(k: int) -> None:
        loop(*(x[n * k // parts : n * (k + 1) // parts] for x in arrays), *for_all)

    list(_pool(os.getpid(), threads).map(part, range(parts)))


def changed(
    loop: Callable[..., None], batch: Tensor, *tensors: Tensor, for_all: tuple[Any, ...] = ()
) -> Tensor:
    """Return a fresh batch of this shape, filled by `loop(batch, fresh, *arrays, *for_all)`."""
    output = torch.empty_like(batch, memory_format=torch.contiguous_format)
    each_picture(loop, batch, output, *tensors, for_all=for_all)
    return output


@lru_cache(maxsize=1)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Return the threads of this process: a fork does not inherit those of its parent."""
    return ThreadPoolExecutor(threads, thread_name_prefix="d2laug")


class _SayOnce(event.Listener):
    """Say, before the first loop is compiled, why this batch takes so long."""

    def on_start(self, event: event.Event) -> None:
        ours = event.data["dispatcher"].py_func.__module__.startswith(__name__)
        if ours and not self.said:
            self.said = True
            print("Compiling the loops: this once it takes some seconds.", file=sys.stderr)

    def on_end(self, event: event.Event) -> None:
        pass

    said = False


event.register("numba:compile", _SayOnce())
