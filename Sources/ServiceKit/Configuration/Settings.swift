/// What a program was told: by flags, by environment variables and by a file, in this order of
/// precedence. All of it is read at start, and all faults are told at once.
///
///     var settings = Settings(of: "identity", summary: "…", from: source)
///     let port = settings.integer("port", 1...65_535, default: 7001, "the port of the service")
///     try settings.check()
///
/// The setting `port` is the flag `--port`, the variable `SARAI_IDENTITY_PORT` and the line
/// `port = 7001` of the file that `--config` names.
public struct Settings {
  /// What the program can do instead, by its first word; for `--help`.
  var words: [(name: String, meaning: String)] = []
  private let program: String
  private let summary: String
  private var flags: [String: String] = [:]
  private var variables: [String: String] = [:]
  private var lines: [String: (value: String, place: String)] = [:]
  private var asked: [Described] = []
  private var faults: [String] = []
  private var wantsHelp = false
  private var wantsVersion = false
  private var wantsCheck = false

  /// What `--help` and `--check-config` tell of a setting.
  private struct Described {
    let name: String
    let meaning: String
    let byDefault: String?
    let shown: String
  }

  /// Where settings come from.
  public struct Source {
    /// The words behind the program's name.
    public var words: [String]
    /// The environment.
    public var environment: [String: String]
    /// Gives the text of a file, or says why not.
    public var read: (String) throws(SettingsError) -> String

    /// Words, environment and files.
    public init(
      words: [String], environment: [String: String],
      read: @escaping (String) throws(SettingsError) -> String
    ) {
      self.words = words
      self.environment = environment
      self.read = read
    }
  }

  private let read: (String) throws(SettingsError) -> String

  /// Sorts what there is; nothing is a fault before `check()`.
  public init(of program: String, summary: String, from source: Source) {
    self.program = program
    self.summary = summary
    read = source.read
    sortWords(source.words)
    let prefix = variable("")
    for (name, value) in source.environment where name.hasPrefix(prefix) {
      variables[String(name.dropFirst(prefix.count))] = value
    }
    if let path = value(of: "config")?.value { readFile(path) }
    describe("config", "a file of settings: `name = value`, a line each", nil, "")
  }

  // MARK: Asking

  /// A text.
  public mutating func text(
    _ name: String, default byDefault: String? = nil, _ meaning: String
  ) -> String {
    let found = value(of: name)
    describe(name, meaning, byDefault, found?.value ?? byDefault ?? "")
    guard let text = found?.value ?? byDefault else {
      faults.append("`\(name)` is missing: give `--\(name)` or \(variable(name))")
      return ""
    }
    return text
  }

  /// A text that may be absent.
  public mutating func optionalText(_ name: String, _ meaning: String) -> String? {
    let found = value(of: name)
    describe(name, meaning, nil, found?.value ?? "")
    return found?.value
  }

  /// A text that nobody may see, or `@` and the file that holds it.
  public mutating func secret(_ name: String, _ meaning: String) -> String? {
    let found = value(of: name)
    describe(name, "\(meaning); `@FILE` reads it from a file", nil, found == nil ? "" : "***")
    guard let found, found.value.hasPrefix("@") else { return found?.value }
    do throws(SettingsError) {
      let text = try read(String(found.value.dropFirst()))
      return text.last?.isNewline == true ? String(text.dropLast()) : text
    } catch {
      faults.append("`\(name)` of \(found.place): \(error)")
      return nil
    }
  }

  /// A whole number within bounds.
  public mutating func integer(
    _ name: String, _ bounds: ClosedRange<Int>, default byDefault: Int, _ meaning: String
  ) -> Int {
    parsed(
      name, default: byDefault, "\(meaning) (\(bounds.lowerBound) to \(bounds.upperBound))",
      "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    ) { text in Int(text).flatMap { bounds.contains($0) ? $0 : nil } }
  }

  /// A time such as `500ms`, `10s`, `5m`, `12h`.
  public mutating func duration(
    _ name: String, _ bounds: ClosedRange<Duration>, default byDefault: Duration, _ meaning: String
  ) -> Duration {
    let words = "a time from \(bounds.lowerBound.short) to \(bounds.upperBound.short)"
    return parsed(name, default: byDefault, shown: byDefault.short, meaning, words) { text in
      Duration(short: text).flatMap { bounds.contains($0) ? $0 : nil }
    }
  }

  /// One of some words.
  public mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ name: String, default byDefault: Choice, _ meaning: String
  ) -> Choice {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return parsed(
      name, default: byDefault, shown: byDefault.rawValue, "\(meaning): \(words)",
      "one of \(words)",
      Choice.init(rawValue:))
  }

  /// Yes or no; as a flag its name alone means yes.
  public mutating func flag(_ name: String, _ meaning: String) -> Bool {
    parsed(name, default: false, "\(meaning) (yes, no)", "yes or no") { text in
      switch text {
      case "", "yes", "true": true
      case "no", "false": false
      default: nil
      }
    }
  }

  private mutating func parsed<Value>(
    _ name: String, default byDefault: Value, shown: String? = nil, _ meaning: String,
    _ wanted: String, _ parse: (String) -> Value?
  ) -> Value {
    let shown = shown ?? "\(byDefault)"
    guard let found = value(of: name) else {
      describe(name, meaning, shown, shown)
      return byDefault
    }
    describe(name, meaning, shown, found.value)
    guard let value = parse(found.value) else {
      faults.append("`\(name)` of \(found.place) is \(wanted), not `\(found.value)`")
      return byDefault
    }
    return value
  }

