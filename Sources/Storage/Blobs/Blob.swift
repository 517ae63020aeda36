/// A file of the blob store, as a service's row describes it.
public struct Blob: Sendable, Hashable {
  /// Its name, which the store made: 32 hexadecimal digits.
  public let name: String
  /// How large it is.
  public let byteCount: Int64
  /// The SHA-256 of its content: 32 bytes.
  public let sha256: [UInt8]

  /// What a row holds.
  public init(name: String, byteCount: Int64, sha256: [UInt8]) {
    self.name = name
    self.byteCount = byteCount
    self.sha256 = sha256
  }

  /// The folder within the store, so that none grows too large.
  var folder: String { String(name.prefix(2)) }

  /// Names come from rows, and rows from who knows where.
  static func isName(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// What is wrong with a file whose row is there.
  public enum Fault: Sendable, Hashable {
    case missing, otherContent
  }
}
