// The standard library has normalisation, but not yet in its public part; Foundation, which also has
// it, would double what the service takes to start.
@_spi(_Unicode) internal import Swift

/// Text as the contracts want it: trimmed, in Unicode's NFC, free of control characters.
enum CleanText {
  /// The text made clean; nil when it holds a control character.
  static func clean(_ text: String) -> String? {
    guard !text.unicodeScalars.contains(where: isControl) else { return nil }
    var clean = String.UnicodeScalarView()
    for scalar in trimmed(text)._nfc { clean.append(scalar) }
    return String(clean)
  }

  private static func trimmed(_ text: String) -> String {
    var scalars = Substring(text).unicodeScalars
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
