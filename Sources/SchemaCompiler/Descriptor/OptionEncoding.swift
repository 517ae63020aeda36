extension Options {
  /// The fields of the options message in protobuf binary.
  func encoded() -> [UInt8] {
    var writer = ProtobufWriter()
    for field in fields { field.write(to: &writer) }
    return writer.bytes
  }
}

extension OptionField {
  func write(to writer: inout ProtobufWriter) {
    switch value {
    case .unknown(let bytes):
      writer.raw(bytes)
    case .message(let fields):
      writer.message(number) { inner in
        for field in fields { field.write(to: &inner) }
      }
    case .packed(let values):
      writer.message(number) { inner in
        for value in values { write(value, to: &inner) }
      }
    case .bool, .signed, .unsigned, .float, .string, .bytes, .enumeration:
      writer.tag(number, type.wireType)
      write(value, to: &writer)
    }
  }

  private func write(_ value: OptionValue, to writer: inout ProtobufWriter) {
    switch value {
    case .bool(let value): writer.varint(value ? 1 : 0)
    case .signed(let value): write(signed: value, to: &writer)
    case .unsigned(let value):
      switch type {
      case .scalar(.fixed32): writer.fixed(UInt32(truncatingIfNeeded: value))
      case .scalar(.fixed64): writer.fixed(value)
      default: writer.varint(value)
      }
    case .float(let value):
      if type == .scalar(.float) {
        writer.fixed(Float(value).bitPattern)
      } else {
        writer.fixed(value.bitPattern)
      }
    case .string(let text):
      writer.varint(UInt64(text.utf8.count))
      writer.raw(Array(text.utf8))
    case .bytes(let bytes):
      writer.varint(UInt64(bytes.count))
      writer.raw(bytes)
    case .enumeration(_, let number): writer.varint(UInt64(bitPattern: Int64(number)))
    case .message, .packed, .unknown: break
    }
  }

  private func write(signed value: Int64, to writer: inout ProtobufWriter) {
    switch type {
    case .scalar(.sint32), .scalar(.sint64):
      writer.varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    case .scalar(.sfixed32): writer.fixed(Int32(truncatingIfNeeded: value))
    case .scalar(.sfixed64): writer.fixed(value)
    default: writer.varint(UInt64(bitPattern: value))
    }
  }
}

extension FieldType {
  var wireType: ProtobufWriter.WireType {
    switch self {
    case .message: .delimited
    case .enumeration: .varint
    case .scalar(let scalar):
      switch scalar {
      case .string, .bytes: .delimited
      case .double, .fixed64, .sfixed64: .fixed64
      case .float, .fixed32, .sfixed32: .fixed32
      case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool: .varint
      }
    }
  }
}
