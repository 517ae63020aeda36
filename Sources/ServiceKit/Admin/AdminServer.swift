import Platform
import Reactor

/// The admin port: `/livez`, `/readyz` and `/metrics`, for probes and scrapers.
final class AdminServer: Sendable {
  /// Where it listens.
  let address: SocketAddress
  private let socket: ListeningSocket

  /// Probes, a scraper and a person or two.
  private static let connectionsMax = 64

  /// Listens from now on.
  init(
    on address: SocketAddress, _ group: EventLoopGroup, readiness: Readiness, metrics: Metrics
  ) async throws(SocketError) {
    socket = try await group.listen(on: address, connectionsMax: Self.connectionsMax) { _ in
      AdminConnection { Self.answer($0, readiness, metrics) }
    }
    self.address = socket.address
  }

  func stop() async { await socket.stop() }

  static func answer(_ path: String, _ readiness: Readiness, _ metrics: Metrics) -> AdminAnswer {
    switch path {
    case "/livez": return .text(200, "alive")
    case "/readyz":
      let reasons = readiness.reasons
      return reasons.isEmpty
        ? .text(200, "ready") : .text(503, reasons.joined(separator: "\n"))
    case "/metrics":
      return AdminAnswer(
        contentType: "text/plain; version=0.0.4; charset=utf-8", body: metrics.text)
    default: return .text(404, "there are /livez, /readyz and /metrics")
    }
  }
}
