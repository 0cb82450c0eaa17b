"""How fast the batched augmentations are beside other libraries: one process, everyone in turn.

    python benchmarks/augment_speed.py              # all parts: results/augment_speed.json and .png
    python benchmarks/augment_speed.py --resume     # the same, without what is there already
    python benchmarks/augment_speed.py --only each  # this part afresh, the others as they are
    python benchmarks/augment_speed.py --quick      # two rounds of the smallest pictures, no file

Needs the extra `bench` (Albumentations), an otherwise quiet machine of two cores, and about twenty
minutes. Parts:

- `tables`: flip, crop, colors and all together, by everyone (`peers.py`), on one and two threads;
- `busy`: all together on two threads, while two other processes keep two cores busy;
- `each`: every transform beside torchvision's and Albumentations' (`each_transform.py`);
- `step`: the share of a training step (`training_step.py`; of a training: `training_time.py`);
- `start`: the first batch of a process, and its memory (`start_up.py`);
- `chart`: the rate against the sizes of picture and batch (`rate_chart.py`);
- `gpu`: beside kornia and torchvision on a GPU, where there is one.

Compare numbers within a table and not between runs. At the end what was reached is held against
what is wanted.
"""

import argparse
import json
import re
from functools import partial
from pathlib import Path

import each_transform
import rate_chart
import start_up
import torch
import training_step
from peers import D2L, FLOOR, OPS, OURS, PEERS, side_of
from timing import about, busy, code_of, load, make_pictures, measure, ratio, row, threads

RESULTS = Path(__file__).parent / "results" / "augment_speed.json"
# name: pictures in a batch, side of the source, side of the result of a crop
WORKLOADS = {"32": (512, 32, 32), "96": (128, 96, 96), "256 to 224": (64, 256, 224)}
BUFFER = "all, into a buffer"
# (workload, threads): how many times as fast as whom all the operations together shall be; "" is
# every peer, so the fastest
GOALS = {
    ("32", 1): {D2L: 50, "": 10},
    ("96", 1): {"Albumentations": 2.5},
    ("256 to 224", 1): {"Albumentations": 2},
    ("32", 2): {"": 2},
    ("96", 2): {"": 2},
    ("256 to 224", 2): {"": 2},
}
KEPT_WHEN_BUSY = 1 / 3


def title_of(workload, count):
    n, source, result = WORKLOADS[workload]
    return f"{n} x 3x{source}x{source} to {result}, {count} thread(s)"


def turns_of(workload, op, peers=PEERS, **where):
    """Return a function of each peer for `op`; with BUFFER they write to a batch that is there."""
    n, source, result = WORKLOADS[workload]
    arrays, name = make_pictures(n, source), op.partition(",")[0]
    size = side_of(name, source, result)
    out = torch.empty(n, 3, size, size) if op == BUFFER else None
    return {who: peer(arrays, name, size, out, **where) for who, peer in peers.items()}


def table_of(workload, count, rounds):
    with threads(count):
        return {
            op: {
                who: row(rates)
                for who, rates in measure(
                    turns_of(workload, op), WORKLOADS[workload][0], rounds
                ).items()
            }
            for op in (*OPS, BUFFER)
        }


def show_table(title, table):
    """Print a table; the last columns compare all operations with ours and with the floor."""
    heads = [*OPS, *["to buffer"] * (BUFFER in table), "ours is x", "floor is x"]
    print(f"\n{title}\n{'pictures per second':30}" + "".join(f"{head:>12}" for head in heads))
    for who in next(iter(table.values())):
        numbers = "".join(f"{rows[who]['median']:12,}" for rows in table.values())
        both = (ratio(table["all"][other], table["all"][who])["median"] for other in (OURS, FLOOR))
        print(f"{who:30}{numbers}" + "".join(f"{times:12.3g}" for times in both))


