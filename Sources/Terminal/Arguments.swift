/// The words of a command line, sorted into options and the rest.
public struct Arguments: Sendable {
  /// The words that belong to no option.
  public private(set) var files: [String] = []
  private var values: [String: [String]] = [:]
  private var flags: Set<String> = []

  /// Sorts the words of a command line.
  ///
  /// - Parameters:
  ///   - options: those that a value follows; `--name value` or `--name=value`.
  ///   - help: what `--help` prints.
  /// - Throws: `CommandFailure` for `--help`, an unknown option, or one without its value.
  public init(
    _ words: ArraySlice<String>, options: Set<String>, flags known: Set<String> = [], help: String
  ) throws(CommandFailure) {
    var rest = words
    while let word = rest.popFirst() {
      if word == "--help" || word == "-h" { throw .help(help) }
      if word == "--" {
        files += rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        files.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let name = parts[0]
      if known.contains(name), parts.count == 1 {
        flags.insert(name)
      } else if options.contains(name) {
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
          throw .usage("`\(name)` needs a value")
        }
        values[name, default: []].append(value)
      } else {
        throw .usage("there is no option `\(name)`\n\n\(help)")
      }
    }
  }

  /// Whether the flag is there.
  public func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The values of an option, in order.
  public func all(_ option: String) -> [String] { values[option] ?? [] }

  /// The value of an option that can be given once.
  public func optional(_ option: String) throws(CommandFailure) -> String? {
    let found = all(option)
    if found.count > 1 { throw .usage("`\(option)` is given \(found.count) times") }
    return found.first
  }

  /// The value of an option that must be given once.
  public func required(_ option: String) throws(CommandFailure) -> String {
    guard let value = try optional(option) else { throw .usage("`\(option)` is missing") }
    return value
  }
}
