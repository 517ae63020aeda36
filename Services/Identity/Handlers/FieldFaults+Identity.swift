internal import ServiceKit

extension FieldFaults {
  /// An e-mail address or a telephone number.
  ///
  /// - Returns: it, or nil after noting the fault.
  mutating func contact(_ text: String, _ field: String) -> ContactAddress? {
    if let address = ContactAddress(text) { return address }
    add(
      field, text.isEmpty ? "REQUIRED" : "NOT_A_CONTACT",
      "give an e-mail address, or a telephone number as +923001234567")
    return nil
  }

  /// A password as somebody typed it: neither trimmed nor cut.
  mutating func password(_ text: String, _ field: String) {
    if text.isEmpty {
      add(field, "REQUIRED", "give the password")
    } else if text.utf8.count > PasswordRule.byteCountMax {
      add(field, "TOO_LONG", "give at most \(PasswordRule.byteCountMax) bytes")
    }
  }

  /// Six digits.
  mutating func code(_ text: String, _ field: String) {
    let isCode = text.utf8.count == 6 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if !isCode { add(field, text.isEmpty ? "REQUIRED" : "NOT_SIX_DIGITS", "give the six digits") }
  }

  /// Any other secret that must be there.
  mutating func secret(_ text: String, _ field: String, bytesMax: Int = 256) {
    if text.isEmpty {
      add(field, "REQUIRED", "give it")
    } else if text.utf8.count > bytesMax {
      add(field, "TOO_LONG", "give at most \(bytesMax) bytes")
    }
  }

  /// Why something is done, for the audit.
  mutating func reason(_ text: String) {
    self.text(text, "reason", lengthMin: 1, lengthMax: 500, isParagraph: true)
  }
}
