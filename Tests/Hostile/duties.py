"""What RFC 9113 and RFC 7541 demand that a server does, whoever its peer is."""
import functools

import frames as f
from case import BODY, NO_WINDOW, REQUEST, read, with_fields
from frames import ACK, END_STREAM, PREFACE, WINDOW_MAX, data, headers, literal, ping, settings, window_update
from peer import Failed, Peer, call, message, opened, request, streaming_request, unary
from probe import Probe

BARE = None  # instead of SETTINGS: the duty itself sends the preface


async def first_is_settings(peer):
    await peer.send(PREFACE, settings())
    await peer.until(lambda: peer.settings_acks, what="ACK of SETTINGS")
    if peer.kinds[0] != "SettingsFrame":
        raise Failed(f"the first frame is {peer.kinds[0]}")


async def early_request(peer):
    await peer.send(PREFACE, settings(), call(1))
    if (await peer.answer(1)).status is None:
        raise Failed(f"a request right after the preface: {peer}")


async def acknowledges_each_settings(peer):
    await peer.send(settings((f.HEADER_TABLE_SIZE, 100)), settings(), settings((f.ENABLE_PUSH, 0)))
    await peer.until(lambda: peer.settings_acks == 4, what="4 ACKs of SETTINGS")


async def echoes_ping(peer):
    await peer.send(ping(b"\1\2\3\4\5\6\7\x80"))
    await peer.until(lambda: peer.pongs, what="PING ACK")
    if peer.pongs != [b"\1\2\3\4\5\6\7\x80"]:
        raise Failed(f"PING ACK of {peer.pongs}")


async def leaves_ping_ack_alone(peer):
    await peer.send(ping(b"answers!", ACK))
    await peer.pong()
    if b"answers!" in peer.pongs:
        raise Failed("an ACK was acknowledged")


async def lowercase_answer(peer):
    await peer.send(call(1))
    answer = await peer.answer(1)
    names = [*answer.headers, *answer.trailers]
    if names[0] != ":status" or any(name != name.lower() for name in names):
        raise Failed(f"an answer with the fields {names}")


async def within_stream_window(peer):
    await peer.send(unary(1, response_bytes=1000))
    stream = peer.streams[1]
    await peer.until(lambda: stream.headers, what="HEADERS of the answer")
    await peer.pong()
    if stream.body or stream.ended and stream.status == 200:
        raise Failed(f"{len(stream.body)} bytes of DATA in a window of 0")
    await peer.send(window_update(1, 1))
    await peer.until(lambda: stream.body, what="DATA")
    await peer.pong()
    if len(stream.body) != 1:
        raise Failed(f"{len(stream.body)} bytes in a window of 1")
    await peer.send(window_update(1, 100_000))
    await peer.answer(1)
    await peer.lives()


async def window_raised_by_settings(peer):
    await peer.send(unary(1, response_bytes=1000))
    await peer.until(lambda: peer.streams[1].headers, what="HEADERS of the answer")
    await peer.send(settings((f.INITIAL_WINDOW_SIZE, 3)))
    await peer.until(lambda: peer.streams[1].body, what="DATA once the initial window is 3")
    await peer.pong()
    if len(peer.streams[1].body) != 3:
        raise Failed(f"{len(peer.streams[1].body)} bytes in a window of 3")


async def window_below_zero(peer):
    """3 of 3 bytes used, then the initial window shrinks to 1: the window is -2."""
    stream = peer.streams[1]
    await peer.send(unary(1, response_bytes=1000))
    await peer.until(lambda: len(stream.body) == 3, what="3 bytes of DATA")
    await peer.send(settings((f.INITIAL_WINDOW_SIZE, 1)), window_update(1, 2))
    await peer.until(lambda: peer.settings_acks == 2, what="ACK of SETTINGS")
    await peer.pong()
    if len(stream.body) != 3:
        raise Failed(f"{len(stream.body)} bytes, though the window is 0")
    await peer.send(window_update(1, 1))
    await peer.until(lambda: len(stream.body) > 3, what="DATA in a window of 1")
    await peer.pong()
    if len(stream.body) != 4:
        raise Failed(f"{len(stream.body)} bytes instead of 4")


