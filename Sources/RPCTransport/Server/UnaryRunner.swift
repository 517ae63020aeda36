import RPC
import Reactor

/// Runs the handlers of the unary calls that a read has brought, one after the other in one task for
/// as long as none of them waits: making a task costs a third of all that a small call costs.
///
/// A handler that waits keeps the task for itself, the next one gets another. Belongs to one loop,
/// and is used by all its connections.
///
/// Sendable, because everything is touched on the loop only, where the tasks run, too.
final class UnaryRunner: @unchecked Sendable {
  private let router: Router
  private let loop: EventLoop
  private var waiting: [(call: ServerCall, invocation: UnaryInvocation)] = []
  private var first = 0
  /// Tells a task that handlers have gone on without it.
  private var round = 0
  private var current: ServerCall?

  init(_ router: Router, _ loop: EventLoop) {
    self.router = router
    self.loop = loop
  }

  /// Has a handler run with the next `run`.
  func add(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {
    waiting.append((call, invocation))
  }

  /// Runs what was added, until each has ended or waits.
  func run() {
    loop.preconditionIsCurrent()
    while first < waiting.count {
      let task = Task.immediate(executorPreference: loop) { [self, round] in
        while round == self.round, !Task.isCancelled, let (call, invocation) = takeNext() {
          current = call
          let result: Result<[UInt8]?, RPCError>
          do throws(RPCError) {
            result = .success(try await router.serve(invocation, call.context))
          } catch {
            result = .failure(error)
          }
          if round == self.round { current = nil }
          call.handlerEnded(result)
        }
      }
      current?.handlerWaits(in: task)
      current = nil
      round += 1
    }
    waiting.removeAll(keepingCapacity: true)
    first = 0
  }

  /// The next call that still wants its handler to run.
  private func takeNext() -> (call: ServerCall, invocation: UnaryInvocation)? {
    while first < waiting.count {
      let next = waiting[first]
      first += 1
      if !next.call.endedBeforeHandler() { return next }
    }
    return nil
  }
}
