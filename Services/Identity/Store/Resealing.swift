internal import Access
internal import Platform
internal import Storage

/// Seals all secrets of the database under the newest key of the key file, some rows at a time, so
/// that calls go on meanwhile.
struct Resealing: Sendable {
  let vault: Vault
  let database: Database

  /// A column of sealed secrets.
  private struct Column: Sendable {
    let table: String
    let keys: [String]
    let column: String
    let place: @Sendable ([String]) -> SecretBox.Place
  }

  private static let columns = [
    Column(table: "authenticator", keys: ["id"], column: "sealed_secret") {
      SecretBox.Place(table: "authenticator", row: $0[0], column: "sealed_secret")
    },
    Column(table: "signing_key", keys: ["id"], column: "sealed_key") {
      SecretBox.Place(table: "signing_key", row: $0[0], column: "sealed_key")
    },
    Column(table: "service_secret", keys: ["name"], column: "sealed") {
      Vault.place(of: $0[0])
    },
    Column(table: "api_key", keys: ["id"], column: "sealed_secret") {
      SecretBox.Place(table: "api_key", row: $0[0], column: "sealed_secret")
    },
    Column(table: "sealed_record", keys: ["scope", "id"], column: "sealed_answer") {
      SealedRecords.place(scope: $0[0], id: $0[1])
    },
  ]

  /// How many rows a transaction looks at.
  private static let rowsMax: Int64 = 200

  /// - Returns: how many secrets were sealed anew.
  func run() async throws -> Int {
    var count = 0
    for column in Self.columns {
      var after: [String]? = []
      while let from = after {
        let (sealed, last) = try await database.write { session in
          try reseal(column, after: from, session)
        }
        count += sealed
        after = last
      }
    }
    return count
  }

  /// - Returns: how many were sealed anew, and the last row that was looked at; nil at the end.
  private func reseal(
    _ column: Column, after: [String], _ session: any SQLSession
  ) throws -> (Int, [String]?) {
    let keys = column.keys.joined(separator: ", ")
    var values: [SQLValue] = [.integer(Self.rowsMax)]
    var condition = ""
    if !after.isEmpty {
      values += after.map { .text($0) }
      let places = after.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
      condition = "WHERE (\(keys)) > (\(places))"
    }
    var rows: [(keys: [String], sealed: [UInt8])] = []
    try session.run(
      """
      SELECT \(keys), \(column.column) FROM \(column.table) \(condition) ORDER BY \(keys) LIMIT $1
      """, values
    ) { (row) throws(StorageError) in
      var found: [String] = []
      for index in column.keys.indices { found.append(try row.text(index)) }
      rows.append((found, try row.optionalBytes(column.keys.count) ?? []))
    }
    var count = 0
    let match = column.keys.indices.map { "\(column.keys[$0]) = $\($0 + 2)" }
      .joined(separator: " AND ")
    for (keys, sealed) in rows where vault.needsResealing(sealed) {
      let fresh = try vault.reseal(sealed, at: column.place(keys))
      try session.run(
        "UPDATE \(column.table) SET \(column.column) = $1 WHERE \(match)",
        [.bytes(fresh)] + keys.map { .text($0) }
      ) { (_) throws(StorageError) in }
      count += 1
    }
    return (count, rows.count < Int(Self.rowsMax) ? nil : rows.last?.keys)
  }
}
