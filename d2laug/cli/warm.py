"""Kernels that begin warm: forked from a process that has imported what the lessons import.

Each of many kernels on one machine would otherwise hold a copy of the same 450 MB, and take seconds
to load it; forked ones share it until they change it. `d2laug lab` does so on Linux. A kernel that
cannot be forked is started as any other.

- `prepare`: let this process's Jupyter server fork its kernels, and warm up meanwhile
- `WarmProvisioner`: what a Jupyter server knows by its entry point, `NAME`
"""

import asyncio
import atexit
import contextlib
import ctypes
import gc
import json
import os
import select
import shutil
import signal
import site
import socket
import subprocess
import sys
import threading
import time
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any  # what a provisioner is given may be Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from d2laug import PACKAGE

NAME, GROUP = "d2laug-warm", "jupyter_client.kernel_provisioners"
CHOICE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
SHARED = (
    "ipykernel.kernelapp", "ipykernel.zmqshell", "torchvision.transforms.v2",
    "d2laug.augment.loops", "d2laug.check", "d2laug.data", "d2laug.train",
    "d2laug.widgets.explore", "safetensors.torch",
)  # fmt: skip
PATHS = ("PYTHONPATH", "MPLCONFIGDIR", "MATPLOTLIBRC", "NUMBA_CACHE_DIR")
PATIENCE = 60  # seconds for a fork; the first waits for the imports


class Warm:
    """The process that has imported all; it ends with this one, and its kernels with it."""

    def __init__(self, practiced: bool = True) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(PATIENCE)
        self.lock, self.lost = threading.Lock(), False
        self.environment, self.changed = dict(os.environ), last_change()
        command = [sys.executable, "-m", "d2laug.cli.warm", str(theirs.fileno()), str(practiced)]
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server
        # not where the learner's files are: it would import them for its own
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], cwd=os.sep
        )
        signal.signal(signal.SIGINT, before)
        theirs.close()

    def fork(self, argv: list[str], cwd: str, env: dict[str, str]) -> "Forked":
        """Start a kernel with these arguments; raises `OSError` where that fails."""
        with self.lock:
            if self.lost:  # an answer that comes too late would be taken for the next one
                raise ConnectionResetError("the process that kernels are forked from is lost")
            self.lost = True
            until = time.monotonic() + PATIENCE - 5
            self.socket.sendall(json.dumps([until, argv, cwd, env]).encode() + b"\n")
            pid = self.socket.recv(100)
            if not pid:
                raise ConnectionResetError("the process that kernels are forked from has ended")
            self.lost = False
        if not int(pid):
            raise ChildProcessError("the system has no room for a further process")
        return Forked(int(pid))

    def suits(self, cwd: str, env: dict[str, str]) -> bool:
        """Whether a kernel would begin as this process did: what is read once has been read.

        After a change of files, as by `%pip install`, its modules are old.
        """
        same = {k: v for k, v in env.items() if not k.startswith("JPY_")} == self.environment
        style = os.path.join(cwd, "matplotlibrc")
        whole = os.path.isdir(cwd) and not os.path.exists(style)
        return same and whole and self.changed == last_change()


class Forked:
    """A process that is no child of this one, as `subprocess.Popen` would show it."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid, self.handle, self.ended = pid, os.pidfd_open(pid), select.poll()
        self.ended.register(self.handle, select.POLLIN)

    def __del__(self) -> None:
        os.close(self.handle)

    def poll(self) -> int | None:
        """Return `None` while it runs; how it ended only its parent knows."""
        return 0 if self.ended.poll(0) else None

    def wait(self) -> int:
        """Return once it has ended."""
        self.ended.poll()
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal, or nothing to what has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Forks the kernels of this Python, and starts others as they are."""

    warm: Warm | None = None
    process: Any = None

    async def launch_kernel(self, cmd: list[str], **given: Any) -> Any:  # noqa: ANN401
        """Start a kernel, and return how it is connected to."""
        ours, env = cmd[:3] == [sys.executable, "-m", "ipykernel_launcher"], given.get("env") or {}
        cwd = given.get("cwd") or os.getcwd()
        run = asyncio.get_running_loop().run_in_executor
        try:
            if self.warm and ours and self.warm.suits(cwd, env):
                self.process = await run(None, self.warm.fork, cmd[3:], cwd, env)
                self.pid = self.pgid = self.process.pid
                return self.connection_info
        except OSError as error:  # of a file that goes while it is looked at, too
            self.log.warning("A kernel begins cold: %s", error)
        return await super().launch_kernel(cmd, **given)


