"""The codec beside C++ protobuf. Run by deploy/bench, which builds both sides first.

Both programs take OPERATION MESSAGE PROTOBUF-FILE (milliseconds|operations) N and print
operations, wall nanoseconds, CPU nanoseconds, checksum and encoded bytes.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from comparison import Row, Samples, print_table, write_json

MESSAGES = ("transfer", "product", "page")

# Sarai's operation -> the peer's operations that it is compared with and the highest good ratio;
# the first of them in more than time.
COMPARISONS = {
    "decode-native": {"decode": 0.6, "decode-reused": None, "decode-arena": None},
    "decode-protobuf": {"decode": 0.8, "decode-reused": None, "decode-arena": None},
    "decode-json": {"decode-json": None},
    "encode-native": {"encode": 0.9},
    "encode-protobuf": {"encode": 1.1},
    "encode-new-native": {"encode-new": None},
    "encode-new-protobuf": {"encode-new": None},
    "encode-new-json": {"encode-json": None},
}
SIZE_GOALS = {"encode-native": 0.96, "encode-protobuf": None}

# What the peer's operation does, said after its name and version.
PEER_WAYS = {
    "decode": "new object",
    "decode-reused": "reused object",
    "decode-arena": "arena",
    "decode-json": "JSON",
    "encode": "reused buffer",
    "encode-new": "new string",
    "encode-json": "JSON",
}


class Side:
    """One of the two programs, pinned to one core."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def command(self, operation, message, unit, count):
        file = self.folder / f"{message}.pb"
        return ["taskset", "-c", "0", self.program, operation, message, file, unit, str(count)]

    def run(self, operation, message, unit, count):
        line = subprocess.run(
            self.command(operation, message, unit, count), check=True, capture_output=True, text=True
        ).stdout
        operations, wall, cpu, checksum, size = map(int, line.split())
        return {"time": wall / operations, "cpu": cpu / operations, "checksum": checksum, "size": size}

    def per_operation(self, operation, message, total):
        """What one operation costs by `total`, which counts a whole run: two runs' difference."""
        few, many = 20, 120
        counts = [total(self.command(operation, message, "operations", n)) for n in (few, many)]
        return (counts[1] - counts[0]) / (many - few)

    def allocations(self, operation, message):
        def total(command):
            shim = self.folder / "count_allocations.so"
            # The counter writes to descriptor 3, which the shell makes the standard output.
            environment = os.environ | {"COUNTER": str(shim)}
            shell = ["sh", "-c", 'LD_PRELOAD=$COUNTER exec "$@" 3>&1 >/dev/null', "count", *command[3:]]
            return int(subprocess.run(shell, env=environment, check=True, capture_output=True).stdout)

        return self.per_operation(operation, message, total)

    def instructions(self, operation, message):
        def total(command):
            tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command[3:]]
            report = subprocess.run(tool, check=True, capture_output=True, text=True).stderr
            return int(re.search(r"Collected : (\d+)", report).group(1))

        return self.per_operation(operation, message, total)


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench codec", description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="FILE", help="also write the results here")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--milliseconds", type=int, default=80, help="of each side in a round")
    parser.add_argument("--only", metavar="WORD", default="", help="cases whose name has this word")
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions too (slow, steady)"
    )
    parser.add_argument("--sarai", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", required=True, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = options.peer.parent
    sarai, peer = Side(options.sarai, folder), Side(options.peer, folder)

    rows = []
    for message in MESSAGES:
        ours, theirs = (side.run("hash", message, "operations", 1) for side in (sarai, peer))
        if ours["checksum"] != theirs["checksum"]:
            sys.exit(f"{message}: the two sides hold different content")
        for operation, comparisons in COMPARISONS.items():
            case = f"{message} {operation.replace('-', ' ')}"
            if options.only in case:
                print(f"measuring {case}", file=sys.stderr)
                rows += compare(sarai, peer, case, operation, message, comparisons, options)
    print_table(rows)
    if options.json:
        write_json(rows, options.json)


def compare(sarai, peer, case, operation, message, comparisons, options):
    ours, theirs = defaultdict(Samples), {name: defaultdict(Samples) for name in comparisons}
    for _ in range(options.rounds):
        results = [(ours, sarai.run(operation, message, "milliseconds", options.milliseconds))]
        for name in comparisons:
            result = peer.run(name, message, "milliseconds", options.milliseconds)
            results.append((theirs[name], result))
        if operation.startswith("decode") and len({r["checksum"] for _, r in results}) > 1:
            sys.exit(f"{case}: the two sides read different values")
        for samples, result in results:
            for metric in ("time", "cpu"):
                samples[metric].add(result[metric])
    first, *others = comparisons
    counted = ["allocations"] + ["instructions"] * options.instructions
    for metric in counted:
        ours[metric].add(getattr(sarai, metric)(operation, message))
        theirs[first][metric].add(getattr(peer, metric)(first, message))

    version = subprocess.run(["protoc", "--version"], check=True, capture_output=True, text=True)
    titles = {
        name: f"C++ protobuf {version.stdout.split()[-1]}, {PEER_WAYS[name]}" for name in comparisons
    }
    rows = []
    for metric in ("time", "cpu", *counted):
        unit = "ns" if metric in ("time", "cpu") else "per message"
        goal = comparisons[first] if metric == "time" else None
        samples = (ours[metric], theirs[first][metric])
        rows.append(Row(case, metric, unit, *samples, titles[first], goal))
    for name in others:
        samples = (ours["time"], theirs[name]["time"])
        rows.append(Row(case, "time", "ns", *samples, titles[name], comparisons[name]))
    if operation in SIZE_GOALS:
        sizes = [
            Samples([side.run(task, message, "operations", 1)["size"]])
            for side, task in ((sarai, operation), (peer, first))
        ]
        rows.append(Row(case, "size", "bytes", *sizes, titles[first], SIZE_GOALS[operation]))
    return rows


if __name__ == "__main__":
    main()
