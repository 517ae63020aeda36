/// The value kinds of the schema language. Each one's rules stand in `Binary/ScalarCodec.swift`.
@usableFromInline
enum ValueKind: UInt8, Sendable, CaseIterable {
  case int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64
  case float, double, bool
  case string, bytes, `enum`, message
}

/// How a field holds its value, which is also how its Swift property is typed.
@usableFromInline
enum FieldShape: UInt8, Sendable {
  /// A value without presence: `T`, absent when it is the default.
  case singular
  /// A value with presence: `T?`. Every singular message field is one.
  case optional
  /// `[T]`
  case repeated
  /// `FieldMap<K, V>`
  case map
  /// One member of a oneof, whose enum is stored at the field's offset.
  case member
}

/// One field as the engine sees it: plain bits, so that walking a message touches no reference
/// counts. The objects that it points at belong to its `MessageLayout` and live as long.
@safe
@usableFromInline
struct FieldEntry {
  /// The field's number in the schema.
  let number: UInt32
  let form: FieldForm
  let kind: ValueKind
  /// The kind of a map's keys; `kind` is that of its values.
  let keyKind: ValueKind
  let shape: FieldShape
  /// Whether protobuf writes the elements in one length-delimited field.
  let isPacked: Bool
  /// The position among the message's fields, in order of their numbers.
  private let position: UInt16
  /// Where the field is stored, in bytes from the start of the message.
  private let place: UInt32
  let info: Unmanaged<FieldInfo>
  let message: Unmanaged<MessageAccess>?
  let enumeration: Unmanaged<EnumAccess>?
  let map: Unmanaged<MapAccess>?
  let oneof: Unmanaged<OneofAccess>?
  let member: Unmanaged<MemberAccess>?

  @inline(__always) var index: Int { Int(position) }
  @inline(__always) var offset: Int { Int(place) }

  /// 64 bytes, so that finding the n-th field is a shift.
  init(
    number: UInt32, kind: ValueKind, shape: FieldShape, keyKind: ValueKind, isPacked: Bool,
    offset: Int, index: Int, info: FieldInfo, message: MessageAccess?, enumeration: EnumAccess?,
    map: MapAccess?, oneof: OneofAccess?, member: MemberAccess?
  ) {
    self.number = number
    form = FieldForm(shape, kind)
    self.kind = kind
    self.keyKind = keyKind
    self.shape = shape
    self.isPacked = isPacked
    position = UInt16(index)
    place = UInt32(offset)
    unsafe self.info = unsafe .passRetained(info)
    unsafe self.message = unsafe message.map { unsafe .passRetained($0) }
    unsafe self.enumeration = unsafe enumeration.map { unsafe .passRetained($0) }
    unsafe self.map = unsafe map.map { unsafe .passRetained($0) }
    unsafe self.oneof = unsafe oneof.map { unsafe .passRetained($0) }
    unsafe self.member = unsafe member.map { unsafe .passRetained($0) }
  }

  /// Gives back the objects that `init` took over.
  func release() {
    unsafe info.release()
    unsafe message?.release()
    unsafe enumeration?.release()
    unsafe map?.release()
    unsafe oneof?.release()
    unsafe member?.release()
  }
}

/// What a field is called, for JSON, errors and logs.
final class FieldInfo: Sendable {
  /// The name in the `.proto` file.
  let name: String
  /// The name in JSON.
  let jsonName: String
  /// Whether logs must hide the value.
  let isSensitive: Bool
  /// Which of the message's oneofs the field is in, counted from 0.
  let oneofIndex: Int?

  init(name: String, jsonName: String, isSensitive: Bool, oneofIndex: Int?) {
    self.name = name
    self.jsonName = jsonName
    self.isSensitive = isSensitive
    self.oneofIndex = oneofIndex
  }

  /// The JSON name that a field gets when the schema gives none: `hs_code` becomes `hsCode`.
  static func defaultJSONName(of name: String) -> String {
    var result = ""
    var capitalises = false
    for character in name.unicodeScalars {
      if character == "_" {
        capitalises = true
      } else if capitalises, ("a"..."z").contains(character) {
        result.unicodeScalars.append(Unicode.Scalar(UInt8(character.value) - 32))
        capitalises = false
      } else {
        result.unicodeScalars.append(character)
        capitalises = false
      }
    }
    return result
  }
}

extension Unmanaged {
  /// Lends the object without counting a reference to it; something else must keep it alive.
  @inline(__always)
  func lend<R, E>(_ body: (Instance) throws(E) -> R) throws(E) -> R {
    let result: Result<R, E> = unsafe _withUnsafeGuaranteedRef { instance in
      do throws(E) { return .success(try body(instance)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
