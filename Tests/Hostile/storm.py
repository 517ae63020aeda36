"""All attacks that need no waiting, again and again, so many a second.

    storm.py HOST:PORT PER_SECOND SECONDS

Prints `begun`, and at the end how many there were. A process of its own, to be pinned and to be sent against either server.
"""
import asyncio
import itertools
import random
import sys
import time

import floods
import framing
import http1
import sizes
from probe import Kit, run_one

AT_ONCE = 8


def attacks():
    """Not what a well-behaved client may do as well: big messages that are served."""
    served = ("message: 4 MiB", "message: native", "message: 100 of 300 KB", "answers: 100 of 4 MB")
    found = [probe for module in (floods, sizes, framing, http1) for probe in module.probes()
             if probe.group != "time" and not probe.name.startswith(served)]
    random.Random(1).shuffle(found)
    return found


async def storm(target, per_second, seconds):
    """An attack for which no attacker is free yet is late, not left out."""
    kit, begun, due, count = Kit(target, time_scale=0.1), time.monotonic(), itertools.count(), 0
    queue = attacks()

    async def attacker():
        nonlocal count
        while (at := (index := next(due)) / per_second) < seconds:
            await asyncio.sleep(begun + at - time.monotonic())
            left = begun + seconds - time.monotonic()
            if left <= 0:
                return
            await run_one(queue[index % len(queue)], kit, patience=min(1.0, left))
            count += 1

    print("begun", flush=True)
    await asyncio.gather(*(attacker() for _ in range(AT_ONCE)))
    return count


if __name__ == "__main__":
    host, port = sys.argv[1].rsplit(":", 1)
    print(asyncio.run(storm((host, int(port)), float(sys.argv[2]), float(sys.argv[3]))))
