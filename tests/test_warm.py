"""Kernels that are forked from a warm process: whole, each its own, and gone with their server."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from jupyter_client.manager import KernelManager

from d2laug.cli import warm

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels are forked on Linux"),
    pytest.mark.long,
]
SECONDS = 120


@pytest.fixture(scope="module")
def parent():
    """The process from which the kernels of these tests are forked."""
    patch = pytest.MonkeyPatch()
    patch.delenv(warm.CHOICE, raising=False)
    patch.setenv("OMP_NUM_THREADS", "2")  # one would not be waited for
    warm.prepare()
    patch.setenv(warm.CHOICE, warm.NAME)
    yield warm.WarmProvisioner.warm
    warm.WarmProvisioner.warm.socket.close()
    assert warm.WarmProvisioner.warm.process.wait(timeout=SECONDS) == 0
    warm.WarmProvisioner.warm = None
    patch.undo()


class Kernel:
    def __init__(self, folder):
        self.manager = KernelManager()
        given = warm.WarmProvisioner.warm.environment | {"JPY_WORD": "given"}
        self.manager.start_kernel(cwd=str(folder), env=given)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(SECONDS)

    def run(self, code, asked="None"):
        reply = self.client.execute(
            code, user_expressions={"asked": asked}, reply=True, timeout=SECONDS
        )["content"]
        assert reply["status"] == "ok", reply
        return reply["user_expressions"]["asked"]["data"]["text/plain"]


def shown(kernel, code):
    """Return what a cell displays."""
    kernel.client.execute_interactive(code, timeout=SECONDS, output_hook=(found := []).append)
    return [message["content"] for message in found if message["msg_type"] == "display_data"]


@pytest.fixture
def start(parent, tmp_path):
    kernels = []

    def one():
        kernels.append(Kernel(tmp_path))
        return kernels[-1]

    yield one
    for kernel in kernels:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_kernels_share_what_is_imported_and_nothing_else(start, parent, tmp_path):
    one, other = start(), start()
    for kernel in (one, other):
        assert kernel.run("import os, sys", "os.getppid()") == str(parent.process.pid)
        assert kernel.run("", "os.getcwd()") == repr(str(tmp_path))
        assert kernel.run("", "os.environ['JPY_WORD']") == "'given'"
        assert (
            kernel.run("", "'torchvision' in sys.modules, 'torch' in globals()") == "(True, False)"
        )
        assert kernel.run("x = 1", "'' in sys.path, __name__") == "(True, '__main__')"
    assert one.run("", "os.getpid()") != other.run("", "os.getpid()")
    for draw in ("numpy.random.rand()", "random.random()", "os.urandom(9)", "torch.rand(1)"):
        drawn = {kernel.run("import numpy, random, torch", draw) for kernel in (one, other)}
        assert len(drawn) == 2
    # a process in which CUDA was asked for cannot give it to its forks
    assert one.run("import torch", "torch.cuda._is_in_bad_fork()") == "False"
    assert "ipykernel_launcher" in one.run("", "sys.argv[0]")
    one.run("x = 2")
    assert other.run("", "x") == "1"


def test_a_forked_kernel_does_what_others_do(start):
    kernel = start()
    kernel.run("import matplotlib.pyplot as plt, torch, multiprocessing")
    assert "inline" in kernel.run("plt.plot([1, 2])", "plt.get_backend()")
    pictures = [m for m in shown(kernel, "plt.plot([1, 2]); None") if "image/png" in m["data"]]
    assert len(pictures) == 1
    assert kernel.run("", "plt.isinteractive(), plt.get_fignums()") == "(True, [])"
    targets = kernel.run("import ipywidgets", "sorted(get_ipython().kernel.comm_manager.targets)")
    assert "jupyter.widget.control" in targets  # a page that is loaded again asks there
    # threads of torch and of NumPy, and processes of a DataLoader
    assert kernel.run("", "torch.get_num_threads()") == "2"
    kernel.run("a = torch.rand(1500, 1500); b = a.sin() @ a; c = a.numpy() @ a.numpy()")
    kernel.run("loader = torch.utils.data.DataLoader(range(4), num_workers=2)")
    assert kernel.run("", "[int(x) for x in loader]") == "[0, 1, 2, 3]"
    assert kernel.run("!echo $JPY_WORD > said", "open('said').read().strip()") == "'given'"

    # after an error a kernel aborts what it finds waiting, and that may be the next line here
    waiting = kernel.client.execute("import time; time.sleep(1000)", stop_on_error=False)
    time.sleep(1)
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=SECONDS)["content"]["ename"] == "KeyboardInterrupt"
    assert waiting

    before = kernel.run("import os", "os.getpid()")
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(SECONDS)
    assert kernel.run("import os", "os.getpid()") != before
    assert not psutil.pid_exists(int(before))


def test_a_kernel_keeps_what_is_named_and_gives_the_rest_back(start):
    kernel = start()
    process = psutil.Process(int(kernel.run("import os", "os.getpid()")))
    kernel.run("class Kept(list): pass")
    for number in range(4):
        kernel.run(f"x = Kept(['{number}']); x.append(x); x")
    assert kernel.run("", "[one[0] for one in (_, __, ___)], [*Out.values()][-1] is _") == (
        "(['3', '2', '1'], True)"
    )
    assert kernel.run("import gc", "sum(isinstance(one, Kept) for one in gc.get_objects())") == "3"
    kernel.run("1")
    number = kernel.run("", "[*Out][-1]")
    kernel.run(f"_{number} = _own = 'mine'; Out['own'] = 1")
    for _ in range(4):
        kernel.run("2")
    assert kernel.run("", f"_{number}, _own, Out['own']") == "('mine', 'mine', 1)"
    used = process.memory_full_info().uss
    kernel.run("many = [Kept([bytes(1000)]) for _ in range(10**5)]\nfor x in many: x.append(x)")
    assert process.memory_full_info().uss > used + 10**8
    kernel.run("del many, x")
    assert process.memory_full_info().uss < used + 10**7


def test_the_end_of_a_kernel_is_seen(start):
    kernel = start()
    kernel.client.execute("import os; os._exit(3)")
    wait_until(lambda: not kernel.manager.is_alive())


def test_without_it_a_kernel_begins_cold(start, monkeypatch, tmp_path):
    def refuse(*arguments):
        raise BrokenPipeError("it has ended")

    monkeypatch.setattr(warm.WarmProvisioner.warm, "fork", refuse)
    kernel = start()
    assert kernel.run("import sys", "'torchvision' in sys.modules") == "False"


OTHERWISE = {
    "a variable more": {"OMP_NUM_THREADS": "1"},
    "a time zone": {"TZ": "Asia/Tokyo"},
    "a style": {"MATPLOTLIBRC": "mine"},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_with_other_variables_a_kernel_begins_cold(parent, monkeypatch, tmp_path, name):
    monkeypatch.setattr(parent, "fork", lambda *_: pytest.fail("it was forked"))
    manager = KernelManager()
    manager.start_kernel(cwd=str(tmp_path), env=parent.environment | OTHERWISE[name])
    manager.shutdown_kernel(now=True)


def test_a_style_in_its_folder_is_read(parent, monkeypatch, tmp_path):
    monkeypatch.setattr(parent, "fork", lambda *_: pytest.fail("it was forked"))
    (tmp_path / "matplotlibrc").write_text("figure.dpi: 55")
    manager = KernelManager()
    manager.start_kernel(cwd=str(tmp_path), env=parent.environment)
    manager.shutdown_kernel(now=True)


def test_after_an_installation_a_kernel_begins_cold(parent, monkeypatch, tmp_path):
    monkeypatch.setattr(parent, "fork", lambda *_: pytest.fail("it was forked"))
    monkeypatch.setattr(warm, "last_change", lambda: parent.changed + 1)
    manager = KernelManager()
    manager.start_kernel(cwd=str(tmp_path), env=parent.environment)
    manager.shutdown_kernel(now=True)


def test_a_file_that_goes_meanwhile_stops_no_kernel(start, monkeypatch):
    def gone():
        raise FileNotFoundError("one.py")

    monkeypatch.setattr(warm, "last_change", gone)
    assert start().run("import sys", "'torchvision' in sys.modules") == "False"


def test_a_change_is_seen(monkeypatch, tmp_path):
    monkeypatch.setattr(warm, "PACKAGE", tmp_path)
    file = tmp_path / "one.py"
    file.touch()
    before = warm.last_change()
    os.utime(file, ns=(before + 10**9, before + 10**9))
    (tmp_path / ".#one.py").symlink_to("nowhere")  # as an editor leaves it
    assert warm.last_change() == before + 10**9
    monkeypatch.setattr(warm.site, "getusersitepackages", lambda: str(tmp_path / "new"))
    (tmp_path / "new").mkdir()
    assert warm.last_change() == before + 10**9
    os.utime(tmp_path / "new", ns=(before + 2 * 10**9, before + 2 * 10**9))
    assert warm.last_change() == before + 2 * 10**9


def test_a_folder_that_is_gone_is_told(parent, tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        KernelManager().start_kernel(cwd=str(tmp_path / "gone"), env=parent.environment)


FULL = """
import os, sys
from d2laug.cli import warm

