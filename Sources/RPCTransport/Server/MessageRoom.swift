/// Memory of a connection for messages that are larger than what a stream's window lets in.
///
/// Who gets room gets all that its message needs, in the order of asking: two calls that each had a
/// half of it would wait for each other for ever.
struct MessageRoom {
  private let byteCount: Int
  private var freeBytes: Int
  private var waiting: [(stream: Int32, byteCount: Int)] = []

  /// - Parameter byteCount: enough for the largest message.
  init(byteCount: Int) {
    self.byteCount = byteCount
    freeBytes = byteCount
  }

  /// Whether a stream has room.
  var isTaken: Bool { freeBytes < byteCount }

  /// Asks for room; false if the stream has to wait for it.
  mutating func take(_ byteCount: Int, for stream: Int32) -> Bool {
    guard waiting.isEmpty, byteCount <= freeBytes else {
      waiting.append((stream, byteCount))
      return false
    }
    freeBytes -= byteCount
    return true
  }

  /// Gives back what a stream was given.
  mutating func giveBack(_ byteCount: Int) { freeBytes += byteCount }

  /// The stream no longer waits.
  mutating func forget(_ stream: Int32) { waiting.removeAll { $0.stream == stream } }

  /// Gives room to the stream that has waited longest, if there is enough.
  mutating func next() -> Int32? {
    guard let first = waiting.first, first.byteCount <= freeBytes else { return nil }
    waiting.removeFirst()
    freeBytes -= first.byteCount
    return first.stream
  }
}
