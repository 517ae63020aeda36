import Foundation

/// The schema files that tests share: those that GeneratedCodeTests compiles.
enum Samples {
  private static let tests = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()

  static let golden = tests.appending(path: "SchemaCompilerTests/Golden")

  /// Where the suite's own contracts are.
  static let contracts = tests.deletingLastPathComponent().appending(path: "Proto")

  static let paths = [
    "example/shop/v1/common.proto", "example/shop/v1/shop.proto",
    "sarai/options/v1/options.proto",
  ]

  /// Every construct whose descriptor is not obvious, by path; empty if they cannot be read.
  static let constructs: [String: String] = {
    let folder = tests.appending(path: "SchemaCompilerTests/Constructs")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.reduce(into: [:]) { texts, name in
      texts[name] = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
  }()

  /// The text of each file by its path.
  static func files() throws -> [String: String] {
    let root = tests.appending(path: "GeneratedCodeTests/Proto")
    return try Dictionary(
      uniqueKeysWithValues: paths.map {
        ($0, try String(contentsOf: root.appending(path: $0), encoding: .utf8))
      })
  }
}
