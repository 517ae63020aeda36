/// The encoded messages that come in during a call, in order.
public struct ByteStream: Sendable {
  /// The next message; nil after the last.
  ///
  /// One task at a time may wait. Waiting ends when that task is cancelled.
  public let next: @Sendable () async throws(RPCError) -> [UInt8]?

  /// A stream that asks `next`.
  public init(next: @escaping @Sendable () async throws(RPCError) -> [UInt8]?) {
    self.next = next
  }
}

/// Takes the encoded messages that go out during a call.
public struct ByteWriter: Sendable {
  /// Sends a message; waits while the other side has too much to read.
  ///
  /// One task at a time may send. Waiting ends when that task is cancelled.
  public let send: @Sendable ([UInt8]) async throws(RPCError) -> Void
  /// Says that no further message follows. Returning from a handler says so, too.
  public let finish: @Sendable () -> Void

  /// A writer that hands messages to `send`.
  public init(
    send: @escaping @Sendable ([UInt8]) async throws(RPCError) -> Void,
    finish: @escaping @Sendable () -> Void
  ) {
    self.send = send
    self.finish = finish
  }
}
