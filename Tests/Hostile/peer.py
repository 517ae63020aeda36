"""One connection to the server that does as it is told, well-behaved or not."""
import asyncio
import collections
import itertools
import socket

import hpack
import hyperframe.exceptions
import hyperframe.frame as received

import frames
from channel import TLS, Plain
from frames import (
    CALM, END_STREAM, ERROR_NAMES, INITIAL_WINDOW_SIZE, PREFACE, REFUSED_STREAM, SETTINGS_ACK, window_update)

SERVICE = "/grpc.testing.TestService/"
PATIENCE = 3.0  # seconds for anything that a healthy server does at once


class Failed(Exception):
    """The server did something else than the probe demands."""


class WindowShut(Failed):
    """The server grants no more bytes for now."""


class Stream:
    """What has come back on one stream."""

    def __init__(self):
        self.headers, self.trailers, self.body = None, {}, bytearray()
        self.ended, self.reset, self.frames = False, None, 0

    @property
    def status(self):
        return int(self.headers.get(":status", 0)) if self.headers else None

    @property
    def grpc_status(self):
        code = self.trailers.get("grpc-status", (self.headers or {}).get("grpc-status"))
        return None if code is None else int(code)

    def __str__(self):
        if self.reset is not None:
            return f"RST_STREAM {ERROR_NAMES[self.reset]}"
        if self.headers is None:
            return "no answer"
        grpc = "" if self.grpc_status is None else f", grpc-status {self.grpc_status}"
        return f"status {self.status}{grpc}, {len(self.body)} bytes" + ("" if self.ended else ", not ended")


