import RPC

/// A call as one side of it saw it.
struct TraceSpan: Sendable {
  enum Kind: Sendable { case server, client }

  /// Where it belongs; `span` is its own.
  let place: TraceParent
  /// The span that it was made in; nil for the first of a trace.
  let parent: UInt64?
  let kind: Kind
  let method: MethodDescriptor
  /// Since 1970.
  let startedAt: Duration
  var endedAt: Duration = .zero
  var code = RPCCode.ok
}
