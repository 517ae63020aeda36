import Platform

/// Something that a service leans on, and how it was when it was last looked at.
final class Dependency: Sendable {
  struct Status: Sendable {
    var isReachable = true
    /// Since 1970.
    var since: Duration
    var lastFault = ""
  }

  let name: String
  private let check: @Sendable () async throws -> Void
  private let time: any TimeSource
  private let current: Lock<Status>

  init(
    _ name: String, time: any TimeSource, _ check: @escaping @Sendable () async throws -> Void
  ) {
    self.name = name
    self.time = time
    self.check = check
    current = Lock(Status(since: time.sinceEpoch()))
  }

  var status: Status { current.withLock { $0 } }

  /// Looks at it now.
  ///
  /// - Returns: what is wrong; nil if it is well.
  @discardableResult
  func look() async -> String? {
    var fault: String?
    do { try await check() } catch { fault = String("\(error)".prefix(200)) }
    let now = time.sinceEpoch()
    current.withLock { status in
      if status.isReachable != (fault == nil) { status.since = now }
      status.isReachable = fault == nil
      if let fault { status.lastFault = fault }
    }
    return fault
  }
}
