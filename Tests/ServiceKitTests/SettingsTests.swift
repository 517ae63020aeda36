import ServiceKit
import Testing

@Suite struct SettingsTests {
  private enum Format: String, CaseIterable { case text, json }

  private static func source(
    _ words: [String] = [], _ environment: [String: String] = [:], _ files: [String: String] = [:]
  ) -> Settings.Source {
    Settings.Source(words: words, environment: environment) { (path) throws(SettingsError) in
      guard let text = files[path] else { throw SettingsError("cannot read \(path)") }
      return text
    }
  }

  private static func settings(_ source: Settings.Source) -> Settings {
    Settings(of: "identity", summary: "Knows who is who.", from: source)
  }

  /// What `check()` ends with.
  private static func end(_ settings: Settings) -> SettingsEnd? {
    do throws(SettingsEnd) {
      try settings.check()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    (["--port", "1"], ["SARAI_IDENTITY_PORT": "2"], "port = 3", 1),
    (["--port=1"], [:], "", 1),
    ([], ["SARAI_IDENTITY_PORT": "2"], "port = 3", 2),
    ([], [:], "# remark\n\n  port =  3 \n", 3),
    ([], [:], "", 7_001),
  ])
  func `flags win over variables, variables over the file, the file over the default`(
    _ words: [String], _ environment: [String: String], _ file: String, _ expected: Int
  ) {
    var settings = Self.settings(
      Self.source(words + ["--config", "a.conf"], environment, ["a.conf": file]))
    let port = settings.integer("port", 1...65_535, default: 7_001, "the port")
    #expect(port == expected)
    #expect(Self.end(settings) == nil)
  }

  @Test func `all faults are told at once, each with its place`() {
    var settings = Self.settings(
      Self.source(
        ["--port", "70000", "--prot", "1", "word", "--config", "a.conf"],
        ["SARAI_IDENTITY_DRAIN": "soon", "SARAI_IDENTITY_X": "", "HOME": "/"],
        ["a.conf": "format = xml\nnonsense\ndata-base = x"]))
    _ = settings.integer("port", 1...65_535, default: 7_001, "the port")
    _ = settings.duration("drain", .seconds(1)...(.seconds(60)), default: .seconds(30), "how long")
    _ = settings.choice("format", default: Format.text, "how logs are written")
    _ = settings.text("database", "where data lives")
    #expect(
      Self.end(settings)
        == .faults([
          "identity: `word` is no flag",
          "identity: a.conf:2: a line is `name = value` or `# remark`",
          "identity: `port` of `--port` is a whole number from 1 to 65535, not `70000`",
          "identity: `drain` of SARAI_IDENTITY_DRAIN is a time from 1s to 1m, not `soon`",
          "identity: `format` of a.conf:1 is one of text, json, not `xml`",
          "identity: `database` is missing: give `--database` or SARAI_IDENTITY_DATABASE",
          "identity: there is no flag `--prot`",
          "identity: there is no setting for the variable SARAI_IDENTITY_X",
          "identity: a.conf:3: there is no setting `data-base`",
          "`identity --help` lists the settings",
        ]))
  }

  @Test func `what stands behind the equals sign is the value, and no more`() {
    var settings = Self.settings(Self.source(["--name=", "--other=a=b", "--="]))
    let name = settings.text("name", default: "x", "a name")
    let other = settings.text("other", "another")
    #expect(name == "")
    #expect(other == "a=b")
    #expect(
      Self.end(settings)
        == .faults(["identity: there is no flag `--`", "`identity --help` lists the settings"]))
  }

  @Test func `a file that is not there is a fault`() {
    let settings = Self.settings(Self.source(["--config", "none"]))
    #expect(
      Self.end(settings)
        == .faults(["identity: cannot read none", "`identity --help` lists the settings"]))
  }

  @Test func `help and check tell every setting, and no secret`() {
    let source = Self.source(
      ["--key", "@key", "--drain", "90s"], [:], ["key": "very secret\n"])
    for (word, expected) in [("--help", "--drain"), ("--check-config", "drain  = 90s")] {
      var asked = source
      asked.words.append(word)
      var settings = Self.settings(asked)
      let key = settings.secret("key", "the key of tokens")
      #expect(key == "very secret")
      _ = settings.duration("drain", .zero...(.seconds(600)), default: .seconds(30), "how long")
      guard case .told(let text) = Self.end(settings) else {
        Issue.record("\(word) tells nothing")
        continue
      }
      #expect(text.contains(expected))
      #expect(!text.contains("very secret"))
    }
  }

  @Test func `a flag that stands alone means yes`() {
    var settings = Self.settings(Self.source(["--demo", "--port", "5"]))
    let demo = settings.flag("demo", "with sample data")
    let port = settings.integer("port", 1...9, default: 1, "the port")
    #expect(demo)
    #expect(port == 5)
    #expect(Self.end(settings) == nil)
  }
}
