import Platform
import RPC

/// Gives every call a request id, if it has none, and a span within its caller's trace; both are
/// carried on by the calls that are made while it is served.
struct CallTracing: ServerInterceptor {
  let tracer: Tracer?
  let random: any RandomSource

  func callReceived(_ context: CallContext) async throws(RPCError) {
    var carried = Metadata()
    carried.set("x-request-id", requestID(context))
    let parent = context.metadata["traceparent"]
    if let tracer {
      let span = tracer.begin(.server, context.method, within: parent.flatMap { TraceParent($0) })
      context[TraceSpan.self] = span
      carried.set("traceparent", span.place.text)
    } else if let parent {
      carried.set("traceparent", parent)
    }
    if let state = context.metadata["tracestate"] { carried.set("tracestate", state) }
    context[CarriedMetadata.self] = CarriedMetadata(carried)
  }

  func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    guard let tracer, let span = context[TraceSpan.self] else { return }
    tracer.end(span, outcome)
  }

  /// The caller's, if it is of a kind that a log can bear.
  private func requestID(_ context: CallContext) -> String {
    if let id = context.metadata["x-request-id"], (1...128).contains(id.utf8.count) { return id }
    return "\(UUID(high: random.next(), low: random.next()))"
  }
}

/// Gives every call that a client makes a span within that of the call which it belongs to.
struct ClientTracing: ClientInterceptor {
  let tracer: Tracer

  func callStarts(
    _ method: MethodDescriptor, _ options: inout CallOptions
  ) async throws(RPCError) {
    let parent = options.metadata["traceparent"].flatMap { TraceParent($0) }
    let span = tracer.begin(.client, method, within: parent)
    tracer.remember(span)
    options.metadata.set("traceparent", span.place.text)
  }

  func callEnded(_ method: MethodDescriptor, _ options: CallOptions, _ outcome: CallOutcome) {
    guard let place = options.metadata["traceparent"].flatMap({ TraceParent($0) }) else { return }
    tracer.clientCallEnded(place, method, outcome)
  }
}
