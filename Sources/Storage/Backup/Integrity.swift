import Platform

/// What is wrong with a database: the engine's own findings, and those of a service's rules.
enum Integrity {
  static func faults(
    of connection: any SQLConnection, rules: [IntegrityRule]
  ) throws -> [String] {
    var faults: [String] = []
    try connection.begin(.read)
    defer { connection.rollback() }
    if connection is SQLiteConnection {
      faults += try connection.all("PRAGMA integrity_check(20)") {
        (row) throws(StorageError) in try row.text(0)
      }.filter { $0 != "ok" }
      faults += try connection.all("SELECT \"table\", parent FROM pragma_foreign_key_check") {
        (row) throws(StorageError) in
        "a row of \(try row.text(0)) refers to one of \(try row.text(1)) that is not there"
      }
    } else {
      faults += try connection.all("SELECT conname::text FROM pg_constraint WHERE NOT convalidated")
      {
        (row) throws(StorageError) in "constraint \(try row.text(0)) is not validated"
      }
      faults += try connection.all(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
      ) { (row) throws(StorageError) in "index \(try row.text(0)) is not valid" }
      let hasCheck = try connection.first("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'") {
        (_) throws(StorageError) in true
      }
      if hasCheck == true {
        // It fails at the first index that is damaged.
        try connection.execute(
          """
          SELECT bt_index_check(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_am a ON a.oid = c.relam
          WHERE a.amname = 'btree' AND c.relnamespace = current_schema()::regnamespace
          """)
      }
    }
    for rule in rules { faults += try rule.faults(connection).map { "\(rule.name): \($0)" } }
    return faults
  }
}

extension Database {
  /// Looks for damage and for rules that are broken, on a connection of its own.
  ///
  /// - Returns: what is wrong, in words for the operator; empty when nothing is.
  public func faults(rules: [IntegrityRule] = []) async throws -> [String] {
    var options = connector.options
    options.readTimeMax = .seconds(3_600)
    let connector = Connector(location: connector.location, options: options, time: connector.time)
    return try await BlockingThreads(count: 1, waitingMax: 1).run {
      try Integrity.faults(of: try connector.connect(.read), rules: rules)
    }
  }
}
