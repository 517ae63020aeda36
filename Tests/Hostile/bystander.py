"""A well-behaved client: 200 calls a second on one connection, by a library that nobody here wrote.

    bystander.py HOST:PORT SECONDS

Prints {"calls", "failed", "p50_us", "p99_us", "max_us"}. Latency counts from the moment that a call
is written. A process of its own, so that the probes' work does not count as the server's.
"""
import json
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
        self._sent, self.latencies, self.failed = {}, [], 0

    def _flush(self):
        self._socket.sendall(self._connection.data_to_send())

    def _call(self):
        stream = self._connection.get_next_available_stream_id()
        self._connection.send_headers(stream, FIELDS)
        self._connection.send_data(stream, b"\0" * 5, end_stream=True)
        self._sent[stream] = time.perf_counter()
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
                        self.failed += 1
                case h2.events.StreamEnded():
                    self.latencies.append(time.perf_counter() - self._sent.pop(event.stream_id))
                case h2.events.StreamReset():
                    self._sent.pop(event.stream_id, None)
                    self.failed += 1
                case h2.events.DataReceived():
                    self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.ConnectionTerminated():
                    raise ConnectionError(f"the server sent GOAWAY {event.error_code}")
        self._flush()

    def run(self, seconds):
        """Calls at a constant rate, then waits for what is open."""
        count = int(seconds * CALLS_PER_SECOND)
        began = time.perf_counter()
        for index in range(count):
            self._receive_until(began + index / CALLS_PER_SECOND)
            if len(self._sent) == OPEN_MAX:  # the machine was busy elsewhere: a late call is no lost one
                self._receive_until(time.perf_counter() + PATIENCE, enough=OPEN_MAX // 2)
            self._call()
        self._receive_until(time.perf_counter() + PATIENCE, enough=0)
        self.failed += len(self._sent)

    def _receive_until(self, due, enough=-1):
        """Takes answers until it is time for something else, or few enough are missing."""
        while len(self._sent) > enough:
            left = due - time.perf_counter()
            if select.select([self._socket], [], [], max(0, left))[0]:
                self._receive()
            elif left <= 0:
                break


def main(target, seconds):
    host, port = target.rsplit(":", 1)
    client, error = Bystander((host, int(port))), None
    try:
        client.run(float(seconds))
    except OSError as failure:
        client.failed += 1
        error = str(failure)
    ordered = sorted(client.latencies) or [0.0]
    print(json.dumps({
        "calls": len(client.latencies), "failed": client.failed, "error": error,
        "p50_us": round(ordered[len(ordered) // 2] * 1e6),
        "p99_us": round(ordered[len(ordered) * 99 // 100] * 1e6), "max_us": round(ordered[-1] * 1e6)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
