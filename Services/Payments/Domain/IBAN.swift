/// An International Bank Account Number, ISO 13616, without spaces.
struct IBAN: Sendable, Hashable {
  let text: String

  /// A run of characters of one kind: digits (`n`), capitals (`a`) or both (`c`).
  private struct Run: Sendable {
    let count: Int
    let kind: Character

    func admits(_ character: UInt8) -> Bool {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
      let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(character)
      return kind == "n" ? isDigit : kind == "a" ? isCapital : isDigit || isCapital
    }
  }

  /// What follows the check digits in each country of the registry.
  private static let forms: [Substring: [Run]] = {
    let table =
      "AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c"
      + " CH5n12c CR18n CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n"
      + " FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n"
      + " IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c"
      + " LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a20n"
      + " NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c"
      + " SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c"
      + " UA6n19c VA18n VG4a16n XK16n YE4a4n18c"
    var forms: [Substring: [Run]] = [:]
    for entry in table.split(separator: " ") {
      var count = 0
      for character in entry.dropFirst(2) {
        if let digit = character.wholeNumberValue {
          count = count * 10 + digit
        } else {
          forms[entry.prefix(2), default: []].append(Run(count: count, kind: character))
          count = 0
        }
      }
    }
    return forms
  }()

  /// Nil unless the form is the country's and the check digits are right.
  init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count > 4, let form = Self.forms[text.prefix(2)] else { return nil }
    let kinds = [Run(count: 2, kind: "a"), Run(count: 2, kind: "n")] + form
    let demands = kinds.flatMap { Array(repeating: $0, count: $0.count) }
    guard characters.count == demands.count,
      zip(characters, demands).allSatisfy({ $1.admits($0) })
    else { return nil }
    var remainder = 0
    for character in characters[4...] + characters[..<4] {
      if character < UInt8(ascii: "A") {
        remainder = (remainder * 10 + Int(character - UInt8(ascii: "0"))) % 97
      } else {
        remainder = (remainder * 100 + Int(character - UInt8(ascii: "A")) + 10) % 97
      }
    }
    guard remainder == 1 else { return nil }
    self.text = text
  }

  /// For eyes that need only recognise it: `PK36****************0702`.
  var masked: String { Mask.middle(of: text, keeping: 4) }
}
