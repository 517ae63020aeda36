import Glibc

/// The header fields received and not yet taken, one after the other in one piece of memory.
@safe struct HeaderArena: ~Copyable {
  struct Field: BitwiseCopyable {
    var start: UInt32
    var nameCount: UInt32
    var valueCount: UInt32
    var name: HeaderName
  }

  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var byteCount = 0
  private(set) var fields: [Field] = []

  /// What is kept for the next blocks, more than a gRPC request has; before the first there is none.
  private static var capacityKept: Int { 2048 }

  init() {
    capacity = 0
    unsafe bytes = .allocate(capacity: 0)
  }

  deinit { unsafe bytes.deallocate() }

  mutating func append(
    _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>,
    _ valueCount: Int, as token: HeaderName
  ) {
    let end = byteCount + nameCount + valueCount
    if end > capacity { grow(to: end) }
    let place = unsafe bytes + byteCount
    unsafe memcpy(place, name, nameCount)
    unsafe memcpy(place + nameCount, value, valueCount)
    fields.append(
      Field(
        start: UInt32(truncatingIfNeeded: byteCount),
        nameCount: UInt32(truncatingIfNeeded: nameCount),
        valueCount: UInt32(truncatingIfNeeded: valueCount), name: token))
    byteCount = end
  }

  func name(at index: Int) -> UnsafeBufferPointer<UInt8> {
    let field = fields[index]
    return unsafe UnsafeBufferPointer(start: bytes + Int(field.start), count: Int(field.nameCount))
  }

  func value(at index: Int) -> UnsafeBufferPointer<UInt8> {
    let field = fields[index]
    return unsafe UnsafeBufferPointer(
      start: bytes + Int(field.start) + Int(field.nameCount), count: Int(field.valueCount))
  }

  /// Forgets all blocks, and gives back the memory of unusual ones.
  mutating func removeAll() {
    byteCount = 0
    if capacity > Self.capacityKept * 8 {
      unsafe bytes.deallocate()
      capacity = Self.capacityKept
      unsafe bytes = .allocate(capacity: capacity)
      fields = []
    } else {
      fields.removeAll(keepingCapacity: true)
    }
  }

  /// Gives all memory back, if no block is there.
  mutating func releaseMemory() {
    if byteCount == 0, capacity > 0 { self = HeaderArena() }
  }

  private mutating func grow(to needed: Int) {
    var capacity = max(capacity, Self.capacityKept)
    while capacity < needed { capacity *= 2 }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe memcpy(larger, bytes, byteCount)
    unsafe bytes.deallocate()
    unsafe bytes = larger
    self.capacity = capacity
  }
}
