"""What grows: header lists, streams, messages, answers that nobody reads."""
import asyncio
import dataclasses
import itertools
import pathlib
import socket

import frames as f
from frames import (
    CALM, END_HEADERS, END_STREAM, FLOW_CONTROL, PROTOCOL, REFUSED_STREAM, continuation, data, headers, integer,
    literal, settings)
from peer import (
    Failed, Peer, WindowShut, call, field, in_frames, message, opened, request, simple_request, streaming_request,
    varint)
from probe import Probe, Skipped
from server import own_server

HEADER_LIST_BYTES = 16 << 10
STREAMS = 100
MESSAGE_BYTES = 4 << 20
RESOURCE_EXHAUSTED = 8
# What a connection may make the server keep of messages that are not whole yet.
UNFINISHED_BYTES = 16 << 20
# Well above what the buffers of two sockets may grow to, tcp(7): that is the kernel's, not the server's.
UNREAD_BYTES = (8 << 20) + sum(
    int(pathlib.Path(f"/proc/sys/net/ipv4/{name}").read_text(encoding="ascii").split()[2])
    for name in ("tcp_rmem", "tcp_wmem"))
MIB = 1 << 20
DESCRIPTORS = 40  # of a server that has too few of them
NO_WINDOW = ((f.INITIAL_WINDOW_SIZE, 0),)


def list_bytes(*all_fields):
    """The size of a header list as SETTINGS_MAX_HEADER_LIST_SIZE counts it (RFC 9113, 6.5.2)."""
    return sum(len(name) + len(value) + 32 for name, value in all_fields)


async def refused(peer, stream):
    """A header list that is too long: 431, or a stream or connection error. Not served."""
    seen = peer.streams[stream]
    await peer.until(lambda: peer.over or seen.ended or seen.reset is not None, what="refusal")
    if peer.goaway in (CALM, PROTOCOL) or seen.reset in (CALM, PROTOCOL, REFUSED_STREAM) or seen.status == 431:
        return
    if seen.status == 200 and seen.grpc_status == RESOURCE_EXHAUSTED:  # what gRPC's own servers answer
        return
    raise Failed(f"expected 431, RST_STREAM or GOAWAY; seen: {peer}")


