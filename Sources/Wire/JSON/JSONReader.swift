/// Reads the tokens of JSON text (RFC 8259), strictly and within bounds.
struct JSONReader {
  let start: UnsafeRawPointer
  var cursor: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private(set) var memoryBudget: Int
  /// How many levels of objects and arrays may still open.
  var depthLeft: Int

  init(_ bytes: UnsafeRawBufferPointer, memoryBudget: Int, nestingMax: Int) {
    start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
    cursor = start
    end = start + bytes.count
    self.memoryBudget = memoryBudget
    depthLeft = nestingMax
  }

  func fault(_ reason: WireError.Reason, at place: UnsafeRawPointer? = nil) -> WireFault {
    WireFault(reason: reason, byteOffset: (place ?? cursor) - start)
  }

  mutating func spend(_ byteCount: Int) throws(WireFault) {
    memoryBudget &-= byteCount
    if memoryBudget < 0 { throw fault(.memoryBudget) }
  }

  mutating func open() throws(WireFault) {
    if depthLeft == 0 { throw fault(.nestingTooDeep) }
    depthLeft -= 1
  }

  mutating func close() { depthLeft += 1 }

  // MARK: Tokens

  /// The next byte that is not white space; nil at the end. It is not taken.
  mutating func peek() -> UInt8? {
    while cursor < end {
      let byte = cursor.load(as: UInt8.self)
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: cursor += 1
      default: return byte
      }
    }
    return nil
  }

  /// Takes a byte that must come next.
  mutating func expect(_ byte: UInt8) throws(WireFault) {
    guard peek() == byte else { throw fault(.invalidJSON) }
    cursor += 1
  }

  /// Takes a byte if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    cursor += 1
    return true
  }

  /// Takes `null` if it comes next.
  mutating func takeNull() -> Bool {
    guard peek() == UInt8(ascii: "n"), matches("null") else { return false }
    cursor += 4
    return true
  }

  mutating func bool() throws(WireFault) -> Bool {
    switch peek() {
    case UInt8(ascii: "t") where matches("true"):
      cursor += 4
      return true
    case UInt8(ascii: "f") where matches("false"):
      cursor += 5
      return false
    default: throw fault(.wrongType)
    }
  }

  private func matches(_ word: StaticString) -> Bool {
    guard end - cursor >= word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount
    where cursor.load(fromByteOffset: index, as: UInt8.self) != word.utf8Start[index] {
      return false
    }
    return true
  }

  func requireEnd() throws(WireFault) {
    var rest = self
    if rest.peek() != nil { throw rest.fault(.trailingBytes) }
  }

  // MARK: Numbers

  /// A number's spelling: `-? int frac? exp?`.
  mutating func number() throws(WireFault) -> UnsafeRawBufferPointer {
    _ = peek()
    guard let length = JSONNumber.length(UnsafeRawBufferPointer(start: cursor, count: end - cursor))
    else { throw fault(.wrongType) }
    let spelling = UnsafeRawBufferPointer(start: cursor, count: length)
    cursor += length
    return spelling
  }

  // MARK: Strings

  mutating func string() throws(WireFault) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw fault(.wrongType) }
    let place = cursor
    cursor += 1
    let plain = cursor
    while cursor < end {
      let byte = cursor.load(as: UInt8.self)
      if byte == UInt8(ascii: "\"") {
        let text = try text(UnsafeRawBufferPointer(start: plain, count: cursor - plain))
        cursor += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { break }
      if byte < 0x20 { throw fault(.invalidJSON) }
      cursor += 1
    }
    var bytes = [UInt8](UnsafeRawBufferPointer(start: plain, count: cursor - plain))
    while cursor < end {
      let byte = cursor.load(as: UInt8.self)
      cursor += 1
      switch byte {
      case UInt8(ascii: "\""):
        do throws(WireFault) {
          return try bytes.span.withUnsafeBytes { (raw) throws(WireFault) in try text(raw) }
        } catch {
          throw error.reason == .invalidUTF8 ? fault(.invalidUTF8, at: place) : error
        }
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      case 0..<0x20: throw fault(.invalidJSON, at: cursor - 1)
      default: bytes.append(byte)
      }
    }
    throw fault(.truncated, at: place)
  }

  private mutating func text(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> String {
    try spend(bytes.count > 15 ? bytes.count + 32 : 0)
    let units = bytes.assumingMemoryBound(to: UInt8.self)
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: Span(_unsafeElements: units)))
    } catch {
      throw fault(.invalidUTF8, at: cursor - bytes.count + error.byteOffsets.lowerBound)
    }
  }

  /// What follows a backslash.
  private mutating func escape(into bytes: inout [UInt8]) throws(WireFault) {
    let place = cursor - 1
    guard cursor < end else { throw fault(.truncated, at: place) }
    let letter = cursor.load(as: UInt8.self)
    cursor += 1
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
        guard end - cursor >= 6, matches("\\u") else { throw fault(.invalidUTF8, at: place) }
        cursor += 2
        let low = UInt32(try hex4())
        guard (0xDC00..<0xE000).contains(low) else { throw fault(.invalidUTF8, at: place) }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw fault(.invalidUTF8, at: place) }
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw fault(.invalidJSON, at: place)
    }
  }

  private mutating func hex4() throws(WireFault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard cursor < end else { throw fault(.truncated) }
      let byte = cursor.load(as: UInt8.self)
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw fault(.invalidJSON)
      }
      value = value << 4 | UInt16(digit)
      cursor += 1
    }
    return value
  }

  // MARK: Passing over

  /// Takes a value of any kind and forgets it.
  mutating func skipValue() throws(WireFault) {
    switch peek() {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"): if !takeNull() { throw fault(.invalidJSON) }
    case UInt8(ascii: "{"):
      try members { (reader, _) throws(WireFault) in try reader.skipValue() }
    case UInt8(ascii: "["):
      try elements { (reader, _) throws(WireFault) in try reader.skipValue() }
    default:
      do throws(WireFault) { _ = try number() } catch { throw fault(.invalidJSON) }
    }
  }

  /// Takes an object; `body` takes each member's value.
  mutating func members(
    _ body: (inout JSONReader, _ name: String) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard peek() == UInt8(ascii: "{") else { throw fault(.wrongType) }
    try open()
    cursor += 1
    if !take(UInt8(ascii: "}")) {
      repeat {
        guard peek() == UInt8(ascii: "\"") else { throw fault(.invalidJSON) }
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
    guard peek() == UInt8(ascii: "[") else { throw fault(.wrongType) }
    try open()
    cursor += 1
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
