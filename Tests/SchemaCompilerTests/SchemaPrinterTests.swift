import Foundation
import SchemaCompiler
import Testing

/// What is printed says the same as what was read.
@Suite struct SchemaPrinterTests {
  /// All but the one that sets options part by part, which are printed as a whole.
  private static let constructs = Samples.constructs.keys.sorted().filter { $0 != "uses.proto" }

  @Test func `there are constructs to print`() { #expect(Self.constructs.count >= 3) }

  @Test(arguments: constructs)
  func `a printed file has the descriptor of the file that was read`(_ path: String) throws {
    try expectSameDescriptors(Samples.constructs, path)
  }

  // Nested types are printed before fields, which moves them among the entries of maps: what holds
  // then is that printing what was printed changes nothing.
  @Test(arguments: Samples.paths)
  func `a printed sample reads as the sample`(_ path: String) throws {
    let (before, after) = try printed(Samples.files(), path)
    #expect(SchemaPrinter(after).text(ofFile: path) == SchemaPrinter(before).text(ofFile: path))
    #expect(after.breakingChanges(since: before) == [])
    #expect(before.breakingChanges(since: after) == [])
  }

  @Test func `an option that was set part by part is printed as a whole`() throws {
    let (before, _) = try printed(Samples.constructs, "uses.proto")
    let text = SchemaPrinter(before).text(of: "sample.inner.M.a")
    #expect(text?.contains(#"(sample.check) = { inner: { get: "/v1" }, n: 0 }"#) == true)
  }

  private func expectSameDescriptors(_ texts: [String: String], _ path: String) throws {
    let (before, after) = try printed(texts, path)
    let isSame = descriptors(before) == descriptors(after)
    #expect(isSame, "\(SchemaPrinter(before).text(ofFile: path) ?? "")")
  }

  /// The schema as it was read, and as it is read after one file was printed.
  private func printed(_ texts: [String: String], _ path: String) throws -> (Schema, Schema) {
    let before = try schema(texts, path)
    var texts = texts
    texts[path] = SchemaPrinter(before).text(ofFile: path)
    return (before, try schema(texts, path))
  }

  private func schema(_ texts: [String: String], _ path: String) throws -> Schema {
    let compilation = Compilation([path], from: SchemaTexts(texts))
    return try #require(
      compilation.schema, "\(compilation.diagnostics)\n\(texts[path] ?? "")")
  }

  private func descriptors(_ schema: Schema) -> [UInt8] {
    schema.descriptorSet(withSourceInfo: false)
  }

  private static let example = """
    syntax = "proto3";
    package a.v1;
    // A shop.
    service Shop {
      // Finds
      // things.
      rpc Find(Query) returns (stream Thing) { option idempotency_level = NO_SIDE_EFFECTS; }
      rpc Put(stream Thing) returns (Query);
    }
    message Query { optional string text = 1 [deprecated = true]; }
    message Thing {
      enum Kind { KIND_UNSPECIFIED = 0; BIG = 1; }
      Kind kind = 1;
      // The price.
      oneof price { int64 fixed = 2; Query asked = 3; }
      map<string, Query> more = 4;
      repeated int32 numbers = 5 [json_name = "n"];
      reserved 7, 9 to 12;
      reserved "old";
    }
    message Nothing {}
    """

  @Test(arguments: [
    (
      "a.v1.Shop",
      """
      // A shop.
      service Shop {
        // Finds
        // things.
        rpc Find(a.v1.Query) returns (stream a.v1.Thing) {
          option idempotency_level = NO_SIDE_EFFECTS;
        }
        rpc Put(stream a.v1.Thing) returns (a.v1.Query);
      }
      """
    ),
    (
      "a.v1.Thing",
      """
      message Thing {
        enum Kind {
          KIND_UNSPECIFIED = 0;
          BIG = 1;
        }
        a.v1.Thing.Kind kind = 1;
        // The price.
        oneof price {
          int64 fixed = 2;
          a.v1.Query asked = 3;
        }
        map<string, a.v1.Query> more = 4;
        repeated int32 numbers = 5 [json_name = "n"];
        reserved 7, 9 to 12;
        reserved "old";
      }
      """
    ),
    ("a.v1.Nothing", "message Nothing {}"),
    ("a.v1.Shop.Put", "rpc Put(stream a.v1.Thing) returns (a.v1.Query);"),
    ("a.v1.Query.text", "optional string text = 1 [deprecated = true];"),
    ("a.v1.Thing.BIG", nil),
    ("a.v1.Thing.Kind.BIG", "BIG = 1;"),
    ("a.v1.Nobody", nil),
  ])
  func `a symbol is printed as it is declared`(_ name: String, _ expected: String?) throws {
    let schema = try schema(["a.proto": Self.example], "a.proto")
    #expect(SchemaPrinter(schema).text(of: name) == expected)
  }
}
