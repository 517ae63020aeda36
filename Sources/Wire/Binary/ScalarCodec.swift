/// The rules of one value kind in the two binary encodings, decode beside encode.
protocol ScalarCodec {
  associatedtype Value: Sendable
  /// How protobuf frames it.
  static var wireType: WireType { get }
  /// The fewest bytes that a value takes, in either encoding; bounds what a count can promise.
  static var byteCountMin: Int { get }
  /// Whether a field without presence leaves it out.
  static func isDefault(_ value: UnsafePointer<Value>) -> Bool
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Value
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Value
  static func writeNative(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter)
  static func writeProtobuf(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter)
}

/// Protobuf's wire types: the low three bits of a tag.
enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

extension ValueKind {
  /// How protobuf frames a single value of it.
  var wireType: WireType {
    switch self {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enum: .varint
    case .fixed64, .sfixed64, .double: .fixed64
    case .fixed32, .sfixed32, .float: .fixed32
    case .string, .bytes, .message: .lengthDelimited
    }
  }
}

/// Signed integers map to unsigned ones so that small magnitudes stay small: 0, -1, 1, -2, 2 …
enum ZigZag {
  @inline(__always)
  static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
  @inline(__always)
  static func decode(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}

/// int32, int64 and enums: zigzag in native, two's complement in 64 bits in protobuf.
enum SignedCodec<Value: FixedWidthInteger & SignedInteger & Sendable>: ScalarCodec {
  static var wireType: WireType { .varint }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Value>) -> Bool { unsafe value.pointee == 0 }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Value {
    let place = unsafe reader.cursor
    guard let value = Value(exactly: ZigZag.decode(try reader.shortestVarint())) else {
      throw unsafe reader.fault(.outOfRange, at: place)
    }
    return value
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Value {
    Value(truncatingIfNeeded: try reader.varint())
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(ZigZag.encode(Int64(value.pointee)))
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(UInt64(bitPattern: Int64(value.pointee)))
  }
}

/// sint32 and sint64: zigzag in both.
enum ZigZagCodec<Value: FixedWidthInteger & SignedInteger & Sendable>: ScalarCodec {
  static var wireType: WireType { .varint }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Value>) -> Bool { unsafe value.pointee == 0 }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Value {
    try SignedCodec<Value>.readNative(&reader)
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Value {
    let value = try reader.varint()
    let mask = UInt64(truncatingIfNeeded: Value.Magnitude.max)
    return Value(truncatingIfNeeded: ZigZag.decode(value & mask))
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(ZigZag.encode(Int64(value.pointee)))
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(ZigZag.encode(Int64(value.pointee)))
  }
}

/// uint32 and uint64: a varint in both.
enum UnsignedCodec<Value: FixedWidthInteger & UnsignedInteger & Sendable>: ScalarCodec {
  static var wireType: WireType { .varint }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Value>) -> Bool { unsafe value.pointee == 0 }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Value {
    let place = unsafe reader.cursor
    guard let value = Value(exactly: try reader.shortestVarint()) else {
      throw unsafe reader.fault(.outOfRange, at: place)
    }
    return value
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Value {
    Value(truncatingIfNeeded: try reader.varint())
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(UInt64(value.pointee))
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.varint(UInt64(value.pointee))
  }
}

/// fixed32, fixed64, sfixed32 and sfixed64: little-endian in both.
enum FixedCodec<Value: FixedWidthInteger & BitwiseCopyable & Sendable>: ScalarCodec {
  static var wireType: WireType { MemoryLayout<Value>.size == 4 ? .fixed32 : .fixed64 }
  static var byteCountMin: Int { MemoryLayout<Value>.size }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Value>) -> Bool { unsafe value.pointee == 0 }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Value {
    try reader.littleEndian(Value.self)
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Value {
    try reader.littleEndian(Value.self)
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee)
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Value>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee)
  }
}

/// float: its bits, so that -0.0 is not the default and a NaN keeps its payload.
enum FloatCodec: ScalarCodec {
  static var wireType: WireType { .fixed32 }
  static var byteCountMin: Int { 4 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Float>) -> Bool {
    unsafe value.pointee.bitPattern == 0
  }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Float {
    Float(bitPattern: try reader.littleEndian(UInt32.self))
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Float {
    try readNative(&reader)
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Float>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee.bitPattern)
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Float>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee.bitPattern)
  }
}

/// double: as float, in 8 bytes.
enum DoubleCodec: ScalarCodec {
  static var wireType: WireType { .fixed64 }
  static var byteCountMin: Int { 8 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Double>) -> Bool {
    unsafe value.pointee.bitPattern == 0
  }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Double {
    Double(bitPattern: try reader.littleEndian(UInt64.self))
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Double {
    try readNative(&reader)
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Double>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee.bitPattern)
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Double>, _ writer: inout ReverseWriter) {
    unsafe writer.littleEndian(value.pointee.bitPattern)
  }
}

/// bool: a byte, 0 or 1. (Without presence, native needs its presence bit alone: `NativeDecoder`.)
enum BoolCodec: ScalarCodec {
  static var wireType: WireType { .varint }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<Bool>) -> Bool { unsafe !value.pointee }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> Bool {
    let place = unsafe reader.cursor
    let byte = try reader.byte()
    guard byte <= 1 else { throw unsafe reader.fault(.outOfRange, at: place) }
    return byte == 1
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> Bool {
    try reader.varint() != 0
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<Bool>, _ writer: inout ReverseWriter) {
    unsafe writer.byte(value.pointee ? 1 : 0)
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<Bool>, _ writer: inout ReverseWriter) {
    unsafe writer.byte(value.pointee ? 1 : 0)
  }
}

/// string: a length, then UTF-8.
enum StringCodec: ScalarCodec {
  static var wireType: WireType { .lengthDelimited }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<String>) -> Bool { unsafe value.pointee.isEmpty }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> String {
    try reader.string(try reader.shortestLength())
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> String {
    try reader.string(try reader.length())
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<String>, _ writer: inout ReverseWriter) {
    unsafe writer.text(value)
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<String>, _ writer: inout ReverseWriter) {
    unsafe writeNative(value, &writer)
  }
}

/// bytes: a length, then the bytes.
enum BytesCodec: ScalarCodec {
  static var wireType: WireType { .lengthDelimited }
  static var byteCountMin: Int { 1 }
  @inline(__always)
  static func isDefault(_ value: UnsafePointer<[UInt8]>) -> Bool { unsafe value.pointee.isEmpty }
  @inline(__always)
  static func readNative(_ reader: inout ByteReader) throws(WireFault) -> [UInt8] {
    try reader.bytes(try reader.shortestLength())
  }
  @inline(__always)
  static func readProtobuf(_ reader: inout ByteReader) throws(WireFault) -> [UInt8] {
    try reader.bytes(try reader.length())
  }
  @inline(__always)
  static func writeNative(_ value: UnsafePointer<[UInt8]>, _ writer: inout ReverseWriter) {
    let span = unsafe value.pointee.span
    unsafe span.withUnsafeBytes { unsafe writer.bytes($0) }
    writer.varint(UInt64(span.count))
  }
  @inline(__always)
  static func writeProtobuf(_ value: UnsafePointer<[UInt8]>, _ writer: inout ReverseWriter) {
    unsafe writeNative(value, &writer)
  }
}
