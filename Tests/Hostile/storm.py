"""All attacks that need no waiting, again and again, four at a time.

    storm.py HOST:PORT SECONDS

Prints how many there were. A process of its own, to be pinned and to be sent against either server.
"""
import asyncio
import random
import sys
import time

import floods
import framing
import http1
import sizes
from probe import Kit, run_one

AT_ONCE = 4


def attacks():
    """Not what a well-behaved client may do as well: big messages that are served."""
    served = ("message: 4 MiB", "message: native", "message: 100 of 300 KB", "answers: 100 of 4 MB")
    found = [probe for module in (floods, sizes, framing, http1) for probe in module.probes()
             if probe.group != "time" and not probe.name.startswith(served)]
    random.Random(1).shuffle(found)
    return found


async def storm(target, seconds):
    kit, ends, count = Kit(target, time_scale=0.1), time.monotonic() + seconds, 0
    queue = attacks()

    async def attacker(index):
        nonlocal count
        while time.monotonic() < ends:
            probe = queue[index % len(queue)]
            await run_one(probe, kit, patience=max(0.01, min(1.0, ends - time.monotonic())))
            index += AT_ONCE
            count += 1

    await asyncio.gather(*map(attacker, range(AT_ONCE)))
    return count


if __name__ == "__main__":
    host, port = sys.argv[1].rsplit(":", 1)
    print(asyncio.run(storm((host, int(port)), float(sys.argv[2]))))
