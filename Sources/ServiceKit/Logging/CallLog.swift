public import RPC

/// Writes a line for each call whose handler has ended: failures that are the service's own as errors with
/// their cause, others at `info`. Messages are never written, so that nothing secret can be.
public struct CallLog: ServerInterceptor {
  private let log: Log

  /// Into a log.
  public init(_ log: Log) { self.log = log }

  /// Writes its line.
  public func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    let isOurs = [.internal, .unknown, .dataLoss].contains(outcome.code)
    guard log.takes(isOurs ? .error : .info) else { return }
    var fields: [LogField] = [
      .text("method", context.method.path), .text("code", outcome.code.name),
      .duration("duration", outcome.duration), .text("peer", context.peer.address),
    ]
    let carried = context[CarriedMetadata.self]?.metadata ?? context.metadata
    if let id = carried["x-request-id"] { fields.append(.text("request_id", id)) }
    if let trace = carried["traceparent"] { fields.append(.text("traceparent", trace)) }
    if let error = outcome.error { fields.append(.text("error", error.message)) }
    if let cause = outcome.cause, isOurs { fields.append(.text("cause", "\(cause)")) }
    log.write(isOurs ? .error : .info, { "call" }, fields)
  }
}
