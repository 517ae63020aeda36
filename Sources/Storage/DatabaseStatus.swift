import Platform

/// What the threads of a database tell of their work.
final class DatabaseStatus: Sendable {
  private struct State {
    var statistics = DatabaseStatistics()
    var writability = Writability.writable
  }

  private let state = Lock(State())
  let time: any TimeSource

  init(time: any TimeSource) { self.time = time }

  var statistics: DatabaseStatistics { state.withLock(\.statistics) }
  var writability: Writability { state.withLock(\.writability) }

  func count(_ change: (inout DatabaseStatistics) -> Void) {
    state.withLock { change(&$0.statistics) }
  }

  /// A commit is durable.
  func committed(_ size: Int, since begin: MonotonicTime) {
    let microseconds = Int((time.now() - begin).nanoseconds / 1_000)
    state.withLock { state in
      state.statistics.groupSizes.add(size)
      state.statistics.commitMicroseconds.add(microseconds)
      state.writability = .writable
    }
  }

  /// A transaction that writes failed; only what the disk or the server is to blame for counts.
  func failed(_ error: StorageError) {
    switch error.code {
    case .unavailable, .outcomeUnknown, .unfit: break
    case .conflict: return count { $0.conflictCount += 1 }
    default: return
    }
    let now = time.sinceEpoch()
    state.withLock { state in
      state.statistics.failedCommitCount += 1
      if state.writability == .writable {
        state.writability = .readOnly(reason: error.description, since: now)
      }
    }
  }
}
