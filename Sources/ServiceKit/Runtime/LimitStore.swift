import OperationsContracts
import Platform
import RPC
import Storage

/// The limits of a service, and which of them were set for good.
final class LimitStore: Sendable {
  private let limits: [ServiceLimit]
  private let database: Database
  private let permanent = Lock<Set<String>>([])

  init(_ limits: [ServiceLimit], _ database: Database) {
    self.limits = limits.sorted { $0.key < $1.key }
    self.database = database
  }

  /// Puts those in force that were set for good. A value that a newer release does not allow any more
  /// is left aside.
  func restore() async throws {
    if limits.isEmpty { return }
    let stored = try await database.read { session in
      try session.all("SELECT key, value FROM service_limit") { (row) throws(StorageError) in
        (key: try row.text(0), value: try row.integer(1))
      }
    }
    for (key, value) in stored {
      guard let limit = limits.first(where: { $0.key == key }), limit.set(value) else { continue }
      permanent.withLock { _ = $0.insert(key) }
    }
  }

  var all: [Operations.Limit] {
    let permanent = permanent.withLock { $0 }
    return limits.map { Operations.Limit($0, permanent: permanent.contains($0.key)) }
  }

  func set(_ key: String, to value: Int64, forGood: Bool) async throws -> Operations.Limit {
    guard let limit = limits.first(where: { $0.key == key }) else {
      throw RPCError(.notFound, "there is no limit `\(key.prefix(80))`: ListLimits names them")
    }
    guard limit.bounds.contains(value) else {
      throw RPCError(
        .invalidArgument, reason: "LIMIT_OUT_OF_BOUNDS", domain: "operations",
        "\(key) is from \(limit.bounds.lowerBound) to \(limit.bounds.upperBound)")
    }
    if forGood {
      _ = try await database.write { session in
        try session.execute(
          """
          INSERT INTO service_limit (key, value) VALUES ($1, $2)
          ON CONFLICT (key) DO UPDATE SET value = excluded.value
          """, .text(key), .integer(value))
      }
      permanent.withLock { _ = $0.insert(key) }
    }
    _ = limit.set(value)
    return Operations.Limit(limit, permanent: permanent.withLock { $0.contains(key) })
  }
}

extension Operations.Limit {
  fileprivate init(_ limit: ServiceLimit, permanent: Bool) {
    self.init(
      limitKey: limit.key, summary: limit.summary, value: limit.value,
      defaultValue: limit.defaultValue, valueMin: limit.bounds.lowerBound,
      valueMax: limit.bounds.upperBound, used: limit.used, refusedCount: limit.refusedCount,
      permanent: permanent)
  }
}
