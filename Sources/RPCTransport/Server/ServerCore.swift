import Platform
import RPC
import Reactor

/// What all connections of a server share.
final class ServerCore: Sendable {
  let router: Router
  let routes: RouteTable
  let limits: ServerLimits
  let time: any TimeSource
  let observe: @Sendable (ServerEvent) -> Void

  init(
    _ router: Router, _ limits: ServerLimits, _ time: any TimeSource,
    _ observe: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.router = router
    routes = RouteTable(router)
    self.limits = limits
    self.time = time
    self.observe = observe
  }
}

/// What happens to a server's connections beside calls, for the log and metrics.
public enum ServerEvent: Sendable, CustomStringConvertible {
  /// A connection was opened.
  case opened(peer: String)
  /// A connection ended in a usual way.
  case closed(peer: String)
  /// A connection was ended, or broke: for which reason.
  case ended(peer: String, reason: String)
  /// Calls were given up for a limit, while others on their connection go on.
  case callsReset(peer: String, count: Int, reason: String)
  /// A call failed for metadata that its service added to the answer, which cannot travel.
  case answerReplaced(peer: String, method: String, reason: String)

  /// One line.
  public var description: String {
    switch self {
    case .opened(let peer): "\(peer) connected"
    case .closed(let peer): "\(peer) disconnected"
    case .ended(let peer, let reason): "connection of \(peer) ended: \(reason)"
    case .callsReset(let peer, let count, let reason): "\(count) calls of \(peer) reset: \(reason)"
    case .answerReplaced(let peer, let method, let reason):
      "answer of \(method) to \(peer) replaced by a failure: \(reason)"
    }
  }
}
