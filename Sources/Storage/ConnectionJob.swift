/// What a thread does with its connection between transactions, such as a step of a backup.
final class ConnectionJob<Value: Sendable>: TransactionJob {
  private let body: (any SQLConnection) throws -> Value
  private let continuation: CheckedContinuation<Value, any Error>

  init(
    _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
    _ continuation: CheckedContinuation<Value, any Error>
  ) {
    self.body = body
    self.continuation = continuation
  }

  var needsConnection: Bool { true }

  func run(on connection: any SQLConnection) {
    continuation.resume(with: Result { try body(connection) })
  }

  func attempt(_ session: any SQLSession) -> JobEnd { .completed }
  func finish() {}
  func fail(_ error: StorageError) { continuation.resume(throwing: error) }
}
