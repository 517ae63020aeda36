import Foundation
import SchemaCompiler
import Testing

/// Today's contracts against those that were released: nobody who built on them breaks.
@Suite struct ReleasedSchemaTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Proto")

  private func released() throws -> Schema {
    let bytes = try Data(contentsOf: Self.folder.appending(path: "released.binpb"))
    let compilation = Compilation(descriptorSet: [UInt8](bytes), named: "released.binpb")
    return try #require(compilation.schema, "\(compilation.diagnostics)")
  }

  private func today(changing change: (String, String) -> String = { $1 }) throws -> Schema {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".proto") }
    let texts = try paths.map { path in
      let text = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
      return (path, change(path, text))
    }
    let source = SchemaTexts(Dictionary(uniqueKeysWithValues: texts))
    let compilation = Compilation(paths, from: source)
    return try #require(compilation.schema, "\(compilation.diagnostics)")
  }

  @Test func `today's contracts break nothing that was released`() throws {
    #expect(try today().breakingChanges(since: released()) == [])
  }

  @Test func `a broken promise would be found`() throws {
    let changed = try today { path, text in
      path == "sarai/type/v1/money.proto"
        ? text.replacing("int64 minor_units = 1", with: "int32 minor_units = 1") : text
    }
    let findings = try changed.breakingChanges(since: released())
    #expect(findings.map(\.location.file) == ["sarai/type/v1/money.proto"])
  }
}
