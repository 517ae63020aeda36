"""The RPC beside gRPC C++ and a bare nghttp2 echo. Run by deploy/bench, which builds all three.

Each server has core 0 for itself and h2load core 1; rounds alternate between the servers. Before
each run one call is checked in full, after it the number of answers and of their bytes.
"""

import argparse
import re
import resource
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from calls import UNARY, stream_calls
from comparison import Row, Samples, print_table, write_json
from idle import held, resident
from load import Load
from servers import Program, Server

SARAI, GRPC, FLOOR = "Sarai", "gRPC C++", "bare nghttp2"
CONNECTIONS_HELD = 10_000
MESSAGES_A_CALL = 10_000

# Metric -> its unit.
UNITS = {
    "requests/s": "1/s",
    "messages/s": "1/s",
    "CPU": "us a request",
    "CPU of a message": "us",
    "p99": "us",
    "instructions": "a request",
    "resident, fresh": "MiB",
    "resident, each of 1,000 idle": "KiB",
    "held and answering": "connections",
}
MORE_IS_BETTER = {"requests/s", "messages/s", "held and answering"}

# Case -> the peer and the protocol that it speaks -> the goals, metric by metric (quality.md, "RPC").
COMPARISONS = {
    "unary gRPC": {(GRPC, "gRPC"): {"CPU": 0.28}, (FLOOR, "gRPC"): {"CPU": 2.2}},
    "unary native": {(GRPC, "gRPC"): {"CPU": 0.22}, (FLOOR, "native"): {"CPU": 1.8}},
    "one at a time gRPC": {(GRPC, "gRPC"): {"CPU": 0.7, "p99": 1.0}, (FLOOR, "gRPC"): {}},
    "one at a time native": {(GRPC, "gRPC"): {}, (FLOOR, "native"): {}},
    "server stream gRPC": {(GRPC, "gRPC"): {"messages/s": 10.0}, (FLOOR, "gRPC"): {}},
    "server stream native": {(GRPC, "gRPC"): {}},
    "idle": {(GRPC, ""): {}, (FLOOR, ""): {}},
}
# What Sarai is held to by itself.
LIMITS = {
    "resident, fresh": 16,
    "resident, each of 1,000 idle": 16,
    "held and answering": CONNECTIONS_HELD,
}
TWO_LOOPS_GOAL = 1.10


@dataclass
class Kind:
    """One kind of load: how h2load makes it, and the metrics that a result of it gives."""

    calls: dict
    load: dict
    metrics: object


def unary_metrics(result):
    return {
        "requests/s": result.calls / result.seconds,
        "CPU": result.cpu_seconds / result.calls * 1e6,
    }


def single_metrics(result):
    return {"CPU": result.cpu_seconds / result.calls * 1e6, "p99": result.p99_microseconds}


def stream_metrics(result):
    messages = result.calls * MESSAGES_A_CALL
    return {
        "messages/s": messages / result.seconds,
        "CPU of a message": result.cpu_seconds / messages * 1e6,
    }


KINDS = {
    "unary": Kind(UNARY, {}, unary_metrics),
    "one at a time": Kind(
        UNARY, {"connections": 1, "streams": 1, "times_each": True}, single_metrics
    ),
    "server stream": Kind(
        stream_calls(MESSAGES_A_CALL), {"connections": 1, "streams": 1}, stream_metrics
    ),
}


