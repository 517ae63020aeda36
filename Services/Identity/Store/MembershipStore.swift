internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage

/// A membership as stored; to be replaced.
struct MembershipRecord: Sendable {
  var message: Identity.Membership
}

enum MembershipStore {
  static func all(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> [MembershipRecord] { [] }
  static func roles(
    of person: UUID, in organisation: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Set<Role> { [] }
  static func allRoles(of person: UUID, _ session: any SQLSession) throws(StorageError) -> Set<Role>
  { [] }
  static func isOnlyOwner(_ person: UUID, _ session: any SQLSession) throws(StorageError) -> Bool {
    false
  }
  static func removeAll(
    of person: UUID, by origin: Origin, feed: EventFeed, _ session: any SQLSession
  ) throws {}
}

enum OperatorOrganisation {
  static func addPlatformOperator(
    _ person: UUID, newID: () -> UUID, by origin: Origin, feed: EventFeed, _ session: any SQLSession
  ) throws {}
}

enum CredentialStore {
  static func revokeAll(
    of person: UUID, by origin: Origin, newID: () -> UUID, _ session: any SQLSession
  ) throws {}
}
