/// What the engine does with a oneof, which is stored as an optional enum.
@safe
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
    unsafe self.which = unsafe which
    unsafe self.clear = unsafe clear
  }
}

/// What the engine does with one member of a oneof.
@safe
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
    unsafe self.read = unsafe read
    unsafe self.write = unsafe write
  }

  @inlinable
  static func typed<Payload, Value>(
    _ type: FieldType<Value>,
    _ inject: @escaping @Sendable (Value) -> Payload,
    _ project: @escaping @Sendable (Payload) -> Value?
  ) -> MemberAccess {
    let makeDefault = type.makeDefault
    return unsafe MemberAccess(
      read: { (slot, body) throws(WireFault) in
        guard let payload = unsafe slot.assumingMemoryBound(to: Payload?.self).pointee,
          let value = project(payload)
        else { return }
        try unsafe withUnsafePointer(to: value) { (value) throws(WireFault) in
          try unsafe body(UnsafeRawPointer(value))
        }
      },
      write: { (slot, body) throws(WireFault) in
        let slot = unsafe slot.assumingMemoryBound(to: Payload?.self)
        var value = unsafe slot.pointee.flatMap(project) ?? makeDefault()
        unsafe slot.pointee = nil  // leaves `value` the only owner, so that merging copies nothing
        try unsafe withUnsafeMutablePointer(to: &value) { (value) throws(WireFault) in
          try unsafe body(UnsafeMutableRawPointer(value))
        }
        unsafe slot.pointee = inject(value)
      })
  }
}
