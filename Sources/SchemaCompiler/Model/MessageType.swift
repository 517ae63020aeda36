/// A resolved message type.
public struct MessageType: Sendable {
  /// The name without package and outer types.
  public let name: String
  /// Package, outer types and name, joined by dots.
  public let fullName: String
  /// In order of declaration.
  public internal(set) var fields: [Field]
  /// In order of declaration; proto3 `optional` fields need none.
  public internal(set) var oneofs: [Oneof]
  /// The message types declared inside, map entries among them.
  public internal(set) var messages: [MessageType]
  /// The enums declared inside.
  public internal(set) var enums: [EnumType]
  /// The custom options declared inside.
  public internal(set) var extensions: [Field]
  /// The numbers that extensions may take (proto2).
  public internal(set) var extensionRanges: [NumberRange]
  /// The numbers that no field may take.
  public let reservedRanges: [NumberRange]
  /// The names that no field may take.
  public let reservedNames: [String]
  /// The message's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
  /// Whether the compiler made it to hold the entries of a map.
  public let isMapEntry: Bool

  /// The field of a number.
  public func field(numbered number: Int) -> Field? { fields.first { $0.number == number } }

  /// The field of a name as written in the schema.
  public func field(named name: String) -> Field? { fields.first { $0.name == name } }

  /// This message type and all inside it, outer ones first.
  var selfAndNested: [MessageType] { [self] + messages.flatMap(\.selfAndNested) }

  /// Whether every field's number fits the native encoding's presence bits.
  public var hasNativeNumbers: Bool { fields.allSatisfy { $0.number <= FieldNumber.nativeMax } }
}

/// At most one of whose members is set.
public struct Oneof: Sendable {
  /// As written.
  public let name: String
  /// The oneof's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
}

/// Field or enum numbers, both ends included.
public struct NumberRange: Sendable, Hashable {
  /// The lowest.
  public let first: Int
  /// The highest.
  public let last: Int
  /// The options of an extension range.
  var options = Options()

  /// Whether `number` lies within.
  public func contains(_ number: Int) -> Bool { first <= number && number <= last }
}

/// The bounds of field numbers.
public enum FieldNumber {
  /// The highest that protobuf has: 2^29 - 1.
  static let max: Int64 = 536_870_911
  /// What protobuf keeps for itself.
  static let implementationReserved = 19_000...19_999
  /// The highest that the native encoding has a presence bit for.
  public static let nativeMax = 63
}
