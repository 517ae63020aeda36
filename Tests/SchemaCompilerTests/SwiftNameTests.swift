import Testing

@testable import SchemaCompiler

/// Names that a schema may have and Swift may not.
@Suite struct SwiftNameTests {
  private func generator(_ files: [String: String]) throws -> SwiftGenerator {
    let texts = files.mapValues { "syntax = \"proto3\";\n" + $0 }
    let compilation = Compilation(files.keys.sorted(), from: SchemaTexts(texts))
    let schema = try #require(compilation.schema, "\(compilation.diagnostics)")
    return SwiftGenerator(schema, paths: files.keys.sorted())
  }

  /// `file:line:column: message` of each fault.
  private func faults(_ files: [String: String]) throws -> [String] {
    try generator(files).faults.map { "\($0.description.prefix { $0 != "\n" })" }
  }

  @Test(arguments: [
    ("class", "classMessage"), ("init", "initMessage"), ("Type", "TypeMessage"),
    ("Self", "SelfMessage"), ("Protocol", "ProtocolMessage"), ("await", "awaitMessage"),
  ])
  func `a message called like a word of Swift gets another name`(
    _ name: String, _ expected: String
  ) throws {
    let file = "package p;\nmessage \(name) {}\nmessage Holder { \(name) a = 1; }"
    let generator = try generator(["p.proto": file])
    #expect(generator.faults == [])
    let text = try #require(generator.files().first?.text)
    #expect(text.contains("public struct \(expected): Message"))
    #expect(text.contains("public var a: \(expected)?"))
  }

  @Test(arguments: ["await", "async", "throws", "unsafe", "class", "in"])
  func `a field or method called like a word of Swift is quoted`(_ name: String) throws {
    let file = """
      package p;
      message M { int32 \(name) = 1; }
      service S { rpc \(name) (M) returns (M); }
      """
    let text = try #require(try generator(["p.proto": file]).files().first?.text)
    #expect(text.contains("public var `\(name)`: Int32"))
    #expect(text.contains("func `\(name)`("))
    #expect(text.contains("try await `\(name)`($0, $1)"))
  }

  @Test func `two services whose Swift meets are refused`() throws {
    let file = """
      package p;
      message M {}
      service Foo { rpc A (M) returns (M); }
      service FooClient { rpc A (M) returns (M); }
      """
    #expect(
      try faults(["p.proto": file]) == [
        "p.proto:5:1: in Swift the service `p.FooClient` would be `FooClient`, which is the service"
          + " `p.Foo` (p.proto:4)"
      ])
  }

  @Test func `types of two files of a namespace meet too`() throws {
    let head = "option swift_prefix = \"P\";\n"
    #expect(
      try faults([
        "a.proto": "package a;\n" + head + "message M {}",
        "b.proto": "package b;\n" + head + "message M {}",
      ]) == ["b.proto:4:1: in Swift `b.M` would be `M`, which is `a.M` (a.proto:4)"])
  }

  @Test func `two oneofs of one Swift name are refused`() throws {
    let file = "package p;\nmessage M {\noneof a_b { int32 c = 1; }\noneof aB { int32 d = 2; }\n}"
    #expect(
      try faults(["p.proto": file]) == [
        "p.proto:5:1: in Swift the oneof `aB` would be `AB`, which is the oneof `a_b` (p.proto:4)"
      ])
  }

  @Test func `a type that hides another package's namespace is refused where it matters`() throws {
    let other = "package a.b;\nmessage X {}"
    let hiding = "package c;\nimport \"x.proto\";\nmessage AB {}\nmessage M { a.b.X x = 1; }"
    #expect(
      try faults(["x.proto": other, "y.proto": hiding]) == [
        "y.proto:5:13: Swift would look for `a.b.X` inside `C.AB`, which is called like its"
          + " package's name"
      ])
    #expect(try faults(["x.proto": other, "y.proto": "package c;\nmessage AB {}"]) == [])
  }

  @Test(arguments: ["a b", "1a", "class", "Wire", "Self", "é", "a.b"])
  func `a prefix that cannot be a Swift name is refused`(_ prefix: String) throws {
    let file = "package p;\noption swift_prefix = \"\(prefix)\";\nmessage M {}"
    #expect(
      try faults(["p.proto": file]) == [
        "p.proto:2:1: `\(prefix)` cannot be the Swift name of a package"
      ])
  }

  @Test func `two schema files of one Swift file are refused`() throws {
    #expect(
      try faults(["a.b.proto": "package a;", "a/b.proto": "package b;"]) == [
        "a/b.proto:1:1: the Swift file `a.b.swift` is that of `a.b.proto` already"
      ])
  }

  @Test func `many unknown types are told of soon`() {
    let fields = (1...30_000).filter { !(19_000...19_999).contains($0) }
      .map { "Unknown\($0) f\($0) = \($0);" }
    let text = "syntax = \"proto3\";\nmessage M {\n\(fields.joined(separator: "\n"))\n}"
    let begin = ContinuousClock.now
    let compilation = Compilation(["m.proto"], from: SchemaTexts(["m.proto": text]))
    #expect(compilation.diagnostics.count == DiagnosticList.countMax)
    // 41 s when each of them was given a hint.
    #expect(ContinuousClock.now - begin < .seconds(15))
  }
}
