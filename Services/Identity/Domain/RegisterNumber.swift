/// Numbers by which Pakistan's registers know people and companies: how they are written, and what of
/// them can be checked without asking the register.
enum RegisterNumber {
  static let cnicForm =
    "give the 13 digits of the card without dashes: 5 of the place, 7 of the family, 1 of the sex"
  static let nationalTaxForm = "give 7 digits and the check digit, without the dash"
  static let salesTaxForm = "give 13 digits without dashes"
  static let registrationForm =
    "give at most 32 letters, digits, hyphens, slashes, dots or spaces, one digit at least"

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func areDigits(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy(isDigit)
  }

  /// Computerised national identity card: the first digit is one of seven areas of registration, the
  /// last digit tells the sex and is never 0. There is no check digit.
  static func isCNIC(_ text: String) -> Bool {
    guard areDigits(text, 13), let first = text.utf8.first, let last = text.utf8.last else {
      return false
    }
    return (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(first) && last != UInt8(ascii: "0")
  }

  /// National tax number: 7 digits and a check digit, whose rule the Federal Board of Revenue has not
  /// published.
  static func isNationalTax(_ text: String) -> Bool { areDigits(text, 8) }

  /// Sales tax registration number.
  static func isSalesTax(_ text: String) -> Bool { areDigits(text, 13) }

  /// Number in the register of companies or firms, which each register writes its own way.
  static func isRegistration(_ text: String) -> Bool {
    let bytes = text.utf8
    return (1...32).contains(bytes.count) && bytes.contains(where: isDigit)
      && bytes.allSatisfy { byte in
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "-/. ".utf8.contains(byte)
      }
      && bytes.first != UInt8(ascii: " ") && bytes.last != UInt8(ascii: " ")
  }
}
