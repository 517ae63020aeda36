import Platform

/// Sessions, API keys and signing keys that are over, for as long as tokens of theirs could live.
///
/// Two generations, each for one lifetime: an entry is kept for one to two of them, and forgetting
/// costs nothing. Only identity adds entries, so that nobody outside can fill it.
struct Revocations {
  private var recent: Set<UUID> = []
  private var older: Set<UUID> = []
  private var recentSince: Duration = .zero
  private static let kept = AccessToken.lifetimeMax + AccessToken.leeway

  mutating func add(_ id: UUID, at now: Duration) {
    // The clock may have been set back; then the generation just lasts longer.
    if now - recentSince > Self.kept {
      older = recent
      recent = []
      recentSince = now
    }
    recent.insert(id)
  }

  func contains(_ id: UUID) -> Bool { recent.contains(id) || older.contains(id) }
}