def prepare(practiced: bool = True) -> None:
    """Let kernels of this process's Jupyter server be forked, where that can be.

    `practiced`: from one that did once what lessons do first, which compiles what is not yet.
    """
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # no Linux, or one that does not let us
        return
    paths = os.pathsep.join(os.environ.get(name, "") for name in PATHS).split(os.pathsep)
    if not all(map(os.path.isabs, filter(None, paths))):  # a kernel's folder decides what they mean
        return
    if not entry_points(group=GROUP, name=NAME) or WarmProvisioner.warm:
        return
    if os.environ.setdefault(CHOICE, NAME) == NAME:  # nobody has chosen otherwise
        WarmProvisioner.warm = Warm(practiced)


def last_change() -> int:
    """Return when a package was installed or a file of this one was written, the latest, in ns."""
    places = map(Path, [*site.getsitepackages(), site.getusersitepackages()])
    return max(x.stat().st_mtime_ns for x in (*places, *PACKAGE.rglob("*.py")) if x.exists())


def serve(fileno: int, practiced: bool) -> None:
    """Import, then fork a kernel for each line that is asked for, until the asker has ended."""
    sys.path[:] = [path for path in sys.path if path not in ("", os.sep)]  # where it was started
    # as a kernel does before it imports matplotlib, which reads it once
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a second would be missed by its like in every fork
    for name in SHARED:
        import_module(name)
    if practiced:
        with contextlib.suppress(Exception):  # each kernel meets it, and says so
            practice()
    gc.collect()
    gc.freeze()  # what is shared is not touched to see whether it is still needed
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a kernel that has ended
    with socket.socket(fileno=fileno) as asked, asked.makefile() as lines:
        while line := lines.readline():
            until, *given = json.loads(line)
            if time.monotonic() > until:  # nobody waits for it any more
                continue
            try:
                pid = os.fork()
            except OSError:
                asked.sendall(b"0")
                continue
            if not pid:
                break
            asked.sendall(str(pid).encode())
    if line:
        torch.set_num_threads(threads)
        become_kernel(*given)
    else:
        gc.unfreeze()


def practice() -> None:
    """Do once what each lesson does first: its loops, letters and files are shared then, too."""
    from d2laug import augment, data, show, train
    from d2laug.widgets.screen import encode, to_array

    picture = data.photo("cat")
    encode(to_array(picture))
    for figure in (show.show_images([picture], ["a cat"]), show.show_histograms([picture])):
        figure._repr_mimebundle_()
    augment.RandomHorizontalFlip(1)(picture)
    augment.RandomColorTemperature()(augment.ColorJitter(0.5, 0.5, 0.5, 0.5)(picture))
    batch = augment.RandomReflection()(augment.RandomResizedCrop(96)(picture[None]))
    train.predict(train.plain_network(2), batch)


def become_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> None:
    """Go on as a kernel that was started with these arguments."""
    import ipykernel
    import ipywidgets
    import numpy as np
    import torch
    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    atexit.register(gc.unfreeze)  # the end sees what is left
    atexit.unregister(shutil.rmtree)  # of a folder that all forks share, as matplotlib's can be
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    launcher = Path(ipykernel.__file__).parents[1] / "ipykernel_launcher.py"
    sys.argv = [str(launcher), *argv]  # as a cold one has it
    np.random.seed()  # noqa: NPY002  Python's own random gets a new state by itself
    torch.seed()
    app: Any = IPKernelApp.instance()
    app.initialize([*argv, f"--IPKernelApp.parent_handle={os.getppid()}"])
    ipywidgets.register_comm_target()  # it has been imported where no kernel was
    app.shell.events.register("post_run_cell", lambda _: give_back(app.shell))
    app.start()


def give_back(shell: Any) -> None:  # noqa: ANN401
    """Leave to the others what a notebook needs no more; after most cells that takes some 20 ms.

    IPython would keep the pictures of all cells: of `Out` the last three stay, and so `_` to `___`.
    """
    kept = shell.user_ns.get("_oh", {})
    for number in [key for key in kept if isinstance(key, int)][:-3]:
        name, output = f"_{number}", kept.pop(number)
        for names in (shell.user_ns, shell.user_ns_hidden):
            if names.get(name) is output:  # and not what a learner called so
                del names[name]
    with contextlib.suppress(KeyboardInterrupt):
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2] == "True")
