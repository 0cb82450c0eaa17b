"""What a class costs one machine: memory and answers of many kernels that have run lesson 04.

    python benchmarks/kernels.py [--kernels 30] [--seconds 30] [--leave 2] [--notebook PATH]

`d2laug lab` is started once, and each kernel runs the lesson to its end, as JupyterLab would. Then

- memory: the proportional set sizes (PSS) of the server and of all kernels, summed. What a lesson
  keeps alive beyond its imports is its private memory less that of a kernel that has imported the
  same modules and run nothing.
- dragging: in each kernel at once a hand drags the sliders of the lesson's first explorer of color,
  one after the other over their whole range, while the others stay where no step is left out. It
  makes the next move when the picture of the last one has arrived.
- one move a second: the same, but a hand moves once a second, all of them evenly spread. A move
  that has to wait for the one before counts from when it was due.

A move goes through the server's websocket, as that of a browser; this process stands for all
browsers, and what its own work takes of the same cores is in the figures. It ends where less than
`--leave` GB of memory are free. Linux only. Writes results/kernels.json.

    JUPYTER_DEFAULT_PROVISIONER_NAME=local-provisioner python benchmarks/kernels.py --kernels 3 \\
        --results benchmarks/results/kernels_apart.json

starts each kernel by itself, as the servers of a hub do: these share library files alone.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psutil
from hands import REST, Kernel, Server, with_children

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "kernels.json"
LESSON = HERE.parent / "notebooks" / "04_color.ipynb"
PACKAGES = ("torch", "torchvision", "numba", "ipykernel", "ipywidgets", "jupyter_server", "tornado")
WANTED = {
    "memory of all, PSS: GB": 16.5,
    "what a lesson keeps alive beyond its imports: MB": 80,
    "dragging: median ms": 400,
    "one move a second: median ms": 250,
}


def memory(pid):
    """Return the proportional and the private memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"pss": kilobytes["Pss"] * 1024 / 1e6, "private": private * 1024 / 1e6}


async def begin(server, cells, turn):
    """Start a kernel and run the cells in it; return it with its memory after the first one."""
    kernel = Kernel(server)
    async with turn:
        await kernel.start()
        for number, cell in enumerate(cells):
            await kernel.run(cell)
            if number == 0:
                kernel.after_imports = memory(kernel.pid)
    return kernel


async def drag(kernel, seconds):
    """Move as soon as the last picture is there; return the milliseconds of each move."""
    times, end = [], time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        await kernel.move()
        times.append(1000 * (time.perf_counter() - begun))
    return times


async def move_each_second(kernel, seconds, first):
    """Move once a second, `first` seconds from now on; return the milliseconds of each move."""
    times, start = [], time.perf_counter() + first
    for due in (start + k for k in range(round(seconds))):
        await asyncio.sleep(max(0, due - time.perf_counter()))
        await kernel.move()
        times.append(1000 * (time.perf_counter() - due))
    return times


async def timed(hands, server):
    """Let all hands move; return what they waited for, and whose work kept the cores busy."""
    kernels = with_children(server.process.pid)[1:]
    pids = {"server": [server.process.pid], "kernels": kernels, "this process": [os.getpid()]}

    def worked():
        times = {who: [psutil.Process(pid).cpu_times() for pid in pids[who]] for who in pids}
        return {who: sum(each.user + each.system for each in times[who]) for who in pids}

    before, begun = worked(), time.perf_counter()
    times = list(itertools.chain(*await asyncio.gather(*hands)))
    passed, after = time.perf_counter() - begun, worked()
    return summary(times) | {
        "seconds": round(passed, 1),
        "cores busy with": {who: round((after[who] - before[who]) / passed, 2) for who in pids},
    }


def summary(times):
    """Return the number of the moves, their median and 95th percentile, and the slowest."""
    return {
        "moves": len(times),
        "median ms": round(statistics.median(times), 1),
        "95th percentile ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "slowest ms": round(max(times), 1),
    }


