import Glibc

/// What a program asks of the system's files.
enum SystemFiles {
  private static let byteCountMax = 1 << 20

  /// The text of a file of at most 1 MiB.
  static func text(_ path: String) throws(SettingsError) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SettingsError("cannot read `\(path)`: \(reason)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count <= byteCountMax {
      let count = unsafe read(file, &piece, piece.count)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      guard count > 0 else { throw SettingsError("cannot read `\(path)`: \(reason)") }
      bytes += piece[..<count]
    }
    throw SettingsError("`\(path)` is over \(byteCountMax) bytes")
  }

  /// Makes a folder, and those above it, for their owner alone; one that is there stays as it is.
  static func makeFolder(_ path: String) throws(SettingsError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? "\(part)" : "/\(part)"
      guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw SettingsError("cannot make the folder `\(made)`: \(reason)")
      }
    }
    guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
      throw SettingsError("cannot use the folder `\(path)`: \(reason)")
    }
  }

  /// Writes a file anew, for its owner alone.
  static func write(_ path: String, _ text: String) throws(SettingsError) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SettingsError("cannot write `\(path)`: \(reason)") }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw SettingsError("cannot write `\(path)`: \(reason)")
    }
  }

  /// Whether a person reads what is written there.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether there is such a file.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  private static var reason: String { unsafe String(cString: strerror(errno)) }
}
