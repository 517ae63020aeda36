import RPCTransport

/// Counts the connections of a server.
struct ConnectionCounts: Sendable {
  private let opened: Counter
  private let closed: Counter
  private let ended: Counter
  private let reset: Counter

  init(_ metrics: Metrics) {
    let ends = metrics.counter(
      "sarai_connections_ended_total", "Connections that have ended: closed, or broken off.",
      labels: "end")
    let opened = metrics.counter("sarai_connections_total", "Connections that were opened.")[[]]
    let (closed, broken) = (ends[["closed"]], ends[["broken"]])
    self.opened = opened
    self.closed = closed
    ended = broken
    reset =
      metrics.counter(
        "sarai_calls_reset_total", "Calls given up because their peers took or sent nothing more.")[
        []]
    metrics.gauge("sarai_connections", "Connections that are open.") {
      Double(opened.value - closed.value - broken.value)
    }
  }

  func observe(_ event: ServerEvent) {
    switch event {
    case .opened: opened.add(1)
    case .closed: closed.add(1)
    case .ended: ended.add(1)
    case .callsReset(_, let count, _): reset.add(count)
    case .answerReplaced: break
    }
  }
}
