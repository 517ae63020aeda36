/// What the engine does with a map whose Swift types it does not know.
@safe
@usableFromInline
final class MapAccess: Sendable {
  typealias Writing =
    (_ key: UnsafeMutableRawPointer, _ value: UnsafeMutableRawPointer) throws(WireFault) -> Void
  typealias Reading =
    (_ key: UnsafeRawPointer, _ value: UnsafeRawPointer) throws(WireFault) -> Void

  /// The memory that one more entry takes, about.
  let entryBytes: Int
  let count: @Sendable (_ map: UnsafeRawPointer) -> Int
  /// Makes an entry of default values, lends it to be filled, and stores it. Of two entries with
  /// one key the later stays.
  /// - Returns: whether the key is new.
  let insert: @Sendable (_ map: UnsafeMutableRawPointer, Writing) throws(WireFault) -> Bool
  /// Lends the entries by their keys, ascending or descending.
  let read:
    @Sendable (_ map: UnsafeRawPointer, _ descending: Bool, Reading) throws(WireFault) -> Void

  init(
    entryBytes: Int,
    count: @escaping @Sendable (UnsafeRawPointer) -> Int,
    insert: @escaping @Sendable (UnsafeMutableRawPointer, Writing) throws(WireFault) -> Bool,
    read: @escaping @Sendable (UnsafeRawPointer, Bool, Reading) throws(WireFault) -> Void
  ) {
    self.entryBytes = entryBytes
    unsafe self.count = unsafe count
    unsafe self.insert = unsafe insert
    unsafe self.read = unsafe read
  }

  static func typed<K: FieldMapKey, V>(_ key: FieldType<K>, _ value: FieldType<V>) -> MapAccess {
    let (makeKey, makeValue) = (key.makeDefault, value.makeDefault)
    return unsafe MapAccess(
      // A hash table that has just grown is a third full.
      entryBytes: 3 * (MemoryLayout<K>.stride + MemoryLayout<V>.stride),
      count: { unsafe $0.assumingMemoryBound(to: FieldMap<K, V>.self).pointee.count },
      insert: { (map, body) throws(WireFault) in
        var key = makeKey()
        var value = makeValue()
        try unsafe withUnsafeMutablePointer(to: &key) { (key) throws(WireFault) in
          try unsafe withUnsafeMutablePointer(to: &value) { (value) throws(WireFault) in
            try unsafe body(UnsafeMutableRawPointer(key), UnsafeMutableRawPointer(value))
          }
        }
        let map = unsafe map.assumingMemoryBound(to: FieldMap<K, V>.self)
        return unsafe map.pointee.entries.updateValue(value, forKey: K.Exact(key)) == nil
      },
      read: { (map, descending, body) throws(WireFault) in
        let map = unsafe map.assumingMemoryBound(to: FieldMap<K, V>.self)
        let entries = unsafe map.pointee.entries.sorted {
          descending ? $1.key < $0.key : $0.key < $1.key
        }
        for entry in entries {
          try unsafe withUnsafePointer(to: entry.key.key) { (key) throws(WireFault) in
            try unsafe withUnsafePointer(to: entry.value) { (value) throws(WireFault) in
              try unsafe body(UnsafeRawPointer(key), UnsafeRawPointer(value))
            }
          }
        }
      })
  }
}
