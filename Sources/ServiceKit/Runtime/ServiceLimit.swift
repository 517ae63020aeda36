import Synchronization

/// A limit that an operator can look at and set while the service runs. Any task may use it.
public final class ServiceLimit: Sendable {
  /// The statements of a migration that makes the table of those that were set for good; for services
  /// that have limits.
  public static let table = """
    CREATE TABLE service_limit (key text PRIMARY KEY, value bigint NOT NULL);
    """

  /// Which: `rate.sign_in.per_address`.
  public let key: String
  /// What it bounds, in English, with its unit.
  public let summary: String
  /// As delivered.
  public let defaultValue: Int64
  /// What can be set.
  public let bounds: ClosedRange<Int64>
  private let current: Atomic<Int64>
  private let refusals = Atomic<Int64>(0)
  private let readUse: @Sendable () -> Int64

  /// A limit at its default.
  ///
  /// - Parameter used: how much of it is in use, where that is counted.
  public init(
    _ key: String, _ summary: String, default value: Int64, _ bounds: ClosedRange<Int64>,
    used: @escaping @Sendable () -> Int64 = { 0 }
  ) {
    precondition(bounds.contains(value), "the default of \(key) lies outside its bounds")
    self.key = key
    self.summary = summary
    self.bounds = bounds
    defaultValue = value
    current = Atomic(value)
    readUse = used
  }

  /// What is in force.
  public var value: Int64 { current.load(ordering: .relaxed) }

  /// How much of it is in use.
  public var used: Int64 { readUse() }

  /// How often it has refused something since the start.
  public var refusedCount: Int64 { refusals.load(ordering: .relaxed) }

  /// Counts a refusal.
  public func refused() { refusals.add(1, ordering: .relaxed) }

  /// - Returns: whether the value lies within the bounds.
  func set(_ value: Int64) -> Bool {
    guard bounds.contains(value) else { return false }
    current.store(value, ordering: .relaxed)
    return true
  }
}
