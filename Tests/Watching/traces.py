"""Calls a service and judges the spans that it sends, by OpenTelemetry's own schema."""

import sys
import time

from collector import Collector, attributes
from service import Service

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SIGN = "sample.v1.GuestBook/Sign"

failures = []
checks = 0


def check(what, holds):
    """Counts one check."""
    global checks
    checks += 1
    if not holds:
        failures.append(what)
        print(f"failed: {what}")


def main(program):
    collector = Collector()
    service = Service(program, "--traces", f"http://127.0.0.1:{collector.port}",
                      "--trace-share", "1000")
    before = time.time_ns()
    service.call(SIGN, {"id": "a", "name": "Noor"}, traceparent=f"00-{TRACE}-{PARENT}-01")
    service.call(SIGN, {"id": "b", "name": "Omar"})
    service.call(SIGN, {"id": "c", "name": "x" * 5_000})
    service.call(SIGN, {"id": "d", "name": "Ali"}, traceparent=f"00-{TRACE}-{PARENT}-00")
    service.call("sample.v1.GuestBook/Linger", {"milliseconds": "300"}, traceparent="nonsense")
    spans = collector.spans(4)
    check("no other spans come than those asked for", len(spans) == 4)
    check("the batches are as OTLP says", collector.faults == [])
    process, first = spans[0]
    check("the process names itself",
          process["service.name"] == "catalog" and process["service.namespace"] == "sarai"
          and process["service.instance.id"] != "")
    check("the caller's trace is taken over",
          first.trace_id.hex() == TRACE and first.parent_span_id.hex() == PARENT)
    check("a span has an id of its own", len(first.span_id) == 8 and first.span_id != bytes(8))
    check("it is a server's", first.kind == first.SPAN_KIND_SERVER)
    check("it bears the method", first.name == SIGN and attributes(first.attributes) == {
        "rpc.service": "sample.v1.GuestBook", "rpc.method": "Sign", "rpc.status": "OK"})
    check("it has the times of the call",
          before <= first.start_time_unix_nano <= first.end_time_unix_nano <= time.time_ns())
    check("it did not fail", first.status.code == first.status.STATUS_CODE_UNSET)
    _, second = spans[1]
    check("without a trace one begins",
          len(second.trace_id) == 16 and second.trace_id.hex() != TRACE
          and second.parent_span_id == b"")
    _, third = spans[2]
    check("a refusal is no fault of the server",
          attributes(third.attributes)["rpc.status"] == "INVALID_ARGUMENT"
          and third.status.code == third.status.STATUS_CODE_UNSET)
    _, last = spans[3]
    check("what is no traceparent begins a trace",
          last.name.endswith("Linger") and last.parent_span_id == b"")
    check("a span lasts as long as its call",
          last.end_time_unix_nano - last.start_time_unix_nano >= 300_000_000)

    collector.stop()
    start = time.monotonic()
    for number in range(50):
        service.call(SIGN, {"id": f"e{number}", "name": "Noor"})
    check("without a collector calls are served as before", time.monotonic() - start < 5)
    deadline = time.monotonic() + 15
    dropped = 'sarai_spans_total{end="dropped"}'
    while service.metrics()[dropped] < 50 and time.monotonic() < deadline:
        time.sleep(0.2)
    check("spans that nobody takes are counted", service.metrics()[dropped] == 50)
    check("the job that sends them says so",
          service.metrics()['sarai_job_failing{job="trace-export"}'] == 1)
    check("the service ends in order", service.stop() == 0)
    print(f"{checks - len(failures)} passed, {len(failures)} failed, 0 skipped")
    sys.exit(1 if failures else 0)


main(sys.argv[1])
