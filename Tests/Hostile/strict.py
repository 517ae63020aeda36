"""What RFC 9113 (HTTP/2) and RFC 7541 (HPACK) demand of a server, each MUST as a case.

A case sends its steps on a connection of its own and says which outcomes the RFC allows. A stream
error may always be dealt with as an error of the connection (RFC 9113, 5.4.2).
"""
import dataclasses
import functools

import frames as f
from frames import (
    ACK, COMPRESSION, END_HEADERS, END_STREAM, FLOW_CONTROL, FRAME_SIZE, PADDED, PREFACE, PRIORITISED,
    PROTOCOL, STREAM_CLOSED, WINDOW_MAX, block, continuation, data, frame, headers, literal,
    ping, priority, rst, settings, window_update)
from peer import (
    Failed, Peer, call, message, opened, request, streaming_request, unary)
from probe import Probe


class Outcome:
    def __init__(self, *codes):
        self.codes = codes


class Ends(Outcome):
    """A connection error of one of these codes."""

    def seen(self, peer, _):
        return peer.over

    async def confirm(self, peer, _):
        await peer.ends(*self.codes)


class Hangs(Outcome):
    """The connection ends, with or without GOAWAY: what came first was no HTTP/2."""

    def seen(self, peer, _):
        return peer.closed is not None

    async def confirm(self, peer, _):
        if peer.goaway not in (None, PROTOCOL):
            raise Failed(f"expected the end, or GOAWAY PROTOCOL_ERROR; seen: {peer}")


class Resets(Outcome):
    """A stream error of one of these codes, and the connection lives on."""

    def seen(self, peer, stream):
        return peer.streams[stream].reset is not None

    async def confirm(self, peer, stream):
        if peer.streams[stream].reset not in self.codes:
            raise Failed(f"expected {' or '.join(f.ERROR_NAMES[code] for code in self.codes)}; seen: {peer}")
        await peer.lives()


class Refuses(Outcome):
    """An answer that refuses the request (8.1.1 allows one before the reset)."""

    def seen(self, peer, stream):
        return 400 <= (peer.streams[stream].status or 0) < 500

    async def confirm(self, peer, _):
        await peer.lives()


class Answers(Outcome):
    """The request is served."""

    def seen(self, peer, stream):
        return peer.streams[stream].ended

    async def confirm(self, peer, stream):
        if peer.streams[stream].status is None:
            raise Failed(f"expected an answer; seen: {peer}")
        await peer.lives()


class Ignores(Outcome):
    """Nothing happens, and the connection lives on."""

    def seen(self, peer, _):
        return True

    async def confirm(self, peer, stream):
        await peer.lives()
        if peer.streams[stream].reset is not None:
            raise Failed(f"expected that nothing happens; seen: {peer}")


@dataclasses.dataclass(frozen=True)
class Case:
    section: str
    name: str
    steps: tuple
    accepts: tuple
    stream: int = 1
    bare: bool = False  # nothing is sent before the steps, no preface either
    settings: tuple = ()

    async def run(self, kit):
        opening = Peer.connect(kit.target) if self.bare else Peer.open(kit.target, self.settings)
        async with await opening as peer:
            for step in self.steps:
                if isinstance(step, bytes):
                    await peer.send(step)
                else:
                    await step(peer)
            match = None

            def seen():
                nonlocal match
                match = next((outcome for outcome in self.accepts if outcome.seen(peer, self.stream)), None)
                return match is not None

            if not await peer.until(seen):
                wanted = " or ".join(
                    type(outcome).__name__ + "".join(" " + f.ERROR_NAMES[code] for code in outcome.codes)
                    for outcome in self.accepts)
                raise Failed(f"expected: {wanted}; seen: {peer}")
            await match.confirm(peer, self.stream)


def connection(*codes):
    return (Ends(*codes),)


def stream_error(*codes):
    return (Resets(*codes), Ends(*codes))


IGNORED, ANSWERED, HANGS_UP = (Ignores(),), (Answers(),), (Hangs(),)
MALFORMED = (Resets(PROTOCOL), Ends(PROTOCOL), Refuses())


# Steps that wait


def answered(stream):
    async def step(peer):
        await peer.answer(stream)
    return step


async def read(peer):
    """The server has read all that was sent."""
    await peer.pong()


# Header blocks

