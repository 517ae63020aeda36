import Platform

/// Requests of one kind from many callers, done by set-based statements in one durable commit: where
/// a transaction for each would cost a server most of its time.
public final class GroupedWrite<Input: Sendable, Output: Sendable>: Sendable {
  private struct State {
    var waiting: [GroupMember<Input, Output>] = []
    /// Whether a group waits for a thread or has one. There is one at a time: two would touch the
    /// same rows, and those who come meanwhile make the next one larger.
    var isUnderWay = false
  }

  let body: @Sendable ([Input], any SQLSession) throws -> [Result<Output, any Error>]
  private let database: Database
  private let groupMax: Int
  private let state = Lock(State())

  /// Writes of one kind to a database.
  ///
  /// - Parameters:
  ///   - groupMax: How many inputs one run of `body` gets at most.
  ///   - body: Gives each input its result, in their order; a failure is the refusal of that input,
  ///     for which nothing must have been written. It may be run again, and must do nothing but run
  ///     statements. When it throws, what it wrote is taken back and the group is tried in halves,
  ///     until the input that is at fault is alone.
  public init(
    _ database: Database, groupMax: Int = 256,
    body:
      @escaping @Sendable (_ inputs: [Input], _ session: any SQLSession) throws -> [Result<
        Output, any Error
      >]
  ) {
    self.database = database
    self.groupMax = groupMax
    self.body = body
  }

  /// Does one request; returns once the commit that holds it is durable.
  ///
  /// - Throws: the failure that `body` gave the input, what it threw, `StorageError`, or
  ///   `CancellationError` when the task was cancelled before its group began.
  public func run(_ input: Input) async throws -> Output {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        add(GroupMember(input: input, continuation: continuation, cancellation: cancellation))
      }
    } onCancel: {
      cancellation.request()
    }
  }

  /// How many wait for their group to begin.
  public var waitingCount: Int { state.withLock(\.waiting.count) }

  private func add(_ member: GroupMember<Input, Output>) {
    let waitingMax = database.options.waitingMax
    let (isAdded, isNew) = state.withLock { state in
      guard state.waiting.count < waitingMax else { return (false, false) }
      state.waiting.append(member)
      defer { state.isUnderWay = true }
      return (true, !state.isUnderWay)
    }
    if !isAdded {
      database.countRefusal()
      member.continuation.resume(throwing: StorageError.busy(waitingMax))
    }
    if isNew { beginGroup() }
  }

  private func beginGroup() {
    do throws(StorageError) {
      try database.add(GroupJob(self))
    } catch {
      let refused = state.withLock { state in
        defer { state = State() }
        return state.waiting
      }
      for member in refused { member.continuation.resume(throwing: error) }
    }
  }

  /// Those whose turn has come.
  func take() -> [GroupMember<Input, Output>] {
    let taken = state.withLock { state in
      let taken = state.waiting.prefix(groupMax)
      state.waiting.removeFirst(taken.count)
      return taken
    }
    // Nobody waits any more for what was given up.
    for member in taken where member.cancellation.isRequested {
      member.continuation.resume(throwing: CancellationError())
    }
    return taken.filter { !$0.cancellation.isRequested }
  }

  /// Lets those who have come meanwhile form the next group.
  func groupEnded() {
    let isNew = state.withLock { state in
      state.isUnderWay = !state.waiting.isEmpty
      return state.isUnderWay
    }
    if isNew { beginGroup() }
  }
}

/// One input of a group, and who waits for its outcome.
struct GroupMember<Input: Sendable, Output: Sendable>: Sendable {
  let input: Input
  let continuation: CheckedContinuation<Output, any Error>
  let cancellation: Cancellation
}
