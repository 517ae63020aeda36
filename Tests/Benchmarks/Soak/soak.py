"""Keeps the server at half of its load for long, and watches whether it grows. Run by deploy/bench.

First the highest rate of a mix of calls is measured: echoes of 64 bytes and streams of 20 messages,
each with a deadline. Then follow minutes at half of that rate, over gRPC, native and JSON in turn,
each minute over new connections. After each one stands what the server holds: with all connections
closed, and at the most while it worked. Growth is that of the second half over the first.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "RPC")]
from servers import Program, Server

SERVICE = "sarai.bench.v1.EchoService"
# What the second half may hold more than the first, at rest: an allocator's pages come and go.
GROWTH_MAX_MIB = 2.0
CONNECTIONS, STREAMS = 8, 32
MIXES = {
    # JSON has its streams as lines of text; the load generator measures its unary calls alone.
    "grpc": f"{SERVICE}/Echo=95,{SERVICE}/Stream=5",
    "native": f"{SERVICE}/Echo=95,{SERVICE}/Stream=5",
    "json": f"{SERVICE}/Echo=1",
}


def load(sarai, port, protocol, seconds, folder, rate=None):
    """Runs the mix; gives the totals of the report."""
    report = Path(folder) / "report.json"
    payload = base64.b64encode(bytes(range(64))).decode()
    command = [sarai, "bench", f"127.0.0.1:{port}", "--mix", MIXES[protocol]]
    command += ["--proto", here.parent / "RPC" / "Sarai", "--protocol", protocol]
    command += ["--data", f"{SERVICE}/Echo=" + json.dumps({"payload": payload})]
    if protocol != "json":
        command += ["--data", f"{SERVICE}/Stream=" + json.dumps({"count": 20})]
    command += ["-c", str(CONNECTIONS), "-m", str(STREAMS), "--deadline", "5s"]
    command += ["--warm-up", "0s", "--duration", f"{seconds}s", "--quiet", "--json", report]
    if rate:
        command += ["--rate", str(rate)]
    done = subprocess.run(
        ["taskset", "-c", "1", *command], capture_output=True, text=True, timeout=seconds + 60
    )
    if done.returncode:
        raise SystemExit(f"sarai bench ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(report.read_text(encoding="utf-8"))


class Watch:
    """The most that a server holds while a minute goes on."""

    def __init__(self, server):
        self.server, self.most, self.over = server, 0, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.over.wait(1):
            self.most = max(self.most, self.server.resident_bytes)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def descriptors(server):
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench soak", description=__doc__)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sarai", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=int, default=60, help="how long (60)")
    options = parser.parse_args()
    if options.minutes < 6:
        parser.error("--minutes must be 6 at least: each half has to hold all three protocols")

    at_rest, failures, calls = [], 0, 0
    with Server(Program("soak", Path(options.server))) as server, tempfile.TemporaryDirectory() as folder:
        rates = {}
        for protocol in MIXES:
            totals = load(options.sarai, server.port, protocol, 5, folder)["totals"]
            rates[protocol] = round(totals["calls"] / 5 / 2)
            print(f"{protocol}: half of the load is {rates[protocol]:,} calls a second", flush=True)
        for minute in range(options.minutes):
            protocol = list(MIXES)[minute % len(MIXES)]
            cpu = server.cpu_seconds
            with Watch(server) as watch:
                totals = load(options.sarai, server.port, protocol, 60, folder, rates[protocol])["totals"]
            cpu = server.cpu_seconds - cpu
            at_rest.append(server.resident_bytes / 2**20)
            calls += totals["calls"]
            failures += totals["errors"]
            print(
                f"minute {minute + 1:3}  {protocol:6}  {totals['calls']:9,} calls, {totals['errors']} failed,"
                f" {cpu / totals['calls'] * 1e6:5.1f} us CPU each;"
                f" {at_rest[-1]:.1f} MiB at rest, {watch.most / 2**20:.1f} at most,"
                f" {descriptors(server)} descriptors",
                flush=True,
            )
    half = len(at_rest) // 2
    growth = max(at_rest[half:]) - max(at_rest[:half])
    print(f"\n{calls:,} calls, {failures} failed; the second half held {growth:+.2f} MiB more than the first")
    sys.exit(1 if failures or growth > GROWTH_MAX_MIB else 0)


if __name__ == "__main__":
    main()
