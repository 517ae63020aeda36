import Glibc

/// The standard input and output, in whole pieces.
enum StandardStreams {
  /// The next `count` bytes, or nil at the end of the input.
  static func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return fread(&bytes, 1, count, stdin) == count ? bytes : nil
  }

  /// Writes all of the bytes, and lets the reader have them at once.
  static func write(_ bytes: [UInt8]) {
    guard fwrite(bytes, 1, bytes.count, stdout) == bytes.count, fflush(stdout) == 0 else {
      exit(1)
    }
  }
}
