internal import Platform
internal import RPC
internal import Reactor

/// Runs a plan on one event loop: opens the connections, starts calls when they are due, counts what
/// comes back.
///
/// No task runs for a call: requests were encoded before, calls go straight to the HTTP/2 sessions,
/// and what starts in one turn of the loop leaves in one write.
///
/// Sendable, because everything in it is only touched on its loop's thread.
final class LoadDriver: @unchecked Sendable {
  /// What is done when the run is over.
  typealias Completion = @Sendable (Result<LoadRecorder, LoadFailure>) -> Void

  /// How long calls in flight may take once a run with a rate is over, without a deadline.
  private static let drainMax = Duration.seconds(5)
  /// How long the first connections may take.
  private static let connectMax = Duration.seconds(15)

  let loop: EventLoop
  let plan: LoadPlan
  let target: LoadTarget
  let methods: [PreparedMethod]
  private(set) var recorder: LoadRecorder
  private var schedule: CallSchedule
  private let time: any TimeSource
  private let events: LoadEvents
  private var completion: Completion?

  private var connections: [LoadConnection] = []
  /// Connections whose first attempt has neither succeeded nor failed.
  private var unsettledCount = 0
  private var openedOnce = false
  private var lastFailure = "no connection"
  private var nextConnection = 0
  /// Which request of each method comes next.
  private var nextMessage: [Int]
  private var start: MonotonicTime?
  private var isStopping = false
  /// When calls ceased to start.
  private var stopped: Int64?
  private var measuredCallsStarted: UInt64 = 0
  private var dueTimer: LoopTimer?

  init(
    on loop: EventLoop, _ plan: LoadPlan, target: LoadTarget, methods: [PreparedMethod],
    time: any TimeSource, events: LoadEvents, completion: @escaping Completion
  ) {
    self.loop = loop
    self.plan = plan
    self.target = target
    self.methods = methods
    nextMessage = methods.map { _ in 0 }
    self.time = time
    self.events = events
    self.completion = completion
    recorder = LoadRecorder(plan)
    schedule = CallSchedule(plan.withWarmUpInProfile)
  }

  /// Nanoseconds since the run's start.
  var now: Int64 { start.map { (time.now() - $0).nanoseconds } ?? 0 }

  /// The method's next request: all are sent, whatever the connection, before one is sent again.
  func takeMessage(_ method: Int) -> [UInt8] {
    let messages = methods[method].messages
    let index = nextMessage[method]
    nextMessage[method] = index + 1 < messages.count ? index + 1 : 0
    return messages[index]
  }

  /// The point of the clock that is so many nanoseconds after the run's start.
  func moment(_ nanoseconds: Int64) -> MonotonicTime {
    (start ?? loop.now) + .nanoseconds(nanoseconds)
  }

  /// Whether calls still start.
  var isRunning: Bool { start != nil && !isStopping }

  // MARK: Life

  func begin() {
    unsettledCount = plan.connections
    connections = (0..<plan.connections).map { _ in LoadConnection(self) }
    for connection in connections { connection.connect() }
    after(Self.connectMax) { driver in
      if driver.start == nil { driver.startRun() }
    }
  }

  /// A connection is open for the first time, or its first attempt has failed.
  func settled(_ failure: String?) {
    if let failure { lastFailure = failure } else { openedOnce = true }
    unsettledCount -= 1
    if unsettledCount == 0, start == nil { startRun() }
  }

  private func startRun() {
    guard openedOnce else {
      return finish(.failure(LoadFailure("cannot connect to \(target.address): \(lastFailure)")))
    }
    start = time.now()
    let measured = plan.warmUp
    after(measured) { driver in driver.warmedUp() }
    after(measured + plan.duration) { driver in driver.stop() }
    after(measured + .seconds(1)) { driver in driver.secondEnded() }
    fill()
  }

  private func warmedUp() {
    // What warming up could not send in time is not the measured part's to send.
    _ = schedule.takeAll(until: plan.warmUp.nanoseconds)
    events.measuringStarted()
  }

  private func secondEnded() {
    guard !isStopping else { return }
    closeSecond()
    after(.seconds(1)) { driver in driver.secondEnded() }
  }

  private func closeSecond() {
    if let sample = recorder.secondEnded(at: now) { events.secondEnded(sample) }
  }

