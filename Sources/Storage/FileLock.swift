import Glibc
import Platform

/// A file that one process holds, flock(2). The system lets go of it when the process ends.
final class FileLock: Sendable {
  private let descriptor: Lock<Int32?>

  /// - Throws: `unavailable` when another process has it.
  init(path: String) throws(StorageError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StorageError(
        .unavailable, "cannot open \(path): \(unsafe String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw StorageError(
        .unavailable, "another process has the database: \(path) is locked; stop that one first")
    }
    self.descriptor = Lock(descriptor)
  }

  deinit { release() }

  func release() {
    let held = descriptor.withLock { descriptor in
      defer { descriptor = nil }
      return descriptor
    }
    if let held { close(held) }
  }
}
