/// A resolved enum type.
public struct EnumType: Sendable {
  /// The name without package and outer types.
  public let name: String
  /// Package, outer types and name, joined by dots.
  public let fullName: String
  /// In order of declaration, aliases included.
  public internal(set) var values: [EnumValue]
  /// The numbers that no value may take.
  public let reservedRanges: [NumberRange]
  /// The names that no value may take.
  public let reservedNames: [String]
  /// The enum's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo

  /// The first value of a number.
  public func value(numbered number: Int32) -> EnumValue? { values.first { $0.number == number } }
}

/// One named number.
public struct EnumValue: Sendable {
  /// As written.
  public let name: String
  /// What travels in binary.
  public let number: Int32
  /// The value's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
}
