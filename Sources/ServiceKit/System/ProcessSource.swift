import Glibc

extension Settings.Source {
  /// The words and the environment of this process, and the system's files.
  public static var process: Settings.Source {
    var environment: [String: String] = [:]
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      unsafe next += 1
    }
    return Settings.Source(
      words: Array(CommandLine.arguments.dropFirst()), environment: environment
    ) { (path) throws(SettingsError) in try SystemFiles.text(path) }
  }
}
