// The standard library decomposes text, but not yet in its public part.
@_spi(_Unicode) internal import Swift

/// The form of a name that searches go by: case and accents aside.
enum SearchName {
  static func fold(_ name: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in name.lowercased()._nfd
    where scalar.properties.generalCategory != .nonspacingMark { folded.append(scalar) }
    return String(folded)
  }
}
