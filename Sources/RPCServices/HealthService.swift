import Platform
public import RPC

/// `grpc.health.v1.Health`: tells probes and load balancers which services take calls.
///
/// Any task may use it.
public final class HealthService: GRPCHealth.Health {
  /// Whether a service takes calls.
  public typealias Status = GRPCHealth.HealthCheckResponse.ServingStatus

  private struct State {
    var statuses: [String: Status]
    var watchers: [Int: Watcher] = [:]
    var lastWatcher = 0
    var hasStopped = false
  }

  private struct Watcher {
    var service: String
    var changes: AsyncStream<Status>.Continuation
  }

  private let state: Lock<State>

  /// All of these services, and the server as a whole, take calls.
  public init(_ services: [String] = []) {
    var statuses: [String: Status] = ["": .serving]
    for service in services { statuses[service] = .serving }
    state = Lock(State(statuses: statuses))
  }

  /// The status of a service from now on; an empty name stands for the server as a whole.
  public func set(_ service: String, _ status: Status) {
    state.withLock { state in
      guard !state.hasStopped else { return }
      state.statuses[service] = status
      for watcher in state.watchers.values where watcher.service == service {
        watcher.changes.yield(status)
      }
    }
  }

  /// The server is about to stop: no service takes calls from now on, and every watch ends.
  public func stop() {
    let watchers = state.withLock { state in
      state.hasStopped = true
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      return state.watchers.values.map(\.changes)
    }
    for changes in watchers {
      changes.yield(.notServing)
      changes.finish()
    }
  }

  /// The status of one service.
  public func check(
    _ request: GRPCHealth.HealthCheckRequest, _ context: CallContext
  ) async throws -> GRPCHealth.HealthCheckResponse {
    guard let status = state.withLock({ $0.statuses[request.service] }) else {
      throw RPCError(
        .notFound, "no service `\(request.service)`; an empty name asks for the server")
    }
    return GRPCHealth.HealthCheckResponse(status: status)
  }

  /// The status of one service now and after each change; of several changes that the caller was
  /// too slow for, the last.
  public func watch(
    _ request: GRPCHealth.HealthCheckRequest,
    _ responses: ResponseWriter<GRPCHealth.HealthCheckResponse>, _ context: CallContext
  ) async throws {
    let (changes, continuation) = AsyncStream.makeStream(
      of: Status.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      continuation.yield(state.statuses[request.service] ?? .serviceUnknown)
      if state.hasStopped { continuation.finish() }
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = Watcher(service: request.service, changes: continuation)
      return state.lastWatcher
    }
    defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
    var last: Status?
    for await status in changes where status != last {
      last = status
      try await responses.send(GRPCHealth.HealthCheckResponse(status: status))
    }
    try Task.checkCancellation()
    throw RPCError(.unavailable, "the server is stopping: watch another")
  }
}