METHOD, SCHEME, PATH, AUTHORITY = (
    (":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
    (":authority", "localhost"))
CONTENT_TYPE, TE = ("content-type", "application/grpc"), ("te", "trailers")
REQUEST = request()
BODY = data(1, message(), END_STREAM)


def fields(*all_fields):
    """A whole request with these fields and one message."""
    return headers(1, block(*all_fields)) + BODY


def with_fields(*more):
    return headers(1, request("EmptyCall", *more)) + BODY


def with_block(more):
    """A request whose header block has these bytes at its end."""
    return headers(1, REQUEST + more) + BODY


def huffman(payload):
    """A field whose value is Huffman-coded, wrongly."""
    return b"\0" + f.text("x") + f.integer(len(payload), 7, 0x80) + payload


CLOSED_BY_ANSWER = (call(1), answered(1))
CLOSED_BY_RESET = (opened(1), rst(1), read)
HALF_CLOSED = (headers(1, request("StreamingOutputCall"))
               + data(1, message(streaming_request(60000, 60000)), END_STREAM))
NO_WINDOW = ((f.INITIAL_WINDOW_SIZE, 0),)


# What the server itself must keep to


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
    ("5.1.1", "the highest stream is served", serves_the_highest_stream),
    ("8.2.3", "cookie may come in several fields", cookies_are_one_field),
    ("7541 2.3.2", "the dynamic table lasts from request to request", dynamic_table_in_use),
)

