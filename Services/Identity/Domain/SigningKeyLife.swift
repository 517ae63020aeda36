internal import Access
internal import IdentityContracts
internal import Platform

/// The life of a signing key: published at once, signing once every cache has it, verifying until its
/// last token is over. All of it follows from when the keys begin to sign, so no job has to act.
struct SigningKeyLife: Sendable, Hashable {
  /// The key.
  let id: UUID
  /// When it was made and published.
  let createdAt: Duration
  /// When it begins to sign.
  let signsFrom: Duration
  /// When it was taken out of use by hand; nil if it was not.
  let withdrawnByHandAt: Duration?

  /// How long caches may lag behind.
  static let publishedFor: Duration = .seconds(600)
  /// How long a key verifies after it has stopped signing.
  static let verifiesFor = AccessToken.lifetime + AccessToken.leeway

  /// The one that signs at an instant: of those that may, the one that began last.
  static func signing(_ keys: [SigningKeyLife], at now: Duration) -> SigningKeyLife? {
    keys.filter { $0.signsFrom <= now && !$0.isWithdrawnByHand(at: now) }
      .max { ($0.signsFrom, $0.id) < ($1.signsFrom, $1.id) }
  }

  /// When it stopped signing: when the next began to; nil as long as it signs, or is to sign.
  func retiredAt(among keys: [SigningKeyLife], at now: Duration) -> Duration? {
    let next = keys.filter {
      $0.id != id && ($0.signsFrom, $0.id) > (signsFrom, id) && $0.signsFrom <= now && $0.everSigns
    }.map(\.signsFrom).min()
    return [next, withdrawnByHandAt].compactMap(\.self).min()
  }

  /// When it stopped verifying; nil as long as it does.
  func withdrawnAt(among keys: [SigningKeyLife], at now: Duration) -> Duration? {
    if let withdrawnByHandAt { return withdrawnByHandAt }
    guard let retired = retiredAt(among: keys, at: now), retired + Self.verifiesFor <= now else {
      return nil
    }
    return retired + Self.verifiesFor
  }

  /// Where it is in its life.
  func state(among keys: [SigningKeyLife], at now: Duration) -> Identity.SigningKeyState {
    if withdrawnAt(among: keys, at: now) != nil { return .withdrawn }
    if signsFrom > now { return .published }
    return retiredAt(among: keys, at: now) == nil ? .signing : .retired
  }

  /// One that was taken out of use before it began to sign takes no other's place.
  private var everSigns: Bool { withdrawnByHandAt.map { $0 > signsFrom } ?? true }

  private func isWithdrawnByHand(at now: Duration) -> Bool {
    withdrawnByHandAt.map { $0 <= now } ?? false
  }
}
