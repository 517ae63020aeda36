extension RelationSchema {
  /// Roles that memberships give; nobody else writes them.
  static let roles = [
    "owner", "administrator", "seller", "buyer", "warehouse", "accountant", "viewer", "officer",
    "analyst", "trainer", "moderator", "finance_operator", "platform_operator",
  ]

  /// Whether memberships keep a relation, so that it is not written by hand.
  static func isKeptByMemberships(_ userset: Userset) -> Bool {
    userset.object.kind == "organisation" && roles.contains(userset.relation)
  }

  /// The schema of the programme.
  static let programme = RelationSchema([
    "person": [
      // Who may act in the person's name.
      "delegate": Relation(.written, .one("person"))
    ],
    "organisation": organisation,
    "programme": [
      "parent": Relation(.written, .one("organisation")),
      "officer": staff("officer"), "analyst": staff("analyst"), "trainer": staff("trainer"),
      "staff": Relation(.any([.also("officer"), .also("analyst"), .also("trainer")])),
      // Companies that take part, and those of them that hold its certificate.
      "participant": Relation(.written, .one("organisation")),
      "certified": Relation(.written, .one("organisation")),
      "graduate": Relation(.all([.also("participant"), .also("certified")])),
    ],
    "application": [
      "parent": Relation(.written, .one("organisation")),
      "programme": Relation(.written, .one("programme")),
      "applicant": Relation(.through("parent", "manager")),
      // Nobody decides on their own company.
      "reviewer": Relation(
        .except(
          .any([.written, .through("programme", "officer")]), .through("parent", "member")),
        .one("person")),
    ],
    "store": [
      "parent": Relation(.written, .one("organisation")),
      "manager": Relation(.any([.written, .through("parent", "manager")]), .one("person")),
      "seller": Relation(
        .any([.written, .also("manager"), .through("parent", "seller")]), .one("person")),
      "stock_keeper": Relation(
        .any([.written, .also("manager"), .through("parent", "warehouse")]), .one("person")),
      "viewer": Relation(
        .any([.written, .also("seller"), .also("stock_keeper"), .through("parent", "member")]),
        .one("person"), .everyOne("person"), .everyone(of: "organisation", "member")),
    ],
    "service": [
      "parent": Relation(.written, .one("organisation")),
      "caller": Relation(
        .written, .one("service"), .one("person"), .everyone(of: "organisation", "member")),
    ],
  ])

  private static let organisation: [String: Relation] = {
    var relations = Dictionary(
      uniqueKeysWithValues: roles.map { ($0, Relation(.written, .one("person"))) })
    relations["parent"] = Relation(.written, .one("organisation"))
    relations["manager"] = Relation(.any([.also("owner"), .also("administrator")]))
    relations["member"] = Relation(.any(roles.map { .also($0) }))
    return relations
  }()

  /// Who works for the programme in a role: who was named, and who has it in its authority.
  private static func staff(_ role: String) -> Relation {
    Relation(
      .any([.written, .through("parent", role)]), .one("person"),
      .everyone(of: "organisation", role))
  }
}
