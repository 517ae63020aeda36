import Cryptography

/// What a file holds, in short.
struct FileDigest: Sendable, Hashable {
  var byteCount: Int64
  var sha256: [UInt8]

  /// Of a file as it is; nil when it is not there.
  static func of(_ path: String) throws(StorageError) -> FileDigest? {
    guard let file = try File(reading: path) else { return nil }
    return try read(file) { (_) throws(StorageError) in }
  }

  /// The same once its content is on the disk.
  static func synced(_ path: String) throws(StorageError) -> FileDigest? {
    try File(reading: path)?.sync()
    return try of(path)
  }

  /// Copies a file to a place where there is none, to stay there; nil when it is not there.
  static func copying(_ path: String, to target: String) throws(StorageError) -> FileDigest? {
    guard let file = try File(reading: path) else { return nil }
    let copy = try File(creating: target)
    let digest = try read(file) { (bytes) throws(StorageError) in try copy.write(bytes) }
    try copy.sync()
    return digest
  }

  private static func read(
    _ file: File, _ each: ([UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) -> FileDigest {
    let hash = SHA256Stream()
    var byteCount: Int64 = 0
    while true {
      let bytes = try file.read(at: byteCount, countMax: 262_144)
      if bytes.isEmpty { break }
      hash.update(bytes)
      try each(bytes)
      byteCount += Int64(bytes.count)
    }
    return FileDigest(byteCount: byteCount, sha256: hash.finish())
  }
}
