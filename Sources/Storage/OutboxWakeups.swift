import Platform

/// Who waits for an outbox: its relay for events, its readers for positions.
final class OutboxWakeups: Sendable {
  /// What a relay tells the readers beside other copies of the service, on PostgreSQL.
  static let channel = "sarai_outbox"

  let added = Wakeup()
  let positioned = Wakeup()
  private let isListening = Lock(false)

  /// Listens for the relays of other copies, from the first call on until the database is stopped.
  func listen(to database: Database) {
    guard database.isServer else { return }
    let isFirst = isListening.withLock { isListening in
      defer { isListening = true }
      return !isListening
    }
    if isFirst { database.listen(on: Self.channel) { [positioned] in positioned.wake() } }
  }
}

extension Database {
  /// Whether several processes may have it at once.
  var isServer: Bool { if case .postgreSQL = connector.location { true } else { false } }

  /// Calls `heard` whenever another session notifies a channel, and after each connection was made
  /// anew: what was said meanwhile has gone by. https://www.postgresql.org/docs/15/sql-notify.html
  fileprivate func listen(on channel: String, heard: @escaping @Sendable () -> Void) {
    let (connector, queue) = (connector, writes)
    Thread.start {
      while !queue.isStopped {
        do throws(StorageError) {
          guard let connection = try connector.connect(.read) as? PostgreSQLConnection else {
            return
          }
          try connection.runScript("LISTEN \(channel)")
          heard()
          while !queue.isStopped {
            if try connection.isNotified(within: .milliseconds(500)) { heard() }
          }
        } catch {
          // Readers look for themselves meanwhile.
          queue.waitForStop(atMost: .seconds(1))
        }
      }
    }
  }
}
