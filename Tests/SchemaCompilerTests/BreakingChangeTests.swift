import Testing

@testable import SchemaCompiler

/// A row of the table: what a message, an enum or a service was and is, and what that breaks.
struct Change: Sendable, CustomTestStringConvertible {
  let name: String
  let old: String
  let new: String
  /// `line:column breaks ...: message`; the sources begin on line 1.
  let expected: [String]

  init(_ name: String, _ old: String, _ new: String, _ expected: [String]) {
    self.name = name
    self.old = old
    self.new = new
    self.expected = expected
  }

  var testDescription: String { name }
}

@Suite struct BreakingChangeTests {
  private static let head = "syntax = \"proto3\"; package p.v1; "

  private func schema(_ source: String) throws -> Schema {
    let path = "p.proto"
    let text = source.hasPrefix("syntax") ? source : Self.head + "\n" + source
    let compilation = Compilation([path], from: SchemaTexts([path: text]))
    return try #require(compilation.schema, "\(compilation.diagnostics)")
  }

  @Test(arguments: Change.all)
  func `a change is told with what it breaks`(_ change: Change) throws {
    let findings = try schema(change.new).breakingChanges(since: try schema(change.old))
    let lines = findings.map { finding in
      let contracts = finding.contracts.map(\.rawValue).joined(separator: ", ")
      let place = "\(finding.location.line):\(finding.location.column)"
      return "\(place) breaks \(contracts): \(finding.message)"
    }
    #expect(lines == change.expected)
  }

  @Test(arguments: Change.all)
  func `a schema breaks nothing of itself`(_ change: Change) throws {
    let schema = try schema(change.new)
    #expect(schema.breakingChanges(since: schema) == [])
  }

  @Test func `a released descriptor set is as good as its files`() throws {
    let old = try schema("message A { int32 a = 1; }")
    let released = Compilation(descriptorSet: old.descriptorSet())
    let new = try schema("message A { int64 a = 1; }")
    let findings = new.breakingChanges(since: try #require(released.schema))
    #expect(findings == new.breakingChanges(since: old))
    #expect(findings.count == 1)
  }
}
