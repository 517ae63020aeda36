public import Platform
import RPC

/// Makes the spans of a process, and keeps those that have ended until they are fetched. It never
/// waits: what does not fit any more is counted as dropped. Any task may use it.
public final class Tracer: Sendable {
  private struct State {
    var ended: [TraceSpan] = []
    /// Client calls under way: the span that each was made in.
    var parents: [UInt64: UInt64] = [:]
    var droppedCount = 0
    var exportedCount = 0
  }

  /// The service's name.
  let service: String
  private let share: Int
  private let queueMax: Int
  private let time: any TimeSource
  private let random: any RandomSource
  private let state = Lock(State())

  /// - Parameters:
  ///   - share: how many of 1,000 traces that begin here are recorded; those that come from
  ///     elsewhere are if they are there.
  ///   - queueMax: how many spans wait at most; about 200 bytes each.
  public init(
    _ service: String, share: Int, queueMax: Int = 4_096, time: any TimeSource,
    random: any RandomSource
  ) {
    self.service = service
    self.share = share
    self.queueMax = queueMax
    self.time = time
    self.random = random
  }

  /// How many spans were dropped.
  public var droppedCount: Int { state.withLock { $0.droppedCount } }
  /// How many spans the collector has taken.
  public var exportedCount: Int { state.withLock { $0.exportedCount } }
  /// How many spans wait.
  public var waitingCount: Int { state.withLock { $0.ended.count } }

  // MARK: Spans

  /// Begins a span within another, or a trace.
  func begin(
    _ kind: TraceSpan.Kind, _ method: MethodDescriptor, within parent: TraceParent?
  ) -> TraceSpan {
    let place = TraceParent(
      traceHigh: parent?.traceHigh ?? random.next(),
      traceLow: parent?.traceLow ?? random.next() | 1, span: random.next() | 1,
      isSampled: parent?.isSampled ?? (Int(random.next() % 1_000) < share))
    return TraceSpan(
      place: place, parent: parent?.span, kind: kind, method: method,
      startedAt: time.sinceEpoch())
  }

  /// Ends it.
  func end(_ span: TraceSpan, _ outcome: CallOutcome) {
    guard span.place.isSampled else { return }
    var span = span
    // By the clock that only goes forward: the time of day may have been set meanwhile.
    span.endedAt = span.startedAt + outcome.duration
    span.code = outcome.code
    state.withLock { state in
      if state.ended.count < queueMax {
        state.ended.append(span)
      } else {
        state.droppedCount += 1
      }
    }
  }

  /// Remembers whose child a client's call is until it has ended.
  func remember(_ span: TraceSpan) {
    guard span.place.isSampled, let parent = span.parent else { return }
    state.withLock { state in
      if state.parents.count < queueMax { state.parents[span.place.span] = parent }
    }
  }

  /// A client's call that ended now.
  func clientCallEnded(
    _ place: TraceParent, _ method: MethodDescriptor, _ outcome: CallOutcome
  ) {
    guard place.isSampled else { return }
    let parent = state.withLock { $0.parents.removeValue(forKey: place.span) }
    end(
      TraceSpan(
        place: place, parent: parent, kind: .client, method: method,
        startedAt: time.sinceEpoch() - outcome.duration), outcome)
  }

  // MARK: Handing over

  /// Takes the oldest spans, to be exported.
  func take(atMost countMax: Int) -> [TraceSpan] {
    state.withLock { state in
      let taken = Array(state.ended.prefix(countMax))
      state.ended.removeFirst(taken.count)
      return taken
    }
  }

  /// Counts what became of spans that were taken.
  func handedOver(_ count: Int, isTaken: Bool) {
    state.withLock { state in
      if isTaken { state.exportedCount += count } else { state.droppedCount += count }
    }
  }
}
