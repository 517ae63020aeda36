"""How much slower well-behaved clients are while others attack the server.

The clients are h2load's: ten connections, a hundred calls a second on each, whatever the server does.
"""
import asyncio
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from server import LOAD_CORE, pin, put_first

HERE = pathlib.Path(__file__).parent
P99_FACTOR = 2
WINDOWS = 5
CONNECTIONS, CALLS_PER_SECOND = 10, 1000
ATTACKS_PER_SECOND = 40
BUSY_SHARE = 0.25


class Failure(Exception):
    """Calls of well-behaved clients failed."""


async def clients(target, seconds):
    """The latencies of all calls of a window, in microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        body, log = pathlib.Path(folder, "body"), pathlib.Path(folder, "log")
        body.write_bytes(b"\0" * 5)
        count = int(seconds * CALLS_PER_SECOND)
        process = await asyncio.create_subprocess_exec(
            "h2load", "-t1", f"-c{CONNECTIONS}", f"-n{count}", "-m100",
            f"--rps={CALLS_PER_SECOND // CONNECTIONS}",
            "-r1", "--rate-period=1ms",  # connections begin one after the other, and so do their calls
            f"--log-file={log}", f"--data={body}",
            "--header=content-type: application/grpc", "--header=te: trailers",
            f"http://{target[0]}:{target[1]}/grpc.testing.TestService/EmptyCall",
            stdout=subprocess.DEVNULL, preexec_fn=lambda: (pin(LOAD_CORE), put_first()))
        try:
            async with asyncio.timeout(10 * seconds + 10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        calls = [line.split() for line in log.read_text().splitlines()]
    good = [int(microseconds) for _, status, microseconds in calls if status == "200"]
    if len(good) < count:
        raise Failure(f"{count - len(good)} of {count} calls failed")
    return sorted(good)


@contextlib.asynccontextmanager
async def storm(target, seconds, counts):
    """Attacks a server meanwhile; without a target nobody does. Adds what was done to `counts`."""
    if not target:
        yield
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "storm.py"), f"{target[0]}:{target[1]}", str(ATTACKS_PER_SECOND), str(seconds),
        stdout=subprocess.PIPE, preexec_fn=lambda: pin(LOAD_CORE, yields=True))
    try:
        await process.stdout.readline()  # it has begun
        yield
    finally:
        text, _ = await process.communicate()
        counts.append(json.loads(text or "0"))


async def busy_share():
    """How much of the machine others use, while nothing is attacked."""
    def times():
        numbers = [int(text) for text in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(numbers), numbers[3] + numbers[4]

    total, idle = times()
    await asyncio.sleep(2)
    later_total, later_idle = times()
    return 1 - (later_idle - idle) / max(1, later_total - total)


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def measure(server, sacrifice, seconds, tally):
    """Three loads in turn, the same clients in each: in quiet, while another server is attacked (the
    control), and while their own is.

    On two cores the attackers, in Python, and the clients share one, and the server has the other. The
    attackers leave their core to the clients whenever they want it, so that what the clients wait for
    is the server. What is left of the machine's doing (sockets, caches) shows in the control: the same
    attacks against a second server, which leaves its core to the first one at once.
    """
    found, counts, failure = {"quiet": [], "control": [], "attacked": []}, {"control": [], "attacked": []}, None
    usual = {"quiet": [], "control": [], "attacked": []}
    for _ in range(WINDOWS):
        for name, victim in (("quiet", None), ("control", sacrifice), ("attacked", server)):
            try:
                async with storm(victim and victim.target, seconds + 0.5, counts.get(name)):
                    ordered = await clients(server.target, seconds)
                found[name].append(percentile(ordered, 0.99))
                usual[name].append(percentile(ordered, 0.5))
            except Failure as error:
                failure = f"{name}: {error}"
    tally.judge("others", "no call of a well-behaved client fails", failure is None, failure)
    if failure:
        return
    p99 = {name: statistics.median(values) for name, values in found.items()}
    p50 = {name: statistics.median(values) for name, values in usual.items()}
    bound = max(p99["quiet"], p99["control"])
    rate = statistics.median(counts["attacked"]) / (seconds + 0.5)
    print("p99 (p50) of well-behaved clients, in us: " + ", ".join(
        f"{p99[name]:.0f} ({p50[name]:.0f}) {name}" for name in p99)
        + f"; {p99['attacked'] / bound:.2f} times at {rate:.0f} attacks a second")
    name, holds = "their p99 at most doubles under attack", p99["attacked"] <= P99_FACTOR * bound
    if not holds and (share := await busy_share()) > BUSY_SHARE:
        # Others' work takes the core from a server that is at work, and not from one that sleeps.
        tally.add("others", name, "skipped", f"{share:.0%} of the machine is busy with other work; {found}")
    else:
        tally.judge("others", name, holds, f"{found}")
