"""HTTP/2 frames as bytes, right ones and wrong ones (RFC 9113, section 6).

hyperframe reads what the server sends; what the probes send is put together here, since a library
for well-behaved programs refuses to write most of it.
"""

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = 0, 1, 2, 3, 4
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 5, 6, 7, 8, 9
UNKNOWN = 0x42

END_STREAM = ACK = 0x1
END_HEADERS, PADDED, PRIORITISED = 0x4, 0x8, 0x20

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS = 1, 2, 3
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 4, 5, 6
NO_RFC7540_PRIORITIES = 9

NO_ERROR, PROTOCOL, INTERNAL, FLOW_CONTROL, SETTINGS_TIMEOUT = 0, 1, 2, 3, 4
STREAM_CLOSED, FRAME_SIZE, REFUSED_STREAM, CANCEL, COMPRESSION = 5, 6, 7, 8, 9
CONNECT, CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED = 10, 11, 12, 13

ERROR_NAMES = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
    "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
    "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED")

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW_MAX = (1 << 31) - 1


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """Any frame at all; `length` lies about the payload's."""
    length = len(payload) if length is None else length
    return length.to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


def data(stream, payload=b"", flags=0):
    return frame(DATA, flags, stream, payload)


def headers(stream, block, flags=END_HEADERS):
    return frame(HEADERS, flags, stream, block)


def continuation(stream, block, flags=0):
    return frame(CONTINUATION, flags, stream, block)


def rst(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, code.to_bytes(4))


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(key.to_bytes(2) + value.to_bytes(4) for key, value in pairs))


SETTINGS_ACK = frame(SETTINGS, ACK)


def ping(payload=b"\0" * 8, flags=0):
    return frame(PING, flags, 0, payload)


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, increment.to_bytes(4))


def priority(stream, depends_on=0, weight=15):
    return frame(PRIORITY, 0, stream, depends_on.to_bytes(4) + bytes((weight,)))


def goaway(last_stream=0, code=NO_ERROR):
    return frame(GOAWAY, 0, 0, last_stream.to_bytes(4) + code.to_bytes(4))


# HPACK (RFC 7541), without Huffman codes and without the dynamic table unless a probe asks for
# them, so that a block means the same on every connection.


def integer(value, prefix_bits, first=0):
    """An integer (5.1) below the bits `first` of its first byte."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes((first | value,))
    out, value = bytearray((first | limit,)), value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value):
    """A string literal (5.2)."""
    value = value.encode() if isinstance(value, str) else value
    return integer(len(value), 7) + value


def literal(name, value, first=0x00):
    """A field without indexing (6.2.2); `first` 0x40 puts it into the dynamic table (6.2.1)."""
    return bytes((first,)) + text(name) + text(value)


def block(*fields):
    return b"".join(literal(name, value) for name, value in fields)
