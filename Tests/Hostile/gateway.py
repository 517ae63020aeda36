"""A client like our own gateway, which hedges: it opens many calls and cancels some of them."""
import asyncio

from frames import rst, window_update
from peer import Failed, Peer, call, opened
from probe import Probe

SECONDS = 4
CANCELS = 1_000  # a second


async def load(peer, calls_per_cancel):
    """For each cancelled call some that are left to end, in ticks of 20 ms."""
    loop, stream = asyncio.get_running_loop(), 1
    began = loop.time()
    for tick in range(SECONDS * 50):
        # In portions that the limit of concurrent streams allows.
        for _ in range(CANCELS // 50 // 10):
            pieces, left = [], []
            for _ in range(10):
                pieces.append(opened(stream) + rst(stream))
                left += range(stream + 2, stream + 2 + 2 * calls_per_cancel, 2)
                pieces += map(call, left[-calls_per_cancel:])
                stream += 2 + 2 * calls_per_cancel
            await peer.send(*pieces)
            seen = [peer.streams[number] for number in left]
            await peer.until(lambda: peer.over or all(one.ended or one.reset is not None for one in seen))
            if peer.over:
                raise Failed(f"ended after {tick * CANCELS // 50} cancelled calls; seen: {peer}")
            if unanswered := [str(one) for one in seen if not one.ended or one.status is None]:
                raise Failed(f"of {len(left)} calls that were left to end {len(unanswered)} did not: {unanswered[0]}")
            peer.streams.clear()
        await asyncio.sleep(max(0, began + tick * 0.02 - loop.time()))


async def keeps_connection(kit):
    async with await Peer.open(kit.target) as peer:
        await peer.send(window_update(0, 1 << 30))
        await load(peer, calls_per_cancel=2)
        await peer.lives()


def probes():
    yield Probe("gateway", "1,000 cancelled calls a second among 2,000 others are borne", keeps_connection, alone=True)