async def within_connection_window(peer):
    await peer.send(headers(1, request("StreamingOutputCall")),
                    data(1, message(streaming_request(50_000, 50_000)), END_STREAM))
    stream = peer.streams[1]
    if not await peer.until(lambda: len(stream.body) >= 65535 or stream.ended):
        raise Failed(f"65535 bytes should come; seen: {peer}")
    await peer.pong()
    if len(stream.body) > 65535:
        raise Failed(f"{len(stream.body)} bytes in the connection's window of 65535")
    await peer.send(window_update(0, 1_000_000))
    await peer.answer(1)


async def without_dynamic_table(peer):
    """The server's encoder must follow a table of size 0."""
    peer.decoder.max_allowed_table_size = 0
    for stream in (1, 3, 5):
        await peer.send(call(stream))
        if (await peer.answer(stream)).status is None:
            raise Failed(f"no answer that decodes without a dynamic table: {peer}")


async def goaway_lets_calls_end(peer):
    await peer.send(opened(1, "EmptyCall"), f.goaway(0))
    await read(peer)
    await peer.send(data(1, message(), END_STREAM))
    if (await peer.answer(1)).status is None:
        raise Failed(f"a call that was open at the client's GOAWAY: {peer}")


async def serves_the_highest_stream(peer):
    await peer.send(call(WINDOW_MAX))
    if (await peer.answer(WINDOW_MAX)).status is None:
        raise Failed(f"no answer: {peer}")
    await peer.pong()


async def early_answer_stops_the_client(peer):
    await peer.send(headers(1, request("NoSuchCall")), data(1, message(b"\0" * 1000)[:500]))
    await peer.until(lambda: peer.streams[1].reset is not None, what="RST_STREAM behind an early answer")
    answer = peer.streams[1]
    if not answer.ended or answer.status is None or answer.reset != f.NO_ERROR:
        raise Failed(f"expected the whole answer, then RST_STREAM NO_ERROR; seen: {peer}")
    await peer.send(data(1, b"\0" * 505, END_STREAM))  # was under way
    await peer.lives()


async def cookies_are_one_field(peer):
    await peer.send(with_fields(("cookie", "a=b"), ("cookie", "c=d")))
    await peer.answer(1)
    await peer.lives()


async def dynamic_table_in_use(peer):
    """A field put into the table by one request is known to the next."""
    await peer.send(headers(1, REQUEST + literal("x-once", "said", 0x40)), BODY)
    await peer.send(headers(3, REQUEST + f.integer(62, 7, 0x80)), data(3, message(), END_STREAM))
    for stream in (1, 3):
        if (await peer.answer(stream)).status is None:
            raise Failed(f"no answer: {peer}")


DUTIES = (
    ("3.4", "the server's first frame is SETTINGS", first_is_settings, BARE),
    ("3.4", "a request may follow the preface at once", early_request, BARE),
    ("6.5.3", "each SETTINGS is acknowledged", acknowledges_each_settings),
    ("6.7", "PING comes back with its own bytes", echoes_ping),
    ("6.7", "PING ACK is not answered", leaves_ping_ack_alone),
    ("8.2.1", "answers have lower-case names, :status first", lowercase_answer),
    ("6.9", "DATA keeps to the stream's window", within_stream_window, NO_WINDOW),
    ("6.9.2", "SETTINGS raises the window of an open stream", window_raised_by_settings, NO_WINDOW),
    ("6.9.2", "a window may be below zero", window_below_zero, ((f.INITIAL_WINDOW_SIZE, 3),)),
    ("6.9", "DATA keeps to the connection's window", within_connection_window,
     ((f.INITIAL_WINDOW_SIZE, WINDOW_MAX),)),
    ("7541 4.2", "answers do without a dynamic table", without_dynamic_table,
     ((f.HEADER_TABLE_SIZE, 0),)),
    ("6.8", "a client's GOAWAY lets open calls end", goaway_lets_calls_end),
    ("8.1", "after an early answer the client is told to stop", early_answer_stops_the_client),
    ("5.1.1", "the highest stream is served", serves_the_highest_stream),
    ("8.2.3", "cookie may come in several fields", cookies_are_one_field),
    ("7541 2.3.2", "the dynamic table lasts from request to request", dynamic_table_in_use),
)


async def duty(kit, check, opening):
    bare = opening is BARE
    async with await (Peer.connect(kit.target) if bare else Peer.open(kit.target, opening)) as peer:
        await check(peer)


def probes():
    for section, name, check, *opening in DUTIES:
        yield Probe("strict", f"{section} {name}",
                    functools.partial(duty, check=check, opening=opening[0] if opening else ()))
