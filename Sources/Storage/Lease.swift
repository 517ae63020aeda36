import Platform

/// The right to do a job that one copy of a service at a time may do. Who does not renew it loses it.
public struct Lease: Sendable {
  /// The statements of a migration that makes the table.
  public static let table = """
    CREATE TABLE lease (name text PRIMARY KEY, holder text NOT NULL, ends_at bigint NOT NULL);
    """

  /// The job.
  public let name: String
  /// Who asks, different for each copy.
  public let holder: String
  /// How long it lasts without being renewed; more than the clocks of two machines differ.
  public let duration: Duration

  /// The lease of a job, for one copy.
  public init(_ name: String, holder: String, duration: Duration) {
    self.name = name
    self.holder = holder
    self.duration = duration
  }

  /// Takes or renews it.
  ///
  /// - Parameter now: the time of day, since 1970.
  /// - Returns: whether the holder has it until `now` and `duration`.
  public func take(at now: Duration, in session: any SQLSession) throws(StorageError) -> Bool {
    try session.execute(
      """
      INSERT INTO lease (name, holder, ends_at) VALUES ($1, $2, $3)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
      WHERE lease.holder = excluded.holder OR lease.ends_at < $4
      """, .text(name), .text(holder), .integer((now + duration).nanoseconds / 1_000),
      .integer(now.nanoseconds / 1_000)) == 1
  }

  /// Gives it back, if the holder has it.
  public func release(in session: any SQLSession) throws(StorageError) {
    try session.execute(
      "DELETE FROM lease WHERE name = $1 AND holder = $2", .text(name), .text(holder))
  }
}
