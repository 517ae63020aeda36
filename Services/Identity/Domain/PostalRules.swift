internal import IdentityContracts
internal import ServiceKit
internal import TypeContracts

/// The rules of postal addresses (sarai/type/v1/contact.proto).
enum PostalRules {
  private static let linesMax = 4

  static func check(
    _ address: SaraiType.PostalAddress, _ field: String, _ faults: inout FieldFaults
  ) {
    if !isCountry(address.countryCode) {
      faults.add("\(field).country_code", "NOT_ISO_3166", "give two capital letters, as PK")
    }
    if !address.subdivisionCode.isEmpty {
      let parts = address.subdivisionCode.split(separator: "-", omittingEmptySubsequences: false)
      if parts.count != 2 || parts[0] != address.countryCode || !(1...3 ~= parts[1].utf8.count) {
        faults.add("\(field).subdivision_code", "NOT_ISO_3166", "give the country's, as PK-PB")
      }
    }
    faults.text(address.locality, "\(field).locality", lengthMin: 1, lengthMax: 100)
    faults.text(address.postalCode, "\(field).postal_code", lengthMax: 16)
    if !(1...linesMax ~= address.lines.count) {
      faults.add("\(field).lines", "COUNT", "give 1 to \(linesMax) lines")
    }
    for (index, line) in address.lines.prefix(linesMax).enumerated() {
      faults.text(line, "\(field).lines[\(index)]", lengthMin: 1, lengthMax: 120)
    }
    faults.text(address.recipient, "\(field).recipient", lengthMax: 120)
    if let phone = address.phone, ContactAddress(phone.e164)?.kind != .phone {
      faults.add("\(field).phone.e164", "NOT_E164", "give a plus sign and 7 to 15 digits")
    }
  }

  /// Two capital letters, which is how ISO 3166-1 writes countries.
  static func isCountry(_ code: String) -> Bool {
    code.utf8.count == 2 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }
  }
}
