/// An International Bank Account Number, ISO 13616, without spaces.
struct IBAN: Sendable, Hashable {
  let text: String

  /// The length in each country that has one, from the registry.
  private static let lengths: [String: Int] = {
    let table =
      "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18"
      + "FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20"
      + "LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SD18"
      + "SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20"
    var lengths: [String: Int] = [:]
    var rest = table[...]
    while !rest.isEmpty {
      lengths[String(rest.prefix(2))] = Int(rest.dropFirst(2).prefix(2))
      rest = rest.dropFirst(4)
    }
    return lengths
  }()

  /// Nil unless the country's length and the check digits are right.
  init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count >= 15, Self.lengths[String(text.prefix(2))] == characters.count else {
      return nil
    }
    var remainder = 0
    for character in characters[4...] + characters[..<4] {
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        remainder = (remainder * 10 + Int(character - UInt8(ascii: "0"))) % 97
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        remainder = (remainder * 100 + Int(character - UInt8(ascii: "A")) + 10) % 97
      default: return nil
      }
    }
    guard remainder == 1, characters[2...3].allSatisfy({ $0 < UInt8(ascii: "A") }) else {
      return nil
    }
    self.text = text
  }

  /// For eyes that need only recognise it: `PK36****************0702`.
  var masked: String { Mask.middle(of: text, keeping: 4) }
}
