"""How a server stops at SIGTERM: no call that has begun is lost, and none keeps it for ever."""
import asyncio
import signal
import time

import frames as f
from frames import END_STREAM, data, headers
from peer import Failed, Peer, call, field, message, opened, request, streaming_request
from probe import Probe
from server import own_server

DRAIN_SECONDS = 30
NOT_SERVING = 2


def terminate(server):
    server.process.send_signal(signal.SIGTERM)


async def ended(server, seconds):
    try:
        code = await asyncio.wait_for(server.process.wait(), seconds)
    except TimeoutError:
        raise Failed(f"the process still runs {seconds:g} s later") from None
    if code != 0:
        raise Failed(f"the process ended with {code}")


async def loses_no_call(kit):
    async with own_server(kit) as server, await Peer.open(server.target) as peer:
        await peer.send(headers(1, request(path="/grpc.health.v1.Health/Watch")), data(1, message(), END_STREAM),
                        opened(3, "FullDuplexCall"))
        await peer.until(lambda: len(peer.streams[1].body) == 7, what="health status")
        terminate(server)
        # What crosses the notice is served as well.
        await peer.send(call(5))
        await peer.until(lambda: peer.goaway is not None, what="GOAWAY")
        if peer.goaway != f.NO_ERROR:
            raise Failed(f"expected GOAWAY NO_ERROR; seen: {peer}")
        if (await peer.answer(5)).grpc_status != 0:
            raise Failed(f"a call that crossed the notice was lost: {peer.streams[5]}")
        watch = await peer.answer(1)
        if bytes(watch.body[7:]) != message(field(1, NOT_SERVING)):
            raise Failed(f"the watch of health should end with NOT_SERVING; seen: {bytes(watch.body)!r}, {watch}")
        await peer.send(data(3, message(streaming_request(100))))
        await peer.until(lambda: len(peer.streams[3].body) > 100, what="message of a call that goes on")
        await refused(server.target)
        await peer.send(data(3, b"", END_STREAM))
        if (await peer.answer(3)).grpc_status != 0:
            raise Failed(f"a call that went on was lost: {peer.streams[3]}")
        await peer.until(lambda: peer.closed, what="end of the connection")
        await ended(server, 3)


async def refused(target):
    try:
        other = await Peer.connect(target)
    except ConnectionRefusedError:
        return
    await other.close()
    raise Failed("a new connection was taken while stopping")


async def cuts_off_what_never_ends(kit):
    async with own_server(kit) as server, await Peer.open(server.target) as peer:
        await peer.send(opened(1))
        await peer.pong()
        limit, began = kit.limit(DRAIN_SECONDS), time.monotonic()
        terminate(server)
        await ended(server, limit + 3)
        if (waited := time.monotonic() - began) < limit * 0.7:
            raise Failed(f"cut off after {waited:.1f} s, though the limit is {limit:g} s")


async def closes_idle_connections(kit):
    async with own_server(kit) as server, await Peer.open(server.target) as idle, \
            await Peer.connect(server.target) as silent, await Peer.connect(server.target, http1=True) as old:
        await idle.lives()
        await old.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await old.until(lambda: old.raw, what="answer")
        terminate(server)
        for peer in (idle, silent, old):
            await peer.until(lambda: peer.closed, what="end of an idle connection")
        await ended(server, 3)


def probes():
    # They only wait, and for servers of their own.
    yield Probe("time", "drain: no call is lost", loses_no_call)
    yield Probe("time", "drain: a call that never ends is cut off", cuts_off_what_never_ends)
    yield Probe("time", "drain: idle connections are closed", closes_idle_connections)
