"""Create the course's virtual environment and install d2laug into it, or say what is missing.

Usage: python3 tools/setup_venv.py VENV [EXTRA ...] [-- ARGUMENTS FOR PIP ...]

It runs on the machine's own Python before anything is installed, so it needs the standard library
only, and even an old Python can read it and say that it is too old.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST_PYTHON = (3, 11)
GB = 10**9
# Measured on Linux: 6.5 GB of installed packages, and 3 GB of downloads that lie in the temporary
# folder until they are unpacked; most of both is CUDA.
INSTALLED_BYTES = {True: 7.5 * GB, False: 3 * GB}  # with CUDA, and without
DOWNLOADED_BYTES = {True: 3.5 * GB, False: 1 * GB}
DEFAULT = "taking the default one" + (", with CUDA." if sys.platform == "linux" else ".")
NO_NETWORK = re.compile(
    "NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError"
    "|Max retries exceeded|Temporary failure in name resolution|Network is unreachable"
    "|Connection refused|Connection reset"
)


class SetupError(Exception):
    """What is missing and what to do about it, in one line."""


def check_python():
    """Raise where this Python is too old or has no venv."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            "d2laug needs Python %d.%d or newer, and %s is %d.%d: install a newer one, or name it "
            "with PYTHON=/path/to/python." % (*OLDEST_PYTHON, sys.executable, *sys.version_info[:2])
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "%s has no venv module: install it (Debian, Ubuntu: apt install python3-venv), or name "
            "another Python with PYTHON=/path/to/python." % sys.executable
        ) from None


def check_disk(venv, cuda):
    """Raise where the environment or the temporary files cannot fit."""
    needed = {}
    for folder, nbytes in (
        (venv, INSTALLED_BYTES[cuda]),
        (tempfile.gettempdir(), DOWNLOADED_BYTES[cuda]),
    ):
        while not os.path.exists(folder):
            folder = os.path.dirname(folder)
        device = os.stat(folder).st_dev
        needed[device] = (folder, nbytes + needed.get(device, (folder, 0))[1])
    for folder, nbytes in needed.values():
        free = shutil.disk_usage(folder).free
        if free < nbytes:
            raise SetupError(
                "The disk is too full: the installation needs %.1f GB at %s, and %.1f GB are free. "
                "A CPU-only PyTorch needs less (see README.md)." % (nbytes / GB, folder, free / GB)
            )


def run(command, log_path):
    """Run a command, its words in a log; return its exit status and what it printed."""
    lines = []
    with open(log_path, "a", buffering=1, encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        for line in process.stdout:
            log.write(line)
            lines.append(line)
            if sys.stdout.isatty() and re.match("Collecting|Downloading|Installing", line):
                width = shutil.get_terminal_size().columns - 1
                print("\r\033[K" + line.strip()[:width], end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    return process.wait(), "".join(lines)


def explain(output, log_path):
    """The reason for pip's failure in one line."""
    if "No space left on device" in output or "Errno 28" in output:
        return "The disk is full: free some space, then run the same command again."
    if NO_NETWORK.search(output):
        return "The package index cannot be reached: check the network, then run this again."
    errors = [line for line in output.splitlines() if line.lower().startswith("error")]
    reason = errors[-1] if errors else "pip failed"
    return "%s (the whole story: %s)" % (reason, log_path)


def find_uv(python, folder, log_path):
    """Return the path of uv: the machine's own, or one put into the folder; None without one."""
    places = os.pathsep.join([os.path.dirname(python), os.environ.get("PATH", "")])
    found = shutil.which("uv", path=places)
    if not found:
        uv = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv>=0.8"]
        run([*uv, "--retries=0", "--target", folder], log_path)
        found = shutil.which("uv", path=os.path.join(folder, "bin"))
    return found


def install_with_uv(python, arguments, log_path, has_torch):
    """Install with uv, which takes the build of PyTorch that fits; return whether it could."""
    with tempfile.TemporaryDirectory() as folder:
        uv = find_uv(python, folder, log_path)
        if not uv:
            return False
        command = [uv, "pip", "install", "--python", python, "--no-cache", "--compile-bytecode"]
        if not has_torch:
            if not run([*command, "--torch-backend=auto", *arguments], log_path)[0]:
                return True
            message = "uv gets no build of PyTorch for this machine from PyTorch's index: "
            print(message + DEFAULT, flush=True)
            check_disk(os.path.dirname(log_path), sys.platform == "linux")
        return not run([*command, *arguments], log_path)[0]


def install(python, extras, pip_arguments, log_path, has_torch):
    """Install the versions that were tested, or, where these no longer install, the newest ones."""
    package = "." + ("[%s]" % ",".join(extras) if extras else "")
    tested = ["--constraint", "constraints.txt"]
    arguments = ["--editable", package, *pip_arguments]
    # uv reads none of pip's settings: what it cannot do, pip may be able to
    if not pip_arguments:
        if install_with_uv(python, [*tested, *arguments], log_path, has_torch):
            return
        if not has_torch:
            check_disk(os.path.dirname(log_path), sys.platform == "linux")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    status, output = run([*pip, *tested, *arguments], log_path)
    outdated = re.search("ResolutionImpossible|No matching distribution|Failed to build", output)
    if status and outdated and not NO_NETWORK.search(output):
        print("The tested versions (constraints.txt) do not install here: taking the newest ones.")
        status, output = run([*pip, *arguments], log_path)
    if status:
        raise SetupError(explain(output, log_path))


def set_up(venv, extras, pip_arguments):
    """Make the environment ready; quick where it is already."""
    check_python()
    venv = os.path.abspath(venv)
    python = os.path.join(venv, "Scripts" if os.name == "nt" else "bin", "python")
    works = os.path.exists(python) and subprocess.call([python, "-c", "import pip"]) == 0
    has_torch = works and subprocess.call([python, "-c", CAN_FIND_TORCH]) == 0
    if not has_torch:
        # uv takes a build without CUDA where there is no card of NVIDIA
        card = sys.platform == "linux" and shutil.which("nvidia-smi")
        check_disk(venv, bool(card and not pip_arguments))
    how_long = "this takes seconds" if has_torch else "this once it takes minutes, and some GB"
    print("Setting up %s: %s." % (os.path.relpath(venv), how_long), flush=True)
    if not works:
        status, output = run([sys.executable, "-m", "venv", "--clear", venv], os.devnull)
        if status:
            last = (output.strip().splitlines() or ["no reason given"])[-1]
            raise SetupError("The virtual environment cannot be made: %s" % last)
    install(python, extras, pip_arguments, os.path.join(venv, "setup.log"), has_torch)
    compile_loops(python)


def compile_loops(python):
    """Compile the augmentations' loops, so that no lesson waits; it works without, but slower."""
    message = "Compiling the loops of the augmentations: at first this takes some seconds."
    print(message, flush=True)
    if subprocess.call([python, "-W", "ignore", "-m", "d2laug.augment.loops"], cwd=PROJECT):
        print("They do not compile here (see above); the course works, a little slower.")


CAN_FIND_TORCH = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"


def main(arguments):
    split = arguments.index("--") if "--" in arguments else len(arguments)
    named, pip_arguments = arguments[:split], arguments[split + 1 :]
    if not named or any(name.startswith("-") for name in named):
        return __doc__.strip()
    venv, *extras = named
    try:
        set_up(venv, extras, pip_arguments)
    except SetupError as error:
        return str(error)
    except KeyboardInterrupt:
        return "Stopped; run the same command again to go on."
    except OSError as error:
        return "The set-up cannot go on: %s" % error
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