CASES = (
    # 3.4: the connection preface. 16 letters more keep a server that waits for 24 from waiting.
    Case("3.4", "a wrong preface", (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + settings(),), HANGS_UP, bare=True),
    Case("3.4", "a preface without SETTINGS", (PREFACE + ping(),), connection(PROTOCOL), bare=True),
    Case("3.4", "HEADERS before SETTINGS", (PREFACE + call(1),), connection(PROTOCOL), bare=True),
    Case("3.4", "SETTINGS ACK as the first frame", (PREFACE + f.SETTINGS_ACK,),
         connection(PROTOCOL), bare=True),
    Case("3.4", "a second preface", (PREFACE,), connection(PROTOCOL, FRAME_SIZE)),

    # 4.1: the frame's header.
    Case("4.1", "a frame of an unknown type is ignored", (frame(f.UNKNOWN, 0xFF, 0, b"x" * 100), call(1)), ANSWERED),
    Case("4.1", "a frame of an unknown type on an open stream",
         (opened(1, "EmptyCall") + frame(0xFE, 0, 1, b"x") + BODY,), ANSWERED),
    Case("4.1", "undefined flags are ignored", (ping(b"whatever", 0xFE), call(1)), ANSWERED),
    Case("4.1", "undefined flags of DATA and HEADERS are ignored",
         (headers(1, REQUEST, 0x92 | END_HEADERS) + data(1, message(), 0xF6 & ~PADDED | END_STREAM),), ANSWERED),
    Case("4.1", "undefined flags of SETTINGS are ignored", (frame(f.SETTINGS, 0xFE), call(1)), ANSWERED),
    Case("4.1", "the reserved bit of PING is ignored", (frame(f.PING, 0, 1 << 31, b"reserved"), call(1)), ANSWERED),
    Case("4.1", "the reserved bit of HEADERS and DATA is ignored",
         (headers(1 << 31 | 1, REQUEST) + data(1 << 31 | 1, message(), END_STREAM),), ANSWERED),

    # 4.2: the size of frames.
    Case("4.2", "DATA of 16384 bytes", (opened(1) + data(1, message(b"\0" * 20000)[:16384]),), IGNORED),
    Case("4.2", "DATA over the largest frame", (opened(1) + data(1, b"\0" * (1 << 20)),), stream_error(FRAME_SIZE)),
    Case("4.2", "HEADERS over the largest frame", (headers(1, REQUEST + literal("x", "y" * (1 << 20))),),
         connection(FRAME_SIZE)),
    Case("4.2", "SETTINGS over the largest frame", (settings(*[(f.UNKNOWN, 0)] * 170_000),), connection(FRAME_SIZE)),
    Case("4.2", "an unknown frame over the largest", (frame(f.UNKNOWN, 0, 0, b"x" * (1 << 20)),),
         connection(FRAME_SIZE)),
    Case("4.2", "PING over the largest frame", (frame(f.PING, 0, 0, b"x" * (1 << 20)),), connection(FRAME_SIZE)),

    # 4.3: header blocks.
    Case("4.3", "a block that does not decode", (headers(1, b"\x80"),), connection(COMPRESSION)),
    Case("4.3", "a block that does not decode in trailers",
         (opened(1) + headers(1, b"\x80", END_HEADERS | END_STREAM),), connection(COMPRESSION)),
    Case("4.3", "a block that does not decode on a closed stream", (*CLOSED_BY_ANSWER, headers(1, b"\x80")),
         connection(COMPRESSION, STREAM_CLOSED, PROTOCOL)),
    Case("4.3", "a block ended by the next frame's HEADERS", (headers(1, REQUEST, 0) + headers(3, REQUEST),),
         connection(PROTOCOL)),
    Case("4.3", "PING inside of a header block", (headers(1, REQUEST, 0) + ping(),), connection(PROTOCOL)),
    Case("4.3", "SETTINGS inside of a header block", (headers(1, REQUEST, 0) + settings(),), connection(PROTOCOL)),
    Case("4.3", "WINDOW_UPDATE inside of a header block", (headers(1, REQUEST, 0) + window_update(0, 1),),
         connection(PROTOCOL)),
    Case("4.3", "PRIORITY inside of a header block", (headers(1, REQUEST, 0) + priority(1),), connection(PROTOCOL)),
    Case("4.3", "RST_STREAM inside of a header block", (headers(1, REQUEST, 0) + rst(1),), connection(PROTOCOL)),
    Case("4.3", "DATA inside of a header block", (headers(1, REQUEST, 0) + data(1, message()),), connection(PROTOCOL)),
    Case("5.5", "an unknown frame inside of a header block", (headers(1, REQUEST, 0) + frame(f.UNKNOWN),),
         connection(PROTOCOL)),

    # 5.1: the states of a stream.
    Case("5.1", "DATA on an idle stream", (data(1, message()),), connection(PROTOCOL)),
    Case("5.1", "DATA on an idle stream above one in use", (*CLOSED_BY_ANSWER, data(3, message())),
         connection(PROTOCOL)),
    Case("5.1", "RST_STREAM on an idle stream", (rst(1),), connection(PROTOCOL)),
    Case("5.1", "WINDOW_UPDATE on an idle stream", (window_update(1, 100),), connection(PROTOCOL)),
    Case("5.1", "CONTINUATION on an idle stream", (continuation(1, REQUEST, END_HEADERS),), connection(PROTOCOL)),
    Case("5.1", "PRIORITY on an idle stream is no error", (priority(9), call(11)), ANSWERED, stream=11),
    Case("5.1", "DATA on a half-closed stream", (HALF_CLOSED + data(1, message()),),
         stream_error(STREAM_CLOSED), settings=NO_WINDOW),
    Case("5.1", "HEADERS on a half-closed stream", (HALF_CLOSED + headers(1, REQUEST, END_HEADERS | END_STREAM),),
         stream_error(STREAM_CLOSED), settings=NO_WINDOW),
    Case("5.1", "CONTINUATION on a half-closed stream", (HALF_CLOSED + continuation(1, REQUEST, END_HEADERS),),
         connection(PROTOCOL, STREAM_CLOSED), settings=NO_WINDOW),
    Case("5.1", "WINDOW_UPDATE on a half-closed stream", (HALF_CLOSED + window_update(1, 1),), IGNORED,
         settings=NO_WINDOW),
    Case("5.1", "PRIORITY on a half-closed stream", (HALF_CLOSED + priority(1),), IGNORED, settings=NO_WINDOW),
    Case("5.1", "RST_STREAM on a half-closed stream", (HALF_CLOSED + rst(1),), IGNORED, settings=NO_WINDOW),
    Case("5.1", "DATA on a stream closed by both", (*CLOSED_BY_ANSWER, data(1, message())),
         stream_error(STREAM_CLOSED)),
    Case("5.1", "HEADERS on a stream closed by both",
         (*CLOSED_BY_ANSWER, headers(1, REQUEST, END_HEADERS | END_STREAM)),
         stream_error(STREAM_CLOSED) + connection(PROTOCOL)),
    Case("5.1", "CONTINUATION on a stream closed by both",
         (*CLOSED_BY_ANSWER, continuation(1, REQUEST, END_HEADERS)), connection(PROTOCOL, STREAM_CLOSED)),
    Case("5.1", "WINDOW_UPDATE on a stream closed by both", (*CLOSED_BY_ANSWER, window_update(1, 1)), IGNORED),
    Case("5.1", "RST_STREAM on a stream closed by both", (*CLOSED_BY_ANSWER, rst(1)), IGNORED),
    Case("5.1", "PRIORITY on a stream closed by both", (*CLOSED_BY_ANSWER, priority(1)), IGNORED),
    Case("5.1", "DATA after the client's RST_STREAM", (*CLOSED_BY_RESET, data(1, message())),
         stream_error(STREAM_CLOSED)),
    Case("5.1", "HEADERS after the client's RST_STREAM", (*CLOSED_BY_RESET, headers(1, REQUEST)),
         stream_error(STREAM_CLOSED) + connection(PROTOCOL)),
    Case("5.1", "CONTINUATION after the client's RST_STREAM",
         (*CLOSED_BY_RESET, continuation(1, REQUEST, END_HEADERS)), connection(PROTOCOL, STREAM_CLOSED)),
    Case("5.1", "DATA after the server's RST_STREAM is no error of the connection",
         (headers(1, block(("UPPER", "case"))), answered(1), data(1, b"late"), call(3)), ANSWERED, stream=3),

    # 5.1.1: stream identifiers.
    Case("5.1.1", "an even stream", (headers(2, REQUEST),), connection(PROTOCOL)),
    Case("5.1.1", "a stream below an earlier one", (call(5), answered(5), headers(3, REQUEST)), connection(PROTOCOL)),
    Case("5.1.1", "a stream below one that is open", (opened(5) + headers(3, REQUEST),), connection(PROTOCOL)),
    Case("5.1.1", "streams may be skipped", (call(1) + call(99),), ANSWERED, stream=99),

    # 5.3.1 of RFC 7540, which the public suite still holds servers to: dependencies.
    Case("7540 5.3.1", "HEADERS that depend on themselves",
         (headers(1, (1).to_bytes(4) + b"\x0f" + REQUEST, END_HEADERS | PRIORITISED),), stream_error(PROTOCOL)),
    Case("7540 5.3.1", "PRIORITY of an open stream on itself", (opened(1) + priority(1, 1),), stream_error(PROTOCOL)),
    Case("7540 5.3.1", "PRIORITY of an idle stream on itself", (priority(1, 1),), stream_error(PROTOCOL)),

    # 6.1: DATA.
    Case("6.1", "DATA on stream 0", (data(0, b"x"),), connection(PROTOCOL)),
    Case("6.1", "padded DATA", (opened(1, "EmptyCall") + data(1, b"\x05" + message() + b"\0" * 5, END_STREAM | PADDED),),
         ANSWERED),
    Case("6.1", "padding as long as the frame", (opened(1) + data(1, b"\x06" + message(), PADDED),),
         connection(PROTOCOL)),
    Case("6.1", "padding longer than the frame", (opened(1) + data(1, b"\xff" + message(), PADDED),),
         connection(PROTOCOL)),
    Case("6.1", "padded DATA without a length", (opened(1) + data(1, b"", PADDED),),
         connection(PROTOCOL, FRAME_SIZE)),

    # 6.2: HEADERS.
    Case("6.2", "HEADERS on stream 0", (headers(0, REQUEST),), connection(PROTOCOL)),
    Case("6.2", "padded HEADERS", (headers(1, b"\x03" + REQUEST + b"\0" * 3, END_HEADERS | PADDED) + BODY,), ANSWERED),
    Case("6.2", "HEADERS with priority and padding",
         (headers(1, b"\x03" + b"\0\0\0\0\x0f" + REQUEST + b"\0" * 3, END_HEADERS | PADDED | PRIORITISED) + BODY,),
         ANSWERED),
    Case("6.2", "padding longer than HEADERS", (headers(1, b"\xff" + REQUEST[:100], END_HEADERS | PADDED),),
         connection(PROTOCOL)),
    Case("6.2", "padded HEADERS without a length", (headers(1, b"", END_HEADERS | PADDED),),
         connection(PROTOCOL, FRAME_SIZE)),
    Case("6.2", "HEADERS with half a priority", (headers(1, b"\0\0\0", END_HEADERS | PRIORITISED),),
         connection(PROTOCOL, FRAME_SIZE)),

    # 6.3: PRIORITY.
    Case("6.3", "PRIORITY on stream 0", (priority(0),), connection(PROTOCOL)),
    Case("6.3", "PRIORITY of 4 bytes", (frame(f.PRIORITY, 0, 1, b"\0" * 4),), stream_error(FRAME_SIZE)),
    Case("6.3", "PRIORITY of 6 bytes", (opened(1) + frame(f.PRIORITY, 0, 1, b"\0" * 6),), stream_error(FRAME_SIZE)),

    # 6.4: RST_STREAM.
    Case("6.4", "RST_STREAM on stream 0", (rst(0),), connection(PROTOCOL)),
    Case("6.4", "RST_STREAM of 3 bytes", (opened(1) + frame(f.RST_STREAM, 0, 1, b"\0" * 3),), connection(FRAME_SIZE)),
    Case("6.4", "RST_STREAM of 5 bytes", (opened(1) + frame(f.RST_STREAM, 0, 1, b"\0" * 5),), connection(FRAME_SIZE)),
    Case("7", "RST_STREAM with an unknown code", (opened(1) + rst(1, 0xFFFF_FFFF),), IGNORED),

    # 6.5: SETTINGS.
    Case("6.5", "SETTINGS on a stream", (frame(f.SETTINGS, 0, 1),), connection(PROTOCOL)),
    Case("6.5", "SETTINGS ACK with a payload", (frame(f.SETTINGS, ACK, 0, b"\0" * 6),), connection(FRAME_SIZE)),
    Case("6.5", "SETTINGS of 5 bytes", (frame(f.SETTINGS, 0, 0, b"\0" * 5),), connection(FRAME_SIZE)),
    Case("6.5", "SETTINGS of 7 bytes", (frame(f.SETTINGS, 0, 0, b"\0" * 7),), connection(FRAME_SIZE)),
    Case("6.5.2", "ENABLE_PUSH of 2", (settings((f.ENABLE_PUSH, 2)),), connection(PROTOCOL)),
    Case("6.5.2", "ENABLE_PUSH of 2^32-1", (settings((f.ENABLE_PUSH, 0xFFFF_FFFF)),), connection(PROTOCOL)),
    Case("6.5.2", "INITIAL_WINDOW_SIZE of 2^31", (settings((f.INITIAL_WINDOW_SIZE, 1 << 31)),),
         connection(FLOW_CONTROL)),
    Case("6.5.2", "MAX_FRAME_SIZE of 16383", (settings((f.MAX_FRAME_SIZE, 16383)),), connection(PROTOCOL)),
    Case("6.5.2", "MAX_FRAME_SIZE of 0", (settings((f.MAX_FRAME_SIZE, 0)),), connection(PROTOCOL)),
    Case("6.5.2", "MAX_FRAME_SIZE of 2^24", (settings((f.MAX_FRAME_SIZE, 1 << 24)),), connection(PROTOCOL)),
    Case("6.5.2", "MAX_FRAME_SIZE of 2^24-1", (settings((f.MAX_FRAME_SIZE, (1 << 24) - 1)),), IGNORED),
    Case("6.5.2", "an unknown setting is ignored", (settings((0x7777, 1), (0xFFFF, 0xFFFF_FFFF)), call(1)), ANSWERED),
    Case("6.5.3", "of two values the last holds",
         (settings((f.INITIAL_WINDOW_SIZE, 0), (f.INITIAL_WINDOW_SIZE, 65535)) + unary(1, 100),), ANSWERED),
    Case("9218 2.1", "NO_RFC7540_PRIORITIES of 2", (settings((f.NO_RFC7540_PRIORITIES, 2)),), connection(PROTOCOL)),

    # 6.6: PUSH_PROMISE.
    Case("8.4", "PUSH_PROMISE from a client",
         (opened(1) + frame(f.PUSH_PROMISE, END_HEADERS, 1, (2).to_bytes(4) + REQUEST),), connection(PROTOCOL)),
    Case("6.6", "PUSH_PROMISE on stream 0",
         (frame(f.PUSH_PROMISE, END_HEADERS, 0, (2).to_bytes(4) + REQUEST),), connection(PROTOCOL)),

    # 6.7: PING.
    Case("6.7", "PING on a stream", (frame(f.PING, 0, 1, b"\0" * 8),), connection(PROTOCOL)),
    Case("6.7", "PING of 7 bytes", (frame(f.PING, 0, 0, b"\0" * 7),), connection(FRAME_SIZE)),
    Case("6.7", "PING of 9 bytes", (frame(f.PING, 0, 0, b"\0" * 9),), connection(FRAME_SIZE)),
    Case("6.7", "an empty PING", (frame(f.PING),), connection(FRAME_SIZE)),

    # 6.8: GOAWAY.
    Case("6.8", "GOAWAY on a stream", (frame(f.GOAWAY, 0, 1, b"\0" * 8),), connection(PROTOCOL)),
    Case("6.8", "GOAWAY of 7 bytes", (frame(f.GOAWAY, 0, 0, b"\0" * 7),), connection(FRAME_SIZE)),

    # 6.9: WINDOW_UPDATE and flow control.
    Case("6.9", "WINDOW_UPDATE of 0 on the connection", (window_update(0, 0),), connection(PROTOCOL)),
    Case("6.9", "WINDOW_UPDATE of 0 on a stream", (opened(1) + window_update(1, 0),), stream_error(PROTOCOL)),
    Case("6.9", "WINDOW_UPDATE of 0 with the reserved bit", (opened(1) + window_update(1, 1 << 31),),
         stream_error(PROTOCOL)),
    Case("6.9", "WINDOW_UPDATE of 3 bytes", (frame(f.WINDOW_UPDATE, 0, 0, b"\0\0\1"),), connection(FRAME_SIZE)),
    Case("6.9", "WINDOW_UPDATE of 5 bytes", (frame(f.WINDOW_UPDATE, 0, 0, b"\0\0\0\1\0"),), connection(FRAME_SIZE)),
    Case("6.9.1", "the connection's window overflows", (window_update(0, WINDOW_MAX),), connection(FLOW_CONTROL)),
    Case("6.9.1", "a stream's window overflows", (opened(1) + window_update(1, WINDOW_MAX),),
         stream_error(FLOW_CONTROL)),
    Case("6.9.2", "SETTINGS overflow a stream's window",
         (opened(1) + window_update(1, WINDOW_MAX - 65535) + settings((f.INITIAL_WINDOW_SIZE, 65536)),),
         connection(FLOW_CONTROL)),

    # 6.10: CONTINUATION.
    Case("6.10", "a block in four frames",
         (headers(1, REQUEST[:20], 0) + continuation(1, REQUEST[20:21]) + continuation(1, REQUEST[21:60])
          + continuation(1, REQUEST[60:], END_HEADERS) + BODY,), ANSWERED),
    Case("6.10", "an empty last CONTINUATION",
         (headers(1, REQUEST, 0) + continuation(1, b"", END_HEADERS) + BODY,), ANSWERED),
    Case("6.10", "CONTINUATION after a whole block", (opened(1) + continuation(1, literal("x", "y"), END_HEADERS),),
         connection(PROTOCOL)),
    Case("6.10", "CONTINUATION after DATA", (opened(1) + data(1, message()[:2]) + continuation(1, b"", END_HEADERS),),
         connection(PROTOCOL)),
    Case("6.10", "CONTINUATION of another stream",
         (headers(1, REQUEST, 0) + continuation(3, b"", END_HEADERS),), connection(PROTOCOL)),
    Case("6.10", "CONTINUATION on stream 0", (headers(1, REQUEST, 0) + continuation(0, b"", END_HEADERS),),
         connection(PROTOCOL)),
    Case("6.10", "CONTINUATION after the last", (headers(1, REQUEST, 0) + continuation(1, b"", END_HEADERS)
                                                 + continuation(1, b"", END_HEADERS),), connection(PROTOCOL)),

    # 8.1: messages.
    Case("8.1", "trailers that do not end the stream",
         (opened(1, "EmptyCall") + data(1, message()) + headers(1, literal("x-trailer", "1")),), MALFORMED),
    Case("8.1", "trailers end the stream",
         (opened(1, "EmptyCall") + data(1, message())
          + headers(1, literal("x-trailer", "1"), END_HEADERS | END_STREAM),), ANSWERED),
    Case("8.1", "DATA after trailers",
         (opened(1) + headers(1, literal("x", "1"), END_HEADERS | END_STREAM) + data(1, message()),),
         stream_error(STREAM_CLOSED)),
    Case("8.1.1", "content-length above the body", (with_fields(("content-length", "6")),), MALFORMED),
    Case("8.1.1", "content-length below the body", (with_fields(("content-length", "4")),), MALFORMED),
    Case("8.1.1", "content-length of 0 before DATA", (with_fields(("content-length", "0")),), MALFORMED),
    Case("8.1.1", "content-length that DATA frames together exceed",
         (headers(1, request("EmptyCall", ("content-length", "5"))) + data(1, message()[:3]) + data(1, message()[:3]),),
         MALFORMED),
    Case("8.1.1", "content-length and no body",
         (headers(1, request("EmptyCall", ("content-length", "5")), END_HEADERS | END_STREAM),), MALFORMED),
    Case("8.1.1", "two content-lengths", (with_fields(("content-length", "5"), ("content-length", "6")),), MALFORMED),
    Case("8.1.1", "content-length that is no number", (with_fields(("content-length", "five")),), MALFORMED),
    Case("8.1.1", "content-length with a sign", (with_fields(("content-length", "+5")),), MALFORMED),
    Case("8.1.1", "content-length below zero", (with_fields(("content-length", "-5")),), MALFORMED),
    Case("8.1.1", "content-length over 64 bits", (with_fields(("content-length", "9" * 30)),), MALFORMED),

    # 8.2: fields.
    Case("8.2.1", "an upper-case name", (with_fields(("X-Upper", "1")),), MALFORMED),
    Case("8.2.1", "an upper-case name in trailers",
         (opened(1) + headers(1, literal("X", "1"), END_HEADERS | END_STREAM),), MALFORMED),
    Case("8.2.1", "a name with a space", (with_fields(("x y", "1")),), MALFORMED),
    Case("8.2.1", "a name with a colon inside", (with_fields(("x:y", "1")),), MALFORMED),
    Case("8.2.1", "a name with a control character", (with_fields(("x\x01", "1")),), MALFORMED),
    Case("8.2.1", "a name with DEL", (with_fields(("x\x7f", "1")),), MALFORMED),
    Case("8.2.1", "a name beyond ASCII", (with_fields((b"x\xe9", "1")),), MALFORMED),
    Case("8.2.1", "an empty name", (with_fields(("", "1")),), MALFORMED),
    Case("8.2.1", "a value with NUL", (with_fields(("x", "a\0b")),), MALFORMED),
    Case("8.2.1", "a value with CR", (with_fields(("x", "a\rb")),), MALFORMED),
    Case("8.2.1", "a value with LF", (with_fields(("x", "a\nb: c")),), MALFORMED),
    Case("8.2.1", "a value that begins with a space", (with_fields(("x", " a")),), MALFORMED),
    Case("8.2.1", "a value that ends with a tab", (with_fields(("x", "a\t")),), MALFORMED),
    Case("8.2.2", "connection", (with_fields(("connection", "keep-alive")),), MALFORMED),
    Case("8.2.2", "keep-alive", (with_fields(("keep-alive", "timeout=5")),), MALFORMED),
    Case("8.2.2", "proxy-connection", (with_fields(("proxy-connection", "keep-alive")),), MALFORMED),
    Case("8.2.2", "transfer-encoding", (with_fields(("transfer-encoding", "chunked")),), MALFORMED),
    Case("8.2.2", "upgrade", (with_fields(("upgrade", "h2c")),), MALFORMED),
    Case("8.2.2", "te other than trailers",
         (fields(METHOD, SCHEME, PATH, AUTHORITY, CONTENT_TYPE, ("te", "trailers, deflate")),), MALFORMED),

    # 8.3: pseudo-header fields.
    Case("8.3", "an unknown pseudo-header", (fields((":unknown", "1"), METHOD, SCHEME, PATH, AUTHORITY),), MALFORMED),
    Case("8.3", ":status in a request", (fields((":status", "200"), METHOD, SCHEME, PATH, AUTHORITY),), MALFORMED),
    Case("8.3", "a pseudo-header after a regular field", (fields(METHOD, SCHEME, CONTENT_TYPE, PATH, AUTHORITY),),
         MALFORMED),
    Case("8.3", "a pseudo-header in trailers",
         (opened(1) + headers(1, block(METHOD), END_HEADERS | END_STREAM),), MALFORMED),
    Case("8.3.1", "no :method", (fields(SCHEME, PATH, AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.3.1", "no :scheme", (fields(METHOD, PATH, AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.3.1", "no :path", (fields(METHOD, SCHEME, AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.3.1", "an empty block", (headers(1, b"") + BODY,), MALFORMED),
    Case("8.3.1", "an empty :path", (fields(METHOD, SCHEME, (":path", ""), AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.3.1", ":path without a slash", (fields(METHOD, SCHEME, (":path", "a/b"), AUTHORITY, CONTENT_TYPE, TE),),
         MALFORMED),
    Case("8.3.1", "two :method", (fields(METHOD, METHOD, SCHEME, PATH, AUTHORITY),), MALFORMED),
    Case("8.3.1", "two :scheme", (fields(METHOD, SCHEME, SCHEME, PATH, AUTHORITY),), MALFORMED),
    Case("8.3.1", "two :path", (fields(METHOD, SCHEME, PATH, PATH, AUTHORITY),), MALFORMED),
    Case("8.3.1", "two :authority", (fields(METHOD, SCHEME, PATH, AUTHORITY, AUTHORITY),), MALFORMED),
    Case("8.3.1", "an empty :method", (fields((":method", ""), SCHEME, PATH, AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.3.1", ":method with a space",
         (fields((":method", "POST /x"), SCHEME, PATH, AUTHORITY, CONTENT_TYPE, TE),), MALFORMED),
    Case("8.5", "CONNECT with :path", (fields((":method", "CONNECT"), SCHEME, PATH, AUTHORITY),), MALFORMED),
    Case("8441 4", ":protocol that was not offered",
         (fields((":method", "CONNECT"), (":protocol", "websocket"), SCHEME, PATH, AUTHORITY),), MALFORMED),

    # RFC 7541: HPACK.
    Case("7541 2.3.3", "index beyond both tables", (with_block(f.integer(200, 7, 0x80)),), connection(COMPRESSION)),
    Case("7541 2.3.3", "a name's index beyond both tables", (with_block(f.integer(200, 4) + f.text("x")),),
         connection(COMPRESSION)),
    Case("7541 6.1", "index 0", (with_block(b"\x80"),), connection(COMPRESSION)),
    Case("7541 5.1", "an integer over 64 bits", (with_block(b"\xff" * 12 + b"\x0f"),), connection(COMPRESSION)),
    Case("7541 5.1", "an integer cut off", (with_block(b"\xff\x80"),), connection(COMPRESSION)),
    Case("7541 5.2", "a string longer than the block", (with_block(b"\0\x01x\x7f\x00y"),), connection(COMPRESSION)),
    Case("7541 5.2", "a field without its value", (with_block(b"\0\x01x"),), connection(COMPRESSION)),
    Case("7541 5.2", "Huffman code, rightly padded", (with_block(huffman(b"\x1f")),), ANSWERED),
    Case("7541 5.2", "Huffman padding of 8 bits and more", (with_block(huffman(b"\x1f\xff")),),
         connection(COMPRESSION)),
    Case("7541 5.2", "Huffman padding of zeros", (with_block(huffman(b"\x18")),), connection(COMPRESSION)),
    Case("7541 5.2", "Huffman code with EOS", (with_block(huffman(b"\xff\xff\xff\xff")),), connection(COMPRESSION)),
    Case("7541 6.3", "a table over the setting", (headers(1, f.integer(1 << 20, 5, 0x20) + REQUEST) + BODY,),
         connection(COMPRESSION)),
    Case("7541 4.2", "a new table size after a field", (with_block(f.integer(0, 5, 0x20)),),
         connection(COMPRESSION)),
    Case("7541 4.2", "a new table size before the fields", (headers(1, f.integer(0, 5, 0x20) + REQUEST) + BODY,),
         ANSWERED),
)


async def duty(kit, check, opening):
    bare = opening is BARE
    async with await (Peer.connect(kit.target) if bare else Peer.open(kit.target, opening)) as peer:
        await check(peer)


def probes():
    for section, name, check, *opening in DUTIES:
        yield Probe("strict", f"{section} {name}",
                    functools.partial(duty, check=check, opening=opening[0] if opening else ()))
    for case in CASES:
        yield Probe("strict", f"{case.section} {case.name}", case.run)
