/// Where a service's data lives.
public enum DatabaseLocation: Sendable, Hashable {
  /// A file, which one process at a time may have.
  case sqlite(path: String)
  /// A server: `postgres://user@host/database`, with whatever else libpq understands.
  case postgreSQL(address: String)
}

/// The limits of a database, and its threads.
public struct DatabaseOptions: Sendable {
  /// Threads that read, each with a connection.
  public var readerCount = 2
  /// Threads that write to PostgreSQL, each with a connection; SQLite has one writer.
  public var writerCount = 4
  /// How long transactions wait while one thread writes before the next helps: longer than a large
  /// group takes, shorter than those behind a slow one should wait.
  public var helpAfter: Duration = .milliseconds(20)
  /// How many transactions may wait for a thread, for reading and for writing each.
  public var waitingMax = 4_096
  /// How many callers' transactions share a commit at most. A larger group makes the first wait
  /// longer; beyond some dozens the commit's share in each is small already.
  public var groupMax = 128
  /// How long a transaction that reads may take: while it lasts, SQLite's log grows.
  public var readTimeMax: Duration = .seconds(1)
  /// How long a transaction that writes may take.
  public var writeTimeMax: Duration = .seconds(10)
  /// How long connecting may take.
  public var connectTimeMax: Duration = .seconds(5)

  /// The limits above.
  public init() {}
}