  // MARK: Checking

  /// Adds a fault that lies in several settings together.
  public mutating func refuse(_ fault: String) { faults.append(fault) }

  /// To be called when everything has been asked for.
  ///
  /// - Throws: `SettingsEnd`, when the program is not to start: help was wanted, or something is
  ///   wrong.
  public func check() throws(SettingsEnd) {
    if wantsHelp { throw .told(help) }
    if wantsVersion { throw .told("\(program) \(SuiteVersion.text)") }
    let all = faults + unknown
    if !all.isEmpty {
      throw .faults(all.map { "\(program): \($0)" } + ["`\(program) --help` lists the settings"])
    }
    if wantsCheck {
      let width = asked.map(\.name.count).max() ?? 0
      throw .told(
        asked.filter { !$0.shown.isEmpty }.map { setting in
          "\(setting.name.padded(to: width)) = \(setting.shown)"
        }.joined(separator: "\n"))
    }
  }

  private var unknown: [String] {
    let known = Set(asked.map(\.name))
    let variablesKnown = Set(known.map { Self.upper($0) })
    return flags.keys.filter { !known.contains($0) }.sorted().map { "there is no flag `--\($0)`" }
      + variables.keys.filter { !variablesKnown.contains($0) }.sorted().map {
        "there is no setting for the variable \(variable($0))"
      }
      + lines.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.map {
        "\($0.value.place): there is no setting `\($0.key)`"
      }
  }

  private var help: String {
    let width = (asked.map(\.name.count).max() ?? 0) + 2
    let lines = asked.map { setting in
      "  \("--\(setting.name)".padded(to: width))  \(setting.meaning)"
        + (setting.byDefault.map { $0.isEmpty ? "" : "; default: \($0)" } ?? "")
    }
    let wordLines = words.map { "  \($0.name.padded(to: width))\($0.meaning)\n" }.joined()
    let wordText = words.isEmpty ? "" : "\nInstead of serving, by a first word:\n\(wordLines)"
    return """
      Usage: \(program)\(words.isEmpty ? "" : " [WORD]") [--SETTING VALUE...]

      \(summary)
      \(wordText)
      \(lines.joined(separator: "\n"))
        \("--check-config".padded(to: width))  tells what the settings come to, or what is wrong
        \("--version".padded(to: width))  tells the version

      Each can also be a variable, such as \(asked.last.map { variable($0.name) } ?? ""), or a line
      of the file. Flags win over variables, variables over the file.
      """
  }

  // MARK: Reading

  private mutating func sortWords(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.count > 2 else {
        if word == "-h" { wantsHelp = true } else { faults.append("`\(word)` is no flag") }
        continue
      }
      let flag = word.dropFirst(2)
      let equals = flag.firstIndex(of: "=")
      let name = String(flag[..<(equals ?? flag.endIndex)])
      switch name {
      case "help": wantsHelp = true
      case "version": wantsVersion = true
      case "check-config": wantsCheck = true
      default:
        var value = equals.map { String(flag[flag.index(after: $0)...]) } ?? ""
        if equals == nil, let next = rest.first, !next.hasPrefix("--") {
          value = next
          rest.removeFirst()
        }
        if flags.updateValue(value, forKey: name) != nil {
          faults.append("`--\(name)` is given twice")
        }
      }
    }
  }

  private mutating func readFile(_ path: String) {
    let text: String
    do throws(SettingsError) {
      text = try read(path)
    } catch {
      return faults.append("\(error)")
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      let place = "\(path):\(index + 1)"
      guard let equals = line.firstIndex(of: "=") else {
        faults.append("\(place): a line is `name = value` or `# remark`")
        continue
      }
      let name = String(line[..<equals].trimmed)
      let value = String(line[line.index(after: equals)...].trimmed)
      if lines.updateValue((value, place), forKey: name) != nil {
        faults.append("\(place): `\(name)` is there twice")
      }
    }
  }

  private func value(of name: String) -> (value: String, place: String)? {
    if let value = flags[name] { return (value, "`--\(name)`") }
    if let value = variables[Self.upper(name)] { return (value, variable(name)) }
    return lines[name]
  }

  private mutating func describe(
    _ name: String, _ meaning: String, _ byDefault: String?, _ shown: String
  ) {
    precondition(!asked.contains { $0.name == name }, "the setting \(name) is asked for twice")
    asked.append(Described(name: name, meaning: meaning, byDefault: byDefault, shown: shown))
  }

  private func variable(_ name: String) -> String {
    "SARAI_\(Self.upper(program))_\(Self.upper(name))"
  }

  private static func upper(_ name: String) -> String {
    String(name.uppercased().map { $0 == "-" ? "_" : $0 })
  }
}

/// A file that cannot be read.
public struct SettingsError: Error, CustomStringConvertible {
  /// Which file, and why.
  public let description: String

  /// A reason.
  public init(_ description: String) { self.description = description }
}

/// Why a program does not start after it has read its settings.
public enum SettingsEnd: Error, Equatable {
  /// It was only to tell something.
  case told(String)
  /// These things are wrong.
  case faults([String])
}
