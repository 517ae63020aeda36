"""A client of the native protocol over h2, for the cases; written from Proto/README.md alone."""
import base64
import gzip
import os
import re
import socket
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import messages
from calls import TEST, Failed, Reply

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "SecondImplementation"))
import native

Status, CallEnd = messages.named("sarai.rpc.v1.Status"), messages.named("sarai.rpc.v1.CallEnd")
OK, CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE = 0, 1, 2, 4, 8, 13, 14
CODES = range(17)
COMPRESSED, END = 1, 2
BYTES_MAX = 4 << 20
OF_HTTP = {400: INTERNAL, 401: 16, 403: 7, 404: 12, 429: UNAVAILABLE, 502: UNAVAILABLE, 503: UNAVAILABLE, 504: UNAVAILABLE}
OF_RESET = {
    h2.errors.ErrorCodes.REFUSED_STREAM: UNAVAILABLE, h2.errors.ErrorCodes.CANCEL: CANCELLED,
    h2.errors.ErrorCodes.ENHANCE_YOUR_CALM: RESOURCE_EXHAUSTED, h2.errors.ErrorCodes.INADEQUATE_SECURITY: 7}
RESERVED = (":", "content-", "sarai-", "grpc-", "trailer-")


class Channel:
    """One connection, used by one thread."""
    compresses_single_messages = True
    tells_compression = True

    def __init__(self, target, ca=None, server_name=None):
        self.arguments = (target, ca, server_name)
        host, port = target.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 10)
        self.scheme, self.authority = "http", target
        if ca:
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname=server_name or host)
            assert self.socket.selected_alpn_protocol() == "h2"
            self.scheme = "https"
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.http.initiate_connection()
        self.streams = {}
        self.flush()

    def fresh(self):
        return Channel(*self.arguments)

    def close(self):
        self.socket.close()

    def unary(self, path, request, metadata=(), timeout=None, compress=False):
        body = native.encode(request)
        headers = [("accept-encoding", "gzip")]
        if compress:
            body = gzip.compress(body)
            headers.append(("content-encoding", "gzip"))
        stream = _HTTPStream(self, path, "application/x-sarai", headers, metadata, timeout)
        stream.send(body, ends=True)
        stream.pump(lambda: stream.ended)
        stream.check_head("application/x-sarai")
        compressed = stream.field("content-encoding") == "gzip"
        body = gzip.decompress(stream.received) if compressed else bytes(stream.received)
        code = int(stream.field("sarai-status") or 0)
        if code:
            raise Failed(code if code in CODES else UNKNOWN, native.decode(Status, body).message if body else "")
        trailing = [(name[8:], value) for name, value in stream.head if name.startswith("trailer-")]
        try:
            message = native.decode(messages.types(path)[1], body)
        except native.Refused as why:
            raise Failed(INTERNAL, str(why)) from None
        reply = Reply(message, stream.metadata(), _values(trailing))
        reply.compressed = compressed
        return reply

    def open(self, path, metadata=(), timeout=None, compress=False):
        return Stream(self, path, metadata, timeout, compress)

    def flush(self):
        self.socket.sendall(self.http.data_to_send())

    def read(self, timeout):
        """Waits for bytes of any stream; nothing came in time if it returns False."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except OSError:
            data = b""
        if not data:
            for stream in self.streams.values():
                stream.fail(UNAVAILABLE, "the connection was lost")
            return True
        for event in self.http.receive_data(data):
            self.handle(event)
        self.flush()
        return True

    def handle(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.DataReceived):
            if event.flow_controlled_length:
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if stream:
                stream.received += event.data
        elif stream is None:
            pass
        elif isinstance(event, h2.events.ResponseReceived):
            stream.head = [(str(name), str(value)) for name, value in event.headers]
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset) and not stream.ended:
            stream.fail(OF_RESET.get(event.error_code, INTERNAL), f"reset with {event.error_code!r}")


class _HTTPStream:
    """One HTTP/2 stream; what is not read yet of its body is `received`."""

    def __init__(self, channel, path, content_type, headers, metadata, timeout):
        self.channel, self.head, self.received, self.ended, self.failure = channel, None, bytearray(), False, None
        self.deadline = time.monotonic() + (timeout or 30)
        fields = [
            (":method", "POST"), (":scheme", channel.scheme), (":authority", channel.authority), (":path", path),
            ("content-type", content_type), *headers]
        if timeout:
            fields.append(("sarai-timeout", str(max(1, int(timeout * 1e6)))))
        for name, value in metadata:
            fields.append((name, base64.b64encode(value).decode().rstrip("=") if name.endswith("-bin") else value))
        self.id = channel.http.get_next_available_stream_id()
        channel.streams[self.id] = self
        channel.http.send_headers(self.id, fields)
        channel.flush()

    def send(self, data, ends=False):
        """Sends when flow control permits it; stops once the answer is complete."""
        data, http = memoryview(data), self.channel.http
        while len(data) and not (self.ended or self.failure):
            size = min(len(data), http.local_flow_control_window(self.id), http.max_outbound_frame_size)
            if size <= 0:
                self.pump(lambda: self.ended or http.local_flow_control_window(self.id) > 0)
                continue
            http.send_data(self.id, bytes(data[:size]))
            data = data[size:]
            self.channel.flush()
        if ends and not (self.ended or self.failure):
            http.end_stream(self.id)
            self.channel.flush()

    def pump(self, until):
        while not (until() or self.failure):
            left = self.deadline - time.monotonic()
            if left <= 0 or not self.channel.read(left):
                self.cancel()
                self.fail(DEADLINE_EXCEEDED, "time ran out")
        if self.failure and not until():
            raise self.failure

    def fail(self, code, message):
        self.failure = self.failure or Failed(code, message)

    def cancel(self):
        try:
            self.channel.http.reset_stream(self.id, h2.errors.ErrorCodes.CANCEL)
            self.channel.flush()
        except (h2.exceptions.ProtocolError, OSError):
            pass  # it has ended anyway

    def field(self, name):
        return next((value for each, value in self.head if each == name), None)

    def check_head(self, content_type):
        status = int(self.field(":status"))
        if status != 200:
            raise Failed(OF_HTTP.get(status, UNKNOWN), f"HTTP status {status}")
        if (self.field("content-type") or "").split(";")[0] != content_type:
            raise Failed(UNKNOWN, f"content type {self.field('content-type')}")

    def metadata(self):
        return _values([each for each in self.head or [] if not each[0].startswith(RESERVED)])


class Stream:
    def __init__(self, channel, path, metadata, timeout, compress):
        headers = [("accept-encoding", "gzip"), ("content-encoding", "gzip")]
        self.http = _HTTPStream(channel, path, "application/x-sarai-stream", headers, metadata, timeout)
        self.response, self.compress = messages.types(path)[1], compress
        self.compressed, self.trailing, self.finished = [], [], False

    def send(self, message, compress=None):
        body, flags = native.encode(message), 0
        if self.compress if compress is None else compress:
            body, flags = gzip.compress(body), COMPRESSED
        self.http.send(bytes([flags]) + len(body).to_bytes(4, "big") + body)

    def finish(self):
        self.http.send(b"", ends=True)

    def receive(self):
        if self.finished:
            return None
        received = self.http.received
        self.http.pump(lambda: self.http.ended or len(received) >= 5 + int.from_bytes(received[1:5], "big") >= 5
                       and len(received) >= 5)
        self.http.check_head("application/x-sarai-stream")
        if len(received) < 5 or len(received) < 5 + int.from_bytes(received[1:5], "big"):
            raise Failed(INTERNAL, "the stream ended without its end")
        flags, size = received[0], int.from_bytes(received[1:5], "big")
        content = bytes(received[5:5 + size])
        del received[:5 + size]
        if flags & ~(COMPRESSED | END) or flags & COMPRESSED and self.http.field("content-encoding") != "gzip":
            raise Failed(INTERNAL, f"flags {flags}")
        if flags & COMPRESSED:
            content = gzip.decompress(content)
        if not flags & END:
            self.compressed.append(bool(flags & COMPRESSED))
            return native.decode(self.response, content)
        self.finished = True
        end = native.decode(CallEnd, content)
        self.trailing = _values([(each.name, each.value) for each in end.trailers])
        self.http.pump(lambda: self.http.ended)
        if received:
            raise Failed(INTERNAL, "bytes after the end")
        if end.HasField("status"):
            raise Failed(end.status.code if end.status.code in CODES else UNKNOWN, end.status.message)
        return None

    def cancel(self):
        self.http.cancel()
        self.http.fail(CANCELLED, "the caller cancelled the call")

    @property
    def initial(self):
        return self.http.metadata()


def _values(pairs):
    """Metadata with the bytes of `-bin` values decoded; several may be joined with commas."""
    return [(name, base64.b64decode(part + "=" * (-len(part) % 4)) if name.endswith("-bin") else part)
            for name, value in pairs
            for part in (re.split(", *", value) if name.endswith("-bin") else [value])]


def deadline_by_server(channel):
    """The service itself ends the call when its time is up; this client waits on, as none should."""
    stream = channel.open(TEST + "FullDuplexCall", timeout=0.1)
    stream.http.deadline += 4
    stream.send(messages.OutputRequest(response_parameters=[messages.ResponseParameters(size=1, interval_us=5_000_000)]))
    try:
        stream.receive()
    except Failed as failure:
        assert failure.code == DEADLINE_EXCEEDED and failure.message != "time ran out", failure
    else:
        raise AssertionError("the call was not ended")


def stream_by_the_unary_protocol(channel):
    """A method of streams is UNIMPLEMENTED there."""
    try:
        channel.unary(TEST + "StreamingInputCall", messages.InputRequest())
    except Failed as failure:
        assert failure.code == 12, failure
    else:
        raise AssertionError("it was served")


def worked_examples(channel):
    """The bytes of the page's worked examples are what the codec says."""
    assert native.encode(Status(code=5, message="no such service")).hex() == "030a0f6e6f20737563682073657276696365"
    end = CallEnd(status=Status(code=14, message="stopping"))
    end.trailers.add(name="retry-after-ms", value="250")
    page = open(os.path.join(os.path.dirname(__file__), "..", "..", "Proto", "README.md"), encoding="utf-8").read()
    encoded = native.encode(end)
    assert (bytes([END]) + len(encoded).to_bytes(4, "big") + encoded).hex(" ").upper() in page


CASES = [deadline_by_server, stream_by_the_unary_protocol, worked_examples]
