internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts

/// The organisation of who runs the platform.
enum OperatorOrganisation {
  /// Makes a person one of the platform's operators, and their organisation if there is none yet.
  static func addPlatformOperator(
    _ person: UUID, newID: @escaping () -> UUID, by origin: Origin, feed: EventFeed,
    _ session: any SQLSession
  ) throws {
    let changes = MembershipChanges(feed: feed, newID: newID, origin: origin, session: session)
    let present = try OrganisationStore.list(
      OrganisationStore.Filter(kind: .platform), after: nil, countMax: 1, session
    ).first
    let organisation =
      try present
      ?? changes.found(
        Identity.Organisation(
          id: newID().description, kind: .platform,
          name: SaraiType.LocalizedText(en: "Platform", ur: "پلیٹ فارم", zh: "平台")),
        owner: person)
    _ = try changes.join(
      person, UUID(organisation.id) ?? .null, [.platformOperator])
  }
}
