"""A trace collector of a test: takes OTLP over HTTP and decodes it with OpenTelemetry's own schema."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2


class Collector:
    """Listens on a port of its own; `spans` gives what came, with the attributes of its process."""

    def __init__(self):
        self.batches = queue.Queue()
        self.faults = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path != "/v1/traces":
                    collector.faults.append(f"path {self.path}")
                if self.headers["content-type"] != "application/x-protobuf":
                    collector.faults.append(f"content type {self.headers['content-type']}")
                request = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
                # What the schema does not know would be kept, and written back longer.
                again = trace_service_pb2.ExportTraceServiceRequest()
                again.CopyFrom(request)
                again.DiscardUnknownFields()
                if again.ByteSize() != len(body):
                    collector.faults.append("a batch has fields that OTLP does not know")
                collector.batches.put(request)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self, count, seconds=15):
        """At least so many spans, as (attributes of the process, span)."""
        found = []
        while len(found) < count:
            for resource in self.batches.get(timeout=seconds).resource_spans:
                process = attributes(resource.resource.attributes)
                for scope in resource.scope_spans:
                    found += [(process, span) for span in scope.spans]
        return found

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def attributes(pairs):
    """Attributes as a dictionary."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
