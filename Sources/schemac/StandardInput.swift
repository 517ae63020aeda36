import Foundation
import Terminal

/// Standard input, read as far as asked for.
struct StandardInput {
  /// A longer message is refused before it is read.
  private static let messageBytesMax = 1 << 30

  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// Everything that is left.
  mutating func rest() -> [UInt8] {
    while fill() {}
    defer { position = buffer.count }
    return Array(buffer[position...])
  }

  /// The next line, without its end; empty ones are skipped. Nil at the end.
  mutating func line() -> [UInt8]? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[position..<end])
        position = end + 1
        searched = position
        if !line.isEmpty { return line }
        continue
      }
      let consumed = position
      searched = buffer.count
      guard fill() else {
        defer { position = buffer.count }
        return position < buffer.count ? Array(buffer[position...]) : nil
      }
      searched -= consumed - position
    }
  }

  /// The length in front of a message; nil at the end.
  mutating func varint() throws(CommandFailure) -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      guard let byte = take(1)?[0] else {
        if shift == 0 { return nil }
        break
      }
      value |= Int(byte & 0x7F) << shift
      guard byte < 0x80 else { continue }
      guard value <= Self.messageBytesMax else { break }
      return value
    }
    throw .findings("schemac: the length of a message is cut off or too large")
  }

  /// The next bytes; nil if there are not as many.
  mutating func take(_ count: Int) -> [UInt8]? {
    while buffer.count - position < count { guard fill() else { return nil } }
    defer { position += count }
    return Array(buffer[position..<position + count])
  }

  /// Reads on; false at the end.
  private mutating func fill() -> Bool {
    guard !isAtEnd else { return false }
    if position > 1 << 16 {
      buffer.removeFirst(position)
      position = 0
    }
    guard let data = try? FileHandle.standardInput.read(upToCount: 1 << 16), !data.isEmpty else {
      isAtEnd = true
      return false
    }
    buffer += data
    return true
  }
}
