"""The calls that the benchmark makes, and the proof that a server answers them rightly."""

import socket
from dataclasses import dataclass

import h2.config
import h2.connection
import h2.events

PAYLOAD = bytes(range(64))
# EchoMessage { bytes payload = 1 }: a tag and a length, or the fields that follow and a length.
PROTOBUF_MESSAGE = b"\x0a" + bytes([len(PAYLOAD)]) + PAYLOAD
NATIVE_MESSAGE = b"\x01" + bytes([len(PAYLOAD)]) + PAYLOAD

SUCCESS, END = 0, 0x02


def varint(value):
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


def enveloped(message):
    return b"\x00" + len(message).to_bytes(4, "big") + message


def envelopes(body):
    """The flag bytes and messages that a body consists of."""
    at = 0
    while at < len(body):
        size = int.from_bytes(body[at + 1 : at + 5], "big")
        if at + 5 + size > len(body):
            raise ValueError(f"the message at byte {at} is cut off")
        yield body[at], body[at + 5 : at + 5 + size]
        at += 5 + size


@dataclass
class Call:
    """What one call sends, and `count` messages that it must bring back."""

    method: str
    content_type: str
    body: bytes
    message: bytes
    count: int = 1

    @property
    def path(self):
        return f"/sarai.bench.v1.EchoService/{self.method}"

    @property
    def headers(self):
        extra = [("te", "trailers")] if self.content_type == "application/grpc" else []
        return [("content-type", self.content_type), *extra]

    def verify(self, port):
        """The size of the body that a right answer has; raises ValueError for a wrong one."""
        headers, body, trailers = exchange(port, self)
        if headers.get(":status") != "200":
            raise ValueError(f"{self.path}: {headers}")
        messages = [self.message]
        if self.content_type == "application/x-sarai":
            good = int(headers.get("sarai-status", SUCCESS)) == SUCCESS and body == self.message
        else:
            parts = list(envelopes(body))
            if self.content_type == "application/grpc":
                # A trailers-only answer would hold the status among its headers.
                good = trailers.get("grpc-status") == str(SUCCESS)
            else:
                # The end of a success says nothing: code 0 is the default.
                good = bool(parts) and parts.pop() == (END, b"\x00")
            good = good and parts == [(0, self.message)] * self.count
        if not good:
            raise ValueError(f"{self.path}, {self.content_type}: {headers} {body[:200]} {trailers}")
        return len(body)


def exchange(port, call):
    """Makes one call on a connection of its own: the headers, the body and the trailers."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    headers, body, trailers, ended = {}, bytearray(), {}, False
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        connection.initiate_connection()
        authority = f"127.0.0.1:{port}"
        pseudo = {":method": "POST", ":scheme": "http", ":authority": authority, ":path": call.path}
        connection.send_headers(1, [*pseudo.items(), *call.headers])
        connection.send_data(1, call.body, end_stream=True)
        while not ended:
            stream.sendall(connection.data_to_send())
            received = stream.recv(65536)
            if not received:
                raise ValueError(f"{call.path}: the connection ended before the answer")
            for event in connection.receive_data(received):
                match event:
                    case h2.events.ResponseReceived():
                        headers = dict(event.headers)
                    case h2.events.TrailersReceived():
                        trailers = dict(event.headers)
                    case h2.events.DataReceived():
                        body += event.data
                        connection.acknowledge_received_data(event.flow_controlled_length, 1)
                    case h2.events.StreamEnded():
                        ended = True
                    case h2.events.StreamReset() | h2.events.ConnectionTerminated():
                        raise ValueError(f"{call.path}: {event}")
    return headers, bytes(body), trailers


def stream_calls(count):
    """The server stream in both protocols, by the protocol's name."""
    protobuf = b"\x08" + varint(count) + b"\x12" + bytes([len(PAYLOAD)]) + PAYLOAD
    # Fields 1 and 2; an int32 is zigzag.
    native = b"\x03" + varint(2 * count) + bytes([len(PAYLOAD)]) + PAYLOAD
    return {
        "gRPC": Call("Stream", "application/grpc", enveloped(protobuf), PROTOBUF_MESSAGE, count),
        "native": Call(
            "Stream", "application/x-sarai-stream", enveloped(native), NATIVE_MESSAGE, count
        ),
    }


UNARY = {
    "gRPC": Call("Echo", "application/grpc", enveloped(PROTOBUF_MESSAGE), PROTOBUF_MESSAGE),
    "native": Call("Echo", "application/x-sarai", NATIVE_MESSAGE, NATIVE_MESSAGE),
}
