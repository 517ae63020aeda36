"""What RFC 9113 (HTTP/2) demands for messages, section 8, and RFC 7541 (HPACK) for header blocks."""
import frames as f
from case import (
    ANSWERED, AUTHORITY, BODY, CONTENT_TYPE, MALFORMED, METHOD, PATH, REQUEST, SCHEME, TE, Case,
    connection, fields, huffman, probes_of, stream_error, with_block, with_fields)
from frames import COMPRESSION, END_HEADERS, END_STREAM, STREAM_CLOSED, block, data, headers, literal
from peer import message, opened, request

CASES = (
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


def probes():
    return probes_of(CASES)
