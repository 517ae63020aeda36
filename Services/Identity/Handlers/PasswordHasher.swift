internal import Cryptography
internal import Platform

/// Hashes passwords on threads of its own: each hash takes 128 MiB and most of a second, so few run
/// at once, few wait, and whoever comes then is told to come again.
final class PasswordHasher: Sendable {
  private typealias Job = @Sendable () -> Void

  private struct State {
    var waiting: [Job] = []
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
        while let job = state.wait({ Self.next(&$0) }) { job() }
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

  private func run<Value: Sendable>(
    _ body: @escaping @Sendable () -> Result<Value, any Error>
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let isTaken = state.change(waking: .one) { state in
        guard state.waiting.count < waitingMax, !state.isStopped else { return false }
        state.waiting.append { continuation.resume(with: body()) }
        return true
      }
      if !isTaken {
        continuation.resume(throwing: IdentityError.overloaded(retryAfter: Self.retryAfter))
      }
    }
  }
}
