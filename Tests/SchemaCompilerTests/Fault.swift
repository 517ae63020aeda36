import Testing

@testable import SchemaCompiler

/// A row of the tables of faults: what is written, and what is said of it.
struct Fault: Sendable, CustomTestStringConvertible {
  let name: String
  let source: String
  /// `line:column: message`, of a file that begins with two lines of head.
  let expected: [String]
  /// Whether protoc lets it pass.
  let isStricter: Bool

  init(
    _ name: String, _ source: String, _ expected: [String], isWhole: Bool = false,
    isStricter: Bool = false
  ) {
    self.name = name
    self.source = isWhole ? source : "syntax = \"proto3\";\npackage sample;\n" + source
    self.expected = expected
    self.isStricter = isStricter
  }

  var testDescription: String { name }

  static var all: [Fault] { ofSyntax + ofMeaning }
}
