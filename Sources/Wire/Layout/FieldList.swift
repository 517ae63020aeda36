/// The fields of one message while they are being named.
@usableFromInline
struct FieldList {
  /// What a field is called and whether logs hide it.
  @usableFromInline
  struct Names {
    let name: String
    let json: String?
    let isSensitive: Bool

    @usableFromInline
    init(_ name: String, _ json: String?, _ isSensitive: Bool) {
      self.name = name
      self.json = json
      self.isSensitive = isSensitive
    }
  }

  /// One of the message's oneofs.
  @usableFromInline
  struct Oneof {
    let access: OneofAccess
    let index: Int
  }

  private var makers: [(number: UInt32, make: (_ index: Int) -> FieldEntry)] = []
  private var numbers: Set<UInt32> = []
  private var oneofCount = 0

  @usableFromInline init() {}

  @usableFromInline
  mutating func add(
    _ names: Names, _ number: UInt32, _ shape: FieldShape, _ type: ErasedFieldType,
    isPacked: Bool = false, at offset: Int
  ) {
    append(names, number, shape, type, isPacked: isPacked, at: offset)
  }

  @usableFromInline
  mutating func addMap(
    _ names: Names, _ number: UInt32, key: ErasedFieldType, value: ErasedFieldType,
    _ access: MapAccess, at offset: Int
  ) {
    append(names, number, .map, value, key: key.kind, map: access, at: offset)
  }

  @usableFromInline
  mutating func addOneof(_ access: OneofAccess) -> Oneof {
    oneofCount += 1
    return Oneof(access: access, index: oneofCount - 1)
  }

  @usableFromInline
  mutating func addMember(
    _ names: Names, _ number: UInt32, _ type: ErasedFieldType, of oneof: Oneof,
    _ access: MemberAccess, at offset: Int
  ) {
    append(names, number, .member, type, oneof: oneof, member: access, at: offset)
  }

  /// The entries in order of their numbers. What they point at is theirs until it is released.
  @usableFromInline
  func sorted() -> [FieldEntry] {
    makers.sorted { $0.number < $1.number }.enumerated().map { $1.make($0) }
  }

  private mutating func append(
    _ names: Names, _ number: UInt32, _ shape: FieldShape, _ type: ErasedFieldType,
    key: ValueKind = .string, isPacked: Bool = false, map: MapAccess? = nil,
    oneof: Oneof? = nil, member: MemberAccess? = nil, at offset: Int
  ) {
    precondition(numbers.insert(number).inserted, "field \(number) is named twice")
    let info = FieldInfo(
      name: names.name, jsonName: names.json ?? FieldInfo.defaultJSONName(of: names.name),
      isSensitive: names.isSensitive, oneofIndex: oneof?.index)
    let entry = { (index: Int) in
      FieldEntry(
        number: number, kind: type.kind, shape: shape, keyKind: key,
        isPacked: isPacked && type.kind.isPackable, offset: offset, index: index,
        info: info, message: type.message, enumeration: type.enumeration, map: map,
        oneof: oneof?.access, member: member)
    }
    makers.append((number, entry))
  }
}

/// A `FieldType` without its Swift type.
@usableFromInline
struct ErasedFieldType {
  let kind: ValueKind
  let message: MessageAccess?
  let enumeration: EnumAccess?

  @usableFromInline
  init(_ kind: ValueKind, message: MessageAccess? = nil, enumeration: EnumAccess? = nil) {
    self.kind = kind
    self.message = message
    self.enumeration = enumeration
  }
}

extension FieldType {
  @usableFromInline var erased: ErasedFieldType {
    ErasedFieldType(kind, message: message, enumeration: enumeration)
  }
}

extension ValueKind {
  /// Whether protobuf can pack a list of it: everything that is not length-delimited.
  var isPackable: Bool {
    switch self {
    case .string, .bytes, .message: false
    default: true
    }
  }
}
