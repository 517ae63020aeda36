/// What a call keeps whose messages come and go one by one: requests that wait for the handler, and
/// the handler while it waits. A unary call whose request came in one piece has none.
final class CallFlow {
  var requests: RequestIntake
  var requestCount = 0
  /// Whether there is room for what the handler sends.
  var isWritable = true
  var waitingForRequest: CheckedContinuation<Void, Never>?
  var waitingForRoom: CheckedContinuation<Void, Never>?
  private var requestsThisTurn = 0

  /// Requests that a handler gets before others have their turn: one read may bring 13,000 empty ones.
  private static let requestsPerTurnMax = 256

  init(_ requests: RequestIntake) { self.requests = requests }

  /// Whether the handler has had many requests; it is asked before each of them.
  var isTurnOver: Bool {
    requestsThisTurn += 1
    guard requestsThisTurn > Self.requestsPerTurnMax else { return false }
    requestsThisTurn = 1
    return true
  }

  func wakeForRequest() { wake(&waitingForRequest) }

  func wakeForRoom() { wake(&waitingForRoom) }

  private func wake(_ waiting: inout CheckedContinuation<Void, Never>?) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume()
  }
}
