/// The text form of keys in files (RFC 7468).
enum PEM {
  static func text(_ label: String, _ der: [UInt8]) -> String {
    var text = "-----BEGIN \(label)-----\n"
    var letters = Base64Unpadded.text(der)
    while letters.utf8.count % 4 != 0 { letters += "=" }
    var rest = Substring(letters)
    while !rest.isEmpty {
      text += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return text + "-----END \(label)-----\n"
  }

  /// The bytes; nil unless the text is exactly one block of that label.
  static func bytes(_ label: String, _ text: String) -> [UInt8]? {
    guard text.utf8.count <= 4_096 else { return nil }
    var lines = text.split(whereSeparator: \.isNewline)
    guard lines.count >= 3, lines.removeFirst() == "-----BEGIN \(label)-----",
      lines.removeLast() == "-----END \(label)-----"
    else { return nil }
    var letters = lines.joined()
    guard letters.utf8.count % 4 == 0 else { return nil }
    for _ in 0..<2 where letters.hasSuffix("=") { letters.removeLast() }
    return Base64Unpadded.bytes(letters)
  }
}
