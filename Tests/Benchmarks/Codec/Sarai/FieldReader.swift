/// Takes in the values of a message's fields; the same two are in peer/peer.cc.
protocol FieldReader {
  /// What was read, in one number.
  var value: UInt64 { get }
  mutating func number(_ field: UInt64, _ number: UInt64)
  mutating func text(_ field: UInt64, _ text: String)
  mutating func bytes(_ field: UInt64, _ bytes: [UInt8])
}

extension FieldReader {
  /// Negative numbers as their 64 bits.
  @inline(__always)
  mutating func number(_ field: UInt64, _ number: some BinaryInteger) {
    self.number(field, UInt64(truncatingIfNeeded: number))
  }
}

/// Reads every field the cheap way: numbers as they are, texts by their length.
struct Sum: FieldReader {
  var value: UInt64 = 0

  @inline(__always)
  mutating func number(_ field: UInt64, _ number: UInt64) { value &+= field &* number }

  @inline(__always)
  mutating func text(_ field: UInt64, _ text: String) { number(field, text.utf8.count) }

  @inline(__always)
  mutating func bytes(_ field: UInt64, _ bytes: [UInt8]) { number(field, bytes.count) }
}

/// Reads every byte: the proof, outside of the timing, that both sides decode the same content.
struct Hash: FieldReader {
  var value: UInt64 = 14_695_981_039_346_656_037

  private mutating func byte(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 1_099_511_628_211
  }

  mutating func number(_ field: UInt64, _ number: UInt64) {
    byte(UInt8(field))
    for shift in stride(from: 0, to: 64, by: 8) {
      byte(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  mutating func text(_ field: UInt64, _ text: String) { bytes(field, Array(text.utf8)) }

  mutating func bytes(_ field: UInt64, _ bytes: [UInt8]) {
    number(field, bytes.count)
    for byte in bytes { self.byte(byte) }
  }
}
