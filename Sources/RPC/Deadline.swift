import Platform

/// Ends what takes longer than its caller waits.
public enum Deadline {
  /// What a caller is told whose time is over.
  public static let error = RPCError(
    .deadlineExceeded, "time ran out; whether the call had an effect is unknown")

  /// Runs `body`; cancels it when the deadline of `context` passes, and throws then.
  /// - Throws: what `body` throws, or `error`.
  static func enforce<T: Sendable>(
    _ context: CallContext, _ body: @escaping @Sendable () async throws(RPCError) -> T
  ) async throws(RPCError) -> T {
    guard let deadline = context.deadline else { return try await body() }
    let outcome = await withTaskGroup(of: Result<T, RPCError>?.self) { group in
      group.addTask {
        do throws(RPCError) { return .success(try await body()) } catch { return .failure(error) }
      }
      group.addTask {
        await context.time.sleep(until: deadline)
        return Task.isCancelled ? nil : .failure(error)
      }
      var first = await group.next()
      // Nil stands for a sleep that was cancelled, by the caller: then the body ends, too.
      if case .some(.none) = first { first = await group.next() }
      group.cancelAll()
      return first.flatMap { $0 } ?? .failure(RPCError(.cancelled, "the call was cancelled"))
    }
    return try outcome.get()
  }
}
