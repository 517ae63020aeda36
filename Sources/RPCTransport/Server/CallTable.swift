/// The calls of a connection by their stream.
///
/// A `Dictionary` would spend more on hashing than the rest of a look-up costs.
struct CallTable {
  private struct Place {
    var stream: Int32 = 0
    var call: ServerCall?
  }

  private var places: [Place] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// All calls, in no order.
  var all: [ServerCall] { places.compactMap(\.call) }

  /// The call of a stream; nil if there is none.
  subscript(stream: Int32) -> ServerCall? {
    guard count > 0, let place = find(stream) else { return nil }
    return places[place].call
  }

  /// Adds the call of a stream that has none.
  mutating func insert(_ call: ServerCall, for stream: Int32) {
    if (count + 1) * 2 > places.count { grow() }
    place(Place(stream: stream, call: call))
    count += 1
  }

  /// Takes the call of a stream away, if there is one.
  mutating func remove(_ stream: Int32) {
    guard count > 0, var hole = find(stream) else { return }
    count -= 1
    let mask = places.count - 1
    // Closes the gap: whoever stands further from home than the hole moves into it.
    var next = (hole + 1) & mask
    while places[next].call != nil {
      let home = home(of: places[next].stream)
      if (next &- home) & mask >= (next &- hole) & mask {
        places.swapAt(hole, next)
        hole = next
      }
      next = (next + 1) & mask
    }
    places[hole].call = nil
  }

  /// Takes all calls away and gives their memory back.
  mutating func removeAll() { self = CallTable() }

  /// Scatters the identifiers, which follow each other: in one long run, each removal would have
  /// to walk to its end.
  private func home(of stream: Int32) -> Int {
    Int((UInt32(bitPattern: stream) &* 0x9e37_79b1) >> 16) & (places.count - 1)
  }

  private func find(_ stream: Int32) -> Int? {
    var place = home(of: stream)
    while places[place].call != nil {
      if places[place].stream == stream { return place }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }

  private mutating func place(_ new: Place) {
    var place = home(of: new.stream)
    while places[place].call != nil { place = (place + 1) & (places.count - 1) }
    places[place] = new
  }

  private mutating func grow() {
    let old = places
    places = Array(repeating: Place(), count: max(16, old.count * 2))
    for kept in old where kept.call != nil { place(kept) }
  }
}
