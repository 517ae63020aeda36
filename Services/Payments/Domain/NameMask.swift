/// As much of a name as tells a typing error.
enum NameMask {
  /// "Amina Khan" becomes "Am*** K***".
  static func masked(_ name: String) -> String {
    name.split(separator: " ").enumerated().map { place, word in
      "\(word.prefix(place == 0 ? 2 : 1))***"
    }.joined(separator: " ")
  }
}
