import Testing

@testable import HTTP2

@Suite struct AbuseMeterTests {
  private var limits = HTTP2Limits()
  private let second: Int64 = 1_000_000_000

  /// How often `deed` is allowed before it passes a limit.
  private func allowed(
    _ deed: (inout AbuseMeter) -> HTTP2Limit?
  ) -> (count: Int, limit: HTTP2Limit?) {
    var meter = AbuseMeter(limits: limits, now: 0)
    for count in 0..<20_000 {
      if let limit = deed(&meter) { return (count, limit) }
    }
    return (20_000, nil)
  }

  @Test func `each limit may be reached and not passed`() {
    #expect(allowed { $0.continuationReceived() } == (8, .continuations))
    #expect(allowed { $0.glitch() } == (200, .glitches))
    #expect(allowed { $0.emptyDataReceived() } == (2, .emptyData))
    #expect(allowed { $0.priorityReceived(at: 0) } == (100, .priorities))
    #expect(allowed { $0.windowUpdateReceived() } == (100, .windowUpdates))
    #expect(allowed { $0.controlFrameReceived(at: 0) } == (10_000, .controlFrames))
    #expect(allowed { $0.streamReset(at: 0) } == (200, .resets))
  }

  @Test func `streams and data allow more`() {
    var meter = AbuseMeter(limits: limits, now: 0)
    meter.streamOpened(at: 0)
    meter.dataSent()
    for _ in 0..<120 { #expect(meter.windowUpdateReceived() == nil) }
    #expect(meter.windowUpdateReceived() == .windowUpdates)
    for _ in 0..<200 { #expect(meter.priorityReceived(at: 0) == nil) }
    #expect(meter.priorityReceived(at: 0) == .priorities)
  }

  @Test func `content and a new stream end a row of empty frames`() {
    var meter = AbuseMeter(limits: limits, now: 0)
    for round in 0..<10 {
      #expect(meter.emptyDataReceived() == nil)
      #expect(meter.emptyDataReceived() == nil)
      if round % 2 == 0 { meter.contentReceived() } else { meter.streamOpened(at: 0) }
    }
  }

  @Test(arguments: [(401, HTTP2Limit?.some(.resets)), (402, nil)])
  func `resets count when they are over half of the streams`(
    _ opened: Int, _ expected: HTTP2Limit?
  ) {
    var meter = AbuseMeter(limits: limits, now: 0)
    for _ in 0..<opened { meter.streamOpened(at: 0) }
    for _ in 0..<200 { #expect(meter.streamReset(at: 0) == nil) }
    #expect(meter.streamReset(at: 0) == expected)
  }

  @Test func `peers that are trusted may reset`() {
    var limits = limits
    limits.boundsResets = false
    var meter = AbuseMeter(limits: limits, now: 0)
    for _ in 0..<10_000 { #expect(meter.streamReset(at: 0) == nil) }
    #expect(meter.resets == 10_000)
  }

  @Test(arguments: [(24, HTTP2Limit?.some(.resets)), (30, nil), (100_000, nil)])
  func `resets are forgotten after their time`(_ seconds: Int, _ expected: HTTP2Limit?) {
    var meter = AbuseMeter(limits: limits, now: 0)
    for _ in 0..<200 { #expect(meter.streamReset(at: 0) == nil) }
    #expect(meter.streamReset(at: Int64(seconds) * second) == expected)
  }

  @Test func `a slow stream of resets never ends`() {
    var meter = AbuseMeter(limits: limits, now: 0)
    for count in 0..<2_000 { #expect(meter.streamReset(at: Int64(count) * second / 5) == nil) }
  }

  @Test func `a shorter time forgets sooner`() {
    var limits = limits
    limits.countedNanoseconds = second
    var meter = AbuseMeter(limits: limits, now: 0)
    for _ in 0..<200 { #expect(meter.streamReset(at: 0) == nil) }
    #expect(meter.streamReset(at: second) == nil)
  }
}
