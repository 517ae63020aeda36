import RPC
import Reactor

/// Runs the handlers of the unary calls that a read has brought, one after the other in one task for
/// as long as none of them waits: making a task costs a third of all that a small call costs.
///
/// A handler that waits keeps the task for itself, the next one gets another. Belongs to one
/// connection.
///
/// Sendable, because everything is touched on the loop only, where the tasks run, too.
final class UnaryRunner: @unchecked Sendable {
  private struct Start {
    let call: ServerCall
    let invocation: UnaryInvocation
  }

  private let router: Router
  private let loop: EventLoop
  private let mayGoOn: () -> Bool
  private var waiting: [Start] = []
  /// Tells a task that handlers have gone on without it.
  private var round = 0
  private var current: ServerCall?

  /// - Parameter mayGoOn: is asked before each handler; the others wait for a later `run`.
  init(_ router: Router, _ loop: EventLoop, mayGoOn: @escaping () -> Bool) {
    self.router = router
    self.loop = loop
    self.mayGoOn = mayGoOn
  }

  /// Has a handler run with the next `run`.
  func add(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {
    waiting.append(Start(call: call, invocation: invocation))
  }

  /// Runs what was added, in that order, until each has ended or waits.
  func run() {
    if waiting.isEmpty { return }
    loop.preconditionIsCurrent()
    // The next one is taken from the end.
    waiting.reverse()
    while !waiting.isEmpty, mayGoOn() {
      let task = Task.immediate(executorPreference: loop) { [self, round] in
        while round == self.round, !Task.isCancelled, let start = takeNext() {
          let call = start.call
          current = call
          let result: Result<[UInt8]?, RPCError>
          do throws(RPCError) {
            result = .success(try await router.serve(start.invocation, call.context))
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
    waiting.reverse()
  }

  /// The next call that still wants its handler to run.
  private func takeNext() -> Start? {
    while mayGoOn(), let next = waiting.popLast() {
      if !next.call.endedBeforeHandler() { return next }
    }
    return nil
  }
}