class Benchmark:
    def __init__(self, options):
        self.options = options
        self.programs = [
            Program(GRPC, options.peers / "echo_grpc_async"),
            Program(FLOOR, options.peers / "echo_nghttp2"),
        ]
        self.titles = {
            SARAI: SARAI,
            GRPC: f"gRPC C++ {version('grpc++')}, async, one queue",
            FLOOR: f"nghttp2 {version('libnghttp2')} alone, in C",
        }
        if options.sarai:
            self.programs.insert(0, Program(SARAI, options.sarai))
        # Case -> (server, protocol) -> metric -> samples. A case bears Sarai's protocol.
        self.measured = defaultdict(lambda: defaultdict(lambda: defaultdict(Samples)))
        self.rows = []

    def wants(self, name):
        only = self.options.only
        return only == "peers" or only in name

    def protocols(self, kind, program):
        """What this program speaks of what is measured."""
        if program.name == GRPC or (program.name == FLOOR and kind == "server stream"):
            return ["gRPC"]
        return ["gRPC", "native"]

    def run(self):
        for kind in KINDS:
            if self.wants(kind):
                self.measure(kind)
        if self.wants("idle"):
            self.measure_idle()
        if self.options.sarai and self.wants("two loops"):
            self.measure_two_loops()
        if self.options.instructions and self.wants("unary"):
            self.count_instructions()
        self.print()

    def measure(self, name):
        progress(name)
        kind, seconds = KINDS[name], self.options.milliseconds / 1000
        with ExitStack() as stack:
            entries = []
            for program in self.programs:
                server = stack.enter_context(Server(program))
                for protocol in self.protocols(name, program):
                    load = Load(kind.calls[protocol], **kind.load)
                    entries.append((server, protocol, load, load.calls_lasting(server, seconds)))
            for _ in range(self.options.rounds):
                for server, protocol, load, calls in entries:
                    result = load.run(server, calls)
                    samples = self.measured[name][server.name, protocol]
                    for metric, value in kind.metrics(result).items():
                        samples[metric].add(value)

    def measure_idle(self):
        progress("idle")
        for program in self.programs:
            samples = self.measured["idle"][program.name, ""]
            for _ in range(min(3, self.options.rounds)):
                with Server(program) as server:
                    fresh, each = resident(server)
                samples["resident, fresh"].add(fresh / 2**20)
                samples["resident, each of 1,000 idle"].add(each / 2**10)
            if program.name != GRPC:
                with Server(program) as server:
                    samples["held and answering"].add(held(server, CONNECTIONS_HELD))

    def measure_two_loops(self):
        """One loop and two, both free to use both cores, which h2load shares with them."""
        progress("two loops")
        counts = (1, 2)
        with ExitStack() as stack:
            servers = [
                stack.enter_context(
                    Server(Program(SARAI, self.options.sarai, ("--loops", str(count))), cores="0,1")
                )
                for count in counts
            ]
            for protocol, call in UNARY.items():
                load = Load(call, cores="0,1")
                calls = load.calls_lasting(servers[0], self.options.milliseconds / 1000)
                for server in servers[1:]:
                    load.run(server, calls)
                one, two = samples = Samples(), Samples()
                for _ in range(self.options.rounds):
                    for server, values in zip(servers, samples):
                        result = load.run(server, calls)
                        values.add(result.cpu_seconds / calls * 1e6)
                case = f"two loops {protocol}"
                self.rows.append(
                    Row(case, "CPU", UNITS["CPU"], two, one, "Sarai, one loop", TWO_LOOPS_GOAL)
                )

    def count_instructions(self):
        """User-space instructions of a call: the difference of two runs under callgrind."""
        progress("instructions")
        tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        few, many = 1024, 4096

        def total(program, load, calls):
            with Server(program, tool=tool) as server:
                load.run(server, calls)
            return int(re.search(r"Collected : (\d+)", server.told).group(1))

        for program in self.programs:
            for protocol in self.protocols("unary", program):
                load = Load(UNARY[protocol])
                counts = [total(program, load, calls) for calls in (few, many)]
                samples = self.measured["unary"][program.name, protocol]
                samples["instructions"].add((counts[1] - counts[0]) / (many - few))

    def print(self):
        for case, entries in self.measured.items():
            for (name, protocol), metrics in entries.items():
                print(f"{case} {protocol}".strip() + f", {self.titles[name]}")
                for metric, samples in metrics.items():
                    print(f"  {metric}, {UNITS[metric]}: {samples}")
        if self.options.sarai:
            self.compare()
            print()
            print_table(self.rows)
        if self.options.json:
            write_json(self.rows, self.options.json)

    def compare(self):
        rows = []
        for case, peers in COMPARISONS.items():
            kind = next((name for name in self.measured if case.startswith(name)), None)
            if not kind:
                continue
            ours = self.measured[kind][SARAI, case.removeprefix(kind).strip()]
            for (name, protocol), goals in peers.items():
                theirs = self.measured[kind][name, protocol]
                for metric, samples in ours.items():
                    if metric in theirs:
                        rows.append(
                            self.row(case, metric, samples, theirs[metric], self.titles[name], goals)
                        )
        for metric, samples in self.measured.get("idle", {}).get((SARAI, ""), {}).items():
            limit = Samples([LIMITS[metric]])
            rows.append(self.row("idle", metric, samples, limit, "the limit", {metric: 1.0}))
        self.rows = rows + self.rows

    def row(self, case, metric, ours, theirs, title, goals):
        more = metric in MORE_IS_BETTER
        return Row(case, metric, UNITS[metric], ours, theirs, title, goals.get(metric), more)


def version(package):
    command = ["pkg-config", "--modversion", package]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def progress(name):
    print(f"measuring {name}", file=sys.stderr)


def allow_descriptors(count):
    """For this process and the servers that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        hard = max(count, hard) if hard != resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench rpc", description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="FILE", help="also write the results here")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--milliseconds", type=int, default=400, help="of each server in a round")
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 11")
    parser.add_argument(
        "--only",
        metavar="WORD",
        default="",
        help="cases whose name has this word; `peers`: all that needs no Sarai, which is not built",
    )
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions too (slow, steady)"
    )
    parser.add_argument("--peers", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--sarai", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    try:
        allow_descriptors(CONNECTIONS_HELD + 200)
    except (OSError, ValueError) as error:
        sys.exit(f"{CONNECTIONS_HELD} connections need as many descriptors (ulimit -n): {error}")
    Benchmark(options).run()


if __name__ == "__main__":
    main()
