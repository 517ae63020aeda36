import Cryptography

/// What a backup holds. It is written last: a folder without it is no backup.
public struct BackupManifest: Sendable, Hashable {
  /// A file of the backup, by its path within.
  public struct Entry: Sendable, Hashable {
    /// `data.sqlite`, or `blobs/ab/ab…`.
    public var path: String
    /// How large it is.
    public var byteCount: Int64
    /// Its SHA-256.
    public var sha256: [UInt8]
  }

  /// Whose data it is: `identity`.
  public var service: String
  /// The version of the program that made it.
  public var program: String
  /// When: microseconds since 1970.
  public var madeAt: Int64
  /// The highest migration of the database.
  public var schema: Int
  /// The outbox's last position: consumers who are past it have seen what the backup does not have.
  public var outboxPosition: Int64
  /// The files.
  public var files: [Entry] = []

  static let name = "manifest"
  private static let title = "sarai-backup 1"

  var text: String {
    var lines = [
      Self.title, "service \(service)", "program \(program)", "made-at \(madeAt)",
      "schema \(schema)", "outbox \(outboxPosition)",
    ]
    lines += files.map { "file \(Hex.text($0.sha256)) \($0.byteCount) \($0.path)" }
    let text = lines.joined(separator: "\n") + "\n"
    return text + "end \(Hex.text(SHA256.digest(text)))\n"
  }

  /// - Throws: `unfit` when it is not a manifest, or not as it was written.
  init(_ text: String) throws(StorageError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let body = lines.dropLast(2).map { $0 + "\n" }.joined()
    guard lines.count >= 8, lines.last == "", lines[0] == Self.title,
      lines[lines.count - 2] == "end \(Hex.text(SHA256.digest(body)))",
      let madeAt = Int64(try Self.value("made-at", lines[3])),
      let schema = Int(try Self.value("schema", lines[4])),
      let position = Int64(try Self.value("outbox", lines[5]))
    else { throw Self.damaged }
    self.init(
      service: try Self.value("service", lines[1]), program: try Self.value("program", lines[2]),
      madeAt: madeAt, schema: schema, outboxPosition: position)
    for line in lines[6..<(lines.count - 2)] {
      let words = line.split(separator: " ", maxSplits: 3)
      guard words.count == 4, words[0] == "file", let sha256 = Hex.bytes(words[1]),
        let byteCount = Int64(words[2]), Self.isPath(words[3])
      else { throw Self.damaged }
      files.append(Entry(path: String(words[3]), byteCount: byteCount, sha256: sha256))
    }
  }

  init(service: String, program: String, madeAt: Int64, schema: Int, outboxPosition: Int64) {
    self.service = service
    self.program = program
    self.madeAt = madeAt
    self.schema = schema
    self.outboxPosition = outboxPosition
  }

  private static let damaged = StorageError(
    .unfit, "the backup's manifest is damaged or of another version: take another backup")

  private static func value(_ key: String, _ line: Substring) throws(StorageError) -> String {
    guard line.hasPrefix("\(key) ") else { throw damaged }
    return String(line.dropFirst(key.count + 1))
  }

  /// A path that leads nowhere else: the database, or a blob of the store.
  private static func isPath(_ path: Substring) -> Bool {
    if path == Backup.database { return true }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "blobs" && Blob.isName(String(parts[2]))
      && parts[1] == parts[2].prefix(2)
  }
}
