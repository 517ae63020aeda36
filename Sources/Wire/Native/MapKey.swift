import Glibc

/// A map's key as native orders it: numbers by value, text by its bytes.
@safe
struct MapKey {
  /// A number, moved so that unsigned order is its own.
  private let ordinal: UInt64
  /// A text's bytes in the input; nil for a number.
  private let text: UnsafeRawBufferPointer?

  /// - Parameters:
  ///   - key: the decoded key.
  ///   - spelling: where it stands in the input, with its length for a text.
  init(_ kind: ValueKind, _ key: UnsafeRawPointer, spelling: Range<UnsafeRawPointer>) {
    var text: UnsafeRawBufferPointer?
    switch kind {
    case .int32, .sint32, .sfixed32:
      ordinal = unsafe UInt64(bitPattern: Int64(key.load(as: Int32.self))) ^ (1 << 63)
    case .int64, .sint64, .sfixed64:
      ordinal = unsafe UInt64(bitPattern: key.load(as: Int64.self)) ^ (1 << 63)
    case .uint32, .fixed32: ordinal = unsafe UInt64(key.load(as: UInt32.self))
    case .uint64, .fixed64: ordinal = unsafe key.load(as: UInt64.self)
    case .bool: ordinal = unsafe key.load(as: Bool.self) ? 1 : 0
    default:  // text: no other kind can be a key
      ordinal = 0
      let byteCount = unsafe key.assumingMemoryBound(to: String.self).pointee.utf8.count
      unsafe text = unsafe UnsafeRawBufferPointer(
        start: spelling.upperBound - byteCount, count: byteCount)
    }
    unsafe self.text = unsafe text
  }

  static func < (left: Self, right: Self) -> Bool {
    guard let a = unsafe left.text, let b = unsafe right.text else {
      return left.ordinal < right.ordinal
    }
    let common = min(a.count, b.count)
    if common > 0, let first = a.baseAddress, let second = b.baseAddress {
      let order = unsafe memcmp(first, second, common)
      if order != 0 { return order < 0 }
    }
    return a.count < b.count
  }
}
