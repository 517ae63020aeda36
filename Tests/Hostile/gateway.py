"""A client like our own gateway, which hedges: it opens many calls and cancels some of them."""
import asyncio

from frames import rst, window_update
from peer import Failed, Peer, call, opened
from probe import Probe

SECONDS = 4
CANCELS = 1_000  # a second


async def load(peer, calls_per_cancel):
    """For each cancelled call some that are left to end, in ticks of 20 ms."""
    loop, stream, ticks = asyncio.get_running_loop(), 1, SECONDS * 50
    began, finished = loop.time(), 0
    for tick in range(ticks):
        pieces = []
        for _ in range(CANCELS // 50):
            pieces.append(opened(stream) + rst(stream))
            stream += 2
            for _ in range(calls_per_cancel):
                pieces.append(call(stream))
                stream += 2
        last = stream - 2
        # In portions that the limit of concurrent streams allows.
        for at in range(0, len(pieces), 40):
            await peer.send(*pieces[at:at + 40])
            await peer.pong()
        await peer.until(lambda: peer.over or peer.streams[last].ended)
        if peer.over:
            raise Failed(f"ended after {tick * CANCELS // 50} cancelled calls; seen: {peer}")
        finished += sum(seen.ended and seen.status == 200 for seen in peer.streams.values())
        peer.streams.clear()
        await asyncio.sleep(max(0, began + tick * 0.02 - loop.time()))
    if finished < ticks * CANCELS // 50 * calls_per_cancel:
        raise Failed(f"only {finished} of the calls that were left to end did")


async def keeps_connection(kit):
    async with await Peer.open(kit.target) as peer:
        await peer.send(window_update(0, 1 << 30))
        await load(peer, calls_per_cancel=2)
        await peer.lives()


def probes():
    yield Probe("gateway", "1,000 cancelled calls a second among 2,000 others are borne", keeps_connection, alone=True)