def refuse():
    raise BlockingIOError(11, "Resource temporarily unavailable")

warm.SHARED, fork = (), os.fork
os.fork = lambda: refuse() if len(forked) == 1 else forked.append(fork()) or forked[-1]
forked = []
warm.become_kernel = lambda *_: __import__("time").sleep(1000)
warm.serve(int(sys.argv[-2]), False)
"""


def test_a_system_without_room_ends_no_kernel(monkeypatch):
    popen = subprocess.Popen

    def start(command, **options):
        return popen([command[0], "-c", FULL, *command[3:]], **options)

    monkeypatch.setattr(warm.subprocess, "Popen", start)
    one = warm.Warm()
    forked = one.fork([], "", {})
    with pytest.raises(ChildProcessError, match="no room"):
        one.fork([], "", {})
    assert forked.poll() is None
    assert not one.lost
    assert one.process.poll() is None
    forked.kill()
    one.socket.close()
    one.process.wait(timeout=SECONDS)


@pytest.mark.parametrize("name", warm.PATHS)
def test_where_a_path_depends_on_the_folder_none_is_forked(monkeypatch, name):
    monkeypatch.setattr(warm.WarmProvisioner, "warm", None)
    monkeypatch.setenv(name, os.pathsep.join(["mods", "/tmp"]))
    warm.prepare()
    assert warm.WarmProvisioner.warm is None


def test_where_a_process_has_no_handle_none_is_forked(monkeypatch):
    def refuse(pid):
        raise OSError(38, "not implemented")

    monkeypatch.setattr(warm.WarmProvisioner, "warm", None)
    monkeypatch.setattr(os, "pidfd_open", refuse)
    warm.prepare()
    assert warm.WarmProvisioner.warm is None


def test_a_late_answer_is_not_taken_for_the_next(monkeypatch):
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(warm, "PATIENCE", 0.1)
    monkeypatch.setattr(warm.socket, "socketpair", lambda: (ours, theirs))
    monkeypatch.setattr(warm.subprocess, "Popen", lambda *_, **__: None)
    silent = theirs.dup()  # it stays open, and never answers in time
    one = warm.Warm()
    with pytest.raises(TimeoutError):
        one.fork([], "", {})
    silent.sendall(b"123")
    with pytest.raises(ConnectionResetError, match="is lost"):
        one.fork([], "", {})


def test_who_chose_otherwise_gets_it(monkeypatch):
    monkeypatch.setattr(warm.WarmProvisioner, "warm", None)
    monkeypatch.setenv(warm.CHOICE, "local-provisioner")
    warm.prepare()
    assert warm.WarmProvisioner.warm is None
    assert os.environ[warm.CHOICE] == "local-provisioner"


def test_a_temporary_folder_is_there_for_as_long_as_the_last_kernel(start, monkeypatch, tmp_path):
    """Where the home cannot be written to, matplotlib's is such a folder."""
    (tmp_path / "a file").touch()
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "a file"))
    parent = warm.Warm()
    monkeypatch.setattr(warm.WarmProvisioner, "warm", parent)
    one, other = start(), start()
    found = {
        kernel.run("import matplotlib", "matplotlib.get_cachedir()") for kernel in (one, other)
    }
    (folder,) = map(ast.literal_eval, found)
    one.client.shutdown()
    wait_until(lambda: not one.manager.is_alive())
    assert os.path.isdir(folder)
    other.client.shutdown()
    wait_until(lambda: not other.manager.is_alive())
    parent.socket.close()
    assert parent.process.wait(timeout=SECONDS) == 0
    assert not os.path.exists(folder)


SERVER = """
import os, time
from jupyter_client.manager import KernelManager
from d2laug.cli import warm

if __name__ == "__main__":
    warm.prepare()
    manager = KernelManager()
    manager.start_kernel()
    print(warm.WarmProvisioner.warm.process.pid, manager.provisioner.pid, flush=True)
    time.sleep(1000)
"""


def test_all_end_with_their_server(tmp_path):
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, "server.py"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in server.stdout.readline().split()]
    assert psutil.Process(pids[1]).ppid() == pids[0]
    time.sleep(3)  # until it looks for its parent
    server.send_signal(signal.SIGKILL)
    server.wait()
    wait_until(lambda: not any(map(psutil.pid_exists, pids)))
