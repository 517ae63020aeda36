/// What a call keeps whose messages come and go one by one: requests that wait for the handler, and
/// the handler while it waits. A unary call whose request came in one piece has none.
final class CallFlow {
  var requests: RequestIntake
  var requestCount = 0
  /// Whether there is room for what the handler sends.
  var isWritable = true
  var waitingForRequest: CheckedContinuation<Void, Never>?
  var waitingForRoom: CheckedContinuation<Void, Never>?

  init(_ requests: RequestIntake) { self.requests = requests }

  func wakeForRequest() { wake(&waitingForRequest) }

  func wakeForRoom() { wake(&waitingForRoom) }

  private func wake(_ waiting: inout CheckedContinuation<Void, Never>?) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume()
  }
}
