import Foundation
import Testing

@testable import SchemaCompiler

/// Generated code, line by line as people read it in Golden/.
///
/// To take over a change, run the tests with `WRITE_GOLDEN=1` in the environment and look at what
/// the version control shows.
@Suite struct GoldenTests {
  @Test func `generated code is what Golden holds`() throws {
    let compilation = Compilation(Samples.paths, from: SchemaTexts(try Samples.files()))
    let schema = try #require(compilation.schema)
    let files = SwiftGenerator(schema, paths: Samples.paths).files()
    #expect(files.count == Samples.paths.count)
    for file in files {
      let url = Samples.golden.appending(path: "\(file.name).golden")
      if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] != nil {
        try Data(file.text.utf8).write(to: url)
      }
      let expected = try String(contentsOf: url, encoding: .utf8)
      let difference = zip(lines(file.text), lines(expected)).first { $0 != $1 }
      #expect(file.text == expected, "\(file.name): \(difference.map { "\($0)" } ?? "length")")
    }
  }

  private func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test func `the order of the files does not matter`() throws {
    let compilation = Compilation(Samples.paths.reversed(), from: SchemaTexts(try Samples.files()))
    let schema = try #require(compilation.schema)
    let forwards = SwiftGenerator(schema, paths: Samples.paths).files().map(\.text)
    let backwards = SwiftGenerator(schema, paths: Samples.paths.reversed()).files().map(\.text)
    #expect(forwards == backwards)
  }
}
