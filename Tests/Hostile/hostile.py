"""Sends every probe to a server, and watches its memory and its well-behaved clients meanwhile."""
import argparse
import asyncio
import pathlib
import re
import subprocess
import sys
import time

import drain
import duties
import floods
import framing
import gateway
import http1
import latency
import sizes
import stalls
import strict_frames
import strict_messages
import tls
from peer import Failed, Peer
from probe import Kit, Probe, Result, run_all
from server import LOAD_CORE, SERVER_CORE, Memory, Server, pin

HERE = pathlib.Path(__file__).parent
GROWTH_KIB = 32 << 10
MODULES = (duties, strict_frames, strict_messages, http1, framing, sizes, floods, stalls, drain, gateway, tls)


class Tally:
    """Counts results, and prints each that needs a look."""

    def __init__(self, verbose):
        self.counts, self._verbose = {"passed": 0, "failed": 0, "skipped": 0}, verbose

    def __call__(self, result):
        self.counts[result.outcome] += 1
        if self._verbose or result.outcome != "passed":
            why = f": {result.why}" if result.why else ""
            print(f"{result.outcome}: {result.probe.group}: {result.probe.name}{why} ({result.seconds:.1f} s)", flush=True)

    def add(self, group, name, outcome, why=""):
        self(Result(Probe(group, name, None), outcome, why, 0))

    def judge(self, group, name, holds, why):
        self.add(group, name, "passed" if holds else "failed", "" if holds else why)


async def warm_up(kit):
    """Code and buffers that any traffic brings in do not count as growth."""
    async with await Peer.open(kit.target) as peer:
        await sizes.grpc_call(peer, 1, sizes.message(sizes.of_size(1 << 20)), {0})
    for one in (framing.Call("", framing.NATIVE_SMALL, {0}, content_type=framing.NATIVE),
                framing.Call("", b"{}", {200}, content_type=framing.JSON)):
        await one.run(kit)


async def probe_phase(kit, probes, server, pid, tally):
    """All probes, with a well-behaved client beside them."""
    memory = Memory(pid) if pid else None
    try:
        await warm_up(kit)
    except (Failed, OSError) as failure:
        tally.add("others", "calls before any attack", "failed", str(failure))
    before = memory.resident if memory else 0
    if memory:
        memory.restart()
    bystander = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "bystander.py"), f"{kit.target[0]}:{kit.target[1]}", stdout=subprocess.PIPE)
    began = time.monotonic()
    try:
        await run_all(probes, kit, tally)
    finally:
        alive = bystander.returncode is None
        if alive:
            bystander.kill()
        said, _ = await bystander.communicate()
    lasted = time.monotonic() - began
    tally.judge("others", "a well-behaved client keeps its connection", alive, said.decode().strip())
    print(f"{len(probes)} probes in {lasted:.0f} s")
    if server and server.ended is not None:
        tally.add("others", "the server is still there", "failed", f"it ended with {server.ended}")
        return
    if memory:
        peak, after = memory.peak, memory.resident
        print(f"memory: {before / 1024:.1f} MiB before, at most {peak / 1024:.1f}, {after / 1024:.1f} after")
        tally.judge("memory", "grows by at most 32 MiB", peak - before <= GROWTH_KIB,
                    f"it grew by {(peak - before) / 1024:.1f} MiB")
    if server:
        lines = len(server.log_lines())
        calmed = Peer.calmed[server.target]
        tally.judge("log", "a line for each connection that ended with ENHANCE_YOUR_CALM", lines >= calmed,
                    f"{calmed} ended so, the log has {lines} lines")


def chosen(pattern):
    probes = [probe for module in MODULES for probe in module.probes()]
    return [probe for probe in probes if re.search(pattern, f"{probe.group}: {probe.name}")]


async def main(options):
    probes = chosen(options.only)
    if options.list:
        print(*(f"{probe.group}: {probe.name}" for probe in probes), sep="\n")
        return True
    tally = Tally(options.verbose)
    pin(LOAD_CORE)
    if options.target:
        host, port = options.target.rsplit(":", 1)
        await probe_phase(Kit((host, int(port)), options.time_scale), probes, None, options.pid, tally)
    else:
        command = [*options.server.split(), "--port", "0", "--time-scale", str(options.time_scale)]
        server, sacrifice = await Server.start(command, SERVER_CORE), None
        try:
            await probe_phase(Kit(server.target, options.time_scale, command), probes, server, server.pid, tally)
            if options.seconds and not options.only and server.ended is None:
                sacrifice = await Server.start(command, SERVER_CORE, yields=True)
                server.put_first()
                await latency.measure(server, sacrifice, options.seconds, tally)
        finally:
            await server.stop()
            if sacrifice:
                await sacrifice.stop()
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**tally.counts))
    return tally.counts["failed"] == 0


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", help="command that starts the server under test")
    parser.add_argument("--target", help="HOST:PORT of a server that runs already, instead of --server")
    parser.add_argument("--pid", type=int, help="its process, to watch its memory")
    parser.add_argument("--time-scale", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main(parse())) else 1)
