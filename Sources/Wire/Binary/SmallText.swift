/// A text of at most 15 bytes, which Swift keeps in the string's own two words.
///
/// The library reads and writes these byte by byte; as two words they are a handful of steps, and
/// most texts on the wire (codes, currencies, names) are that short. How a string lies in memory is
/// the library's own affair: where it lies otherwise than it is known here, there is no `SmallText`
/// and everything goes the library's way.
@safe
struct SmallText {
  /// The bytes, the first one lowest; zeros after the last.
  private let low: UInt64
  private let high: UInt64
  let byteCount: Int

  static let byteCountMax = 15

  /// Whether strings lie as they are known to. The compiler answers it: no code is left of it.
  @inline(__always)
  static var isAvailable: Bool {
    guard MemoryLayout<String>.size == 16, 1.littleEndian == 1 else { return false }
    let (low, high) = unsafe unsafeBitCast("sarai", to: (UInt64, UInt64).self)
    return low == 0x69_6172_6173 && high == 0xE5 << 56
  }

  /// The text of a string; nil when it is longer.
  @inline(__always)
  init?(_ string: UnsafePointer<String>) {
    let raw = unsafe UnsafeRawPointer(string)
    let flags = unsafe raw.load(fromByteOffset: 8, as: UInt64.self)
    guard Self.isAvailable, flags & 1 << 61 != 0 else { return nil }
    low = unsafe raw.load(as: UInt64.self)
    high = (flags &<< 8) &>> 8
    byteCount = Int(truncatingIfNeeded: flags &>> 56 & 0xF)
  }

  /// The text that these bytes are; nil when there are more than 15 of them or not all are ASCII.
  @inline(__always)
  init?(ascii bytes: UnsafeRawPointer, byteCount: Int) {
    guard Self.isAvailable, byteCount <= Self.byteCountMax else { return nil }
    // Two words that may overlap, the second moved so that it continues the first.
    if byteCount >= 8 {
      low = unsafe bytes.loadUnaligned(as: UInt64.self)
      high =
        unsafe bytes.loadUnaligned(fromByteOffset: byteCount &- 8, as: UInt64.self)
        >> UInt64(truncatingIfNeeded: 128 &- 8 &* byteCount)
    } else if byteCount >= 4 {
      let head = unsafe UInt64(bytes.loadUnaligned(as: UInt32.self))
      let tail = unsafe UInt64(
        bytes.loadUnaligned(fromByteOffset: byteCount &- 4, as: UInt32.self))
      low = head | tail &<< UInt64(truncatingIfNeeded: 8 &* byteCount &- 32)
      high = 0
    } else if byteCount > 0 {
      let (middle, last) = (byteCount &>> 1, byteCount &- 1)
      low =
        unsafe UInt64(bytes.load(as: UInt8.self))
        | UInt64(bytes.load(fromByteOffset: middle, as: UInt8.self))
        &<< UInt64(truncatingIfNeeded: 8 &* middle)
        | UInt64(bytes.load(fromByteOffset: last, as: UInt8.self))
        &<< UInt64(truncatingIfNeeded: 8 &* last)
      high = 0
    } else {
      low = 0
      high = 0
    }
    guard (low | high) & 0x8080_8080_8080_8080 == 0 else { return nil }
    self.byteCount = byteCount
  }

  /// The string of an ASCII text.
  @inline(__always)
  var string: String {
    var string = ""
    unsafe withUnsafeMutablePointer(to: &string) { unsafe initialize($0) }
    return string
  }

  /// Makes an ASCII text the string at an address where there is none, or one that owns nothing.
  /// Word by word: a value cast from two words would count a reference to an object that is none.
  @inline(__always)
  func initialize(_ string: UnsafeMutablePointer<String>) {
    let raw = UnsafeMutableRawPointer(string)
    let flags = (0xE0 | UInt64(truncatingIfNeeded: byteCount)) &<< 56
    unsafe raw.storeBytes(of: low, as: UInt64.self)
    unsafe raw.storeBytes(of: high | flags, toByteOffset: 8, as: UInt64.self)
  }

  /// Stores the bytes so that they end at `end`. Up to 16 bytes before it change.
  @inline(__always)
  func store(before end: UnsafeMutableRawPointer) {
    if byteCount > 8 {
      let left = UInt64(truncatingIfNeeded: 128 &- 8 &* byteCount)
      let right = 64 &- left
      unsafe (end - 8).storeBytes(of: high &<< left | low &>> right, as: UInt64.self)
      unsafe (end - 16).storeBytes(of: low &<< left, as: UInt64.self)
    } else {
      // By 64 for an empty text, which has nothing to store.
      let left = UInt64(truncatingIfNeeded: 64 &- 8 &* byteCount)
      unsafe (end - 8).storeBytes(of: low &<< left, as: UInt64.self)
    }
  }
}
