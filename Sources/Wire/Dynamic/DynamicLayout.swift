extension MessageLayout {
  /// Describes a message at run time.
  convenience init(dynamic name: String, fields: [DynamicField], in layouts: DynamicLayouts) {
    var memory = DynamicMemory()
    var list = FieldList()
    var oneofs: [String: (oneof: FieldList.Oneof, offset: Int)] = [:]
    for field in fields {
      let names = FieldList.Names(field.name, field.jsonName, field.isSensitive)
      let type = field.kind.fieldType(in: layouts)
      switch field.cardinality {
      case .singular:
        list.add(names, field.number, .singular, type.erased, at: memory.add(singular: type))
      case .optional:
        list.add(names, field.number, .optional, type.erased, at: memory.add(optional: type))
      case .repeated(let isPacked):
        list.add(
          names, field.number, .repeated, type.erased, isPacked: isPacked,
          at: memory.add(repeated: type))
      case .map(let keyKind):
        let key = keyKind.fieldType(in: layouts)
        let (access, offset) = memory.add(key: key, value: type)
        list.addMap(
          names, field.number, key: key.erased, value: type.erased, access, at: offset)
      case .member(let name):
        let known = oneofs[name]
        let oneof = known?.oneof ?? list.addOneof(.dynamic(name))
        let offset = known?.offset ?? memory.add(Optional<DynamicPayload>.self, nil)
        oneofs[name] = (oneof, offset)
        list.addMember(
          names, field.number, type.erased, of: oneof, .dynamic(field.number, type),
          at: offset)
      }
    }
    let unknownFieldsOffset = memory.add(UnknownFields.self, UnknownFields())
    let slots = memory.slots
    unsafe self.init(
      name: name, fields: list.sorted(), unknownFieldsOffset: unknownFieldsOffset,
      byteCount: memory.byteCount, alignment: 16, owner: layouts,
      initialize: { base in for slot in slots { unsafe slot.initialize(base + slot.offset) } },
      deinitialize: { base in for slot in slots { unsafe slot.deinitialize(base + slot.offset) } })
  }
}

/// The memory of a dynamic message while its fields are being placed.
private struct DynamicMemory {
  @safe
  struct Slot: Sendable {
    let offset: Int
    let initialize: @Sendable (UnsafeMutableRawPointer) -> Void
    let deinitialize: @Sendable (UnsafeMutableRawPointer) -> Void
  }

  private(set) var slots: [Slot] = []
  private(set) var byteCount = 0

  mutating func add<T: Sendable>(
    _ type: T.Type, _ empty: @autoclosure @escaping @Sendable () -> T
  )
    -> Int
  {
    let alignment = MemoryLayout<T>.alignment
    let offset = (byteCount + alignment - 1) / alignment * alignment
    byteCount = offset + MemoryLayout<T>.size
    unsafe slots.append(
      Slot(
        offset: offset,
        initialize: { unsafe $0.initializeMemory(as: T.self, repeating: empty(), count: 1) },
        deinitialize: { unsafe $0.assumingMemoryBound(to: T.self).deinitialize(count: 1) }))
    return offset
  }

  mutating func add<F: AnyFieldType>(singular field: F) -> Int {
    let type = field.type
    return add(F.Value.self, type.makeDefault())
  }

  mutating func add<F: AnyFieldType>(optional field: F) -> Int { add(F.Value?.self, nil) }

  mutating func add<F: AnyFieldType>(repeated field: F) -> Int { add([F.Value].self, []) }

  mutating func add(key: any AnyFieldType, value: any AnyFieldType) -> (MapAccess, Int) {
    switch key.erased.kind {
    case .int32, .sint32, .sfixed32: add(Int32.self, key, value)
    case .int64, .sint64, .sfixed64: add(Int64.self, key, value)
    case .uint32, .fixed32: add(UInt32.self, key, value)
    case .uint64, .fixed64: add(UInt64.self, key, value)
    case .bool: add(Bool.self, key, value)
    default: add(String.self, key, value)
    }
  }

  private mutating func add<K: FieldMapKey, F: AnyFieldType>(
    _ keyType: K.Type, _ key: any AnyFieldType, _ value: F
  ) -> (MapAccess, Int) {
    guard let key = key as? FieldType<K> else {
      preconditionFailure("a map's key is an integer, a bool or a string")
    }
    return (.typed(key, value.type), add(FieldMap<K, F.Value>.self, [:]))
  }
}

/// The member of a dynamic oneof that is set.
private struct DynamicPayload: Sendable {
  let number: UInt32
  let value: any Sendable
}

extension OneofAccess {
  fileprivate static func dynamic(_ name: String) -> OneofAccess {
    unsafe OneofAccess(
      name: name,
      which: { unsafe $0.assumingMemoryBound(to: DynamicPayload?.self).pointee?.number ?? 0 },
      clear: { unsafe $0.assumingMemoryBound(to: DynamicPayload?.self).pointee = nil })
  }
}

extension MemberAccess {
  fileprivate static func dynamic<F: AnyFieldType>(_ number: UInt32, _ field: F) -> MemberAccess {
    .typed(
      field.type,
      { DynamicPayload(number: number, value: $0) },
      { $0.number == number ? $0.value as? F.Value : nil })
  }
}
