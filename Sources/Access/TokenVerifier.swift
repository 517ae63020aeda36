public import Platform

/// Verifies access tokens without asking anybody, and remembers those that were good until they
/// expire or are revoked. One for a service; any task may use it.
///
/// Keys are fetched when they are first needed, and anew once they are 5 minutes old or a token names
/// one that is not among them. When they cannot be had, those that are there serve for an hour.
public final class TokenVerifier: Sendable {
  /// Gives the key set as identity publishes it now.
  public typealias KeySource = @Sendable () async throws -> KeySet

  /// A good token with what follows from it, so that neither is worked out a second time.
  final class Verified: Sendable {
    let token: AccessToken
    let keyID: UUID
    let caller: Caller

    init(_ token: AccessToken, keyID: UUID) {
      self.token = token
      self.keyID = keyID
      caller = token.caller()
    }
  }

  private struct State {
    var keys = KeySet()
    var withdrawn = Revocations()
    var revoked = Revocations()
    /// When the keys were fetched; nil before the first time.
    var fetchedAt: MonotonicTime?
    var lastTryAt: MonotonicTime?
    var isFetching = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// Good tokens in two generations: when the younger is full, the older is forgotten.
    var recent: [String: Verified] = [:]
    var older: [String: Verified] = [:]
  }

  private let realm: AccessToken.Realm
  private let time: any TimeSource
  private let source: KeySource
  private let state = Lock(State())

  /// How long keys are fresh.
  static let freshFor: Duration = .seconds(300)
  /// How long keys serve when no fresh ones can be had.
  static let usableFor: Duration = .seconds(3_600)
  /// How often keys are asked for at most, whatever tokens name.
  static let triesEvery: Duration = .seconds(2)
  /// How many good tokens a generation holds; about 2 KiB each.
  static let generationMax = 4_096

  /// - Parameter keys: a call to identity, which bounds its own time; or identity's own store.
  public init(
    realm: AccessToken.Realm, time: any TimeSource, keys: @escaping KeySource
  ) {
    self.realm = realm
    self.time = time
    source = keys
  }

  /// The token, if it is good now.
  public func verify(_ text: String) async throws(TokenFault) -> AccessToken {
    try await verified(text).token
  }

  func verified(_ text: String) async throws(TokenFault) -> Verified {
    let now = time.sinceEpoch()
    if let entry = state.withLock({ Self.remembered(text, &$0) }) {
      try entry.token.check(at: now)
      return entry
    }
    let parts = try AccessToken.Parts(text)
    let keys = try await keys(with: parts.keyID)
    let token = try AccessToken(parts, keys: keys, in: realm, at: now)
    let entry = Verified(token, keyID: parts.keyID)
    try state.withLock { (state) throws(TokenFault) in
      if Self.isRevoked(entry, state) { throw .revoked }
      Self.remember(entry, as: text, &state)
    }
    return entry
  }

  // MARK: Revoking

  /// Refuses the tokens of a session or an API key from now on.
  public func revoke(_ id: UUID) {
    let now = time.sinceEpoch()
    state.withLock { $0.revoked.add(id, at: now) }
  }

  /// Refuses the tokens that a signing key has signed.
  public func withdraw(key id: UUID) {
    let now = time.sinceEpoch()
    state.withLock { state in
      state.withdrawn.add(id, at: now)
      state.keys.remove(id)
    }
  }

  private static func isRevoked(_ entry: Verified, _ state: State) -> Bool {
    let id =
      switch entry.token.subject {
      case .person(_, let session, _, _): session
      case .apiKey(let key, _): key
      }
    return state.revoked.contains(id) || state.withdrawn.contains(entry.keyID)
  }

  // MARK: Remembering

  /// A revoked one is forgotten and found to be so by the slow way.
  private static func remembered(_ text: String, _ state: inout State) -> Verified? {
    if let entry = state.recent[text] {
      if !isRevoked(entry, state) { return entry }
      state.recent[text] = nil
    } else if let entry = state.older.removeValue(forKey: text), !isRevoked(entry, state) {
      remember(entry, as: text, &state)
      return entry
    }
    return nil
  }

  private static func remember(_ entry: Verified, as text: String, _ state: inout State) {
    if state.recent.count >= generationMax {
      state.older = state.recent
      state.recent = [:]
    }
    state.recent[text] = entry
  }

  // MARK: Keys

  private enum Step {
    case use(KeySet)
    case fetch
    case wait
    case fail(TokenFault)
  }

  private func keys(with id: UUID) async throws(TokenFault) -> KeySet {
    while true {
      switch state.withLock({ nextStep(for: id, &$0) }) {
      case .use(let keys): return keys
      case .fail(let fault): throw fault
      case .fetch: await fetch()
      case .wait:
        await withCheckedContinuation { continuation in
          let isFetching = state.withLock { state in
            if state.isFetching { state.waiting.append(continuation) }
            return state.isFetching
          }
          if !isFetching { continuation.resume() }
        }
      }
    }
  }

  private func nextStep(for id: UUID, _ state: inout State) -> Step {
    let now = time.now()
    let age = state.fetchedAt.map { now - $0 }
    let isUsable = age.map { $0 < Self.usableFor } ?? false
    let hasKey = isUsable && state.keys[id] != nil
    if hasKey, let age, age < Self.freshFor { return .use(state.keys) }
    if state.isFetching { return hasKey ? .use(state.keys) : .wait }
    if let last = state.lastTryAt, now - last < Self.triesEvery {
      // Whoever has just been told is told again, be it that there is no such key or no answer.
      if hasKey { return .use(state.keys) }
      return .fail(isUsable && state.fetchedAt == last ? .keyUnknown : .keysUnavailable)
    }
    state.isFetching = true
    state.lastTryAt = now
    return .fetch
  }

  private func fetch() async {
    let fetched = try? await source()
    let waiting = state.withLock { state in
      if var keys = fetched {
        for name in keys.names where state.withdrawn.contains(name) { keys.remove(name) }
        state.keys = keys
        state.fetchedAt = state.lastTryAt
      }
      state.isFetching = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
