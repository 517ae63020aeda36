"""What travels inside of DATA: gRPC's and native's framing, compressed messages, JSON.

A wrong request is one call's failure: its status says why, and the connection lives on.
"""
import dataclasses
import functools
import gzip
import itertools
import zlib

import frames as f
from frames import block, headers
from peer import SERVICE, Failed, Peer, message, simple_request
from probe import Probe

OK, UNKNOWN, INVALID, DEADLINE, EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 2, 3, 4, 8, 12, 13
BROKEN = {INVALID, INTERNAL}  # bytes that mean nothing: gRPC says the second, we rather the first
GRPC, NATIVE, NATIVE_STREAM, JSON = (
    "application/grpc", "application/x-sarai", "application/x-sarai-stream", "application/json")


@dataclasses.dataclass(frozen=True)
class Call:
    """A request, and the statuses that may answer it: gRPC codes, HTTP statuses from 100 on."""

    name: str
    body: bytes
    statuses: set
    method: str = "UnaryCall"
    content_type: str | None = GRPC
    more: tuple = ()
    path: str | None = None
    verb: str = "POST"
    named: tuple = ()  # fields that the answer must have

    def block(self):
        pseudo = ((":method", self.verb), (":scheme", "http"), (":path", self.path or SERVICE + self.method),
                  (":authority", "localhost"))
        kind = (("content-type", self.content_type),) if self.content_type is not None else ()
        return block(*pseudo, *kind, ("te", "trailers"), *self.more)

    def seen(self, answer):
        """All statuses that the answer bears."""
        found = {answer.status}
        if answer.status != 200:
            return found
        kind = self.content_type or ""
        if kind.startswith(GRPC):
            return found - {200} | {answer.grpc_status}
        if kind == NATIVE:
            return found - {200} | {int(answer.headers.get("sarai-status", 0))}
        if kind == NATIVE_STREAM:
            return found - {200} | {native_stream_status(answer)}
        return found

    async def run(self, kit):
        async with await Peer.open(kit.target, ((f.INITIAL_WINDOW_SIZE, 1 << 24),)) as peer:
            await peer.send(headers(1, self.block()))
            await peer.paced(1, self.body)
            answer = await peer.answer(1, 10)
            if answer.reset == f.NO_ERROR and answer.headers:  # answered early: no need of the rest
                answer.reset = None
            wanted = " or ".join(map(str, sorted(self.statuses)))
            if answer.reset is not None or not self.seen(answer) & self.statuses:
                raise Failed(f"expected status {wanted}; seen: {answer} {answer.trailers}")
            present = {**answer.headers, **answer.trailers}
            if missing := [name for name in self.named if name not in present]:
                raise Failed(f"the answer lacks {missing}: {present}")
            await peer.lives()


def native_stream_status(answer):
    """The code in the end envelope's CallEnd; None without end envelope."""
    body = bytes(answer.body)
    while len(body) >= 5:
        flags, length = body[0], int.from_bytes(body[1:5])
        payload, body = body[5:5 + length], body[5 + length:]
        if flags & 2:
            # CallEnd: presence, whose bit 0 is the status; its length, below 16384; its own presence,
            # whose bit 0 is the code; the code as a zigzag varint, which below 64 fits into its byte.
            if not payload[0] & 1:
                return 0
            status = payload[2 + (payload[1] >> 7):]
            return status[1] >> 1 if status[0] & 1 else 0
    return None


