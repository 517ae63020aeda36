import Glibc

/// The header fields received and not yet taken, one after the other in one piece of memory.
@safe struct HeaderArena: ~Copyable {
  private struct Place: BitwiseCopyable {
    var start: UInt32
    /// 0 for known names: they are not kept.
    var nameCount: UInt32
    var valueCount: UInt32
    var token: HeaderName
  }

  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var byteCount = 0
  private var places: [Place] = []

  /// What is kept for the next blocks, more than a gRPC request has; before the first there is none.
  private static var capacityKept: Int { 2048 }

  init() {
    capacity = 0
    unsafe bytes = .allocate(capacity: 0)
  }

  deinit { unsafe bytes.deallocate() }

  /// How many fields there are.
  var count: Int { places.count }

  mutating func append(
    _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>,
    _ valueCount: Int, as token: HeaderName
  ) {
    let nameCount = token == .other ? nameCount : 0
    let end = byteCount + nameCount + valueCount
    if end > capacity { grow(to: end) }
    let place = unsafe bytes + byteCount
    if nameCount > 0 { unsafe memcpy(place, name, nameCount) }
    unsafe memcpy(place + nameCount, value, valueCount)
    places.append(
      Place(
        start: UInt32(truncatingIfNeeded: byteCount),
        nameCount: UInt32(truncatingIfNeeded: nameCount),
        valueCount: UInt32(truncatingIfNeeded: valueCount), token: token))
    byteCount = end
  }

  /// A field; its bytes stay where they are until the next is appended or all are removed.
  func field(
    at index: Int
  ) -> (token: HeaderName, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    let place = places[index]
    let start = unsafe bytes + Int(place.start)
    let value = unsafe UnsafeBufferPointer(
      start: start + Int(place.nameCount), count: Int(place.valueCount))
    if place.token == .other {
      return unsafe (
        .other, UnsafeBufferPointer(start: start, count: Int(place.nameCount)), value
      )
    }
    let name = place.token.text
    return unsafe (
      place.token, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value
    )
  }

  /// Forgets all blocks, and gives back the memory of unusual ones.
  mutating func removeAll() {
    byteCount = 0
    if capacity > Self.capacityKept * 8 {
      unsafe bytes.deallocate()
      capacity = Self.capacityKept
      unsafe bytes = .allocate(capacity: capacity)
      places = []
    } else {
      places.removeAll(keepingCapacity: true)
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
