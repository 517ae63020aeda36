import Storage

/// What the simulator remembers: payments that came, money that moved, call-backs to be made.
enum SimulatorTables {
  static let migrations = [
    Migration(
      1, "payments", oldestProgram: 1,
      sql: """
        CREATE TABLE payment (
          id text PRIMARY KEY, way bigint NOT NULL, amount bigint NOT NULL, currency text NOT NULL,
          account text NOT NULL, behaviour text NOT NULL, standing bigint NOT NULL,
          decides_at bigint NOT NULL, reference text NOT NULL, answer_count bigint NOT NULL);
        CREATE TABLE movement (
          number bigint PRIMARY KEY, payment_id text NOT NULL, way bigint NOT NULL,
          amount bigint NOT NULL, currency text NOT NULL, account text NOT NULL,
          moved_at bigint NOT NULL);
        CREATE TABLE callback (
          number bigint PRIMARY KEY, payment_id text NOT NULL, due_at bigint NOT NULL,
          is_false bigint NOT NULL, tries bigint NOT NULL);
        """)
  ]
}

/// Money that the simulator has moved.
public struct Movement: Sendable, Hashable {
  /// The payment's id.
  public let paymentID: String
  /// Minor units; in is positive, out negative.
  public let amount: Int64
  /// ISO 4217.
  public let currencyCode: String
  /// The other side.
  public let account: String
}
