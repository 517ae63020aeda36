"""A well-behaved client: 200 calls a second on one connection, by a library that nobody here wrote.

    bystander.py HOST:PORT

Runs until it is ended, or says why its connection is gone, or a call failed. A process of its own,
so that it goes on while probes are at work.
"""
import itertools
import select
import socket
import sys
import time

import h2.config
import h2.connection
import h2.events

CALLS_PER_SECOND = 200
OPEN_MAX = 100
PATIENCE = 5.0
FIELDS = [(":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
          (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers")]


class Bystander:
    def __init__(self, target):
        self._socket = socket.create_connection(target, PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self._connection.initiate_connection()
        self._flush()
        self._open = set()

    def _flush(self):
        self._socket.sendall(self._connection.data_to_send())

    def _call(self):
        stream = self._connection.get_next_available_stream_id()
        self._connection.send_headers(stream, FIELDS)
        self._connection.send_data(stream, b"\0" * 5, end_stream=True)
        self._open.add(stream)
        self._flush()

    def _receive(self):
        received = self._socket.recv(1 << 16)
        if not received:
            raise ConnectionError("the server hung up")
        for event in self._connection.receive_data(received):
            match event:
                case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                    fields = dict(event.headers)
                    if fields.get(":status", "200") != "200" or fields.get("grpc-status", "0") != "0":
                        raise ConnectionError(f"a call failed: {fields}")
                case h2.events.StreamEnded():
                    self._open.remove(event.stream_id)
                case h2.events.StreamReset():
                    raise ConnectionError(f"a call was reset with {event.error_code}")
                case h2.events.DataReceived():
                    self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.ConnectionTerminated():
                    raise ConnectionError(f"the server sent GOAWAY {event.error_code}")
        self._flush()

    def run(self):
        """Calls at a constant rate."""
        began = time.perf_counter()
        for index in itertools.count():
            self._receive_until(began + index / CALLS_PER_SECOND)
            if len(self._open) == OPEN_MAX:  # the machine was busy elsewhere: a late call is no lost one
                self._receive_until(time.perf_counter() + PATIENCE, enough=OPEN_MAX // 2)
            self._call()

    def _receive_until(self, due, enough=-1):
        """Takes answers until it is time for something else, or few enough are missing."""
        while len(self._open) > enough:
            left = due - time.perf_counter()
            if select.select([self._socket], [], [], max(0, left))[0]:
                self._receive()
            elif left <= 0:
                break


def main(target):
    host, port = target.rsplit(":", 1)
    try:
        Bystander((host, int(port))).run()
    except OSError as failure:
        print(failure)


if __name__ == "__main__":
    main(sys.argv[1])
