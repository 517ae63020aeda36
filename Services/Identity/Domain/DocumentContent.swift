/// What the bytes of a document are, told by how they begin; names and what a client says count for
/// nothing.
enum DocumentContent: String, Sendable, CaseIterable {
  case pdf = "application/pdf"
  case jpeg = "image/jpeg"
  case png = "image/png"

  /// How large a document may be.
  static let bytesMax: Int64 = 10 << 20
  /// How many first bytes tell what it is.
  static let headBytes = 8

  /// The kind of a document; nil for any other.
  init?(head: some Collection<UInt8>) {
    guard let kind = Self.allCases.first(where: { head.starts(with: $0.signature) }) else {
      return nil
    }
    self = kind
  }

  private var signature: [UInt8] {
    switch self {
    case .pdf: Array("%PDF-".utf8)
    case .jpeg: [0xFF, 0xD8, 0xFF]
    case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    }
  }

  /// A name to show and to save under: no path, no dots in front, never empty.
  static func safeName(_ name: String) -> String {
    let shown = name.replacing(/[\/\\:]/, with: "_").drop { $0 == "." || $0 == " " }
    return shown.isEmpty ? "document" : String(shown)
  }
}
