/// What the engine does with a oneof, which is stored as an optional enum.
@usableFromInline
final class OneofAccess: Sendable {
  let name: String
  /// The number of the member that is set; 0 when none is.
  let which: @Sendable (_ slot: UnsafeRawPointer) -> UInt32
  let clear: @Sendable (_ slot: UnsafeMutableRawPointer) -> Void

  @usableFromInline
  init(
    name: String,
    which: @escaping @Sendable (UnsafeRawPointer) -> UInt32,
    clear: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    self.name = name
    self.which = which
    self.clear = clear
  }
}

/// What the engine does with one member of a oneof.
@usableFromInline
final class MemberAccess: Sendable {
  @usableFromInline typealias Reading = (UnsafeRawPointer) throws(WireFault) -> Void
  @usableFromInline typealias Writing = (UnsafeMutableRawPointer) throws(WireFault) -> Void

  /// Lends the payload for reading; the member must be set.
  let read: @Sendable (_ slot: UnsafeRawPointer, Reading) throws(WireFault) -> Void
  /// Lends the payload, or a default one, for writing, and sets the member to it.
  let write: @Sendable (_ slot: UnsafeMutableRawPointer, Writing) throws(WireFault) -> Void

  @usableFromInline
  init(
    read: @escaping @Sendable (UnsafeRawPointer, Reading) throws(WireFault) -> Void,
    write: @escaping @Sendable (UnsafeMutableRawPointer, Writing) throws(WireFault) -> Void
  ) {
    self.read = read
    self.write = write
  }

  @inlinable
  static func typed<Payload, Value>(
    _ type: FieldType<Value>,
    _ inject: @escaping @Sendable (Value) -> Payload,
    _ project: @escaping @Sendable (Payload) -> Value?
  ) -> MemberAccess {
    let makeDefault = type.makeDefault
    return MemberAccess(
      read: { (slot, body) throws(WireFault) in
        guard let payload = slot.assumingMemoryBound(to: Payload?.self).pointee,
          let value = project(payload)
        else { return }
        try withUnsafePointer(to: value) { (value) throws(WireFault) in
          try body(UnsafeRawPointer(value))
        }
      },
      write: { (slot, body) throws(WireFault) in
        let slot = slot.assumingMemoryBound(to: Payload?.self)
        var value = slot.pointee.flatMap(project) ?? makeDefault()
        slot.pointee = nil  // leaves `value` the only owner, so that merging copies nothing
        try withUnsafeMutablePointer(to: &value) { (value) throws(WireFault) in
          try body(UnsafeMutableRawPointer(value))
        }
        slot.pointee = inject(value)
      })
  }
}