async def only_imports(server, like):
    """Return the memory of a kernel that has imported what another one has, and run nothing."""
    names = await like.run("import sys", "' '.join(sys.modules)")
    kernel = Kernel(server)
    await kernel.start()
    await kernel.run(
        "import contextlib, importlib\n"
        f"for name in {names}.split():\n"
        "    with contextlib.suppress(ImportError):\n"
        "        importlib.import_module(name)"
    )
    return memory(kernel.pid)


async def measure(count, seconds, notebook=LESSON):
    """Return all figures of `count` kernels."""
    lines = json.loads(notebook.read_text("utf-8"))["cells"]
    cells = ["".join(cell["source"]) for cell in lines if cell["cell_type"] == "code"]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            await server.ready()
            turn, begun = asyncio.Semaphore(os.cpu_count()), time.perf_counter()
            kernels = await asyncio.gather(*(begin(server, cells, turn) for _ in range(count)))
            until = round(time.perf_counter() - begun)
            pids = with_children(server.process.pid)
            figures = {
                "of all, PSS": sum(memory(pid)["pss"] for pid in pids),
                "of the server, PSS": memory(server.process.pid)["pss"],
            }
            each = [kernel.after_imports | {"end": memory(kernel.pid)} for kernel in kernels]
            for kernel in kernels:
                for _ in REST:
                    await kernel.move()
            dragging = await timed([drag(kernel, seconds) for kernel in kernels], server)
            hands = [move_each_second(one, seconds, k / count) for k, one in enumerate(kernels)]
            slowly = await timed(hands, server)
            figures["of all after the moves, PSS"] = sum(memory(pid)["pss"] for pid in pids)
            imports = (await only_imports(server, kernels[0]))["private"]
        finally:
            server.stop()
    end = statistics.median(one["end"]["private"] for one in each)
    figures |= {
        "of a kernel, PSS": statistics.median(one["end"]["pss"] for one in each),
        "private after the first cell": statistics.median(one["private"] for one in each),
        "private after the imports alone": imports,
        "private after the lesson": end,
        "kept alive beyond the imports": end - imports,
    }
    return {
        "kernels": count,
        "seconds until all had run the lesson": until,
        "memory, MB": {name: round(value, 1) for name, value in figures.items()},
        "dragging": dragging,
        "one move a second": slowly,
    }


async def measure_while_memory_lasts(least, *arguments):
    """Measure, or end with a sentence once less than `least` GB are free."""
    task = asyncio.create_task(measure(*arguments))
    while not (await asyncio.wait([task], timeout=0.5))[0]:
        free = psutil.virtual_memory().available / 1e9
        if free < least:
            task.cancel()
            await asyncio.wait([task])
            raise SystemExit(f"Stopped: {free:.1f} GB are free, and {least} must be left.")
    return task.result()


def goals(results):
    """Return what was wanted of thirty kernels, and what was reached."""
    reached = [
        results["memory, MB"]["of all, PSS"] / 1000,
        results["memory, MB"]["kept alive beyond the imports"],
        results["dragging"]["median ms"],
        results["one move a second"]["median ms"],
    ]
    rows = zip(WANTED.items(), reached, strict=True)
    return [{"goal": k, "at most": most, "reached": round(is_now, 1)} for (k, most), is_now in rows]


def about():
    """Return what the figures depend on; the load is that of the moment."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}",
        "memory, GB": round(psutil.virtual_memory().total / 1e9, 1),
        "load average before": round(os.getloadavg()[0], 1),
        "niceness": os.nice(0),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kernels", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--leave", type=float, default=2)
    parser.add_argument("--notebook", type=Path, default=LESSON)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    before = about()
    measured = (given.leave, given.kernels, given.seconds, given.notebook)
    results = before | asyncio.run(measure_while_memory_lasts(*measured))
    results["goals"] = goals(results)
    given.results.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
