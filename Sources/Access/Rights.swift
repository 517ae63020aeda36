/// What a caller may do: within the organisation that it acts for, and over the whole programme.
struct Rights: Sendable, Hashable {
  private(set) var own = PermissionSet()
  private(set) var programme = PermissionSet()

  private static let ofRoles = Dictionary(
    uniqueKeysWithValues: Role.allCases.map { ($0, Rights(role: $0)) })

  private init(role: Role) {
    for (row, permission) in zip(PermissionTable.rows, Permission.all) {
      if row.own.contains(role) { own.insert(permission) }
      if row.programme.contains(role) { programme.insert(permission) }
    }
  }

  /// Those of a person with these roles.
  init(roles: Set<Role>) {
    for role in roles {
      guard let rights = Self.ofRoles[role] else { continue }
      own.formUnion(rights.own)
      programme.formUnion(rights.programme)
    }
  }

  /// Those of a key that was given these permissions: what companies have reaches no further than
  /// the key's organisation, even if who made the key could reach further.
  init(granted permissions: Set<Permission>) {
    for permission in permissions {
      if permission.isOfCompanies {
        own.insert(permission)
      } else {
        programme.insert(permission)
      }
    }
  }
}
