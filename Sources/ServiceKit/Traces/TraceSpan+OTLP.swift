import Platform
import RPC
import Wire

extension OTLP.ExportTraceServiceRequest {
  /// The spans of a process.
  init(_ spans: [TraceSpan], of service: String, instance: String) {
    let resource = OTLP.Resource(attributes: [
      OTLP.KeyValue("service.namespace", "sarai"), OTLP.KeyValue("service.name", service),
      OTLP.KeyValue("service.version", SuiteVersion.text),
      OTLP.KeyValue("service.instance.id", instance),
    ])
    let scope = OTLP.InstrumentationScope(name: "sarai", version: SuiteVersion.text)
    self.init(resourceSpans: [
      OTLP.ResourceSpans(
        resource: resource,
        scopeSpans: [OTLP.ScopeSpans(scope: scope, spans: spans.map { OTLP.Span($0) })])
    ])
  }
}

extension OTLP.Span {
  fileprivate init(_ span: TraceSpan) {
    self.init(
      traceId: Self.bytes(span.place.traceHigh) + Self.bytes(span.place.traceLow),
      spanId: Self.bytes(span.place.span), parentSpanId: span.parent.map(Self.bytes) ?? [],
      name: String(span.method.path.dropFirst()), kind: span.kind == .server ? 2 : 3,
      startTimeUnixNano: UInt64(clamping: span.startedAt.nanoseconds),
      endTimeUnixNano: UInt64(clamping: span.endedAt.nanoseconds),
      attributes: [
        OTLP.KeyValue("rpc.service", span.method.service),
        OTLP.KeyValue("rpc.method", span.method.name),
        OTLP.KeyValue("rpc.status", span.code.name),
      ],
      // The words of a failure may hold what nobody else may read; the log has them.
      status: Self.isFailure(span) ? OTLP.SpanStatus(message: span.code.name, code: 2) : nil)
  }

  /// A server is at fault for some failures only; for a client every failure is one.
  private static func isFailure(_ span: TraceSpan) -> Bool {
    switch span.code {
    case .ok: false
    case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
    default: span.kind == .client
    }
  }

  private static func bytes(_ word: UInt64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
  }
}

extension OTLP.KeyValue {
  fileprivate init(_ key: String, _ value: String) {
    self.init(key: key, value: OTLP.AnyValue(value: .stringValue(value)))
  }
}
