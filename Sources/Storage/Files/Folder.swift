import Glibc

/// A folder, and what is done with the names in it.
struct Folder {
  let path: String

  /// Makes it if it is not there, and is sure that it stays: `parent` is synced.
  func create() throws(StorageError) {
    if unsafe mkdir(path, 0o700) == 0 {
      if let slash = path.lastIndex(of: "/") {
        try Folder(path: slash == path.startIndex ? "/" : String(path[..<slash])).sync()
      }
    } else if errno != EEXIST {
      throw .disk("make", path)
    }
  }

  /// Waits until names that were added or taken away are so on the disk.
  func sync() throws(StorageError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .disk("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .disk("write", path) }
  }

  /// The names in it, sorted; none when it is not there.
  func names() throws(StorageError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      if errno == ENOENT { return [] }
      throw .disk("list", path)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// When a name was last written to, in seconds since 1970; nil when it is not there.
  func modifiedAt(_ name: String) -> Duration? { status(name).map { .seconds($0.st_mtim.tv_sec) } }

  /// How large a file is; nil when it is not there.
  func byteCount(_ name: String) -> Int64? { status(name).map { Int64($0.st_size) } }

  private func status(_ name: String) -> stat? {
    var status = stat()
    return unsafe lstat("\(path)/\(name)", &status) == 0 ? status : nil
  }

  /// Gives a file its last name, in this folder, for good.
  func take(_ file: String, as name: String) throws(StorageError) {
    guard unsafe rename(file, "\(path)/\(name)") == 0 else { throw .disk("rename", file) }
    try sync()
  }

  /// Takes a file away; it may be away already.
  func remove(_ name: String) throws(StorageError) {
    guard unsafe unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
      throw .disk("remove", "\(path)/\(name)")
    }
  }
}
