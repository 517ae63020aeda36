/// The options of one declaration, resolved.
public struct Options: Sendable, Hashable {
  /// Those of descriptor.proto by number, then the custom ones in order of writing.
  public internal(set) var fields: [OptionField] = []

  /// Whether none is set.
  public var isEmpty: Bool { fields.isEmpty }

  /// Whether options were written at all: `[json_name = "x"]` alone leaves an empty message.
  var isPresent = false

  /// The values set under a name: `deprecated`, or `(sarai.type.v1.sensitive)` for a custom one.
  public subscript(name: String) -> [OptionValue] {
    fields.filter { $0.name == name }.map(\.value)
  }

  /// The boolean of a name; false if it is not set.
  public func bool(_ name: String) -> Bool { self[name].last == .bool(true) }

  /// The string of a name.
  public func string(_ name: String) -> String? {
    if case .string(let text) = self[name].last { text } else { nil }
  }

  /// The name of the enum value set under a name.
  public func enumValue(_ name: String) -> String? {
    if case .enumeration(let value, _) = self[name].last { value } else { nil }
  }
}

/// One option, or one field of a message-typed option.
public struct OptionField: Sendable, Hashable {
  /// The field's name; an extension's full name stands in parentheses.
  public let name: String
  /// The field's number.
  public let number: Int
  /// What the value is.
  public let type: FieldType
  /// The value.
  public var value: OptionValue
}

/// The value of an option.
public indirect enum OptionValue: Sendable, Hashable {
  case bool(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case float(Double)
  case string(String)
  case bytes([UInt8])
  case enumeration(name: String, number: Int32)
  case message([OptionField])
  /// Several values in one packed field.
  case packed([OptionValue])
  /// A field that no known extension describes, tag and all.
  case unknown([UInt8])
}
