/// What a database has done since it was opened, for metrics.
public struct DatabaseStatistics: Sendable, Hashable {
  /// Transactions that wait for a thread, to write and to read.
  public var writesWaiting = 0, readsWaiting = 0
  /// How many transactions, or inputs of grouped writes, each durable commit held.
  public var groupSizes = StepCounts(from: 1, steps: 10)
  /// How long each durable commit took from its beginning to the disk, in microseconds.
  public var commitMicroseconds = StepCounts(from: 128, steps: 14)
  /// Commits that were tried again because others had changed the same rows.
  public var conflictCount = 0
  /// Connections that were made, and tries that failed.
  public var connectCount = 0, failedConnectCount = 0
  /// Transactions that were refused because too many waited.
  public var refusedCount = 0
  /// Commits that failed: the disk or the server.
  public var failedCommitCount = 0

  init() {}

  /// Durable commits.
  public var commitCount: Int { groupSizes.counts.reduce(0, +) }
}

/// Whether a database takes writes.
public enum Writability: Sendable, Hashable {
  /// It does.
  case writable
  /// The disk is full or failing, or the server is away: writes are refused, and tried again every
  /// second until one succeeds. Reads go on. `since` is the time of day, since 1970.
  case readOnly(reason: String, since: Duration)
}
