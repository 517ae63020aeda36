import Platform
public import RPC

/// Counts and measures every call that reaches a handler: rate, errors and duration of each method.
public struct CallMetrics: ServerInterceptor {
  private let calls: Series<Counter>
  private let durations: Series<Histogram>
  private let inFlight: InFlight

  /// How many calls are being served.
  private final class InFlight: Sendable {
    let count = Lock(0)
  }

  /// Adds the metrics of calls to those of a process.
  public init(_ metrics: Metrics) {
    calls = metrics.counter(
      "sarai_rpc_server_calls_total", "Calls that have ended.", labels: "method", "code")
    durations = metrics.histogram(
      "sarai_rpc_server_duration_seconds", "From a call's arrival to its end.", labels: "method")
    let inFlight = InFlight()
    metrics.gauge("sarai_rpc_server_calls_in_flight", "Calls that are being served.") {
      Double(inFlight.count.withLock { $0 })
    }
    self.inFlight = inFlight
  }

  /// Counts it among those in flight.
  public func callReceived(_ context: CallContext) async throws(RPCError) {
    inFlight.count.withLock { $0 += 1 }
  }

  /// Counts and measures it.
  public func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    inFlight.count.withLock { $0 -= 1 }
    calls[[context.method.path, outcome.code.name]].add(1)
    durations[[context.method.path]].record(outcome.duration)
  }
}