class Peer:
    """Sends raw frames; keeps what the server sends by stream. Reading and writing are apart: a
    server that closes while we still write has sent its GOAWAY first, and it must not get lost."""

    calmed = collections.Counter()  # connections that ended with ENHANCE_YOUR_CALM, by the server

    def __init__(self, loop, sock, target):
        self._loop, self._socket, self._channel, self._target = loop, sock, Plain(loop, sock), target
        self.streams = collections.defaultdict(Stream)
        self.settings, self.settings_acks, self.pongs = None, 0, []
        self.windows = collections.Counter()  # granted by WINDOW_UPDATE, by stream
        self.goaway, self.closed, self.kinds = None, None, []
        self.data_frames, self.raw = 0, bytearray()
        self.decoder = hpack.Decoder(max_header_list_size=1 << 20)
        self._unparsed, self._block = bytearray(), None
        self._changed, self._reader = asyncio.Event(), None
        self._pings, self._calls = itertools.count(1), itertools.count(0x7FFF001, 2)
        self.acknowledges, self.http1 = True, False
        self._stream_window, self.sent_bytes = 65535, 0  # sent_bytes: by those who pace DATA

    @classmethod
    async def connect(cls, target, receive_buffer=None, reads=True, http1=False, tls=None):
        """A TCP or TLS connection on which nothing has been sent."""
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.wait_for(loop.sock_connect(sock, target), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = cls(loop, sock, target)
        peer.http1 = http1
        if tls:
            peer._channel = TLS(loop, sock, tls)
            try:
                await asyncio.wait_for(peer._channel.shake_hands(), PATIENCE)
            except BaseException:
                sock.close()
                raise
        if reads:
            peer.start_reading()
        return peer

    @classmethod
    async def open(cls, target, settings=(), **options):
        """An HTTP/2 connection whose SETTINGS both sides have acknowledged."""
        peer = await cls.connect(target, **options)
        peer._stream_window = dict(settings).get(INITIAL_WINDOW_SIZE, peer._stream_window)
        await peer.send(PREFACE + frames.settings(*settings))
        if options.get("reads", True):
            await peer.until(lambda: peer.settings_acks and peer.settings is not None, what="SETTINGS and their ACK")
        return peer

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def close(self):
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._socket.close()

    # Sending

    async def send(self, *pieces, seconds=PATIENCE):
        """Sends bytes. That the server has hung up is no failure here: `closed` tells."""
        try:
            await self._send(b"".join(pieces), seconds)
        except TimeoutError:
            raise Failed(f"the server read nothing for {seconds:g} s") from None
        except OSError:
            pass

    async def push(self, piece, seconds):
        """Sends bytes, and answers whether the server has taken them."""
        try:
            await self._send(piece, seconds)
        except OSError:  # a TimeoutError is one
            return False
        return True

    async def paced(self, stream, payload, end=True, seconds=10):
        """Sends a payload within the server's windows, and stops when the stream has been answered."""
        initial = self.settings.get(INITIAL_WINDOW_SIZE, 65535)
        seen, sent = self.streams[stream], 0

        def room():
            return min(initial + self.windows[stream] - sent, 65535 + self.windows[0] - self.sent_bytes)

        def over():
            return self.over or seen.ended or seen.reset is not None

        if not payload:
            await self.send(in_frames(stream, payload, end))
        while sent < len(payload):
            if not await self.until(lambda: room() > 0 or over(), seconds):
                raise WindowShut(f"no window for more than {self.sent_bytes} bytes; seen: {self}")
            if over():
                break
            size = min(room(), 1 << 18, len(payload) - sent)
            piece = payload[sent:sent + size]
            sent += size
            self.sent_bytes += size  # before others run
            await self.send(in_frames(stream, piece, end and sent == len(payload)), seconds=10)

    async def _send(self, piece, seconds):
        await asyncio.wait_for(self._channel.send(piece), seconds)

    # Receiving

    def start_reading(self):
        self._reader = self._loop.create_task(self._read())

    async def _read(self):
        try:
            while chunk := await self._channel.receive(1 << 16):
                if self.http1:
                    self.raw += chunk
                else:
                    self._unparsed += chunk
                    self._parse()
                self._changed.set()
            self.closed = "closed"
        except (ConnectionError, OSError):
            self.closed = "reset"
        except (hyperframe.exceptions.HyperframeError, hpack.HPACKError, ValueError) as error:
            self.closed = f"what the server sent is no HTTP/2: {error!r}"
        self._changed.set()

    def _parse(self):
        buffer, start = self._unparsed, 0
        while len(buffer) - start >= 9:
            frame, length = received.Frame.parse_frame_header(memoryview(bytes(buffer[start:start + 9])))
            if length > 16384:
                raise ValueError(f"a frame of {length} bytes")
            if len(buffer) - start - 9 < length:
                break
            frame.parse_body(memoryview(bytes(buffer[start + 9:start + 9 + length])))
            self._receive(frame)
            start += 9 + length
        del buffer[:start]

    def _receive(self, frame):
        self.kinds.append(type(frame).__name__)
        match frame:
            case received.DataFrame():
                self.data_frames += 1
                stream = self.streams[frame.stream_id]
                stream.frames += 1
                stream.body += frame.data
                stream.ended |= "END_STREAM" in frame.flags
            case received.HeadersFrame() | received.ContinuationFrame():
                if isinstance(frame, received.HeadersFrame):
                    self._block = (frame, bytearray())
                self._block[1].extend(frame.data)
                if "END_HEADERS" in frame.flags:
                    self._headers(*self._block)
            case received.RstStreamFrame():
                stream = self.streams[frame.stream_id]
                if stream.reset is None:  # the first is the reason
                    stream.reset = min(frame.error_code, 13)
            case received.SettingsFrame():
                if "ACK" in frame.flags:
                    self.settings_acks += 1
                else:
                    self.settings = dict(frame.settings) | (self.settings or {})
                    if self.acknowledges:
                        self._loop.create_task(self.send(SETTINGS_ACK))
            case received.PingFrame():
                if "ACK" in frame.flags:
                    self.pongs.append(bytes(frame.opaque_data))
                elif self.acknowledges:
                    self._loop.create_task(self.send(frames.ping(bytes(frame.opaque_data), frames.ACK)))
            case received.WindowUpdateFrame():
                self.windows[frame.stream_id] += frame.window_increment
            case received.GoAwayFrame():
                # A server that drains sends two: what counts is the last.
                if frame.error_code == CALM and self.goaway != CALM:
                    Peer.calmed[self._target] += 1
                self.goaway = min(frame.error_code, 13)

    def _headers(self, first, block):
        fields = {}
        for name, value in self.decoder.decode(bytes(block), raw=True):
            fields.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        stream = self.streams[first.stream_id]
        if stream.headers is None:
            stream.headers = fields
        else:
            stream.trailers |= fields
        stream.ended |= "END_STREAM" in first.flags

    # Waiting

    async def until(self, condition, seconds=PATIENCE, what=None):
        """Waits until a condition on this object holds. Without `what` answers whether it came to
        hold; with it, its not coming is a failure."""
        deadline = self._loop.time() + seconds
        while not condition():
            self._changed.clear()
            left = deadline - self._loop.time()
            if left <= 0 or (self.closed and what):
                if what:
                    raise Failed(f"no {what} within {seconds:g} s; seen: {self}")
                return False
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                pass
        return True

    @property
    def over(self):
        """The server has ended the connection or says that it will."""
        return self.closed is not None or self.goaway is not None

    async def answer(self, stream, seconds=PATIENCE):
        """The end of a stream, in whatever way."""
        seen = self.streams[stream]
        await self.until(lambda: seen.ended or seen.reset is not None or self.closed, seconds,
                         what=f"answer on stream {stream}")
        return seen

    async def pong(self, seconds=PATIENCE):
        """All that was sent before has been read by the server."""
        payload = next(self._pings).to_bytes(8)
        await self.send(frames.ping(payload), seconds=seconds)
        await self.until(lambda: payload in self.pongs, seconds, what="PING ACK")

    async def lives(self):
        """The connection still serves: a PING and a call are answered. A refused stream is one that
        the client may repeat: what it cancelled may still be ending."""
        await self.pong()
        patience = self._loop.time() + PATIENCE
        while True:
            if self.goaway is not None:
                raise Failed(f"the connection should live, seen: {self}")
            stream = next(self._calls)
            await self.send(call(stream), window_update(stream, 65535) if self._stream_window < 65535 else b"")
            seen = await self.answer(stream)
            if seen.status is not None:
                return
            if seen.reset != REFUSED_STREAM or self._loop.time() > patience:
                raise Failed(f"a call on the same connection got {seen}")

    async def ends(self, *codes, seconds=PATIENCE):
        """GOAWAY with one of the codes, then the end of the connection."""
        codes = codes or (CALM,)
        await self.until(lambda: self.closed is not None, seconds)
        if self.closed is None or self.goaway not in codes:
            names = " or ".join(ERROR_NAMES[code] for code in codes)
            raise Failed(f"expected GOAWAY {names} and the connection's end within {seconds:g} s, seen: {self}")

    def __str__(self):
        seen = [f"stream {number}: {stream}" for number, stream in list(self.streams.items())[-2:]]
        if self.goaway is not None:
            seen.append(f"GOAWAY {ERROR_NAMES[self.goaway]}")
        seen.append(self.closed or "connection open")
        return "; ".join(seen)


# Requests. Without END_STREAM the stream stays open: the server waits for the message's rest.


def request(method="EmptyCall", *more, content_type="application/grpc", path=None):
    """The header block of a call."""
    return frames.block(
        (":method", "POST"), (":scheme", "http"), (":path", path or SERVICE + method),
        (":authority", "localhost"), ("content-type", content_type), ("te", "trailers"), *more)


def message(payload=b"", flag=0):
    """A message of the gRPC protocol, which is one of native streams as well."""
    return bytes((flag,)) + len(payload).to_bytes(4) + payload


def opened(stream, method="StreamingInputCall", *more):
    """A call that waits for its messages."""
    return frames.headers(stream, request(method, *more))


def call(stream):
    """A whole call, answered at once."""
    return frames.headers(stream, request()) + frames.data(stream, message(), END_STREAM)


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """A field in protobuf binary: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def simple_request(response_bytes=0, body=b""):
    """grpc.testing.SimpleRequest and, since the numbers are alike, SimpleResponse's payload."""
    return field(2, response_bytes) + (field(3, field(2, body)) if body else b"")


def streaming_request(*response_bytes):
    """grpc.testing.StreamingOutputCallRequest: one answer of each of these sizes."""
    return b"".join(field(2, field(1, size)) for size in response_bytes)


def unary(stream, response_bytes=0, body=b""):
    """A UnaryCall with a body of at most one DATA frame."""
    return (frames.headers(stream, request("UnaryCall"))
            + frames.data(stream, message(simple_request(response_bytes, body)), END_STREAM))


def in_frames(stream, payload, end=True, size=16384):
    """A payload of any length in DATA frames."""
    chunks = [payload[at:at + size] for at in range(0, len(payload), size)] or [b""]
    last = END_STREAM if end else 0
    return b"".join(frames.data(stream, chunk, last if index == len(chunks) - 1 else 0)
                    for index, chunk in enumerate(chunks))
