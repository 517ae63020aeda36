"""What RFC 9113 (HTTP/2) demands of a server for frames and streams: sections 3 to 7, a MUST a case."""
import frames as f
from case import (
    ANSWERED, BODY, CLOSED_BY_ANSWER, CLOSED_BY_RESET, HALF_CLOSED, HANGS_UP, IGNORED, NO_WINDOW, REQUEST,
    Case, answered, connection, probes_of, stream_error)
from frames import (
    ACK, COMPRESSION, END_HEADERS, END_STREAM, FLOW_CONTROL, FRAME_SIZE, PADDED, PREFACE, PRIORITISED,
    PROTOCOL, STREAM_CLOSED, WINDOW_MAX, block, continuation, data, frame, headers, literal, ping,
    priority, rst, settings, window_update)
from peer import call, message, opened, unary

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
)


def probes():
    return probes_of(CASES)
