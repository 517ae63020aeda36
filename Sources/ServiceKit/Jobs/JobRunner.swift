import Platform
import Storage

/// Runs one background job as long as its task lives: takes and renews the lease, begins anew after
/// failures, and tells how it fares.
final class JobRunner: Sendable {
  /// What is known of a job.
  struct Status: Sendable {
    var isLeasedHere = false
    /// Since 1970.
    var lastRunAt: Duration?
    var lastFault = ""
  }

  let job: BackgroundJob
  private let database: Database
  private let lease: Lease
  private let usesLease: Bool
  private let time: any TimeSource
  private let log: Log
  private let current = Lock(Status())

  /// How long a lease lasts; a copy that dies is followed by another after so long at most.
  static let leaseDuration: Duration = .seconds(15)
  private static let failureWaitMax: Duration = .seconds(60)

  /// - Parameter usesLease: false where there is one copy only, since another cannot have the file.
  init(_ job: BackgroundJob, usesLease: Bool, _ environment: ServiceEnvironment) {
    self.job = job
    self.usesLease = usesLease
    database = environment.database
    time = environment.time
    log = environment.log
    lease = Lease(
      "job/\(job.name)", holder: "\(environment.instanceID)", duration: Self.leaseDuration)
  }

  var status: Status { current.withLock { $0 } }

  /// Runs the job until the task is cancelled.
  func run() async {
    guard usesLease else {
      current.withLock { $0.isLeasedHere = true }
      return await work()
    }
    while !Task.isCancelled {
      if await takeLease() {
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await self.work() }
          group.addTask { await self.keepLease() }
          await group.next()
          group.cancelAll()
        }
        current.withLock { $0.isLeasedHere = false }
      } else {
        await sleep(Self.leaseDuration / 3)
      }
    }
    // So that another copy need not wait for its end.
    _ = try? await database.write { [lease] session in try lease.release(in: session) }
  }

  private func takeLease() async -> Bool {
    do {
      let now = time.sinceEpoch()
      let isTaken = try await database.write { [lease] session in
        try lease.take(at: now, in: session)
      }
      current.withLock { $0.isLeasedHere = isTaken }
      return isTaken
    } catch {
      failed(error)
      return false
    }
  }

  /// Renews the lease until it is lost: taken by another, or over while the database was away.
  private func keepLease() async {
    var endsAt = time.now() + Self.leaseDuration
    while !Task.isCancelled {
      await sleep(Self.leaseDuration / 3)
      if Task.isCancelled { return }
      let now = time.now()
      if await takeLease() { endsAt = now + Self.leaseDuration } else if now >= endsAt { return }
    }
  }

  private func work() async {
    var failures = 0
    while !Task.isCancelled {
      if case .always = job.form { current.withLock { $0.lastRunAt = time.sinceEpoch() } }
      do {
        switch job.form {
        case .every(_, let run), .always(let run): try await run()
        }
        failures = 0
        current.withLock { status in
          status.lastRunAt = time.sinceEpoch()
          status.lastFault = ""
        }
      } catch {
        if Task.isCancelled { return }
        failures += 1
        failed(error)
      }
      if Task.isCancelled { return }
      await sleep(pause(after: failures))
    }
  }

  private func pause(after failures: Int) -> Duration {
    let period =
      switch job.form {
      case .every(let period, _): period
      case .always: Duration.seconds(1)
      }
    if failures == 0 { return period }
    return max(period, min(.milliseconds(500 << min(failures, 7)), Self.failureWaitMax))
  }

  private func failed(_ error: any Error) {
    let text = String("\(error)".prefix(200))
    // The same again and again is told once; and before it shows, so that who sees it finds the line.
    if current.withLock({ $0.lastFault != text }) {
      log.warning(
        "a background job failed and will be tried again", .text("job", job.name),
        .text("cause", text))
    }
    current.withLock { $0.lastFault = text }
  }

  private func sleep(_ duration: Duration) async {
    await time.sleep(until: time.now() + duration)
  }
}
