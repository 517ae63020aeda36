/// Names the fields of one generated message; see `MessageLayout.init`.
public struct FieldsBuilder<M: Message> {
  @usableFromInline var list = FieldList()

  @usableFromInline init() {}

  /// A field without presence.
  public mutating func singular<V>(
    _ number: UInt32, _ name: String, json: String? = nil, _ type: FieldType<V>,
    _ path: WritableKeyPath<M, V>, sensitive: Bool = false
  ) {
    list.add(
      FieldList.Names(name, json, sensitive), number, .singular, type.erased, at: offset(of: path))
  }

  /// A field with presence; every singular message field is one.
  public mutating func optional<V>(
    _ number: UInt32, _ name: String, json: String? = nil, _ type: FieldType<V>,
    _ path: WritableKeyPath<M, V?>, sensitive: Bool = false
  ) {
    list.add(
      FieldList.Names(name, json, sensitive), number, .optional, type.erased, at: offset(of: path))
  }

  /// A singular message field of a type that contains itself.
  public mutating func indirect<V: Message>(
    _ number: UInt32, _ name: String, json: String? = nil, _ type: V.Type,
    _ path: WritableKeyPath<M, Indirect<V>>, sensitive: Bool = false
  ) {
    list.add(
      FieldList.Names(name, json, sensitive), number, .optional,
      ErasedFieldType(.message, message: .indirect(type)), at: offset(of: path))
  }

  /// A list.
  public mutating func repeated<V>(
    _ number: UInt32, _ name: String, json: String? = nil, _ type: FieldType<V>,
    _ path: WritableKeyPath<M, [V]>, packed: Bool = true, sensitive: Bool = false
  ) {
    list.add(
      FieldList.Names(name, json, sensitive), number, .repeated, type.erased,
      isPacked: packed, at: offset(of: path))
  }

  /// A map.
  public mutating func map<K: FieldMapKey, V>(
    _ number: UInt32, _ name: String, json: String? = nil, _ key: FieldType<K>,
    _ value: FieldType<V>, _ path: WritableKeyPath<M, FieldMap<K, V>>, sensitive: Bool = false
  ) {
    list.addMap(
      FieldList.Names(name, json, sensitive), number, key: key.erased, value: value.erased,
      .typed(key, value), at: offset(of: path))
  }

  /// A oneof.
  ///
  /// - Parameters:
  ///   - which: the field number of the case that is set.
  ///   - describe: names every member once.
  public mutating func oneof<Payload>(
    _ name: String, _ path: WritableKeyPath<M, Payload?>,
    _ which: @escaping @Sendable (Payload) -> UInt32,
    _ describe: (inout MembersBuilder<Payload>) -> Void
  ) {
    let access = unsafe OneofAccess(
      name: name,
      which: { unsafe $0.assumingMemoryBound(to: Payload?.self).pointee.map(which) ?? 0 },
      clear: { unsafe $0.assumingMemoryBound(to: Payload?.self).pointee = nil })
    // Before the builder takes its copy of the list, which must count this oneof.
    let oneof = list.addOneof(access)
    var builder = MembersBuilder<Payload>(list: list, oneof: oneof, offset: offset(of: path))
    describe(&builder)
    list = builder.list
  }

  @usableFromInline
  func offset<V>(of path: WritableKeyPath<M, V>) -> Int {
    guard let offset = MemoryLayout<M>.offset(of: path) else {
      preconditionFailure("\(M.self): a described field must be a stored property")
    }
    return offset
  }
}

/// Names the members of one oneof.
public struct MembersBuilder<Payload> {
  @usableFromInline var list: FieldList
  @usableFromInline let oneof: FieldList.Oneof
  @usableFromInline let offset: Int

  @usableFromInline
  init(list: FieldList, oneof: FieldList.Oneof, offset: Int) {
    self.list = list
    self.oneof = oneof
    self.offset = offset
  }

  /// A member: how its value becomes a case, and how a case that is its own gives the value back.
  public mutating func member<V>(
    _ number: UInt32, _ name: String, json: String? = nil, _ type: FieldType<V>,
    _ inject: @escaping @Sendable (V) -> Payload, _ project: @escaping @Sendable (Payload) -> V?,
    sensitive: Bool = false
  ) {
    list.addMember(
      FieldList.Names(name, json, sensitive), number, type.erased, of: oneof,
      .typed(type, inject, project), at: offset)
  }
}
