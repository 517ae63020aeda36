import CSQLite
import Platform

/// Ends the statements of a transaction that takes too long.
final class SQLiteWatch {
  private let timeMax: Duration
  private let time: any TimeSource
  private var end = MonotonicTime.distantFuture

  /// How many steps of SQLite's machine lie between two looks at the clock: about 0.1 ms.
  private static let stepsBetween: Int32 = 10_000

  init(timeMax: Duration, time: any TimeSource) {
    self.timeMax = timeMax
    self.time = time
  }

  /// The watch must live as long as the connection.
  func observe(_ handle: OpaquePointer) {
    unsafe sqlite3_progress_handler(
      handle, Self.stepsBetween,
      { watch in
        // What `observe` gave, which its connection keeps.
        guard let watch = unsafe watch else { return 0 }
        return unsafe Unmanaged<SQLiteWatch>.fromOpaque(watch).takeUnretainedValue().isOver ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func start() { end = time.now() + timeMax }

  func stop() { end = .distantFuture }

  private var isOver: Bool { end != .distantFuture && time.now() > end }
}
