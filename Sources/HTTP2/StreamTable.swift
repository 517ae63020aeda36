/// The streams of a session by identifier; closed ones leave their memory to the next.
///
/// An open-addressing hash table, at most half full.
@safe struct StreamTable: ~Copyable {
  typealias Stream = UnsafeMutablePointer<StreamState>

  @unsafe private struct Entry {
    var id: Int32
    var stream: Stream?
  }

  private var entries: [Entry]
  private var free: [Stream] = unsafe []
  private(set) var count = 0

  init() { unsafe entries = Self.emptyEntries(16) }

  deinit {
    unsafe forEach { unsafe Self.destroy($0) }
    for place in unsafe free.indices { unsafe Self.destroy(free[place]) }
  }

  /// The stream with this identifier; it stays where it is until it is removed.
  func find(_ id: Int32) -> Stream? {
    let mask = unsafe entries.count - 1
    var place = home(of: id)
    while true {
      let entry = unsafe entries[place]
      guard let stream = unsafe entry.stream else { return nil }
      if unsafe entry.id == id { return unsafe stream }
      place = (place + 1) & mask
    }
  }

  /// Does something with each stream, in no order.
  func forEach(_ body: (Stream) -> Void) {
    // By index: the formatter does not know the `for unsafe` that elements would need.
    for place in unsafe entries.indices {
      if let stream = unsafe entries[place].stream { unsafe body(stream) }
    }
  }

  /// Adds a stream that is not there yet.
  mutating func insert(_ id: Int32) -> Stream {
    if unsafe (count + 1) * 2 > entries.count { grow() }
    let stream: Stream
    if let kept = unsafe free.popLast() {
      unsafe stream = kept
      unsafe stream.pointee.id = id
    } else {
      unsafe stream = .allocate(capacity: 1)
      unsafe stream.initialize(to: StreamState(id: id))
    }
    unsafe place(Entry(id: id, stream: stream))
    count += 1
    return unsafe stream
  }

  /// Takes a stream away.
  mutating func remove(_ id: Int32) {
    let mask = unsafe entries.count - 1
    var hole = home(of: id)
    while unsafe entries[hole].id != id {
      if unsafe entries[hole].stream == nil { return }
      hole = (hole + 1) & mask
    }
    guard let stream = unsafe entries[hole].stream else { return }
    unsafe stream.pointee.clear()
    unsafe free.append(stream)
    count -= 1
    // Closes the gap: whoever stands further from home than the hole moves into it.
    var next = (hole + 1) & mask
    while unsafe entries[next].stream != nil {
      let home = unsafe home(of: entries[next].id)
      if (next &- home) & mask >= (next &- hole) & mask {
        unsafe entries[hole] = entries[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    unsafe entries[hole] = Entry(id: 0, stream: nil)
  }

  /// Gives back what is kept for streams to come.
  mutating func releaseMemory() {
    for place in unsafe free.indices { unsafe Self.destroy(free[place]) }
    unsafe free = []
    if count == 0, unsafe entries.count > 16 { unsafe entries = Self.emptyEntries(16) }
  }

  /// Scatters the identifiers, which follow each other: in one long run, each removal would have
  /// to walk to its end.
  private func home(of id: Int32) -> Int {
    let product = UInt32(bitPattern: id) &* 0x9e37_79b1
    return unsafe Int(product >> 16) & (entries.count - 1)
  }

  private mutating func place(_ entry: Entry) {
    let mask = unsafe entries.count - 1
    var place = unsafe home(of: entry.id)
    while unsafe entries[place].stream != nil { place = (place + 1) & mask }
    unsafe entries[place] = entry
  }

  private mutating func grow() {
    let old = unsafe entries
    unsafe entries = Self.emptyEntries(old.count * 2)
    for index in unsafe old.indices where unsafe old[index].stream != nil {
      unsafe place(old[index])
    }
  }

  private static func emptyEntries(_ count: Int) -> [Entry] {
    unsafe Array(repeating: Entry(id: 0, stream: nil), count: count)
  }

  private static func destroy(_ stream: Stream) {
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }
}
