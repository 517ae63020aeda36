/// JSON's spelling of numbers (RFC 8259 section 6), and what it stands for.
enum JSONNumber {
  /// How many bytes a number at the beginning of `text` takes; nil when there is none.
  static func length(_ text: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    func digits() -> Int {
      let first = index
      while index < text.count, unsafe isDigit(text[index]) { index += 1 }
      return index - first
    }
    if index < text.count, unsafe text[index] == UInt8(ascii: "-") { index += 1 }
    guard index < text.count else { return nil }
    if unsafe text[index] == UInt8(ascii: "0") { index += 1 } else if digits() == 0 { return nil }
    if index < text.count, unsafe isDigit(text[index]) { return nil }  // no leading zeros
    if index < text.count, unsafe text[index] == UInt8(ascii: ".") {
      index += 1
      if digits() == 0 { return nil }
    }
    if index < text.count, unsafe text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < text.count,
        unsafe text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-")
      {
        index += 1
      }
      if digits() == 0 { return nil }
    }
    return index
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// The integer that a spelling stands for, exactly: `1e3` and `5.0` are integers, `0.5` is none.
  /// - Returns: nil when it is not an integer or does not fit.
  static func integer<T: FixedWidthInteger>(_ spelling: UnsafeRawBufferPointer) -> T? {
    guard unsafe length(spelling) == spelling.count else { return nil }
    let isNegative = unsafe spelling.first == UInt8(ascii: "-")
    // Significant digits and the power of ten behind them.
    var exponent = 0
    var digits: [UInt8] = []
    var inFraction = false
    var index = isNegative ? 1 : 0
    scan: while index < spelling.count {
      let byte = unsafe spelling[index]
      switch byte {
      case UInt8(ascii: "."): inFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard let power = unsafe Int(String(decoding: spelling[(index + 1)...], as: UTF8.self))
        else {
          // An exponent past 64 bits: only zero survives it.
          return digits.allSatisfy { $0 == 0 } ? 0 : nil
        }
        let (sum, overflow) = exponent.addingReportingOverflow(power)
        if overflow { return digits.allSatisfy { $0 == 0 } ? 0 : nil }
        exponent = sum
        break scan
      default:
        digits.append(byte - UInt8(ascii: "0"))
        if inFraction { exponent -= 1 }
      }
      index += 1
    }
    while let last = digits.last, last == 0, exponent < 0 || digits.count > 1 {
      digits.removeLast()
      exponent += 1
    }
    if digits.allSatisfy({ $0 == 0 }) { return 0 }
    guard exponent >= 0 else { return nil }
    var value: T = 0
    for digit in digits {
      guard let next = appending(digit, to: value, isNegative) else { return nil }
      value = next
    }
    for _ in 0..<min(exponent, 40) {
      guard let next = appending(0, to: value, isNegative) else { return nil }
      value = next
    }
    return value
  }

  private static func appending<T: FixedWidthInteger>(
    _ digit: UInt8, to value: T, _ isNegative: Bool
  ) -> T? {
    let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
    let (sum, past) =
      isNegative
      ? tens.subtractingReportingOverflow(T(digit)) : tens.addingReportingOverflow(T(digit))
    return tooLarge || past ? nil : sum
  }

  /// The nearest floating-point number; nil when it is too large to be one.
  static func real<T: LosslessStringConvertible & BinaryFloatingPoint>(
    _ spelling: UnsafeRawBufferPointer
  ) -> T? {
    guard unsafe length(spelling) == spelling.count,
      let value = unsafe T(String(decoding: spelling, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }
}
