"""What takes too long: a peer that lets the server wait is hung up on, not too early, not too late.

With `--time-scale` the server's clocks run faster, so that these take seconds instead of minutes.
"""
import asyncio
import functools
import time

import frames as f
from frames import END_HEADERS, END_STREAM, PREFACE, continuation, data, headers, settings, window_update
from peer import Failed, Peer, message, opened, request, streaming_request, unary
from probe import Probe
from sizes import MESSAGE_BYTES, of_size

PREFACE_SECONDS, HEADERS_SECONDS, WRITE_SECONDS, WINDOW_SECONDS, MESSAGE_SECONDS = 10, 10, 30, 30, 30
SLACK_SECONDS = 2.0  # how late a time-out may be, on a busy machine, beside the fifth that limits may be kept too long


async def hung_up(kit, peer, seconds, drip=None, condition=None):
    """Waits for the connection's end, which must come at the limit. Meanwhile sends the drip, ten
    times within the limit and on after it."""
    limit, began = kit.limit(seconds), time.monotonic()
    latest = limit * 1.2 + SLACK_SECONDS
    condition = condition or (lambda: peer.closed is not None)
    while not condition():
        waited = time.monotonic() - began
        if waited > latest:
            raise Failed(f"still waiting after {waited:.1f} s with a limit of {limit:g} s; seen: {peer}")
        if drip:
            try:
                await peer.send(next(drip))
            except StopIteration:
                drip = None
        await peer.until(condition, limit / 10 if drip else latest - waited + 0.1)
    waited = time.monotonic() - began
    if waited < limit * 0.7:
        raise Failed(f"hung up on after {waited:.1f} s, though the limit is {limit:g} s; seen: {peer}")


def bytewise(text):
    return (text[index:index + 1] for index in range(len(text)))


async def silence(kit, first=b"", drip=None, http1=False, seconds=PREFACE_SECONDS):
    async with await Peer.connect(kit.target, http1=http1) as peer:
        peer.acknowledges = False  # an ACK of the server's SETTINGS would not be silence
        await peer.send(first)
        await hung_up(kit, peer, seconds, drip)
    async with await Peer.open(kit.target) as other:
        await other.lives()


async def headers_that_never_end(kit, first, drip=None):
    async with await Peer.open(kit.target) as peer:
        await peer.send(first)
        await hung_up(kit, peer, HEADERS_SECONDS, drip)


async def slow_but_in_time(kit):
    """Preface and headers that take most of the limit each are served."""
    async with await Peer.connect(kit.target) as peer:
        await peer.send(PREFACE[:10])
        await asyncio.sleep(kit.limit(PREFACE_SECONDS) * 0.6)
        await peer.send(PREFACE[10:], settings())
        await peer.until(lambda: peer.settings_acks, what="ACK of SETTINGS")
        await peer.send(headers(1, request()[:50], 0))
        await asyncio.sleep(kit.limit(HEADERS_SECONDS) * 0.6)
        await peer.send(continuation(1, request()[50:], END_HEADERS), data(1, message(), END_STREAM))
        await peer.answer(1)
        await peer.lives()


async def idle_but_open(kit):
    """A connection without streams, or with a stream on which both sides are silent, is not stalled."""
    async with await Peer.open(kit.target) as idle, await Peer.open(kit.target) as waiting:
        await waiting.send(opened(1))
        await asyncio.sleep(kit.limit(WINDOW_SECONDS) + SLACK_SECONDS / 2)
        await idle.lives()
        await waiting.lives()


# In pieces that are small beside what is unread, so that figures of memory tell of the probes for it.
MANY = streaming_request(*[1 << 18] * 256)
WIDE = ((f.INITIAL_WINDOW_SIZE, f.WINDOW_MAX),)
# The largest, so that a connection has no room for two at once.
LARGE = message(of_size(MESSAGE_BYTES))
ABORTED = 10


async def ask_for_64_mib(target, reads):
    peer = await Peer.connect(target, receive_buffer=1 << 16, reads=reads)
    await peer.send(PREFACE, settings(*WIDE), window_update(0, f.WINDOW_MAX - 65535),
                    headers(1, request("StreamingOutputCall")), data(1, message(MANY), END_STREAM))
    return peer


