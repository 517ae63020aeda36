internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts

/// People and organisations that exist in a demo only, so that every desk can be looked at at once.
enum DemoPeople {
  /// Everybody's password.
  static let password = "caravan at the gate"
  /// Its hash at the usual cost: to compute it would make the start slow.
  private static let hash =
    "$scrypt$ln=17,r=8,p=1$AAECAwQFBgcICQoLDA0ODw"
    + "$Rra1yHpOso2lvwufC8vqscuplGROuO3XRQQj5DGRix4"
  /// The secret of the second factor of those whose role demands one.
  static let factorSecret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"

  private struct Entry {
    let number: UInt64
    let mailbox: String
    let name: String
    let organisation: Entry.Place
    let roles: Set<Role>

    enum Place: UInt64, CaseIterable {
      case platform = 101
      case authority, sportsGoods, textiles
    }

    var address: String { "\(mailbox)@demo.sarai.example" }
  }

  private static let entries = [
    Entry(
      number: 1, mailbox: "operator", name: "Omar Farooq", organisation: .platform,
      roles: [.platformOperator]),
    Entry(
      number: 2, mailbox: "finance", name: "Fatima Noor", organisation: .platform,
      roles: [.financeOperator]),
    Entry(
      number: 3, mailbox: "checker", name: "Chaudhry Imran", organisation: .platform,
      roles: [.financeOperator]),
    Entry(
      number: 4, mailbox: "officer", name: "Sana Malik", organisation: .authority,
      roles: [.officer]),
    Entry(
      number: 5, mailbox: "confirmer", name: "Kamran Shah", organisation: .authority,
      roles: [.officer]),
    Entry(
      number: 6, mailbox: "analyst", name: "Hina Aslam", organisation: .authority,
      roles: [.analyst]),
    Entry(
      number: 7, mailbox: "trainer", name: "Tariq Mehmood", organisation: .authority,
      roles: [.trainer]),
    Entry(
      number: 8, mailbox: "moderator", name: "Maryam Bibi", organisation: .authority,
      roles: [.moderator]),
    Entry(
      number: 9, mailbox: "seller", name: "Ayesha Khan", organisation: .sportsGoods,
      roles: [.owner]),
    Entry(
      number: 10, mailbox: "warehouse", name: "Waqas Ali", organisation: .sportsGoods,
      roles: [.warehouse]),
    Entry(
      number: 11, mailbox: "buyer", name: "Li Wei", organisation: .textiles, roles: [.owner]),
  ]

  /// What a demo's user needs to know, a line each.
  static var signIns: [String] {
    ["demo sign-ins, all with the password: \(password)"]
      + entries.map { entry in
        let roles = entry.roles.map(\.name).sorted().joined(separator: ", ")
        let factor = FactorDemand.isMade(by: entry.roles) ? ", second factor \(factorSecret)" : ""
        return "  \(entry.address) (\(roles)\(factor))"
      }
  }

  private static func id(_ number: UInt64) -> UUID {
    UUID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
  }

  /// Makes those who are not there yet.
  static func prepare(_ environment: IdentityEnvironment) async throws {
    let origin = Origin(service: "identity", at: environment.time.sinceEpoch())
    try await environment.database.write { session in
      for entry in entries where try PersonStore.find(id(entry.number), session) == nil {
        try make(entry, environment, origin, session)
      }
    }
  }

  private static func make(
    _ entry: Entry, _ environment: IdentityEnvironment, _ origin: Origin,
    _ session: any SQLSession
  ) throws {
    let person = PersonRecord(
      id: id(entry.number), state: .active, displayName: entry.name, language: .en,
      password: hash, stamp: SaraiType.AuditStamp(created: origin))
    try PersonStore.insert(person, session)
    try ContactStore.insert(
      ContactRecord(
        id: environment.newID(), personID: person.id, kind: .email, address: entry.address,
        verifiedAt: origin.occurredAt, isPrimary: true, createdAt: origin.occurredAt), session)
    try environment.feed.add(.personRegistered, of: person.id, by: origin, session: session) {
      $0.person = person.name
    }
    try AuditLog.add("person.register", to: "person", person.id, by: origin, session: session)
    let changes = MembershipChanges(
      feed: environment.feed, newID: environment.newID, origin: origin, session: session)
    let organisation = id(entry.organisation.rawValue)
    if try OrganisationStore.find(organisation, session) == nil {
      _ = try changes.found(self.organisation(entry.organisation), owner: person.id)
    }
    _ = try changes.join(person.id, organisation, entry.roles)
    guard FactorDemand.isMade(by: entry.roles), let secret = Base32.bytes(factorSecret) else {
      return
    }
    let factor = environment.newID()
    try FactorStore.insert(
      FactorRecord(
        id: factor, personID: person.id, label: "demo",
        sealedSecret: environment.vault.seal(secret, at: FactorStore.place(factor)),
        begunAt: origin.occurredAt, confirmedAt: origin.occurredAt), session)
  }

  private static func organisation(_ place: Entry.Place) -> Identity.Organisation {
    var organisation = Identity.Organisation(id: id(place.rawValue).description)
    switch place {
    case .platform:
      organisation.kind = .platform
      organisation.name = SaraiType.LocalizedText(en: "Platform", ur: "پلیٹ فارم", zh: "平台")
    case .authority:
      organisation.kind = .authority
      organisation.name = SaraiType.LocalizedText(
        en: "Trade Authority", ur: "تجارتی ادارہ", zh: "贸易管理局")
    case .sportsGoods:
      organisation.kind = .company
      organisation.name = SaraiType.LocalizedText(
        en: "Sialkot Sports Works", ur: "سیالکوٹ سپورٹس ورکس", zh: "锡亚尔科特体育用品")
    case .textiles:
      organisation.kind = .company
      organisation.name = SaraiType.LocalizedText(en: "Guangzhou Trading", zh: "广州贸易")
    }
    return organisation
  }
}
