import Platform

/// Where handlers stand still until they are let through or their calls are given up.
final class Gate: Sendable {
  enum Event { case arrived, cancelled }

  private let standing = Lock<[AsyncStream<Void>.Continuation]>([])
  private let events: AsyncStream<Event>
  private let sink: AsyncStream<Event>.Continuation

  init() { (events, sink) = AsyncStream.makeStream() }

  /// Waits to be let through.
  ///
  /// - Throws: `CancellationError` when the call is given up before that.
  func pass() async throws {
    let (stream, way) = AsyncStream<Void>.makeStream()
    standing.withLock { $0.append(way) }
    tell(.arrived)
    for await _ in stream {}
    guard Task.isCancelled else { return }
    tell(.cancelled)
    throw CancellationError()
  }

  func tell(_ event: Event) { sink.yield(event) }

  /// Waits until handlers have told that so often since this was last asked.
  func wait(for event: Event, count: Int = 1) async {
    var left = count
    for await next in events where next == event {
      left -= 1
      if left == 0 { return }
    }
  }

  /// Lets everybody through who stands here, in an order of no meaning.
  func open() {
    for way in standing.withLock({ $0 }).shuffled() { way.finish() }
  }
}
