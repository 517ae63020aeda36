import Glibc

extension Folder {
  /// Removes the folder and all that is in it; links are removed, not followed.
  func removeAll() throws(StorageError) {
    for name in try names() {
      let inner = "\(path)/\(name)"
      if unsafe unlink(inner) == 0 { continue }
      guard errno == EISDIR || errno == EPERM else { throw .disk("remove", inner) }
      try Folder(path: inner).removeAll()
    }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .disk("remove", path) }
  }
}
