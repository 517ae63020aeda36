"""Connections that are open and do nothing."""

import socket

import hpack

from calls import UNARY

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def call_frames():
    """One echo. On a fresh connection the compressor's table is empty, so the bytes suit them all."""
    call = UNARY["gRPC"]
    headers = {":method": "POST", ":scheme": "http", ":authority": "127.0.0.1", ":path": call.path}
    block = hpack.Encoder().encode([*headers.items(), *call.headers])
    return frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, END_STREAM, 1, call.body)


CALL = call_frames()


class IdleConnection:
    """Open, the settings exchanged. Raises OSError when the server does not want it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.buffer = b""
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0))
        self.wait_for(lambda kind, flags, _: kind == SETTINGS and not flags & ACK)
        # The answer to the PING says that the server has seen all that comes before it.
        self.socket.sendall(frame(SETTINGS, ACK, 0) + frame(PING, 0, 0, bytes(8)))
        self.wait_for(lambda kind, flags, _: kind == PING and flags & ACK)

    def wait_for(self, is_it):
        while True:
            while len(self.buffer) >= 9:
                size = 9 + int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) < size:
                    break
                kind, flags = self.buffer[3], self.buffer[4]
                stream = int.from_bytes(self.buffer[5:9], "big")
                self.buffer = self.buffer[size:]
                if kind in (GOAWAY, RST_STREAM):
                    raise ConnectionError(f"the server sent a frame of type {kind}")
                if is_it(kind, flags, stream):
                    return
            received = self.socket.recv(65536)
            if not received:
                raise ConnectionError("the server closed the connection")
            self.buffer += received

    def call(self):
        """One echo, answered to its end."""
        self.socket.sendall(CALL)
        self.wait_for(lambda kind, flags, stream: stream == 1 and flags & END_STREAM and kind < 2)

    def close(self):
        self.socket.close()


def resident(server, count=1000):
    """Its resident bytes when fresh, and how many more each idle connection takes."""
    fresh = server.resident_bytes
    connections = [IdleConnection(server.port) for _ in range(count)]
    each = (server.resident_bytes - fresh) / count
    for connection in connections:
        connection.close()
    return fresh, each


def held(server, count):
    """How many connections, all open at once, still answer a call."""
    connections, answered = [], 0
    try:
        for _ in range(count):
            connections.append(IdleConnection(server.port))
    except OSError:
        pass
    for connection in connections:
        try:
            connection.call()
            answered += 1
        except OSError:
            pass
        connection.close()
    return answered
