/// Reads the tokens of JSON text (RFC 8259), strictly and within bounds.
@safe
struct JSONReader {
  let start: UnsafeRawPointer
  var cursor: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private(set) var memoryBudget: Int
  /// How many levels of objects and arrays may still open.
  var depthLeft: Int

  init(_ bytes: UnsafeRawBufferPointer, memoryBudget: Int, nestingMax: Int) {
    unsafe start = unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
    unsafe cursor = unsafe start
    unsafe end = unsafe start + bytes.count
    self.memoryBudget = memoryBudget
    depthLeft = nestingMax
  }

  func fault(_ reason: WireError.Reason, at place: UnsafeRawPointer? = nil) -> WireFault {
    unsafe WireFault(reason: reason, byteOffset: (place ?? cursor) - start)
  }

  mutating func spend(_ byteCount: Int) throws(WireFault) {
    memoryBudget &-= byteCount
    if memoryBudget < 0 { throw unsafe fault(.memoryBudget) }
  }

  mutating func open() throws(WireFault) {
    if depthLeft <= 0 { throw unsafe fault(.nestingTooDeep) }
    depthLeft -= 1
  }

  mutating func close() { depthLeft += 1 }

  // MARK: Tokens

  /// The next byte that is not white space; nil at the end. It is not taken.
  mutating func peek() -> UInt8? {
    while unsafe cursor < end {
      let byte = unsafe cursor.load(as: UInt8.self)
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: unsafe cursor += 1
      default: return byte
      }
    }
    return nil
  }

  /// Takes a byte that must come next.
  mutating func expect(_ byte: UInt8) throws(WireFault) {
    guard peek() == byte else { throw unsafe fault(.invalidJSON) }
    unsafe cursor += 1
  }

  /// Takes a byte if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    unsafe cursor += 1
    return true
  }

  /// Takes `null` if it comes next.
  mutating func takeNull() -> Bool {
    guard peek() == UInt8(ascii: "n"), matches("null") else { return false }
    unsafe cursor += 4
    return true
  }

  mutating func bool() throws(WireFault) -> Bool {
    switch peek() {
    case UInt8(ascii: "t") where matches("true"):
      unsafe cursor += 4
      return true
    case UInt8(ascii: "f") where matches("false"):
      unsafe cursor += 5
      return false
    default: throw unsafe fault(.wrongType)
    }
  }

  private func matches(_ word: StaticString) -> Bool {
    guard unsafe end - cursor >= word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where unsafe cursor.load(fromByteOffset: index, as: UInt8.self) != word.utf8Start[index] {
      return false
    }
    return true
  }

  func requireEnd() throws(WireFault) {
    var rest = self
    if rest.peek() != nil { throw unsafe rest.fault(.trailingBytes) }
  }

  // MARK: Numbers

  /// A number's spelling: `-? int frac? exp?`.
  mutating func number() throws(WireFault) -> UnsafeRawBufferPointer {
    _ = peek()
    guard
      let length = unsafe JSONNumber.length(
        UnsafeRawBufferPointer(start: cursor, count: end - cursor))
    else { throw unsafe fault(.wrongType) }
    let spelling = unsafe UnsafeRawBufferPointer(start: cursor, count: length)
    unsafe cursor += length
    return unsafe spelling
  }

  // MARK: Strings

  mutating func string() throws(WireFault) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw unsafe fault(.wrongType) }
    let place = unsafe cursor
    unsafe cursor += 1
    let plain = unsafe cursor
    while unsafe cursor < end {
      let byte = unsafe cursor.load(as: UInt8.self)
      if byte == UInt8(ascii: "\"") {
        let text = try unsafe text(UnsafeRawBufferPointer(start: plain, count: cursor - plain))
        unsafe cursor += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { break }
      if byte < 0x20 { throw unsafe fault(.invalidJSON) }
      unsafe cursor += 1
    }
    var bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: plain, count: cursor - plain))
    while unsafe cursor < end {
      let byte = unsafe cursor.load(as: UInt8.self)
      unsafe cursor += 1
      switch byte {
      case UInt8(ascii: "\""):
        do throws(WireFault) {
          return try unsafe bytes.span.withUnsafeBytes { (raw) throws(WireFault) in
            try unsafe text(raw)
          }
        } catch {
          throw unsafe error.reason == .invalidUTF8 ? fault(.invalidUTF8, at: place) : error
        }
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      case 0..<0x20: throw unsafe fault(.invalidJSON, at: cursor - 1)
      default: bytes.append(byte)
      }
    }
    throw unsafe fault(.truncated, at: place)
  }

  private mutating func text(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> String {
    try spend(bytes.count > 15 ? bytes.count + 32 : 0)
    let units = unsafe bytes.assumingMemoryBound(to: UInt8.self)
    do throws(UTF8.ValidationError) {
      return unsafe String(copying: try UTF8Span(validating: Span(_unsafeElements: units)))
    } catch {
      throw unsafe fault(.invalidUTF8, at: cursor - bytes.count + error.byteOffsets.lowerBound)
    }
  }

  /// What follows a backslash.
  private mutating func escape(into bytes: inout [UInt8]) throws(WireFault) {
    let place = unsafe cursor - 1
    guard unsafe cursor < end else { throw unsafe fault(.truncated, at: place) }
    let letter = unsafe cursor.load(as: UInt8.self)
    unsafe cursor += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var value = UInt32(try hex4())
      if (0xD800..<0xDC00).contains(value) {
        guard unsafe end - cursor >= 6, matches("\\u") else {
          throw unsafe fault(.invalidUTF8, at: place)
        }
        unsafe cursor += 2
        let low = UInt32(try hex4())
        guard (0xDC00..<0xE000).contains(low) else { throw unsafe fault(.invalidUTF8, at: place) }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw unsafe fault(.invalidUTF8, at: place) }
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw unsafe fault(.invalidJSON, at: place)
    }
  }

  private mutating func hex4() throws(WireFault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard unsafe cursor < end else { throw unsafe fault(.truncated) }
      let byte = unsafe cursor.load(as: UInt8.self)
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw unsafe fault(.invalidJSON)
      }
      value = value << 4 | UInt16(digit)
      unsafe cursor += 1
    }
    return value
  }

  // MARK: Passing over

  /// Takes a value of any kind and forgets it.
  mutating func skipValue() throws(WireFault) {
    switch peek() {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"): if !takeNull() { throw unsafe fault(.invalidJSON) }
    case UInt8(ascii: "{"):
      try members { (reader, _) throws(WireFault) in try reader.skipValue() }
    case UInt8(ascii: "["):
      try elements { (reader, _) throws(WireFault) in try reader.skipValue() }
    default:
      do throws(WireFault) { _ = try unsafe number() } catch { throw unsafe fault(.invalidJSON) }
    }
  }

  /// Takes an object; `body` takes each member's value.
  mutating func members(
    _ body: (inout JSONReader, _ name: String) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard peek() == UInt8(ascii: "{") else { throw unsafe fault(.wrongType) }
    try open()
    unsafe cursor += 1
    if !take(UInt8(ascii: "}")) {
      repeat {
        guard peek() == UInt8(ascii: "\"") else { throw unsafe fault(.invalidJSON) }
        let name = try string()
        try expect(UInt8(ascii: ":"))
        try body(&self, name)
      } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "}"))
    }
    close()
  }

  /// Takes an array; `body` takes each element.
  mutating func elements(
    _ body: (inout JSONReader, _ index: Int) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard peek() == UInt8(ascii: "[") else { throw unsafe fault(.wrongType) }
    try open()
    unsafe cursor += 1
    if !take(UInt8(ascii: "]")) {
      var index = 0
      repeat {
        try body(&self, index)
        index += 1
      } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "]"))
    }
    close()
  }
}