async def header_list(kit):
    """Many small fields, so that the list is far larger than its bytes on the wire."""
    base = [(":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
            (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers")]
    many = (HEADER_LIST_BYTES - list_bytes(*base)) // list_bytes(("x", "y"))
    async with await Peer.open(kit.target) as peer:
        if peer.settings.get(f.MAX_HEADER_LIST_SIZE) != HEADER_LIST_BYTES:
            raise Failed(f"SETTINGS_MAX_HEADER_LIST_SIZE should be {HEADER_LIST_BYTES}; seen: {peer.settings}")
        await peer.send(headers(1, request("EmptyCall", *[("x", "y")] * (many - 1))), data(1, message(), END_STREAM))
        answer = await peer.answer(1)
        if answer.status != 200 or answer.grpc_status not in (0, None):
            raise Failed(f"a list of less than 16 KiB; seen: {peer}")
        await peer.send(headers(3, request("EmptyCall", *[("x", "y")] * (many + 2))), data(3, message(), END_STREAM))
        await refused(peer, 3)


async def one_big_field(kit):
    async with await Peer.open(kit.target) as peer:
        block = request("EmptyCall", ("x", "y" * HEADER_LIST_BYTES))
        await peer.send(headers(1, block[:16384], 0), continuation(1, block[16384:], END_HEADERS))
        await refused(peer, 1)


async def hpack_bomb(kit):
    """An entry of 4,000 bytes, named 12,000 times by one byte each: 48 MB out of 16 KB, 300 times."""
    async with await Peer.open(kit.target) as peer:
        entry = literal("x", "y" * 3900, 0x40)
        await peer.send(headers(1, request() + entry + integer(62, 7, 0x80) * 12_000))
        await refused(peer, 1)
        for stream in range(3, 603, 2):
            if peer.over:
                break
            await peer.send(headers(stream, request() + integer(62, 7, 0x80) * 16_000))
        await peer.ends(CALM, PROTOCOL)


async def bomb_in_trailers(kit):
    """Trailers are a header list too."""
    async with await Peer.open(kit.target) as peer:
        await peer.send(headers(1, request("StreamingInputCall") + literal("x", "y" * 3900, 0x40)))
        await peer.send(headers(1, integer(62, 7, 0x80) * 16_000, END_HEADERS | END_STREAM))
        await refused(peer, 1)


async def streams(kit):
    async with await Peer.open(kit.target) as peer:
        if peer.settings.get(f.MAX_CONCURRENT_STREAMS) != STREAMS:
            raise Failed(f"SETTINGS_MAX_CONCURRENT_STREAMS should be {STREAMS}; seen: {peer.settings}")
        numbers = range(1, 1 + 2 * STREAMS, 2)
        await peer.send(*map(opened, numbers))
        await peer.pong()
        if peer.over or any(peer.streams[number].reset is not None for number in numbers):
            raise Failed(f"{STREAMS} streams should be open; seen: {peer}")
        extra = 1 + 2 * STREAMS
        await peer.send(call(extra))
        await peer.until(lambda: peer.over or peer.streams[extra].reset is not None or peer.streams[extra].ended,
                         what=f"refusal of stream {STREAMS + 1}")
        if peer.goaway not in (PROTOCOL, REFUSED_STREAM, CALM):
            if peer.streams[extra].reset not in (REFUSED_STREAM, PROTOCOL):
                raise Failed(f"stream {STREAMS + 1} should be refused; seen: {peer}")
            # One that ends makes room for the next.
            await peer.send(data(1, b"", END_STREAM))
            await peer.answer(1)
            await peer.lives()


async def streams_before_settings_ack(kit):
    """The limit holds for a peer that never acknowledges it: it need not have read it, but 1,000
    streams are no good faith. Refused streams are reset, and those count as resets."""
    async with await Peer.connect(kit.target) as peer:
        peer.acknowledges = False
        await peer.send(f.PREFACE, settings())
        await peer.send(*(opened(number) for number in range(1, 2001, 2)))
        await peer.until(lambda: peer.over, 2)
        if not peer.over:
            unrefused = sum(peer.streams[number].reset is None for number in range(1, 2001, 2))
            if unrefused > STREAMS:
                raise Failed(f"{unrefused} streams are open")


def of_size(size):
    """A SimpleRequest of exactly this many bytes, whose answer is small."""
    body = size - 16
    while len(payload := simple_request(0, b"\0" * body)) != size:
        body += size - len(payload)
    return payload


async def grpc_call(peer, stream, payload, expected, content_type="application/grpc"):
    """A UnaryCall whose body is these bytes, at the pace that the server's windows allow."""
    await peer.send(headers(stream, request("UnaryCall", content_type=content_type)))
    await peer.paced(stream, payload)
    answer = await peer.answer(stream, 10)
    status = answer.grpc_status
    if content_type != "application/grpc":
        status = int((answer.headers or {}).get("sarai-status", 0)) if answer.status == 200 else None
    if status not in expected:
        raise Failed(f"expected status {expected}; seen: {answer}")


async def messages(kit):
    async with await Peer.open(kit.target) as peer:
        await grpc_call(peer, 1, message(of_size(MESSAGE_BYTES)), {0})
        await grpc_call(peer, 3, message(of_size(MESSAGE_BYTES + 1)), {RESOURCE_EXHAUSTED})
        await peer.lives()


async def lying_length(kit, length):
    async with await Peer.open(kit.target) as peer:
        await peer.send(headers(1, request("UnaryCall")), data(1, b"\0" + length.to_bytes(4) + b"\0" * 100))
        answer = await peer.answer(1)
        if answer.grpc_status != RESOURCE_EXHAUSTED:
            raise Failed(f"a length of {length}: expected RESOURCE_EXHAUSTED at once; seen: {peer}")
        await peer.lives()


def native_of_size(size):
    """A SimpleRequest in native with a payload (field 3) with a body (field 2), of this many bytes."""
    digits = len(varint(size))
    body = size - 2 - 2 * digits
    return b"\x04" + varint(size - 1 - digits) + b"\x02" + varint(body) + b"\0" * body


async def native_messages(kit):
    """Native unary has no length before it: the body itself is what must be bounded."""
    async with await Peer.open(kit.target) as peer:
        body = native_of_size(MESSAGE_BYTES)
        await grpc_call(peer, 1, body, {0}, "application/x-sarai")
        await grpc_call(peer, 3, body + b"\0", {RESOURCE_EXHAUSTED}, "application/x-sarai")
        await peer.lives()


async def half_messages(kit):
    """100 streams, each with a message of 4 MiB of which the last byte is missing: 400 MiB, of
    which flow control must let but a few through."""
    async with await Peer.open(kit.target) as peer:
        payload = b"\0" + MESSAGE_BYTES.to_bytes(4) + b"\0" * (MESSAGE_BYTES - 1)
        for stream in range(1, 1 + 2 * STREAMS, 2):
            await peer.send(opened(stream))
            try:
                await peer.paced(stream, payload, end=False, seconds=1)
            except WindowShut:
                break
            if peer.over:
                return
        if peer.sent_bytes > UNFINISHED_BYTES:
            raise Failed(f"the server took {peer.sent_bytes >> 20} MiB of messages that never end")


async def together(kit, content_type, payload):
    """Large messages on all streams at once, as an honest client sends them: none is refused, and
    none waits for another for ever."""
    async with await Peer.open(kit.target) as peer:
        await peer.send(f.window_update(0, 1 << 24))
        await asyncio.gather(*(grpc_call(peer, stream, payload, {0}, content_type)
                               for stream in range(1, 1 + 2 * STREAMS, 2)))
        await peer.lives()


async def unread_nothings(kit):
    """Empty messages, of 5 bytes each, that nobody takes: what they cost must be bounded as well."""
    async with await Peer.open(kit.target, NO_WINDOW) as peer:
        first = message(streaming_request(1 << 20))
        try:
            for stream in range(1, 1 + 2 * STREAMS, 2):
                await peer.send(headers(stream, request("FullDuplexCall")))
                await peer.paced(stream, first + message() * 13_000, end=False, seconds=0.2)
            # The windows of all streams are open for that many; now one has to be shut.
            await peer.paced(1, message() * 1_000_000, end=False, seconds=1)
        except WindowShut:
            return
        if not peer.over and not any(one.ended for one in peer.streams.values()):
            raise Failed(f"the server took {peer.sent_bytes >> 20} MiB of messages that nobody takes")


async def fill_unread(peer):
    """A stream both ways whose answers find no window: the server must stop reading requests rather
    than keep answers. Sends until the server's window is shut."""
    one = message(field(2, field(1, 1 << 20)))
    await peer.send(headers(1, request("FullDuplexCall")))
    try:
        await peer.paced(1, one * (UNFINISHED_BYTES // len(one)), end=False, seconds=1)
    except WindowShut:
        return
    if not peer.over and peer.streams[1].reset is None:
        raise Failed(f"the server took {peer.sent_bytes >> 20} MiB of requests whose answers nobody reads")


async def unread_echoes(kit):
    async with await Peer.open(kit.target, NO_WINDOW) as peer:
        await fill_unread(peer)


async def past_the_window(kit):
    """DATA for which there is no window is an error (RFC 9113, 6.9.1), of the stream or the connection."""
    async with await Peer.open(kit.target, NO_WINDOW) as peer:
        await fill_unread(peer)
        await peer.send(in_frames(1, b"\0" * (1 << 20), end=False), seconds=10)
        await peer.until(lambda: peer.over or peer.streams[1].reset is not None, what="FLOW_CONTROL_ERROR")
        if peer.goaway not in (FLOW_CONTROL, CALM) and peer.streams[1].reset not in (FLOW_CONTROL, CALM):
            raise Failed(f"expected FLOW_CONTROL_ERROR; seen: {peer}")


async def unread_answers(kit, method, payload):
    """Requests of a few bytes, for answers of 400 MB together that no window lets out. Those that the
    server keeps until there is one are right."""
    async with await Peer.open(kit.target, NO_WINDOW) as peer:
        numbers = range(1, 1 + 2 * STREAMS, 2)
        await peer.send(*(headers(number, request(method)) + data(number, message(payload), END_STREAM)
                          for number in numbers))
        await peer.pong()
        # Then the windows open, stream by stream.
        await peer.send(f.window_update(0, f.WINDOW_MAX - 65535))
        for number in numbers:
            await peer.send(f.window_update(number, 1 << 23))
            answer = await peer.answer(number, 10)
            if answer.grpc_status != 0 or len(answer.body) < 4_000_000:
                raise Failed(f"an answer that was kept is incomplete: {answer}")
            answer.body.clear()


async def unread(kit, first, piece):
    """Requests without end, whose answers a peer does not even take from the socket. The server
    ends the connection or reads no further; what the sockets' own buffers hold is not its own."""
    async with await Peer.connect(kit.target, receive_buffer=1 << 16, reads=False) as peer:
        await peer.send(first)
        sent, numbers = 0, itertools.count(1, 2)
        while sent <= UNREAD_BYTES:
            portion = b"".join(itertools.islice(map(piece, numbers), 1000))
            if not await peer.push(portion, seconds=1):
                break
            sent += len(portion)
        else:
            raise Failed(f"the server took {sent >> 20} MiB of requests whose answers nobody reads")
    async with await Peer.open(kit.target) as other:
        await other.lives()


def unread_http1(kit):
    return unread(kit, b"", lambda _: b"GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")


def unread_calls(kit):
    return unread(kit, f.PREFACE + settings() + f.SETTINGS_ACK, call)


async def connections(kit):
    """More connections than the server has descriptors for: it waits for one that is free, without
    burning its core, and serves again."""
    if not kit.command:
        raise Skipped("it needs a server of its own")
    poor = dataclasses.replace(kit, command=["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", *kit.command])
    async with own_server(poor) as server:
        sockets = []
        try:
            for _ in range(2 * DESCRIPTORS):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(server.target)
                sockets.append(one)
            await asyncio.sleep(0.3)
            before = server.cpu_seconds
            await asyncio.sleep(1)
            if (burnt := server.cpu_seconds - before) > 0.3:
                raise Failed(f"without descriptors it burnt {burnt:.2f} s of CPU in a second")
        finally:
            for one in sockets:
                one.close()
        async with await Peer.open(server.target) as other:
            await other.lives()
        if server.ended is not None:
            raise Failed(f"it ended with {server.ended}")


async def http1_body(kit, head, piece):
    """A body of 5 MiB over HTTP/1.1: refused, whether its length comes before it or piece by piece."""
    async with await Peer.connect(kit.target, http1=True) as peer:
        await peer.send(b"POST /grpc.testing.TestService/UnaryCall HTTP/1.1\r\nHost: localhost\r\n"
                        b"Content-Type: application/json\r\n", head, b"\r\n\r\n")
        for _ in range(5):
            if not await peer.push(piece, seconds=10):
                break
        await peer.until(lambda: peer.closed or b"\r\n\r\n" in peer.raw, 10)
        if not peer.raw.startswith((b"HTTP/1.1 413", b"HTTP/1.1 429")):
            raise Failed(f"expected 413 or 429; seen: {bytes(peer.raw[:100])!r}, {peer.closed or 'open'}")


def probes():
    def size(name, run, *arguments):
        return Probe("size", name, lambda kit: run(kit, *arguments), alone=True)

    yield size("headers: a list of 16 KiB of small fields", header_list)
    yield size("headers: one field of 16 KiB", one_big_field)
    yield size("headers: 48 MB out of one HPACK entry, again and again", hpack_bomb)
    yield size("headers: the same in trailers", bomb_in_trailers)
    yield size("streams: the 101st", streams)
    yield size("streams: 1,000 before SETTINGS are acknowledged", streams_before_settings_ack)
    yield size("message: 4 MiB, and a byte more", messages)
    yield size("message: a length of 4 MiB and a byte", lying_length, MESSAGE_BYTES + 1)
    yield size("message: a length of 4 GiB", lying_length, 0xFFFF_FFFF)
    yield size("message: native, 4 MiB and a byte more", native_messages)
    yield size("message: 100 of 4 MiB that never end", half_messages)
    yield size("message: 100 of 300 KB at once", together, "application/grpc", message(of_size(300_000)))
    yield size("message: native, 100 of 300 KB at once", together, "application/x-sarai", native_of_size(300_000))
    yield size("message: empty ones that nobody takes", unread_nothings)
    yield size("message: 5 MiB of JSON over HTTP/1.1", http1_body, b"Content-Length: 5242880", b" " * MIB)
    yield size("message: 5 MiB of JSON over HTTP/1.1 in chunks", http1_body, b"Transfer-Encoding: chunked",
               b"100000\r\n" + b" " * MIB + b"\r\n")
    yield size("connections: more than the server has descriptors", connections)
    yield size("answers: no window for them, requests go on", unread_echoes)
    yield size("answers: no window for them, requests go on past the server's", past_the_window)
    yield size("answers: 100 of 4 MB, no window for them", unread_answers, "UnaryCall", simple_request(4_000_000))
    yield size("answers: 100 of 4 MB on streams, no window for them", unread_answers, "StreamingOutputCall",
               streaming_request(4_000_000))
    yield size("answers: calls without end, nobody reads", unread_calls)
    yield size("answers: HTTP/1.1 requests without end, nobody reads", unread_http1)