def busy_table(workload, rounds):
    """Return the rates of all operations on two threads, quiet and beside two busy processes.

    Fewer rounds are enough: threads that wait for each other make some peers forty times slower.
    """
    rounds = max(2, rounds // 2)
    with threads(2):
        turns, n = turns_of(workload, "all"), WORKLOADS[workload][0]
        quiet = measure(turns, n, rounds)
        with busy(2):
            loaded = measure(turns, n, rounds)
    return {
        who: {"quiet": row(quiet[who]), "busy": row(loaded[who])}
        | {"share": round(row(loaded[who])["median"] / row(quiet[who])["median"], 3)}
        for who in turns
    }


def show_busy(title, table):
    print(f"\n{title}")
    for who, rates in table.items():
        quiet, loaded = rates["quiet"]["median"], rates["busy"]["median"]
        print(f"{who:30}{quiet:12,} quiet{loaded:12,} busy{rates['share']:8.0%}")


def gpu_table(workload, rounds):
    """Return the rates on a GPU, from uint8 in the host's memory: the transfer counts."""
    names = (OURS, "kornia, slice", "kornia, resample", "torchvision, each tensor", FLOOR)
    peers = {name: PEERS[name] for name in names}

    def finished(turn):
        turn()
        torch.cuda.synchronize()

    table = {}
    for op in OPS:
        turns = turns_of(workload, op, peers, device="cuda")
        turns = {who: partial(finished, turn) for who, turn in turns.items()}
        rates = measure(turns, WORKLOADS[workload][0], rounds)
        table[op] = {who: row(numbers) for who, numbers in rates.items()}
    return table


# Each part yields (title, function that measures it, function that prints it).


def tables(rounds, quick):
    for count in (1, 2):
        for workload in list(WORKLOADS)[: 1 if quick else None]:
            yield title_of(workload, count), partial(table_of, workload, count, rounds), show_table


def busy_tables(rounds, quick):
    for workload in list(WORKLOADS)[: 1 if quick else None]:
        yield title_of(workload, 2), partial(busy_table, workload, rounds), show_busy


def every_transform(rounds, quick):
    sides = list(each_transform.SIZES)[: 1 if quick else None]
    for name in each_transform.names():
        yield name, partial(each_transform.rates_of, name, rounds, sides), each_transform.show


def steps(rounds, quick):
    for name in training_step.NETWORKS:
        for count in (1, 2):
            title = training_step.title_of(name, count)
            yield title, partial(training_step.shares_of, name, count, rounds), training_step.show


def start(rounds, quick):
    yield "processes", partial(start_up.measured, 1 if quick else start_up.TRIES), start_up.show


def chart(rounds, quick):
    for axis in (rate_chart.SIZE, rate_chart.BATCH):
        yield axis, partial(rate_chart.rates_over, axis, rounds, quick), rate_chart.show


def gpu(rounds, quick):
    if torch.cuda.is_available():
        for workload in WORKLOADS:
            title = f"{torch.cuda.get_device_name()}, {title_of(workload, 1)}"
            yield title, partial(gpu_table, workload, rounds), show_table


PARTS = {
    "tables": tables,
    "busy": busy_tables,
    "each": every_transform,
    "step": steps,
    "start": start,
    "chart": chart,
    "gpu": gpu,
}


def goals(measured):
    """Yield what was wanted, what was reached, and whether that is enough."""
    for goal in (
        *goals_of_tables(measured.get("tables", {})),
        *goals_when_busy(measured.get("busy", {})),
        *each_transform.goals(measured.get("each", {})),
        *training_step.goals(measured.get("step", {})),
        *start_up.goals(measured.get("start", {})),
    ):
        reached = goal["reached"]
        value = reached["median"] if isinstance(reached, dict) else reached
        met = value >= goal["wanted"] if "wanted" in goal else value <= goal["wanted at most"]
        yield goal | {"met": met}
    if not measured.get("gpu"):
        yield {"goal": "on a GPU, beside kornia and torchvision", "open": "this machine has none"}


def goals_of_tables(tables):
    for (workload, count), wanted in GOALS.items():
        table = tables.get(title_of(workload, count))
        for whom, times in wanted.items() if table else ():
            for op in ("all", BUFFER):
                rows = table[op]
                peers = [name for name in rows if name.startswith(whom)]
                peers = [name for name in peers if name not in (OURS, FLOOR)]
                best = max(peers, key=lambda name: rows[name]["median"])
                yield {
                    "goal": f"{op}: {title_of(workload, count)}: times {best}",
                    "wanted": times,
                    "reached": ratio(rows[OURS], rows[best]),
                    "times to the floor": ratio(rows[FLOOR], rows[OURS])["median"],
                }


def goals_when_busy(tables):
    for title, table in tables.items():
        shares = {who: rates["share"] for who, rates in table.items()}
        yield {
            "goal": f"busy, {title}: share of the quiet rate",
            "wanted": round(KEPT_WHEN_BUSY, 3),
            "reached": shares.pop(OURS),
            "others": shares,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="2 rounds, small pictures, no file")
    parser.add_argument("--resume", action="store_true", help="keep what the file has")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to write")
    arguments = parser.parse_args()
    rounds = 2 if arguments.quick else arguments.rounds
    results = about(rounds) | {"parts": {}, "goals": []}
    if (arguments.resume or arguments.only) and not arguments.quick and arguments.results.exists():
        before = json.loads(arguments.results.read_text("utf-8"))
        if {key: before.get(key) for key in about(rounds)} != about(rounds):
            parser.error(f"{arguments.results.name} is of another machine, version or --rounds")
        results = before
    for part in arguments.only or PARTS:
        measure_part(part, rounds, results, arguments)
    print("\nGoals")
    for goal in results["goals"]:
        say(**goal)
    if len({part["code"] for part in results["parts"].values()}) > 1:
        print("Parts are of different code in d2laug/augment: --resume measures the older again.")


def say(goal, met=None, reached=None, **more):
    """Print a goal on a line: whether it is met, what was reached, and what else is known."""
    if isinstance(reached, dict):
        reached = "{median} ({lowest} to {highest})".format(**reached)
    words = [f"{key} {value}" for key, value in (("reached", reached), *more.items()) if value]
    print({True: "met ", False: "NOT ", None: "    "}[met], f"{goal}: {'; '.join(words)}")


def measure_part(part, rounds, results, arguments):
    """Measure what the results do not have yet, or all of the part; keep each table at once."""
    code = code_of("d2laug/augment")
    kept = results["parts"].get(part)
    if not (arguments.resume and kept and kept["code"] == code):
        kept = {"code": code, "load before": load(), "measured": {}}
    results["parts"][part] = kept
    for title, measured, show in PARTS[part](rounds, arguments.quick):
        if title not in kept["measured"]:
            kept["measured"][title] = measured()
            show(title, kept["measured"][title])
            keep(results, arguments)
    keep(results, arguments)
    charts = results["parts"].get("chart", {}).get("measured", {})
    if part == "chart" and not arguments.quick:
        picture = rate_chart.draw(charts)
        picture.save(arguments.results.with_suffix(".png"))
        kept["in words"] = picture.alt
        keep(results, arguments)


def keep(results, arguments):
    """Work out the goals and write the file: rows of numbers on a line each, for readers."""
    measured = {part: found["measured"] for part, found in results["parts"].items()}
    results["goals"] = list(goals(measured))
    if not arguments.quick:
        text = json.dumps(results, indent=1)
        text = re.sub(r"\{[^{}]*\}", lambda found: " ".join(found[0].split()), text)
        part = arguments.results.with_suffix(".part")
        part.write_text(text + "\n", "utf-8")
        part.replace(arguments.results)


if __name__ == "__main__":
    main()
