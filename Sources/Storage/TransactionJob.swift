import Synchronization

/// A closure that waits for its transaction, and whoever waits for its outcome.
protocol TransactionJob: AnyObject {
  /// Runs the closure and keeps what it gives or throws; a later attempt overwrites it.
  ///
  /// - Returns: what ended it, for the caller to judge whether others are concerned.
  func attempt(_ session: any SQLSession) -> JobEnd

  /// Whether nobody waits for it any more.
  var isGivenUp: Bool { get }
  /// Tells that it was given up before it began.
  func giveUp()

  /// Jobs that do the same between them, for when it failed as a whole; none if it is one thing.
  func halves() -> [any TransactionJob]

  /// Tells the outcome of the last attempt.
  func finish()
  /// Tells that the database did not do it.
  func fail(_ error: StorageError)

  /// How many requests it does.
  var size: Int { get }

  /// Whether it wants the connection itself, between transactions; then it answers in `run`.
  var needsConnection: Bool { get }
  func run(on connection: any SQLConnection)
}

// What most jobs are: one request, in a transaction, which cannot be split or given up.
extension TransactionJob {
  var isGivenUp: Bool { false }
  func giveUp() {}
  func halves() -> [any TransactionJob] { [] }
  var size: Int { 1 }
  var needsConnection: Bool { false }
  func run(on connection: any SQLConnection) {}
}

/// How an attempt ended.
enum JobEnd {
  case completed
  /// The closure threw an error of its own.
  case refused
  /// A statement failed.
  case failed(StorageError)
}

/// The job of a closure that gives a `Value`. It is used by one thread after the other.
final class ValueJob<Value: Sendable>: TransactionJob {
  private let body: (any SQLSession) throws -> Value
  private let continuation: CheckedContinuation<Value, any Error>
  private let cancellation: Cancellation
  private var result: Result<Value, any Error>?

  init(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value,
    _ continuation: CheckedContinuation<Value, any Error>, _ cancellation: Cancellation
  ) {
    self.cancellation = cancellation
    self.body = body
    self.continuation = continuation
  }

  func attempt(_ session: any SQLSession) -> JobEnd {
    do {
      result = .success(try body(session))
      return .completed
    } catch let error as StorageError {
      result = .failure(error)
      return .failed(error)
    } catch {
      result = .failure(error)
      return .refused
    }
  }

  var isGivenUp: Bool { cancellation.isRequested }

  func giveUp() { continuation.resume(throwing: CancellationError()) }

  func finish() {
    guard let result else { preconditionFailure("a job is attempted before it is finished") }
    continuation.resume(with: result)
  }

  func fail(_ error: StorageError) { continuation.resume(throwing: error) }
}

/// Whether the task that waits for a job has been cancelled.
final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  var isRequested: Bool { flag.load(ordering: .relaxed) }

  func request() { flag.store(true, ordering: .relaxed) }
}
