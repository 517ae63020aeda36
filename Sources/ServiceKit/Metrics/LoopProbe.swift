import Platform
import Reactor

/// Measures how late the event loops are: by how much a timer of each comes after its time, once a
/// second.
struct LoopProbe {
  private let group: EventLoopGroup
  private let lateness: Histogram

  private static let period: Duration = .seconds(1)

  init(_ group: EventLoopGroup, _ environment: ServiceEnvironment) {
    self.group = group
    lateness =
      environment.metrics.histogram(
        "sarai_loop_lateness_seconds", "How late the timers of event loops are.")[[]]
    let count = group.loops.count
    environment.metrics.gauge("sarai_loops", "Event loops.") { Double(count) }
  }

  /// Measures as long as the loops run.
  func start() {
    for loop in group.loops { loop.execute { [lateness] in Self.measure(loop, lateness) } }
  }

  private static func measure(_ loop: EventLoop, _ lateness: Histogram) {
    let due = loop.now + period
    loop.schedule(at: due) {
      lateness.record(max(.zero, SystemTime().now() - due))
      measure(loop, lateness)
    }
  }
}
