/// Hides what only its owner needs to see.
enum Mask {
  /// Stars in place of all but the first and last characters.
  static func middle(of text: String, keeping count: Int) -> String {
    let hidden = text.count - 2 * count
    guard hidden > 0 else { return String(repeating: "*", count: text.count) }
    return text.prefix(count) + String(repeating: "*", count: hidden) + text.suffix(count)
  }
}
