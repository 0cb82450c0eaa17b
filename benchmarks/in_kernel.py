"""Run the `measure` of a benchmark inside a Jupyter kernel, where widgets send what they draw."""

import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOAD = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def measure_in_kernel(name: str) -> dict:
    """Return what `measure` of the module `name` here returns, and write it as results/`name`.json.

    Ends the program with the kernel's traceback where that fails.
    """
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(cwd=str(HERE))
    printed = []
    try:
        reply = client.execute_interactive(
            f"import json, {name}; print(json.dumps({name}.measure()))",
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=600,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    if reply["content"]["status"] != "ok":
        sys.exit("\n".join(reply["content"]["traceback"]))
    results = json.loads("".join(printed).splitlines()[-1])
    path = HERE / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")
    return results


def machine() -> dict:
    """Return what the times depend on; the load is that of the moment of import."""
    import torch
    import torchvision

    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average_before": LOAD,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }
