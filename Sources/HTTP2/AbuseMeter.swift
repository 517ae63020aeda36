/// Counts what a peer does against the limits; knows no frames and no clock.
///
/// Each method returns the limit that is passed by what it is told, if any.
struct AbuseMeter: Sendable {
  private let limits: HTTP2Limits
  private var recent: RecentCounts
  private(set) var streamsOpened = 0
  private(set) var resets = 0
  private(set) var glitches = 0
  private(set) var priorities = 0
  private(set) var windowUpdates = 0
  private(set) var dataFramesSent = 0
  private var emptyDataInARow = 0
  private var continuationsInARow = 0

  init(limits: HTTP2Limits, now: Int64) {
    self.limits = limits
    recent = RecentCounts(over: limits.countedNanoseconds, now: now)
  }

  mutating func streamOpened(at now: Int64) {
    streamsOpened += 1
    emptyDataInARow = 0
    recent.add(.opened, at: now)
  }

  /// A stream was reset by the peer, or by us for a fault of the peer's.
  mutating func streamReset(at now: Int64) -> HTTP2Limit? {
    resets += 1
    recent.add(.reset, at: now)
    guard limits.boundsResets, recent.total(.reset) > limits.resetsMax else { return nil }
    return recent.total(.reset) * 2 > recent.total(.opened) ? .resets : nil
  }

  /// A frame was wrong and the connection goes on.
  mutating func glitch() -> HTTP2Limit? {
    glitches += 1
    return glitches > limits.glitchesMax ? .glitches : nil
  }

  mutating func continuationsEnded() { continuationsInARow = 0 }

  mutating func continuationReceived() -> HTTP2Limit? {
    continuationsInARow += 1
    return continuationsInARow > limits.continuationsMax ? .continuations : nil
  }

  mutating func emptyDataReceived() -> HTTP2Limit? {
    emptyDataInARow += 1
    return emptyDataInARow > limits.emptyDataMax ? .emptyData : nil
  }

  mutating func contentReceived() { emptyDataInARow = 0 }

  /// A PING or SETTINGS frame, not an acknowledgement that we asked for.
  mutating func controlFrameReceived(at now: Int64) -> HTTP2Limit? {
    recent.add(.control, at: now)
    return recent.total(.control) > limits.controlFramesMax ? .controlFrames : nil
  }

  mutating func priorityReceived(at now: Int64) -> HTTP2Limit? {
    priorities += 1
    if priorities > limits.prioritiesPerStreamMax * (1 + streamsOpened) { return .priorities }
    return controlFrameReceived(at: now)
  }

  mutating func windowUpdateReceived() -> HTTP2Limit? {
    windowUpdates += 1
    let allowed =
      limits.windowUpdatesBase + limits.windowUpdatesPerDataMax * (dataFramesSent + streamsOpened)
    return windowUpdates > allowed ? .windowUpdates : nil
  }

  mutating func dataSent() { dataFramesSent += 1 }
}

/// Counts over the last while, forgotten in sixths of it.
private struct RecentCounts: Sendable {
  enum Kind: Int { case opened, reset, control }

  private static var sliceCount: Int { 6 }

  private let sliceNanoseconds: Int64
  private var sliceEnd: Int64
  private var slices = InlineArray<18, Int32>(repeating: 0)
  private var totals = InlineArray<3, Int>(repeating: 0)
  private var current = 0

  init(over nanoseconds: Int64, now: Int64) {
    sliceNanoseconds = max(1, nanoseconds / Int64(Self.sliceCount))
    sliceEnd = now + sliceNanoseconds
  }

  func total(_ kind: Kind) -> Int { totals[kind.rawValue] }

  mutating func add(_ kind: Kind, at now: Int64) {
    if now >= sliceEnd { advance(to: now) }
    slices[current * 3 + kind.rawValue] += 1
    totals[kind.rawValue] += 1
  }

  private mutating func advance(to now: Int64) {
    let steps = (now - sliceEnd) / sliceNanoseconds + 1
    for _ in 0..<min(steps, Int64(Self.sliceCount)) {
      current = (current + 1) % Self.sliceCount
      for kind in 0..<3 {
        totals[kind] -= Int(slices[current * 3 + kind])
        slices[current * 3 + kind] = 0
      }
    }
    sliceEnd += steps * sliceNanoseconds
  }
}
