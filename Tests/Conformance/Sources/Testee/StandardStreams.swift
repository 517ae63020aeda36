import Glibc

/// The standard input and output, in whole pieces.
enum StandardStreams {
  /// The next `count` bytes, or nil at the end of the input.
  static func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(STDIN_FILENO, $0.baseAddress! + filled, count - filled)
      }
      guard got > 0 else { return nil }
      filled += got
    }
    return bytes
  }

  /// Writes all of the bytes.
  static func write(_ bytes: [UInt8]) {
    var written = 0
    while written < bytes.count {
      let put = bytes.withUnsafeBytes {
        Glibc.write(STDOUT_FILENO, $0.baseAddress! + written, bytes.count - written)
      }
      guard put > 0 else { exit(1) }
      written += put
    }
  }
}
