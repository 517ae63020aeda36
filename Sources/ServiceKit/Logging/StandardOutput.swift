import Glibc

/// Tells whoever started the program what they alone may know; the log goes elsewhere.
public enum StandardOutput {
  /// Writes a line at once, also where the output is a file or a pipe.
  public static func write(line: String) { DescriptorSink.writeNow(STDOUT_FILENO, line) }
}
