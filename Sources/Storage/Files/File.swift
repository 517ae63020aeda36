import Glibc

/// An open file. It belongs to one task or thread at a time.
final class File {
  let path: String
  private let descriptor: Int32

  /// Makes a file that is not there yet.
  ///
  /// - Throws: `unavailable`.
  init(creating path: String) throws(StorageError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw .disk("make", path) }
  }

  /// Opens a file; nil when it is not there.
  ///
  /// - Throws: `unavailable`.
  init?(reading path: String) throws(StorageError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0, errno == ENOENT { return nil }
    if descriptor < 0 { throw .disk("open", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { throw .disk("write", path) }
      done += count
    }
  }

  /// Up to `countMax` bytes from an offset; fewer only at the end.
  func read(at offset: Int64, countMax: Int) throws(StorageError) -> [UInt8] {
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: countMax) { buffer, filled in
      while filled < countMax {
        count = unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), countMax - filled,
          Int(offset) + filled)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { break }
        filled += count
      }
    }
    if count < 0 { throw .disk("read", path) }
    return bytes
  }

  /// Waits until the content is on the disk.
  func sync() throws(StorageError) { if fsync(descriptor) != 0 { throw .disk("write", path) } }
}

extension StorageError {
  /// What errno says of a file.
  static func disk(_ deed: String, _ path: String) -> StorageError {
    StorageError(.unavailable, "cannot \(deed) \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