  /// Starts no further calls and waits for those that a rate had asked for.
  func stop() {
    guard let start, !isStopping else {
      if start == nil { finish(.failure(LoadFailure("stopped before it began"))) }
      return
    }
    isStopping = true
    closeSecond()
    let now = (time.now() - start).nanoseconds
    stopped = now
    recorder.stopped(at: now)
    events.measuringEnded()
    guard waitsForCalls, recorder.inFlight > 0 else { return end() }
    after(plan.deadline.map { $0 + .milliseconds(100) } ?? Self.drainMax) { driver in driver.end() }
  }

  /// A closed loop's last calls started because the ones before had ended: they may be cut off. Those
  /// that a rate or a number asked for count, however long they take.
  private var waitsForCalls: Bool {
    if case .open = plan.load { true } else { plan.callsMax != nil }
  }

  private func end() {
    if waitsForCalls {
      // What has not come back counts with the time that it has taken so far.
      for connection in connections {
        connection.abandonCalls(.deadlineExceeded, "no answer before the run was over")
      }
      if let stopped { recorder.unsentCalls = schedule.takeAll(until: stopped) }
    }
    finish(.success(recorder))
  }

  private func finish(_ result: Result<LoadRecorder, LoadFailure>) {
    guard let completion else { return }
    self.completion = nil
    isStopping = true
    if let dueTimer { loop.cancel(dueTimer) }
    for connection in connections { connection.close() }
    connections = []
    completion(result)
  }

  private func after(_ duration: Duration, _ action: @escaping (LoadDriver) -> Void) {
    loop.schedule(after: duration) { [weak self] in
      if let self, self.completion != nil { action(self) }
    }
  }

  // MARK: Calls

  /// Starts what is due, as far as there is room, and sets the timer for what comes next.
  func fill() {
    guard isRunning else { return }
    let now = now
    switch plan.load {
    case .closed: for connection in connections { connection.fill(at: now) }
    case .open:
      while let due = schedule.due, due <= now, let connection = connectionWithRoom() {
        guard let call = nextCall(at: now) else { return }
        connection.start(call, at: now)
      }
      setDueTimer(now)
    }
  }

  /// The next call, if one is due.
  func nextCall(at now: Int64) -> DueCall? {
    guard isRunning else { return nil }
    guard let call = schedule.take(at: now) else {
      setDueTimer(now)
      return nil
    }
    if let callsMax = plan.callsMax, call.intended >= plan.warmUp.nanoseconds {
      measuredCallsStarted += 1
      if measuredCallsStarted > callsMax { return nil }
      // After this call has been sent.
      if measuredCallsStarted == callsMax { after(.zero) { driver in driver.stop() } }
    }
    return call
  }

  func callStarted() { recorder.callStarted() }

  /// A call has ended; its stream is free.
  func callEnded(
    _ call: DueCall, _ code: RPCCode, messages: UInt64, at now: Int64,
    detail: @autoclosure () -> String?
  ) {
    recorder.callEnded(
      call.method, code, intended: call.intended, at: now, messages: messages, detail: detail())
    if isStopping, recorder.inFlight == 0, completion != nil { end() }
  }

  func transferred(sent: Int = 0, received: Int = 0) {
    guard isRunning else { return }
    recorder.transferred(
      sent: sent, received: received, at: (loop.now - (start ?? loop.now)).nanoseconds)
  }

  func connectionLost() { if isRunning { recorder.connectionsLost += 1 } }

  private func connectionWithRoom() -> LoadConnection? {
    for _ in connections.indices {
      nextConnection = nextConnection + 1 < connections.count ? nextConnection + 1 : 0
      if connections[nextConnection].hasRoom { return connections[nextConnection] }
    }
    return nil
  }

  private func setDueTimer(_ now: Int64) {
    guard let start, let due = schedule.due, dueTimer == nil else { return }
    // What is overdue waits for a stream: who frees one asks again, and sets the timer once nothing
    // is overdue any more.
    guard due > now else { return }
    dueTimer = loop.schedule(at: start + .nanoseconds(due)) { [weak self] in
      self?.dueTimer = nil
      self?.fill()
    }
  }
}

/// Why a run did not come about.
public struct LoadFailure: Error, Sendable, CustomStringConvertible {
  /// What happened, and where.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// What a driver tells while it runs; called on its loop.
struct LoadEvents: Sendable {
  /// Warm-up is over.
  var measuringStarted: @Sendable () -> Void
  /// A second of the measured part is over.
  var secondEnded: @Sendable (LoadReport.SecondSample) -> Void
  /// No further calls start.
  var measuringEnded: @Sendable () -> Void
}
