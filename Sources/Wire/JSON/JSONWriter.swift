/// Writes the tokens of JSON text.
struct JSONWriter {
  private(set) var text: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0
  /// Whether the next value is its container's first.
  private var isFirst = true

  init(isPretty: Bool) { self.isPretty = isPretty }

  // MARK: Containers

  mutating func open(_ bracket: Unicode.Scalar) {
    text.append(UInt8(ascii: bracket))
    depth += 1
    isFirst = true
  }

  mutating func close(_ bracket: Unicode.Scalar) {
    depth -= 1
    if !isFirst { newLine() }
    text.append(UInt8(ascii: bracket))
    isFirst = false
  }

  /// Begins an element, or a member's name.
  mutating func next() {
    if !isFirst { text.append(UInt8(ascii: ",")) }
    isFirst = false
    newLine()
  }

  /// Begins a member; its value follows.
  mutating func name(_ name: String) {
    next()
    string(name)
    text.append(UInt8(ascii: ":"))
    if isPretty { text.append(UInt8(ascii: " ")) }
  }

  private mutating func newLine() {
    guard isPretty else { return }
    text.append(UInt8(ascii: "\n"))
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
  }

  // MARK: Values

  mutating func raw(_ spelling: StaticString) {
    unsafe text.append(
      contentsOf: UnsafeRawBufferPointer(
        start: spelling.utf8Start, count: spelling.utf8CodeUnitCount))
  }

  mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

  mutating func integer<T: FixedWidthInteger>(_ value: T) {
    text.append(contentsOf: String(value).utf8)
  }

  /// An integer of 64 bits, quoted: JavaScript's numbers would round it.
  mutating func quotedInteger<T: FixedWidthInteger>(_ value: T) {
    text.append(UInt8(ascii: "\""))
    integer(value)
    text.append(UInt8(ascii: "\""))
  }

  /// The shortest spelling that reads back as the same number.
  mutating func real<T: BinaryFloatingPoint & CustomStringConvertible>(_ value: T) {
    if value.isNaN {
      raw("\"NaN\"")
    } else if value.isInfinite {
      raw(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    } else {
      var spelling = Array(value.description.utf8)
      if spelling.suffix(2) == [UInt8(ascii: "."), UInt8(ascii: "0")] { spelling.removeLast(2) }
      text.append(contentsOf: spelling)
    }
  }

  mutating func base64(_ bytes: [UInt8]) {
    text.append(UInt8(ascii: "\""))
    Base64.append(bytes, to: &text)
    text.append(UInt8(ascii: "\""))
  }

  mutating func string(_ value: String) {
    text.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { units in
      var plain = 0
      for index in 0..<units.count {
        let unit = unsafe units[index]
        // Markup's signs could end a script that a page embeds; escaped, they cannot.
        let escape: StaticString?
        switch unit {
        case UInt8(ascii: "\""): escape = "\\\""
        case UInt8(ascii: "\\"): escape = "\\\\"
        case 0x0A: escape = "\\n"
        case 0x0D: escape = "\\r"
        case 0x09: escape = "\\t"
        case UInt8(ascii: "<"): escape = "\\u003c"
        case UInt8(ascii: ">"): escape = "\\u003e"
        case 0..<0x20, 0x7F: escape = nil
        default: continue
        }
        unsafe text.append(contentsOf: units[plain..<index])
        plain = index + 1
        if let escape { raw(escape) } else { control(unit) }
      }
      unsafe text.append(contentsOf: units[plain...])
    }
    text.append(UInt8(ascii: "\""))
  }

  private mutating func control(_ unit: UInt8) {
    let digits = Array("0123456789abcdef".utf8)
    raw("\\u00")
    text.append(digits[Int(unit >> 4)])
    text.append(digits[Int(unit & 15)])
  }
}
