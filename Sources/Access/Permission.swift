/// A right that a method demands: `<service>.<resource>.<action>`, of the list in options.proto.
public struct Permission: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  let number: UInt8

  /// A permission by its name; nil if the list does not have it.
  public init?(name: String) {
    guard let number = PermissionTable.numbers[name] else { return nil }
    self.number = number
  }

  init(number: UInt8) { self.number = number }

  /// A permission that the code names, which must be on the list.
  public init(stringLiteral name: String) {
    guard let permission = Self(name: name) else {
      preconditionFailure("options.proto has no permission \(name)")
    }
    self = permission
  }

  /// All there are, in the list's order.
  public static let all = PermissionTable.rows.indices.map { Permission(number: UInt8($0)) }

  /// The name.
  public var description: String { PermissionTable.rows[Int(number)].name }

  /// Whether some role grants it within its own organisation; otherwise it always covers the whole
  /// programme, and no company has it.
  public var isOfCompanies: Bool { !PermissionTable.rows[Int(number)].own.isEmpty }
}

/// Permissions, as bits.
struct PermissionSet: Sendable, Hashable {
  private var bits: UInt128 = 0

  init() {}

  init(_ permissions: some Sequence<Permission>) {
    for permission in permissions { insert(permission) }
  }

  mutating func insert(_ permission: Permission) { bits |= 1 << permission.number }

  mutating func formUnion(_ other: PermissionSet) { bits |= other.bits }

  func contains(_ permission: Permission) -> Bool { bits & 1 << permission.number != 0 }
}