@functools.cache
def gzip_bomb():
    """1 GiB of zeros in 1 MiB: the deflated piece of 1 MiB, made once, repeats."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = b"\0" * (1 << 20)
    squeezed.compress(zeros)
    squeezed.flush(zlib.Z_FULL_FLUSH)
    piece = squeezed.compress(zeros) + squeezed.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + piece * 1024 + b"\x03\0" + b"\0" * 8


def zipped(payload):
    return message(gzip.compress(payload), 1)


GZIP = (("grpc-encoding", "gzip"),)
SMALL = simple_request(10)


def grpc_calls():
    call = Call
    yield call("a length cut off", b"\0\0\0", BROKEN)
    yield call("a message cut off", message(b"\0" * 10)[:9], BROKEN)
    yield call("a second message cut off", message(SMALL) + b"\0\0", BROKEN | {UNIMPLEMENTED})
    yield call("a compressed message without grpc-encoding", message(SMALL, 1), {INTERNAL, INVALID})
    yield call("a flag of 2", message(SMALL, 2), BROKEN)
    yield call("a flag of 255", message(SMALL, 255), BROKEN)
    yield call("an unknown compression", message(b"sNaPpY", 1), {UNIMPLEMENTED}, more=(("grpc-encoding", "snappy"),),
               named=("grpc-accept-encoding",))
    yield call("1 GiB of zeros in 1 MiB of gzip", message(gzip_bomb(), 1), {EXHAUSTED}, more=GZIP)
    yield call("gzip that is none", message(b"\x1f\x8b garbage", 1), BROKEN, more=GZIP)
    yield call("gzip cut off", message(gzip.compress(SMALL)[:-6], 1), BROKEN, more=GZIP)
    yield call("gzip with a wrong checksum", message(gzip.compress(SMALL)[:-8] + b"\0" * 8, 1), BROKEN, more=GZIP)
    yield call("gzip with garbage behind", message(gzip.compress(SMALL) + b"garbage", 1), BROKEN, more=GZIP)
    yield call("gzip as announced", zipped(SMALL), {OK}, more=GZIP)
    yield call("an uncompressed message where gzip was announced", message(SMALL), {OK}, more=GZIP)
    yield call("two messages of a unary call", message(SMALL) * 2, {INVALID, UNIMPLEMENTED, INTERNAL})
    yield call("no message of a unary call", b"", {INVALID, UNIMPLEMENTED, INTERNAL})
    yield call("protobuf that is none", message(b"\xff" * 20), BROKEN)
    yield call("protobuf with a length past its end", message(b"\x1a\x7f\x12"), BROKEN)
    yield call("protobuf groups 5,000 deep", message(b"\x0b" * 5000), BROKEN)
    yield call("an unknown method", message(), {UNIMPLEMENTED}, method="NoSuchCall")
    yield call("an unknown service", message(), {UNIMPLEMENTED, 404}, path="/no.such.Service/Method")
    for path in ("/", "/x", "//", "/a/b/c", SERVICE, SERVICE + "EmptyCall/", SERVICE + "EmptyCall?x=1",
                 SERVICE + "%45mptyCall", "/grpc.testing.TestService//EmptyCall", "/../" + SERVICE + "EmptyCall",
                 "/" + "x" * 8000):
        yield call(f"path {path[:40]}", message(), {UNIMPLEMENTED, INVALID, 400, 404}, path=path)
    for kind in ("text/plain", "application/grpcx", "application/grp", "", "application/grpc/proto", None):
        yield call(f"content-type {kind!r}", message(), {415}, content_type=kind)
    yield call("content-type application/grpc+proto", message(SMALL), {OK}, content_type="application/grpc+proto")
    yield call("a codec that is not offered", message(SMALL), {415, INTERNAL, UNIMPLEMENTED},
               content_type="application/grpc+thrift")
    yield call("GET instead of POST", b"", {405}, verb="GET")
    for timeout in ("", "1", "S", "1x", "-1S", "+1S", "1.5S", "1 S", "123456789S", "1SS", "٣S"):
        yield call(f"grpc-timeout {timeout!r}", message(SMALL), BROKEN | {400},
                   more=(("grpc-timeout", timeout),))
    yield call("grpc-timeout of a nanosecond", message(SMALL), {DEADLINE}, more=(("grpc-timeout", "1n"),))
    yield call("grpc-timeout at its largest", message(SMALL), {OK}, more=(("grpc-timeout", "99999999H"),))
    for value in ("!!!", "a", "a===", "AB=C", "YQ", "YQ==", "YQ,YQ=="):
        valid = value.startswith("YQ")
        yield call(f"-bin of {value!r}", message(SMALL), {OK} if valid else BROKEN | {400},
                   more=(("x-probe-bin", value),))
    yield call("1,000 empty messages of a client's stream", message() * 1000, {OK}, method="StreamingInputCall")


# SimpleRequest in native: presence, then response_size (field 2) as a zigzag varint.
NATIVE_SMALL = b"\x02\x14"
NATIVE_GZIP = (("content-encoding", "gzip"),)


def native_calls():
    unary = functools.partial(Call, content_type=NATIVE)
    yield unary("native: a small request", NATIVE_SMALL, {OK})
    yield unary("native: an empty body", b"", BROKEN)
    yield unary("native: garbage", b"\x7f" * 40, BROKEN)
    yield unary("native: bytes after the message", NATIVE_SMALL + b"\0", BROKEN)
    yield unary("native: a length past the end", b"\x04\xff\xff\xff\x7f", BROKEN)
    yield unary("native: a length that cannot be", b"\x04\x02\x02\xff", BROKEN)
    yield unary("native: presence of 64 bits", b"\xff" * 9 + b"\x01", BROKEN)
    yield unary("native: gzip that is none", b"garbage", {INTERNAL}, more=NATIVE_GZIP)
    yield unary("native: gzip with garbage behind", gzip.compress(NATIVE_SMALL) + b"garbage", {INTERNAL},
                more=NATIVE_GZIP)
    yield unary("native: 1 GiB in 1 MiB of gzip", gzip_bomb(), {EXHAUSTED}, more=NATIVE_GZIP)
    yield unary("native: an unknown content-encoding", NATIVE_SMALL, {UNIMPLEMENTED},
                more=(("content-encoding", "br"),))
    yield unary("native: an unknown method", b"\0", {UNIMPLEMENTED}, method="NoSuchCall")
    yield unary("native: a method with streams", b"\0", {UNIMPLEMENTED}, method="FullDuplexCall")
    for timeout in ("", "0", "-1", "+1", "1S", "1.5", "999999999999999"):
        yield unary(f"native: sarai-timeout {timeout!r}", NATIVE_SMALL, {INVALID}, more=(("sarai-timeout", timeout),))
    yield unary("native: sarai-timeout of a microsecond", NATIVE_SMALL, {DEADLINE}, more=(("sarai-timeout", "1"),))
    yield unary("native: -bin that is no Base64", NATIVE_SMALL, {INVALID}, more=(("x-probe-bin", "!!!"),))

    stream = functools.partial(Call, method="StreamingInputCall", content_type=NATIVE_STREAM)
    yield stream("native stream: messages and an end", message(b"\0") * 3, {OK})
    yield stream("native stream: the end's flag, which only a service sends", message(b"\0") + message(b"\0", 2),
                 {INTERNAL})
    yield stream("native stream: an unknown flag", message(b"\0", 0x80), {INTERNAL})
    yield stream("native stream: gzip without content-encoding", zipped(b"\0"), {INTERNAL})
    yield stream("native stream: gzip that is none", message(b"garbage", 1), {INTERNAL}, more=NATIVE_GZIP)
    yield stream("native stream: gzip", zipped(b"\0"), {OK}, more=NATIVE_GZIP)
    yield stream("native stream: 1 GiB in 1 MiB of gzip", message(gzip_bomb(), 1), {EXHAUSTED}, more=NATIVE_GZIP)
    yield stream("native stream: garbage", message(b"\xff" * 30), BROKEN)
    yield stream("native stream: an envelope cut off", message(b"\0")[:3], {INTERNAL})
    yield stream("native stream: a message cut off", message(b"\0" * 10)[:9], {INTERNAL})
    yield stream("native stream: a length of 4 GiB", b"\0\xff\xff\xff\xff\0", {EXHAUSTED})
    yield stream("native stream: no message of a unary call", b"", {INVALID}, method="UnaryCall")
    yield stream("native stream: two messages of a unary call", message(NATIVE_SMALL) * 2, {INVALID},
                 method="UnaryCall")


def json_calls():
    call = functools.partial(Call, content_type=JSON)
    yield call("JSON: a small request", b'{"responseSize": 3}', {200})
    yield call("JSON: GET instead of POST", b"", {405}, verb="GET")
    yield call("JSON: a method of many requests", b"{}", {501}, method="StreamingInputCall")
    yield call("JSON: 1 GiB in 1 MiB of gzip", gzip_bomb(), {429}, more=NATIVE_GZIP)
    for name, body in {
        "arrays 10,000 deep": b'{"payload":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "objects 10,000 deep": b'{"payload":' * 10_000 + b"{}" + b"}" * 10_000,
        "unknown objects 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "an exponent of 999,999,999": b'{"responseSize": 1e999999999}',
        "a number of 100,000 digits": b'{"responseSize": ' + b"9" * 100_000 + b"}",
        "a fraction of 100,000 digits": b'{"responseSize": 0.' + b"3" * 100_000 + b"}",
        "a number beyond int32": b'{"responseSize": 2147483648}',
        "a key twice": b'{"responseSize": 1, "responseSize": 2}',
        "a key in both its spellings": b'{"responseSize": 1, "response_size": 2}',
        "invalid UTF-8": b'{"payload": {"type": "\xff"}}',
        "half a surrogate": b'{"payload": {"type": "\\ud800"}}',
        "NaN": b'{"responseSize": NaN}',
        "garbage behind": b"{} {}",
        "a string without an end": b'{"payload": "',
        "nothing": b"",
        "NUL": b"\0",
        "a number alone": b"1",
        "base64 that is none": b'{"payload": {"body": "!!!"}}',
    }.items():
        yield call(f"JSON: {name}", body, {400})


def probes():
    for one in itertools.chain(grpc_calls(), native_calls(), json_calls()):
        # What is a megabyte or more is not sent beside others, for the sake of the memory's figure.
        yield Probe("framing", one.name, one.run, alone=len(one.body) > 1 << 19)
