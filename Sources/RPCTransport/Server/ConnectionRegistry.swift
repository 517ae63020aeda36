import HTTP2
import Reactor

/// The connections of one loop, and what they share. It belongs to that loop.
///
/// Sendable, because it is only touched there; the functions check it.
final class ConnectionRegistry: @unchecked Sendable {
  /// For the HTTP/2 sessions of the loop.
  let sessionMemory = SessionMemory()
  /// For large messages that are compressed.
  let turnstile = Turnstile()
  private let loop: EventLoop
  private var connections: [ObjectIdentifier: ServerConnection] = [:]
  private var isDraining = false
  private var whenEmpty: [@Sendable () -> Void] = []

  init(_ loop: EventLoop) { self.loop = loop }

  func add(_ connection: ServerConnection) {
    loop.preconditionIsCurrent()
    connections[ObjectIdentifier(connection)] = connection
    if isDraining { connection.drain() }
  }

  func remove(_ connection: ServerConnection) {
    loop.preconditionIsCurrent()
    connections[ObjectIdentifier(connection)] = nil
    if connections.isEmpty { tellEmpty() }
  }

  /// Has all connections end once their calls have, and says when that is so.
  func drain(_ whenEmpty: @escaping @Sendable () -> Void) {
    loop.preconditionIsCurrent()
    isDraining = true
    self.whenEmpty.append(whenEmpty)
    for connection in connections.values { connection.drain() }
    if connections.isEmpty { tellEmpty() }
  }

  /// Closes what is still there.
  func closeAll() {
    loop.preconditionIsCurrent()
    for connection in connections.values { connection.close() }
  }

  private func tellEmpty() {
    let actions = whenEmpty
    whenEmpty = []
    for action in actions { action() }
  }
}
