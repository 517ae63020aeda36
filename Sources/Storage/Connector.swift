import Platform

/// Makes connections to one place.
struct Connector: Sendable {
  let location: DatabaseLocation
  let options: DatabaseOptions
  let time: any TimeSource

  func connect(_ role: TransactionAccess) throws(StorageError) -> any SQLConnection {
    let timeMax = role == .read ? options.readTimeMax : options.writeTimeMax
    switch location {
    case .sqlite(let path):
      return try SQLiteConnection(path: path, role: role, timeMax: timeMax, time: time)
    case .postgreSQL(let address):
      return try PostgreSQLConnection(
        address: address, role: role, timeMax: timeMax, connectTimeMax: options.connectTimeMax)
    }
  }

  /// Keeps other processes from a file.
  func lock() throws(StorageError) -> FileLock? {
    guard case .sqlite(let path) = location else { return nil }
    return try FileLock(path: path + ".lock")
  }
}
