"""What is counted: as many as the limit allows leave the connection alive, more end it.

Each flood is sent twice, on connections of its own: one step less than the limit, and one more.
"""
import asyncio

import frames as f
from frames import (
    ACK, CALM, END_HEADERS, END_STREAM, FLOW_CONTROL, FRAME_SIZE, PADDED, PROTOCOL, STREAM_CLOSED, WINDOW_MAX,
    continuation, data, headers, ping, priority, rst, settings, window_update)
from peer import Failed, Peer, call, message, opened, request, streaming_request
from probe import Probe

RESETS = GLITCHES = 200  # in 30 s
CONTINUATIONS = 8  # a header block
EMPTY_DATA = 2  # in a row
PRIORITIES = 100  # a connection
WINDOW_UPDATES = 10  # for each DATA frame that the server has sent
CONTROL = 10_000  # PING, SETTINGS and PRIORITY together in 30 s

REQUEST = request("StreamingInputCall")
UPPER_CASE = f.literal("Upper", "case")
AT_ONCE = 40  # streams, well within their limit


def on(step, count, first=1):
    """`count` steps, each on a new stream."""
    return [step(stream) for stream in range(first, first + 2 * count, 2)]


async def below(kit, steps, opening=(), instead=()):
    """The connection outlives these steps, which leave the server the time to end what it began. A
    server may instead have ended it at once with one of the codes that the RFC names for one step."""
    async with await Peer.open(kit.target, opening) as peer:
        try:
            for at in range(0, len(steps), AT_ONCE):
                await peer.send(*steps[at:at + AT_ONCE])
                await peer.pong()
            await peer.lives()
        except Failed:
            if peer.goaway is None or peer.goaway not in instead:
                raise


async def beyond(kit, steps, opening=(), codes=(CALM,)):
    """The connection ends with this much, and another one is served. The limit of concurrent streams
    is kept to: another limit is to be found."""
    async with await Peer.open(kit.target, opening) as peer:
        for at in range(0, len(steps), AT_ONCE):
            await peer.send(*steps[at:at + AT_ONCE])
            if at + AT_ONCE < len(steps) and not peer.over:
                try:
                    await peer.pong()
                except Failed:
                    break
        await peer.ends(*codes)
    async with await Peer.open(kit.target) as other:
        await other.lives()


async def both(kit, less, more, opening=(), instead=()):
    await below(kit, less, opening=opening, instead=instead)
    await beyond(kit, more, opening=opening, codes=(CALM, *instead))


async def resets(kit, step, opening=(), instead=()):
    await both(kit, on(step, RESETS - 1), on(step, RESETS + 1), opening, instead)


def cancelled(stream):
    return opened(stream) + rst(stream)


def half_closed(stream):
    """A request that is whole, and whose answer does not fit into the window."""
    return (headers(stream, request("StreamingOutputCall"))
            + data(stream, message(streaming_request(1000)), END_STREAM))


# Frames that make the server reset the stream (CVE-2025-8671), each with the code by which a server
# may end the connection at the first of them.
PROVOKED = (
    ("an upper-case name", lambda s: headers(s, REQUEST + UPPER_CASE), PROTOCOL),
    ("a field with a line break", lambda s: headers(s, REQUEST + f.literal("x", "a\r\nb")), PROTOCOL),
    ("WINDOW_UPDATE of 0", lambda s: opened(s) + window_update(s, 0), PROTOCOL),
    ("an overflowing window", lambda s: opened(s) + window_update(s, WINDOW_MAX), FLOW_CONTROL),
    ("PRIORITY of 4 bytes", lambda s: opened(s) + f.frame(f.PRIORITY, 0, s, b"\0" * 4), FRAME_SIZE),
    ("PRIORITY on itself", lambda s: opened(s) + priority(s, s), PROTOCOL),
    ("DATA after END_STREAM", lambda s: half_closed(s) + data(s, b"more"), STREAM_CLOSED),
    ("HEADERS after END_STREAM", lambda s: half_closed(s) + headers(s, REQUEST, END_HEADERS | END_STREAM),
     STREAM_CLOSED),
    ("more than content-length",
     lambda s: headers(s, request("StreamingInputCall", ("content-length", "1"))) + data(s, message()), PROTOCOL),
    ("trailers that do not end", lambda s: opened(s) + headers(s, f.literal("x", "1")), PROTOCOL),
)


async def all_at_once(kit):
    """Without a pause, by which more streams are open than may be."""
    await beyond(kit, [b"".join(on(PROVOKED[0][1], 1000))], codes=(CALM, PROTOCOL))


async def few_resets(kit):
    """300 of 700 streams cancelled: more than 200, but less than half."""
    await below(kit, on(lambda stream: (cancelled if stream % 14 < 6 else call)(stream), 700))


async def cancelled_whole_calls(kit):
    """A server that answers before it reads on has not been made to work in vain: its answers count
    more than what comes after them."""
    numbers = range(1, 10 * RESETS, 2)
    async with await Peer.open(kit.target) as peer:
        await peer.send(*(call(stream) + rst(stream) for stream in numbers))
        await peer.until(lambda: peer.over, 1)
        if not peer.over and sum(peer.streams[stream].ended for stream in numbers) > len(numbers) // 2:
            return
        await peer.ends(CALM)


async def forms_together(kit):
    """Resets of both directions are counted together."""
    def step(stream):
        return (cancelled if stream % 4 == 1 else PROVOKED[0][1])(stream)
    await resets(kit, step)


