import CallTool
import SchemaCompiler
import Testing

/// A schema to call methods of.
enum Shop {
  static let text = """
    syntax = "proto3";
    package demo.v1;
    import "base.proto";
    service Shop {
      rpc Find(Query) returns (Thing);
      rpc Watch(Query) returns (stream Thing);
      rpc Put(stream Query) returns (Thing);
      rpc Talk(stream Query) returns (stream Thing);
    }
    message Query { string text = 1; int32 count = 2; }
    """
  static let base = """
    syntax = "proto3";
    package demo.v1;
    message Thing { string text = 1; }
    """

  static func schema() throws -> Schema {
    let compilation = Compilation(
      ["shop.proto"], from: SchemaTexts(["shop.proto": text, "base.proto": base]))
    return try #require(compilation.schema, "\(compilation.diagnostics)")
  }
}
