/// A Business Identifier Code, ISO 9362.
struct BIC: Sendable, Hashable {
  let text: String

  /// Nil unless it is 8 or 11 characters: bank and country in letters, then letters and digits.
  init?(_ text: String) {
    let characters = Array(text.utf8)
    let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard characters.count == 8 || characters.count == 11,
      characters[..<6].allSatisfy(letters.contains),
      characters[6...].allSatisfy({ letters.contains($0) || digits.contains($0) })
    else { return nil }
    self.text = text
  }
}
