import Platform

/// A bounded queue of encoded messages between one sender and one receiver.
///
/// The sender waits while the queue is full, the receiver while it is empty; either stops waiting
/// when its task is cancelled.
final class ByteChannel: Sendable {
  private struct State {
    var messages: [[UInt8]] = []
    /// Set by the first end, but for a failure, which counts after a proper end too.
    var end: Result<Void, RPCError>?
    /// Nobody reads any more: what is sent is dropped.
    var isDiscarding = false
    /// Counts changes, so that nobody goes to sleep after having missed one.
    var version = 0
    var waiting: [CheckedContinuation<Void, Never>] = []

    /// Gives back who is to be woken, once the lock is released.
    mutating func recordChange() -> [CheckedContinuation<Void, Never>] {
      version += 1
      let woken = waiting
      waiting = []
      return woken
    }
  }

  private let state = Lock(State())
  private let capacity: Int

  /// - Parameter capacity: how many messages may wait; at least 1.
  init(capacity: Int) {
    precondition(capacity > 0, "a channel without room never passes anything on")
    self.capacity = capacity
  }

  var stream: ByteStream {
    ByteStream { () throws(RPCError) in try await self.receive() }
  }

  var writer: ByteWriter {
    ByteWriter(
      send: { (message) throws(RPCError) in try await self.send(message) },
      finish: { self.close(.success(())) })
  }

  func send(_ message: [UInt8]) async throws(RPCError) {
    _ = try await waiting { (state) throws(RPCError) -> Void? in
      if state.isDiscarding { return () }
      if let end = state.end {
        try end.get()
        throw RPCError(.failedPrecondition, "nothing can be sent after the end")
      }
      guard state.messages.count < self.capacity else { return nil }
      state.messages.append(message)
      return ()
    }
  }

  func receive() async throws(RPCError) -> [UInt8]? {
    try await waiting { (state) throws(RPCError) -> [UInt8]?? in
      if !state.messages.isEmpty { return .some(state.messages.removeFirst()) }
      guard let end = state.end else { return nil }
      try end.get()
      return .some(nil)
    }
  }

  /// Ends the channel; what was sent before can still be read. Only the first end counts.
  func close(_ end: Result<Void, RPCError>) {
    change { state in
      if state.end == nil { state.end = end }
    }
  }

  /// Ends the channel with a failure, even after its proper end: it is what the reader sees behind
  /// the messages.
  func fail(_ error: RPCError) {
    change { state in
      if case .failure = state.end { return }
      state.end = .failure(error)
    }
  }

  /// Nobody reads any more: what was sent and what will be sent is dropped.
  func discard() {
    change { state in
      state.isDiscarding = true
      state.messages.removeAll()
    }
  }

  /// Tries `attempt` until it gives a value, waiting for a change after each failure.
  private func waiting<T: Sendable>(
    for attempt: (inout State) throws(RPCError) -> T?
  ) async throws(RPCError) -> T {
    while true {
      if Task.isCancelled { throw RPCError(.cancelled, "the call was cancelled") }
      let (result, version) = try attemptOnce(attempt)
      if let result { return result }
      await changed(since: version)
    }
  }

  private func attemptOnce<T: Sendable>(
    _ attempt: (inout State) throws(RPCError) -> T?
  ) throws(RPCError) -> (T?, version: Int) {
    var waiting: [CheckedContinuation<Void, Never>] = []
    let outcome = try state.withLock { (state) throws(RPCError) -> (T?, version: Int) in
      let result = try attempt(&state)
      if result != nil { waiting = state.recordChange() }
      return (result, state.version)
    }
    for continuation in waiting { continuation.resume() }
    return outcome
  }

  private func changed(since version: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isLate = state.withLock { state in
          if state.version != version { return true }
          state.waiting.append(continuation)
          return false
        }
        if isLate { continuation.resume() }
      }
    } onCancel: {
      change { _ in }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      return state.recordChange()
    }
    for continuation in waiting { continuation.resume() }
  }
}
