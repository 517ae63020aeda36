/// What a service does unasked: again and again, or all the time.
///
/// With several copies of a service a leased job runs in one of them. A copy that was held up may
/// believe for a moment that it still has the lease, so a job bears being run twice at once.
public struct BackgroundJob: Sendable {
  /// How it is run.
  enum Form: Sendable {
    /// Once in each period.
    case every(Duration, @Sendable () async throws -> Void)
    /// Until the task is cancelled; anew when it ends before.
    case always(@Sendable () async throws -> Void)
  }

  /// Its name: `outbox-relay`.
  public let name: String
  let form: Form
  let isLeased: Bool
  let waiting: (@Sendable () async throws -> Int64)?

  /// A job that is run once in each period; after a failure it waits longer, up to a minute or the
  /// period.
  ///
  /// - Parameters:
  ///   - isLeased: whether one copy of the service at a time does it.
  ///   - waiting: how much there is to do, for the operator.
  public static func every(
    _ period: Duration, _ name: String, isLeased: Bool = true,
    waiting: (@Sendable () async throws -> Int64)? = nil,
    _ run: @escaping @Sendable () async throws -> Void
  ) -> BackgroundJob {
    BackgroundJob(
      name: name, form: .every(period, run), isLeased: isLeased, waiting: waiting)
  }

  /// A job that runs until its task is cancelled, such as one that follows a stream; it is begun
  /// anew when it ends before that, after a failure up to a minute later.
  public static func always(
    _ name: String, isLeased: Bool = true,
    waiting: (@Sendable () async throws -> Int64)? = nil,
    _ run: @escaping @Sendable () async throws -> Void
  ) -> BackgroundJob {
    BackgroundJob(name: name, form: .always(run), isLeased: isLeased, waiting: waiting)
  }
}
