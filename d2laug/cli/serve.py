"""JupyterLab and the playground: on this machine only, with a token."""

import os
import subprocess
import sys
from pathlib import Path

from d2laug import COURSE
from d2laug.pages.serve import choose_port, has_screen, serve

# For glibc: what a batch or a move gives up stays for the next one, so a training takes less time;
# forked kernels give it back after each cell.
MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(2**28), "MALLOC_MMAP_THRESHOLD_": str(2**25)}


def lab(folder: Path, notebook: str, port: int | None, compile_first: bool = False) -> None:
    """Open JupyterLab at a notebook of the folder, and stay until it ends.

    `compile_first` compiles the loops of the augmentations meanwhile, so that no lesson waits.
    Exits where the port is busy.
    """
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{notebook}",
        f"--ServerApp.port={choose_port(port, 8888)}",
        "--ServerApp.port_retries=0",
        "--log-level=WARN",
        "--allow-root",  # in a container there is nobody else
    ]
    if not has_screen():
        print("No screen here: open the address below in a browser.", flush=True)
        arguments.append("--no-browser")
    if compile_first:
        command = [sys.executable, "-W", "ignore", "-m", "d2laug.augment.loops"]
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # it would ask whether it may fetch news, and look for a newer version of itself
    more = [str(Path(__file__).parent / "config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, more))
    os.environ.update({name: size for name, size in MEMORY.items() if name not in os.environ})
    from jupyterlab.labapp import LabApp

    from d2laug.cli import warm

    warm.prepare(practiced=not compile_first)

    LabApp.launch_instance(arguments)


def playground(port: int | None, base_url: str | None) -> None:
    """Open the pipeline builder as a page of its own, by Voila, and stay until it ends.

    On a JupyterHub it is found through the learner's server, by jupyter-server-proxy.
    Exits where the port is busy.
    """
    notebook, port = COURSE / "playground" / "playground.ipynb", choose_port(port, 8866)
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if base_url is None and prefix:
        base_url = f"{prefix}proxy/absolute/{port}/"
        print(f"Below, put the address of your hub in the place of http://127.0.0.1:{port}.")
    serve("The pipeline builder", notebook, port, base_url=base_url or "/")
