internal import IdentityContracts
internal import Platform
internal import Storage

/// Counts failures to sign in for the account and the network address, and refuses who must wait.
struct SignInGuard: Sendable {
  private let environment: IdentityEnvironment
  private let origin: Origin
  /// Nil when it is not known whence the call comes: then nobody suffers for others.
  private let place: [UInt8]?

  init(_ environment: IdentityEnvironment, _ origin: Origin) {
    self.environment = environment
    self.origin = origin
    place =
      origin.address.isEmpty
      ? nil : LockoutStore.address(Self.host(of: origin.address), environment.vault)
  }

  /// The address without the port, which each connection has another of.
  private static func host(of address: String) -> String {
    guard let colon = address.lastIndex(of: ":"),
      address[colon...].dropFirst().allSatisfy(\.isNumber)
    else { return address }
    return String(address[..<colon])
  }

  /// - Throws: `lockedOut`.
  func check(_ account: [UInt8], _ session: any SQLSession) throws(IdentityError) {
    let now = origin.occurredAt
    let waits = [account, place].compactMap(\.self).compactMap {
      // What cannot be read fails again in the statement that follows, and there as what it is.
      try? LockoutStore.find($0, session).wait(at: now)
    }
    if let wait = waits.max() { throw .refused(.lockedOut, retryAfter: wait) }
  }

  /// Counts a failure.
  func fail(
    _ account: [UInt8], _ person: PersonRecord?, _ session: any SQLSession
  ) throws {
    let now = origin.occurredAt
    var ofAccount = try LockoutStore.find(account, session)
    let isTold = ofAccount.fail(Lockout.account, at: now)
    try LockoutStore.write(ofAccount, of: account, session)
    if let place {
      var ofPlace = try LockoutStore.find(place, session)
      ofPlace.fail(Lockout.address, at: now)
      try LockoutStore.write(ofPlace, of: place, session)
    }
    guard isTold, let person else { return }
    try environment.send(.lockedOut, to: person, at: now, session)
    try environment.feed.add(.signInLocked, of: person.id, by: origin, session: session) {
      $0.person = person.name
    }
    try AuditLog.add("person.lock_out", to: "person", person.id, by: origin, session: session)
  }
}
