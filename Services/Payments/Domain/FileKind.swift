/// Kinds of files that the service keeps, told by their first bytes and never by their names.
enum FileKind: String, Sendable, CaseIterable {
  case pdf = "application/pdf"
  case jpeg = "image/jpeg"
  case png = "image/png"
  case mp4 = "video/mp4"

  /// How many bytes it takes to tell.
  static let bytesNeeded = 12

  /// The kind of a file that begins so; nil for any other.
  init?(firstBytes bytes: [UInt8]) {
    if bytes.starts(with: "%PDF-".utf8) {
      self = .pdf
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) {
      self = .mp4
    } else {
      return nil
    }
  }

  /// A name that is safe to show and to save under: no path, no control characters, at most 200
  /// characters.
  static func safeName(_ name: String) -> String {
    let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
    let shown = last.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    let safe = String(String.UnicodeScalarView(shown)).prefix(200)
    return safe.isEmpty || safe.allSatisfy { $0 == "." } ? "file" : String(safe)
  }
}
