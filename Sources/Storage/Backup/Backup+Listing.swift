import Cryptography

extension Backup {
  /// A backup among others of a folder.
  public struct Listed: Sendable {
    /// The name of its folder.
    public let name: String
    /// What it holds.
    public let manifest: BackupManifest
    /// The SHA-256 of the manifest.
    public let sha256: [UInt8]
    /// When it was whole, since 1970.
    public let endedAt: Duration
    /// The bytes of all its files.
    public var byteCount: Int64 { manifest.files.reduce(0) { $0 + $1.byteCount } }
  }

  /// The whole backups in the folders of a folder, by their names; none if it is not there. What they
  /// hold is not read: `verify` does.
  public static func list(in path: String) async throws -> [Listed] {
    try await BlockingThreads(count: 1, waitingMax: 1).run {
      try Folder(path: path).names().sorted().compactMap { name in
        let folder = Folder(path: "\(path)/\(name)")
        guard let endedAt = folder.modifiedAt(BackupManifest.name),
          let file = try File(reading: "\(folder.path)/\(BackupManifest.name)")
        else { return nil }
        let bytes = try file.read(at: 0, countMax: 256 << 20)
        guard let manifest = try? BackupManifest(String(decoding: bytes, as: UTF8.self)) else {
          return nil
        }
        return Listed(
          name: name, manifest: manifest, sha256: SHA256.digest(bytes), endedAt: endedAt)
      }
    }
  }
}

extension Backup {
  /// Removes what a backup that was broken off has left, if anything.
  public static func discard(_ path: String) async throws {
    try await BlockingThreads(count: 1, waitingMax: 1).run { try Folder(path: path).removeAll() }
  }
}