async def resets_in_two_windows(kit):
    async with await Peer.open(kit.target) as peer:
        for first in (1, 1001):
            await peer.send(*on(cancelled, RESETS * 3 // 4, first))
            await peer.pong()
            await asyncio.sleep(kit.limit(33))
        await peer.lives()


async def glitches(kit):
    """Malformed requests hidden among more good ones, so that resets stay below half."""
    def some(count):
        # 4 of 10 streams; their numbers are odd.
        return on(lambda stream: (PROVOKED[0][1] if stream % 20 < 8 else call)(stream), count // 4 * 10)
    await both(kit, some(GLITCHES - 8), some(GLITCHES + 8))


async def continuations(kit):
    def frames(count):
        return [headers(1, request(), 0) + continuation(1, b"") * (count - 1)
                + continuation(1, b"", END_HEADERS) + data(1, message(), END_STREAM)]
    await both(kit, frames(CONTINUATIONS - 1), frames(CONTINUATIONS + 1))


async def endless_continuations(kit):
    await beyond(kit, [headers(1, request(), 0), continuation(1, f.literal("x", "y" * 1000)) * 2000])


async def empty_data(kit):
    await both(kit, [opened(1), data(1) * (EMPTY_DATA - 1)], [opened(1), data(1) * (EMPTY_DATA + 1)])


async def padded_empty_data(kit):
    await beyond(kit, [opened(1), data(1, b"\x05" + b"\0" * 5, PADDED) * (EMPTY_DATA + 1)])


async def empty_data_on_streams(kit):
    """One empty frame each, on several streams, is what gRPC's clients end their calls with."""
    def step(stream):
        return opened(stream, "EmptyCall") + data(stream, message()) + data(stream, b"", END_STREAM)
    async with await Peer.open(kit.target) as peer:
        for first in range(1, 300, 100):
            await peer.send(*on(step, 50, first))
            await peer.answer(first + 98)
        await peer.lives()


async def priorities(kit):
    await both(kit, on(priority, PRIORITIES - 1), on(priority, PRIORITIES + 1))


async def window_updates(kit, stream):
    async with await Peer.open(kit.target, ((f.INITIAL_WINDOW_SIZE, 1 << 20),)) as peer:
        await peer.send(headers(1, request("StreamingOutputCall")),
                        data(1, message(streaming_request(*[3000] * 20)), END_STREAM), opened(3))
        await peer.answer(1)
        allowed = WINDOW_UPDATES * peer.data_frames
        await peer.send(window_update(stream, 1) * (allowed - 1))
        await peer.pong()
        if peer.over:
            raise Failed(f"{allowed - 1} WINDOW_UPDATE for {peer.data_frames} DATA should be borne; seen: {peer}")
        # Servers allow some more, for the windows that a client opens before it gets anything.
        await peer.send(window_update(stream, 1) * 1000)
        await peer.ends(CALM)


async def control(kit, *kinds):
    """Paced, as no server need hold more than a few answers back."""
    async with await Peer.open(kit.target) as peer:
        for _ in range(98):
            await peer.send(b"".join(kinds) * (100 // len(kinds)))
            await peer.pong()
        await peer.lives()
        for _ in range(4):
            await peer.send(b"".join(kinds) * (100 // len(kinds)))
        await peer.ends(CALM)


async def burst(kit, piece):
    await beyond(kit, [piece * 2 * CONTROL])


async def hang_ups(kit):
    """Connections that come and go, some in the middle of a frame, cost the others nothing."""
    for index in range(200):
        async with await Peer.connect(kit.target, reads=False) as peer:
            await peer.send((f.PREFACE + settings() + call(1) + opened(3))[:index * 2])
    async with await Peer.open(kit.target) as other:
        await other.lives()


def probes():
    def flood(name, run, *arguments):
        return Probe("flood", name, lambda kit: run(kit, *arguments), alone=True)

    yield flood("resets: the client's own", resets, cancelled)
    yield flood("resets: whole calls cancelled at once", cancelled_whole_calls)
    for name, step, code in PROVOKED:
        opening = ((f.INITIAL_WINDOW_SIZE, 0),) if "END_STREAM" in name else ()
        # Frames that have a lower limit of their own may end the connection by that one.
        instead = (code, CALM) if name.startswith(("WINDOW_UPDATE", "PRIORITY", "an overflowing")) else (code,)
        yield flood(f"resets: provoked by {name}", resets, step, opening, instead)
    yield flood("resets: provoked by 1,000 requests at once", all_at_once)
    yield flood("resets: both directions together", forms_together)
    yield flood("resets: 300 of 700 streams are borne", few_resets)
    yield Probe("time", "resets: 150 in one span of 30 s and 150 in the next are borne", resets_in_two_windows)
    yield flood("glitches: malformed requests among more good ones", glitches)
    yield flood("CONTINUATION: more than 8", continuations)
    yield flood("CONTINUATION: 2 MB without an end", endless_continuations)
    yield flood("DATA: more than 2 empty ones in a row", empty_data)
    yield flood("DATA: empty but for padding", padded_empty_data)
    yield flood("DATA: an empty one for each of 150 streams is borne", empty_data_on_streams)
    yield flood("PRIORITY: more than 100", priorities)
    yield flood("WINDOW_UPDATE: more than 10 for each DATA, on the connection", window_updates, 0)
    yield flood("WINDOW_UPDATE: more than 10 for each DATA, on a stream", window_updates, 3)
    yield flood("PING: more than 10,000", control, ping())
    yield flood("SETTINGS: more than 10,000", control, settings())
    yield flood("PING and SETTINGS: more than 10,000 together", control, ping(), settings())
    yield flood("PING: 20,000 at once", burst, ping())
    yield flood("PING ACK: 20,000 at once", burst, ping(flags=ACK))
    yield flood("SETTINGS: 20,000 at once", burst, settings((f.INITIAL_WINDOW_SIZE, 65535)))
    yield flood("connections: 200 hang-ups at every stage", hang_ups)
