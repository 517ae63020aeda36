internal import Cryptography
import Glibc
public import Platform

/// The keys that a service's secrets are sealed under, one on a line: `name: base64`, the newest
/// first; lines that begin with `#` are for people. Only the file's owner may read it.
public struct KeyFile: Sendable {
  /// The keys, the newest first.
  let keys: [(name: String, key: SealingKey)]

  private static let keyCountMax = 32
  private static let byteCountMax = 16_384

  /// Reads the text of a key file.
  /// - Throws: `KeyFileError` with the line that is wrong.
  public init(_ text: String) throws(KeyFileError) {
    var keys: [(name: String, key: SealingKey)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.isEmpty || line.hasPrefix("#") { continue }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[1].hasPrefix(" "), Self.isName(parts[0]) else {
        throw KeyFileError("line \(index + 1) is not `name: base64`")
      }
      guard let bytes = Base64URL.bytes(parts[1].dropFirst()),
        let key = try? SealingKey(bytes: bytes)
      else { throw KeyFileError("line \(index + 1) is not 32 bytes in base64url without padding") }
      guard !keys.contains(where: { $0.name == parts[0] }) else {
        throw KeyFileError("line \(index + 1) names `\(parts[0])` a second time")
      }
      keys.append((String(parts[0]), key))
    }
    guard !keys.isEmpty, keys.count <= Self.keyCountMax else {
      throw KeyFileError("it must hold 1 to \(Self.keyCountMax) keys")
    }
    self.keys = keys
  }

  private static func isName(_ text: Substring) -> Bool {
    (1...32).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// The text of a key file with a new key before those that it has.
  ///
  /// - Parameters:
  ///   - text: the present text; nil for a new file.
  ///   - now: since 1970; the key's name tells the time.
  /// - Throws: `KeyFileError` when the present text is none.
  public static func addingKey(
    to text: String?, at now: Duration, _ random: some RandomSource
  ) throws(KeyFileError) -> String {
    if let text { _ = try KeyFile(text) }
    let name = "k\(now.components.seconds)-\(Hex.text(random.bytes(2)))"
    let line = "\(name): \(Base64URL.text(random.bytes(SealingKey.byteCount)))\n"
    let head =
      "# Secrets are sealed under the first key. Keep the others until all are sealed anew.\n"
    guard let text else { return head + line }
    let rest = text.hasPrefix(head) ? String(text.dropFirst(head.count)) : text
    return head + line + rest
  }

  // MARK: Files

  /// Reads a key file.
  /// - Throws: `KeyFileError` when it cannot be read, others than its owner may, or it is not right.
  public init(path: String) throws(KeyFileError) {
    guard let text = try Self.text(at: path) else {
      throw KeyFileError("there is no file `\(path)`")
    }
    do {
      try self.init(text)
    } catch {
      throw KeyFileError("`\(path)`: \(error.message)")
    }
  }

  /// Adds a new key to a file, which is made if there is none, for its owner alone; it is replaced as
  /// a whole, so that no reader sees half of it.
  public static func addKey(
    path: String, at now: Duration, _ random: some RandomSource
  ) throws(KeyFileError) {
    let text = try addingKey(to: text(at: path), at: now, random)
    let temporary = path + ".new"
    // Whatever a try that was killed has left.
    unsafe unlink(temporary)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw KeyFileError("cannot write `\(temporary)`: \(reason)") }
    let bytes = Array(text.utf8)
    let isWritten = unsafe write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    close(file)
    guard isWritten, unsafe rename(temporary, path) == 0 else {
      let reason = reason
      unsafe unlink(temporary)
      throw KeyFileError("cannot write `\(path)`: \(reason)")
    }
  }

  /// Nil when there is no such file.
  private static func text(at path: String) throws(KeyFileError) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw KeyFileError("cannot read `\(path)`: \(reason)")
    }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw KeyFileError("`\(path)` is no file")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw KeyFileError("others may read `\(path)`: chmod 600 it")
    }
    var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
    let count = unsafe read(file, &bytes, bytes.count)
    defer { bytes.wipe() }
    guard count >= 0, count <= byteCountMax else {
      throw KeyFileError("`\(path)` is not readable, or over \(byteCountMax) bytes")
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static var reason: String { unsafe String(cString: strerror(errno)) }
}

/// Why a key file cannot be used.
public struct KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and what to do.
  public let message: String

  init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}
