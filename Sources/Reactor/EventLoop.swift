import Glibc
public import Platform
import Synchronization

/// A thread that waits for sockets and timers, and runs what they and their tasks have to do.
///
/// As a `TaskExecutor` (and `SerialExecutor`) it runs the handlers of the connections that live on
/// it, so that a call needs no change of thread. Each turn of the loop handles what is ready, then
/// the jobs of tasks, then lets the connections that have something to send write it in one go.
///
/// Sendable although it has mutable state: `inbox` is behind a lock, everything else is only touched
/// by the loop's own thread, which `preconditionIsCurrent` checks where callers come in.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  /// What other threads hand over.
  private struct Inbox {
    var jobs: [UnownedJob] = []
    var actions: [@Sendable () -> Void] = []
    /// Whether the loop may be waiting without knowing of this inbox's content.
    var needsWake = true
    var isStopping = false
  }

  private let inbox = Lock(Inbox())
  private let timeSource: any TimeSource
  private let poller = Poller()
  /// The thread that runs the loop; 0 while none does. Others ask whether they are it.
  private let thread = Atomic<pthread_t>(0)

  private var jobs: [UnownedJob] = []
  private var timers = TimerQueue()
  private var watchers = WatcherTable()
  private var unflushed: [Connection] = []
  /// Those that had their share of this turn, and more to send.
  private var unfinished: [Connection] = []
  private var events: [Poller.Event] = []

  /// The time at the beginning of this turn; only for the loop's own thread.
  public private(set) var now: MonotonicTime

  /// Memory that every connection of the loop reads into and writes from, one after the other.
  let readBuffer = IOBuffer(byteCount: ReactorLimits.readBytesMax)
  var writeBuffer: [UInt8] = []

  /// A loop that does not run yet.
  init(time: any TimeSource) {
    timeSource = time
    now = time.now()
    writeBuffer.reserveCapacity(ReactorLimits.writeBytesMax)
  }

  // MARK: Coming in from elsewhere

  /// Whether this is the loop's thread.
  public var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

  /// Stops the program when another thread touches what belongs to the loop.
  @inline(__always)
  public func preconditionIsCurrent() {
    precondition(isCurrent, "this belongs to an event loop and was called from elsewhere")
  }

  /// Runs a task's job on the loop.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      jobs.append(job)
    } else {
      handOver { $0.jobs.append(job) }
    }
  }

  /// Runs `action` on the loop, soon.
  public func execute(_ action: @escaping @Sendable () -> Void) {
    handOver { $0.actions.append(action) }
  }

  /// Runs `body` on the loop, and waits for it.
  public func run<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    if isCurrent { return body() }
    // What the loop made is handed over under a lock: a continuation may be resumed before its task
    // waits, which the runtime orders by an atomic of its own that ThreadSanitizer does not see.
    let handed = Lock<Result?>(nil)
    await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      execute {
        let result = body()
        handed.withLock { $0 = result }
        unsafe continuation.resume()
      }
    }
    guard let result = handed.withLock(\.self) else {
      preconditionFailure("the continuation was resumed without a result")
    }
    return result
  }

  private func handOver(_ add: (inout Inbox) -> Void) {
    let wakes = inbox.withLock { inbox in
      add(&inbox)
      defer { inbox.needsWake = false }
      return inbox.needsWake
    }
    if wakes { poller.wake() }
  }

  /// The loop as the executor of tasks.
  public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    unsafe UnownedTaskExecutor(ordinary: self)
  }

  /// The loop as the executor of actors.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// For the runtime's checks that an actor's code runs where it should.
  public func checkIsolated() { preconditionIsCurrent() }

  // MARK: Timers

  /// Does `action` at `deadline`, or as soon after it as the loop gets to it. Only on the loop.
  @discardableResult
  public func schedule(
    at deadline: MonotonicTime, _ action: @escaping () -> Void
  ) -> LoopTimer {
    preconditionIsCurrent()
    return timers.add(at: deadline, action)
  }

  /// Does `action` after `duration`. Only on the loop.
  @discardableResult
  public func schedule(after duration: Duration, _ action: @escaping () -> Void) -> LoopTimer {
    schedule(at: timeSource.now() + duration, action)
  }

  /// Forgets a timer; one that is done already is left alone. Only on the loop.
  public func cancel(_ timer: LoopTimer) {
    preconditionIsCurrent()
    timers.cancel(timer)
  }

  // MARK: Sockets

  func watch(_ descriptor: Int32, _ interest: Readiness, _ watcher: any Watcher) -> UInt64 {
    let token = watchers.add(watcher)
    poller.add(descriptor, interest, token: token)
    return token
  }

  func rewatch(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
    poller.change(descriptor, interest, token: token)
  }

  func unwatch(_ descriptor: Int32, token: UInt64) {
    poller.remove(descriptor)
    watchers.remove(token)
  }

  /// Has the connection write at the end of this turn.
  func flushLater(_ connection: Connection) {
    unflushed.append(connection)
  }

  /// Has the connection go on writing in the next turn.
  func flushNextTurn(_ connection: Connection) {
    unfinished.append(connection)
  }

  // MARK: Running

  /// Runs until `stop`, on the calling thread.
  func run() {
    thread.store(pthread_self(), ordering: .relaxed)
    while true {
      let isStopping = takeInbox()
      if isStopping && jobs.isEmpty {
        if watchers.isEmpty { break }
        closeAll()
      }
      wait(forEvents: !isStopping)
      now = timeSource.now()
      runTimers()
      takeEvents()
      runJobs()
      flush()
      swap(&unflushed, &unfinished)
    }
    // What they hold may hold the loop.
    timers = TimerQueue()
    unflushed = []
    thread.store(0, ordering: .relaxed)
  }

  /// Has `run` return, once the jobs that are there are done, the sockets closed and the jobs that
  /// came of that done, too.
  func stop() {
    handOver { $0.isStopping = true }
  }

  private func takeInbox() -> Bool {
    let (new, actions, isStopping) = inbox.withLock { inbox in
      defer {
        inbox.jobs.removeAll(keepingCapacity: true)
        inbox.actions = []
        inbox.needsWake = true
      }
      return (inbox.jobs, inbox.actions, inbox.isStopping)
    }
    jobs.append(contentsOf: new)
    for action in actions { action() }
    return isStopping
  }

  /// Closes the sockets: nobody would hear of them any more.
  private func closeAll() {
    flush()
    for watcher in watchers.all { watcher.loopEnds() }
  }

  private func wait(forEvents waitsForEvents: Bool) {
    var nanoseconds: Int64 = -1
    if !waitsForEvents || !jobs.isEmpty || !unflushed.isEmpty {
      nanoseconds = 0
    } else if let next = timers.next {
      nanoseconds = min(60_000_000_000, max(0, (next - timeSource.now()).nanoseconds))
    }
    poller.wait(nanoseconds: nanoseconds, &events)
  }

  private func runTimers() {
    while let action = timers.popDue(at: now) { action() }
  }

  private func takeEvents() {
    for event in events {
      // A watcher may have gone since: because of an event before this one.
      watchers[event.token]?.becameReady(event.readiness)
      // Who has its answer need not wait for what others' events cost.
      if !unflushed.isEmpty, isOlder(than: ReactorLimits.turnMax) { flush() }
    }
    events.removeAll(keepingCapacity: true)
  }

  /// Whether this turn has taken longer than that.
  func isOlder(than duration: Duration) -> Bool { timeSource.now() - now > duration }

  /// Whether others have waited so long that they should have their turn.
  private func isLong(since start: MonotonicTime) -> Bool {
    timeSource.now() - start > ReactorLimits.turnMax
  }

  /// Runs the jobs that are there; those that they add, and those that are left when they take long,
  /// come in the next turn, so that tasks which keep each other busy do not starve the sockets.
  private func runJobs() {
    if jobs.isEmpty { return }
    let executor = unsafe asUnownedTaskExecutor()
    let start = timeSource.now()
    var index = 0
    let count = jobs.count
    while index < count, index == 0 || !isLong(since: start) {
      let job = jobs[index]
      index += 1
      unsafe job.runSynchronously(on: executor)
    }
    jobs.removeSubrange(0..<index)
  }

  private func flush() {
    while let connection = unflushed.popLast() { connection.flush() }
  }
}