async def nothing_is_taken(kit):
    """Until the server must have hung up. The kernel still makes room for some bytes now and then, when
    it packs those that nobody reads; for the server that is a reader who is slow."""
    await asyncio.sleep(2 * kit.limit(WRITE_SECONDS) + SLACK_SECONDS)


async def unread(kit):
    """A peer with open windows that reads nothing. TCP hides the server's hanging up until one reads."""
    async with await ask_for_64_mib(kit.target, reads=False) as peer:
        await nothing_is_taken(kit)
        peer.start_reading()
        await peer.until(lambda: peer.closed is not None or peer.streams[1].ended, 20)
        if peer.closed is None or peer.streams[1].ended:
            raise Failed(f"the server waited on for its reader; seen: {peer}")


async def unread_http1(kit):
    """The same over HTTP/1.1: an answer whose end never comes, since the server has hung up."""
    sizes = b",".join([b'{"size": 262144}'] * 256)
    body = b'{"responseParameters": [' + sizes + b"]}"
    async with await Peer.connect(kit.target, receive_buffer=1 << 16, reads=False, http1=True) as peer:
        await peer.send(b"POST /grpc.testing.TestService/StreamingOutputCall HTTP/1.1\r\nHost: localhost\r\n"
                        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body), body)
        await nothing_is_taken(kit)
        peer.start_reading()
        await peer.until(lambda: peer.closed or peer.raw.endswith(b"\r\n0\r\n\r\n"), 20)
        if not peer.raw.startswith(b"HTTP/1.1 200") or len(peer.raw) > 64 << 20 or not peer.closed:
            raise Failed(f"{len(peer.raw) >> 20} MiB of an answer that should have been given up: "
                         f"{bytes(peer.raw[:100])!r}, {peer.closed or 'connection open'}")


async def read_slowly(kit):
    """A peer that takes the answer in sips, none of them late, gets all of it."""
    async with await ask_for_64_mib(kit.target, reads=False) as peer:
        loop, sock = asyncio.get_running_loop(), peer._socket
        for _ in range(6):
            await asyncio.sleep(kit.limit(WRITE_SECONDS) / 3)
            taken = 0
            while taken < 6 << 20:
                chunk = await asyncio.wait_for(loop.sock_recv(sock, 1 << 18), 10)
                if not chunk:
                    raise Failed("the server hung up on a reader that was slow, but not late")
                taken += len(chunk)


async def zero_window(kit, opening=((f.INITIAL_WINDOW_SIZE, 0),), size=1000):
    """The window never opens: the stream or the connection ends, whichever the server prefers."""
    async with await Peer.open(kit.target, opening) as peer:
        await peer.send(headers(1, request("StreamingOutputCall")),
                        data(1, message(streaming_request(size)), END_STREAM))
        await hung_up(kit, peer, WINDOW_SECONDS,
                      condition=lambda: peer.over or peer.streams[1].reset is not None)


async def one_window_of_two(kit):
    """A stream whose window stays shut ends, and the other, on which bytes trickle, goes on."""
    async with await Peer.open(kit.target, ((f.INITIAL_WINDOW_SIZE, 0),)) as peer:
        await peer.send(unary(1, 1000), unary(3, 1000))
        began = time.monotonic()
        while (waited := time.monotonic() - began) < kit.limit(WINDOW_SECONDS) * 2:
            await peer.send(window_update(3, 1))
            await asyncio.sleep(kit.limit(WINDOW_SECONDS) / 10)
            if peer.streams[1].reset is not None and waited < kit.limit(WINDOW_SECONDS) * 0.7:
                raise Failed(f"given up after {waited:.1f} s; seen: {peer}")
        await peer.send(window_update(3, 65535))
        if peer.streams[1].reset is None or (await peer.answer(3)).reset is not None:
            raise Failed(f"stream 1 should be reset, and 3 be answered; seen: {peer}")
        await peer.lives()


