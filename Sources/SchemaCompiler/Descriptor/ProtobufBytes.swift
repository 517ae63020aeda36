/// Writes protobuf binary, as far as descriptors need it.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  enum WireType: UInt64 { case varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 }

  mutating func tag(_ number: Int, _ type: WireType) {
    varint(UInt64(number) << 3 | type.rawValue)
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Bytes that are fields already.
  mutating func raw(_ more: [UInt8]) { bytes += more }

  mutating func field(_ number: Int, integer value: Int) {
    tag(number, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func field(_ number: Int, bool value: Bool) {
    tag(number, .varint)
    varint(value ? 1 : 0)
  }

  mutating func field(_ number: Int, string value: String) {
    field(number, bytes: Array(value.utf8))
  }

  mutating func field(_ number: Int, bytes value: [UInt8]) {
    tag(number, .delimited)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func field(_ number: Int, packed values: [Int]) {
    var writer = Self()
    for value in values { writer.varint(UInt64(bitPattern: Int64(value))) }
    field(number, bytes: writer.bytes)
  }

  mutating func message(_ number: Int, _ write: (inout Self) -> Void) {
    var writer = Self()
    write(&writer)
    field(number, bytes: writer.bytes)
  }
}

/// Reads protobuf binary field by field, as far as descriptors need it.
struct ProtobufReader {
  /// The content of a field.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case delimited(ArraySlice<UInt8>)

    var integer: Int {
      if case .varint(let value) = self { Int(truncatingIfNeeded: value) } else { 0 }
    }
    var bool: Bool { integer != 0 }
    var bytes: ArraySlice<UInt8> {
      if case .delimited(let bytes) = self { bytes } else { [] }
    }
    var string: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// What is wrong with the bytes.
  struct Malformed: Error {}

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next field with its raw bytes, tag included; nil at the end.
  mutating func next() throws(Malformed) -> (number: Int, value: Value, raw: ArraySlice<UInt8>)? {
    guard !rest.isEmpty else { return nil }
    let all = rest
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 <= UInt64(FieldNumber.max) else { throw Malformed() }
    let value: Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed())
    case 5: value = .fixed32(try fixed())
    case 2:
      let count = try varint()
      guard count <= UInt64(rest.count) else { throw Malformed() }
      value = .delimited(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
    default: throw Malformed()
    }
    return (Int(tag >> 3), value, all.prefix(all.count - rest.count))
  }

  mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw Malformed() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }

  mutating func fixed<Integer: FixedWidthInteger>() throws(Malformed) -> Integer {
    let count = Integer.bitWidth / 8
    guard rest.count >= count else { throw Malformed() }
    var value: Integer = 0
    for (index, byte) in rest.prefix(count).enumerated() {
      value |= Integer(truncatingIfNeeded: byte) << (index * 8)
    }
    rest = rest.dropFirst(count)
    return value
  }

  /// All integers of a packed or single field.
  static func integers(_ value: Value) throws(Malformed) -> [Int] {
    guard case .delimited(let bytes) = value else { return [value.integer] }
    var reader = Self(bytes)
    var result: [Int] = []
    while !reader.isAtEnd { result.append(Int(truncatingIfNeeded: try reader.varint())) }
    return result
  }
}
