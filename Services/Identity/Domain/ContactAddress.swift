internal import IdentityContracts

/// An e-mail address or a telephone number, in the one form in which it is stored and compared.
struct ContactAddress: Sendable, Hashable {
  /// How it is reached.
  let kind: Identity.ContactKind
  /// The address: e-mail in lower case, a number as E.164.
  let text: String

  /// RFC 5321 section 4.5.3.1, less the angle brackets.
  private static let emailBytesMax = 254
  private static let localPartBytesMax = 64

  /// Nil unless it is one of both.
  ///
  /// An e-mail address is taken in lower case: that two people differ by the case of a letter happens
  /// nowhere, that one writes the same address both ways happens daily.
  init?(_ text: String) {
    if text.hasPrefix("+") {
      let digits = text.utf8.dropFirst()
      guard (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      else { return nil }
      kind = .phone
      self.text = text
    } else {
      guard Self.isEmail(text) else { return nil }
      kind = .email
      self.text = text.lowercased()
    }
  }

  private static func isEmail(_ text: String) -> Bool {
    let bytes = text.utf8
    guard bytes.count <= emailBytesMax, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
      return false
    }
    let local = bytes[..<at]
    let labels = bytes[bytes.index(after: at)...].split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isLocalPart =
      (1...localPartBytesMax).contains(local.count)
      && local.allSatisfy { isLetterOrDigit($0) || Self.localSigns.contains($0) }
      && local.first != UInt8(ascii: ".") && local.last != UInt8(ascii: ".")
    return isLocalPart && labels.count >= 2
      && labels.allSatisfy { label in
        (1...63).contains(label.count)
          && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
          && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
      }
  }

  private static let localSigns = Set("!#$%&'*+/=?^_`{|}~.-".utf8)

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