async def window_opens_late(kit):
    async with await Peer.open(kit.target, ((f.INITIAL_WINDOW_SIZE, 0),)) as peer:
        await peer.send(unary(1, 1000))
        await asyncio.sleep(kit.limit(WINDOW_SECONDS) * 0.6)
        await peer.send(window_update(1, 65535))
        await peer.answer(1)
        await peer.lives()


async def message_that_stops(kit):
    """A large message that stops halfway is given up, and its room goes to the one that waits for it."""
    async with await Peer.open(kit.target) as peer:
        await peer.send(headers(1, request("UnaryCall")), headers(3, request("UnaryCall")))
        await peer.paced(1, LARGE[:len(LARGE) // 2], end=False)
        waiting = asyncio.create_task(peer.paced(3, LARGE, seconds=2 * MESSAGE_SECONDS))
        try:
            await hung_up(kit, peer, MESSAGE_SECONDS, condition=lambda: peer.streams[1].ended)
            await waiting
        finally:
            waiting.cancel()
        if peer.streams[1].grpc_status != ABORTED or (await peer.answer(3)).grpc_status != 0:
            raise Failed(f"stream 1 should be aborted, and 3 be answered; seen: {peer}")
        await peer.lives()


async def message_in_sips(kit):
    """A large message that comes slowly, but never stops for too long, is taken."""
    async with await Peer.open(kit.target) as peer:
        await peer.send(headers(1, request("UnaryCall")))
        await peer.paced(1, LARGE[:-5], end=False)
        for byte in bytewise(LARGE[-5:]):
            await asyncio.sleep(kit.limit(MESSAGE_SECONDS) / 3)
            await peer.send(data(1, byte))
        await peer.send(data(1, b"", END_STREAM))
        if (await peer.answer(1)).grpc_status != 0:
            raise Failed(f"a message that was slow, but not late, got {peer.streams[1].trailers or peer.streams[1].headers}")


def probes():
    def slow(name, run, *arguments, **options):
        return Probe("time", name, functools.partial(run, **options) if not arguments
                     else lambda kit: run(kit, *arguments, **options))

    http1 = b"POST /grpc.testing.TestService/EmptyCall HTTP/1.1\r\nHost: localhost\r\n"
    yield slow("preface: nothing at all", silence)
    yield slow("preface: half of it", silence, first=PREFACE[:10])
    yield slow("preface: a byte at a time", drip_preface)
    yield slow("preface: without SETTINGS", silence, first=PREFACE)
    yield slow("preface and headers, slow but in time", slow_but_in_time)
    yield slow("headers: HEADERS without END_HEADERS", headers_that_never_end, headers(1, request(), 0))
    yield slow("headers: a HEADERS frame that stops midway", headers_that_never_end,
               headers(1, request())[:60])
    yield slow("headers: CONTINUATION a byte at a time", drip_continuation)
    yield slow("headers: HTTP/1.1 that stops midway", silence, first=http1, http1=True)
    yield slow("headers: HTTP/1.1 a byte at a time", drip_http1)
    yield slow("idle: silence between streams and on one is borne", idle_but_open)
    yield slow("write: a peer that does not read", unread)
    yield slow("write: an HTTP/1.1 peer that does not read", unread_http1)
    yield slow("write: a peer that reads slowly is borne", read_slowly)
    yield slow("window: of 0 on the stream", zero_window)
    yield slow("window: used up on the connection", zero_window, opening=WIDE, size=100_000)
    yield slow("window: of 0 on one stream of two", one_window_of_two)
    yield slow("window: opened in time", window_opens_late)
    yield slow("message: one that stops halfway while another waits", message_that_stops)
    yield slow("message: one that comes in sips is borne", message_in_sips)


async def drip_preface(kit):
    await silence(kit, drip=bytewise(PREFACE))


async def drip_continuation(kit):
    """Seven frames, as many as a block may have, in pieces of bytes that each come in time."""
    block = request()
    rest = continuation(1, block[10:11]) * 7 + continuation(1, block[11:], END_HEADERS)
    await headers_that_never_end(kit, headers(1, block[:10], 0), bytewise(rest))


async def drip_http1(kit):
    line = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 200
    await silence(kit, drip=bytewise(line), http1=True, seconds=HEADERS_SECONDS)
