import Testing

@testable import SchemaCompiler

@Suite struct DiagnosticTests {
  private func compile(_ files: [String: String]) -> Compilation {
    Compilation(files.keys.sorted(), from: SchemaTexts(files))
  }

  /// `line:column: message` of each finding, without the file's name.
  private func findings(_ files: [String: String]) -> [String] {
    compile(files).diagnostics.map { finding in
      let place = "\(finding.location.line):\(finding.location.column): "
      return place + (finding.severity == .warning ? "warning: " : "") + finding.message
    }
  }

  @Test(arguments: Fault.all)
  func `a fault is told with its place`(_ fault: Fault) {
    #expect(findings(["test.proto": fault.source]) == fault.expected)
  }

  @Test(.enabled(if: Protoc.isInstalled), arguments: Fault.all)
  func `protoc refuses the same`(_ fault: Fault) throws {
    let isRefused = compile(["test.proto": fault.source]).schema == nil
    let protocRefuses = try Protoc.descriptors(of: ["test.proto": fault.source]) == nil
    #expect(protocRefuses == (isRefused && !fault.isStricter))
  }

  @Test func `a hint stands on a line of its own`() {
    let fault = compile(["a/b.proto": "syntax = \"proto3\";\nmessage A { int a = 1; }"])
    #expect(
      fault.diagnostics.map(\.description) == [
        """
        a/b.proto:2:13: the type `int` is not defined
          hint: Did you mean `int32`?
        """
      ])
  }

  @Test func `a type of a file that is not imported is told with its import`() {
    let fault = compile([
      "a.proto": "syntax = \"proto3\";\npackage a;\nmessage Product {}",
      "b.proto": "syntax = \"proto3\";\npackage b;\nmessage B { Product p = 1; }",
    ])
    #expect(
      fault.diagnostics.first?.hint
        == #"`a.Product` is declared in a file that is not imported: add `import "a.proto";`."#)
  }

  @Test func `only public imports are passed on`() {
    let head = "syntax = \"proto3\";\n"
    let files = [
      "a.proto": head + "message A {}",
      "open.proto": head + "import public \"a.proto\";",
      "closed.proto": head + "import \"a.proto\";\nmessage C { A a = 1; }",
    ]
    let good = head + "import \"open.proto\";\nmessage D { A a = 1; }"
    let bad = head + "import \"closed.proto\";\nmessage D { A a = 1; C c = 2; }"
    #expect(findings(files.merging(["d.proto": good]) { $1 }) == [])
    #expect(
      findings(files.merging(["d.proto": bad]) { $1 }) == ["3:13: the type `A` is not defined"])
  }

  @Test func `a circle of imports is told once, with its way`() {
    let head = "syntax = \"proto3\";\n"
    #expect(
      findings([
        "a.proto": head + "import \"b.proto\";",
        "b.proto": head + "import \"c.proto\";",
        "c.proto": head + "import \"a.proto\";",
      ]).filter { !$0.contains("warning") } == [
        "2:8: a circle of imports: a.proto -> b.proto -> c.proto -> a.proto"
      ])
  }

  @Test func `one name in two files is told of the second`() {
    let source = "syntax = \"proto3\";\npackage a;\nmessage A {}"
    #expect(
      findings(["1.proto": source, "2.proto": source]) == [
        "3:9: `a.A` is already a message (1.proto)"
      ])
  }

  @Test func `field numbers of sarai packages fit the native encoding`() {
    let source = "message A { int32 a = 63; int32 b = 64; }"
    #expect(findings(["a.proto": "syntax = \"proto3\";\npackage saraix;\n" + source]) == [])
    #expect(
      findings(["a.proto": "syntax = \"proto3\";\npackage sarai.x.v1;\n" + source]) == [
        "3:37: the field number 64 is above 63, which the native encoding has no presence bit for"
      ])
  }

  @Test func `methods of sarai packages say who may call them and what repeating does`() {
    let options = """
      syntax = "proto3";
      package sarai.options.v1;
      import "google/protobuf/descriptor.proto";
      enum Audience { AUDIENCE_UNSPECIFIED = 0; AUDIENCE_PERMISSION = 1; AUDIENCE_PUBLIC = 2; }
      enum Kind { KIND_UNSPECIFIED = 0; IDEMPOTENCY_KIND_CLIENT_ID = 1; }
      message Access { Audience audience = 1; string permission = 2; }
      message Rule { Kind kind = 1; string id_field = 2; }
      message Route { Kind method = 1; string path = 2; }
      message Callers { repeated string services = 1; }
      extend google.protobuf.ServiceOptions { Callers callers = 50000; }
      extend google.protobuf.MethodOptions {
        Route http = 50001; Access access = 50002; Rule idempotency = 50003;
      }
      """
    let service = """
      syntax = "proto3";
      package sarai.x.v1;
      import "options.proto";
      message A {}
      service S {
        rpc Nothing(A) returns (A);
        rpc Half(A) returns (A) {
          option (sarai.options.v1.access) = { audience: AUDIENCE_PERMISSION };
          option (sarai.options.v1.idempotency) = { kind: IDEMPOTENCY_KIND_CLIENT_ID };
          option (sarai.options.v1.http) = { path: "x" };
        }
        rpc Whole(A) returns (A) {
          option (sarai.options.v1.access) = { audience: AUDIENCE_PUBLIC };
          option idempotency_level = NO_SIDE_EFFECTS;
        }
      }
      """
    let compilation = compile(["options.proto": options, "s.proto": service])
    #expect(
      compilation.diagnostics.map { "\($0.location.line): \($0.message)" } == [
        "5: the service `S` does not say who may call it",
        "6: the method `Nothing` does not say who may call it",
        "6: the method `Nothing` does not say what repeating it does",
        "7: the method `Half` asks for a permission and names none",
        "7: the method `Half` does not name the field of its id",
        "7: the REST route of `Half` has no HTTP method",
        "7: the REST route of `Half` has no absolute path",
      ])
  }

  @Test func `no more than a hundred faults are told`() {
    let fields = (0..<1_000).map { "int32 f\($0) = 0;\n" }.joined()
    #expect(findings(["a.proto": "syntax = \"proto3\";\nmessage A {\n\(fields)}"]).count == 100)
  }
}
