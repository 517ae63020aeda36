extension DescriptorReader {
  /// The last value of a bool field of an encoded message, false if it has none.
  static func flag(_ number: Int, in encoded: [UInt8]) -> Bool {
    optionalFlag(number, in: encoded) ?? false
  }

  static func allowsAliases(in enumOptions: [UInt8]) -> Bool { flag(2, in: enumOptions) }

  static func packedOption(in fieldOptions: [UInt8]) -> Bool? { optionalFlag(2, in: fieldOptions) }

  private static func optionalFlag(_ number: Int, in encoded: [UInt8]) -> Bool? {
    var reader = ProtobufReader(encoded[...])
    var found: Bool?
    while let (field, value, _) = try? reader.next() { if field == number { found = value.bool } }
    return found
  }

  /// The options that `encoded`, a message of type `target`, holds. What `types` does not describe
  /// is kept as it is.
  static func options(_ encoded: [UInt8], of target: String, types: TypeIndex) -> Options {
    var options = Options()
    options.isPresent = true
    options.fields = fields(encoded[...], of: target, types: types, depth: 1)
    return options
  }

  private static func fields(
    _ bytes: ArraySlice<UInt8>, of target: String, types: TypeIndex, depth: Int
  ) -> [OptionField] {
    var reader = ProtobufReader(bytes)
    var result: [OptionField] = []
    let type = types.message(target)
    while let (number, value, raw) = try? reader.next() {
      let custom = types.extensionField(of: target, numbered: number)
      guard let field = type?.field(numbered: number) ?? custom,
        let decoded = decoded(value, of: field, types: types, depth: depth)
      else {
        let unknown = OptionValue.unknown(Array(raw))
        result.append(
          OptionField(name: "(\(number))", number: number, type: .scalar(.bytes), value: unknown))
        continue
      }
      let name = field.extendee == nil ? field.name : "(\(field.fullName))"
      result.append(
        OptionField(name: name, number: number, type: field.valueType, value: decoded))
    }
    return result
  }

  private static func decoded(
    _ value: ProtobufReader.Value, of field: Field, types: TypeIndex, depth: Int
  ) -> OptionValue? {
    let type = field.valueType
    switch (type, value) {
    case (.message(let name), .delimited(let bytes)):
      guard depth < depthMax else { return nil }
      return .message(fields(bytes, of: name, types: types, depth: depth + 1))
    case (.scalar(.string), .delimited(let bytes)):
      return String(validating: bytes, as: UTF8.self).map { .string($0) }
    case (.scalar(.bytes), .delimited(let bytes)): return .bytes(Array(bytes))
    case (_, .delimited(let bytes)) where field.isRepeated && type.isPackable:
      return packed(bytes, type, types)
    default: return single(value, type, types)
    }
  }

  private static func packed(
    _ bytes: ArraySlice<UInt8>, _ type: FieldType, _ types: TypeIndex
  ) -> OptionValue? {
    var reader = ProtobufReader(bytes)
    var values: [OptionValue] = []
    while !reader.isAtEnd {
      let value: ProtobufReader.Value?
      switch type.wireType {
      case .fixed32: value = (try? reader.fixed() as UInt32).map { .fixed32($0) }
      case .fixed64: value = (try? reader.fixed() as UInt64).map { .fixed64($0) }
      case .varint, .delimited: value = (try? reader.varint()).map { .varint($0) }
      }
      guard let value, let decoded = single(value, type, types) else { return nil }
      values.append(decoded)
    }
    return .packed(values)
  }

  private static func single(
    _ value: ProtobufReader.Value, _ type: FieldType, _ types: TypeIndex
  ) -> OptionValue? {
    switch (type, value) {
    case (.enumeration(let name), .varint(let bits)):
      let number = Int32(truncatingIfNeeded: bits)
      let known = types.enumeration(name)?.value(numbered: number)
      return .enumeration(name: known?.name ?? "", number: number)
    case (.scalar(.bool), .varint(let bits)): return .bool(bits != 0)
    case (.scalar(.int32), .varint(let bits)):
      return .signed(Int64(Int32(truncatingIfNeeded: bits)))
    case (.scalar(.int64), .varint(let bits)): return .signed(Int64(bitPattern: bits))
    case (.scalar(.uint32), .varint(let bits)):
      return .unsigned(UInt64(UInt32(truncatingIfNeeded: bits)))
    case (.scalar(.uint64), .varint(let bits)): return .unsigned(bits)
    case (.scalar(.sint32), .varint(let bits)), (.scalar(.sint64), .varint(let bits)):
      return .signed(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))
    case (.scalar(.fixed32), .fixed32(let bits)): return .unsigned(UInt64(bits))
    case (.scalar(.sfixed32), .fixed32(let bits)): return .signed(Int64(Int32(bitPattern: bits)))
    case (.scalar(.float), .fixed32(let bits)): return .float(Double(Float(bitPattern: bits)))
    case (.scalar(.fixed64), .fixed64(let bits)): return .unsigned(bits)
    case (.scalar(.sfixed64), .fixed64(let bits)): return .signed(Int64(bitPattern: bits))
    case (.scalar(.double), .fixed64(let bits)): return .float(Double(bitPattern: bits))
    default: return nil
    }
  }
}
