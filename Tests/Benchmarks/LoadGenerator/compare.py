"""What a call costs the load generator: `sarai bench` beside h2load. Run by deploy/bench.

Both send the same calls to the same bare nghttp2 echo, which has core 0 for itself; they share core
1 in turn. Counted is the generator's own CPU time, its start included.
"""

import argparse
import base64
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent), str(here.parent / "RPC")]
from comparison import Row, Samples, print_table, write_json
from servers import Program, Server

GOAL = 1.5
METHOD = "sarai.bench.v1.EchoService/Echo"
PAYLOAD = bytes(range(64))
PROTOBUF = b"\x0a" + bytes([len(PAYLOAD)]) + PAYLOAD
BODIES = {
    "grpc": (b"\x00" + len(PROTOBUF).to_bytes(4, "big") + PROTOBUF, "application/grpc"),
    "native": (b"\x01" + bytes([len(PAYLOAD)]) + PAYLOAD, "application/x-sarai"),
}
PIN = ["taskset", "-c", "1"]


def cpu_of(command):
    """The CPU seconds of a child, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def sarai(program, port, protocol, calls, folder):
    """Microseconds of CPU a call."""
    report = Path(folder) / "report.json"
    data = json.dumps({"payload": base64.b64encode(PAYLOAD).decode()})
    command = [program, "bench", f"127.0.0.1:{port}", METHOD, "-c", "8", "-m", "32"]
    command += ["--proto", here.parent / "RPC" / "Sarai", "--data", data, "--protocol", protocol]
    command += ["--warm-up", "0s", "--duration", "10m", "--calls", str(calls)]
    command += ["--quiet", "--json", report]
    cpu, _ = cpu_of(PIN + command)
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    if (totals["calls"], totals["errors"]) != (calls, 0):
        raise SystemExit(f"sarai bench: {calls} calls were to succeed: {totals}")
    return cpu / calls * 1e6


def h2load(port, protocol, calls, folder):
    """Microseconds of CPU a call."""
    content, content_type = BODIES[protocol]
    body = Path(folder) / "body"
    body.write_bytes(content)
    command = ["h2load", "-t1", "-c8", "-m32", "-n", str(calls), "-d", body]
    command += ["-H", f"content-type: {content_type}", "-H", "te: trailers"]
    cpu, report = cpu_of(PIN + command + [f"http://127.0.0.1:{port}/{METHOD}"])
    if f"{calls} succeeded, 0 failed" not in report:
        raise SystemExit(f"h2load: not all was answered:\n{report}")
    return cpu / calls * 1e6


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench loadgenerator", description=__doc__)
    parser.add_argument("--sarai", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each (5)")
    parser.add_argument("--calls", type=int, default=512_000, help="calls of a measurement (512000)")
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    rows = [
        Row(f"unary echo, {protocol}", "client CPU", "us a request", Samples(), Samples(), "h2load", GOAL)
        for protocol in BODIES
    ]
    with Server(Program("echo", Path(options.server))) as server, tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for row, protocol in zip(rows, BODIES):
                row.sarai.add(sarai(options.sarai, server.port, protocol, options.calls, folder))
                row.peer.add(h2load(server.port, protocol, options.calls, folder))
    print_table(rows)
    if options.json:
        write_json(rows, options.json)


if __name__ == "__main__":
    main()
