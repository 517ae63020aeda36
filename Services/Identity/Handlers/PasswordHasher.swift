internal import Cryptography
internal import Platform

/// Hashes passwords on threads of its own: each hash takes 128 MiB and most of a second, so few run
/// at once, few wait, and whoever comes then is told to come again.
final class PasswordHasher: Sendable {
  private struct Job: Sendable {
    let number: Int
    let run: @Sendable () -> Void
    let giveUp: @Sendable () -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var jobsMade = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let waitingMax: Int
  private let random: any RandomSource
  /// What a new hash costs.
  let cost: Scrypt.Cost
  /// A hash of nobody's password, for accounts that do not exist.
  private let nobody: PasswordHash

  /// How long a refused caller had better wait.
  private static let retryAfter: Duration = .seconds(2)

  init(
    cost: Scrypt.Cost = .owasp, threadCount: Int = 2, waitingMax: Int = 32,
    random: any RandomSource
  ) throws(CryptographyError) {
    self.cost = cost
    self.waitingMax = waitingMax
    self.random = random
    // Made, not computed: that would take a start longer than all the rest.
    nobody = try PasswordHash(
      "$scrypt$ln=\(cost.logN),r=\(cost.r),p=\(cost.p)$AAAAAAAAAAAAAAAAAAAAAA"
        + "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    for _ in 0..<threadCount {
      Thread.start { [state] in
        while let job = state.wait({ Self.next(&$0) }) { job.run() }
      }
    }
  }

  deinit { stop() }

  /// A job; nil inside when there is no further one.
  private static func next(_ state: inout State) -> Job?? {
    if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
    return state.isStopped ? .some(nil) : nil
  }

  /// Does what waits, then ends the threads.
  func stop() { state.change(waking: .all) { $0.isStopped = true } }

  /// The hash of a new password, as a PHC string.
  /// - Throws: `overloaded` when too many wait.
  func hash(_ password: String) async throws -> String {
    try await run { [cost, random] in
      Result { try PasswordHash(of: password, cost: cost, random).description }
    }
  }

  /// What checking a password tells.
  enum Verdict: Sendable, Hashable {
    case wrong
    /// Right; `needsRehash` when the cost has moved since it was hashed.
    case right(needsRehash: Bool)
  }

  /// Checks a password, taking as long for an account that does not exist.
  ///
  /// - Parameter stored: the PHC string; nil when there is no account.
  /// - Throws: `overloaded` when too many wait.
  func check(_ password: String, against stored: String?) async throws -> Verdict {
    try await run { [cost, nobody] in
      Result {
        let hash = try stored.map { try PasswordHash($0) } ?? nobody
        guard try hash.accepts(password), stored != nil else { return .wrong }
        return .right(needsRehash: hash.needsRehash(at: cost))
      }
    }
  }

  /// How many wait to be hashed.
  var waitingCount: Int { state.change(waking: .nobody) { $0.waiting.count } }

  /// Who has given up is not hashed: else, once more come than can be served in their time, all work
  /// would be for callers who are gone.
  private func run<Value: Sendable>(
    _ body: @escaping @Sendable () -> Result<Value, any Error>
  ) async throws -> Value {
    let number = state.change(waking: .nobody) { state in
      state.jobsMade += 1
      return state.jobsMade
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let refusal: (any Error)? = state.change(waking: .one) { state in
          if Task.isCancelled { return CancellationError() }
          guard state.waiting.count < waitingMax, !state.isStopped else {
            return IdentityError.overloaded(retryAfter: Self.retryAfter)
          }
          state.waiting.append(
            Job(number: number) {
              continuation.resume(with: body())
            } giveUp: {
              continuation.resume(throwing: CancellationError())
            })
          return nil
        }
        if let refusal { continuation.resume(throwing: refusal) }
      }
    } onCancel: {
      let job = state.change(waking: .nobody) { state in
        state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
      }
      job?.giveUp()
    }
  }
}
