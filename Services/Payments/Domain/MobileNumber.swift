/// An account's number at a mobile operator, E.164.
struct MobileNumber: Sendable, Hashable {
  let text: String

  /// Nil unless it is "+" and 7 to 15 digits, of which the first is not 0.
  init?(_ text: String) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count),
      digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    self.text = text
  }

  /// For eyes that need only recognise it: `+923*****4567`.
  var masked: String { Mask.middle(of: text, keeping: 4) }
}
